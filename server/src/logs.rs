//! What the process says about itself, to stderr. No personal data and no secret has a way in: fields are ids, codes,
//! counts and paths.

use tracing_subscriber::EnvFilter;

use crate::config::LogSettings;

/// Starts logging; the first call of a process decides.
///
/// # Errors
///
/// When `log.level` cannot be read as directives.
pub fn start(settings: &LogSettings) -> Result<(), LogsError> {
    let filter = EnvFilter::try_new(&settings.level)
        .map_err(|error| LogsError { level: settings.level.clone(), cause: error.to_string() })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // An embedder's own subscriber stays.
    let _ = if settings.json { builder.json().try_init() } else { builder.try_init() };
    Ok(())
}

/// `log.level` cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("log.level is `{level}`: {cause}; write error, warn, info, debug, trace, or module=level,…")]
pub struct LogsError {
    level: String,
    cause: String,
}
