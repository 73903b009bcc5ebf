//! Calendars, and when they are open (section 3, and "Hours" in section 5).

use dce_engine::ids::{AccountId, CalendarId};
use dce_engine::units::Timestamp;

use super::action::{Action, Holiday};
use super::codes::{Refusal, refusal};
use super::outcome::Outcome;
use super::state::Calendar;
use super::{Done, Twin, Verb};

const MINUTE: i128 = 60_000_000;
const DAY: i128 = 1_440 * MINUTE;

impl Twin {
    pub(super) fn set_calendar(&mut self, action: &Action) -> Verb {
        let Action::SetCalendar { account, calendar, spans, holidays } = action else { unreachable!() };
        self.must_have_account(*account)?;
        let spans_overlap = spans.windows(2).any(|pair| pair[1].0 < pair[0].1);
        if spans_overlap || holidays.windows(2).any(|pair| pair[1].first <= pair[0].last) {
            return Err(refusal::HOURS_NOT_ASCENDING);
        }
        let key = (*account, *calendar);
        let mut first = None;
        match self.calendars.get(&key) {
            Some(known) if known.spans == *spans && known.holidays == *holidays => first = Some(known.sequence),
            None if self.calendars.len() >= self.capacities.calendars_max as usize => {
                return Err(refusal::CALENDARS_FULL);
            }
            _ => {
                let sequence = self.this();
                let (spans, holidays) = (spans.clone(), holidays.clone());
                self.calendars.insert(key, Calendar { spans, holidays, sequence });
            }
        }
        self.tell(Outcome::CalendarSet { account: *account, calendar: *calendar });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    /// A calendar that a new profile or listing names exists.
    pub(super) fn check_hours(&self, account: AccountId, hours: Option<CalendarId>) -> Result<(), Refusal> {
        match hours {
            Some(calendar) if !self.calendars.contains_key(&(account, calendar)) => Err(refusal::CALENDAR_UNKNOWN),
            _ => Ok(()),
        }
    }

    /// Whether it is open; without a calendar it always is.
    pub(super) fn is_open(&self, account: AccountId, hours: Option<CalendarId>, at: Timestamp) -> bool {
        let Some(calendar) = hours else { return true };
        let seconds = self.local_seconds(account, at);
        open_in(&self.calendars[&(account, calendar)], seconds / 86_400, seconds / 60 % 1_440)
    }

    /// The first later moment at which a calendar that is closed now is open.
    ///
    /// Goes from one change of the clocks to the next, and there from minute to minute, until a week has passed in which
    /// nothing can change any more.
    pub fn opens_next(&self, account: AccountId, calendar: CalendarId, at: Timestamp) -> Option<Timestamp> {
        let zone = self.zones.get(&self.account(account).zone);
        let transitions = zone.map(|zone| &zone.transitions[..]).unwrap_or_default();
        let later = transitions.iter().filter(|(from, _)| *from > at);
        let mut starts = vec![at];
        starts.extend(later.map(|(from, _)| *from));
        let last = Timestamp::from_micros(Timestamp::MAX.micros() + 1);
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(last);
            if let Some(found) = self.opens_between((account, calendar), *start, end) {
                return Some(found);
            }
        }
        None
    }

    /// The moments within so many minutes at which some calendar opens or closes.
    #[must_use]
    pub fn turns(&self, at: Timestamp, minutes: u64) -> Vec<Timestamp> {
        let begin = at.micros() / 60_000_000;
        let moments = (1..=minutes).map(|minute| Timestamp::from_micros((begin + minute) * 60_000_000));
        let turns = |moment: &Timestamp| {
            let before = Timestamp::from_micros(moment.micros() - 1);
            let turns = |(account, calendar): &(AccountId, CalendarId)| {
                self.is_open(*account, Some(*calendar), before) != self.is_open(*account, Some(*calendar), *moment)
            };
            self.calendars.keys().any(turns)
        };
        moments.filter(turns).collect()
    }

    /// The same between two moments between which the clocks run straight on.
    fn opens_between(&self, key: (AccountId, CalendarId), start: Timestamp, end: Timestamp) -> Option<Timestamp> {
        let calendar = &self.calendars[&key];
        if self.is_open(key.0, Some(key.1), start) {
            return Some(start);
        }
        let offset = self.offset_micros(key.0, start);
        let first_day = (i128::from(start.micros()) + offset).max(0) / DAY;
        let end_day = (i128::from(end.micros()) + offset).max(0) / DAY;
        // Past the holidays that are begun one week is like the next.
        let ahead = calendar.holidays.iter().map(|holiday| i128::from(holiday.last));
        let quiet = ahead.max().unwrap_or(0).max(first_day) + 8;
        let minutes = (first_day..=end_day.min(quiet)).flat_map(|day| (0..1_440).map(move |minute| (day, minute)));
        minutes
            .filter(|(day, minute)| open_in(calendar, *day as u64, *minute as u64))
            .map(|(day, minute)| day * DAY + minute * MINUTE - offset)
            .find(|moment| *moment > i128::from(start.micros()))
            .filter(|moment| *moment < i128::from(end.micros()))
            .map(|moment| Timestamp::from_micros(moment as u64))
    }
}

/// The minutes of this local day at which the calendar is open: from, and until.
pub(super) fn open_minutes(calendar: &Calendar, day: u64) -> Vec<(u64, u64)> {
    let on_holiday = |holiday: &&Holiday| u64::from(holiday.first) <= day && day <= u64::from(holiday.last);
    if let Some(holiday) = calendar.holidays.iter().find(on_holiday) {
        return vec![(u64::from(holiday.from), u64::from(holiday.to))];
    }
    let midnight = (day + 3) % 7 * 1_440;
    let of_day = |(from, to): &(u16, u16)| {
        (u64::from(*from).max(midnight) - midnight, u64::from(*to).clamp(midnight, midnight + 1_440) - midnight)
    };
    calendar.spans.iter().map(of_day).filter(|(from, to)| from < to).collect()
}

/// Whether the calendar is open in this minute of this local day.
fn open_in(calendar: &Calendar, day: u64, minute: u64) -> bool {
    let within = |(from, to): (u16, u16), minute: u64| u64::from(from) <= minute && minute < u64::from(to);
    let on_holiday = |holiday: &&Holiday| u64::from(holiday.first) <= day && day <= u64::from(holiday.last);
    match calendar.holidays.iter().find(on_holiday) {
        Some(holiday) => within((holiday.from, holiday.to), minute),
        None => {
            let minute_of_week = (day + 3) % 7 * 1_440 + minute;
            calendar.spans.iter().any(|span| within(*span, minute_of_week))
        }
    }
}
