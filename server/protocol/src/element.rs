//! Elements of lists. Each is its own bytes on the wire, so a list is copied as a whole and read in place.

use zerocopy::little_endian::{I32, I64, U16, U32, U64, U128};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, Unaligned};

use crate::DESTINATION_BYTES_MAX;
use crate::codes::Standing;
use crate::fault::Fault;
use crate::layout::{ElementLayout, Part};
use crate::list::{Element, TooLong};
use crate::scalar::{all_zero, yes_or_no};

macro_rules! elements {
    ($($(#[doc = $doc:literal])* struct $name:ident {
        $($field:ident: $type:ty, $type_name:literal, $field_doc:literal;)+
    })+) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, Unaligned)]
            #[repr(C)]
            pub struct $name {
                $($field: $type,)+
            }
        )+

        /// Every element, for the documentation.
        pub(crate) const ELEMENTS: &[ElementLayout] = &[$(ElementLayout {
            name: stringify!($name),
            docs: &[$($doc),*],
            parts: &[$(Part {
                name: stringify!($field),
                type_name: $type_name,
                size: size_of::<$type>(),
                doc: $field_doc,
            }),+],
        }),+];
    };
}

elements! {
    /// What is known of a call: a value of one attribute. A set is given as one fact for each element.
    struct Fact {
        attribute: U16, "u16", "the attribute";
        kind: u8, "u8", "0: code, 1: number, 2: flag, 3: place";
        reserved: u8, "u8", "0";
        value: [u8; 8], "8 bytes", "kind 0: code u32, then 4 × 0; kind 1: i64, implied decimals included; \
            kind 2: u8 0 or 1, then 7 × 0; kind 3: latitude i32, longitude i32, in millionths of a degree";
    }

    /// A condition on one attribute. An attribute without a clause is a wildcard.
    struct Clause {
        attribute: U16, "u16", "the attribute";
        kind: u8, "u8", "0: any of, 1: none of, 2: in set, 3: not in set, 4: range, 5: is, 6: near";
        reserved: u8, "u8", "0";
        value: [u8; 16], "16 bytes", "kinds 0 and 1: u16, how many of the values listed after the clauses are this \
            clause's; kinds 2 and 3: u16, the value set; kind 4: low i64, high i64, accepting low ≤ number < high; \
            kind 5: u8 0 or 1; kind 6: latitude i32, longitude i32 in millionths of a degree, radius u32 in metres; \
            the rest 0";
    }

    /// A value of a category or set attribute, as its vocabulary numbers it.
    struct ValueCode {
        code: U32, "u32", "the code; 0 is \"unknown\"";
    }

    /// Where a profile's calls go.
    struct DialTarget {
        ring_ms: U32, "u32", "how long it may ring, in milliseconds";
        length: u8, "u8", "bytes of the destination, 0 to 64";
        reserved: [u8; 3], "3 bytes", "0";
        bytes: [u8; DESTINATION_BYTES_MAX], "64 bytes", "the destination, a business number or address; the rest 0";
    }

    /// One change of a zone's clocks: from `at` on, local time is UTC plus the offset.
    struct Transition {
        at: U64, "u64", "microseconds since 1970";
        offset_seconds: I32, "i32", "seconds east of Greenwich";
    }

    /// One standing bid of a batch.
    struct Bid {
        profile: U128, "u128", "the buyer's profile";
        amount: I64, "i64", "micro-units; 0 when absent";
        present: u8, "u8", "1: the bid is `amount`; 0: the profile's standing bid is taken away";
        reserved: [u8; 7], "7 bytes", "0";
    }

    /// What the rules say of one candidate.
    struct Verdict {
        buyer: U128, "u128", "the buyer";
        profile: U128, "u128", "its profile";
        standing: u8, "u8 Standing", "won, eligible or lost";
        present: u8, "u8", "bit 0: `attribute` is there; bit 1: `short_by` is there";
        reason: U16, "u16", "why it lost, a code of the reasons; 0 when it did not";
        attribute: U16, "u16", "the attribute whose clause did not accept; 0 when absent";
        reserved: U16, "u16", "0";
        short_by: I64, "i64", "how much money was missing, in micro-units; 0 when absent";
    }
}

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
        if self.kind > 3 {
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

impl ValueCode {
    /// This code.
    #[must_use]
    pub const fn new(code: u32) -> Self {
        Self { code: U32::new(code) }
    }

    /// The code.
    #[must_use]
    pub const fn get(&self) -> u32 {
        self.code.get()
    }
}

impl Element for ValueCode {
    const NAME: &'static str = "ValueCode";

    #[inline]
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

impl DialTarget {
    /// This destination, which may ring so many milliseconds.
    ///
    /// # Errors
    ///
    /// When it is longer than [`DESTINATION_BYTES_MAX`].
    pub fn new(destination: &[u8], ring_ms: u32) -> Result<Self, TooLong> {
        let length = destination.len();
        let mut bytes = [0; DESTINATION_BYTES_MAX];
        let room = bytes.get_mut(..length).ok_or(TooLong { length, max: DESTINATION_BYTES_MAX })?;
        room.copy_from_slice(destination);
        Ok(Self { ring_ms: U32::new(ring_ms), length: length as u8, reserved: [0; 3], bytes })
    }

    /// The destination.
    #[must_use]
    pub fn destination(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// How long it may ring, in milliseconds.
    #[must_use]
    pub const fn ring_ms(&self) -> u32 {
        self.ring_ms.get()
    }
}

impl Element for DialTarget {
    const NAME: &'static str = "DialTarget";

    fn check(&self) -> Result<(), Fault> {
        let unused = self.bytes.get(usize::from(self.length)..).ok_or(Fault::ListTooLong)?;
        all_zero(unused)?;
        all_zero(&self.reserved)
    }
}

impl Transition {
    /// From `at` (microseconds since 1970) on, local time is UTC plus `offset_seconds`.
    #[must_use]
    pub const fn new(at: u64, offset_seconds: i32) -> Self {
        Self { at: U64::new(at), offset_seconds: I32::new(offset_seconds) }
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.at.get()
    }

    /// Seconds east of Greenwich.
    #[must_use]
    pub const fn offset_seconds(&self) -> i32 {
        self.offset_seconds.get()
    }
}

impl Element for Transition {
    const NAME: &'static str = "Transition";

    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

impl Bid {
    /// The standing bid of `profile` is this many micro-units, or none.
    #[must_use]
    pub fn new(profile: u128, amount: Option<i64>) -> Self {
        let present = u8::from(amount.is_some());
        let amount = I64::new(amount.unwrap_or_default());
        Self { profile: U128::new(profile), amount, present, reserved: [0; 7] }
    }

    /// The profile.
    #[must_use]
    pub const fn profile(&self) -> u128 {
        self.profile.get()
    }

    /// The amount in micro-units, if there is to be a bid.
    #[must_use]
    pub const fn amount(&self) -> Option<i64> {
        if self.present == 1 { Some(self.amount.get()) } else { None }
    }
}

impl Element for Bid {
    const NAME: &'static str = "Bid";

    #[inline]
    fn check(&self) -> Result<(), Fault> {
        all_zero(&self.reserved)?;
        if yes_or_no(self.present)? { Ok(()) } else { all_zero(self.amount.as_bytes()) }
    }
}

impl Verdict {
    const ATTRIBUTE: u8 = 1;
    const SHORT_BY: u8 = 2;

    /// A candidate that has won or may win.
    #[must_use]
    pub fn of(buyer: u128, profile: u128, standing: Standing) -> Self {
        let none = Self::new_zeroed();
        Self { buyer: U128::new(buyer), profile: U128::new(profile), standing: standing.code(), ..none }
    }

    /// A candidate that lost: for which reason, on which attribute's clause, missing how many micro-units.
    #[must_use]
    pub fn lost(buyer: u128, profile: u128, reason: u16, attribute: Option<u16>, short_by: Option<i64>) -> Self {
        let mut present = 0;
        if attribute.is_some() {
            present |= Self::ATTRIBUTE;
        }
        if short_by.is_some() {
            present |= Self::SHORT_BY;
        }
        Self {
            present,
            reason: U16::new(reason),
            attribute: U16::new(attribute.unwrap_or_default()),
            short_by: I64::new(short_by.unwrap_or_default()),
            ..Self::of(buyer, profile, Standing::Lost)
        }
    }

    /// The buyer.
    #[must_use]
    pub const fn buyer(&self) -> u128 {
        self.buyer.get()
    }

    /// Its profile.
    #[must_use]
    pub const fn profile(&self) -> u128 {
        self.profile.get()
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing::from_code(self.standing).unwrap_or(Standing::Lost)
    }

    /// Why it lost; 0 when it did not.
    #[must_use]
    pub const fn reason(&self) -> u16 {
        self.reason.get()
    }

    /// The attribute whose clause did not accept.
    #[must_use]
    pub const fn attribute(&self) -> Option<u16> {
        if self.present & Self::ATTRIBUTE != 0 { Some(self.attribute.get()) } else { None }
    }

    /// How many micro-units were missing.
    #[must_use]
    pub const fn short_by(&self) -> Option<i64> {
        if self.present & Self::SHORT_BY != 0 { Some(self.short_by.get()) } else { None }
    }
}

impl Element for Verdict {
    const NAME: &'static str = "Verdict";

    fn check(&self) -> Result<(), Fault> {
        let standing = Standing::from_code(self.standing).ok_or(Fault::CodeUnknown)?;
        if self.present & !(Self::ATTRIBUTE | Self::SHORT_BY) != 0 {
            return Err(Fault::FlagUnknown);
        }
        let (buyer, profile) = (self.buyer(), self.profile());
        let again = match standing {
            Standing::Lost => Self::lost(buyer, profile, self.reason(), self.attribute(), self.short_by()),
            Standing::Won | Standing::Eligible => Self::of(buyer, profile, standing),
        };
        if again == *self { Ok(()) } else { Err(Fault::ReservedNotZero) }
    }
}

/// Puts bytes at the beginning, and passes the kind on.
fn fill(value: &mut [u8; 16], kind: u8, bytes: &[u8]) -> u8 {
    value[..bytes.len()].copy_from_slice(bytes);
    kind
}
