//! The keys that sign our tokens: RSA keys as PEM files, the last one by name signs, all are published.
//!
//! | where | when |
//! |---|---|
//! | a file named by `security.jwt_private_key` | one key, changed by changing the file |
//! | a folder named by it | every `*.pem` in it, as a Kubernetes secret mounts them |
//! | `identity/signing/` | none was named: `dce signing-key rotate` adds keys, and development makes the first |
//!
//! To rotate is to add a file whose name comes later; the one before it goes once the tokens it signed have expired. A
//! running server looks once a second. A `kid` is the key's thumbprint (RFC 7638): nobody chooses it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;

use super::jws::KeySet;
use crate::identity::IdentityError;
use crate::identity::files::{create_private, create_private_dir, read_small};

/// Keys in a folder at most; more are an accident.
const KEYS_MAX: usize = 16;
/// After this no token that a replaced key signed is valid: the longest `security.token_expiry`, and as much again.
const KEPT_FOR: Duration = Duration::from_secs(2 * 86_400);

/// Why there is nothing to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Files(#[from] IdentityError),
    /// A file is no RSA key.
    #[error(
        "{path} holds no RSA private key of 2048 bits or more in PEM; make one with `dce signing-key create --out FILE`"
    )]
    Pem {
        /// Which.
        path: PathBuf,
    },
    /// The folder holds none.
    #[error("{0} holds no *.pem; make a key with `dce signing-key create --out FILE`")]
    Empty(PathBuf),
    /// The folder holds too many.
    #[error("{path} holds {found} keys; take out those whose tokens have expired")]
    TooMany {
        /// Which.
        path: PathBuf,
        /// How many.
        found: usize,
    },
    /// In production none is made.
    #[error(
        "environment is production and there is no key to sign tokens with: make one with `dce signing-key create --out \
         FILE`, and set security.jwt_private_key to it"
    )]
    Missing,
    /// The file is there already.
    #[error("{0} is there already, and a key is not written over: name another file")]
    Exists(PathBuf),
    /// The system has no random numbers.
    #[error("no RSA key could be made: the system gives no random numbers")]
    Random,
}

/// The keys, as far as they were read.
#[derive(Debug)]
pub(crate) struct Signing {
    /// A file, or a folder of them.
    place: PathBuf,
    known: ArcSwap<Known>,
    /// How often the keys were read again.
    version: AtomicU64,
}

struct Known {
    kid: String,
    signs: EncodingKey,
    /// Of all keys, as others are given it.
    published: Vec<u8>,
    verifies: KeySet,
    stamp: Vec<(PathBuf, u64, Option<SystemTime>)>,
}

/// Where keys lie that nobody named.
pub(crate) fn usual_folder(identity_dir: &Path) -> PathBuf {
    identity_dir.join("signing")
}

/// Makes a key in a file that was not there.
pub(crate) fn create(path: &Path) -> Result<(), SigningError> {
    if create_private(path, generate()?.as_bytes())? { Ok(()) } else { Err(SigningError::Exists(path.to_owned())) }
}

/// A new RSA key of 3072 bits, as PEM.
pub(super) fn generate() -> Result<String, SigningError> {
    generate_of(KeySize::Rsa3072)
}

/// The first key of an installation that is only tried out: of 2048 bits, which is enough for that and made at once.
pub(super) fn first(folder: &Path) -> Result<PathBuf, SigningError> {
    create_private_dir(folder)?;
    let path = folder.join("000001.pem");
    create_private(&path, generate_of(KeySize::Rsa2048)?.as_bytes())?;
    Ok(path)
}

fn generate_of(size: KeySize) -> Result<String, SigningError> {
    let pair = KeyPair::generate(size).map_err(|_| SigningError::Random)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| SigningError::Random)?;
    let text = STANDARD.encode(der.as_ref());
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n")))
}

/// Adds a key to a folder, which signs from now on, and takes out those that no valid token is signed with any more.
/// Returns its file, and how many were taken out.
pub(crate) fn rotate(folder: &Path) -> Result<(PathBuf, usize), SigningError> {
    create_private_dir(folder)?;
    let files = files(folder)?;
    let number = |path: &PathBuf| path.file_stem()?.to_str()?.parse::<u32>().ok();
    let next = files.iter().filter_map(number).max().unwrap_or(0).saturating_add(1);
    let path = folder.join(format!("{next:06}.pem"));
    // Whoever rotates at the same moment writes the same file, and one of the two keys is the one that counts.
    create_private(&path, generate()?.as_bytes())?;
    let mut removed = 0;
    for pair in files.windows(2) {
        // A key was replaced when the one after it was made.
        let replaced = fs::metadata(&pair[1]).and_then(|file| file.modified()).ok();
        if replaced.is_some_and(|at| at.elapsed().is_ok_and(|age| age > KEPT_FOR)) {
            fs::remove_file(&pair[0]).map_err(IdentityError::file("remove", &pair[0]))?;
            removed += 1;
        }
    }
    Ok((path, removed))
}

impl Signing {
    /// Reads the keys of a file or a folder.
    pub(crate) fn open(place: PathBuf) -> Result<Self, SigningError> {
        let known = read(&place)?;
        Ok(Self { place, known: ArcSwap::from_pointee(known), version: AtomicU64::new(0) })
    }

    /// Reads them again if they have changed. Returns whether they had.
    pub(crate) fn refresh(&self) -> Result<bool, SigningError> {
        if self.known.load().stamp == stamp(&files(&self.place)?) {
            return Ok(false);
        }
        self.known.store(Arc::new(read(&self.place)?));
        // After the keys: whoever asked for the version before has perhaps seen the old ones, and nobody the old ones after.
        self.version.fetch_add(1, Ordering::AcqRel);
        Ok(true)
    }

    /// How often the keys were read again: who keeps what one of them found right looks again when it has changed.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Signs claims as an access token.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, SigningError> {
        let known = self.known.load();
        let mut header = Header::new(Algorithm::RS256);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(known.kid.clone());
        encode(&header, claims, &known.signs).map_err(|_| SigningError::Random)
    }

    /// With the key of this name, if it is ours.
    pub(crate) fn with_key<T>(&self, kid: &str, then: impl FnOnce(&super::jws::PublicKey) -> T) -> Option<T> {
        self.known.load().verifies.get(kid).map(then)
    }

    /// The public keys as a key set (RFC 7517).
    pub(crate) fn published(&self) -> Vec<u8> {
        self.known.load().published.clone()
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Known").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The key files of a place, in order of their names.
fn files(place: &Path) -> Result<Vec<PathBuf>, SigningError> {
    if !place.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let fault = |error| SigningError::Files(IdentityError::file("read", place)(error));
    let mut files = Vec::new();
    for entry in fs::read_dir(place).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            files.push(path);
        }
    }
    files.sort();
    if files.len() > KEYS_MAX {
        return Err(SigningError::TooMany { path: place.to_owned(), found: files.len() });
    }
    Ok(files)
}

fn stamp(files: &[PathBuf]) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
    let of = |path: &PathBuf| fs::metadata(path).map_or((0, None), |file| (file.len(), file.modified().ok()));
    files.iter().map(|path| (path.clone(), of(path).0, of(path).1)).collect()
}

fn read(place: &Path) -> Result<Known, SigningError> {
    let files = files(place)?;
    // Before the keys: what changes in between is read again.
    let stamp = stamp(&files);
    let mut last = None;
    let mut set = JwkSet { keys: Vec::new() };
    for path in &files {
        let (kid, key, jwk) = read_key(path)?;
        // The same key under two names is one key.
        set.keys.retain(|known| known.common.key_id.as_deref() != Some(kid.as_str()));
        set.keys.push(jwk);
        last = Some((kid, key));
    }
    let (kid, signs) = last.ok_or_else(|| SigningError::Empty(place.to_owned()))?;
    let published = serde_json::to_vec(&set).map_err(|_| SigningError::Pem { path: place.to_owned() })?;
    // Read back as a stranger would: a key that others would refuse does not sign.
    let verifies = KeySet::parse(&published).map_err(|_| SigningError::Pem { path: place.to_owned() })?;
    if verifies.get(&kid).is_none() {
        return Err(SigningError::Pem { path: files.last().cloned().unwrap_or_default() });
    }
    Ok(Known { kid, signs, published, verifies, stamp })
}

fn read_key(path: &Path) -> Result<(String, EncodingKey, Jwk), SigningError> {
    let refused = || SigningError::Pem { path: path.to_owned() };
    let pem = read_small(path)?;
    let key = EncodingKey::from_rsa_pem(&pem).map_err(|_| refused())?;
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).map_err(|_| refused())?;
    if !matches!(jwk.algorithm, AlgorithmParameters::RSA(_)) {
        return Err(refused());
    }
    let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| refused())?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok((kid, key, jwk))
}
