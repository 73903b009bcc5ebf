//! The switch reports that the buyer's side hung up.

use super::Stamp;
use super::report::Report;
use crate::calls::CallState;
use crate::event::Events;
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::reason::Reason;
use crate::reject::Reject;
use crate::terms::LegReport;

/// Reports that the buyer's side hung up while the caller is still on the line; a caller who hangs up is
/// [`ReportEnded`](super::ReportEnded).
///
/// Before an answer the leg has failed. An answered call is sold again where its listing recovers such calls
/// ([`SetDelivery`](super::SetDelivery)); else it is over.
///
/// # Refused
///
/// `AccountUnknown`, `SessionUnknown`, `StampReused`, `StampTooOld`, `CallUnknown`, `CallNotRouted`,
/// `LegOver`, `ReportOutOfOrder`, `ClockInconsistent`.
///
/// # Events
///
/// Before an answer those of [`ReportFailed`](super::ReportFailed). Sold again: `MoneyPosted` for a payout that is earned,
/// `MoneyVoided` for each hold, `AttemptFailed`, and those of a decision. Else those of
/// [`ReportEnded`](super::ReportEnded).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportDropped {
    /// The seller, whose switch reports.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// Which leg, and what the switch's clocks say.
    pub report: LegReport,
    /// Of the seller's session.
    pub stamp: Stamp,
}

impl ReportDropped {
    /// The buyer's side left `call`.
    #[must_use]
    pub const fn new(seller: AccountId, call: CallId, report: LegReport, stamp: Stamp) -> Self {
        Self { seller, call, report, stamp }
    }
}

impl Exchange {
    pub(crate) fn report_dropped(
        &mut self,
        step: Step,
        command: &ReportDropped,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let report = Report {
            seller: command.seller,
            call: command.call,
            leg: command.report,
            stamp: command.stamp,
            verb: 60,
            from: &[CallState::Dialed, CallState::Ringing, CallState::Answered],
            answers: false,
            gives_back: false,
        };
        self.report(step, &report, |exchange, live, state| match state {
            CallState::Answered if exchange.recovers(live) => exchange.recover(live, step, events),
            CallState::Answered => exchange.hang_up(live, step, Reason::Completed, events),
            _ => exchange.fail_leg(live, step, Reason::BuyerHungUp, events),
        })
    }
}
