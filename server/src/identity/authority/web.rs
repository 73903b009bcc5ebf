//! The same over HTTP: what people and programs ask of the authority, as routes that the REST front mounts.
//!
//! `routes` brings `/api/v1/auth/…`, `/api/v1/profile`, `/api/v1/users`, `/api/v1/clients`, `/api/v1/keys`, `/oauth/…` and
//! `/.well-known/…`. A request's address is what `ConnectInfo` says; rates are counted there and by principal.

mod auth;
mod manage;
mod oauth;

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use utoipa_axum::router::OpenApiRouter;

use super::{Authority, Denied, Fingerprint};
pub(super) use crate::clock::seconds as now;
use crate::http::problem::{Fault, Problem};
use crate::http::{actions_of, read_json};
use crate::identity::{Grant, Principal};

/// Bytes of a body at most.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// How long a body may take to arrive.
#[derive(Clone, Copy)]
struct BodyTime(Duration);

/// All routes of the authority, with their part of the OpenAPI document. A body may take so long to arrive.
#[must_use]
pub fn routes(authority: Arc<Authority>, body_time_max: Duration) -> OpenApiRouter {
    let bounds = (DefaultBodyLimit::max(BODY_BYTES_MAX), Extension(BodyTime(body_time_max)));
    described().layer(bounds).with_state(authority)
}

/// The same before there is an authority: what is documented of it.
pub(crate) fn described() -> OpenApiRouter<Arc<Authority>> {
    OpenApiRouter::new().merge(auth::routes()).merge(manage::routes()).merge(oauth::routes())
}

/// Why not, as everything over HTTP says it.
impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::TokenMissing => Fault::CredentialsMissing.into(),
            Denied::TokenInvalid => Fault::CredentialsWrong.into(),
            Denied::CertificateUnknown => Fault::CertificateUnknown.into(),
            Denied::TokenExpired => Fault::TokenExpired.into(),
            Denied::CredentialsWrong => Fault::PasswordWrong.into(),
            Denied::RefreshInvalid => Fault::RefreshTokenWrong.into(),
            Denied::Forbidden => Fault::Forbidden.into(),
            Denied::NoAccount => Fault::AccountNeeded.into(),
            Denied::RegistrationClosed => Fault::RegistrationClosed.into(),
            Denied::Field { field, rule } => Self::malformed(field, &format!("it must be {rule}")),
            Denied::Unknown(_) => Fault::NotFound.into(),
            Denied::Full { .. } => Self::from(Fault::IdentitiesFull).because(&denied.to_string()),
            Denied::TooMany { after } => Self::from(Fault::TooManyRequests).after(after.as_secs()),
            Denied::Store => Fault::IdentityUnavailable.into(),
        }
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

/// A body of JSON that fits, or a problem that says what does not.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let time_max = body_time(&request);
        read_json(request, BODY_BYTES_MAX, time_max).await.map(Self)
    }
}

/// A body of whatever form, if it is whole, and of bounded size and time.
pub(super) struct Sent(pub(super) Option<Bytes>);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        let time_max = body_time(&request);
        let read = timeout(time_max, Bytes::from_request(request, state)).await;
        Ok(Self(read.ok().and_then(Result::ok)))
    }
}

/// No layer, no time: that would be a body without a bound.
fn body_time(request: &Request) -> Duration {
    request.extensions().get::<BodyTime>().map_or(Duration::ZERO, |BodyTime(most)| *most)
}

/// Whoever asks, let in, where its role may ask something of the route: judged before anything it sent is read.
pub(super) struct Asker(pub(super) Principal);

impl FromRequestParts<Arc<Authority>> for Asker {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, authority: &Arc<Authority>) -> Result<Self, Denied> {
        admit_to_route(authority, parts).map(Self)
    }
}

/// Whoever sent a request, let in: neither its address nor itself has asked too often, and its key or token is valid.
fn admit(authority: &Authority, parts: &Parts) -> Result<Principal, Denied> {
    authority.limiter().address(address(parts))?;
    let principal = whoever(authority, parts)?;
    authority.limiter().principal(principal.prefix)?;
    Ok(principal)
}

/// Who says it is who by a key or token, or, without one, by the certificate of its connection.
fn whoever(authority: &Authority, parts: &Parts) -> Result<Principal, Denied> {
    match shown(parts) {
        Some(fingerprint) => authority.verify_certificate(fingerprint),
        None => authority.verify(bearer(parts)?, now()),
    }
}

/// The certificate of a connection, where nothing else says who asks.
pub(super) fn shown(parts: &Parts) -> Option<Fingerprint> {
    let said = parts.headers.contains_key(header::AUTHORIZATION);
    parts.extensions.get::<Fingerprint>().copied().filter(|_| !said)
}

/// The same, where role and scope may ask at least one of the things that the surface table has the route for. What the
/// table does not have cannot be asked.
pub(crate) fn admit_to_route(authority: &Authority, parts: &Parts) -> Result<Principal, Denied> {
    let principal = admit(authority, parts)?;
    let actions = actions_of(parts).ok_or(Denied::Forbidden)?;
    let granted = actions.iter().any(|action| principal.grant(*action) != Grant::No);
    if granted { Ok(principal) } else { Err(Denied::Forbidden) }
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
    let first = said.next().ok_or(Denied::TokenMissing)?;
    if said.next().is_some() {
        return Err(Denied::TokenInvalid);
    }
    let (scheme, token) = first.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Denied::TokenMissing)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Denied::TokenMissing) }
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
