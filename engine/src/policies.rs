//! Who gets the call: what listings said of it, what is said of profiles, and what past calls have left behind.
//!
//! Invariant: a profile's pass is never behind the time of its tier by more than it was away, and no outcome is counted
//! as met that is not counted as won. Places are kept by listing and by profile; what is counted is forgotten where it
//! was written longest ago, never refused.

use alloc::boxed::Box;

use crate::collections::{Key, Recent};
use crate::ids::{Sequence, SkillId};
use crate::limits::{Limits, OUTCOMES_HALVED_AT, PROFILE_SKILLS_MAX, REQUIRED_SKILLS_MAX};
use crate::terms::{Policy, Prior, Segment, SkillLevel, skills_rise};
use crate::units::{BasisPoints, Money};

/// How far a pass moves at a win with weight 1.
const STRIDE: u128 = 1 << 32;

/// What a listing asks and how it chooses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListingPolicy {
    pub(crate) policy: Policy,
    /// What every winner pays; zero is none.
    pub(crate) price: Money,
    /// The command that set it so; 0 before.
    pub(crate) sequence: Sequence,
    requires: Skills<REQUIRED_SKILLS_MAX>,
}

/// What is said of a profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grade {
    pub(crate) weight: u16,
    pub(crate) quality: BasisPoints,
    pub(crate) prior: Prior,
    /// The command that ranked it so; 0 before.
    pub(crate) ranked: Sequence,
    /// The command that set its skills; 0 before.
    pub(crate) skilled: Sequence,
    skills: Skills<PROFILE_SKILLS_MAX>,
}

/// Skills with levels, rising.
#[derive(Clone, Copy, Debug)]
struct Skills<const N: usize> {
    levels: [SkillLevel; N],
    count: u8,
}

/// What became of a profile's calls of one segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcomes {
    /// Sales that came to their end.
    pub(crate) won: u32,
    /// Those whose price was earned.
    pub(crate) met: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Policies {
    listings: Box<[ListingPolicy]>,
    /// By the numbers of profiles' settings.
    grades: Box<[Grade]>,
    /// The command in which each profile last won a call; 0 is never. Apart, because every sale writes it.
    won: Box<[Sequence]>,
    /// Passes of profiles and times of tiers, by listing.
    shares: Recent<u128>,
    outcomes: Recent<Outcomes>,
}

impl Policies {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self {
            listings: alloc::vec![ListingPolicy::DEFAULT; limits.listings_max as usize].into_boxed_slice(),
            grades: alloc::vec![Grade::DEFAULT; 1 + limits.settings_needed() as usize].into_boxed_slice(),
            won: alloc::vec![Sequence(0); limits.profiles_max as usize].into_boxed_slice(),
            shares: Recent::new(limits.shares_max, seed),
            outcomes: Recent::new(limits.outcomes_max, seed),
        }
    }

    #[inline]
    pub(crate) fn of_listing(&self, listing: u32) -> &ListingPolicy {
        &self.listings[listing as usize]
    }

    pub(crate) fn set_policy(&mut self, listing: u32, policy: ListingPolicy) {
        self.listings[listing as usize] = policy;
    }

    #[inline]
    pub(crate) fn grade(&self, settings: u32) -> &Grade {
        &self.grades[settings as usize]
    }

    pub(crate) fn grade_mut(&mut self, settings: u32) -> &mut Grade {
        &mut self.grades[settings as usize]
    }

    /// Nothing is said of the profile whose settings these were.
    pub(crate) fn forget(&mut self, settings: u32) {
        self.grades[settings as usize] = Grade::DEFAULT;
    }

    /// A new profile has this slot.
    pub(crate) fn welcome(&mut self, profile: u32) {
        self.won[profile as usize] = Sequence(0);
    }

    /// The profile won a call.
    pub(crate) fn wins(&mut self, profile: u32, sequence: Sequence) {
        self.won[profile as usize] = sequence;
    }

    /// Where in memory that is kept.
    #[inline]
    pub(crate) fn near_won(&self, profile: u32) -> &impl Sized {
        &self.won[profile as usize]
    }

    /// When it last did.
    pub(crate) fn won(&self, profile: u32) -> Sequence {
        self.won[profile as usize]
    }

    /// Where a profile would start if it won now: at its pass, but not before the time of its tier.
    pub(crate) fn start(&self, listing: u32, tier: u8, created: Sequence) -> u128 {
        let told = |key| self.shares.get(key).unwrap_or(0);
        told(pass_key(listing, created)).max(told(time_key(listing, tier)))
    }

    /// The profile had its turn: it passes by the less, the more it weighs.
    pub(crate) fn take_turn(&mut self, listing: u32, tier: u8, created: Sequence, weight: u16) {
        let start = self.start(listing, tier, created);
        self.shares.put(pass_key(listing, created), start + STRIDE / u128::from(weight));
        self.shares.put(time_key(listing, tier), start);
    }

    /// What became of the profile's calls of this segment.
    pub(crate) fn outcomes(&self, segment: Segment, created: Sequence) -> Outcomes {
        self.outcomes.get(outcomes_key(segment, created)).unwrap_or_default()
    }

    /// A sale came to its end. What lies far back weighs less: both counts are halved in time.
    pub(crate) fn count_outcome(&mut self, segment: Segment, created: Sequence, met: bool) {
        let Outcomes { won, met: before } = self.outcomes(segment, created);
        let mut counted = Outcomes { won: won + 1, met: before + u32::from(met) };
        if counted.won >= OUTCOMES_HALVED_AT {
            counted = Outcomes { won: counted.won / 2, met: counted.met / 2 };
        }
        self.outcomes.put(outcomes_key(segment, created), counted);
    }

    /// For the digest: what is remembered, in the order in which it will be forgotten.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let shares = self.shares.iter().flat_map(|(key, pass)| key_words(key).into_iter().chain(halves(pass)));
        let counted = |(key, counts): (Key, Outcomes)| {
            key_words(key).into_iter().chain([u64::from(counts.won) << 32 | u64::from(counts.met)])
        };
        shares.chain(self.outcomes.iter().flat_map(counted))
    }

    pub(crate) fn is_unset(&self, settings: u32) -> bool {
        self.grade(settings).words().eq(Grade::DEFAULT.words())
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.shares.check()?;
        self.outcomes.check()?;
        if self.outcomes.iter().any(|(_, counts)| counts.met > counts.won || counts.won >= OUTCOMES_HALVED_AT) {
            return Err("policies: no outcome is counted as met that is not counted as won");
        }
        let rise = self.listings.iter().all(|known| skills_rise(known.requires()))
            && self.grades.iter().all(|known| skills_rise(known.skills()));
        if rise { Ok(()) } else { Err("policies: skills rise") }
    }
}

impl ListingPolicy {
    pub(crate) const DEFAULT: Self =
        Self { policy: Policy::HighestScore, price: Money::ZERO, sequence: Sequence(0), requires: Skills::NONE };

    /// At most [`REQUIRED_SKILLS_MAX`] skills.
    pub(crate) fn new(policy: Policy, price: Option<Money>, requires: &[SkillLevel], sequence: Sequence) -> Self {
        Self { policy, price: price.unwrap_or(Money::ZERO), sequence, requires: Skills::of(requires) }
    }

    /// What a profile must know to be eligible.
    #[inline]
    pub(crate) fn requires(&self) -> &[SkillLevel] {
        self.requires.as_slice()
    }

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let head = [self.sequence.0, policy_word(self.policy), self.price.micros() as u64];
        head.into_iter().chain(self.requires.words())
    }

    /// Whether both ask the same and choose alike.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        (self.policy, self.price, self.requires()) == (other.policy, other.price, other.requires())
    }
}

impl Grade {
    const DEFAULT: Self = Self {
        weight: 1,
        quality: BasisPoints::WHOLE,
        prior: Prior { met: 1, of: 1 },
        ranked: Sequence(0),
        skilled: Sequence(0),
        skills: Skills::NONE,
    };

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let weights = u64::from(self.weight) << 16 | u64::from(self.quality.0);
        let prior = u64::from(self.prior.met) << 16 | u64::from(self.prior.of);
        [self.ranked.0, self.skilled.0, weights, prior].into_iter().chain(self.skills.words())
    }

    pub(crate) fn skills(&self) -> &[SkillLevel] {
        self.skills.as_slice()
    }

    /// At most [`PROFILE_SKILLS_MAX`] skills.
    pub(crate) fn set_skills(&mut self, skills: &[SkillLevel], sequence: Sequence) {
        (self.skills, self.skilled) = (Skills::of(skills), sequence);
    }

    /// How well it knows this; 0 is not at all.
    pub(crate) fn level(&self, skill: SkillId) -> u8 {
        self.skills().iter().find(|known| known.skill == skill).map_or(0, |known| known.level)
    }

    /// The first required skill that it does not know well enough, and by how many levels.
    pub(crate) fn missing(&self, requires: &[SkillLevel]) -> Option<SkillLevel> {
        let short = |required: &SkillLevel| {
            let level = required.level.saturating_sub(self.level(required.skill));
            (level > 0).then_some(SkillLevel { level, ..*required })
        };
        requires.iter().find_map(short)
    }

    /// The sum of its levels in the required skills.
    pub(crate) fn proficiency(&self, requires: &[SkillLevel]) -> u32 {
        requires.iter().map(|required| u32::from(self.level(required.skill))).sum()
    }
}

impl<const N: usize> Skills<N> {
    const NONE: Self = Self { levels: [SkillLevel { skill: SkillId(0), level: 0 }; N], count: 0 };

    fn of(skills: &[SkillLevel]) -> Self {
        let mut held = Self { count: skills.len() as u8, ..Self::NONE };
        held.levels[..skills.len()].copy_from_slice(skills);
        held
    }

    #[inline]
    fn as_slice(&self) -> &[SkillLevel] {
        &self.levels[..usize::from(self.count)]
    }

    fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let levels = self.as_slice().iter().map(|known| u64::from(known.skill.0) << 8 | u64::from(known.level));
        [u64::from(self.count)].into_iter().chain(levels)
    }
}

fn policy_word(policy: Policy) -> u64 {
    match policy {
        Policy::HighestScore => 0,
        Policy::WeightedShare => 1,
        Policy::RoundRobin => 2,
        Policy::Skill => 3,
        Policy::CostQuality => 4,
        Policy::ExpectedValue { segment, explore } => {
            5 | u64::from(explore.0) << 8 | segment.map_or(0, |segment| 1 << 48 | u64::from(segment.0) << 24)
        }
    }
}

/// A profile's pass in a listing. By its creation: a later profile in its slot has a pass of its own.
fn pass_key(listing: u32, created: Sequence) -> Key {
    Key { owner: listing, id: u128::from(created.0) }
}

/// The time of a listing's tier.
fn time_key(listing: u32, tier: u8) -> Key {
    Key { owner: listing, id: 1 << 64 | u128::from(tier) }
}

fn outcomes_key(segment: Segment, created: Sequence) -> Key {
    Key { owner: 0, id: u128::from(segment.word()) << 64 | u128::from(created.0) }
}

fn key_words(key: Key) -> [u64; 3] {
    let [high, low] = halves(key.id);
    [u64::from(key.owner), high, low]
}

const fn halves(word: u128) -> [u64; 2] {
    [(word >> 64) as u64, word as u64]
}
