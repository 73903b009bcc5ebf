//! The rival: quinn alone, one stream, each frame answered with as many bytes as the exchange's answer has.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{AckFrequencyConfig, Connection, Endpoint, RecvStream, SendStream, TransportConfig};
use rustls::RootCertStore;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::sync::oneshot;

use crate::contest::{Figures, Slice};

const NAME: &str = "echo.test";
const CHUNK_BYTES: usize = 64 << 10;

pub(crate) struct Echo {
    send: SendStream,
    receive: RecvStream,
    request: Vec<u8>,
    answer_bytes: usize,
    _connection: Connection,
    _endpoint: Endpoint,
}

impl Echo {
    pub(crate) async fn open(request_bytes: usize, answer_bytes: usize) -> Result<Self, Box<dyn Error>> {
        let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()])?;
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())?;
        let mut server = quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
        server.transport_config(transport());
        let (told, address) = oneshot::channel();
        // A thread of its own, as the front of a server has.
        std::thread::spawn(move || serve(server, request_bytes, answer_bytes, told));

        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone())?;
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut client = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls)?));
        client.transport_config(transport());
        let endpoint = Endpoint::client(([127, 0, 0, 1], 0).into())?;
        let connection = endpoint.connect_with(client, address.await?, NAME)?.await?;
        let (send, receive) = connection.open_bi().await?;
        let request = vec![7; request_bytes];
        Ok(Self { send, receive, request, answer_bytes, _connection: connection, _endpoint: endpoint })
    }

    pub(crate) async fn slice(&mut self, in_flight: usize, mut slice: Slice) -> Result<Figures, Box<dyn Error>> {
        let mut asked = VecDeque::with_capacity(in_flight);
        let (mut going, mut read) = (true, 0);
        loop {
            let missing = if going { in_flight - asked.len() } else { 0 };
            if missing > 0 {
                asked.extend(std::iter::repeat_n(Instant::now(), missing));
                self.send.write_chunk(self.request.repeat(missing).into()).await?;
            }
            if asked.is_empty() {
                return Ok(slice.figures());
            }
            let chunk = self.receive.read_chunk(CHUNK_BYTES, true).await?.ok_or("the echo fell silent")?;
            read += chunk.bytes.len();
            while read >= self.answer_bytes {
                read -= self.answer_bytes;
                going = slice.answered(asked.pop_front().ok_or("an answer too many")?) && going;
            }
        }
    }
}

fn serve(
    config: quinn::ServerConfig,
    request_bytes: usize,
    answer_bytes: usize,
    told: oneshot::Sender<std::net::SocketAddr>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("Invariant: tokio starts");
    runtime.block_on(async {
        let endpoint = Endpoint::server(config, ([127, 0, 0, 1], 0).into()).expect("Invariant: a free port");
        let _ = told.send(endpoint.local_addr().expect("Invariant: it is bound"));
        if let Some(incoming) = endpoint.accept().await
            && let Ok(connection) = incoming.await
        {
            let _ = answer(&connection, request_bytes, answer_bytes).await;
        }
    });
}

async fn answer(connection: &Connection, request_bytes: usize, answer_bytes: usize) -> Result<(), Box<dyn Error>> {
    let (mut send, mut receive) = connection.accept_bi().await?;
    let mut read = 0;
    while let Some(chunk) = receive.read_chunk(CHUNK_BYTES, true).await? {
        read += chunk.bytes.len();
        let frames = read / request_bytes;
        read %= request_bytes;
        if frames > 0 {
            send.write_chunk(vec![9; frames * answer_bytes].into()).await?;
        }
    }
    Ok(())
}

/// As the client library and the server set it.
fn transport() -> Arc<TransportConfig> {
    let mut acknowledgements = AckFrequencyConfig::default();
    acknowledgements.ack_eliciting_threshold(20_u8.into()).max_ack_delay(Some(Duration::from_millis(5)));
    let mut transport = TransportConfig::default();
    transport.ack_frequency_config(Some(acknowledgements));
    transport.max_idle_timeout(None);
    Arc::new(transport)
}
