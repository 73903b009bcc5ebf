//! What all progress reports have in common: the stamp, the leg, the clocks.

use super::Stamp;
use super::body::Body;
use crate::calls::{CallState, Marks};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::limits::CLOCK_SLACK_MS;
use crate::reject::Reject;
use crate::sessions::Stamped;
use crate::terms::{Clocks, LegReport};

/// Who reports what, as each of the four commands carries it.
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
}

/// A report that may be carried out.
pub(super) struct Accepted {
    pub(super) live: u32,
    pub(super) state: CallState,
    session: u32,
    fingerprint: u64,
}

impl Exchange {
    /// Judges a report: `Ok(Err(done))` when it was accepted before.
    pub(super) fn judge_report(&self, report: &Report) -> Result<Result<Accepted, Done>, Reject> {
        let seller = self.accounts.find(report.seller)?;
        let leg = &report.leg;
        let fingerprint = Body::new(self.genesis.seed, report.verb)
            .wide(report.call.0)
            .word(u64::from(leg.attempt) << 8 | u64::from(leg.destination_index))
            .word(leg.clocks.since_incoming.0)
            .word(leg.clocks.since_dial.0)
            .word(leg.clocks.since_connect.0)
            .finish();
        let stamp = report.stamp;
        let session = match self.sessions.judge(seller, stamp.session, stamp.number, fingerprint)? {
            Stamped::New(session) => session,
            Stamped::Repeated(sequence) => return Ok(Err(Done::Repeated(sequence))),
        };
        let slot = self.calls.find(seller, report.call).ok_or(Reject::CallUnknown)?;
        let record = self.calls.record(slot);
        let state = record.state;
        let talking = state.is_delivering() || state == CallState::Answered;
        let live = record.live().filter(|_| talking).ok_or(Reject::CallNotRouted)?;
        let call = self.calls.live(live);
        if (leg.attempt, leg.destination_index) != (record.attempt, record.destination_index) {
            return Err(Reject::LegOver);
        }
        if !report.from.contains(&state) {
            return Err(Reject::ReportOutOfOrder);
        }
        let connects = report.answers || state == CallState::Answered;
        if !clocks_follow(&call.clocks, &leg.clocks, connects) {
            return Err(Reject::ClockInconsistent);
        }
        Ok(Ok(Accepted { live, state, session, fingerprint }))
    }

    /// Keeps the clocks and the stamp of an accepted report.
    pub(super) fn keep_report(&mut self, step: Step, report: &Report, accepted: &Accepted) {
        let call = self.calls.live_mut(accepted.live);
        call.clocks = report.leg.clocks;
        let slot = call.record;
        let record = self.calls.record_mut(slot);
        record.changed = step.sequence;
        let in_log_ms = step.at.micros_since(record.known_at) / 1_000;
        if u64::from(report.leg.clocks.since_incoming.0) > in_log_ms + CLOCK_SLACK_MS {
            record.marks.add(Marks::FLAGGED);
        }
        self.sessions.record(accepted.session, report.stamp.number, accepted.fingerprint, step.sequence);
    }
}

/// The clocks are consistent, none went back, and none counts from an answer that has not been.
fn clocks_follow(last: &Clocks, now: &Clocks, connects: bool) -> bool {
    now.is_consistent() && now.is_not_before(last) && (connects || now.since_connect.0 == 0)
}
