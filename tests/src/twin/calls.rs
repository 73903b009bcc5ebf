//! Calls become known, are offered, canceled, closed (sections 2 and 8).

use std::collections::BTreeSet;

use dce_engine::ids::{AccountId, ChainNode, ListingId, SubjectId};
use dce_engine::units::{Seconds, Timestamp};

use super::action::{Action, Clocks, Fact, Leg, Role};
use super::codes::{Refusal, Why, refusal, why};
use super::outcome::Outcome;
use super::state::{Birth, Call, CallKey, State};
use super::{Done, Twin, Verb};

impl Twin {
    pub(super) fn register_call(&mut self, at: Timestamp, action: &Action) -> Verb {
        let Action::RegisterCall { seller, call, listing, subject, leg, facts, chain } = action else { unreachable!() };
        let key = (*seller, *call);
        self.must_have_role(*seller, Role::Seller)?;
        self.check_facts(facts)?;
        let mut first = None;
        if let Some(known) = self.calls.get(&key) {
            match &known.registered {
                Some(birth) if birth.body == *action => first = Some(birth.sequence),
                _ => return Err(refusal::ID_CONFLICT),
            }
        } else {
            self.must_be_open(*seller)?;
            self.check_new_call(key, *listing)?;
            self.insert_call(at, key, *listing, (*subject, *leg), (facts, chain));
            let birth = Birth { body: action.clone(), sequence: self.this() };
            self.call_mut(key).registered = Some(birth);
            let waits = self.listing_of(key).terms.duration_max;
            self.set_deadline(key, at + waits);
        }
        self.tell(Outcome::CallRegistered { seller: *seller, call: *call, listing: *listing });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    pub(super) fn offer_call(&mut self, at: Timestamp, action: &Action) -> Verb {
        let Action::OfferCall { seller, call, listing, subject, leg, window, reserve, facts, chain } = action else {
            unreachable!()
        };
        let key = (*seller, *call);
        self.must_have_role(*seller, Role::Seller)?;
        self.check_facts(facts)?;
        let mut is_new = false;
        if let Some(known) = self.calls.get(&key) {
            if let Some(birth) = &known.offered {
                if birth.body != *action {
                    return Err(refusal::ID_CONFLICT);
                }
                let sequence = birth.sequence;
                self.answer_offer_again(key);
                return Ok(Done::Repeat(sequence));
            }
            // It was registered, or quoted.
            if known.listing != *listing {
                return Err(refusal::ID_CONFLICT);
            }
            if !facts.is_empty() || !chain.is_empty() {
                return Err(refusal::FACTS_ALREADY_KNOWN);
            }
            if known.quote.is_some() {
                self.check_arrival(key, *subject, window.is_some() || reserve.is_some())?;
                if known.sale.is_some() {
                    self.take_offer(at, key, action);
                    self.tell(Outcome::CallOffered { seller: *seller, call: *call, listing: *listing });
                    self.deliver_reserved(at, key);
                    return Ok(Done::New);
                }
            } else if known.state != State::Registered {
                return Err(refusal::CALL_ALREADY_OFFERED);
            }
        } else {
            self.must_be_open(*seller)?;
            self.check_new_call(key, *listing)?;
            self.insert_call(at, key, *listing, (*subject, *leg), (facts, chain));
            is_new = true;
        }
        let declined = self.declined(at, key);
        if let Err(refused) = self.check_memory(at, key, declined) {
            // Nothing has changed when a command is refused.
            if is_new {
                self.calls.remove(&key);
            }
            return Err(refused);
        }
        self.take_offer(at, key, action);
        let offered = self.call_mut(key);
        offered.reserve = reserve.or(offered.reserve);
        self.remember_sale(at, key, declined);
        self.tell(Outcome::CallOffered { seller: *seller, call: *call, listing: *listing });
        let declined = declined.or_else(|| self.sale_barred(at, key));
        match (declined, window) {
            (Some(reason), _) => self.unsold(at, key, reason),
            (None, Some(window)) => self.start_auction(at, key, *window),
            (None, None) => self.decide(at, key, None),
        }
        Ok(Done::New)
    }

    /// The call is offered; of a quoted one the caller is there.
    fn take_offer(&mut self, at: Timestamp, key: CallKey, action: &Action) {
        let this = self.this();
        let offered = self.call_mut(key);
        offered.offered = Some(Birth { body: action.clone(), sequence: this });
        offered.changed = this;
        if offered.quote.is_some() {
            (offered.state, offered.known_at) = (State::Registered, at);
        }
    }

    fn answer_offer_again(&mut self, key: CallKey) {
        let (seller, call) = key;
        let known = self.call(key).clone();
        self.tell(Outcome::CallOffered { seller, call, listing: known.listing });
        if let Some(closes_at) = known.closes_at {
            self.tell(Outcome::AuctionOpened { seller, call, closes_at });
        }
        if let Some(sale) = known.sale {
            let (buyer, profile) = sale.winner;
            let (attempt, price, payout) = (known.attempt, sale.price, sale.payout);
            self.tell(Outcome::CallSold { seller, call, buyer, profile, attempt, price, payout });
        }
        if let Some(reason) = known.ended.filter(|_| known.unsold) {
            self.tell(Outcome::CallUnsold { seller, call, reason });
        }
    }

    pub(super) fn check_new_call(&self, key: CallKey, listing: ListingId) -> Result<(), Refusal> {
        self.must_be_listed((key.0, listing))?;
        if self.calls.len() >= self.capacities.calls_max as usize {
            return Err(refusal::CALLS_FULL);
        }
        let live = self.calls.values().filter(|call| call.state != State::Closed).count();
        if live >= self.capacities.calls_live_max as usize {
            return Err(refusal::LIVE_CALLS_FULL);
        }
        Ok(())
    }

    pub(super) fn insert_call(
        &mut self,
        at: Timestamp,
        key: CallKey,
        listing: ListingId,
        (subject, leg): (SubjectId, Leg),
        known: (&[Fact], &[ChainNode]),
    ) {
        let (facts, chain) = known;
        let nodes: BTreeSet<ChainNode> = chain.iter().copied().collect();
        let loops = nodes.len() < chain.len() || nodes.contains(&ChainNode(self.log));
        let accounts = nodes.iter().map(|node| AccountId(node.0));
        let sold_by = accounts.filter(|account| self.accounts.contains_key(account)).collect();
        let call = Call {
            listing,
            known_at: at,
            subject,
            leg,
            awaits: Vec::new(),
            had_room: None,
            facts: self.known_facts(facts),
            sold_by,
            loops,
            state: State::Registered,
            registered: None,
            quote: None,
            offered: None,
            opened: None,
            changed: self.this(),
            deadline: (at, 0),
            reserve: None,
            closes_at: None,
            invited: Vec::new(),
            early_close: false,
            bids: Vec::new(),
            passes: BTreeSet::new(),
            bids_at_close: None,
            tried: BTreeSet::new(),
            attempt: 0,
            attempts: 0,
            sale: None,
            ring_until: at,
            others: Vec::new(),
            promise: None,
            payout_paid: false,
            recoveries: 0,
            fell_back: None,
            destination: 0,
            clocks: Clocks::default(),
            flagged: false,
            ended: None,
            unsold: false,
            canceled: false,
        };
        self.calls.insert(key, call);
    }

    pub(super) fn cancel_call(&mut self, at: Timestamp, key: CallKey) -> Verb {
        self.must_have_account(key.0)?;
        let Some(known) = self.calls.get(&key) else { return Err(refusal::CALL_UNKNOWN) };
        let (seller, call) = key;
        let (state, changed) = (known.state, known.changed);
        if known.canceled {
            self.tell(Outcome::CallCanceled { seller, call });
            return Ok(Done::Repeat(changed));
        }
        match state {
            State::Closed => return Err(refusal::CALL_NOT_ROUTED),
            State::Answered => return Err(refusal::CALL_ANSWERED),
            State::Registered => {}
            State::Quoted if self.call(key).sale.is_none() => {}
            State::Quoted => self.undo_hold(key),
            State::Auction => {
                self.stop_bidding(key);
                for invited in self.invited_that_exist(key) {
                    self.tell_lost(key, invited, why::SELLER_CANCELED, None);
                }
            }
            State::Dialed | State::Ringing if self.call(key).fell_back.is_some() => {}
            State::Dialed | State::Ringing => self.undo_all(key, false),
        }
        self.tell(Outcome::CallCanceled { seller, call });
        let this = self.this();
        let canceled = self.call_mut(key);
        canceled.changed = this;
        canceled.canceled = true;
        self.close_call(at, key, why::SELLER_CANCELED);
        Ok(Done::New)
    }

    /// A registered call that nobody offered in time.
    pub(super) fn expire(&mut self, at: Timestamp, key: CallKey) {
        self.close_unsold(at, key, why::OPPORTUNITY_EXPIRED);
    }

    /// Nobody buys it: its listing's fallback has it, or it is over.
    pub(super) fn unsold(&mut self, at: Timestamp, key: CallKey, reason: Why) {
        if self.call(key).state == State::Quoted {
            return self.decline_quote(at, key, reason);
        }
        match self.listings[&(key.0, self.call(key).listing)].delivery.fallback.clone() {
            Some(fallback) if !is_unwanted(reason) => self.fall_back(at, key, reason, fallback),
            _ => self.close_unsold(at, key, reason),
        }
    }

    pub(super) fn close_unsold(&mut self, at: Timestamp, key: CallKey, reason: Why) {
        self.tell(Outcome::CallUnsold { seller: key.0, call: key.1, reason });
        self.call_mut(key).unsold = true;
        self.close_call(at, key, reason);
    }

    /// Closed for good; the record is kept for the retention and a minute.
    pub(super) fn close_call(&mut self, at: Timestamp, key: CallKey, reason: Why) {
        let call = self.call_mut(key);
        call.state = State::Closed;
        call.ended = Some(reason);
        call.bids.clear();
        call.passes.clear();
        call.awaits.clear();
        let mut kept_for = Seconds(self.capacities.retention_seconds + 60);
        // Nothing was ever held for it.
        if self.call(key).is_quote() && self.call(key).sale.is_none() {
            kept_for = kept_for.min(Seconds(3_600));
        }
        self.set_deadline(key, at + kept_for);
    }
}

/// Whether the call itself is wanted nowhere, the listing's fallback included (section 8, "For sale").
fn is_unwanted(reason: Why) -> bool {
    let by_caller = [why::CALLER_SUPPRESSED, why::FREQUENCY_REACHED, why::DUPLICATE_CALLER];
    reason == why::CHAIN_LOOP || by_caller.contains(&reason) || matches!(reason, 509..=512 | 570..=573 | 575..=579)
}
