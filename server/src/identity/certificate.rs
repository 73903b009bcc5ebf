//! The server's TLS identity: a certificate from files, or the development certificate made on the first start.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair, SanType};
use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use super::files::{IdentityError, create_private_dir, create_public, replace_private};
use crate::config::CertificateFiles;

/// A certificate chain and its private key, with the place of the chain.
#[derive(Debug)]
pub struct ServerIdentity {
    /// The chain, the server's own certificate first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The private key of the first.
    pub private_key: PrivateKeyDer<'static>,
    /// What clients are told to trust, as a file.
    pub chain_path: PathBuf,
    /// Whether it was made just now.
    pub is_new: bool,
}

/// Why there is no TLS identity.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read as PEM.
    #[error("cannot read {path} as PEM: {cause}; give a certificate chain and a PKCS#8, PKCS#1 or SEC1 key")]
    Pem {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// A chain without a certificate.
    #[error("{0} holds no certificate")]
    Empty(PathBuf),
    /// The development certificate cannot be made.
    #[error("cannot make a development certificate: {0}")]
    Make(String),
    /// In production none is made.
    #[error(
        "environment is production and there is no certificate: set server.quic.certificate and server.quic.private_key"
    )]
    Missing,
    /// The system refused.
    #[error(transparent)]
    Files(#[from] IdentityError),
}

/// Reads the certificates of those who sign clients' certificates.
///
/// # Errors
///
/// When the file is not there, is not PEM, or holds no certificate that can sign.
pub(crate) fn client_roots(path: &Path) -> Result<RootCertStore, CertificateError> {
    let fault = |cause: String| CertificateError::Pem { path: path.to_owned(), cause };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| fault(error.to_string()))? {
        let certificate = certificate.map_err(|error| fault(error.to_string()))?;
        roots.add(certificate).map_err(|error| fault(error.to_string()))?;
    }
    if roots.is_empty() { Err(CertificateError::Empty(path.to_owned())) } else { Ok(roots) }
}

/// How a front judges clients' certificates. With `clients`, who shows a certificate that one of them signed is known by it; who
/// shows another, or one whose time is over, is not let in; who shows none says otherwise who it is.
///
/// # Errors
///
/// When none of them can sign.
pub(crate) fn client_verifier(
    clients: Option<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, rustls::Error> {
    let Some(roots) = clients else { return Ok(WebPkiClientVerifier::no_client_auth()) };
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .allow_unauthenticated()
        .build()
        .map_err(|error| rustls::Error::General(error.to_string()))
}

impl ServerIdentity {
    /// Reads the configured certificate.
    ///
    /// # Errors
    ///
    /// When the files are not there or are not PEM.
    pub fn from_files(files: &CertificateFiles) -> Result<Self, CertificateError> {
        let fault = |path: &Path| {
            let path = path.to_owned();
            move |error: rustls::pki_types::pem::Error| CertificateError::Pem { path, cause: error.to_string() }
        };
        let chain: Result<Vec<_>, _> =
            CertificateDer::pem_file_iter(&files.chain).map_err(fault(&files.chain))?.collect();
        let chain = chain.map_err(fault(&files.chain))?;
        if chain.is_empty() {
            return Err(CertificateError::Empty(files.chain.clone()));
        }
        let private_key = PrivateKeyDer::from_pem_file(&files.private_key).map_err(fault(&files.private_key))?;
        Ok(Self { chain, private_key, chain_path: files.chain.clone(), is_new: false })
    }

    /// Reads the development certificate under `identity_dir`, or makes it.
    ///
    /// It names `localhost`, the loopback addresses and this host, and is trusted by nobody who has not been given it.
    ///
    /// # Errors
    ///
    /// When files cannot be made or read.
    pub fn development(identity_dir: &Path) -> Result<Self, CertificateError> {
        create_private_dir(identity_dir)?;
        let files = CertificateFiles {
            chain: identity_dir.join("certificate.pem"),
            private_key: identity_dir.join("certificate-key.pem"),
        };
        // The chain is written last: where it is, its key is too.
        let is_new = !files.chain.exists();
        if is_new {
            let (chain, private_key) = make().map_err(|error| CertificateError::Make(error.to_string()))?;
            replace_private(&files.private_key, private_key.as_bytes())?;
            create_public(&files.chain, chain.as_bytes())?;
        }
        Ok(Self { is_new, ..Self::from_files(&files)? })
    }
}

fn make() -> Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "dce development");
    params.subject_alt_names.push(SanType::IpAddress(std::net::Ipv4Addr::LOCALHOST.into()));
    params.subject_alt_names.push(SanType::IpAddress(std::net::Ipv6Addr::LOCALHOST.into()));
    if let Ok(name) = rustix::system::uname().nodename().to_str().unwrap_or_default().try_into() {
        params.subject_alt_names.push(SanType::DnsName(name));
    }
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_development_certificate_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let first = ServerIdentity::development(dir.path()).unwrap();
        let second = ServerIdentity::development(dir.path()).unwrap();
        assert!(first.is_new && !second.is_new);
        assert_eq!(first.chain, second.chain);
        assert_eq!(first.private_key.secret_der(), second.private_key.secret_der());
    }

    #[test]
    fn a_key_that_is_not_there_or_no_pem_is_said_with_its_path() {
        let dir = tempfile::tempdir().unwrap();
        ServerIdentity::development(dir.path()).unwrap();
        std::fs::write(dir.path().join("certificate-key.pem"), "nonsense").unwrap();
        let refused = ServerIdentity::development(dir.path()).unwrap_err().to_string();
        assert!(refused.contains("certificate-key.pem"), "{refused}");
        std::fs::write(dir.path().join("certificate.pem"), "").unwrap();
        assert!(matches!(ServerIdentity::development(dir.path()), Err(CertificateError::Empty(_))));
    }
}
