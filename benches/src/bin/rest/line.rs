//! The same bare client for both servers: connections with TLS that stay open, one request at a time on each.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const CHUNK_BYTES: usize = 16 << 10;
const CREATED: &[u8] = b"HTTP/1.1 201 ";

/// How both are asked: an offer with an id of its own.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    /// Everything before the body.
    head: String,
    /// The body's text before the call's id, and behind it.
    around: (String, String),
}

/// One connection.
pub(crate) struct Line {
    stream: TlsStream<TcpStream>,
    heard: Vec<u8>,
    said: Vec<u8>,
}

impl Asking {
    pub(crate) fn new(token: &str, around: (&str, &str)) -> Self {
        let around = (around.0.to_owned(), around.1.to_owned());
        let length = around.0.len() + ID_LETTERS + around.1.len();
        let head = format!(
            "POST /api/v1/calls HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nauthorization: Bearer \
             {token}\r\ncontent-length: {length}\r\n\r\n"
        );
        Self { head, around }
    }

    /// The body of an offer of this call.
    pub(crate) fn body(&self, call: u128) -> String {
        format!("{}{}{}", self.around.0, id_text(call), self.around.1)
    }

    fn write(&self, call: u128, to: &mut Vec<u8>) {
        to.extend_from_slice(self.head.as_bytes());
        to.extend_from_slice(self.body(call).as_bytes());
    }
}

impl Line {
    pub(crate) async fn dial(
        address: SocketAddr,
        certificate: CertificateDer<'static>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut roots = RootCertStore::empty();
        roots.add(certificate)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let stream = TlsConnector::from(Arc::new(tls)).connect(ServerName::try_from("localhost")?, stream).await?;
        Ok(Self { stream, heard: Vec::new(), said: Vec::new() })
    }

    /// Offers one call. Answers the body of the answer.
    pub(crate) async fn offer(&mut self, asking: &Asking, call: u128) -> Result<&[u8], Box<dyn Error>> {
        self.said.clear();
        asking.write(call, &mut self.said);
        self.stream.write_all(&self.said).await?;
        self.heard.clear();
        loop {
            if let Some((body, bytes)) = whole(&self.heard)? {
                if !self.heard.starts_with(CREATED) || self.heard.len() != bytes {
                    return Err(String::from_utf8_lossy(&self.heard).into());
                }
                return Ok(&self.heard[body..]);
            }
            self.heard.reserve(CHUNK_BYTES);
            if self.stream.read_buf(&mut self.heard).await? == 0 {
                return Err("the server fell silent".into());
            }
        }
    }
}

/// Where the body of an answer begins and where it ends, once all of it has come.
fn whole(heard: &[u8]) -> Result<Option<(usize, usize)>, Box<dyn Error>> {
    let Some(head) = heard.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&heard[..head])?;
    let length = text.lines().filter_map(|line| line.split_once(": "));
    let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).map(|(_, length)| length);
    let bytes: usize = length.next().ok_or("an answer without a length")?.parse()?;
    let body = head + 4;
    Ok((heard.len() >= body + bytes).then_some((body, body + bytes)))
}

/// Letters of a UUID.
const ID_LETTERS: usize = 36;

fn id_text(id: u128) -> String {
    let hex = format!("{id:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
