//! The engine's decisions, with every rule and every effect: nobody else has any.
//!
//! *Core*: a call that waits, its facts read, is matched, the best two found, priced; caps, budget and money are held, the
//! record written, the first destination dialled. *Whole*: `apply` of an `OfferCall`, which reads the facts, remembers the
//! id, opens the record, and tells the losers besides. *Through rings* is the core decision on calls that a thread on another
//! processor sends through a ring and whose answers it reads from another: what the engine's own thread spends on each,
//! a batch lying ready, so that what other programs do to the asking thread does not count.

use std::hint::black_box;
use std::time::{Duration, Instant};

use dce_benches::book::Book;
use dce_benches::heap;
use dce_benches::market;
use dce_benches::plan::PlanMarket;
use dce_benches::samples::{Cost, Samples, timer_cost};
use dce_benches::traffic::{BATCH, Traffic};
use dce_benches::world::World;
use dce_engine::prelude::*;

use crate::Progress;
use crate::contest::SLICES;
use crate::rings;

/// What decisions cost.
#[derive(Clone, Debug)]
pub(crate) struct Decisions {
    pub(crate) name: &'static str,
    pub(crate) cost: Cost,
    pub(crate) allocations: u64,
    pub(crate) decided: u64,
    /// Of a thousand.
    pub(crate) sold_of_1000: u64,
}

/// One kind, while it is measured.
struct Kind {
    name: &'static str,
    samples: Samples,
    allocations: u64,
    decided: u64,
    sold: u64,
}

impl Kind {
    fn new(name: &'static str, timer: u64) -> Self {
        Self { name, samples: Samples::new(timer), allocations: 0, decided: 0, sold: 0 }
    }

    fn said(&self) -> Decisions {
        let sold_of_1000 = self.sold * 1_000 / self.decided.max(1);
        let (cost, allocations, decided) = (self.samples.cost(), self.allocations, self.decided);
        Decisions { name: self.name, cost, allocations, decided, sold_of_1000 }
    }

    /// Batches for so long, half of them timed together and half one by one.
    fn slice(&mut self, length: Duration, mut batch: impl FnMut(&mut Timed<'_>) -> u64) {
        let start = Instant::now();
        let mut one_by_one = false;
        // At least one batch of both.
        while start.elapsed() < length || one_by_one {
            let mut timed = Timed { one_by_one, allocations: 0, count: 0, samples: &mut self.samples };
            self.sold += batch(&mut timed);
            self.decided += timed.count as u64;
            self.allocations += timed.allocations;
            one_by_one = !one_by_one;
        }
        self.samples.end_slice();
    }
}

/// What times the decisions of a batch, and nothing around them.
struct Timed<'s> {
    one_by_one: bool,
    allocations: u64,
    count: usize,
    samples: &'s mut Samples,
}

impl Timed<'_> {
    fn each<T>(&mut self, calls: &[T], mut decide: impl FnMut(&T)) {
        self.count = calls.len();
        if self.one_by_one {
            for call in calls {
                let start = Instant::now();
                decide(call);
                self.samples.single(start.elapsed());
            }
            return;
        }
        let asked = heap::asked();
        let start = Instant::now();
        for call in calls {
            decide(call);
        }
        let elapsed = start.elapsed();
        // Before the sample is kept: that may allocate.
        self.allocations = heap::asked() - asked;
        self.samples.batch(elapsed, calls.len());
    }
}

/// In the steady state of a generated market.
pub(crate) fn of_world(world: &World, slice: Duration, progress: &Progress) -> Vec<Decisions> {
    progress.say("an hour of traffic");
    let mut traffic = Traffic::warmed_up(world);
    progress.say("decisions");
    let timer = timer_cost();
    let (mut core, mut whole) = (Kind::new("core decision", timer), Kind::new("whole decision", timer));
    let mut ringed = Kind::new("core decision through rings", timer);
    let (mut events, mut sold_by_answers) = (Events::new(), 0);
    for _ in 0..SLICES {
        core.slice(slice, |timed| {
            let (sold, _) = traffic.sold();
            let (at, offers, waiting) = traffic.next_waiting();
            timed.each(&waiting, |call| {
                traffic.exchange.measure_decide(at, *call, &mut events);
                black_box(&events);
            });
            traffic.offered(&offers);
            traffic.sold().0 - sold
        });
        let (_, answered_sold) = rings::between_two(|rings| {
            ringed.slice(slice, |timed| {
                let (sold, _) = traffic.sold();
                let (at, offers, waiting) = traffic.next_waiting();
                rings.fill(&waiting);
                timed.each(&waiting, |_| rings.decide(&mut traffic.exchange, at, &mut events));
                traffic.offered(&offers);
                traffic.sold().0 - sold
            });
        });
        sold_by_answers += answered_sold;
        whole.slice(slice, |timed| {
            let (sold, _) = traffic.sold();
            let (at, offers) = traffic.next_offers();
            timed.each(&offers, |(_, command)| {
                market::accept(&mut traffic.exchange, at, command, &mut events);
                black_box(&events);
            });
            traffic.offered(&offers);
            traffic.sold().0 - sold
        });
        while traffic.exchange.maintain(100_000) {}
    }
    assert_eq!(sold_by_answers, ringed.sold, "every answer came through");
    vec![core.said(), ringed.said(), whole.said()]
}

/// Under everything a plan says. Calls come by the batch every fifteen seconds, each of a caller of its own, and are
/// canceled after they were measured: what they held is given back.
pub(crate) fn of_plan(market: &mut PlanMarket, slice: Duration, progress: &Progress) -> Vec<Decisions> {
    progress.say("decisions");
    let timer = timer_cost();
    let (mut core, mut whole) = (Kind::new("core decision", timer), Kind::new("whole decision", timer));
    let mut calls = PlanCalls {
        exchange: &mut market.full,
        book: &market.book,
        events: Events::new(),
        now: market::OPENING,
        count: 0,
    };
    let mut events = Events::new();
    for _ in 0..SLICES {
        core.slice(slice, |timed| {
            let offers = calls.next();
            let at = calls.now;
            let mut waiting = Vec::with_capacity(offers.len());
            for offer in &offers {
                let mut registration = RegisterCall::new(offer.seller, offer.call, offer.listing);
                (registration.facts, registration.subject) = (offer.facts, offer.subject);
                market::accept(calls.exchange, at, &registration.into(), &mut events);
                waiting.extend(calls.exchange.measure_waiting(offer.seller, offer.call, offer.reserve));
            }
            timed.each(&waiting, |call| {
                calls.exchange.measure_decide(at, *call, &mut events);
                black_box(&events);
            });
            calls.cancel(&offers)
        });
        whole.slice(slice, |timed| {
            let offers = calls.next();
            let commands: Vec<Command<'_>> = offers.iter().map(|offer| (*offer).into()).collect();
            let at = calls.now;
            timed.each(&commands, |command| {
                // A rule about callers may have no room left: that is an answer, too.
                let _ = black_box(calls.exchange.apply(at, command, &mut events));
            });
            calls.cancel(&offers)
        });
        while calls.exchange.maintain(100_000) {}
    }
    vec![core.said(), whole.said()]
}

/// The calls of a plan's market.
struct PlanCalls<'m> {
    exchange: &'m mut Exchange,
    book: &'m Book,
    events: Events,
    now: Timestamp,
    count: u64,
}

impl<'m> PlanCalls<'m> {
    /// Lets time pass until the next calls come.
    fn next(&mut self) -> Vec<OfferCall<'m>> {
        const GAP_MICROS: u64 = 15_000_000;
        let until = Timestamp::from_micros(self.now.micros() + GAP_MICROS);
        while let Some(at) = self.exchange.next_deadline().filter(|at| *at <= until) {
            market::accept(self.exchange, at, &Tick.into(), &mut self.events);
        }
        self.now = until;
        let book = self.book;
        let offers = (0..BATCH).map(|_| {
            let offer = &book.offers[self.count as usize % book.offers.len()];
            self.count += 1;
            let call = CallId::at(until, self.count);
            let command = OfferCall::new(offer.listing.seller, call, offer.listing.id).reserve(offer.reserve);
            command.subject(SubjectId(u128::from(self.count))).facts(&offer.facts)
        });
        offers.collect()
    }

    /// Ends those that were sold; returns how many.
    fn cancel(&mut self, offers: &[OfferCall<'_>]) -> u64 {
        let mut sold = 0;
        for offer in offers {
            let view = self.exchange.call(offer.seller, offer.call);
            if view.is_some_and(|view| view.state == CallState::Dialed) {
                sold += 1;
                let cancel = CancelCall::new(offer.seller, offer.call).into();
                market::accept(self.exchange, self.now, &cancel, &mut self.events);
            }
        }
        sold
    }
}
