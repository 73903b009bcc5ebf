//! TLS 1.3 and the keys by which QUIC recognises its own: fast cipher first, no early data.

use std::path::Path;
use std::sync::Arc;

use dce_protocol::ALPN;
use quinn::crypto::rustls::QuicServerConfig;
use ring::hmac;
use rustls::crypto::CryptoProvider;
use rustls::{CipherSuite, RootCertStore};

use crate::identity::{IdentityError, ServerIdentity, client_verifier, reset_key};

/// What every endpoint of this server has in common.
#[derive(Clone)]
pub(crate) struct Tls {
    pub(super) crypto: Arc<QuicServerConfig>,
    /// Keys the stateless resets: the same after a restart, so that a client whose connection is unknown here learns it
    /// from its first packet.
    pub(super) reset_key: Arc<hmac::Key>,
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// Certificate and key do not fit.
    #[error("the certificate and its private key cannot be used: {0}; they must belong together")]
    Certificate(#[from] rustls::Error),
    /// No cipher that QUIC needs.
    #[error("this build has no cipher suite that QUIC needs")]
    Cipher,
    /// The reset key cannot be read or made.
    #[error(transparent)]
    Files(#[from] IdentityError),
}

impl Tls {
    /// From the server's certificate, those who sign clients', and the reset key under `identity_dir`.
    pub(crate) fn new(
        identity: ServerIdentity,
        clients: Option<RootCertStore>,
        identity_dir: &Path,
    ) -> Result<Self, TlsError> {
        let provider = Arc::new(provider());
        let verifier = client_verifier(clients, &provider)?;
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(verifier)
            .with_single_cert(identity.chain, identity.private_key)?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        config.ignore_client_order = true;
        // Early data can be replayed by whoever recorded it.
        config.max_early_data_size = 0;
        let crypto = QuicServerConfig::try_from(config).map_err(|_| TlsError::Cipher)?;
        let reset_key = hmac::Key::new(hmac::HMAC_SHA256, &reset_key(identity_dir)?);
        Ok(Self { crypto: Arc::new(crypto), reset_key: Arc::new(reset_key) })
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// ring, with AES-128-GCM first: a fifth faster than ChaCha20 where the processor knows AES.
fn provider() -> CryptoProvider {
    let mut provider = rustls::crypto::ring::default_provider();
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
    provider
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_cipher_is_asked_for_first() {
        assert_eq!(provider().cipher_suites[0].suite(), CipherSuite::TLS13_AES_128_GCM_SHA256);
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let theirs = ServerIdentity::development(other.path()).unwrap();
        let ours = ServerIdentity { chain: theirs.chain, ..ServerIdentity::development(one.path()).unwrap() };
        assert!(matches!(Tls::new(ours, None, one.path()), Err(TlsError::Certificate(_))));
    }
}
