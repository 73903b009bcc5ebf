//! How calls are given out: policies, ranks and skills.

use dce_engine::ids::AttributeId;
use dce_engine::units::{BasisPoints, Money};

use super::{Variant, Workload};
use crate::twin::Twin;
use crate::twin::action::{Action, Policy, Skill};

impl Workload {
    pub(super) fn set_policy(&mut self, twin: &Twin) -> Action {
        let (seller, listing) = match self.random.one_of(twin.listing_keys()) {
            Some(key) if self.random.percent(95) => key,
            _ => (self.seller(), dce_engine::ids::ListingId(u128::from(self.random.below(7)))),
        };
        let policy = self.policy();
        let price = match self.random.below(20) {
            0..4 => Some(Money::from_micros(self.random.one(&[1_000_000, 1_500_000, 2_000_000]))),
            4 if self.random.percent(30) => Some(self.bad_amount()),
            _ => None,
        };
        // Where most fail, most should know enough.
        let asking = if self.variant == Variant::Failing { 5 } else { 20 };
        let requires = if self.random.percent(asking) { self.skills(4) } else { Vec::new() };
        Action::SetPolicy { seller, listing, policy, price, requires }
    }

    /// Half of the listings give their calls out otherwise than to the highest bid.
    pub(super) fn policy_at_start(&mut self) -> Option<Action> {
        let listing = dce_engine::ids::ListingId(u128::from(self.random.below(5)));
        let (seller, policy) = (self.seller(), self.policy());
        self.random.percent(50).then_some(Action::SetPolicy { seller, listing, policy, price: None, requires: vec![] })
    }

    fn policy(&mut self) -> Policy {
        match self.random.below(12) {
            0..2 => Policy::HighestScore,
            2..5 => Policy::WeightedShare,
            5..7 => Policy::RoundRobin,
            7..9 => Policy::Skill,
            9 => Policy::CostQuality,
            _ => Policy::ExpectedValue {
                segment: match self.random.below(40) {
                    0 => Some(AttributeId(self.random.below(10) as u16)),
                    1..24 => Some(AttributeId(self.random.one(&[0, 0, 5]))),
                    _ => None,
                },
                explore: BasisPoints(self.random.one(&[0, 0, 1_000, 3_000, 10_000, 10_001])),
            },
        }
    }

    pub(super) fn rank_profile(&mut self, twin: &Twin) -> Action {
        let (buyer, profile) = self.profile(twin);
        let weight = self.random.one(&[1, 1, 2, 3, 3, 7, 10_000]);
        let mut quality = BasisPoints(self.random.one(&[0, 5_000, 9_000, 10_000, 10_000]));
        let mut prior = self.random.one(&[(1, 1), (1, 1), (1, 2), (0, 1), (3, 4), (5_000, 10_000)]);
        if self.random.percent(8) {
            match self.random.below(5) {
                0 => return Action::RankProfile { buyer, profile, weight: 0, quality, prior },
                1 => return Action::RankProfile { buyer, profile, weight: 10_001, quality, prior },
                2 => quality = BasisPoints(10_001),
                3 => prior = self.random.one(&[(0, 0), (1, 10_001)]),
                _ => prior = (3, 2),
            }
        }
        Action::RankProfile { buyer, profile, weight, quality, prior }
    }

    pub(super) fn set_skills(&mut self, twin: &Twin) -> Action {
        let (buyer, profile) = self.profile(twin);
        Action::SetSkills { buyer, profile, skills: self.skills(8) }
    }

    /// Few skills and few levels, so that some suffice and some fall short by little.
    fn skills(&mut self, skills_max: usize) -> Vec<Skill> {
        let mut skills = Vec::new();
        for skill in 0..3 {
            if self.random.percent(45) {
                skills.push((skill, self.random.one(&[1, 49, 50, 50, 51, 100])));
            }
        }
        if self.random.percent(6) {
            match self.random.below(4) {
                0 => skills = (0..=skills_max as u16).map(|skill| (skill, 50)).collect(),
                1 => skills = vec![(7, self.random.one(&[0, 101]))],
                2 => skills = vec![(2, 50), (1, 50)],
                _ => skills = vec![(1, 50), (1, 60)],
            }
        }
        skills
    }
}
