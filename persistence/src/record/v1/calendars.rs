//! Opening hours.

use dce_engine::commands::SetCalendar;
use dce_engine::ids::{AccountId, CalendarId};
use dce_engine::terms::{Holiday, OpenSpan};
use rkyv::with::InlineAsBox;
use rkyv::{Archive, Serialize};

use super::lists::{list, pack, unpack};
use super::{Body, Lists, Packed, put, with_lists};

#[derive(Archive, Serialize)]
struct SetCalendarV1<'a> {
    account: u128,
    calendar: u128,
    /// Whether something was left out of the spans, the holidays.
    overflowed: [bool; 2],
    #[rkyv(with = InlineAsBox)]
    spans: &'a [OpenSpanV1],
    #[rkyv(with = InlineAsBox)]
    holidays: &'a [HolidayV1],
}

/// Minutes of the week.
#[derive(Archive, Serialize, Clone, Copy, Debug, Default)]
pub(super) struct OpenSpanV1 {
    from: u16,
    to: u16,
}

/// Days since 1970, and minutes of the day.
#[derive(Archive, Serialize, Clone, Copy, Debug, Default)]
pub(super) struct HolidayV1 {
    first_day: u32,
    last_day: u32,
    from: u16,
    to: u16,
}

impl<'a> Body<'a> for SetCalendar<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let Self { account, calendar, spans, holidays } = self;
        let v1 = SetCalendarV1 {
            account: account.0,
            calendar: calendar.0,
            overflowed: [spans.overflowed(), holidays.overflowed()],
            spans: pack(spans, &mut packed.spans, |span| OpenSpanV1 { from: span.from_minute, to: span.to_minute }),
            holidays: pack(holidays, &mut packed.holidays, HolidayV1::of),
        };
        put(&v1, record);
    }

    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 =
            with_lists::<ArchivedSetCalendarV1<'_>>(body, |v1| size_of_val(&*v1.spans) + size_of_val(&*v1.holidays))?;
        let Lists { spans, holidays, .. } = lists;
        let [spans_overflowed, holidays_overflowed] = v1.overflowed;
        let spans = unpack(&v1.spans, spans, |span| Some(OpenSpan::new(span.from.to_native(), span.to.to_native())))?;
        let holidays = unpack(&v1.holidays, holidays, |holiday| Some(holiday.read()))?;
        Some(Self {
            account: AccountId(v1.account.to_native()),
            calendar: CalendarId(v1.calendar.to_native()),
            spans: list(spans, spans_overflowed),
            holidays: list(holidays, holidays_overflowed),
        })
    }
}

impl HolidayV1 {
    fn of(holiday: &Holiday) -> Self {
        let &Holiday { first_day, last_day, from_minute, to_minute } = holiday;
        Self { first_day, last_day, from: from_minute, to: to_minute }
    }
}

impl ArchivedHolidayV1 {
    const fn read(&self) -> Holiday {
        Holiday {
            first_day: self.first_day.to_native(),
            last_day: self.last_day.to_native(),
            from_minute: self.from.to_native(),
            to_minute: self.to.to_native(),
        }
    }
}
