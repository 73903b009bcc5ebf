//! Events as streams: a bounded queue for each reader, which the connection fills and never waits for.
//!
//! A reader that falls behind loses its oldest events and is told by [`Stream::gaps`]; answers, and other readers, are
//! not held up by it.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use crate::event::Event;

/// What a stream is made of: some events, or what matters in them.
pub trait FromEvent: Sized + Send + 'static {
    /// What this event is to the reader; `None` when it is nothing.
    fn from_event(event: &Event) -> Option<Self>;
}

impl FromEvent for Event {
    fn from_event(event: &Event) -> Option<Self> {
        Some(event.clone())
    }
}

/// Items in order of their events, each once, over all reconnections. It begins with what comes after it was made.
pub struct Stream<T> {
    feed: Arc<Feed<T>>,
}

impl<T: FromEvent> Stream<T> {
    /// The next item; `None` once the client has ended ([`Client::ended`](crate::Client::ended) says why).
    ///
    /// Cancel-safe: an item is not lost when this future is dropped.
    pub async fn next(&mut self) -> Option<T> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// What is there already.
    pub fn try_next(&mut self) -> Option<T> {
        self.feed.lock().queue.pop_front()
    }

    /// As [`next`](Self::next), for those who poll.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut inside = self.feed.lock();
        if let Some(item) = inside.queue.pop_front() {
            return Poll::Ready(Some(item));
        }
        if inside.ended {
            return Poll::Ready(None);
        }
        inside.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// How often something was lost so far: this reader was too slow, or the client was away for longer than the server
    /// keeps events. When it has risen, read the state by queries.
    #[must_use]
    pub fn gaps(&self) -> u64 {
        self.feed.lock().gaps
    }
}

impl<T> fmt::Debug for Stream<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Stream").finish_non_exhaustive()
    }
}

/// All readers of a client.
#[derive(Default)]
pub(crate) struct Streams {
    feeds: Vec<Weak<dyn Hear>>,
    ended: bool,
}

impl Streams {
    /// A new reader that keeps up to `queue_max` items.
    pub(crate) fn open<T: FromEvent>(&mut self, queue_max: usize) -> Stream<T> {
        let inside = Inside { queue: VecDeque::new(), gaps: 0, ended: self.ended, waker: None };
        let feed = Arc::new(Feed { inside: Mutex::new(inside), queue_max });
        let weak: Weak<dyn Hear> = Arc::downgrade(&(Arc::clone(&feed) as Arc<dyn Hear>));
        self.feeds.retain(|feed| feed.strong_count() > 0);
        self.feeds.push(weak);
        Stream { feed }
    }

    pub(crate) fn hear(&self, event: &Event) {
        self.each(|feed| feed.hear(event));
    }

    /// Events are missing between those heard so far and those to come.
    pub(crate) fn gap(&self) {
        self.each(|feed| feed.gap());
    }

    pub(crate) fn end(&mut self) {
        self.ended = true;
        self.each(|feed| feed.end());
    }

    fn each(&self, mut tell: impl FnMut(&dyn Hear)) {
        for feed in self.feeds.iter().filter_map(Weak::upgrade) {
            tell(&*feed);
        }
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Streams").field("readers", &self.feeds.len()).finish_non_exhaustive()
    }
}

trait Hear: Send + Sync {
    fn hear(&self, event: &Event);
    fn gap(&self);
    fn end(&self);
}

struct Feed<T> {
    inside: Mutex<Inside<T>>,
    queue_max: usize,
}

struct Inside<T> {
    queue: VecDeque<T>,
    gaps: u64,
    ended: bool,
    waker: Option<Waker>,
}

impl<T> Feed<T> {
    fn lock(&self) -> MutexGuard<'_, Inside<T>> {
        // Nothing that can panic runs under this lock.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: impl FnOnce(&mut Inside<T>)) {
        let mut inside = self.lock();
        change(&mut inside);
        let waker = inside.waker.take();
        drop(inside);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T: FromEvent> Hear for Feed<T> {
    fn hear(&self, event: &Event) {
        let Some(item) = T::from_event(event) else { return };
        self.tell(|inside| {
            if inside.queue.len() >= self.queue_max {
                inside.queue.pop_front();
                inside.gaps += 1;
            }
            inside.queue.push_back(item);
        });
    }

    fn gap(&self) {
        self.lock().gaps += 1;
    }

    fn end(&self) {
        self.tell(|inside| inside.ended = true);
    }
}
