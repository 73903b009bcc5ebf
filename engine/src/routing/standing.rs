//! Whether a profile is eligible for a call, judged on its record: the rules of `docs/rules.md` section 5, in order.

use super::Question;
use crate::accounts::PLATFORM;
use crate::auctions::Answer;
use crate::calls::HoldState;
use crate::exchange::Exchange;
use crate::explain::Loss;
use crate::ids::Sequence;
use crate::profiles::Profile;
use crate::reason::Reason;
use crate::schema::Schema;
use crate::targeting::{ALL, AcceptedBy, accepts};
use crate::terms::LocalPeriods;
use crate::units::Money;

/// What an eligible profile puts into the competition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) amount: Money,
    /// The amount's place in time.
    pub(crate) sequence: Sequence,
}

impl AcceptedBy for Schema {
    fn set_contains(&self, set: crate::ids::ValueSetId, code: crate::ids::ValueCode) -> bool {
        self.value_sets.contains(set, code)
    }
}

impl Exchange {
    /// All rules.
    pub(crate) fn standing(&self, question: &Question<'_>, slot: u32) -> Result<Standing, Loss> {
        let profile = self.profiles.get(slot);
        if profile.vertical != question.vertical {
            return Err(Loss::plain(Reason::VerticalMismatch));
        }
        self.wants(question, slot)?;
        self.standing_of_matched(question, slot, profile)
    }

    /// Rule 2: whether the profile's clauses accept the facts.
    pub(crate) fn wants(&self, question: &Question<'_>, slot: u32) -> Result<(), Loss> {
        accepts(self.profiles.clauses(slot), self.profiles.values(slot), question.facts, ALL, &self.schema)
            .map_err(|attribute| Loss { attribute: Some(attribute), ..Loss::plain(Reason::TargetingMismatch) })
    }

    /// The same for a row the index let pass: only what the index cannot decide is looked at again.
    #[inline]
    pub(crate) fn wants_indeed(&self, question: &Question<'_>, slot: u32, profile: &Profile) -> bool {
        if profile.inexact == 0 {
            return true;
        }
        if let Some(checks) = profile.checks() {
            return accepts(checks, &[], question.facts, ALL, &self.schema).is_ok();
        }
        let (clauses, values) = (self.profiles.clauses(slot), self.profiles.values(slot));
        accepts(clauses, values, question.facts, profile.inexact, &self.schema).is_ok()
    }

    /// Rules 3 to 12, for a profile whose targeting is known to accept.
    #[inline]
    pub(crate) fn standing_of_matched(
        &self,
        question: &Question<'_>,
        slot: u32,
        profile: &Profile,
    ) -> Result<Standing, Loss> {
        if question.tried.iter().any(|tried| tried.profile == slot && tried.created == profile.created) {
            return Err(Loss::plain(Reason::AlreadyTried));
        }
        if profile.paused {
            return Err(Loss::plain(Reason::ProfilePaused));
        }
        if !self.is_open(profile.hours, profile.zone, question.at) {
            return Err(Loss::plain(Reason::OutsideHours));
        }
        self.skills_allow(question, slot)?;
        let standing = self.amount(question, slot, profile)?;
        self.caps_allow(question, slot, profile, standing.amount)?;
        self.money_allows(question, profile, standing.amount)?;
        Ok(standing)
    }

    /// Rule 4d, as invitations ask it too: the profile knows what the listing requires.
    #[inline]
    pub(crate) fn skills_allow(&self, question: &Question<'_>, slot: u32) -> Result<(), Loss> {
        let requires = question.policy.requires();
        if requires.is_empty() {
            return Ok(());
        }
        match self.policies.grade(slot).missing(requires) {
            None => Ok(()),
            Some(skill) => Err(Loss { skill: Some(skill), ..Loss::plain(Reason::SkillMissing) }),
        }
    }

    /// Rule 5: the unexpired live bid, else the standing bid, unless the profile passed.
    #[inline]
    pub(crate) fn amount(&self, question: &Question<'_>, slot: u32, profile: &Profile) -> Result<Standing, Loss> {
        let answer = question.auction.map_or(Answer::None, |auction| self.auctions.answer(auction, slot, question.at));
        match answer {
            Answer::Live(bid) => Ok(Standing { amount: bid.amount, sequence: bid.sequence }),
            Answer::Passed => Err(Loss::plain(Reason::NoBid)),
            _ if profile.bid > Money::ZERO => Ok(Standing { amount: profile.bid, sequence: profile.bid_sequence }),
            Answer::Expired => Err(Loss::plain(Reason::BidExpired)),
            Answer::None => Err(Loss::plain(Reason::NoBid)),
        }
    }

    /// Rules 6 and 7, as invitations ask them too.
    #[inline]
    pub(crate) fn counts_allow(
        &self,
        question: &Question<'_>,
        slot: u32,
        profile: &Profile,
    ) -> Result<LocalPeriods, Loss> {
        let now = question.periods(&self.zones, profile.zone);
        let reached = match question.undone.filter(|hold| hold.profile == slot) {
            None => profile.caps.reached(now),
            Some(hold) => {
                let mut caps = profile.caps;
                caps.give_back_counts(&hold.taken);
                caps.reached(now)
            }
        };
        reached.map_or(Ok(now), |reason| Err(Loss::plain(reason)))
    }

    /// Rules 6 to 8.
    #[inline]
    fn caps_allow(&self, question: &Question<'_>, slot: u32, profile: &Profile, amount: Money) -> Result<(), Loss> {
        let now = self.counts_allow(question, slot, profile)?;
        let undone = question.undone.filter(|hold| hold.profile == slot && hold.revenue_state == HoldState::Held);
        let left = match undone {
            None => profile.caps.budget_left(now),
            Some(hold) => {
                let mut caps = profile.caps;
                caps.give_back_money(&hold.taken);
                caps.budget_left(now)
            }
        };
        match left {
            Some(left) if amount > left => Err(Loss::short(Reason::DailyBudgetReached, amount - left)),
            _ => Ok(()),
        }
    }

    /// Rules 9 to 12.
    #[inline]
    fn money_allows(&self, question: &Question<'_>, profile: &Profile, amount: Money) -> Result<(), Loss> {
        let mut available = self.ledger.of(profile.buyer).available();
        let mut float = self.ledger.of(PLATFORM).available();
        if let Some(hold) = question.undone {
            if hold.buyer == profile.buyer && hold.revenue_state == HoldState::Held {
                available = available + hold.price;
            }
            if hold.payout_state == HoldState::Held {
                float = float + hold.payout;
            }
        }
        if amount > available {
            return Err(Loss::short(Reason::BalanceTooLow, amount - available));
        }
        if amount < question.reserve {
            return Err(Loss::short(Reason::BelowReserve, question.reserve - amount));
        }
        match question.floor {
            Some(floor) if amount >= floor => {}
            Some(floor) => return Err(Loss::short(Reason::MarginTooThin, floor - amount)),
            None => return Err(Loss::plain(Reason::MarginTooThin)),
        }
        let payout = question.payout.at(amount);
        if question.needs_float(profile.pay_term) && payout > float {
            return Err(Loss::short(Reason::PlatformFloatTooLow, payout - float));
        }
        Ok(())
    }
}
