//! From one command of the log and its events to the rows they change.

use dce_engine::commands::{CloseAccount, Command, OpenAccount, SetHome};
use dce_engine::event::Event;
use dce_engine::ids::{AccountId, CallId, ListingId, ProfileId, Sequence};
use dce_engine::units::Timestamp;
use dce_history::lots::{self, CallKey, Lot, LotRows};

use super::rows::{Auction, Call, Dialed, Listing, Profile, Quote, QuoteTerms};
use super::{Bid, BidKey, Catalog};

impl Catalog {
    /// Takes in the next command of the log with what it did.
    pub(crate) fn fold(&mut self, (sequence, at): (Sequence, Timestamp), command: &Command<'_>, events: &[Event]) {
        (self.sequence, self.at) = (sequence, at);
        self.fold_terms(command);
        self.rules.fold(command, sequence);
        for event in events {
            self.fold_event(event);
        }
        let is_over = |event: &Event| matches!(event, Event::CallUnsold { .. } | Event::QuoteDeclined { .. });
        self.fold_offer(command, events.iter().any(is_over));
    }

    /// What only commands say.
    fn fold_terms(&mut self, command: &Command<'_>) {
        let (changed, created_at) = (self.sequence, self.at);
        match *command {
            Command::DeclareAttribute(said) => self.vocabulary.declare(said.attribute, said.name, said.kind),
            Command::DefineValue(said) => self.vocabulary.define(said.attribute, said.code, said.name),
            Command::OpenAccount(OpenAccount { account, .. })
            | Command::SetHome(SetHome { account, .. })
            | Command::CloseAccount(CloseAccount { account }) => {
                self.accounts.insert(account, changed);
            }
            Command::CreateListing(terms) => {
                let listing = Listing {
                    terms,
                    window: None,
                    delivery: None,
                    is_private: false,
                    tells_price_to_win: false,
                    is_delisted: false,
                    created_at,
                    changed,
                };
                self.listings.insert((terms.seller, terms.listing), listing);
            }
            Command::Delist(said) => {
                self.rules.forget_listing(said.seller, said.listing);
                self.change_listing(said.seller, said.listing, |row| row.is_delisted = true);
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
            // What is not shown is still a change: a condition that was true before it is no longer.
            Command::AlsoWants(ref said) => self.change_profile(said.buyer, said.profile, |_| ()),
            Command::SetModifiers(ref said) => self.change_profile(said.buyer, said.profile, |_| ()),
            Command::SetSkills(ref said) => self.change_profile(said.buyer, said.profile, |_| ()),
            Command::RankProfile(said) => self.change_profile(said.buyer, said.profile, |_| ()),
            Command::SetGroup(said) => self.change_profile(said.buyer, said.profile, |_| ()),
            Command::SetDeal(said) => self.change_listing(said.seller, said.listing, |_| ()),
            Command::SetPolicy(ref said) => self.change_listing(said.seller, said.listing, |_| ()),
            _ => {}
        }
    }

    /// What a command says of a call that its events have made.
    fn fold_offer(&mut self, command: &Command<'_>, is_over: bool) {
        let (seller, call, reserve, facts) = match *command {
            Command::RegisterCall(ref said) => (said.seller, said.call, None, said.facts.as_slice()),
            Command::QuoteCall(ref said) => (said.seller, said.call, said.reserve, said.facts.as_slice()),
            Command::OfferCall(ref said) => (said.seller, said.call, said.reserve, said.facts.as_slice()),
            Command::OpenAuction(said) => (said.seller, said.call, said.reserve, [].as_slice()),
            _ => return,
        };
        self.change_call(seller, call, |row| {
            row.reserve = reserve.or(row.reserve);
            let is_decided =
                is_over || row.dialed.is_some() || row.auction.as_ref().is_some_and(|auction| auction.lot.is_over());
            if !facts.is_empty() && !is_decided {
                row.facts = facts.to_vec();
            }
        });
    }

    fn fold_event(&mut self, event: &Event) {
        self.fold_terms_changed(event);
        self.fold_call(event);
        let at = self.at;
        lots::tell(self, at, event);
    }

    fn fold_terms_changed(&mut self, event: &Event) {
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
                self.rules.forget_profile(buyer, profile);
            }
            _ => {}
        }
    }

    /// What happens to a call; to its lot and bids, `lots` says.
    fn fold_call(&mut self, event: &Event) {
        match *event {
            Event::CallRegistered { seller, call, listing } => self.know_call(seller, call, listing),
            Event::CallOffered { seller, call, listing } => {
                self.know_call(seller, call, listing);
                self.change_call(seller, call, |row| {
                    if let Some(quote) = &mut row.quote {
                        quote.has_arrived = true;
                    }
                });
            }
            Event::CallQuoted { seller, call, listing, price, payout, expires_at } => {
                let terms = Some(QuoteTerms { price, payout, expires_at });
                self.know_quote((seller, call, listing), |quote| quote.terms = terms);
            }
            Event::CallReserved { seller, call, listing, price, payout, expires_at, .. } => {
                let terms = Some(QuoteTerms { price, payout, expires_at });
                self.know_quote((seller, call, listing), |quote| (quote.terms, quote.is_firm) = (terms, true));
            }
            Event::QuoteDeclined { seller, call, listing, .. } => {
                // What an indicative one said before is no longer so.
                self.know_quote((seller, call, listing), |quote| quote.terms = None);
            }
            Event::BidderInvited { seller, call, buyer, .. } => {
                self.change_auction(seller, call, |auction| {
                    if !auction.invited.contains(&buyer) {
                        auction.invited.push(buyer);
                    }
                });
            }
            Event::AuctionClosed { seller, call, .. } => {
                self.open.remove(&(call, seller));
                self.change_call(seller, call, |row| row.facts = Vec::new());
            }
            Event::CallSold { seller, call, buyer, .. } => {
                self.change_call(seller, call, |row| {
                    if !row.buyers.contains(&buyer) {
                        row.buyers.push(buyer);
                    }
                });
                self.bought.insert((buyer, call, seller));
            }
            Event::CallUnsold { seller, call, .. } | Event::CallFellBack { seller, call, .. } => {
                self.change_call(seller, call, |row| row.facts = Vec::new());
                self.know_dialed(event);
            }
            Event::CallDialed { .. } => self.know_dialed(event),
            Event::AttemptFailed { seller, call, .. }
            | Event::CallCanceled { seller, call }
            | Event::CallRinging { seller, call, .. }
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
        self.change_call(seller, call, |row| {
            if let Some(auction) = &mut row.auction {
                change(auction);
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
            quote: None,
            dialed: None,
            changed,
        });
    }

    fn know_quote(&mut self, (seller, call, listing): (AccountId, CallId, ListingId), change: impl FnOnce(&mut Quote)) {
        self.know_call(seller, call, listing);
        self.change_call(seller, call, |row| change(row.quote.get_or_insert_default()));
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

impl LotRows for Catalog {
    fn open_lot(&mut self, (seller, call): CallKey, lot: Lot) {
        let auction = Auction { lot, invited: Vec::new(), bidders: Vec::new() };
        self.change_call(seller, call, |row| row.auction = Some(auction));
        self.open.insert((call, seller));
    }

    fn change_lot(&mut self, (seller, call): CallKey, change: &mut dyn FnMut(&mut Lot)) {
        self.change_auction(seller, call, |auction| change(&mut auction.lot));
    }

    fn put_bid(&mut self, key: BidKey, bid: Bid) {
        let (buyer, call, seller, profile) = key;
        self.change_auction(seller, call, |auction| {
            if !auction.bidders.contains(&(buyer, profile)) {
                auction.bidders.push((buyer, profile));
            }
        });
        self.bids.insert(key, bid);
    }

    fn change_bid(&mut self, key: BidKey, change: &mut dyn FnMut(&mut Bid)) -> bool {
        self.bids.get_mut(&key).map(change).is_some()
    }

    fn change_bids(&mut self, on: CallKey, change: &mut dyn FnMut(&mut Bid)) {
        let Some(auction) = self.calls.get(&on).and_then(|row| row.auction.as_ref()) else { return };
        for (buyer, profile) in &auction.bidders {
            if let Some(bid) = self.bids.get_mut(&(*buyer, on.1, on.0, *profile)) {
                change(bid);
            }
        }
    }
}
