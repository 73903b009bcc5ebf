//! When a marked command passed each stage: told to who asked and to who subscribed, and to nobody of the others.

use crate::support::{Stage, open};
use dce_engine::prelude::*;
use dce_runtime::{Durability, Mark, Options, Passage, PortOptions, Ticket};

fn mark(number: u64) -> Mark {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Mark(bytes)
}

/// Insists that each stage came after the one before it.
fn in_order(passage: Passage) {
    let Passage { taken, judged, commit, released, .. } = passage;
    assert!(taken <= judged && judged <= released);
    if let Some(commit) = commit {
        assert!(judged <= commit.begun && commit.begun <= commit.durable && commit.durable <= released);
    }
}

#[test]
fn a_marked_command_says_when_it_passed_each_stage_and_others_do_not() {
    let stage = Stage::open(Options { subscribers: 1, ..Options::default() });
    let (mut port, mut reader) = (stage.port(), stage.runtime.port(PortOptions { subscribe: true }));
    let sent = std::time::Instant::now();
    let [plain, marked, refused] = [
        port.submit(&open(1)),
        port.enqueue_marked(&open(2), Some(mark(2))),
        port.enqueue_marked(&OpenAccount::buyer(AccountId::PLATFORM).into(), Some(mark(3))),
    ]
    .map(|ticket| ticket.expect("there is room"));
    port.wake_writer();
    assert_eq!(port.wait(plain).expect("it was not polled").passage, None);
    let passage = port.wait(marked).expect("it was not polled").passage.expect("it was marked");
    assert!(passage.mark == mark(2) && passage.taken >= sent && passage.commit.is_some());
    in_order(passage);
    let refusal = port.wait(refused).expect("it was not polled");
    assert!(refusal.result.is_err());
    let of_refusal = refusal.passage.expect("it was marked");
    assert_eq!((of_refusal.mark, of_refusal.commit), (mark(3), None), "nothing of it is in the log");
    in_order(of_refusal);

    let handle = stage.runtime.handle();
    let answer = handle.submit_marked(&open(4), Some(mark(4))).expect("there is room").wait();
    in_order(answer.passage.filter(|passage| passage.mark == mark(4)).expect("it was marked"));
    assert_eq!(handle.submit(&open(5)).expect("there is room").wait().passage, None);

    let mut heard = Vec::new();
    while heard.len() < 4 {
        reader.wait_any(std::time::Duration::from_secs(5));
        while let Some(delivery) = reader.poll() {
            heard.push((delivery.sequence.0, delivery.passage.map(|passage| passage.mark)));
        }
    }
    assert_eq!(heard, [(1, None), (2, Some(mark(2))), (3, Some(mark(4))), (4, None)]);
}

#[test]
fn where_no_answer_waits_for_the_device_no_passage_tells_of_it() {
    let stage = Stage::open(Options { durability: Durability::None, ..Options::default() });
    let answer = stage.runtime.handle().submit_marked(&open(1), Some(mark(1))).expect("there is room").wait();
    let passage = answer.passage.expect("it was marked");
    assert_eq!(passage.commit, None);
    in_order(passage);
}

#[test]
fn each_of_many_has_its_own_passage_however_late_it_is_polled() {
    // Far more than lie ready in a port's ring: the others wait aside.
    let count = 3_000;
    let stage = Stage::open(Options { durability: Durability::None, ..Options::default() });
    let mut port = stage.port();
    for number in 1..=count {
        let mark = (number % 3 != 0).then(|| mark(number));
        port.enqueue_marked(&open(u128::from(number % 500) + 1), mark).expect("there is room");
    }
    port.wake_writer();
    stage.wait_judged(count);
    for number in 1..=count {
        let delivery = port.wait(Ticket(number)).expect("it was not polled");
        assert_eq!(delivery.passage.map(|passage| passage.mark), (number % 3 != 0).then(|| mark(number)));
    }
}
