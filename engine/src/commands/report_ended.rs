//! The switch reports that the call is over.

use super::Stamp;
use super::report::Report;
use crate::calls::{CallState, Marks};
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::reason::Reason;
use crate::reject::Reject;
use crate::terms::LegReport;
use crate::units::Millis;

/// Reports the end: of an answered call, which is settled; of one still ringing, whose caller hung up.
///
/// # Refused
///
/// `AccountUnknown`, `SessionUnknown`, `StampReused`, `StampTooOld`, `CallUnknown`, `CallNotRouted`,
/// `LegOver`, `ReportOutOfOrder`, `ClockInconsistent`.
///
/// # Events
///
/// What was held is posted or voided, revenue before payout; then `CallEnded`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportEnded {
    /// The seller, whose switch reports.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// Which leg, and what the switch's clocks say.
    pub report: LegReport,
    /// Of the seller's session.
    pub stamp: Stamp,
}

impl ReportEnded {
    /// `call` is over.
    #[must_use]
    pub const fn new(seller: AccountId, call: CallId, report: LegReport, stamp: Stamp) -> Self {
        Self { seller, call, report, stamp }
    }
}

impl Exchange {
    pub(crate) fn report_ended(
        &mut self,
        step: Step,
        command: &ReportEnded,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let report = Report {
            seller: command.seller,
            call: command.call,
            leg: command.report,
            stamp: command.stamp,
            verb: 15,
            from: &[CallState::Dialed, CallState::Ringing, CallState::Answered],
            answers: false,
        };
        let accepted = match self.judge_report(&report)? {
            Ok(accepted) => accepted,
            Err(repeated) => return Ok(repeated),
        };
        self.keep_report(step, &report, &accepted);
        if accepted.state == CallState::Answered {
            self.hang_up(accepted.live, step, Reason::Completed, events);
            return Ok(Done::Accepted);
        }
        self.undo_hold(accepted.live, step, events);
        let reason = Reason::CallerHungUp;
        let (seller, call) = self.names(accepted.live);
        let record = self.calls.record(self.calls.live(accepted.live).record);
        let flagged = record.marks.has(Marks::FLAGGED);
        events.push(Event::CallEnded { seller, call, reason, connected: Millis(0), flagged });
        self.close_call(accepted.live, step, reason);
        Ok(Done::Accepted)
    }
}
