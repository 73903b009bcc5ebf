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

/// Reports the end: of an answered call, which is settled; of one still ringing, whose caller hung up. Where the buyer's
/// side hung up and the caller is still there, it is [`ReportDropped`](super::ReportDropped).
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
            gives_back: false,
        };
        self.report(step, &report, |exchange, live, state| match state {
            CallState::Answered => exchange.hang_up(live, step, Reason::Completed, events),
            _ => exchange.give_up(live, step, events),
        })
    }

    /// The caller did not wait for an answer.
    fn give_up(&mut self, live: u32, step: Step, events: &mut Events) {
        self.undo_all(live, step, true, events);
        let reason = Reason::CallerHungUp;
        let (seller, call) = self.names(live);
        let flagged = self.calls.record(self.calls.live(live).record).marks.has(Marks::FLAGGED);
        events.push(Event::CallEnded { seller, call, reason, connected: Millis(0), flagged });
        self.close_call(live, step, reason);
    }
}
