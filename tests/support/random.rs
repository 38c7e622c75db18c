//! Chance that can be had again: a seeded generator (SplitMix64, Steele and others 2014). Small on
//! purpose: the same seed must give the same run for as long as this repository lives.

/// A source of numbers that follow from a seed.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The source with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not zero.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("small numbers");
        usize::try_from(self.number() % end).expect("below a usize")
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of them.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        let chosen = choices.get(self.below(choices.len()));
        chosen.expect("there is a choice").clone()
    }
}
