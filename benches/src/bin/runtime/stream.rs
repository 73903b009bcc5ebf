//! The market's stream in coarse steps: what the switches report, then the next offers, all at one moment, so that two
//! exchanges can be given exactly the same.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use dce_benches::market::{self, OPENING, SESSION, seller_id};
use dce_benches::random::Random;
use dce_benches::world::{SELLERS, World};
use dce_engine::prelude::*;

/// Offers of a step, at most.
const OFFERS_MAX: u64 = 8_192;
/// How long a step may be: whoever rings is answered before it rings out, after twenty seconds.
const STEP_MICROS_MAX: u64 = 19_000_000;

/// One moment.
pub(crate) struct Step<'w> {
    pub(crate) at: Timestamp,
    pub(crate) reports: Vec<Command<'static>>,
    pub(crate) offers: Vec<Command<'w>>,
}

/// What comes, given what became of what came before.
pub(crate) struct Stream<'w> {
    world: &'w World,
    at: Timestamp,
    gap_micros: u64,
    /// Offers of a step.
    pub(crate) offers: u64,
    calls: u64,
    reports: BinaryHeap<Reverse<Report>>,
    stamps: [u64; SELLERS as usize],
    random: Random,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Report {
    at: Timestamp,
    call: CallId,
    seller: u8,
    attempt: u8,
    dialed_at: Timestamp,
    answered_at: Option<Timestamp>,
}

impl<'w> Stream<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        let profiles = world.profiles.len() as u64;
        // Four calls an hour for each profile.
        let gap_micros = 900_000_000 / profiles;
        Self {
            world,
            at: OPENING,
            gap_micros,
            offers: (STEP_MICROS_MAX / gap_micros).clamp(1, OFFERS_MAX),
            calls: 0,
            reports: BinaryHeap::new(),
            stamps: [0; SELLERS as usize],
            random: Random::new(profiles),
        }
    }

    pub(crate) fn next(&mut self) -> Step<'w> {
        self.at = Timestamp::from_micros(self.at.micros() + self.gap_micros * self.offers);
        let at = self.at;
        let mut reports = Vec::new();
        while self.reports.peek().is_some_and(|Reverse(report)| report.at <= at) {
            if let Some(Reverse(report)) = self.reports.pop() {
                reports.push(self.report(&report));
            }
        }
        let offers = (0..self.offers).map(|_| {
            let call = &self.world.calls[self.calls as usize % self.world.calls.len()];
            self.calls += 1;
            market::offer(call, at, self.calls).into()
        });
        Step { at, reports, offers: offers.collect() }
    }

    /// A destination is dialled: decides what becomes of it.
    pub(crate) fn dialed(&mut self, seller: AccountId, call: CallId, attempt: u8, dialed_at: Timestamp) {
        // Five of a hundred ring out.
        if self.random.below(100) < 95 {
            let at = dialed_at + Millis(self.random.between(3_000, 9_000) as u32);
            let seller = (seller.0 - seller_id(0).0) as u8;
            self.reports.push(Reverse(Report { at, call, seller, attempt, dialed_at, answered_at: None }));
        }
    }

    fn report(&mut self, report: &Report) -> Command<'static> {
        let &Report { at, call, .. } = report;
        let seller = seller_id(report.seller);
        let number = &mut self.stamps[usize::from(report.seller)];
        *number += 1;
        let stamp = Stamp::new(SESSION, *number);
        let since = |from: Timestamp| Millis((at.micros_since(from) / 1_000) as u32);
        let incoming = since(call.time().unwrap_or(report.dialed_at));
        let connected = report.answered_at.map_or(Millis(0), since);
        let leg = LegReport::leg(report.attempt, 0, Clocks::new(incoming, since(report.dialed_at), connected));
        if report.answered_at.is_some() {
            return ReportEnded::new(seller, call, leg, stamp).into();
        }
        let talk = Millis(self.random.between(5_000, 600_000) as u32);
        self.reports.push(Reverse(Report { at: at + talk, answered_at: Some(at), ..*report }));
        ReportAnswered::new(seller, call, leg, stamp).into()
    }
}
