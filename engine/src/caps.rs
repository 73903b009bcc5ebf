//! How many calls a profile may take, and how much it may spend: counted and held in the step in which a call is won.
//!
//! Invariant: no count ever exceeds its cap, whatever is retried, fails or crashes: the count is taken with the win, not
//! after it. Windows reset by period number when they are next asked, never by a sweep.

use crate::collections::Window;
use crate::reason::Reason;
use crate::terms::{CapLimits, LocalPeriods, Taken};
use crate::units::Money;

/// A profile's counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) live: u32,
    pub(crate) hour: Window,
    pub(crate) day: Window,
    pub(crate) total: u64,
    pub(crate) spent: Window,
}

impl Counts {
    /// The first cap that does not allow one more call; money is judged apart, by [`Counts::budget_left`].
    #[inline]
    pub(crate) fn reached(&self, caps: &CapLimits, now: LocalPeriods) -> Option<Reason> {
        if caps.concurrency.is_some_and(|cap| self.live >= u32::from(cap)) {
            return Some(Reason::ConcurrencyReached);
        }
        if caps.hourly.is_some_and(|cap| self.hour.used_in(now.hour) >= i64::from(cap)) {
            return Some(Reason::HourlyCapReached);
        }
        if caps.daily.is_some_and(|cap| self.day.used_in(now.day) >= i64::from(cap)) {
            return Some(Reason::DailyCapReached);
        }
        if caps.total.is_some_and(|cap| self.total >= u64::from(cap)) {
            return Some(Reason::TotalCapReached);
        }
        None
    }

    /// What is left of today's budget, if there is one.
    #[inline]
    pub(crate) fn budget_left(&self, caps: &CapLimits, now: LocalPeriods) -> Option<Money> {
        Some(caps.daily_budget? - Money::from_micros(self.spent.used_in(now.day)))
    }

    /// Counts a win.
    pub(crate) fn take(&mut self, now: LocalPeriods, price: Money) -> Taken {
        self.live += 1;
        self.total += 1;
        Taken {
            hour: self.hour.take(now.hour, 1),
            day: self.day.take(now.day, 1),
            spent_day: self.spent.take(now.day, price.micros()),
            price,
        }
    }

    /// Undoes a win that nobody answered.
    pub(crate) fn give_back(&mut self, taken: &Taken) {
        self.live -= 1;
        self.total -= 1;
        self.hour.give_back(taken.hour, 1);
        self.day.give_back(taken.day, 1);
        self.give_back_money(taken);
    }

    /// The price was not earned: the money counts as not spent.
    pub(crate) fn give_back_money(&mut self, taken: &Taken) {
        self.spent.give_back(taken.spent_day, taken.price.micros());
    }

    /// An answered call is over.
    pub(crate) fn hang_up(&mut self) {
        self.live -= 1;
    }

    /// For tests and fuzzers: no count exceeds its cap.
    pub(crate) fn check(&self, caps: &CapLimits) -> Result<(), &'static str> {
        let within = caps.concurrency.is_none_or(|cap| self.live <= u32::from(cap))
            && caps.hourly.is_none_or(|cap| self.hour.used <= i64::from(cap))
            && caps.daily.is_none_or(|cap| self.day.used <= i64::from(cap))
            && caps.total.is_none_or(|cap| self.total <= u64::from(cap))
            && caps.daily_budget.is_none_or(|budget| self.spent.used <= budget.micros());
        let counted = self.hour.used >= 0 && self.day.used >= 0 && self.spent.used >= 0;
        if within && counted { Ok(()) } else { Err("caps: no count exceeds its cap or falls below zero") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: LocalPeriods = LocalPeriods { hour: 12, day: 0 };
    const ONE: LocalPeriods = LocalPeriods { hour: 13, day: 0 };

    #[test]
    fn an_unanswered_call_gives_its_places_back() {
        let caps = CapLimits { hourly: Some(1), concurrency: Some(1), ..CapLimits::NONE };
        let mut counts = Counts::default();
        let taken = counts.take(NOON, Money::from_units(5));
        assert_eq!(counts.reached(&caps, NOON), Some(Reason::ConcurrencyReached));
        counts.give_back(&taken);
        assert_eq!(counts.reached(&caps, NOON), None);
    }

    #[test]
    fn a_place_of_a_past_hour_is_not_given_back_to_this_one() {
        let caps = CapLimits { hourly: Some(1), ..CapLimits::NONE };
        let mut counts = Counts::default();
        let early = counts.take(NOON, Money::ZERO);
        counts.take(ONE, Money::ZERO);
        counts.give_back(&early);
        assert_eq!(counts.reached(&caps, ONE), Some(Reason::HourlyCapReached));
    }

    #[test]
    fn a_budget_reset_leaves_the_whole() {
        let caps = CapLimits { daily_budget: Some(Money::from_units(50)), ..CapLimits::NONE };
        let mut counts = Counts::default();
        counts.take(NOON, Money::from_units(30));
        assert_eq!(counts.budget_left(&caps, NOON), Some(Money::from_units(20)));
        assert_eq!(counts.budget_left(&caps, LocalPeriods { hour: 24, day: 1 }), Some(Money::from_units(50)));
    }
}
