//! People: they register or are registered, log in, stay logged in, and look at what is known of them.

use dce_engine::ids::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cards::holds_card_number;
use super::fault::Denied;
use super::store::{Kept, Login, PEOPLE_MAX, Person};
use super::{Authority, Hidden, passwords, token};
use crate::identity::secret::letters;
use crate::identity::{Action, Grant, Principal, Role, Scopes};

/// People of a page at most.
const PAGE_MAX: usize = 100;
const EMAIL_BYTES_MAX: usize = 254;

/// Somebody is to be known.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    /// Its e-mail: how it logs in. Nobody else is told.
    #[schema(value_type = String, format = Email)]
    pub email: Hidden,
    /// At least 12 letters.
    #[schema(value_type = String, format = Password)]
    pub password: Hidden,
    /// What it may do: `buyer` or `seller` where it registers itself, any role where an admin does.
    pub role: Option<String>,
    /// The account it belongs to, as a number. Only an admin says so.
    pub account: Option<String>,
}

/// Somebody is known now, or was before: who registers itself is not told which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RegisterAnswer {
    /// Its id, where an admin registered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `registered`.
    pub status: &'static str,
}

/// Somebody says who it is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// Its e-mail.
    #[schema(value_type = String, format = Email)]
    pub email: Hidden,
    /// Its password.
    #[schema(value_type = String, format = Password)]
    pub password: Hidden,
}

/// Somebody stays logged in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The one that came with the last access token; it is good once.
    #[schema(value_type = String)]
    pub refresh_token: Hidden,
}

/// Another password.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordRequest {
    /// The one so far.
    #[schema(value_type = String, format = Password)]
    pub password: Hidden,
    /// The one from now on.
    #[schema(value_type = String, format = Password)]
    pub new_password: Hidden,
}

/// What a request is made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TokenAnswer {
    /// A JWT, for `Authorization: Bearer …`.
    #[schema(value_type = String)]
    pub access_token: Hidden,
    /// `Bearer`.
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: u64,
    /// For another access token, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub refresh_token: Option<Hidden>,
    /// What the token is good for.
    pub scope: String,
}

/// What is known of whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProfileAnswer {
    /// Its id; of a program the public part of its key.
    pub id: String,
    /// A person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Hidden>,
    /// What it may do.
    pub role: &'static str,
    /// The account it belongs to; none until an admin gives it one.
    pub account: Option<String>,
    /// What the key or token is good for.
    pub scope: String,
}

/// A person, as an admin sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonAnswer {
    /// Its id.
    pub id: String,
    /// Its e-mail.
    #[schema(value_type = String)]
    pub email: Hidden,
    /// What it may do.
    pub role: &'static str,
    /// The account it belongs to.
    pub account: Option<String>,
    /// Whether it was closed.
    pub closed: bool,
    /// Seconds since 1970.
    pub made_at: u64,
}

/// What an admin changes of a person; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonChange {
    /// Another role.
    pub role: Option<String>,
    /// Another account.
    pub account: Option<String>,
    /// Whether it may log in no more; its tokens end with it.
    pub closed: Option<bool>,
    /// Whoever another issuer means by this is this person from now on.
    pub link: Option<Link>,
}

/// Somebody, as another issuer names it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
}

impl Authority {
    /// Registers somebody: an admin anybody, and everybody itself where registration is open.
    ///
    /// # Errors
    ///
    /// `RegistrationClosed`, a field against its rule, `Full`.
    pub fn register(
        &self,
        request: &RegisterRequest,
        by: Option<&Principal>,
        now: u64,
    ) -> Result<RegisterAnswer, Denied> {
        let by_admin = by.is_some_and(|by| by.grant(Action::ManageUsers) == Grant::Any);
        if !by_admin && !self.registration {
            return Err(Denied::RegistrationClosed);
        }
        let email = request.email.expose();
        judge_email(email)?;
        passwords::judge(request.password.expose(), email)?;
        let role = role(request.role.as_deref().unwrap_or("buyer"))?;
        let account = request.account.as_deref().map(account).transpose()?;
        if !by_admin && !role.is_trader() {
            return Err(Denied::field("role", "buyer or seller, where nobody else says so"));
        }
        if !by_admin && account.is_some() {
            return Err(Denied::field("account", "left out: an admin gives it"));
        }
        // Hashed before anything is looked up: who registers an e-mail twice learns nothing from the time it takes.
        let password = self.passwords.hash(request.password.expose())?;
        let id = letters::<12>()?;
        let mut counts = self.store.alone();
        if self.store.person_of(email)?.is_some() {
            return if by_admin {
                Err(Denied::field("email", "one that nobody has registered yet"))
            } else {
                Ok(RegisterAnswer { id: None, status: "registered" })
            };
        }
        if counts.people >= PEOPLE_MAX {
            return Err(Denied::Full { what: "people", max: PEOPLE_MAX });
        }
        let account = account.map(Kept);
        let email = email.to_owned();
        let person = Person { email, password, role: Kept(role), account, version: 0, closed: false, made_at: now };
        self.store.put_person(&id, &person)?;
        counts.people += 1;
        Ok(RegisterAnswer { id: by_admin.then_some(id), status: "registered" })
    }

    /// Lets a person in.
    ///
    /// # Errors
    ///
    /// `CredentialsWrong`, or `TooMany` after a few wrong ones.
    pub fn login(&self, request: &LoginRequest, now: u64) -> Result<TokenAnswer, Denied> {
        let (id, person) = self.check_password(request.email.expose(), request.password.expose())?;
        self.begin_login(&id, &person, None, Scopes::ALL, now)
    }

    /// Gives another access token, and another refresh token, for one that is good.
    ///
    /// # Errors
    ///
    /// `RefreshInvalid`. One that was used before closes all that came of its login: somebody has a copy of it.
    pub fn refresh(&self, request: &RefreshRequest, now: u64) -> Result<TokenAnswer, Denied> {
        self.refresh_for(request.refresh_token.expose(), None, now)
    }

    /// Ends a login: its refresh token is good for nothing. What is no refresh token ends nothing, which is no error.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn logout(&self, refresh_token: &str) -> Result<(), Denied> {
        match token::login_of(refresh_token) {
            Some((id, _)) => self.store.remove_login(id),
            None => Ok(()),
        }
    }

    /// What is known of whoever sends this key or token.
    ///
    /// # Errors
    ///
    /// When it is not valid.
    pub fn profile(&self, bearer: &str, now: u64) -> Result<ProfileAnswer, Denied> {
        let caller = self.identify(bearer, now)?;
        let id = caller.id().to_owned();
        let email =
            if caller.is_person { self.store.person(&id)?.map(|person| Hidden::new(person.email)) } else { None };
        let (role, account) = (caller.role.name(), caller.account.map(|account| account.0.to_string()));
        Ok(ProfileAnswer { id, email, role, account, scope: caller.scopes.to_string() })
    }

    /// What is known of a program that showed a certificate.
    pub(super) fn profile_of(&self, by: &Principal) -> Result<ProfileAnswer, Denied> {
        let id = String::from_utf8_lossy(&by.prefix).into_owned();
        let account = Some(by.account.0.to_string());
        Ok(ProfileAnswer { id, email: None, role: by.role.name(), account, scope: by.scopes.to_string() })
    }

    /// Changes the password of whoever sends this token; every login and token so far ends.
    ///
    /// # Errors
    ///
    /// When the token is no person's, or the password so far is wrong.
    pub fn change_password(&self, bearer: &str, request: &PasswordRequest, now: u64) -> Result<(), Denied> {
        let caller = self.identify(bearer, now)?;
        if !caller.is_person {
            return Err(Denied::Forbidden);
        }
        let id = caller.id();
        let email = self.store.person(id)?.ok_or(Denied::TokenInvalid)?.email;
        self.check_password(&email, request.password.expose())?;
        passwords::judge(request.new_password.expose(), &email)?;
        let password = self.passwords.hash(request.new_password.expose())?;
        self.change_record(id, |person| {
            person.password = password;
            person.version = person.version.wrapping_add(1);
        })?;
        self.store.remove_logins_of(id)
    }

    /// People after an id, in order of ids, for an admin.
    ///
    /// # Errors
    ///
    /// `Forbidden`.
    pub fn people(&self, by: &Principal, after: &str) -> Result<Vec<PersonAnswer>, Denied> {
        self.must_manage(by)?;
        let people = self.store.people(after, PAGE_MAX)?;
        Ok(people.into_iter().map(|(id, person)| shown(id, person)).collect())
    }

    /// Changes a person, for an admin.
    ///
    /// # Errors
    ///
    /// `Forbidden`, `Unknown`, a field against its rule.
    pub fn change_person(&self, by: &Principal, id: &str, change: &PersonChange) -> Result<PersonAnswer, Denied> {
        self.must_manage(by)?;
        let role = change.role.as_deref().map(role).transpose()?;
        let account = change.account.as_deref().map(account).transpose()?;
        if let Some(Link { issuer, subject }) = &change.link {
            let is_good = (1..=255).contains(&subject.len()) && !holds_card_number(subject);
            if !self.issuers.iter().any(|known| known.url() == issuer) || !is_good {
                let rule = "an issuer of security.issuers, and a subject of 1 to 255 bytes that is no card number";
                return Err(Denied::field("link", rule));
            }
            self.store.person(id)?.ok_or(Denied::Unknown("person"))?;
            self.store.put_link(issuer, subject, id)?;
        }
        let person = self.change_record(id, |person| {
            person.role = role.map_or(person.role, Kept);
            person.account = account.map(Kept).or(person.account);
            if let Some(closed) = change.closed {
                // What was given out before it was closed stays closed when it is opened again.
                person.version = person.version.wrapping_add(u32::from(closed && !person.closed));
                person.closed = closed;
            }
        })?;
        if person.closed {
            self.store.remove_logins_of(id)?;
        }
        Ok(shown(id.to_owned(), person))
    }

    /// The person with this e-mail and password; whether it is the one or the other that is wrong is not said.
    pub(super) fn check_password(&self, email: &str, password: &str) -> Result<(String, Person), Denied> {
        self.limiter.password(self.store.email_hash(email))?;
        let found = self.store.person_of(email)?.filter(|(_, person)| !person.closed);
        let hash = found.as_ref().map(|(_, person)| person.password.as_str());
        let is_right = self.passwords.is_right(password, hash)?;
        found.filter(|_| is_right).ok_or(Denied::CredentialsWrong)
    }

    pub(super) fn begin_login(
        &self,
        id: &str,
        person: &Person,
        client: Option<&str>,
        scopes: Scopes,
        now: u64,
    ) -> Result<TokenAnswer, Denied> {
        let (login, secret) = (letters::<12>()?, letters::<40>()?);
        let record = Login {
            person: id.to_owned(),
            version: person.version,
            client: client.map(str::to_owned),
            scopes: Kept(scopes),
            secret: token::kept(&self.store.hash("refresh", &secret)),
            expires_at: now.saturating_add(self.refresh_expiry.as_secs()),
            made_at: now,
        };
        let _alone = self.store.alone();
        self.store.put_login(&login, &record)?;
        let refresh = token::refresh(&login, &secret);
        self.answer(&token::Subject::Person(id), person.version, client, scopes, Some(refresh), now)
    }

    pub(super) fn refresh_for(&self, refresh: &str, client: Option<&str>, now: u64) -> Result<TokenAnswer, Denied> {
        let (id, secret) = token::login_of(refresh).ok_or(Denied::RefreshInvalid)?;
        let _alone = self.store.alone();
        let mut login = self.store.login(id)?.ok_or(Denied::RefreshInvalid)?;
        if login.client.as_deref() != client {
            return Err(Denied::RefreshInvalid);
        }
        let is_current = token::same(&login.secret, &token::kept(&self.store.hash("refresh", secret)));
        let person = self.store.person(&login.person)?.filter(|person| !person.closed);
        let person = person.filter(|person| is_current && login.expires_at > now && person.version == login.version);
        let Some(person) = person else {
            self.store.remove_login(id)?;
            return Err(Denied::RefreshInvalid);
        };
        let secret = letters::<40>()?;
        login.secret = token::kept(&self.store.hash("refresh", &secret));
        self.store.put_login(id, &login)?;
        let (subject, next) = (token::Subject::Person(&login.person), token::refresh(id, &secret));
        self.answer(&subject, person.version, client, login.scopes.0, Some(next), now)
    }

    fn change_record(&self, id: &str, change: impl FnOnce(&mut Person)) -> Result<Person, Denied> {
        let _alone = self.store.alone();
        let mut person = self.store.person(id)?.ok_or(Denied::Unknown("person"))?;
        change(&mut person);
        self.store.put_person(id, &person)?;
        Ok(person)
    }

    fn must_manage(&self, by: &Principal) -> Result<(), Denied> {
        if by.grant(Action::ManageUsers) == Grant::Any { Ok(()) } else { Err(Denied::Forbidden) }
    }
}

fn shown(id: String, person: Person) -> PersonAnswer {
    let account = person.account.map(|account| account.0.0.to_string());
    let (email, role) = (Hidden::new(person.email), person.role.0.name());
    PersonAnswer { id, email, role, account, closed: person.closed, made_at: person.made_at }
}

/// One `@` with something on both sides, and nothing that a line or a header could not hold.
fn judge_email(email: &str) -> Result<(), Denied> {
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control();
    let parts: Vec<&str> = email.split('@').collect();
    let is_good = matches!(parts.as_slice(), [local, domain] if !local.is_empty() && !domain.is_empty());
    if is_good && email.len() <= EMAIL_BYTES_MAX && email.chars().all(is_plain) && !holds_card_number(email) {
        return Ok(());
    }
    let rule = "an e-mail of at most 254 bytes, such as jo@example.com, without what looks like a card number";
    Err(Denied::field("email", rule))
}

pub(super) fn role(name: &str) -> Result<Role, Denied> {
    let names = || Role::ALL.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
    Role::from_name(name).ok_or_else(|| Denied::field("role", format!("one of: {}", names())))
}

pub(super) fn account(digits: &str) -> Result<AccountId, Denied> {
    let number = digits.parse().map(AccountId);
    number.map_err(|_| Denied::field("account", "the account's number, in digits"))
}
