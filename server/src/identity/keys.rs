//! API keys: a file of prefixes and keyed hashes, appended by `dce key`, noticed by a running server.
//!
//! ```text
//! # dce keys 1: prefix, HMAC-SHA-256 of the secret, role, account, made at (seconds since 1970); or: prefix revoked
//! 4j9m… 8f3c…64 hex… buyer 10 1764000000
//! 7k2p… 91be…64 hex… seller 20 1764000000 calls,read
//! 4j9m… revoked
//! ```

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use dce_engine::ids::AccountId;
use hashbrown::HashMap;
use ring::hmac;
use rustix::fs::{FlockOperation, flock};

use super::files::{IdentityError, create_private_dir, read_small, secret_bytes, sync_parent};
use super::roles::{Action, Grant, Role};
use super::scope::Scopes;
use super::secret::{PREFIX_LETTERS, Secret, prefix_of};

const HEAD: &str = "# dce keys 1: prefix, HMAC-SHA-256 of the secret, role, account, made at; or: prefix revoked\n";
const HASH_BYTES: usize = 32;

/// Who a key speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The account.
    pub account: AccountId,
    /// What it may ask.
    pub role: Role,
    /// As much of that as this key or token is good for.
    pub scopes: Scopes,
    /// The public part of its key: what logs may name. A person's and a program's is the name it is known by.
    pub prefix: [u8; PREFIX_LETTERS],
}

impl Principal {
    /// What it may ask of an action: its role's permission, where the scope is good for it.
    #[must_use]
    pub const fn grant(&self, action: Action) -> Grant {
        if self.scopes.has(action.scope()) { action.granted_to(self.role) } else { Grant::No }
    }

    /// Whether it may ask this for an account; none where the answer is cut to what its asker may see.
    #[must_use]
    pub fn may(&self, action: Action, account: Option<AccountId>) -> bool {
        match self.grant(action) {
            Grant::Any => true,
            Grant::Own => account.is_none_or(|account| account == self.account),
            Grant::No => false,
        }
    }
}

/// One key, as `dce key list` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The public part.
    pub prefix: String,
    /// What it may ask.
    pub role: Role,
    /// Who it speaks for.
    pub account: AccountId,
    /// Seconds since 1970.
    pub made_at: u64,
    /// As much of that as it is good for.
    pub scopes: Scopes,
    /// Whether it was taken back.
    pub revoked: bool,
    hash: [u8; HASH_BYTES],
}

/// The file of an installation's keys.
#[derive(Clone, Debug)]
pub struct KeyStore {
    path: PathBuf,
    pepper: hmac::Key,
    keys_max: usize,
}

/// The keys a running server knows; lookups never wait for a reload.
#[derive(Debug)]
pub struct Keys {
    store: KeyStore,
    known: ArcSwap<Known>,
    /// How often they were read.
    version: AtomicU64,
}

#[derive(Debug, Default)]
struct Known {
    by_prefix: HashMap<String, KeyRecord>,
    /// Length and time of the file they were read from.
    stamp: (u64, Option<SystemTime>),
}

impl KeyStore {
    /// The keys under `identity_dir`, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// When files cannot be made or read.
    pub fn open(identity_dir: &Path, keys_max: usize) -> Result<Self, IdentityError> {
        create_private_dir(identity_dir)?;
        let pepper: [u8; 32] = secret_bytes(&identity_dir.join("pepper"))?;
        let pepper = hmac::Key::new(hmac::HMAC_SHA256, &pepper);
        Ok(Self { path: identity_dir.join("keys"), pepper, keys_max })
    }

    /// Makes a key. The secret is in the answer and nowhere else.
    ///
    /// # Errors
    ///
    /// When there are too many, or the file cannot be written.
    pub fn create(&self, account: AccountId, role: Role) -> Result<Secret, IdentityError> {
        self.create_scoped(account, role, Scopes::ALL)
    }

    /// Makes a key that is good for some of what its role may.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub fn create_scoped(&self, account: AccountId, role: Role, scopes: Scopes) -> Result<Secret, IdentityError> {
        let secret = Secret::generate().map_err(|_| IdentityError::Random)?;
        self.add(&secret, account, role, scopes).map(|()| secret)
    }

    /// Makes a key of a secret that was drawn before.
    pub(super) fn add(
        &self,
        secret: &Secret,
        account: AccountId,
        role: Role,
        scopes: Scopes,
    ) -> Result<(), IdentityError> {
        let hash = hex(self.hash(secret.expose().as_bytes()).as_ref());
        let made_at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.append(|known| {
            if known.len() >= self.keys_max {
                return Err(IdentityError::TooManyKeys(known.len()));
            }
            // A line without scopes is what every key was before there were any, and means all of them.
            let scopes = match scopes {
                Scopes::ALL => String::new(),
                some => format!(" {}", some.to_string().replace(' ', ",")),
            };
            Ok(format!("{} {hash} {} {} {made_at}{scopes}\n", secret.prefix(), role.name(), account.0))
        })
    }

    /// Takes a key back. A running server drops its sessions within about a second.
    ///
    /// # Errors
    ///
    /// When no key has this prefix, or the file cannot be written.
    pub fn revoke(&self, prefix: &str) -> Result<(), IdentityError> {
        self.append(|known| {
            let exists = known.iter().any(|record| record.prefix == prefix);
            exists.then(|| format!("{prefix} revoked\n")).ok_or_else(|| IdentityError::UnknownKey(prefix.to_owned()))
        })
    }

    /// Every key, in the order of making.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or a line of it cannot be understood.
    pub fn list(&self) -> Result<Vec<KeyRecord>, IdentityError> {
        if !self.path.exists() {
            return Ok(Vec::new());
        }
        let text = String::from_utf8(read_small(&self.path)?).map_err(|_| self.bad_line(1, "not text"))?;
        // Without its end a last line was cut by a crash before anybody saw the secret: it was never a key.
        let text = &text[..whole_lines(text.as_bytes())];
        let mut records: Vec<KeyRecord> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            match fields.as_slice() {
                [] => {}
                [prefix, "revoked"] => {
                    let place =
                        places.get(*prefix).ok_or_else(|| self.bad_line(number + 1, "revokes an unknown key"))?;
                    records[*place].revoked = true;
                }
                [prefix, hash, role, account, made_at, scopes @ ..] if scopes.len() <= 1 => {
                    let record = read_record([prefix, hash, role, account, made_at], scopes.first().copied());
                    let record = record.ok_or_else(|| self.bad_line(number + 1, "not a key"))?;
                    places.insert(record.prefix.clone(), records.len());
                    records.push(record);
                }
                _ => return Err(self.bad_line(number + 1, "not a key")),
            }
        }
        Ok(records)
    }

    fn hash(&self, secret: &[u8]) -> hmac::Tag {
        hmac::sign(&self.pepper, secret)
    }

    fn bad_line(&self, line: usize, what: &'static str) -> IdentityError {
        IdentityError::Line { path: self.path.clone(), line, what }
    }

    /// Adds the line that `line` makes of the keys known so far, alone among processes, and makes it durable.
    fn append(&self, line: impl FnOnce(&[KeyRecord]) -> Result<String, IdentityError>) -> Result<(), IdentityError> {
        let fault = |error| IdentityError::file("write", &self.path)(error);
        let is_new = !self.path.exists();
        let mut file =
            OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(&self.path).map_err(fault)?;
        flock(&file, FlockOperation::LockExclusive).map_err(|error| fault(error.into()))?;
        let line = line(&self.list()?)?;
        let whole = whole_lines(&read_small(&self.path)?);
        file.set_len(whole as u64).map_err(fault)?;
        let text = if whole == 0 { format!("{HEAD}{line}") } else { line };
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)?;
        if is_new { sync_parent(&self.path) } else { Ok(()) }
    }
}

impl Keys {
    /// Reads the keys of `store`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or a line of it cannot be understood.
    pub fn load(store: KeyStore) -> Result<Arc<Self>, IdentityError> {
        let keys = Self { store, known: ArcSwap::default(), version: AtomicU64::new(0) };
        keys.refresh()?;
        Ok(Arc::new(keys))
    }

    /// Reads the file again if it has changed; called about once a second. Returns whether it had.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); the keys known before stay known.
    pub fn refresh(&self) -> Result<bool, IdentityError> {
        let stamp = fs::metadata(&self.store.path).map_or((0, None), |file| (file.len(), file.modified().ok()));
        if self.known.load().stamp == stamp {
            return Ok(false);
        }
        let records = self.store.list()?.into_iter().filter(|record| !record.revoked);
        let by_prefix = records.map(|record| (record.prefix.clone(), record)).collect();
        self.known.store(Arc::new(Known { by_prefix, stamp }));
        self.version.fetch_add(1, Ordering::Release);
        Ok(true)
    }

    /// Changes whenever the keys were read anew.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Who this key speaks for, if it is valid. An unknown prefix takes as long as a wrong secret.
    #[must_use]
    pub fn verify(&self, key: &[u8]) -> Option<Principal> {
        let known = self.known.load();
        // What does not even look like a key is a token, and long.
        let record = known.by_prefix.get(prefix_of(key).ok()?);
        let hash = record.map_or([0; HASH_BYTES], |record| record.hash);
        let is_right = hmac::verify(&self.store.pepper, key, &hash).is_ok();
        let record = record.filter(|_| is_right)?;
        let prefix = record.prefix.as_bytes().try_into().ok()?;
        Some(Principal { account: record.account, role: record.role, scopes: record.scopes, prefix })
    }

    /// Whether the key of this principal is still valid.
    #[must_use]
    pub fn is_valid(&self, principal: &Principal) -> bool {
        let prefix = std::str::from_utf8(&principal.prefix).unwrap_or_default();
        self.known.load().by_prefix.contains_key(prefix)
    }

    /// The file behind it, to make or revoke keys.
    #[must_use]
    pub fn store(&self) -> &KeyStore {
        &self.store
    }
}

fn read_record([prefix, hash, role, account, made_at]: [&str; 5], scopes: Option<&str>) -> Option<KeyRecord> {
    if prefix.len() != PREFIX_LETTERS || !prefix.is_ascii() {
        return None;
    }
    Some(KeyRecord {
        prefix: prefix.to_owned(),
        role: Role::from_name(role)?,
        account: AccountId(account.parse().ok()?),
        made_at: made_at.parse().ok()?,
        scopes: scopes.map_or(Some(Scopes::ALL), |scopes| Scopes::parse(scopes).ok())?,
        revoked: false,
        hash: unhex(hash)?,
    })
}

/// How many bytes of the file are complete lines.
fn whole_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; HASH_BYTES]> {
    let mut bytes = [0; HASH_BYTES];
    if text.len() != 2 * HASH_BYTES || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: AccountId = AccountId(10);

    fn store() -> (tempfile::TempDir, KeyStore) {
        let dir = tempfile::tempdir().unwrap();
        let store = KeyStore::open(&dir.path().join("identity"), 4).unwrap();
        (dir, store)
    }

    #[test]
    fn a_key_made_beside_a_running_server_is_noticed() {
        let (_dir, store) = store();
        let keys = Keys::load(store.clone()).unwrap();
        let secret = store.create(ACME, Role::Buyer).unwrap();
        assert_eq!(keys.verify(secret.expose().as_bytes()), None);
        assert!(keys.refresh().unwrap() && !keys.refresh().unwrap());
        let principal = keys.verify(secret.expose().as_bytes()).unwrap();
        assert_eq!((principal.account, principal.role), (ACME, Role::Buyer));
    }

    #[test]
    fn a_revoked_key_is_unknown_and_stays_in_the_list() {
        let (_dir, store) = store();
        let secret = store.create(ACME, Role::Seller).unwrap();
        let keys = Keys::load(store.clone()).unwrap();
        let principal = keys.verify(secret.expose().as_bytes()).unwrap();
        store.revoke(secret.prefix()).unwrap();
        assert!(keys.refresh().unwrap());
        assert_eq!(keys.verify(secret.expose().as_bytes()), None);
        assert!(!keys.is_valid(&principal));
        assert!(store.list().unwrap()[0].revoked);
        assert!(matches!(store.revoke("notakey00000"), Err(IdentityError::UnknownKey(_))));
    }

    #[test]
    fn a_scoped_key_is_good_for_that_and_a_line_without_scopes_for_all() {
        let (_dir, store) = store();
        let read = Scopes::parse("read").unwrap();
        let secret = store.create_scoped(ACME, Role::Seller, read).unwrap();
        let whole = store.create(ACME, Role::Seller).unwrap();
        let keys = Keys::load(store).unwrap();
        let reader = keys.verify(secret.expose().as_bytes()).unwrap();
        assert_eq!(reader.scopes, read);
        assert_eq!(reader.grant(Action::OfferCall), Grant::No);
        assert!(reader.may(Action::QueryBalance, Some(ACME)) && !reader.may(Action::QueryBalance, Some(AccountId(11))));
        let seller = keys.verify(whole.expose().as_bytes()).unwrap();
        assert_eq!((seller.scopes, seller.grant(Action::OfferCall)), (Scopes::ALL, Grant::Own));
    }

    #[test]
    fn a_wrong_letter_anywhere_is_not_the_key() {
        let (_dir, store) = store();
        let secret = store.create(ACME, Role::Buyer).unwrap();
        let keys = Keys::load(store).unwrap();
        for place in 0..secret.expose().len() {
            let mut wrong = secret.expose().as_bytes().to_vec();
            wrong[place] = if wrong[place] == b'0' { b'1' } else { b'0' };
            assert_eq!(keys.verify(&wrong), None, "letter {place}");
        }
        assert_eq!(keys.verify(b""), None);
    }

    #[test]
    fn the_file_holds_no_secret_and_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, store) = store();
        let secret = store.create(ACME, Role::Buyer).unwrap();
        let text = fs::read_to_string(&store.path).unwrap();
        assert!(text.starts_with(HEAD) && text.contains(secret.prefix()));
        assert!(!text.contains(secret.expose().rsplit('_').next().unwrap()));
        assert_eq!(fs::metadata(&store.path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn one_key_more_than_the_limit_is_refused() {
        let (_dir, store) = store();
        for _ in 0..4 {
            store.create(ACME, Role::Buyer).unwrap();
        }
        assert!(matches!(store.create(ACME, Role::Buyer), Err(IdentityError::TooManyKeys(4))));
    }

    #[test]
    fn a_damaged_line_is_named_and_the_known_keys_stay() {
        let (_dir, store) = store();
        let secret = store.create(ACME, Role::Buyer).unwrap();
        let keys = Keys::load(store.clone()).unwrap();
        let mut file = OpenOptions::new().append(true).open(&store.path).unwrap();
        file.write_all(b"not a key\n").unwrap();
        assert!(matches!(keys.refresh(), Err(IdentityError::Line { line: 3, .. })));
        assert!(keys.verify(secret.expose().as_bytes()).is_some());
    }

    #[test]
    fn a_line_cut_by_a_crash_was_never_a_key() {
        let (_dir, store) = store();
        store.create(ACME, Role::Buyer).unwrap();
        OpenOptions::new().append(true).open(&store.path).unwrap().write_all(b"0123 half a li").unwrap();
        assert_eq!(store.list().unwrap().len(), 1);
        store.create(ACME, Role::Buyer).unwrap();
        assert_eq!(store.list().unwrap().len(), 2);
    }

    #[test]
    fn keys_of_another_installation_do_not_verify() {
        let ((_dir, ours), (_other, theirs)) = (store(), store());
        let secret = theirs.create(ACME, Role::Operator).unwrap();
        fs::copy(&theirs.path, &ours.path).unwrap();
        assert_eq!(Keys::load(ours).unwrap().verify(secret.expose().as_bytes()), None);
    }
}
