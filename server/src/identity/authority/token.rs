//! Tokens of our own: whom an access token is about, what a refresh token looks like, and how both are given out.

use subtle::ConstantTimeEq;

use super::claims::{Audience, Claims};
use super::fault::Denied;
use super::people::TokenAnswer;
use super::{Authority, Hidden};
use crate::identity::Scopes;
use crate::identity::secret::{is_letters, letters};

/// A refresh token reads `dcr_`, twelve letters that name its login, `_`, forty letters that are secret.
const REFRESH_MARK: &str = "dcr_";
/// How long a token of a program that acts for itself is valid at most: it can always get another.
pub(super) const PROGRAM_SECONDS_MAX: u64 = 900;

/// Whom a token is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject<'a> {
    /// A person, by its id.
    Person(&'a str),
    /// A client that acts for itself, by its id.
    Client(&'a str),
}

impl<'a> Subject<'a> {
    /// Reads `sub`.
    pub(super) fn read(sub: &'a str) -> Option<Self> {
        let (kind, id) = sub.split_once(':').filter(|(_, id)| is_letters(id, 12))?;
        match kind {
            "user" => Some(Self::Person(id)),
            "client" => Some(Self::Client(id)),
            _ => None,
        }
    }

    fn write(self) -> String {
        match self {
            Self::Person(id) => format!("user:{id}"),
            Self::Client(id) => format!("client:{id}"),
        }
    }
}

/// A refresh token of a login.
pub(super) fn refresh(login: &str, secret: &str) -> Hidden {
    Hidden::new(format!("{REFRESH_MARK}{login}_{secret}"))
}

/// The login and the secret of what may be a refresh token.
pub(super) fn login_of(refresh: &str) -> Option<(&str, &str)> {
    let (login, secret) = refresh.strip_prefix(REFRESH_MARK)?.split_once('_')?;
    (is_letters(login, 12) && is_letters(secret, 40)).then_some((login, secret))
}

/// A hash as it is kept.
pub(super) fn kept(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two hashes are the same, without telling by the time it takes where they differ.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

impl Authority {
    /// An access token, and what goes with it.
    pub(super) fn answer(
        &self,
        subject: &Subject<'_>,
        version: u32,
        client: Option<&str>,
        scopes: Scopes,
        refresh_token: Option<Hidden>,
        now: u64,
    ) -> Result<TokenAnswer, Denied> {
        let life = self.token_expiry.as_secs();
        let expires_in = match subject {
            Subject::Person(_) => life,
            Subject::Client(_) => life.min(PROGRAM_SECONDS_MAX),
        };
        let claims = Claims {
            iss: self.issuer.clone(),
            sub: subject.write(),
            aud: Audience::One(self.audience.clone()),
            exp: now.saturating_add(expires_in),
            iat: Some(now),
            nbf: Some(now),
            jti: Some(letters::<26>()?),
            client_id: client.map(str::to_owned),
            scope: Some(scopes.to_string()),
            ver: Some(version),
        };
        let access_token = self.signing.sign(&claims).map_err(|error| {
            tracing::error!(%error, "a token could not be signed");
            Denied::Store
        })?;
        let (access_token, scope) = (Hidden::new(access_token), scopes.to_string());
        Ok(TokenAnswer { access_token, token_type: "Bearer", expires_in, refresh_token, scope })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_and_refresh_tokens_read_back_and_nothing_else_does() {
        for subject in [Subject::Person("4j9m2x7k0q8w"), Subject::Client("4j9m2x7k0q8w")] {
            assert_eq!(Subject::read(&subject.write()), Some(subject));
        }
        for wrong in ["", "user:", "user:4j9m2x7k0q8", "root:4j9m2x7k0q8w", "user:4J9M2X7K0Q8W", "user:../../etc/pw"] {
            assert_eq!(Subject::read(wrong), None, "{wrong}");
        }
        let secret = "0".repeat(40);
        let token = refresh("4j9m2x7k0q8w", &secret);
        assert_eq!(login_of(token.expose()), Some(("4j9m2x7k0q8w", secret.as_str())));
        for wrong in ["", "dcr_", "dcr_4j9m2x7k0q8w_", &token.expose()[1..], &format!("{}0", token.expose())] {
            assert_eq!(login_of(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "***");
    }
}
