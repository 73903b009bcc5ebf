//! When a profile that does not answer is paused.

use crate::limits::UNANSWERED_MAX;
use crate::units::Seconds;

/// So many unanswered calls in a row, the last of them less than so long after the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PauseRule {
    /// How many, at most [`UNANSWERED_MAX`]; 0 is no rule.
    pub unanswered: u8,
    /// How long, at most a day; 0 where there is no rule.
    pub within: Seconds,
}

impl PauseRule {
    /// No rule: the profile is not paused.
    pub const NONE: Self = Self { unanswered: 0, within: Seconds(0) };

    /// Paused after so many unanswered calls in less than so long.
    #[must_use]
    pub const fn new(unanswered: u8, within: Seconds) -> Self {
        Self { unanswered, within }
    }

    /// Whether it is a rule, or none.
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.unanswered > 0
    }

    /// Whether a profile may have it.
    pub(crate) fn is_possible(self) -> bool {
        let day = Seconds(1)..=Seconds(86_400);
        self == Self::NONE
            || (self.is_some() && usize::from(self.unanswered) <= UNANSWERED_MAX && day.contains(&self.within))
    }
}
