//! The authority as people, programs and attackers meet it.

mod canary;
mod codes;
mod issuers;
mod limits;
mod oauth;
mod people;
mod signing;
mod tokens;
mod web;
mod wycheproof;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use dce_engine::ids::AccountId;
use dce_persistence::tables::Change;

use super::*;
use crate::config::{Issuer, RateLimit};
use crate::identity::{KeyStore, Scope};

const NOW: u64 = 1_764_000_000;
const ISSUER: &str = "https://dce.example.com";
const EMAIL: &str = "jo@example.com";
const PASSWORD: &str = "correct horse battery";

/// An installation in a folder of its own.
pub(crate) struct House {
    dir: tempfile::TempDir,
    pub(crate) authority: Arc<Authority>,
    admin: Principal,
    admin_key: String,
}

/// One RSA key for all tests that do not mind: making one takes a while.
fn pem() -> &'static str {
    static PEM: OnceLock<String> = OnceLock::new();
    PEM.get_or_init(|| super::signing::generate().unwrap())
}

fn security() -> SecuritySettings {
    SecuritySettings {
        symmetric_secret: None,
        private_key: None,
        token_expiry: Duration::from_secs(900),
        refresh_expiry: Duration::from_secs(86_400),
        issuer: Some(ISSUER.to_owned()),
        audience: "dce".to_owned(),
        issuers: Vec::new(),
        registration: true,
        rate_limit: RateLimit { requests_per_second: 1_000, burst_size: 1_000 },
    }
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with(security())
    }

    /// Sets whose a certificate is.
    pub(crate) fn certificate(&self, fingerprint: &str, role: &str, account: &str) {
        let (fingerprint, role, account) = (fingerprint.to_owned(), role.to_owned(), account.to_owned());
        let request = CertificateRequest { fingerprint, role, account, scope: None };
        self.authority.set_certificate(&self.admin, &request, NOW).unwrap();
    }

    /// Makes a certificate's row unreadable, and has everybody look again. Answers what was there.
    pub(crate) fn damage_certificate(&self, fingerprint: &str) -> Vec<u8> {
        let (tables, key) = (self.authority.store.tables(), fingerprint.as_bytes());
        let before = tables.get(store::CERTIFICATES, key).unwrap().unwrap();
        tables.write(vec![Change::put(store::CERTIFICATES, key, b"no row".to_vec())]).unwrap();
        self.authority.certificates_changed();
        before
    }

    /// Puts back what was there, or nothing; nobody is told.
    pub(crate) fn mend_certificate(&self, fingerprint: &str, row: Option<Vec<u8>>) {
        let key = fingerprint.as_bytes();
        let change = row
            .map_or_else(|| Change::remove(store::CERTIFICATES, key), |row| Change::put(store::CERTIFICATES, key, row));
        self.authority.store.tables().write(vec![change]).unwrap();
    }

    fn with(security: SecuritySettings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let identity_dir = dir.path().join("identity");
        let folder = signing_folder(&identity_dir);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("000001.pem"), pem()).unwrap();
        let keys = Keys::load(KeyStore::open(&identity_dir, 64).unwrap()).unwrap();
        let authority = Self::open(&dir, &security, &keys);
        let admin_key = keys.store().create(AccountId::PLATFORM, Role::Admin).unwrap().expose().to_owned();
        keys.refresh().unwrap();
        let admin = authority.verify(&admin_key, NOW).unwrap();
        Self { dir, authority, admin, admin_key }
    }

    fn open(dir: &tempfile::TempDir, security: &SecuritySettings, keys: &Arc<Keys>) -> Arc<Authority> {
        let identity_dir = &dir.path().join("identity");
        let environment = Environment::Production;
        let opening = Opening { identity_dir, security, environment, address: "http://127.0.0.1:8080".to_owned() };
        let prepared = opening.prepare().unwrap();
        Arc::new(Authority::open(prepared, &opening, Arc::clone(keys)).unwrap())
    }

    fn folder(&self) -> PathBuf {
        signing_folder(&self.dir.path().join("identity"))
    }

    /// A person with a role and an account, registered by the admin.
    fn person(&self, email: &str, role: &str, account: Option<&str>) -> String {
        let request = RegisterRequest {
            email: Hidden::new(email),
            password: Hidden::new(PASSWORD),
            role: Some(role.to_owned()),
            account: account.map(str::to_owned),
        };
        self.authority.register(&request, Some(&self.admin), NOW).unwrap().id.unwrap()
    }

    fn login(&self, email: &str, password: &str) -> Result<TokenAnswer, Denied> {
        let request = LoginRequest { email: Hidden::new(email), password: Hidden::new(password) };
        self.authority.login(&request, NOW)
    }

    fn refresh(&self, token: &TokenAnswer) -> Result<TokenAnswer, Denied> {
        let refresh_token = token.refresh_token.clone().unwrap();
        self.authority.refresh(&RefreshRequest { refresh_token }, NOW)
    }

    fn verify(&self, token: &TokenAnswer) -> Result<Principal, Denied> {
        self.authority.verify(token.access_token.expose(), NOW)
    }

    /// A client that may act for itself, as its id and secret.
    fn client(&self, redirects: &[&str]) -> (String, String) {
        let request = ClientRequest {
            name: "Dialer <b>".to_owned(),
            role: "service".to_owned(),
            account: "0".to_owned(),
            scope: "calls read".to_owned(),
            redirect_uris: redirects.iter().map(|uri| (*uri).to_owned()).collect(),
            confidential: true,
        };
        let made = self.authority.create_client(&self.admin, &request, NOW).unwrap();
        (made.client_id, made.client_secret.unwrap().expose().to_owned())
    }
}

/// Parameters as a form.
fn form(pairs: &[(&str, &str)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}
