//! What one may look at, in the form of the engine's views.

use std::collections::BTreeMap;

use dce_engine::ids::{AccountId, AttributeId, CalendarId, GroupId, ListingId, ValueCode, VerticalId, ZoneId};
use dce_engine::units::{Millis, Money};

use super::Twin;
use super::action::{
    Action, Answering, Caps, Clause, DealPrice, Delivery, FactValue, Holiday, Modifier, QuotaRule, Role,
};
use super::codes::Why;
use super::state::{CallKey, Due, ProfileKey, State};

/// An account as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `AccountView`")]
pub struct AccountSight {
    pub role: Role,
    pub zone: ZoneId,
    pub balance: Money,
    pub held: Money,
    pub expected: Money,
    pub closed: bool,
}

/// A profile as it stands, its counts as of the last accepted time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `ProfileView`")]
pub struct ProfileSight {
    pub vertical: VerticalId,
    pub tier: u8,
    pub bid: Option<Money>,
    pub bid_sequence: u64,
    pub paused: bool,
    pub live_mode: bool,
    pub hours: Option<CalendarId>,
    pub is_open: bool,
    pub caps: Caps,
    pub calls_live: u32,
    pub calls_hour: u32,
    pub calls_day: u32,
    pub calls_total: u32,
    pub group: Option<GroupId>,
    pub spent_today: Money,
}

/// A quota's rules, each with what it has counted; its spacing; its calendar.
pub type QuotaSight = (Vec<(QuotaRule, i64)>, Option<Millis>, Option<CalendarId>);

/// A calendar's spans, and its holidays.
pub type HoursSight<'a> = (&'a [(u16, u16)], &'a [Holiday]);

/// A call as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `CallView`")]
pub struct CallSight {
    pub listing: ListingId,
    pub state: State,
    pub attempt: u8,
    pub destination_index: u8,
    pub winner: Option<ProfileKey>,
    pub price: Money,
    pub payout: Money,
    pub bids: u32,
    pub connected: Millis,
    pub flagged: bool,
    pub fell_back: bool,
    pub reason: Option<Why>,
    pub revenue_posted: bool,
    pub payout_held: bool,
    pub payout_posted: bool,
}

impl Twin {
    /// The account, if it exists.
    #[must_use]
    pub fn see_account(&self, account: AccountId) -> Option<AccountSight> {
        let known = self.accounts.get(&account)?;
        Some(AccountSight {
            role: known.role,
            zone: known.zone,
            balance: known.balance,
            held: known.held,
            expected: known.expected,
            closed: known.closed.is_some(),
        })
    }

    /// The calendar's spans and holidays, if it exists.
    #[must_use]
    pub fn see_calendar(&self, account: AccountId, calendar: CalendarId) -> Option<HoursSight<'_>> {
        self.calendars.get(&(account, calendar)).map(|known| (&known.spans[..], &known.holidays[..]))
    }

    /// Every calendar.
    pub fn calendar_keys(&self) -> impl Iterator<Item = (AccountId, CalendarId)> + '_ {
        self.calendars.keys().copied()
    }

    /// The profile, if it exists.
    #[must_use]
    pub fn see_profile(&self, key: ProfileKey) -> Option<ProfileSight> {
        let known = self.profiles.get(&key)?;
        let hour = known.hour.asked(self.hour_number(key.0, self.last));
        let day = known.day.asked(self.day_number(key.0, self.last));
        Some(ProfileSight {
            vertical: known.terms.vertical,
            tier: known.terms.tier,
            bid: known.bid,
            bid_sequence: known.bid_place,
            paused: known.paused,
            live_mode: known.terms.live_mode,
            hours: known.terms.hours,
            is_open: self.is_open(key.0, known.terms.hours, self.last),
            caps: known.terms.caps,
            calls_live: known.calls_live,
            calls_hour: hour.calls,
            calls_day: day.calls,
            calls_total: known.calls_total,
            group: known.group,
            spent_today: day.money,
        })
    }

    /// How many firm quotes the seller may have, and has.
    #[must_use]
    pub fn see_quoting(&self, seller: AccountId) -> Option<(u16, usize)> {
        self.accounts.get(&seller).filter(|known| known.role == Role::Seller)?;
        let firm_max = self.quoting.get(&seller).map_or(0, |(firm_max, _)| *firm_max);
        Some((firm_max, self.firm_quotes(seller)))
    }

    /// What the listing does with calls that come back.
    #[must_use]
    pub fn see_delivery(&self, key: (AccountId, ListingId)) -> Option<Delivery> {
        self.listings.get(&key).map(|known| known.delivery.clone())
    }

    /// How the profile answers, and how many calls in a row it did not, up to eight.
    #[must_use]
    pub fn see_answering(&self, key: ProfileKey) -> Option<(Answering, usize)> {
        self.profiles.get(&key).map(|known| (known.answering, known.unanswered.len().min(8)))
    }

    /// What the profile wants by this conjunction, from 1: its clauses, and the values they list, one after the other.
    #[must_use]
    pub fn see_wishes(&self, key: ProfileKey, nth: u8) -> Option<(&[Clause], &[ValueCode])> {
        let known = self.profiles.get(&key)?;
        if nth == 1 {
            return Some((&known.terms.clauses[..], &known.terms.values[..]));
        }
        match &known.also.get(usize::from(nth) - 2)?.body {
            Action::AlsoWants { clauses, values, .. } => Some((&clauses[..], &values[..])),
            _ => unreachable!("what else it wants was said so"),
        }
    }

    /// The most a profile's standing bid comes to and what modifies it, if anything does.
    #[must_use]
    pub fn see_modifiers(&self, key: ProfileKey) -> Option<(Option<Money>, &[Modifier])> {
        let known = self.profiles.get(&key)?;
        (known.max.is_some() || !known.modifiers.is_empty()).then_some((known.max, &known.modifiers[..]))
    }

    /// Every deal, by seller, listing and buyer.
    pub fn see_deals(&self) -> impl Iterator<Item = ((AccountId, ListingId, AccountId), DealPrice)> + '_ {
        self.deals.iter().map(|(key, (price, _))| (*key, *price))
    }

    /// The call, if it is known.
    #[must_use]
    pub fn see_call(&self, key: CallKey) -> Option<CallSight> {
        let known = self.calls.get(&key)?;
        Some(CallSight {
            listing: known.listing,
            state: known.state,
            attempt: known.attempt,
            destination_index: known.destination as u8,
            winner: known.sale.map(|sale| sale.winner),
            price: known.sale.map(|sale| sale.price).unwrap_or_default(),
            payout: known.sale.map(|sale| sale.payout).unwrap_or_default(),
            bids: known.bids_at_close.unwrap_or_default(),
            connected: Millis(if known.state == State::Closed { known.clocks.connect } else { 0 }),
            flagged: known.flagged,
            fell_back: known.fell_back.is_some(),
            reason: known.ended,
            revenue_posted: known.sale.is_some_and(|sale| sale.revenue == Due::Posted),
            payout_held: known.sale.into_iter().chain(known.sales()).any(|sale| sale.payout_due == Due::Held),
            payout_posted: known.payout_paid,
        })
    }

    /// What is known of a call that is not closed, by attribute, in the order it was said.
    #[must_use]
    pub fn see_facts(&self, key: CallKey) -> Option<&BTreeMap<AttributeId, Vec<FactValue>>> {
        self.calls.get(&key).filter(|call| call.state != State::Closed).map(|call| &call.facts)
    }

    /// Every account.
    pub fn account_keys(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.accounts.keys().copied()
    }

    /// Every profile.
    pub fn profile_keys(&self) -> impl Iterator<Item = ProfileKey> + '_ {
        self.profiles.keys().copied()
    }

    /// Every call, closed ones not yet sealed included.
    pub fn call_keys(&self) -> impl Iterator<Item = CallKey> + '_ {
        self.calls.keys().copied()
    }

    /// Every listing.
    pub fn listing_keys(&self) -> impl Iterator<Item = (AccountId, ListingId)> + '_ {
        self.listings.keys().copied()
    }
}
