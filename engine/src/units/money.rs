//! Money in micro-units of the exchange's one currency, and shares of it in basis points.

use core::fmt;
use core::ops::{Add, Neg, Sub};
use core::str::FromStr;

const MICROS_PER_UNIT: i64 = 1_000_000;

/// An amount in micro-units (a millionth of a dollar, where the currency is the dollar). Signed: a posting has two sides.
///
/// The exchange keeps every amount it is given within [`Money::AMOUNT_MAX`] and every balance within
/// [`Money::TOTAL_MAX`], so the plain operators here cannot overflow on its path. Keep `overflow-checks = true` in your
/// release profile all the same, as this workspace does: a panic is better than a wrapped amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The most one bid, payout, budget or movement may be: a billion units.
    pub const AMOUNT_MAX: Self = Self(1_000_000_000 * MICROS_PER_UNIT);
    /// The most money all accounts together may hold. Four times it still fits the integer.
    pub const TOTAL_MAX: Self = Self(i64::MAX / 4);

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

    /// This share of the amount, rounded down to a micro-unit: the one place where an amount is split.
    /// What is lost to rounding stays with whoever pays the share, so no unit appears or disappears.
    #[must_use]
    pub const fn share(self, share: BasisPoints) -> Self {
        if self.0 >= 0 && self.0 <= Self::AMOUNT_MAX.0 && share.0 <= BasisPoints::WHOLE.0 {
            // The common case fits 64 bits: 10¹⁵ × 10⁴ < 2⁶⁴.
            return Self((self.0 as u64 * share.0 as u64 / BasisPoints::WHOLE.0 as u64) as i64);
        }
        Self((self.0 as i128 * share.0 as i128).div_euclid(BasisPoints::WHOLE.0 as i128) as i64)
    }

    /// The sum, or `None` past the integer.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// Whether this is an amount somebody may bid, move or promise: above zero, up to [`Money::AMOUNT_MAX`].
    #[must_use]
    pub const fn is_amount(self) -> bool {
        self.0 > 0 && self.0 <= Self::AMOUNT_MAX.0
    }

    /// Like [`Money::is_amount`], but nothing at all is fine too: reserves, increments, margins.
    #[must_use]
    pub const fn is_amount_or_zero(self) -> bool {
        self.0 >= 0 && self.0 <= Self::AMOUNT_MAX.0
    }

    const fn parse(text: &str) -> Result<Self, ParseMoneyError> {
        let bytes = text.as_bytes();
        let negative = !bytes.is_empty() && bytes[0] == b'-';
        let mut index = if negative { 1 } else { 0 };
        let mut micros: i64 = 0;
        let mut digits: u32 = 0;
        let mut decimals: Option<u32> = None;
        while index < bytes.len() {
            let byte = bytes[index];
            if byte == b'.' {
                if decimals.is_some() || digits == 0 {
                    return Err(ParseMoneyError::Malformed);
                }
                decimals = Some(0);
            } else if byte.is_ascii_digit() {
                if let Some(count) = decimals {
                    if count == 6 {
                        return Err(ParseMoneyError::TooPrecise);
                    }
                    decimals = Some(count + 1);
                }
                digits += 1;
                micros = match micros.checked_mul(10) {
                    Some(shifted) => match shifted.checked_add((byte - b'0') as i64) {
                        Some(sum) => sum,
                        None => return Err(ParseMoneyError::TooLarge),
                    },
                    None => return Err(ParseMoneyError::TooLarge),
                };
            } else {
                return Err(ParseMoneyError::Malformed);
            }
            index += 1;
        }
        if digits == 0 || matches!(decimals, Some(0)) {
            return Err(ParseMoneyError::Malformed);
        }
        let mut missing = 6 - match decimals {
            Some(count) => count,
            None => 0,
        };
        while missing > 0 {
            micros = match micros.checked_mul(10) {
                Some(shifted) => shifted,
                None => return Err(ParseMoneyError::TooLarge),
            };
            missing -= 1;
        }
        Ok(Self(if negative { -micros } else { micros }))
    }
}

/// An amount written in the source, such as `usd("32.50")`. In a `const` a mistake is a compile error.
///
/// # Panics
///
/// When the text is not an amount with up to six decimals. For text from outside, use [`str::parse`].
#[must_use]
pub const fn usd(text: &str) -> Money {
    match Money::parse(text) {
        Ok(money) => money,
        Err(_) => panic!("an amount is digits with up to six decimals, such as \"32.50\""),
    }
}

/// Why a text is not an amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseMoneyError {
    /// Something other than an optional minus, digits, and an optional point with digits on both sides.
    Malformed,
    /// More than six decimals: a micro-unit is the smallest.
    TooPrecise,
    /// More than the integer holds.
    TooLarge,
}

impl fmt::Display for ParseMoneyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Malformed => "not an amount: write digits with an optional decimal point, such as 32.50",
            Self::TooPrecise => "more than six decimals: the smallest amount is 0.000001",
            Self::TooLarge => "an amount beyond what can be counted",
        })
    }
}

impl core::error::Error for ParseMoneyError {}

impl FromStr for Money {
    type Err = ParseMoneyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
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

/// Prints units with at least two and at most six decimals: `32.50`, `0.000001`. Honours width and alignment.
impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let units = micros / MICROS_PER_UNIT.unsigned_abs();
        let mut fraction = micros % MICROS_PER_UNIT.unsigned_abs();
        let mut width = 6;
        while width > 2 && fraction.is_multiple_of(10) {
            fraction /= 10;
            width -= 1;
        }
        let mut text = Line::default();
        fmt::Write::write_fmt(&mut text, format_args!("{sign}{units}.{fraction:0width$}"))?;
        formatter.pad(text.as_str())
    }
}

/// Room for the longest amount, so that padding needs no allocation.
#[derive(Default)]
struct Line {
    bytes: [u8; 32],
    length: usize,
}

impl Line {
    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// A share in hundredths of a per cent: 10,000 is the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints(pub u16);

impl BasisPoints {
    /// All of it.
    pub const WHOLE: Self = Self(10_000);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn text_with_decimals_round_trips() {
        for (text, micros) in [("32.50", 32_500_000), ("0.000001", 1), ("-7.25", -7_250_000), ("12.00", 12_000_000)] {
            assert_eq!(text.parse(), Ok(Money::from_micros(micros)));
            assert_eq!(Money::from_micros(micros).to_string(), text);
        }
        assert_eq!("7".parse(), Ok(Money::from_units(7)));
        assert_eq!(alloc::format!("{:>8}|{:<8}|", usd("1.5"), usd("-2")), "    1.50|-2.00   |");
    }

    #[test]
    fn text_that_is_no_amount_says_why() {
        for text in ["", "-", ".5", "5.", "1,000", "1.2.3", "$5", "1e3"] {
            assert_eq!(text.parse::<Money>(), Err(ParseMoneyError::Malformed), "{text}");
        }
        assert_eq!("1.0000001".parse::<Money>(), Err(ParseMoneyError::TooPrecise));
        assert_eq!("99999999999999".parse::<Money>(), Err(ParseMoneyError::TooLarge));
    }

    #[test]
    fn a_share_rounds_down() {
        assert_eq!(Money::from_micros(9_999).share(BasisPoints(5_000)), Money::from_micros(4_999));
        assert_eq!(Money::AMOUNT_MAX.share(BasisPoints::WHOLE), Money::AMOUNT_MAX);
    }
}
