//! What a win counted against a profile's caps.

use crate::units::Money;

/// What one win took, so that exactly that can be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) hour: u64,
    pub(crate) day: u64,
    pub(crate) spent_day: u64,
    pub(crate) price: Money,
}
