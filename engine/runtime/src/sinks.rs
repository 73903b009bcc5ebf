//! The ways out: who is handed an outcome, and who is told that there is one.

use std::sync::Arc;

use dce_engine::ids::Sequence;
use dce_engine::units::Timestamp;

use crate::delivery::{Head, News, Outlet};
use crate::handle::{Answer, Hub};
use crate::judge::{NOBODY, Outcome};

/// All ways out: those that get everything, and those that get their own answers.
#[derive(Debug, Default)]
pub(crate) struct Sinks {
    subscribers: Vec<Sink>,
    /// By port, rising.
    others: Vec<Sink>,
}

/// Where answers go.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) port: u32,
    pub(crate) subscribes: bool,
    pub(crate) way: Way,
}

/// How they get there.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are ports, and there is one of handles")]
pub(crate) enum Way {
    /// To a port's rings.
    Port(Outlet),
    /// To the tickets of handles.
    Handle(Arc<Hub>),
}

impl Sinks {
    /// Takes in a port; a subscribed one gets everything after `since`.
    pub(crate) fn add(&mut self, sink: Sink, since: Sequence) {
        if let Way::Port(outlet) = &sink.way {
            outlet.doorbell.register(since);
        }
        if sink.subscribes { self.subscribers.push(sink) } else { self.others.push(sink) }
    }

    /// Hands an outcome to the port it answers, and news to the subscribers. Returns how many missed it.
    pub(crate) fn deliver(&mut self, outcome: &Outcome, is_news: bool, news: News<'_>) -> u64 {
        let (mut missed, mut is_answered) = (0, outcome.port == NOBODY);
        for sink in &mut self.subscribers {
            let own = sink.port == outcome.port;
            is_answered |= own;
            if own || is_news {
                missed += u64::from(sink.deliver(Head { own, ..outcome.head }, news));
            }
        }
        if is_answered {
            return missed;
        }
        // Who is not found is gone: a port is known here before it is handed out.
        if let Ok(place) = self.others.binary_search_by_key(&outcome.port, |sink| sink.port) {
            self.others[place].deliver(Head { own: true, ..outcome.head }, news);
        }
        missed
    }

    pub(crate) fn ring(&self) {
        self.all().for_each(|sink| {
            if let Way::Port(outlet) = &sink.way {
                outlet.doorbell.ring();
            }
        });
    }

    pub(crate) fn move_on(&mut self) -> bool {
        let mut moved = false;
        for sink in self.subscribers.iter_mut().chain(&mut self.others) {
            if let Way::Port(outlet) = &mut sink.way
                && outlet.has_backlog()
                && outlet.move_on()
            {
                outlet.doorbell.ring();
                moved = true;
            }
        }
        moved
    }

    pub(crate) fn has_backlog(&self) -> bool {
        self.all().any(|sink| matches!(&sink.way, Way::Port(outlet) if outlet.has_backlog()))
    }

    pub(crate) fn forget_gone(&mut self) {
        let is_there = |sink: &Sink| !matches!(&sink.way, Way::Port(outlet) if outlet.is_abandoned());
        self.subscribers.retain(is_there);
        self.others.retain(is_there);
    }

    pub(crate) fn leave(&mut self) {
        for sink in self.subscribers.iter_mut().chain(&mut self.others) {
            if let Way::Port(outlet) = &mut sink.way {
                outlet.leave();
            }
        }
    }

    pub(crate) fn say_last_word(&self, (sequence, at): (Sequence, Timestamp)) {
        self.all().for_each(|sink| match &sink.way {
            Way::Port(outlet) => outlet.doorbell.ring(),
            Way::Handle(hub) => hub.end(sequence, at),
        });
    }

    fn all(&self) -> impl Iterator<Item = &Sink> {
        self.subscribers.iter().chain(&self.others)
    }
}

impl Sink {
    /// Returns whether it was missed.
    fn deliver(&mut self, head: Head, news: News<'_>) -> bool {
        match &mut self.way {
            Way::Port(outlet) => outlet.deliver(head, news),
            Way::Handle(hub) => {
                let Head { sequence, at, result, .. } = head;
                let events = [news.events.0, news.events.1].concat();
                hub.answer(Answer { sequence, at, result, events, passage: news.passage });
                false
            }
        }
    }
}
