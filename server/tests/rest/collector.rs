//! A collector of traces in this process: it takes OTLP over HTTP, in plain text or over TLS, and keeps what it was sent.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::common::PATIENCE;

/// One request, as it came.
struct Sent {
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

/// A running collector.
pub(crate) struct Collecting {
    address: SocketAddr,
    is_tls: bool,
    sent: Arc<Mutex<Vec<Sent>>>,
    /// How many requests are answered with 503 before one is taken.
    busy: Arc<Mutex<usize>>,
}

/// A span with what is asked of it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) span: Span,
    pub(crate) resource: Resource,
}

impl Collecting {
    /// Listens on loopback.
    pub(crate) async fn start(tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (address, is_tls) = (listener.local_addr().unwrap(), tls.is_some());
        let (sent, busy) = (Arc::<Mutex<Vec<Sent>>>::default(), Arc::<Mutex<usize>>::default());
        let (kept, left) = (Arc::clone(&sent), Arc::clone(&busy));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (kept, left, tls) = (Arc::clone(&kept), Arc::clone(&left), tls.clone());
                let service = service_fn(move |request| take(request, Arc::clone(&kept), Arc::clone(&left)));
                tokio::spawn(async move {
                    // Who leaves in the middle is no concern of a test.
                    let _ = match tls {
                        Some(tls) => {
                            let Ok(stream) = TlsAcceptor::from(tls).accept(stream).await else { return };
                            http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
                        }
                        None => http1::Builder::new().serve_connection(TokioIo::new(stream), service).await,
                    };
                });
            }
        });
        Self { address, is_tls, sent, busy }
    }

    /// Answers the next so many requests with 503.
    pub(crate) fn be_busy(&self, times: usize) {
        *self.busy.lock().unwrap() = times;
    }

    /// What `traces.otlp_endpoint` is to say.
    pub(crate) fn url(&self) -> String {
        format!("{}://localhost:{}", if self.is_tls { "https" } else { "http" }, self.address.port())
    }

    /// All bytes that were sent: paths, headers, bodies.
    pub(crate) fn raw(&self) -> Vec<u8> {
        let mut raw = Vec::new();
        for Sent { path, headers, body } in self.sent.lock().unwrap().iter() {
            raw.extend_from_slice(path.as_bytes());
            headers.values().for_each(|value| raw.extend_from_slice(value.as_bytes()));
            raw.extend_from_slice(body);
        }
        raw
    }

    /// The value of a header, the same in every request.
    pub(crate) fn header(&self, name: &str) -> String {
        let sent = self.sent.lock().unwrap();
        let values: Vec<_> = sent.iter().map(|sent| sent.headers[name].to_str().unwrap().to_owned()).collect();
        assert!(sent.iter().all(|sent| sent.path == "/v1/traces") && values.iter().all(|value| *value == values[0]));
        values[0].clone()
    }

    /// Every span so far, by id.
    pub(crate) fn spans(&self) -> BTreeMap<Vec<u8>, Seen> {
        let mut spans = BTreeMap::new();
        for sent in self.sent.lock().unwrap().iter() {
            for of in ExportTraceServiceRequest::decode(sent.body.clone()).unwrap().resource_spans {
                let resource = of.resource.unwrap();
                for span in of.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                    let seen = Seen { span, resource: resource.clone() };
                    assert!(spans.insert(seen.span.span_id.clone(), seen).is_none(), "a span was told twice");
                }
            }
        }
        spans
    }

    /// The same, once it holds what is wanted.
    pub(crate) async fn spans_with(
        &self,
        what: &str,
        is_so: impl Fn(&BTreeMap<Vec<u8>, Seen>) -> bool,
    ) -> BTreeMap<Vec<u8>, Seen> {
        let until = Instant::now() + PATIENCE;
        loop {
            let spans = self.spans();
            if is_so(&spans) {
                return spans;
            }
            let names: Vec<_> = spans.values().map(|seen| &seen.span.name).collect();
            assert!(Instant::now() < until, "{what}: {names:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Seen {
    /// An attribute as text.
    pub(crate) fn says(&self, key: &str) -> Option<String> {
        let attribute = self.span.attributes.iter().find(|attribute| attribute.key == key)?;
        text_of(attribute.value.as_ref()?.value.as_ref()?)
    }

    /// An attribute of the resource.
    pub(crate) fn source(&self, key: &str) -> Option<String> {
        let attribute = self.resource.attributes.iter().find(|attribute| attribute.key == key)?;
        text_of(attribute.value.as_ref()?.value.as_ref()?)
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

async fn take(
    request: Request<Incoming>,
    sent: Arc<Mutex<Vec<Sent>>>,
    busy: Arc<Mutex<usize>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut left = busy.lock().unwrap();
    let mut response = Response::new(Full::default());
    if *left > 0 {
        *left -= 1;
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    } else {
        sent.lock().unwrap().push(Sent { path: parts.uri.path().to_owned(), headers: parts.headers, body });
    }
    Ok(response)
}
