//! A buyer takes a live bid back.

use super::Stamp;
use super::body::Body;
use crate::auctions::Answer;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId, ProfileId};
use crate::reject::Reject;

/// Withdraws a live bid, on a withdrawable listing while the window is open. A standing bid counts again.
///
/// # Refused
///
/// `AccountUnknown`, `SessionUnknown`, `StampReused`, `StampTooOld`, `ProfileUnknown`, `CallUnknown`, `AuctionNotOpen`,
/// `BidNotWithdrawable`, `BidUnknown`.
///
/// # Events
///
/// `BidWithdrawn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithdrawBid {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// The seller of the call.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// Of the buyer's session.
    pub stamp: Stamp,
}

impl WithdrawBid {
    /// `profile` of `buyer` takes back its bid on `call`.
    #[must_use]
    pub const fn new(
        (buyer, profile): (AccountId, ProfileId),
        (seller, call): (AccountId, CallId),
        stamp: Stamp,
    ) -> Self {
        Self { buyer, profile, seller, call, stamp }
    }
}

impl Exchange {
    pub(crate) fn withdraw_bid(
        &mut self,
        step: Step,
        command: &WithdrawBid,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &WithdrawBid { buyer, profile, seller, call, stamp } = command;
        let buyer_slot = self.accounts.find(buyer)?;
        let fingerprint = Body::new(self.genesis.seed, 11).wide(profile.0).wide(seller.0).wide(call.0).finish();
        self.stamped(step, (buyer_slot, stamp), fingerprint, |exchange| {
            let slot = exchange.profiles.find(buyer_slot, profile).ok_or(Reject::ProfileUnknown)?;
            let live = exchange.find_auction(seller, call)?;
            let call_live = exchange.calls.live(live);
            let auction = call_live.auction;
            if !exchange.listings.get(exchange.calls.record(call_live.record).listing).withdrawable {
                return Err(Reject::BidNotWithdrawable);
            }
            if !matches!(exchange.auctions.answer(auction, slot, step.at), Answer::Live(_)) {
                return Err(Reject::BidUnknown);
            }
            exchange.auctions.withdraw(auction, slot);
            exchange.profiles.get_mut(slot).bids -= 1;
            events.push(Event::BidWithdrawn { seller, call, buyer, profile });
            Ok(())
        })
    }
}
