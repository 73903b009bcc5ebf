//! `/metrics`: for whoever may see it, which is an admin, an operator or an auditor with a key or token of the scope `read`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};

use super::Metrics;
use crate::identity::authority::{Authority, Denied, admit_to_route};

/// The route of metrics, which the REST front mounts beside its own.
pub fn routes(metrics: Arc<Metrics>, authority: Arc<Authority>) -> Router {
    let router = Router::new().route("/metrics", get(show));
    let no_cache = |response: Response| async { ([(header::CACHE_CONTROL, "no-store")], response) };
    router.layer(middleware::map_response(no_cache)).with_state((metrics, authority))
}

async fn show(
    State((metrics, authority)): State<(Arc<Metrics>, Arc<Authority>)>,
    parts: Parts,
) -> Result<Response, Denied> {
    admit_to_route(&authority, &parts)?;
    let text = tokio::task::spawn_blocking(move || metrics.render()).await.map_err(|_| Denied::Store)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
