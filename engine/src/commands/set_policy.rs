//! A seller says how its calls are given out.

use crate::collections::List;
use crate::event::{Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ListingId, SkillId};
use crate::limits::REQUIRED_SKILLS_MAX;
use crate::policies::ListingPolicy;
use crate::reject::Reject;
use crate::terms::{Kind, Policy, PricingRule, SkillLevel, levels_can_be, skills_rise};
use crate::units::{BasisPoints, Money};

/// Sets how a listing's calls are given out, all of it anew: the policy, a fixed price, and the skills a profile must have.
/// It holds from the next decision on, also for calls that are known. A listing that was never spoken of gives its calls to
/// the highest score, at its own pricing, and requires nothing.
///
/// What the policies remember, passes and outcomes, is kept when they change.
///
/// # Refused
///
/// `CommandTooLarge` (more than [`REQUIRED_SKILLS_MAX`] skills), `AmountOutOfRange` (a price that is no amount),
/// `ValueOutOfRange` (a level outside 1 to 100, an exploration above the whole), `AccountUnknown`, `AccountRoleMismatch`,
/// `AttributeUnknown`, `AttributeKindMismatch` (segments are values of a category), `SkillsNotAscending`, `ListingUnknown`, `ListingDelisted`,
/// `PricingMismatch` (another policy or a fixed price for a listing sold at second price).
///
/// # Events
///
/// `PolicySet`; a repeat when all is just so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetPolicy<'a> {
    /// The seller.
    pub seller: AccountId,
    /// Its listing.
    pub listing: ListingId,
    /// Who of the best tier gets the call.
    pub policy: Policy,
    /// What every winner pays, whatever it bid; only who bids as much competes.
    pub price: Option<Money>,
    /// What a profile must know, and how well, ascending.
    pub requires: List<'a, SkillLevel, REQUIRED_SKILLS_MAX>,
}

impl<'a> SetPolicy<'a> {
    /// `policy` for `listing` of `seller`, with no fixed price and no required skills.
    #[must_use]
    pub fn new(seller: AccountId, listing: ListingId, policy: Policy) -> Self {
        Self { seller, listing, policy, price: None, requires: List::new() }
    }

    /// Everybody pays `price`.
    #[must_use]
    pub fn price(mut self, price: Money) -> Self {
        self.price = Some(price);
        self
    }

    /// Profiles must know `skill`, which is above those given so far, at `level` or better.
    #[must_use]
    pub fn requires(mut self, skill: SkillId, level: u8) -> Self {
        self.requires.push(SkillLevel { skill, level });
        self
    }

    /// These skills, borrowed instead of copied, in place of those given so far: what a front end does.
    #[must_use]
    pub fn skills(mut self, skills: &'a [SkillLevel]) -> Self {
        self.requires = List::borrowed(skills);
        self
    }
}

impl Exchange {
    pub(crate) fn set_policy(
        &mut self,
        step: Step,
        command: &SetPolicy<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &SetPolicy { seller, listing, policy, price, .. } = command;
        judge_policy(command)?;
        let seller_slot = self.accounts.find_as(seller, Role::Seller)?;
        if let Policy::ExpectedValue { segment: Some(segment), .. } = policy {
            let kind = self.schema.attribute(segment).ok_or(Reject::AttributeUnknown)?.kind;
            if !matches!(kind, Kind::Category { .. }) {
                return Err(Reject::AttributeKindMismatch);
            }
        }
        if !skills_rise(&command.requires) {
            return Err(Reject::SkillsNotAscending);
        }
        let slot = self.listings.find_listed(seller_slot, listing)?;
        let known = self.listings.get(slot);
        let plain = policy == Policy::HighestScore && price.is_none();
        if known.pricing == PricingRule::SecondPrice && !plain {
            return Err(Reject::PricingMismatch);
        }
        events.push(Event::PolicySet { seller, listing });
        let before = self.policies.of_listing(slot);
        let wanted = ListingPolicy::new(policy, price, &command.requires, step.sequence);
        if before.is_as(&wanted) {
            return Ok(Done::Repeated(known.sequence.max(before.sequence)));
        }
        self.policies.set_policy(slot, wanted);
        Ok(Done::Accepted)
    }
}

fn judge_policy(command: &SetPolicy<'_>) -> Result<(), Reject> {
    if command.requires.overflowed() {
        return Err(Reject::CommandTooLarge);
    }
    if command.price.is_some_and(|price| !price.is_amount()) {
        return Err(Reject::AmountOutOfRange);
    }
    let explore = match command.policy {
        Policy::ExpectedValue { explore, .. } => explore,
        _ => BasisPoints(0),
    };
    if !levels_can_be(&command.requires) || explore > BasisPoints::WHOLE {
        return Err(Reject::ValueOutOfRange);
    }
    Ok(())
}
