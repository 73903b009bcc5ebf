//! A thread's way to the exchange and back: a ring of commands in, deliveries out.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use dce_engine::commands::Command;
use dce_engine::ids::{ListingId, Sequence};
use dce_engine::units::Timestamp;

use crate::codec::Codec;
use crate::delivery::{Delivery, Head, Inbox, Ticket};
use crate::passage::{MARK_BYTES, Mark};
use crate::refusal::Busy;
use crate::ring::{FRAME_HEADER, FrameWriter, RING_RECORD_BYTES_MAX};
use crate::shared::{Phase, Shared};

/// How a port is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortOptions {
    /// Besides its own answers the port gets every command that anybody had accepted, and every tick, in order.
    pub subscribe: bool,
}

/// One thread's way in and out. Commands are applied in the order in which one port submits them, and their answers come
/// back in that order; between ports there is no order until the exchange has made one.
///
/// [`submit`](Self::submit) and [`poll`](Self::poll) take no lock and never wait. Dropping a port sends nothing away: what
/// was submitted is applied, and its answers go nowhere.
pub struct Port {
    sender: Sender,
    inbox: Inbox,
    shared: Arc<Shared>,
    in_flight_max: u32,
    submitted: u64,
    answered: u64,
    /// The last place and time seen, for what is answered after the end.
    last: (Sequence, Timestamp),
}

impl Port {
    pub(crate) fn new(sender: Sender, inbox: Inbox, shared: Arc<Shared>, in_flight_max: u32) -> Self {
        let last = (Sequence(0), Timestamp::default());
        Self { sender, inbox, shared, in_flight_max, submitted: 0, answered: 0, last }
    }

    /// Sends a command: encodes it on this thread, into this port's ring. Never waits.
    ///
    /// # Errors
    ///
    /// Which bound was hit. Nothing was sent then.
    pub fn submit(&mut self, command: &Command<'_>) -> Result<Ticket, Busy> {
        let ticket = self.enqueue(command)?;
        self.wake_writer();
        Ok(ticket)
    }

    /// The same for one of several: the exchange may sleep on until [`wake_writer`](Self::wake_writer), which is to
    /// follow the last of them. A wake that is forgotten costs a few milliseconds, not the command.
    ///
    /// # Errors
    ///
    /// Which bound was hit. Nothing was sent then.
    pub fn enqueue(&mut self, command: &Command<'_>) -> Result<Ticket, Busy> {
        self.enqueue_marked(command, None)
    }

    /// The same for one whose passage is wanted, if it has a mark: see [`Delivery::passage`].
    ///
    /// # Errors
    ///
    /// Which bound was hit. Nothing was sent then.
    pub fn enqueue_marked(&mut self, command: &Command<'_>, mark: Option<Mark>) -> Result<Ticket, Busy> {
        if self.shared.phase() != Phase::Running {
            return Err(Busy::Stopping);
        }
        if self.in_flight() >= u64::from(self.in_flight_max) {
            return Err(Busy::InFlightFull { limit: self.in_flight_max });
        }
        self.sender.send(command, mark)?;
        self.submitted += 1;
        Ok(Ticket(self.submitted))
    }

    /// Sees to it that what was enqueued is looked at.
    pub fn wake_writer(&self) {
        self.shared.bells.writer.ring();
    }

    /// The next delivery, if there is one. Never waits.
    ///
    /// When the runtime has ended, every command it did not get to is answered here with a
    /// [`Refusal`](crate::Refusal) that says so, and then nothing more comes.
    pub fn poll(&mut self) -> Option<Delivery<'_>> {
        let (head, ticket) = self.next()?;
        Some(self.inbox.lent(&head, ticket))
    }

    /// Waits for the answer to a command of this port. Deliveries that come before it are passed over: whoever wants
    /// them polls. `None` when that answer was polled already.
    pub fn wait(&mut self, ticket: Ticket) -> Option<Delivery<'_>> {
        if ticket.0 <= self.answered || ticket.0 > self.submitted {
            return None;
        }
        let (head, ticket) = loop {
            match self.next() {
                Some((head, own)) if own == Some(ticket) => break (head, own),
                Some(_) => {}
                None => {
                    self.wait_any(Duration::MAX);
                }
            }
        };
        Some(self.inbox.lent(&head, ticket))
    }

    /// Waits until [`poll`](Self::poll) would find something, or for this long. Returns whether it would.
    pub fn wait_any(&mut self, timeout: Duration) -> bool {
        let until = Instant::now().checked_add(timeout);
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        while self.ready(&mut Context::from_waker(&waker)).is_pending() {
            match until.map(|until| until.saturating_duration_since(Instant::now())) {
                Some(Duration::ZERO) => return false,
                Some(left) => std::thread::park_timeout(left),
                None => std::thread::park(),
            }
        }
        true
    }

    /// Ready when [`poll`](Self::poll) would find something; otherwise wakes the task when it will: once for everything
    /// that is published together.
    pub fn ready(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.has_something() {
            return Poll::Ready(());
        }
        self.inbox.doorbell.arm(context.waker());
        // What came between the look and the arming rang no bell.
        if self.has_something() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Commands sent and not answered yet, or answered and not polled.
    #[must_use]
    pub const fn in_flight(&self) -> u64 {
        self.submitted - self.answered
    }

    /// For a subscribed port: the place after which it gets every accepted command.
    #[must_use]
    pub fn since(&self) -> Sequence {
        // Known before the port is handed out, unless the runtime had ended before.
        self.inbox.doorbell.since().unwrap_or(Sequence(u64::MAX))
    }

    /// Whether the publisher knows this port.
    pub(crate) fn is_registered(&self) -> bool {
        self.inbox.doorbell.since().is_some()
    }

    fn next(&mut self) -> Option<(Head, Option<Ticket>)> {
        let head = self.inbox.pop().or_else(|| self.next_at_the_end())?;
        self.last = (head.sequence, head.at);
        let ticket = head.own.then(|| {
            self.answered += 1;
            Ticket(self.answered)
        });
        Some((head, ticket))
    }

    fn next_at_the_end(&mut self) -> Option<Head> {
        if !self.shared.is_released() {
            return None;
        }
        // The end was seen after the ring was found empty, and something may have come between.
        self.inbox.pop().or_else(|| self.inbox.pop_leftover()).or_else(|| {
            let (sequence, at) = self.last;
            (self.in_flight() > 0).then(|| Head {
                sequence,
                at,
                result: Err(self.shared.last_word()),
                listing: ListingId(0),
                missed: 0,
                events: 0,
                facts: 0,
                invites: false,
                marked: false,
                own: true,
            })
        })
    }

    fn has_something(&self) -> bool {
        // After the end `poll` answers at once, be it with nothing.
        !self.inbox.is_empty() || self.shared.is_released()
    }
}

impl std::fmt::Debug for Port {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Port").field("in_flight", &self.in_flight()).finish_non_exhaustive()
    }
}

/// The submitting end of a ring with the codec that fills it.
pub(crate) struct Sender {
    codec: Box<dyn Encode>,
    ring: FrameWriter,
    frame: Vec<u8>,
}

impl Sender {
    pub(crate) fn new(codec: impl Codec, ring: FrameWriter) -> Self {
        Self {
            codec: Box::new(codec),
            ring,
            frame: Vec::with_capacity(FRAME_HEADER + MARK_BYTES + RING_RECORD_BYTES_MAX),
        }
    }

    pub(crate) fn send(&mut self, command: &Command<'_>, mark: Option<Mark>) -> Result<(), Busy> {
        self.frame.clear();
        self.frame.extend_from_slice(&[0; FRAME_HEADER]);
        if let Some(Mark(mark)) = &mark {
            self.frame.extend_from_slice(mark);
        }
        let before = self.frame.len();
        self.codec.encode(command, &mut self.frame);
        let bytes = self.frame.len() - before;
        if bytes > RING_RECORD_BYTES_MAX {
            return Err(Busy::TooLarge { bytes, limit: RING_RECORD_BYTES_MAX });
        }
        let needed = self.frame.len();
        self.ring.push(&mut self.frame, mark.is_some()).map_err(|free| Busy::RingFull { free, needed })
    }
}

/// The half of a codec a sender needs, whatever the journal.
trait Encode: Send {
    fn encode(&mut self, command: &Command<'_>, record: &mut Vec<u8>);
}

impl<C: Codec> Encode for C {
    fn encode(&mut self, command: &Command<'_>, record: &mut Vec<u8>) {
        Codec::encode(self, command, record);
    }
}

/// Wakes a thread that parks.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use dce_engine::commands::OpenAccount;
    use dce_engine::ids::AccountId;

    use super::*;
    use crate::codec::CodecError;
    use crate::memory::MemoryJournal;
    use crate::options::Options;
    use crate::panics::{Plain, exchange};
    use crate::runtime::Runtime;

    /// Pads a record: with as many zeros as the account's number says above 100.
    #[derive(Clone, Debug)]
    struct Padded;

    impl Codec for Padded {
        fn encode(&mut self, command: &Command<'_>, record: &mut Vec<u8>) {
            Codec::encode(&mut Plain, command, record);
            if let Command::OpenAccount(open) = command {
                let zeros = open.account.0.saturating_sub(100);
                record.resize(record.len() + usize::try_from(zeros).expect("a length"), 0);
            }
        }

        fn decode<'a>(&'a mut self, record: &'a [u8]) -> Result<Command<'a>, CodecError> {
            // Its first sixteen bytes are the account.
            let id = record.first_chunk().map(|id| AccountId(u128::from_le_bytes(*id)));
            Ok(OpenAccount::buyer(id.unwrap_or_default()).into())
        }
    }

    #[test]
    fn a_record_no_ring_takes_is_not_taken_and_the_next_is() {
        let runtime = Runtime::spawn(exchange(), MemoryJournal::new(Padded), Options::default()).expect("it starts");
        let (mut port, handle) = (runtime.port(PortOptions::default()), runtime.handle());
        let longest = (RING_RECORD_BYTES_MAX - 16 + 100) as u128;
        let too_long = OpenAccount::buyer(AccountId(longest + 1)).into();
        let busy = Busy::TooLarge { bytes: RING_RECORD_BYTES_MAX + 1, limit: RING_RECORD_BYTES_MAX };
        assert!(!busy.is_transient() && busy.to_string().contains("4097"));
        assert_eq!((port.submit(&too_long), port.in_flight()), (Err(busy), 0));
        assert_eq!(handle.submit(&too_long).err(), Some(busy));
        let ticket = port.submit(&OpenAccount::buyer(AccountId(longest)).into()).expect("it fits");
        assert!(port.wait(ticket).is_some_and(|delivery| delivery.result.is_ok()));
        let answer = handle.submit(&OpenAccount::buyer(AccountId(1)).into()).expect("it fits").wait();
        assert!(answer.result.is_ok(), "the ticket that was not given took nobody's place");
    }
}
