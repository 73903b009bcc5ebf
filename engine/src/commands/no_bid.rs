//! A buyer passes on a call.

use super::Stamp;
use super::body::Body;
use crate::auctions::Answer;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId, ProfileId};
use crate::reject::Reject;

/// Passes on a call while its window is open: the profile is out of this auction, and its standing bid does not compete
/// for this call either, now or later. A pass is not taken back.
///
/// Any profile whose vertical and targeting accept the call may pass, invited or not. A pass takes a place among the
/// auction's bids, until the call is closed.
///
/// # Refused
///
/// `AccountUnknown`, `SessionUnknown`, `StampReused`, `StampTooOld`, `ProfileUnknown`, `CallUnknown`, `AuctionNotOpen`,
/// `CallNotWanted`, `CallDeclined` (it passed before), `BidStands` (a live bid is binding), `AnswerTooLate`,
/// `DealNeeded`, `BidsFull`.
///
/// # Events
///
/// `BidDeclined`; then those of `CloseAuction`, where the listing closes early and nobody is awaited any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoBid {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// The seller of the call.
    pub seller: AccountId,
    /// The call whose auction is open.
    pub call: CallId,
    /// Of the buyer's session.
    pub stamp: Stamp,
}

impl NoBid {
    /// `profile` of `buyer` passes on `call`.
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
    pub(crate) fn no_bid(&mut self, step: Step, command: &NoBid, events: &mut Events) -> Result<Done, Reject> {
        let &NoBid { buyer, profile, seller, call, stamp } = command;
        let buyer_slot = self.accounts.find(buyer)?;
        let fingerprint = Body::new(self.genesis.seed, 16).wide(profile.0).wide(seller.0).wide(call.0).finish();
        self.stamped(step, (buyer_slot, stamp), fingerprint, |exchange| {
            let slot = exchange.profiles.find(buyer_slot, profile).ok_or(Reject::ProfileUnknown)?;
            let live = exchange.find_auction(seller, call)?;
            exchange.judge_pass(live, slot, step)?;
            let auction = exchange.calls.live(live).auction;
            if exchange.auctions.decline(auction, slot, step.sequence) {
                exchange.profiles.get_mut(slot).bids += 1;
            }
            events.push(Event::BidDeclined { seller, call, buyer, profile });
            exchange.close_if_settled(live, step, events);
            Ok(())
        })
    }

    /// Whether the profile can pass.
    fn judge_pass(&self, live: u32, slot: u32, step: Step) -> Result<(), Reject> {
        self.judge_wanted(live, slot, step)?;
        let auction = self.calls.live(live).auction;
        match self.auctions.answer(auction, slot, step.at) {
            Answer::Passed => Err(Reject::CallDeclined),
            Answer::Live(_) => Err(Reject::BidStands),
            Answer::None if self.is_too_late(live, slot, step) => Err(Reject::AnswerTooLate),
            _ if !self.may_compete(live, slot, step) => Err(Reject::DealNeeded),
            Answer::None if !self.auctions.has_room(auction) => Err(Reject::BidsFull),
            Answer::None | Answer::Expired => Ok(()),
        }
    }
}
