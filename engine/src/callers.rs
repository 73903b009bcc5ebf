//! Callers: who is not wanted, who has called before, who calls too often, and which facts keep a call from being sold.
//!
//! Only opaque ids of callers are here, never numbers, and only as long as a rule asks for them. Invariant: a rule that
//! is set forgets nothing before its window is over. What there is no room to remember is refused beforehand: the offer
//! of a call, where the rule is the seller's or the platform's; the profile as a candidate, where it is the buyer's.

mod duplicates;
mod frequencies;
mod screens;
mod suppressions;

pub(crate) use duplicates::{Caller, DuplicateRule, Duplicates, Owner};
pub(crate) use frequencies::{Frequencies, FrequencyRule};
pub(crate) use screens::{Place, Screen, Screens};
pub(crate) use suppressions::Suppressions;

use crate::collections::Key;
use crate::ids::SubjectId;
use crate::limits::Limits;
use crate::terms::AnonymousCallers;

#[derive(Clone, Debug)]
pub(crate) struct Callers {
    pub(crate) suppressions: Suppressions,
    pub(crate) frequencies: Frequencies,
    pub(crate) duplicates: Duplicates,
    pub(crate) screens: Screens,
}

impl Callers {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self {
            suppressions: Suppressions::new(limits, seed),
            frequencies: Frequencies::new(limits, seed),
            duplicates: Duplicates::new(limits, seed),
            screens: Screens::new(limits),
        }
    }

    /// Whether any rule may keep a call from being put up for sale.
    #[inline]
    pub(crate) fn screen_calls(&self) -> bool {
        !self.suppressions.is_empty()
            || self.frequencies.are_set()
            || self.duplicates.are_set_for_listings()
            || !self.screens.is_empty()
    }

    /// Whether any rule may keep a profile from being a candidate.
    #[inline]
    pub(crate) fn screen_candidates(&self) -> bool {
        !self.suppressions.is_empty() || self.duplicates.are_set_for_candidates()
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.suppressions.check()?;
        self.frequencies.check()?;
        self.duplicates.check()?;
        self.screens.check()
    }
}

/// How a rule takes a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taking {
    /// The rule has nothing to say.
    Passes,
    /// The caller is remembered under this key.
    Known(Key),
    /// The rule lets no anonymous caller pass.
    Refused,
}

/// A rule of this number, 0 for none, meets a caller.
#[inline]
fn take(rule: u32, anonymous: AnonymousCallers, subject: SubjectId) -> Taking {
    match anonymous {
        _ if rule == 0 => Taking::Passes,
        AnonymousCallers::Distinct if subject == SubjectId(0) => Taking::Passes,
        AnonymousCallers::Refused if subject == SubjectId(0) => Taking::Refused,
        _ => Taking::Known(Key { owner: rule, id: subject.0 }),
    }
}
