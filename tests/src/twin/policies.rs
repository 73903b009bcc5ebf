//! How a listing's calls are given out, and what it asks (sections 3 and 6a).

use dce_engine::ids::{AccountId, AttributeId, ListingId};
use dce_engine::units::Money;

use super::action::{Action, DealPrice, FactValue, Policy, Role, Skill};
use super::codes::{Refusal, Why, refusal, why};
use super::outcome::Outcome;
use super::standing::{Candidate, payout_of};
use super::state::{CallKey, ProfileKey};
use super::{Done, Twin, Verb};

const FEW: usize = 64;
const HALVED_AT: u64 = 1_024;
const FOR_EXPLORATION: u64 = 1;

/// What a sharing policy remembers something of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// A profile, by the sequence that created it, in a listing.
    Pass(u64),
    /// A tier of a listing.
    Time(u8),
}

/// Calls that are counted together: of a category, one value; or all.
pub(crate) type Segment = Option<(AttributeId, u32)>;

/// A profile's weight, quality, prior and skills.
pub type GradeSight<'a> = (u16, u16, (u16, u16), &'a [Skill]);

/// Entries, the one written longest ago first.
pub(crate) type Remembered<K, V> = Vec<(K, V)>;

/// What is remembered under this key.
fn told<K: PartialEq, V: Copy>(memory: &Remembered<K, V>, key: &K) -> Option<V> {
    memory.iter().find(|(known, _)| known == key).map(|(_, value)| *value)
}

/// Writes it anew; with all places taken, what was written longest ago is forgotten.
fn write<K: PartialEq, V>(memory: &mut Remembered<K, V>, places: u32, key: K, value: V) {
    memory.retain(|(known, _)| *known != key);
    if memory.len() >= places as usize {
        memory.remove(0);
    }
    memory.push((key, value));
}

impl Twin {
    pub(super) fn set_policy(&mut self, action: &Action) -> Verb {
        let Action::SetPolicy { seller, listing, policy, price, requires } = action else { unreachable!() };
        self.must_have_role(*seller, Role::Seller)?;
        if let Policy::ExpectedValue { segment: Some(segment), .. } = policy {
            self.must_be_category(*segment)?;
        }
        must_rise(requires)?;
        let this = self.this();
        self.must_be_listed((*seller, *listing))?;
        let known = self.listings.get_mut(&(*seller, *listing)).expect("it is there");
        if known.terms.second_price && (*policy != Policy::HighestScore || price.is_some()) {
            return Err(refusal::PRICING_MISMATCH);
        }
        let wanted = (*policy, *price, requires.clone());
        let done = if (known.policy, known.price, known.requires.clone()) == wanted {
            Done::Repeat(known.policy_set)
        } else {
            (known.policy, known.price, known.requires) = wanted;
            known.policy_set = this;
            Done::New
        };
        self.tell(Outcome::PolicySet { seller: *seller, listing: *listing });
        Ok(done)
    }

    pub(super) fn rank_profile(&mut self, action: &Action) -> Verb {
        let Action::RankProfile { buyer, profile, weight, quality, prior } = action else { unreachable!() };
        self.must_have_account(*buyer)?;
        let this = self.this();
        let key = (*buyer, *profile);
        if !self.profiles.contains_key(&key) {
            return Err(refusal::PROFILE_UNKNOWN);
        }
        let has_settings = self.must_have_settings(key);
        let known = self.profile_mut(key);
        let wanted = (*weight, *quality, *prior);
        let done = if (known.weight, known.quality, known.prior) == wanted {
            Done::Repeat(known.ranked)
        } else {
            has_settings?;
            (known.weight, known.quality, known.prior) = wanted;
            known.ranked = this;
            Done::New
        };
        self.tell(Outcome::ProfileRanked { buyer: *buyer, profile: *profile });
        Ok(done)
    }

    pub(super) fn set_skills(&mut self, action: &Action) -> Verb {
        let Action::SetSkills { buyer, profile, skills } = action else { unreachable!() };
        self.must_have_account(*buyer)?;
        must_rise(skills)?;
        let this = self.this();
        let key = (*buyer, *profile);
        if !self.profiles.contains_key(&key) {
            return Err(refusal::PROFILE_UNKNOWN);
        }
        let has_settings = self.must_have_settings(key);
        let known = self.profile_mut(key);
        let done = if known.skills == *skills {
            Done::Repeat(known.skills_set)
        } else {
            has_settings?;
            known.skills.clone_from(skills);
            known.skills_set = this;
            Done::New
        };
        self.tell(Outcome::SkillsSet { buyer: *buyer, profile: *profile });
        Ok(done)
    }

    /// Rule 4d: the first required skill that falls short, with the levels that are missing.
    pub(super) fn missing_skill(&self, call_key: CallKey, key: ProfileKey) -> Option<Skill> {
        self.listing_of(call_key).requires.iter().find_map(|(skill, required)| {
            let level = self.level(key, *skill);
            (level < *required).then(|| (*skill, required - level))
        })
    }

    fn level(&self, key: ProfileKey, skill: u16) -> u8 {
        self.profiles[&key].skills.iter().find(|(known, _)| *known == skill).map_or(0, |(_, level)| *level)
    }

    /// The winner among the candidates, and what its tier's losers hear. `None` for highest score, where it depends on what
    /// they bid. Without a draw nothing is explored.
    pub(super) fn choose(
        &self,
        call_key: CallKey,
        candidates: &[Candidate],
        drawing: bool,
    ) -> Option<(Candidate, Option<Why>)> {
        let first = *candidates.first()?;
        let listing = self.listing_of(call_key);
        let of_tier = || candidates.iter().copied().filter(|candidate| candidate.tier == first.tier);
        // `min_by_key` finds the first of equals.
        let few = || of_tier().take(FEW);
        let (winner, reason) = match listing.policy {
            Policy::HighestScore => return Some((first, None)),
            Policy::WeightedShare | Policy::RoundRobin => {
                (few().min_by_key(|candidate| self.start(call_key, candidate)), why::LOST_TO_SHARE)
            }
            Policy::Skill => {
                let rank = |candidate: &Candidate| {
                    let levels = listing.requires.iter().map(|(skill, _)| i64::from(self.level(candidate.key, *skill)));
                    (-levels.sum::<i64>(), self.profiles[&candidate.key].last_win)
                };
                (few().min_by_key(rank), why::LOST_TO_SKILL)
            }
            Policy::CostQuality => {
                let rank = |candidate: &Candidate| {
                    let pays = self.pays(call_key, candidate);
                    let margin = pays - payout_of(self.call(call_key), listing, pays);
                    -(i128::from(margin.micros()) * i128::from(self.profiles[&candidate.key].quality.0))
                };
                (few().min_by_key(rank), why::LOST_TO_SCORE)
            }
            Policy::ExpectedValue { explore, .. } => {
                if drawing && (self.draw() * 10_000) >> 64 < u128::from(explore.0) {
                    let won = |candidate: &Candidate| self.counted(call_key, candidate.key).0;
                    (few().min_by_key(won), why::LOST_TO_EXPLORATION)
                } else {
                    let best = of_tier().reduce(|best, other| {
                        let ((times, of), (best_times, best_of)) =
                            (self.worth(call_key, &other), self.worth(call_key, &best));
                        if times * best_of > best_times * of { other } else { best }
                    });
                    (best, why::LOST_TO_SCORE)
                }
            }
        };
        winner.map(|winner| (winner, Some(reason)))
    }

    /// What a bid comes to: all of it, or the fixed price of the deal or the listing, or the floor if that is more.
    pub(super) fn pays(&self, call_key: CallKey, candidate: &Candidate) -> Money {
        let amount = candidate.amount;
        match self.deal_on(call_key, candidate.key) {
            Some(DealPrice::Fixed(price)) => price,
            _ if self.listing_of(call_key).price.is_some() => amount.min(self.floor(call_key, candidate.key)),
            _ => amount,
        }
    }

    /// What an amount is worth, as a fraction.
    fn worth(&self, call_key: CallKey, candidate: &Candidate) -> (i128, i128) {
        let (won, met) = self.counted(call_key, candidate.key);
        let (prior_met, prior_of) = self.profiles[&candidate.key].prior;
        let pays = i128::from(self.pays(call_key, candidate).micros());
        (pays * (i128::from(prior_met) + i128::from(met)), i128::from(prior_of) + i128::from(won))
    }

    /// Won and met.
    fn counted(&self, call_key: CallKey, key: ProfileKey) -> (u64, u64) {
        let born = self.profiles[&key].birth.sequence;
        let segment = self.segment(call_key).expect("the policy has segments");
        told(&self.outcomes_counted, &(segment, born)).unwrap_or_default()
    }

    /// Among which calls this one is counted, if the listing's policy counts any.
    pub(super) fn segment(&self, call_key: CallKey) -> Option<Segment> {
        let Policy::ExpectedValue { segment, .. } = self.listing_of(call_key).policy else { return None };
        Some(segment.map(|attribute| {
            let said = self.call(call_key).facts.get(&attribute).and_then(|values| values.first());
            let code = match said {
                Some(FactValue::Code(code)) => code.0,
                _ => 0,
            };
            (attribute, code)
        }))
    }

    /// A sale came to its end.
    pub(super) fn count_outcome(&mut self, call_key: CallKey, is_met: bool) {
        let sale = self.call(call_key).sale.expect("it was sold");
        let Some(segment) = sale.segment else { return };
        let entry = (segment, self.profiles[&sale.winner].birth.sequence);
        let (mut won, mut met) = told(&self.outcomes_counted, &entry).unwrap_or_default();
        won += 1;
        met += u64::from(is_met);
        if won == HALVED_AT {
            (won, met) = (won / 2, met / 2);
        }
        let places = self.capacities.outcomes_max;
        write(&mut self.outcomes_counted, places, entry, (won, met));
    }

    fn start(&self, call_key: CallKey, candidate: &Candidate) -> u128 {
        let listing = (call_key.0, self.call(call_key).listing);
        let born = self.profiles[&candidate.key].birth.sequence;
        let pass = told(&self.shares, &(listing, Share::Pass(born))).unwrap_or(0);
        let time = told(&self.shares, &(listing, Share::Time(candidate.tier))).unwrap_or(0);
        pass.max(time)
    }

    /// What a win leaves behind: the pass moves, then the tier's time.
    pub(super) fn take_turn(&mut self, call_key: CallKey, winner: &Candidate) {
        let known = &self.profiles[&winner.key];
        let (born, weight) = (known.birth.sequence, known.weight);
        let weight = match self.listing_of(call_key).policy {
            Policy::WeightedShare => weight,
            Policy::RoundRobin => 1,
            _ => return,
        };
        let start = self.start(call_key, winner);
        let listing = (call_key.0, self.call(call_key).listing);
        let places = self.capacities.shares_max;
        write(&mut self.shares, places, (listing, Share::Pass(born)), start + (1 << 32) / u128::from(weight));
        write(&mut self.shares, places, (listing, Share::Time(winner.tier)), start);
    }

    /// The draw of a decision.
    fn draw(&self) -> u128 {
        u128::from(siphash(self.seed, &[FOR_EXPLORATION, self.this(), self.settings]))
    }

    fn must_be_category(&self, attribute: AttributeId) -> Result<(), Refusal> {
        let known = self.attributes.get(&attribute).ok_or(refusal::ATTRIBUTE_UNKNOWN)?;
        match known.kind {
            super::action::Kind::Category { .. } => Ok(()),
            _ => Err(refusal::ATTRIBUTE_KIND_MISMATCH),
        }
    }

    /// The listing's policy, price and required skills.
    #[must_use]
    pub fn see_policy(&self, key: (AccountId, ListingId)) -> Option<(Policy, Option<Money>, &[Skill])> {
        self.listings.get(&key).map(|known| (known.policy, known.price, &known.requires[..]))
    }

    /// The profile's weight, quality, prior and skills.
    #[must_use]
    pub fn see_grade(&self, key: ProfileKey) -> Option<GradeSight<'_>> {
        self.profiles.get(&key).map(|known| (known.weight, known.quality.0, known.prior, &known.skills[..]))
    }

    /// What is counted of a profile in a segment: won and met.
    #[must_use]
    pub fn see_outcomes(&self, key: ProfileKey, segment: Option<(AttributeId, u32)>) -> Option<(u64, u64)> {
        let born = self.profiles.get(&key)?.birth.sequence;
        Some(told(&self.outcomes_counted, &(segment, born)).unwrap_or_default())
    }

    /// Every pair of a living profile and a segment of which something is counted.
    pub fn counted_keys(&self) -> impl Iterator<Item = (ProfileKey, Segment)> + '_ {
        self.outcomes_counted.iter().filter_map(|((segment, born), _)| {
            let known = self.profiles.iter().find(|(_, known)| known.birth.sequence == *born)?;
            Some((*known.0, *segment))
        })
    }
}

fn must_rise(skills: &[Skill]) -> Result<(), Refusal> {
    if skills.windows(2).all(|pair| pair[0].0 < pair[1].0) { Ok(()) } else { Err(refusal::SKILLS_NOT_ASCENDING) }
}

/// SipHash-2-4, from the paper of Aumasson and Bernstein, of whole words.
fn siphash(key: u128, words: &[u64]) -> u64 {
    let (k0, k1) = (key as u64, (key >> 64) as u64);
    let mut v = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    let length = (words.len() as u64 * 8) << 56;
    for word in words.iter().chain([&length]) {
        v[3] ^= word;
        sip_round(&mut v);
        sip_round(&mut v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    (0..4).for_each(|_| sip_round(&mut v));
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

fn sip_round(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[2] = v[2].rotate_left(32);
}
