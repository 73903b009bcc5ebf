//! Every setting there is: one row each.

use super::{Feature, Rule};

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
    /// What has to be built for it to mean anything.
    pub feature: Feature,
    /// The variable that everybody else's programs read it from. One of ours lies over it.
    pub standard: Option<&'static str>,
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
    Key { path, default, rule, about, feature: Feature::Core, standard: None }
}

impl Key {
    /// The same, for what may not be built.
    const fn of(self, feature: Feature) -> Self {
        Self { feature, ..self }
    }

    /// The same, where OpenTelemetry has a name for it.
    const fn as_in(self, standard: &'static str) -> Self {
        Self { standard: Some(standard), ..self }
    }
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
        "production makes no certificate and no signing key: it asks for them",
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
    key(
        "history.retention",
        "90d",
        Rule::Duration(86_400, 315_360_000),
        "how long calls, auctions, bids and postings stay in the history beside the log",
    )
    .of(Feature::Rest),
    key("exchange.currency", "USD", Rule::Currency, "the currency of a new log"),
    key("exchange.size", "large", Rule::OneOf(&["small", "large"]), "the capacities of a new log"),
    capacity("exchange.limits.accounts_max"),
    capacity("exchange.limits.sessions_max"),
    capacity("exchange.limits.movements_max"),
    capacity("exchange.limits.listings_max"),
    capacity("exchange.limits.profiles_max"),
    capacity("exchange.limits.settings_max"),
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
    capacity("exchange.limits.targeting_chunks_max"),
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
    key("server.host", "127.0.0.1", Rule::Host, "address of the REST front, and of those that come after it")
        .of(Feature::Rest),
    key(
        "server.port",
        "",
        Rule::OptionalNumber(0, 65_535),
        "TCP port of the REST front, 8080 for instance; 0 for any free one, empty for no REST",
    )
    .of(Feature::Rest),
    key(
        "server.tls",
        "true",
        Rule::Switch,
        "TLS 1.3 of the REST front, with the certificate of server.quic; false on loopback only",
    )
    .of(Feature::Rest),
    key(
        "server.client_ca",
        "",
        Rule::OptionalPath,
        "certificates (PEM) of those who sign clients' certificates; whose each is, is set with /api/v1/certificates",
    )
    .of(Feature::Rest),
    key("server.rest.workers", "2", Rule::Number(1, 64), "threads of the REST front").of(Feature::Rest),
    key("server.grpc.port", "", Rule::OptionalNumber(0, 65_535), "TCP port of the gRPC front").of(Feature::Grpc),
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
    key(
        "server.resume_events_max",
        "262144",
        Rule::Number(1, 1 << 26),
        "recent events kept in memory for clients that reconnect, about 200 bytes each",
    ),
    key("server.drain_seconds", "10", Rule::Number(1, 600), "how long a stop waits for unanswered commands"),
    key(
        "security.jwt_secret",
        "",
        Rule::Secret,
        "a symmetric secret of an earlier installation: recognised, and never used",
    )
    .of(Feature::Rest),
    key(
        "security.jwt_private_key",
        "",
        Rule::OptionalPath,
        "RSA private key (PEM) that signs tokens; development makes one when there is none",
    )
    .of(Feature::Rest),
    key("security.token_expiry", "15m", Rule::Duration(60, 86_400), "how long an access token is valid")
        .of(Feature::Rest),
    key("security.refresh_expiry", "30d", Rule::Duration(300, 31_536_000), "how long a refresh token is valid")
        .of(Feature::Rest),
    key(
        "security.issuer",
        "",
        Rule::OptionalUrl,
        "the URL clients reach the REST front at: `iss` of its tokens; empty for the address it listens on",
    )
    .of(Feature::Rest),
    key("security.audience", "dce", Rule::Text, "`aud` of tokens that are taken").of(Feature::Rest),
    key(
        "security.issuers",
        "",
        Rule::Pairs,
        "other issuers whose tokens are taken: URL=FILE, the file being their key set (JWKS)",
    )
    .of(Feature::Rest),
    key(
        "security.registration",
        "false",
        Rule::Switch,
        "whether people may register themselves; their account is an operator's to give",
    )
    .of(Feature::Rest),
    key(
        "security.rate_limit.requests_per_second",
        "100",
        Rule::Number(1, 1_000_000),
        "requests a second of one principal, and of one address",
    )
    .of(Feature::Rest),
    key("security.rate_limit.burst_size", "200", Rule::Number(1, 1_000_000), "how many of them may come at once")
        .of(Feature::Rest),
    key(
        "traces.otlp_endpoint",
        "",
        Rule::OptionalCollector,
        "where traces go, over HTTP with protobuf: http://HOST:4318, /v1/traces is added; empty for nowhere",
    )
    .of(Feature::Otel)
    .as_in("OTEL_EXPORTER_OTLP_ENDPOINT"),
    key("traces.otlp_headers", "", Rule::Headers, "headers that the collector asks for, a token for instance")
        .of(Feature::Otel)
        .as_in("OTEL_EXPORTER_OTLP_HEADERS"),
    key(
        "traces.otlp_certificate",
        "",
        Rule::OptionalPath,
        "certificates (PEM) of those who sign the collector's; https asks for it",
    )
    .of(Feature::Otel)
    .as_in("OTEL_EXPORTER_OTLP_CERTIFICATE"),
    key("traces.otlp_insecure", "false", Rule::Switch, "in production, true lets traces leave this host in plain text")
        .of(Feature::Otel),
    key("traces.service_name", "dce", Rule::Text, "what this server is called in traces")
        .of(Feature::Otel)
        .as_in("OTEL_SERVICE_NAME"),
    key(
        "traces.sampled_per_million",
        "1000000",
        Rule::Number(0, 1_000_000),
        "how many of a million requests and commands are traced, of those whose sender does not say",
    )
    .of(Feature::Otel),
    key("database.url", "", Rule::OptionalUrl, "PostgreSQL for read models").of(Feature::Postgres),
    key("database.max_open_conns", "", Rule::OptionalNumber(1, 10_000), "connections to it at most")
        .of(Feature::Postgres),
    key("database.max_idle_conns", "", Rule::OptionalNumber(0, 10_000), "connections to it kept while idle")
        .of(Feature::Postgres),
    key("redis.url", "", Rule::OptionalUrl, "Redis, as redis://HOST:PORT or HOST:PORT").of(Feature::Redis),
    key("redis.password", "", Rule::Secret, "its password").of(Feature::Redis),
    key("redis.db", "", Rule::OptionalNumber(0, 1_023), "its database").of(Feature::Redis),
    key("telephony.sip_proxy", "", Rule::OptionalUrl, "where calls are sent, as HOST:PORT or sip:HOST:PORT")
        .of(Feature::Sip),
    key("telephony.stun_servers", "", Rule::List, "STUN servers, as HOST:PORT").of(Feature::Sip),
    key("compliance.tcpa_enabled", "", Rule::OptionalSwitch, "screening under the TCPA").of(Feature::Compliance),
    key("compliance.gdpr_enabled", "", Rule::OptionalSwitch, "handling of personal data under the GDPR")
        .of(Feature::Compliance),
];

impl Key {
    /// The row of a path.
    #[must_use]
    pub fn find(path: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.path == path)
    }

    /// The row of an environment variable, with its levels kept apart or not.
    #[must_use]
    pub fn find_variable(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.variable() == name || key.variable_by_level() == name)
    }

    /// The row that everybody else's variable is about, if it is about one.
    #[must_use]
    pub fn find_standard(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.standard == Some(name))
    }
}

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
        let rate = Key::find_variable("DCE_SECURITY_RATE_LIMIT_REQUESTS_PER_SECOND").unwrap();
        assert_eq!(rate.path, "security.rate_limit.requests_per_second");
        assert!(std::ptr::eq(Key::find_variable("DCE_SECURITY__RATE_LIMIT__REQUESTS_PER_SECOND").unwrap(), rate));
    }
}
