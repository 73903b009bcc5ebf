//! What would this call bring?

use super::body::Body;
use super::offer_call::judge_window_fields;
use crate::callers::Caller;
use crate::calls::{CallRecord, CallState, LiveCall, Marks, Quote};
use crate::collections::List;
use crate::event::{Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId, ChainNode, ListingId, SubjectId};
use crate::limits::{CHAIN_MAX, FACTS_MAX, QUOTE_LIFE_MAX};
use crate::reject::Reject;
use crate::routing::Screened;
use crate::terms::{Chain, Fact, FactSheet, Leg};
use crate::units::{Millis, Money};

/// Asks what a call would bring, before its caller is on the line. When the caller arrives the call is offered under the same
/// id ([`OfferCall`](super::OfferCall)).
///
/// *Indicative*, it is answered with the price of this moment, and nothing is held or counted: what the call brings is decided
/// when it comes, or when the quote is confirmed ([`ConfirmQuote`](super::ConfirmQuote)). *Firm*, the call is put up for sale
/// and decided now, and the winner holds for it what every win holds until the quote's life is over; nothing is dialled.
///
/// The same caller and facts get the same quote: while one lives, asking again under another id is a repeat, and the answer
/// names the call that was quoted. An anonymous caller (`subject` 0) is never the same.
///
/// # Refused
///
/// `CommandTooLarge`, `AmountOutOfRange` (reserve negative or too large), `ValueOutOfRange` (a life of 0 or above ten
/// minutes), `IdNotUuid7`, `IdTooOld`, `IdTooNew`, `AccountUnknown`, `AccountRoleMismatch`, for each fact in order
/// `AttributeUnknown`, `AttributeKindMismatch`, `FactRepeated`; then `IdConflict` (known otherwise), `AccountClosed`, `ListingUnknown`, `ListingDelisted`,
/// `CallsFull`, `LiveCallsFull`; if firm `ContactsFull` (a rule about its callers has no room to remember this one) and
/// `FirmQuotesFull`.
///
/// # Events
///
/// `CallQuoted`; or if firm `CallReserved`, `MoneyHeld`, and `BidLost` as for a sale; or `QuoteDeclined` when nobody would buy
/// it or it is not for sale, and the call is over. When the life is over: `MoneyVoided` of what was held, then `QuoteLapsed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteCall<'a> {
    /// The seller.
    pub seller: AccountId,
    /// The call, and so the quote.
    pub call: CallId,
    /// The listing it is sold under.
    pub listing: ListingId,
    /// The caller, as an opaque id; 0 is anonymous.
    pub subject: SubjectId,
    /// How the caller comes to be on the line.
    pub leg: Leg,
    /// The least price of this call, in place of the listing's.
    pub reserve: Option<Money>,
    /// What is known of it. A set attribute is given once for each element.
    pub facts: List<'a, Fact, FACTS_MAX>,
    /// Whose hands it has been through, the first of them first; none when it comes from its own publisher.
    pub chain: List<'a, ChainNode, CHAIN_MAX>,
    /// Whether the answer binds.
    pub firm: bool,
    /// How long the quote lives.
    pub life: Millis,
}

impl QuoteCall<'_> {
    /// What a call of `seller` under `listing` would bring, with no facts: an indicative quote that lives for `life`.
    #[must_use]
    pub fn new(seller: AccountId, call: CallId, listing: ListingId, life: Millis) -> Self {
        Self {
            seller,
            call,
            listing,
            subject: SubjectId(0),
            leg: Leg::ConsumerInbound,
            reserve: None,
            facts: List::new(),
            chain: List::new(),
            firm: false,
            life,
        }
    }

    /// And the answer binds.
    #[must_use]
    pub fn firm(mut self) -> Self {
        self.firm = true;
        self
    }

    /// For no less than `reserve`, whatever the listing says.
    #[must_use]
    pub fn reserve(mut self, reserve: Money) -> Self {
        self.reserve = Some(reserve);
        self
    }
}

impl Exchange {
    pub(crate) fn quote_call(
        &mut self,
        step: Step,
        command: &QuoteCall<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        self.judge_quote_fields(step, command)?;
        let QuoteCall { seller, call, listing, .. } = *command;
        let seller_slot = self.accounts.find_as(seller, Role::Seller)?;
        let mut sheet = FactSheet::new(self.schema.absent);
        self.read_facts(&command.facts, &mut sheet)?;
        let fingerprint = self.quote_body(command);
        if let Some(slot) = self.calls.find(seller_slot, call) {
            let known = self.calls.record(slot);
            if !known.marks.has(Marks::QUOTED) || known.registered_fingerprint != fingerprint {
                return Err(Reject::IdConflict);
            }
            return Ok(self.quoted_before(slot, events));
        }
        self.accounts.judge_open(seller_slot)?;
        let listing = self.listings.find_listed(seller_slot, listing)?;
        let chain = self.read_chain(&command.chain);
        let likeness = self.likeness(command, listing, (&sheet, &chain));
        let namesake = likeness.and_then(|likeness| self.quotes.find_alike(listing, likeness));
        if let Some(live) = namesake.filter(|live| self.is_alike(*live, command, (&sheet, &chain))) {
            return Ok(self.quoted_before(self.calls.live(live).record, events));
        }
        self.calls.judge_room()?;
        let caller = Caller { subject: command.subject, call: step.sequence };
        let screened = Screened {
            seller: seller_slot,
            listing,
            caller,
            leg: command.leg,
            facts: &sheet,
            is_loop: chain.is_loop,
            at: step.at,
        };
        let declined = if command.firm { self.judge_sale(&screened)? } else { self.declined(&screened) };
        if command.firm {
            self.quotes.judge_firm(seller_slot)?;
        }
        let declined = declined.map(|loss| loss.reason);
        // A likeness that is another quote's by chance stays that one's.
        let likeness = likeness.filter(|_| namesake.is_none());
        let (record, live) = self.take_quote(step, command, (listing, &sheet, &chain), (fingerprint, likeness));
        self.quote(live, step, (command.firm, declined), events);
        if self.calls.record(record).live().is_some() {
            self.calls.set_deadline(live, step.at + command.life);
        }
        Ok(Done::Accepted)
    }

    fn judge_quote_fields(&self, step: Step, command: &QuoteCall<'_>) -> Result<(), Reject> {
        if command.facts.overflowed() || command.chain.overflowed() {
            return Err(Reject::CommandTooLarge);
        }
        judge_window_fields(command.reserve, None)?;
        if !(Millis(1)..=QUOTE_LIFE_MAX).contains(&command.life) {
            return Err(Reject::ValueOutOfRange);
        }
        self.judge_id_time(step, command.call.time())
    }

    fn take_quote(
        &mut self,
        step: Step,
        command: &QuoteCall<'_>,
        (listing, sheet, chain): (u32, &FactSheet, &Chain),
        (fingerprint, likeness): (u64, Option<u64>),
    ) -> (u32, u32) {
        let seller = self.listings.get(listing).seller;
        let reserve = self.quoted_reserve(command, listing);
        let mut record = CallRecord::new(seller, command.call, listing, step.at);
        record.marks.add(Marks::QUOTED);
        record.registered_fingerprint = fingerprint;
        (record.registered_sequence, record.changed) = (step.sequence, step.sequence);
        record.become_state(CallState::Quoted);
        let make_live = |slot| LiveCall::new(slot, (sheet, chain), command.subject, command.leg, reserve);
        self.listings.get_mut(listing).calls += 1;
        let (record, live) = self.calls.open(record, make_live);
        self.calls.live_mut(live).quote = Some(Quote {
            expires_at: step.at + command.life,
            wanted_firm: command.firm,
            likeness,
            price: Money::ZERO,
            payout: Money::ZERO,
        });
        if let Some(likeness) = likeness {
            self.quotes.add_alike(listing, likeness, live);
        }
        (record, live)
    }

    fn quoted_reserve(&self, command: &QuoteCall<'_>, listing: u32) -> Money {
        command.reserve.unwrap_or_else(|| self.listings.get(listing).reserve)
    }

    /// Where quotes for the same caller and facts are looked for; nowhere for one that nobody knows.
    fn likeness(&self, command: &QuoteCall<'_>, listing: u32, (sheet, chain): (&FactSheet, &Chain)) -> Option<u64> {
        if command.subject == SubjectId(0) {
            return None;
        }
        let body = Body::new(self.genesis.seed, 18)
            .wide(command.subject.0)
            .leg(command.leg)
            .money(self.quoted_reserve(command, listing))
            .word(command.firm);
        let body = sheet.facts().fold(body, |body, fact| body.fact(&fact));
        Some(chain.words().fold(body, Body::word).finish())
    }

    /// Whether a live quote is for the same caller and facts, as they are known: a value nobody defined is none, and their
    /// order is nothing.
    fn is_alike(&self, live: u32, command: &QuoteCall<'_>, (sheet, chain): (&FactSheet, &Chain)) -> bool {
        let known = self.calls.live(live);
        let listing = self.calls.record(known.record).listing;
        known.quote.is_some_and(|quote| quote.wanted_firm == command.firm)
            && (known.subject, known.leg) == (command.subject, command.leg)
            && known.reserve == self.quoted_reserve(command, listing)
            && (&known.facts, &known.chain) == (sheet, chain)
    }

    fn quote_body(&self, command: &QuoteCall<'_>) -> u64 {
        Body::new(self.genesis.seed, 17)
            .wide(command.listing.0)
            .wide(command.subject.0)
            .leg(command.leg)
            .optional_money(command.reserve)
            .word(command.firm)
            .word(command.life.0)
            .facts(&command.facts)
            .chain(&command.chain)
            .finish()
    }

    /// Quoted before: the same question is answered as the quote stands now.
    fn quoted_before(&self, slot: u32, events: &mut Events) -> Done {
        let known = self.calls.record(slot);
        self.tell_quote(slot, events);
        Done::Repeated(known.registered_sequence)
    }
}
