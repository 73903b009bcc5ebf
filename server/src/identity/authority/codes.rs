//! Authorization codes: a person says yes to a client, once, for a minute, bound to the client's secret of the moment
//! (PKCE, RFC 7636; S256 only, for every client).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use ring::digest;

use super::clients::loopback;
use super::fault::Denied;
use super::form::Form;
use super::oauth::{OAuthError, scopes};
use super::people::TokenAnswer;
use super::store::ClientRecord;
use super::{Authority, token};
use crate::identity::Scopes;
use crate::identity::secret::{is_letters, letters};

/// How long a code is good, and how long it is remembered that it was used.
const SECONDS: (u64, u64) = (60, 600);
/// Codes that are remembered at a time.
const CODES_MAX: usize = 10_000;
const STATE_BYTES_MAX: usize = 1_024;

/// Codes by their hash, and what each stands for.
#[derive(Debug)]
pub(super) struct Codes {
    codes: Mutex<BTreeMap<[u8; 32], Code>>,
    codes_max: usize,
}

#[derive(Clone, Debug)]
struct Code {
    client: String,
    redirect: String,
    challenge: String,
    person: String,
    version: u32,
    scopes: Scopes,
    made_at: u64,
    /// The login that came of it, once it was used.
    login: Option<String>,
}

/// What a client asks a person for, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub(super) client: String,
    /// The client's name, for the person.
    pub name: String,
    pub(super) redirect: String,
    /// What its tokens would be good for.
    pub scope: String,
    pub(super) scopes: Scopes,
    pub(super) state: Option<String>,
    pub(super) challenge: String,
}

/// Why a client's question is not put to the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The client or its place is not known: the person is told, and sent nowhere.
    Page(&'static str),
    /// The client is told, at this address.
    Redirect(String),
}

impl Codes {
    pub(super) const fn new() -> Self {
        Self { codes: Mutex::new(BTreeMap::new()), codes_max: CODES_MAX }
    }

    fn forget(&self, codes: &mut BTreeMap<[u8; 32], Code>, now: u64) -> Result<(), Denied> {
        codes.retain(|_, code| {
            let kept = if code.login.is_some() { SECONDS.1 } else { SECONDS.0 };
            code.made_at.saturating_add(kept) > now
        });
        if codes.len() >= self.codes_max { Err(Denied::Full { what: "codes", max: self.codes_max }) } else { Ok(()) }
    }
}

impl Authority {
    /// Reads what a client asks for: the query it sent the person here with.
    ///
    /// # Errors
    ///
    /// Whom to tell that it cannot be asked.
    pub fn asked(&self, query: &[u8]) -> Result<Asked, Refused> {
        let form = Form::read(query).map_err(|_| Refused::Page("The request cannot be read."))?;
        self.asked_in(&form)
    }

    /// A person answers: the question as it was asked, with e-mail and password. Where to send it then.
    ///
    /// # Errors
    ///
    /// `Page` when e-mail or password is wrong, or tried too often; else as [`asked`](Self::asked).
    pub fn agree(&self, form: &[u8], now: u64) -> Result<String, Refused> {
        let form = Form::read(form).map_err(|_| Refused::Page("The request cannot be read."))?;
        let asked = self.asked_in(&form)?;
        let (email, password) = (form.get("email").unwrap_or_default(), form.get("password").unwrap_or_default());
        let (person, record) = self.check_password(email, password).map_err(|denied| match denied {
            Denied::CredentialsWrong => Refused::Page("E-mail or password is wrong."),
            Denied::TooMany { .. } => Refused::Page("Too many tries: wait a little."),
            _ => asked.refuse(&self.issuer, &OAuthError::TemporarilyUnavailable),
        })?;
        let code = letters::<40>().map_err(|_| asked.refuse(&self.issuer, &OAuthError::TemporarilyUnavailable))?;
        let kept = Code {
            client: asked.client.clone(),
            redirect: asked.redirect.clone(),
            challenge: asked.challenge.clone(),
            person,
            version: record.version,
            scopes: asked.scopes,
            made_at: now,
            login: None,
        };
        let mut codes = self.codes.codes.lock();
        if self.codes.forget(&mut codes, now).is_err() {
            return Err(asked.refuse(&self.issuer, &OAuthError::TemporarilyUnavailable));
        }
        codes.insert(self.store.hash("code", &code), kept);
        Ok(asked.back(&self.issuer, &[("code", &code)]))
    }

    fn asked_in(&self, form: &Form) -> Result<Asked, Refused> {
        let id = form.get("client_id").filter(|id| is_letters(id, 12));
        let client = id.and_then(|id| self.store.client(id).ok().flatten()).filter(|client| !client.revoked);
        let (Some(id), Some(client)) = (id, client) else {
            return Err(Refused::Page("No such application is known here."));
        };
        let redirect = redirect(form.get("redirect_uri"), &client);
        let redirect = redirect.ok_or(Refused::Page("The application may not send people back to where it says."))?;
        let state = form.get("state").map(str::to_owned);
        let mut asked = Asked {
            client: id.to_owned(),
            name: client.name.clone(),
            redirect,
            scope: String::new(),
            scopes: Scopes::NONE,
            state: state.filter(|state| state.len() <= STATE_BYTES_MAX),
            challenge: String::new(),
        };
        let refuse = |asked: &Asked, error: OAuthError| Err(asked.refuse(&self.issuer, &error));
        if form.get("response_type") != Some("code") {
            return refuse(&asked, OAuthError::UnsupportedResponseType);
        }
        if form.get("code_challenge_method") != Some("S256") {
            return refuse(&asked, OAuthError::InvalidRequest("code_challenge_method must be S256"));
        }
        let challenge = form.get("code_challenge").unwrap_or_default();
        if URL_SAFE_NO_PAD.decode(challenge).map_or(0, |bytes| bytes.len()) != 32 {
            return refuse(&asked, OAuthError::InvalidRequest("code_challenge must be 43 letters of base64url"));
        }
        match scopes(form.get("scope"), client.scopes.0) {
            Ok(scopes) => asked.scopes = scopes,
            Err(error) => return refuse(&asked, error),
        }
        asked.scope = asked.scopes.to_string();
        challenge.clone_into(&mut asked.challenge);
        Ok(asked)
    }

    /// Gives tokens for a code. A code that comes twice is in two hands: what came of it is closed.
    pub(super) fn redeem_code(&self, client: &str, form: &Form, now: u64) -> Result<TokenAnswer, OAuthError> {
        let code = form.must("code", "code is missing")?;
        let verifier = form.must("code_verifier", "code_verifier is missing")?;
        let hash = self.store.hash("code", code);
        let mut codes = self.codes.codes.lock();
        let kept = codes.get(&hash).cloned().ok_or(OAuthError::InvalidGrant)?;
        if let Some(login) = &kept.login {
            self.store.remove_login(login)?;
            codes.remove(&hash);
            return Err(OAuthError::InvalidGrant);
        }
        let is_good = kept.client == client
            && Some(kept.redirect.as_str()) == form.get("redirect_uri")
            && kept.made_at.saturating_add(SECONDS.0) > now
            && is_verifier(verifier)
            && token::same(
                &kept.challenge,
                &URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes())),
            );
        let person = self.store.person(&kept.person)?;
        let person = person.filter(|person| is_good && !person.closed && person.version == kept.version);
        let Some(person) = person else {
            // One try: a code that somebody guesses the verifier of is gone.
            codes.remove(&hash);
            return Err(OAuthError::InvalidGrant);
        };
        let answer = self.begin_login(&kept.person, &person, Some(client), kept.scopes, now)?;
        let login = answer.refresh_token.as_ref().and_then(|refresh| token::login_of(refresh.expose()));
        if let (Some(code), Some((login, _))) = (codes.get_mut(&hash), login) {
            code.login = Some(login.to_owned());
        }
        Ok(answer)
    }
}

impl Asked {
    /// Where the client is told of an error.
    fn refuse(&self, issuer: &str, error: &OAuthError) -> Refused {
        let said = error.to_string();
        Refused::Redirect(self.back(issuer, &[("error", error.code()), ("error_description", &said)]))
    }

    /// The client's place with parameters added, and with who says it (RFC 9207).
    fn back(&self, issuer: &str, said: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(said);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", issuer);
        let separator = if self.redirect.contains('?') { '&' } else { '?' };
        format!("{}{separator}{}", self.redirect, query.finish())
    }
}

/// The place a client names, if it is one of its own: letter by letter, but for the port on loopback.
fn redirect(named: Option<&str>, client: &ClientRecord) -> Option<String> {
    let named = named?;
    let is_the_same =
        |known: &String| known == named || loopback(known).is_some() && loopback(known) == loopback(named);
    client.redirects.iter().any(is_the_same).then(|| named.to_owned())
}

/// RFC 7636, 4.1.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
