//! The products: what is sold, and what a certificate is about.

use crate::{Dispatch, DispatchId, EventId, Named, Offer, Outcome};

/// Which of the products a dispatch belongs to, with what only that one has.
///
/// Whatever differs from product to product is decided by a `match` on this, with an arm for each
/// and none for the rest: a new product does not compile until every such place has its answer.
/// Hence there is no question such as "is it a contract".
///
/// ```
/// use domain::{Product, ProductName};
/// let names: Vec<_> = ProductName::ALL.iter().map(Product::name).collect();
/// assert_eq!(names, ["mail", "contract", "addendum"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product<Contract = Offer, Added = Addendum> {
    /// Registered mail.
    Mail,
    /// A registered contract: an offer that waits for its answer.
    Contract(Contract),
    /// What came after the outcome of another dispatch was settled, certified as an addendum to its
    /// certificate (P-065, Q-28). It sends no message, waits for nothing and costs nothing.
    Addendum(Added),
}

/// A product without what only one dispatch of it has.
pub type ProductName = Product<(), ()>;

/// What an addendum adds, and to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addendum {
    /// The dispatch to whose certificate it adds.
    pub main: DispatchId,
    /// What it certifies.
    pub reason: AddendumReason,
    /// That, among the events of the main dispatch.
    pub event: EventId,
}

/// What an addendum certifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddendumReason {
    /// An answer of the recipient's that settled no contract, because it was late or not the first
    /// (P-065). A contract may have several.
    LateAnswer,
    /// A report that a registered mail was not delivered, after its outcome was settled otherwise
    /// (Q-28). A registered mail has one at most, whatever is reported afterwards.
    LateBounce,
}

impl AddendumReason {
    /// Every reason there is.
    pub const ALL: [Self; 2] = [Self::LateAnswer, Self::LateBounce];

    /// How an addendum for this reason ends: it is born settled.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::LateAnswer => Outcome::AnsweredLater,
            Self::LateBounce => Outcome::BouncedLater,
        }
    }
}

impl Named for AddendumReason {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in stored items.
    fn name(self) -> &'static str {
        match self {
            Self::LateAnswer => "late_answer",
            Self::LateBounce => "late_bounce",
        }
    }
}

impl Addendum {
    /// To the certificate of a contract: one more answer to it.
    #[must_use]
    pub fn of_answer(contract: &Dispatch, answer: EventId) -> Self {
        Self {
            main: contract.id.clone(),
            reason: AddendumReason::LateAnswer,
            event: answer,
        }
    }

    /// To the certificate of a registered mail: a late bounce of it.
    #[must_use]
    pub fn of_bounce(mail: &Dispatch, bounce: EventId) -> Self {
        Self {
            main: mail.id.clone(),
            reason: AddendumReason::LateBounce,
            event: bounce,
        }
    }

    /// Its own id as a dispatch, by which it is opened once: it follows from the answer, or from
    /// the mail, of which there is one addendum however many bounces are told.
    #[must_use]
    pub fn id(&self) -> DispatchId {
        match self.reason {
            AddendumReason::LateAnswer => DispatchId::of_later_answer(&self.event),
            AddendumReason::LateBounce => DispatchId::of_late_bounce(&self.main),
        }
    }
}

impl<Contract, Added> Product<Contract, Added> {
    /// The stable name used in stored items, logs and what operators see.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Contract(_) => "contract",
            Self::Addendum(_) => "addendum",
        }
    }
}

impl ProductName {
    /// Every product there is.
    pub const ALL: [Self; 3] = [Self::Mail, Self::Contract(()), Self::Addendum(())];
}

impl Named for ProductName {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        Product::name(&self)
    }
}
