//! How many candidates each rule stopped, without a word about any of them: the index knows at once who is of another
//! vertical or wants other calls, and the rest is [tallied](Tally).

use super::tally::Tally;
use super::{ExplainError, Verdict};
use crate::commands::OfferCall;
use crate::exchange::Exchange;
use crate::ids::{AccountId, CallId};
use crate::reason::Reason;
use crate::reject::Reject;
use crate::routing::Question;
use crate::targeting::Query;
use crate::units::Timestamp;

/// What the rules say of all candidates, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCounts {
    won: u32,
    eligible: u32,
    /// By the place of the reason.
    stopped: [u32; Reason::ALL.len()],
}

impl Default for RuleCounts {
    fn default() -> Self {
        Self { won: 0, eligible: 0, stopped: [0; Reason::ALL.len()] }
    }
}

impl RuleCounts {
    /// Counts one candidate.
    pub fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Won => self.won += 1,
            Verdict::Eligible => self.eligible += 1,
            Verdict::Lost(loss) => self.stop(loss.reason, 1),
        }
    }

    pub(super) const fn win(&mut self) {
        self.won += 1;
    }

    pub(super) const fn let_stand(&mut self, candidates: u32) {
        self.eligible += candidates;
    }

    pub(super) const fn stop(&mut self, reason: Reason, candidates: u32) {
        self.stopped[reason.place()] += candidates;
    }

    /// How many the call went to.
    #[must_use]
    pub const fn won(&self) -> u32 {
        self.won
    }

    /// How many may win it yet.
    #[must_use]
    pub const fn eligible(&self) -> u32 {
        self.eligible
    }

    /// How many lost for this reason.
    #[must_use]
    pub const fn stopped(&self, reason: Reason) -> u32 {
        self.stopped[reason.place()]
    }

    /// The reasons that stopped anybody and how many they stopped, in the order in which the rules are asked
    /// ([`Reason::IN_ORDER`]).
    pub fn each_stopped(&self) -> impl Iterator<Item = (Reason, u32)> + '_ {
        let counted = Reason::IN_ORDER.iter().map(|rule| (rule.reason, self.stopped(rule.reason)));
        counted.filter(|(_, candidates)| *candidates > 0)
    }

    /// All that were counted.
    #[must_use]
    pub fn candidates(&self) -> u32 {
        self.won + self.eligible + self.stopped.iter().sum::<u32>()
    }
}

impl Exchange {
    /// How many profiles [`Exchange::explain`] would say each verdict of.
    ///
    /// # Errors
    ///
    /// When the call is unknown or closed.
    pub fn explain_counts(&self, seller: AccountId, call: CallId) -> Result<RuleCounts, ExplainError> {
        let live = self.live_call(seller, call)?;
        Ok(self.count_question(&self.question_undone(live, self.last_at)))
    }

    /// How many profiles [`Exchange::explain_offer`] would say each verdict of.
    ///
    /// # Errors
    ///
    /// As for [`Exchange::explain_offer`].
    pub fn explain_offer_counts(&self, at: Timestamp, offer: &OfferCall<'_>) -> Result<RuleCounts, Reject> {
        if let Some(loss) = self.not_for_sale(at, offer)? {
            let mut counts = RuleCounts::default();
            counts.stop(loss.reason, self.profiles.len());
            return Ok(counts);
        }
        self.ask_of_offer(at, offer, |question| self.count_question(question))
    }

    fn count_question(&self, question: &Question<'_>) -> RuleCounts {
        let in_vertical = self.targeting.profiles_in(question.vertical);
        let mut query = Query::of(question.facts);
        self.targeting.ask(&mut query, &self.schema, question.vertical);
        let mut tally = Tally::new(self, question);
        let whole = self.targeting.whole(question.facts, question.vertical);
        self.targeting.accepting(question.vertical, &query, &whole, |block| tally.count(block));
        let (mut counts, matched) = tally.finish();
        counts.stop(Reason::VerticalMismatch, self.profiles.len() - in_vertical);
        counts.stop(Reason::TargetingMismatch, in_vertical - matched);
        counts
    }
}
