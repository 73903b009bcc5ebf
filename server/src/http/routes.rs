//! Routes as the surface table has them: what each asks for, and paths that can name none.

use std::collections::HashMap;
use std::sync::OnceLock;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Fault;
use crate::identity::Action;
use crate::surface;

/// Where everything lies that the surface table has.
pub(crate) const PREFIX: &str = "/api/v1";

/// What the route of a request asks for; none where the surface table does not have it.
pub(crate) fn actions_of(parts: &Parts) -> Option<&'static [Action]> {
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    // What may be read may be asked whether it is there.
    let method = if parts.method == Method::HEAD { &Method::GET } else { &parts.method };
    let route = format!("{method} {}", path.strip_prefix(PREFIX).unwrap_or(path));
    actions().get(route.as_str()).map(Vec::as_slice)
}

fn actions() -> &'static HashMap<&'static str, Vec<Action>> {
    static ACTIONS: OnceLock<HashMap<&'static str, Vec<Action>>> = OnceLock::new();
    ACTIONS.get_or_init(|| {
        let mut actions: HashMap<&'static str, Vec<Action>> = HashMap::new();
        for (action, route) in surface::routes() {
            actions.entry(route).or_default().push(action);
        }
        actions
    })
}

/// A path that is no text once it is decoded names nothing; said here, so that it is said as a problem.
pub(crate) async fn only_text(request: Request, next: Next) -> Response {
    if is_text(request.uri().path()) { next.run(request).await } else { Fault::RouteUnknown.into_response() }
}

fn is_text(path: &str) -> bool {
    let mut parts = path.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            // Not encoded: a letter like any other.
            None => bytes.extend_from_slice(part.as_bytes()),
        }
    }
    std::str::from_utf8(&bytes).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_what_is_none() {
        for text in ["/", "/api/v1/calls/20.7", "/a%20b", "/%C3%A4", "/100%", "/%zz", "/%é"] {
            assert!(is_text(text), "{text}");
        }
        for none in ["/%FF", "/a%C3", "/%C3/%A4", "/%80"] {
            assert!(!is_text(none), "{none}");
        }
    }
}
