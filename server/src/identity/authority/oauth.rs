//! OAuth 2: client credentials, authorization code with PKCE (S256 and nothing else), refresh and revocation, and the
//! document that says so (RFC 6749, 7636, 7009, 8414, 9207).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::fault::Denied;
use super::form::Form;
use super::people::TokenAnswer;
use super::store::ClientRecord;
use super::token::Subject;
use super::{Authority, token};
use crate::identity::Scopes;

/// Why a client gets no token; `code` is the standard's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// A parameter is missing, there twice, or not what it must be.
    #[error("the request cannot be read: {0}")]
    InvalidRequest(&'static str),
    /// The client is unknown, or its secret is wrong.
    #[error("the client is unknown, or its secret is wrong")]
    InvalidClient,
    /// Code, verifier or refresh token is not good, or not for this client.
    #[error("the code or the refresh token is not valid for this client")]
    InvalidGrant,
    /// The client may not ask in this way.
    #[error("the client may not ask for tokens in this way")]
    UnauthorizedClient,
    /// There is no such way.
    #[error("grant_type must be authorization_code, client_credentials or refresh_token")]
    UnsupportedGrantType,
    /// There is no such way to ask for a code.
    #[error("response_type must be code")]
    UnsupportedResponseType,
    /// More than the client may.
    #[error("the scope is unknown, or more than the client may ask for")]
    InvalidScope,
    /// The person said no, or is not who it says.
    #[error("the person did not agree")]
    AccessDenied,
    /// Too often, too many, or the store failed.
    #[error("not now: try again later")]
    TemporarilyUnavailable,
}

impl OAuthError {
    /// As the standard names it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// The status of HTTP.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::InvalidClient => 401,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

impl From<Denied> for OAuthError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::RefreshInvalid
            | Denied::TokenMissing
            | Denied::TokenInvalid
            | Denied::CertificateUnknown
            | Denied::TokenExpired => Self::InvalidGrant,
            Denied::CredentialsWrong | Denied::Forbidden | Denied::NoAccount => Self::AccessDenied,
            Denied::RegistrationClosed | Denied::Field { .. } | Denied::Unknown(_) => Self::InvalidRequest("a field"),
            Denied::Full { .. } | Denied::TooMany { .. } | Denied::Store => Self::TemporarilyUnavailable,
        }
    }
}

/// What this server can do, for clients that look (RFC 8414).
#[derive(Clone, Debug, Serialize)]
pub struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 3],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    code_challenge_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
}

const AUTH_METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

impl Authority {
    /// The metadata document.
    #[must_use]
    pub fn metadata(&self) -> Metadata {
        let at = |path: &str| format!("{}{path}", self.issuer.trim_end_matches('/'));
        Metadata {
            issuer: self.issuer.clone(),
            authorization_endpoint: at("/oauth/authorize"),
            token_endpoint: at("/oauth/token"),
            revocation_endpoint: at("/oauth/revoke"),
            jwks_uri: at("/.well-known/jwks.json"),
            scopes_supported: Scopes::ALL.iter().map(crate::identity::Scope::name).collect(),
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: ["authorization_code", "client_credentials", "refresh_token"],
            token_endpoint_auth_methods_supported: AUTH_METHODS,
            revocation_endpoint_auth_methods_supported: AUTH_METHODS,
            code_challenge_methods_supported: ["S256"],
            authorization_response_iss_parameter_supported: true,
        }
    }

    /// The key set that our tokens are checked with (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> Vec<u8> {
        self.signing.published()
    }

    /// The token endpoint: a form, and what `Authorization` said.
    ///
    /// # Errors
    ///
    /// As the standard has them.
    pub fn token(&self, form: &[u8], authorization: Option<&str>, now: u64) -> Result<TokenAnswer, OAuthError> {
        let form = Form::read(form)?;
        let (id, client) = self.client_of(&form, authorization)?;
        match form.must("grant_type", "grant_type is missing")? {
            "client_credentials" => self.client_credentials(&id, &client, &form, now),
            "authorization_code" => self.redeem_code(&id, &form, now),
            "refresh_token" => {
                let refresh = form.must("refresh_token", "refresh_token is missing")?;
                Ok(self.refresh_for(refresh, Some(&id), now)?)
            }
            _ => Err(OAuthError::UnsupportedGrantType),
        }
    }

    /// The revocation endpoint (RFC 7009): a refresh token, and all that comes of its login, is good for nothing from
    /// now on. What is unknown is no error; an access token ends by itself, soon.
    ///
    /// # Errors
    ///
    /// When the client is not who it says, or the store fails.
    pub fn revoke(&self, form: &[u8], authorization: Option<&str>) -> Result<(), OAuthError> {
        let form = Form::read(form)?;
        let (id, _) = self.client_of(&form, authorization)?;
        let Some((login, secret)) = token::login_of(form.must("token", "token is missing")?) else { return Ok(()) };
        let _alone = self.store.alone();
        let Some(kept) = self.store.login(login)? else { return Ok(()) };
        let is_its_own = kept.client.as_deref() == Some(&id)
            && token::same(&kept.secret, &token::kept(&self.store.hash("refresh", secret)));
        if is_its_own { Ok(self.store.remove_login(login)?) } else { Ok(()) }
    }

    fn client_credentials(
        &self,
        id: &str,
        client: &ClientRecord,
        form: &Form,
        now: u64,
    ) -> Result<TokenAnswer, OAuthError> {
        if !client.for_itself || client.secret.is_none() {
            return Err(OAuthError::UnauthorizedClient);
        }
        // RFC 8707: who asks for a token for somebody else gets none here.
        if ["resource", "audience"].iter().filter_map(|name| form.get(name)).any(|wanted| wanted != self.audience) {
            return Err(OAuthError::InvalidRequest("resource and audience must be this server's audience"));
        }
        let scopes = scopes(form.get("scope"), client.scopes.0)?;
        Ok(self.answer(&Subject::Client(id), 0, Some(id), scopes, None, now)?)
    }

    /// Who asks: by HTTP Basic, or in the form; not both.
    fn client_of(&self, form: &Form, authorization: Option<&str>) -> Result<(String, ClientRecord), OAuthError> {
        let basic = authorization.map(basic).transpose()?;
        let (id, secret) = match &basic {
            Some((id, secret)) => {
                if form.get("client_secret").is_some() || form.get("client_id").is_some_and(|said| said != id) {
                    return Err(OAuthError::InvalidRequest("the client says who it is twice"));
                }
                (id.as_str(), Some(secret.as_str()))
            }
            None => (form.must("client_id", "client_id is missing")?, form.get("client_secret")),
        };
        let client = self.check_client(id, secret)?.ok_or(OAuthError::InvalidClient)?;
        Ok((id.to_owned(), client))
    }
}

/// The scopes that are asked for: some of those that may be, or all of them where none are named.
pub(super) fn scopes(wanted: Option<&str>, may: Scopes) -> Result<Scopes, OAuthError> {
    let wanted = wanted.map_or(Ok(may), |wanted| Scopes::parse(wanted).map_err(|_| OAuthError::InvalidScope))?;
    if may.covers(wanted) && !wanted.is_empty() { Ok(wanted) } else { Err(OAuthError::InvalidScope) }
}

/// Id and secret of `Basic …`, each of them form-encoded (RFC 6749, 2.3.1).
fn basic(authorization: &str) -> Result<(String, String), OAuthError> {
    let (scheme, encoded) = authorization.split_once(' ').ok_or(OAuthError::InvalidClient)?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 1_024 {
        return Err(OAuthError::InvalidClient);
    }
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| OAuthError::InvalidClient)?;
    let text = String::from_utf8(decoded).map_err(|_| OAuthError::InvalidClient)?;
    let (id, secret) = text.split_once(':').ok_or(OAuthError::InvalidClient)?;
    let decode = |text: &str| {
        let pair = form_urlencoded::parse(text.as_bytes()).next();
        pair.map_or_else(String::new, |(name, _)| name.into_owned())
    };
    Ok((decode(id), decode(secret)))
}
