//! A server with REST on a temporary directory, and a client that says exactly what a test wants.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dce_engine::ids::AccountId;
use dce_engine::limits::Limits as EngineLimits;
use dce_runtime::Durability;
use dce_server::config::RateLimit;
use dce_server::identity::Role;
use dce_server::limits::Limits;
use dce_server::{Server, ServerBuilder};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The seller, two buyers.
pub(crate) const WEB: u128 = 20;
pub(crate) const ACME: u128 = 10;
pub(crate) const ZETA: u128 = 11;
/// Whatever takes longer than this in a test does not happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running server with REST, and how to reach it.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) dir: tempfile::TempDir,
    tls: Arc<rustls::ClientConfig>,
    pub(crate) address: SocketAddr,
}

/// One key's way of asking.
#[derive(Clone)]
pub(crate) struct Http {
    tls: Arc<rustls::ClientConfig>,
    pub(crate) address: SocketAddr,
    key: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A builder for a small exchange in `dir` with REST on any free port.
pub(crate) fn small(dir: &Path) -> ServerBuilder {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    // Tests ask faster than anybody should; that there is a limit is a test of identities.
    let rate = RateLimit { requests_per_second: 100_000, burst_size: 100_000 };
    Server::builder().dir(dir).listen(any).rest(any).limits(EngineLimits::small()).rate_limit(rate)
}

impl House {
    pub(crate) fn open() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = small(dir.path()).durability(Durability::None).front_limits(limits).start().unwrap();
        Self::of(dir, server)
    }

    pub(crate) fn of(dir: tempfile::TempDir, server: Server) -> Self {
        let address = server.rest_address().unwrap();
        let tls = trusting(server.certificate());
        Self { server, dir, tls, address }
    }

    /// Somebody without a key.
    pub(crate) fn stranger(&self) -> Http {
        Http { tls: Arc::clone(&self.tls), address: self.address, key: None }
    }

    /// Somebody without a key who shows a certificate, as DER with its private key.
    pub(crate) fn showing(&self, own: &(CertificateDer<'static>, Vec<u8>)) -> Http {
        Http { tls: trusting_as(self.server.certificate(), Some(own)), ..self.stranger() }
    }

    /// Somebody with this key.
    pub(crate) fn with_key(&self, key: &str) -> Http {
        Http { key: Some(key.to_owned()), ..self.stranger() }
    }

    pub(crate) fn operator(&self) -> Http {
        self.with_key(std::fs::read_to_string(self.server.operator_key()).unwrap().trim())
    }

    /// A new key of an account.
    pub(crate) fn key(&self, account: u128, role: Role) -> Http {
        self.with_key(self.server.create_key(AccountId(account), role).unwrap().expose())
    }

    /// A seller with a listing, and so many buyers with money and a live profile each, ids from [`ACME`] on. Answers the
    /// seller's and the buyers' ways of asking.
    pub(crate) async fn market(&self, listing: Value, buyers: u128) -> (Http, Vec<Http>) {
        let operator = self.operator();
        operator.post("/accounts", json!({ "id": WEB.to_string(), "role": "seller" })).await.created();
        let mut terms = json!({ "id": "1", "seller_id": WEB.to_string() });
        terms.as_object_mut().unwrap().extend(listing.as_object().unwrap().clone());
        operator.post("/listings", terms).await.created();
        let mut askers = Vec::new();
        for nth in 0..buyers {
            let id = (ACME + if nth < 10 { nth } else { nth + 90 }).to_string();
            let deposit = json!({ "id": id, "role": "buyer", "deposit": "100.00" });
            operator.post("/accounts", deposit).await.created();
            let buyer = self.key(id.parse().unwrap(), Role::Buyer);
            let destination = json!({ "address": format!("sip:{id}@example.com") });
            let profile = json!({ "id": "1", "live": true, "destinations": [destination] });
            buyer.post("/bid-profiles", profile).await.created();
            askers.push(buyer);
        }
        (self.key(WEB, Role::Seller), askers)
    }
}

/// TLS of a client that trusts this certificate.
fn trusting(certificate: &Path) -> Arc<rustls::ClientConfig> {
    trusting_as(certificate, None)
}

/// The same of one that shows a certificate of its own.
fn trusting_as(certificate: &Path, own: Option<&(CertificateDer<'static>, Vec<u8>)>) -> Arc<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(certificate).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots);
    Arc::new(match own {
        None => tls.with_no_client_auth(),
        Some((own, key)) => {
            let key = rustls::pki_types::PrivateKeyDer::try_from(key.clone()).unwrap();
            tls.with_client_auth_cert(vec![own.clone()], key).unwrap()
        }
    })
}

impl Http {
    /// The same with this key beside what its connection says.
    pub(crate) fn saying(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// Somebody with or without a key, at a server that may be another process.
    pub(crate) fn at(certificate: &Path, address: SocketAddr, key: Option<&str>) -> Self {
        Self { tls: trusting(certificate), address, key: key.map(str::to_owned) }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.ask("POST", path, Some(body), &[]).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.ask("PATCH", path, Some(body), &[]).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.ask("DELETE", path, None, &[]).await
    }

    /// Asks, on a connection of its own, below `/api/v1`.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Reply {
        let body = body.map(|body| body.to_string());
        self.ask_raw(method, &format!("/api/v1{path}"), body.as_deref().unwrap_or("").as_bytes(), headers).await
    }

    pub(crate) async fn ask_raw(&self, method: &str, uri: &str, body: &[u8], headers: &[(&str, &str)]) -> Reply {
        let mut request = Request::builder().method(method).uri(uri).header(HOST, "localhost");
        if !body.is_empty() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(key) = &self.key {
            request = request.header(AUTHORIZATION, format!("Bearer {key}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body))).unwrap();
        let asked = async {
            let (mut send, connection) = http1::handshake(TokioIo::new(self.dial().await)).await.unwrap();
            tokio::spawn(connection);
            let response = send.send_request(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes();
            let body = serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
            Reply { status: parts.status, headers: parts.headers, body }
        };
        timeout(PATIENCE, asked).await.expect("the server said nothing for too long")
    }

    /// A connection with TLS on it.
    pub(crate) async fn dial(&self) -> TlsStream<TcpStream> {
        self.dial_from([127, 0, 0, 1]).await.unwrap()
    }

    /// The same from another address of this host; refused where the server wants no more from there.
    pub(crate) async fn dial_from(&self, from: [u8; 4]) -> std::io::Result<TlsStream<TcpStream>> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((from, 0)))?;
        let stream = socket.connect(self.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await
    }

    /// The same, speaking HTTP/2.
    pub(crate) async fn dial_h2(&self) -> TlsStream<TcpStream> {
        let mut tls = (*self.tls).clone();
        tls.alpn_protocols = vec![b"h2".to_vec()];
        Self { tls: Arc::new(tls), ..self.clone() }.dial().await
    }
}

impl Reply {
    /// Insists on this status. Answers the body.
    pub(crate) fn with(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    pub(crate) fn ok(self) -> Value {
        self.with(StatusCode::OK)
    }

    pub(crate) fn created(self) -> Value {
        self.with(StatusCode::CREATED)
    }

    /// Insists on a problem with this status and code. Answers it.
    pub(crate) fn refused(self, status: StatusCode, code: u16) -> Value {
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json", "{}", self.body);
        assert_eq!(self.body["code"], code, "{}", self.body);
        assert_eq!(self.body["status"], status.as_u16());
        assert_eq!(self.body["type"], format!("urn:dce:problem:{}", self.body["title"].as_str().unwrap()));
        self.with(status)
    }
}
