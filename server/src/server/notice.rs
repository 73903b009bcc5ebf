//! What a server tells its operator while it starts and stops: one sentence each, with paths and without secrets.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use dce_engine::ids::{LogId, Sequence};
use dce_persistence::Cut;
use dce_runtime::Durability;

use crate::config::{Feature, NotBuilt};

/// One thing worth telling.
#[derive(Clone, Debug)]
pub enum Notice {
    /// Settings were given for something that this program was built without.
    NotBuilt(NotBuilt),
    /// A symmetric secret for tokens was given. It is not used.
    SymmetricSecret {
        /// By whom.
        source: String,
    },
    /// A log was begun.
    LogCreated {
        /// Where.
        dir: PathBuf,
        /// Its name.
        log: LogId,
    },
    /// The log is being replayed, and that takes a while.
    Replaying {
        /// Done up to here.
        done: Sequence,
        /// Of about so many.
        of: Sequence,
    },
    /// The log was replayed.
    Replayed {
        /// Its last command.
        last: Sequence,
        /// How many were applied.
        commands: u64,
        /// How long it took.
        took: Duration,
    },
    /// The log's torn end was cut off. Nothing acknowledged was in it.
    TornEndCut(Cut),
    /// One of the anchor's two slots could not be read.
    AnchorSlotLost,
    /// The history was another log's, or not what the log says, and was made anew from the log.
    HistoryMadeAnew,
    /// A development certificate was made.
    CertificateMade {
        /// What clients are to trust.
        path: PathBuf,
    },
    /// A key for the operator was made.
    OperatorKeyMade {
        /// The file that holds it.
        path: PathBuf,
    },
    /// A key that signs tokens was made.
    SigningKeyMade {
        /// The file that holds it.
        path: PathBuf,
    },
    /// Clients are served.
    Listening {
        /// Where.
        address: SocketAddr,
        /// What an answer promises.
        durability: Durability,
    },
    /// REST is served.
    ListeningRest {
        /// Where.
        address: SocketAddr,
        /// Whether over TLS.
        has_tls: bool,
    },
    /// Traces are sent away.
    Traces {
        /// To whom.
        collector: String,
        /// How many of a million, of those whose sender does not say.
        sampled_per_million: u32,
        /// Whether in plain text, to another host.
        is_plain: bool,
    },
    /// A stop was asked for.
    Stopping,
    /// Everything is on the disk.
    Stopped {
        /// The last command.
        sequence: Sequence,
        /// The state's digest: what `dce log replay` comes to.
        digest: u128,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBuilt(NotBuilt { feature, keys }) => {
                let keys: Vec<String> = keys.iter().map(|(path, source)| format!("{path} ({source})")).collect();
                let (name, advice) = (feature.name(), feature.advice());
                write!(formatter, "set, and without effect: {}; `{name}` is not built: {advice}", keys.join(", "))
            }
            Self::SymmetricSecret { source } => {
                let instead = if Feature::Rest.is_built() {
                    "tokens are signed with an RSA key"
                } else {
                    "tokens are of the feature `rest`, which is not built"
                };
                write!(
                    formatter,
                    "security.jwt_secret ({source}) is a symmetric secret and is never used: {instead}; unset it"
                )
            }
            Self::LogCreated { dir, log } => write!(formatter, "new log {:032x} in {}", log.0, dir.display()),
            Self::Replaying { done, of } => write!(formatter, "replaying the log: {} of {}", done.0, of.0),
            Self::Replayed { last, commands, took } => {
                let seconds = took.as_millis();
                write!(formatter, "log replayed: {commands} commands in {seconds} ms; it goes on after {}", last.0)
            }
            Self::TornEndCut(cut) => write!(
                formatter,
                "the log's torn end from command {} on was cut off ({}); nothing in it had been acknowledged",
                cut.first.0, cut.damage
            ),
            Self::AnchorSlotLost => formatter.write_str(
                "one of the two copies of the log's anchor could not be read; after a power cut that is nothing, \
                 otherwise look at the disk",
            ),
            Self::HistoryMadeAnew => formatter
                .write_str("the history was not this log's, or not what it says: it was made anew from the log"),
            Self::CertificateMade { path } => {
                write!(formatter, "development certificate made: give clients {}", path.display())
            }
            Self::OperatorKeyMade { path } => {
                write!(formatter, "operator's key made (a secret): {}", path.display())
            }
            Self::SigningKeyMade { path } => {
                write!(formatter, "RSA key made that signs tokens (a secret): {}", path.display())
            }
            Self::Listening { address, durability } => {
                let promise = match durability {
                    Durability::Always => "every answer survives a power cut".to_owned(),
                    Durability::Interval(length) => {
                        format!("a crash takes back up to {} ms of answers", length.as_millis())
                    }
                    Durability::None => "a crash takes back answers given since the start".to_owned(),
                };
                write!(formatter, "listening on {address} (QUIC); {promise}")
            }
            Self::ListeningRest { address, has_tls: true } => {
                write!(formatter, "listening on https://{address}/api/v1 (REST); the document is at /swagger")
            }
            Self::ListeningRest { address, has_tls: false } => {
                write!(formatter, "listening on http://{address}/api/v1 (REST) in plain text, for this host only")
            }
            Self::Traces { collector, sampled_per_million, is_plain } => {
                let plain = if *is_plain { " in plain text" } else { "" };
                write!(formatter, "traces go to {collector}{plain}: {sampled_per_million} of a million")
            }
            Self::Stopping => formatter.write_str("stopping: answering what was taken; a second signal ends at once"),
            Self::Stopped { sequence, digest } => {
                write!(formatter, "stopped; the log ends at {}, digest {digest:032x}", sequence.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_durability_says_what_a_crash_takes() {
        let address = SocketAddr::from(([127, 0, 0, 1], 9443));
        let said = |durability| Notice::Listening { address, durability }.to_string();
        assert!(said(Durability::Always).ends_with("every answer survives a power cut"));
        assert!(said(Durability::Interval(Duration::from_millis(20))).contains("20 ms"));
        assert!(said(Durability::None).contains("since the start"));
    }
}
