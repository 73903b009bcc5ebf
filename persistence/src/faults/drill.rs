//! A log whose every command is known from its sequence alone, so that whatever is found again can be judged.
//!
//! Commands 1 to 3 open an account, a session and a profile; each later one is a bid whose amount is a function of its
//! sequence. Shared by the tests and by the example that is killed and cut off from power.

pub mod process;

use dce_engine::prelude::*;
use dce_runtime::{Batch, Codec};

use crate::record::RecordCodec;

const BUYER: AccountId = AccountId(10);
const SESSION: SessionId = SessionId(1);
const PROFILE: ProfileId = ProfileId(1);
/// When the log begins.
const START: Timestamp = Timestamp::from_seconds(1_764_000_000);

/// The smallest market in which bids can be set.
#[must_use]
pub fn genesis() -> Genesis {
    let limits = Limits {
        accounts_max: 4,
        sessions_max: 4,
        movements_max: 4,
        listings_max: 1,
        profiles_max: 4,
        settings_max: 4,
        verticals_max: 1,
        attributes_max: 1,
        lines_max: 8,
        values_max: 8,
        value_sets_max: 1,
        value_set_values_max: 8,
        zones_max: 1,
        clauses_max: 1,
        clause_values_max: 1,
        targeting_chunks_max: 4,
        calls_max: 4,
        calls_live_max: 4,
        auction_bids_max: 4,
        bids_max: 4,
        contacts_max: 4,
        frequencies_max: 4,
        suppressions_max: 4,
        screens_max: 4,
        ..Limits::small()
    };
    Genesis::new(limits, 0x5eed, USD).log(LogId(0x1065))
}

/// The command at a place.
#[must_use]
pub fn command(sequence: u64) -> Command<'static> {
    match sequence {
        1 => OpenAccount::buyer(BUYER).into(),
        2 => OpenSession::new(BUYER, SESSION).into(),
        3 => CreateProfile::of(BUYER, PROFILE).dial(b"+18005550100", Millis(20_000)).into(),
        _ => {
            let amount = Money::from_micros(1 + (sequence * 7_919 % 90_000_000) as i64);
            SetBid::new(BUYER, PROFILE, Some(amount), Stamp::new(SESSION, sequence)).into()
        }
    }
}

/// When it is applied.
#[must_use]
pub fn at(sequence: u64) -> Timestamp {
    Timestamp::from_micros(START.micros() + sequence * 1_000)
}

/// The record of the command at a place.
#[must_use]
pub fn record(codec: &mut RecordCodec, sequence: u64) -> Vec<u8> {
    let mut record = Vec::new();
    codec.encode(&command(sequence), &mut record);
    record
}

/// Applies the next commands and puts them into a batch, as a runtime does.
///
/// # Panics
///
/// When the exchange is not that of a drill.
pub fn fill(exchange: &mut Exchange, codec: &mut RecordCodec, events: &mut Events, batch: &mut Batch, count: u64) {
    for _ in 0..count {
        let next = exchange.sequence().0 + 1;
        let receipt =
            exchange.apply(at(next), &command(next), events).expect("Invariant: each command of a drill is accepted");
        assert_eq!(receipt, Receipt { sequence: Sequence(next), repeated: false });
        batch.push(Sequence(next), at(next), &record(codec, next));
    }
}

/// The exchange after so many commands, made without any log.
///
/// # Panics
///
/// Never: each command of a drill is accepted.
#[must_use]
pub fn model(commands: u64) -> Exchange {
    let mut exchange = Exchange::new(genesis()).expect("Invariant: the genesis is sound");
    let mut events = Events::new();
    for sequence in 1..=commands {
        let done = exchange.apply(at(sequence), &command(sequence), &mut events);
        done.expect("Invariant: each command of a drill is accepted");
    }
    exchange
}
