//! What is set of a profile besides what it was created with, as one may look at it.

use crate::callers::Owner;
use crate::exchange::Exchange;
use crate::ids::{AccountId, ProfileId};
use crate::profiles::Ruled;
use crate::settings::DEFAULT;
use crate::terms::{Modifier, PauseRule, Prior, SkillLevel};
use crate::units::{BasisPoints, Millis, Money, Seconds};

/// How a profile answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnsweringView {
    /// How long its bidder has for its first answer to an invitation; 0 is as long as the listing leaves it.
    pub bid_within: Millis,
    /// An agent may give an answered call back before it has lasted so long; 0 is never.
    pub reject_within: Seconds,
    /// It is paused when one of these is met.
    pub pause_after: [PauseRule; 2],
    /// Calls in a row it did not answer, at most [`UNANSWERED_MAX`](crate::limits::UNANSWERED_MAX); 0 without a rule.
    pub unanswered: u8,
}

/// What policies know of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GradeView<'a> {
    /// Its share of calls, in proportion to the others' weights.
    pub weight: u16,
    /// What its margin counts for.
    pub quality: BasisPoints,
    /// How likely its calls earn their price, before they have told.
    pub prior: Prior,
    /// What it knows.
    pub skills: &'a [SkillLevel],
}

impl Exchange {
    /// How many profiles have settings of their own: of `settings_max`.
    #[must_use]
    pub fn profiles_with_settings(&self) -> u32 {
        self.settings.len()
    }

    /// How a profile answers.
    #[must_use]
    pub fn answering(&self, buyer: AccountId, profile: ProfileId) -> Option<AnsweringView> {
        let buyer = self.accounts.find(buyer).ok()?;
        let answering = self.delivery.of_profile(self.settings.of(self.profiles.find(buyer, profile)?));
        Some(AnsweringView {
            bid_within: answering.bid_within,
            reject_within: answering.reject_within,
            pause_after: answering.pause_after,
            unanswered: answering.unanswered(),
        })
    }

    /// What policies know of a profile.
    #[must_use]
    pub fn grade(&self, buyer: AccountId, profile: ProfileId) -> Option<GradeView<'_>> {
        let buyer = self.accounts.find(buyer).ok()?;
        let known = self.grade_of(self.profiles.find(buyer, profile)?);
        Some(GradeView { weight: known.weight, quality: known.quality, prior: known.prior, skills: known.skills() })
    }

    /// The most a profile's standing bid may come to, if it says, and the modifiers that change it; without any, `None`.
    #[must_use]
    pub fn profile_modifiers(&self, buyer: AccountId, profile: ProfileId) -> Option<(Option<Money>, &[Modifier])> {
        let slot = self.profiles.find(self.accounts.find(buyer).ok()?, profile)?;
        self.modifiers.of(self.settings.of(slot)).map(|modifiers| (modifiers.max, modifiers.as_slice()))
    }

    /// Profiles know whether they have modifiers, and none has any without settings.
    pub(super) fn check_settings(&self) -> Result<(), &'static str> {
        self.settings.check()?;
        self.modifiers.check()?;
        let is_modified = |slot| self.modifiers.of(self.settings.of(slot)).is_some();
        let modified = self.profiles.iter().filter(|(slot, _)| is_modified(*slot)).count();
        if modified != self.modifiers.len() as usize
            || self.profiles.iter().any(|(slot, profile)| is_modified(slot) != profile.ruled.has(Ruled::MODIFIERS))
        {
            return Err("modifiers: a profile knows whether it has modifiers");
        }
        if self.settings.iter().any(|(slot, _)| self.profiles.is_vacant(slot)) {
            return Err("settings: those of a profile go with it");
        }
        let unset = self.delivery.is_unset(DEFAULT) && self.policies.is_unset(DEFAULT) && self.quotas.is_unset(DEFAULT);
        let unset = unset && !self.callers.duplicates.rule(Owner::Profile(DEFAULT)).is_set();
        if unset { Ok(()) } else { Err("settings: what holds where nothing is set is never changed") }
    }
}
