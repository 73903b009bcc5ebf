//! Profiles: created with all their lists, then changed one thing at a time.

use dce_engine::commands::{CloseProfile, CreateProfile, PauseProfile, ResumeProfile, SetBid};
use dce_engine::event::Destination;
use dce_engine::ids::{AccountId, AttributeId, CalendarId, ProfileId, ValueCode, ValueSetId, VerticalId};
use dce_engine::limits::{CLAUSE_VALUES_MAX, CLAUSES_MAX, DESTINATION_BYTES_MAX, DESTINATIONS_MAX};
use dce_engine::terms::{CapLimits, Clause, DialTarget, Test};
use dce_engine::units::{Metres, Millis};
use rkyv::with::InlineAsBox;
use rkyv::{Archive, Serialize};

use super::lists::{list, pack, unpack};
use super::terms::{PayTermV1, PointV1, StampV1, optional_micros, optional_money};
use super::{Body, Lists, Packed, put, whole, with_lists};

/// The longest body of a profile.
pub(super) const PROFILE_BYTES_MAX: usize = size_of::<ArchivedCreateProfileV1<'_>>()
    + CLAUSES_MAX * size_of::<ArchivedClauseV1>()
    + CLAUSE_VALUES_MAX * 4
    + DESTINATIONS_MAX * size_of::<ArchivedDialTargetV1>();

#[derive(Archive, Serialize)]
struct CreateProfileV1<'a> {
    buyer: u128,
    profile: u128,
    vertical: u16,
    tier: u8,
    /// Micro-units.
    bid: Option<i64>,
    pay_term: PayTermV1,
    caps: CapLimitsV1,
    live_mode: bool,
    hours: Option<u128>,
    /// Whether something was left out of the clauses, the values, the destinations.
    overflowed: [bool; 3],
    #[rkyv(with = InlineAsBox)]
    clauses: &'a [ClauseV1],
    #[rkyv(with = InlineAsBox)]
    values: &'a [u32],
    #[rkyv(with = InlineAsBox)]
    destinations: &'a [DialTargetV1],
}

#[derive(Archive, Serialize)]
struct CapLimitsV1 {
    concurrency: Option<u16>,
    hourly: Option<u32>,
    daily: Option<u32>,
    total: Option<u32>,
    /// Micro-units.
    daily_budget: Option<i64>,
}

#[derive(Archive, Serialize, Clone, Copy, Debug)]
pub(super) struct ClauseV1 {
    attribute: u16,
    test: TestV1,
}

#[derive(Archive, Serialize, Clone, Copy, Debug)]
enum TestV1 {
    AnyOf { count: u16 },
    NoneOf { count: u16 },
    InSet { set: u16 },
    NotInSet { set: u16 },
    Range { low: i64, high: i64 },
    Is { value: bool },
    Near { centre: PointV1, radius_metres: u32 },
}

/// A destination's bytes from the first; those behind `length` are zero.
#[derive(Archive, Serialize, Clone, Copy, Debug)]
pub(super) struct DialTargetV1 {
    length: u8,
    bytes: [u8; DESTINATION_BYTES_MAX],
    ring_ms: u32,
}

impl<'a> Body<'a> for CreateProfile<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let Self { buyer, profile, vertical, tier, bid, pay_term, caps, live_mode, hours, .. } = self;
        let Self { clauses, values, destinations, .. } = self;
        let v1 = CreateProfileV1 {
            buyer: buyer.0,
            profile: profile.0,
            vertical: vertical.0,
            tier: *tier,
            bid: optional_micros(*bid),
            pay_term: PayTermV1::of(*pay_term),
            caps: CapLimitsV1::of(*caps),
            live_mode: *live_mode,
            hours: hours.map(|calendar| calendar.0),
            overflowed: [clauses.overflowed(), values.overflowed(), destinations.overflowed()],
            clauses: pack(clauses, &mut packed.clauses, ClauseV1::of),
            values: pack(values, &mut packed.values, |code| code.0),
            destinations: pack(destinations, &mut packed.destinations, DialTargetV1::of),
        };
        put(&v1, record);
    }

    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedCreateProfileV1<'_>>(body, |v1| {
            size_of_val(&*v1.clauses) + size_of_val(&*v1.values) + size_of_val(&*v1.destinations)
        })?;
        let Lists { clauses, values, destinations, .. } = lists;
        let values = values.get_mut(..CLAUSE_VALUES_MAX)?;
        let [clauses_overflowed, values_overflowed, destinations_overflowed] = v1.overflowed;
        let clauses = unpack(&v1.clauses, clauses, |clause| Some(clause.read()))?;
        let values = unpack(&v1.values, values, |code| Some(ValueCode(code.to_native())))?;
        let destinations = unpack(&v1.destinations, destinations, ArchivedDialTargetV1::read)?;
        Some(Self {
            buyer: AccountId(v1.buyer.to_native()),
            profile: ProfileId(v1.profile.to_native()),
            vertical: VerticalId(v1.vertical.to_native()),
            tier: v1.tier,
            bid: optional_money(&v1.bid),
            pay_term: v1.pay_term.read(),
            caps: v1.caps.read(),
            live_mode: v1.live_mode,
            hours: v1.hours.as_ref().map(|calendar| CalendarId(calendar.to_native())),
            clauses: list(clauses, clauses_overflowed),
            values: list(values, values_overflowed),
            destinations: list(destinations, destinations_overflowed),
        })
    }
}

impl CapLimitsV1 {
    fn of(caps: CapLimits) -> Self {
        let CapLimits { concurrency, hourly, daily, total, daily_budget } = caps;
        Self { concurrency, hourly, daily, total, daily_budget: optional_micros(daily_budget) }
    }
}

impl ArchivedCapLimitsV1 {
    fn read(&self) -> CapLimits {
        CapLimits {
            concurrency: self.concurrency.as_ref().map(|calls| calls.to_native()),
            hourly: self.hourly.as_ref().map(|calls| calls.to_native()),
            daily: self.daily.as_ref().map(|calls| calls.to_native()),
            total: self.total.as_ref().map(|calls| calls.to_native()),
            daily_budget: optional_money(&self.daily_budget),
        }
    }
}

impl ClauseV1 {
    pub(super) fn of(clause: &Clause) -> Self {
        let &Clause { attribute, test } = clause;
        let test = match test {
            Test::AnyOf { count } => TestV1::AnyOf { count },
            Test::NoneOf { count } => TestV1::NoneOf { count },
            Test::InSet { set } => TestV1::InSet { set: set.0 },
            Test::NotInSet { set } => TestV1::NotInSet { set: set.0 },
            Test::Range { low, high } => TestV1::Range { low, high },
            Test::Is { value } => TestV1::Is { value },
            Test::Near { centre, radius } => TestV1::Near { centre: PointV1::of(centre), radius_metres: radius.0 },
        };
        Self { attribute: attribute.0, test }
    }
}

impl Default for ClauseV1 {
    fn default() -> Self {
        Self::of(&Clause::default())
    }
}

impl ArchivedClauseV1 {
    pub(super) fn read(&self) -> Clause {
        let test = match &self.test {
            ArchivedTestV1::AnyOf { count } => Test::AnyOf { count: count.to_native() },
            ArchivedTestV1::NoneOf { count } => Test::NoneOf { count: count.to_native() },
            ArchivedTestV1::InSet { set } => Test::InSet { set: ValueSetId(set.to_native()) },
            ArchivedTestV1::NotInSet { set } => Test::NotInSet { set: ValueSetId(set.to_native()) },
            ArchivedTestV1::Range { low, high } => Test::Range { low: low.to_native(), high: high.to_native() },
            ArchivedTestV1::Is { value } => Test::Is { value: *value },
            ArchivedTestV1::Near { centre, radius_metres } => {
                Test::Near { centre: centre.read(), radius: Metres(radius_metres.to_native()) }
            }
        };
        Clause { attribute: AttributeId(self.attribute.to_native()), test }
    }
}

impl DialTargetV1 {
    pub(super) fn of(target: &DialTarget) -> Self {
        let DialTarget { destination, ring } = target;
        let used = destination.as_bytes();
        let mut bytes = [0; DESTINATION_BYTES_MAX];
        bytes[..used.len()].copy_from_slice(used);
        let length = u8::try_from(used.len()).expect("Invariant: a destination has at most 64 bytes");
        Self { length, bytes, ring_ms: ring.0 }
    }
}

impl Default for DialTargetV1 {
    fn default() -> Self {
        Self { length: 0, bytes: [0; DESTINATION_BYTES_MAX], ring_ms: 0 }
    }
}

impl ArchivedDialTargetV1 {
    pub(super) fn read(&self) -> Option<DialTarget> {
        let used = self.bytes.get(..usize::from(self.length))?;
        // An empty one is no address, and yet what a command may carry until it is refused.
        let destination = if used.is_empty() { Destination::default() } else { Destination::new(used)? };
        Some(DialTarget { destination, ring: Millis(self.ring_ms.to_native()) })
    }
}

#[derive(Archive, Serialize)]
struct SetBidV1 {
    buyer: u128,
    profile: u128,
    /// Micro-units.
    amount: Option<i64>,
    stamp: StampV1,
}

impl Body<'_> for SetBid {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { buyer, profile, amount, stamp } = self;
        let amount = optional_micros(amount);
        put(&SetBidV1 { buyer: buyer.0, profile: profile.0, amount, stamp: StampV1::of(stamp) }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetBidV1>(body)?;
        Some(Self {
            buyer: AccountId(v1.buyer.to_native()),
            profile: ProfileId(v1.profile.to_native()),
            amount: optional_money(&v1.amount),
            stamp: v1.stamp.read(),
        })
    }
}

/// Of a command that says which profile and no more.
#[derive(Archive, Serialize)]
struct ProfileV1 {
    buyer: u128,
    profile: u128,
}

macro_rules! profile_only {
    ($($name:ident),+) => {
        $(impl Body<'_> for $name {
            fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
                let &Self { buyer, profile } = self;
                put(&ProfileV1 { buyer: buyer.0, profile: profile.0 }, record);
            }

            fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
                let v1 = whole::<ArchivedProfileV1>(body)?;
                Some(Self { buyer: AccountId(v1.buyer.to_native()), profile: ProfileId(v1.profile.to_native()) })
            }
        })+
    };
}

profile_only!(PauseProfile, ResumeProfile, CloseProfile);
