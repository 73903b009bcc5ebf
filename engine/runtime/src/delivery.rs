//! The way back: answers and events from the publisher to one port, bounded, and never in the publisher's way.
//!
//! ```text
//!  publisher ──► rings of heads, events, facts and passages ──► port
//!          └───► backlog, when a ring is full (moved on later)
//! ```
//!
//! A port's own answers are never dropped: there are at most `in_flight_max` of them. Of others' commands a port that
//! does not poll keeps a bounded number, then misses some, and is told how many.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::task::Waker;

use dce_engine::Receipt;
use dce_engine::event::Event;
use dce_engine::ids::{ListingId, Sequence};
use dce_engine::limits::{EVENTS_MAX, FACTS_MAX};
use dce_engine::terms::Fact;
use dce_engine::units::Timestamp;
use parking_lot::Mutex;
use rtrb::{Consumer, Producer, RingBuffer};

use crate::passage::Passage;
use crate::refusal::Refusal;
use crate::wakers;

/// The name of a submitted command in its port: 1 for the first, rising by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What became of a command. Events and facts are lent until the port is asked again.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The command's place in the log; of a refused one, the place of the state that refused it. Both are durable where
    /// the durability is `Always`.
    pub sequence: Sequence,
    /// When it was judged.
    pub at: Timestamp,
    /// The submitted command it answers, or `None` when somebody else's command, or a tick, was accepted.
    pub ticket: Option<Ticket>,
    /// Accepted, or why not.
    pub result: Result<Receipt, Refusal>,
    /// What happened, in order. Empty after a refusal.
    pub events: &'a [Event],
    /// What is for sale, when the events invite bidders.
    pub invitation: Option<Invitation<'a>>,
    /// How many of others' commands this port has missed just before this one, because it did not poll.
    pub missed: u32,
    /// When the command passed each stage, if it was marked.
    pub passage: Option<Passage>,
}

/// What an invited bidder has to know of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation<'a> {
    /// The seller's listing.
    pub listing: ListingId,
    /// The call's facts, as the exchange keeps them.
    pub facts: &'a [Fact],
}

/// A delivery on its way; its events and facts travel beside it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) sequence: Sequence,
    pub(crate) at: Timestamp,
    pub(crate) result: Result<Receipt, Refusal>,
    /// Of the invitation.
    pub(crate) listing: ListingId,
    pub(crate) missed: u32,
    pub(crate) events: u16,
    pub(crate) facts: u16,
    pub(crate) invites: bool,
    /// A passage comes with it.
    pub(crate) marked: bool,
    /// Answers the port's own next ticket.
    pub(crate) own: bool,
}

/// Two pieces of a ring, one after the other.
pub(crate) type Pieces<'a, T> = (&'a [T], &'a [T]);

/// What travels beside a head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct News<'a> {
    pub(crate) events: Pieces<'a, Event>,
    pub(crate) facts: Pieces<'a, Fact>,
    pub(crate) passage: Option<Passage>,
}

/// Passages that lie ready in a port's ring.
const PASSAGES: usize = 1_024;

/// What a port and the publisher share besides the rings.
#[derive(Debug, Default)]
pub(crate) struct Doorbell {
    waker: Mutex<Option<Waker>>,
    /// Somebody waits to be woken.
    armed: AtomicBool,
    /// The last place before the first delivery, and whether it is known.
    since: AtomicU64,
    registered: AtomicBool,
    /// What the rings could not take when the publisher ended.
    leftover: Mutex<Backlog>,
}

impl Doorbell {
    /// Asks to be woken at the next delivery. Look for one after this, before going to sleep.
    pub(crate) fn arm(&self, waker: &Waker) {
        let mut kept = self.waker.lock();
        if !kept.as_ref().is_some_and(|kept| kept.will_wake(waker)) {
            *kept = Some(waker.clone());
        }
        drop(kept);
        self.armed.store(true, Ordering::SeqCst);
        // Paired with the one in `ring`: either we see the delivery, or the publisher sees that we wait.
        fence(Ordering::SeqCst);
    }

    /// Wakes whoever asked for it. Called after deliveries, once for many.
    pub(crate) fn ring(&self) {
        fence(Ordering::SeqCst);
        let is_armed = self.armed.load(Ordering::SeqCst) && self.armed.swap(false, Ordering::SeqCst);
        if is_armed {
            wakers::wake(&mut self.waker.lock());
        }
    }

    pub(crate) fn register(&self, since: Sequence) {
        self.since.store(since.0, Ordering::Relaxed);
        self.registered.store(true, Ordering::Release);
    }

    /// The place after which a subscribed port sees everything, once the publisher knows the port.
    pub(crate) fn since(&self) -> Option<Sequence> {
        self.registered.load(Ordering::Acquire).then(|| Sequence(self.since.load(Ordering::Relaxed)))
    }
}

impl Drop for Doorbell {
    /// The publisher may be the last to hold it.
    fn drop(&mut self) {
        wakers::let_go(self.waker.get_mut());
    }
}

/// The publisher's end.
#[derive(Debug)]
pub(crate) struct Outlet {
    heads: Producer<Head>,
    events: Producer<Event>,
    facts: Producer<Fact>,
    passages: Producer<Passage>,
    backlog: Backlog,
    /// Events of others' commands the backlog holds at most.
    foreign_max: usize,
    missed: u32,
    pub(crate) doorbell: Arc<Doorbell>,
}

/// The port's end.
#[derive(Debug)]
pub(crate) struct Inbox {
    heads: Consumer<Head>,
    events_ring: Consumer<Event>,
    facts_ring: Consumer<Fact>,
    passages: Consumer<Passage>,
    events: Vec<Event>,
    facts: Vec<Fact>,
    passage: Option<Passage>,
    pub(crate) doorbell: Arc<Doorbell>,
}

#[derive(Debug, Default)]
struct Backlog {
    heads: VecDeque<Head>,
    events: VecDeque<Event>,
    facts: VecDeque<Fact>,
    passages: VecDeque<Passage>,
}

/// A way back that holds `answers` of the port's own, and `events` events before it copies aside.
pub(crate) fn delivery(answers: usize, events: usize) -> (Outlet, Inbox) {
    let events_max = events.max(2 * EVENTS_MAX);
    let (heads_in, heads_out) = RingBuffer::new(answers.max(events_max / 4));
    let (events_in, events_out) = RingBuffer::new(events_max);
    let (facts_in, facts_out) = RingBuffer::new(16 * FACTS_MAX);
    let (passages_in, passages_out) = RingBuffer::new(PASSAGES);
    let doorbell = Arc::new(Doorbell::default());
    let outlet = Outlet {
        heads: heads_in,
        events: events_in,
        facts: facts_in,
        passages: passages_in,
        backlog: Backlog::default(),
        foreign_max: 2 * events_max,
        missed: 0,
        doorbell: Arc::clone(&doorbell),
    };
    let inbox = Inbox {
        heads: heads_out,
        events_ring: events_out,
        facts_ring: facts_out,
        passages: passages_out,
        events: vec![Event::ZoneSet { zone: dce_engine::ids::ZoneId(0) }; EVENTS_MAX],
        facts: vec![Fact::default(); FACTS_MAX],
        passage: None,
        doorbell,
    };
    (outlet, inbox)
}

impl Outlet {
    /// Delivers. Returns whether it was missed instead: a foreign one, and the port is too far behind.
    pub(crate) fn deliver(&mut self, mut head: Head, news: News<'_>) -> bool {
        if !head.own && !self.has_backlog_room() {
            self.missed = self.missed.saturating_add(1);
            return true;
        }
        head.missed = std::mem::take(&mut self.missed);
        if self.backlog.heads.is_empty() && self.has_room(&head) {
            push(&mut self.events, news.events);
            push(&mut self.facts, news.facts);
            if let Some(passage) = news.passage {
                push_one(&mut self.passages, passage);
            }
            // Last, because it makes the others count.
            let pushed = self.heads.push(head);
            debug_assert!(pushed.is_ok(), "Invariant: judged to have room");
        } else {
            self.backlog.events.extend(news.events.0.iter().chain(news.events.1));
            self.backlog.facts.extend(news.facts.0.iter().chain(news.facts.1));
            self.backlog.passages.extend(news.passage);
            self.backlog.heads.push_back(head);
        }
        false
    }

    /// Moves what was copied aside into the rings, as far as it fits.
    pub(crate) fn move_on(&mut self) -> bool {
        let mut moved = false;
        while let Some(head) = self.backlog.heads.front().filter(|head| self.has_room(head)).copied() {
            self.backlog.heads.pop_front();
            self.backlog.events.drain(..usize::from(head.events)).for_each(|event| push_one(&mut self.events, event));
            self.backlog.facts.drain(..usize::from(head.facts)).for_each(|fact| push_one(&mut self.facts, fact));
            if head.marked
                && let Some(passage) = self.backlog.passages.pop_front()
            {
                push_one(&mut self.passages, passage);
            }
            push_one(&mut self.heads, head);
            moved = true;
        }
        moved
    }

    pub(crate) fn has_backlog(&self) -> bool {
        !self.backlog.heads.is_empty()
    }

    /// The publisher ends: what is left waits where the port finds it.
    pub(crate) fn leave(&mut self) {
        *self.doorbell.leftover.lock() = std::mem::take(&mut self.backlog);
    }

    /// Whether the port is gone.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.heads.is_abandoned()
    }

    fn has_room(&self, head: &Head) -> bool {
        !self.heads.is_full()
            && fits(&self.events, usize::from(head.events))
            && (head.facts == 0 || fits(&self.facts, usize::from(head.facts)))
            && !(head.marked && self.passages.is_full())
    }

    fn has_backlog_room(&self) -> bool {
        self.backlog.events.len() < self.foreign_max && self.backlog.heads.len() < self.foreign_max
    }
}

impl Inbox {
    /// The next delivery; its events and facts are then in [`lent`](Self::lent).
    pub(crate) fn pop(&mut self) -> Option<Head> {
        let head = self.heads.pop().ok()?;
        // Both were published before the head.
        let (events, facts) = (usize::from(head.events), usize::from(head.facts));
        let events = self.events_ring.pop_entire_slice(&mut self.events[..events]);
        let facts = self.facts_ring.pop_entire_slice(&mut self.facts[..facts]);
        debug_assert!(events.is_ok() && facts.is_ok(), "Invariant: events and facts come before their head");
        self.passage = if head.marked { self.passages.pop().ok() } else { None };
        Some(head)
    }

    /// The next of what the publisher left when it ended. Only after [`pop`](Self::pop) found nothing more.
    pub(crate) fn pop_leftover(&mut self) -> Option<Head> {
        let mut leftover = self.doorbell.leftover.lock();
        let head = leftover.heads.pop_front()?;
        for (place, event) in leftover.events.drain(..usize::from(head.events)).enumerate() {
            self.events[place] = event;
        }
        for (place, fact) in leftover.facts.drain(..usize::from(head.facts)).enumerate() {
            self.facts[place] = fact;
        }
        self.passage = if head.marked { leftover.passages.pop_front() } else { None };
        Some(head)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The delivery with the events and facts popped last.
    pub(crate) fn lent(&self, head: &Head, ticket: Option<Ticket>) -> Delivery<'_> {
        let facts = &self.facts[..usize::from(head.facts)];
        Delivery {
            sequence: head.sequence,
            at: head.at,
            ticket,
            result: head.result,
            events: &self.events[..usize::from(head.events)],
            invitation: head.invites.then_some(Invitation { listing: head.listing, facts }),
            missed: head.missed,
            passage: self.passage.filter(|_| head.marked),
        }
    }
}

fn fits<T>(ring: &Producer<T>, count: usize) -> bool {
    ring.cached_slots() >= count || ring.slots() >= count
}

fn push<T: Copy>(ring: &mut Producer<T>, (first, second): Pieces<'_, T>) {
    for piece in [first, second] {
        if !piece.is_empty() {
            let pushed = ring.push_entire_slice(piece);
            debug_assert!(pushed.is_ok(), "Invariant: judged to have room");
        }
    }
}

fn push_one<T>(ring: &mut Producer<T>, value: T) {
    let pushed = ring.push(value);
    debug_assert!(pushed.is_ok(), "Invariant: judged to have room");
}
