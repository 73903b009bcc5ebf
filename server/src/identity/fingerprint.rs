//! Client certificates, as far as every front needs them: their fingerprints, and who holds them.

use std::fmt;
#[cfg(feature = "rest")]
use std::sync::Arc;

use dce_protocol::Fault;
use ring::digest::{SHA256, digest};

#[cfg(feature = "rest")]
use super::authority::{Authority, Denied};
use super::keys::Principal;

/// The fingerprint of a certificate that a client showed, and proved to have the key of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// Who says whose a certificate is: the store of identities. A build without it asks no client for one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holders {
    #[cfg(feature = "rest")]
    authority: Option<Arc<Authority>>,
}

impl Fingerprint {
    /// Of a certificate in DER.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        let hash = digest(&SHA256, certificate);
        Self(hash.as_ref().try_into().expect("Invariant: SHA-256 has 32 bytes"))
    }
}

/// As it is kept and shown: 64 hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(feature = "rest")]
impl From<Arc<Authority>> for Holders {
    fn from(authority: Arc<Authority>) -> Self {
        Self { authority: Some(authority) }
    }
}

impl Holders {
    /// Whose a certificate is that a client showed.
    ///
    /// # Errors
    ///
    /// `CertificateUnknown`; `ServerFailed` where it cannot be looked up.
    #[cfg(feature = "rest")]
    pub(crate) fn holder(&self, shown: Fingerprint) -> Result<Principal, Fault> {
        let authority = self.authority.as_ref().ok_or(Fault::CertificateUnknown)?;
        authority.verify_certificate(shown).map_err(|denied| match denied {
            Denied::Store => Fault::ServerFailed,
            _ => Fault::CertificateUnknown,
        })
    }

    /// Nobody's.
    #[cfg(not(feature = "rest"))]
    #[expect(clippy::unused_self, reason = "with the store of identities it is asked")]
    pub(crate) const fn holder(&self, _shown: Fingerprint) -> Result<Principal, Fault> {
        Err(Fault::CertificateUnknown)
    }

    /// How often that was changed.
    pub(crate) fn version(&self) -> u64 {
        #[cfg(feature = "rest")]
        {
            self.authority.as_ref().map_or(0, |authority| authority.certificates_version())
        }
        #[cfg(not(feature = "rest"))]
        0
    }
}
