//! The store of identities: people, programs and logins, in a database of their own beside the log. The only place that
//! holds an e-mail.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use dce_engine::ids::AccountId;
use dce_persistence::tables::{Change, Tables};
use parking_lot::Mutex;
use ring::hmac;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::fault::Denied;
use super::recent::Recent;
use crate::identity::{Role, Scopes};

const PEOPLE: &str = "people";
/// Who has this e-mail, by its hash.
const EMAILS: &str = "emails";
/// Who is meant by an issuer's subject, by the hash of both.
const LINKS: &str = "links";
const CLIENTS: &str = "clients";
/// Whose a client certificate is, by its fingerprint.
pub(super) const CERTIFICATES: &str = "certificates";
const LOGINS: &str = "logins";
/// The logins of a person: its id, then the login's.
const LOGINS_OF: &str = "logins-of";

/// People of an installation at most.
pub(super) const PEOPLE_MAX: usize = 100_000;
/// Clients of an installation at most, revoked ones included.
pub(super) const CLIENTS_MAX: usize = 10_000;
/// Client certificates of an installation at most.
pub(super) const CERTIFICATES_MAX: usize = 10_000;
/// Logins of one person at most: one more, and the oldest is closed.
pub(super) const LOGINS_MAX: usize = 16;

/// The tables, and the keys of their hashes.
#[derive(Debug)]
pub(super) struct Store {
    tables: Tables,
    hash: hmac::Key,
    /// Held while something is read and then written; how many people and clients there are.
    counts: Mutex<Counts>,
    /// Whom tokens are about.
    standings: Recent<String, Standing>,
    grants: Recent<String, ClientGrant>,
}

/// What of a person a token is judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) role: Role,
    pub(super) account: Option<AccountId>,
    pub(super) version: u32,
    pub(super) closed: bool,
}

/// What of a program a token is judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientGrant {
    pub(super) role: Role,
    pub(super) account: AccountId,
    pub(super) scopes: Scopes,
    pub(super) revoked: bool,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) people: usize,
    pub(super) clients: usize,
    pub(super) certificates: usize,
}

/// A person.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Person {
    pub(super) email: String,
    /// In PHC form.
    pub(super) password: String,
    pub(super) role: Kept<Role>,
    pub(super) account: Option<Kept<AccountId>>,
    /// How often all tokens were taken back.
    pub(super) version: u32,
    pub(super) closed: bool,
    pub(super) made_at: u64,
}

/// A program that asks for tokens (RFC 6749).
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct ClientRecord {
    pub(super) name: String,
    /// Of its secret, if it has one.
    pub(super) secret: Option<String>,
    pub(super) redirects: Vec<String>,
    /// Whether it may act for itself.
    pub(super) for_itself: bool,
    pub(super) role: Kept<Role>,
    pub(super) account: Kept<AccountId>,
    pub(super) scopes: Kept<Scopes>,
    pub(super) revoked: bool,
    pub(super) made_at: u64,
}

/// Whose a client certificate is.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct CertificateRecord {
    pub(super) role: Kept<Role>,
    pub(super) account: Kept<AccountId>,
    pub(super) scopes: Kept<Scopes>,
    pub(super) made_at: u64,
}

/// What began with a password, and goes on with refresh tokens.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Login {
    pub(super) person: String,
    pub(super) version: u32,
    pub(super) client: Option<String>,
    pub(super) scopes: Kept<Scopes>,
    /// Of the one refresh token that is good.
    pub(super) secret: String,
    pub(super) expires_at: u64,
    pub(super) made_at: u64,
}

/// A word of ours as it is kept: by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept<T>(pub(super) T);

impl Serialize for Kept<Role> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for Kept<Role> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Role::from_name(&name).map(Self).ok_or_else(|| serde::de::Error::custom("a role that is not known"))
    }
}

impl Serialize for Kept<AccountId> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.0)
    }
}

impl<'de> Deserialize<'de> for Kept<AccountId> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        digits.parse().map(|number| Self(AccountId(number))).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Kept<Scopes> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Kept<Scopes> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scopes::parse(&String::deserialize(deserializer)?).map(Self).map_err(serde::de::Error::custom)
    }
}

impl Store {
    /// Opens the store in a folder, or makes it; hashes are keyed with the installation's pepper.
    pub(super) fn open(folder: &Path, pepper: &[u8]) -> Result<Self, Denied> {
        let tables = Tables::open(folder)?;
        let store = Self {
            tables,
            hash: hmac::Key::new(hmac::HMAC_SHA256, pepper),
            counts: Mutex::default(),
            standings: Recent::default(),
            grants: Recent::default(),
        };
        {
            let mut counts = store.counts.lock();
            counts.people = store.count(PEOPLE)?;
            counts.clients = store.count(CLIENTS)?;
            counts.certificates = store.count(CERTIFICATES)?;
        }
        Ok(store)
    }

    /// A keyed hash; `purpose` keeps those of one kind from being taken for those of another.
    pub(super) fn hash(&self, purpose: &str, text: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.hash, [purpose.as_bytes(), &[0], text.as_bytes()].concat().as_slice());
        tag.as_ref().try_into().expect("Invariant: an HMAC-SHA-256 has 32 bytes")
    }

    /// The hash of an e-mail, however its letters are written.
    pub(super) fn email_hash(&self, email: &str) -> [u8; 32] {
        self.hash("email", &email.to_lowercase())
    }

    /// Nobody else reads and then writes while this is held.
    pub(super) fn alone(&self) -> parking_lot::MutexGuard<'_, Counts> {
        self.counts.lock()
    }

    pub(super) fn person(&self, id: &str) -> Result<Option<Person>, Denied> {
        self.get(PEOPLE, id.as_bytes())
    }

    pub(super) fn person_of(&self, email: &str) -> Result<Option<(String, Person)>, Denied> {
        self.found(self.tables.get(EMAILS, &self.email_hash(email))?)
    }

    pub(super) fn linked(&self, issuer: &str, subject: &str) -> Result<Option<(String, Person)>, Denied> {
        self.found(self.tables.get(LINKS, &self.link(issuer, subject))?)
    }

    pub(super) fn put_link(&self, issuer: &str, subject: &str, person: &str) -> Result<(), Denied> {
        let change = Change::put(LINKS, &self.link(issuer, subject), person.as_bytes().to_vec());
        Ok(self.tables.write(vec![change])?)
    }

    pub(super) fn put_person(&self, id: &str, person: &Person) -> Result<(), Denied> {
        let email = Change::put(EMAILS, &self.email_hash(&person.email), id.as_bytes().to_vec());
        let written = self.tables.write(vec![put(PEOPLE, id, person)?, email]);
        // Also where it failed: what the store says then is known to whoever asks it.
        self.standings.forget(id);
        Ok(written?)
    }

    /// What a token of a person is judged by.
    pub(super) fn standing(&self, id: &str) -> Result<Option<Arc<Standing>>, Denied> {
        self.standings.get(id, || {
            let person = self.person(id)?;
            Ok(person.map(|Person { role, account, version, closed, .. }| {
                let account = account.map(|account| account.0);
                Standing { role: role.0, account, version, closed }
            }))
        })
    }

    /// People after an id, in order of ids.
    pub(super) fn people(&self, after: &str, most: usize) -> Result<Vec<(String, Person)>, Denied> {
        self.page(PEOPLE, after, most)
    }

    pub(super) fn client(&self, id: &str) -> Result<Option<ClientRecord>, Denied> {
        self.get(CLIENTS, id.as_bytes())
    }

    pub(super) fn put_client(&self, id: &str, client: &ClientRecord) -> Result<(), Denied> {
        let written = self.tables.write(vec![put(CLIENTS, id, client)?]);
        self.grants.forget(id);
        Ok(written?)
    }

    /// What a token of a program is judged by.
    pub(super) fn grant(&self, id: &str) -> Result<Option<Arc<ClientGrant>>, Denied> {
        self.grants.get(id, || {
            let client = self.client(id)?;
            Ok(client.map(|ClientRecord { role, account, scopes, revoked, .. }| ClientGrant {
                role: role.0,
                account: account.0,
                scopes: scopes.0,
                revoked,
            }))
        })
    }

    /// Clients after an id, in order of ids.
    pub(super) fn clients(&self, after: &str, most: usize) -> Result<Vec<(String, ClientRecord)>, Denied> {
        self.page(CLIENTS, after, most)
    }

    pub(super) fn certificate(&self, fingerprint: &str) -> Result<Option<CertificateRecord>, Denied> {
        self.get(CERTIFICATES, fingerprint.as_bytes())
    }

    pub(super) fn put_certificate(&self, fingerprint: &str, record: &CertificateRecord) -> Result<(), Denied> {
        Ok(self.tables.write(vec![put(CERTIFICATES, fingerprint, record)?])?)
    }

    pub(super) fn remove_certificate(&self, fingerprint: &str) -> Result<(), Denied> {
        Ok(self.tables.write(vec![Change::remove(CERTIFICATES, fingerprint.as_bytes())])?)
    }

    /// Certificates after a fingerprint, in order.
    pub(super) fn certificates(&self, after: &str, most: usize) -> Result<Vec<(String, CertificateRecord)>, Denied> {
        self.page(CERTIFICATES, after, most)
    }

    pub(super) fn login(&self, id: &str) -> Result<Option<Login>, Denied> {
        self.get(LOGINS, id.as_bytes())
    }

    /// Keeps a login; of a person that has as many as may be, the oldest goes.
    pub(super) fn put_login(&self, id: &str, login: &Login) -> Result<(), Denied> {
        let mut others: Vec<(u64, String)> = Vec::new();
        for other in self.logins_of(&login.person)?.into_iter().filter(|other| other != id) {
            others.push((self.login(&other)?.map_or(0, |login| login.made_at), other));
        }
        others.sort();
        let too_many = (others.len() + 1).saturating_sub(LOGINS_MAX);
        let oldest = others.into_iter().take(too_many);
        let mut changes: Vec<Change> = oldest.flat_map(|(_, other)| forget(&login.person, &other)).collect();
        changes.push(put(LOGINS, id, login)?);
        changes.push(Change::put(LOGINS_OF, format!("{}{id}", login.person).as_bytes(), Vec::new()));
        Ok(self.tables.write(changes)?)
    }

    /// Closes a login: its refresh token is good for nothing.
    pub(super) fn remove_login(&self, id: &str) -> Result<(), Denied> {
        let Some(login) = self.login(id)? else { return Ok(()) };
        Ok(self.tables.write(forget(&login.person, id).into())?)
    }

    /// Closes all logins of a person.
    pub(super) fn remove_logins_of(&self, person: &str) -> Result<(), Denied> {
        let changes = self.logins_of(person)?.into_iter().flat_map(|id| forget(person, &id)).collect();
        Ok(self.tables.write(changes)?)
    }

    /// Closes the logins whose time is over, a bounded number at once.
    pub(super) fn remove_expired(&self, now: u64) -> Result<usize, Denied> {
        const AT_ONCE_MAX: usize = 256;
        let mut expired = Vec::new();
        self.tables.scan(LOGINS, b"", &mut |id, value| {
            // What cannot be read is no login any more.
            let login = serde_json::from_slice::<Login>(value).ok();
            if login.as_ref().is_none_or(|login| login.expires_at <= now) {
                let person = login.map_or_else(String::new, |login| login.person);
                expired.push((person, String::from_utf8_lossy(id).into_owned()));
            }
            if expired.len() < AT_ONCE_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let changes = expired.iter().flat_map(|(person, id)| forget(person, id)).collect();
        self.tables.write(changes)?;
        Ok(expired.len())
    }

    /// The tables themselves, to be damaged.
    #[cfg(test)]
    pub(super) const fn tables(&self) -> &Tables {
        &self.tables
    }

    fn logins_of(&self, person: &str) -> Result<Vec<String>, Denied> {
        let mut ids = Vec::new();
        self.tables.scan(LOGINS_OF, person.as_bytes(), &mut |key, _| {
            ids.push(String::from_utf8_lossy(&key[person.len()..]).into_owned());
            ControlFlow::Continue(())
        })?;
        Ok(ids)
    }

    fn link(&self, issuer: &str, subject: &str) -> [u8; 32] {
        self.hash("link", &format!("{issuer}\0{subject}"))
    }

    fn found(&self, id: Option<Vec<u8>>) -> Result<Option<(String, Person)>, Denied> {
        let Some(id) = id.and_then(|id| String::from_utf8(id).ok()) else { return Ok(None) };
        Ok(self.person(&id)?.map(|person| (id, person)))
    }

    fn count(&self, table: &str) -> Result<usize, Denied> {
        let mut count = 0;
        self.tables.scan(table, b"", &mut |_, _| {
            count += 1;
            ControlFlow::Continue(())
        })?;
        Ok(count)
    }

    fn get<T: DeserializeOwned>(&self, table: &str, key: &[u8]) -> Result<Option<T>, Denied> {
        let value = self.tables.get(table, key)?;
        value.map(|value| serde_json::from_slice(&value).map_err(|_| unreadable(table))).transpose()
    }

    fn page<T: DeserializeOwned>(&self, table: &str, after: &str, most: usize) -> Result<Vec<(String, T)>, Denied> {
        let mut found: Vec<(String, Vec<u8>)> = Vec::new();
        self.tables.scan(table, b"", &mut |key, value| {
            if key > after.as_bytes() {
                found.push((String::from_utf8_lossy(key).into_owned(), value.to_vec()));
            }
            if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let read =
            |(id, value): (String, Vec<u8>)| Ok((id, serde_json::from_slice(&value).map_err(|_| unreadable(table))?));
        found.into_iter().map(read).collect()
    }
}

fn put<T: Serialize>(table: &str, id: &str, value: &T) -> Result<Change, Denied> {
    let value = serde_json::to_vec(value).map_err(|_| unreadable(table))?;
    Ok(Change::put(table, id.as_bytes(), value))
}

fn forget(person: &str, login: &str) -> [Change; 2] {
    [Change::remove(LOGINS, login.as_bytes()), Change::remove(LOGINS_OF, format!("{person}{login}").as_bytes())]
}

fn unreadable(table: &str) -> Denied {
    tracing::error!(table, "a row of the store of identities cannot be read");
    Denied::Store
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(email: &str) -> Person {
        Person {
            email: email.to_owned(),
            password: String::new(),
            role: Kept(Role::Buyer),
            account: Some(Kept(AccountId(u128::MAX))),
            version: 0,
            closed: false,
            made_at: 7,
        }
    }

    fn login(person: &str, made_at: u64) -> Login {
        let scopes = Kept(Scopes::ALL);
        let person = person.to_owned();
        Login { person, version: 0, client: None, scopes, secret: String::new(), expires_at: made_at + 10, made_at }
    }

    #[test]
    fn a_person_is_found_by_its_e_mail_however_it_is_written_and_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        {
            let store = Store::open(dir.path(), b"pepper").unwrap();
            store.put_person("person000001", &person("Jo@Example.com")).unwrap();
        }
        let store = Store::open(dir.path(), b"pepper").unwrap();
        assert_eq!(store.alone().people, 1);
        let (id, found) = store.person_of("jo@example.COM").unwrap().unwrap();
        assert_eq!(
            (id.as_str(), found.account, found.role),
            ("person000001", Some(Kept(AccountId(u128::MAX))), Kept(Role::Buyer))
        );
        assert!(store.person_of("jo@example.org").unwrap().is_none());
    }

    #[test]
    fn one_login_more_than_may_be_closes_the_oldest_and_nobody_elses() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), b"pepper").unwrap();
        store.put_login("other0000000", &login("person000002", 0)).unwrap();
        for number in 0..=LOGINS_MAX as u64 {
            store.put_login(&format!("login{number:07}"), &login("person000001", 100 - number)).unwrap();
        }
        assert_eq!(store.logins_of("person000001").unwrap().len(), LOGINS_MAX);
        // The one that was begun first in time, not the one that was written first.
        assert!(store.login("login0000015").unwrap().is_none() && store.login("login0000000").unwrap().is_some());
        assert!(store.login("other0000000").unwrap().is_some());
        store.remove_logins_of("person000001").unwrap();
        assert!(store.logins_of("person000001").unwrap().is_empty() && store.login("other0000000").unwrap().is_some());
        assert_eq!(store.remove_expired(10).unwrap(), 1);
    }

    #[test]
    fn hashes_of_one_kind_are_not_those_of_another_or_of_another_installation() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), b"pepper").unwrap();
        assert_ne!(store.hash("email", "a"), store.hash("link", "a"));
        let other = tempfile::tempdir().unwrap();
        assert_ne!(store.hash("email", "a"), Store::open(other.path(), b"salt").unwrap().hash("email", "a"));
    }
}
