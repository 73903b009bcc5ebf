//! The task of one stream: reads frames, hands them on, and sees the stream to its end.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use bytes::Bytes;
use dce_protocol::{FRAME_MAX, Fault, Split, split};
use quinn::{RecvStream, SendStream, VarInt};
use tokio::time::{Instant, timeout, timeout_at};

use super::hello::greet;
use super::requests::{Taken, give_up, take};
use super::session::Session;
use super::worker::Worker;
use crate::hub::Phase;
use crate::identity::Fingerprint;

/// Bytes taken from the stream at once.
const CHUNK_BYTES: usize = 64 * 1_024;

/// How reading came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With this code, which the client is told.
    Code(u16),
    /// The client ended the stream, or is gone.
    Gone,
}

impl End {
    /// What the client is told, if it is there.
    pub(super) const fn code(&self) -> Option<u16> {
        match self {
            Self::Code(code) => Some(*code),
            Self::Gone => None,
        }
    }
}

/// The receiving side of a stream, and the beginning of a frame that has not arrived whole.
pub(super) struct Inbound {
    receive: RecvStream,
    carry: Vec<u8>,
    chunk: Bytes,
}

/// Serves a stream from its first byte to its last, on a connection whose client showed a certificate or none. Answers whether its hello was at fault.
pub(super) async fn serve(
    worker: Rc<Worker>,
    send: SendStream,
    receive: RecvStream,
    shown: Option<Fingerprint>,
) -> bool {
    let bytes_max = worker.hub.limits.outbox_bytes_max;
    let session = Rc::new(Session::new(worker.next_id(), send, bytes_max, worker.round.get()));
    worker.sessions.borrow_mut().insert(session.id, Rc::clone(&session));
    let mut inbound = Inbound { receive, carry: Vec::new(), chunk: Bytes::new() };
    let end = {
        let mut talk = pin!(talk(&worker, &session, &mut inbound, shown));
        poll_fn(|context| {
            // Whichever of the two wakes this task, both get their turn: what waits to be written, and what is read.
            if session.poll_flush(context) == Poll::Ready(false) && session.kill.code() == 0 {
                return Poll::Ready(End::Gone);
            }
            let talked = talk.as_mut().poll(context);
            if talked.is_pending() {
                let _ = session.poll_flush(context);
            }
            talked
        })
        .await
    };
    worker.leave(&session);
    session.set_gone();
    if let End::Code(code) = end {
        session.close(code);
        let _ = inbound.receive.stop(VarInt::from_u32(code.into()));
        let until = Instant::now() + worker.hub.limits.farewell_time_max;
        let _ = timeout_at(until, poll_fn(|context| session.poll_flush(context))).await;
        if let Some(outbox) = session.take_outbox() {
            let _ = timeout_at(until, outbox.delivered()).await;
        }
    }
    // Answers still under way find nobody.
    drop(session.take_outbox());
    // A malformed hello, none at all, an unknown version, key or certificate; not what may be otherwise the next time.
    let (range, certificate) =
        (Fault::LengthOutOfRange.code()..=Fault::KeyUnknown.code(), Fault::CertificateUnknown.code());
    let is_at_fault = |code| range.contains(&code) || code == certificate;
    !session.is_joined.get() && matches!(end, End::Code(code) if is_at_fault(code))
}

/// Hello, then one request after the other.
async fn talk(worker: &Rc<Worker>, session: &Rc<Session>, inbound: &mut Inbound, shown: Option<Fingerprint>) -> End {
    let mut killed = pin!(session.kill.told());
    let hello = async {
        match timeout(worker.hub.limits.hello_time_max, greet(worker, session, inbound, shown)).await {
            Ok(greeted) => greeted,
            Err(_) => Err(End::Code(Fault::HelloTimeout.code())),
        }
    };
    let greeted = tokio::select! {
        biased;
        code = &mut killed => Err(End::Code(code)),
        greeted = hello => greeted,
    };
    if let Err(end) = greeted {
        return end;
    }
    let mut phase = worker.hub.phase.subscribe();
    let end = tokio::select! {
        biased;
        code = &mut killed => return End::Code(code),
        end = read(worker, session, inbound) => end,
        _ = phase.wait_for(|phase| *phase == Phase::Draining) => End::Code(Fault::ServerStopping.code()),
    };
    session.forget_unsent();
    if end != End::Gone {
        // What was taken is answered first; the client knows then what it has to send again.
        tokio::select! {
            biased;
            code = killed => return End::Code(code),
            () = session.answered() => {}
            () = tokio::time::sleep(worker.hub.limits.drain_max) => {}
        }
    }
    end
}

/// Reads and hands on frames until the stream ends.
async fn read(worker: &Rc<Worker>, session: &Rc<Session>, inbound: &mut Inbound) -> End {
    loop {
        let taken = take_whole(worker, session, inbound).await;
        worker.end_round();
        if let Err(end) = taken {
            return end;
        }
        if let Err(end) = inbound.more().await {
            return end;
        }
        session.heard.set(worker.round.get());
    }
}

/// Hands on every frame that has arrived whole.
async fn take_whole(worker: &Rc<Worker>, session: &Rc<Session>, inbound: &mut Inbound) -> Result<(), End> {
    while let Some(frame) = inbound.frame().map_err(|fault| End::Code(fault.code()))? {
        match take(worker, session, frame.bytes(inbound)) {
            Taken::Done => {}
            Taken::Wait => wait_for_room(worker, session, frame.bytes(inbound)).await?,
            Taken::End(end) => return Err(end),
        }
        inbound.drop_frame(frame);
    }
    Ok(())
}

/// Tries a frame again until the ring to the exchange has room, or it has taken too long.
async fn wait_for_room(worker: &Rc<Worker>, session: &Rc<Session>, frame: &[u8]) -> Result<(), End> {
    let until = Instant::now() + worker.hub.limits.submit_wait_max;
    while Instant::now() < until {
        worker.end_round();
        let _ = timeout_at(until, worker.moved.notified()).await;
        match take(worker, session, frame) {
            Taken::Done => return Ok(()),
            Taken::End(end) => return Err(end),
            Taken::Wait => {}
        }
    }
    give_up(worker, session, frame)
}

/// Where a whole frame lies.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// At the beginning of the chunk that arrived last.
    Chunk(usize),
    /// Put together from several chunks.
    Carry,
}

impl Place {
    /// The frame's bytes.
    pub(super) fn bytes(self, inbound: &Inbound) -> &[u8] {
        match self {
            Self::Chunk(length) => &inbound.chunk[..length],
            Self::Carry => &inbound.carry,
        }
    }
}

impl Inbound {
    /// The next whole frame, if it has arrived.
    ///
    /// # Errors
    ///
    /// When no frame begins like this.
    pub(super) fn frame(&mut self) -> Result<Option<Place>, Fault> {
        if self.carry.is_empty() {
            match split(&self.chunk) {
                Split::Frame { frame, .. } => return Ok(Some(Place::Chunk(frame.len()))),
                Split::Malformed(fault) => return Err(fault),
                Split::Need(_) if self.chunk.is_empty() => return Ok(None),
                Split::Need(_) => {}
            }
        }
        // The frame began in an earlier chunk, or goes on in a later one: put it together.
        loop {
            match split(&self.carry) {
                Split::Frame { .. } => return Ok(Some(Place::Carry)),
                Split::Malformed(fault) => return Err(fault),
                Split::Need(size) => {
                    let missing = size - self.carry.len();
                    if self.chunk.is_empty() {
                        return Ok(None);
                    }
                    self.carry.reserve(FRAME_MAX);
                    self.carry.extend_from_slice(&self.chunk.split_to(missing.min(self.chunk.len())));
                }
            }
        }
    }

    /// Goes on behind a frame.
    pub(super) fn drop_frame(&mut self, place: Place) {
        match place {
            Place::Chunk(length) => drop(self.chunk.split_to(length)),
            Place::Carry => self.carry.clear(),
        }
    }

    /// Waits for more bytes.
    ///
    /// # Errors
    ///
    /// When the stream has ended.
    pub(super) async fn more(&mut self) -> Result<(), End> {
        match self.receive.read_chunk(CHUNK_BYTES, true).await {
            Ok(Some(chunk)) => {
                self.chunk = chunk.bytes;
                Ok(())
            }
            Ok(None) | Err(_) => Err(End::Gone),
        }
    }
}
