//! Elements of lists. Each is its own bytes on the wire, so a list is copied as a whole and read in place.

mod clause;
mod fact;
mod modifier;
mod quota_rule;
mod screen;
mod verdict;

pub use verdict::Distance;

pub use clause::Test;
pub use fact::FactValue;
pub use modifier::{Change, ModifierValue};

use zerocopy::little_endian::{I32, I64, U16, U32, U64, U128};
use zerocopy::{FromBytes, Immutable, IntoBytes, Unaligned};

use crate::DESTINATION_BYTES_MAX;
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

    /// A rule by which a call's facts keep it from being sold.
    struct ScreenRule {
        leg: u8, "u8", "0: on every leg; else the leg's code plus 1";
        unless: u8, "u8", "0: refuses what the clause accepts; 1: refuses what it does not, a missing fact included";
        reason: U16, "u16", "why, a code of the reasons: 509 to 512, 570 to 573, or 575 to 579";
        attribute: U16, "u16", "the attribute";
        kind: u8, "u8", "what is asked of it, as in a clause; the values of kinds 0 and 1 are listed after the rules";
        reserved: u8, "u8", "0";
        value: [u8; 16], "16 bytes", "as in a clause";
    }

    /// A value of a category or set attribute, as its vocabulary numbers it.
    struct ValueCode {
        code: U32, "u32", "the code; 0 is \"unknown\"";
    }

    /// Who had a call before: an account of this exchange, another exchange by its log, or anybody else.
    struct ChainNode {
        id: U128, "u128", "the id it is known by";
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

    /// Open from one minute of the local week until another; Monday 00:00 is 0.
    struct OpenSpan {
        from_minute: U16, "u16", "the first minute";
        to_minute: U16, "u16", "the minute after the last, at most 10,080";
    }

    /// Local days on which the week's spans do not hold. Days are counted from 1970-01-01, which is 0.
    struct Holiday {
        first_day: U32, "u32", "the first day";
        last_day: U32, "u32", "the last day";
        from_minute: U16, "u16", "open on each of them from this minute of the day; 0 and 0: closed all day";
        to_minute: U16, "u16", "until this one, not included, at most 1,440";
    }

    /// A change of a standing bid for calls with certain values of an attribute.
    struct Modifier {
        attribute: U16, "u16", "the attribute";
        kind: u8, "u8", "0: code, 1: flag, 2: range";
        change: u8, "u8", "0: multiply, 1: add";
        value: [u8; 16], "16 bytes", "kind 0: code u32; kind 1: u8 0 or 1; kind 2: low i64, high i64, meaning \
            low ≤ number < high; the rest 0";
        amount: I64, "i64", "change 0: ten-thousandths, from 0, 10,000 leaves the bid; change 1: micro-units, negative for less";
    }

    /// A rule of a quota: at most so many calls, or so much money.
    struct QuotaRule {
        counts: u8, "u8 Counts", "what is counted";
        per: u8, "u8 Per", "for how long, by the local time of the quota's account; live calls: 3";
        pace: u8, "u8 Pace", "how money is spread; 0 for calls";
        in_hours: u8, "u8", "1: it binds in some hours of the local week only; else 0";
        from_hour: u8, "u8", "the first of them, from Monday's first, which is 0; 0 without hours";
        to_hour: u8, "u8", "the hour after the last, at most 168; 0 without hours";
        reserved: U16, "u16", "0";
        last_day: U32, "u32", "of pace 2: through which local day, counted from 1970-01-01, which is 0; else 0";
        max: I64, "i64", "how many calls, or how much money in micro-units";
    }

    /// A skill and how well it is had, or how well it must be.
    struct SkillLevel {
        skill: U16, "u16", "the skill, as the operator numbers it";
        level: u8, "u8", "from 1 to 100";
        reserved: u8, "u8", "0";
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
        present: u8, "u8", "bit 0: `attribute` is there";
        reason: U16, "u16", "why it lost, a code of the reasons; 0 when it did not";
        attribute: U16, "u16", "the attribute whose clause did not accept; 0 when absent";
        measure: u8, "u8 Measure", "what `distance` counts";
        reserved: u8, "u8", "0";
        distance: I64, "i64", "how far it was from passing; 0 without a measure";
        most: U64, "u64", "of how many calls, where calls are counted; of which skill, where levels are; else 0";
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

impl ChainNode {
    /// The node of this id.
    #[must_use]
    pub const fn new(id: u128) -> Self {
        Self { id: U128::new(id) }
    }

    /// The id.
    #[must_use]
    pub const fn get(&self) -> u128 {
        self.id.get()
    }
}

impl Element for ChainNode {
    const NAME: &'static str = "ChainNode";

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

impl OpenSpan {
    /// From one minute of the week until another.
    #[must_use]
    pub const fn new(from_minute: u16, to_minute: u16) -> Self {
        Self { from_minute: U16::new(from_minute), to_minute: U16::new(to_minute) }
    }

    /// The first minute.
    #[must_use]
    pub const fn from_minute(&self) -> u16 {
        self.from_minute.get()
    }

    /// The minute after the last.
    #[must_use]
    pub const fn to_minute(&self) -> u16 {
        self.to_minute.get()
    }
}

impl Element for OpenSpan {
    const NAME: &'static str = "OpenSpan";

    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

impl Holiday {
    /// From one day through another (days since 1970), open from one minute of the day until another; closed with 0 and 0.
    #[must_use]
    pub const fn new((first_day, last_day): (u32, u32), (from_minute, to_minute): (u16, u16)) -> Self {
        Self {
            first_day: U32::new(first_day),
            last_day: U32::new(last_day),
            from_minute: U16::new(from_minute),
            to_minute: U16::new(to_minute),
        }
    }

    /// The first day and the last.
    #[must_use]
    pub const fn days(&self) -> (u32, u32) {
        (self.first_day.get(), self.last_day.get())
    }

    /// From which minute of the day until which it is open; 0 and 0 is closed.
    #[must_use]
    pub const fn minutes(&self) -> (u16, u16) {
        (self.from_minute.get(), self.to_minute.get())
    }
}

impl Element for Holiday {
    const NAME: &'static str = "Holiday";

    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

impl SkillLevel {
    /// `skill` at `level`.
    #[must_use]
    pub const fn new(skill: u16, level: u8) -> Self {
        Self { skill: U16::new(skill), level, reserved: 0 }
    }

    /// Which skill.
    #[must_use]
    pub const fn skill(&self) -> u16 {
        self.skill.get()
    }

    /// How well.
    #[must_use]
    pub const fn level(&self) -> u8 {
        self.level
    }
}

impl Element for SkillLevel {
    const NAME: &'static str = "SkillLevel";

    fn check(&self) -> Result<(), Fault> {
        if self.reserved == 0 { Ok(()) } else { Err(Fault::ReservedNotZero) }
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
