//! The connection's task: dials, greets, reads and writes; when the connection is lost, dials again and resumes.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::BytesMut;
use dce_protocol::{Down, Split, Up, VERSION, split, up};
use quinn::{Connection, RecvStream, SendStream, VarInt};
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, sleep, timeout};

use crate::endpoint::Dialer;
use crate::error::Error;
use crate::inbox::Inbox;
use crate::shared::Shared;
use crate::stop::Stop;

/// Bytes asked of the stream at once.
const CHUNK_BYTES: usize = 64 << 10;
/// While answers are awaited and nothing is written, something is sent so often: a server that has been restarted meanwhile
/// answers it with a reset, and so the loss is known.
const PROBE: Duration = Duration::from_millis(250);
/// The first pause before dialling again, and the longest.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// How long one try may take, the first time and at most: a server that is still starting does not answer the first
/// packets, and one that is far away takes its time.
const TRY_MIN: Duration = Duration::from_secs(2);
const TRY_MAX: Duration = Duration::from_secs(8);
/// A server that has said nothing for so many of its heartbeats is gone.
const SILENT_HEARTBEATS: u32 = 3;

/// The exchange's refusal of a session that is not above all before.
const SESSION_TOO_OLD: u16 = 1204;

/// What the client says of itself, and how patient it is.
#[derive(Debug)]
pub(crate) struct Greeting {
    pub(crate) key: Secret,
    pub(crate) session: u64,
    pub(crate) connect_within: Duration,
    pub(crate) reconnect_within: Duration,
}

/// A key, which does not show itself in debug output.
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// What the server said of this session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) session: u64,
    pub(crate) account: u128,
    pub(crate) role: dce_protocol::KeyRole,
    credit: usize,
    heartbeat: Duration,
}

/// One client's task.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) dialer: Dialer,
    pub(crate) greeting: Greeting,
    pub(crate) shared: Arc<Shared>,
    pub(crate) inbox: Inbox,
}

/// An open, welcomed session.
struct Session {
    connection: Connection,
    send: SendStream,
    receive: RecvStream,
    terms: Terms,
}

/// How serving a session came to its end.
enum Outcome {
    Stopped(Stop),
    Goodbye,
}

impl Link {
    /// Runs until the client is closed or cannot go on. `welcomed` hears of the first welcome.
    pub(crate) async fn run(mut self, welcomed: oneshot::Sender<Result<Terms, Error>>) {
        let patience = self.greeting.connect_within;
        let mut session = match self.connect(Instant::now(), patience, true).await {
            Ok(session) => {
                let _ = welcomed.send(Ok(session.terms));
                session
            }
            Err(error) => {
                self.shared.end(error.clone());
                let _ = welcomed.send(Err(error));
                return;
            }
        };
        let mut in_vain = 0;
        let error = loop {
            let heard = self.inbox.heard();
            let outcome = self.serve(&mut session).await;
            self.inbox.lost();
            match outcome {
                Outcome::Goodbye => {
                    session.connection.close(VarInt::from_u32(0), b"goodbye");
                    break Error::Ended;
                }
                Outcome::Stopped(Stop::Fatal(error)) => {
                    session.connection.close(VarInt::from_u32(error.code().into()), b"");
                    break error;
                }
                Outcome::Stopped(Stop::Forget) => self.inbox.forget(&self.shared.lock()),
                Outcome::Stopped(Stop::Lost(_)) => {}
            }
            session.connection.close(VarInt::from_u32(0), b"");
            // A server that takes us in and throws us out without a word is not hammered.
            in_vain = if self.inbox.heard() == heard { in_vain + 1 } else { 0 };
            if in_vain > 0 {
                sleep(pause(in_vain)).await;
            }
            let patience = self.greeting.reconnect_within;
            session = match self.connect(Instant::now(), patience, false).await {
                Ok(session) => session,
                Err(error) => break error,
            };
        };
        self.shared.end(error);
        self.dialer.drain().await;
    }

    /// Dials until a server welcomes us, for as long as `patience` lasts.
    async fn connect(&mut self, since: Instant, patience: Duration, is_first: bool) -> Result<Session, Error> {
        let mut tries = 0;
        loop {
            let within = (TRY_MIN * (1 << tries.min(2))).min(TRY_MAX);
            let fault = match timeout(within, self.greet()).await {
                Ok(Ok(session)) => return Ok(session),
                // Another program of this account was a moment quicker with a later session: ours has done nothing yet, so
                // it can take a new number.
                Ok(Err(Stop::Fatal(error))) if is_first && error.code() == SESSION_TOO_OLD => {
                    self.greeting.session = new_session().max(self.greeting.session.saturating_add(1));
                    error.to_string()
                }
                Ok(Err(Stop::Fatal(error))) => return Err(error),
                Ok(Err(Stop::Forget)) => {
                    self.inbox.forget(&self.shared.lock());
                    continue;
                }
                Ok(Err(Stop::Lost(error))) => error.to_string(),
                Err(_) => "no answer".to_owned(),
            };
            tries += 1;
            let address = self.dialer.address().to_owned();
            if since.elapsed() + pause(tries) >= patience {
                let seconds = since.elapsed().as_secs();
                return Err(Error::Unreachable { address, seconds, reason: fault });
            }
            tokio::select! {
                () = sleep(pause(tries)) => {}
                () = self.abandoned() => return Err(Error::Ended),
            }
        }
    }

    /// Resolves when the client was closed and nobody waits for an answer.
    async fn abandoned(&self) {
        loop {
            {
                let state = self.shared.lock();
                if state.closing && state.requests.is_empty() {
                    return;
                }
            }
            self.shared.wake.notified().await;
        }
    }

    /// One try: a connection, a stream, hello, welcome.
    async fn greet(&mut self) -> Result<Session, Stop> {
        let connection = self.dialer.dial().await?;
        let (mut send, mut receive) = connection.open_bi().await?;
        let mut bytes = Vec::new();
        let hello = up::Hello {
            version: VERSION,
            session: self.greeting.session,
            resume: self.inbox.position(),
            key: dce_protocol::Key::new(self.greeting.key.0.as_bytes())
                .map_err(|error| Stop::Fatal(Error::TooLarge { reason: format!("the key: {error}") }))?,
        };
        Up::from(hello).encode(0, &mut bytes);
        // Why it cannot be written is said on the other direction.
        let _ = send.write_all(&bytes).await;
        bytes.clear();
        loop {
            match split(&bytes) {
                Split::Frame { frame, rest } => {
                    let (_, frame) = Down::decode(frame).map_err(Stop::misread)?;
                    let terms = self.welcomed(&frame, rest)?;
                    return Ok(Session { connection, send, receive, terms });
                }
                Split::Malformed(fault) => return Err(Stop::misread(fault)),
                Split::Need(_) => {}
            }
            match receive.read_chunk(CHUNK_BYTES, true).await? {
                Some(chunk) => bytes.extend_from_slice(&chunk.bytes),
                None => return Err(Stop::lost("the stream ended before a welcome")),
            }
        }
    }

    fn welcomed(&mut self, frame: &Down<'_>, rest: &[u8]) -> Result<Terms, Stop> {
        match frame {
            Down::Welcome(welcome) => {
                let mut state = self.shared.lock();
                self.inbox.welcome(welcome, &mut state);
                self.inbox.read(rest, &mut state)?;
                Ok(Terms {
                    session: self.greeting.session,
                    account: welcome.account,
                    role: welcome.role,
                    credit: usize::from(welcome.credit).max(1),
                    heartbeat: Duration::from_millis(welcome.heartbeat.max(100).into()),
                })
            }
            Down::Closing(closing) => Err(Stop::closed(closing.code, &closing.reason)),
            _ => Err(Stop::Fatal(Error::protocol("the first frame is no welcome"))),
        }
    }

    async fn serve(&mut self, session: &mut Session) -> Outcome {
        let Session { send, receive, terms, .. } = session;
        let writing = write(&self.shared, send, *terms);
        let reading = read(&self.shared, &mut self.inbox, receive, *terms);
        tokio::select! {
            stop = reading => Outcome::Stopped(stop),
            end = writing => match end {
                // The goodbye is out; the server finishes the stream when it has read it.
                Ok(()) => {
                    let _ = timeout(PAUSE_MAX, read(&self.shared, &mut self.inbox, receive, *terms)).await;
                    Outcome::Goodbye
                }
                // Why the stream cannot be written is said on the other direction, if at all.
                Err(error) => match timeout(PAUSE_MAX, read(&self.shared, &mut self.inbox, receive, *terms)).await {
                    Ok(stop) => Outcome::Stopped(stop),
                    Err(_) => Outcome::Stopped(Stop::Lost(error)),
                },
            },
        }
    }
}

/// Reads until the stream ends.
async fn read(shared: &Shared, inbox: &mut Inbox, receive: &mut RecvStream, terms: Terms) -> Stop {
    loop {
        let chunk = match timeout(terms.heartbeat * SILENT_HEARTBEATS, receive.read_chunk(CHUNK_BYTES, true)).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return Stop::lost("the stream ended"),
            Ok(Err(error)) => return error.into(),
            Err(_) => return Stop::lost("the server fell silent"),
        };
        let mut state = shared.lock();
        if let Err(stop) = inbox.read(&chunk.bytes, &mut state) {
            return stop;
        }
        let wake = state.requests.can_write(terms.credit) || state.closing;
        drop(state);
        if wake {
            shared.wake.notify_one();
        }
    }
}

/// Writes what is asked, and heartbeats; ends with a goodbye once the client is closed and all is answered.
async fn write(shared: &Shared, send: &mut SendStream, terms: Terms) -> Result<(), Error> {
    let mut out = BytesMut::new();
    let mut probe = tokio::time::interval(PROBE.min(terms.heartbeat));
    probe.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut written = Instant::now();
    loop {
        let (goodbye, awaiting) = {
            let mut state = shared.lock();
            state.requests.write(terms.credit, |frame, answered| put(&mut out, frame, answered));
            (state.closing && state.requests.is_empty(), !state.requests.is_empty())
        };
        if goodbye {
            encode(&Up::from(up::Goodbye {}), &mut out);
        }
        if !out.is_empty() {
            write_all(send, &mut out).await?;
            written = Instant::now();
        }
        if goodbye {
            let _ = send.finish();
            return Ok(());
        }
        tokio::select! {
            () = shared.wake.notified() => {}
            _ = probe.tick() => {
                let silence = written.elapsed();
                if awaiting && silence >= PROBE || silence + PROBE >= terms.heartbeat {
                    encode(&Up::from(up::Heartbeat {}), &mut out);
                }
            }
        }
    }
}

async fn write_all(send: &mut SendStream, out: &mut BytesMut) -> Result<(), Error> {
    send.write_chunk(out.split().freeze()).await.map_err(|error| Error::protocol(error.to_string()))
}

fn encode(frame: &Up<'_>, out: &mut BytesMut) {
    let mut bytes = dce_protocol::FrameBuffer::new();
    frame.encode(0, &mut bytes);
    out.extend_from_slice(bytes.as_slice());
}

/// A frame as it was encoded; of a batch only what has no answer yet.
fn put(out: &mut BytesMut, frame: &[u8], answered: usize) {
    if answered == 0 {
        out.extend_from_slice(frame);
        return;
    }
    if let Ok((number, Up::SetBids(batch))) = Up::decode(frame) {
        let left = batch.bids.as_slice().get(answered..).unwrap_or_default();
        if let Ok(bids) = dce_protocol::List::new(left) {
            let mut bytes = dce_protocol::FrameBuffer::new();
            Up::from(up::SetBids { bids, ..batch }).encode(number + answered as u64, &mut bytes);
            out.extend_from_slice(bytes.as_slice());
        }
    }
}

/// A session's number: the time, in microseconds since 1970, so that it is above all before.
pub(crate) fn new_session() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX)
}

/// 20 ms, doubling up to a second.
fn pause(tries: u32) -> Duration {
    (PAUSE_MIN * (1 << tries.min(6))).min(PAUSE_MAX)
}
