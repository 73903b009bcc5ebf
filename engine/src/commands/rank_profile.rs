//! The operator says what a profile is worth to policies.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ProfileId};
use crate::reject::Reject;
use crate::terms::Prior;
use crate::units::BasisPoints;

/// Sets a profile's weight, quality and prior, all of them anew. A profile that was never ranked has weight 1, the whole
/// quality, and a prior of one of one.
///
/// They are the operator's to give, as the tier is: a front end refuses them from a buyer's own key.
///
/// # Refused
///
/// `ValueOutOfRange` (a weight outside 1 to [`RankProfile::WEIGHT_MAX`], a quality above the whole, a prior of none or of
/// more than [`Prior::OF_MAX`], or with more met than there are), `AccountUnknown`, `ProfileUnknown`, `SettingsFull`.
///
/// # Events
///
/// `ProfileRanked`; a repeat when it is ranked just so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankProfile {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// Its share of calls, in proportion to the others' weights.
    pub weight: u16,
    /// What its margin counts for under cost and quality.
    pub quality: BasisPoints,
    /// How likely its calls earn their price, before they have told.
    pub prior: Prior,
}

impl RankProfile {
    /// The most a profile may weigh.
    pub const WEIGHT_MAX: u16 = 10_000;

    /// `profile` of `buyer` as it is when it was never ranked.
    #[must_use]
    pub fn new(buyer: AccountId, profile: ProfileId) -> Self {
        Self { buyer, profile, weight: 1, quality: BasisPoints::WHOLE, prior: Prior::default() }
    }

    /// Of this weight.
    #[must_use]
    pub const fn weight(mut self, weight: u16) -> Self {
        self.weight = weight;
        self
    }

    /// Of this quality.
    #[must_use]
    pub const fn quality(mut self, quality: BasisPoints) -> Self {
        self.quality = quality;
        self
    }

    /// With this prior.
    #[must_use]
    pub const fn prior(mut self, prior: Prior) -> Self {
        self.prior = prior;
        self
    }
}

impl Exchange {
    pub(crate) fn rank_profile(
        &mut self,
        step: Step,
        command: &RankProfile,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &RankProfile { buyer, profile, weight, quality, prior } = command;
        let weight_can_be = (1..=RankProfile::WEIGHT_MAX).contains(&weight);
        let prior_can_be = (1..=Prior::OF_MAX).contains(&prior.of) && prior.met <= prior.of;
        if !weight_can_be || !prior_can_be || quality > BasisPoints::WHOLE {
            return Err(Reject::ValueOutOfRange);
        }
        let slot = self.find_profile(buyer, profile)?;
        let event = Event::ProfileRanked { buyer, profile };
        let grade = self.grade_of(slot);
        if (grade.weight, grade.quality, grade.prior) == (weight, quality, prior) {
            events.push(event);
            return Ok(Done::Repeated(self.profiles.get(slot).created.max(grade.ranked)));
        }
        self.judge_settings(slot)?;
        let settings = self.give_settings(slot);
        let grade = self.policies.grade_mut(settings);
        (grade.weight, grade.quality, grade.prior, grade.ranked) = (weight, quality, prior, step.sequence);
        events.push(event);
        Ok(Done::Accepted)
    }
}
