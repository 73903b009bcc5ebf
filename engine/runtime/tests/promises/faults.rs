//! What happens when the journal stalls, fails or is full, when an end is asked for, and when the start cannot be.

use std::time::Duration;

use dce_engine::prelude::*;
use dce_persistence::record::RecordCodec;
use dce_runtime::{
    Busy, ClockFault, Durability, Failure, MemoryJournal, Options, Refusal, Runtime, SpawnError, Ticket,
};

use crate::support::{BUYER, LISTING, NOON, PROFILE, SELLER, Stage, accept, exchange, open, opening, wait_until};

#[test]
fn a_stalled_journal_fills_what_is_bounded_and_nothing_is_lost_when_it_goes_on() {
    for (options, wanted) in [
        (Options { in_flight_max: 500, ..Options::default() }, Busy::InFlightFull { limit: 500 }),
        // The batch and the ring are full long before that.
        (
            Options { in_flight_max: u32::MAX / 1_024, ring_bytes: 0, batch_bytes: 0, ..Options::default() },
            Busy::Stopping,
        ),
    ] {
        let stage = Stage::open(options);
        let mut port = stage.port();
        stage.journal.hold();
        let mut submitted = 0;
        let busy = loop {
            let command = if submitted < 100 { open(submitted) } else { OpenAccount::buyer(AccountId::WORLD).into() };
            match port.submit(&command) {
                Ok(_) => submitted += 1,
                // What the writer still takes out of the ring makes room; in the end there is none.
                Err(Busy::RingFull { .. }) if stage.runtime.gauges().unanswered() < 16_384 => std::thread::yield_now(),
                Err(busy) => break busy,
            }
        };
        assert!(busy.is_transient());
        match (wanted, busy) {
            (Busy::Stopping, Busy::RingFull { free, needed }) => assert!(free < needed),
            (wanted, busy) => assert_eq!(wanted, busy),
        }
        assert!(port.poll().is_none(), "nothing is durable");
        stage.journal.release();
        for n in 1..=submitted {
            port.wait_any(Duration::from_secs(60));
            let delivery = port.poll().expect("there is something");
            assert_eq!((u128::from(delivery.ticket.expect("its own").0), delivery.result.is_ok()), (n, n <= 100));
        }
        accept(&mut port, &open(200));
    }
}

#[test]
fn a_failed_journal_releases_nothing_undurable_and_says_so_to_all() {
    for (after, fails_sync) in [(0, true), (3, true), (0, false), (3, false)] {
        let stage = Stage::open(Options { subscribers: 1, ..Options::default() });
        let (mut port, mut subscriber, handle) = (stage.port(), stage.subscriber(), stage.runtime.handle());
        for command in opening() {
            accept(&mut port, &command);
        }
        if fails_sync {
            stage.journal.fail_sync_after(after);
        } else {
            stage.journal.fail_append_after(after);
        }
        let (mut submitted, mut pending) = (0, Vec::new());
        let pause = PauseProfile::new(BUYER, PROFILE).into();
        let resume = ResumeProfile::new(BUYER, PROFILE).into();
        while let Ok(Ticket(number)) = port.submit(if submitted % 2 == 0 { &pause } else { &resume }) {
            submitted = number;
            pending.extend(handle.submit(&open(0)));
            if port.in_flight() > 50 {
                port.wait_any(Duration::from_secs(60));
                while port.poll().is_some_and(|delivery| delivery.result.is_ok()) {}
            }
        }
        let Err(Failure::Journal(fault)) = stage.runtime.wait() else { panic!("the journal failed") };
        assert_eq!(fault.cause, "a scripted fault");
        let durable = stage.journal.last_durable();
        while let Some(delivery) = port.poll() {
            assert!(delivery.sequence <= durable);
            assert!(delivery.result.is_ok() || delivery.result == Err(Refusal::JournalFailed));
        }
        assert_eq!(port.in_flight(), 0, "everything submitted was answered");
        for pending in pending {
            let answer = pending.wait();
            let is_durable = answer.result.is_ok_and(|receipt| receipt.sequence <= durable);
            assert!(is_durable || answer.result == Err(Refusal::JournalFailed));
        }
        while let Some(delivery) = subscriber.poll() {
            assert!(delivery.sequence <= durable);
        }
        assert!(stage.runtime.views().sequence() <= durable);
        assert_eq!(port.submit(&open(1)), Err(Busy::Stopping));
        assert!(handle.submit(&open(1)).is_err() && handle.failure().is_some() && handle.has_ended());
        assert!(stage.runtime.shutdown().is_err());
    }
}

#[test]
fn a_failed_journal_also_ends_a_runtime_that_waits_for_nothing() {
    let stage = Stage::open(Options { durability: Durability::None, ..Options::default() });
    let mut port = stage.port();
    stage.journal.fail_append_after(0);
    accept_or_stop(&mut port);
    assert!(matches!(stage.runtime.wait(), Err(Failure::Journal(_))));
}

fn accept_or_stop(port: &mut dce_runtime::Port) {
    if let Ok(ticket) = port.submit(&open(1)) {
        let answer = port.wait(ticket).expect("it was not polled").result;
        assert!(answer.is_ok() || answer == Err(Refusal::JournalFailed));
    }
}

#[test]
fn a_full_journal_refuses_commands_and_time_goes_on() {
    let stage = Stage::open(Options::default());
    let mut port = stage.port();
    for command in opening() {
        accept(&mut port, &command);
    }
    accept(&mut port, &OfferCall::new(SELLER, CallId::at(NOON, 1), LISTING).into());
    stage.journal.set_room(false);
    let refused = |port: &mut dce_runtime::Port| {
        let ticket = port.submit(&open(1)).expect("there is room in the ring");
        port.wait(ticket).expect("it was not polled").result
    };
    wait_until(|| refused(&mut port) == Err(Refusal::JournalFull));
    // A repeat is not looked at either.
    let repeat = port.submit(&opening()[0]).expect("there is room in the ring");
    let answer = port.wait(repeat).expect("it was not polled").result;
    assert_eq!(answer, Err(Refusal::JournalFull));
    stage.clock.advance(Duration::from_secs(20));
    wait_until(|| stage.runtime.gauges().ticks() == 1);
    stage.journal.set_room(true);
    wait_until(|| refused(&mut port).is_ok());
}

#[test]
fn an_orderly_end_finishes_what_was_submitted() {
    let stage = Stage::open(Options::default());
    let mut port = stage.port();
    stage.journal.hold();
    for n in 0..200 {
        port.submit(&open(n)).expect("there is room");
    }
    stage.runtime.stop();
    assert_eq!(port.submit(&open(500)), Err(Busy::Stopping));
    stage.journal.release();
    let stopped = stage.runtime.shutdown().expect("an orderly end");
    assert_eq!((stopped.sequence, stopped.digest), (Sequence(200), stopped.exchange.digest()));
    assert_eq!(stage.journal.replay(exchange()).digest(), stopped.digest);
    for n in 1..=200 {
        let delivery = port.poll().expect("it was answered before the end");
        assert_eq!((delivery.ticket, delivery.result.is_ok()), (Some(Ticket(n)), true));
    }
    assert!(port.poll().is_none());
}

#[test]
fn what_a_port_that_does_not_poll_is_owed_is_there_after_the_end() {
    let stage = Stage::open(Options { delivery_events: 0, ..Options::default() });
    let mut port = stage.port();
    for n in 0..2_000 {
        port.submit(&open(n % 200)).expect("there is room");
    }
    drop(stage.runtime);
    for n in 1..=2_000 {
        let delivery = port.poll().expect("it was answered before the end");
        assert_eq!((delivery.ticket, delivery.events.len()), (Some(Ticket(n)), 2));
    }
    assert!(port.poll().is_none() && port.wait_any(Duration::from_secs(60)));
}

#[test]
fn a_waiting_port_is_woken_by_the_end() {
    let stage = Stage::open(Options::default());
    let mut port = stage.subscriber();
    let waiting = std::thread::spawn(move || {
        port.wait_any(Duration::from_secs(60));
        port.poll().is_none()
    });
    drop(stage.runtime);
    assert!(waiting.join().expect("no panic"));
}

#[test]
fn quarantined_bytes_are_refused_unseen() {
    use dce_runtime::{Codec, Journal};
    let mut journal = MemoryJournal::new(RecordCodec::default());
    let mut record = Vec::new();
    journal.codec().encode(&open(3), &mut record);
    journal.quarantine(&record).expect("no fault was scripted");
    let stage = Stage::go_on(Options::default(), exchange(), journal, NOON);
    let mut port = stage.port();
    for (n, expected) in [(2, Ok(Sequence(1))), (3, Err(Refusal::Quarantined)), (4, Ok(Sequence(2)))] {
        let ticket = port.submit(&open(n)).expect("there is room");
        let result = port.wait(ticket).expect("it was not polled").result;
        assert_eq!(result.map(|receipt| receipt.sequence), expected);
    }
}

#[test]
fn a_clock_that_needs_an_operator_stops_the_start() {
    let mut begun = exchange();
    begun.apply(NOON, &open(1), &mut Events::new()).expect("accepted");
    let start = |exchange: &Exchange, at, accept_clock| {
        let clock = Box::new(dce_runtime::ManualClock::at(at));
        let options = Options { clock, accept_clock, ..Options::default() };
        Runtime::spawn(exchange.clone(), MemoryJournal::new(RecordCodec::default()), options)
    };
    let early = Timestamp::from_micros(NOON.micros() - 1_000_001);
    assert!(matches!(start(&begun, early, false), Err(SpawnError::Clock(ClockFault::Behind { .. }))));
    let late = NOON + Seconds(86_401);
    assert!(matches!(start(&begun, late, false), Err(SpawnError::Clock(ClockFault::LongStop { .. }))));
    for at in [early, late] {
        let runtime = start(&begun, at, true).expect("the operator has accepted it");
        let answer = runtime.handle().submit(&open(2)).expect("there is room").wait();
        assert_eq!(answer.at, at.max(NOON), "time goes on from the log, or moves forward at once");
    }
}

#[test]
fn a_processor_that_is_not_there_stops_the_start() {
    let options = Options { pin_writer: Some(1_000), ..Options::default() };
    let spawned = Runtime::spawn(exchange(), MemoryJournal::new(RecordCodec::default()), options);
    assert!(matches!(spawned, Err(SpawnError::Pin { core: 1_000, .. })));
}

#[test]
fn a_pinned_writer_on_huge_pages_works_as_any() {
    let options = Options { pin_writer: Some(0), huge_pages: true, ..Options::default() };
    let stage = Stage::open(options);
    let mut port = stage.port();
    accept(&mut port, &open(1));
    assert_eq!(stage.runtime.shutdown().expect("an orderly end").sequence, Sequence(1));
}
