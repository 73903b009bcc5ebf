//! The thread between the writer and the world: holds what was decided until it is durable, then folds it into the views
//! and hands it to whoever asked and whoever subscribed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::time::{Duration, Instant};

use dce_engine::event::Event;
use dce_engine::ids::Sequence;
use dce_engine::terms::Fact;
use dce_engine::units::Timestamp;
use rtrb::Consumer;

use crate::bell::Idle;
use crate::delivery::News;
use crate::gauges::count;
use crate::judge::Outcome;
use crate::passage::{Commits, Judged};
use crate::shared::{Phase, Shared};
use crate::sinks::{Sink, Sinks};
use crate::threads::{self, PUBLISHER};
use crate::views::Model;
use crate::writer::Inlet;

/// Outcomes released before doors are knocked at.
const ROUND: usize = 128;
/// Views are laid down this often when there is time for it.
const VIEWS_EVERY: Duration = Duration::from_millis(1);
/// And this often when there is not.
const VIEWS_EVERY_BUSY: Duration = Duration::from_millis(20);

/// Ports that are gone are let go this often when there is no time for it.
const LET_GO_EVERY: Duration = Duration::from_millis(20);

/// The publisher sleeps so long at most: it looks for ports that are gone now and then.
const SLEEP_MAX: Duration = Duration::from_millis(100);

/// The publisher with everything it owns.
pub(crate) struct Publisher {
    pub(crate) outcomes: Consumer<Outcome>,
    pub(crate) events: Consumer<Event>,
    pub(crate) facts: Consumer<Fact>,
    /// Of marked commands.
    pub(crate) judged: Consumer<Judged>,
    pub(crate) commits: Commits,
    /// New ports.
    pub(crate) arrivals: Consumer<Sink>,
    /// Rings of ports that are gone, to be dropped here.
    pub(crate) funerals: Consumer<Inlet>,
    pub(crate) sinks: Sinks,
    pub(crate) model: Model,
    /// The place of the last outcome released.
    pub(crate) released: (Sequence, Timestamp),
    /// Answers wait for the device.
    pub(crate) waits: bool,
    pub(crate) shared: Arc<Shared>,
}

impl Publisher {
    /// Runs until everything that may leave has left. Should it panic, those who wait are told all the same.
    pub(crate) fn run(mut self) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.publish())) {
            // Before the last word, which says why. The views stay as they were: the model may be half changed.
            threads::fail(&self.shared, PUBLISHER, panic.as_ref());
        }
        self.leave();
    }

    fn publish(&mut self) {
        let mut idle = Idle::sharing();
        let (mut laid, mut shown) = (Instant::now(), self.model.sequence);
        let mut let_go = laid;
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
            let now = Instant::now();
            let since = now - laid;
            if self.model.sequence != shown && (since >= VIEWS_EVERY_BUSY || (released < ROUND && since >= VIEWS_EVERY))
            {
                self.lay_down();
                (laid, shown) = (now, self.model.sequence);
            }
            let is_idle = released == 0 && !moved;
            // Under constant load too, or those that are gone would pile up.
            if is_idle || now - let_go >= LET_GO_EVERY {
                self.let_go();
                let_go = now;
            }
            if is_idle {
                // Nobody rings when a port has polled what stood in the way of its backlog.
                let is_early = self.sinks.has_backlog() || self.model.sequence != shown;
                self.wait(&mut idle, if is_early { VIEWS_EVERY } else { SLEEP_MAX });
            } else {
                idle.reset();
            }
        }
        self.greet();
        self.lay_down();
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
        // They come alone, and are told before whoever asked can say anything by the new name.
        if let [Event::AttributeDeclared { .. } | Event::ValueDefined { .. }, ..] = events.as_slices().0
            && is_news
        {
            self.shared.gauges.publisher.named.store(head.sequence.0, Ordering::Release);
        }
        let passage = if head.marked { self.judged.pop().ok() } else { None };
        let passage = passage.map(|judged| {
            let commit = if is_news { self.commits.of(head.sequence) } else { None };
            judged.released(commit)
        });
        let news = News { events: events.as_slices(), facts: facts.as_slices(), passage };
        let missed = self.sinks.deliver(outcome, is_news, news);
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
        self.shared.views.store(Arc::new(self.model.picture()));
        self.model.forget_unheld();
        count(&self.shared.gauges.publisher.views, 1);
    }

    /// Gives back the memory of ports that are gone.
    fn let_go(&mut self) {
        self.sinks.forget_gone();
        while self.funerals.pop().is_ok() {}
    }

    /// Leaves what could not be delivered where ports find it, and says the last word.
    fn leave(mut self) {
        self.greet();
        self.sinks.leave();
        self.shared.set_released();
        // Paired with the one before a port goes to sleep: it sees the end, or it is woken here.
        fence(Ordering::SeqCst);
        self.greet();
        self.sinks.say_last_word(self.released);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::delivery::{Head, delivery};
    use crate::fold::Aside;
    use crate::judge::{Exits, NOBODY};
    use crate::panics::exchange;
    use crate::refusal::Refusal;
    use crate::sinks::Way;
    use dce_engine::ids::ListingId;
    use rtrb::RingBuffer;
    use std::task::{Wake, Waker};

    /// A publisher without a thread, and the writer's ends of its rings.
    pub(crate) fn publisher(sinks: Sinks) -> (Publisher, Exits) {
        let mut model = Model::of(&exchange());
        let views = Arc::new(model.picture());
        let shared = Arc::new(Shared::new(Sequence(0), views, 1).expect("descriptors"));
        let (outcomes_in, outcomes) = RingBuffer::new(1_024);
        let (events_in, events) = RingBuffer::new(1);
        let (facts_in, facts) = RingBuffer::new(1);
        let (judged_in, judged) = RingBuffer::new(1);
        let publisher = Publisher {
            outcomes,
            events,
            facts,
            judged,
            commits: Commits::new(RingBuffer::new(1).1),
            arrivals: RingBuffer::new(1).1,
            funerals: RingBuffer::new(1).1,
            sinks,
            model,
            released: (Sequence(0), Timestamp::default()),
            waits: false,
            shared,
        };
        (publisher, Exits { outcomes: outcomes_in, events: events_in, facts: facts_in, judged: judged_in })
    }

    /// A refusal that says so many events come with it.
    pub(crate) fn refusal(port: u32, events: u16) -> Outcome {
        let head = Head {
            sequence: Sequence(0),
            at: Timestamp::default(),
            result: Err(Refusal::Unreadable),
            listing: ListingId(0),
            missed: 0,
            events,
            facts: 0,
            invites: false,
            marked: false,
            own: false,
        };
        Outcome { head, gate: 0, port, aside: Aside::default() }
    }

    #[test]
    fn ports_that_are_gone_are_let_go_under_constant_load() {
        struct Slow;
        impl Wake for Slow {
            fn wake(self: Arc<Self>) {
                std::thread::sleep(LET_GO_EVERY);
            }
        }
        let mut sinks = Sinks::default();
        let mut add = |port| {
            let (outlet, inbox) = delivery(1, 1);
            let doorbell = Arc::downgrade(&outlet.doorbell);
            sinks.add(Sink { port, subscribes: true, way: Way::Port(outlet) }, Sequence(0));
            (doorbell, inbox)
        };
        let ((gone, _), (_, slow)) = (add(0), add(1));
        slow.doorbell.arm(&Waker::from(Arc::new(Slow)));
        let (mut publisher, mut exits) = publisher(sinks);
        // More than a round, refusals so that no view is due either, and then the end: it is never idle.
        for _ in 0..2 * ROUND {
            exits.outcomes.push(refusal(NOBODY, 0)).expect("there is room");
        }
        drop(exits);
        publisher.publish();
        assert_eq!((gone.strong_count(), Arc::strong_count(&slow.doorbell)), (0, 2));
    }
}
