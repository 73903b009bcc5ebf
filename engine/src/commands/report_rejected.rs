//! The switch reports that the buyer's agent gave the call back.

use super::Stamp;
use super::report::Report;
use crate::calls::CallState;
use crate::event::Events;
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::reject::Reject;
use crate::terms::LegReport;

/// Reports that the buyer's agent gave an answered call back, within the window its profile has for that
/// ([`SetAnswering`](super::SetAnswering)) and before its price is earned. The call is decided again.
///
/// # Refused
///
/// `AccountUnknown`, `SessionUnknown`, `StampReused`, `StampTooOld`, `CallUnknown`, `CallNotRouted`,
/// `LegOver`, `ReportOutOfOrder`, `ClockInconsistent`, `RejectionTooLate`.
///
/// # Events
///
/// `MoneyPosted` for a payout that is earned, `MoneyVoided` for each hold, `AttemptFailed`, and those of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportRejected {
    /// The seller, whose switch reports.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// Which leg, and what the switch's clocks say.
    pub report: LegReport,
    /// Of the seller's session.
    pub stamp: Stamp,
}

impl ReportRejected {
    /// The agent gave `call` back.
    #[must_use]
    pub const fn new(seller: AccountId, call: CallId, report: LegReport, stamp: Stamp) -> Self {
        Self { seller, call, report, stamp }
    }
}

impl Exchange {
    pub(crate) fn report_rejected(
        &mut self,
        step: Step,
        command: &ReportRejected,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let report = Report {
            seller: command.seller,
            call: command.call,
            leg: command.report,
            stamp: command.stamp,
            verb: 61,
            from: &[CallState::Answered],
            answers: false,
            gives_back: true,
        };
        self.report(step, &report, |exchange, live, _| exchange.give_back(live, step, events))
    }
}
