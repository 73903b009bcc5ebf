//! `/oauth/…` and `/.well-known/…`: tokens for programs, and the page on which a person says yes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use utoipa_axum::router::OpenApiRouter;

use super::auth::tokens;
use super::{Anybody, Sent, away, now};
use crate::identity::authority::{Asked, Authority, Denied, Metadata, OAuthError, Refused};

/// Described by the metadata document, and by the standards, not by OpenAPI.
pub(super) fn routes() -> OpenApiRouter<Arc<Authority>> {
    let router = Router::new()
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/oauth/token", post(token))
        .route("/oauth/revoke", post(revoke))
        .route("/oauth/authorize", get(ask).post(agree));
    OpenApiRouter::from(router)
}

async fn metadata(State(authority): State<Arc<Authority>>, _: Anybody) -> Json<Metadata> {
    Json(authority.metadata())
}

/// Clients may keep it for five minutes; a token with a `kid` they do not know is a reason to look earlier.
async fn jwks(State(authority): State<Arc<Authority>>, _: Anybody) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/jwk-set+json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, authority.jwks()).into_response()
}

async fn token(State(authority): State<Arc<Authority>>, _: Anybody, headers: HeaderMap, Sent(form): Sent) -> Response {
    let Some((form, said)) = request(&headers, form) else { return refused(&OAuthError::InvalidRequest("no form")) };
    let done = away(&authority, move |authority| authority.token(&form, said.as_deref(), now())).await;
    match done.map_err(OAuthError::from).and_then(|done| done) {
        Ok(answer) => tokens(answer),
        Err(error) => refused(&error),
    }
}

async fn revoke(State(authority): State<Arc<Authority>>, _: Anybody, headers: HeaderMap, Sent(form): Sent) -> Response {
    let Some((form, said)) = request(&headers, form) else { return refused(&OAuthError::InvalidRequest("no form")) };
    let done = away(&authority, move |authority| authority.revoke(&form, said.as_deref())).await;
    match done.map_err(OAuthError::from).and_then(|done| done) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => refused(&error),
    }
}

async fn ask(State(authority): State<Arc<Authority>>, _: Anybody, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    match authority.asked(query.as_bytes()) {
        Ok(asked) => page(StatusCode::OK, &question(&asked, &query, None)),
        Err(refused) => sent_away(refused),
    }
}

/// There is no cookie and no session: the answer brings the password with it, so nobody else's page can give it.
async fn agree(
    State(authority): State<Arc<Authority>>,
    _: Anybody,
    headers: HeaderMap,
    Sent(form): Sent,
) -> Result<Response, Denied> {
    let Some((form, _)) = request(&headers, form) else {
        return Ok(sent_away(Refused::Page("The request cannot be read.")));
    };
    let copy = form.clone();
    let response = match away(&authority, move |authority| authority.agree(&form, now())).await? {
        Ok(place) => see_other(&place),
        Err(Refused::Page(why)) => match authority.asked(&copy) {
            // Asked again, without what was typed.
            Ok(asked) => page(StatusCode::UNAUTHORIZED, &question(&asked, &without_answers(&copy), Some(why))),
            Err(refused) => sent_away(refused),
        },
        Err(refused) => sent_away(refused),
    };
    Ok(response)
}

/// The form of a request, and what its `Authorization` says.
fn request(headers: &HeaderMap, form: Option<Bytes>) -> Option<(Bytes, Option<String>)> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let is_form = kind.split(';').next()?.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded");
    let said = headers.get(header::AUTHORIZATION).map(|said| said.to_str().map(str::to_owned)).transpose().ok()?;
    is_form.then_some((form?, said))
}

fn refused(error: &OAuthError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let body = serde_json::json!({ "error": error.code(), "error_description": error.to_string() });
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if *error == OAuthError::InvalidClient {
        let realm = HeaderValue::from_static("Basic realm=\"dce\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
    }
    response
}

fn sent_away(refused: Refused) -> Response {
    match refused {
        Refused::Page(why) => page(StatusCode::BAD_REQUEST, &format!("<p>{}</p>", escaped(why))),
        Refused::Redirect(place) => see_other(&place),
    }
}

fn see_other(place: &str) -> Response {
    // A place was checked when its client was made, and what was added to it is encoded.
    let Ok(place) = HeaderValue::from_str(place) else { return StatusCode::BAD_REQUEST.into_response() };
    (StatusCode::SEE_OTHER, [(header::LOCATION, place), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))])
        .into_response()
}

fn page(status: StatusCode, body: &str) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    let style = "body{font:16px sans-serif;max-width:26em;margin:3em auto;padding:0 1em}label,input,button\
                 {display:block;width:100%;box-sizing:border-box;margin:.4em 0;font:inherit;padding:.4em 0}";
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>dce</title><style>{style}</style></head>\
         <body><h1>dce</h1>{body}</body></html>"
    );
    (status, headers, Html(text)).into_response()
}

/// What the person is asked, with the client's question in hidden fields.
fn question(asked: &Asked, query: &str, why: Option<&str>) -> String {
    let fields = form_urlencoded::parse(query.as_bytes()).map(|(name, value)| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(&name), escaped(&value))
    });
    let why = why.map_or_else(String::new, |why| format!("<p role=\"alert\">{}</p>", escaped(why)));
    format!(
        "<p><b>{}</b> asks to act for you: {}.</p>{why}<form method=\"post\" action=\"/oauth/authorize\">{}\
         <label>E-mail<input name=\"email\" type=\"email\" autocomplete=\"username\" required></label>\
         <label>Password<input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <button>Agree</button></form>",
        escaped(&asked.name),
        escaped(&asked.scope),
        fields.collect::<String>()
    )
}

fn without_answers(form: &[u8]) -> String {
    let kept = form_urlencoded::parse(form).filter(|(name, _)| name != "email" && name != "password");
    form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}
