//! What can go wrong: one closed list, each with a stable code and what to do.

use dce_protocol::name_of;

/// What a request, a connection or a client came to, when not to an answer.
///
/// Codes: 1001–1999 are the exchange's refusals, 2001–2999 the runtime's, 3001–3999 the protocol's, 4001–4999 this
/// library's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The exchange refused the request, and nothing changed. When `transient`, the same may be accepted a moment later:
    /// ask again, as a new request. Otherwise the request has to change.
    #[error("refused: {}{}", named(*.code), if *.transient { "; try again in a moment" } else { "" })]
    Refused {
        /// Why: a code of the exchange, the runtime or the protocol.
        code: u16,
        /// Whether to try again.
        transient: bool,
    },
    /// The server ended the session for good: coming back with the same key and session would end the same way.
    #[error("the server closed the session: {} ({reason})", named(*.code))]
    Closed {
        /// Why: a code of the protocol.
        code: u16,
        /// The server's words.
        reason: String,
    },
    /// What to trust is not there, or the server is not who it should be. Give the server's certificate or fingerprint.
    #[error("trust: {reason}; give the server's certificate (PEM) or its SHA-256 fingerprint")]
    Trust {
        /// What was wrong.
        reason: String,
    },
    /// The address cannot be dialled. Correct it.
    #[error("{address}: {reason}; give the server's address as host:port")]
    Address {
        /// As given.
        address: String,
        /// What was wrong.
        reason: String,
    },
    /// No server answered for as long as the client was to try. Requests that were not answered may or may not have
    /// been carried out: see that the server runs, connect with the same session, and ask again.
    #[error("{address}: no server for {seconds} s ({reason}); see that it runs, then connect again")]
    Unreachable {
        /// Whom.
        address: String,
        /// For how long.
        seconds: u64,
        /// What came of the last try.
        reason: String,
    },
    /// More requests wait here than may. Await some of their answers first.
    #[error("too many requests wait for an answer; await some before asking more")]
    Busy,
    /// The request holds more than a frame may, or a text or list longer than its limit. Make it smaller.
    #[error("the request is too large: {reason}")]
    TooLarge {
        /// What is.
        reason: String,
    },
    /// The client was closed. Connect again.
    #[error("the client is closed; connect again")]
    Ended,
    /// The server said something this library does not understand. Use versions that belong together.
    #[error("the server speaks otherwise: {reason}; use a client of its version")]
    Protocol {
        /// What was not understood.
        reason: String,
    },
    /// The client's own certificate cannot be used, or the server does not take it: another signer, or its time is over.
    #[error("certificate: {reason}; give one that the exchange's operator has signed, and its private key (PEM)")]
    Certificate {
        /// What was wrong.
        reason: String,
    },
}

impl Error {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Refused { code, .. } | Self::Closed { code, .. } => *code,
            Self::Trust { .. } => 4001,
            Self::Address { .. } => 4002,
            Self::Unreachable { .. } => 4003,
            Self::Busy => 4004,
            Self::TooLarge { .. } => 4005,
            Self::Ended => 4006,
            Self::Protocol { .. } => 4007,
            Self::Certificate { .. } => 4008,
        }
    }

    /// The name of the code in the documentation, such as `AuctionNotOpen`; empty when this client is too old to know it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refused { code, .. } | Self::Closed { code, .. } => name_of(*code).map_or("", |known| known.name),
            Self::Trust { .. } => "Trust",
            Self::Address { .. } => "Address",
            Self::Unreachable { .. } => "Unreachable",
            Self::Busy => "Busy",
            Self::TooLarge { .. } => "TooLarge",
            Self::Ended => "Ended",
            Self::Protocol { .. } => "Protocol",
            Self::Certificate { .. } => "Certificate",
        }
    }

    /// Whether the same request may be accepted if it is made again.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Refused { transient: true, .. } | Self::Busy)
    }

    pub(crate) const fn trust(reason: String) -> Self {
        Self::Trust { reason }
    }

    pub(crate) const fn certificate(reason: String) -> Self {
        Self::Certificate { reason }
    }

    pub(crate) fn address(address: &str, reason: &str) -> Self {
        Self::Address { address: address.to_owned(), reason: reason.to_owned() }
    }

    pub(crate) fn protocol(reason: impl Into<String>) -> Self {
        Self::Protocol { reason: reason.into() }
    }
}

/// `1201 AccountUnknown: …`.
fn named(code: u16) -> String {
    match name_of(code) {
        Some(known) => known.to_string(),
        None => format!("{code}, a code this client is too old to know"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_its_code_and_what_to_do() {
        let error = Error::Refused { code: 3101, transient: false };
        assert_eq!((error.code(), error.name(), error.is_transient()), (3101, "Forbidden", false));
        assert_eq!(error.to_string(), "refused: 3101 Forbidden: this key may not do this, or not for this account");
        assert!(Error::Refused { code: 9999, transient: true }.to_string().contains("try again"));
        assert_eq!(Error::Busy.code(), 4004);
    }
}
