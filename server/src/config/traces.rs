//! Settings of traces: which collector takes them, how it is reached, and how many there are.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use super::{ConfigError, Environment, Feature, Source, Values, rule};

/// Where OTLP over HTTP has traces sent to.
const PATH: &str = "/v1/traces";

/// Where traces go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracesSettings {
    /// Who takes them.
    pub collector: Collector,
    /// What it asks for.
    pub headers: Headers,
    /// Who signs its certificate (PEM), where it is reached over TLS.
    pub certificate: Option<PathBuf>,
    /// What this server is called.
    pub service_name: String,
    /// How many of a million are traced, of requests and commands whose sender does not say.
    pub sampled_per_million: u32,
}

/// The address of a collector that speaks OTLP over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector {
    /// Whether over TLS.
    pub is_tls: bool,
    /// Its name or address, without brackets.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// Where it takes traces.
    pub path: String,
}

/// Headers, by name; the values may be secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(String, String)>);

/// Names, not values.
impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl TracesSettings {
    /// None where no collector is named, and where nothing could send to it.
    pub(super) fn from_values(values: &Values, environment: Environment) -> Result<Option<Self>, ConfigError> {
        let Some(collector) = Collector::parse(values.text("traces.otlp_endpoint")) else { return Ok(None) };
        if !Feature::Otel.is_built() {
            return Ok(None);
        }
        let source_name = |path| Source::to_string(values.source(path));
        let host = collector.host.clone();
        let headers: Vec<_> = rule::list(values.text("traces.otlp_headers")).filter_map(header).collect();
        let certificate = Some(values.text("traces.otlp_certificate")).filter(|path| !path.is_empty());
        if collector.is_tls {
            if certificate.is_none() {
                return Err(ConfigError::CollectorCertificate { source_name: source_name("traces.otlp_endpoint") });
            }
        } else if !collector.is_loopback() {
            if !headers.is_empty() {
                return Err(ConfigError::CollectorSecret { host, source_name: source_name("traces.otlp_headers") });
            }
            if environment == Environment::Production && !values.flag("traces.otlp_insecure") {
                return Err(ConfigError::CollectorPlaintext { host, source_name: source_name("traces.otlp_endpoint") });
            }
        }
        let refused = |_| values.refuse("traces.sampled_per_million");
        Ok(Some(Self {
            collector,
            headers: Headers(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()),
            certificate: certificate.map(PathBuf::from),
            service_name: values.text("traces.service_name").to_owned(),
            sampled_per_million: values.number("traces.sampled_per_million").try_into().map_err(refused)?,
        }))
    }
}

impl Collector {
    /// Reads `http://HOST:PORT/PATH`; without a port it is the scheme's, and `/v1/traces` is added where it is not there.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (is_tls, rest) = match text.split_once("://")? {
            ("http", rest) => (false, rest),
            ("https", rest) => (true, rest),
            _ => return None,
        };
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) || rest.contains(['@', '?', '#', '\\', '"', '<', '>']) {
            return None;
        }
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let usual = if is_tls { 443 } else { 80 };
        let (host, port) = match authority.strip_prefix('[') {
            Some(bracketed) => {
                let (host, port) = bracketed.split_once(']')?;
                host.parse::<std::net::Ipv6Addr>().ok()?;
                (
                    host,
                    port.strip_prefix(':')
                        .map_or_else(|| port.is_empty().then_some(usual), |port| port.parse().ok())?,
                )
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, port.parse().ok()?),
                None => (authority, usual),
            },
        };
        if host.is_empty() || port == 0 {
            return None;
        }
        let path = path.trim_end_matches('/');
        let path = if path.ends_with(PATH) { path.to_owned() } else { format!("{path}{PATH}") };
        Some(Self { is_tls, host: host.to_owned(), port, path })
    }

    /// Whether it is on this host.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let is_loopback = |address: IpAddr| address.to_canonical().is_loopback();
        self.host.eq_ignore_ascii_case("localhost") || self.host.parse().is_ok_and(is_loopback)
    }

    /// Its host and port as a URL and a `Host` header have them.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Collector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        write!(formatter, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// The name and the value of an item of `traces.otlp_headers`, as far as HTTP allows them.
pub(super) fn header(item: &str) -> Option<(&str, &str)> {
    let (name, value) = item.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let is_value = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    (is_name && is_value).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    const SECRET: &str = "canary-7d1f";

    fn load(flags: &[(&str, &str)]) -> Result<Option<TracesSettings>, ConfigError> {
        let flags: Vec<(&str, String)> = flags.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
        Settings::from_values(&Values::load(None, [], &flags)?).map(|settings| settings.traces)
    }

    #[test]
    fn a_collector_is_a_scheme_a_host_a_port_and_a_path() {
        for (text, shown) in [
            ("http://jaeger:4318", "http://jaeger:4318/v1/traces"),
            ("http://jaeger:4318/", "http://jaeger:4318/v1/traces"),
            ("https://otlp.example.com", "https://otlp.example.com:443/v1/traces"),
            ("https://otlp.example.com/otlp/v1/traces", "https://otlp.example.com:443/otlp/v1/traces"),
            ("http://[::1]:4318/base/", "http://[::1]:4318/base/v1/traces"),
            ("http://[::1]", "http://[::1]:80/v1/traces"),
        ] {
            assert_eq!(Collector::parse(text).map(|collector| collector.to_string()).as_deref(), Some(shown));
        }
        for wrong in [
            "jaeger:4318",
            "grpc://jaeger:4317",
            "http://",
            "http://:4318",
            "http://jaeger:0",
            "http://jaeger:port",
            "http://jaeger:4318?key=1",
            "http://user:pass@jaeger:4318",
            "http://[jaeger]:4318",
            "http://[::1]4318",
            "http://jae ger:4318",
        ] {
            assert_eq!(Collector::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn headers_have_names_and_their_values_are_not_shown() {
        assert_eq!(header("Authorization=Basic%20Zm9v="), Some(("Authorization", "Basic%20Zm9v=")));
        for wrong in ["token", "=value", "na me=value", "name=\u{e9}", "name=line\nbreak"] {
            assert_eq!(header(wrong), None, "{wrong}");
        }
        let refused = load(&[("traces.otlp_headers", &format!("na me={SECRET}"))]).unwrap_err().to_string();
        assert!(refused.contains("NAME=VALUE") && !refused.contains(SECRET), "{refused}");
        let headers = Headers(vec![("token".to_owned(), SECRET.to_owned())]);
        assert_eq!(format!("{headers:?}"), "{\"token\"}");
    }

    #[cfg(feature = "otel")]
    #[test]
    fn traces_and_secrets_leave_this_host_as_it_is_safe() {
        let refused = |flags: &[(&str, &str)]| load(flags).unwrap_err().to_string();
        let (here, there) =
            (("traces.otlp_endpoint", "http://127.0.0.1:4318"), ("traces.otlp_endpoint", "http://jaeger:4318"));
        let (production, secret) = (("environment", "production"), ("traces.otlp_headers", "token=canary-7d1f"));
        assert!(load(&[]).unwrap().is_none());
        for fine in [&[there][..], &[here, production, secret], &[there, production, ("traces.otlp_insecure", "true")]]
        {
            assert!(load(fine).unwrap().is_some());
        }
        let plain = refused(&[there, production]);
        assert!(plain.contains("jaeger") && plain.contains("traces.otlp_insecure"), "{plain}");
        let told = refused(&[there, secret]);
        assert!(told.contains("traces.otlp_headers") && !told.contains(SECRET), "{told}");
        let unsigned = refused(&[("traces.otlp_endpoint", "https://jaeger")]);
        assert!(unsigned.contains("traces.otlp_certificate"), "{unsigned}");
    }

    #[test]
    fn the_names_everybody_knows_lie_below_ours() {
        let named = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
            let values = Values::load(None, pairs.collect::<Vec<_>>(), &[]).unwrap();
            (values.text("traces.service_name").to_owned(), values.source("traces.service_name").to_string())
        };
        let standard = ("OTEL_SERVICE_NAME", "market");
        assert_eq!(named(&[standard]), ("market".to_owned(), "from the variable OTEL_SERVICE_NAME".to_owned()));
        let ours = ("DCE_TRACES_SERVICE_NAME", "exchange");
        for order in [[standard, ours], [ours, standard]] {
            assert_eq!(named(&order).0, "exchange");
        }
        assert_eq!(named(&[("OTEL_SERVICE_NAME", ""), ("OTEL_TRACES_SAMPLER", "x")]).1, "the default");
    }
}
