//! Settings: defaults, then a file, then the environment, then flags. Each value knows where it came from.
//!
//! Everything that can be set is one row of [`KEYS`]: its path, its default, its rule, what it means. The environment's
//! names, the check of a value and the sentence that refuses it follow from the row, and so does a key that is unknown.
//! What decides an outcome of the exchange is not here: it is in the log's genesis, for which `exchange.*` says what a
//! *new* log begins with.

mod error;
mod feature;
mod keys;
mod layers;
mod rule;
mod security;
mod sources;
mod traces;

pub use error::ConfigError;
pub use feature::Feature;
pub use keys::{KEYS, Key};
pub(crate) use layers::distance;
pub use layers::{Source, Value, Values};
pub use rule::Rule;
pub use security::{Issuer, RateLimit, SecuritySettings};
pub use sources::{environment, file};
pub use traces::{Collector, Headers, TracesSettings};

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use dce_engine::genesis::Currency;
use dce_engine::limits::Limits as EngineLimits;
use dce_runtime::Durability;

use crate::limits::Limits;

/// The settings of a server, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether what is missing is made (`development`) or asked for (`production`).
    pub environment: Environment,
    /// What is logged, and how.
    pub log: LogSettings,
    /// Where the log and the identity files lie.
    pub dir: PathBuf,
    /// What an acknowledgement promises.
    pub durability: Durability,
    /// Admission stops when less of the disk than this is free, in bytes.
    pub disk_reserve_bytes: u64,
    /// How long the history keeps what happened, where the REST front is built.
    pub history_retention: Duration,
    /// What a new log begins with; an existing one says so itself.
    pub exchange: ExchangeSettings,
    /// The threads around the exchange.
    pub runtime: RuntimeSettings,
    /// The front for bidders, sellers and operators.
    pub quic: QuicSettings,
    /// The front over HTTP, where it is built.
    pub rest: RestSettings,
    /// Tokens, keys and rates, where the REST front is built.
    pub security: SecuritySettings,
    /// Where traces go, if anywhere, and where their export is built.
    pub traces: Option<TracesSettings>,
    /// What was set and has no effect, because this program was built without it.
    pub not_built: Vec<NotBuilt>,
    /// Every bound of the fronts.
    pub limits: Limits,
}

/// How careful the server is about what it makes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// A certificate and the key that signs tokens are made when there are none, and said so.
    Development,
    /// Both are asked for.
    Production,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// A level, or directives such as `info,dce_server=debug`.
    pub level: String,
    /// One JSON object a line instead of text.
    pub json: bool,
}

/// What a new log begins with.
#[derive(Clone, Debug)]
pub struct ExchangeSettings {
    /// The currency of every amount.
    pub currency: Currency,
    /// The capacities.
    pub limits: EngineLimits,
    /// What the file, the environment or a flag named, as `dce_persistence::agree::FIELDS` has it: an existing log must
    /// agree with that.
    pub demanded: Vec<String>,
}

/// The threads around the exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuntimeSettings {
    /// The core the writer's thread is bound to, if any.
    pub pin_writer: Option<usize>,
    /// Whether the exchange's tables ask for huge pages.
    pub huge_pages: bool,
    /// The operator has looked at the clock: start although it disagrees with the log.
    pub accept_clock: bool,
}

/// The front over QUIC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuicSettings {
    /// Where it listens (UDP).
    pub listen: SocketAddr,
    /// How many threads serve it.
    pub workers: usize,
    /// A certificate chain and its private key (PEM), instead of the development certificate.
    pub certificate: Option<CertificateFiles>,
}

/// The front over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestSettings {
    /// Where it listens (TCP), if it is to.
    pub listen: Option<SocketAddr>,
    /// How many threads serve it.
    pub workers: usize,
    /// Plain HTTP instead of TLS 1.3 with the certificate of the QUIC front; `listen` is on loopback then.
    pub plaintext: bool,
    /// Who signs clients' certificates (PEM), if clients may say by one who they are.
    pub client_ca: Option<PathBuf>,
}

/// Settings of something that is not in this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotBuilt {
    /// What is missing.
    pub feature: Feature,
    /// The keys that were set, and by whom.
    pub keys: Vec<(&'static str, Source)>,
}

/// A certificate chain and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, the server's own certificate first.
    pub chain: PathBuf,
    /// The private key of the first.
    pub private_key: PathBuf,
}

impl Settings {
    /// The defaults, in `dir`.
    ///
    /// # Panics
    ///
    /// Never: a test loads the defaults.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        let values = Values::defaults();
        let mut settings = Self::from_values(&values).expect("Invariant: the defaults keep their rules");
        dir.clone_into(&mut settings.dir);
        settings
    }

    /// Reads checked values into their types, and checks what relates two of them.
    ///
    /// # Errors
    ///
    /// When two values contradict one another.
    pub fn from_values(values: &Values) -> Result<Self, ConfigError> {
        let currency = values.text("exchange.currency").as_bytes().try_into().map(Currency);
        let limits = engine_limits(values)?;
        let environment = match values.text("environment") {
            "production" => Environment::Production,
            _ => Environment::Development,
        };
        Ok(Self {
            environment,
            log: LogSettings { level: values.text("log.level").to_owned(), json: values.text("log.format") == "json" },
            dir: PathBuf::from(values.text("data.dir")),
            durability: rule::durability(values.text("data.durability")).unwrap_or_default(),
            disk_reserve_bytes: values.number("data.disk_reserve_mib") << 20,
            history_retention: rule::duration(values.text("history.retention"))
                .ok_or_else(|| values.refuse("history.retention"))?,
            exchange: ExchangeSettings {
                currency: currency.unwrap_or(dce_engine::genesis::USD),
                limits,
                demanded: demanded(values),
            },
            runtime: RuntimeSettings {
                pin_writer: values.optional_number("runtime.pin_writer").and_then(|core| core.try_into().ok()),
                huge_pages: values.flag("runtime.huge_pages"),
                accept_clock: values.flag("runtime.accept_clock"),
            },
            quic: QuicSettings {
                listen: values.text("server.quic.listen").parse().map_err(|_| values.refuse("server.quic.listen"))?,
                workers: usize::try_from(values.number("server.quic.workers")).unwrap_or(1),
                certificate: certificate_files(values)?,
            },
            rest: rest(values)?,
            security: SecuritySettings::from_values(values, environment)?,
            traces: TracesSettings::from_values(values, environment)?,
            not_built: not_built(values),
            limits: front_limits(values),
        })
    }
}

fn engine_limits(values: &Values) -> Result<EngineLimits, ConfigError> {
    let mut limits = match values.text("exchange.size") {
        "small" => EngineLimits::small(),
        _ => EngineLimits::large(),
    };
    macro_rules! overrides {
        ($($field:ident),+) => {
            $(if let Some(number) = values.optional_number(concat!("exchange.limits.", stringify!($field))) {
                limits.$field = number.try_into().map_err(|_| {
                    values.refuse(concat!("exchange.limits.", stringify!($field)))
                })?;
            })+
        };
    }
    overrides!(accounts_max, sessions_max, movements_max, listings_max, profiles_max, verticals_max, attributes_max);
    overrides!(settings_max, lines_max, values_max, value_sets_max, value_set_values_max, zones_max, calendars_max);
    overrides!(clauses_max, clause_values_max, targeting_chunks_max);
    overrides!(calls_max, calls_live_max, auction_bids_max, bids_max);
    overrides!(conjunctions_max, modified_max, deals_max);
    overrides!(contacts_max, frequencies_max, suppressions_max, screens_max);
    overrides!(quotas_max, groups_max, together_max);
    overrides!(shares_max, outcomes_max);
    if let Some(seconds) = values.optional_number("exchange.limits.retention_seconds") {
        let refused = |_| values.refuse("exchange.limits.retention_seconds");
        limits.retention = dce_engine::units::Seconds(seconds.try_into().map_err(refused)?);
    }
    limits.fault().map_or(Ok(limits), |name| Err(ConfigError::EngineLimit { name }))
}

/// The parts of a genesis that were named and not left to their defaults. A named size names every capacity.
fn demanded(values: &Values) -> Vec<String> {
    let is_named = |path: &str| values.source(path) != &Source::Default && !values.text(path).is_empty();
    let size_is_named = is_named("exchange.size");
    let mut demanded = Vec::new();
    if is_named("exchange.currency") {
        demanded.push("currency".to_owned());
    }
    for key in KEYS {
        if let Some(limit) = key.path.strip_prefix("exchange.limits.")
            && (size_is_named || is_named(key.path))
        {
            demanded.push(format!("limits.{}", limit.trim_end_matches("_seconds")));
        }
    }
    demanded
}

fn certificate_files(values: &Values) -> Result<Option<CertificateFiles>, ConfigError> {
    let (chain, private_key) = (values.text("server.quic.certificate"), values.text("server.quic.private_key"));
    match (chain.is_empty(), private_key.is_empty()) {
        (true, true) => Ok(None),
        (false, false) => {
            Ok(Some(CertificateFiles { chain: PathBuf::from(chain), private_key: PathBuf::from(private_key) }))
        }
        _ => Err(ConfigError::Pair { first: "server.quic.certificate", second: "server.quic.private_key" }),
    }
}

/// TLS, unless plaintext was asked for and stays on this host.
fn rest(values: &Values) -> Result<RestSettings, ConfigError> {
    let host: IpAddr = values.text("server.host").parse().map_err(|_| values.refuse("server.host"))?;
    let port = values.optional_number("server.port").map(u16::try_from).transpose();
    let port = port.map_err(|_| values.refuse("server.port"))?;
    let plaintext = !values.flag("server.tls");
    if plaintext && !host.to_canonical().is_loopback() {
        let source_name = values.source("server.tls").to_string();
        return Err(ConfigError::Plaintext { host: host.to_string(), source_name });
    }
    let workers = usize::try_from(values.number("server.rest.workers")).unwrap_or(1);
    let client_ca = Some(values.text("server.client_ca")).filter(|path| !path.is_empty()).map(PathBuf::from);
    Ok(RestSettings { listen: port.map(|port| SocketAddr::new(host, port)), workers, plaintext, client_ca })
}

/// What somebody set although nothing here reads it, by feature.
fn not_built(values: &Values) -> Vec<NotBuilt> {
    let mut found: Vec<NotBuilt> = Vec::new();
    for key in KEYS {
        let source = values.source(key.path);
        if key.feature.is_built() || source == &Source::Default || values.text(key.path).is_empty() {
            continue;
        }
        let set = (key.path, source.clone());
        match found.iter_mut().find(|missing| missing.feature == key.feature) {
            Some(missing) => missing.keys.push(set),
            None => found.push(NotBuilt { feature: key.feature, keys: vec![set] }),
        }
    }
    found
}

fn front_limits(values: &Values) -> Limits {
    let number = |path| usize::try_from(values.number(path)).unwrap_or(usize::MAX);
    Limits {
        connections_max: number("server.quic.connections_max"),
        connections_per_address_max: number("server.quic.connections_per_address_max"),
        tail_events_max: number("server.resume_events_max"),
        drain_max: Duration::from_secs(values.number("server.drain_seconds")),
        ..Limits::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_a_server_on_loopback_that_loses_nothing() {
        let settings = Settings::new(Path::new("here"));
        assert_eq!(settings.dir, Path::new("here"));
        assert_eq!(settings.durability, Durability::Always);
        assert!(settings.quic.listen.ip().is_loopback());
        assert_eq!(settings.exchange.limits, EngineLimits::large());
        assert!(settings.exchange.demanded.is_empty());
        assert_eq!(settings.limits, Limits::default());
    }

    #[test]
    fn a_certificate_without_its_key_is_refused() {
        let flags = [("server.quic.certificate", "chain.pem".to_owned())];
        let values = Values::load(None, [], &flags).unwrap();
        let refused = Settings::from_values(&values).unwrap_err().to_string();
        assert!(refused.contains("server.quic.private_key"), "{refused}");
    }

    #[test]
    fn plaintext_stays_on_loopback() {
        let load = |host: &str, tls: &str, environment: &str| {
            let flags = [
                ("server.host", host.to_owned()),
                ("server.tls", tls.to_owned()),
                ("environment", environment.to_owned()),
            ];
            Settings::from_values(&Values::load(None, [], &flags).unwrap()).map(|settings| settings.rest.plaintext)
        };
        for environment in ["development", "production"] {
            for loopback in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
                assert_eq!(load(loopback, "false", environment), Ok(true));
                assert_eq!(load(loopback, "true", environment), Ok(false));
            }
            for outside in ["0.0.0.0", "::", "10.1.2.3"] {
                assert_eq!(load(outside, "true", environment), Ok(false));
                let refused = load(outside, "false", environment).unwrap_err().to_string();
                assert!(["server.host", "server.tls", outside].iter().all(|word| refused.contains(word)), "{refused}");
            }
        }
    }

    #[test]
    fn what_is_set_and_not_built_is_listed_by_feature_with_who_set_it() {
        let flags = [("database.url", "postgres://db/dce".to_owned()), ("redis.db", "1".to_owned())];
        let environment = [("DCE_DATABASE_MAX_OPEN_CONNS".to_owned(), "5".to_owned())];
        let settings = Settings::from_values(&Values::load(None, environment, &flags).unwrap()).unwrap();
        let named = |missing: &NotBuilt| (missing.feature, missing.keys.iter().map(|key| key.0).collect::<Vec<_>>());
        let found: Vec<_> = settings.not_built.iter().map(named).collect();
        let database = vec!["database.url", "database.max_open_conns"];
        assert_eq!(found, [(Feature::Postgres, database), (Feature::Redis, vec!["redis.db"])]);
        assert!(Settings::new(Path::new("here")).not_built.is_empty());
    }

    #[test]
    fn one_named_capacity_is_a_demand_on_an_existing_log() {
        let flags = [("exchange.limits.profiles_max", "77".to_owned())];
        let settings = Settings::from_values(&Values::load(None, [], &flags).unwrap()).unwrap();
        assert_eq!(settings.exchange.limits, EngineLimits { profiles_max: 77, ..EngineLimits::large() });
        assert_eq!(settings.exchange.demanded, ["limits.profiles_max"]);
    }

    #[test]
    fn a_named_size_is_a_demand_on_every_capacity_of_the_log() {
        let flags = [("exchange.size", "small".to_owned()), ("exchange.currency", "EUR".to_owned())];
        let settings = Settings::from_values(&Values::load(None, [], &flags).unwrap()).unwrap();
        let known = dce_persistence::agree::FIELDS;
        assert!(settings.exchange.demanded.iter().all(|name| known.contains(&name.as_str())));
        assert_eq!(
            settings.exchange.demanded.len(),
            known.iter().filter(|name| name.starts_with("limits.")).count() + 1
        );
    }

    #[test]
    fn capacities_that_contradict_one_another_are_refused_by_name() {
        let flags = [("exchange.limits.calls_max", "10".to_owned())];
        let refused = Settings::from_values(&Values::load(None, [], &flags).unwrap()).unwrap_err();
        assert_eq!(refused, ConfigError::EngineLimit { name: "calls_live_max" });
    }
}
