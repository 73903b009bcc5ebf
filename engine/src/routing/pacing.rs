//! Open time: how much of it a window has left, and when so much of it will have passed.
//!
//! A calendar speaks of local minutes, a window of local days; a zone's clocks may jump in between. So the time from now to
//! the window's end is cut at the transitions, and in each part local time runs straight on.

use crate::calendars::NONE;
use crate::exchange::Exchange;
use crate::ids::ZoneId;
use crate::quotas::Now;
use crate::terms::{Pace, Per, QuotaPeriods, civil};
use crate::units::Timestamp;

const DAY_MICROS: u64 = 24 * 3_600 * 1_000_000;

impl Exchange {
    /// Which hour, day and month it is in the zone.
    pub(super) fn quota_periods(&self, zone: ZoneId, at: Timestamp) -> QuotaPeriods {
        let now = self.zones.periods(zone, at);
        QuotaPeriods { hour: now.hour, day: now.day, month: civil::month_of(now.day) }
    }

    /// Of a paced quota, how much open time its window has left; `None` while its hours are closed.
    pub(super) fn open_left(&self, quota: u32, at: Timestamp, periods: &QuotaPeriods) -> Option<u64> {
        let quota = self.quotas.get(quota);
        let Some(rule) = quota.paced() else { return Some(0) };
        let zone = self.accounts.get(quota.account).zone;
        if !self.is_open(quota.hours, zone, at) {
            return None;
        }
        let end = window_end(rule.per, rule.pace, &quota.periods(periods));
        Some(self.open_time(quota.hours, zone, at, end))
    }

    /// The first moment from this one on at which the quota's pace lets a call be won; `None` when none is known.
    pub(super) fn paced_until(&self, quota: u32, now: &Now, line_left: u64) -> Option<Timestamp> {
        let slot = quota;
        let quota = self.quotas.get(slot);
        let rule = quota.paced()?;
        let zone = self.accounts.get(quota.account).zone;
        let end = window_end(rule.per, rule.pace, &quota.periods(&now.periods));
        let left = |micros: u64| self.open_time(quota.hours, zone, Timestamp::from_micros(micros), end);
        let (mut low, mut high) = (now.at.micros(), self.passes(zone, now.at, end).micros());
        // The open time left never grows as time passes.
        while low < high {
            let middle = low + (high - low) / 2;
            if left(middle) <= line_left {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let moment = Timestamp::from_micros(low);
        if moment > Timestamp::MAX {
            return None;
        }
        if self.is_open(quota.hours, zone, moment) {
            return Some(moment);
        }
        self.opens_at(quota.hours, zone, moment)
    }

    /// When the zone's wall clock has passed `end`, if it has not.
    pub(super) fn passes(&self, zone: ZoneId, at: Timestamp, end: u64) -> Timestamp {
        let mut from = at;
        loop {
            let missing = end as i64 - self.zones.wall_micros(zone, from);
            if missing <= 0 {
                return from;
            }
            let passes = Timestamp::from_micros(from.micros() + missing as u64);
            match self.zones.next_transition(zone, from) {
                Some(until) if until <= passes => from = until,
                _ => return passes,
            }
        }
    }

    /// How long a calendar is open from `at` until the zone's wall clock has passed `end`; without one, all the time.
    fn open_time(&self, calendar: u32, zone: ZoneId, at: Timestamp, end: u64) -> u64 {
        let open_between = |from: u64, to: u64| match calendar {
            _ if from >= to => 0,
            NONE => to - from,
            calendar => self.calendars.get(calendar).open_between(from, to),
        };
        let end = end as i64;
        let mut open = 0;
        let mut from = at;
        loop {
            let local = self.zones.wall_micros(zone, from);
            if local >= end {
                return open;
            }
            let until = self.zones.next_transition(zone, from);
            let runs = until.map_or(i64::MAX, |until| until.micros_since(from) as i64);
            let to = end.min(local.saturating_add(runs));
            open += open_between(local.max(0) as u64, to.max(0) as u64);
            match until {
                Some(until) if local.saturating_add(runs) <= end => from = until,
                _ => return open,
            }
        }
    }
}

/// Where the window that is counted in ends, on the wall clock.
fn window_end(per: Per, pace: Pace, periods: &QuotaPeriods) -> u64 {
    let day_after = match (per, pace) {
        (_, Pace::Through(last)) => u64::from(last) + 1,
        (Per::Month, _) => u64::from(civil::first_day_of(periods.month + 1)),
        _ => u64::from(periods.day) + 1,
    };
    day_after * DAY_MICROS
}
