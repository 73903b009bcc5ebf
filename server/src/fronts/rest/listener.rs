//! Connections: accepted, counted with all others, given TLS, served with every bound there is, and ended in order.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::first_bytes::FirstBytes;
use crate::hub::Hub;
use crate::identity::{Fingerprint, ServerIdentity, client_verifier};
use crate::limits::Limits;
use crate::registry::{Admission, ConnectionPermit, Front, HandshakePermit};

/// Streams that a peer may have reset before they are looked at; one more ends its connection.
const RESETS_PENDING_MAX: usize = 20;
/// Streams that this side may have to reset because of what the peer sends; one more ends its connection. Whoever opens many
/// streams before it has heard how many it may is reset for each that is too many, and means no harm.
const RESETS_CAUSED_MAX: usize = 1_024;
/// How long accepting rests when the system has no descriptor left.
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// The running front.
#[derive(Debug)]
pub(crate) struct RestFront {
    thread: JoinHandle<()>,
    address: SocketAddr,
}

/// TLS 1.3 of this front.
#[derive(Clone)]
pub(crate) struct RestTls(Arc<ServerConfig>);

impl RestTls {
    /// From the server's certificate, and those who sign clients'.
    ///
    /// # Errors
    ///
    /// When certificate and key do not belong together.
    pub(crate) fn new(identity: ServerIdentity, clients: Option<RootCertStore>) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = client_verifier(clients, &provider)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(verifier)
            .with_single_cert(identity.chain, identity.private_key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

impl RestFront {
    /// Starts the front on a bound listener; without `tls` it speaks plain HTTP.
    ///
    /// # Errors
    ///
    /// When the system refuses threads.
    pub(crate) fn start(
        hub: Arc<Hub>,
        router: Router,
        tls: Option<RestTls>,
        listener: StdListener,
        workers: usize,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .thread_name("dce-rest")
            .enable_all()
            .build()?;
        let work = move || {
            runtime.block_on(async {
                match TcpListener::from_std(listener) {
                    Ok(listener) => serve(&hub, router, tls, listener).await,
                    Err(error) => tracing::error!(%error, "the REST front cannot listen"),
                }
            });
            runtime.shutdown_timeout(Duration::from_secs(1));
        };
        let thread = std::thread::Builder::new().name("dce-rest-accept".to_owned()).spawn(work)?;
        Ok(Self { thread, address })
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until every connection has drained. The hub must have been told.
    pub(crate) fn join(self) {
        let _ = self.thread.join();
    }
}

/// Accepts until the server drains; then waits for what is under way, as long as a stop may take.
async fn serve(hub: &Arc<Hub>, router: Router, tls: Option<RestTls>, listener: TcpListener) {
    let acceptor = tls.map(|tls| TlsAcceptor::from(tls.0));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    // Who is too many hears nothing: a refusal would cost more than it is worth.
                    if let Admission::Welcome(handshake, permit) = hub.registry.admit((Front::Rest, peer.ip()), true, &hub.limits) {
                        let (hub, router, acceptor) = (Arc::clone(hub), router.clone(), acceptor.clone());
                        let connection = Connection { hub, router, peer, _permit: permit };
                        connections.spawn(connection.attend(stream, acceptor, handshake));
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_REST).await;
                }
            },
            _ = connections.join_next(), if !connections.is_empty() => {}
            () = hub.draining() => break,
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    let _ = timeout(hub.limits.drain_max, drained).await;
}

/// One connection; it is counted for as long as it lives.
struct Connection {
    hub: Arc<Hub>,
    router: Router,
    peer: SocketAddr,
    _permit: ConnectionPermit,
}

impl Connection {
    async fn attend(self, stream: TcpStream, acceptor: Option<TlsAcceptor>, handshake: HandshakePermit) {
        let _ = stream.set_nodelay(true);
        let Some(acceptor) = acceptor else {
            drop(handshake);
            return self.speak(stream, None).await;
        };
        let shaken = timeout(self.hub.limits.handshake_time_max, acceptor.accept(stream)).await;
        drop(handshake);
        match shaken {
            Ok(Ok(stream)) => {
                let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
                let shown = shown.map(|certificate| Fingerprint::of(certificate));
                self.speak(stream, shown).await;
            }
            _ => tracing::debug!("a handshake failed or took too long"),
        }
    }

    async fn speak<S>(self, stream: S, shown: Option<Fingerprint>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { hub, router, peer, _permit } = self;
        let server = server(&hub.limits);
        // Whoever counts by address is told the connection's own: what a request says of it is anybody's invention.
        let router = router.map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            if let Some(shown) = shown {
                request.extensions_mut().insert(shown);
            }
            request
        });
        let service = TowerToHyperService::new(router);
        let stream = FirstBytes::within(hub.limits.http_header_time_max, stream);
        let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = hub.draining() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// HTTP/1.1 and HTTP/2 with the bounds of this front.
fn server(limits: &Limits) -> Builder<TokioExecutor> {
    let mut server = Builder::new(TokioExecutor::new());
    let header_bytes = u32::try_from(limits.http_header_bytes_max).unwrap_or(u32::MAX);
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.http_header_time_max)
        .max_buf_size(limits.http_header_bytes_max)
        .max_headers(limits.http_headers_max);
    server
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(header_bytes)
        .max_concurrent_streams(limits.http_streams_max)
        .max_pending_accept_reset_streams(RESETS_PENDING_MAX)
        .max_local_error_reset_streams(RESETS_CAUSED_MAX)
        .keep_alive_interval(limits.idle_time_max)
        .keep_alive_timeout(limits.http_header_time_max);
    server
}
