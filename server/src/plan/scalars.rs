//! What single values look like: lengths, shares, terms, moments, degrees. Integers only.
//!
//! A reader says what a text is, and not whether it may be so: that is asked of the engine.

use dce_engine::terms::{ClockStart, PayTerm, Payout};
use dce_engine::units::{BasisPoints, Metres, Millis, Money, Seconds, Timestamp};

/// What is wrong with a text, to stand after a colon.
pub(super) type Fault = String;

pub(super) fn amount(text: &str) -> Result<Money, Fault> {
    text.parse().map_err(|error: dce_engine::units::ParseMoneyError| error.to_string())
}

pub(super) fn number<T: std::str::FromStr>(text: &str) -> Result<T, Fault> {
    let is_whole = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_whole(text.strip_prefix('-').unwrap_or(text)) {
        return Err("not a whole number".to_owned());
    }
    text.parse().map_err(|_| "not a number that can be".to_owned())
}

pub(super) fn switch(text: &str) -> Result<bool, Fault> {
    match text {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err("neither yes nor no".to_owned()),
    }
}

pub(super) fn id(text: &str) -> Result<u128, Fault> {
    crate::tools::ids::parse(text).map_err(|_| "no id: give a number, or 32 hexadecimal digits".to_owned())
}

/// A length in milliseconds: `500ms`, `90s`, `15m`, `2h`, or several of them, `1h 30m`.
fn length(text: &str) -> Result<u64, Fault> {
    let fault = || "not a length: write 90s, 15m or 2h".to_owned();
    let mut rest: String = text.split_whitespace().collect();
    let mut millis: u64 = 0;
    if rest.is_empty() {
        return Err(fault());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit_end = rest.bytes().skip(digits).take_while(u8::is_ascii_alphabetic).count() + digits;
        let each = match &rest[digits..unit_end] {
            "ms" => 1,
            "s" => 1_000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            _ => return Err(fault()),
        };
        let many: u64 = rest[..digits].parse().map_err(|_| fault())?;
        millis = many.checked_mul(each).and_then(|part| part.checked_add(millis)).ok_or_else(fault)?;
        rest.drain(..unit_end);
    }
    Ok(millis)
}

pub(super) fn seconds(text: &str) -> Result<Seconds, Fault> {
    let millis = length(text)?;
    if millis % 1_000 > 0 {
        return Err("not whole seconds".to_owned());
    }
    u32::try_from(millis / 1_000).map(Seconds).map_err(|_| "longer than can be counted".to_owned())
}

pub(super) fn millis(text: &str) -> Result<Millis, Fault> {
    u32::try_from(length(text)?).map(Millis).map_err(|_| "longer than can be counted".to_owned())
}

/// `on connect`, or `90s from connect`.
pub(super) fn term(text: &str) -> Result<PayTerm, Fault> {
    let words = text.split_whitespace().collect::<Vec<_>>();
    let fault = || "not a term: write `on connect`, or `90s from connect`, `from dial` or `from incoming`".to_owned();
    match words[..] {
        ["on", "connect"] => Ok(PayTerm::OnConnect),
        [.., "from", clock] => {
            let from = match clock {
                "connect" => ClockStart::Connect,
                "dial" => ClockStart::Dial,
                "incoming" => ClockStart::Incoming,
                _ => return Err(fault()),
            };
            let seconds = seconds(&words[..words.len() - 2].join(" "))?;
            Ok(PayTerm::After { seconds, from })
        }
        _ => Err(fault()),
    }
}

/// A share, or an amount.
pub(super) fn payout(text: &str) -> Result<Payout, Fault> {
    if text.ends_with('%') || text.ends_with("bp") {
        share(text).map(Payout::Share)
    } else {
        amount(text).map(Payout::Fixed)
    }
}

/// `80 %`, `82.5%`, `8000 bp`.
pub(super) fn share(text: &str) -> Result<BasisPoints, Fault> {
    let fault = || "not a share: write 80 % or 82.25 %".to_owned();
    let points: i64 = if let Some(percent) = text.strip_suffix('%') {
        decimal(percent.trim_end(), 2).map_err(|_| fault())?
    } else {
        number(text.strip_suffix("bp").ok_or_else(fault)?.trim_end())?
    };
    u16::try_from(points).map(BasisPoints).map_err(|_| "not a share: 0 % to 100 %".to_owned())
}

/// A number with up to so many decimals, as the whole number it is with all of them.
pub(super) fn decimal(text: &str, decimals: u8) -> Result<i64, Fault> {
    let fault = || match decimals {
        0 => "not a whole number".to_owned(),
        _ => format!("not a number with at most {decimals} decimals"),
    };
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let decimals = usize::from(decimals);
    let ends_in_a_point = digits.ends_with('.');
    if whole.is_empty() || !is_number(whole) || !is_number(part) || part.len() > decimals || ends_in_a_point {
        return Err(fault());
    }
    let number: i64 = format!("{whole}{part:0<decimals$}").parse().map_err(|_| fault())?;
    Ok(sign * number)
}

/// Degrees with up to six decimals, in millionths.
pub(super) fn degrees(text: &str) -> Result<i32, Fault> {
    let micro = decimal(text, 6)?;
    i32::try_from(micro).map_err(|_| "not degrees of the globe".to_owned())
}

/// `50 km`, `800 m`.
pub(super) fn distance(text: &str) -> Result<Metres, Fault> {
    let fault = || "not a distance: write 50 km or 800 m".to_owned();
    let metres = if let Some(kilometres) = text.strip_suffix("km") {
        decimal(kilometres.trim_end(), 3).map_err(|_| fault())?
    } else {
        number(text.strip_suffix('m').ok_or_else(fault)?.trim_end()).map_err(|_: Fault| fault())?
    };
    u32::try_from(metres).map(Metres).map_err(|_| fault())
}

/// `-05:00`, in seconds east of Greenwich.
pub(super) fn offset(text: &str) -> Result<i32, Fault> {
    let fault = || "not an offset: write +HH:MM or -HH:MM".to_owned();
    let (sign, time) = match text.split_at_checked(1) {
        Some(("+", time)) => (1, time),
        Some(("-", time)) => (-1, time),
        _ => return Err(fault()),
    };
    let (hours, minutes) = time.split_once(':').ok_or_else(fault)?;
    let (hours, minutes) = (two_digits(hours, 99).ok_or_else(fault)?, two_digits(minutes, 59).ok_or_else(fault)?);
    Ok(sign * (hours * 3_600 + minutes * 60) as i32)
}

/// `2026-11-01T06:00:00Z`; the time may be left out, for midnight.
pub(crate) fn moment(text: &str) -> Result<Timestamp, Fault> {
    let read = || {
        let (written, time) = match text.split_once(['T', ' ']) {
            Some((date, time)) => (date, time.strip_suffix('Z')?),
            None => (text, "00:00:00"),
        };
        let time = time.split(':').collect::<Vec<_>>();
        let (hour, minute, second) = match time[..] {
            [hour, minute] => (hour, minute, "00"),
            [hour, minute, second] => (hour, minute, second),
            _ => return None,
        };
        let of_day = two_digits(hour, 23)? * 3_600 + two_digits(minute, 59)? * 60 + two_digits(second, 59)?;
        Some(Timestamp::from_seconds(date(written)? * 86_400 + u64::from(of_day)))
    };
    read().ok_or_else(|| "not a moment: write 2026-11-01T06:00:00Z, from 1970 on".to_owned())
}

/// `2026-12-25`, in days since 1970-01-01.
pub(super) fn day(text: &str) -> Result<u32, Fault> {
    let day = date(text).and_then(|day| u32::try_from(day).ok());
    day.ok_or_else(|| "no day of the calendar: write 2026-12-25, from 1970 on".to_owned())
}

/// `09:00-17:30`, in minutes of the day. It ends after it begins: past midnight another day would be open.
pub(super) fn span(text: &str) -> Result<(u16, u16), Fault> {
    let fault = || "not a span: write 09:00-17:30, from 00:00 to 24:00".to_owned();
    let minute = |time: &str| {
        let (hours, minutes) = time.split_once(':')?;
        let minute = two_digits(hours, 24)? * 60 + two_digits(minutes, 59)?;
        u16::try_from(minute).ok().filter(|minute| *minute <= 24 * 60)
    };
    let (from, to) = text.split_once('-').ok_or_else(fault)?;
    let (from, to) = (minute(from.trim_end()).ok_or_else(fault)?, minute(to.trim_start()).ok_or_else(fault)?);
    if to <= from {
        return Err("it ends before it begins: hours past midnight are two spans, until 24:00 and from 00:00 of the \
                    next day"
            .to_owned());
    }
    Ok((from, to))
}

/// The days since 1970-01-01.
fn date(text: &str) -> Option<u64> {
    let date = text.split('-').collect::<Vec<_>>();
    let [year, month, day] = date[..] else { return None };
    let year = if year.len() == 4 { number::<u32>(year).ok()? } else { return None };
    days_since_1970(year, two_digits(month, 12)?, two_digits(day, 31)?)
}

fn two_digits(text: &str, most: u32) -> Option<u32> {
    let value = if text.len() == 2 { number::<u32>(text).ok()? } else { return None };
    (value <= most).then_some(value)
}

/// After Howard Hinnant's `days_from_civil`.
fn days_since_1970(year: u32, month: u32, day: u32) -> Option<u64> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year < 1970 || day == 0 || day > length {
        return None;
    }
    let (year, month, day) = (u64::from(year), u64::from(month), u64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_and_terms() {
        assert_eq!(["90s", "1h 30m", "2h"].map(seconds), [90, 5_400, 7_200].map(|seconds| Ok(Seconds(seconds))));
        assert_eq!(millis("500ms"), Ok(Millis(500)));
        assert_eq!(term("on connect"), Ok(PayTerm::OnConnect));
        assert_eq!(term("90s from dial"), Ok(PayTerm::After { seconds: Seconds(90), from: ClockStart::Dial }));
        for wrong in ["", "90", "s", "1d", "90 from connect", "1.5h", "-3s", "99999999999999999999s"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert!(term("after 90s").is_err() && term("90s from answer").is_err() && seconds("1500ms").is_err());
    }

    #[test]
    fn shares_and_amounts() {
        let share = |points| Ok(Payout::Share(BasisPoints(points)));
        assert_eq!([payout("80 %"), payout("82.25%"), payout("8000 bp")], [share(8_000), share(8_225), share(8_000)]);
        assert_eq!(payout("25.00"), Ok(Payout::Fixed(Money::from_units(25))));
        for wrong in ["80", "-1 %", "1.234 %", "70000 bp", "%"] {
            assert!(!matches!(payout(wrong), Ok(Payout::Share(_))), "{wrong}");
        }
    }

    #[test]
    fn moments_and_offsets() {
        assert_eq!(moment("2025-11-02T09:00:00Z"), Ok(Timestamp::from_seconds(1_762_074_000)));
        assert_eq!(moment("1970-01-01"), Ok(Timestamp::from_seconds(0)));
        assert_eq!(moment("2024-02-29T12:34:56Z"), Ok(Timestamp::from_seconds(1_709_210_096)));
        for wrong in ["2025-02-29", "2025-13-01", "2025-11-02T09:00:00", "1969-12-31", "25-1-1", "2025-11-02T24:00Z"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
        assert_eq!([offset("-05:00"), offset("+05:30")], [Ok(-18_000), Ok(19_800)]);
        assert!(offset("05:00").is_err() && offset("-5").is_err() && offset("é").is_err());
    }

    #[test]
    fn days_and_spans() {
        assert_eq!([day("1970-01-01"), day("2026-12-25")], [Ok(0), Ok(20_812)]);
        for wrong in ["2026-02-29", "2026-12-32", "26-12-25", "2026-12", "2026-12-25T00:00Z"] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
        assert_eq!([span("09:00-17:30"), span("00:00 - 24:00")], [Ok((540, 1_050)), Ok((0, 1_440))]);
        for wrong in
            ["", "9:00-17:00", "09:00", "09:60-10:00", "22:00-02:00", "09:00-09:00", "20:00-24:01", "09:00-25:00"]
        {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_with_decimals() {
        assert_eq!([decimal("29.76", 6), decimal("-95", 2)], [Ok(29_760_000), Ok(-9_500)]);
        assert_eq!(distance("1.5 km"), Ok(Metres(1_500)));
        for wrong in ["", ".5", "5.", "1.2.3", "1e3", "--1"] {
            assert!(decimal(wrong, 2).is_err(), "{wrong}");
        }
        assert!(decimal("1.5", 0).is_err() && degrees("9999").is_err() && distance("50 miles").is_err());
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,24}") {
            let _ = (amount(&text), switch(&text), id(&text), seconds(&text), millis(&text), term(&text), payout(&text));
            let _ = (decimal(&text, 9), degrees(&text), distance(&text), offset(&text), moment(&text));
            let _ = (number::<u8>(&text), day(&text), span(&text));
        }
    }
}
