//! What the process says about itself, to stderr. No personal data and no secret has a way in: fields are ids, codes,
//! counts and paths.

mod json;

use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, registry};

use crate::config::LogSettings;
use json::JsonLines;

/// Starts logging; the first call of a process decides.
///
/// # Errors
///
/// When `log.level` cannot be read as directives.
pub fn start(settings: &LogSettings) -> Result<(), LogsError> {
    let filter: Targets = settings
        .level
        .parse()
        .map_err(|error: ParseError| LogsError { level: settings.level.clone(), cause: error.to_string() })?;
    let lines = if settings.json {
        JsonLines::to(std::io::stderr).with_filter(filter).boxed()
    } else {
        layer().with_writer(std::io::stderr).with_target(false).with_filter(filter).boxed()
    };
    // An embedder's own subscriber stays.
    let _ = registry().with(lines).try_init();
    Ok(())
}

/// A layer that writes JSON lines to `writer`, for embedders with a subscriber of their own.
pub fn json_lines<S, W>(writer: W) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    JsonLines::to(writer)
}

/// `log.level` cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("log.level is `{level}`: {cause}; write error, warn, info, debug, trace, or module=level,…")]
pub struct LogsError {
    level: String,
    cause: String,
}
