//! Whether a profile is eligible for a call, judged on its record: the rules of `docs/rules.md` section 5, in order.

use super::{OwnHolds, Question};
use crate::accounts::PLATFORM;
use crate::auctions::Answer;
use crate::calls::HoldState;
use crate::conjunctions::Conjunction;
use crate::exchange::Exchange;
use crate::explain::{Distance, Loss};
use crate::ids::Sequence;
use crate::profiles::{Profile, Ruled};
use crate::reason::Reason;
use crate::schema::Schema;
use crate::targeting::{AcceptedBy, Brief, MetRow, Row, accepts, check_accepts};
use crate::terms::{DealPrice, LocalPeriods, PayTerm};
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

    /// Rule 2: whether all clauses of one of the profile's conjunctions accept the facts.
    pub(crate) fn wants(&self, question: &Question<'_>, slot: u32) -> Result<(), Loss> {
        let own = accepts(self.wants.clauses(slot), question.facts, &self.schema);
        let Err(attribute) = own else { return Ok(()) };
        let accepts_too = |(further, _): (u32, &Conjunction)| {
            let clauses = self.wants.clauses(self.targeting.further_row(further));
            accepts(clauses, question.facts, &self.schema).is_ok()
        };
        if self.conjunctions.of(slot).any(accepts_too) {
            return Ok(());
        }
        Err(Loss { attribute: Some(attribute), ..Loss::plain(Reason::TargetingMismatch) })
    }

    /// The same for a row the index let pass: only what the index cannot decide is looked at again.
    #[inline]
    pub(crate) fn wants_indeed(&self, question: &Question<'_>, row: &Row) -> bool {
        if row.brief.inexact == 0 {
            return true;
        }
        if let Some(check) = &row.aside.check {
            return check_accepts(check, question.facts, &self.schema);
        }
        self.wants_by_record(question, &row.brief)
    }

    fn wants_by_record(&self, question: &Question<'_>, brief: &Brief) -> bool {
        let slot = brief.profile;
        if brief.ruled.has(Ruled::CONJUNCTIONS) {
            return self.wants(question, slot).is_ok();
        }
        accepts(self.wants.clauses_on(slot, brief.inexact), question.facts, &self.schema).is_ok()
    }

    /// Whether a row that the index let pass stands, on a question that [money alone settles](Question::is_settled_by_money).
    /// If not, or if its buyer was found dry, why not is for the rules to say one by one.
    #[inline]
    pub(crate) fn is_settled_by_money(&self, question: &Question<'_>, met: &MetRow<'_>) -> bool {
        let MetRow { row, is_free, .. } = *met;
        // Of a thousand profiles of a buyer that was found dry each costs this comparison.
        if row.brief.buyer == question.dry.get().0 {
            return false;
        }
        let is_asked_for_money = is_free && row.brief.has_no_rules() && self.wants_indeed(question, row);
        let stands = is_asked_for_money && self.can_pay(question, &row.brief, row.amount());
        debug_assert!(
            !is_asked_for_money || stands == self.standing_of_row(question, row, false).is_ok(),
            "where only money is asked, all rules say what money says"
        );
        stands
    }

    /// Rules 9 to 12 of a buyer without a deal, as one answer.
    #[inline]
    fn can_pay(&self, question: &Question<'_>, brief: &Brief, amount: Money) -> bool {
        // What leaves the margin is no less than the payout, so a float that covers it covers that.
        let float_suffices = || amount <= question.float || question.payout.at(amount) <= question.float;
        amount >= question.least
            && (!question.asks_balances || amount <= self.ledger.of(brief.buyer).available())
            && (float_suffices() || !question.needs_float(brief.pay_term))
    }

    /// Rules 3 to 12, for a profile whose targeting is known to accept.
    pub(crate) fn standing_of_matched(
        &self,
        question: &Question<'_>,
        slot: u32,
        profile: &Profile,
    ) -> Result<Standing, Loss> {
        let bid = Standing { amount: profile.bid, sequence: profile.bid_sequence };
        self.standing_of_brief(question, &self.brief(slot), bid, false)
    }

    /// The same of a row that the index let pass. Of a free one the record, with its pause and its counts, is not asked.
    #[inline]
    pub(crate) fn standing_of_row(&self, question: &Question<'_>, row: &Row, is_free: bool) -> Result<Standing, Loss> {
        debug_assert!(!is_free || self.is_free(row.brief.profile), "a free row's record keeps it from nothing");
        let bid =
            if row.brief.ruled.has(Ruled::MODIFIERS) { self.profiles.get(row.brief.profile).bid } else { row.amount() };
        self.standing_of_brief(question, &row.brief, Standing { amount: bid, sequence: row.sequence() }, is_free)
    }

    #[inline]
    fn standing_of_brief(
        &self,
        question: &Question<'_>,
        brief: &Brief,
        bid: Standing,
        is_free: bool,
    ) -> Result<Standing, Loss> {
        let slot = brief.profile;
        if question.tried.iter().any(|tried| tried.profile == slot && tried.created == self.profiles.get(slot).created)
        {
            return Err(Loss::plain(Reason::AlreadyTried));
        }
        if !is_free && self.profiles.get(slot).paused {
            return Err(Loss::plain(Reason::ProfilePaused));
        }
        if !self.is_open(brief.hours, brief.zone, question.at) {
            return Err(Loss::plain(Reason::OutsideHours));
        }
        self.callers_allow(question, brief)?;
        if question.sold_by.contains(&brief.buyer) {
            return Err(Loss::plain(Reason::ChainLoop));
        }
        self.skills_allow(question, slot)?;
        if !self.is_let_in(question, brief.buyer) {
            return Err(Loss::plain(Reason::NotInvited));
        }
        let standing = self.amount_of(question, brief, bid)?;
        if !is_free {
            self.caps_allow(question, slot, self.profiles.get(slot), standing.amount)?;
        }
        if brief.ruled.with(question.ruled).has(Ruled::QUOTAS) {
            self.quotas_allow(question, slot, self.profiles.get(slot), standing.amount)?;
        }
        self.money_allows(question, (brief.buyer, brief.pay_term), standing.amount)?;
        Ok(standing)
    }

    /// Rule 4d, as invitations ask it too: the profile knows what the listing requires.
    #[inline]
    pub(crate) fn skills_allow(&self, question: &Question<'_>, slot: u32) -> Result<(), Loss> {
        let requires = question.policy.requires();
        if requires.is_empty() {
            return Ok(());
        }
        match self.grade_of(slot).missing(requires) {
            None => Ok(()),
            Some(skill) => Err(Loss { distance: Some(Distance::Levels(skill)), ..Loss::plain(Reason::SkillMissing) }),
        }
    }

    /// Rule 5: the unexpired live bid, else the standing bid, unless the profile passed.
    pub(crate) fn amount(&self, question: &Question<'_>, slot: u32, profile: &Profile) -> Result<Standing, Loss> {
        let bid = Standing { amount: profile.bid, sequence: profile.bid_sequence };
        self.amount_of(question, &self.brief(slot), bid)
    }

    /// The same, with the standing bid at hand.
    #[inline]
    fn amount_of(&self, question: &Question<'_>, brief: &Brief, bid: Standing) -> Result<Standing, Loss> {
        let of_auction = |auction| self.auctions.answer(auction, brief.profile, question.at);
        let answer = question.auction.map_or(Answer::None, of_auction);
        match answer {
            Answer::Live(bid) => Ok(Standing { amount: bid.amount, sequence: bid.sequence }),
            Answer::Passed => Err(Loss::plain(Reason::NoBid)),
            Answer::Expired | Answer::None => match self.standing_bid(question, brief, bid.amount) {
                Money::ZERO if answer == Answer::Expired => Err(Loss::plain(Reason::BidExpired)),
                Money::ZERO => Err(Loss::plain(Reason::NoBid)),
                amount => Ok(Standing { amount, ..bid }),
            },
        }
    }

    /// What the standing bid comes to on this call; zero is none.
    #[inline]
    pub(crate) fn standing_bid(&self, question: &Question<'_>, brief: &Brief, bid: Money) -> Money {
        if !brief.ruled.has(Ruled::MODIFIERS) || bid == Money::ZERO {
            return bid;
        }
        self.modifiers.of(self.settings.of(brief.profile)).map_or(bid, |modifiers| modifiers.apply(bid, question.facts))
    }

    /// Whether a buyer may compete at all: with a deal, where one is needed.
    #[inline]
    pub(crate) fn is_let_in(&self, question: &Question<'_>, buyer: u32) -> bool {
        !question.terms.private || self.deals.find(question.listing, buyer).is_some()
    }

    /// What the buyer's deal says, if it has one on this listing.
    #[inline]
    pub(crate) fn deal_price(&self, question: &Question<'_>, buyer: u32) -> DealPrice {
        if question.terms.deals == 0 {
            return DealPrice::Reserve;
        }
        self.deals.find(question.listing, buyer).map_or(DealPrice::Reserve, |deal| deal.price)
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
        let reached = match question.undone.and_then(|holds| holds.of(slot)) {
            None => profile.caps.reached(now),
            Some(hold) => {
                let mut caps = profile.caps;
                caps.give_back_counts(&hold.taken);
                caps.reached(now)
            }
        };
        reached.map_or(Ok(now), |reason| Err(Loss::plain(reason)))
    }

    /// Whether the profile, matched and open, could have paid this amount: rules 6 to 12 with it.
    pub(crate) fn could_pay(&self, question: &Question<'_>, slot: u32, profile: &Profile, amount: Money) -> bool {
        let binds = profile.ruled.with(question.ruled).has(Ruled::QUOTAS);
        self.caps_allow(question, slot, profile, amount).is_ok()
            && (!binds || self.quotas_allow(question, slot, profile, amount).is_ok())
            && self.money_allows(question, (profile.buyer, profile.pay_term), amount).is_ok()
    }

    /// Rules 6 to 8.
    #[inline]
    fn caps_allow(&self, question: &Question<'_>, slot: u32, profile: &Profile, amount: Money) -> Result<(), Loss> {
        let now = self.counts_allow(question, slot, profile)?;
        let undone = question.undone.and_then(|holds| holds.of(slot));
        let undone = undone.filter(|hold| hold.revenue_state == HoldState::Held);
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

    /// Rules 9 to 12, for a profile of this buyer that pays so.
    #[inline]
    fn money_allows(
        &self,
        question: &Question<'_>,
        (buyer, pay_term): (u32, PayTerm),
        amount: Money,
    ) -> Result<(), Loss> {
        let mut available = self.ledger.of(buyer).available();
        let mut float = self.ledger.of(PLATFORM).available();
        for (hold, _) in question.undone.into_iter().flat_map(OwnHolds::iter) {
            if hold.buyer == buyer && hold.revenue_state == HoldState::Held {
                available = available + hold.price;
            }
            if hold.payout_state == HoldState::Held {
                float = float + hold.payout;
            }
        }
        if amount > available {
            question.dry.set((buyer, available.micros().max(0)));
            return Err(Loss::short(Reason::BalanceTooLow, amount - available));
        }
        let deal = self.deal_price(question, buyer);
        match deal.least() {
            None if amount < question.reserve => {
                return Err(Loss::short(Reason::BelowReserve, question.reserve - amount));
            }
            Some(least) if amount < least => return Err(Loss::short(Reason::BelowDealFloor, least - amount)),
            _ => {}
        }
        let is_fixed = matches!(deal, DealPrice::Fixed(_));
        let most = if let DealPrice::Fixed(price) = deal { price } else { amount };
        match question.margin_floor {
            Some(floor) if most >= floor => {}
            Some(floor) if !is_fixed => return Err(Loss::short(Reason::MarginTooThin, floor - amount)),
            // No amount would do.
            _ => return Err(Loss::plain(Reason::MarginTooThin)),
        }
        if question.needs_float(pay_term) {
            let payout = question.payout.at(most);
            if payout > float {
                return Err(Loss::short(Reason::PlatformFloatTooLow, payout - float));
            }
        }
        Ok(())
    }
}
