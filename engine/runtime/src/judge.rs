//! One record's way through the exchange: stamp, due ticks, decode, apply; then into the journal's batch and out to the
//! publisher.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use dce_engine::commands::{Command, Tick};
use dce_engine::event::{Event, Events};
use dce_engine::ids::{AccountId, CallId, ListingId, Sequence};
use dce_engine::limits::{EVENTS_MAX, FACTS_MAX};
use dce_engine::terms::Fact;
use dce_engine::units::Timestamp;
use dce_engine::{Exchange, Receipt};
use rtrb::Producer;

use crate::bell::Idle;
use crate::codec::Codec;
use crate::delivery::Head;
use crate::fold::Aside;
use crate::passage::{Judged, Mark, Taken};
use crate::pipe::Pipe;
use crate::refusal::Refusal;
use crate::sequencer::Sequencer;
use crate::shared::{Phase, Shared};
use crate::writer::{NEXT, STAY};

/// The port of what nobody submitted: ticks.
pub(crate) const NOBODY: u32 = u32::MAX;

/// What became of a command, on its way to the publisher.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) head: Head,
    /// The place of the state it rests on: it may leave once this is durable.
    pub(crate) gate: u64,
    pub(crate) port: u32,
    pub(crate) aside: Aside,
}

/// The rings to the publisher. What an outcome counts was pushed before it.
#[derive(Debug)]
pub(crate) struct Exits {
    pub(crate) outcomes: Producer<Outcome>,
    pub(crate) events: Producer<Event>,
    pub(crate) facts: Producer<Fact>,
    /// Of marked commands.
    pub(crate) judged: Producer<Judged>,
}

/// A command that made the exchange panic.
#[derive(Debug)]
pub(crate) struct Culprit {
    pub(crate) command: &'static str,
    pub(crate) after: Sequence,
    pub(crate) message: String,
    /// Its bytes; a tick has none that could be refused.
    pub(crate) record: Option<Box<[u8]>>,
}

/// The exchange and what is needed around each `apply`.
pub(crate) struct Judge<C: Codec> {
    pub(crate) exchange: Exchange,
    pub(crate) codec: C,
    pub(crate) events: Events,
    pub(crate) sequencer: Sequencer,
    pub(crate) pipe: Pipe,
    pub(crate) exits: Exits,
    pub(crate) shared: Arc<Shared>,
    pub(crate) tick_record: Vec<u8>,
    pub(crate) facts: Vec<Fact>,
    /// Records that are refused unseen.
    pub(crate) quarantined: Vec<Vec<u8>>,
    pub(crate) counts: Counts,
    pub(crate) culprit: Option<Culprit>,
    /// The command at hand, if it is marked.
    pub(crate) taken: Option<Taken>,
    /// Answers wait for the device.
    pub(crate) waits: bool,
    /// Something was sent to the publisher since it was last told.
    pub(crate) has_sent: bool,
    /// Makes the application of some command panic, which no command should be able to do.
    #[cfg(test)]
    pub(crate) poison: Option<fn(&Command<'_>) -> bool>,
}

/// Counted here, shown once a round.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    accepted: u64,
    repeated: u64,
    refused: u64,
    ticks: u64,
}

impl<C: Codec> Judge<C> {
    /// Takes the next record of a port, or leaves it where it is when something behind is full.
    pub(crate) fn take(&mut self, port: u32, mark: Option<Mark>, record: &[u8]) -> ControlFlow<()> {
        let at = self.sequencer.now();
        if !self.tick_until(at) || !self.has_room() {
            return STAY;
        }
        self.taken = mark.map(|mark| Taken { mark, at: Instant::now() });
        if self.quarantined.iter().any(|known| known == record) {
            self.refuse(port, at, Refusal::Quarantined);
            return NEXT;
        }
        if !self.shared.has_room.load(Ordering::Relaxed) {
            self.refuse(port, at, Refusal::JournalFull);
            return NEXT;
        }
        let start_nanos = self.sequencer.last_nanos();
        let Ok(command) = self.codec.decode(record) else {
            self.refuse(port, at, Refusal::Unreadable);
            return NEXT;
        };
        let applied = catch_unwind(AssertUnwindSafe(|| {
            #[cfg(test)]
            if self.poison.is_some_and(|poison| poison(&command)) {
                panic!("poisoned");
            }
            self.exchange.apply(at, &command, &mut self.events)
        }));
        match applied {
            Ok(Ok(receipt)) => {
                let asked = Asked::of(&command, receipt);
                if !receipt.repeated {
                    self.pipe.push(receipt.sequence, at, record);
                    if self.taken.is_some() {
                        self.pipe.mark();
                    }
                }
                self.accept(port, at, receipt, &asked);
                if asked.is_decision {
                    self.shared.gauges.writer.decisions.record(self.sequencer.nanos().saturating_sub(start_nanos));
                }
            }
            Ok(Err(reject)) => self.refuse(port, at, Refusal::Rejected(reject)),
            Err(panic) => {
                let name = command.name();
                // Everything is told apart from this one: what came after it in the rings was not looked at.
                self.refuse(port, at, Refusal::Quarantined);
                self.blame(name, panic, Some(record.into()));
                return STAY;
            }
        }
        NEXT
    }

    /// What fell due while nobody asked for anything.
    pub(crate) fn tick_when_due(&mut self) -> bool {
        if self.exchange.next_deadline().is_none() || self.culprit.is_some() {
            return false;
        }
        let (at, ticks) = (self.sequencer.now(), self.counts.ticks);
        self.tick_until(at);
        self.counts.ticks > ticks
    }

    /// Applies ticks until nothing is due. Returns whether that came to its end.
    fn tick_until(&mut self, at: Timestamp) -> bool {
        while self.exchange.next_deadline().is_some_and(|deadline| deadline <= at) {
            if !self.has_room() {
                return false;
            }
            let start_nanos = self.sequencer.last_nanos();
            let tick = Command::Tick(Tick);
            let applied = catch_unwind(AssertUnwindSafe(|| {
                #[cfg(test)]
                if self.poison.is_some_and(|poison| poison(&tick)) {
                    panic!("poisoned");
                }
                self.exchange.apply(at, &tick, &mut self.events)
            }));
            match applied {
                Ok(applied) => {
                    let receipt = applied.expect("Invariant: a tick that is due is accepted");
                    self.pipe.push(receipt.sequence, at, &self.tick_record);
                    self.counts.ticks += 1;
                    self.accept(NOBODY, at, receipt, &Asked::default());
                    self.shared.gauges.writer.decisions.record(self.sequencer.nanos().saturating_sub(start_nanos));
                }
                Err(panic) => {
                    self.blame(tick.name(), panic, None);
                    return false;
                }
            }
        }
        true
    }

    /// Hands the journal what it can take, and tells the others of it.
    pub(crate) fn turn(&mut self) -> bool {
        let has_turned = self.pipe.turn();
        if has_turned {
            self.shared.bells.journal.ring();
        }
        if std::mem::take(&mut self.has_sent) && (!self.waits || self.exchange.sequence().0 <= self.shared.durable()) {
            self.shared.bells.publisher.ring();
        }
        has_turned
    }

    /// Whether the journal has given back a batch that is waited for.
    pub(crate) fn can_turn(&self) -> bool {
        self.pipe.can_turn()
    }

    /// Whether there is room for a command.
    pub(crate) fn could_take(&self) -> bool {
        self.exits.have_room() && (self.pipe.has_room() || self.pipe.can_turn())
    }

    /// How long until something falls due.
    pub(crate) fn until_due(&mut self) -> Option<Duration> {
        let deadline = self.exchange.next_deadline()?;
        Some(Duration::from_micros(deadline.micros_since(self.sequencer.now())))
    }

    /// Moves rows of the index into better order. Returns whether there is more to do.
    pub(crate) fn maintain(&mut self, budget: u32) -> bool {
        self.exchange.maintain(budget)
    }

    /// Hands over everything, waiting for the journal. Returns whether that came to its end.
    pub(crate) fn flush(&mut self) -> bool {
        let mut idle = Idle::sharing();
        while !self.pipe.is_empty() {
            if self.shared.phase() == Phase::Failed {
                return false;
            }
            if !self.turn() {
                let (shared, pipe) = (&self.shared, &self.pipe);
                idle.wait(&shared.bells.writer, Duration::from_millis(100), || {
                    pipe.can_turn() || shared.phase() == Phase::Failed
                });
            }
        }
        true
    }

    pub(crate) fn quarantine(&mut self, record: Box<[u8]>) {
        self.pipe.quarantine(record);
        self.shared.bells.journal.ring();
    }

    pub(crate) fn publish_counts(&self) {
        let gauges = &self.shared.gauges.writer;
        gauges.applied.store(self.exchange.sequence().0, Ordering::Relaxed);
        gauges.accepted.store(self.counts.accepted, Ordering::Relaxed);
        gauges.repeated.store(self.counts.repeated, Ordering::Relaxed);
        gauges.refused.store(self.counts.refused, Ordering::Relaxed);
        gauges.ticks.store(self.counts.ticks, Ordering::Relaxed);
        gauges.clock_step_micros.store(self.sequencer.step_micros(), Ordering::Relaxed);
        gauges.clock_steps.store(self.sequencer.steps(), Ordering::Release);
        gauges.clock_offset_micros.store(self.sequencer.offset_micros(), Ordering::Relaxed);
    }

    pub(crate) fn into_exchange(self) -> Exchange {
        self.exchange
    }

    /// Whether the worst a command can give fits everywhere.
    fn has_room(&mut self) -> bool {
        self.exits.have_room() && (self.pipe.has_room() || (self.turn() && self.pipe.has_room()))
    }

    fn accept(&mut self, port: u32, at: Timestamp, receipt: Receipt, asked: &Asked) {
        if receipt.repeated {
            self.counts.repeated += 1;
        } else {
            self.counts.accepted += 1;
        }
        let mut aside = asked.aside;
        if let Some((seller, call)) = asked.report {
            aside.flagged = self.exchange.call(seller, call).is_some_and(|call| call.flagged);
        }
        let invitation = if asked.may_invite { self.invitation() } else { None };
        self.facts.truncate(FACTS_MAX);
        let pushed = self.exits.events.push_entire_slice(&self.events).is_ok()
            && self.exits.facts.push_entire_slice(&self.facts).is_ok();
        debug_assert!(pushed, "Invariant: judged to have room");
        let head = Head {
            sequence: receipt.sequence,
            at,
            result: Ok(receipt),
            listing: invitation.unwrap_or_default(),
            missed: 0,
            events: self.events.len() as u16,
            facts: self.facts.len() as u16,
            invites: invitation.is_some(),
            marked: false,
            own: false,
        };
        self.facts.clear();
        self.send(head, port, aside);
    }

    fn refuse(&mut self, port: u32, at: Timestamp, refusal: Refusal) {
        self.counts.refused += 1;
        let head = Head {
            sequence: self.exchange.sequence(),
            at,
            result: Err(refusal),
            listing: ListingId(0),
            missed: 0,
            events: 0,
            facts: 0,
            invites: false,
            marked: false,
            own: false,
        };
        self.send(head, port, Aside::default());
    }

    fn send(&mut self, mut head: Head, port: u32, aside: Aside) {
        let gate = self.exchange.sequence().0;
        if let Some(taken) = self.taken.take() {
            head.marked = self.exits.judged.push(Judged { taken, at: Instant::now() }).is_ok();
            debug_assert!(head.marked, "Invariant: judged to have room");
        }
        let pushed = self.exits.outcomes.push(Outcome { head, gate, port, aside });
        debug_assert!(pushed.is_ok(), "Invariant: judged to have room");
        self.has_sent = true;
    }

    /// Listing and facts of the call that bidders were invited to, facts into `self.facts`.
    fn invitation(&mut self) -> Option<ListingId> {
        let (seller, call) = self.events.iter().find_map(|event| match event {
            Event::BidderInvited { seller, call, .. } => Some((*seller, *call)),
            _ => None,
        })?;
        self.facts.extend(self.exchange.call_facts(seller, call)?);
        Some(self.exchange.call(seller, call)?.listing)
    }

    fn blame(&mut self, command: &'static str, panic: Box<dyn std::any::Any + Send>, record: Option<Box<[u8]>>) {
        let (after, message) = (self.exchange.sequence(), message_of(panic.as_ref()));
        self.culprit = Some(Culprit { command, after, message, record });
    }
}

impl Exits {
    fn have_room(&self) -> bool {
        room(&self.outcomes, 1)
            && room(&self.events, EVENTS_MAX)
            && room(&self.facts, FACTS_MAX)
            && room(&self.judged, 1)
    }
}

/// What matters of a command after it was applied.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    aside: Aside,
    /// The call an accepted report is about.
    report: Option<(AccountId, CallId)>,
    may_invite: bool,
    is_decision: bool,
}

impl Asked {
    fn of(command: &Command<'_>, receipt: Receipt) -> Self {
        let mut asked = Self::default();
        if receipt.repeated {
            return asked;
        }
        match command {
            Command::OfferCall(offer) => (asked.may_invite, asked.is_decision) = (offer.window.is_some(), true),
            Command::OpenAuction(_) => asked.may_invite = true,
            Command::CloseAuction(_) => asked.is_decision = true,
            Command::OpenAccount(open) => asked.aside.zone = open.zone,
            Command::ReportRinging(report) => asked.report = Some((report.seller, report.call)),
            Command::ReportAnswered(report) => asked.report = Some((report.seller, report.call)),
            Command::ReportFailed(report) => asked.report = Some((report.seller, report.call)),
            Command::ReportEnded(report) => asked.report = Some((report.seller, report.call)),
            Command::ReportDropped(report) => asked.report = Some((report.seller, report.call)),
            Command::ReportRejected(report) => asked.report = Some((report.seller, report.call)),
            _ => {}
        }
        asked
    }
}

fn room<T>(ring: &Producer<T>, count: usize) -> bool {
    ring.cached_slots() >= count || ring.slots() >= count
}

/// What a panic said.
pub(crate) fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| String::from("no message"))
}
