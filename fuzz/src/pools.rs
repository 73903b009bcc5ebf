//! Small pools that a byte picks from: ids, amounts, times, facts.

use dce_engine::prelude::*;

use crate::Pair;
use crate::market::{AGE, BUYERS, INSURED, PLACE, SELLER, STATE, TAGS};

pub(crate) fn fact_of((which, value): (u8, u8)) -> Option<Fact> {
    Some(match which % 8 {
        0 => Fact::value(STATE, code_of(value)),
        1 => Fact::value(TAGS, code_of(value)),
        2 => Fact::number(AGE, i64::from(value % 128)),
        3 => Fact::flag(INSURED, value & 1 == 1),
        4 => Fact::place(PLACE, place(value)),
        5 => Fact::value(attribute_of(value), code_of(value >> 4)),
        _ => return None,
    })
}

/// Nobody, mostly; else an account, the log of the market, or somebody outside.
pub(crate) fn node_of(node: u8) -> Option<ChainNode> {
    (node >= 128).then(|| ChainNode(u128::from(node % 32)))
}

pub(crate) fn kind_of(kind: u8, size: u8) -> Kind {
    let values_max = u32::from(size) * 4;
    match kind % 5 {
        0 => Kind::Category { values_max },
        1 => Kind::Set { values_max },
        2 => Kind::Integer { decimals: size % 12, low: 0, high: i64::from(size) },
        3 => Kind::Boolean,
        _ => Kind::Point,
    }
}

pub(crate) fn term(shape: u8) -> PayTerm {
    let from = match shape >> 3 & 3 {
        0 => return PayTerm::OnConnect,
        1 => ClockStart::Incoming,
        2 => ClockStart::Dial,
        _ => ClockStart::Connect,
    };
    PayTerm::After { seconds: Seconds(u32::from(shape >> 5) * 15), from }
}

/// One of the last calls named, mostly the last, or another one, named by the time of this command.
pub(crate) fn call_of(place: u8, pair: &mut Pair, at: Timestamp) -> CallId {
    const BACK: [usize; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5, usize::MAX];
    let back = BACK[usize::from(place % 16)];
    let newest = pair.calls.len();
    if back < newest {
        return pair.calls[newest - 1 - back];
    }
    another_call(pair, at)
}

/// Mostly another call, for what makes one known.
pub(crate) fn new_call_of(place: u8, pair: &mut Pair, at: Timestamp) -> CallId {
    if place >= 64 { another_call(pair, at) } else { call_of(place, pair, at) }
}

fn another_call(pair: &mut Pair, at: Timestamp) -> CallId {
    let call = CallId::at(at, pair.calls.len() as u64);
    pair.calls.push(call);
    call
}

pub(crate) fn movement_of(place: u8, at: Timestamp) -> MovementId {
    // Half of them keep their name for a while, so that a retry meets the first.
    let time = if place & 1 == 0 { at.micros() } else { at.micros() / 3_600_000_000 * 3_600_000_000 };
    MovementId::at(Timestamp::from_micros(time), u64::from(place % 8))
}

/// Mostly the present leg of the call, and clocks that can be.
pub(crate) fn leg_of(leg: u8, clocks: [u8; 3], call: CallId, pair: &Pair) -> LegReport {
    let view = pair.call(call);
    let attempt = match view {
        Some(view) if leg & 0xc0 != 0 => view.attempt,
        _ => leg % 4,
    };
    let mut clocks = clocks.map(|seconds| Millis(u32::from(seconds) * 1_000));
    if leg & 0x30 != 0 {
        clocks.sort_unstable_by(|left, right| right.cmp(left));
        if view.is_some_and(|view| view.state != CallState::Answered) {
            clocks[2] = Millis(0);
        }
    }
    let [incoming, dial, connect] = clocks;
    let fell_back = view.is_some_and(|view| view.fell_back);
    let destination = if fell_back { dce_engine::limits::FALLBACK_INDEX } else { leg & 1 };
    LegReport::leg(attempt, destination, Clocks::new(incoming, dial, connect))
}

pub(crate) fn account_of(place: u8) -> AccountId {
    let pool = [BUYERS[0], BUYERS[1], SELLER, AccountId(21), AccountId(12), AccountId(13)];
    match place % 8 {
        6 => AccountId::PLATFORM,
        7 => AccountId::WORLD,
        place => pool[usize::from(place)],
    }
}

pub(crate) fn profile_of(place: u8) -> (AccountId, ProfileId) {
    (BUYERS[usize::from(place >> 2 & 1)], ProfileId(u128::from(place % 4)))
}

pub(crate) fn listing_of(place: u8) -> ListingId {
    ListingId(u128::from(place % 4))
}

pub(crate) fn attribute_of(place: u8) -> AttributeId {
    AttributeId(u16::from(place % 8))
}

pub(crate) fn code_of(place: u8) -> ValueCode {
    ValueCode(u32::from(place % 8))
}

pub(crate) fn session_of(place: u8) -> SessionId {
    SessionId(u64::from(place % 4))
}

/// Mostly the next number of the session that is open from the start.
pub(crate) fn stamp_of(place: u8, pair: &mut Pair) -> Stamp {
    let session = SessionId(if place >= 240 { 2 } else { 1 });
    if place % 8 == 7 {
        return Stamp::new(session, pair.stamp.saturating_sub(u64::from(place / 8)));
    }
    pair.stamp += 1;
    Stamp::new(session, pair.stamp)
}

pub(crate) fn name(place: u8) -> &'static str {
    ["", "a", "b", "c", "d", "e", "f", "g"][usize::from(place % 8)]
}

pub(crate) fn place(value: u8) -> GeoPoint {
    // One place in sixteen is not on the globe.
    let latitude = if value % 16 == 15 { 91_000_000 } else { 34_000_000 + i32::from(value) * 10_000 };
    GeoPoint::new(latitude, -118_000_000)
}

/// Whole dollars, some of them too many.
pub(crate) fn money(value: u8) -> Money {
    match value {
        255 => Money::from_micros(i64::MAX),
        254 => Money::from_micros(-1),
        value => Money::from_units(i32::from(value)),
    }
}

pub(crate) fn millis(value: u8) -> Millis {
    Millis(u32::from(value) * 500)
}

/// Every fourth value is none.
pub(crate) fn optional(value: u8) -> Option<u8> {
    (!value.is_multiple_of(4)).then_some(value / 4)
}

pub(crate) fn calendar_of(place: u8) -> CalendarId {
    CalendarId(u128::from(place % 3))
}

pub(crate) fn group_of(place: u8) -> GroupId {
    GroupId(u128::from(place % 3))
}
