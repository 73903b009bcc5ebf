//! The rival: axum alone. The same TLS, the same token checked by the same library, its signature once, as ours does, and its end
//! each time; the same body read by serde, an answer of as many bytes, and nothing in between.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::ours::Published;

/// As many as the REST front has.
const WORKERS: usize = 2;

/// What an offer says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offer {
    id: String,
    #[expect(dead_code, reason = "it is read, as ours reads it, and no more is made of it")]
    listing_id: String,
    #[expect(dead_code, reason = "as above")]
    caller: Option<String>,
    #[expect(dead_code, reason = "as above")]
    facts: BTreeMap<String, serde_json::Value>,
    #[expect(dead_code, reason = "as above")]
    route: bool,
}

/// As many bytes as ours answers with.
#[derive(Debug, Serialize)]
struct Echoed {
    id: String,
    echo: Arc<str>,
}

/// What a token says that is looked at.
#[derive(Debug, Deserialize)]
struct Claims {
    #[expect(dead_code, reason = "it must be there")]
    sub: String,
    /// In seconds.
    exp: u64,
}

struct Shared {
    key: DecodingKey,
    validation: Validation,
    echo: Arc<str>,
    /// Tokens whose signature was right, and when each ends.
    found_right: RwLock<HashMap<String, u64>>,
}

impl Shared {
    fn judge(&self, token: &str) -> Result<(), StatusCode> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let known = self.found_right.read().unwrap_or_else(PoisonError::into_inner).get(token).copied();
        let until = match known {
            Some(until) => until,
            None => {
                let read = decode::<Claims>(token, &self.key, &self.validation);
                let until = read.map_err(|_| StatusCode::UNAUTHORIZED)?.claims.exp;
                self.found_right.write().unwrap_or_else(PoisonError::into_inner).insert(token.to_owned(), until);
                until
            }
        };
        if now < until { Ok(()) } else { Err(StatusCode::UNAUTHORIZED) }
    }
}

/// Starts it, on threads of its own. Its answers are as long as this one.
pub(crate) fn start(published: &Published, answer: &[u8]) -> Result<SocketAddr, Box<dyn Error>> {
    let keys: JwkSet = serde_json::from_slice(&published.jwks)?;
    let key = DecodingKey::from_jwk(keys.keys.first().ok_or("a key set without a key")?)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[&published.audience]);
    validation.set_issuer(&[&published.issuer]);
    let id =
        serde_json::from_slice::<serde_json::Value>(answer)?["id"].as_str().ok_or("an answer without an id")?.len();
    let echo = "e".repeat(answer.len().saturating_sub(r#"{"id":"","echo":""}"#.len() + id)).into();
    let shared = Arc::new(Shared { key, validation, echo, found_right: RwLock::default() });
    let router = axum::Router::new()
        .route("/api/v1/calls", post(echoed))
        .layer(DefaultBodyLimit::max(64 << 10))
        .with_state(shared);

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(&published.certificate)?],
            PrivateKeyDer::from_pem_file(&published.private_key)?,
        )?;
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    std::thread::spawn(move || runtime.block_on(serve(listener, TlsAcceptor::from(Arc::new(tls)), router)));
    Ok(address)
}

async fn serve(listener: std::net::TcpListener, acceptor: TlsAcceptor, router: axum::Router) {
    let listener = TcpListener::from_std(listener).expect("Invariant: it is bound");
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, service) = (acceptor.clone(), TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            if let Ok(stream) = acceptor.accept(stream).await {
                let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            }
        });
    }
}

async fn echoed(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Json(offer): Json<Offer>,
) -> Result<(StatusCode, Json<Echoed>), StatusCode> {
    let said = headers.get(header::AUTHORIZATION).and_then(|said| said.to_str().ok());
    let token = said.and_then(|said| said.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)?;
    shared.judge(token)?;
    Ok((StatusCode::CREATED, Json(Echoed { id: offer.id, echo: Arc::clone(&shared.echo) })))
}
