//! What everything over HTTP has in common, whichever room serves it: refusals as problems, bodies with bounds, and what
//! each route asks for.

mod body;
mod correlation;
pub(crate) mod problem;
mod routes;

pub(crate) use body::{read_json, read_query};
pub(crate) use correlation::{TraceContext, correlate};
pub(crate) use routes::{PREFIX, actions_of, only_text};
