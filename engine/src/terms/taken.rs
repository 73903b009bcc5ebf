//! What a win counted against a profile's caps.

use crate::units::Money;

/// What one win took, and in which windows, so that exactly that can be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) hour: u32,
    pub(crate) day: u32,
    pub(crate) price: Money,
}
