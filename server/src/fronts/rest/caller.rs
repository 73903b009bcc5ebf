//! A caller's number on its only way: read, hashed into a subject id, cut to its area code, and dropped.

use std::fmt;

use dce_engine::ids::SubjectId;
use ring::hmac;

/// Digits of a number in E.164, country code included.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
/// Of a number of the North American plan, with its 1.
const NANP_DIGITS: usize = 11;

/// A telephone number. It is printed by nobody: neither `Display` nor `Debug` shows it.
pub(super) struct Caller {
    digits: String,
}

impl Caller {
    /// Reads `+` and digits, with blanks, hyphens, points and parentheses between them; ten digits without a plus are of
    /// the North American plan.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_whole = text.starts_with('+');
        if text.len() > 40 || !text.chars().all(|c| c.is_ascii_digit() || " -.()+".contains(c)) {
            return None;
        }
        if text.get(1..).is_some_and(|rest| rest.contains('+')) {
            return None;
        }
        let mut digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if !is_whole && digits.len() == NANP_DIGITS - 1 {
            digits.insert(0, '1');
        }
        let is_nanp = digits.starts_with('1');
        let is_valid = DIGITS.contains(&digits.len())
            && !digits.starts_with('0')
            && (is_whole || is_nanp)
            && (!is_nanp || is_area_code(&digits));
        is_valid.then_some(Self { digits })
    }

    /// The opaque id the exchange counts this caller by: the same number, the same id, for whoever has the key.
    pub(super) fn subject(&self, key: &hmac::Key) -> SubjectId {
        let tag = hmac::sign(key, format!("+{}", self.digits).as_bytes());
        let mut half = [0; 16];
        half.copy_from_slice(tag.as_ref().get(..16).unwrap_or(&[0; 16]));
        // 0 is the anonymous caller's.
        SubjectId(u128::from_be_bytes(half).max(1))
    }

    /// The area code, of a number of the North American plan.
    pub(super) fn area_code(&self) -> Option<&str> {
        if self.digits.starts_with('1') { self.digits.get(1..4) } else { None }
    }
}

/// Eleven digits whose area code and exchange begin with 2 to 9.
fn is_area_code(digits: &str) -> bool {
    let leads = |place| digits.as_bytes().get(place).is_some_and(|digit| (b'2'..=b'9').contains(digit));
    digits.len() == NANP_DIGITS && leads(1) && leads(4)
}

impl fmt::Debug for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Caller(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_in_any_writing_is_the_same_subject_and_its_digits_are_not_shown() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let subject = |text| Caller::parse(text).map(|caller| caller.subject(&key));
        let one = subject("+12065550100");
        assert!(one.is_some());
        for same in ["2065550100", "(206) 555-0100", "+1 206.555.0100", "1-206-555-0100"] {
            assert_eq!(subject(same), one, "{same}");
        }
        assert_ne!(subject("+12065550101"), one);
        assert_ne!(Caller::parse("+12065550100").map(|c| c.subject(&hmac::Key::new(hmac::HMAC_SHA256, &[8; 32]))), one);
        let caller = Caller::parse("+12065550100").unwrap();
        assert_eq!((format!("{caller:?}").as_str(), caller.area_code()), ("Caller(***)", Some("206")));
        assert_eq!(Caller::parse("+442079460000").unwrap().area_code(), None);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for wrong in [
            "",
            "+",
            "anonymous",
            "+1206555",
            "206555",
            "+11065550100",
            "+12060550100",
            "+0123456789",
            "++12065550100",
            "+1206555010000000",
            "12065550100x",
            "442079460000",
        ] {
            assert!(Caller::parse(wrong).is_none(), "{wrong}");
        }
    }
}
