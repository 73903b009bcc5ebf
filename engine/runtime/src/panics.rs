//! What happens when a broken invariant makes `apply` panic. Tests only: no command is known to do it, so one is poisoned.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use dce_engine::commands::{Command, OpenAccount, OpenSession, Tick};
use dce_engine::ids::{AccountId, Sequence, SessionId};
use dce_engine::prelude::{Exchange, Genesis, Limits, USD, usd};

use crate::codec::{Codec, CodecError};
use crate::delivery::delivery;
use crate::handle::{Handle, Hub};
use crate::memory::MemoryJournal;
use crate::options::Options;
use crate::port::{Port, PortOptions, Sender};
use crate::publisher::tests::{publisher, refusal};
use crate::refusal::{Busy, Refusal};
use crate::ring::byte_ring;
use crate::runtime::Runtime;
use crate::shared::Failure;
use crate::sinks::{Sink, Sinks, Way};

/// Knows three commands: the codec to use lives in a crate above this one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain;

impl Codec for Plain {
    fn encode(&mut self, command: &Command<'_>, record: &mut Vec<u8>) {
        match command {
            Command::OpenAccount(open) => record.extend_from_slice(&open.account.0.to_le_bytes()),
            Command::OpenSession(open) => record.extend_from_slice(&open.session.0.to_le_bytes()),
            Command::Tick(_) => record.push(0),
            other => panic!("the tests do not send {other:?}"),
        }
    }

    fn decode<'a>(&'a mut self, record: &'a [u8]) -> Result<Command<'a>, CodecError> {
        if let Ok(account) = record.try_into() {
            return Ok(OpenAccount::buyer(AccountId(u128::from_le_bytes(account))).deposit(usd("1")).into());
        }
        if let Ok(session) = record.try_into() {
            return Ok(OpenSession::new(AccountId(1), SessionId(u64::from_le_bytes(session))).into());
        }
        if record.is_empty() { Err(CodecError::Length { found: 0 }) } else { Ok(Tick.into()) }
    }
}

pub(crate) fn exchange() -> Exchange {
    Exchange::new(Genesis::new(Limits::small(), 7, USD)).expect("the limits are possible")
}

fn open(account: u128) -> Command<'static> {
    OpenAccount::buyer(AccountId(account)).into()
}

fn is_poison(command: &Command<'_>) -> bool {
    matches!(command, Command::OpenAccount(open) if open.account == AccountId(13))
}

#[test]
fn a_panic_ends_the_runtime_and_what_was_accepted_before_it_is_kept_and_told() {
    let journal = MemoryJournal::new(Plain);
    let options = Options { poison: Some(is_poison), ..Options::default() };
    let runtime = Runtime::spawn(exchange(), journal.clone(), options).expect("it starts");
    let mut port = runtime.port(PortOptions::default());
    journal.hold();
    for account in [10, 11, 12, 13, 14, 15] {
        port.submit(&open(account)).expect("there is room");
    }
    journal.release();
    let failure = runtime.wait().expect_err("a command panicked");
    let expected = Failure::Exchange {
        command: "OpenAccount",
        after: Sequence(3),
        message: String::from("poisoned"),
        quarantined: true,
    };
    assert_eq!((&failure, failure.to_string().contains("quarantine")), (&expected, true));
    let mut answers = Vec::new();
    while let Some(delivery) = port.poll() {
        answers.push(delivery.result.map(|receipt| receipt.sequence.0));
    }
    let stopping = Err(Refusal::Stopping);
    assert_eq!(answers, [Ok(1), Ok(2), Ok(3), Err(Refusal::Quarantined), stopping, stopping]);
    assert_eq!((journal.last_durable(), port.submit(&open(16))), (Sequence(3), Err(Busy::Stopping)));
    assert!(runtime.shutdown().is_err());

    // The next life refuses the same bytes unseen, and lives.
    let options = Options { poison: Some(is_poison), ..Options::default() };
    let runtime = Runtime::spawn(journal.replay(exchange()), journal, options).expect("it starts");
    let handle = runtime.handle();
    let answer = |command: &Command<'_>| handle.submit(command).expect("there is room").wait().result;
    assert_eq!(answer(&open(13)), Err(Refusal::Quarantined));
    assert_eq!(answer(&open(14)).map(|receipt| receipt.sequence), Ok(Sequence(4)));
    assert!(runtime.shutdown().is_ok());
}

#[test]
fn a_panicking_journal_is_a_failure_and_nobody_hangs() {
    #[derive(Clone, Copy, Debug)]
    struct Panics;
    impl crate::journal::Journal for Panics {
        type Codec = Plain;
        fn codec(&self) -> Plain {
            Plain
        }
        fn append(&mut self, _: &crate::batch::Batch) -> Result<(), crate::journal::JournalFault> {
            panic!("a fault in the journal's code")
        }
        fn sync(&mut self) -> Result<(), crate::journal::JournalFault> {
            Ok(())
        }
    }
    let runtime = Runtime::spawn(exchange(), Panics, Options::default()).expect("it starts");
    let answer = runtime.handle().submit(&open(1)).expect("there is room").wait();
    assert_eq!(answer.result, Err(Refusal::JournalFailed));
    assert!(matches!(runtime.wait(), Err(Failure::Thread { thread: "dce-journal", .. })));
}

#[test]
fn a_panicking_publisher_is_a_failure_and_nobody_hangs() {
    struct Counter(AtomicU64);
    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let ((outlet, inbox), (hub_ring, _hub_frames), (port_ring, _port_frames)) =
        (delivery(8, 8), byte_ring(0), byte_ring(0));
    let (mut publisher, mut exits) = publisher(Sinks::default());
    let shared = Arc::clone(&publisher.shared);
    let hub = Arc::new(Hub::new(Sender::new(Plain, hub_ring), 8, Arc::clone(&shared)));
    let mut port = Port::new(Sender::new(Plain, port_ring), inbox, Arc::clone(&shared), 8);
    publisher.sinks.add(Sink { port: 0, subscribes: false, way: Way::Handle(Arc::clone(&hub)) }, Sequence(0));
    publisher.sinks.add(Sink { port: 1, subscribes: false, way: Way::Port(outlet) }, Sequence(0));
    let pending = Handle::new(hub).submit(&open(1)).expect("there is room");
    let ticket = port.submit(&open(2)).expect("there is room");
    let counter = Arc::new(Counter(AtomicU64::new(0)));
    let waker = Waker::from(Arc::clone(&counter));
    assert!(port.ready(&mut Context::from_waker(&waker)).is_pending());

    // It speaks of an event that never came: a broken invariant.
    exits.outcomes.push(refusal(1, 1)).expect("there is room");
    publisher.run();

    assert_eq!(counter.0.load(Ordering::SeqCst), 1, "who sleeps is woken");
    assert_eq!(port.wait(ticket).map(|delivery| delivery.result), Some(Err(Refusal::JournalFailed)));
    assert_eq!(pending.wait().result, Err(Refusal::JournalFailed));
    assert!(matches!(shared.failure(), Some(Failure::Thread { thread: "dce-publish", .. })));
    assert_eq!(shared.views_at(Sequence(1), Duration::from_secs(60)).map(|views| views.sequence()), None);
    assert_eq!(port.submit(&open(3)), Err(Busy::Stopping));
}

#[test]
fn a_record_that_cannot_be_read_back_is_refused_and_not_written() {
    #[derive(Clone, Copy, Debug)]
    struct Forgets;
    impl Codec for Forgets {
        fn encode(&mut self, _: &Command<'_>, _: &mut Vec<u8>) {}
        fn decode<'a>(&'a mut self, _: &'a [u8]) -> Result<Command<'a>, CodecError> {
            Err(CodecError::Version(9))
        }
    }
    let journal = MemoryJournal::new(Forgets);
    let runtime = Runtime::spawn(exchange(), journal.clone(), Options::default()).expect("it starts");
    let answer = runtime.handle().submit(&open(1)).expect("there is room").wait();
    assert_eq!((answer.result, journal.appended().len()), (Err(Refusal::Unreadable), 0));
}
