//! Auctions: opening, live bids, closing (section 7).

use std::cmp::Reverse;

use dce_engine::units::{Millis, Money, Timestamp};

use super::action::Action;
use super::codes::{Refusal, refusal};
use super::decision::in_order;
use super::outcome::Outcome;
use super::state::{Bid, Birth, CallKey, Invitation, ProfileKey, State};
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
            match (known.closes_at, known.ended.filter(|_| known.unsold)) {
                (Some(closes_at), _) => self.tell(Outcome::AuctionOpened { seller, call, closes_at }),
                (None, Some(reason)) => self.tell(Outcome::CallUnsold { seller, call, reason }),
                (None, None) => {}
            }
            return Ok(Done::Repeat(sequence));
        }
        if known.state != State::Registered {
            return Err(refusal::CALL_ALREADY_OFFERED);
        }
        let declined = self.declined(at, key);
        self.check_memory(at, key, declined)?;
        let this = self.this();
        let opened = self.call_mut(key);
        opened.opened = Some(Birth { body: action.clone(), sequence: this });
        opened.changed = this;
        opened.reserve = *reserve;
        self.remember_sale(at, key, declined);
        let declined = declined.or_else(|| self.sale_barred(at, key));
        match declined {
            Some(reason) => self.unsold(at, key, reason),
            None => self.start_auction(at, key, *window),
        }
        Ok(Done::New)
    }

    /// `AuctionOpened`, then the invitations.
    pub(super) fn start_auction(&mut self, at: Timestamp, key: CallKey, window: Millis) {
        let (seller, call) = key;
        let (early_close, answer_within, _) = self.listing_of(key).window;
        let within = |time: Millis, rule: Millis| if rule == Millis(0) { time } else { time.min(rule) };
        let usual = within(window, answer_within);
        let invited: Vec<Invitation> = self
            .to_invite(at, key)
            .into_iter()
            .map(|(profile, born)| {
                let own = self.profiles[&profile].answering.bid_within;
                Invitation { profile, born, answers_until: at + within(usual, own) }
            })
            .collect();
        let last = invited.iter().map(|invitation| invitation.answers_until).max().unwrap_or(at + usual);
        let closes_at = if early_close { last } else { at + window };
        let opened = self.call_mut(key);
        opened.state = State::Auction;
        opened.early_close = early_close;
        opened.closes_at = Some(closes_at);
        opened.invited = invited.clone();
        self.set_deadline(key, closes_at);
        self.tell(Outcome::AuctionOpened { seller, call, closes_at });
        for Invitation { profile: (buyer, profile), answers_until, .. } in invited {
            self.tell(Outcome::BidderInvited { seller, call, buyer, profile, closes_at: answers_until });
        }
        self.close_early(at, key);
    }

    /// After the opening, each bid and each pass: where the auction closes early and nobody is awaited, it closes now; where
    /// somebody is, it closes when the last of them has had its time.
    fn close_early(&mut self, at: Timestamp, key: CallKey) {
        if !self.call(key).early_close {
            return;
        }
        let leader = in_order(&self.judge_all(at, key)).first().copied();
        let mut awaited_until = None;
        for Invitation { profile: name, born, answers_until } in self.call(key).invited.clone() {
            let Some(profile) = self.profiles.get(&name).filter(|profile| profile.birth.sequence == born) else {
                continue;
            };
            let passed = self.call(key).passes.contains(&name);
            let bound = !self.listing_of(key).terms.withdrawable && self.unexpired_bid(at, key, name).is_some();
            let beaten = leader.is_some_and(|leader| leader.tier < profile.terms.tier);
            let late = answers_until <= at;
            if !(profile.paused || passed || bound || beaten || late) && self.is_let_in(key, name) {
                awaited_until = awaited_until.max(Some(answers_until));
            }
        }
        match awaited_until {
            Some(until) if self.call(key).deadline.0 == until => {}
            Some(until) => self.set_deadline(key, until),
            None => {
                self.call_mut(key).changed = self.this();
                self.end_auction(at, key);
            }
        }
    }

    /// An invited profile that has said nothing here, once the time for its first answer is over.
    fn check_in_time(&self, at: Timestamp, bidder: ProfileKey, key: CallKey) -> Result<(), Refusal> {
        let call = self.call(key);
        let born = self.profiles[&bidder].birth.sequence;
        let silent = !call.passes.contains(&bidder) && !call.bids.iter().any(|bid| bid.bidder == bidder);
        let is_late = |invitation: &Invitation| {
            (invitation.profile, invitation.born) == (bidder, born) && at >= invitation.answers_until
        };
        let late = silent && call.invited.iter().any(is_late);
        if late { Err(refusal::ANSWER_TOO_LATE) } else { Ok(()) }
    }

    /// The best profiles in live mode that pass rules 1, 2, 4, 4a, 4b, 4c, 4d, 4e, 6 and 7, 8a as far as it asks for calls, and 8b.
    fn to_invite(&self, at: Timestamp, key: CallKey) -> Vec<(ProfileKey, u64)> {
        let mut ranked = Vec::new();
        for (name, profile) in &self.profiles {
            let fits = profile.terms.live_mode
                && self.unwanted(key, *name).is_none()
                && !profile.paused
                && self.is_open(name.0, profile.terms.hours, at)
                && self.missing_skill(key, *name).is_none()
                && self.is_let_in(key, *name)
                && self.refuses_caller(at, key, *name).is_none()
                && !self.call(key).sold_by.contains(&name.0)
                && self.cap_reached(at, *name).is_none()
                && self.quotas_let_invite(at, key, *name);
            if fits {
                let standing = self.standing_on(self.call(key), *name).unwrap_or(Money::ZERO);
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
        self.check_in_time(at, bidder, key)?;
        self.check_let_in(key, bidder)?;
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
        self.close_early(at, key);
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
        self.check_in_time(at, passer, key)?;
        self.check_let_in(key, passer)?;
        self.check_room(passer, key)?;
        let this = self.this();
        let auction = self.call_mut(key);
        auction.changed = this;
        auction.bids.retain(|bid| bid.bidder != passer);
        auction.passes.insert(passer);
        self.tell(Outcome::BidDeclined { seller: key.0, call: key.1, buyer: passer.0, profile: passer.1 });
        self.close_early(at, key);
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
