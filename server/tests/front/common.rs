//! A server on a temporary directory, and a client that says exactly what a test wants: frames, or bytes that are none.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dce_engine::ids::AccountId;
use dce_engine::limits::Limits as EngineLimits;
use dce_protocol::{
    ALPN, CREDIT, Down, Event, Fact, Fault, HEADER_BYTES, Key, KeyRole, List, Resume, Role as WireRole, Split, Up,
    VERSION, split, up,
};
use dce_runtime::Durability;
use dce_server::identity::{Role, Secret};
use dce_server::limits::Limits;
use dce_server::{Server, ServerBuilder};
use quinn::{Connection, Endpoint, ReadError, RecvStream, SendStream, VarInt};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::time::timeout;

/// The buyer of these tests, its profile, the seller, its listing.
pub(crate) const ACME: u128 = 10;
pub(crate) const PROFILE: u128 = 1;
pub(crate) const WEB: u128 = 20;
pub(crate) const LISTING: u128 = 1;
/// One unit of money in micro-units.
pub(crate) const UNIT: i64 = 1_000_000;
/// Whatever takes longer than this in a test does not happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A builder for a small exchange in `dir` on any free port.
pub(crate) fn small(dir: &Path) -> ServerBuilder {
    Server::builder().dir(dir).listen(SocketAddr::from(([127, 0, 0, 1], 0))).limits(EngineLimits::small())
}

/// A running server that promises nothing about the disk: quick, and enough where nothing crashes.
pub(crate) fn start(limits: Limits) -> (tempfile::TempDir, Server) {
    let dir = tempfile::tempdir().unwrap();
    let server = small(dir.path()).durability(Durability::None).front_limits(limits).start().unwrap();
    (dir, server)
}

/// A QUIC client that trusts the server.
pub(crate) fn endpoint(server: &Server) -> Endpoint {
    endpoint_trusting(server.certificate(), |_| ())
}

pub(crate) fn endpoint_trusting(certificate: &Path, change: impl FnOnce(&mut quinn::TransportConfig)) -> Endpoint {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(certificate).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let crypto = quinn::crypto::rustls::QuicClientConfig::try_from(tls).unwrap();
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    let mut transport = quinn::TransportConfig::default();
    change(&mut transport);
    config.transport_config(Arc::new(transport));
    let mut endpoint = Endpoint::client(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    endpoint.set_default_client_config(config);
    endpoint
}

/// A connection of its own.
pub(crate) async fn dial(server: &Server) -> Connection {
    let endpoint = endpoint(server);
    endpoint.connect(server.address(), "localhost").unwrap().await.unwrap()
}

/// What the server said, as far as tests care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Welcome {
        account: u128,
        role: KeyRole,
        log: u128,
        sequence: u64,
    },
    Accepted {
        number: u64,
        sequence: u64,
        events: u16,
        repeated: bool,
    },
    Refused {
        number: u64,
        code: u16,
    },
    Event {
        sequence: u64,
        index: u16,
        again: bool,
        name: &'static str,
    },
    Sold {
        sequence: u64,
        price: Option<i64>,
        payout: Option<i64>,
    },
    Invited {
        sequence: u64,
        facts_known: bool,
        facts: Vec<Fact>,
    },
    Balance {
        number: u64,
        sequence: u64,
        balance: i64,
        held: i64,
    },
    Call {
        number: u64,
        price: Option<i64>,
        payout: Option<i64>,
    },
    Explained {
        number: u64,
        more: bool,
        verdicts: Vec<dce_protocol::Verdict>,
    },
    Position {
        number: u64,
        sequence: u64,
    },
    Heartbeat {
        sequence: u64,
    },
    Closing {
        code: u16,
    },
    /// The stream ended in order.
    End,
    /// The stream was reset with this code.
    Reset(u64),
    /// The connection ended: with this code of the application, if there was one.
    Lost(Option<u64>),
}

/// A stream and what has arrived on it.
pub(crate) struct Line {
    pub(crate) connection: Connection,
    pub(crate) send: SendStream,
    pub(crate) receive: RecvStream,
    bytes: Vec<u8>,
    number: u64,
}

impl Line {
    /// A stream on which nothing was said yet.
    pub(crate) async fn bare(connection: Connection) -> Self {
        let (send, receive) = connection.open_bi().await.unwrap();
        Self { connection, send, receive, bytes: Vec::new(), number: 0 }
    }

    /// A stream with a hello on it, welcomed or not.
    pub(crate) async fn hello(connection: Connection, key: &Secret, session: u64, resume: Option<Resume>) -> Self {
        let mut line = Self::bare(connection).await;
        line.say(0, hello(key.expose().as_bytes(), session, resume)).await;
        line
    }

    /// A welcomed session on a connection of its own.
    pub(crate) async fn open(server: &Server, key: &Secret, session: u64) -> Self {
        let mut line = Self::hello(dial(server).await, key, session, None).await;
        assert!(matches!(line.next().await, Heard::Welcome { .. }));
        line
    }

    /// An operator's session on a connection of its own.
    pub(crate) async fn operator(server: &Server) -> Self {
        let secret = Secret::parse(&std::fs::read_to_string(server.operator_key()).unwrap()).unwrap();
        Self::open(server, &secret, 1).await
    }

    pub(crate) async fn say<'a>(&mut self, number: u64, frame: impl Into<Up<'a>>) {
        let mut bytes = Vec::new();
        frame.into().encode(number, &mut bytes);
        self.send.write_all(&bytes).await.unwrap();
    }

    /// Asks with the next number.
    pub(crate) async fn ask<'a>(&mut self, frame: impl Into<Up<'a>>) -> u64 {
        let frame = frame.into();
        self.number += 1;
        let number = self.number;
        self.number += u64::from(frame.answers()) - 1;
        self.say(number, frame).await;
        number
    }

    /// Asks, and hears everything up to the answer: the events before it, then the answer.
    pub(crate) async fn call<'a>(&mut self, frame: impl Into<Up<'a>>) -> (Vec<Heard>, Heard) {
        let number = self.ask(frame).await;
        let mut before = Vec::new();
        loop {
            match self.next().await {
                Heard::Heartbeat { .. } => {}
                heard if heard.answers() == Some(number) || heard.is_end() => return (before, heard),
                heard => before.push(heard),
            }
        }
    }

    /// Asks, and insists on being accepted. Answers the sequence.
    pub(crate) async fn accepted<'a>(&mut self, frame: impl Into<Up<'a>>) -> u64 {
        match self.call(frame).await {
            (_, Heard::Accepted { sequence, .. }) => sequence,
            (_, other) => panic!("not accepted: {other:?}"),
        }
    }

    /// The next thing heard.
    pub(crate) async fn next(&mut self) -> Heard {
        timeout(PATIENCE, self.hear()).await.expect("the server said nothing for too long")
    }

    /// The next thing that is no heartbeat.
    pub(crate) async fn next_said(&mut self) -> Heard {
        loop {
            match self.next().await {
                Heard::Heartbeat { .. } => {}
                heard => return heard,
            }
        }
    }

    async fn hear(&mut self) -> Heard {
        loop {
            if let Split::Frame { frame, rest } = split(&self.bytes) {
                let (size, heard) = (self.bytes.len() - rest.len(), Heard::of(frame));
                self.bytes.drain(..size);
                return heard;
            }
            match self.receive.read_chunk(64 * 1_024, true).await {
                Ok(Some(chunk)) => self.bytes.extend_from_slice(&chunk.bytes),
                Ok(None) => return Heard::End,
                Err(ReadError::Reset(code)) => return Heard::Reset(code.into_inner()),
                Err(ReadError::ConnectionLost(quinn::ConnectionError::ApplicationClosed(close))) => {
                    return Heard::Lost(Some(close.error_code.into_inner()));
                }
                Err(_) => return Heard::Lost(None),
            }
        }
    }

    /// The end of the stream, which must name this fault and nothing else.
    pub(crate) async fn closed_with(&mut self, fault: Fault) {
        assert_eq!(self.next_said().await, Heard::Closing { code: fault.code() }, "{}", fault.name());
        assert_eq!(self.next_said().await, Heard::End);
        let stopped = timeout(PATIENCE, self.send.stopped()).await.unwrap();
        assert!(matches!(stopped, Ok(Some(code)) if code == VarInt::from_u32(fault.code().into())), "{stopped:?}");
    }
}

impl Heard {
    fn of(frame: &[u8]) -> Self {
        assert!(frame.len() >= HEADER_BYTES);
        let (number, down) = Down::decode(frame).unwrap();
        match down {
            Down::Welcome(said) => {
                Self::Welcome { account: said.account, role: said.role, log: said.log, sequence: said.sequence }
            }
            Down::Accepted(said) => {
                Self::Accepted { number, sequence: said.sequence, events: said.events, repeated: said.repeated }
            }
            Down::Refused(said) => Self::Refused { number, code: said.code },
            Down::Event(said) => match said.event {
                Event::CallSold(sold) => Self::Sold { sequence: said.sequence, price: sold.price, payout: sold.payout },
                Event::BidderInvited(invited) => Self::Invited {
                    sequence: said.sequence,
                    facts_known: invited.facts_known,
                    facts: invited.facts.to_vec(),
                },
                event => {
                    Self::Event { sequence: said.sequence, index: said.index, again: said.again, name: event.name() }
                }
            },
            Down::Balance(said) => {
                Self::Balance { number, sequence: said.sequence, balance: said.balance, held: said.held }
            }
            Down::Call(said) => Self::Call { number, price: said.price, payout: said.payout },
            Down::Explained(said) => Self::Explained { number, more: said.more, verdicts: said.verdicts.to_vec() },
            Down::Position(said) => Self::Position { number, sequence: said.sequence },
            Down::Heartbeat(said) => Self::Heartbeat { sequence: said.sequence },
            Down::Closing(said) => Self::Closing { code: said.code },
            other => panic!("a frame these tests do not know: {}", other.name()),
        }
    }

    fn answers(&self) -> Option<u64> {
        match self {
            Self::Accepted { number, .. }
            | Self::Refused { number, .. }
            | Self::Balance { number, .. }
            | Self::Call { number, .. }
            | Self::Explained { number, .. }
            | Self::Position { number, .. } => Some(*number),
            _ => None,
        }
    }

    fn is_end(&self) -> bool {
        matches!(self, Self::Closing { .. } | Self::End | Self::Reset(_) | Self::Lost(_))
    }

    /// The name of an event, `-` for anything else.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Event { name, .. } => name,
            Self::Sold { .. } => "CallSold",
            Self::Invited { .. } => "BidderInvited",
            _ => "-",
        }
    }
}

pub(crate) fn hello(key: &[u8], session: u64, resume: Option<Resume>) -> Up<'_> {
    up::Hello { version: VERSION, session, resume, key: Key::new(key).unwrap() }.into()
}

/// A market of one seller, one listing, one buyer with money and one profile that wants everything for 5 units.
pub(crate) async fn set_up(operator: &mut Line, live_mode: bool) {
    let home = |account, role, deposit| up::OpenAccount { account, role, zone: 0, deposit };
    operator.accepted(home(WEB, WireRole::Seller, 0)).await;
    operator.accepted(home(ACME, WireRole::Buyer, 1_000 * UNIT)).await;
    operator.accepted(listing()).await;
    operator.accepted(profile(&dial_targets(), live_mode)).await;
}

pub(crate) fn listing() -> up::CreateListing {
    up::CreateListing {
        seller: WEB,
        listing: LISTING,
        vertical: 0,
        pricing: dce_protocol::Pricing::FirstPrice,
        reserve: 0,
        increment: 0,
        payout: dce_protocol::Payout::Share(8_000),
        payout_term: dce_protocol::PayTerm::OnConnect,
        margin_min: 0,
        duration_max: 3_600,
        open: false,
        withdrawable: false,
        hours: None,
    }
}

pub(crate) fn dial_targets() -> [dce_protocol::DialTarget; 1] {
    [dce_protocol::DialTarget::new(b"+18005550100", 20_000).unwrap()]
}

pub(crate) fn profile(destinations: &[dce_protocol::DialTarget], live_mode: bool) -> up::CreateProfile<'_> {
    up::CreateProfile {
        buyer: ACME,
        profile: PROFILE,
        vertical: 0,
        tier: 1,
        bid: (!live_mode).then_some(5 * UNIT),
        pay_term: dce_protocol::PayTerm::OnConnect,
        concurrency: None,
        hourly: None,
        daily: None,
        total: None,
        daily_budget: None,
        live_mode,
        hours: None,
        clauses: List::EMPTY,
        values: List::EMPTY,
        destinations: List::new(destinations).unwrap(),
    }
}

/// An offer of a call named after the present time and `counter`.
pub(crate) fn offer(counter: u64, window: Option<u32>) -> up::OfferCall<'static> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros();
    let at = dce_engine::units::Timestamp::from_micros(u64::try_from(now).unwrap());
    up::OfferCall {
        seller: WEB,
        call: dce_engine::ids::CallId::at(at, counter).0,
        listing: LISTING,
        subject: 0,
        leg: dce_protocol::Leg::ConsumerInbound,
        window,
        reserve: None,
        facts: List::EMPTY,
        chain: List::EMPTY,
    }
}

pub(crate) fn key_for(server: &Server, account: u128, role: Role) -> Secret {
    server.create_key(AccountId(account), role).unwrap()
}

/// A standing bid.
pub(crate) fn bid(amount: i64) -> up::SetBid {
    up::SetBid { buyer: ACME, profile: PROFILE, amount: Some(amount) }
}

/// Bids these amounts, as many at once as the credit allows, and insists on all being accepted. Answers the sequences.
pub(crate) async fn bid_all(line: &mut Line, amounts: std::ops::Range<i64>) -> Vec<u64> {
    let amounts: Vec<i64> = amounts.collect();
    let mut sequences = Vec::with_capacity(amounts.len());
    for together in amounts.chunks(usize::from(CREDIT)) {
        for amount in together {
            line.ask(bid(*amount)).await;
        }
        let all = sequences.len() + together.len();
        while sequences.len() < all {
            match line.next_said().await {
                Heard::Accepted { sequence, repeated: false, .. } => sequences.push(sequence),
                heard => assert_ne!(heard.name(), "-", "{heard:?}"),
            }
        }
    }
    sequences
}

/// Bytes of this process's memory that are in use, so that a test sees what a flood leaves behind.
pub(crate) fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = status.split_ascii_whitespace().nth(1).unwrap().parse().unwrap();
    pages * 4_096
}
