//! The authority on who is who: people with passwords, programs with secrets, tokens that say so, and other issuers whose
//! tokens are believed. Built with the feature `rest`.
//!
//! ```text
//!  password, client secret, code ─► Authority ─► access token (RS256, minutes) and refresh token (once)
//!  API key, access token, token of another issuer ─► verify ─► Principal: account, role, scopes
//! ```
//!
//! A token says whom it is about and what it is good for. What that person or program may do is looked up when it is
//! used, in the store of identities: a role that was changed, a person that was closed or a client that was taken back
//! counts from that moment on, however long the token would have been valid.
//!
//! A front asks [`verify`](Authority::verify) who sent a bearer key or token, and then the
//! [`Principal`] what it [may](Principal::may): role, scope and account in one question. [`routes`] is everything else over
//! HTTP, for a front to mount.
//!
//! Functions here are synchronous, take the time as seconds since 1970, and read or write a local database; those that
//! hash a password ([`login`](Authority::login), [`register`](Authority::register),
//! [`change_password`](Authority::change_password), [`agree`](Authority::agree)) take some tens of milliseconds and
//! belong on a thread that may wait.

mod cards;
mod certificates;
mod claims;
mod clients;
mod codes;
mod fault;
mod form;
mod hidden;
mod issuers;
mod jws;
mod limiter;
mod oauth;
mod passwords;
mod people;
mod recent;
mod signing;
mod store;
mod token;
mod web;

#[cfg(test)]
pub(crate) mod tests;

pub use super::fingerprint::Fingerprint;
pub use certificates::{CertificateAnswer, CertificateRequest};
pub use clients::{ClientAnswer, ClientRequest, KeyAnswer, KeyRequest};
pub use codes::{Asked, Refused};
pub use fault::{Denied, TokenFault};
pub use hidden::Hidden;
pub use issuers::IssuerError;
pub use jws::KeyFault;
pub use limiter::Limiter;
pub use oauth::{Metadata, OAuthError};
pub use people::{
    Link, LoginRequest, PasswordRequest, PersonAnswer, PersonChange, ProfileAnswer, RefreshRequest, RegisterAnswer,
    RegisterRequest, TokenAnswer,
};
pub use signing::SigningError;
pub(crate) use web::admit_to_route;
#[cfg(test)]
pub(crate) use web::described;
pub use web::routes;

pub(crate) use signing::{create as create_signing_key, rotate as rotate_signing_keys, usual_folder as signing_folder};

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use dce_engine::ids::AccountId;

use crate::config::{Environment, SecuritySettings};
use crate::identity::files::{create_private_dir, read_small};
use crate::identity::{IdentityError, Keys, Principal, Role, Scopes};
use claims::Claims;
use codes::Codes;
use issuers::KnownIssuer;
use jws::Parts;
use passwords::Passwords;
use recent::{Signed, SignedToken, hash_of};
use signing::Signing;
use store::{Standing, Store};
use token::Subject;

/// How often a key set of another issuer is read again although no token asks for it.
const ISSUERS_EVERY: Duration = Duration::from_secs(60);

/// Who is who.
#[derive(Debug)]
pub struct Authority {
    store: Store,
    passwords: Passwords,
    signing: Signing,
    signed: Signed,
    issuers: Vec<KnownIssuer>,
    limiter: Limiter,
    codes: Codes,
    certificates_version: AtomicU64,
    keys: Arc<Keys>,
    issuer: String,
    audience: String,
    token_expiry: Duration,
    refresh_expiry: Duration,
    registration: bool,
}

/// Why there is no authority.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The keys that sign.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// Another issuer.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// Files of the installation.
    #[error(transparent)]
    Files(#[from] IdentityError),
    /// The store.
    #[error("the store of identities in {0} cannot be opened; the log above says why: restore it from a backup")]
    Store(PathBuf),
}

/// Whoever sent a key or a token.
#[derive(Clone, Copy, Debug)]
struct Caller {
    prefix: [u8; 12],
    is_person: bool,
    role: Role,
    account: Option<AccountId>,
    scopes: Scopes,
}

/// How an authority begins.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// `DIR/identity`.
    pub identity_dir: &'a Path,
    /// How tokens are made and taken.
    pub security: &'a SecuritySettings,
    /// Whether a missing key is made.
    pub environment: Environment,
    /// `iss` of our tokens where the settings leave it open: where the REST front is reached.
    pub address: String,
}

/// The keys that sign and those of other issuers: what a person may have to bring, read before anything takes long.
#[derive(Debug)]
pub struct Prepared {
    signing: Signing,
    issuers: Vec<KnownIssuer>,
    /// The file of the signing key that was made, if one was.
    pub made: Option<PathBuf>,
}

impl Opening<'_> {
    /// Reads the keys; in development, makes the first of our own.
    ///
    /// # Errors
    ///
    /// What is missing or cannot be used, and what to do.
    pub fn prepare(&self) -> Result<Prepared, AuthorityError> {
        create_private_dir(self.identity_dir)?;
        let (place, made) = signing_place(self.identity_dir, self.security, self.environment)?;
        let issuers = self.security.issuers.iter().map(KnownIssuer::open).collect::<Result<_, _>>()?;
        Ok(Prepared { signing: Signing::open(place)?, issuers, made })
    }
}

impl Authority {
    /// Opens the authority of an installation whose keys were read. The directory must be this process's alone.
    ///
    /// # Errors
    ///
    /// When the store cannot be opened.
    pub fn open(prepared: Prepared, opening: &Opening<'_>, keys: Arc<Keys>) -> Result<Self, AuthorityError> {
        let Opening { identity_dir, security, address, .. } = opening;
        let Prepared { signing, issuers, .. } = prepared;
        let pepper = read_small(&identity_dir.join("pepper"))?;
        let folder = identity_dir.join("people");
        let fault = |_| AuthorityError::Store(folder.clone());
        Ok(Self {
            store: Store::open(&folder, &pepper).map_err(fault)?,
            passwords: Passwords::new(&pepper).map_err(fault)?,
            signing,
            signed: Signed::default(),
            issuers,
            limiter: Limiter::new(security.rate_limit),
            codes: Codes::new(),
            certificates_version: AtomicU64::new(0),
            keys,
            issuer: security.issuer.clone().unwrap_or_else(|| address.clone()),
            audience: security.audience.clone(),
            token_expiry: security.token_expiry,
            refresh_expiry: security.refresh_expiry,
            registration: security.registration,
        })
    }

    /// Who sent this key or token, to be asked what it may.
    ///
    /// # Errors
    ///
    /// `TokenInvalid`, `TokenExpired`; `NoAccount` for a person that has none yet.
    pub fn verify(&self, bearer: &str, now: u64) -> Result<Principal, Denied> {
        let Caller { prefix, role, account, scopes, .. } = self.identify(bearer, now)?;
        account.map(|account| Principal { account, role, scopes, prefix }).ok_or(Denied::NoAccount)
    }

    /// How often one may ask.
    #[must_use]
    pub const fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// Looks at what may have changed beside a running server, and forgets what is over; called about once a second.
    pub fn refresh_files(&self, now: u64) {
        match self.signing.refresh() {
            Ok(true) => tracing::info!("the keys that sign tokens were read again"),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the keys that sign tokens could not be read; those known stay"),
        }
        for issuer in &self.issuers {
            issuer.look_again(ISSUERS_EVERY);
        }
        if now.is_multiple_of(60) {
            self.limiter.forget();
            if let Err(error) = self.store.remove_expired(now) {
                tracing::error!(%error, "logins that are over could not be taken out");
            }
        }
    }

    fn identify(&self, bearer: &str, now: u64) -> Result<Caller, Denied> {
        if let Some(principal) = self.keys.verify(bearer.as_bytes()) {
            let Principal { account, role, scopes, prefix } = principal;
            return Ok(Caller { prefix, is_person: false, role, account: Some(account), scopes });
        }
        // Asked before the keys are: what they found right is not kept as found right by those that come after them.
        let (hash, keys) = (hash_of(bearer), self.signing.version());
        if let Some(token) = self.signed.find(&hash, keys) {
            return self.our_own(&token, now);
        }
        let parts = Parts::of(bearer)?;
        let kid = parts.header.kid.as_deref().ok_or(TokenFault::KeyUnknown)?;
        let Some(payload) = self.signing.with_key(kid, |key| parts.verify(key)) else {
            return self.anothers(&parts, kid, now);
        };
        let payload = payload?;
        if parts.header.typ.as_deref() != Some("at+jwt") {
            return Err(TokenFault::Type.into());
        }
        let token = self.signed.remember(hash, Claims::read(&payload)?, keys, now);
        self.our_own(&token, now)
    }

    /// A token of our own, whose signature is right.
    fn our_own(&self, token: &SignedToken, now: u64) -> Result<Caller, Denied> {
        let claims = &token.claims;
        claims.judge(&self.issuer, &self.audience, true, now)?;
        let scopes = Scopes::parse(claims.scope.as_deref().unwrap_or_default()).map_err(|_| TokenFault::Claims)?;
        match Subject::read(&claims.sub).ok_or(TokenFault::Subject)? {
            Subject::Person(id) => {
                let person =
                    self.store.standing(id)?.filter(|person| !person.closed && claims.ver == Some(person.version));
                let Standing { role, account, .. } = *person.ok_or(TokenFault::Subject)?;
                Ok(Caller { prefix: prefix(id)?, is_person: true, role, account, scopes })
            }
            Subject::Client(id) => {
                let client = self.store.grant(id)?.filter(|client| !client.revoked).ok_or(TokenFault::Subject)?;
                let (account, scopes) = (Some(client.account), scopes.both(client.scopes));
                Ok(Caller { prefix: prefix(id)?, is_person: false, role: client.role, account, scopes })
            }
        }
    }

    /// A token of another issuer says who somebody is, and nothing about what it may: that is in the store.
    fn anothers(&self, parts: &Parts<'_>, kid: &str, now: u64) -> Result<Caller, Denied> {
        if !matches!(parts.header.typ.as_deref(), None | Some("at+jwt" | "application/at+jwt" | "JWT")) {
            return Err(TokenFault::Type.into());
        }
        let mut fault = TokenFault::KeyUnknown;
        for issuer in &self.issuers {
            // Two issuers may use the same name for a key: the signature says whose token it is.
            let payload = match issuer.with_key(kid, |key| parts.verify(key)) {
                Ok(payload) => payload,
                Err(why) => {
                    fault = if fault == TokenFault::KeyUnknown { why } else { fault };
                    continue;
                }
            };
            let claims = Claims::read(&payload)?;
            claims.judge(issuer.url(), &self.audience, false, now)?;
            let linked = self.store.linked(issuer.url(), &claims.sub)?.filter(|(_, person)| !person.closed);
            let (id, person) = linked.ok_or(TokenFault::Subject)?;
            let (role, account) = (person.role.0, person.account.map(|account| account.0));
            return Ok(Caller { prefix: prefix(&id)?, is_person: true, role, account, scopes: Scopes::ALL });
        }
        Err(fault.into())
    }
}

impl Caller {
    fn id(&self) -> &str {
        std::str::from_utf8(&self.prefix).unwrap_or_default()
    }
}

impl From<crate::identity::SecretError> for Denied {
    fn from(_: crate::identity::SecretError) -> Self {
        tracing::error!("the system gives no random numbers");
        Self::Store
    }
}

fn prefix(id: &str) -> Result<[u8; 12], Denied> {
    id.as_bytes().try_into().map_err(|_| Denied::TokenInvalid)
}

/// Where the keys that sign lie; the first is made in development.
fn signing_place(
    identity_dir: &Path,
    security: &SecuritySettings,
    environment: Environment,
) -> Result<(PathBuf, Option<PathBuf>), SigningError> {
    if let Some(place) = &security.private_key {
        return Ok((place.clone(), None));
    }
    let folder = signing::usual_folder(identity_dir);
    let has_one = std::fs::read_dir(&folder).is_ok_and(|mut files| files.next().is_some());
    match environment {
        _ if has_one => Ok((folder, None)),
        Environment::Production => Err(SigningError::Missing),
        Environment::Development => {
            let made = signing::first(&folder)?;
            Ok((folder, Some(made)))
        }
    }
}
