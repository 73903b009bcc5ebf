//! A server that speaks the protocol over real QUIC on the loopback, and breaks in every way it is told to.
//!
//! Its world (what was accepted, what happened) outlives its connections and its *lives*: a life is a runtime of its own,
//! and ends as a killed process does, without a word.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dce_protocol::{
    ALPN, CREDIT, Down, EventFrame, Fault, INDEX_ALL, KeyRole, List, NUMBER_END, Resume, Split, Text, Up, down, event,
    split,
};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{
    Connection, ConnectionId, ConnectionIdGenerator, Endpoint, EndpointConfig, RecvStream, SendStream, ServerConfig,
    TokioRuntime,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The key the mock knows.
pub(crate) const KEY: &str = "dce_right";
/// The log of its world.
const LOG: u128 = 0x10c;
const ACCOUNT: u128 = 7;
/// The exchange's refusal of a session that is not above all before.
const SESSION_TOO_OLD: u16 = 1204;

/// Where in the handling of a request the connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It was read, and not carried out.
    Read,
    /// It was carried out, and nothing was said.
    Done,
    /// Its first event was said.
    FirstEvent,
    /// Its events were said.
    Events,
    /// Half of its answer was said.
    HalfAnswer,
    /// Its answer was said, and had time to arrive.
    Answer,
}

impl Stage {
    pub(crate) const ALL: [Self; 6] =
        [Self::Read, Self::Done, Self::FirstEvent, Self::Events, Self::HalfAnswer, Self::Answer];
}

/// How the mock behaves.
#[derive(Clone, Debug)]
pub(crate) struct Manners {
    /// Break each connection at the n-th request it reads (from 1), at a stage: one entry a connection, then no more.
    pub(crate) breaks: Vec<(usize, Stage)>,
    /// Say every event and every answer twice.
    pub(crate) twice: bool,
    /// Collect answers for so long before they are sent.
    pub(crate) delay: Duration,
    /// Answer nothing at all once so many requests were carried out.
    pub(crate) mute_after: Option<usize>,
    /// Find so many of the first sessions too old.
    pub(crate) too_old: usize,
    /// Refuse positions to resume from.
    pub(crate) forgetful: bool,
    /// An event nobody asked for after each n-th request.
    pub(crate) invite_each: usize,
    pub(crate) credit: u16,
    pub(crate) heartbeat_ms: u32,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            breaks: Vec::new(),
            twice: false,
            delay: Duration::ZERO,
            mute_after: None,
            too_old: 0,
            forgetful: false,
            invite_each: 3,
            credit: CREDIT,
            heartbeat_ms: 1_000,
        }
    }
}

/// What was accepted, what happened, and what the client did wrong.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// (session, number, sequence, frame) of everything accepted, in order.
    pub(crate) accepted: Vec<(u64, u64, u64, Vec<u8>)>,
    /// (sequence, index, event), in order.
    happened: Vec<(u64, u16, Happened)>,
    sequence: u64,
    pub(crate) connections: usize,
    /// Sessions found too old.
    pub(crate) refused: Vec<u64>,
    pub(crate) goodbyes: usize,
    /// Numbers read, connection by connection.
    pub(crate) numbers: Vec<Vec<u64>>,
    pub(crate) offences: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
enum Happened {
    BidSet(event::BidSet),
    Offered(event::CallOffered),
    Sold(event::CallSold),
    Dialed(u128),
    Invited(u128),
}

impl Happened {
    fn event(&self) -> dce_protocol::Event<'static> {
        match *self {
            Self::BidSet(event) => event.into(),
            Self::Offered(event) => event.into(),
            Self::Sold(event) => event.into(),
            Self::Dialed(call) => event::CallDialed {
                seller: ACCOUNT,
                call,
                attempt: 1,
                destination_index: 0,
                ring_until: 99,
                destination: dce_protocol::Bytes::new(b"desk").expect("short"),
            }
            .into(),
            Self::Invited(call) => event::BidderInvited {
                seller: 8,
                call,
                buyer: ACCOUNT,
                profile: 1,
                closes_at: 99,
                listing: None,
                facts_known: false,
                facts: List::EMPTY,
            }
            .into(),
        }
    }
}

/// A life of the mock, and the world it shares with the others.
pub(crate) struct Mock {
    pub(crate) address: SocketAddr,
    pub(crate) certificate_pem: String,
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) world: Arc<Mutex<World>>,
    key: Vec<u8>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Mock {
    pub(crate) fn start(manners: Manners) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["exchange.test".to_owned()]).expect("a certificate");
        let mut mock = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            certificate_pem: made.cert.pem(),
            certificate: made.cert.der().clone(),
            world: Arc::default(),
            key: made.signing_key.serialize_der(),
            runtime: None,
        };
        mock.live(manners);
        mock
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As `kill -9` does it.
    pub(crate) fn die(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// At the same address, with the same identity, once the old socket is free.
    pub(crate) fn live(&mut self, manners: Manners) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("tokio");
        let _inside = runtime.enter();
        let socket = (0..200)
            .find_map(|_| std::net::UdpSocket::bind(self.address).map_err(|_| std::thread::sleep(MOMENT)).ok())
            .expect("the address is free");
        let endpoint = Endpoint::new(identity(), Some(self.config()), socket, Arc::new(TokioRuntime)).expect("quinn");
        self.address = endpoint.local_addr().expect("bound");
        let world = Arc::clone(&self.world);
        runtime.spawn(accept(endpoint, world, Arc::new(Mutex::new(manners))));
        self.runtime = Some(runtime);
    }

    fn config(&self) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(self.key.clone()).expect("a key");
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key)
            .expect("a certificate");
        tls.alpn_protocols = vec![ALPN.to_vec()];
        ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls).expect("QUIC")))
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.die();
    }
}

const MOMENT: Duration = Duration::from_millis(10);

/// The same in each life, so that a life can reset the connections of the one before.
fn identity() -> EndpointConfig {
    struct Hmac;
    impl quinn::crypto::HmacKey for Hmac {
        fn sign(&self, data: &[u8], signature: &mut [u8]) {
            let mut sum = 17_u8;
            for (place, byte) in signature.iter_mut().enumerate() {
                sum = data.iter().fold(sum, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte));
                *byte = sum.wrapping_add(place as u8);
            }
        }
        fn signature_len(&self) -> usize {
            32
        }
        fn verify(&self, _: &[u8], _: &[u8]) -> Result<(), quinn::crypto::CryptoError> {
            Err(quinn::crypto::CryptoError)
        }
    }
    struct Ids(RandomState);
    impl ConnectionIdGenerator for Ids {
        fn generate_cid(&mut self) -> ConnectionId {
            self.0 = RandomState::new();
            ConnectionId::new(&self.0.hash_one(0).to_le_bytes())
        }
        fn cid_len(&self) -> usize {
            8
        }
        fn cid_lifetime(&self) -> Option<Duration> {
            None
        }
    }
    let mut config = EndpointConfig::new(Arc::new(Hmac));
    config.cid_generator(|| Box::new(Ids(RandomState::new())));
    config
}

async fn accept(endpoint: Endpoint, world: Arc<Mutex<World>>, manners: Arc<Mutex<Manners>>) {
    while let Some(incoming) = endpoint.accept().await {
        let (world, manners) = (Arc::clone(&world), Arc::clone(&manners));
        tokio::spawn(async move {
            let Ok(connection) = incoming.await else { return };
            let Ok((send, receive)) = connection.accept_bi().await else { return };
            let (manners, breaks) = {
                let mut all = manners.lock().unwrap_or_else(PoisonError::into_inner);
                let manners = all.clone();
                let breaks = if all.breaks.is_empty() { None } else { Some(all.breaks.remove(0)) };
                (manners, breaks)
            };
            let (out, session, said) = (Vec::new(), 0, (0, 0));
            let mut talk = Talk { connection, send, receive, world, manners, breaks, out, session, said };
            if talk.run().await.is_none() {
                talk.connection.close(0_u8.into(), b"");
            }
        });
    }
}

/// One connection.
struct Talk {
    connection: Connection,
    send: SendStream,
    receive: RecvStream,
    world: Arc<Mutex<World>>,
    manners: Manners,
    breaks: Option<(usize, Stage)>,
    out: Vec<u8>,
    session: u64,
    /// The last event said, or what the client said it had heard.
    said: (u64, u16),
}

impl Talk {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None`: the connection is broken now.
    async fn run(&mut self) -> Option<()> {
        let mut bytes = Vec::new();
        let (mut greeted, mut read) = (false, 0);
        loop {
            while let Split::Frame { frame, rest } = split(&bytes) {
                let (frame, rest) = (frame.to_vec(), rest.to_vec());
                bytes = rest;
                match Up::decode(&frame) {
                    Ok((_, Up::Hello(hello))) if !greeted => {
                        greeted = true;
                        self.greet(&hello).await?;
                    }
                    Ok((_, Up::Heartbeat(_))) => {}
                    Ok((_, Up::Goodbye(_))) => {
                        self.world().goodbyes += 1;
                        self.flush().await?;
                        let _ = self.send.finish();
                    }
                    Ok((number, up)) if greeted && up.is_request() => {
                        read += usize::from(up.answers());
                        let stage =
                            self.breaks.filter(|(at, _)| (read + 1 - usize::from(up.answers())..=read).contains(at));
                        self.request(number, &up, &frame, stage.map(|(_, stage)| stage)).await?;
                    }
                    other => self.world().offences.push(format!("{other:?} out of place")),
                }
            }
            if !self.out.is_empty() {
                tokio::time::sleep(self.manners.delay).await;
                self.flush().await?;
            }
            bytes.extend_from_slice(&self.receive.read_chunk(1 << 16, true).await.ok()??.bytes);
        }
    }

    async fn greet(&mut self, hello: &dce_protocol::up::Hello<'_>) -> Option<()> {
        if hello.key.expose() != KEY.as_bytes() {
            return self.close(Fault::KeyUnknown.code(), Fault::KeyUnknown.text()).await;
        }
        let too_old = {
            let mut world = self.world();
            let too_old = world.refused.len() < self.manners.too_old;
            if too_old {
                world.refused.push(hello.session);
            }
            too_old
        };
        if too_old {
            return self.close(SESSION_TOO_OLD, "too old").await;
        }
        if self.manners.forgetful && hello.resume.is_some() {
            return self.close(Fault::ResumeTooOld.code(), Fault::ResumeTooOld.text()).await;
        }
        self.session = hello.session;
        let (sequence, first, after) = {
            let mut world = self.world();
            world.connections += 1;
            world.numbers.push(Vec::new());
            let after = hello.resume.unwrap_or(Resume { log: LOG, sequence: world.sequence, index: INDEX_ALL });
            if after.log != LOG || after.sequence > world.sequence {
                world.offences.push(format!("resumes at {after:?}"));
            }
            (world.sequence, world.connections == 1, after)
        };
        let welcome = down::Welcome {
            version: 1,
            account: ACCOUNT,
            role: KeyRole::Operator,
            credit: self.manners.credit,
            frame_max: 4_096,
            heartbeat: self.manners.heartbeat_ms,
            idle: 15_000,
            log: LOG,
            sequence,
            at: 1_764_000_000_000_000 + sequence,
        };
        Down::from(welcome).encode(0, &mut self.out);
        if first && hello.resume.is_some() {
            self.world().offences.push("a first hello that resumes".to_owned());
        }
        self.said = (after.sequence, after.index);
        self.catch_up();
        self.flush().await
    }

    /// Says what happened and was not said yet.
    fn catch_up(&mut self) {
        let said = self.said;
        let missed: Vec<_> = self.world().happened.iter().copied().filter(|one| (one.0, one.1) > said).collect();
        for (sequence, index, happened) in missed {
            self.say_event(sequence, index, &happened, false);
        }
    }

    async fn request(&mut self, number: u64, up: &Up<'_>, frame: &[u8], stage: Option<Stage>) -> Option<()> {
        self.check_number(number, up);
        if stage == Some(Stage::Read) {
            return self.cut().await;
        }
        if self.manners.mute_after.is_some_and(|after| self.world().accepted.len() >= after) {
            return Some(());
        }
        if let Up::SetBids(batch) = up {
            for (bid, place) in batch.bids.as_slice().iter().zip(0..) {
                let one = dce_protocol::up::SetBid { buyer: batch.buyer, profile: bid.profile(), amount: bid.amount() };
                let mut frame = Vec::new();
                let one = Up::from(one);
                one.encode(number + place, &mut frame);
                // A break in the middle of a batch: half of it is answered.
                let stage = stage.filter(|_| usize::try_from(place).ok() == Some(batch.bids.len() / 2));
                self.one(number + place, &one, &frame, stage).await?;
            }
            return Some(());
        }
        self.one(number, up, frame, stage).await
    }

    async fn one(&mut self, number: u64, up: &Up<'_>, frame: &[u8], stage: Option<Stage>) -> Option<()> {
        let (sequence, repeated, events) = self.world().carry_out(self.session, number, up, frame, &self.manners);
        if stage == Some(Stage::Done) {
            return self.cut().await;
        }
        let count = events.len();
        for (place, (sequence, index, happened)) in events.into_iter().enumerate() {
            self.say_event(sequence, index, &happened, repeated);
            if place == 0 && stage == Some(Stage::FirstEvent) {
                return self.cut().await;
            }
        }
        if stage == Some(Stage::Events) {
            return self.cut().await;
        }
        let accepted = down::Accepted { sequence, at: 5, events: count as u16, repeated };
        for _ in 0..if self.manners.twice { 2 } else { 1 } {
            Down::from(accepted).encode(number, &mut self.out);
        }
        if stage == Some(Stage::HalfAnswer) {
            self.out.truncate(self.out.len() - 9);
            return self.cut().await;
        }
        self.catch_up();
        if stage == Some(Stage::Answer) {
            return self.cut().await;
        }
        Some(())
    }

    fn say_event(&mut self, sequence: u64, index: u16, happened: &Happened, again: bool) {
        if !again {
            self.said = (sequence, index);
        }
        let frame = EventFrame { sequence, index, at: 5, again, event: happened.event() };
        for _ in 0..if self.manners.twice && !again { 2 } else { 1 } {
            frame.encode(&mut self.out);
        }
    }

    fn check_number(&self, number: u64, up: &Up<'_>) {
        let credit = usize::from(self.manners.credit);
        let mut world = self.world();
        let Some(numbers) = world.numbers.last_mut() else { return };
        let last = numbers.last().copied().unwrap_or_default();
        numbers.extend(number..number + u64::from(up.answers()));
        if number <= last || number >= NUMBER_END {
            world.offences.push(format!("number {number} after {last}"));
        }
        if usize::from(up.answers()) > credit.max(1) {
            world.offences.push(format!("{} answers at once", up.answers()));
        }
    }

    async fn flush(&mut self) -> Option<()> {
        let out = std::mem::take(&mut self.out);
        self.send.write_all(&out).await.ok()
    }

    /// What was said so far arrives, then nothing more.
    async fn cut(&mut self) -> Option<()> {
        self.flush().await?;
        tokio::time::sleep(MOMENT).await;
        None
    }

    async fn close(&mut self, code: u16, reason: &str) -> Option<()> {
        let closing = down::Closing { code, reason: Text::cut_to_fit(reason) };
        Down::from(closing).encode(0, &mut self.out);
        self.flush().await?;
        let _ = self.send.finish();
        let _ = self.send.stopped().await;
        None
    }
}

impl World {
    /// Accepts a request, or knows it for what it is.
    fn carry_out(
        &mut self,
        session: u64,
        number: u64,
        up: &Up<'_>,
        frame: &[u8],
        manners: &Manners,
    ) -> (u64, bool, Vec<(u64, u16, Happened)>) {
        let known = self.accepted.iter().find(|known| (known.0, known.1) == (session, number));
        if let Some((_, _, sequence, before)) = known.cloned() {
            if before != frame {
                self.offences.push(format!("number {number} came again with another body"));
            }
            // As the exchange does: a bid says nothing again, an offer says that it was offered and sold.
            let again = self.happened.iter().copied().filter(|(of, _, happened)| {
                *of == sequence && matches!(happened, Happened::Offered(_) | Happened::Sold(_))
            });
            return (sequence, true, again.collect());
        }
        self.sequence += 1;
        let sequence = self.sequence;
        self.accepted.push((session, number, sequence, frame.to_vec()));
        let begin = self.happened.len();
        match *up {
            Up::SetBid(dce_protocol::up::SetBid { buyer, profile, amount }) => {
                self.happened.push((sequence, 0, Happened::BidSet(event::BidSet { buyer, profile, amount })));
            }
            Up::OfferCall(offer) => {
                let (seller, call, listing) = (offer.seller, offer.call, offer.listing);
                let sold =
                    event::CallSold { seller, call, buyer: 8, profile: 1, attempt: 1, price: Some(5), payout: Some(4) };
                self.happened.push((sequence, 0, Happened::Offered(event::CallOffered { seller, call, listing })));
                self.happened.push((sequence, 1, Happened::Sold(sold)));
                // Index 2 is somebody else's.
                self.happened.push((sequence, 3, Happened::Dialed(call)));
            }
            _ => {}
        }
        let events = self.happened[begin..].to_vec();
        if self.accepted.len().is_multiple_of(manners.invite_each) {
            self.sequence += 1;
            self.happened.push((self.sequence, 0, Happened::Invited(self.sequence.into())));
        }
        (sequence, false, events)
    }

    /// (sequence, index) of all that happened, in order.
    pub(crate) fn positions(&self) -> Vec<(u64, u16)> {
        self.happened.iter().map(|(sequence, index, _)| (*sequence, *index)).collect()
    }
}
