//! The routes, each once: from here come the router, the document, and what a test holds against the surface table.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use super::App;
use super::openapi::describe;
use super::problem::Fault;
use super::resources::{accounts, auctions, bids, calls, counts, explain, listings, movements, probes, profiles};
use super::resources::{quotes, rules, sets, statements};
use crate::http::{PREFIX, TraceContext, correlate, only_text};
use crate::identity::authority;
use crate::metrics;
use crate::traces::FrontSpan;

/// Where the document lies, below the prefix.
pub(super) const DOCUMENT: &str = "/openapi.json";

/// The router and its document.
fn resources() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(accounts::create, accounts::list))
        .routes(routes!(accounts::get, accounts::change, accounts::close))
        .routes(routes!(movements::balance))
        .routes(routes!(movements::transactions))
        .routes(routes!(movements::deposit, movements::deposits))
        .routes(routes!(movements::withdraw, movements::withdrawals))
        .routes(routes!(listings::create, listings::list))
        .routes(routes!(listings::get, listings::change, listings::delist))
        .routes(routes!(profiles::create, profiles::list))
        .routes(routes!(profiles::get, profiles::change, profiles::close))
        .routes(routes!(calls::create, calls::list))
        .routes(routes!(calls::get))
        .routes(routes!(calls::status, calls::set_status))
        .routes(routes!(calls::route))
        .routes(routes!(calls::complete))
        .routes(routes!(explain::explain))
        .routes(routes!(quotes::create))
        .routes(routes!(quotes::get))
        .routes(routes!(quotes::confirm))
        .routes(routes!(auctions::create, auctions::list))
        .routes(routes!(auctions::get))
        .routes(routes!(auctions::close))
        .routes(routes!(auctions::complete))
        .routes(routes!(auctions::pass))
        .routes(routes!(bids::create, bids::list))
        .routes(routes!(bids::get, bids::change, bids::cancel))
        .routes(routes!(statements::statement))
        .routes(routes!(counts::calls))
        .routes(routes!(counts::bids))
        .merge(settings())
        .routes(routes!(probes::health))
        .routes(routes!(probes::ready))
        .routes(routes!(probes::startup))
}

/// What is set of a market and of those who trade in it.
fn settings() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(rules::attribute_put))
        .routes(routes!(sets::value_put))
        .routes(routes!(rules::value_set_put))
        .routes(routes!(rules::zone_put))
        .routes(routes!(rules::calendar_get, rules::calendar_put))
        .routes(routes!(rules::duplicates_get, rules::duplicates_put, rules::duplicates_delete))
        .routes(routes!(rules::listing_duplicates_get, rules::listing_duplicates_put, rules::listing_duplicates_delete))
        .routes(routes!(rules::profile_duplicates_get, rules::profile_duplicates_put, rules::profile_duplicates_delete))
        .routes(routes!(rules::frequency_get, rules::frequency_put, rules::frequency_delete))
        .routes(routes!(rules::listing_frequency_get, rules::listing_frequency_put, rules::listing_frequency_delete))
        .routes(routes!(sets::suppress))
        .routes(routes!(sets::suppression_delete))
        .routes(routes!(rules::screen_get, rules::screen_put))
        .routes(routes!(rules::listing_screen_get, rules::listing_screen_put))
        .routes(routes!(rules::quota_get, rules::quota_put))
        .routes(routes!(rules::listing_quota_get, rules::listing_quota_put))
        .routes(routes!(rules::profile_quota_get, rules::profile_quota_put))
        .routes(routes!(rules::group_quota_get, rules::group_quota_put))
        .routes(routes!(sets::group_put))
        .routes(routes!(sets::member_put, sets::member_delete))
        .routes(routes!(rules::deal_get, rules::deal_put, rules::deal_delete))
        .routes(routes!(rules::policy_get, rules::policy_put))
        .routes(routes!(rules::also_get, rules::also_put))
        .routes(routes!(rules::modifiers_get, rules::modifiers_put))
        .routes(routes!(rules::rank_get, rules::rank_put))
        .routes(routes!(rules::skills_get, rules::skills_put))
        .routes(routes!(sets::firm_quotes_put))
}

/// Everything the front serves, and the document of it.
pub(crate) fn router(app: App) -> (Router, OpenApi) {
    let identities = authority::routes(Arc::clone(app.authority()), app.hub().limits.http_body_time_max);
    let market = OpenApiRouter::with_openapi(describe()).nest(PREFIX, resources()).with_state(app.clone());
    let (router, document) = market.merge(identities).split_for_parts();
    let swagger = SwaggerUi::new("/swagger").url(format!("{PREFIX}{DOCUMENT}"), document.clone());
    // Prometheus looks at the root; the surface's table counts from the prefix.
    let metrics = metrics::routes(Arc::clone(&app.0.metrics), Arc::clone(app.authority()));
    let router = router
        .merge(metrics.clone())
        .nest(PREFIX, metrics)
        .merge(swagger)
        .route_layer(middleware::from_fn_with_state(app, count))
        .fallback(async || Fault::RouteUnknown)
        .method_not_allowed_fallback(async || Fault::MethodNotAllowed)
        .layer(middleware::from_fn(only_text))
        .layer(middleware::from_fn(correlate));
    (router, document)
}

/// Counts a request by its route, not by its path: that would name what it is about.
async fn count(State(app): State<App>, route: MatchedPath, request: Request, next: Next) -> Response {
    let (method, started) = (method_name(request.method()), Instant::now());
    let context = request.extensions().get::<TraceContext>().copied();
    let span = context.and_then(|context| app.hub().traces.request(context, method, route.as_str()));
    let response = FrontSpan::around(span.as_ref(), next.run(request)).await;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(method, route = route.as_str(), status, duration_ms, "answered");
    if let Some(span) = span {
        span.answered(status);
    }
    app.0.metrics.http_request(method, route.as_str(), status, took);
    response
}

/// Those that some route takes, so that nobody makes up labels.
const fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// What a handler that made something answers with.
pub(super) fn created(body: impl IntoResponse) -> impl IntoResponse {
    (StatusCode::CREATED, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface;
    use std::collections::BTreeSet;

    /// What anybody may ask, key or not.
    const PUBLIC: [&str; 9] = [
        "GET /health",
        "GET /ready",
        "GET /startup",
        "POST /auth/register",
        "POST /auth/login",
        "POST /auth/refresh",
        "POST /auth/logout",
        // Who asks sees and changes itself, whatever its role.
        "GET /profile",
        "PUT /profile/password",
    ];
    /// Not in the document.
    const PLAIN: [&str; 1] = ["GET /metrics"];

    fn documented() -> BTreeSet<String> {
        let (_, mut document) =
            OpenApiRouter::<App>::with_openapi(describe()).nest(PREFIX, resources()).split_for_parts();
        document.merge(authority::described().split_for_parts().1);
        let json = serde_json::to_value(&document).unwrap();
        let paths = json["paths"].as_object().unwrap();
        let routes = paths.iter().flat_map(|(path, item)| {
            let path = path.strip_prefix(PREFIX).unwrap();
            item.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
        });
        routes.collect()
    }

    #[test]
    fn every_route_is_in_the_document_and_in_the_surface_table() {
        let table: BTreeSet<String> = surface::routes().map(|(_, route)| route.to_owned()).collect();
        let public = PUBLIC.map(str::to_owned);
        assert!(public.iter().all(|route| !table.contains(route)));
        let mut expected: BTreeSet<String> = table.into_iter().chain(public).collect();
        assert!(PLAIN.iter().all(|route| expected.remove(*route)), "they are in the table");
        assert_eq!(documented(), expected);
    }
}
