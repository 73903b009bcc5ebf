//! What a value must look like, and the sentence that says so.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use dce_runtime::Durability;

use super::traces::{Collector, header};

/// The rule a setting's text keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Any text that is not empty.
    Text,
    /// A path; empty for none.
    OptionalPath,
    /// A secret; empty for none. Never shown.
    Secret,
    /// A URL, or a host and a port; empty for none. Who is named in it is never shown.
    OptionalUrl,
    /// Where a collector of traces is: see [`Collector`]; empty for none.
    OptionalCollector,
    /// `NAME=VALUE` between commas, values percent-encoded; empty for none. Never shown.
    Headers,
    /// Texts between commas; empty for none.
    List,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `URL=FILE` between commas; empty for none.
    Pairs,
    /// `true` or `false`.
    Switch,
    /// The same; empty when nobody says.
    OptionalSwitch,
    /// A whole number from the first to the second.
    Number(u64, u64),
    /// The same; empty for none.
    OptionalNumber(u64, u64),
    /// A length of time from so many seconds to so many: `90s`, `15m`, `24h`, `7d`, `1h30m`, or plain seconds.
    Duration(u64, u64),
    /// An address and a port.
    Address,
    /// An address.
    Host,
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
            Self::OptionalPath | Self::Secret => true,
            Self::OptionalUrl => !text.contains(|letter: char| letter.is_whitespace() || letter.is_control()),
            Self::OptionalCollector => text.is_empty() || Collector::parse(text).is_some(),
            Self::Headers => list(text).all(|item| header(item).is_some()),
            Self::List => text.is_empty() || list(text).all(|item| !item.is_empty()),
            Self::Pairs => list(text).all(|item| pair(item).is_some()),
            Self::OneOf(words) => words.contains(&text),
            Self::Switch => matches!(text, "true" | "false"),
            Self::OptionalSwitch => matches!(text, "" | "true" | "false"),
            Self::Number(least, most) => text.parse().is_ok_and(|number: u64| (least..=most).contains(&number)),
            Self::OptionalNumber(least, most) => text.is_empty() || Self::Number(least, most).holds(text),
            Self::Duration(least, most) => {
                duration(text).is_some_and(|length| (least..=most).contains(&length.as_secs()))
            }
            Self::Address => text.parse::<SocketAddr>().is_ok(),
            Self::Host => text.parse::<IpAddr>().is_ok(),
            Self::Currency => text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
            Self::Durability => durability(text).is_some(),
        }
    }

    /// What may be shown of a value: no secret, and of a URL neither who asks nor what is asked for.
    #[must_use]
    pub fn shown(self, text: &str) -> String {
        match self {
            Self::Secret | Self::Headers if !text.is_empty() => "***".to_owned(),
            Self::OptionalUrl | Self::OptionalCollector => without_secrets(text),
            _ => text.to_owned(),
        }
    }
}

/// Leaves out what stands before the last `@` of the authority, and what follows `?` or `#`.
fn without_secrets(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let (rest, query) = rest.find(['?', '#']).map_or((rest, ""), |at| (&rest[..at], "?***"));
    // A password may hold a slash that nobody escaped, so everything before the last `@` may be part of it.
    let (user, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("***@", rest));
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}{user}{rest}{query}")
}

/// The items of a list.
pub(super) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(move |_| !text.is_empty())
}

/// What follows "must be".
impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => formatter.write_str("some text"),
            Self::OptionalPath => formatter.write_str("a path, or empty"),
            Self::Secret => formatter.write_str("a secret, or empty"),
            Self::OptionalUrl => formatter.write_str("a URL or HOST:PORT without blanks, or empty"),
            Self::OptionalCollector => formatter.write_str(
                "http://HOST:PORT or https://HOST:PORT, with a path or without, and without user, ? and #; or empty",
            ),
            Self::Headers => {
                formatter.write_str("NAME=VALUE, several between commas, values percent-encoded; or empty")
            }
            Self::List => formatter.write_str("texts between commas, or empty"),
            Self::Pairs => formatter.write_str("URL=FILE, several between commas, or empty"),
            Self::OneOf(words) => write!(formatter, "one of: {}", words.join(", ")),
            Self::Switch => formatter.write_str("true or false"),
            Self::OptionalSwitch => formatter.write_str("true, false, or empty"),
            Self::Number(least, most) => write!(formatter, "a whole number from {least} to {most}"),
            Self::OptionalNumber(least, most) => {
                write!(formatter, "a whole number from {least} to {most}, or empty")
            }
            Self::Duration(least, most) => {
                write!(formatter, "a length of time from {least} to {most} seconds, such as 90s, 15m, 24h or 7d")
            }
            Self::Host => formatter.write_str("an IP address, such as 127.0.0.1 or ::"),
            Self::Address => formatter.write_str("an address with a port, such as 127.0.0.1:9443 or [::]:9443"),
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

/// The URL and the file of an item of [`Rule::Pairs`]; a URL may hold the sign between them.
pub(super) fn pair(item: &str) -> Option<(&str, &str)> {
    item.rsplit_once('=').filter(|(url, file)| !url.is_empty() && !file.is_empty())
}

/// Reads a length of time: numbers with a unit each, largest first or not, or a plain number of seconds.
pub(super) fn duration(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (mut total, mut rest) = (0_u64, text);
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let seconds = match rest.as_bytes()[digits] {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            _ => return None,
        };
        // Ages are cut short, and are then longer than any rule allows.
        total = total.saturating_add(number.saturating_mul(seconds));
        rest = &rest[digits + 1..];
    }
    (!text.is_empty()).then(|| Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_units_or_is_in_seconds() {
        for (text, seconds) in
            [("90", 90), ("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800), ("1h30m", 5_400)]
        {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "m", "15 m", "-5m", "1.5h", "15ms", "15m3", "99999999999999999999s", "5µ"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
        assert!(!Rule::Duration(60, u64::MAX - 1).holds("9999999999999999999d"));
        assert!(Rule::Duration(60, 900).holds("15m") && !Rule::Duration(60, 900).holds("16m"));
    }

    #[test]
    fn nothing_that_opens_a_door_is_shown() {
        assert_eq!(Rule::Secret.shown("hunter2"), "***");
        assert_eq!(Rule::Secret.shown(""), "");
        for (url, shown) in [
            ("postgres://dce:hunter2@db:5432/dce?password=hunter2", "postgres://***@db:5432/dce?***"),
            ("postgres://dce:hun/ter@2@db/dce", "postgres://***@db/dce"),
            (":hunter2@localhost:6379", "***@localhost:6379"),
            ("localhost:6379", "localhost:6379"),
            ("https://id.example.com/#hunter2", "https://id.example.com/?***"),
        ] {
            assert_eq!(Rule::OptionalUrl.shown(url), shown);
        }
    }

    #[test]
    fn a_list_has_no_empty_items() {
        assert!(Rule::List.holds("") && Rule::List.holds("a, b"));
        assert!(!Rule::List.holds("a,,b") && !Rule::List.holds(","));
        assert_eq!(list("a, b").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(list("").count(), 0);
    }

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
