//! Which of the eligible candidates of the best tier gets the call: the listing's policy.

use core::cmp::Reverse;

use super::Question;
use super::rank::{Beside, Candidate, Met, RANKED_MAX};
use crate::chance::{Lot, Purpose, hits};
use crate::collections::Top;
use crate::exchange::Exchange;
use crate::ids::Sequence;
use crate::limits::POLICY_CANDIDATES_MAX;
use crate::targeting::rank_key;
use crate::terms::{Chosen, Known, Policy, Segment};
use crate::units::{BasisPoints, Money};

/// The winner, then those told that they lost, in row order; and by what it won.
pub(crate) type Choice = (Top<Candidate, RANKED_MAX>, Met, Chosen);

/// The first candidates in row order.
type Few = Top<Candidate, POLICY_CANDIDATES_MAX>;

impl Exchange {
    /// Who gets the call and the `wanted - 1` best others (`wanted` at most [`RANKED_MAX`]). Without a lot nothing is
    /// explored.
    #[inline]
    pub(crate) fn choose(&self, question: &Question<'_>, wanted: usize, lot: Option<Lot>) -> Choice {
        if question.policy.policy != Policy::HighestScore {
            return self.choose_by_policy(question, wanted, lot);
        }
        let mut choice = (Top::new(), Met::default(), Chosen::Bid);
        self.rank(question, wanted, &mut (), (&mut choice.0, &mut choice.1));
        choice
    }

    #[inline(never)]
    fn choose_by_policy(&self, question: &Question<'_>, wanted: usize, lot: Option<Lot>) -> Choice {
        let (mut few, mut met) = (Few::new(), Met::default());
        let (winner, chosen) = match question.policy.policy {
            Policy::ExpectedValue { explore, .. } if !self.explores(explore, lot) => {
                let mut leader = Leader { exchange: self, question, best: None };
                self.rank(question, wanted, &mut leader, (&mut few, &mut met));
                (leader.best.map(|led| led.candidate), Chosen::Score)
            }
            policy => {
                self.rank(question, POLICY_CANDIDATES_MAX, &mut (), (&mut few, &mut met));
                self.choose_of_few(question, policy, &few)
            }
        };
        let mut ranked = Top::new();
        ranked.limit(wanted);
        if let Some(winner) = winner {
            // Before every key of a row.
            ranked.offer(0, winner);
            for (key, other) in few.as_slice().iter().filter(|(_, other)| other.profile != winner.profile) {
                ranked.offer(*key, *other);
            }
        }
        (ranked, met, chosen)
    }

    /// The winner by a policy that looks at the first few. Of equals the first in row order.
    fn choose_of_few(&self, question: &Question<'_>, policy: Policy, few: &Few) -> (Option<Candidate>, Chosen) {
        let tier = few.as_slice().first().map(|(_, best)| best.tier);
        let of_tier = few.as_slice().iter().map(|(_, candidate)| *candidate);
        let of_tier = of_tier.take_while(|candidate| Some(candidate.tier) == tier);
        let created = |candidate: &Candidate| self.profiles.get(candidate.profile).created;
        match policy {
            Policy::WeightedShare | Policy::RoundRobin => {
                let start =
                    |candidate: &Candidate| self.policies.start(question.listing, candidate.tier, created(candidate));
                (of_tier.min_by_key(start), Chosen::Share)
            }
            Policy::Skill => {
                let proficiency = |candidate: &Candidate| {
                    let grade = self.policies.grade(candidate.profile);
                    (Reverse(grade.proficiency(question.policy.requires())), self.policies.won(candidate.profile))
                };
                (of_tier.min_by_key(proficiency), Chosen::Skill)
            }
            Policy::CostQuality => {
                let score = |candidate: &Candidate| {
                    let price = self.would_pay(question, candidate);
                    let margin = i128::from((price - question.payout.at(price)).micros());
                    Reverse(margin * i128::from(self.policies.grade(candidate.profile).quality.0))
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
        question.pays(candidate.amount, deal)
    }

    fn explores(&self, explore: BasisPoints, lot: Option<Lot>) -> bool {
        lot.is_some_and(|lot| hits(self.genesis.seed, lot, Purpose::Exploration, explore))
    }

    /// The weight a winner's turn is taken with.
    pub(crate) fn weight(&self, policy: Policy, profile: u32) -> u16 {
        if policy == Policy::RoundRobin { 1 } else { self.policies.grade(profile).weight }
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
    key: u128,
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
        let prior = self.exchange.policies.grade(candidate.profile).prior;
        let price = self.exchange.would_pay(self.question, candidate).micros() as u128;
        Worth {
            times: price * u128::from(u32::from(prior.met) + counts.met),
            of: u128::from(u32::from(prior.of) + counts.won),
        }
    }
}

impl Beside for Leader<'_> {
    fn meet(&mut self, key: u128, candidate: &Candidate) {
        let worth = self.worth(candidate);
        let leads = self.best.is_none_or(|best| {
            let ties = !best.worth.is_above(worth) && key < best.key;
            let same_tier = candidate.tier == best.candidate.tier;
            candidate.tier < best.candidate.tier || same_tier && (worth.is_above(best.worth) || ties)
        });
        if leads {
            self.best = Some(Led { candidate: *candidate, key, worth });
        }
    }

    /// Nobody's probability is above one: a row that bids less than the leader's worth, rounded down, cannot lead.
    fn to_beat(&self, worst: Option<u128>) -> Option<u128> {
        let best = self.best.as_ref()?;
        let least = Money::from_micros((best.worth.times / best.worth.of) as i64);
        worst.map(|worst| worst.max(rank_key(best.candidate.tier, least, Sequence(u64::MAX))))
    }
}
