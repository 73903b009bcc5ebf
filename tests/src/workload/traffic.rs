//! What happens in a market: calls, auctions, bids, reports.

use dce_engine::ids::{AccountId, AttributeId, CallId, ChainNode, ListingId, SubjectId, ValueCode};
use dce_engine::units::{GeoPoint, Millis, Money, Timestamp};

use super::market::CENTRE;
use super::{Variant, Workload};
use crate::twin::Twin;
use crate::twin::action::{Action, Clocks, Fact, FactValue, Leg, Report};
use crate::twin::codes::why;
use crate::twin::state::{Call, CallKey, Due, ProfileKey, State};

impl Workload {
    pub(super) fn set_bid(&mut self, twin: &Twin) -> Action {
        let (buyer, profile) = self.profile(twin);
        let standing = twin.profiles.get(&(buyer, profile)).and_then(|known| known.bid);
        let amount = match self.random.below(20) {
            0..3 => None,
            3..6 => standing,
            6 => Some(self.bad_amount()),
            _ => Some(self.amount()),
        };
        Action::SetBid { buyer, profile, amount, stamp: self.stamp(buyer, twin) }
    }

    pub(super) fn pause_or_resume(&mut self, twin: &Twin) -> Action {
        let (buyer, profile) = self.profile(twin);
        if self.random.percent(40) {
            Action::PauseProfile { buyer, profile }
        } else {
            Action::ResumeProfile { buyer, profile }
        }
    }

    pub(super) fn close_profile(&mut self, twin: &Twin) -> Action {
        let (buyer, profile) = self.profile(twin);
        Action::CloseProfile { buyer, profile }
    }

    /// A call that is known and looks like this, if there is one; else any, or one nobody knows.
    pub(super) fn known_call(&mut self, twin: &Twin, fits: impl Fn(&Call) -> bool) -> CallKey {
        if self.random.percent(93) {
            let fitting = twin.calls.iter().filter(|(_, call)| fits(call)).map(|(key, _)| *key);
            if let Some(key) = self.random.one_of(fitting) {
                return key;
            }
        }
        let any = self.random.one_of(twin.call_keys());
        match (any, self.random.percent(92)) {
            (Some(key), true) => key,
            _ => (self.seller(), CallId::at(twin.last, self.fresh())),
        }
    }

    pub(super) fn new_call(&mut self, at: Timestamp, twin: &Twin) -> (AccountId, CallId, ListingId) {
        let (seller, listing) = match (self.random.one_of(twin.listing_keys()), self.random.percent(95)) {
            (Some(key), true) => key,
            _ => (self.seller(), ListingId(u128::from(self.random.below(7)))),
        };
        let retention = u64::from(twin.capacities.retention_seconds);
        let call = match self.random.below(60) {
            0 => CallId(u128::from(self.random.below(9))),
            _ => CallId::at(self.id_time(at, retention), self.fresh()),
        };
        (seller, call, listing)
    }

    pub(super) fn facts(&mut self, twin: &Twin) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut add = |attribute: u16, value: FactValue| facts.push(Fact { attribute: AttributeId(attribute), value });
        let code = |code: u64| FactValue::Code(ValueCode(code as u32));
        if self.random.percent(75) {
            add(0, code(self.random.below(5)));
        }
        if self.random.percent(75) {
            for _ in 0..self.random.between(1, 3) {
                add(1, code(self.random.below(5)));
            }
        }
        if self.random.percent(70) {
            add(2, FactValue::Number(self.random.below(80) as i64));
        }
        if self.random.percent(70) {
            add(3, FactValue::Flag(self.random.percent(50)));
        }
        if self.random.percent(70) {
            let far = self.random.one(&[0, 8_000, 400_000, 4_000_000]);
            add(4, FactValue::Place(GeoPoint::new(CENTRE.latitude_micro + far, CENTRE.longitude_micro)));
        }
        if self.variant != Variant::Tiny && self.random.percent(40) {
            add(5, code(self.random.one(&[1, 2, 3, 513, 600])));
            add(6, code(self.random.between(1, 5)));
        }
        match self.random.below(100) {
            0 => add(9, FactValue::Flag(true)),
            1 => add(3, code(1)),
            2 => add(0, code(2)),
            3 => (0..32).for_each(|_| add(1, code(2))),
            4 => (0..70).for_each(|_| add(1, code(2))),
            5 => add(4, FactValue::Place(GeoPoint::new(0, 180_000_001))),
            6 => add(2, FactValue::Number(self.random.one(&[i64::MIN, i64::MAX]))),
            _ => {}
        }
        if self.random.percent(95) {
            facts.retain(|fact| fact.attribute.0 > 8 || twin.attributes.contains_key(&fact.attribute));
        }
        if self.random.percent(30) {
            let end = facts.len();
            if end > 1 {
                let (one, other) = (self.random.below(end as u64) as usize, self.random.below(end as u64) as usize);
                facts.swap(one, other);
            }
        }
        facts
    }

    pub(super) fn leg(&mut self) -> Leg {
        self.random.one(&[Leg::ConsumerInbound, Leg::OutboundTransfer, Leg::Callback])
    }

    pub(super) fn window(&mut self) -> Millis {
        match self.random.below(50) {
            0 => Millis(0),
            1 => Millis(60_001),
            _ => Millis(self.random.one(&[1, 800, 5_000, 20_000, 60_000, 60_000])),
        }
    }

    pub(super) fn reserve(&mut self) -> Option<Money> {
        match self.random.below(20) {
            0 => Some(Money::from_micros(-1)),
            1..3 => Some(Money::ZERO),
            3..7 => Some(self.amount()),
            _ => None,
        }
    }

    pub(super) fn register_call(&mut self, at: Timestamp, twin: &Twin) -> Action {
        let (seller, mut call, listing) = self.new_call(at, twin);
        if self.random.percent(8) {
            call = self.known_call(twin, |_| true).1;
        }
        let subject = SubjectId(u128::from(self.random.below(3)));
        let chain = self.chain(twin);
        Action::RegisterCall { seller, call, listing, subject, leg: self.leg(), facts: self.facts(twin), chain }
    }

    pub(super) fn offer_call(&mut self, at: Timestamp, twin: &Twin) -> Action {
        let (mut seller, mut call, mut listing) = self.new_call(at, twin);
        let mut facts = self.facts(twin);
        if self.random.percent(25) {
            (seller, call) = self.known_call(twin, |call| call.state == State::Registered);
            if let Some(known) = twin.calls.get(&(seller, call))
                && self.random.percent(90)
            {
                listing = known.listing;
            }
            if self.random.percent(85) {
                facts.clear();
            }
        }
        let is_known = twin.calls.contains_key(&(seller, call));
        let chain = if is_known && self.random.percent(85) { Vec::new() } else { self.chain(twin) };
        let window = if self.random.percent(45) { Some(self.window()) } else { None };
        let subject = SubjectId(u128::from(self.random.below(3)));
        let reserve = self.reserve();
        Action::OfferCall { seller, call, listing, subject, leg: self.leg(), window, reserve, facts, chain }
    }

    /// None, mostly; else a few accounts, now and then a loop.
    pub(super) fn chain(&mut self, twin: &Twin) -> Vec<ChainNode> {
        if self.random.percent(80) {
            return Vec::new();
        }
        let length = self.random.one(&[1, 1, 2, 3]);
        let mut chain: Vec<ChainNode> =
            (0..length).map(|_| ChainNode(u128::from(self.random.one(&[1_u64, 2, 3, 4, 11, 50, 60, 70])))).collect();
        match self.random.below(25) {
            0 => chain.push(ChainNode(twin.log)),
            1 => chain.insert(0, ChainNode(twin.log)),
            2 => chain.push(chain[0]),
            3 => chain.extend((80..88).map(ChainNode)),
            4 => chain = (80..88).map(ChainNode).collect(),
            _ => {}
        }
        chain
    }

    pub(super) fn cancel_call(&mut self, twin: &Twin) -> Action {
        let (seller, call) = self.known_call(twin, |_| true);
        Action::CancelCall { seller, call }
    }

    pub(super) fn open_auction(&mut self, twin: &Twin) -> Action {
        let (seller, call) = self.known_call(twin, |call| call.state == State::Registered);
        let (window, reserve) = (self.window(), self.reserve());
        Action::OpenAuction { seller, call, window, reserve }
    }

    /// Somebody who bid or passed in this auction already, in so many of a hundred cases; else anybody.
    fn bidder(&mut self, twin: &Twin, key: CallKey, known_percent: u64) -> ProfileKey {
        let call = twin.calls.get(&key);
        let bidders = call.into_iter().flat_map(|call| call.bids.iter().map(|bid| bid.bidder));
        let passers = call.into_iter().flat_map(|call| call.passes.iter().copied());
        match self.random.one_of(bidders.chain(passers)) {
            Some(known) if self.random.percent(known_percent) => known,
            _ => self.profile(twin),
        }
    }

    pub(super) fn place_bid(&mut self, twin: &Twin) -> Action {
        let (seller, call) = self.known_call(twin, |call| call.state == State::Auction);
        let (buyer, profile) = self.bidder(twin, (seller, call), 30);
        let amount = match self.random.below(30) {
            0 => self.bad_amount(),
            1..6 => Money::from_micros(6_000_000 + self.random.below(20) as i64 * 500_000),
            _ => self.amount(),
        };
        let valid_for = match self.random.below(40) {
            0 => Millis(self.random.one(&[0, 3_600_001])),
            _ => Millis(self.random.one(&[1, 500, 3_000, 60_000, 3_600_000])),
        };
        Action::PlaceBid { buyer, profile, seller, call, amount, valid_for, stamp: self.stamp(buyer, twin) }
    }

    pub(super) fn withdraw_bid(&mut self, twin: &Twin) -> Action {
        let any_listing = self.random.percent(30);
        let (seller, call) = self.known_call(twin, |call| {
            let withdrawable =
                |body: &Action| matches!(body, Action::CreateListing { terms, .. } if terms.withdrawable);
            let listings = twin.listings.iter().filter(|((_, listing), _)| *listing == call.listing);
            !call.bids.is_empty()
                && (any_listing || listings.into_iter().any(|(_, known)| withdrawable(&known.birth.body)))
        });
        let (buyer, profile) = self.bidder(twin, (seller, call), 85);
        Action::WithdrawBid { buyer, profile, seller, call, stamp: self.stamp(buyer, twin) }
    }

    pub(super) fn no_bid(&mut self, twin: &Twin) -> Action {
        let (seller, call) = self.known_call(twin, |call| call.state == State::Auction);
        let (buyer, profile) = self.bidder(twin, (seller, call), 40);
        Action::NoBid { buyer, profile, seller, call, stamp: self.stamp(buyer, twin) }
    }

    pub(super) fn close_auction(&mut self, twin: &Twin) -> Action {
        let (seller, call) = self.known_call(twin, |call| call.state == State::Auction);
        Action::CloseAuction { seller, call }
    }

    pub(super) fn report(&mut self, at: Timestamp, twin: &Twin) -> Action {
        // Where several attempts ring, there is more to be told.
        let together = self.random.percent(50) && twin.calls.values().any(|call| !call.others.is_empty());
        let (seller, call) = self.known_call(twin, |call| call.is_routed() && !(together && call.others.is_empty()));
        let stamp = self.stamp(seller, twin);
        let Some(known) = twin.calls.get(&(seller, call)) else {
            let clocks = Clocks::default();
            return Action::Report { seller, call, what: Report::Ringing, attempt: 1, destination: 0, clocks, stamp };
        };
        // Of several attempts that ring any may be spoken of.
        let mut known = known.clone();
        let other = self.random.one_of(known.others.iter().map(|leg| (leg.attempt, leg.destination as u8)));
        if let Some((attempt, destination)) = other
            && self.random.percent(60)
        {
            known.show_leg(attempt, destination);
        }
        let unpaid = known.present_sale().is_some_and(|sale| sale.revenue == Due::Held);
        let what = match self.random.below(10) {
            0..3 if unpaid && known.state == State::Answered => Report::Dropped,
            3..7 if unpaid && known.state == State::Answered => Report::Rejected,
            _ => self.what(known.state),
        };
        let mut attempt = known.attempt;
        let mut destination = known.destination as u8;
        match self.random.below(25) {
            0 => attempt = attempt.wrapping_sub(1),
            1 => destination ^= 1,
            _ => {}
        }
        let clocks = self.clocks(at, &known, what);
        Action::Report { seller, call, what, attempt, destination, clocks, stamp }
    }

    fn what(&mut self, state: State) -> Report {
        let failure = match self.random.below(40) {
            0 => why::COMPLETED,
            1 => 9_999,
            _ => self.random.one(&[why::NO_ANSWER, why::BUSY, why::DIAL_FAILED]),
        };
        match self.random.below(100) {
            0..3 => Report::Ringing,
            3..6 => Report::Answered,
            6..9 => Report::Failed(failure),
            9..11 => Report::Dropped,
            11..13 => Report::Rejected,
            13..25 if state == State::Answered => Report::Dropped,
            _ if state == State::Answered => Report::Ended,
            _ if self.random.percent(self.variant.failing_percent()) => Report::Failed(failure),
            _ => match (state, self.random.below(10)) {
                (State::Dialed, 0..4) => Report::Ringing,
                (_, 0..9) => Report::Answered,
                _ => Report::Ended,
            },
        }
    }

    /// Clocks that may well be true, mostly.
    fn clocks(&mut self, at: Timestamp, known: &Call, what: Report) -> Clocks {
        let elapsed = (at.micros_since(known.known_at) / 1_000) as u32;
        let jump = self.random.one(&[0, 0, 500, 1_000, 4_999, 5_000, 5_001, 29_999, 30_000, 90_000]);
        let last = known.clocks;
        let mut clocks = last;
        clocks.incoming = last.incoming.max(elapsed) + if self.random.percent(25) { jump } else { 0 };
        clocks.dial = last.dial.max(self.random.below(u64::from(clocks.incoming) + 1) as u32);
        if what == Report::Answered || known.state == State::Answered {
            let long = u64::from(clocks.dial) + 1;
            clocks.connect = last.connect.max(self.random.below(long) as u32);
            if self.random.percent(50) {
                clocks.connect = clocks.dial;
            }
        }
        // Who gives a call back does so soon, mostly.
        if matches!(what, Report::Dropped | Report::Rejected) && self.random.percent(70) {
            clocks.incoming = last.incoming + 300;
            clocks.dial = last.dial + self.random.below(300) as u32;
            clocks.connect = last.connect + self.random.below(2) as u32 * u32::from(known.state == State::Answered);
        }
        match self.random.below(60) {
            0 => clocks.incoming = clocks.incoming.saturating_sub(1),
            1 => clocks.dial = clocks.incoming + 1,
            2 => clocks.connect += 1,
            3 => clocks.dial = last.dial.saturating_sub(1),
            _ => {}
        }
        clocks
    }
}
