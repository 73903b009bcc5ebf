//! Conditions: an ETag is the place in the log where a thing last changed.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use dce_engine::ids::{AccountId, Sequence};
use tokio::sync::MutexGuard;

use super::App;
use super::problem::{Fault, Problem};

/// What `If-Match` demands, if anything.
#[derive(Clone, Copy, Debug)]
pub(super) enum IfMatch {
    /// Nothing.
    Nothing,
    /// That there is such a thing.
    Any,
    /// That it last changed here.
    Changed(Sequence),
}

impl FromRequestParts<App> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let Some(said) = parts.headers.get(header::IF_MATCH) else { return Ok(Self::Nothing) };
        let said = said.to_str().unwrap_or_default().trim();
        if said == "*" {
            return Ok(Self::Any);
        }
        let sequence = said.strip_prefix('"').and_then(|said| said.strip_suffix('"'));
        let sequence = sequence.and_then(|sequence| sequence.parse().ok());
        sequence.map(|sequence| Self::Changed(Sequence(sequence))).ok_or_else(|| Fault::PreconditionMalformed.into())
    }
}

/// Accounts that share a lock wait for each other, nobody else.
pub(super) const CONDITION_LOCKS: usize = 64;

impl App {
    /// Keeps other conditional changes of the account waiting; nobody, where there is no condition.
    pub(super) async fn one_at_a_time(&self, account: AccountId, condition: IfMatch) -> Option<MutexGuard<'_, ()>> {
        match condition {
            IfMatch::Nothing => None,
            IfMatch::Any | IfMatch::Changed(_) => {
                Some(self.0.conditions[(account.0 % CONDITION_LOCKS as u128) as usize].lock().await)
            }
        }
    }
}

impl IfMatch {
    /// Whether a thing that last changed at `changed` meets it.
    ///
    /// # Errors
    ///
    /// `PreconditionFailed`.
    pub(super) fn judge(self, changed: Sequence) -> Result<(), Problem> {
        match self {
            Self::Changed(expected) if expected != changed => Err(Fault::PreconditionFailed.into()),
            Self::Changed(_) | Self::Any | Self::Nothing => Ok(()),
        }
    }
}

/// The header of a thing that last changed here.
pub(super) fn etag(changed: Sequence) -> [(header::HeaderName, HeaderValue); 1] {
    let text = format!("\"{}\"", changed.0);
    [(header::ETAG, HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"0\"")))]
}
