//! What was wrong with a mail: said, not repaired.

use std::collections::BTreeSet;

use domain::Damage;

/// A set of damages, each said once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Damages(BTreeSet<Damage>);

impl Damages {
    pub(crate) fn add(&mut self, damage: Damage) {
        self.0.insert(damage);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Damage> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
impl Damages {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, damage: &Damage) -> bool {
        self.0.contains(damage)
    }
}
