//! What is known of a call, attribute by attribute.

use zerocopy::little_endian::U16;

use super::Fact;
use crate::fault::Fault;
use crate::list::Element;

/// The value of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactValue {
    /// Of a category, or one element of a set; 0 is "unknown".
    Code(u32),
    /// Of an integer, its implied decimals included.
    Number(i64),
    /// Of a boolean.
    Flag(bool),
    /// Of a point, in millionths of a degree.
    Place {
        /// North is positive.
        latitude_micro: i32,
        /// East is positive.
        longitude_micro: i32,
    },
}

impl Fact {
    /// This value of this attribute.
    #[must_use]
    pub const fn new(attribute: u16, value: FactValue) -> Self {
        let (kind, value) = match value {
            FactValue::Code(code) => (0, i64::to_le_bytes(code as i64)),
            FactValue::Number(number) => (1, number.to_le_bytes()),
            FactValue::Flag(flag) => (2, i64::to_le_bytes(flag as i64)),
            FactValue::Place { latitude_micro, longitude_micro } => {
                (3, ((longitude_micro as i64) << 32 | latitude_micro as u32 as i64).to_le_bytes())
            }
        };
        Self { attribute: U16::new(attribute), kind, reserved: 0, value }
    }

    /// The attribute.
    #[must_use]
    #[inline]
    pub const fn attribute(&self) -> u16 {
        self.attribute.get()
    }

    /// Its value.
    #[must_use]
    #[inline]
    pub const fn value(&self) -> FactValue {
        let word = i64::from_le_bytes(self.value);
        match self.kind {
            0 => FactValue::Code(word as u32),
            1 => FactValue::Number(word),
            2 => FactValue::Flag(word != 0),
            _ => FactValue::Place { latitude_micro: word as i32, longitude_micro: (word >> 32) as i32 },
        }
    }
}

impl Element for Fact {
    const NAME: &'static str = "Fact";

    fn check(&self) -> Result<(), Fault> {
        if self.kind > 3 || (self.kind == 2 && self.value[0] > 1) {
            return Err(Fault::CodeUnknown);
        }
        if self.stray_bits() == 0 { Ok(()) } else { Err(Fault::ReservedNotZero) }
    }

    /// Without a branch: a call has dozens of facts.
    #[inline]
    fn stray_bits(&self) -> u64 {
        /// The bits of the value that must be zero, by kind.
        const UNUSED: [u64; 4] = [!(u32::MAX as u64), 0, !1, 0];
        let [low, high] = self.attribute.to_bytes();
        let head = u32::from_le_bytes([low, high, self.kind, self.reserved]);
        let unused = u64::from_le_bytes(self.value) & UNUSED[(head >> 16 & 3) as usize];
        u64::from(head & 0xfffc_0000) | unused
    }
}
