//! `/api/v1/auth/…` and `/api/v1/profile`: people let in, and shown what is known of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Anybody, Body, away, bearer, now, shown};
use crate::http::problem::Problems;
use crate::identity::authority::{
    Authority, Denied, LoginRequest, PasswordRequest, ProfileAnswer, RefreshRequest, RegisterAnswer, RegisterRequest,
    TokenAnswer,
};

pub(super) fn routes() -> OpenApiRouter<Arc<Authority>> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(profile))
        .routes(routes!(password))
}

/// Register
///
/// An admin registers anybody; everybody itself where `security.registration` is open. Whoever registers itself hears the
/// same whether the e-mail was known or not.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "auth", security(()), request_body = RegisterRequest, responses(
    (status = 201, body = RegisterAnswer),
    Problems,
))]
async fn register(
    State(authority): State<Arc<Authority>>,
    _: Anybody,
    parts: Parts,
    Body(request): Body<RegisterRequest>,
) -> Result<(StatusCode, Json<RegisterAnswer>), Denied> {
    let by = match parts.headers.contains_key(header::AUTHORIZATION) {
        true => Some(authority.verify(bearer(&parts)?, now())?),
        false => None,
    };
    let answer = away(&authority, move |authority| authority.register(&request, by.as_ref(), now())).await??;
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Log in
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", security(()), request_body = LoginRequest, responses(
    (status = 200, body = TokenAnswer),
    Problems,
))]
async fn login(
    State(authority): State<Arc<Authority>>,
    _: Anybody,
    Body(request): Body<LoginRequest>,
) -> Result<Response, Denied> {
    Ok(tokens(away(&authority, move |authority| authority.login(&request, now())).await??))
}

/// Stay logged in
///
/// A refresh token is good once. One that comes a second time is in two hands, and ends the login.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", security(()), request_body = RefreshRequest, responses(
    (status = 200, body = TokenAnswer),
    Problems,
))]
async fn refresh(
    State(authority): State<Arc<Authority>>,
    _: Anybody,
    Body(request): Body<RefreshRequest>,
) -> Result<Response, Denied> {
    Ok(tokens(away(&authority, move |authority| authority.refresh(&request, now())).await??))
}

/// Log out
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", security(()), request_body = RefreshRequest, responses(
    (status = 204),
    Problems,
))]
async fn logout(
    State(authority): State<Arc<Authority>>,
    _: Anybody,
    Body(request): Body<RefreshRequest>,
) -> Result<StatusCode, Denied> {
    away(&authority, move |authority| authority.logout(request.refresh_token.expose())).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// Who am I
#[utoipa::path(get, path = "/api/v1/profile", tag = "auth", security(("bearer" = [])), responses(
    (status = 200, body = ProfileAnswer),
    Problems,
))]
async fn profile(
    State(authority): State<Arc<Authority>>,
    _: Anybody,
    parts: Parts,
) -> Result<Json<ProfileAnswer>, Denied> {
    match shown(&parts) {
        Some(fingerprint) => authority.profile_of(&authority.verify_certificate(fingerprint)?),
        None => authority.profile(bearer(&parts)?, now()),
    }
    .map(Json)
}

/// Change my password
///
/// Every login and token so far ends.
#[utoipa::path(put, path = "/api/v1/profile/password", tag = "auth", security(("bearer" = [])),
    request_body = PasswordRequest, responses(
    (status = 204),
    Problems,
))]
async fn password(
    State(authority): State<Arc<Authority>>,
    _: Anybody,
    parts: Parts,
    Body(request): Body<PasswordRequest>,
) -> Result<StatusCode, Denied> {
    let bearer = bearer(&parts)?.to_owned();
    away(&authority, move |authority| authority.change_password(&bearer, &request, now())).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// Tokens, which nobody on the way may keep.
pub(super) fn tokens(answer: TokenAnswer) -> Response {
    let mut response = Json(answer).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
