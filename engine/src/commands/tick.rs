//! Time passes.

use crate::calls::{CallState, Due};
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::reason::Reason;
use crate::reject::Reject;
/// Fires what is due, in order of deadline: auctions close, ringing ends, calls reach their longest duration, registered
/// calls expire, quotes lapse, closed calls are sealed. It stops while the next one's worst case might not fit the sink; apply it again
/// until [`Exchange::next_deadline`](crate::Exchange::next_deadline) lies ahead.
///
/// # Refused
///
/// `NothingDue`.
///
/// # Events
///
/// Those of what fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tick;

impl Exchange {
    pub(crate) fn tick(&mut self, step: Step, events: &mut Events) -> Result<Done, Reject> {
        while let Some((_, due)) = self.calls.next_due().filter(|(at, _)| *at <= step.at) {
            if !events.fits_firing() {
                break;
            }
            match due {
                Due::Deadline(live) => self.fire(live, step, events),
                Due::Seal(record) => self.seal(record, events),
            }
        }
        Ok(Done::Accepted)
    }

    /// A live call's deadline has come: what it meant depends on how far the call is.
    fn fire(&mut self, live: u32, step: Step, events: &mut Events) {
        let record = self.calls.live(live).record;
        let record = self.calls.record_mut(record);
        record.changed = step.sequence;
        match record.state {
            CallState::Registered => {
                let reason = Reason::OpportunityExpired;
                let (seller, call) = self.names(live);
                events.push(Event::CallUnsold { seller, call, reason });
                self.close_call(live, step, reason);
            }
            CallState::Quoted => self.lapse_quote(live, step, events),
            CallState::Auction => self.close_window(live, step, events),
            CallState::Dialed | CallState::Ringing => {
                self.show_due(live);
                self.fail_leg(live, step, Reason::NoAnswer, events);
            }
            CallState::Answered => self.hang_up(live, step, Reason::DurationMaxReached, events),
            CallState::Closed => unreachable!("Invariant: a closed call has no deadline"),
        }
    }

    fn seal(&mut self, record: u32, events: &mut Events) {
        let call = self.calls.record(record);
        let (seller, id) = (self.accounts.get(call.seller).id, call.id());
        self.calls.seal(record);
        events.push(Event::CallSealed { seller, call: id });
    }
}
