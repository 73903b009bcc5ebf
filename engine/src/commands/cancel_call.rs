//! A seller takes a call back before it is answered.

use crate::calls::CallState;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::reason::Reason;
use crate::reject::Reject;

/// Cancels a call that is registered, quoted, in auction, or ringing; what is held for it is freed. Canceling a canceled call is a repeat.
///
/// # Refused
///
/// `AccountUnknown`, `CallUnknown`, `CallNotRouted` (closed otherwise), `CallAnswered`.
///
/// # Events
///
/// `AuctionClosed` if one was open, then `BidLost` to its invitees; `MoneyVoided` for what was held, then `CallCanceled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelCall {
    /// The seller.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
}

impl CancelCall {
    /// `call` of `seller`.
    #[must_use]
    pub const fn new(seller: AccountId, call: CallId) -> Self {
        Self { seller, call }
    }
}

impl Exchange {
    pub(crate) fn cancel_call(
        &mut self,
        step: Step,
        command: &CancelCall,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &CancelCall { seller, call } = command;
        let seller_slot = self.accounts.find(seller)?;
        let slot = self.calls.find(seller_slot, call).ok_or(Reject::CallUnknown)?;
        let record = self.calls.record(slot);
        if record.is_canceled() {
            events.push(Event::CallCanceled { seller, call });
            return Ok(Done::Repeated(record.changed));
        }
        let live = record.live().ok_or(Reject::CallNotRouted)?;
        match record.state {
            CallState::Answered => return Err(Reject::CallAnswered),
            CallState::Auction => {
                self.announce_close(live, events);
                self.tell_canceled(live, step, events);
            }
            CallState::Quoted => {
                self.end_quote(live);
                self.undo_hold(live, step, events);
            }
            CallState::Registered | CallState::Dialed | CallState::Ringing | CallState::Closed => {
                self.undo_all(live, step, false, events);
            }
        }
        events.push(Event::CallCanceled { seller, call });
        self.close_call(live, step, Reason::SellerCanceled);
        Ok(Done::Accepted)
    }
}
