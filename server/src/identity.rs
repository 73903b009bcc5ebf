//! Who is speaking, and what they may ask.
//!
//! | file under `DIR/identity/` | what it is |
//! |---|---|
//! | `keys` | one line a key: prefix, keyed hash, role, account. No secret |
//! | `pepper` | the key of those hashes. Secret |
//! | `operator.key` | the operator's first key, made on the first start. Secret |
//! | `certificate.pem`, `certificate-key.pem` | the development certificate and its private key (secret) |
//! | `reset.key` | keys QUIC's stateless resets, so that clients notice a restart at once. Secret |
//! | `caller.key` | makes subject ids of callers' numbers; with another one every caller is a stranger. Secret |
//!
//! Secrets are readable by the owner only, and never logged. Tokens and client certificates resolve to the same [`Principal`]
//! as a key does.

#[cfg(feature = "rest")]
pub mod authority;
mod certificate;
mod files;
mod fingerprint;
mod keys;
mod roles;
mod scope;
mod secret;
mod watch;

pub use certificate::{CertificateError, ServerIdentity};
pub(crate) use certificate::{client_roots, client_verifier};
pub use files::IdentityError;
pub use fingerprint::Fingerprint;
pub(crate) use fingerprint::Holders;
pub use keys::{KeyRecord, KeyStore, Keys, Principal};
pub use roles::{Action, Grant, Role};
pub use scope::{Scope, ScopeUnknown, Scopes};
pub use secret::{Secret, SecretError};
pub(crate) use watch::KeyWatch;

use std::path::{Path, PathBuf};

use dce_engine::ids::AccountId;

/// Where the identity files of an installation lie.
#[must_use]
pub fn identity_dir(dir: &Path) -> PathBuf {
    dir.join("identity")
}

/// Writes a key into a file that is not there yet, for its owner only.
pub(crate) fn write_secret(path: &Path, secret: &Secret) -> Result<(), IdentityError> {
    let exists = || IdentityError::file("write", path)(std::io::ErrorKind::AlreadyExists.into());
    let written = files::create_private(path, format!("{}\n", secret.expose()).as_bytes())?;
    if written { Ok(()) } else { Err(exists()) }
}

/// The key of QUIC's stateless resets, made if there is none.
pub(crate) fn reset_key(identity_dir: &Path) -> Result<[u8; 32], IdentityError> {
    files::secret_bytes(&identity_dir.join("reset.key"))
}

/// The key by which callers' numbers become subject ids, made if there is none. Whoever has it can tell who called.
#[cfg(feature = "rest")]
pub(crate) fn caller_key(identity_dir: &Path) -> Result<[u8; 32], IdentityError> {
    files::secret_bytes(&identity_dir.join("caller.key"))
}

/// The file of the operator's first key. Where no operator has a key yet, one is made: `true` then.
pub(crate) fn operator_key(identity_dir: &Path, store: &KeyStore) -> Result<(PathBuf, bool), IdentityError> {
    let path = identity_dir.join("operator.key");
    let has_operator = store.list()?.iter().any(|record| record.role.runs_the_market() && !record.revoked);
    if has_operator {
        return Ok((path, false));
    }
    // The file first: a crash in between leaves a secret that opens nothing, and the next start makes another.
    let secret = Secret::generate().map_err(|_| IdentityError::Random)?;
    files::replace_private(&path, format!("{}\n", secret.expose()).as_bytes())?;
    store.add(&secret, AccountId::PLATFORM, Role::Operator, Scopes::ALL)?;
    Ok((path, true))
}
