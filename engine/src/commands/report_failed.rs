//! The switch reports that a leg came to nothing.

use super::Stamp;
use super::report::Report;
use crate::calls::CallState;
use crate::event::Events;
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::reason::Reason;
use crate::reject::Reject;
use crate::terms::LegReport;

/// Reports a failed leg. The next destination is dialled; after the last the attempt has failed, its holds are freed, and the call is decided again.
///
/// # Refused
///
/// `ValueOutOfRange` (a failure that is none), `AccountUnknown`, `SessionUnknown`, `StampReused`, `StampTooOld`, `CallUnknown`, `CallNotRouted`,
/// `LegOver`, `ReportOutOfOrder`, `ClockInconsistent`.
///
/// # Events
///
/// `CallDialed` for the next destination; or `MoneyVoided` for each hold, `AttemptFailed`, and those of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportFailed {
    /// The seller, whose switch reports.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// Which leg, and what the switch's clocks say.
    pub report: LegReport,
    /// `NoAnswer`, `Busy` or `DialFailed`.
    pub failure: Reason,
    /// Of the seller's session.
    pub stamp: Stamp,
}

impl ReportFailed {
    /// `call` was not answered.
    #[must_use]
    pub const fn new(seller: AccountId, call: CallId, report: LegReport, failure: Reason, stamp: Stamp) -> Self {
        Self { seller, call, report, failure, stamp }
    }
}

impl Exchange {
    pub(crate) fn report_failed(
        &mut self,
        step: Step,
        command: &ReportFailed,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        if !matches!(command.failure, Reason::NoAnswer | Reason::Busy | Reason::DialFailed) {
            return Err(Reject::ValueOutOfRange);
        }
        let report = Report {
            seller: command.seller,
            call: command.call,
            leg: command.report,
            stamp: command.stamp,
            verb: 14 | u64::from(command.failure.code()) << 8,
            from: &[CallState::Dialed, CallState::Ringing],
            answers: false,
            gives_back: false,
        };
        self.report(step, &report, |exchange, live, _| exchange.fail_leg(live, step, command.failure, events))
    }
}
