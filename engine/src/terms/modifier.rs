//! How a standing bid changes with what is known of the call.

use crate::ids::{AttributeId, ValueCode};
use crate::units::Money;

/// A change of a profile's standing bid for calls with this value of an attribute. A call that lacks the attribute is never
/// met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifier {
    /// Which attribute.
    pub attribute: AttributeId,
    /// Which of its values.
    pub value: ModifierValue,
    /// What becomes of the bid.
    pub change: Change,
}

/// Which values of an attribute a modifier is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModifierValue {
    /// This value of a category; of a set, when it is among the elements.
    Code(ValueCode),
    /// This answer.
    Flag(bool),
    /// A number in `low..high`.
    Range {
        /// The least number meant.
        low: i64,
        /// The least number no longer meant.
        high: i64,
    },
}

/// What a modifier does to a bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Times so many ten-thousandths, rounded down: 10,000 leaves it, 15,000 is half as much again, 0 is no bid. At most
    /// [`Change::MULTIPLY_MAX`].
    Multiply(u32),
    /// More, or less if negative; not zero, and within [`Money::AMOUNT_MAX`] either way.
    Add(Money),
}

impl Default for ModifierValue {
    fn default() -> Self {
        Self::Flag(false)
    }
}

impl Default for Change {
    fn default() -> Self {
        Self::Multiply(Self::WHOLE)
    }
}

impl Change {
    /// Times one.
    pub const WHOLE: u32 = 10_000;
    /// Times a hundred.
    pub const MULTIPLY_MAX: u32 = 1_000_000;

    /// Whether it is one of those there are.
    #[must_use]
    pub fn is_possible(self) -> bool {
        match self {
            Self::Multiply(times) => times <= Self::MULTIPLY_MAX,
            Self::Add(_) => true,
        }
    }
}
