//! A seller closes an auction before its time.

use crate::calls::{CallState, Marks};
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::reject::Reject;

/// Closes an open auction now and decides it. Closing one that is closed is a repeat.
///
/// # Refused
///
/// `AccountUnknown`, `CallUnknown`, `AuctionNotOpen` (the call never had one).
///
/// # Events
///
/// `AuctionClosed`, then those of a decision: see `docs/rules.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseAuction {
    /// The seller.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
}

impl CloseAuction {
    /// `call` of `seller`.
    #[must_use]
    pub const fn new(seller: AccountId, call: CallId) -> Self {
        Self { seller, call }
    }
}

impl Exchange {
    pub(crate) fn close_auction(
        &mut self,
        step: Step,
        command: &CloseAuction,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &CloseAuction { seller, call } = command;
        let seller_slot = self.accounts.find(seller)?;
        let slot = self.calls.find(seller_slot, call).ok_or(Reject::CallUnknown)?;
        let record = self.calls.record(slot);
        if !record.marks.has(Marks::AUCTIONED) {
            return Err(Reject::AuctionNotOpen);
        }
        let Some(live) = record.live().filter(|_| record.state == CallState::Auction) else {
            events.push(Event::AuctionClosed { seller, call, bids: u32::from(record.bids) });
            return Ok(Done::Repeated(record.changed));
        };
        self.calls.record_mut(slot).changed = step.sequence;
        self.close_window(live, step, events);
        Ok(Done::Accepted)
    }
}
