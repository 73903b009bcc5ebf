//! What the handles and the connection's task share: the requests, the readers, and how it ended.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use dce_protocol::Up;
use tokio::sync::{Notify, oneshot, watch};

use crate::answer::{Pending, Reply};
use crate::error::Error;
use crate::ids::Uuid7;
use crate::stream::Streams;
use crate::unanswered::Unanswered;
use crate::units::Timestamp;

/// Whoever waits for an answer.
pub(crate) type Waiter = oneshot::Sender<Result<Reply, Error>>;

/// One client, as its handles and its task see it.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    /// There may be something to write, or the client was closed.
    pub(crate) wake: Notify,
    /// Why it ended, once it has.
    pub(crate) ended: watch::Sender<Option<Error>>,
    pub(crate) ids: Uuid7,
    /// Requests that may wait at once, written or not.
    pub(crate) requests_max: usize,
    /// Items one stream keeps for its reader.
    pub(crate) events_max: usize,
}

/// What is under the lock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) requests: Unanswered<Waiter>,
    pub(crate) streams: Streams,
    /// No more requests are taken; when the last answer is in, the client says goodbye.
    pub(crate) closing: bool,
    pub(crate) clock: Clock,
}

/// How far the server's clock is ahead of ours, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    ahead_micros: i64,
}

impl Clock {
    /// The server's clock shows `at` about now.
    pub(crate) fn set(&mut self, at: u64) {
        self.ahead_micros = at.cast_signed().saturating_sub(micros());
    }

    /// The server's clock has passed `at`: the time of its last command, which may be long ago.
    pub(crate) fn at_least(&mut self, at: u64) {
        self.ahead_micros = self.ahead_micros.max(at.cast_signed().saturating_sub(micros()));
    }

    pub(crate) fn now(self) -> Timestamp {
        Timestamp::from_micros(micros().saturating_add(self.ahead_micros).max(0).cast_unsigned())
    }
}

/// Ours, in microseconds since 1970.
fn micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

impl Shared {
    pub(crate) fn new(requests_max: usize, events_max: usize) -> Self {
        let state =
            State { requests: Unanswered::new(), streams: Streams::default(), closing: false, clock: Clock::default() };
        Self {
            state: Mutex::new(state),
            wake: Notify::new(),
            ended: watch::Sender::new(None),
            ids: Uuid7::new(),
            requests_max,
            events_max,
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under this lock is a bug of this library; the state is whole between any two statements that matter.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks; the answer comes over the channel of `waiter`.
    pub(crate) fn ask<T>(&self, request: &Up<'_>, read: fn(Reply) -> Result<T, Error>) -> Pending<T> {
        let mut state = self.lock();
        if let Err(error) = self.admit(&state, 1) {
            return Pending::failed(error);
        }
        let (waiter, pending) = Pending::new(read);
        let mut frame = state.requests.frame();
        request.encode(state.requests.next(), &mut frame);
        state.requests.push(frame, waiter);
        drop(state);
        self.wake.notify_one();
        pending
    }

    /// Asks a batch of `count` elements, each with an answer of its own.
    pub(crate) fn ask_batch<T>(
        &self,
        request: &Up<'_>,
        count: usize,
        read: fn(Reply) -> Result<T, Error>,
    ) -> Vec<Pending<T>> {
        let mut state = self.lock();
        if let Err(error) = self.admit(&state, count) {
            return (0..count).map(|_| Pending::failed(error.clone())).collect();
        }
        let (waiters, pending): (Vec<_>, Vec<_>) = (0..count).map(|_| Pending::new(read)).unzip();
        let mut frame = state.requests.frame();
        request.encode(state.requests.next(), &mut frame);
        state.requests.push_batch(frame, waiters);
        drop(state);
        self.wake.notify_one();
        pending
    }

    fn admit(&self, state: &State, count: usize) -> Result<(), Error> {
        if let Some(error) = self.ended.borrow().as_ref() {
            return Err(error.clone());
        }
        if state.closing {
            return Err(Error::Ended);
        }
        if state.requests.len() + count > self.requests_max {
            return Err(Error::Busy);
        }
        Ok(())
    }

    /// No more requests; what was asked is still answered.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.wake.notify_one();
    }

    /// It is over: everybody who waits hears why.
    pub(crate) fn end(&self, error: Error) {
        let mut state = self.lock();
        self.ended.send_replace(Some(error.clone()));
        state.streams.end();
        let waiters = state.requests.drain();
        drop(state);
        for waiter in waiters {
            // Who no longer waits does not want to know.
            let _ = waiter.send(Err(error.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_time_is_ours_until_it_is_heard() {
        let mut clock = Clock::default();
        // A fresh log has no time of its own, and an idle one an old time.
        clock.at_least(0);
        assert!(clock.now().micros().abs_diff(micros().unsigned_abs()) < 1_000_000);
        let ahead = micros().unsigned_abs() + 3_600_000_000;
        clock.at_least(ahead);
        assert!(clock.now().micros() >= ahead);
        let behind = micros().unsigned_abs() - 3_600_000_000;
        clock.set(behind);
        assert!(clock.now().micros().abs_diff(behind) < 1_000_000);
    }
}
