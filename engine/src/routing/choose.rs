//! Which of the eligible candidates of the best tier gets the call: the listing's policy.

use core::cmp::Reverse;

use super::Question;
use super::rank::{Beside, Candidate, Met};
use crate::chance::{Lot, Purpose, hits};
use crate::collections::{Keyed, Top};
use crate::exchange::Exchange;
use crate::ids::Sequence;
use crate::limits::POLICY_CANDIDATES_MAX;
use crate::targeting::rank_key;
use crate::terms::{Chosen, Known, Policy, Segment};
use crate::units::{BasisPoints, Money};

/// What a choice comes to.
#[derive(Clone, Debug)]
pub(crate) struct Choice<const WANTED: usize> {
    /// The winner, then the best others, in row order.
    pub(crate) ranked: Top<Candidate, WANTED>,
    /// Whose rows can be put to sleep.
    pub(crate) met: Met,
    /// By what the winner won.
    pub(crate) chosen: Chosen,
}

impl<const WANTED: usize> Choice<WANTED> {
    /// Not made yet: the winner and the best others, so many together.
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { ranked: Top::new(), met: Met::default(), chosen: Chosen::Bid }
    }
}

/// The first candidates in row order.
type Few = Top<Candidate, POLICY_CANDIDATES_MAX>;

impl Exchange {
    /// Who gets the call and the best others, as many as the choice was made for. Without a lot nothing is explored, nor
    /// sold afterwards.
    #[inline]
    pub(crate) fn choose<const WANTED: usize>(
        &self,
        question: &Question<'_>,
        lot: Option<Lot>,
        choice: &mut Choice<WANTED>,
    ) {
        if question.policy.policy == Policy::HighestScore {
            self.rank((question, lot.is_some()), (&mut choice.ranked, &mut choice.met), &mut ());
        } else {
            self.choose_by_policy(question, lot, choice);
        }
    }

    #[inline(never)]
    fn choose_by_policy<const WANTED: usize>(
        &self,
        question: &Question<'_>,
        lot: Option<Lot>,
        choice: &mut Choice<WANTED>,
    ) {
        let mut few = Few::new();
        let winner = match question.policy.policy {
            Policy::ExpectedValue { explore, .. } if !self.explores(explore, lot) => {
                let mut leader = Leader { exchange: self, question, best: None };
                few.limit(choice.ranked.most());
                self.rank((question, lot.is_some()), (&mut few, &mut choice.met), &mut leader);
                choice.chosen = Chosen::Score;
                leader.best.map(|led| led.candidate)
            }
            policy => {
                self.rank((question, lot.is_some()), (&mut few, &mut choice.met), &mut ());
                let (winner, chosen) = self.choose_of_few(question, policy, &few);
                choice.chosen = chosen;
                winner
            }
        };
        if let Some(winner) = winner {
            choice.ranked.lead(winner);
            for other in few.as_slice().iter().filter(|other| other.profile != winner.profile) {
                choice.ranked.offer(*other);
            }
        }
    }

    /// The winner by a policy that looks at the first few. Of equals the first in row order.
    fn choose_of_few(&self, question: &Question<'_>, policy: Policy, few: &Few) -> (Option<Candidate>, Chosen) {
        let tier = few.as_slice().first().map(Candidate::tier);
        let of_tier = few.as_slice().iter().copied().take_while(|candidate| Some(candidate.tier()) == tier);
        let created = |candidate: &Candidate| self.profiles.get(candidate.profile).created;
        match policy {
            Policy::WeightedShare | Policy::RoundRobin => {
                let start =
                    |candidate: &Candidate| self.policies.start(question.listing, candidate.tier(), created(candidate));
                (of_tier.min_by_key(start), Chosen::Share)
            }
            Policy::Skill => {
                let proficiency = |candidate: &Candidate| {
                    let grade = self.grade_of(candidate.profile);
                    (Reverse(grade.proficiency(question.policy.requires())), self.policies.won(candidate.profile))
                };
                (of_tier.min_by_key(proficiency), Chosen::Skill)
            }
            Policy::CostQuality => {
                let score = |candidate: &Candidate| {
                    let price = self.would_pay(question, candidate);
                    let margin = i128::from((price - question.payout.at(price)).micros());
                    Reverse(margin * i128::from(self.grade_of(candidate.profile).quality.0))
                };
                (of_tier.min_by_key(score), Chosen::Score)
            }
            Policy::ExpectedValue { .. } => {
                let segment = question.segment().expect("Invariant: the policy has segments");
                let known = |candidate: &Candidate| self.policies.outcomes(segment, created(candidate)).won;
                (of_tier.min_by_key(known), Chosen::Exploration)
            }
            Policy::HighestScore => unreachable!("Invariant: the highest score needs no second look"),
        }
    }

    /// What the candidate would pay, its buyer's deal and a fixed price considered.
    fn would_pay(&self, question: &Question<'_>, candidate: &Candidate) -> Money {
        let deal = self.deal_price(question, self.profiles.get(candidate.profile).buyer);
        question.pays(candidate.amount(), deal)
    }

    fn explores(&self, explore: BasisPoints, lot: Option<Lot>) -> bool {
        lot.is_some_and(|lot| hits(self.genesis.seed, lot, Purpose::Exploration, explore))
    }

    /// The weight a winner's turn is taken with.
    pub(crate) fn weight(&self, policy: Policy, profile: u32) -> u16 {
        if policy == Policy::RoundRobin { 1 } else { self.grade_of(profile).weight }
    }
}

impl Question<'_> {
    /// Among which calls this one's outcome is counted, if the policy counts any.
    pub(crate) fn segment(&self) -> Option<Segment> {
        let Policy::ExpectedValue { segment: attribute, .. } = self.policy.policy else { return None };
        let code = attribute.map(|attribute| self.facts.known(attribute)).and_then(|known| match known {
            Known::Code(code) => Some(code),
            Known::Absent | Known::Elements(_) | Known::Number(_) | Known::Flag(_) | Known::Place(_) => None,
        });
        Some(Segment { attribute, code: code.unwrap_or_default() })
    }
}

/// Finds the highest expected value among all candidates of the best tier, while a walk finds the first in row order.
struct Leader<'a> {
    exchange: &'a Exchange,
    question: &'a Question<'a>,
    best: Option<Led>,
}

#[derive(Clone, Copy)]
struct Led {
    candidate: Candidate,
    worth: Worth,
}

/// What it pays times what it has earned, of so many: a fraction, compared exactly.
#[derive(Clone, Copy)]
struct Worth {
    times: u128,
    of: u128,
}

impl Worth {
    /// At most 10¹⁵ × 11,024 × 11,024.
    fn is_above(self, other: Self) -> bool {
        self.times * other.of > other.times * self.of
    }
}

impl Leader<'_> {
    fn worth(&self, candidate: &Candidate) -> Worth {
        let segment = self.question.segment().expect("Invariant: the policy has segments");
        let created = self.exchange.profiles.get(candidate.profile).created;
        let counts = self.exchange.policies.outcomes(segment, created);
        let prior = self.exchange.grade_of(candidate.profile).prior;
        let price = self.exchange.would_pay(self.question, candidate).micros() as u128;
        Worth {
            times: price * u128::from(u32::from(prior.met) + counts.met),
            of: u128::from(u32::from(prior.of) + counts.won),
        }
    }
}

impl Beside for Leader<'_> {
    fn meet(&mut self, candidate: &Candidate) {
        let worth = self.worth(candidate);
        let leads = self.best.is_none_or(|best| {
            let ties = !best.worth.is_above(worth) && candidate.key() < best.candidate.key();
            let (tier, best_tier) = (candidate.tier(), best.candidate.tier());
            let same_tier = tier == best_tier;
            tier < best_tier || same_tier && (worth.is_above(best.worth) || ties)
        });
        if leads {
            self.best = Some(Led { candidate: *candidate, worth });
        }
    }

    /// Nobody's probability is above one: a row that bids less than the leader's worth, rounded down, cannot lead.
    fn to_beat(&self, worst: Option<u128>) -> Option<u128> {
        let best = self.best.as_ref()?;
        let least = Money::from_micros((best.worth.times / best.worth.of) as i64);
        worst.map(|worst| worst.max(rank_key(best.candidate.tier(), least, Sequence(u64::MAX))))
    }
}
