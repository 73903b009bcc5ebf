//! Money and time, as the wire carries them: integers, with their unit in the name.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;

const MICROS_PER_UNIT: i64 = 1_000_000;
const DECIMALS: usize = 6;

/// An amount in micro-units of the exchange's currency: a millionth of a dollar, where that is the dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From micro-units.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole units, for example dollars.
    #[must_use]
    pub const fn from_units(units: i32) -> Self {
        Self(units as i64 * MICROS_PER_UNIT)
    }

    /// In micro-units.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Money {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// Units with at least two and at most six decimals: `32.50`, `0.000001`. Honours width and alignment.
impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let (units, fraction) = (micros / MICROS_PER_UNIT.unsigned_abs(), micros % MICROS_PER_UNIT.unsigned_abs());
        let digits = format!("{fraction:06}");
        let kept = digits.trim_end_matches('0').len().max(2);
        formatter.pad(&format!("{sign}{units}.{}", &digits[..kept]))
    }
}

/// The text is not an amount: digits with up to six decimals are, such as `32.50`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an amount: write digits with up to six decimals, such as 32.50")]
pub struct ParseMoneyError;

impl FromStr for Money {
    type Err = ParseMoneyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (units, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(units) || !is_number(fraction) || fraction.len() > DECIMALS {
            return Err(ParseMoneyError);
        }
        let units: i64 = units.parse().map_err(|_| ParseMoneyError)?;
        let fraction: i64 = format!("{fraction:0<DECIMALS$}").parse().map_err(|_| ParseMoneyError)?;
        let micros = units.checked_mul(MICROS_PER_UNIT).and_then(|micros| micros.checked_add(fraction));
        micros.map(|micros| Self(sign * micros)).ok_or(ParseMoneyError)
    }
}

/// A moment of the server's log: microseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Microseconds from an earlier moment to this one; zero when it is not earlier.
    #[must_use]
    pub const fn micros_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Seconds since the epoch, with six decimals.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_reads_as_it_is_printed() {
        for (text, micros) in [("32.50", 32_500_000), ("0.000001", 1), ("-7.25", -7_250_000), ("12.00", 12_000_000)] {
            assert_eq!(text.parse(), Ok(Money::from_micros(micros)));
            assert_eq!(Money::from_micros(micros).to_string(), text);
        }
        assert_eq!("7".parse(), Ok(Money::from_units(7)));
        assert_eq!(format!("{:>8}|", Money::from_micros(1_500_000)), "    1.50|");
        for text in ["", "-", ".5", "5.", "1,000", "1.2.3", "$5", "1e3", "1.0000001", "99999999999999"] {
            assert_eq!(text.parse::<Money>(), Err(ParseMoneyError), "{text}");
        }
    }
}
