//! Auctions: opening, live bids, closing (section 7).

use std::cmp::Reverse;

use dce_engine::units::{Millis, Money, Timestamp};

use super::action::Action;
use super::codes::{Refusal, refusal, why};
use super::decision::in_order;
use super::outcome::Outcome;
use super::state::{Bid, Birth, CallKey, ProfileKey, State};
use super::{Done, Twin, Verb};

const INVITED_MAX: usize = 64;

impl Twin {
    pub(super) fn open_auction(&mut self, at: Timestamp, action: &Action) -> Verb {
        let Action::OpenAuction { seller, call, window, reserve } = action else { unreachable!() };
        let key = (*seller, *call);
        self.must_have_account(*seller)?;
        let Some(known) = self.calls.get(&key) else { return Err(refusal::CALL_UNKNOWN) };
        if let Some(birth) = &known.opened {
            if birth.body != *action {
                return Err(refusal::ID_CONFLICT);
            }
            let (seller, call, sequence) = (*seller, *call, birth.sequence);
            self.tell(match known.closes_at {
                Some(closes_at) => Outcome::AuctionOpened { seller, call, closes_at },
                None => Outcome::CallUnsold { seller, call, reason: why::LISTING_CLOSED },
            });
            return Ok(Done::Repeat(sequence));
        }
        if known.state != State::Registered {
            return Err(refusal::CALL_ALREADY_OFFERED);
        }
        let this = self.this();
        let opened = self.call_mut(key);
        opened.opened = Some(Birth { body: action.clone(), sequence: this });
        opened.changed = this;
        opened.reserve = *reserve;
        if self.listing_is_open(at, key) {
            self.start_auction(at, key, *window);
        } else {
            self.decline(at, key);
        }
        Ok(Done::New)
    }

    /// `AuctionOpened`, then the invitations.
    pub(super) fn start_auction(&mut self, at: Timestamp, key: CallKey, window: Millis) {
        let (seller, call) = key;
        let closes_at = at + window;
        let invited = self.to_invite(at, key);
        let opened = self.call_mut(key);
        opened.state = State::Auction;
        opened.closes_at = Some(closes_at);
        opened.invited = invited.clone();
        self.set_deadline(key, closes_at);
        self.tell(Outcome::AuctionOpened { seller, call, closes_at });
        for ((buyer, profile), _) in invited {
            self.tell(Outcome::BidderInvited { seller, call, buyer, profile, closes_at });
        }
    }

    /// The best profiles in live mode that pass rules 1, 2, 4, 4d, 6 and 7.
    fn to_invite(&self, at: Timestamp, key: CallKey) -> Vec<(ProfileKey, u64)> {
        let mut ranked = Vec::new();
        for (name, profile) in &self.profiles {
            let fits = profile.terms.live_mode
                && self.unwanted(key, *name).is_none()
                && !profile.paused
                && self.is_open(name.0, profile.terms.hours, at)
                && self.missing_skill(key, *name).is_none()
                && self.cap_reached(at, *name).is_none();
            if fits {
                let standing = profile.bid.unwrap_or(Money::ZERO);
                let rank = (profile.terms.tier, Reverse(standing), profile.bid_place);
                ranked.push((rank, (*name, profile.birth.sequence)));
            }
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().take(INVITED_MAX).map(|(_, invited)| invited).collect()
    }

    pub(super) fn place_bid(&mut self, at: Timestamp, action: &Action) -> Result<(), Refusal> {
        let Action::PlaceBid { buyer, profile, seller, call, amount, valid_for, .. } = action else { unreachable!() };
        let (bidder, key) = ((*buyer, *profile), (*seller, *call));
        self.check_bidding(bidder, key)?;
        let terms = self.listing_of(key).terms;
        if let Some(own) = self.unexpired_bid(at, key, bidder) {
            let refused = if terms.withdrawable { *amount == own.amount } else { *amount <= own.amount };
            if refused {
                return Err(refusal::BID_NOT_RAISED);
            }
        }
        if self.unwanted(key, bidder).is_some() {
            return Err(refusal::CALL_NOT_WANTED);
        }
        self.check_not_passed(bidder, key)?;
        self.check_room(bidder, key)?;
        let expires_at = at + *valid_for;
        let place = self.this();
        let auction = self.call_mut(key);
        auction.changed = place;
        auction.bids.retain(|bid| bid.bidder != bidder);
        auction.bids.push(Bid { bidder, amount: *amount, expires_at, place });
        let leading = terms.open.then(|| {
            let candidates = in_order(&self.judge_all(at, key));
            self.choose(key, &candidates, false).is_some_and(|(best, _)| best.key == bidder)
        });
        self.tell(Outcome::BidPlaced {
            seller: *seller,
            call: *call,
            buyer: *buyer,
            profile: *profile,
            amount: *amount,
            expires_at,
            leading,
        });
        Ok(())
    }

    pub(super) fn withdraw_bid(&mut self, at: Timestamp, bidder: ProfileKey, key: CallKey) -> Result<(), Refusal> {
        self.check_bidding(bidder, key)?;
        if !self.listing_of(key).terms.withdrawable {
            return Err(refusal::BID_NOT_WITHDRAWABLE);
        }
        if self.unexpired_bid(at, key, bidder).is_none() {
            return Err(refusal::BID_UNKNOWN);
        }
        let this = self.this();
        let auction = self.call_mut(key);
        auction.changed = this;
        auction.bids.retain(|bid| bid.bidder != bidder);
        self.tell(Outcome::BidWithdrawn { seller: key.0, call: key.1, buyer: bidder.0, profile: bidder.1 });
        Ok(())
    }

    pub(super) fn pass(&mut self, at: Timestamp, passer: ProfileKey, key: CallKey) -> Result<(), Refusal> {
        self.check_bidding(passer, key)?;
        if self.unwanted(key, passer).is_some() {
            return Err(refusal::CALL_NOT_WANTED);
        }
        self.check_not_passed(passer, key)?;
        if self.unexpired_bid(at, key, passer).is_some() {
            return Err(refusal::BID_STANDS);
        }
        self.check_room(passer, key)?;
        let this = self.this();
        let auction = self.call_mut(key);
        auction.changed = this;
        auction.bids.retain(|bid| bid.bidder != passer);
        auction.passes.insert(passer);
        self.tell(Outcome::BidDeclined { seller: key.0, call: key.1, buyer: passer.0, profile: passer.1 });
        Ok(())
    }

    fn check_not_passed(&self, bidder: ProfileKey, key: CallKey) -> Result<(), Refusal> {
        if self.call(key).passes.contains(&bidder) { Err(refusal::CALL_DECLINED) } else { Ok(()) }
    }

    /// A profile that said nothing here yet finds a place, in this auction and over all calls.
    fn check_room(&self, bidder: ProfileKey, key: CallKey) -> Result<(), Refusal> {
        let call = self.call(key);
        let is_known = call.passes.contains(&bidder) || call.bids.iter().any(|bid| bid.bidder == bidder);
        let here = call.bids.len() + call.passes.len();
        let everywhere: usize = self.calls.values().map(|call| call.bids.len() + call.passes.len()).sum();
        let full = here >= self.capacities.auction_bids_max as usize || everywhere >= self.capacities.bids_max as usize;
        if full && !is_known { Err(refusal::BIDS_FULL) } else { Ok(()) }
    }

    fn check_bidding(&self, bidder: ProfileKey, key: CallKey) -> Result<(), Refusal> {
        if !self.profiles.contains_key(&bidder) {
            return Err(refusal::PROFILE_UNKNOWN);
        }
        let Some(call) = self.calls.get(&key) else { return Err(refusal::CALL_UNKNOWN) };
        if call.state == State::Auction { Ok(()) } else { Err(refusal::AUCTION_NOT_OPEN) }
    }

    pub(super) fn close_auction(&mut self, at: Timestamp, key: CallKey) -> Verb {
        self.must_have_account(key.0)?;
        let (seller, call) = key;
        let Some(known) = self.calls.get(&key) else { return Err(refusal::CALL_UNKNOWN) };
        if known.closes_at.is_none() {
            return Err(refusal::AUCTION_NOT_OPEN);
        }
        if known.state != State::Auction {
            let (bids, changed) = (known.bidders(), known.changed);
            self.tell(Outcome::AuctionClosed { seller, call, bids });
            return Ok(Done::Repeat(changed));
        }
        self.call_mut(key).changed = self.this();
        self.end_auction(at, key);
        Ok(Done::New)
    }

    /// The auction closes, by command or by its deadline, and is decided.
    pub(super) fn end_auction(&mut self, at: Timestamp, key: CallKey) {
        self.stop_bidding(key);
        self.decide(at, key, None);
    }

    pub(super) fn stop_bidding(&mut self, key: CallKey) {
        let auction = self.call_mut(key);
        let bids = auction.bidders();
        auction.bids_at_close = Some(bids);
        self.tell(Outcome::AuctionClosed { seller: key.0, call: key.1, bids });
    }
}
