//! A certificate of the client's own, which says who it is in place of a key.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::Error;

/// A certificate that the exchange's operator signed, or had signed, with its private key.
///
/// An admin of the exchange says whose it is, by its fingerprint; until then it is nobody's and the session is closed with
/// `CertificateUnknown`.
#[derive(Clone)]
pub struct Certificate(Arc<Parts>);

struct Parts {
    chain: Vec<CertificateDer<'static>>,
    private_key: PrivateKeyDer<'static>,
}

impl Certificate {
    /// From PEM files: the certificate, with those between it and its signer behind it, and its private key.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`] when a file cannot be read, or does not hold what it should.
    pub fn pem_files(chain: impl AsRef<Path>, private_key: impl AsRef<Path>) -> Result<Self, Error> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| Error::certificate(format!("{}: {error}", path.display())))
        };
        Self::pem(&read(chain.as_ref())?, &read(private_key.as_ref())?)
    }

    /// As [`pem_files`](Self::pem_files), from the texts themselves.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`] when they do not hold what they should.
    pub fn pem(chain: &[u8], private_key: &[u8]) -> Result<Self, Error> {
        let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| Error::certificate("no certificate in PEM format".to_owned()))?;
        // What was read is not repeated: it is a secret.
        let private_key = PrivateKeyDer::from_pem_slice(private_key)
            .map_err(|_| Error::certificate("no private key in PEM format".to_owned()))?;
        Ok(Self(Arc::new(Parts { chain, private_key })))
    }

    pub(crate) fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.0.chain.clone()
    }

    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        self.0.private_key.clone_key()
    }
}

/// Its private key does not show itself.
impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Certificate")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_and_no_secret_repeated() {
        const CHAIN: &[u8] = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (chain, key) in [(&b""[..], &b""[..]), (CHAIN, b"a secret"), (b"nothing", b"a secret")] {
            let error = Certificate::pem(chain, key).expect_err("it is not whole");
            assert_eq!(error.code(), 4008);
            assert!(!error.to_string().contains("a secret"), "{error}");
        }
        let error = Certificate::pem_files("no/such/file", "nor/this").expect_err("no file").to_string();
        assert!(error.contains("no/such/file"), "{error}");
    }
}
