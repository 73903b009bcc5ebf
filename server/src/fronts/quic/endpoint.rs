//! The socket and the endpoint of one worker: how QUIC is set, who is let in.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use dce_protocol::Fault;
use quinn::{
    AckFrequencyConfig, ConnectionId, ConnectionIdGenerator, Endpoint, EndpointConfig, Incoming, ServerConfig,
    TokioRuntime, TransportConfig, VarInt,
};
use ring::rand::{SecureRandom, SystemRandom};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::connection::connect;
use super::tls::Tls;
use super::worker::Worker;
use crate::hub::Phase;
use crate::limits::Limits;
use crate::registry::{Admission, Front};

/// Bytes the kernel may hold in each direction: without them bursts of many connections are dropped, and retransmitted a
/// tenth of a second later. The system may grant less: `net.core.rmem_max`, `net.core.wmem_max`.
const SOCKET_BYTES: usize = 8 << 20;
/// Bytes of one connection that wait for the client's acknowledgement; QUIC's own bound beside `outbox_bytes_max`.
const SEND_WINDOW_BYTES: u64 = 1 << 20;
/// Bytes of packets QUIC keeps for a handshake that was not judged yet, and for all of them.
const INCOMING_BYTES: u64 = 64 * 1_024;
const INCOMING_BYTES_TOTAL: u64 = 16 << 20;
/// Packets a client may leave unacknowledged, and for how long: a third more throughput than one of two.
const ACK_EVERY_PACKETS: u32 = 20;
const ACK_DELAY_MAX: Duration = Duration::from_millis(5);
/// After a restart each unknown connection is told so: at most one a millisecond.
const RESET_EVERY: Duration = Duration::from_millis(1);

/// Binds a socket for each worker.
pub(super) fn bind(listen: SocketAddr, workers: usize) -> io::Result<Vec<UdpSocket>> {
    let first = socket(listen, false)?;
    if workers <= 1 {
        return Ok(vec![first]);
    }
    // The first one showed that nobody else has the address; from now on the workers share it.
    let address = first.local_addr()?;
    drop(first);
    (0..workers).map(|_| socket(address, true)).collect()
}

fn socket(address: SocketAddr, shared: bool) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(SOCKET_BYTES)?;
    socket.set_send_buffer_size(SOCKET_BYTES)?;
    if shared {
        socket.set_reuse_port(true)?;
    }
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// The endpoint on a socket.
pub(super) fn open(tls: &Tls, limits: &Limits, socket: UdpSocket) -> io::Result<Endpoint> {
    let mut endpoint = EndpointConfig::new(Arc::<ring::hmac::Key>::clone(&tls.reset_key));
    endpoint.cid_generator(|| Box::new(RandomIds)).min_reset_interval(RESET_EVERY);
    let mut server = ServerConfig::with_crypto(Arc::<quinn::crypto::rustls::QuicServerConfig>::clone(&tls.crypto));
    server
        .transport_config(Arc::new(transport(limits)))
        .max_incoming(limits.handshakes_max)
        .incoming_buffer_size(INCOMING_BYTES)
        .incoming_buffer_size_total(INCOMING_BYTES_TOTAL);
    Endpoint::new(endpoint, Some(server), socket, Arc::new(TokioRuntime))
}

fn transport(limits: &Limits) -> TransportConfig {
    let mut acks = AckFrequencyConfig::default();
    acks.ack_eliciting_threshold(VarInt::from_u32(ACK_EVERY_PACKETS)).max_ack_delay(Some(ACK_DELAY_MAX));
    let idle = VarInt::from_u64(u64::try_from(limits.idle_time_max.as_millis()).unwrap_or(u64::MAX));
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(VarInt::from_u32(limits.streams_per_connection_max))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .stream_receive_window(VarInt::from_u32(limits.stream_window_bytes_max))
        .receive_window(VarInt::from_u32(limits.connection_window_bytes()))
        .send_window(SEND_WINDOW_BYTES)
        .max_idle_timeout(Some(idle.unwrap_or(VarInt::MAX).into()))
        .ack_frequency_config(Some(acks));
    transport
}

/// Lets connections in until the server drains, then sees the last ones out. `pump` ends with the runtime.
pub(super) async fn serve(worker: &Rc<Worker>, endpoint: Endpoint, pump: JoinHandle<()>) {
    let mut phase = worker.hub.phase.subscribe();
    let mut pump = pump;
    loop {
        tokio::select! {
            incoming = endpoint.accept() => match incoming {
                Some(incoming) => judge(worker, incoming),
                None => break,
            },
            _ = phase.wait_for(|phase| *phase == Phase::Draining) => break,
            _ = &mut pump => {
                // The exchange ended by itself; nobody can be answered any more.
                let fault = Fault::ServerFailed;
                endpoint.close(VarInt::from_u32(fault.code().into()), fault.text().as_bytes());
                break;
            }
        }
    }
    endpoint.set_server_config(None);
    let limits = &worker.hub.limits;
    let _ = timeout(limits.drain_max + 2 * limits.farewell_time_max, endpoint.wait_idle()).await;
}

fn judge(worker: &Rc<Worker>, incoming: Incoming) {
    let (address, validated) = (incoming.remote_address().ip(), incoming.remote_address_validated());
    match worker.hub.registry.admit((Front::Quic, address), validated, &worker.hub.limits) {
        Admission::Welcome(handshake, connection) => match incoming.accept() {
            Ok(connecting) => {
                tokio::task::spawn_local(connect(Rc::clone(worker), connecting, handshake, connection));
            }
            Err(error) => tracing::debug!(%error, "a handshake could not begin"),
        },
        Admission::ProveAddress => {
            // It fails only for an address that was proven, which is not asked for it.
            let _ = incoming.retry();
        }
        Admission::Full => {
            tracing::debug!("a connection was refused: as many as there may be");
            incoming.refuse();
        }
    }
}

/// Names of connections: eight random bytes.
struct RandomIds;

impl ConnectionIdGenerator for RandomIds {
    fn generate_cid(&mut self) -> ConnectionId {
        let mut bytes = [0; 8];
        let filled = SystemRandom::new().fill(&mut bytes);
        debug_assert!(filled.is_ok(), "Invariant: the system gave random numbers for the keys");
        ConnectionId::new(&bytes)
    }

    fn cid_len(&self) -> usize {
        8
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}
