//! Calls that come, ring, are answered and end, so that an exchange under measurement stays as full as it is.
//!
//! Four calls an hour come for each profile. Of a hundred dialled legs five ring out, three lose their caller, and the
//! others are answered after 3 to 12 seconds and last 5 seconds to 10 minutes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use dce_engine::measure::Waiting;
use dce_engine::prelude::*;
use dce_persistence::record::RecordCodec;
use dce_runtime::Codec as _;

use crate::market::{self, Caps, OPENING, SESSION, seller_id};
use crate::random::Random;
use crate::world::{Call, SELLERS, World};

/// An exchange in a steady state, and what is going to happen in it.
#[derive(Debug)]
pub struct Traffic<'w> {
    /// The exchange. Whoever applies offers to it says so with [`offered`](Self::offered).
    pub exchange: Exchange,
    /// The sink of everything but the measured commands.
    events: Events,
    world: &'w World,
    now: Timestamp,
    gap_micros: u64,
    calls: u64,
    sold: u64,
    reports: BinaryHeap<Reverse<Report>>,
    stamps: [u64; SELLERS as usize],
    random: Random,
    /// What was applied, once it is asked for: records as a journal has them.
    tape: Option<Vec<(Timestamp, Vec<u8>)>>,
}

/// What a seller's switch is going to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Report {
    at: Timestamp,
    call: CallId,
    seller: u8,
    attempt: u8,
    dialed_at: Timestamp,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Answered,
    HungUpBefore,
    Ended { answered_at: Timestamp },
}

impl<'w> Traffic<'w> {
    /// A market open for an hour and a quarter: as many calls are sealed as come.
    #[must_use]
    pub fn warmed_up(world: &'w World) -> Self {
        Self::warmed_up_by(world, None)
    }

    /// The same, its calls given out by a policy.
    #[must_use]
    pub fn warmed_up_by(world: &'w World, policy: Option<Policy>) -> Self {
        Self::warm(world, market::open_by(world, Caps::Kept, policy))
    }

    /// The same in an exchange that the world's profiles are in.
    #[must_use]
    pub fn warm(world: &'w World, exchange: Exchange) -> Self {
        let mut traffic = Self::new(world, exchange);
        let calls = world.profiles.len() * 5;
        for _ in 0..calls.div_ceil(BATCH) {
            traffic.step();
        }
        while traffic.exchange.maintain(u32::MAX) {}
        traffic
    }

    fn new(world: &'w World, exchange: Exchange) -> Self {
        let profiles = world.profiles.len();
        Self {
            exchange,
            events: Events::new(),
            world,
            now: OPENING,
            gap_micros: 900_000_000 / profiles as u64,
            calls: 0,
            sold: 0,
            reports: BinaryHeap::with_capacity(profiles),
            stamps: [0; SELLERS as usize],
            random: Random::new(profiles as u64),
            tape: None,
        }
    }

    /// Lets time pass until the next calls come, and hands out when that is and what they are: [`BATCH`] offers, which
    /// all come at that moment. Nothing is due then.
    pub fn next_offers(&mut self) -> (Timestamp, Vec<(&'w Call, Command<'w>)>) {
        let arrival = Timestamp::from_micros(self.now.micros() + self.gap_micros * BATCH as u64);
        self.pass_time(arrival);
        self.now = arrival;
        let offers = (0..BATCH)
            .map(|_| {
                let call = &self.world.calls[self.calls as usize % self.world.calls.len()];
                self.calls += 1;
                (call, market::offer(call, arrival, self.calls).into())
            })
            .collect();
        (arrival, offers)
    }

    /// The offers were applied: what was sold is going to ring.
    pub fn offered(&mut self, offers: &[(&Call, Command<'_>)]) {
        for (call, command) in offers {
            let Command::OfferCall(offer) = command else {
                continue;
            };
            let view = self.exchange.call(offer.seller, offer.call);
            if view.is_some_and(|view| view.state == CallState::Dialed) {
                self.sold += 1;
                self.dialed(offer.call, call.seller, 1, self.now);
            }
        }
    }

    /// The next calls registered, each waiting for nothing but its decision: for what times that alone.
    ///
    /// # Panics
    ///
    /// When one is refused: their ids are new.
    pub fn next_waiting(&mut self) -> (Timestamp, Vec<(&'w Call, Command<'w>)>, Vec<Waiting>) {
        let (at, offers) = self.next_offers();
        let waiting = offers
            .iter()
            .filter_map(|(_, command)| {
                let Command::OfferCall(offer) = command else { return None };
                let mut registration = RegisterCall::new(offer.seller, offer.call, offer.listing);
                registration.facts = offer.facts;
                market::accept(&mut self.exchange, at, &registration.into(), &mut self.events);
                self.exchange.measure_waiting(offer.seller, offer.call, offer.reserve)
            })
            .collect();
        (at, offers, waiting)
    }

    /// Offers the next calls and applies them, unmeasured.
    pub fn step(&mut self) {
        let (at, offers) = self.next_offers();
        for (_, command) in &offers {
            self.apply(at, command);
        }
        self.offered(&offers);
    }

    /// Everything that happens in so many further steps, as records, and the market as it was before.
    #[must_use]
    pub fn recorded(&mut self, steps: usize) -> (Exchange, Vec<(Timestamp, Vec<u8>)>) {
        let before = self.exchange.clone();
        self.tape = Some(Vec::new());
        for _ in 0..steps {
            self.step();
        }
        (before, self.tape.take().unwrap_or_default())
    }

    fn apply(&mut self, at: Timestamp, command: &Command<'_>) {
        market::accept(&mut self.exchange, at, command, &mut self.events);
        if let Some(tape) = &mut self.tape {
            let mut record = Vec::new();
            RecordCodec::default().encode(command, &mut record);
            tape.push((at, record));
        }
    }

    /// Of all calls so far, how many were sold, and how many there were.
    #[must_use]
    pub const fn sold(&self) -> (u64, u64) {
        (self.sold, self.calls)
    }

    /// What the next calls will be, without offering them: for the rivals.
    #[must_use]
    pub fn upcoming(&self, calls: usize) -> Vec<&'w Call> {
        let start = self.calls as usize;
        (start..start + calls).map(|place| &self.world.calls[place % self.world.calls.len()]).collect()
    }

    /// Everything due up to a moment happens, in order: reports of the switches, and ticks.
    fn pass_time(&mut self, until: Timestamp) {
        loop {
            let report = self.reports.peek().map(|Reverse(report)| report.at);
            let deadline = self.exchange.next_deadline();
            let Some(at) = report.into_iter().chain(deadline).min().filter(|at| *at <= until) else {
                return;
            };
            if deadline == Some(at) {
                self.apply(at, &Tick.into());
                self.note_redialed(at);
            } else if let Some(Reverse(report)) = self.reports.pop() {
                self.report(&report);
            }
        }
    }

    /// A leg that rang out led to another.
    fn note_redialed(&mut self, at: Timestamp) {
        for place in 0..self.events.len() {
            if let Event::CallDialed { seller, call, attempt, .. } = self.events[place] {
                self.dialed(call, (seller.0 - seller_id(0).0) as u8, attempt, at);
            }
        }
    }

    /// Decides what becomes of a leg.
    fn dialed(&mut self, call: CallId, seller: u8, attempt: u8, dialed_at: Timestamp) {
        let fate = self.random.below(100);
        if fate >= 95 {
            return;
        }
        let at = dialed_at + Millis(self.random.between(3_000, 12_000) as u32);
        let step = if fate >= 92 { Step::HungUpBefore } else { Step::Answered };
        self.reports.push(Reverse(Report { at, call, seller, attempt, dialed_at, step }));
    }

    fn report(&mut self, report: &Report) {
        let &Report { at, call, .. } = report;
        let seller = seller_id(report.seller);
        let number = &mut self.stamps[usize::from(report.seller)];
        *number += 1;
        let stamp = Stamp::new(SESSION, *number);
        let since = |from: Timestamp| Millis((at.micros_since(from) / 1_000) as u32);
        let connected = match report.step {
            Step::Ended { answered_at } => since(answered_at),
            Step::Answered | Step::HungUpBefore => Millis(0),
        };
        let incoming = since(call.time().unwrap_or(report.dialed_at));
        let leg = LegReport::leg(report.attempt, 0, Clocks::new(incoming, since(report.dialed_at), connected));
        let command = match report.step {
            Step::Answered => ReportAnswered::new(seller, call, leg, stamp).into(),
            Step::HungUpBefore | Step::Ended { .. } => ReportEnded::new(seller, call, leg, stamp).into(),
        };
        self.apply(at, &command);
        if report.step == Step::Answered {
            let talk = if self.random.percent(30) {
                self.random.between(5_000, 60_000)
            } else {
                self.random.between(60_000, 600_000)
            };
            self.reports.push(Reverse(Report {
                at: at + Millis(talk as u32),
                step: Step::Ended { answered_at: at },
                ..*report
            }));
        }
    }
}

/// How many calls come at once.
pub const BATCH: usize = 32;
