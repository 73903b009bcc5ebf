//! One stream and the session on it: who speaks, what it has asked, what it is to be told.
//!
//! A session lives on one worker's thread. Others end it through its [`Kill`] only.

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use dce_engine::ids::SessionId;
use dce_protocol::{CREDIT, Down, EventFrame, Fault, Text, down, name_of};
use quinn::SendStream;
use tokio::sync::Notify;

use super::outbox::{Outbox, Put};
use super::proof::Proof;
use crate::registry::{Kill, LiveSession};

/// A stream, from its first byte on.
pub(super) struct Session {
    /// The place among the sessions of its worker.
    pub(super) id: u64,
    /// Who speaks, once the hello is through.
    who: OnceCell<Who>,
    pub(super) kill: Arc<Kill>,
    outbox: RefCell<Option<Outbox>>,
    waker: RefCell<Waker>,
    /// Requests not answered yet.
    in_flight: Cell<u16>,
    /// The highest number of a request.
    last_number: Cell<u64>,
    /// The request that waits for room in the ring.
    waiting: Cell<Option<u64>>,
    unsent: Cell<u16>,
    is_gone: Cell<bool>,
    /// Bids of the present batch that were submitted.
    pub(super) batch_done: Cell<usize>,
    /// The worker's count of rounds when the client was last heard, and last told something.
    pub(super) heard: Cell<u32>,
    pub(super) said: Cell<u32>,
    /// Events told since its last request was looked at.
    pub(super) events_told: Cell<u16>,
    /// It has events waiting to be written.
    pub(super) is_dirty: Cell<bool>,
    /// It hears the events of its account as they come.
    pub(super) is_joined: Cell<bool>,
    /// Sessions of others that an operator opened and uses.
    held: RefCell<Vec<LiveSession>>,
    /// Something was written, or answered: whoever waits for either looks again.
    pub(super) moved: Notify,
}

/// Who speaks.
#[derive(Debug)]
pub(super) struct Who {
    pub(super) proof: Proof,
    pub(super) session: SessionId,
    pub(super) _live: LiveSession,
}

impl Session {
    pub(super) fn new(id: u64, send: SendStream, bytes_max: usize, round: u32) -> Self {
        Self::writing_to(Some(Outbox::new(send, bytes_max)), (id, round))
    }

    /// Nothing is written where there is no outbox.
    pub(super) fn writing_to(outbox: Option<Outbox>, (id, round): (u64, u32)) -> Self {
        Self {
            id,
            who: OnceCell::new(),
            kill: Arc::default(),
            outbox: RefCell::new(outbox),
            waker: RefCell::new(Waker::noop().clone()),
            in_flight: Cell::new(0),
            last_number: Cell::new(0),
            waiting: Cell::new(None),
            unsent: Cell::new(0),
            is_gone: Cell::new(false),
            batch_done: Cell::new(0),
            heard: Cell::new(round),
            said: Cell::new(round),
            events_told: Cell::new(0),
            is_dirty: Cell::new(false),
            is_joined: Cell::new(false),
            held: RefCell::default(),
            moved: Notify::new(),
        }
    }

    /// Who speaks, once it has said so and was believed.
    pub(super) fn who(&self) -> Option<&Who> {
        self.who.get()
    }

    pub(super) fn introduce(&self, who: Who) {
        let _ = self.who.set(who);
    }

    pub(super) fn is_operator(&self) -> bool {
        self.who().is_some_and(|who| !who.proof.principal.role.is_trader())
    }

    /// Counts a request of `answers` answers that is numbered `number`.
    ///
    /// # Errors
    ///
    /// `NumberOutOfOrder`, `CreditExceeded`: the stream is to be closed.
    pub(super) fn count(&self, number: u64, answers: u16) -> Result<(), Fault> {
        if number <= self.last_number.get() {
            return Err(Fault::NumberOutOfOrder);
        }
        let in_flight = self.in_flight.get().saturating_add(answers);
        if in_flight > CREDIT {
            return Err(Fault::CreditExceeded);
        }
        self.in_flight.set(in_flight);
        self.last_number.set(number + u64::from(answers.max(1)) - 1);
        Ok(())
    }

    /// Whether a request was counted before: it is being tried again.
    pub(super) fn is_waiting(&self, number: u64) -> bool {
        self.waiting.get() == Some(number)
    }

    /// Notes that the request is to be tried again, or that none is.
    pub(super) fn set_waiting(&self, number: Option<u64>) {
        self.waiting.set(number);
    }

    /// Counts something that is answered by no frame.
    pub(super) fn count_silent(&self) {
        self.in_flight.set(self.in_flight.get().saturating_add(1));
    }

    /// So many are no longer in flight.
    pub(super) fn settle(&self, answers: u16) {
        self.in_flight.set(self.in_flight.get().saturating_sub(answers));
        self.moved.notify_waiters();
    }

    /// Notes how much of the present request did not reach the exchange.
    pub(super) fn set_unsent(&self, answers: u16) {
        self.unsent.set(answers);
    }

    /// Gives up what did not reach the exchange: nobody waits for its answer.
    pub(super) fn forget_unsent(&self) {
        self.settle(self.unsent.take());
    }

    /// Nobody reads this stream any more.
    pub(super) fn set_gone(&self) {
        self.is_gone.set(true);
        self.held.borrow_mut().clear();
        self.moved.notify_waiters();
    }

    /// Resolves when nobody reads this stream any more.
    pub(super) async fn gone(&self) {
        while !self.is_gone.get() {
            self.moved.notified().await;
        }
    }

    /// Uses another account's session for as long as the stream lives.
    pub(super) fn hold(&self, live: Option<LiveSession>) {
        self.held.borrow_mut().extend(live);
    }

    /// Says a frame that answers no request.
    pub(super) fn say(&self, frame: &Down<'_>) {
        self.put(|bytes| {
            frame.encode(0, bytes);
        });
    }

    /// Says an event.
    pub(super) fn tell(&self, event: &EventFrame<'_>) {
        self.put(|bytes| {
            event.encode(bytes);
        });
    }

    /// Says the last frame of the answer to a request.
    pub(super) fn answer(&self, number: u64, frame: &Down<'_>) {
        self.part(number, frame);
        self.settle(1);
    }

    /// Says a frame of an answer that more follow.
    pub(super) fn part(&self, number: u64, frame: &Down<'_>) {
        self.put(|bytes| {
            frame.encode(number, bytes);
        });
    }

    /// Refuses a request.
    pub(super) fn refuse(&self, number: u64, code: u16, transient: bool) {
        self.answer(number, &down::Refused { code, transient }.into());
    }

    /// Says why the stream ends, and ends it.
    pub(super) fn close(&self, code: u16) {
        let text = name_of(code).map_or("", |name| name.text);
        let closing: Down<'_> = down::Closing { code, reason: Text::cut_to_fit(text) }.into();
        if let Some(outbox) = &mut *self.outbox.borrow_mut() {
            outbox.put_last(|bytes| {
                closing.encode(0, bytes);
            });
        }
    }

    /// Ends the stream without waiting for a client that does not read.
    pub(super) fn reset(&self, code: u16) {
        if let Some(outbox) = &mut *self.outbox.borrow_mut() {
            outbox.reset(code);
        }
    }

    /// Writes what QUIC takes now; the rest goes out when the stream's task is woken.
    pub(super) fn flush(&self) {
        let waker = self.waker.borrow().clone();
        let _ = self.poll_flush(&mut Context::from_waker(&waker));
    }

    /// The same for the stream's own task, which is woken when there is room. Ready with `false` when the client is gone.
    pub(super) fn poll_flush(&self, context: &mut Context<'_>) -> Poll<bool> {
        if !self.waker.borrow().will_wake(context.waker()) {
            *self.waker.borrow_mut() = context.waker().clone();
        }
        let mut outbox = self.outbox.borrow_mut();
        let Some(outbox) = &mut *outbox else { return Poll::Ready(false) };
        let before = outbox.waiting();
        let flushed = outbox.poll_flush(context);
        if outbox.waiting() < before {
            self.moved.notify_waiters();
        }
        flushed
    }

    /// Resolves when at most `bytes` wait to be read.
    pub(super) async fn drained_to(&self, bytes: usize) {
        while self.outbox.borrow().as_ref().is_some_and(|outbox| outbox.waiting() > bytes) {
            self.moved.notified().await;
        }
    }

    /// Resolves when every request is answered.
    pub(super) async fn answered(&self) {
        while self.in_flight.get() > 0 {
            self.moved.notified().await;
        }
    }

    /// The sending side, to see it out.
    pub(super) fn take_outbox(&self) -> Option<Outbox> {
        self.outbox.borrow_mut().take()
    }

    fn put(&self, encode: impl FnOnce(&mut Vec<u8>)) {
        let put = self.outbox.borrow_mut().as_mut().map(|outbox| outbox.put(encode));
        if put == Some(Put::TooMuch) {
            let code = Fault::TooSlow.code();
            self.reset(code);
            self.kill.tell(code);
        }
    }
}
