//! One change of a zone's clocks.

use crate::units::Timestamp;

/// From `at` on, local time is UTC plus `offset_seconds`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transition {
    /// When the offset begins to hold.
    pub at: Timestamp,
    /// East of Greenwich is positive; at most 16 hours either way.
    pub offset_seconds: i32,
}
