//! What a profile wants, attribute by attribute.

use zerocopy::little_endian::U16;

use super::Clause;
use crate::fault::Fault;
use crate::list::Element;
use crate::scalar::{all_zero, yes_or_no};

/// What a clause asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// One of the next `count` listed values.
    AnyOf {
        /// How many of the listed values are this clause's.
        count: u16,
    },
    /// None of the next `count` listed values.
    NoneOf {
        /// How many of the listed values are this clause's.
        count: u16,
    },
    /// A value of the set.
    InSet {
        /// The value set.
        set: u16,
    },
    /// No value of the set.
    NotInSet {
        /// The value set.
        set: u16,
    },
    /// A number in `low..high`.
    Range {
        /// The least number accepted.
        low: i64,
        /// The least number no longer accepted.
        high: i64,
    },
    /// This answer.
    Is {
        /// The answer wanted.
        value: bool,
    },
    /// A place around another.
    Near {
        /// In millionths of a degree, north positive.
        latitude_micro: i32,
        /// In millionths of a degree, east positive.
        longitude_micro: i32,
        /// How far around it, in metres.
        radius_metres: u32,
    },
}

impl Clause {
    /// This test of this attribute.
    #[must_use]
    pub fn new(attribute: u16, test: Test) -> Self {
        let mut value = [0; 16];
        let kind = match test {
            Test::AnyOf { count } => fill(&mut value, 0, &count.to_le_bytes()),
            Test::NoneOf { count } => fill(&mut value, 1, &count.to_le_bytes()),
            Test::InSet { set } => fill(&mut value, 2, &set.to_le_bytes()),
            Test::NotInSet { set } => fill(&mut value, 3, &set.to_le_bytes()),
            Test::Range { low, high } => {
                value[8..].copy_from_slice(&high.to_le_bytes());
                fill(&mut value, 4, &low.to_le_bytes())
            }
            Test::Is { value: answer } => fill(&mut value, 5, &[u8::from(answer)]),
            Test::Near { latitude_micro, longitude_micro, radius_metres } => {
                value[4..8].copy_from_slice(&longitude_micro.to_le_bytes());
                value[8..12].copy_from_slice(&radius_metres.to_le_bytes());
                fill(&mut value, 6, &latitude_micro.to_le_bytes())
            }
        };
        Self { attribute: U16::new(attribute), kind, reserved: 0, value }
    }

    /// The attribute.
    #[must_use]
    pub const fn attribute(&self) -> u16 {
        self.attribute.get()
    }

    /// What is asked of it.
    #[must_use]
    pub fn test(&self) -> Test {
        let word = u128::from_le_bytes(self.value);
        match self.kind {
            0 => Test::AnyOf { count: word as u16 },
            1 => Test::NoneOf { count: word as u16 },
            2 => Test::InSet { set: word as u16 },
            3 => Test::NotInSet { set: word as u16 },
            4 => Test::Range { low: word as i64, high: (word >> 64) as i64 },
            5 => Test::Is { value: word != 0 },
            _ => Test::Near {
                latitude_micro: word as i32,
                longitude_micro: (word >> 32) as i32,
                radius_metres: (word >> 64) as u32,
            },
        }
    }
}

impl Element for Clause {
    const NAME: &'static str = "Clause";

    fn check(&self) -> Result<(), Fault> {
        let used = match self.kind {
            0..=3 => 2,
            4 => 16,
            5 => 1,
            6 => 12,
            _ => return Err(Fault::CodeUnknown),
        };
        all_zero(&self.value[used..])?;
        all_zero(&[self.reserved])?;
        if self.kind == 5 { yes_or_no(self.value[0]).map(|_| ()) } else { Ok(()) }
    }
}

/// Puts bytes at the beginning, and passes the kind on.
fn fill(value: &mut [u8; 16], kind: u8, bytes: &[u8]) -> u8 {
    value[..bytes.len()].copy_from_slice(bytes);
    kind
}
