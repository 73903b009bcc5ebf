//! An indicative quote is to bind.

use crate::calls::Marks;
use crate::event::Events;
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId, Sequence};
use crate::reason::Reason;
use crate::reject::Reject;

/// Makes an indicative quote a firm one, until the moment at which it ends anyway: the call is put up for sale and decided
/// over the present state, which may give another price, or nobody. Of a firm quote, or of one that was declined, it is a
/// repeat.
///
/// # Refused
///
/// `AccountUnknown`, `CallUnknown`, `CallAlreadyOffered` (its caller has arrived, or it never was a quote), `QuoteOver`
/// (lapsed, or canceled), `CallNotQuoted`, `ContactsFull` (a rule about its callers has no room to remember this one),
/// `FirmQuotesFull`.
///
/// # Events
///
/// Those of a firm quote: `CallReserved`, `MoneyHeld`, and `BidLost` as for a sale; or `QuoteDeclined`, and the call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfirmQuote {
    /// The seller.
    pub seller: AccountId,
    /// The quoted call.
    pub call: CallId,
}

impl ConfirmQuote {
    /// The quote of `call`.
    #[must_use]
    pub const fn new(seller: AccountId, call: CallId) -> Self {
        Self { seller, call }
    }
}

impl Exchange {
    pub(crate) fn confirm_quote(
        &mut self,
        step: Step,
        command: &ConfirmQuote,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &ConfirmQuote { seller, call } = command;
        let seller_slot = self.accounts.find(seller)?;
        let slot = self.calls.find(seller_slot, call).ok_or(Reject::CallUnknown)?;
        let known = self.calls.record(slot);
        if known.sequence != Sequence(0) {
            return Err(Reject::CallAlreadyOffered);
        }
        if !known.marks.has(Marks::QUOTED) {
            return Err(Reject::CallNotQuoted);
        }
        let is_declined = known.reason.is_some_and(|reason| reason != Reason::QuoteLapsed) && !known.is_canceled();
        let live = match known.live() {
            None if is_declined => None,
            None => return Err(Reject::QuoteOver),
            Some(live) => Some(live).filter(|live| self.calls.live(*live).hold.is_none()),
        };
        let Some(live) = live else {
            self.tell_quote(slot, events);
            return Ok(Done::Repeated(known.changed));
        };
        let declined = self.judge_sale(&self.screened(live, step.at))?.map(|loss| loss.reason);
        self.quotes.judge_firm(seller_slot)?;
        self.calls.record_mut(slot).changed = step.sequence;
        self.quote(live, step, (true, declined), events);
        Ok(Done::Accepted)
    }
}
