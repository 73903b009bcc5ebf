//! A call is for sale, now.

use super::body::Body;
use crate::callers::Caller;
use crate::calls::{CallRecord, CallState, LiveCall, Marks};
use crate::collections::List;
use crate::event::{Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId, ChainNode, ListingId, SubjectId};
use crate::limits::{CHAIN_MAX, FACTS_MAX};
use crate::reject::Reject;
use crate::routing::{Decision, Screened};
use crate::targeting::will_read;
use crate::terms::{Chain, Fact, FactSheet, Leg};
use crate::units::{Millis, Money};

/// Offers a call, new or registered. Without a window standing bids decide it at once; with one it opens an auction
/// (`RegisterCall` and `OpenAuction` in one).
///
/// A registered call is offered with no facts and no chain: they are known, as are its `subject` and `leg`, whatever is
/// said here. So it is with a quoted call whose caller has arrived, but that its `subject` must be the quote's. Of a firm quote
/// the reserved buyer has the call, without a window or a reserve here; after an indicative one it is decided as any.
///
/// # Refused
///
/// `CommandTooLarge`, `AmountOutOfRange` (reserve negative or too large), `ValueOutOfRange` (a window of 0 or above 60
/// seconds), `IdNotUuid7`, `IdTooOld`, `IdTooNew`, `AccountUnknown`, `AccountRoleMismatch`, for each fact in order
/// `AttributeUnknown`, `AttributeKindMismatch`, `FactRepeated`; then `IdConflict` (offered with another body), `AccountClosed` (the call is new),
/// `ListingUnknown`, `ListingDelisted`, `FactsAlreadyKnown`, `CallAlreadyOffered` (by `OpenAuction`, canceled or expired), of a quoted call
/// `CallerMismatch`, `QuoteOver` and `QuoteBinds`; `CallsFull`, `LiveCallsFull`, `ContactsFull` (a rule about its callers has no room to remember this one).
///
/// # Events
///
/// `CallOffered`, then those of a decision, or of an auction's opening: see `docs/rules.md`. Outside the listing's opening
/// hours it is unsold (`ListingClosed`); so it is when its chain is a loop (`ChainLoop`), or when a rule about callers or a
/// screen declines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferCall<'a> {
    /// The seller.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// The listing it is sold under.
    pub listing: ListingId,
    /// The caller, as an opaque id; 0 is anonymous.
    pub subject: SubjectId,
    /// How the caller came to be on the line.
    pub leg: Leg,
    /// Takes live bids for this long.
    pub window: Option<Millis>,
    /// The least price of this call, in place of the listing's.
    pub reserve: Option<Money>,
    /// What is known of it. A set attribute is given once for each element.
    pub facts: List<'a, Fact, FACTS_MAX>,
    /// Whose hands it has been through, the first of them first; none when it comes from its own publisher.
    pub chain: List<'a, ChainNode, CHAIN_MAX>,
}

impl OfferCall<'_> {
    /// A call of `seller` under `listing`, with no facts, decided at once.
    #[must_use]
    pub fn new(seller: AccountId, call: CallId, listing: ListingId) -> Self {
        Self {
            seller,
            call,
            listing,
            subject: SubjectId(0),
            leg: Leg::ConsumerInbound,
            window: None,
            reserve: None,
            facts: List::new(),
            chain: List::new(),
        }
    }

    /// With live bids for `window`.
    #[must_use]
    pub fn window(mut self, window: Millis) -> Self {
        self.window = Some(window);
        self
    }

    /// For no less than `reserve`, whatever the listing says.
    #[must_use]
    pub fn reserve(mut self, reserve: Money) -> Self {
        self.reserve = Some(reserve);
        self
    }
}

/// The longest an auction takes bids: a caller is waiting.
pub(super) const WINDOW_MAX: Millis = Millis(60_000);

/// What the exchange knows of a call that is offered.
enum Offered {
    /// Nothing yet: it opens under this listing.
    New(u32),
    /// It was registered and waits: its live part.
    Waiting(u32),
}

impl Exchange {
    pub(crate) fn offer_call(
        &mut self,
        step: Step,
        command: &OfferCall<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        self.judge_offer_fields(step, command)?;
        let OfferCall { seller, call, listing, .. } = *command;
        let seller_slot = self.accounts.find_as(seller, Role::Seller)?;
        // Nobody has them in cache: the memory's answer is there when the facts are read.
        let (place, record) = self.calls.near(seller_slot, call);
        will_read(place);
        if let Some(record) = record {
            will_read(record);
        }
        let mut sheet = FactSheet::new(self.schema.absent);
        self.read_facts(&command.facts, &mut sheet)?;
        let listing_slot = self.listings.find(seller_slot, listing);
        // Its lines, too: they are there when the offer is judged and the call opened.
        if let Some(listing) = listing_slot {
            self.targeting.will_ask(&sheet, self.listings.get(listing).vertical);
        }
        let fingerprint = self.offer_body(command);
        let offered = match self.calls.find(seller_slot, call) {
            None => {
                self.accounts.judge_open(seller_slot)?;
                let listing = listing_slot.ok_or(Reject::ListingUnknown)?;
                self.listings.judge_listed(listing)?;
                self.calls.judge_room()?;
                Offered::New(listing)
            }
            Some(slot) => {
                let known = self.calls.record(slot);
                if known.marks.has(Marks::OFFERED) {
                    return self.offered_before(slot, fingerprint, events);
                }
                let live = self.judge_waiting(slot, command)?;
                if self.calls.live(live).hold.is_some() {
                    self.take_offer(step, command, (Offered::Waiting(live), &sheet, &Chain::default()), fingerprint);
                    events.push(Event::CallOffered { seller, call, listing });
                    self.deliver_reserved(live, step, events);
                    return Ok(Done::Accepted);
                }
                Offered::Waiting(live)
            }
        };
        let chain = self.read_chain(&command.chain);
        let declined = match offered {
            Offered::Waiting(live) => self.judge_sale(&self.screened(live, step.at))?,
            Offered::New(listing) => {
                let caller = Caller { subject: command.subject, call: step.sequence };
                let (leg, facts, is_loop, at) = (command.leg, &sheet, chain.is_loop, step.at);
                self.judge_sale(&Screened { seller: seller_slot, listing, caller, leg, facts, is_loop, at })?
            }
        };
        let declined = declined.map(|loss| loss.reason);
        let live = self.take_offer(step, command, (offered, &sheet, &chain), fingerprint);
        self.remember_sale(live, declined, step.at);
        events.push(Event::CallOffered { seller, call, listing });
        // A decision asks by itself whether quotas bar everybody.
        let declined = declined.or_else(|| command.window.and_then(|_| self.call_barred(live, step.at)));
        match (declined, command.window) {
            (Some(reason), _) => self.decline(live, step, reason, events),
            (None, Some(window)) => self.open_window(live, step, window, events),
            (None, None) => self.decide(live, step, Decision::First, events),
        }
        Ok(Done::Accepted)
    }

    fn judge_offer_fields(&self, step: Step, command: &OfferCall<'_>) -> Result<(), Reject> {
        if command.facts.overflowed() || command.chain.overflowed() {
            return Err(Reject::CommandTooLarge);
        }
        judge_window_fields(command.reserve, command.window)?;
        self.judge_id_time(step, command.call.time())
    }

    /// Offered before: the same offer is answered as the call stands now.
    fn offered_before(&self, slot: u32, fingerprint: u64, events: &mut Events) -> Result<Done, Reject> {
        let known = self.calls.record(slot);
        if known.fingerprint != fingerprint {
            return Err(Reject::IdConflict);
        }
        let seller = self.accounts.get(known.seller).id;
        let call = known.id();
        events.push(Event::CallOffered { seller, call, listing: self.listings.get(known.listing).id });
        if known.marks.has(Marks::AUCTIONED) {
            events.push(Event::AuctionOpened { seller, call, closes_at: known.closes_at });
        }
        if known.marks.has(Marks::SOLD) {
            events.push(Event::CallSold {
                seller,
                call,
                buyer: self.accounts.get(known.buyer).id,
                profile: known.profile(),
                attempt: known.attempt,
                price: known.price,
                payout: known.payout,
            });
        }
        if let Some(reason) = known.reason.filter(|reason| reason.is_unsold()) {
            events.push(Event::CallUnsold { seller, call, reason });
        }
        Ok(Done::Repeated(known.sequence))
    }

    /// Whether a call that is known can be offered as said: its live part.
    fn judge_waiting(&self, slot: u32, command: &OfferCall<'_>) -> Result<u32, Reject> {
        let known = self.calls.record(slot);
        let waiting = known.live().filter(|_| known.state == CallState::Registered);
        if self.listings.get(known.listing).id != command.listing {
            return Err(Reject::IdConflict);
        }
        if !command.facts.is_empty() || !command.chain.is_empty() {
            return Err(Reject::FactsAlreadyKnown);
        }
        if known.marks.has(Marks::QUOTED) {
            return self.judge_arrival(slot, command);
        }
        waiting.ok_or(Reject::CallAlreadyOffered)
    }

    /// Whether the caller of a quoted call may come as said: the call's live part.
    fn judge_arrival(&self, slot: u32, command: &OfferCall<'_>) -> Result<u32, Reject> {
        let live = self.calls.record(slot).live().ok_or(Reject::QuoteOver)?;
        let known = self.calls.live(live);
        if known.subject != command.subject {
            return Err(Reject::CallerMismatch);
        }
        let is_firm = known.hold.is_some();
        if is_firm && (command.window.is_some() || command.reserve.is_some()) {
            return Err(Reject::QuoteBinds);
        }
        Ok(live)
    }

    fn take_offer(
        &mut self,
        step: Step,
        command: &OfferCall<'_>,
        (offered, sheet, chain): (Offered, &FactSheet, &Chain),
        fingerprint: u64,
    ) -> u32 {
        let live = match offered {
            Offered::Waiting(live) => {
                if self.calls.live(live).quote.is_some() {
                    self.end_quote(live);
                    // From now on there is a call for a reporter's clocks to run with.
                    let record = self.calls.live(live).record;
                    self.calls.record_mut(record).known_at = step.at;
                }
                live
            }
            Offered::New(listing) => {
                let seller = self.listings.get(listing).seller;
                let reserve = self.listings.get(listing).reserve;
                let record = CallRecord::new(seller, command.call, listing, step.at);
                let make_live = |slot| LiveCall::new(slot, (sheet, chain), command.subject, command.leg, reserve);
                self.listings.get_mut(listing).calls += 1;
                self.calls.open(record, make_live).1
            }
        };
        let call = self.calls.live_mut(live);
        call.reserve = command.reserve.unwrap_or(call.reserve);
        let record = call.record;
        let record = self.calls.record_mut(record);
        record.marks.add(Marks::OFFERED);
        record.fingerprint = fingerprint;
        (record.sequence, record.changed) = (step.sequence, step.sequence);
        live
    }

    fn offer_body(&self, command: &OfferCall<'_>) -> u64 {
        Body::new(self.genesis.seed, 8)
            .wide(command.listing.0)
            .wide(command.subject.0)
            .leg(command.leg)
            .optional(command.window.map(|window| u64::from(window.0)))
            .optional_money(command.reserve)
            .facts(&command.facts)
            .chain(&command.chain)
            .finish()
    }
}

/// A reserve and a window, wherever they are given.
pub(super) fn judge_window_fields(reserve: Option<Money>, window: Option<Millis>) -> Result<(), Reject> {
    if reserve.is_some_and(|reserve| !reserve.is_amount_or_zero()) {
        return Err(Reject::AmountOutOfRange);
    }
    if window.is_some_and(|window| !(Millis(1)..=WINDOW_MAX).contains(&window)) {
        return Err(Reject::ValueOutOfRange);
    }
    Ok(())
}
