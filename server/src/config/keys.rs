//! Every setting there is: one row each.

use super::Rule;

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its place in the file, dots between the levels.
    pub path: &'static str,
    /// What it is when nobody says otherwise.
    pub default: &'static str,
    /// What its value must look like.
    pub rule: Rule,
    /// What it means.
    pub about: &'static str,
}

impl Key {
    /// The name of its environment variable: `server.quic.listen` is `DCE_SERVER_QUIC_LISTEN`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("DCE_{}", self.path.replace('.', "_").to_ascii_uppercase())
    }

    /// The same with the levels kept apart: `DCE_SERVER__QUIC__LISTEN`.
    #[must_use]
    pub fn variable_by_level(&self) -> String {
        format!("DCE_{}", self.path.replace('.', "__").to_ascii_uppercase())
    }
}

const fn key(path: &'static str, default: &'static str, rule: Rule, about: &'static str) -> Key {
    Key { path, default, rule, about }
}

/// A capacity of a new exchange. Empty: as `exchange.size` has it.
const fn capacity(path: &'static str) -> Key {
    key(path, "", Rule::OptionalNumber(1, u32::MAX as u64), "overrides this capacity of exchange.size")
}

/// Every setting, in the order of the file.
pub const KEYS: &[Key] = &[
    key(
        "environment",
        "development",
        Rule::OneOf(&["development", "production"]),
        "production asks for a certificate instead of making one",
    ),
    key("log.level", "info", Rule::Text, "error, warn, info, debug or trace, or directives: info,dce_server=debug"),
    key("log.format", "text", Rule::OneOf(&["text", "json"]), "json writes one object a line"),
    key("data.dir", "./dce-data", Rule::Text, "where the log and the identity files lie"),
    key("data.durability", "always", Rule::Durability, "when an answer may leave: see docs/operations.md"),
    key(
        "data.disk_reserve_mib",
        "256",
        Rule::Number(1, 1 << 20),
        "new commands are refused while less than this is free on the disk",
    ),
    key("exchange.currency", "USD", Rule::Currency, "the currency of a new log"),
    key("exchange.size", "large", Rule::OneOf(&["small", "large"]), "the capacities of a new log"),
    capacity("exchange.limits.accounts_max"),
    capacity("exchange.limits.sessions_max"),
    capacity("exchange.limits.movements_max"),
    capacity("exchange.limits.listings_max"),
    capacity("exchange.limits.profiles_max"),
    capacity("exchange.limits.verticals_max"),
    capacity("exchange.limits.attributes_max"),
    capacity("exchange.limits.lines_max"),
    capacity("exchange.limits.values_max"),
    capacity("exchange.limits.value_sets_max"),
    capacity("exchange.limits.value_set_values_max"),
    capacity("exchange.limits.zones_max"),
    capacity("exchange.limits.calendars_max"),
    capacity("exchange.limits.clauses_max"),
    capacity("exchange.limits.clause_values_max"),
    capacity("exchange.limits.calls_max"),
    capacity("exchange.limits.calls_live_max"),
    capacity("exchange.limits.auction_bids_max"),
    capacity("exchange.limits.bids_max"),
    capacity("exchange.limits.conjunctions_max"),
    capacity("exchange.limits.modified_max"),
    capacity("exchange.limits.deals_max"),
    capacity("exchange.limits.contacts_max"),
    capacity("exchange.limits.frequencies_max"),
    capacity("exchange.limits.suppressions_max"),
    capacity("exchange.limits.screens_max"),
    capacity("exchange.limits.quotas_max"),
    capacity("exchange.limits.groups_max"),
    capacity("exchange.limits.together_max"),
    capacity("exchange.limits.shares_max"),
    capacity("exchange.limits.outcomes_max"),
    capacity("exchange.limits.retention_seconds"),
    key("runtime.pin_writer", "", Rule::OptionalNumber(0, 1023), "the core that is the writer's own"),
    key("runtime.huge_pages", "false", Rule::Switch, "ask for huge pages for the exchange's tables"),
    key("runtime.accept_clock", "false", Rule::Switch, "start although the host's clock disagrees with the log, once"),
    key("server.quic.listen", "127.0.0.1:9443", Rule::Address, "UDP address of the QUIC front"),
    key("server.quic.workers", "1", Rule::Number(1, 64), "threads of the QUIC front"),
    key("server.quic.certificate", "", Rule::OptionalPath, "certificate chain (PEM) instead of the development one"),
    key("server.quic.private_key", "", Rule::OptionalPath, "its private key (PEM)"),
    key("server.quic.connections_max", "4096", Rule::Number(1, 1 << 20), "connections at a time"),
    key(
        "server.quic.connections_per_address_max",
        "1024",
        Rule::Number(1, 1 << 20),
        "connections at a time from one address",
    ),
    key("server.rest.listen", "", Rule::OptionalAddress, "TCP address of the REST front; empty for none"),
    key("server.rest.workers", "2", Rule::Number(1, 64), "threads of the REST front"),
    key(
        "server.rest.plaintext",
        "false",
        Rule::Switch,
        "plain HTTP instead of TLS, in development on a loopback address only",
    ),
    key(
        "server.resume_events_max",
        "262144",
        Rule::Number(1, 1 << 26),
        "recent events kept in memory for clients that reconnect, about 200 bytes each",
    ),
    key("server.drain_seconds", "10", Rule::Number(1, 600), "how long a stop waits for unanswered commands"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_default_keeps_its_rule_and_no_two_keys_share_a_variable() {
        let mut variables = BTreeSet::new();
        for key in KEYS {
            assert!(key.rule.holds(key.default), "{}", key.path);
            assert!(variables.insert(key.variable()), "{}", key.path);
            assert!(!key.about.is_empty() && !key.about.ends_with('.'), "{}", key.path);
        }
    }

    #[test]
    fn variables_are_named_after_their_path() {
        let listen = KEYS.iter().find(|key| key.path == "server.quic.listen").unwrap();
        assert_eq!(listen.variable(), "DCE_SERVER_QUIC_LISTEN");
        assert_eq!(listen.variable_by_level(), "DCE_SERVER__QUIC__LISTEN");
    }
}
