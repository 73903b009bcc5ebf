//! The switch reports that the destination rings.

use super::Stamp;
use super::report::Report;
use crate::calls::CallState;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::reject::Reject;
use crate::terms::LegReport;

/// Reports ringing. The ring time-out runs on.
///
/// # Refused
///
/// `AccountUnknown`, `SessionUnknown`, `StampReused`, `StampTooOld`, `CallUnknown`, `CallNotRouted`,
/// `LegOver`, `ReportOutOfOrder`, `ClockInconsistent`.
///
/// # Events
///
/// `CallRinging`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportRinging {
    /// The seller, whose switch reports.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// Which leg, and what the switch's clocks say.
    pub report: LegReport,
    /// Of the seller's session.
    pub stamp: Stamp,
}

impl ReportRinging {
    /// `call` rings.
    #[must_use]
    pub const fn new(seller: AccountId, call: CallId, report: LegReport, stamp: Stamp) -> Self {
        Self { seller, call, report, stamp }
    }
}

impl Exchange {
    pub(crate) fn report_ringing(
        &mut self,
        step: Step,
        command: &ReportRinging,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let report = Report {
            seller: command.seller,
            call: command.call,
            leg: command.report,
            stamp: command.stamp,
            verb: 12,
            from: &[CallState::Dialed],
            answers: false,
            gives_back: false,
        };
        self.report(step, &report, |exchange, live, _| {
            let record = exchange.calls.live(live).record;
            exchange.calls.record_mut(record).become_state(CallState::Ringing);
            events.push(Event::CallRinging {
                seller: command.seller,
                call: command.call,
                attempt: command.report.attempt,
                destination_index: command.report.destination_index,
            });
            exchange.show_lowest(live);
        })
    }
}
