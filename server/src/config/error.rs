//! Why settings are not taken: which key, which rule, and what to do. Never a secret.

use std::path::PathBuf;

use super::Rule;

/// Why settings are not taken. Nothing was started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there, or not readable, or no YAML.
    #[error("cannot read the configuration {path}: {cause}; correct it, or start without --config")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system or the parser said.
        cause: String,
    },
    /// A key nobody knows.
    #[error(
        "unknown key `{name}` in {place}; did you mean `{nearest}`? The keys are listed in server/configs/config.yaml"
    )]
    Unknown {
        /// The key.
        name: String,
        /// Where it stands.
        place: String,
        /// The known name most like it.
        nearest: String,
    },
    /// A variable that is no text.
    #[error("the variable {name} must be UTF-8 text and is not; set it again, or unset it")]
    NotText {
        /// Which, with what cannot be read replaced.
        name: String,
    },
    /// Two variables for one key that say different things.
    #[error("{path} is set by {first} and, differently, by {second}: unset one of them")]
    Twice {
        /// The key.
        path: &'static str,
        /// One of its names.
        first: String,
        /// The other.
        second: String,
    },
    /// A value that breaks its key's rule.
    #[error("{path} is `{text}` ({source_name}): it must be {rule}")]
    Value {
        /// The key.
        path: &'static str,
        /// What was given, as far as it may be shown.
        text: String,
        /// Where.
        source_name: String,
        /// The rule.
        rule: Rule,
    },
    /// Two keys that only make sense together.
    #[error("{first} and {second} belong together: set both or neither")]
    Pair {
        /// The one.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// Capacities no exchange can have.
    #[error(
        "exchange.limits.{name} is outside its range, or contradicts another capacity: leave it out, or see `Limits` in \
         dce-engine for what relates them"
    )]
    EngineLimit {
        /// Which.
        name: &'static str,
    },
    /// Plaintext where others could read it.
    #[error(
        "server.host is {host} and server.tls is false ({source_name}): plaintext is for loopback only; set server.tls to \
         true, or server.host to 127.0.0.1"
    )]
    Plaintext {
        /// The address.
        host: String,
        /// Who set `server.tls`.
        source_name: String,
    },
    /// Traces that others could read on their way.
    #[error(
        "traces.otlp_endpoint is plain http to {host} ({source_name}): in production traces leave this host over TLS; write \
         https://, or set traces.otlp_insecure to true where the network is yours"
    )]
    CollectorPlaintext {
        /// The collector's host.
        host: String,
        /// Who set it.
        source_name: String,
    },
    /// Secrets that others could read on their way.
    #[error(
        "traces.otlp_headers ({source_name}) would go to {host} in plain text: write https:// in traces.otlp_endpoint, or \
         leave the headers out"
    )]
    CollectorSecret {
        /// The collector's host.
        host: String,
        /// Who set the headers.
        source_name: String,
    },
    /// TLS to a collector nobody vouches for.
    #[error(
        "traces.otlp_endpoint is https ({source_name}) and traces.otlp_certificate is empty: name the file (PEM) of those who \
         sign the collector's certificate, /etc/ssl/certs/ca-certificates.crt for those whom the system trusts"
    )]
    CollectorCertificate {
        /// Who set the endpoint.
        source_name: String,
    },
    /// A symmetric secret in production.
    #[error(
        "security.jwt_secret is set ({source_name}): a symmetric secret can be used to forge tokens by everybody who \
         checks them, so none is ever used, and in production nothing is signed with a key of the server's own making. \
         Unset it, make an RSA key with `{command}`, and set security.jwt_private_key to its file"
    )]
    SymmetricSecret {
        /// Who set it.
        source_name: String,
        /// What makes a key.
        command: &'static str,
    },
}
