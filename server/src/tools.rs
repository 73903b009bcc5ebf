//! What can be asked of a data directory while no server runs on it: why a call went where it went, whether the log is
//! whole, and what it says.

pub(crate) mod ids;
pub(crate) mod names;
pub(crate) mod progress;
pub(crate) mod sentence;
