//! The rival: quinn alone, one stream, each frame answered with as many bytes as the exchange's answer has.

use std::error::Error;
use std::sync::Arc;

use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Connection, Endpoint};
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::sync::oneshot;

use crate::line::{Line, Talk, transport};

const NAME: &str = "echo.test";
const CHUNK_BYTES: usize = 64 << 10;

/// Frames of the same lengths as the exchange's, with nothing in them.
pub(crate) struct Echo {
    request: Vec<u8>,
    answer_bytes: usize,
}

impl Echo {
    /// Starts the server, on a thread of its own as the front of the exchange has, and a line to it.
    pub(crate) async fn open(request_bytes: usize, answer_bytes: usize) -> Result<(Line, Self), Box<dyn Error>> {
        let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()])?;
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())?;
        let mut server = quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
        server.transport_config(transport());
        let (told, address) = oneshot::channel();
        std::thread::spawn(move || serve(server, request_bytes, answer_bytes, told));
        let line = Line::dial(address.await?, NAME, made.cert.der().clone(), &[]).await?;
        Ok((line, Self { request: vec![7; request_bytes], answer_bytes }))
    }
}

impl Talk for Echo {
    fn ask(&mut self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.request);
    }

    fn hear(&mut self, bytes: &[u8]) -> Result<(usize, usize), Box<dyn Error>> {
        let answers = bytes.len() / self.answer_bytes;
        Ok((answers, answers * self.answer_bytes))
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
