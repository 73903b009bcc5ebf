//! The steps of a decision one by one, for `benches/` alone: behind the feature `measure`, outside every promise.
//!
//! `apply` is the one door, and whole decisions are timed through it. What a bench cannot time through it are the steps
//! inside: which profiles accept a call (where an index is compared with other indexes), the best two, and the decision
//! without what surrounds it (reading the facts, the memory of ids, the losers' news). Each function here calls the very
//! function that `apply` calls, so nothing is decided a second way; but match-all, which no command asks for, walks the same
//! lines by itself.

use crate::callers::Caller;
use crate::commands::OfferCall;
use crate::event::{Events, Role};
use crate::exchange::{Exchange, Step};
use crate::ids::{AccountId, CallId, ProfileId, Sequence};
use crate::reason::Reason;
use crate::reject::Reject;
use crate::routing::{Choice, Decision, Past};
use crate::targeting::{Query, Row};
use crate::terms::FactSheet;
use crate::units::{Money, Timestamp};

/// A call not offered, as a decision sees it: its facts read, its listing found.
#[derive(Clone, Debug)]
pub struct Asked {
    facts: FactSheet,
    listing: u32,
    reserve: Money,
    caller: Caller,
}

/// A profile that may win, by its place in the exchange's table, and what it bids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Best {
    /// See [`Exchange::measure_names`].
    pub profile: u32,
    /// Its bid on this call.
    pub amount: Money,
}

/// A registered call that waits for its decision.
#[derive(Clone, Copy, Debug)]
pub struct Waiting(u32);

impl Exchange {
    /// Reads an offer as `apply` does.
    ///
    /// # Errors
    ///
    /// What `apply` would answer about the seller, the facts or the listing.
    pub fn measure_asked(&self, offer: &OfferCall<'_>) -> Result<Asked, Reject> {
        let seller = self.accounts.find_as(offer.seller, Role::Seller)?;
        let listing = self.listings.find(seller, offer.listing).ok_or(Reject::ListingUnknown)?;
        let mut facts = FactSheet::new(self.schema.absent);
        self.read_facts(&offer.facts, &mut facts)?;
        let reserve = offer.reserve.unwrap_or_else(|| self.listings.get(listing).reserve);
        let caller = Caller { subject: offer.subject, call: Sequence(self.sequence.0 + 1) };
        Ok(Asked { facts, listing, reserve, caller })
    }

    /// Match-all: every profile that may win at present and whose targeting accepts the call, in no order; one with several
    /// conjunctions perhaps more than once.
    #[inline]
    pub fn measure_match_all(&self, asked: &Asked, at: Timestamp, each: impl FnMut(u32)) {
        let question =
            self.question_of(asked.listing, asked.reserve, (&asked.facts, asked.caller), at, Past::default());
        let mut query = Query::of(question.facts);
        self.targeting.ask(&mut query, &self.schema, question.vertical);
        let wants = |row: &Row| self.wants_indeed(&question, row);
        let whole = self.targeting.whole(question.facts, question.vertical);
        self.targeting.matching(question.vertical, (&query, &whole), at, wants, each);
    }

    /// The best two candidates by the listing's policy, every rule asked: what a decision after a failed attempt looks for.
    #[inline]
    #[must_use]
    pub fn measure_top_two(&self, asked: &Asked, at: Timestamp) -> [Option<Best>; 2] {
        let question =
            self.question_of(asked.listing, asked.reserve, (&asked.facts, asked.caller), at, Past::default());
        let mut choice = Choice::<2>::new();
        self.choose(&question, None, &mut choice);
        let mut ranked = choice.ranked.as_slice().iter();
        core::array::from_fn(|_| {
            ranked.next().map(|candidate| Best { profile: candidate.profile, amount: candidate.amount() })
        })
    }

    /// A call that `RegisterCall` made known and nobody offered yet, with the reserve that its offer would name.
    pub fn measure_waiting(&mut self, seller: AccountId, call: CallId, reserve: Option<Money>) -> Option<Waiting> {
        let seller = self.accounts.find_as(seller, Role::Seller).ok()?;
        let live = self.calls.record(self.calls.find(seller, call)?).live()?;
        let call = self.calls.live_mut(live);
        call.reserve = reserve.unwrap_or(call.reserve);
        Some(Waiting(live))
    }

    /// The core decision on a waiting call: match, the best two, price, caps, budget, hold, record, first destination. It is
    /// decided as after a failed attempt, so no losers are told. Nothing may be due at `at`, as for `apply`.
    #[inline]
    pub fn measure_decide(&mut self, at: Timestamp, call: Waiting, events: &mut Events) {
        events.clear();
        let step = Step { at, sequence: Sequence(self.sequence.0 + 1) };
        self.decide(call.0, step, Decision::After(Reason::NoCandidate), events);
        (self.sequence, self.last_at) = (step.sequence, at);
    }

    /// One past the highest place of a profile, in an exchange that has closed none.
    #[must_use]
    pub fn measure_profiles(&self) -> u32 {
        self.profiles.iter().map(|(place, _)| place + 1).max().unwrap_or(0)
    }

    /// Whose a profile is, and its id, by its place in the table.
    #[must_use]
    pub fn measure_names(&self, profile: u32) -> (AccountId, ProfileId) {
        let profile = self.profiles.get(profile);
        (self.accounts.get(profile.buyer).id, profile.id)
    }
}
