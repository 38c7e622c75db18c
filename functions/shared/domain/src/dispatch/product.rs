//! The products: what is sold, and what a certificate is about.

use crate::{DispatchId, EventId, Named, Offer};

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
    /// An answer that settled nothing, certified as an addendum to its contract's certificate
    /// (P-065). It sends no message, waits for nothing and costs nothing.
    Addendum(Added),
}

/// A product without what only one dispatch of it has.
pub type ProductName = Product<(), ()>;

/// What an addendum adds, and to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addendum {
    /// The contract.
    pub contract: DispatchId,
    /// The answer, an event of the contract.
    pub answer: EventId,
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
