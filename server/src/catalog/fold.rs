//! From one command of the log and its events to the rows they change.

use dce_engine::commands::Command;
use dce_engine::event::Event;
use dce_engine::ids::{AccountId, CallId, ListingId, ProfileId, Sequence};
use dce_engine::reason::Reason;
use dce_engine::units::{Money, Timestamp};

use super::rows::{Auction, AuctionState, Bid, BidState, Call, Dialed, Listing, Profile};
use super::{BidKey, Catalog};

impl Catalog {
    /// Takes in the next command of the log with what it did.
    pub(crate) fn fold(&mut self, (sequence, at): (Sequence, Timestamp), command: &Command<'_>, events: &[Event]) {
        (self.sequence, self.at) = (sequence, at);
        self.fold_terms(command);
        for event in events {
            self.fold_event(event);
        }
        self.fold_offer(command);
    }

    /// What only commands say.
    fn fold_terms(&mut self, command: &Command<'_>) {
        let (changed, created_at) = (self.sequence, self.at);
        match *command {
            Command::DeclareAttribute(said) => self.vocabulary.declare(said.attribute, said.name, said.kind),
            Command::DefineValue(said) => self.vocabulary.define(said.attribute, said.code, said.name),
            Command::CreateListing(terms) => {
                let (window, delivery, is_private, tells_price_to_win) = (None, None, false, false);
                let listing = Listing { terms, window, delivery, is_private, tells_price_to_win, created_at, changed };
                self.listings.insert((terms.seller, terms.listing), listing);
            }
            Command::SetDisclosure(said) => {
                self.change_listing(said.seller, said.listing, |row| row.tells_price_to_win = said.price_to_win);
            }
            Command::SetWindow(said) => {
                self.change_listing(said.seller, said.listing, |row| row.window = Some(said));
            }
            Command::SetPrivate(said) => {
                self.change_listing(said.seller, said.listing, |row| row.is_private = said.private);
            }
            Command::SetDelivery(said) => {
                self.change_listing(said.seller, said.listing, |row| row.delivery = Some(said));
            }
            Command::CreateProfile(ref said) => {
                let profile = Profile {
                    vertical: said.vertical,
                    tier: said.tier,
                    bid: said.bid,
                    pay_term: said.pay_term,
                    caps: said.caps,
                    live_mode: said.live_mode,
                    hours: said.hours,
                    clauses: said.clauses.to_vec(),
                    values: said.values.to_vec(),
                    destinations: said.destinations.to_vec(),
                    answering: None,
                    is_paused: false,
                    created_at,
                    changed,
                };
                self.profiles.insert((said.buyer, said.profile), profile);
            }
            Command::SetAnswering(said) => {
                self.change_profile(said.buyer, said.profile, |row| row.answering = Some(said));
            }
            _ => {}
        }
    }

    /// What a command says of a call that its events have made.
    fn fold_offer(&mut self, command: &Command<'_>) {
        let (seller, call, reserve, facts) = match *command {
            Command::RegisterCall(ref said) => (said.seller, said.call, None, said.facts.as_slice()),
            Command::QuoteCall(ref said) => (said.seller, said.call, said.reserve, said.facts.as_slice()),
            Command::OfferCall(ref said) => (said.seller, said.call, said.reserve, said.facts.as_slice()),
            Command::OpenAuction(said) => (said.seller, said.call, said.reserve, [].as_slice()),
            _ => return,
        };
        self.change_call(seller, call, |row| {
            row.reserve = reserve.or(row.reserve);
            let is_decided = row.dialed.is_some() || row.auction.as_ref().is_some_and(Auction::is_over);
            if !facts.is_empty() && !is_decided {
                row.facts = facts.to_vec();
            }
        });
    }

    fn fold_event(&mut self, event: &Event) {
        let (at, changed) = (self.at, self.sequence);
        match *event {
            Event::BidSet { buyer, profile, amount } => {
                self.change_profile(buyer, profile, |row| row.bid = amount);
            }
            Event::ProfilePaused { buyer, profile } | Event::ProfileAutoPaused { buyer, profile, .. } => {
                self.change_profile(buyer, profile, |row| row.is_paused = true);
            }
            Event::ProfileResumed { buyer, profile } => {
                self.change_profile(buyer, profile, |row| row.is_paused = false);
            }
            Event::ProfileClosed { buyer, profile } => {
                self.profiles.remove(&(buyer, profile));
            }
            Event::CallRegistered { seller, call, listing }
            | Event::CallOffered { seller, call, listing }
            | Event::CallQuoted { seller, call, listing, .. }
            | Event::CallReserved { seller, call, listing, .. }
            | Event::QuoteDeclined { seller, call, listing, .. } => self.know_call(seller, call, listing),
            Event::AuctionOpened { seller, call, closes_at } => {
                let auction = Auction {
                    state: AuctionState::Active,
                    opened_at: at,
                    closes_at,
                    bids: 0,
                    winner: None,
                    invited: Vec::new(),
                    bidders: Vec::new(),
                    changed,
                };
                self.change_call(seller, call, |row| row.auction = Some(auction));
                self.open.insert((call, seller));
            }
            Event::BidderInvited { seller, call, buyer, .. } => {
                self.change_auction(seller, call, |auction| {
                    if !auction.invited.contains(&buyer) {
                        auction.invited.push(buyer);
                    }
                });
            }
            Event::BidPlaced { seller, call, buyer, profile, amount, expires_at, leading } => {
                self.place_bid((buyer, call, seller, profile), amount, expires_at, leading);
            }
            Event::BidWithdrawn { seller, call, buyer, profile } => {
                self.settle_bid((buyer, call, seller, profile), BidState::Canceled, None);
            }
            Event::AuctionClosed { seller, call, bids } => {
                self.open.remove(&(call, seller));
                self.change_call(seller, call, |row| row.facts = Vec::new());
                // Until the decision says otherwise, in the same command: nobody.
                self.change_auction(seller, call, |auction| {
                    (auction.bids, auction.state, auction.closes_at) = (bids, AuctionState::Expired, at);
                });
            }
            Event::CallSold { seller, call, buyer, profile, .. } => self.sell((seller, call), (buyer, profile)),
            Event::BidLost { seller, call, buyer, profile, reason, price_to_win } => {
                let state = if reason == Reason::BidExpired { BidState::Expired } else { BidState::Lost };
                let key = (buyer, call, seller, profile);
                self.settle_bid(key, state, Some(reason));
                if let Some(bid) = self.bids.get_mut(&key) {
                    bid.price_to_win = price_to_win;
                }
            }
            // The call came back: it is sold again, or to nobody.
            Event::AttemptFailed { seller, call, buyer, profile, reason, .. } => {
                self.settle_bid((buyer, call, seller, profile), BidState::Lost, Some(reason));
                self.change_call(seller, call, |_| ());
            }
            Event::CallUnsold { seller, call, .. } | Event::CallFellBack { seller, call, .. } => {
                self.lose_others(seller, call);
                self.change_call(seller, call, |row| row.facts = Vec::new());
                self.know_dialed(event);
            }
            Event::CallDialed { .. } => self.know_dialed(event),
            Event::CallCanceled { seller, call } => {
                self.change_auction(seller, call, |auction| {
                    if auction.winner.is_none() {
                        auction.state = AuctionState::Canceled;
                    }
                });
                self.lose_others(seller, call);
                self.change_call(seller, call, |_| ());
            }
            Event::CallRinging { seller, call, .. }
            | Event::CallAnswered { seller, call, .. }
            | Event::CallEnded { seller, call, .. }
            | Event::QuoteLapsed { seller, call } => self.change_call(seller, call, |_| ()),
            Event::CallSealed { seller, call } => self.forget_call(seller, call),
            _ => {}
        }
    }

    fn change_listing(&mut self, seller: AccountId, listing: ListingId, change: impl FnOnce(&mut Listing)) {
        if let Some(row) = self.listings.get_mut(&(seller, listing)) {
            change(row);
            row.changed = self.sequence;
        }
    }

    fn change_profile(&mut self, buyer: AccountId, profile: ProfileId, change: impl FnOnce(&mut Profile)) {
        if let Some(row) = self.profiles.get_mut(&(buyer, profile)) {
            change(row);
            row.changed = self.sequence;
        }
    }

    fn change_call(&mut self, seller: AccountId, call: CallId, change: impl FnOnce(&mut Call)) {
        if let Some(row) = self.calls.get_mut(&(seller, call)) {
            change(row);
            row.changed = self.sequence;
        }
    }

    fn change_auction(&mut self, seller: AccountId, call: CallId, change: impl FnOnce(&mut Auction)) {
        let changed = self.sequence;
        self.change_call(seller, call, |row| {
            if let Some(auction) = &mut row.auction {
                change(auction);
                auction.changed = changed;
            }
        });
    }

    fn know_call(&mut self, seller: AccountId, call: CallId, listing: ListingId) {
        let (known_at, changed) = (self.at, self.sequence);
        self.calls.entry((seller, call)).or_insert_with(|| Call {
            seller,
            call,
            listing,
            reserve: None,
            known_at,
            auction: None,
            buyers: Vec::new(),
            facts: Vec::new(),
            dialed: None,
            changed,
        });
    }

    fn know_dialed(&mut self, event: &Event) {
        if let Event::CallDialed { seller, call, destination, ring_until, .. }
        | Event::CallFellBack { seller, call, destination, ring_until, .. } = *event
        {
            self.change_call(seller, call, |row| {
                row.dialed = Some(Dialed { destination, ring_until });
                row.facts = Vec::new();
            });
        }
    }

    fn place_bid(&mut self, key: BidKey, amount: Money, expires_at: Timestamp, leading: Option<bool>) {
        let (buyer, call, seller, profile) = key;
        if leading == Some(true) {
            self.nobody_leads(seller, call);
        }
        self.change_auction(seller, call, |auction| {
            if !auction.bidders.contains(&(buyer, profile)) {
                auction.bidders.push((buyer, profile));
            }
        });
        let state = if leading == Some(true) { BidState::Winning } else { BidState::Active };
        let (placed_at, changed) = (self.at, self.sequence);
        let bid = Bid { amount, state, reason: None, price_to_win: None, placed_at, expires_at, changed };
        self.bids.insert(key, bid);
    }

    /// Somebody else leads from now on.
    fn nobody_leads(&mut self, seller: AccountId, call: CallId) {
        self.each_bid(seller, call, |bid| {
            if bid.state == BidState::Winning {
                bid.state = BidState::Active;
            }
        });
    }

    fn settle_bid(&mut self, key: BidKey, state: BidState, reason: Option<Reason>) {
        let changed = self.sequence;
        if let Some(bid) = self.bids.get_mut(&key) {
            (bid.state, bid.reason, bid.changed) = (state, reason, changed);
        }
    }

    fn sell(&mut self, (seller, call): (AccountId, CallId), winner: (AccountId, ProfileId)) {
        self.change_call(seller, call, |row| {
            if !row.buyers.contains(&winner.0) {
                row.buyers.push(winner.0);
            }
        });
        self.bought.insert((winner.0, call, seller));
        let mut was_open = false;
        self.change_auction(seller, call, |auction| {
            was_open = auction.winner.is_none();
            auction.winner = Some(winner);
            auction.state = AuctionState::Completed;
        });
        self.settle_bid((winner.0, call, seller, winner.1), BidState::Won, None);
        if was_open {
            self.lose_others(seller, call);
        }
    }

    /// Every bid that still stands has lost; those that are told why hear it in their own event.
    fn lose_others(&mut self, seller: AccountId, call: CallId) {
        let changed = self.sequence;
        self.each_bid(seller, call, |bid| {
            if matches!(bid.state, BidState::Active | BidState::Winning) {
                (bid.state, bid.changed) = (BidState::Lost, changed);
            }
        });
    }

    fn each_bid(&mut self, seller: AccountId, call: CallId, mut change: impl FnMut(&mut Bid)) {
        let Some((_, auction)) = self.calls.get(&(seller, call)).and_then(|row| Some((row, row.auction.as_ref()?)))
        else {
            return;
        };
        for (buyer, profile) in &auction.bidders {
            if let Some(bid) = self.bids.get_mut(&(*buyer, call, seller, *profile)) {
                change(bid);
            }
        }
    }

    fn forget_call(&mut self, seller: AccountId, call: CallId) {
        let Some(row) = self.calls.remove(&(seller, call)) else { return };
        self.open.remove(&(call, seller));
        for buyer in &row.buyers {
            self.bought.remove(&(*buyer, call, seller));
        }
        for (buyer, profile) in row.auction.iter().flat_map(|auction| &auction.bidders) {
            self.bids.remove(&(*buyer, call, seller, *profile));
        }
    }
}
