//! What was sent: bodies of bounded size and time, parameters, the key of a repeat. Unknown fields are refused by name.

use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use dce_engine::ids::MovementId;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::App;
use super::id::{Id, new_id};
use super::problem::{Fault, Problem};

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

/// The parameters behind the question mark.
pub(super) struct Params<T>(pub(super) T);

/// The `Idempotency-Key`, if one was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct RepeatKey(Option<u128>);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let limits = &app.hub().limits;
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
        let media = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/json") {
            return Err(Fault::MediaTypeUnsupported.into());
        }
        let body = Limited::new(request.into_body(), limits.http_body_bytes_max);
        let collected = timeout(limits.http_body_time_max, body.collect()).await.map_err(|_| Fault::BodyTooSlow)?;
        let bytes = collected.map_err(|error| {
            if error.downcast_ref::<LengthLimitError>().is_some() { Fault::BodyTooLarge } else { Fault::BodyTooSlow }
        })?;
        let bytes = bytes.to_bytes();
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| refused(&error))?;
        reader.end().map_err(|_| Fault::BodyMalformed)?;
        Ok(Self(read))
    }
}

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        read.map(|Query(params)| Self(params)).map_err(|error| {
            let words = error.body_text();
            let words = words.split_once(": ").map_or(words.as_str(), |(_, words)| words);
            // `limit: invalid digit found in string`
            let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            match words.split_once(": ").filter(|(name, _)| is_name(name)) {
                Some((name, words)) => named(words, Some(name.to_owned())),
                None => named(words, None),
            }
        })
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

fn refused(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let inner = error.inner();
    if !inner.is_data() {
        return Fault::BodyMalformed.into();
    }
    let words = inner.to_string();
    // Where it stood is of no use to whoever sees the field's name.
    let words = words.split(" at line ").next().unwrap_or_default();
    let path = error.path().to_string();
    named(words, (path != ".").then_some(path))
}

/// The problem that serde's words tell: it names fields in backticks.
fn named(words: &str, path: Option<String>) -> Problem {
    let quoted = || words.split('`').nth(1).unwrap_or_default().to_owned();
    if words.starts_with("unknown field") {
        return Problem::from(Fault::FieldUnknown).field(quoted());
    }
    if words.starts_with("missing field") {
        let within = path.map(|path| format!("{path}.")).unwrap_or_default();
        return Problem::from(Fault::FieldMissing).field(format!("{within}{}", quoted()));
    }
    let problem = Problem::from(Fault::FieldMalformed);
    // The words may repeat what was sent; a caller's number is not to be seen anywhere.
    let expected = words.rsplit_once("expected ").map(|(_, expected)| expected);
    let problem = match expected {
        Some(expected) => problem.because(&format!("expected {expected}")),
        None if !words.contains('"') => problem.because(words),
        None => problem,
    };
    match path {
        Some(path) => problem.field(path),
        None => problem,
    }
}
