//! The switch reports that the buyer's side picked up.

use super::Stamp;
use super::report::Report;
use crate::calls::CallState;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::reject::Reject;
use crate::settlement::Settling;
use crate::terms::{DuplicateOn, LegReport};

/// Reports the answer. What is owed on connect is posted.
///
/// # Refused
///
/// `AccountUnknown`, `SessionUnknown`, `StampReused`, `StampTooOld`, `CallUnknown`, `CallNotRouted`,
/// `LegOver`, `ReportOutOfOrder`, `ClockInconsistent`.
///
/// # Events
///
/// `CallAnswered`; for each other attempt that rang, `MoneyVoided` for each hold and `AttemptFailed`; then the postings whose terms are met, revenue before payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportAnswered {
    /// The seller, whose switch reports.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// Which leg, and what the switch's clocks say.
    pub report: LegReport,
    /// Of the seller's session.
    pub stamp: Stamp,
}

impl ReportAnswered {
    /// `call` is answered.
    #[must_use]
    pub const fn new(seller: AccountId, call: CallId, report: LegReport, stamp: Stamp) -> Self {
        Self { seller, call, report, stamp }
    }
}

impl Exchange {
    pub(crate) fn report_answered(
        &mut self,
        step: Step,
        command: &ReportAnswered,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let report = Report {
            seller: command.seller,
            call: command.call,
            leg: command.report,
            stamp: command.stamp,
            verb: 13,
            from: &[CallState::Dialed, CallState::Ringing],
            answers: true,
            gives_back: false,
        };
        self.report(step, &report, |exchange, live, _| {
            events.push(Event::CallAnswered {
                seller: command.seller,
                call: command.call,
                attempt: command.report.attempt,
                destination_index: command.report.destination_index,
            });
            exchange.stop_others(live, step, events);
            let slot = exchange.calls.live(live).record;
            let record = exchange.calls.record_mut(slot);
            record.become_state(CallState::Answered);
            let longest = exchange.listings.get(record.listing).duration_max;
            exchange.calls.set_deadline(live, step.at + longest);
            if let Some(hold) = exchange.calls.live(live).hold {
                exchange.delivery.forget_misses(exchange.settings.of(hold.profile));
                exchange.remember_progress(live, &hold, DuplicateOn::Connect, step.at);
                exchange.settle(live, step, Settling::Underway, events);
            }
        })
    }
}
