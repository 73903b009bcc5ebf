//! The clocks of the four zones, a year ahead, as the log wants to be told them.
//!
//! The rule is the United States' own since 2007 (15 U.S.C. 260a): summer time from the second Sunday of March to the
//! first Sunday of November, at two o'clock local time.

/// A zone, by what its clocks show in winter.
pub(crate) struct Zone {
    /// Hours behind UTC in winter.
    behind_hours: i64,
}

/// Eastern, Central, Mountain, Pacific: each an hour behind the one before.
pub(crate) const ZONES: [Zone; 4] =
    [Zone { behind_hours: 5 }, Zone { behind_hours: 6 }, Zone { behind_hours: 7 }, Zone { behind_hours: 8 }];

/// From `at` on, local time is UTC plus `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) at_seconds: u64,
    pub(crate) offset_seconds: i32,
}

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

impl Zone {
    /// The changes of the year that contains `now_seconds` (UTC) and of the next.
    pub(crate) fn changes(&self, now_seconds: u64) -> [Change; 4] {
        let year = year_of(now_seconds as i64 / DAY);
        let winter = -self.behind_hours * HOUR;
        let summer = winter + HOUR;
        let spring = |year| sunday(year, 3, 2) * DAY + 2 * HOUR - winter;
        let autumn = |year| sunday(year, 11, 1) * DAY + 2 * HOUR - summer;
        let change = |at: i64, offset: i64| Change { at_seconds: at as u64, offset_seconds: offset as i32 };
        [
            change(spring(year), summer),
            change(autumn(year), winter),
            change(spring(year + 1), summer),
            change(autumn(year + 1), winter),
        ]
    }
}

/// The day number (since 1970-01-01) of the `nth` Sunday of a month.
fn sunday(year: i64, month: i64, nth: i64) -> i64 {
    let first = days(year, month);
    // Day 0 was a Thursday: the day number of a Sunday is 3 more than a multiple of 7.
    first + (3 - first).rem_euclid(7) + (nth - 1) * 7
}

/// The day number of the first of a month, after Howard Hinnant's `days_from_civil`.
const fn days(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn year_of(day: i64) -> i64 {
    let guess = 1970 + day / 366;
    (guess..).find(|year| days(year + 1, 1) > day).unwrap_or(guess)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days_have_their_numbers() {
        assert_eq!(days(1970, 1), 0);
        assert_eq!(days(2000, 3), 11_017);
        assert_eq!(year_of(20_453), 2025, "2025-12-31");
        assert_eq!(year_of(20_454), 2026, "2026-01-01");
    }

    #[test]
    fn new_york_turned_its_clocks_when_it_did() {
        // 2024-03-10 07:00 UTC and 2024-11-03 06:00 UTC, seen from 2024-07-04.
        let changes = ZONES[0].changes(1_720_051_200);
        assert_eq!(changes[0], Change { at_seconds: 1_710_054_000, offset_seconds: -4 * 3_600 });
        assert_eq!(changes[1], Change { at_seconds: 1_730_613_600, offset_seconds: -5 * 3_600 });
        assert!(changes.windows(2).all(|pair| pair[0].at_seconds < pair[1].at_seconds));
    }
}
