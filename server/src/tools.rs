//! What can be asked of a data directory while no server runs on it: why a call went where it went, whether the log is
//! whole, and what comes of applying it again.

pub(crate) mod explain;
pub(crate) mod log;

pub(crate) mod ids;
pub(crate) mod inquiry;
pub(crate) mod names;
pub(crate) mod progress;
mod sentence;
mod targeting;

use dce_persistence::LogError;

use crate::cli::Refusal;
use crate::exit::Exit;

/// A log that cannot be read, as the command line says it.
pub(crate) fn refused(error: &LogError) -> Refusal {
    Refusal { exit: Exit::of_log(error), text: error.to_string() }
}
