//! The way to a collector: OTLP as protobuf over HTTP/1.1, in plain text or over TLS, on a connection that is kept.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use percent_encoding::percent_decode_str;
use prost::Message;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::config::{Collector, TracesSettings};

/// What a collector may answer with.
const ANSWER_BYTES_MAX: usize = 64 * 1_024;

/// Why no collector can be reached as the settings say.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    /// The file of certificates.
    #[error("traces.otlp_certificate {path} cannot be read as certificates (PEM): {cause}; name another file")]
    Certificate {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// The collector's name.
    #[error(
        "traces.otlp_endpoint names the host {host}, for which there is no certificate: write a name or an address"
    )]
    Name {
        /// The host.
        host: String,
    },
    /// A header.
    #[error("traces.otlp_headers: `{name}` is no header once it is decoded; write letters, digits and - in its name")]
    Header {
        /// Its name.
        name: String,
    },
}

/// Why spans were not taken this time.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// Nobody is there, or does not speak.
    #[error("{0}")]
    Unreachable(String),
    /// It wants to be asked again.
    #[error("it answered {0}")]
    Busy(StatusCode),
    /// It will not take them.
    #[error("it answered {0}")]
    Refused(StatusCode),
}

/// The collector, and the connection to it while there is one.
pub(super) struct Client {
    collector: Collector,
    headers: HeaderMap,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    /// Reads what the settings name. Nobody is asked yet.
    pub(super) fn new(settings: &TracesSettings) -> Result<Self, CollectorError> {
        let collector = settings.collector.clone();
        let tls = match &settings.certificate {
            Some(path) if collector.is_tls => Some(tls_to(&collector, path)?),
            _ => None,
        };
        let headers = headers(settings)?;
        Ok(Self { collector, headers, tls, connection: None })
    }

    /// Sends spans. Answers how many of them the collector refused.
    pub(super) async fn send(&mut self, spans: &ExportTraceServiceRequest) -> Result<u64, Fault> {
        let body = Full::new(Bytes::from(spans.encode_to_vec()));
        let mut request = Request::post(&self.collector.path).body(body).map_err(unreachable)?;
        request.headers_mut().clone_from(&self.headers);
        // Taken: who is given up halfway leaves no connection behind that somebody else's answer is on.
        let mut connection = match self.connection.take() {
            Some(connection) if !connection.is_closed() => connection,
            _ => self.connect().await?,
        };
        connection.ready().await.map_err(unreachable)?;
        let response = connection.send_request(request).await.map_err(unreachable)?;
        let rejected = read(response).await?;
        self.connection = Some(connection);
        Ok(rejected)
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Fault> {
        let Collector { host, port, .. } = &self.collector;
        let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(unreachable)?;
        let _ = stream.set_nodelay(true);
        match &self.tls {
            Some((connector, name)) => speak(connector.connect(name.clone(), stream).await.map_err(unreachable)?).await,
            None => speak(stream).await,
        }
    }
}

async fn speak<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, Fault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(unreachable)?;
    // It ends with its sender.
    tokio::spawn(connection);
    Ok(sender)
}

/// How many spans were refused of those that an answer is about.
async fn read(response: Response<Incoming>) -> Result<u64, Fault> {
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
    let body = body.map_err(|error| Fault::Unreachable(error.to_string()))?.to_bytes();
    match status {
        // What cannot be read of a yes is a yes.
        StatusCode::OK => Ok(ExportTraceServiceResponse::decode(body).map_or(0, |answer| {
            answer.partial_success.map_or(0, |partial| u64::try_from(partial.rejected_spans).unwrap_or(0))
        })),
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Err(Fault::Busy(status)),
        _ => Err(Fault::Refused(status)),
    }
}

fn tls_to(
    collector: &Collector,
    path: &std::path::Path,
) -> Result<(TlsConnector, ServerName<'static>), CollectorError> {
    let refused = |cause: String| CollectorError::Certificate { path: path.to_owned(), cause };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| refused(error.to_string()))? {
        // Of many, some may be of kinds that nobody here knows.
        let _ = roots.add(certificate.map_err(|error| refused(error.to_string()))?);
    }
    if roots.is_empty() {
        return Err(refused("there is none in it".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let tls = tls.map_err(|error| refused(error.to_string()))?.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(collector.host.clone());
    let name = name.map_err(|_| CollectorError::Name { host: collector.host.clone() })?;
    Ok((TlsConnector::from(Arc::new(tls)), name))
}

fn headers(settings: &TracesSettings) -> Result<HeaderMap, CollectorError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &settings.headers.0 {
        let refused = || CollectorError::Header { name: name.clone() };
        let decoded: Vec<u8> = percent_decode_str(value).collect();
        let mut value = HeaderValue::from_bytes(&decoded).map_err(|_| refused())?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?, value);
    }
    let authority = settings.collector.authority();
    let named = || CollectorError::Name { host: settings.collector.host.clone() };
    headers.insert(HOST, HeaderValue::from_str(&authority).map_err(|_| named())?);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("dce/", env!("CARGO_PKG_VERSION"))));
    Ok(headers)
}

fn unreachable(error: impl std::error::Error) -> Fault {
    // The cause says more than what it was the cause of.
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    Fault::Unreachable(text)
}
