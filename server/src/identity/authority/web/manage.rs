//! `/api/v1/users`, `/api/v1/clients` and `/api/v1/keys`: who may do what, for admins, and keys for everybody's own programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Asker, Body, away, now};
use crate::http::problem::{Problem, Problems};
use crate::http::read_query;
use crate::identity::authority::{
    Authority, CertificateAnswer, CertificateRequest, ClientAnswer, ClientRequest, Denied, KeyAnswer, KeyRequest,
    PersonAnswer, PersonChange,
};

pub(super) fn routes() -> OpenApiRouter<Arc<Authority>> {
    OpenApiRouter::new()
        .routes(routes!(people))
        .routes(routes!(change_person))
        .routes(routes!(clients, create_client))
        .routes(routes!(revoke_client))
        .routes(routes!(certificates, set_certificate))
        .routes(routes!(remove_certificate))
        .routes(routes!(keys, create_key))
        .routes(routes!(revoke_key))
}

/// Where a page begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    /// The last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of people.
#[derive(Debug, Serialize, ToSchema)]
struct People {
    items: Vec<PersonAnswer>,
}

/// A page of clients.
#[derive(Debug, Serialize, ToSchema)]
struct Clients {
    items: Vec<ClientAnswer>,
}

/// A page of client certificates.
#[derive(Debug, Serialize, ToSchema)]
struct Certificates {
    items: Vec<CertificateAnswer>,
}

/// API keys.
#[derive(Debug, Serialize, ToSchema)]
struct ApiKeys {
    items: Vec<KeyAnswer>,
}

/// List people
///
/// A hundred at a time, in order of ids; `after` is the last id of the page before.
#[utoipa::path(get, path = "/api/v1/users", tag = "identity", security(("bearer" = [])), params(("after" = Option<String>, Query, description = "the last id of the page before")), responses(
    (status = 200, body = People),
    Problems,
))]
async fn people(State(authority): State<Arc<Authority>>, Asker(by): Asker, uri: Uri) -> Result<Json<People>, Problem> {
    Ok(Json(People { items: authority.people(&by, &read_query::<Cursor>(&uri)?.after)? }))
}

/// Change a person
///
/// Its role, its account, whether it may log in, and who it is for another issuer.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "identity", security(("bearer" = [])),
    params(("id" = String, Path)), request_body = PersonChange, responses(
    (status = 200, body = PersonAnswer),
    Problems,
))]
async fn change_person(
    State(authority): State<Arc<Authority>>,
    Asker(by): Asker,
    Path(id): Path<String>,
    Body(change): Body<PersonChange>,
) -> Result<Json<PersonAnswer>, Denied> {
    away(&authority, move |authority| authority.change_person(&by, &id, &change)).await?.map(Json)
}

/// List clients
#[utoipa::path(get, path = "/api/v1/clients", tag = "identity", security(("bearer" = [])), params(("after" = Option<String>, Query, description = "the last id of the page before")), responses(
    (status = 200, body = Clients),
    Problems,
))]
async fn clients(
    State(authority): State<Arc<Authority>>,
    Asker(by): Asker,
    uri: Uri,
) -> Result<Json<Clients>, Problem> {
    Ok(Json(Clients { items: authority.clients(&by, &read_query::<Cursor>(&uri)?.after)? }))
}

/// Make a client
///
/// Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/clients", tag = "identity", security(("bearer" = [])),
    request_body = ClientRequest, responses(
    (status = 201, body = ClientAnswer),
    Problems,
))]
async fn create_client(
    State(authority): State<Arc<Authority>>,
    Asker(by): Asker,
    Body(request): Body<ClientRequest>,
) -> Result<(StatusCode, Json<ClientAnswer>), Denied> {
    let made = away(&authority, move |authority| authority.create_client(&by, &request, now())).await??;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Take a client back
#[utoipa::path(delete, path = "/api/v1/clients/{id}", tag = "identity", security(("bearer" = [])),
    params(("id" = String, Path)), responses(
    (status = 204),
    Problems,
))]
async fn revoke_client(
    State(authority): State<Arc<Authority>>,
    Asker(by): Asker,
    Path(id): Path<String>,
) -> Result<StatusCode, Denied> {
    away(&authority, move |authority| authority.revoke_client(&by, &id)).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// List client certificates
#[utoipa::path(get, path = "/api/v1/certificates", tag = "identity", security(("bearer" = [])), params(("after" = Option<String>, Query, description = "the last fingerprint of the page before")), responses(
    (status = 200, body = Certificates),
    Problems,
))]
async fn certificates(
    State(authority): State<Arc<Authority>>,
    Asker(by): Asker,
    uri: Uri,
) -> Result<Json<Certificates>, Problem> {
    Ok(Json(Certificates { items: authority.certificates(&by, &read_query::<Cursor>(&uri)?.after)? }))
}

/// Set whose a client certificate is
///
/// It must be signed by somebody of `server.client_ca`; whose it is, this says.
#[utoipa::path(post, path = "/api/v1/certificates", tag = "identity", security(("bearer" = [])),
    request_body = CertificateRequest, responses(
    (status = 201, body = CertificateAnswer),
    Problems,
))]
async fn set_certificate(
    State(authority): State<Arc<Authority>>,
    Asker(by): Asker,
    Body(request): Body<CertificateRequest>,
) -> Result<(StatusCode, Json<CertificateAnswer>), Denied> {
    let set = away(&authority, move |authority| authority.set_certificate(&by, &request, now())).await??;
    Ok((StatusCode::CREATED, Json(set)))
}

/// Take a client certificate out
///
/// From now on it is nobody's, on connections that are open as well.
#[utoipa::path(delete, path = "/api/v1/certificates/{fingerprint}", tag = "identity", security(("bearer" = [])),
    params(("fingerprint" = String, Path)), responses(
    (status = 204),
    Problems,
))]
async fn remove_certificate(
    State(authority): State<Arc<Authority>>,
    Asker(by): Asker,
    Path(fingerprint): Path<String>,
) -> Result<StatusCode, Denied> {
    away(&authority, move |authority| authority.remove_certificate(&by, &fingerprint)).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// List API keys
///
/// Those of the account that asks; for an admin, all.
#[utoipa::path(get, path = "/api/v1/keys", tag = "identity", security(("bearer" = [])), responses(
    (status = 200, body = ApiKeys),
    Problems,
))]
async fn keys(State(authority): State<Arc<Authority>>, Asker(by): Asker) -> Result<Json<ApiKeys>, Denied> {
    let items = away(&authority, move |authority| authority.api_keys(&by)).await??;
    Ok(Json(ApiKeys { items }))
}

/// Make an API key
///
/// The whole key is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/keys", tag = "identity", security(("bearer" = [])),
    request_body = KeyRequest, responses(
    (status = 201, body = KeyAnswer),
    Problems,
))]
async fn create_key(
    State(authority): State<Arc<Authority>>,
    Asker(by): Asker,
    Body(request): Body<KeyRequest>,
) -> Result<(StatusCode, Json<KeyAnswer>), Denied> {
    let made = away(&authority, move |authority| authority.create_key(&by, &request)).await??;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Take an API key back
#[utoipa::path(delete, path = "/api/v1/keys/{prefix}", tag = "identity", security(("bearer" = [])),
    params(("prefix" = String, Path)), responses(
    (status = 204),
    Problems,
))]
async fn revoke_key(
    State(authority): State<Arc<Authority>>,
    Asker(by): Asker,
    Path(prefix): Path<String>,
) -> Result<StatusCode, Denied> {
    away(&authority, move |authority| authority.revoke_key(&by, &prefix)).await??;
    Ok(StatusCode::NO_CONTENT)
}
