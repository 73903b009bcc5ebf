//! `Durable`: the same promises on one thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dce_engine::prelude::*;
use dce_persistence::record::RecordCodec;
use dce_runtime::{Durability, Durable, DurableError, MemoryJournal, Refusal};

use crate::support::{LISTING, NOON, SELLER, exchange, open, opening};

fn durable() -> (MemoryJournal<RecordCodec>, Durable<MemoryJournal<RecordCodec>>) {
    let journal = MemoryJournal::new(RecordCodec::default());
    (journal.clone(), Durable::new(exchange(), journal))
}

#[test]
fn each_call_returns_when_its_command_is_durable() {
    let (journal, mut market) = durable();
    let mut events = Events::new();
    for (n, sequence) in (0..20).zip(1..) {
        let receipt = market.apply(NOON, &open(n), &mut events).expect("accepted");
        assert_eq!((receipt.sequence.0, journal.last_durable().0), (sequence, sequence));
        assert_eq!(events.len(), 2);
    }
    let repeat = market.apply(NOON, &open(3), &mut events).expect("a repeat");
    assert_eq!((repeat, events.len()), (Receipt { sequence: Sequence(4), repeated: true }, 2));
    let refused = market.apply(NOON, &OpenAccount::buyer(AccountId::WORLD).into(), &mut events);
    assert_eq!(refused, Err(DurableError::Refused(Refusal::Rejected(Reject::AccountReserved))));
    assert!(events.is_empty());
    assert_eq!(journal.syncs(), 20, "nothing is synced for what changes nothing");
    let (live, _) = market.close().expect("no fault");
    assert_eq!(journal.replay(exchange()).digest(), live.digest());
}

#[test]
fn many_commands_share_a_sync_and_are_told_after_it() {
    let (journal, mut market) = durable();
    let commands = (0..100).map(|n| if n == 50 { OpenAccount::buyer(AccountId::WORLD).into() } else { open(n) });
    let mut told = Vec::new();
    market
        .apply_all(NOON, commands, &mut |result, events| {
            assert_eq!(journal.last_durable(), Sequence(99));
            told.push((result.is_ok(), events.len()));
        })
        .expect("no fault");
    assert_eq!((told.len(), told[49], told[50], journal.syncs()), (100, (true, 2), (false, 0), 1));
}

#[test]
fn what_is_due_is_applied_logged_and_told_first() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (journal, market) = durable();
    let hears = Arc::clone(&heard);
    let mut market = market.on_tick(move |sequence, at, events| {
        hears.lock().expect("nobody panicked").push((sequence, at, events.to_vec()));
    });
    market.apply_all(NOON, opening(), &mut |result, _| assert!(result.is_ok())).expect("no fault");
    let mut events = Events::new();
    let offer = OfferCall::new(SELLER, CallId::at(NOON, 1), LISTING);
    market.apply(NOON, &offer.into(), &mut events).expect("accepted");
    let later = NOON + Seconds(20);
    let receipt = market.apply(later, &open(1), &mut events).expect("accepted");
    assert_eq!((receipt.sequence, events.len()), (Sequence(9), 2));
    let offer = OfferCall::new(SELLER, CallId::at(later, 2), LISTING);
    market.apply(later, &offer.into(), &mut events).expect("accepted");
    market.tick(later + Seconds(19)).expect("no fault");
    market.tick(later + Seconds(20)).expect("no fault");
    let heard = heard.lock().expect("nobody panicked");
    let ticks: Vec<_> = heard.iter().map(|(sequence, at, _)| (sequence.0, *at)).collect();
    assert_eq!(ticks, [(8, later), (11, later + Seconds(20))]);
    assert!(heard.iter().all(|(.., events)| events.iter().any(|event| matches!(event, Event::CallUnsold { .. }))));
    assert_eq!(journal.replay(exchange()).digest(), market.exchange().digest());
}

#[test]
fn after_a_fault_nothing_was_told_and_nothing_is_applied() {
    let (journal, mut market) = durable();
    let mut events = Events::new();
    market.apply(NOON, &open(1), &mut events).expect("accepted");
    journal.fail_sync_after(0);
    let mut told = 0;
    let failed = market.apply_all(NOON, [open(2), open(3)], &mut |_, _| told += 1);
    assert!(matches!(failed, Err(DurableError::Journal(_))));
    assert_eq!(market.apply(NOON, &open(4), &mut events), Err(DurableError::Failed));
    assert_eq!((told, journal.last_durable()), (0, Sequence(1)));
    assert!(market.close().is_err());
}

#[test]
fn a_batch_whose_commands_panic_half_way_ends_it() {
    let (journal, mut market) = durable();
    market.apply(NOON, &open(1), &mut Events::new()).expect("accepted");
    let commands = (2..9).map(|n| if n == 5 { panic!("a fault in the caller's iterator") } else { open(n) });
    let caught = catch_unwind(AssertUnwindSafe(|| market.apply_all(NOON, commands, &mut |_, _| {})));
    assert!(caught.is_err());
    assert_eq!((market.exchange().sequence(), journal.last_durable()), (Sequence(4), Sequence(1)));
    assert_eq!(market.apply(NOON, &open(9), &mut Events::new()), Err(DurableError::Failed));
    assert_eq!(market.tick(NOON), Err(DurableError::Failed));
    assert!(market.close().is_err(), "what was never in the journal is not given back as if it were");
}

#[test]
fn a_listener_that_panics_hears_of_what_is_durable_and_it_goes_on() {
    let (journal, mut market) = durable();
    let mut deaf = |_: Result<Receipt, Refusal>, _: &[Event]| panic!("a fault in the caller's code");
    let caught = catch_unwind(AssertUnwindSafe(|| market.apply_all(NOON, [open(1), open(2)], &mut deaf)));
    assert!(caught.is_err());
    assert_eq!(journal.last_durable(), Sequence(2));
    market.apply(NOON, &open(3), &mut Events::new()).expect("accepted");
    assert_eq!(journal.replay(exchange()).digest(), market.exchange().digest());
}

#[test]
fn a_full_journal_refuses_and_time_goes_on() {
    let (journal, mut market) = durable();
    let mut events = Events::new();
    market.apply_all(NOON, opening(), &mut |_, _| {}).expect("no fault");
    market.apply(NOON, &OfferCall::new(SELLER, CallId::at(NOON, 1), LISTING).into(), &mut events).expect("accepted");
    journal.set_room(false);
    let refused = market.apply(NOON + Seconds(20), &open(1), &mut events);
    assert_eq!(refused, Err(DurableError::Refused(Refusal::JournalFull)));
    assert_eq!(journal.last_durable(), Sequence(8), "the tick was written");
    assert!(events.is_empty(), "what the tick did is not the command's doing");
}

#[test]
fn other_promises_sync_later_or_at_the_end() {
    for durability in [Durability::None, Durability::Interval(Duration::from_secs(3_600))] {
        let (journal, market) = durable();
        let mut market = market.durability(durability);
        market.apply(NOON, &open(1), &mut Events::new()).expect("accepted");
        assert_eq!(journal.last_durable(), Sequence(0));
        market.close().expect("no fault");
        assert_eq!(journal.last_durable(), Sequence(1));
    }
    let (journal, market) = durable();
    let mut market = market.durability(Durability::Interval(Duration::ZERO));
    market.apply(NOON, &open(1), &mut Events::new()).expect("accepted");
    assert_eq!(journal.last_durable(), Sequence(1));
}

#[test]
fn the_hosts_clock_gives_the_time_to_those_who_have_none() {
    let (_, mut market) = durable();
    let at = market.now().expect("a new log");
    market.apply(at, &open(1), &mut Events::new()).expect("accepted");
    assert!(market.now().expect("no fault") >= at);
    let (mut begun, journal) = market.close().expect("no fault");
    begun.apply(at + Seconds(3_600), &open(2), &mut Events::new()).expect("accepted");
    assert!(Durable::new(begun, journal).now().is_err(), "the log ends an hour ahead of the host");
}
