//! Is a candidate eligible? The twelve rules of section 5, one after the other.

use dce_engine::ids::AttributeId;
use dce_engine::units::{Money, Timestamp};

use super::Twin;
use super::action::{Payout, Skill, Term};
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
    /// How much money was missing.
    pub short_by: Option<Money>,
    /// The skill that is missing, and by how many levels.
    pub skill: Option<Skill>,
    /// When the profile opens next; said when somebody asks for an explanation.
    pub opens_at: Option<Timestamp>,
}

impl Loss {
    pub(super) fn of(reason: Why) -> Self {
        Self { reason, attribute: None, short_by: None, skill: None, opens_at: None }
    }

    fn short(reason: Why, short_by: Money) -> Self {
        Self { short_by: Some(short_by), ..Self::of(reason) }
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
        if let Some(skill) = self.missing_skill(call_key, key) {
            return Err(Loss { skill: Some(skill), ..Loss::of(why::SKILL_MISSING) });
        }
        let (amount, place) = self.amount_of(at, call, key)?;
        if let Some(reason) = self.cap_reached(at, key) {
            return Err(Loss::of(reason));
        }
        if let Some(budget) = caps.daily_budget {
            let used = profile.day.asked(self.day_number(key.0, at)).money;
            if used + amount > budget {
                return Err(Loss::short(why::DAILY_BUDGET_REACHED, used + amount - budget));
            }
        }
        let available = self.available(key.0);
        if amount > available {
            return Err(Loss::short(why::BALANCE_TOO_LOW, amount - available));
        }
        let reserve = reserve_of(call, listing);
        if amount < reserve {
            return Err(Loss::short(why::BELOW_RESERVE, reserve - amount));
        }
        let payout = payout_of(call, listing, amount);
        if amount - payout < listing.terms.margin_min {
            let least = i64::try_from(least_for_margin(call, listing)).ok();
            let short_by = least.map(|least| Money::from_micros(least) - amount);
            return Err(Loss { short_by, ..Loss::of(why::MARGIN_TOO_THIN) });
        }
        if !implies(listing.terms.payout_term, profile.terms.pay_term) {
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
        match (live, profile.bid) {
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

    /// The least amount that passes rules 10 and 11.
    pub(super) fn floor(&self, call_key: CallKey) -> Money {
        let call = self.call(call_key);
        let listing = self.listing_of(call_key);
        let reserve = reserve_of(call, listing);
        let margin = least_for_margin(call, listing).min(i128::from(i64::MAX));
        reserve.max(Money::from_micros(margin as i64))
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
