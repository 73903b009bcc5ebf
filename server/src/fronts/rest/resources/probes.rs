//! Probes: whether the process works, takes requests, and has started. They tell nothing else, to anybody.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::fronts::rest::App;
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::hub::Phase;

/// All is well.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Probe {
    /// `ok`.
    status: &'static str,
}

const OK: Json<Probe> = Json(Probe { status: "ok" });

/// Whether the exchange works.
#[utoipa::path(get, path = "/health", tag = "probes", security(()), responses((status = 200, body = Probe), Problems))]
pub(in super::super) async fn health(State(app): State<App>) -> Result<Json<Probe>, Problem> {
    let handle = &app.hub().handle;
    if handle.failure().is_some() || handle.has_ended() { Err(Fault::ServerStopping.into()) } else { Ok(OK) }
}

/// Whether requests are taken: it works, and is not stopping.
#[utoipa::path(get, path = "/ready", tag = "probes", security(()), responses((status = 200, body = Probe), Problems))]
pub(in super::super) async fn ready(State(app): State<App>) -> Result<Json<Probe>, Problem> {
    let is_serving = *app.hub().phase.borrow() == Phase::Serving;
    if is_serving { health(State(app)).await } else { Err(Fault::ServerStopping.into()) }
}

/// Whether the log is replayed: before that nobody answers here.
#[utoipa::path(get, path = "/startup", tag = "probes", security(()), responses((status = 200, body = Probe), Problems))]
pub(in super::super) async fn startup() -> Json<Probe> {
    OK
}
