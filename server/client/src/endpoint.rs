//! The UDP socket, and one QUIC connection over it: the settings that matter, each with its reason.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{AckFrequencyConfig, ClientConfig, Connection, Endpoint, EndpointConfig, TokioRuntime, TransportConfig};
use socket2::{Domain, Protocol, Socket, Type};

use crate::certificate::Certificate;
use crate::error::Error;
use crate::stop::Stop;
use crate::trust::Trust;

/// Asked for; the kernel gives what `net.core.{r,w}mem_max` allow. With the default of 208 KiB a burst overflows the
/// socket, which to QUIC looks like loss on the way.
const SOCKET_BUFFER_BYTES: usize = 8 << 20;
/// Nothing heard for so long: the server is gone. Its own heartbeats and keep-alives come several times as often.
const IDLE_MAX: Duration = Duration::from_secs(8);
const KEEP_ALIVE: Duration = Duration::from_secs(2);
/// Makes a first packet that met a server still starting be repeated after 150 ms, not after a second.
const INITIAL_ROUND_TRIP: Duration = Duration::from_millis(50);
/// One acknowledgement for twenty packets: measured, a third more frames a second, and no later answers.
const ACK_EVERY: u32 = 20;
const ACK_DELAY_MAX: Duration = Duration::from_millis(5);

/// Dials one server, as often as need be.
#[derive(Debug)]
pub(crate) struct Dialer {
    /// `host:port`.
    address: String,
    server_name: String,
    config: ClientConfig,
    /// One socket for each family, opened when first needed.
    endpoint: Option<(bool, Endpoint)>,
}

impl Dialer {
    /// # Errors
    ///
    /// [`Error::Address`] when it is not `host:port`; [`Error::Trust`] when TLS cannot work so; [`Error::Certificate`] when
    /// the client's own is not its private key's.
    pub(crate) fn new(address: &str, trust: &Trust, own: Option<&Certificate>) -> Result<Self, Error> {
        let fault = || Error::address(address, "it is `host:port`, such as 127.0.0.1:4433");
        let (host, port) = address.rsplit_once(':').ok_or_else(fault)?;
        port.parse::<u16>().map_err(|_| fault())?;
        let server_name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = QuicClientConfig::try_from(trust.tls(own)?).map_err(|error| Error::trust(error.to_string()))?;
        let mut config = ClientConfig::new(Arc::new(tls));
        config.transport_config(Arc::new(transport()));
        Ok(Self { address: address.to_owned(), server_name, config, endpoint: None })
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// One connection, or why not. The name is looked up each time: after a move it leads elsewhere.
    pub(crate) async fn dial(&mut self) -> Result<Connection, Stop> {
        let fault = |error: &dyn std::fmt::Display| Stop::Lost(Error::address(&self.address, &error.to_string()));
        let found = tokio::net::lookup_host(&self.address).await.map_err(|error| fault(&error))?;
        // Names such as `localhost` lead to both families; servers listen on the older one first.
        let mut found: Vec<SocketAddr> = found.collect();
        found.sort_by_key(SocketAddr::is_ipv6);
        let remote = *found.first().ok_or_else(|| fault(&"the name has no address"))?;
        let endpoint = match &self.endpoint {
            Some((is_ipv6, endpoint)) if *is_ipv6 == remote.is_ipv6() => endpoint.clone(),
            _ => {
                let endpoint = open(remote.is_ipv6()).map_err(|error| fault(&error))?;
                self.endpoint = Some((remote.is_ipv6(), endpoint.clone()));
                endpoint
            }
        };
        let connecting =
            endpoint.connect_with(self.config.clone(), remote, &self.server_name).map_err(|error| fault(&error))?;
        connecting.await.map_err(Stop::from)
    }

    /// Waits until the last packets are out.
    pub(crate) async fn drain(&self) {
        if let Some((_, endpoint)) = &self.endpoint {
            endpoint.wait_idle().await;
        }
    }
}

fn open(is_ipv6: bool) -> std::io::Result<Endpoint> {
    let (domain, any) = if is_ipv6 {
        (Domain::IPV6, SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)))
    } else {
        (Domain::IPV4, SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))
    };
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    // Less than asked for is no fault: it is the host's to say.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
    socket.bind(&any.into())?;
    Endpoint::new(EndpointConfig::default(), None, UdpSocket::from(socket), Arc::new(TokioRuntime))
}

fn transport() -> TransportConfig {
    let mut acknowledgements = AckFrequencyConfig::default();
    acknowledgements.ack_eliciting_threshold(ACK_EVERY.into()).max_ack_delay(Some(ACK_DELAY_MAX));
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(IDLE_MAX.try_into().ok())
        .keep_alive_interval(Some(KEEP_ALIVE))
        .initial_rtt(INITIAL_ROUND_TRIP)
        .ack_frequency_config(Some(acknowledgements))
        // The server opens no stream and sends no datagram: what it could, it shall not.
        .max_concurrent_bidi_streams(0_u8.into())
        .max_concurrent_uni_streams(0_u8.into())
        .datagram_receive_buffer_size(None);
    transport
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        let trust = Trust::fingerprint(&"0".repeat(64)).expect("a fingerprint");
        for (address, name) in
            [("127.0.0.1:1", "127.0.0.1"), ("[::1]:4433", "::1"), ("exchange.test:1", "exchange.test")]
        {
            assert_eq!(Dialer::new(address, &trust, None).expect("an address").server_name, name);
        }
        for address in ["", "127.0.0.1", "host:port", "host:70000"] {
            assert!(matches!(Dialer::new(address, &trust, None), Err(Error::Address { .. })), "{address}");
        }
    }

    #[tokio::test]
    async fn a_socket_gets_more_room_than_the_default() {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).expect("a socket");
        let before = socket.recv_buffer_size().expect("a size");
        let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
        assert!(socket.recv_buffer_size().expect("a size") >= before);
        assert!(open(false).is_ok());
    }
}
