//! The amount with which a loser would have won: told after the decision, where the listing tells it.

use super::Question;
use crate::calls::Hold;
use crate::exchange::Exchange;
use crate::reason::Reason;
use crate::terms::Policy;
use crate::units::Money;

impl Exchange {
    /// The least amount with which the profile would have won, everything else as it was, its place in time too; `None`
    /// where no amount would have done, or it could not have paid it.
    ///
    /// `question` is the one before the win; `winner` is who won, if anybody did.
    pub(crate) fn price_to_win(
        &self,
        question: &Question<'_>,
        slot: u32,
        reason: Reason,
        winner: Option<&Hold>,
    ) -> Option<Money> {
        let is_about_amount = matches!(
            reason,
            Reason::LostToHigherBid
                | Reason::LostToEarlierBid
                | Reason::BelowReserve
                | Reason::BelowDealFloor
                | Reason::MarginTooThin
        );
        if !is_about_amount || question.policy.policy != Policy::HighestScore {
            return None;
        }
        let profile = self.profiles.get(slot);
        let own = self.amount(question, slot, profile).ok()?;
        let to_beat = winner.map_or(Some(Money::ZERO), |hold| {
            let tier = self.profiles.get(hold.profile).tier;
            match profile.tier.cmp(&tier) {
                core::cmp::Ordering::Less => Some(Money::ZERO),
                core::cmp::Ordering::Equal if own.sequence < hold.placed => Some(hold.amount),
                core::cmp::Ordering::Equal => Some(hold.amount + Money::from_micros(1)),
                core::cmp::Ordering::Greater => None,
            }
        })?;
        let floor = question.floor(self.deal_price(question, profile.buyer))?;
        let least = floor.max(to_beat).max(Money::from_micros(1));
        let can_pay = least.is_amount() && self.could_pay(question, slot, profile, least);
        can_pay.then_some(least)
    }
}
