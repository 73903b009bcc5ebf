//! Why somebody is not let in, or not given what was asked: one closed list. Over HTTP each is a
//! problem with its code (`web`).

use std::time::Duration;

use dce_runtime::JournalFault;

/// Why a token is not taken. Whoever sent it hears only that it is invalid, or that it has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TokenFault {
    /// It is no token in compact form, or larger than one may be.
    #[error("it is no signed token in compact form")]
    Malformed,
    /// It is signed by another algorithm than RS256, or says that it is not signed.
    #[error("its algorithm is not RS256")]
    Algorithm,
    /// It demands an extension.
    #[error("it demands an extension that is not understood")]
    Critical,
    /// It is not of the type that is taken here.
    #[error("it is no access token")]
    Type,
    /// No known key has its `kid`.
    #[error("no known key has its kid")]
    KeyUnknown,
    /// The signature is not that of the key.
    #[error("its signature is wrong")]
    Signature,
    /// Its claims cannot be read, or one that must be there is not.
    #[error("its claims cannot be read")]
    Claims,
    /// Nobody known issued it.
    #[error("its issuer is unknown")]
    Issuer,
    /// It is for somebody else.
    #[error("it is for another audience")]
    Audience,
    /// It is no longer valid.
    #[error("it has expired")]
    Expired,
    /// It is not valid yet.
    #[error("it is not valid yet")]
    NotYet,
    /// It is valid for longer than any token that is taken.
    #[error("it is valid for too long")]
    Lifetime,
    /// Who it is about is unknown, was closed, or has taken back its tokens.
    #[error("who it is about is unknown, or took it back")]
    Subject,
}

/// Why something was not done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// There is no key or token.
    #[error("there is no key or token: send one, as `Authorization: Bearer …`")]
    TokenMissing,
    /// The key or token is none, or was taken back.
    #[error("the key or token is not valid: send one that is, as `Authorization: Bearer …`")]
    TokenInvalid,
    /// The client certificate is good, and nobody's.
    #[error("this client certificate is nobody's: an admin sets whose it is, by its fingerprint")]
    CertificateUnknown,
    /// The token was valid once.
    #[error("the token has expired: get another from auth/refresh or auth/login")]
    TokenExpired,
    /// E-mail or password is wrong; which, is not said.
    #[error("e-mail or password is wrong")]
    CredentialsWrong,
    /// The refresh token is not valid. Where it had been used before, all that came of its login is closed.
    #[error("the refresh token is not valid: log in again")]
    RefreshInvalid,
    /// Role or scope does not reach so far.
    #[error("the role or the scope does not allow it")]
    Forbidden,
    /// The person belongs to no account yet.
    #[error("this person belongs to no account yet: an admin has to give it one")]
    NoAccount,
    /// Nobody may register by itself.
    #[error("registration is closed: an admin has to register people, or set security.registration")]
    RegistrationClosed,
    /// A field breaks its rule.
    #[error("{field} must be {rule}")]
    Field {
        /// Which.
        field: &'static str,
        /// What it must be.
        rule: String,
    },
    /// Nobody and nothing has this id.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// There are as many as there may be.
    #[error("there are as many {what} as there may be ({max})")]
    Full {
        /// Of what.
        what: &'static str,
        /// How many may be.
        max: usize,
    },
    /// Too often, or too many at once.
    #[error("too many requests: try again in {} s", after.as_secs().max(1))]
    TooMany {
        /// When it is worth trying again.
        after: Duration,
    },
    /// The store of identities failed.
    #[error("identities cannot be read or written at the moment; try again later")]
    Store,
}

impl Denied {
    pub(super) fn field(field: &'static str, rule: impl Into<String>) -> Self {
        Self::Field { field, rule: rule.into() }
    }
}

impl From<TokenFault> for Denied {
    fn from(fault: TokenFault) -> Self {
        if fault == TokenFault::Expired { Self::TokenExpired } else { Self::TokenInvalid }
    }
}

/// The system's words are for the operator, who finds them in the log.
impl From<JournalFault> for Denied {
    fn from(fault: JournalFault) -> Self {
        tracing::error!(%fault, "the store of identities failed");
        Self::Store
    }
}
