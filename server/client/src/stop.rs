//! Why a connection ended, and whether to come back.

use dce_protocol::Fault;
use quinn::{ConnectionError, ReadError};

use crate::error::Error;

/// Codes of QUIC transport errors that stand for a TLS alert (RFC 9001, section 4.8).
const TLS_ALERTS: std::ops::Range<u64> = 0x100..0x200;
/// The alert "no application protocol": the server speaks another version.
const NO_APPLICATION_PROTOCOL: u64 = TLS_ALERTS.start + 120;
/// The alerts about a certificate, from "bad certificate" to "decrypt error" (RFC 8446, section 6.2).
const CERTIFICATE_ALERTS: std::ops::RangeInclusive<u64> = TLS_ALERTS.start + 42..=TLS_ALERTS.start + 51;

/// Why reading ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Dial again and resume.
    Lost(Error),
    /// The server no longer has what was missed: dial again, begin from now.
    Forget,
    /// Coming back would end the same way.
    Fatal(Error),
}

impl Stop {
    /// What a closing by the server means.
    pub(crate) fn closed(code: u16, reason: &str) -> Self {
        let error = Error::Closed { code, reason: reason.to_owned() };
        match Fault::from_code(code) {
            Some(Fault::ResumeTooOld | Fault::ResumeElsewhere) => Self::Forget,
            Some(fault) if fault.is_transient() => Self::Lost(error),
            // The runtime could not take the session just now: its journal is full, or it is about to stop.
            None if (2_001..3_000).contains(&code) => Self::Lost(error),
            _ => Self::Fatal(error),
        }
    }

    /// A frame that cannot be read.
    pub(crate) fn misread(fault: Fault) -> Self {
        Self::Fatal(Error::protocol(format!("{} {fault}", fault.code())))
    }

    /// An accident on the way.
    pub(crate) fn lost(reason: impl Into<String>) -> Self {
        Self::Lost(Error::protocol(reason))
    }
}

impl From<ConnectionError> for Stop {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::TransportError(fault) if u64::from(fault.code) == NO_APPLICATION_PROTOCOL => {
                Self::Fatal(Error::protocol("it does not know this protocol"))
            }
            // Our own judgement of its certificate; it will not become right.
            ConnectionError::TransportError(fault) if TLS_ALERTS.contains(&u64::from(fault.code)) => {
                Self::Fatal(Error::trust(fault.reason))
            }
            ConnectionError::ConnectionClosed(close) if u64::from(close.error_code) == NO_APPLICATION_PROTOCOL => {
                Self::Fatal(Error::protocol("it does not know this protocol"))
            }
            // The server's judgement of ours.
            ConnectionError::ConnectionClosed(close) if CERTIFICATE_ALERTS.contains(&u64::from(close.error_code)) => {
                Self::Fatal(Error::certificate(format!("the server does not take it ({})", close.error_code)))
            }
            ConnectionError::ApplicationClosed(close) => match u16::try_from(close.error_code.into_inner()) {
                Ok(code) if code > 0 => Self::closed(code, &String::from_utf8_lossy(&close.reason)),
                _ => Self::lost("the server closed the connection"),
            },
            other => Self::lost(other.to_string()),
        }
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::ConnectionLost(error) => error.into(),
            ReadError::Reset(code) => match u16::try_from(code.into_inner()) {
                Ok(code) if code > 0 => Self::closed(code, "the stream was reset"),
                _ => Self::lost("the stream was reset"),
            },
            other => Self::lost(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_and_what_will_not_is_not() {
        for fault in [Fault::ServerStopping, Fault::TooSlow, Fault::Idle, Fault::ConnectionsFull, Fault::ServerFailed] {
            assert!(matches!(Stop::closed(fault.code(), ""), Stop::Lost(_)), "{fault}");
        }
        for fault in [Fault::KeyUnknown, Fault::SessionTaken, Fault::VersionUnsupported, Fault::TypeUnknown] {
            assert!(matches!(Stop::closed(fault.code(), ""), Stop::Fatal(_)), "{fault}");
        }
        for fault in [Fault::ResumeTooOld, Fault::ResumeElsewhere] {
            assert_eq!(Stop::closed(fault.code(), ""), Stop::Forget, "{fault}");
        }
        assert!(matches!(Stop::closed(2001, ""), Stop::Lost(_)));
        assert!(matches!(Stop::closed(1204, ""), Stop::Fatal(Error::Closed { code: 1204, .. })));
    }
}
