//! What was sent as JSON: of bounded size and time, with a refusal that names the field and repeats no value.

use std::time::Duration;

use axum::extract::{Query, Request};
use axum::http::{Uri, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::problem::{Fault, Problem};

/// Bytes of a field's name at most, where one is repeated.
const NAME_BYTES_MAX: usize = 40;

/// Reads a body of JSON: so many bytes at most, within so long.
///
/// # Errors
///
/// Which field breaks which rule. No value is repeated: it may be a password, or a caller's number.
pub(crate) async fn read_json<T: DeserializeOwned>(
    request: Request,
    bytes_max: usize,
    time_max: Duration,
) -> Result<T, Problem> {
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
    let media = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        return Err(Fault::MediaTypeUnsupported.into());
    }
    let body = Limited::new(request.into_body(), bytes_max);
    let collected = timeout(time_max, body.collect()).await.map_err(|_| Fault::BodyTooSlow)?;
    let bytes = collected.map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() { Fault::BodyTooLarge } else { Fault::BodyTooSlow }
    })?;
    let bytes = bytes.to_bytes();
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| refused(&error))?;
    reader.end().map_err(|_| Fault::BodyMalformed)?;
    Ok(read)
}

/// Reads what stands behind the question mark.
///
/// # Errors
///
/// Which parameter breaks which rule.
pub(crate) fn read_query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    Query::<T>::try_from_uri(uri).map(|Query(params)| params).map_err(|error| {
        let words = error.body_text();
        let words = words.split_once(": ").map_or(words.as_str(), |(_, words)| words);
        // `limit: invalid digit found in string`
        match words.split_once(": ").filter(|(name, _)| looks_like_a_name(name)) {
            Some((name, words)) => named(words, Some(name.to_owned())),
            None => named(words, None),
        }
    })
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
        // What does not look like a name may be anything, a password among it, and is not repeated.
        let (problem, name) = (Problem::from(Fault::FieldUnknown), quoted());
        return if looks_like_a_name(&name) { problem.field(name) } else { problem };
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

fn looks_like_a_name(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (1..=NAME_BYTES_MAX).contains(&text.len()) && is_plain
}
