//! The same bare client for both servers: one stream, frames out, frames in, nothing kept but when each was asked.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dce_benches::samples::{Figures, Slice};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{AckFrequencyConfig, Connection, Endpoint, RecvStream, SendStream, TransportConfig};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

const CHUNK_BYTES: usize = 64 << 10;

/// What a server is asked, and how its answers are told apart.
pub(crate) trait Talk {
    /// Appends the next request.
    fn ask(&mut self, bytes: &mut Vec<u8>);

    /// How many requests are answered by what was heard, and by how many of its bytes.
    ///
    /// # Errors
    ///
    /// An answer that is none.
    fn hear(&mut self, bytes: &[u8]) -> Result<(usize, usize), Box<dyn Error>>;
}

pub(crate) struct Line {
    send: SendStream,
    receive: RecvStream,
    heard: Vec<u8>,
    said: Vec<u8>,
    _connection: Connection,
    _endpoint: Endpoint,
}

impl Line {
    pub(crate) async fn dial(
        address: std::net::SocketAddr,
        name: &str,
        certificate: CertificateDer<'static>,
        protocols: &[&[u8]],
    ) -> Result<Self, Box<dyn Error>> {
        let mut roots = RootCertStore::empty();
        roots.add(certificate)?;
        let mut provider = rustls::crypto::ring::default_provider();
        provider.cipher_suites.sort_by_key(|suite| suite.suite() != rustls::CipherSuite::TLS13_AES_128_GCM_SHA256);
        let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let mut client = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls)?));
        client.transport_config(transport());
        let endpoint = Endpoint::client(([127, 0, 0, 1], 0).into())?;
        let connection = endpoint.connect_with(client, address, name)?.await?;
        let (send, receive) = connection.open_bi().await?;
        let (heard, said) = (Vec::new(), Vec::new());
        Ok(Self { send, receive, heard, said, _connection: connection, _endpoint: endpoint })
    }

    /// Says something and hears what comes.
    pub(crate) async fn greet(&mut self, bytes: Vec<u8>) -> Result<Vec<u8>, Box<dyn Error>> {
        self.send.write_chunk(bytes.into()).await?;
        self.more().await?;
        Ok(std::mem::take(&mut self.heard))
    }

    async fn more(&mut self) -> Result<(), Box<dyn Error>> {
        let chunk = self.receive.read_chunk(CHUNK_BYTES, true).await?.ok_or("the server fell silent")?;
        self.heard.extend_from_slice(&chunk.bytes);
        Ok(())
    }

    /// Keeps so many requests unanswered until the slice is over, then waits for the last answers.
    pub(crate) async fn slice(
        &mut self,
        in_flight: usize,
        talk: &mut impl Talk,
        mut slice: Slice,
    ) -> Result<Figures, Box<dyn Error>> {
        let mut asked = VecDeque::with_capacity(in_flight);
        let mut going = true;
        loop {
            let now = Instant::now();
            while going && asked.len() < in_flight {
                asked.push_back(now);
                talk.ask(&mut self.said);
            }
            if !self.said.is_empty() {
                self.send.write_chunk(std::mem::take(&mut self.said).into()).await?;
            }
            if asked.is_empty() {
                return Ok(slice.figures());
            }
            self.more().await?;
            let (answers, used) = talk.hear(&self.heard)?;
            self.heard.drain(..used);
            for _ in 0..answers {
                going = slice.answered(asked.pop_front().ok_or("an answer too many")?) && going;
            }
        }
    }
}

/// As the client library and the server set it.
pub(crate) fn transport() -> Arc<TransportConfig> {
    let mut acknowledgements = AckFrequencyConfig::default();
    acknowledgements.ack_eliciting_threshold(20_u8.into()).max_ack_delay(Some(Duration::from_millis(5)));
    let mut transport = TransportConfig::default();
    transport.ack_frequency_config(Some(acknowledgements));
    transport.max_idle_timeout(None);
    Arc::new(transport)
}
