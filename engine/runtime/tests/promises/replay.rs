//! The exchange on threads is the exchange alone: same events, same digest, same picture, whatever the threads did.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dce_engine::prelude::*;
use dce_persistence::record::RecordCodec;
use dce_runtime::{MemoryJournal, Options, PortOptions, Refusal, Views};
use dce_tests::bridge::{self, Frame};
use dce_tests::pair::Pair;
use dce_tests::twin::action::Action;
use dce_tests::workload::{Random, Variant, Workload};

use crate::support::{Stage, wait_until};

/// Every account and every call, and nothing else.
fn assert_shows(views: &Views, exchange: &Exchange) {
    assert_eq!((views.sequence(), views.at()), (exchange.sequence(), exchange.last_time()));
    let accounts: BTreeMap<_, _> = views.accounts().collect();
    let expected: BTreeMap<_, _> =
        exchange.account_ids().map(|id| (id, exchange.account(id).expect("listed"))).collect();
    assert_eq!((accounts, views.accounts_count()), (expected.clone(), expected.len()));
    let calls: BTreeMap<_, _> = views.calls().map(|(seller, call, view)| ((seller, call), view)).collect();
    let expected: BTreeMap<_, _> = exchange
        .call_ids()
        .map(|(seller, call)| ((seller, call), exchange.call(seller, call).expect("listed")))
        .collect();
    assert_eq!((calls, views.calls_count()), (expected.clone(), expected.len()));
}

#[test]
fn one_port_in_step_with_a_plain_exchange_gets_the_same_answers_and_events() {
    for (seed, variant) in Variant::ALL.into_iter().enumerate() {
        let seed = seed as u64;
        let (mut workload, mut pair) = (Workload::new(variant, seed), Pair::new(variant.capacities(), seed.into()));
        let genesis = *pair.engine.genesis();
        let fresh = || Exchange::new(genesis).expect("the limits are possible");
        let (start, first) = workload.next(&pair.twin);
        let journal = MemoryJournal::new(RecordCodec::default());
        let stage = Stage::go_on(Options { subscribers: 1, ..Options::default() }, fresh(), journal, start);
        let (mut port, mut subscriber) = (stage.port(), stage.subscriber());
        let (mut next, mut now) = (Some((start, first)), start);
        let mut picked = fresh();
        let (mut applied, mut ticked) = (0, Vec::new());
        while applied < 1_500 {
            let (at, action) = next.take().unwrap_or_else(|| workload.next(&pair.twin));
            // A runtime's time neither goes back nor ends.
            if at > Timestamp::MAX {
                continue;
            }
            let at = at.max(now);
            now = at;
            stage.clock.advance_to(at);
            while pair.twin.next_deadline().is_some_and(|deadline| deadline <= at) {
                ticked.push(pair.apply(at, &Action::Tick).expect("it is due").outcomes);
            }
            if action == Action::Tick {
                // Nobody asks for anything: it ticks by itself.
                wait_until(|| stage.runtime.gauges().applied() == pair.engine.sequence());
                continue;
            }
            applied += 1;
            let expected = pair.apply(at, &action);
            let frame = Frame::of(&action);
            let ticket = port.submit(&frame.command()).expect("there is room");
            let delivery = port.wait(ticket).expect("it was not polled");
            let outcomes: Vec<_> = delivery.events.iter().map(bridge::outcome).collect();
            match expected {
                Ok(answer) => {
                    let receipt = Receipt { sequence: Sequence(answer.sequence), repeated: answer.repeated };
                    assert_eq!((delivery.result, outcomes), (Ok(receipt), answer.outcomes), "{action:?}");
                    assert_eq!(delivery.at, at);
                }
                Err(code) => {
                    assert_eq!(delivery.result.map_err(Refusal::code), Err(code), "{action:?}");
                    assert_eq!(delivery.sequence, pair.engine.sequence());
                }
            }
            if applied == 700 {
                picked = pair.engine.clone();
            }
            if applied % 300 == 0 {
                let last = pair.engine.sequence();
                let handle = stage.runtime.handle();
                let views = handle.views_at(last, Duration::from_secs(60)).expect("they come");
                assert_shows(&views, &pair.engine);
                assert_shows(&Views::of(&picked), &picked);
            }
        }
        let (mut heard, mut last) = (Vec::new(), 0);
        while last < pair.engine.sequence().0 {
            subscriber.wait_any(Duration::from_secs(60));
            let delivery = subscriber.poll().expect("there is something");
            last += 1;
            assert_eq!((delivery.sequence.0, delivery.missed), (last, 0));
            heard.push(delivery.events.iter().map(bridge::outcome).collect::<Vec<_>>());
        }
        let mut rest = heard.iter();
        assert!(ticked.iter().all(|tick| rest.any(|heard| heard == tick)), "every tick was heard, in order");
        let stopped = stage.runtime.shutdown().expect("an orderly end");
        assert_eq!(stopped.digest, pair.engine.digest());
        assert_eq!(stage.journal.replay(fresh()).digest(), stopped.digest);
    }
}

#[test]
fn views_folded_from_a_picture_in_the_middle_show_the_end() {
    for (seed, variant) in Variant::ALL.into_iter().enumerate() {
        let seed = 100 + seed as u64;
        let (mut workload, mut pair) = (Workload::new(variant, seed), Pair::new(variant.capacities(), seed.into()));
        let mut commands = 0;
        while commands < 1_200 {
            let (at, action) = workload.next(&pair.twin);
            commands += u64::from(pair.apply(at, &action).is_ok());
        }
        // A runtime that begins here, as after a restart.
        let journal = MemoryJournal::new(RecordCodec::default());
        let begun = pair.engine.clone();
        let mut now = pair.engine.last_time();
        let stage = Stage::go_on(Options::default(), begun, journal, now);
        let mut port = stage.port();
        while commands < 2_400 {
            let (at, action) = workload.next(&pair.twin);
            if at > Timestamp::MAX {
                continue;
            }
            let at = at.max(now);
            now = at;
            stage.clock.advance_to(at);
            while pair.twin.next_deadline().is_some_and(|deadline| deadline <= at) {
                pair.apply(at, &Action::Tick).expect("it is due");
            }
            if action == Action::Tick {
                wait_until(|| stage.runtime.gauges().applied() == pair.engine.sequence());
                continue;
            }
            commands += 1;
            let _ = pair.apply(at, &action);
            let ticket = port.submit(&Frame::of(&action).command()).expect("there is room");
            port.wait(ticket);
        }
        let sequence = pair.engine.sequence();
        let views = stage.runtime.handle().views_at(sequence, Duration::from_secs(60)).expect("they come");
        assert_shows(&views, &pair.engine);
    }
}

/// Actions that make sense in one order, to be sent in many.
fn recorded(variant: Variant, seed: u64, actions: usize) -> (Exchange, Vec<Action>) {
    let (mut workload, mut pair) = (Workload::new(variant, seed), Pair::new(variant.capacities(), seed.into()));
    let fresh = pair.engine.clone();
    let mut recorded = Vec::new();
    while recorded.len() < actions {
        let (at, action) = workload.next(&pair.twin);
        let _ = pair.apply(at, &action);
        recorded.push(action);
    }
    (fresh, recorded)
}

#[test]
fn whatever_the_threads_do_the_log_replays_to_the_same_exchange() {
    let start = Timestamp::from_seconds(1_772_956_000);
    for seed in 0..12 {
        let mut random = Random::new(seed);
        let variant = random.one(&[Variant::Market, Variant::Failing, Variant::Crowd, Variant::Tiny]);
        let (fresh, actions) = recorded(variant, seed, 1_500);
        let options = Options {
            subscribers: 1,
            in_flight_max: random.one(&[3, 40, 4_096]),
            ring_bytes: random.one(&[0, 1 << 20]),
            batch_bytes: random.one(&[0, 1 << 20]),
            delivery_events: random.one(&[0, 16_384]),
            ..Options::default()
        };
        let journal = MemoryJournal::new(RecordCodec::default());
        let stage = Stage::go_on(options, fresh.clone(), journal, start);
        let mut subscriber = stage.subscriber();
        let last = Arc::new(AtomicU64::new(0));
        let threads = random.between(1, 4) as usize;
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let (mut port, mut random) =
                    (stage.runtime.port(PortOptions::default()), Random::new(seed << 8 | thread as u64));
                let (actions, clock, journal, last) = (&actions, &stage.clock, &stage.journal, &last);
                scope.spawn(move || {
                    let mut expected = 0;
                    let mut hear = |port: &mut dce_runtime::Port| {
                        while let Some(delivery) = port.poll() {
                            expected += 1;
                            assert_eq!(delivery.ticket.map(|ticket| ticket.0), Some(expected));
                            assert!(delivery.sequence <= journal.last_durable(), "answered before it was durable");
                            last.fetch_max(delivery.sequence.0, Ordering::SeqCst);
                        }
                    };
                    for action in actions.iter().skip(thread).step_by(threads) {
                        if random.percent(3) {
                            clock.advance(Duration::from_micros(random.below(2_000_000)));
                        }
                        while port.submit(&Frame::of(action).command()).is_err_and(|busy| busy.is_transient()) {
                            port.wait_any(Duration::from_millis(1));
                            hear(&mut port);
                        }
                        if random.percent(20) {
                            hear(&mut port);
                        }
                    }
                    while port.in_flight() > 0 {
                        port.wait_any(Duration::from_secs(60));
                        hear(&mut port);
                    }
                });
            }
        });
        // Nobody submits any more and nothing falls due while the clock stands.
        let views = stage.runtime.handle().views_at(Sequence(last.load(Ordering::SeqCst)), Duration::from_secs(60));
        assert!(views.is_some());
        let stopped = stage.runtime.shutdown().expect("an orderly end");
        assert_eq!(stage.journal.replay(fresh).digest(), stopped.digest, "seed {seed}");
        assert_eq!(stopped.exchange.check(), Ok(()));
        let (mut heard, mut missed) = (0, 0);
        while let Some(delivery) = subscriber.poll() {
            (heard, missed) = (heard + 1, missed + u64::from(delivery.missed));
            assert_eq!(delivery.sequence.0, heard + missed, "seed {seed}");
        }
        assert!(heard + missed <= stopped.sequence.0);
    }
}

#[test]
fn a_reader_that_keeps_a_picture_delays_nobody_and_sees_it_unchanged() {
    let stage = Stage::open(Options::default());
    let mut port = stage.port();
    for command in crate::support::opening() {
        crate::support::accept(&mut port, &command);
    }
    let handle = stage.runtime.handle();
    let kept = handle.views_at(Sequence(6), Duration::from_secs(60)).expect("they come");
    let before: BTreeMap<_, _> = kept.accounts().collect();
    for n in 0..200 {
        crate::support::accept(&mut port, &crate::support::open(n));
    }
    // The picture is still held: the newest comes all the same.
    wait_until(|| handle.views().sequence() == Sequence(206));
    assert_eq!((kept.sequence(), kept.accounts().collect::<BTreeMap<_, _>>()), (Sequence(6), before));
    assert_eq!((kept.accounts_count(), handle.views().accounts_count()), (4, 204));
}
