//! A way in for many threads at once: clone it, share it, await it. Convenient, where a [`Port`](crate::Port) is fast.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use dce_engine::Receipt;
use dce_engine::commands::Command;
use dce_engine::event::Event;
use dce_engine::ids::Sequence;
use dce_engine::units::Timestamp;
use parking_lot::{Condvar, Mutex};

use crate::gauges::Gauges;
use crate::passage::{Mark, Passage};
use crate::port::Sender;
use crate::refusal::{Busy, Refusal};
use crate::shared::{Failure, Phase, Shared};
use crate::views::Views;
use crate::wakers;

/// Submits commands from anywhere and looks at views. All clones share one ring, behind a lock.
#[derive(Clone, Debug)]
pub struct Handle {
    hub: Arc<Hub>,
}

/// What became of a command, with its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The command's place in the log; of a refused one, the place of the state that refused it.
    pub sequence: Sequence,
    /// When it was judged.
    pub at: Timestamp,
    /// Accepted, or why not.
    pub result: Result<Receipt, Refusal>,
    /// What happened, in order. Empty after a refusal.
    pub events: Vec<Event>,
    /// When it passed each stage, if it was marked and the runtime came to it.
    pub passage: Option<Passage>,
}

/// A command on its way. Wait for it, await it, or drop it: the command goes its way all the same.
#[derive(Debug)]
pub struct PendingTicket {
    slot: Arc<Slot>,
}

impl Handle {
    pub(crate) const fn new(hub: Arc<Hub>) -> Self {
        Self { hub }
    }

    /// Sends a command. Never waits for the exchange.
    ///
    /// # Errors
    ///
    /// Which bound was hit. Nothing was sent then.
    pub fn submit(&self, command: &Command<'_>) -> Result<PendingTicket, Busy> {
        self.hub.submit(command, None)
    }

    /// The same for one whose passage is wanted, if it has a mark: see [`Answer::passage`].
    ///
    /// # Errors
    ///
    /// Which bound was hit. Nothing was sent then.
    pub fn submit_marked(&self, command: &Command<'_>, mark: Option<Mark>) -> Result<PendingTicket, Busy> {
        self.hub.submit(command, mark)
    }

    /// The newest views.
    #[must_use]
    pub fn views(&self) -> Arc<Views> {
        self.hub.shared.views.load_full()
    }

    /// Views that show this place of the log at least: blocks until they come, for at most so long. With the sequence
    /// of an answer, a reader sees its own writes.
    #[must_use]
    pub fn views_at(&self, sequence: Sequence, timeout: Duration) -> Option<Arc<Views>> {
        self.hub.shared.views_at(sequence, timeout)
    }

    /// What the runtime is doing.
    #[must_use]
    pub fn gauges(&self) -> &Gauges {
        &self.hub.shared.gauges
    }

    /// Why the runtime ended by itself, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        self.hub.shared.failure()
    }

    /// Whether nothing runs any more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.hub.shared.has_ended()
    }
}

impl PendingTicket {
    /// Blocks until the answer may leave.
    #[must_use]
    pub fn wait(self) -> Answer {
        let mut state = self.slot.state.lock();
        loop {
            if let Some(answer) = state.answer.take() {
                return answer;
            }
            self.slot.answered.wait(&mut state);
        }
    }

    /// Blocks until the answer may leave, or for this long; the ticket comes back when it did not come.
    ///
    /// # Errors
    ///
    /// The ticket, to be waited for again.
    pub fn wait_for(self, timeout: Duration) -> Result<Answer, Self> {
        let mut state = self.slot.state.lock();
        let slot = &self.slot;
        slot.answered.wait_while_for(&mut state, |state| state.answer.is_none(), timeout);
        let answer = state.answer.take();
        drop(state);
        answer.ok_or(self)
    }
}

impl Future for PendingTicket {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let mut state = self.slot.state.lock();
        match state.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// What all handles share: one sender, and who waits for what, in the order of sending.
pub(crate) struct Hub {
    sender: Mutex<Sender>,
    pending: Mutex<VecDeque<Arc<Slot>>>,
    in_flight_max: u32,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Slot {
    state: Mutex<SlotState>,
    answered: Condvar,
}

#[derive(Debug, Default)]
struct SlotState {
    answer: Option<Answer>,
    waker: Option<Waker>,
}

impl Hub {
    pub(crate) fn new(sender: Sender, in_flight_max: u32, shared: Arc<Shared>) -> Self {
        Self { sender: Mutex::new(sender), pending: Mutex::default(), in_flight_max, shared }
    }

    fn submit(&self, command: &Command<'_>, mark: Option<Mark>) -> Result<PendingTicket, Busy> {
        let slot = Arc::new(Slot::default());
        // Held until the slot is in its place, so that places follow the order of the ring.
        let mut sender = self.sender.lock();
        {
            let mut pending = self.pending.lock();
            // Asked under the lock: after the last word was said to all who wait, nobody begins to.
            if self.shared.phase() != Phase::Running || self.shared.is_released() {
                return Err(Busy::Stopping);
            }
            if pending.len() >= self.in_flight_max as usize {
                return Err(Busy::InFlightFull { limit: self.in_flight_max });
            }
            // In its place before the command is on its way, so that the answer finds it.
            pending.push_back(Arc::clone(&slot));
        }
        if let Err(busy) = sender.send(command, mark) {
            self.pending.lock().pop_back();
            return Err(busy);
        }
        self.shared.bells.writer.ring();
        Ok(PendingTicket { slot })
    }

    /// Answers whoever has waited longest.
    pub(crate) fn answer(&self, answer: Answer) {
        let slot = self.pending.lock().pop_front();
        if let Some(slot) = slot {
            slot.fill(answer);
        }
    }

    /// Says the last word to all who wait.
    pub(crate) fn end(&self, sequence: Sequence, at: Timestamp) {
        let result = Err(self.shared.last_word());
        for slot in std::mem::take(&mut *self.pending.lock()) {
            slot.fill(Answer { sequence, at, result, events: Vec::new(), passage: None });
        }
    }
}

impl Slot {
    fn fill(&self, answer: Answer) {
        let mut state = self.state.lock();
        state.answer = Some(answer);
        let mut waker = state.waker.take();
        drop(state);
        self.answered.notify_all();
        wakers::wake(&mut waker);
        wakers::let_go(&mut waker);
    }
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hub").field("in_flight", &self.pending.lock().len()).finish_non_exhaustive()
    }
}
