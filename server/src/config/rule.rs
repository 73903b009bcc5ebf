//! What a value must look like, and the sentence that says so.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use dce_runtime::Durability;

/// The rule a setting's text keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Any text that is not empty.
    Text,
    /// A path; empty for none.
    OptionalPath,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `true` or `false`.
    Switch,
    /// A whole number from the first to the second.
    Number(u64, u64),
    /// The same; empty for none.
    OptionalNumber(u64, u64),
    /// An address and a port.
    Address,
    /// The same; empty for none.
    OptionalAddress,
    /// Three capital letters.
    Currency,
    /// `always`, `interval:MILLISECONDS` or `none`.
    Durability,
}

impl Rule {
    /// Whether `text` keeps the rule.
    #[must_use]
    pub fn holds(self, text: &str) -> bool {
        match self {
            Self::Text => !text.is_empty(),
            Self::OptionalPath => true,
            Self::OneOf(words) => words.contains(&text),
            Self::Switch => matches!(text, "true" | "false"),
            Self::Number(least, most) => text.parse().is_ok_and(|number: u64| (least..=most).contains(&number)),
            Self::OptionalNumber(least, most) => text.is_empty() || Self::Number(least, most).holds(text),
            Self::Address => text.parse::<SocketAddr>().is_ok(),
            Self::OptionalAddress => text.is_empty() || Self::Address.holds(text),
            Self::Currency => text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
            Self::Durability => durability(text).is_some(),
        }
    }
}

/// What follows "must be".
impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => formatter.write_str("some text"),
            Self::OptionalPath => formatter.write_str("a path, or empty"),
            Self::OneOf(words) => write!(formatter, "one of: {}", words.join(", ")),
            Self::Switch => formatter.write_str("true or false"),
            Self::Number(least, most) => write!(formatter, "a whole number from {least} to {most}"),
            Self::OptionalNumber(least, most) => {
                write!(formatter, "a whole number from {least} to {most}, or empty")
            }
            Self::Address => formatter.write_str("an address with a port, such as 127.0.0.1:9443 or [::]:9443"),
            Self::OptionalAddress => formatter.write_str("an address with a port, such as 127.0.0.1:8080, or empty"),
            Self::Currency => formatter.write_str("an ISO 4217 code of three capital letters, such as USD"),
            Self::Durability => formatter.write_str("always, interval:MILLISECONDS (1 to 60000), or none"),
        }
    }
}

/// Reads a durability.
pub(super) fn durability(text: &str) -> Option<Durability> {
    match text {
        "always" => Some(Durability::Always),
        "none" => Some(Durability::None),
        _ => {
            let millis: u64 = text.strip_prefix("interval:")?.parse().ok()?;
            (1..=60_000).contains(&millis).then(|| Durability::Interval(Duration::from_millis(millis)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_at_their_bounds() {
        let rule = Rule::Number(1, 64);
        assert!(rule.holds("1") && rule.holds("64"));
        assert!(!rule.holds("0") && !rule.holds("65") && !rule.holds("-1") && !rule.holds("") && !rule.holds("1.5"));
        assert!(Rule::OptionalNumber(1, 64).holds(""));
    }

    #[test]
    fn durability_is_always_or_every_so_often_or_none() {
        assert_eq!(durability("always"), Some(Durability::Always));
        assert_eq!(durability("interval:20"), Some(Durability::Interval(Duration::from_millis(20))));
        assert_eq!(durability("none"), Some(Durability::None));
        for wrong in ["", "interval", "interval:", "interval:0", "interval:60001", "Always"] {
            assert_eq!(durability(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_address_needs_its_port() {
        assert!(Rule::Address.holds("[::1]:0") && !Rule::Address.holds("127.0.0.1"));
        assert!(Rule::Currency.holds("EUR") && !Rule::Currency.holds("eur") && !Rule::Currency.holds("EURO"));
    }
}
