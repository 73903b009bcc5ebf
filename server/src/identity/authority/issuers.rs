//! Others who issue tokens that are taken here: each with its key set in a file (JWKS).
//!
//! Nothing is fetched: a token can make this process read no file and open no connection. Whoever runs the issuer's key
//! set to us, a timer or a sidecar, replaces the file; it is looked at again at most every ten seconds, when a token
//! names a key that is not known, and once a minute anyway (decision 36).

use std::fs::{self, File};
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use super::fault::TokenFault;
use super::jws::{KEY_SET_BYTES_MAX, KeyFault, KeySet, PublicKey};
use crate::config::Issuer;

/// Between two looks at a file because of a key that is not known.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Why an issuer is not known.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The file cannot be read.
    #[error("security.issuers: cannot read the key set {path} of {url}: {cause}; put the issuer's JWKS there")]
    File {
        /// The issuer.
        url: String,
        /// Its file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file holds no key set that can be used.
    #[error("security.issuers: the key set {path} of {url} is not taken: {fault}")]
    Keys {
        /// The issuer.
        url: String,
        /// Its file.
        path: String,
        /// Why.
        fault: KeyFault,
    },
}

/// One issuer, and its keys as they were last read.
#[derive(Debug)]
pub(super) struct KnownIssuer {
    issuer: Issuer,
    keys: ArcSwap<KeySet>,
    looked: Mutex<Instant>,
}

impl KnownIssuer {
    pub(super) fn open(issuer: &Issuer) -> Result<Self, IssuerError> {
        let keys = read(issuer)?;
        let looked = Mutex::new(Instant::now());
        Ok(Self { issuer: issuer.clone(), keys: ArcSwap::from_pointee(keys), looked })
    }

    /// `iss` of its tokens.
    pub(super) fn url(&self) -> &str {
        &self.issuer.url
    }

    /// Does something with the key of this name; when it is not known, the file may have a new one.
    pub(super) fn with_key<T>(
        &self,
        kid: &str,
        then: impl FnOnce(&PublicKey) -> Result<T, TokenFault>,
    ) -> Result<T, TokenFault> {
        if self.keys.load().get(kid).is_none() {
            self.look_again(LOOK_EVERY);
        }
        self.keys.load().get(kid).map_or(Err(TokenFault::KeyUnknown), then)
    }

    /// Reads the file again, unless that was done a moment ago. A file that is not taken leaves the known keys known.
    pub(super) fn look_again(&self, after: Duration) {
        {
            let mut looked = self.looked.lock();
            if looked.elapsed() < after {
                return;
            }
            *looked = Instant::now();
        }
        match read(&self.issuer) {
            Ok(keys) => self.keys.store(Arc::new(keys)),
            Err(error) => tracing::error!(%error, "a key set could not be read again; its known keys stay valid"),
        }
    }
}

fn read(issuer: &Issuer) -> Result<KeySet, IssuerError> {
    let (url, path) = (issuer.url.clone(), issuer.keys.display().to_string());
    let mut json = Vec::new();
    let opened = fs::metadata(&issuer.keys).and_then(|_| File::open(&issuer.keys));
    let whole = opened.and_then(|file| file.take(KEY_SET_BYTES_MAX + 1).read_to_end(&mut json));
    if let Err(cause) = whole {
        return Err(IssuerError::File { url, path, cause });
    }
    KeySet::parse(&json).map_err(|fault| IssuerError::Keys { url, path, fault })
}
