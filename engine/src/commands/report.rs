//! What all progress reports have in common: the stamp, the leg, the clocks.

use super::Stamp;
use super::body::Body;
use crate::calls::{Attempt, CallState, HoldState, Marks};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::limits::CLOCK_SLACK_MS;
use crate::reject::Reject;
use crate::terms::{Clocks, LegReport};

/// Who reports what, as each of the six commands carries it.
pub(super) struct Report {
    pub(super) seller: AccountId,
    pub(super) call: CallId,
    pub(super) leg: LegReport,
    pub(super) stamp: Stamp,
    /// Which report, and which failure: part of the body.
    pub(super) verb: u64,
    /// The states in which it makes sense.
    pub(super) from: &'static [CallState],
    /// Whether the call is answered once it is accepted.
    pub(super) answers: bool,
    /// Whether the winner gives the answered call back: it may for a while only.
    pub(super) gives_back: bool,
}

impl Exchange {
    /// Judges a report, keeps its clocks, and carries it out on the live call, which was in this state before.
    pub(super) fn report(
        &mut self,
        step: Step,
        report: &Report,
        carry_out: impl FnOnce(&mut Self, u32, CallState),
    ) -> Result<Done, Reject> {
        let seller = self.accounts.find(report.seller)?;
        let clocks = &report.leg.clocks;
        let fingerprint = Body::new(self.genesis.seed, report.verb)
            .wide(report.call.0)
            .word(u64::from(report.leg.attempt) << 8 | u64::from(report.leg.destination_index))
            .word(clocks.since_incoming.0)
            .word(clocks.since_dial.0)
            .word(clocks.since_connect.0)
            .finish();
        self.stamped(step, (seller, report.stamp), fingerprint, |exchange| {
            let (live, place) = exchange.judge_report(seller, report)?;
            if let Some(place) = place {
                exchange.show_leg(live, place);
            }
            let state = exchange.calls.record(exchange.calls.live(live).record).state;
            exchange.keep_report(step, live, clocks);
            carry_out(exchange, live, state);
            Ok(())
        })
    }

    /// Whether the report can be: the live part of its call and, unless it speaks of the present attempt, where the one is
    /// that it speaks of.
    fn judge_report(&self, seller: u32, report: &Report) -> Result<(u32, Option<usize>), Reject> {
        let leg = &report.leg;
        let slot = self.calls.find(seller, report.call).ok_or(Reject::CallUnknown)?;
        let record = self.calls.record(slot);
        let talking = record.state.is_delivering() || record.state == CallState::Answered;
        let live = record.live().filter(|_| talking).ok_or(Reject::CallNotRouted)?;
        let mut last = self.calls.live(live).clocks;
        let (mut state, mut place) = (record.state, None);
        if (leg.attempt, leg.destination_index) != (record.attempt, record.destination_index) {
            let is_meant =
                |aside: &Attempt| (leg.attempt, leg.destination_index) == (aside.attempt, aside.destination_index);
            let mut others = self.calls.beside(live).iter().enumerate();
            let (found, aside) = others
                .find_map(|(place, aside)| aside.as_ref().filter(|aside| is_meant(aside)).map(|aside| (place, aside)))
                .ok_or(Reject::LegOver)?;
            last = Clocks { since_incoming: last.since_incoming, ..aside.clocks };
            (state, place) = (aside.state, Some(found));
        }
        if !report.from.contains(&state) {
            return Err(Reject::ReportOutOfOrder);
        }
        let connects = report.answers || state == CallState::Answered;
        if !clocks_follow(&last, &leg.clocks, connects) {
            return Err(Reject::ClockInconsistent);
        }
        if report.gives_back && !self.may_give_back(live, &leg.clocks) {
            return Err(Reject::RejectionTooLate);
        }
        Ok((live, place))
    }

    /// Within the winner's window, by the reporter's clock, and before its price is earned.
    fn may_give_back(&self, live: u32, clocks: &Clocks) -> bool {
        self.calls.live(live).hold.is_some_and(|hold| {
            let window = self.delivery.of_profile(self.settings.of(hold.profile)).reject_within;
            let is_earned = self.profiles.get(hold.profile).pay_term.is_met(clocks);
            hold.revenue_state == HoldState::Held && !is_earned && u64::from(clocks.since_connect.0) < window.millis()
        })
    }

    fn keep_report(&mut self, step: Step, live: u32, clocks: &Clocks) {
        let call = self.calls.live_mut(live);
        call.clocks = *clocks;
        let slot = call.record;
        let record = self.calls.record_mut(slot);
        record.changed = step.sequence;
        let in_log_ms = step.at.micros_since(record.known_at) / 1_000;
        if u64::from(clocks.since_incoming.0) > in_log_ms + CLOCK_SLACK_MS {
            record.marks.add(Marks::FLAGGED);
        }
    }
}

/// The clocks are consistent, none went back, and none counts from an answer that has not been.
fn clocks_follow(last: &Clocks, now: &Clocks, connects: bool) -> bool {
    now.is_consistent() && now.is_not_before(last) && (connects || now.since_connect.0 == 0)
}
