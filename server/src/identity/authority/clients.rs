//! Programs that ask for tokens, and keys that programs carry: made by whoever may, shown once, kept as hashes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cards::holds_card_number;
use super::fault::Denied;
use super::people::{account, role};
use super::store::{CLIENTS_MAX, ClientRecord, Kept};
use super::{Authority, Hidden, token};
use crate::identity::secret::letters;
use crate::identity::{Action, Grant, IdentityError, Principal, Scopes};

/// Where a client may be sent back to, at most so many places of so many bytes.
const REDIRECTS_MAX: (usize, usize) = (8, 512);
const NAME_BYTES_MAX: usize = 64;
/// Clients of a page at most.
const PAGE_MAX: usize = 100;
const SECRET_MARK: &str = "dcs_";

/// A program is to be known.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientRequest {
    /// What people are shown when it asks for their word.
    pub name: String,
    /// What it may do when it acts for itself.
    pub role: String,
    /// The account it then acts for.
    pub account: String,
    /// What its tokens are good for at most: scopes with blanks between them.
    pub scope: String,
    /// Where people are sent back to; none for a program that only acts for itself.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Whether it can keep a secret, and so may act for itself.
    pub confidential: bool,
}

/// A client; its secret is in the answer that makes it, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientAnswer {
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret, this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub client_secret: Option<Hidden>,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: &'static str,
    /// Its account.
    pub account: String,
    /// Its scopes.
    pub scope: String,
    /// Its places.
    pub redirect_uris: Vec<String>,
    /// Whether it was taken back.
    pub revoked: bool,
}

/// A key is to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// Its role; whoever is no admin gives its own.
    pub role: Option<String>,
    /// Its account; whoever is no admin gives its own.
    pub account: Option<String>,
    /// What it is good for: scopes with blanks between them. Left out, as much as the one that makes it.
    pub scope: Option<String>,
}

/// A key; the whole of it is in the answer that makes it, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyAnswer {
    /// The twelve letters that name it.
    pub prefix: String,
    /// The whole key, this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub key: Option<Hidden>,
    /// Its role.
    pub role: &'static str,
    /// Its account.
    pub account: String,
    /// Its scopes.
    pub scope: String,
    /// Whether it was taken back.
    pub revoked: bool,
}

impl Authority {
    /// Makes a client, for an admin.
    ///
    /// # Errors
    ///
    /// `Forbidden`, a field against its rule, `Full`.
    pub fn create_client(&self, by: &Principal, request: &ClientRequest, now: u64) -> Result<ClientAnswer, Denied> {
        must(by, Action::ManageClients)?;
        let (role, account) = (role(&request.role)?, account(&request.account)?);
        let name = request.name.trim();
        let is_plain = !name.chars().any(char::is_control) && !holds_card_number(name);
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !is_plain {
            let rule = format!("of 1 to {NAME_BYTES_MAX} bytes, without control characters or a card number");
            return Err(Denied::field("name", rule));
        }
        let scopes = Scopes::parse(&request.scope).map_err(|error| Denied::field("scope", error.to_string()))?;
        if scopes.is_empty() {
            return Err(Denied::field("scope", format!("some of: {}", Scopes::ALL)));
        }
        let redirects = &request.redirect_uris;
        let may = |uri: &String| may_redirect_to(uri) && !holds_card_number(uri);
        if redirects.len() > REDIRECTS_MAX.0 || !redirects.iter().all(may) {
            let rule = "at most 8 places of https, of http on loopback, or of an application's own scheme with a dot, \
                        without blanks or fragment";
            return Err(Denied::field("redirect_uris", rule));
        }
        if redirects.is_empty() && !request.confidential {
            return Err(Denied::field("redirect_uris", "given, for a program that keeps no secret"));
        }
        let id = letters::<12>()?;
        let secret = letters::<40>()?;
        let client = ClientRecord {
            name: name.to_owned(),
            secret: request.confidential.then(|| token::kept(&self.store.hash("client", &secret))),
            redirects: redirects.clone(),
            for_itself: request.confidential,
            role: Kept(role),
            account: Kept(account),
            scopes: Kept(scopes),
            revoked: false,
            made_at: now,
        };
        let mut counts = self.store.alone();
        if counts.clients >= CLIENTS_MAX {
            return Err(Denied::Full { what: "clients", max: CLIENTS_MAX });
        }
        self.store.put_client(&id, &client)?;
        counts.clients += 1;
        let secret = request.confidential.then(|| Hidden::new(format!("{SECRET_MARK}{secret}")));
        Ok(shown(id, client, secret))
    }

    /// Clients after an id, in order of ids, for an admin.
    ///
    /// # Errors
    ///
    /// `Forbidden`.
    pub fn clients(&self, by: &Principal, after: &str) -> Result<Vec<ClientAnswer>, Denied> {
        must(by, Action::ManageClients)?;
        let clients = self.store.clients(after, PAGE_MAX)?;
        Ok(clients.into_iter().map(|(id, client)| shown(id, client, None)).collect())
    }

    /// Takes a client back: it gets no token any more, and those it has are good for nothing.
    ///
    /// # Errors
    ///
    /// `Forbidden`, `Unknown`.
    pub fn revoke_client(&self, by: &Principal, id: &str) -> Result<(), Denied> {
        must(by, Action::ManageClients)?;
        let _alone = self.store.alone();
        let mut client = self.store.client(id)?.ok_or(Denied::Unknown("client"))?;
        client.revoked = true;
        self.store.put_client(id, &client)
    }

    /// Makes an API key: for an admin any, for others one that is good for no more than they are themselves.
    ///
    /// # Errors
    ///
    /// `Forbidden`, a field against its rule, `Full`.
    pub fn create_key(&self, by: &Principal, request: &KeyRequest) -> Result<KeyAnswer, Denied> {
        let any = match by.grant(Action::ManageKeys) {
            Grant::Any => true,
            Grant::Own => false,
            Grant::No => return Err(Denied::Forbidden),
        };
        let wanted_role = request.role.as_deref().map_or(Ok(by.role), role)?;
        let wanted_account = request.account.as_deref().map_or(Ok(by.account), account)?;
        let scopes = match &request.scope {
            Some(scope) => Scopes::parse(scope).map_err(|error| Denied::field("scope", error.to_string()))?,
            None => by.scopes,
        };
        if scopes.is_empty() {
            return Err(Denied::field("scope", format!("some of: {}", by.scopes)));
        }
        if !by.scopes.covers(scopes) || !any && (wanted_role, wanted_account) != (by.role, by.account) {
            return Err(Denied::Forbidden);
        }
        let secret = self.keys.store().create_scoped(wanted_account, wanted_role, scopes)?;
        self.keys.refresh()?;
        let key = Some(Hidden::new(secret.expose()));
        let (prefix, account) = (secret.prefix().to_owned(), wanted_account.0.to_string());
        Ok(KeyAnswer { prefix, key, role: wanted_role.name(), account, scope: scopes.to_string(), revoked: false })
    }

    /// The API keys of the account that asks; for an admin, of all.
    ///
    /// # Errors
    ///
    /// `Forbidden`.
    pub fn api_keys(&self, by: &Principal) -> Result<Vec<KeyAnswer>, Denied> {
        let any = match by.grant(Action::ManageKeys) {
            Grant::Any => true,
            Grant::Own => false,
            Grant::No => return Err(Denied::Forbidden),
        };
        let records = self.keys.store().list()?.into_iter().filter(|record| any || record.account == by.account);
        let shown = records.map(|record| KeyAnswer {
            prefix: record.prefix,
            key: None,
            role: record.role.name(),
            account: record.account.0.to_string(),
            scope: record.scopes.to_string(),
            revoked: record.revoked,
        });
        Ok(shown.collect())
    }

    /// Takes an API key back. Of another account there is none.
    ///
    /// # Errors
    ///
    /// `Forbidden`, `Unknown`.
    pub fn revoke_key(&self, by: &Principal, prefix: &str) -> Result<(), Denied> {
        let known = self.api_keys(by)?.into_iter().any(|key| key.prefix == prefix);
        if !known {
            return Err(Denied::Unknown("key"));
        }
        self.keys.store().revoke(prefix)?;
        self.keys.refresh()?;
        Ok(())
    }

    /// The client with this id and secret. One that has a secret must say it, one that has none must not.
    pub(super) fn check_client(&self, id: &str, secret: Option<&str>) -> Result<Option<ClientRecord>, Denied> {
        let client = self.store.client(id)?.filter(|client| !client.revoked);
        let said = secret.map(|secret| secret.strip_prefix(SECRET_MARK).unwrap_or_default());
        let hash = said.map(|secret| token::kept(&self.store.hash("client", secret)));
        let kept = client.as_ref().and_then(|client| client.secret.clone());
        let is_right = match (&kept, &hash) {
            (Some(kept), Some(hash)) => token::same(kept, hash),
            (None, None) => true,
            _ => false,
        };
        Ok(client.filter(|_| is_right))
    }
}

/// The system's words are for the operator.
impl From<IdentityError> for Denied {
    fn from(error: IdentityError) -> Self {
        if let IdentityError::TooManyKeys(max) = error {
            return Self::Full { what: "keys", max };
        }
        tracing::error!(%error, "keys could not be read or written");
        Self::Store
    }
}

fn must(by: &Principal, action: Action) -> Result<(), Denied> {
    if by.grant(action) == Grant::Any { Ok(()) } else { Err(Denied::Forbidden) }
}

fn shown(client_id: String, client: ClientRecord, client_secret: Option<Hidden>) -> ClientAnswer {
    ClientAnswer {
        client_id,
        client_secret,
        name: client.name,
        role: client.role.0.name(),
        account: client.account.0.0.to_string(),
        scope: client.scopes.0.to_string(),
        redirect_uris: client.redirects,
        revoked: client.revoked,
    }
}

/// RFC 8252: https, a scheme of the application's own that is a domain backwards, or loopback.
fn may_redirect_to(uri: &str) -> bool {
    let is_plain = uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte));
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let is_own =
        scheme.contains('.') && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte));
    let place = match scheme {
        "https" => rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty() && !authority_of(rest).contains('@')),
        "http" => loopback(uri).is_some(),
        _ => is_own && !rest.is_empty(),
    };
    is_plain && place && uri.len() <= REDIRECTS_MAX.1
}

fn authority_of(rest: &str) -> &str {
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// Of an address on loopback, host and what follows the port: the port is the system's to choose.
pub(super) fn loopback(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let authority = authority_of(rest);
    let host = ["127.0.0.1", "[::1]", "localhost"].into_iter().find(|host| authority.starts_with(host))?;
    let port = &authority[host.len()..];
    let is_port = port.strip_prefix(':').is_some_and(|digits| digits.parse::<u16>().is_ok());
    (port.is_empty() || is_port).then(|| (host, &rest[authority.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_back_to_places_that_are_safe() {
        for good in [
            "https://app.example.com/callback?x=1",
            "http://127.0.0.1:8123/cb",
            "http://localhost/cb",
            "http://[::1]:1/",
            "com.example.app:/cb",
        ] {
            assert!(may_redirect_to(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "http://app.example.com/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://localhost:evil@example.com/",
            "http://localhost@example.com/",
            "https://user@example.com/",
            "https://app.example.com/cb#fragment",
            "https://app.example.com/c b",
            "https://app.example.com/\r\nset-cookie: a",
            "javascript:alert(1)",
            "data:text/html,x",
            "app:/cb",
            "//app.example.com",
        ] {
            assert!(!may_redirect_to(bad), "{bad}");
        }
        assert!(!may_redirect_to(&format!("https://app.example.com/{}", "x".repeat(512))));
    }
}
