//! Which verbs, refusals and reasons a run has seen, and how often.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dce_engine::prelude::{Reason, Reject};

use crate::twin::codes::{Refusal, Why};

/// Counts by code.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Commands accepted for the first time.
    pub accepted: u64,
    /// Commands answered as repeats.
    pub repeated: u64,
    /// Refusals by code.
    pub refusals: BTreeMap<Refusal, u64>,
    /// Reasons by code, in events and explanations.
    pub reasons: BTreeMap<Why, u64>,
    /// Ticks that had to stop before everything due had fired.
    pub ticks_cut: u64,
    /// Profiles paused because they did not answer.
    pub auto_paused: u64,
    /// Calls sold after their payout was posted in an earlier attempt.
    pub paid_before: u64,
    /// Sales of calls that then rang at several profiles.
    pub rang_along: u64,
    /// Answers by a fallback.
    pub fallbacks_answered: u64,
    /// Quotes answered with another call's, for the same caller and facts.
    pub quoted_alike: u64,
    /// Firm quotes whose caller came.
    pub quotes_kept: u64,
}

impl Tally {
    /// Everything both have seen.
    pub fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.repeated += other.repeated;
        self.ticks_cut += other.ticks_cut;
        self.auto_paused += other.auto_paused;
        self.paid_before += other.paid_before;
        self.rang_along += other.rang_along;
        self.fallbacks_answered += other.fallbacks_answered;
        self.quoted_alike += other.quoted_alike;
        self.quotes_kept += other.quotes_kept;
        for (code, count) in &other.refusals {
            *self.refusals.entry(*code).or_default() += count;
        }
        for (code, count) in &other.reasons {
            *self.reasons.entry(*code).or_default() += count;
        }
    }

    /// Counts a refusal.
    pub fn refused(&mut self, code: Refusal) {
        *self.refusals.entry(code).or_default() += 1;
    }

    /// Counts a reason.
    pub fn reason(&mut self, code: Why) {
        *self.reasons.entry(code).or_default() += 1;
    }

    /// Refusals never seen.
    #[must_use]
    pub fn missing_refusals(&self) -> Vec<Reject> {
        Reject::ALL.iter().copied().filter(|reject| !self.refusals.contains_key(&reject.code())).collect()
    }

    /// Reasons never seen.
    #[must_use]
    pub fn missing_reasons(&self) -> Vec<Reason> {
        Reason::ALL.iter().copied().filter(|reason| !self.reasons.contains_key(&reason.code())).collect()
    }

    /// One line for each code there is, rarest at its place in the list.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = format!(
            "{:>8} accepted\n{:>8} repeated\n{:>8} ticks cut short\n{:>8} auto-paused\n{:>8} paid before\n\
             {:>8} rang along\n{:>8} fallbacks answered\n{:>8} quoted alike\n{:>8} firm quotes kept\n",
            self.accepted,
            self.repeated,
            self.ticks_cut,
            self.auto_paused,
            self.paid_before,
            self.rang_along,
            self.fallbacks_answered,
            self.quoted_alike,
            self.quotes_kept
        );
        for reject in Reject::ALL {
            let count = self.refusals.get(&reject.code()).copied().unwrap_or_default();
            let _ = writeln!(text, "{count:>8} {} {reject:?}", reject.code());
        }
        for reason in Reason::ALL {
            let count = self.reasons.get(&reason.code()).copied().unwrap_or_default();
            let _ = writeln!(text, "{count:>8} {:>4} {reason:?}", reason.code());
        }
        text
    }
}
