//! A buyer bids on a call, live.

use super::Stamp;
use super::body::Body;
use crate::auctions::Answer;
use crate::calls::CallState;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId, ProfileId};
use crate::reject::Reject;
use crate::routing::Choice;
use crate::units::{Millis, Money};

/// Places a live bid. It is sealed, binding until it expires, and takes the place of the profile's standing bid in this
/// auction. A raise is a new bid with a new place in time; lowering is for withdrawable listings.
///
/// Any profile whose vertical and targeting accept the call may bid, invited or not. Caps, balance and reserve are
/// judged when the auction closes.
///
/// # Refused
///
/// `AmountOutOfRange`, `ValueOutOfRange` (valid for 0, or above an hour), `AccountUnknown`, `SessionUnknown`,
/// `StampReused`, `StampTooOld`, `ProfileUnknown`, `CallUnknown`, `AuctionNotOpen`, `BidNotRaised`, `CallNotWanted`,
/// `CallDeclined` (it passed), `AnswerTooLate` (it was invited and its time for a first answer is over),
/// `DealNeeded` (the listing is private), `BidsFull`.
///
/// # Events
///
/// `BidPlaced`; then those of `CloseAuction`, where the listing closes early and nobody is awaited any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceBid {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// The seller of the call.
    pub seller: AccountId,
    /// The call whose auction is open.
    pub call: CallId,
    /// How much.
    pub amount: Money,
    /// For how long the bid stands.
    pub valid_for: Millis,
    /// Of the buyer's session.
    pub stamp: Stamp,
}

impl PlaceBid {
    /// `profile` of `buyer` bids `amount`, for a minute.
    #[must_use]
    pub const fn new(
        (buyer, profile): (AccountId, ProfileId),
        (seller, call): (AccountId, CallId),
        amount: Money,
        stamp: Stamp,
    ) -> Self {
        Self { buyer, profile, seller, call, amount, valid_for: Millis(60_000), stamp }
    }

    /// Standing for this long.
    #[must_use]
    pub const fn valid_for(mut self, length: Millis) -> Self {
        self.valid_for = length;
        self
    }
}

/// The longest a live bid may stand.
const VALID_MAX: Millis = Millis(3_600_000);

impl Exchange {
    pub(crate) fn place_bid(&mut self, step: Step, command: &PlaceBid, events: &mut Events) -> Result<Done, Reject> {
        let &PlaceBid { buyer, profile, seller, call, amount, valid_for, stamp } = command;
        if !amount.is_amount() {
            return Err(Reject::AmountOutOfRange);
        }
        if !(Millis(1)..=VALID_MAX).contains(&valid_for) {
            return Err(Reject::ValueOutOfRange);
        }
        let buyer_slot = self.accounts.find(buyer)?;
        let fingerprint = self.bid_body(command);
        self.stamped(step, (buyer_slot, stamp), fingerprint, |exchange| {
            let slot = exchange.profiles.find(buyer_slot, profile).ok_or(Reject::ProfileUnknown)?;
            let live = exchange.find_auction(seller, call)?;
            exchange.judge_bid(live, slot, step, amount)?;
            let expires_at = step.at + valid_for;
            let auction = exchange.calls.live(live).auction;
            if exchange.auctions.place(auction, slot, (amount, expires_at), step.sequence) {
                exchange.profiles.get_mut(slot).bids += 1;
            }
            let leading = exchange.leads(live, slot, step);
            events.push(Event::BidPlaced { seller, call, buyer, profile, amount, expires_at, leading });
            exchange.close_if_settled(live, step, events);
            Ok(())
        })
    }

    /// The live part of a call whose auction is open.
    pub(super) fn find_auction(&self, seller: AccountId, call: CallId) -> Result<u32, Reject> {
        // Whether a seller exists is nobody else's business: without one there is no such call.
        let seller = self.accounts.find(seller).map_err(|_| Reject::CallUnknown)?;
        let slot = self.calls.find(seller, call).ok_or(Reject::CallUnknown)?;
        let record = self.calls.record(slot);
        record.live().filter(|_| record.state == CallState::Auction).ok_or(Reject::AuctionNotOpen)
    }

    /// Whether the bid can stand.
    fn judge_bid(&self, live: u32, slot: u32, step: Step, amount: Money) -> Result<(), Reject> {
        let call = self.calls.live(live);
        let listing = self.listings.get(self.calls.record(call.record).listing);
        let answer = self.auctions.answer(call.auction, slot, step.at);
        if let Answer::Live(earlier) = answer {
            let may_fall = listing.withdrawable && amount != earlier.amount;
            if amount <= earlier.amount && !may_fall {
                return Err(Reject::BidNotRaised);
            }
        }
        self.judge_wanted(live, slot, step)?;
        match answer {
            Answer::Passed => Err(Reject::CallDeclined),
            Answer::None if self.is_too_late(live, slot, step) => Err(Reject::AnswerTooLate),
            _ if !self.may_compete(live, slot, step) => Err(Reject::DealNeeded),
            Answer::None if !self.auctions.has_room(call.auction) => Err(Reject::BidsFull),
            Answer::None | Answer::Live(_) | Answer::Expired => Ok(()),
        }
    }

    /// Whether the profile may answer in this call's auction at all: its vertical and its targeting accept the call.
    pub(super) fn judge_wanted(&self, live: u32, slot: u32, step: Step) -> Result<(), Reject> {
        let question = self.question(live, step.at);
        let wants = self.profiles.get(slot).vertical == question.vertical && self.wants(&question, slot).is_ok();
        if wants { Ok(()) } else { Err(Reject::CallNotWanted) }
    }

    /// Whether the listing is public, or the profile's buyer has a deal on it.
    pub(super) fn may_compete(&self, live: u32, slot: u32, step: Step) -> bool {
        self.is_let_in(&self.question(live, step.at), self.profiles.get(slot).buyer)
    }

    /// Whether the profile was invited and has let the time for its first answer pass.
    pub(super) fn is_too_late(&self, live: u32, slot: u32, step: Step) -> bool {
        let created = self.profiles.get(slot).created;
        let invited = self.auctions.invited(self.calls.live(live).auction);
        let own = invited.iter().find(|invited| (invited.profile, invited.created) == (slot, created));
        own.is_some_and(|invited| invited.answers_until <= step.at)
    }

    /// On an open listing: whether a decision at this moment would choose the profile.
    fn leads(&self, live: u32, slot: u32, step: Step) -> Option<bool> {
        let record = self.calls.record(self.calls.live(live).record);
        self.listings.get(record.listing).open.then(|| {
            let question = self.question(live, step.at);
            let mut choice = Choice::<1>::new();
            self.choose(&question, None, &mut choice);
            choice.ranked.as_slice().first().is_some_and(|winner| winner.profile == slot)
        })
    }

    fn bid_body(&self, command: &PlaceBid) -> u64 {
        Body::new(self.genesis.seed, 10)
            .wide(command.profile.0)
            .wide(command.seller.0)
            .wide(command.call.0)
            .money(command.amount)
            .word(command.valid_for.0)
            .finish()
    }
}
