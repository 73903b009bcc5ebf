//! Opening hours: the calendars that profiles and listings go by.
//!
//! Invariant: a calendar, once set, stays, and belongs to one account. Spans and holidays rise and do not overlap, and
//! whether it is open is a question of the local minute alone: what a zone's clocks do is not known here.

use crate::collections::{FixedIndex, Key, Slab};
use crate::ids::{CalendarId, Sequence};
use crate::limits::{HOLIDAYS_MAX, Limits, OPEN_SPANS_MAX};
use crate::terms::{DAY_MINUTES, Holiday, OpenSpan};

const DAY: u64 = DAY_MINUTES as u64;
const MINUTE_MICROS: u64 = 60 * 1_000_000;
const DAY_MICROS: u64 = DAY * MINUTE_MICROS;
const WEEK_MICROS: u64 = 7 * DAY_MICROS;
/// 1970-01-01 was a Thursday; weeks begin on Monday.
const FIRST_WEEKDAY: u64 = 3;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    pub(crate) owner: u32,
    /// The first of the profiles that go by it; each knows the next. No part of the digest: its order is layout.
    pub(crate) first_profile: u32,
    pub(crate) id: CalendarId,
    /// The command that set it so.
    pub(crate) sequence: Sequence,
    spans_count: u8,
    holidays_count: u8,
    spans: [OpenSpan; OPEN_SPANS_MAX],
    holidays: [Holiday; HOLIDAYS_MAX],
}

/// Of a profile or a listing that is always open, and of a list's end.
pub(crate) const NONE: u32 = u32::MAX;

#[derive(Clone, Debug)]
pub(crate) struct Calendars {
    calendars: Slab<Calendar>,
    index: FixedIndex,
}

impl Calendars {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self { calendars: Slab::new(limits.calendars_max), index: FixedIndex::new(limits.calendars_max, seed) }
    }

    pub(crate) fn find(&self, owner: u32, id: CalendarId) -> Option<u32> {
        self.index.get(Key { owner, id: id.0 })
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> &Calendar {
        &self.calendars[slot]
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> &mut Calendar {
        &mut self.calendars[slot]
    }

    pub(crate) fn is_full(&self) -> bool {
        self.calendars.is_full()
    }

    /// A new calendar that is never open: [`Calendar::set`] says when it is.
    pub(crate) fn create(&mut self, owner: u32, id: CalendarId) -> u32 {
        let calendar = Calendar {
            owner,
            first_profile: NONE,
            id,
            sequence: Sequence(0),
            spans_count: 0,
            holidays_count: 0,
            spans: [OpenSpan::default(); OPEN_SPANS_MAX],
            holidays: [Holiday::default(); HOLIDAYS_MAX],
        };
        let slot = self.calendars.insert(calendar).expect("Invariant: judged not full");
        self.index.insert(Key { owner, id: id.0 }, slot).expect("Invariant: as many as calendars");
        slot
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Calendar)> {
        self.calendars.iter()
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.calendars.check()?;
        self.index.check()?;
        for (slot, calendar) in self.iter() {
            if self.find(calendar.owner, calendar.id) != Some(slot) {
                return Err("calendars: every calendar is found by its id");
            }
            if !rises(calendar.spans(), calendar.holidays()) {
                return Err("calendars: spans and holidays rise and do not overlap");
            }
        }
        Ok(())
    }
}

impl Calendar {
    pub(crate) fn spans(&self) -> &[OpenSpan] {
        &self.spans[..usize::from(self.spans_count)]
    }

    pub(crate) fn holidays(&self) -> &[Holiday] {
        &self.holidays[..usize::from(self.holidays_count)]
    }

    /// Open at these hours from now on.
    pub(crate) fn set(&mut self, spans: &[OpenSpan], holidays: &[Holiday], sequence: Sequence) {
        self.spans[..spans.len()].copy_from_slice(spans);
        self.holidays[..holidays.len()].copy_from_slice(holidays);
        (self.spans_count, self.holidays_count) = (spans.len() as u8, holidays.len() as u8);
        self.sequence = sequence;
    }

    /// Whether it is open in this minute, counted from 1970-01-01 00:00 local time.
    #[inline]
    pub(crate) fn is_open(&self, minute: u64) -> bool {
        let day = minute / DAY;
        match self.holiday(day) {
            Some(holiday) => (holiday.from_minute..holiday.to_minute).contains(&((minute % DAY) as u16)),
            None => self.span_after(minute).is_some_and(|span| span.from_minute <= of_week(minute)),
        }
    }

    /// The first minute from this one on in which it is open, if there is any.
    ///
    /// Looks at a day or two, mostly; at worst at the seven days after each holiday.
    pub(crate) fn next_open(&self, from: u64) -> Option<u64> {
        let mut minute = from;
        loop {
            let day = minute / DAY;
            let tomorrow = (day + 1) * DAY;
            minute = match self.holiday(day) {
                Some(holiday) if holiday.is_closed() => (u64::from(holiday.last_day) + 1) * DAY,
                Some(holiday) => {
                    let (opens, closes) = (u64::from(holiday.from_minute), u64::from(holiday.to_minute));
                    if minute < day * DAY + closes {
                        return Some(minute.max(day * DAY + opens));
                    }
                    tomorrow
                }
                None => {
                    if let Some(span) = self.span_after(minute) {
                        let wait = u64::from(span.from_minute.saturating_sub(of_week(minute)));
                        if minute + wait < tomorrow {
                            return Some(minute + wait);
                        }
                    }
                    if self.spans_count > 0 { tomorrow } else { self.next_special_day(day)? * DAY }
                }
            };
        }
    }

    /// How long it is open between two moments of the wall clock, in microseconds.
    pub(crate) fn open_between(&self, from: u64, to: u64) -> u64 {
        let mut open = self.week_open(to) - self.week_open(from);
        for holiday in self.holidays() {
            let begins = from.max(u64::from(holiday.first_day) * DAY_MICROS);
            let ends = to.min((u64::from(holiday.last_day) + 1) * DAY_MICROS);
            if begins < ends {
                // What the week would have been open is not; what the day has of its own is.
                open -= self.week_open(ends) - self.week_open(begins);
                open += special_open(holiday, ends) - special_open(holiday, begins);
            }
        }
        open
    }

    /// How long the spans are open from 1970 until this moment of the wall clock, holidays not looked at.
    fn week_open(&self, until: u64) -> u64 {
        // Weeks begin on Monday; the first one began three days before 1970.
        let until = until + FIRST_WEEKDAY * DAY_MICROS;
        let (weeks, rest) = (until / WEEK_MICROS, until % WEEK_MICROS);
        let span =
            |span: &OpenSpan| (u64::from(span.from_minute) * MINUTE_MICROS, u64::from(span.to_minute) * MINUTE_MICROS);
        let spans = || self.spans().iter().map(span);
        let whole: u64 = spans().map(|(from, to)| to - from).sum();
        let begun: u64 = spans().map(|(from, to)| rest.clamp(from, to) - from).sum();
        weeks * whole + begun
    }

    /// The span of the week that this minute lies in, or else the next one of the same week.
    #[inline]
    fn span_after(&self, minute: u64) -> Option<&OpenSpan> {
        let minute = of_week(minute);
        let spans = self.spans();
        spans.get(spans.partition_point(|span| span.to_minute <= minute))
    }

    #[inline]
    fn holiday(&self, day: u64) -> Option<&Holiday> {
        let holidays = self.holidays();
        let next = holidays.get(holidays.partition_point(|holiday| u64::from(holiday.last_day) < day));
        next.filter(|holiday| u64::from(holiday.first_day) <= day)
    }

    /// The first holiday after this day that has hours of its own.
    fn next_special_day(&self, day: u64) -> Option<u64> {
        let mut later = self.holidays().iter().filter(|holiday| u64::from(holiday.first_day) > day);
        later.find(|holiday| !holiday.is_closed()).map(|holiday| u64::from(holiday.first_day))
    }

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let head =
            [u64::from(self.owner), self.sequence.0, u64::from(self.spans_count), u64::from(self.holidays_count)];
        let spans = self.spans().iter().map(|span| u64::from(span.from_minute) << 16 | u64::from(span.to_minute));
        let holidays = self.holidays().iter().flat_map(|holiday| {
            let days = u64::from(holiday.first_day) << 32 | u64::from(holiday.last_day);
            [days, u64::from(holiday.from_minute) << 16 | u64::from(holiday.to_minute)]
        });
        head.into_iter().chain(spans).chain(holidays)
    }
}

/// How long a day like this is open from 1970 until this moment, were every day one.
fn special_open(holiday: &Holiday, until: u64) -> u64 {
    let from = u64::from(holiday.from_minute) * MINUTE_MICROS;
    let to = u64::from(holiday.to_minute) * MINUTE_MICROS;
    until / DAY_MICROS * (to - from) + (until % DAY_MICROS).clamp(from, to) - from
}

/// Whether spans and holidays rise and do not overlap. Spans may touch.
pub(crate) fn rises(spans: &[OpenSpan], holidays: &[Holiday]) -> bool {
    spans.windows(2).all(|pair| pair[0].to_minute <= pair[1].from_minute)
        && holidays.windows(2).all(|pair| pair[0].last_day < pair[1].first_day)
}

/// The minute of its week, from Monday 00:00.
const fn of_week(minute: u64) -> u16 {
    ((minute / DAY + FIRST_WEEKDAY) % 7 * DAY + minute % DAY) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::Weekday::{Friday, Monday};

    fn calendar(spans: &[OpenSpan], holidays: &[Holiday]) -> Calendar {
        let mut calendars = Calendars::new(&Limits::small(), 1);
        let slot = calendars.create(2, CalendarId(1));
        calendars.get_mut(slot).set(spans, holidays, Sequence(1));
        assert_eq!(calendars.check(), Ok(()));
        *calendars.get(slot)
    }

    /// Local minutes of a moment.
    fn minute(day: u32, hour: u64, minute: u64) -> u64 {
        u64::from(day) * DAY + hour * 60 + minute
    }

    #[test]
    fn a_span_holds_its_first_minute_and_not_its_end() {
        // 2026-01-05 was a Monday.
        let monday = Holiday::day(2026, 1, 5);
        let hours = calendar(&[OpenSpan::on(Monday, (9, 0), (12, 0)), OpenSpan::on(Monday, (13, 0), (17, 0))], &[]);
        assert!(!hours.is_open(minute(monday, 8, 59)) && hours.is_open(minute(monday, 9, 0)));
        assert!(hours.is_open(minute(monday, 11, 59)) && !hours.is_open(minute(monday, 12, 0)));
        assert_eq!(hours.next_open(minute(monday, 12, 0)), Some(minute(monday, 13, 0)));
        assert_eq!(hours.next_open(minute(monday, 17, 0)), Some(minute(monday + 7, 9, 0)));
        assert_eq!(hours.next_open(minute(monday, 13, 30)), Some(minute(monday, 13, 30)));
    }

    #[test]
    fn a_holiday_cuts_a_span_that_crosses_midnight() {
        let friday = Holiday::day(2026, 1, 9);
        // From Friday 22:00 to Saturday 06:00, in one span.
        let night = OpenSpan::new(OpenSpan::on(Friday, (22, 0), (0, 0)).from_minute, 5 * DAY_MINUTES + 360);
        let hours = calendar(&[night], &[Holiday::on(friday + 1)]);
        assert!(hours.is_open(minute(friday, 23, 59)) && !hours.is_open(minute(friday + 1, 0, 0)));
        assert_eq!(hours.next_open(minute(friday + 1, 0, 0)), Some(minute(friday + 7, 22, 0)));
    }

    #[test]
    fn without_spans_only_special_days_come() {
        let hours = calendar(&[], &[Holiday::on(100), Holiday::on(200).open((9, 0), (10, 0))]);
        assert_eq!(hours.next_open(0), Some(minute(200, 9, 0)));
        assert_eq!(hours.next_open(minute(200, 10, 0)), None);
        assert_eq!(calendar(&[], &[]).next_open(0), None);
    }

    #[test]
    fn the_last_day_there_is_ends() {
        let hours = calendar(&[OpenSpan::ALWAYS], &[Holiday::through(3, u32::MAX)]);
        assert!(hours.is_open(minute(2, 23, 59)));
        assert_eq!(hours.next_open(minute(3, 0, 0)), Some((u64::from(u32::MAX) + 1) * DAY));
    }
}
