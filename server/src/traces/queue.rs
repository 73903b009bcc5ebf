//! What waits to be sent: bounded, and what finds no room is dropped and counted. Nobody waits for it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry_proto::tonic::trace::v1::Span;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Spans of one message to the collector. As soon as so many wait they are sent.
pub(super) const BATCH: usize = 512;

/// Spans between the threads that make them and the one that sends them.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<VecDeque<Span>>,
    spans_max: usize,
    /// Rings when a batch is there.
    pub(super) is_full: Notify,
    exported: AtomicU64,
    dropped: AtomicU64,
}

impl Queue {
    pub(super) fn new(spans_max: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            spans_max,
            is_full: Notify::new(),
            exported: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Puts spans in, as far as there is room.
    pub(super) fn put(&self, spans: impl IntoIterator<Item = Span>) {
        let mut dropped = 0;
        let mut waiting = self.waiting.lock();
        let before = waiting.len();
        for span in spans {
            if waiting.len() < self.spans_max {
                waiting.push_back(span);
            } else {
                dropped += 1;
            }
        }
        let is_full = before < BATCH && waiting.len() >= BATCH;
        drop(waiting);
        self.drop_some(dropped);
        if is_full {
            self.is_full.notify_one();
        }
    }

    /// The next batch.
    pub(super) fn take(&self) -> Option<Vec<Span>> {
        let mut waiting = self.waiting.lock();
        let count = waiting.len().min(BATCH);
        (count > 0).then(|| waiting.drain(..count).collect())
    }

    /// Gives up what waits.
    pub(super) fn give_up(&self) -> u64 {
        let dropped = std::mem::take(&mut *self.waiting.lock()).len() as u64;
        self.drop_some(dropped);
        dropped
    }

    pub(super) fn drop_some(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn sent(&self, count: u64) {
        self.exported.fetch_add(count, Ordering::Relaxed);
    }

    /// Spans that a collector has taken, and spans that none will get.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.exported.load(Ordering::Relaxed), self.dropped.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_span_more_than_may_wait_is_dropped_and_counted() {
        let queue = Queue::new(3);
        queue.put(vec![Span::default(); 2]);
        queue.put(vec![Span::default(); 2]);
        assert_eq!((queue.counts(), queue.take().map(|batch| batch.len())), ((0, 1), Some(3)));
        queue.put([Span::default()]);
        assert_eq!((queue.give_up(), queue.counts(), queue.take()), (1, (0, 2), None));
    }
}
