//! How many calls a profile may take, and how much it may spend: counted and held in the step in which a call is won.
//!
//! Invariant: no count ever exceeds its cap, whatever is retried, fails or crashes: the count is taken with the win, not
//! after it. Windows reset by period number when they are next asked, never by a sweep, and never go back.

use crate::reason::Reason;
use crate::terms::{CapLimits, LocalPeriods, Taken};
use crate::units::Money;

/// A profile's caps and counts, packed into the cache line a decision reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caps {
    /// What is left of a day's money is judged against this; `i64::MAX` without a budget.
    budget: i64,
    spent: i64,
    /// `NO_CAP` where there is none.
    concurrency: u32,
    hourly: u32,
    daily: u32,
    total: u32,
    live: u32,
    hour: u32,
    hour_used: u32,
    day: u32,
    day_used: u32,
    total_used: u32,
}

const NO_CAP: u32 = u32::MAX;
const NO_BUDGET: i64 = i64::MAX;

impl Caps {
    /// Nothing counted yet.
    pub(crate) fn new(limits: &CapLimits) -> Self {
        let cap = |cap: Option<u32>| cap.unwrap_or(NO_CAP);
        Self {
            budget: limits.daily_budget.map_or(NO_BUDGET, Money::micros),
            spent: 0,
            concurrency: cap(limits.concurrency.map(u32::from)),
            hourly: cap(limits.hourly),
            daily: cap(limits.daily),
            total: cap(limits.total),
            live: 0,
            hour: 0,
            hour_used: 0,
            day: 0,
            day_used: 0,
            total_used: 0,
        }
    }

    /// The caps as they were given.
    pub(crate) fn limits(&self) -> CapLimits {
        let cap = |cap: u32| (cap != NO_CAP).then_some(cap);
        CapLimits {
            concurrency: cap(self.concurrency).map(|cap| cap as u16),
            hourly: cap(self.hourly),
            daily: cap(self.daily),
            total: cap(self.total),
            daily_budget: (self.budget != NO_BUDGET).then_some(Money::from_micros(self.budget)),
        }
    }

    /// The first cap that does not allow one more call; money is judged apart, by [`Caps::budget_left`].
    #[inline]
    pub(crate) fn reached(&self, now: LocalPeriods) -> Option<Reason> {
        if self.live >= self.concurrency {
            Some(Reason::ConcurrencyReached)
        } else if self.in_hour(now) >= self.hourly {
            Some(Reason::HourlyCapReached)
        } else if self.in_day(now) >= self.daily {
            Some(Reason::DailyCapReached)
        } else if self.total_used >= self.total {
            Some(Reason::TotalCapReached)
        } else {
            None
        }
    }

    /// What is left of the day's budget, if there is one.
    #[inline]
    pub(crate) fn budget_left(&self, now: LocalPeriods) -> Option<Money> {
        (self.budget != NO_BUDGET).then(|| Money::from_micros(self.budget - self.spent_in_day(now).micros()))
    }

    /// Calls being delivered or talking.
    pub(crate) const fn live(&self) -> u32 {
        self.live
    }

    /// Calls won this hour. An hour before the one last counted in answers for that one.
    #[inline]
    pub(crate) const fn in_hour(&self, now: LocalPeriods) -> u32 {
        if now.hour > self.hour { 0 } else { self.hour_used }
    }

    /// Calls won this day.
    #[inline]
    pub(crate) const fn in_day(&self, now: LocalPeriods) -> u32 {
        if now.day > self.day { 0 } else { self.day_used }
    }

    /// Money held or paid this day.
    #[inline]
    pub(crate) const fn spent_in_day(&self, now: LocalPeriods) -> Money {
        Money::from_micros(if now.day > self.day { 0 } else { self.spent })
    }

    /// Calls won ever.
    pub(crate) const fn ever(&self) -> u32 {
        self.total_used
    }

    /// Whether no call of whatever kind can be won until one ends or comes back.
    pub(crate) const fn is_busy_or_used_up(&self) -> bool {
        self.live >= self.concurrency || self.total_used >= self.total
    }

    /// Whether one more call at this amount can be won in whatever hour and day it is.
    pub(crate) const fn has_room_at_any_time(&self, amount: Money) -> bool {
        !self.is_busy_or_used_up()
            && self.hour_used < self.hourly
            && self.day_used < self.daily
            && amount.micros() <= self.budget.saturating_sub(self.spent)
    }

    /// Whether nothing about time matters.
    pub(crate) const fn has_no_windows(&self) -> bool {
        self.hourly == NO_CAP && self.daily == NO_CAP && self.budget == NO_BUDGET
    }

    /// Whether the day's or the hour's calls are all taken.
    pub(crate) const fn windows_full(&self, now: LocalPeriods) -> (bool, bool) {
        (self.in_day(now) >= self.daily, self.in_hour(now) >= self.hourly)
    }

    /// Counts a win.
    pub(crate) fn take(&mut self, now: LocalPeriods, price: Money) -> Taken {
        if now.hour > self.hour {
            (self.hour, self.hour_used) = (now.hour, 0);
        }
        if now.day > self.day {
            (self.day, self.day_used, self.spent) = (now.day, 0, 0);
        }
        self.live += 1;
        self.total_used += 1;
        self.hour_used += 1;
        self.day_used += 1;
        // Without a budget nothing bounds a day's turnover but the integer: there it stands still.
        self.spent = self.spent.saturating_add(price.micros());
        Taken { hour: self.hour, day: self.day, price }
    }

    /// Undoes a win that nobody answered. What was taken in a window that is over is not given back to the next.
    pub(crate) fn give_back(&mut self, taken: &Taken) {
        self.give_back_counts(taken);
        self.give_back_money(taken);
    }

    /// The part of it that is not money.
    pub(crate) fn give_back_counts(&mut self, taken: &Taken) {
        self.live -= 1;
        self.total_used -= 1;
        self.hour_used -= u32::from(taken.hour == self.hour);
        self.day_used -= u32::from(taken.day == self.day);
    }

    /// The price was not earned: the money counts as not spent.
    pub(crate) fn give_back_money(&mut self, taken: &Taken) {
        if taken.day == self.day {
            self.spent = (self.spent - taken.price.micros()).max(0);
        }
    }

    /// An answered call is over.
    pub(crate) fn hang_up(&mut self) {
        self.live -= 1;
    }

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        let counts = [self.live, self.hour, self.hour_used, self.day, self.day_used, self.total_used];
        counts.into_iter().map(u64::from).chain([self.spent as u64])
    }

    /// For tests and fuzzers: no count exceeds its cap.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let within = self.live <= self.concurrency
            && self.hour_used <= self.hourly
            && self.day_used <= self.daily
            && self.total_used <= self.total
            && (0..=self.budget).contains(&self.spent);
        if within { Ok(()) } else { Err("caps: no count exceeds its cap or falls below zero") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: LocalPeriods = LocalPeriods { hour: 12, day: 0 };
    const ONE: LocalPeriods = LocalPeriods { hour: 13, day: 0 };
    const TOMORROW: LocalPeriods = LocalPeriods { hour: 24, day: 1 };

    #[test]
    fn an_unanswered_call_gives_its_places_back() {
        let mut caps = Caps::new(&CapLimits { hourly: Some(1), concurrency: Some(1), ..CapLimits::NONE });
        let taken = caps.take(NOON, Money::from_units(5));
        assert_eq!(caps.reached(NOON), Some(Reason::ConcurrencyReached));
        caps.give_back(&taken);
        assert_eq!(caps.reached(NOON), None);
    }

    #[test]
    fn a_place_of_a_past_hour_is_not_given_back_to_this_one() {
        let mut caps = Caps::new(&CapLimits { hourly: Some(1), ..CapLimits::NONE });
        let early = caps.take(NOON, Money::ZERO);
        caps.take(ONE, Money::ZERO);
        caps.give_back(&early);
        assert_eq!(caps.reached(ONE), Some(Reason::HourlyCapReached));
        assert_eq!(caps.reached(NOON), Some(Reason::HourlyCapReached), "a window never goes back");
    }

    #[test]
    fn a_budget_reset_leaves_the_whole() {
        let mut caps = Caps::new(&CapLimits { daily_budget: Some(Money::from_units(50)), ..CapLimits::NONE });
        caps.take(NOON, Money::from_units(30));
        assert_eq!(caps.budget_left(NOON), Some(Money::from_units(20)));
        assert_eq!(caps.budget_left(TOMORROW), Some(Money::from_units(50)));
    }

    #[test]
    fn a_turnover_beyond_counting_stands_still() {
        let mut caps = Caps::new(&CapLimits::NONE);
        let mut last = None;
        for _ in 0..10_000 {
            last = Some(caps.take(NOON, Money::AMOUNT_MAX));
            caps.hang_up();
        }
        assert_eq!(caps.check(), Ok(()));
        caps.give_back_money(&last.expect("there was a last"));
        assert_eq!(caps.check(), Ok(()));
    }

    #[test]
    fn caps_come_back_as_they_were_given() {
        let limits = CapLimits { hourly: Some(7), daily_budget: Some(Money::from_units(3)), ..CapLimits::NONE };
        assert_eq!(Caps::new(&limits).limits(), limits);
        assert_eq!(Caps::new(&CapLimits::NONE).limits(), CapLimits::NONE);
    }
}
