//! The thread between the writer and the world: holds what was decided until it is durable, then folds it into the views
//! and hands it to whoever asked and whoever subscribed.

use std::collections::VecDeque;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use dce_engine::event::Event;
use dce_engine::ids::Sequence;
use dce_engine::terms::Fact;
use dce_engine::units::Timestamp;
use rtrb::Consumer;

use crate::bell::Idle;
use crate::gauges::count;
use crate::judge::Outcome;
use crate::shared::{Phase, Shared};
use crate::sinks::{Sink, Sinks};
use crate::views::{Model, Views};
use crate::writer::Inlet;

/// Outcomes released before doors are knocked at.
const ROUND: usize = 128;
/// Views are laid down this often when there is time for it.
const VIEWS_EVERY: Duration = Duration::from_millis(1);
/// And this often when there is not.
const VIEWS_EVERY_BUSY: Duration = Duration::from_millis(20);

/// The publisher sleeps so long at most: it looks for ports that are gone now and then.
const SLEEP_MAX: Duration = Duration::from_millis(100);

/// The publisher with everything it owns.
pub(crate) struct Publisher {
    pub(crate) outcomes: Consumer<Outcome>,
    pub(crate) events: Consumer<Event>,
    pub(crate) facts: Consumer<Fact>,
    /// New ports.
    pub(crate) arrivals: Consumer<Sink>,
    /// Rings of ports that are gone, to be dropped here.
    pub(crate) funerals: Consumer<Inlet>,
    pub(crate) sinks: Sinks,
    pub(crate) model: Model,
    /// Pictures that may still be held, the oldest first, each with its number.
    pub(crate) pictures: VecDeque<(u64, Weak<Views>)>,
    /// The place of the last outcome released.
    pub(crate) released: (Sequence, Timestamp),
    /// Answers wait for the device.
    pub(crate) waits: bool,
    pub(crate) shared: Arc<Shared>,
}

impl Publisher {
    /// Runs until everything that may leave has left.
    pub(crate) fn run(mut self) {
        let mut idle = Idle::sharing();
        let (mut laid, mut shown) = (Instant::now(), self.model.sequence);
        loop {
            let failed = self.shared.phase() == Phase::Failed;
            // Asked before the ring is looked at: what was sent before the end is in it by then.
            let is_abandoned = self.outcomes.is_abandoned();
            self.greet();
            let gate = if self.waits || failed { self.shared.durable() } else { u64::MAX };
            let released = self.round(gate);
            let moved = self.sinks.move_on();
            if released == 0 && (failed || (is_abandoned && self.outcomes.is_empty())) {
                break;
            }
            let since = laid.elapsed();
            if self.model.sequence != shown && (since >= VIEWS_EVERY_BUSY || (released < ROUND && since >= VIEWS_EVERY))
            {
                self.lay_down();
                (laid, shown) = (Instant::now(), self.model.sequence);
            }
            if released > 0 || moved {
                idle.reset();
            } else {
                self.sinks.forget_gone();
                while self.funerals.pop().is_ok() {}
                // Nobody rings when a port has polled what stood in the way of its backlog.
                let is_early = self.sinks.has_backlog() || self.model.sequence != shown;
                self.wait(&mut idle, if is_early { VIEWS_EVERY } else { SLEEP_MAX });
            }
        }
        self.leave();
    }

    fn wait(&self, idle: &mut Idle, timeout: Duration) {
        let shared = &self.shared;
        idle.wait(&shared.bells.publisher, timeout, || {
            let can_release = |outcome: &Outcome| !self.waits || outcome.gate <= shared.durable();
            self.outcomes.peek().is_ok_and(can_release)
                || self.outcomes.is_abandoned()
                || !self.arrivals.is_empty()
                || shared.phase() == Phase::Failed
        });
    }

    /// Releases what may leave, up to a bound, and wakes those it is for.
    fn round(&mut self, gate: u64) -> usize {
        let mut released = 0;
        while released < ROUND && self.outcomes.peek().is_ok_and(|outcome| outcome.gate <= gate) {
            let Ok(outcome) = self.outcomes.pop() else { break };
            self.release(&outcome);
            released += 1;
        }
        if released > 0 {
            let gauges = &self.shared.gauges.publisher;
            count(&gauges.answered, released as u64);
            gauges.published.store(self.model.sequence.0, Ordering::Relaxed);
            self.sinks.ring();
            // It may have waited for room.
            self.shared.bells.writer.ring();
        }
        released
    }

    fn release(&mut self, outcome: &Outcome) {
        let head = &outcome.head;
        let events = self.events.read_chunk(usize::from(head.events));
        let facts = self.facts.read_chunk(usize::from(head.facts));
        let (Ok(events), Ok(facts)) = (events, facts) else {
            unreachable!("Invariant: events and facts come before their outcome")
        };
        let is_news = head.result.is_ok_and(|receipt| !receipt.repeated);
        let missed = self.sinks.deliver(outcome, is_news, events.as_slices(), facts.as_slices());
        count(&self.shared.gauges.publisher.missed, missed);
        // After the copies, which have fetched the events from the writer's cache in one go.
        if is_news {
            let (first, second) = events.as_slices();
            self.model.fold(first.iter().chain(second), outcome.aside);
            (self.model.sequence, self.model.at) = (head.sequence, head.at);
        }
        self.released = (Sequence(outcome.gate), head.at);
        events.commit_all();
        facts.commit_all();
    }

    fn greet(&mut self) {
        while let Ok(sink) = self.arrivals.pop() {
            self.sinks.add(sink, self.model.sequence);
        }
    }

    fn lay_down(&mut self) {
        let picture = Arc::new(self.model.picture());
        self.pictures.push_back((self.model.pictures(), Arc::downgrade(&picture)));
        self.shared.views.store(picture);
        while let Some((number, _)) = self.pictures.front().filter(|(_, picture)| picture.strong_count() == 0) {
            self.model.forget(*number);
            self.pictures.pop_front();
        }
        count(&self.shared.gauges.publisher.views, 1);
    }

    /// Leaves what could not be delivered where ports find it, and says the last word.
    fn leave(mut self) {
        self.greet();
        self.lay_down();
        self.sinks.leave();
        self.shared.set_released();
        // Paired with the one before a port goes to sleep: it sees the end, or it is woken here.
        fence(Ordering::SeqCst);
        self.greet();
        self.sinks.say_last_word(self.released);
    }
}
