//! What was sent: bodies of bounded size and time, parameters, the key of a repeat. Unknown fields are refused by name.

use axum::body::HttpBody;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use dce_engine::ids::MovementId;
use serde::de::DeserializeOwned;

use super::App;
use super::id::{Id, new_id};
use super::problem::{Fault, Problem};
use crate::http::{read_json, read_query};

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

/// A JSON body that may be left out.
pub(super) struct MayBody<T>(pub(super) T);

/// The parameters behind the question mark.
pub(super) struct Params<T>(pub(super) T);

/// The `Idempotency-Key`, if one was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct RepeatKey(Option<u128>);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let limits = &app.hub().limits;
        read_json(request, limits.http_body_bytes_max, limits.http_body_time_max).await.map(Self)
    }
}

impl<T: DeserializeOwned + Default> FromRequest<App> for MayBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if request.body().is_end_stream() {
            return Ok(Self(T::default()));
        }
        Body::from_request(request, app).await.map(|Body(said)| Self(said))
    }
}

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        read_query(&parts.uri).map(Self)
    }
}

impl FromRequestParts<App> for RepeatKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Self::read(&parts.headers)
    }
}

impl RepeatKey {
    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(said) = headers.get("idempotency-key") else { return Ok(Self(None)) };
        let key = said.to_str().ok().and_then(|said| said.trim().trim_matches('"').parse::<Id>().ok());
        // Its time is what lets the exchange forget it without ever taking a stale one for new.
        let key = key.filter(|key| MovementId(key.0).time().is_some());
        key.map(|key| Self(Some(key.0))).ok_or_else(|| Fault::IdempotencyKeyMalformed.into())
    }

    /// The key itself.
    pub(super) const fn key(self) -> Option<u128> {
        self.0
    }

    /// The id of what the request makes: the body's, or the key, or a new one.
    ///
    /// # Errors
    ///
    /// When both are given and differ.
    pub(super) fn name(self, given: Option<Id>) -> Result<u128, Problem> {
        match (given, self.0) {
            (Some(id), Some(key)) if id.0 != key => Err(Problem::from(Fault::IdempotencyKeyConflict).field("id")),
            (Some(id), _) => Ok(id.0),
            (None, Some(key)) => Ok(key),
            (None, None) => Ok(new_id()),
        }
    }
}
