//! Who hears what, and when: tickets, order, the gate, subscriptions, wake-ups.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::support::{BUYER, LISTING, NOON, PROFILE, SELLER, SESSION, Stage, accept, open, opening, wait_until};
use dce_engine::prelude::*;
use dce_runtime::{Durability, Options, PortOptions, Refusal, Ticket};

#[test]
fn an_answer_never_leaves_before_it_is_durable() {
    let stage = Stage::open(Options::default());
    let mut port = stage.port();
    let handle = stage.runtime.handle();
    stage.journal.hold();
    let ticket = port.submit(&open(1)).expect("there is room");
    let pending = handle.submit(&open(2)).expect("there is room");
    stage.wait_judged(2);
    assert!(port.poll().is_none() && stage.runtime.views().sequence() == Sequence(0));
    let pending = pending.wait_for(Duration::from_millis(5)).expect_err("it is not durable");
    stage.journal.release();
    let sequence = port.wait(ticket).expect("it was not polled").sequence;
    assert!(sequence <= stage.journal.last_durable());
    let answer = pending.wait();
    assert!(answer.sequence <= stage.journal.last_durable());
    assert_eq!(answer.events.len(), 2);
}

#[test]
fn refusals_and_repeats_wait_for_the_state_they_rest_on() {
    let stage = Stage::open(Options::default());
    let mut port = stage.port();
    stage.journal.hold();
    let other_body = OpenAccount::buyer(AccountId(101)).into();
    for command in [&open(1), &open(1), &other_body] {
        port.submit(command).expect("there is room");
    }
    stage.wait_judged(3);
    assert!(port.poll().is_none());
    stage.journal.release();
    wait_until(|| port.poll().is_some_and(|first| first.result.is_ok_and(|receipt| !receipt.repeated)));
    let repeat = port.wait(Ticket(2)).expect("it was not polled");
    assert_eq!(repeat.result, Ok(Receipt { sequence: Sequence(1), repeated: true }));
    assert_eq!(repeat.events.len(), 2, "the engine's answer to a repeat comes with it");
    let refusal = port.wait(Ticket(3)).expect("it was not polled");
    assert_eq!((refusal.result, refusal.sequence), (Err(Refusal::Rejected(Reject::IdConflict)), Sequence(1)));
    assert!(refusal.events.is_empty());
}

#[test]
fn what_rests_on_durable_state_does_not_wait_for_the_device() {
    let stage = Stage::open(Options::default());
    let mut port = stage.port();
    accept(&mut port, &open(1));
    stage.journal.hold();
    let refused = port.submit(&OpenAccount::buyer(AccountId::PLATFORM).into()).expect("there is room");
    let refusal = port.wait(refused).expect("it was not polled").result;
    assert_eq!(refusal, Err(Refusal::Rejected(Reject::AccountReserved)));
    stage.journal.release();
}

#[test]
fn without_durability_nobody_waits_for_the_device() {
    for durability in [Durability::None, Durability::Interval(Duration::from_millis(1))] {
        let stage = Stage::open(Options { durability, ..Options::default() });
        let mut port = stage.port();
        stage.journal.hold();
        assert_eq!(accept(&mut port, &open(1)).sequence, Sequence(1));
        assert_eq!(stage.journal.last_durable(), Sequence(0));
        stage.journal.release();
        if durability != Durability::None {
            wait_until(|| stage.journal.last_durable() == Sequence(1));
        }
        accept(&mut port, &open(2));
        stage.runtime.shutdown().expect("an orderly end");
        assert_eq!(stage.journal.last_durable(), Sequence(2), "an orderly end is durable");
    }
}

#[test]
fn a_port_hears_its_answers_in_the_order_of_submitting() {
    let stage = Stage::open(Options::default());
    let mut port = stage.port();
    let (mut submitted, mut answered) = (0, 0);
    while answered < 3_000 {
        while submitted < 3_000 && port.in_flight() < 100 {
            submitted += 1;
            // Every third is refused.
            let account = if submitted % 3 == 0 { AccountId::WORLD } else { AccountId(1_000 + submitted % 90) };
            let ticket = port.submit(&OpenAccount::buyer(account).into()).expect("there is room");
            assert_eq!(u128::from(ticket.0), submitted);
        }
        port.wait_any(Duration::from_secs(60));
        while let Some(delivery) = port.poll() {
            answered += 1;
            assert_eq!(delivery.ticket, Some(Ticket(answered)));
            assert_eq!(delivery.result.is_err(), answered % 3 == 0);
        }
    }
    assert_eq!((port.in_flight(), port.wait(Ticket(3_000)).is_none()), (0, true));
}

#[test]
fn a_subscriber_hears_every_accepted_command_and_every_tick_without_a_gap() {
    let stage = Stage::open(Options { subscribers: 1, ..Options::default() });
    let mut early = stage.subscriber();
    assert_eq!(early.since(), Sequence(0));
    let mut port = stage.port();
    for command in opening() {
        accept(&mut port, &command);
    }
    let mut late = stage.subscriber();
    assert_eq!(late.since(), Sequence(6));
    let refused = port.submit(&open(0)).and_then(|_| port.submit(&OpenAccount::buyer(AccountId(100)).into()));
    let refused = refused.expect("there is room");
    assert!(port.wait(refused).expect("it was not polled").result.is_err());
    accept(&mut port, &OfferCall::new(SELLER, CallId::at(NOON, 1), LISTING).into());
    // The destination does not answer.
    stage.clock.advance(Duration::from_secs(20));
    let mut heard = Vec::new();
    while heard.len() < 9 {
        early.wait_any(Duration::from_secs(60));
        while let Some(delivery) = early.poll() {
            assert_eq!((delivery.ticket, delivery.missed), (None, 0));
            assert!(delivery.result.is_ok_and(|receipt| receipt.sequence == delivery.sequence));
            heard.push((delivery.sequence.0, delivery.events.len()));
        }
    }
    assert_eq!(heard.iter().map(|(sequence, _)| *sequence).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>());
    assert!(heard[8].1 >= 3, "the tick says that nobody answered, and that the call is unsold");
    for sequence in 7..=9 {
        late.wait_any(Duration::from_secs(60));
        assert_eq!(late.poll().map(|delivery| delivery.sequence.0), Some(sequence));
    }
    wait_until(|| stage.runtime.gauges().ticks() == 1);
}

#[test]
fn a_subscriber_that_does_not_poll_misses_others_and_never_its_own() {
    let stage = Stage::open(Options { delivery_events: 512, subscribers: 1, ..Options::default() });
    let (mut lazy, mut busy) = (stage.subscriber(), stage.port());
    for n in 0..40 {
        lazy.submit(&open(1_000 + n)).expect("there is room");
    }
    wait_until(|| stage.runtime.gauges().answered() >= 40);
    for command in opening() {
        accept(&mut busy, &command);
    }
    for n in 0..6_000 {
        let command = if n % 2 == 0 {
            PauseProfile::new(BUYER, PROFILE).into()
        } else {
            ResumeProfile::new(BUYER, PROFILE).into()
        };
        // Nobody waits for the lazy one.
        let ticket = busy.submit(&command).expect("there is room");
        busy.wait(ticket);
    }
    let accepted = stage.runtime.gauges().accepted();
    let (mut own, mut heard, mut missed, mut last) = (0, 0, 0, 0);
    let mine = lazy.submit(&open(2_000)).expect("there is room");
    loop {
        lazy.wait_any(Duration::from_secs(60));
        let delivery = lazy.poll().expect("there is something");
        missed += u64::from(delivery.missed);
        heard += 1;
        assert_eq!(delivery.sequence.0, last + u64::from(delivery.missed) + 1, "what is missing is said");
        last = delivery.sequence.0;
        own += u64::from(delivery.ticket.is_some());
        if delivery.ticket == Some(mine) {
            break;
        }
    }
    assert_eq!((own, heard + missed), (41, accepted + 1));
    assert!(missed > 0 && stage.runtime.gauges().missed() == missed, "{missed}");
}

#[test]
fn an_invitation_comes_with_the_facts_of_the_call() {
    let stage = Stage::open(Options::default());
    let (mut port, mut subscriber) = (stage.port(), stage.subscriber());
    let age = AttributeId(0);
    accept(&mut port, &DeclareAttribute::integer(age, "age", 0, 0, 120).into());
    for command in opening() {
        accept(&mut port, &command);
    }
    let call = CallId::at(NOON, 1);
    let offer = OfferCall::new(SELLER, call, LISTING).number(age, 44).window(Millis(80));
    accept(&mut port, &offer.into());
    let bid = PlaceBid::new((BUYER, PROFILE), (SELLER, call), usd("20"), Stamp::new(SESSION, 1));
    accept(&mut port, &bid.into());
    let mut invitations = Vec::new();
    for _ in 0..9 {
        subscriber.wait_any(Duration::from_secs(60));
        let delivery = subscriber.poll().expect("there is something");
        let is_invited = delivery.events.iter().any(|event| matches!(event, Event::BidderInvited { .. }));
        assert_eq!(is_invited, delivery.invitation.is_some());
        invitations.extend(delivery.invitation.map(|invitation| (invitation.listing, invitation.facts.to_vec())));
    }
    assert_eq!(invitations, [(LISTING, vec![Fact::number(age, 44)])]);
}

#[test]
fn a_task_is_woken_once_for_what_is_published_together_and_never_forgotten() {
    struct Counter(AtomicU64);
    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let stage = Stage::open(Options::default());
    let mut port = stage.port();
    let counter = Arc::new(Counter(AtomicU64::new(0)));
    let waker = Waker::from(Arc::clone(&counter));
    for round in 1..=50 {
        assert_eq!(port.ready(&mut Context::from_waker(&waker)), Poll::Pending);
        stage.journal.hold();
        for n in 0..10 {
            port.submit(&open(n)).expect("there is room");
        }
        stage.wait_judged(round * 10);
        stage.journal.release();
        wait_until(|| counter.0.load(Ordering::SeqCst) == round);
        assert_eq!(port.ready(&mut Context::from_waker(&waker)), Poll::Ready(()));
        for _ in 0..10 {
            wait_until(|| port.poll().is_some());
        }
    }
}

#[test]
fn a_waker_that_panics_hurts_only_its_caller() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a fault in a caller's executor");
        }
    }
    let stage = Stage::open(Options::default());
    let (mut faulty, mut other, handle) = (stage.port(), stage.port(), stage.runtime.handle());
    let waker = Waker::from(Arc::new(Panics));
    stage.journal.hold();
    let mut pending = pin!(handle.submit(&open(1)).expect("there is room"));
    assert!(pending.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let ticket = faulty.submit(&open(2)).expect("there is room");
    assert_eq!(faulty.ready(&mut Context::from_waker(&waker)), Poll::Pending);
    let theirs = other.submit(&open(3)).expect("there is room");
    stage.journal.release();
    assert!(other.wait(theirs).is_some_and(|delivery| delivery.result.is_ok()));
    // The faulty ones were not woken, and are answered all the same once they ask.
    assert!(faulty.wait(ticket).is_some_and(|delivery| delivery.result.is_ok()));
    assert!(pending.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    accept(&mut faulty, &open(4));
    assert_eq!(stage.runtime.shutdown().expect("an orderly end").sequence, Sequence(4));
}

#[test]
fn a_ticket_can_be_awaited() {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let stage = Stage::open(Options::default());
    let handle = stage.runtime.handle();
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    for n in 0..100 {
        let mut pending = pin!(handle.submit(&open(n)).expect("there is room"));
        let answer = loop {
            match pending.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(answer) => break answer,
                Poll::Pending => std::thread::park(),
            }
        };
        assert_eq!(answer.sequence.0, u64::try_from(n).expect("small") + 1);
    }
}

#[test]
fn handles_on_many_threads_share_one_way_in() {
    let stage = Stage::open(Options::default());
    std::thread::scope(|scope| {
        for thread in 0..4_u128 {
            let handle = stage.runtime.handle();
            scope.spawn(move || {
                for n in 0..50 {
                    let answer = handle.submit(&open(1_000 * thread + n)).expect("there is room").wait();
                    let account = AccountId(100 + 1_000 * thread + n);
                    assert!(
                        matches!(answer.events[0], Event::AccountOpened { account: opened, .. } if opened == account)
                    );
                    let views = handle.views_at(answer.sequence, Duration::MAX).expect("they come");
                    assert!(views.account(account).is_some(), "a reader sees its own write");
                }
            });
        }
    });
    assert_eq!(stage.runtime.gauges().accepted(), 200);
}

#[test]
fn what_a_dropped_port_submitted_is_applied_and_its_ring_is_given_back() {
    let stage = Stage::open(Options::default());
    let before = stage.runtime.gauges().ports();
    for n in 0..300 {
        let mut port = stage.runtime.port(PortOptions { subscribe: n % 2 == 0 });
        port.submit(&open(n % 150)).expect("there is room");
    }
    stage.wait_judged(300);
    wait_until(|| stage.runtime.gauges().ports() == before);
    assert_eq!((stage.runtime.gauges().accepted(), stage.runtime.gauges().repeated()), (150, 150));
}

#[test]
fn a_command_longer_than_the_engine_takes_reaches_it_cut_and_is_refused() {
    let stage = Stage::open(Options::default());
    let mut port = stage.port();
    // The codec cuts what is beyond every limit of the engine, so that the engine can refuse it.
    let values: Vec<ValueCode> = (1..=5_000).map(ValueCode).collect();
    let chunk = LoadValueSet::chunk(ValueSetId(0), AttributeId(0), 5_000, 0, &values);
    let ticket = port.submit(&chunk.into()).expect("its record is within the ring's limit");
    let refusal = port.wait(ticket).expect("it was not polled").result;
    assert_eq!(refusal, Err(Refusal::Rejected(Reject::CommandTooLarge)));
}

#[test]
fn what_was_enqueued_without_a_wake_is_answered() {
    let stage = Stage::open(Options::default());
    let mut port = stage.port();
    for n in 0..50 {
        // The writer sleeps by then; nobody wakes it.
        std::thread::sleep(Duration::from_millis(2));
        let ticket = port.enqueue(&open(n)).expect("there is room");
        assert!(port.wait_any(Duration::from_secs(60)), "the writer sleeps on");
        assert!(port.poll().is_some_and(|delivery| delivery.ticket == Some(ticket) && delivery.result.is_ok()));
    }
}
