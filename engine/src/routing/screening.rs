//! What is asked of a caller: once when the call is put up for sale, and of each candidate before its amount.

use super::Question;
use crate::calendars::NONE as ALWAYS_OPEN;
use crate::callers::{Caller, Owner};
use crate::calls::{Hold, LiveCall};
use crate::collections::ENDLESS;
use crate::exchange::Exchange;
use crate::explain::Loss;
use crate::ids::Sequence;
use crate::profiles::Ruled;
use crate::reason::Reason;
use crate::reject::Reject;
use crate::schema::Schema;
use crate::targeting::{Brief, accepts};
use crate::terms::{Awaited, Clause, DuplicateOn, FactSheet, Leg};
use crate::units::Timestamp;

/// A call about to be put up for sale, or asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screened<'a> {
    pub(crate) seller: u32,
    pub(crate) listing: u32,
    pub(crate) caller: Caller,
    pub(crate) leg: Leg,
    pub(crate) facts: &'a FactSheet,
    /// It came round through hands it had been in.
    pub(crate) is_loop: bool,
    pub(crate) at: Timestamp,
}

/// What the rules of buyers say of a caller: suppressed, and a duplicate.
pub(crate) type OfBuyer = [Option<Loss>; 2];

/// Lost for this reason until then.
fn until(reason: Reason, until: u64) -> Loss {
    Loss::until(reason, (until != ENDLESS).then_some(Timestamp::from_micros(until)))
}

impl Exchange {
    /// Whether the call may be put up for sale, in the order of `docs/rules.md`, section 8: its chain, the listing's hours, suppression,
    /// frequency, duplicates, facts. Inside, why not.
    ///
    /// # Errors
    ///
    /// When a rule of the seller or of the platform would have to remember the caller, and there is no room.
    #[inline]
    pub(crate) fn judge_sale(&self, call: &Screened<'_>) -> Result<Option<Loss>, Reject> {
        // Most calls are asked nothing of the kind.
        let asked = self.callers.screen_calls() || call.is_loop || self.listings.get(call.listing).hours != ALWAYS_OPEN;
        if asked { self.judge_sale_by_rules(call) } else { Ok(None) }
    }

    #[inline(never)]
    fn judge_sale_by_rules(&self, call: &Screened<'_>) -> Result<Option<Loss>, Reject> {
        let declined = self.declined(call);
        if !self.callers.screen_calls() {
            return Ok(declined);
        }
        let places = (call.seller, call.listing);
        let counts = declined.is_none_or(|loss| counts_for_frequency(loss.reason));
        if counts && self.callers.frequencies.lacks_room(places, call.caller.subject, call.at) {
            return Err(Reject::ContactsFull);
        }
        let duplicates = &self.callers.duplicates;
        let remembers = duplicates.needs_place(Owner::Listing(call.listing), call.caller.subject, call.at);
        if declined.is_none() && remembers && !duplicates.has_room(call.at) {
            return Err(Reject::ContactsFull);
        }
        Ok(declined)
    }

    /// Why the call is not put up for sale, if so. Changes and reserves nothing.
    pub(crate) fn declined(&self, call: &Screened<'_>) -> Option<Loss> {
        if call.is_loop {
            return Some(Loss::plain(Reason::ChainLoop));
        }
        let listing = self.listings.get(call.listing);
        if !self.is_open(listing.hours, self.accounts.get(call.seller).zone, call.at) {
            return Some(Loss::plain(Reason::ListingClosed));
        }
        if !self.callers.screen_calls() {
            return None;
        }
        let Screened { seller, listing, caller, at, .. } = *call;
        if let Some(end) = self.callers.suppressions.find_for_sale(seller, caller.subject, at) {
            return Some(until(Reason::CallerSuppressed, end));
        }
        if let Some(end) = self.callers.frequencies.reached((seller, listing), caller, at) {
            return Some(until(Reason::FrequencyReached, end));
        }
        if let Some(end) = self.callers.duplicates.blocks(Owner::Listing(listing), caller, at) {
            return Some(until(Reason::DuplicateCaller, end));
        }
        let rules = self.callers.screens.met(seller, listing).flat_map(|screen| screen.iter());
        let mut refusing = rules.filter(|(rule, listed)| {
            let asked = rule.leg.is_none_or(|leg| leg == call.leg);
            asked && accepted(&rule.clause, listed, call.facts, &self.schema) != rule.unless
        });
        refusing.next().map(|(rule, _)| {
            let refused = Loss::plain(rule.reason);
            Loss { attribute: Some(rule.clause.attribute), ..refused }
        })
    }

    /// A call is put up for sale, and was judged so: whoever counts callers counts this one.
    #[inline]
    pub(crate) fn remember_sale(&mut self, live: u32, declined: Option<Reason>, at: Timestamp) {
        if self.callers.screen_calls() {
            self.remember_offered(live, declined, at);
        }
    }

    #[inline(never)]
    fn remember_offered(&mut self, live: u32, declined: Option<Reason>, at: Timestamp) {
        let (caller, seller, listing) = self.caller(live);
        if declined.is_none_or(counts_for_frequency) {
            self.callers.frequencies.count((seller, listing), caller, at);
        }
        if declined.is_none() {
            let awaited = self.callers.duplicates.come(Owner::Listing(listing), caller, at);
            self.calls.live_mut(live).awaited[0] = awaited;
        }
    }

    /// A call is sold: the rules of the winner and of its buyer count it, or wait for what becomes of it.
    #[inline]
    pub(crate) fn remember_win(&mut self, live: u32, (profile, buyer): (u32, u32), at: Timestamp) {
        if !self.callers.duplicates.are_set_for_candidates() {
            return;
        }
        let (caller, ..) = self.caller(live);
        let of_profile = self.callers.duplicates.come(Owner::Profile(self.settings.of(profile)), caller, at);
        let of_buyer = self.callers.duplicates.come(Owner::Buyer(buyer), caller, at);
        let call = self.calls.live_mut(live);
        (call.awaited[1], call.awaited[2]) = (of_profile, of_buyer);
    }

    /// The call came so far.
    pub(crate) fn remember_progress(&mut self, live: u32, hold: &Hold, on: DuplicateOn, at: Timestamp) {
        let awaited = self.calls.live(live).awaited;
        if !awaited.iter().any(|awaited| awaited.waits_for(on)) {
            return;
        }
        let (caller, _, listing) = self.caller(live);
        let of_profile = Owner::Profile(self.settings.of(hold.profile));
        let owners = [Owner::Listing(listing), of_profile, Owner::Buyer(hold.buyer)];
        for (place, (owner, awaited)) in owners.into_iter().zip(awaited).enumerate() {
            if awaited.waits_for(on) {
                self.callers.duplicates.arrive(owner, awaited, caller.call, at);
                self.calls.live_mut(live).awaited[place] = Awaited::NONE;
            }
        }
    }

    /// Nothing more comes of this attempt; at the call's end, nothing of the call.
    pub(crate) fn forget_awaited(&mut self, live: u32, is_over: bool) {
        if !self.calls.live(live).awaited.iter().any(|awaited| awaited.is_claim()) {
            return;
        }
        let from = usize::from(!is_over);
        for place in from..3 {
            let awaited = core::mem::replace(&mut self.calls.live_mut(live).awaited[place], Awaited::NONE);
            self.callers.duplicates.release(awaited);
        }
    }

    /// Rules 4a and 4b: whether the profile and its buyer take the caller.
    #[inline]
    pub(crate) fn callers_allow(&self, question: &Question<'_>, brief: &Brief) -> Result<(), Loss> {
        if question.caller.is_none() { Ok(()) } else { self.caller_allowed(question, brief) }
    }

    fn caller_allowed(&self, question: &Question<'_>, brief: &Brief) -> Result<(), Loss> {
        let Some(caller) = question.caller else { return Ok(()) };
        let [suppressed, duplicate] = match question.last_buyer.get() {
            Some((buyer, known)) if buyer == brief.buyer => known,
            _ => {
                let known = self.of_buyer(question, caller, brief.buyer);
                question.last_buyer.set(Some((brief.buyer, known)));
                known
            }
        };
        if let Some(loss) = suppressed {
            return Err(loss);
        }
        if brief.ruled.has(Ruled::CALLERS)
            && let Some(loss) = self.duplicate(question, caller, Owner::Profile(self.settings.of(brief.profile)))
        {
            return Err(loss);
        }
        duplicate.map_or(Ok(()), Err)
    }

    fn of_buyer(&self, question: &Question<'_>, caller: Caller, buyer: u32) -> OfBuyer {
        let suppressed = self.callers.suppressions.find(buyer, caller.subject, question.at);
        [
            suppressed.map(|end| until(Reason::CallerSuppressed, end)),
            self.duplicate(question, caller, Owner::Buyer(buyer)),
        ]
    }

    fn duplicate(&self, question: &Question<'_>, caller: Caller, owner: Owner) -> Option<Loss> {
        let duplicates = &self.callers.duplicates;
        if let Some(end) = duplicates.blocks(owner, caller, question.at) {
            return Some(until(Reason::DuplicateCaller, end));
        }
        let has_room = || question.had_room.unwrap_or_else(|| duplicates.has_room(question.at));
        let lacks_room = duplicates.needs_place(owner, caller.subject, question.at) && !has_room();
        lacks_room.then(|| Loss::plain(Reason::CallersFull))
    }

    /// Who calls, the seller, and the listing.
    fn caller(&self, live: u32) -> (Caller, u32, u32) {
        let LiveCall { record, subject, .. } = *self.calls.live(live);
        let record = self.calls.record(record);
        (Caller { subject, call: record.known_sequence() }, record.seller, record.listing)
    }

    /// A live call as it is judged when it is put up for sale.
    pub(crate) fn screened(&self, live: u32, at: Timestamp) -> Screened<'_> {
        let (caller, seller, listing) = self.caller(live);
        let call = self.calls.live(live);
        Screened { seller, listing, caller, leg: call.leg, facts: &call.facts, is_loop: call.chain.is_loop, at }
    }

    /// The command that made a call known; for one that never was, none that ever will.
    pub(crate) fn call_sequence(&self, seller: u32, call: crate::ids::CallId) -> Sequence {
        self.calls.find(seller, call).map_or(Sequence(u64::MAX), |slot| self.calls.record(slot).known_sequence())
    }

    /// Every claim of a live call is counted where it is.
    pub(crate) fn check_awaited(&self) -> Result<(), &'static str> {
        let live = self.calls.iter().filter_map(|(_, record)| record.live());
        let claims = |live| {
            let beside = self.calls.beside(live).iter().flatten().flat_map(|leg| &leg.awaited);
            self.calls.live(live).awaited.iter().chain(beside).filter(|awaited| awaited.is_claim()).count()
        };
        let claims: usize = live.map(claims).sum();
        if claims as u64 == self.callers.duplicates.awaited() {
            Ok(())
        } else {
            Err("duplicates: a contact counts the live calls that may count")
        }
    }
}

/// Whether a call that is declined for this counts under frequency rules: they were asked.
fn counts_for_frequency(reason: Reason) -> bool {
    !matches!(reason, Reason::ChainLoop | Reason::ListingClosed | Reason::CallerSuppressed)
}

/// Whether one clause accepts.
fn accepted(clause: &Clause, listed: &[crate::ids::ValueCode], facts: &FactSheet, schema: &Schema) -> bool {
    accepts(core::iter::once((*clause, listed.iter().copied())), facts, schema).is_ok()
}
