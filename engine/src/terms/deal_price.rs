//! What a private deal says of the price.

use crate::units::Money;

/// What stands in place of the reserve for a buyer with a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DealPrice {
    /// Nothing: the deal only lets the buyer in where the listing is private.
    Reserve,
    /// This floor, from zero: no less, whatever the reserve of the listing or the call.
    Floor(Money),
    /// This price: the buyer's profiles must bid as much, and pay no more.
    Fixed(Money),
}

impl DealPrice {
    /// The least a profile must bid, where the deal says it.
    pub(crate) const fn least(self) -> Option<Money> {
        match self {
            Self::Reserve => None,
            Self::Floor(amount) | Self::Fixed(amount) => Some(amount),
        }
    }
}
