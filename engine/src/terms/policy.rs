//! Who gets the call: how a listing chooses among the candidates of its best tier, and what it asks of them.

use crate::ids::{AttributeId, SkillId, ValueCode};
use crate::units::BasisPoints;

/// How a listing's calls are given out among the eligible profiles of the best tier that has any.
///
/// All but [`HighestScore`](Self::HighestScore) and [`ExpectedValue`](Self::ExpectedValue) look at the first
/// [`POLICY_CANDIDATES_MAX`](crate::limits::POLICY_CANDIDATES_MAX) of them, the highest amount first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// To the highest amount; of equal ones to the earlier.
    #[default]
    HighestScore,
    /// In turn, so that each gets calls in proportion to its weight.
    WeightedShare,
    /// In turn, each as often as the others.
    RoundRobin,
    /// To the highest proficiency in the skills the listing requires, then to who has waited longest for a call.
    Skill,
    /// To the highest margin times quality.
    CostQuality,
    /// To the highest amount times the share of its past calls that earned their price.
    ExpectedValue {
        /// Calls are told apart by their value of this category; without one they are all alike.
        segment: Option<AttributeId>,
        /// Of so many decisions in ten thousand the profile with the fewest counted calls gets the call instead.
        explore: BasisPoints,
    },
}

/// A skill and how well it is had, or how well it must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SkillLevel {
    /// Which.
    pub skill: SkillId,
    /// From 1 to [`SkillLevel::LEVEL_MAX`].
    pub level: u8,
}

impl SkillLevel {
    /// The best there is.
    pub const LEVEL_MAX: u8 = 100;

    /// `skill` at `level`.
    #[must_use]
    pub const fn new(skill: SkillId, level: u8) -> Self {
        Self { skill, level }
    }
}

/// What is believed of a profile before its calls have told: as if `met` of `of` had earned their price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prior {
    /// At most `of`.
    pub met: u16,
    /// From 1 to [`Prior::OF_MAX`].
    pub of: u16,
}

impl Prior {
    /// The most calls a prior may weigh as much as.
    pub const OF_MAX: u16 = 10_000;

    /// As if `met` of `of` calls had earned their price.
    #[must_use]
    pub const fn new(met: u16, of: u16) -> Self {
        Self { met, of }
    }
}

impl Default for Prior {
    /// One of one: whoever is unknown is tried.
    fn default() -> Self {
        Self { met: 1, of: 1 }
    }
}

/// Whether every level can be.
pub(crate) fn levels_can_be(skills: &[SkillLevel]) -> bool {
    skills.iter().all(|known| (1..=SkillLevel::LEVEL_MAX).contains(&known.level))
}

/// Whether skills rise, so that each is named once.
pub(crate) fn skills_rise(skills: &[SkillLevel]) -> bool {
    skills.windows(2).all(|pair| pair[0].skill < pair[1].skill)
}

/// By what the winner won: what the losers of its tier are told, whenever they ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// It bid the most, or first.
    #[default]
    Bid,
    /// It was its turn.
    Share,
    /// It is the most proficient, or has waited longest.
    Skill,
    /// Its score is the highest.
    Score,
    /// It was to be tried.
    Exploration,
}

/// A kind of calls whose outcomes are counted together: those with one value of one category, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// `None` when all calls are alike.
    pub(crate) attribute: Option<AttributeId>,
    /// [`ValueCode::UNKNOWN`] where the call has none.
    pub(crate) code: ValueCode,
}

impl Segment {
    /// For the digest and as part of a key.
    pub(crate) fn word(self) -> u64 {
        self.attribute.map_or(0, |attribute| 1 << 48 | u64::from(attribute.0) << 32) | u64::from(self.code.0)
    }
}
