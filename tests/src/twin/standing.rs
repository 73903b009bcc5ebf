//! Is a candidate eligible? The twelve rules of section 5, one after the other.

use dce_engine::ids::AttributeId;
use dce_engine::units::{Money, Timestamp};

use super::Twin;
use super::action::{DealPrice, Payout, Skill, Term};
use super::codes::{Why, why};
use super::state::{Bid, Call, CallKey, Listing, Profile, ProfileKey};
use dce_engine::ids::AccountId;

/// Why a candidate does not win.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The first rule that fails, or what the winner had over it.
    pub reason: Why,
    /// The attribute of the clause that does not accept the call.
    pub attribute: Option<AttributeId>,
    /// How far it was from passing; but for money said only when somebody asks for an explanation.
    pub distance: Option<Distance>,
}

/// How far a candidate was from passing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Distance`")]
pub enum Distance {
    Money(Money),
    Number(i64),
    Metres(u32),
    Calls { taken: u32, most: u32 },
    Until(Timestamp),
    Tiers(u8),
    Levels(Skill),
}

impl Loss {
    pub(super) fn of(reason: Why) -> Self {
        Self { reason, attribute: None, distance: None }
    }

    fn short(reason: Why, by: Money) -> Self {
        Self { distance: Some(Distance::Money(by)), ..Self::of(reason) }
    }
}

/// What an eligible profile competes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub key: ProfileKey,
    pub tier: u8,
    pub amount: Money,
    pub place: u64,
}

impl Candidate {
    /// Better candidates have smaller ranks: tier, then amount, then place in time.
    pub(super) fn rank(&self) -> (u8, std::cmp::Reverse<Money>, u64) {
        (self.tier, std::cmp::Reverse(self.amount), self.place)
    }
}

impl Twin {
    /// The first of the twelve rules that fails, or what the profile competes with.
    pub(super) fn judge(&self, at: Timestamp, call_key: CallKey, key: ProfileKey) -> Result<Candidate, Loss> {
        self.judge_with(at, call_key, key, None)
    }

    /// The same, had the profile bid `other` in place of its amount.
    pub(super) fn judge_with(
        &self,
        at: Timestamp,
        call_key: CallKey,
        key: ProfileKey,
        other: Option<Money>,
    ) -> Result<Candidate, Loss> {
        let call = self.call(call_key);
        let listing = self.listing_of(call_key);
        let profile = &self.profiles[&key];
        let caps = profile.terms.caps;

        if let Some(loss) = self.unwanted(call_key, key) {
            return Err(loss);
        }
        if call.tried.contains(&(key, profile.birth.sequence)) {
            return Err(Loss::of(why::ALREADY_TRIED));
        }
        if profile.paused {
            return Err(Loss::of(why::PROFILE_PAUSED));
        }
        if !self.is_open(key.0, profile.terms.hours, at) {
            return Err(Loss::of(why::OUTSIDE_HOURS));
        }
        if let Some(loss) = self.refuses_caller(at, call_key, key) {
            return Err(loss);
        }
        if call.sold_by.contains(&key.0) {
            return Err(Loss::of(why::CHAIN_LOOP));
        }
        if let Some(skill) = self.missing_skill(call_key, key) {
            return Err(Loss { distance: Some(Distance::Levels(skill)), ..Loss::of(why::SKILL_MISSING) });
        }
        if !self.is_let_in(call_key, key) {
            return Err(Loss::of(why::NOT_INVITED));
        }
        let (own, place) = self.amount_of(at, call, key)?;
        let amount = other.unwrap_or(own);
        if let Some(reason) = self.cap_reached(at, key) {
            return Err(Loss::of(reason));
        }
        if let Some(budget) = caps.daily_budget {
            let used = profile.day.asked(self.day_number(key.0, at)).money;
            if used + amount > budget {
                return Err(Loss::short(why::DAILY_BUDGET_REACHED, used + amount - budget));
            }
        }
        if let Some(loss) = self.quotas_forbid(at, call_key, key, amount) {
            return Err(loss);
        }
        let available = self.available(key.0);
        if amount > available {
            return Err(Loss::short(why::BALANCE_TOO_LOW, amount - available));
        }
        let deal = self.deal_on(call_key, key);
        let reserve = self.reserve(call_key, key);
        if amount < reserve {
            let reason = match deal {
                Some(DealPrice::Floor(_) | DealPrice::Fixed(_)) => why::BELOW_DEAL_FLOOR,
                Some(DealPrice::Reserve) | None => why::BELOW_RESERVE,
            };
            return Err(Loss::short(reason, reserve - amount));
        }
        let (most, fixed) = match deal {
            Some(DealPrice::Fixed(price)) => (price, true),
            _ => (amount, false),
        };
        let payout = payout_of(call, listing, most);
        if most - payout < listing.terms.margin_min {
            let least = i64::try_from(least_for_margin(call, listing)).ok().filter(|_| !fixed);
            let distance = least.map(|least| Distance::Money(Money::from_micros(least) - amount));
            return Err(Loss { distance, ..Loss::of(why::MARGIN_TOO_THIN) });
        }
        if !call.payout_paid && !implies(listing.terms.payout_term, profile.terms.pay_term) {
            let float = self.available(AccountId::PLATFORM);
            if payout > float {
                return Err(Loss::short(why::PLATFORM_FLOAT_TOO_LOW, payout - float));
            }
        }
        Ok(Candidate { key, tier: profile.terms.tier, amount, place })
    }

    /// Rules 1 and 2.
    pub(super) fn unwanted(&self, call_key: CallKey, key: ProfileKey) -> Option<Loss> {
        let profile = &self.profiles[&key];
        if profile.terms.vertical != self.listing_of(call_key).terms.vertical {
            return Some(Loss::of(why::VERTICAL_MISMATCH));
        }
        let attribute = self.failing_clause(profile, self.call(call_key))?;
        Some(Loss { attribute: Some(attribute), ..Loss::of(why::TARGETING_MISMATCH) })
    }

    /// Rule 5: no pass; then the unexpired live bid here, else the standing bid, each with its place in time.
    pub(super) fn amount_of(&self, at: Timestamp, call: &Call, key: ProfileKey) -> Result<(Money, u64), Loss> {
        if call.passes.contains(&key) {
            return Err(Loss::of(why::NO_BID));
        }
        let profile = &self.profiles[&key];
        let live = call.bids.iter().find(|bid| bid.bidder == key);
        match (live, self.standing_on(call, key)) {
            (Some(live), _) if live.expires_at > at => Ok((live.amount, live.place)),
            (_, Some(standing)) => Ok((standing, profile.bid_place)),
            (Some(_), None) => Err(Loss::of(why::BID_EXPIRED)),
            (None, None) => Err(Loss::of(why::NO_BID)),
        }
    }

    /// Rules 6 and 7.
    pub(super) fn cap_reached(&self, at: Timestamp, key: ProfileKey) -> Option<Why> {
        let profile: &Profile = &self.profiles[&key];
        let caps = profile.terms.caps;
        let this_hour = profile.hour.asked(self.hour_number(key.0, at)).calls;
        let this_day = profile.day.asked(self.day_number(key.0, at)).calls;
        if caps.concurrency.is_some_and(|cap| profile.calls_live >= u32::from(cap)) {
            return Some(why::CONCURRENCY_REACHED);
        }
        if caps.hourly.is_some_and(|cap| this_hour >= cap) {
            return Some(why::HOURLY_CAP_REACHED);
        }
        if caps.daily.is_some_and(|cap| this_day >= cap) {
            return Some(why::DAILY_CAP_REACHED);
        }
        if caps.total.is_some_and(|cap| profile.calls_total >= cap) {
            return Some(why::TOTAL_CAP_REACHED);
        }
        None
    }

    /// What an account may spend: its balance without what is held.
    pub(super) fn available(&self, account: AccountId) -> Money {
        self.account(account).balance - self.account(account).held
    }

    /// The profile's unexpired live bid in the call's auction.
    pub(super) fn unexpired_bid(&self, at: Timestamp, call_key: CallKey, key: ProfileKey) -> Option<Bid> {
        self.call(call_key).bids.iter().find(|bid| bid.bidder == key && bid.expires_at > at).copied()
    }

    /// The least amount that passes rules 10 and 11 for this profile.
    pub(super) fn floor(&self, call_key: CallKey, key: ProfileKey) -> Money {
        let margin = least_for_margin(self.call(call_key), self.listing_of(call_key)).min(i128::from(i64::MAX));
        self.reserve(call_key, key).max(Money::from_micros(margin as i64))
    }

    /// Rule 10's least amount: what the deal says, else the call's reserve, else the listing's.
    pub(super) fn reserve(&self, call_key: CallKey, key: ProfileKey) -> Money {
        match self.deal_on(call_key, key) {
            Some(DealPrice::Floor(least) | DealPrice::Fixed(least)) => least,
            Some(DealPrice::Reserve) | None => reserve_of(self.call(call_key), self.listing_of(call_key)),
        }
    }
}

/// What rule 10 asks: the reserve, and the fixed price if there is one.
fn reserve_of(call: &Call, listing: &Listing) -> Money {
    call.reserve.unwrap_or(listing.terms.reserve).max(listing.price.unwrap_or(Money::ZERO))
}

/// What the seller gets should the call go at `amount`: the promise, else the fixed payout, else the share.
pub(super) fn payout_of(call: &Call, listing: &Listing, amount: Money) -> Money {
    match (call.promise, listing.terms.payout) {
        (Some(promise), _) => promise,
        (None, Payout::Fixed(fixed)) => fixed,
        (None, Payout::Share(share)) => {
            Money::from_micros((i128::from(amount.micros()) * i128::from(share.0) / 10_000) as i64)
        }
    }
}

/// The least amount that leaves the minimum margin, in micros, found by halving: the margin never falls as the amount
/// rises.
fn least_for_margin(call: &Call, listing: &Listing) -> i128 {
    let margin_of = |amount: i128| match (call.promise, listing.terms.payout) {
        (Some(promise), _) => amount - i128::from(promise.micros()),
        (None, Payout::Fixed(fixed)) => amount - i128::from(fixed.micros()),
        (None, Payout::Share(share)) => amount - amount * i128::from(share.0) / 10_000,
    };
    let wanted = i128::from(listing.terms.margin_min.micros());
    let (mut low, mut high) = (0, 1_i128 << 80);
    while low < high {
        let middle = (low + high) / 2;
        if margin_of(middle) >= wanted {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// Whether every call that meets `one` meets `other`.
pub(super) fn implies(one: Term, other: Term) -> bool {
    match (one, other) {
        (_, Term::OnConnect) => true,
        (_, Term::After { seconds, .. }) if seconds.0 == 0 => true,
        (Term::OnConnect, Term::After { .. }) => false,
        (Term::After { seconds, from }, Term::After { seconds: other_seconds, from: other_from }) => {
            from >= other_from && seconds >= other_seconds
        }
    }
}
