//! Which server is the right one: a certificate that is pinned, or a root that signed it.
//!
//! An exchange is one known peer, not a web site, so the machine's list of certificate authorities is never asked.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme};

use crate::certificate::Certificate;
use crate::error::Error;

/// Whom to believe. Made from the server's certificate, or from its fingerprint.
///
/// `dce serve` says on its first start where its development certificate lies and what its fingerprint is.
#[derive(Clone, Debug)]
pub struct Trust {
    verifier: Arc<Pinned>,
}

impl Trust {
    /// Exactly the certificates in this PEM file, or one that chains to them and bears the server's name.
    ///
    /// # Errors
    ///
    /// [`Error::Trust`] when the file cannot be read or holds no certificate.
    pub fn pem_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read(path).map_err(|error| Error::trust(format!("{}: {error}", path.display())))?;
        Self::pem(&text).map_err(|_| Error::trust(format!("{}: no certificate in PEM format", path.display())))
    }

    /// As [`pem_file`](Self::pem_file), from the text itself.
    ///
    /// # Errors
    ///
    /// [`Error::Trust`] when there is no certificate in it.
    pub fn pem(text: &[u8]) -> Result<Self, Error> {
        let certificates: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(text).collect();
        match certificates {
            Ok(certificates) if !certificates.is_empty() => Ok(Self::new(Pins::Certificates(certificates))),
            _ => Err(Error::trust("no certificate in PEM format".to_owned())),
        }
    }

    /// The certificate whose SHA-256 this is: 64 hexadecimal digits, colons between them and `sha256:` before them
    /// allowed.
    ///
    /// # Errors
    ///
    /// [`Error::Trust`] when it is no such number.
    pub fn fingerprint(text: &str) -> Result<Self, Error> {
        let digits = text.trim();
        let digits = digits.strip_prefix("sha256:").unwrap_or(digits).replace(':', "");
        let fault = || Error::trust(format!("`{text}` is no SHA-256: 64 hexadecimal digits are"));
        if digits.len() != 64 || !digits.is_ascii() {
            return Err(fault());
        }
        let mut hash = [0_u8; 32];
        for (byte, place) in hash.iter_mut().zip(0..) {
            *byte = u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).map_err(|_| fault())?;
        }
        Ok(Self::new(Pins::Fingerprint(hash)))
    }

    fn new(pins: Pins) -> Self {
        let provider = ring::default_provider();
        let roots = pins.roots();
        let chain = if roots.is_empty() {
            None
        } else {
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(provider.clone())).build().ok()
        };
        Self { verifier: Arc::new(Pinned { pins, chain, provider }) }
    }

    /// The TLS settings of a connection: 1.3 only, AES-128-GCM before the others (the fastest with AES in hardware); with a
    /// certificate of the client's own, if it has one.
    pub(crate) fn tls(&self, own: Option<&Certificate>) -> Result<rustls::ClientConfig, Error> {
        let mut provider = self.verifier.provider.clone();
        provider.cipher_suites.sort_by_key(|suite| suite.suite() != rustls::CipherSuite::TLS13_AES_128_GCM_SHA256);
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| Error::trust(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&self.verifier) as Arc<dyn ServerCertVerifier>);
        let mut config = match own {
            Some(own) => config
                .with_client_auth_cert(own.chain(), own.private_key())
                .map_err(|error| Error::certificate(error.to_string()))?,
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![dce_protocol::ALPN.to_vec()];
        Ok(config)
    }
}

/// What the server's certificate is compared with.
#[derive(Debug)]
enum Pins {
    Certificates(Vec<CertificateDer<'static>>),
    Fingerprint([u8; 32]),
}

impl Pins {
    fn hold(&self, certificate: &CertificateDer<'_>) -> bool {
        match self {
            Self::Certificates(pinned) => pinned.iter().any(|pin| pin.as_ref() == certificate.as_ref()),
            Self::Fingerprint(pin) => sha256(certificate) == Some(*pin),
        }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        if let Self::Certificates(certificates) = self {
            roots.add_parsable_certificates(certificates.iter().cloned());
        }
        roots
    }
}

/// Accepts what is pinned; failing that, what chains to it. Signatures are checked in either case.
struct Pinned {
    pins: Pins,
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: CryptoProvider,
}

impl fmt::Debug for Pinned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Pinned").field(&self.pins).finish()
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        if self.pins.hold(end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        match &self.chain {
            Some(chain) => chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now),
            None => Err(TlsError::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Err(TlsError::General("QUIC speaks TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn sha256(bytes: &[u8]) -> Option<[u8; 32]> {
    let suite = ring::cipher_suite::TLS13_AES_128_GCM_SHA256.tls13()?;
    suite.common.hash_provider.hash(bytes).as_ref().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_with_and_without_ornaments() {
        let plain = "00".repeat(31) + "aF";
        let colons = format!("sha256:{}:AF", vec!["00"; 31].join(":"));
        for text in [plain, colons] {
            let trust = Trust::fingerprint(&text).expect("a fingerprint");
            assert!(matches!(trust.verifier.pins, Pins::Fingerprint(hash) if hash[31] == 0xaf && hash[0] == 0));
        }
        for text in ["", "sha256:", "zz", &"0".repeat(63), &"ü".repeat(32)] {
            assert!(matches!(Trust::fingerprint(text), Err(Error::Trust { .. })), "{text}");
        }
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        let hash = sha256(b"abc").expect("a hash");
        assert_eq!(hash[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(hash[28..], [0xf2, 0x00, 0x15, 0xad]);
    }

    #[test]
    fn a_file_without_a_certificate_is_said() {
        assert!(matches!(Trust::pem(b"nothing"), Err(Error::Trust { .. })));
        let error = Trust::pem_file("no/such/file").expect_err("no file").to_string();
        assert!(error.contains("no/such/file"), "{error}");
    }
}
