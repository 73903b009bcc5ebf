//! The same over HTTP: what people and programs ask of the authority, as routes that the REST front mounts.
//!
//! `routes` brings `/api/v1/auth/…`, `/api/v1/profile`, `/api/v1/users`, `/api/v1/clients`, `/api/v1/keys`, `/oauth/…` and
//! `/.well-known/…`. A request's address is what `ConnectInfo` says; rates are counted there and by principal.

mod auth;
mod manage;
mod oauth;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use super::{Authority, Denied};
pub(super) use crate::clock::seconds as now;
use crate::identity::Principal;

/// Bytes of a body at most.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// All routes of the authority, with their part of the OpenAPI document.
#[must_use]
pub fn routes(authority: Arc<Authority>) -> OpenApiRouter {
    described().layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).with_state(authority)
}

/// The same before there is an authority: what is documented of it.
pub(crate) fn described() -> OpenApiRouter<Arc<Authority>> {
    OpenApiRouter::new().merge(auth::routes()).merge(manage::routes()).merge(oauth::routes())
}

/// Why not, as problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IdentityProblem)]
pub(super) struct Problem {
    /// `about:blank`: the code says what kind it is.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    /// A word that programs may rely on.
    code: &'static str,
    /// What to do.
    detail: String,
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let problem = Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("refused"),
            status: status.as_u16(),
            code: self.code(),
            detail: self.to_string(),
        };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers
                .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer error=\"invalid_token\""));
        }
        if let Self::TooMany { after } = self {
            headers.insert(header::RETRY_AFTER, after.as_secs().max(1).into());
        }
        response
    }
}

/// A body of JSON that fits, or a problem that says what does not.
pub(super) struct Body<T>(pub(super) T);

impl<T, S> FromRequest<S> for Body<T>
where
    Json<T>: FromRequest<S, Rejection = JsonRejection>,
    S: Send + Sync,
{
    type Rejection = Denied;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, Denied> {
        let Json(value) = Json::<T>::from_request(request, state).await.map_err(|rejection| {
            // The parser's own words may repeat what was sent, and that may be a password.
            let rule = match rejection {
                JsonRejection::MissingJsonContentType(_) => "JSON, with Content-Type: application/json",
                JsonRejection::BytesRejection(_) => "at most 16 KiB",
                _ => "one JSON object with the fields of the document, each once, and no others",
            };
            Denied::field("the body", rule)
        })?;
        Ok(Self(value))
    }
}

/// Whoever asks, let in: address and principal have not asked too often, and the key or token is valid.
pub(super) struct Asker(pub(super) Principal);

impl FromRequestParts<Arc<Authority>> for Asker {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, authority: &Arc<Authority>) -> Result<Self, Denied> {
        admit(authority, parts).map(Self)
    }
}

/// Whoever sent a request, let in: neither its address nor itself has asked too often, and its key or token is valid.
pub(crate) fn admit(authority: &Authority, parts: &Parts) -> Result<Principal, Denied> {
    authority.limiter().address(address(parts))?;
    let principal = authority.verify(bearer(parts)?, now())?;
    authority.limiter().principal(principal.prefix)?;
    Ok(principal)
}

/// Somebody who may be nobody: its address has not asked too often.
pub(super) struct Anybody;

impl FromRequestParts<Arc<Authority>> for Anybody {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, authority: &Arc<Authority>) -> Result<Self, Denied> {
        authority.limiter().address(address(parts)).map(|()| Self)
    }
}

/// The bearer key or token of a request.
pub(super) fn bearer(parts: &Parts) -> Result<&str, Denied> {
    let mut said = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (said.next(), said.next()) else { return Err(Denied::TokenInvalid) };
    let (scheme, token) = only.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Denied::TokenInvalid)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Denied::TokenInvalid) }
}

/// Work that may take a while, away from the threads that serve.
pub(super) async fn away<T: Send + 'static>(
    authority: &Arc<Authority>,
    work: impl FnOnce(&Authority) -> T + Send + 'static,
) -> Result<T, Denied> {
    let authority = Arc::clone(authority);
    tokio::task::spawn_blocking(move || work(&authority)).await.map_err(|_| Denied::Store)
}

/// A request without an address counts with all others that have none.
fn address(parts: &Parts) -> IpAddr {
    let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip())
}
