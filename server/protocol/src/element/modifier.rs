//! How a standing bid changes with the call.

use zerocopy::little_endian::{I64, U16};

use super::Modifier;
use crate::fault::Fault;
use crate::list::Element;
use crate::scalar::{all_zero, yes_or_no};

/// Which values of an attribute a modifier is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModifierValue {
    /// This value of a category, or this element of a set.
    Code(u32),
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

/// What a modifier does to the bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Times so many ten-thousandths.
    Multiply(u32),
    /// More by so many micro-units, or less.
    Add(i64),
}

impl Modifier {
    /// This change for calls with this value of this attribute.
    #[must_use]
    pub fn new(attribute: u16, value: ModifierValue, change: Change) -> Self {
        let (kind, word) = match value {
            ModifierValue::Code(code) => (0, u128::from(code)),
            ModifierValue::Flag(flag) => (1, u128::from(flag)),
            ModifierValue::Range { low, high } => (2, u128::from(high as u64) << 64 | u128::from(low as u64)),
        };
        let (change, amount) = match change {
            Change::Multiply(times) => (0, i64::from(times)),
            Change::Add(amount) => (1, amount),
        };
        let (attribute, amount) = (U16::new(attribute), I64::new(amount));
        Self { attribute, kind, change, value: word.to_le_bytes(), amount }
    }

    /// The attribute.
    #[must_use]
    pub const fn attribute(&self) -> u16 {
        self.attribute.get()
    }

    /// Which of its values.
    #[must_use]
    pub const fn value(&self) -> ModifierValue {
        let word = u128::from_le_bytes(self.value);
        match self.kind {
            0 => ModifierValue::Code(word as u32),
            1 => ModifierValue::Flag(word != 0),
            _ => ModifierValue::Range { low: word as i64, high: (word >> 64) as i64 },
        }
    }

    /// What becomes of the bid.
    #[must_use]
    pub const fn change(&self) -> Change {
        match self.change {
            0 => Change::Multiply(self.amount.get() as u32),
            _ => Change::Add(self.amount.get()),
        }
    }
}

impl Element for Modifier {
    const NAME: &'static str = "Modifier";

    fn check(&self) -> Result<(), Fault> {
        let used = match self.kind {
            0 => 4,
            1 => 1,
            2 => 16,
            _ => return Err(Fault::CodeUnknown),
        };
        all_zero(&self.value[used..])?;
        if self.kind == 1 {
            yes_or_no(self.value[0])?;
        }
        match self.change {
            0 if u32::try_from(self.amount.get()).is_err() => Err(Fault::CodeUnknown),
            0 | 1 => Ok(()),
            _ => Err(Fault::CodeUnknown),
        }
    }
}
