//! Until when a quota lets nothing through: what its profile's row may sleep until.

use super::{Now, Quota};
use crate::terms::{Counts, Per, QuotaRule, civil};
use crate::units::{Money, Timestamp};

const HOUR_MICROS: u64 = 3_600 * 1_000_000;
const DAY_MICROS: u64 = 24 * HOUR_MICROS;

/// How long a quota is shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shut {
    /// Until it is set anew, or something counted is given back or ends.
    UntilSaid,
    /// Not before both.
    Until {
        /// The wall clock of its account shows this, in microseconds.
        wall: Option<u64>,
        /// This moment has come.
        moment: Timestamp,
    },
}

impl Quota {
    /// Whether and until when nothing of at least this amount passes, by the rules that have no room and by spacing.
    pub(crate) fn shut_until(&self, now: &Now, least: Money) -> Option<Shut> {
        let hour = now.hour_of_week();
        let mut wall = None;
        for (rule, used) in self.used(now) {
            if !rule.binds_at(hour) || !is_used_up(&rule, used, least) {
                continue;
            }
            let periods = self.periods(&now.periods);
            let end = match rule.per {
                // It may not bind in the next hour, whatever it has counted.
                _ if rule.during.is_some() => (u64::from(now.periods.hour) + 1) * HOUR_MICROS,
                Per::Ever => return Some(Shut::UntilSaid),
                Per::Hour => (u64::from(periods.hour) + 1) * HOUR_MICROS,
                Per::Day => (u64::from(periods.day) + 1) * DAY_MICROS,
                Per::Month => u64::from(civil::first_day_of(periods.month + 1)) * DAY_MICROS,
            };
            wall = wall.max(Some(end));
        }
        let soon = self.soon_until(now);
        match (wall, soon) {
            (None, None) => None,
            (wall, soon) => Some(Shut::Until { wall, moment: soon.unwrap_or(now.at) }),
        }
    }
}

fn is_used_up(rule: &QuotaRule, used: i64, least: Money) -> bool {
    let left = rule.max - used;
    match rule.counts {
        // Nothing is asked of money, even where a lower max was set than is spent already.
        Counts::Money => least > Money::ZERO && least.micros() > left,
        Counts::Live | Counts::Attempts | Counts::Connections | Counts::Conversions => left <= 0,
    }
}
