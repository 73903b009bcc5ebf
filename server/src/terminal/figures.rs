//! Figures as people write them: `12,345`, `$1,234.50`, `1.9 µs`, `4m12s`, `6.1 MB`, `84.1 %`. Integers only.

use dce_engine::units::{Money, Timestamp};

/// `12,345`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `$1,234.50`; as many decimals more as the amount has.
pub(crate) fn money(amount: Money) -> String {
    let micros = amount.micros().unsigned_abs();
    let mut decimals = format!("{:06}", micros % 1_000_000);
    while decimals.len() > 2 && decimals.ends_with('0') {
        decimals.pop();
    }
    let sign = if amount < Money::ZERO { "-" } else { "" };
    format!("{sign}${}.{decimals}", count(micros / 1_000_000))
}

/// `$1,234.57`: for sums, rounded to the cent.
pub(crate) fn cents(amount: Money) -> String {
    const CENT: i64 = 10_000;
    let rounded = (amount.micros().abs() + CENT / 2) / CENT * CENT;
    money(Money::from_micros(if amount < Money::ZERO { -rounded } else { rounded }))
}

/// `$1,235`: for sums, rounded to the dollar.
pub(crate) fn dollars(amount: Money) -> String {
    let sign = if amount < Money::ZERO { "-" } else { "" };
    format!("{sign}${}", count((amount.micros().unsigned_abs() + 500_000) / 1_000_000))
}

/// A length in nanoseconds, in three digits: `850 ns`, `1.92 µs`, `12.3 ms`, `1.20 s`.
pub(crate) fn nanos(nanos: u64) -> String {
    match nanos {
        0..1_000 => format!("{nanos} ns"),
        1_000..999_500 => format!("{} µs", three_digits(nanos, 1_000)),
        999_500..999_500_000 => format!("{} ms", three_digits(nanos, 1_000_000)),
        _ => format!("{} s", three_digits(nanos, 1_000_000_000)),
    }
}

/// `812 B`, `6.14 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..999_500 => format!("{} kB", three_digits(bytes, 1_000)),
        999_500..999_500_000 => format!("{} MB", three_digits(bytes, 1_000_000)),
        _ => format!("{} GB", three_digits(bytes, 1_000_000_000)),
    }
}

/// `42s`, `4m12s`, `1h02m`: how long people talk.
pub(crate) fn talk(millis: u32) -> String {
    let seconds = millis / 1_000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
    }
}

/// `312 ms`, `4.20 s`: how long something took on this machine.
pub(crate) fn millis(took: std::time::Duration) -> String {
    nanos(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX))
}

/// `2026-11-22 21:03:11.123456 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    let (seconds, micros) = (at.micros() / 1_000_000, at.micros() % 1_000_000);
    let (day, of_day) = ((seconds / 86_400) as i64, seconds % 86_400);
    let (year, month, day) = civil(day);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}.{micros:06} UTC",
        of_day / 3_600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// Year, month and day of a day number since 1970-01-01, after Howard Hinnant's `civil_from_days`.
const fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, of_year - (153 * from_march + 2) / 5 + 1)
}

/// `84.1 %`; of nothing, `–`.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let Some(tenths) = (part * 1_000 + whole / 2).checked_div(whole) else { return "–".to_owned() };
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Three significant digits of `value / unit`, at least the whole part.
fn three_digits(value: u64, unit: u64) -> String {
    // Rounding may carry into another digit (9.996 is 10.0), so it comes before counting digits.
    for (decimals, scale, below) in [(2, 100, 1_000), (1, 10, 1_000)] {
        let scaled = (value * scale + unit / 2) / unit;
        if scaled < below {
            return format!("{}.{:0decimals$}", scaled / scale, scaled % scale);
        }
    }
    ((value + unit / 2) / unit).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dce_engine::units::usd;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 12_345, 1_234_567].map(count), ["0", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn money_has_cents_and_no_more_than_it_needs() {
        assert_eq!(money(usd("1234.5")), "$1,234.50");
        assert_eq!(money(usd("-0.0005")), "-$0.0005");
        assert_eq!(dollars(usd("98231.50")), "$98,232");
        assert_eq!([usd("1.005"), usd("-1.0049")].map(cents), ["$1.01", "-$1.00"]);
    }

    #[test]
    fn lengths_have_three_digits() {
        let lengths = [850, 1_924, 9_996, 99_960, 999_499, 999_500, 2_100_000, 12_345_678, 1_200_000_000];
        let texts = ["850 ns", "1.92 µs", "10.0 µs", "100 µs", "999 µs", "1.00 ms", "2.10 ms", "12.3 ms", "1.20 s"];
        assert_eq!(lengths.map(nanos), texts);
        assert_eq!([812, 6_140_000].map(bytes), ["812 B", "6.14 MB"]);
    }

    #[test]
    fn talk_is_told_in_minutes() {
        assert_eq!([42_900, 252_000, 3_725_000].map(talk), ["42s", "4m12s", "1h02m"]);
    }

    #[test]
    fn a_moment_is_a_date_and_a_time() {
        let at = |seconds: u64| moment(Timestamp::from_micros(seconds * 1_000_000 + 5));
        assert_eq!(at(0), "1970-01-01 00:00:00.000005 UTC");
        assert_eq!(at(1_709_210_096), "2024-02-29 12:34:56.000005 UTC");
        assert_eq!(at(1_798_761_599), "2026-12-31 23:59:59.000005 UTC");
    }

    #[test]
    fn a_share_of_nothing_is_none() {
        assert_eq!([percent(841, 1_000), percent(1, 3), percent(0, 0)], ["84.1 %", "33.3 %", "–"]);
    }
}
