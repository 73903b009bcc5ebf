//! How calls are given out.

use dce_engine::commands::{RankProfile, SetPolicy, SetSkills};
use dce_engine::ids::{AccountId, AttributeId, ListingId, ProfileId, SkillId};
use dce_engine::limits::REQUIRED_SKILLS_MAX;
use dce_engine::terms::{Policy, Prior, SkillLevel};
use dce_engine::units::BasisPoints;
use rkyv::with::InlineAsBox;
use rkyv::{Archive, Serialize};

use super::lists::{list, pack, unpack};
use super::terms::{optional_micros, optional_money};
use super::{Body, Lists, Packed, put, whole, with_lists};

#[derive(Archive, Serialize)]
struct SetPolicyV1<'a> {
    seller: u128,
    listing: u128,
    policy: PolicyV1,
    /// Micro-units.
    price: Option<i64>,
    /// Whether something was left out of the skills.
    overflowed: bool,
    #[rkyv(with = InlineAsBox)]
    requires: &'a [SkillLevelV1],
}

#[derive(Archive, Serialize)]
enum PolicyV1 {
    HighestScore,
    WeightedShare,
    RoundRobin,
    Skill,
    CostQuality,
    ExpectedValue { segment: Option<u16>, explore_basis_points: u16 },
}

#[derive(Archive, Serialize)]
struct RankProfileV1 {
    buyer: u128,
    profile: u128,
    weight: u16,
    quality_basis_points: u16,
    prior_met: u16,
    prior_of: u16,
}

#[derive(Archive, Serialize)]
struct SetSkillsV1<'a> {
    buyer: u128,
    profile: u128,
    /// Whether something was left out of the skills.
    overflowed: bool,
    #[rkyv(with = InlineAsBox)]
    skills: &'a [SkillLevelV1],
}

#[derive(Archive, Serialize, Clone, Copy, Debug, Default)]
pub(super) struct SkillLevelV1 {
    skill: u16,
    level: u8,
}

impl<'a> Body<'a> for SetPolicy<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let Self { seller, listing, policy, price, requires } = self;
        let v1 = SetPolicyV1 {
            seller: seller.0,
            listing: listing.0,
            policy: PolicyV1::of(*policy),
            price: optional_micros(*price),
            overflowed: requires.overflowed(),
            requires: pack(requires, &mut packed.skills, SkillLevelV1::of),
        };
        put(&v1, record);
    }

    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedSetPolicyV1<'_>>(body, |v1| size_of_val(&*v1.requires))?;
        let skills = lists.skills.get_mut(..REQUIRED_SKILLS_MAX)?;
        let requires = unpack(&v1.requires, skills, |known| Some(known.read()))?;
        Some(Self {
            seller: AccountId(v1.seller.to_native()),
            listing: ListingId(v1.listing.to_native()),
            policy: v1.policy.read(),
            price: optional_money(&v1.price),
            requires: list(requires, v1.overflowed),
        })
    }
}

impl Body<'_> for RankProfile {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { buyer, profile, weight, quality, prior } = self;
        let v1 = RankProfileV1 {
            buyer: buyer.0,
            profile: profile.0,
            weight,
            quality_basis_points: quality.0,
            prior_met: prior.met,
            prior_of: prior.of,
        };
        put(&v1, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedRankProfileV1>(body)?;
        Some(Self {
            buyer: AccountId(v1.buyer.to_native()),
            profile: ProfileId(v1.profile.to_native()),
            weight: v1.weight.to_native(),
            quality: BasisPoints(v1.quality_basis_points.to_native()),
            prior: Prior { met: v1.prior_met.to_native(), of: v1.prior_of.to_native() },
        })
    }
}

impl<'a> Body<'a> for SetSkills<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let Self { buyer, profile, skills } = self;
        let v1 = SetSkillsV1 {
            buyer: buyer.0,
            profile: profile.0,
            overflowed: skills.overflowed(),
            skills: pack(skills, &mut packed.skills, SkillLevelV1::of),
        };
        put(&v1, record);
    }

    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedSetSkillsV1<'_>>(body, |v1| size_of_val(&*v1.skills))?;
        let skills = unpack(&v1.skills, &mut lists.skills, |known| Some(known.read()))?;
        Some(Self {
            buyer: AccountId(v1.buyer.to_native()),
            profile: ProfileId(v1.profile.to_native()),
            skills: list(skills, v1.overflowed),
        })
    }
}

impl PolicyV1 {
    fn of(policy: Policy) -> Self {
        match policy {
            Policy::HighestScore => Self::HighestScore,
            Policy::WeightedShare => Self::WeightedShare,
            Policy::RoundRobin => Self::RoundRobin,
            Policy::Skill => Self::Skill,
            Policy::CostQuality => Self::CostQuality,
            Policy::ExpectedValue { segment, explore } => {
                Self::ExpectedValue { segment: segment.map(|attribute| attribute.0), explore_basis_points: explore.0 }
            }
        }
    }
}

impl ArchivedPolicyV1 {
    fn read(&self) -> Policy {
        match self {
            Self::HighestScore => Policy::HighestScore,
            Self::WeightedShare => Policy::WeightedShare,
            Self::RoundRobin => Policy::RoundRobin,
            Self::Skill => Policy::Skill,
            Self::CostQuality => Policy::CostQuality,
            Self::ExpectedValue { segment, explore_basis_points } => Policy::ExpectedValue {
                segment: segment.as_ref().map(|attribute| AttributeId(attribute.to_native())),
                explore: BasisPoints(explore_basis_points.to_native()),
            },
        }
    }
}

impl SkillLevelV1 {
    fn of(known: &SkillLevel) -> Self {
        Self { skill: known.skill.0, level: known.level }
    }
}

impl ArchivedSkillLevelV1 {
    const fn read(&self) -> SkillLevel {
        SkillLevel { skill: SkillId(self.skill.to_native()), level: self.level }
    }
}
