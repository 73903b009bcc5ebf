//! A buyer or a seller says when it is open.

use crate::calendars::{self, NONE};
use crate::collections::List;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CalendarId};
use crate::limits::{HOLIDAYS_MAX, OPEN_SPANS_MAX};
use crate::reject::Reject;
use crate::terms::{DAY_MINUTES, Holiday, OpenSpan, WEEK_MINUTES};

/// Sets a calendar of an account, new or known: the opening hours of the profiles and listings that name it, by the local
/// time of the account's zone. Hours that were set before are replaced.
///
/// What is neither in a span nor on a holiday with hours of its own is closed; a calendar with neither is never open.
///
/// # Refused
///
/// `CommandTooLarge` (more than [`OPEN_SPANS_MAX`] spans or [`HOLIDAYS_MAX`] holidays), `ValueOutOfRange` (a span that is
/// empty or ends past the week; a holiday whose last day lies before its first, or whose hours are empty or end past the
/// day), `AccountReserved`, `AccountUnknown`, `HoursNotAscending`, `CalendarsFull`.
///
/// # Events
///
/// `CalendarSet`; a repeat when the calendar is just so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetCalendar<'a> {
    /// The buyer or seller.
    pub account: AccountId,
    /// The calendar.
    pub calendar: CalendarId,
    /// When it is open in a usual week, ascending.
    pub spans: List<'a, OpenSpan, OPEN_SPANS_MAX>,
    /// The days on which the spans do not hold, ascending.
    pub holidays: List<'a, Holiday, HOLIDAYS_MAX>,
}

impl<'a> SetCalendar<'a> {
    /// `calendar` of `account`, never open.
    #[must_use]
    pub fn new(account: AccountId, calendar: CalendarId) -> Self {
        Self { account, calendar, spans: List::new(), holidays: List::new() }
    }

    /// Open in this span too, which begins after those given so far.
    #[must_use]
    pub fn open(mut self, span: OpenSpan) -> Self {
        self.spans.push(span);
        self
    }

    /// But not as usual on these days, which lie after those given so far.
    #[must_use]
    pub fn holiday(mut self, holiday: Holiday) -> Self {
        self.holidays.push(holiday);
        self
    }

    /// These spans and holidays, borrowed instead of copied, in place of those given so far: what a front end does.
    #[must_use]
    pub fn hours(mut self, spans: &'a [OpenSpan], holidays: &'a [Holiday]) -> Self {
        self.spans = List::borrowed(spans);
        self.holidays = List::borrowed(holidays);
        self
    }
}

impl Exchange {
    pub(crate) fn set_calendar(
        &mut self,
        step: Step,
        command: &SetCalendar<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        judge_hours(command)?;
        let &SetCalendar { account, calendar, .. } = command;
        let owner = self.accounts.find(account)?;
        let (spans, holidays) = (command.spans.as_slice(), command.holidays.as_slice());
        if !calendars::rises(spans, holidays) {
            return Err(Reject::HoursNotAscending);
        }
        let event = Event::CalendarSet { account, calendar };
        let known = self.calendars.find(owner, calendar);
        if let Some(slot) = known {
            let known = self.calendars.get(slot);
            if (known.spans(), known.holidays()) == (spans, holidays) {
                events.push(event);
                return Ok(Done::Repeated(known.sequence));
            }
        } else if self.calendars.is_full() {
            return Err(Reject::CalendarsFull);
        }
        let slot = known.unwrap_or_else(|| self.calendars.create(owner, calendar));
        self.calendars.get_mut(slot).set(spans, holidays, step.sequence);
        self.wake_by_calendar(slot, step);
        events.push(event);
        Ok(Done::Accepted)
    }

    /// Profiles that slept until their old hours look again.
    fn wake_by_calendar(&mut self, calendar: u32, step: Step) {
        let mut next = self.calendars.get(calendar).first_profile;
        while next != NONE {
            self.refresh(next, step.at);
            next = self.profiles.filed(next).by_calendar[1];
        }
    }

    /// Puts a new profile first among those that go by its calendar.
    pub(super) fn join_calendar(&mut self, slot: u32) {
        let calendar = self.profiles.get(slot).hours;
        if calendar == NONE {
            return;
        }
        let after = core::mem::replace(&mut self.calendars.get_mut(calendar).first_profile, slot);
        self.profiles.filed_mut(slot).by_calendar = [NONE, after];
        if after != NONE {
            self.profiles.filed_mut(after).by_calendar[0] = slot;
        }
    }

    /// The slot of the calendar that something of this account goes by; [`NONE`] without one.
    pub(super) fn find_hours(&self, owner: u32, hours: Option<CalendarId>) -> Result<u32, Reject> {
        let Some(calendar) = hours else { return Ok(NONE) };
        self.calendars.find(owner, calendar).ok_or(Reject::CalendarUnknown)
    }
}

fn judge_hours(command: &SetCalendar<'_>) -> Result<(), Reject> {
    if command.spans.overflowed() || command.holidays.overflowed() {
        return Err(Reject::CommandTooLarge);
    }
    let span_can_be = |span: &OpenSpan| span.from_minute < span.to_minute && span.to_minute <= WEEK_MINUTES;
    let holiday_can_be = |holiday: &Holiday| {
        let closed = (holiday.from_minute, holiday.to_minute) == (0, 0);
        let hours_can_be = holiday.from_minute < holiday.to_minute && holiday.to_minute <= DAY_MINUTES;
        holiday.first_day <= holiday.last_day && (closed || hours_can_be)
    };
    if !command.spans.iter().all(span_can_be) || !command.holidays.iter().all(holiday_can_be) {
        return Err(Reject::ValueOutOfRange);
    }
    if command.account == AccountId::PLATFORM || command.account == AccountId::WORLD {
        return Err(Reject::AccountReserved);
    }
    Ok(())
}
