//! What a call would bring, before its caller is on the line (section 14).

use dce_engine::ids::{AccountId, SubjectId};
use dce_engine::units::{Money, Timestamp};

use super::action::{Action, FactValue, Role};
use super::codes::{Refusal, Why, refusal, why};
use super::outcome::Outcome;
use super::state::{Birth, Call, CallKey, Quote, State};
use super::{Done, Twin, Verb};

impl Twin {
    pub(super) fn set_quoting(&mut self, seller: AccountId, firm_max: u16) -> Verb {
        self.must_have_role(seller, Role::Seller)?;
        self.tell(Outcome::QuotingSet { seller, firm_max });
        let opened = self.account(seller).birth.as_ref().map_or(0, |birth| birth.sequence);
        let (known, sequence) = self.quoting.get(&seller).copied().unwrap_or((0, opened));
        if known == firm_max {
            return Ok(Done::Repeat(sequence));
        }
        let this = self.this();
        self.quoting.insert(seller, (firm_max, this));
        Ok(Done::New)
    }

    pub(super) fn quote_call(&mut self, at: Timestamp, action: &Action) -> Verb {
        let Action::QuoteCall { seller, call, listing, subject, leg, reserve, facts, chain, firm, life } = action
        else {
            unreachable!()
        };
        let key = (*seller, *call);
        self.must_have_role(*seller, Role::Seller)?;
        self.check_facts(facts)?;
        if let Some(known) = self.calls.get(&key) {
            return match &known.quote {
                Some(quote) if quote.birth.body == *action => {
                    let sequence = quote.birth.sequence;
                    self.tell_quote(key);
                    Ok(Done::Repeat(sequence))
                }
                _ => Err(refusal::ID_CONFLICT),
            };
        }
        self.must_be_open(*seller)?;
        self.must_be_listed((*seller, *listing))?;
        // As it would be, were it known; taken away again when it is refused, or has been asked before.
        self.insert_call(at, key, *listing, (*subject, *leg), (facts, chain));
        let mut known = self.calls.remove(&key).expect("just put there");
        let passed_on = chain.iter().map(|node| AccountId(node.0)).filter(|node| self.accounts.contains_key(node));
        known.state = State::Quoted;
        known.reserve = *reserve;
        known.quote = Some(Quote {
            birth: Birth { body: action.clone(), sequence: self.this() },
            wanted_firm: *firm,
            ends: at + *life,
            hands: passed_on.collect(),
            said: None,
        });
        if let Some((first, sequence)) = self.same_quote(key.0, &known) {
            self.tell_quote(first);
            return Ok(Done::Repeat(sequence));
        }
        self.check_new_call(key, *listing)?;
        self.calls.insert(key, known);
        let declined = self.declined(at, key);
        if *firm && let Err(refused) = self.check_firm(at, key, declined) {
            self.calls.remove(&key);
            return Err(refused);
        }
        self.answer_quote(at, key, *firm, declined);
        if self.call(key).state == State::Quoted {
            self.set_deadline(key, at + *life);
        }
        Ok(Done::New)
    }

    pub(super) fn confirm_quote(&mut self, at: Timestamp, key: CallKey) -> Verb {
        self.must_have_account(key.0)?;
        let Some(known) = self.calls.get(&key) else { return Err(refusal::CALL_UNKNOWN) };
        if known.offered.is_some() || known.opened.is_some() {
            return Err(refusal::CALL_ALREADY_OFFERED);
        }
        if known.quote.is_none() {
            return Err(refusal::CALL_NOT_QUOTED);
        }
        if known.canceled || known.ended == Some(why::QUOTE_LAPSED) {
            return Err(refusal::QUOTE_OVER);
        }
        let changed = known.changed;
        if known.sale.is_some() || known.ended.is_some() {
            self.tell_quote(key);
            return Ok(Done::Repeat(changed));
        }
        let declined = self.declined(at, key);
        self.check_firm(at, key, declined)?;
        self.call_mut(key).changed = self.this();
        self.answer_quote(at, key, true, declined);
        Ok(Done::New)
    }

    /// Whether the caller of a quoted call may come as said.
    pub(super) fn check_arrival(&self, key: CallKey, subject: SubjectId, with_terms: bool) -> Result<(), Refusal> {
        let known = self.call(key);
        if known.state == State::Closed {
            return Err(refusal::QUOTE_OVER);
        }
        if known.subject != subject {
            return Err(refusal::CALLER_MISMATCH);
        }
        if known.sale.is_some() && with_terms {
            return Err(refusal::QUOTE_BINDS);
        }
        Ok(())
    }

    /// The caller of a firm quote is there.
    pub(super) fn deliver_reserved(&mut self, at: Timestamp, key: CallKey) {
        let known = self.call(key);
        let sale = known.sale.expect("a firm quote has a buyer");
        let (attempt, (buyer, profile)) = (known.attempt, sale.winner);
        let (seller, call) = key;
        self.tell(Outcome::CallSold { seller, call, buyer, profile, attempt, price: sale.price, payout: sale.payout });
        self.dial(at, key, 0);
        self.ring_along(at, key);
    }

    /// Its end has come, and its caller has not.
    pub(super) fn lapse_quote(&mut self, at: Timestamp, key: CallKey) {
        if self.call(key).sale.is_some() {
            self.undo_hold(key);
        }
        self.tell(Outcome::QuoteLapsed { seller: key.0, call: key.1 });
        self.close_call(at, key, why::QUOTE_LAPSED);
    }

    pub(super) fn decline_quote(&mut self, at: Timestamp, key: CallKey, reason: Why) {
        let (seller, call) = key;
        let listing = self.call(key).listing;
        self.tell(Outcome::QuoteDeclined { seller, call, listing, reason });
        self.close_call(at, key, reason);
    }

    /// The call goes to its winner when its caller comes.
    pub(super) fn tell_reserved(&mut self, key: CallKey) {
        let known = self.call(key);
        let (sale, attempt, listing) = (known.sale.expect("it was sold"), known.attempt, known.listing);
        let expires_at = known.quote.as_ref().expect("it is a quote").ends;
        let ((seller, call), (buyer, profile)) = (key, sale.winner);
        let (price, payout) = (sale.price, sale.payout);
        self.tell(Outcome::CallReserved { seller, call, listing, buyer, profile, attempt, price, payout, expires_at });
    }

    fn check_firm(&self, at: Timestamp, key: CallKey, declined: Option<Why>) -> Result<(), Refusal> {
        self.check_memory(at, key, declined)?;
        let firm_max = self.quoting.get(&key.0).map_or(0, |(firm_max, _)| usize::from(*firm_max));
        if self.firm_quotes(key.0) < firm_max { Ok(()) } else { Err(refusal::FIRM_QUOTES_FULL) }
    }

    /// How many firm quotes of the seller live.
    #[must_use]
    pub fn firm_quotes(&self, seller: AccountId) -> usize {
        let own = self.calls.iter().filter(|(key, _)| key.0 == seller);
        own.filter(|(_, call)| call.state == State::Quoted && call.sale.is_some()).count()
    }

    fn answer_quote(&mut self, at: Timestamp, key: CallKey, firm: bool, declined: Option<Why>) {
        if firm {
            self.remember_sale(at, key, declined);
        }
        match declined.or_else(|| self.sale_barred(at, key)) {
            Some(reason) => self.decline_quote(at, key, reason),
            None if firm => self.decide(at, key, None),
            None => match self.would_sell(at, key) {
                None => self.decline_quote(at, key, why::NO_CANDIDATE),
                Some(said) => {
                    self.call_mut(key).quote.as_mut().expect("it is a quote").said = Some(said);
                    self.tell_quote(key);
                }
            },
        }
    }

    fn tell_quote(&mut self, key: CallKey) {
        let (seller, call) = key;
        let known = self.call(key).clone();
        let (listing, quote) = (known.listing, known.quote.expect("it is a quote"));
        if known.offered.is_some() {
            self.tell(Outcome::CallOffered { seller, call, listing });
        } else if known.canceled {
            self.tell(Outcome::CallCanceled { seller, call });
        } else if known.ended == Some(why::QUOTE_LAPSED) {
            self.tell(Outcome::QuoteLapsed { seller, call });
        } else if let Some(reason) = known.ended {
            self.tell(Outcome::QuoteDeclined { seller, call, listing, reason });
        } else if known.sale.is_some() {
            self.tell_reserved(key);
        } else {
            let (price, payout): (Money, Money) = quote.said.expect("it was answered");
            self.tell(Outcome::CallQuoted { seller, call, listing, price, payout, expires_at: quote.ends });
        }
    }

    /// A live quote for the same caller and facts: its call, and the sequence of its `QuoteCall`.
    fn same_quote(&self, seller: AccountId, asked: &Call) -> Option<(CallKey, u64)> {
        let wanted = asked.quote.as_ref().expect("it asks for a quote");
        let least = self.listings[&(seller, asked.listing)].terms.reserve;
        let reserve = |call: &Call| call.reserve.unwrap_or(least);
        let same = |(key, call): &(&CallKey, &Call)| {
            call.quote.as_ref().is_some_and(|quote| {
                key.0 == seller
                    && call.state == State::Quoted
                    && call.listing == asked.listing
                    && call.subject == asked.subject
                    && call.leg == asked.leg
                    && reserve(call) == reserve(asked)
                    && quote.wanted_firm == wanted.wanted_firm
                    && quote.hands == wanted.hands
                    && !asked.loops
                    && known_of(call) == known_of(asked)
            })
        };
        let found = self.calls.iter().find(same).filter(|_| asked.subject != SubjectId(0));
        found.and_then(|(key, call)| Some((*key, call.quote.as_ref()?.birth.sequence)))
    }
}

/// What is known of a call, whatever the order it was said in: of a set each element once.
fn known_of(call: &Call) -> Vec<(u16, Vec<FactValue>)> {
    let of_one = |values: &[FactValue]| {
        let mut values = values.to_vec();
        values.sort_by_key(|value| match value {
            FactValue::Code(code) => code.0,
            FactValue::Number(_) | FactValue::Flag(_) | FactValue::Place(_) => 0,
        });
        values.dedup();
        values
    };
    call.facts.iter().map(|(attribute, values)| (attribute.0, of_one(values))).collect()
}
