//! Fields of several pieces: terms, kinds, names of postings.

use core::mem::offset_of;

use zerocopy::little_endian::{I64, U16, U32, U64, U128};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::codes::{ClockStart, PostingKind};
use crate::fault::Fault;
use crate::layout::{FlagUse, Part};
use crate::scalar::{Flags, Scalar};

/// A struct whose pieces are always all there.
macro_rules! records {
    ($($(#[doc = $doc:literal])* struct $name:ident {
        $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)+
    })+) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct $name {
                $($(#[doc = $field_doc])* pub $field: $type,)+
            }

            const _: () = {
                #[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
                #[repr(C)]
                pub(crate) struct Wire {
                    $($field: <$type as Scalar>::Wire,)+
                }

                impl Scalar for $name {
                    type Wire = Wire;
                    const FLAGS: FlagUse = FlagUse::Nothing;
                    const PARTS: &'static [Part] = &[$(Part {
                        name: stringify!($field),
                        type_name: <$type as Scalar>::PARTS[0].type_name,
                        size: size_of::<<$type as Scalar>::Wire>(),
                        doc: concat!($($field_doc),+),
                    }),+];

                    #[inline]
                    fn put(&self, flags: &mut Flags) -> Wire {
                        Wire { $($field: self.$field.put(flags),)+ }
                    }

                    #[inline]
                    fn take(wire: &Wire, flags: &mut Flags) -> Result<Self, Fault> {
                        Ok(Self { $($field: Scalar::take(&wire.$field, flags)?,)+ })
                    }
                }
            };
        )+
    };
}

records! {
    /// Where a client resumes: the last position of the event stream it has seen.
    struct Resume {
        /// The log the position is of, as `Welcome` named it.
        log: u128,
        /// The sequence.
        sequence: u64,
        /// The index within it; 65,535 for all of the sequence.
        index: u16,
    }

    /// One profile of one buyer.
    struct Candidate {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
    }

    /// What is believed of a profile before its calls have told: as if so many of so many had earned their price.
    struct Prior {
        /// So many had.
        met: u16,
        /// Of so many, 1 to 10,000.
        of: u16,
    }

    /// Which leg a report is about, and what the reporter's own clocks say.
    struct LegReport {
        /// The attempt, as `CallSold` numbered it.
        attempt: u8,
        /// The destination, as `CallDialed` numbered it.
        destination_index: u8,
        /// Milliseconds since the caller reached the switch.
        since_incoming_ms: u32,
        /// Milliseconds since the present leg was dialled.
        since_dial_ms: u32,
        /// Milliseconds since the answer; 0 before it.
        since_connect_ms: u32,
    }

    /// The name of a posting: what it is for, once and for all.
    struct Posting {
        /// The seller whose call it is.
        seller: u128,
        /// The call.
        call: u128,
        /// Which delivery of the call, from 1.
        attempt: u8,
        /// Which money.
        kind: PostingKind,
        /// 0 for the sale itself; corrections count up.
        revision: u8,
    }
}

/// When a price or a payout is earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayTerm {
    /// As soon as the call is answered.
    OnConnect,
    /// Once this many seconds have passed since `from`.
    After {
        /// How many.
        seconds: u32,
        /// Which clock.
        from: ClockStart,
    },
}

/// What the seller gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payout {
    /// The same amount for each call, in micro-units.
    Fixed(i64),
    /// A share of the price of the first sale, in basis points.
    Share(u16),
}

/// Whose callers a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerScope {
    /// All profiles of the account together.
    Account,
    /// One profile of the account.
    Profile(u128),
    /// One listing of the account.
    Listing(u128),
}

/// What a quota binds, of the account that sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaScope {
    /// All its calls.
    Account,
    /// The calls of one profile.
    Profile(u128),
    /// The calls under one listing.
    Listing(u128),
    /// The calls of the profiles in one group.
    Group(u128),
}

/// What values an attribute takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of a vocabulary.
    Category {
        /// The highest code a value may have.
        values_max: u32,
    },
    /// Any number of a vocabulary at once.
    Set {
        /// The highest code a value may have.
        values_max: u32,
    },
    /// A whole number, with decimals implied.
    Integer {
        /// How many of the digits stand behind the point.
        decimals: u8,
        /// Where most values begin.
        low: i64,
        /// Where most values end.
        high: i64,
    },
    /// Yes or no.
    Boolean,
    /// A place on the earth.
    Point,
}

/// Who of the best tier gets a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// The highest amount; of equal ones the earlier.
    HighestScore,
    /// In turn, in proportion to weights.
    WeightedShare,
    /// In turn, each as often as the others.
    RoundRobin,
    /// The most proficient in the required skills, then who has waited longest.
    Skill,
    /// The highest margin times quality.
    CostQuality,
    /// The highest amount times the share of its calls that earned their price.
    ExpectedValue {
        /// The category whose values tell calls apart; none: all are alike.
        segment: Option<u16>,
        /// In so many of ten thousand decisions who is known least is tried instead.
        explore: u16,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct PolicyWire {
    kind: u8,
    segmented: u8,
    segment: U16,
    explore: U16,
}

impl Scalar for Policy {
    type Wire = PolicyWire;
    const FLAGS: FlagUse = FlagUse::Nothing;
    const PARTS: &'static [Part] = &[
        Part {
            name: "kind",
            type_name: "u8",
            size: 1,
            doc: "0: highest score, 1: weighted share, 2: round robin, 3: skill, 4: cost and quality, 5: expected value",
        },
        Part { name: "segmented", type_name: "u8", size: 1, doc: "of kind 5: 1 when there is a `segment`; else 0" },
        Part {
            name: "segment",
            type_name: "u16",
            size: 2,
            doc: "of kind 5: the category whose values tell calls apart; else 0",
        },
        Part { name: "explore", type_name: "u16", size: 2, doc: "of kind 5: exploration, in basis points; else 0" },
    ];

    #[inline]
    fn put(&self, _: &mut Flags) -> PolicyWire {
        let kind = |kind| PolicyWire { kind, ..PolicyWire::new_zeroed() };
        match *self {
            Self::HighestScore => kind(0),
            Self::WeightedShare => kind(1),
            Self::RoundRobin => kind(2),
            Self::Skill => kind(3),
            Self::CostQuality => kind(4),
            Self::ExpectedValue { segment, explore } => PolicyWire {
                segmented: u8::from(segment.is_some()),
                segment: U16::new(segment.unwrap_or_default()),
                explore: U16::new(explore),
                ..kind(5)
            },
        }
    }

    #[inline]
    fn take(wire: &PolicyWire, flags: &mut Flags) -> Result<Self, Fault> {
        let policy = match wire.kind {
            0 => Self::HighestScore,
            1 => Self::WeightedShare,
            2 => Self::RoundRobin,
            3 => Self::Skill,
            4 => Self::CostQuality,
            5 => {
                let segment = (wire.segmented == 1).then_some(wire.segment.get());
                Self::ExpectedValue { segment, explore: wire.explore.get() }
            }
            _ => return Err(Fault::CodeUnknown),
        };
        same(policy.put(flags) == *wire).map(|()| policy)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct PayTermWire {
    kind: u8,
    seconds: U32,
}

impl Scalar for PayTerm {
    type Wire = PayTermWire;
    const FLAGS: FlagUse = FlagUse::Nothing;
    const PARTS: &'static [Part] = &[
        Part {
            name: "kind",
            type_name: "u8",
            size: 1,
            doc: "0: as soon as the call is answered; once `seconds` have passed since 1: the caller reached the \
                  seller's switch, 2: the winning leg was dialled, 3: the buyer's side picked up",
        },
        Part { name: "seconds", type_name: "u32", size: 4, doc: "seconds; 0 for kind 0" },
    ];

    #[inline]
    fn put(&self, _: &mut Flags) -> PayTermWire {
        match *self {
            Self::OnConnect => PayTermWire { kind: 0, seconds: U32::ZERO },
            Self::After { seconds, from } => PayTermWire { kind: 1 + from.code(), seconds: U32::new(seconds) },
        }
    }

    #[inline]
    fn take(wire: &PayTermWire, flags: &mut Flags) -> Result<Self, Fault> {
        let term = match wire.kind {
            0 => Self::OnConnect,
            kind => {
                let from = ClockStart::from_code(kind - 1).ok_or(Fault::CodeUnknown)?;
                Self::After { seconds: wire.seconds.get(), from }
            }
        };
        same(term.put(flags) == *wire).map(|()| term)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct CallerScopeWire {
    kind: u8,
    id: U128,
}

impl Scalar for CallerScope {
    type Wire = CallerScopeWire;
    const FLAGS: FlagUse = FlagUse::Nothing;
    const PARTS: &'static [Part] = &[
        Part {
            name: "kind",
            type_name: "u8",
            size: 1,
            doc: "0: all profiles of the account; 1: one profile; 2: one listing",
        },
        Part { name: "id", type_name: "u128", size: 16, doc: "the profile or the listing; 0 for kind 0" },
    ];

    #[inline]
    fn put(&self, _: &mut Flags) -> CallerScopeWire {
        let (kind, id) = match *self {
            Self::Account => (0, 0),
            Self::Profile(id) => (1, id),
            Self::Listing(id) => (2, id),
        };
        CallerScopeWire { kind, id: U128::new(id) }
    }

    #[inline]
    fn take(wire: &CallerScopeWire, flags: &mut Flags) -> Result<Self, Fault> {
        let scope = match wire.kind {
            0 => Self::Account,
            1 => Self::Profile(wire.id.get()),
            2 => Self::Listing(wire.id.get()),
            _ => return Err(Fault::CodeUnknown),
        };
        same(scope.put(flags) == *wire).map(|()| scope)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct PayoutWire {
    kind: u8,
    share: U16,
    amount: I64,
}

impl Scalar for Payout {
    type Wire = PayoutWire;
    const FLAGS: FlagUse = FlagUse::Nothing;
    const PARTS: &'static [Part] = &[
        Part { name: "kind", type_name: "u8", size: 1, doc: "0: the same `amount` for each call; 1: a `share`" },
        Part { name: "share", type_name: "u16", size: 2, doc: "of the price, in basis points; 0 for kind 0" },
        Part { name: "amount", type_name: "i64", size: 8, doc: "micro-units; 0 for kind 1" },
    ];

    #[inline]
    fn put(&self, _: &mut Flags) -> PayoutWire {
        match *self {
            Self::Fixed(amount) => PayoutWire { kind: 0, share: U16::ZERO, amount: I64::new(amount) },
            Self::Share(share) => PayoutWire { kind: 1, share: U16::new(share), amount: I64::ZERO },
        }
    }

    #[inline]
    fn take(wire: &PayoutWire, flags: &mut Flags) -> Result<Self, Fault> {
        let payout = match wire.kind {
            0 => Self::Fixed(wire.amount.get()),
            1 => Self::Share(wire.share.get()),
            _ => return Err(Fault::CodeUnknown),
        };
        same(payout.put(flags) == *wire).map(|()| payout)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct QuotaScopeWire {
    kind: u8,
    id: U128,
}

impl Scalar for QuotaScope {
    type Wire = QuotaScopeWire;
    const FLAGS: FlagUse = FlagUse::Nothing;
    const PARTS: &'static [Part] = &[
        Part { name: "kind", type_name: "u8", size: 1, doc: "0: the account, 1: a profile, 2: a listing, 3: a group" },
        Part { name: "id", type_name: "u128", size: 16, doc: "the profile, the listing or the group; 0 for kind 0" },
    ];

    #[inline]
    fn put(&self, _: &mut Flags) -> QuotaScopeWire {
        let (kind, id) = match *self {
            Self::Account => (0, 0),
            Self::Profile(profile) => (1, profile),
            Self::Listing(listing) => (2, listing),
            Self::Group(group) => (3, group),
        };
        QuotaScopeWire { kind, id: U128::new(id) }
    }

    #[inline]
    fn take(wire: &QuotaScopeWire, flags: &mut Flags) -> Result<Self, Fault> {
        let id = wire.id.get();
        let scope = match wire.kind {
            0 => Self::Account,
            1 => Self::Profile(id),
            2 => Self::Listing(id),
            3 => Self::Group(id),
            _ => return Err(Fault::CodeUnknown),
        };
        same(scope.put(flags) == *wire).map(|()| scope)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct KindWire {
    kind: u8,
    decimals: u8,
    values_max: U32,
    low: I64,
    high: I64,
}

impl Scalar for Kind {
    type Wire = KindWire;
    const FLAGS: FlagUse = FlagUse::Nothing;
    const PARTS: &'static [Part] = &[
        Part { name: "kind", type_name: "u8", size: 1, doc: "0: category, 1: set, 2: integer, 3: boolean, 4: point" },
        Part { name: "decimals", type_name: "u8", size: 1, doc: "of an integer: digits behind the point; else 0" },
        Part { name: "values_max", type_name: "u32", size: 4, doc: "of a category or set: its highest code; else 0" },
        Part { name: "low", type_name: "i64", size: 8, doc: "of an integer: where most values begin; else 0" },
        Part { name: "high", type_name: "i64", size: 8, doc: "of an integer: where most values end; else 0" },
    ];

    #[inline]
    fn put(&self, _: &mut Flags) -> KindWire {
        let none = KindWire::new_zeroed();
        match *self {
            Self::Category { values_max } => KindWire { values_max: U32::new(values_max), ..none },
            Self::Set { values_max } => KindWire { kind: 1, values_max: U32::new(values_max), ..none },
            Self::Integer { decimals, low, high } => {
                KindWire { kind: 2, decimals, low: I64::new(low), high: I64::new(high), ..none }
            }
            Self::Boolean => KindWire { kind: 3, ..none },
            Self::Point => KindWire { kind: 4, ..none },
        }
    }

    #[inline]
    fn take(wire: &KindWire, flags: &mut Flags) -> Result<Self, Fault> {
        let kind = match wire.kind {
            0 => Self::Category { values_max: wire.values_max.get() },
            1 => Self::Set { values_max: wire.values_max.get() },
            2 => Self::Integer { decimals: wire.decimals, low: wire.low.get(), high: wire.high.get() },
            3 => Self::Boolean,
            4 => Self::Point,
            _ => return Err(Fault::CodeUnknown),
        };
        same(kind.put(flags) == *wire).map(|()| kind)
    }
}

/// What all events begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EventHead {
    pub(crate) again: bool,
    pub(crate) at: u64,
    pub(crate) index: u16,
}

#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct EventHeadWire {
    at: U64,
    index: U16,
}

impl Scalar for EventHead {
    type Wire = EventHeadWire;
    const FLAGS: FlagUse = FlagUse::Value;
    const PARTS: &'static [Part] = &[
        Part { name: "at", type_name: "u64", size: 8, doc: "when its command was applied, in microseconds since 1970" },
        Part { name: "index", type_name: "u16", size: 2, doc: "its place among the events of its sequence, from 0" },
    ];

    #[inline]
    fn put(&self, flags: &mut Flags) -> EventHeadWire {
        flags.put(self.again);
        EventHeadWire { at: U64::new(self.at), index: U16::new(self.index) }
    }

    #[inline]
    fn take(wire: &EventHeadWire, flags: &mut Flags) -> Result<Self, Fault> {
        Ok(Self { again: flags.take(), at: wire.at.get(), index: wire.index.get() })
    }
}

const _: () = assert!(offset_of!(EventHeadWire, index) == 8);

/// What a field does not use must be zero: the bytes are those it would be written with.
const fn same(is_same: bool) -> Result<(), Fault> {
    if is_same { Ok(()) } else { Err(Fault::ReservedNotZero) }
}
