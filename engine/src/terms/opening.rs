//! When somebody is open: spans of the local week, and days on which those do not hold.

/// A day of the week. Local weeks begin on Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they say it themselves")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Minutes of a day.
pub(crate) const DAY_MINUTES: u16 = 1_440;
/// Minutes of a week.
pub(crate) const WEEK_MINUTES: u16 = 7 * DAY_MINUTES;

/// Open from one minute of the local week until another: Monday 00:00 is 0, the end is not included. A break is the gap
/// between two spans; hours past Sunday's midnight are two spans, one at each end of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenSpan {
    /// The first minute, below `to_minute`.
    pub from_minute: u16,
    /// The minute after the last, at most 10,080.
    pub to_minute: u16,
}

impl OpenSpan {
    /// The whole week.
    pub const ALWAYS: Self = Self::new(0, WEEK_MINUTES);

    /// From one minute of the week until another.
    #[must_use]
    pub const fn new(from_minute: u16, to_minute: u16) -> Self {
        Self { from_minute, to_minute }
    }

    /// On one day, from (hour, minute) until (hour, minute); until (24, 0) is until midnight.
    ///
    /// ```
    /// use dce_engine::terms::{OpenSpan, Weekday};
    ///
    /// assert_eq!(OpenSpan::on(Weekday::Tuesday, (9, 0), (17, 30)), OpenSpan::new(1_980, 2_490));
    /// ```
    #[must_use]
    pub const fn on(day: Weekday, from: (u16, u16), to: (u16, u16)) -> Self {
        let midnight = day as u16 * DAY_MINUTES;
        Self::new(midnight + from.0 * 60 + from.1, midnight + to.0 * 60 + to.1)
    }
}

/// Local days on which the week's spans do not hold: closed all day, or open for hours of their own. A day is counted from
/// 1970-01-01, as [`Holiday::day`] does it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holiday {
    /// The first day.
    pub first_day: u32,
    /// The last day, the first one or later.
    pub last_day: u32,
    /// Open on each of these days from this minute of the day; 0 with `to_minute` 0 is closed all day.
    pub from_minute: u16,
    /// Until this one, which is not included; at most 1,440.
    pub to_minute: u16,
}

impl Holiday {
    /// Closed on this day.
    #[must_use]
    pub const fn on(day: u32) -> Self {
        Self::through(day, day)
    }

    /// Closed from one day through another.
    #[must_use]
    pub const fn through(first_day: u32, last_day: u32) -> Self {
        Self { first_day, last_day, from_minute: 0, to_minute: 0 }
    }

    /// But open on each of these days from (hour, minute) until (hour, minute).
    #[must_use]
    pub const fn open(mut self, from: (u16, u16), to: (u16, u16)) -> Self {
        self.from_minute = from.0 * 60 + from.1;
        self.to_minute = to.0 * 60 + to.1;
        self
    }

    /// The number of a day of the Gregorian calendar, from 1970 on; of a month past December or a day past the month's
    /// end, the day that comes of counting on.
    ///
    /// ```
    /// use dce_engine::terms::Holiday;
    ///
    /// assert_eq!(Holiday::day(1970, 1, 1), 0);
    /// assert_eq!(Holiday::day(2026, 12, 25), 20_812);
    /// ```
    #[must_use]
    pub const fn day(year: u16, month: u16, day: u16) -> u32 {
        // Years begin in March here, so that a leap day is the last of its year.
        let (year, month) = (year as i64 + (month as i64 - 3).div_euclid(12), (month as i64 - 3).rem_euclid(12));
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let days = 365 * year + leap_days + (153 * month + 2) / 5 + day as i64 - 1 - 719_468;
        if days < 0 { 0 } else { days as u32 }
    }

    /// Closed all day.
    pub(crate) const fn is_closed(&self) -> bool {
        self.to_minute == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        // 2000-02-29 is day 11,016, 2026-03-08 day 20,520: `date -d <day> +%s`, over 86,400.
        assert_eq!(Holiday::day(2000, 2, 29), 11_016);
        assert_eq!(Holiday::day(2000, 3, 1), 11_017);
        assert_eq!(Holiday::day(2026, 3, 8), 20_520);
        assert_eq!(Holiday::day(2026, 12, 32), Holiday::day(2027, 1, 1));
    }
}
