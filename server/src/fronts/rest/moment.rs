//! Times as people write them: RFC 3339, in UTC, to the microsecond.

use std::borrow::Cow;
use std::fmt;

use dce_engine::units::Timestamp;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::id::now_micros;

const MICROS_A_SECOND: u64 = 1_000_000;
const SECONDS_A_DAY: u64 = 86_400;

/// A moment that somebody asks about: RFC 3339, or a day for its beginning in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Moment;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a moment such as 2026-11-30T17:40:00Z, or a day such as 2026-11-30")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
        let words = "expected a moment such as 2026-11-30T17:40:00Z, or a day such as 2026-11-30";
        parse(text).map(Moment).ok_or_else(|| E::custom(words))
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(
                "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[-+][0-9]{2}:[0-9]{2}))?$",
            ))
            .description(Some("A moment as RFC 3339 has it, or a day for its beginning in UTC."))
            .examples([serde_json::json!("2026-11-30T17:40:00Z")])
            .build()
            .into()
    }
}

impl ToSchema for Moment {
    fn name() -> Cow<'static, str> {
        "Moment".into()
    }
}

/// Reads RFC 3339, or a day. What lies before 1970 is no moment of any log.
fn parse(text: &str) -> Option<Timestamp> {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<u64>().ok()
    };
    let bytes = text.as_bytes();
    let is = |place: usize, wanted: &[u8]| bytes.get(place).is_some_and(|byte| wanted.contains(byte));
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let days = days_since_1970(year, month, day).filter(|_| is(4, b"-") && is(7, b"-"))?;
    if bytes.len() == 10 {
        return Some(Timestamp::from_seconds(days * SECONDS_A_DAY));
    }
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !is(10, b"Tt") || !is(13, b":") || !is(16, b":") || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = text.get(19..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("0", rest),
    };
    if fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let nanos = format!("{fraction:0<9}").parse::<u64>().ok()?;
    let local = days * SECONDS_A_DAY + hour * 3_600 + minute * 60 + second;
    let seconds = match zone.as_bytes() {
        b"Z" | b"z" => local,
        // A plus that nobody escaped comes as a blank.
        [sign @ (b'+' | b'-' | b' '), _, _, b':', _, _] => {
            let at = text.len() - zone.len();
            let (hours, minutes) = (number(at + 1, at + 3)?, number(at + 4, at + 6)?);
            let offset = (hours <= 23 && minutes <= 59).then_some(hours * 3_600 + minutes * 60)?;
            if *sign == b'-' { local + offset } else { (local >= offset).then(|| local - offset)? }
        }
        _ => return None,
    };
    Some(Timestamp::from_micros(seconds * MICROS_A_SECOND + nanos / 1_000))
}

/// Counts the days to a date that calendars have.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    if year == 0 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year_from_march, month_from_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year_from_march / 400, year_from_march % 400);
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era;
    let days = (days >= 719_468).then(|| days - 719_468)?;
    // The 31st of a month of thirty days is the first of the next.
    (civil(days) == (year, month, day)).then_some(days)
}

/// The host's time.
pub(super) fn now() -> Timestamp {
    Timestamp::from_micros(now_micros())
}

/// The day of a moment, in UTC, counted from 1970.
pub(super) fn day_of(at: Timestamp) -> u32 {
    u32::try_from(at.micros() / MICROS_A_SECOND / SECONDS_A_DAY).unwrap_or(u32::MAX)
}

/// The last day before a moment.
pub(super) fn day_of_last(before: Timestamp) -> u32 {
    day_of(Timestamp::from_micros(before.micros().saturating_sub(1)))
}

/// `2026-11-30`.
pub(super) fn day(days: u32) -> String {
    let (year, month, day) = civil(days.into());
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-11-30T17:40:00.123456Z`.
pub(super) fn text(at: Timestamp) -> String {
    let (seconds, micros) = (at.micros() / MICROS_A_SECOND, at.micros() % MICROS_A_SECOND);
    let (days, clock) = (seconds / SECONDS_A_DAY, seconds % SECONDS_A_DAY);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Year, month and day of a day since 1970. Years begin in March, so that a leap day is the last of its year.
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_no_calendar_has_is_refused() {
        for micros in [0, 951_782_400_000_000, 1_764_000_000_123_456, 4_107_542_399_999_999, 4_107_542_400_000_000] {
            let at = Timestamp::from_micros(micros);
            assert_eq!(parse(&text(at)), Some(at));
        }
        let at = Timestamp::from_micros(1_764_000_000_500_000);
        for same in [
            "2025-11-24T16:00:00.5Z",
            "2025-11-24T18:30:00.50+02:30",
            "2025-11-24t15:00:00.500-01:00",
            "2025-11-24T17:00:00.5 01:00",
        ] {
            assert_eq!(parse(same), Some(at), "{same}");
        }
        assert_eq!(parse("2025-11-24"), Some(Timestamp::from_seconds(1_763_942_400)));
        assert_eq!(
            (day(day_of(at)), day(day_of_last(Timestamp::from_seconds(86_400)))),
            ("2025-11-24".to_owned(), "1970-01-01".to_owned())
        );
        for wrong in [
            "",
            "2025",
            "2025-02-29",
            "2025-04-31",
            "2025-13-01",
            "2025-11-24T24:00:00Z",
            "2025-11-24T16:00:00",
            "2025-11-24T16:00:00.Z",
            "2025-11-24 16:00:00Z",
            "1969-12-31",
            "0000-01-01",
            "2025-11-24T16:00:00+1:00",
            "+025-11-24",
            "2025-11-24T16:00:00.1234567890Z",
            "\u{661}025-11-24",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn known_days_are_written_as_calendars_have_them() {
        for (micros, expected) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_764_000_000_123_456, "2025-11-24T16:00:00.123456Z"),
            (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
        ] {
            assert_eq!(text(Timestamp::from_micros(micros)), expected);
        }
    }
}
