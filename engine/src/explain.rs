//! Why a profile would, or would not, get a call: the decision's own rules, asked again without changing anything.

mod counts;
mod tally;

pub use counts::RuleCounts;

use crate::callers::Caller;
use crate::commands::OfferCall;
use crate::event::Role;
use crate::exchange::Exchange;
use crate::ids::{AccountId, AttributeId, CallId, ProfileId};
use crate::reason::Reason;
use crate::reject::Reject;
use crate::routing::{Past, Question, Screened};
use crate::terms::{FactSheet, SkillLevel};
use crate::units::{Metres, Money, Timestamp};

/// One candidate and what the rules say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// What it bids on this call, whether or not it may win: its live bid, else its standing bid; of the winner, what it
    /// won with. `None` without either, or after a pass.
    pub amount: Option<Money>,
    /// Won, eligible, or lost and why.
    pub verdict: Verdict,
}

/// What the rules say of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call is its.
    Won,
    /// It may win: the call is not decided yet.
    Eligible,
    /// It did not win, or cannot.
    Lost(Loss),
}

/// The first rule that stopped a candidate, and how far it was from passing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The rule.
    pub reason: Reason,
    /// The attribute whose clause did not accept, for a targeting mismatch.
    pub attribute: Option<AttributeId>,
    /// How far it was from passing, where that is a number.
    pub distance: Option<Distance>,
}

/// How far a candidate was from passing the rule that stopped it: with so much more, or less, it would have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// So much money was missing: of the bid, the budget, the balance or the float, as the rule compares it.
    Money(Money),
    /// The call's number lies so far below (negative) or above what the clause accepts, in the attribute's own units; the
    /// integer's end where it is further.
    Number(i64),
    /// The radius would have to be so much longer.
    Metres(Metres),
    /// So many calls are taken of so many there may be.
    Calls {
        /// Taken.
        taken: u32,
        /// The most there may be.
        most: u32,
    },
    /// It passes by itself from this moment on.
    Until(Timestamp),
    /// The winner is so many tiers better.
    Tiers(u8),
    /// This skill is so many levels short.
    Levels(SkillLevel),
}

/// Why nothing can be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExplainError {
    /// No such call, or it is sealed.
    CallUnknown,
    /// The call is closed and its facts are gone: ask with its offer ([`Exchange::explain_offer`]), or replay the log up to
    /// the command in question and ask there.
    CallClosed,
    /// No such profile.
    ProfileUnknown,
}

impl core::fmt::Display for ExplainError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::CallUnknown => "no such call",
            Self::CallClosed => "the call is closed; ask with its offer, or replay the log up to its decision",
            Self::ProfileUnknown => "no such profile",
        })
    }
}

impl core::error::Error for ExplainError {}

impl Loss {
    pub(crate) const fn plain(reason: Reason) -> Self {
        Self { reason, attribute: None, distance: None }
    }

    pub(crate) const fn short(reason: Reason, by: Money) -> Self {
        Self { distance: Some(Distance::Money(by)), ..Self::plain(reason) }
    }

    /// Of a rule that time alone will let it pass, if it will.
    pub(crate) fn until(reason: Reason, at: Option<Timestamp>) -> Self {
        Self { distance: at.map(Distance::Until), ..Self::plain(reason) }
    }
}

impl Exchange {
    /// Says of every profile why it has, could have, or has not got this call. `each` is called once a profile.
    ///
    /// A live call is judged at the time of the last command, as if its own hold were undone: right after a decision
    /// this is why the decision was so. Rules: `docs/rules.md`, sections 5 and 12.
    ///
    /// # Errors
    ///
    /// When the call is unknown or closed.
    pub fn explain(
        &self,
        seller: AccountId,
        call: CallId,
        each: &mut dyn FnMut(&Explanation),
    ) -> Result<(), ExplainError> {
        let live = self.live_call(seller, call)?;
        let question = self.question_undone(live, self.last_at);
        self.explain_question(&question, each);
        Ok(())
    }

    /// The same for one profile.
    ///
    /// # Errors
    ///
    /// When the call is unknown or closed, or there is no such profile.
    pub fn explain_one(
        &self,
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
    ) -> Result<Verdict, ExplainError> {
        let live = self.live_call(seller, call)?;
        let buyer = self.accounts.find(buyer).map_err(|_| ExplainError::ProfileUnknown)?;
        let slot = self.profiles.find(buyer, profile).ok_or(ExplainError::ProfileUnknown)?;
        Ok(self.verdict(&self.question_undone(live, self.last_at), slot))
    }

    /// Says of every profile what would become of it if this call were offered at `at`: also why a call that went unsold
    /// did, asked with the same offer and its time right after it. Nothing changes; of ids only the call's own is looked at:
    /// what that call itself left with rules about callers is not counted.
    ///
    /// # Errors
    ///
    /// What the offer's seller, listing or facts would be refused for.
    pub fn explain_offer(
        &self,
        at: Timestamp,
        offer: &OfferCall<'_>,
        each: &mut dyn FnMut(&Explanation),
    ) -> Result<(), Reject> {
        let Some(loss) = self.not_for_sale(at, offer)? else { return self.explain_in_time(at, offer, each) };
        let verdict = Verdict::Lost(loss);
        self.explain_in_time(at, offer, &mut |candidate| each(&Explanation { verdict, ..*candidate }))
    }

    /// The same of an offer that came while its listing was open, whatever the hour is now: what a later decision about a
    /// call, after its auction or after a failed attempt, is explained by.
    ///
    /// # Errors
    ///
    /// As for [`Exchange::explain_offer`].
    pub fn explain_in_time(
        &self,
        at: Timestamp,
        offer: &OfferCall<'_>,
        each: &mut dyn FnMut(&Explanation),
    ) -> Result<(), Reject> {
        self.ask_of_offer(at, offer, |question| self.explain_question(question, each))
    }

    /// Why the offer would not be put up for sale, if so, and until when.
    fn not_for_sale(&self, at: Timestamp, offer: &OfferCall<'_>) -> Result<Option<Loss>, Reject> {
        let seller = self.accounts.find_as(offer.seller, Role::Seller)?;
        let mut facts = FactSheet::new(self.schema.absent);
        self.read_facts(&offer.facts, &mut facts)?;
        let listing = self.listings.find(seller, offer.listing).ok_or(Reject::ListingUnknown)?;
        let caller = Caller { subject: offer.subject, call: self.call_sequence(seller, offer.call) };
        let (leg, is_loop) = (offer.leg, self.read_chain(&offer.chain).is_loop);
        let declined = self.declined(&Screened { seller, listing, caller, leg, facts: &facts, is_loop, at });
        Ok(declined.map(|loss| match loss.reason {
            Reason::ListingClosed => Loss::until(loss.reason, self.listing_opens_at(listing, at)),
            _ => loss,
        }))
    }

    /// Asks what a call with this offer would ask.
    fn ask_of_offer<T>(
        &self,
        at: Timestamp,
        offer: &OfferCall<'_>,
        ask: impl FnOnce(&Question<'_>) -> T,
    ) -> Result<T, Reject> {
        let seller = self.accounts.find_as(offer.seller, Role::Seller)?;
        let mut facts = FactSheet::new(self.schema.absent);
        self.read_facts(&offer.facts, &mut facts)?;
        let listing = self.listings.find(seller, offer.listing).ok_or(Reject::ListingUnknown)?;
        let reserve = offer.reserve.unwrap_or_else(|| self.listings.get(listing).reserve);
        let caller = Caller { subject: offer.subject, call: self.call_sequence(seller, offer.call) };
        let chain = self.read_chain(&offer.chain);
        let past = Past { sold_by: chain.accounts(), ..Past::default() };
        Ok(ask(&self.question_of(listing, reserve, (&facts, caller), at, past)))
    }

    fn live_call(&self, seller: AccountId, call: CallId) -> Result<u32, ExplainError> {
        let seller = self.accounts.find(seller).map_err(|_| ExplainError::CallUnknown)?;
        let record = self.calls.find(seller, call).ok_or(ExplainError::CallUnknown)?;
        self.calls.record(record).live().ok_or(ExplainError::CallClosed)
    }

    fn explain_question(&self, question: &Question<'_>, each: &mut dyn FnMut(&Explanation)) {
        for (slot, profile) in self.profiles.iter() {
            let amount = match question.undone.and_then(|holds| holds.of(slot)) {
                Some(hold) => Some(hold.amount),
                None => self.amount(question, slot, profile).ok().map(|standing| standing.amount),
            };
            let verdict = self.verdict(question, slot);
            each(&Explanation { buyer: self.accounts.get(profile.buyer).id, profile: profile.id, amount, verdict });
        }
    }

    fn verdict(&self, question: &Question<'_>, slot: u32) -> Verdict {
        if question.undone.is_some_and(|holds| holds.of(slot).is_some()) {
            return Verdict::Won;
        }
        match (self.standing(question, slot), question.undone) {
            (Err(loss), _) => Verdict::Lost(self.measured(question, slot, loss)),
            (Ok(_), None) => Verdict::Eligible,
            (Ok(standing), Some(holds)) => Verdict::Lost(self.beaten(holds.hold, slot, standing.amount)),
        }
    }
}
