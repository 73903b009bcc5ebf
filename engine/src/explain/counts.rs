//! How many candidates each rule stopped, without a word about any of them: the index knows at once who is of another
//! vertical or wants other calls, and only the rest is looked at.

use super::{ExplainError, Verdict};
use crate::commands::OfferCall;
use crate::exchange::Exchange;
use crate::ids::{AccountId, CallId};
use crate::reason::Reason;
use crate::reject::Reject;
use crate::routing::Question;
use crate::targeting::{ALL, Row, accepts};
use crate::terms::Ruled;
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

    fn stop(&mut self, reason: Reason, candidates: u32) {
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
        let mut counts = RuleCounts::default();
        let in_vertical = self.targeting.profiles_in(question.vertical);
        let mut matched = 0;
        let query = self.targeting.query(question.facts, &self.schema, question.vertical);
        self.targeting.accepting(question.vertical, &query, |row, is_free| {
            if !self.is_matched_by(question, row) {
                return;
            }
            matched += 1;
            if question.undone.is_some_and(|holds| holds.of(row.brief.profile).is_some()) {
                counts.won += 1;
                return;
            }
            // A row is free for its standing bid; in an auction it may have another.
            let is_free = is_free && question.auction.is_none();
            match (self.standing_of_row(question, row, is_free), question.undone) {
                (Err(loss), _) => counts.stop(loss.reason, 1),
                (Ok(_), None) => counts.eligible += 1,
                (Ok(standing), Some(holds)) => counts.stop(self.lost_to(holds.hold, row.tier(), standing.amount), 1),
            }
        });
        counts.stop(Reason::VerticalMismatch, self.profiles.len() - in_vertical);
        counts.stop(Reason::TargetingMismatch, in_vertical - matched);
        counts
    }

    /// Whether the row's profile accepts the call, and by this row before any other: so that a profile with several rows
    /// is counted once.
    #[inline]
    fn is_matched_by(&self, question: &Question<'_>, row: &Row) -> bool {
        if !row.brief.ruled.has(Ruled::CONJUNCTIONS) {
            return self.wants_indeed(question, &row.brief);
        }
        self.first_accepting_row(question, row.brief.profile) == Some(row.id())
    }

    /// The row of the profile's first conjunction that accepts, its own clauses being the first.
    fn first_accepting_row(&self, question: &Question<'_>, slot: u32) -> Option<u32> {
        let accepted = |clauses, values| accepts(clauses, values, question.facts, ALL, &self.schema).is_ok();
        if accepted(self.profiles.clauses(slot), self.profiles.values(slot)) {
            return Some(slot);
        }
        let mut further = self.conjunctions.of(slot).map(|(further, _)| further);
        let first = further.find(|nth| accepted(self.conjunctions.clauses(*nth), self.conjunctions.values(*nth)))?;
        Some(self.targeting.further_row(first))
    }
}
