//! Frames waiting to be read by one client: bounded, written as far as QUIC takes them, one write for many frames.

use std::pin::Pin;
use std::task::{Context, Poll};

use quinn::{SendStream, VarInt};

/// What is kept of the buffer's memory while nothing waits.
const IDLE_BYTES: usize = 16 * 1_024;

/// The sending side of a stream and what waits to go there.
pub(super) struct Outbox {
    send: SendStream,
    bytes: Vec<u8>,
    /// Bytes of `bytes` that QUIC has taken.
    sent: usize,
    bytes_max: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// The last frame is in; the stream ends when all is sent.
    Ending,
    /// The end is sent.
    Ended,
    /// Nothing can be sent any more.
    Lost,
}

/// What became of frames that were put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// They wait, or there is nobody to read them.
    Waits,
    /// More wait than may: the client is too slow.
    TooMuch,
}

impl Outbox {
    pub(super) fn new(send: SendStream, bytes_max: usize) -> Self {
        Self { send, bytes: Vec::new(), sent: 0, bytes_max, state: State::Open }
    }

    /// Appends what `encode` writes.
    pub(super) fn put(&mut self, encode: impl FnOnce(&mut Vec<u8>)) -> Put {
        if self.state != State::Open {
            return Put::Waits;
        }
        encode(&mut self.bytes);
        if self.waiting() > self.bytes_max { Put::TooMuch } else { Put::Waits }
    }

    /// The last frame: the stream ends once it is sent.
    pub(super) fn put_last(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        if self.state == State::Open {
            encode(&mut self.bytes);
            self.state = State::Ending;
        }
    }

    /// Forgets what waits, and tells the client why with `code`.
    pub(super) fn reset(&mut self, code: u16) {
        if self.state == State::Open {
            (self.bytes, self.sent) = (Vec::new(), 0);
            let _ = self.send.reset(VarInt::from_u32(code.into()));
            self.state = State::Lost;
        }
    }

    /// Bytes QUIC has not taken yet.
    pub(super) fn waiting(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Hands QUIC what it takes. Ready when nothing waits: `false` when the client can no longer be reached.
    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        while self.waiting() > 0 {
            match Pin::new(&mut self.send).poll_write(context, &self.bytes[self.sent..]) {
                Poll::Ready(Ok(count)) => self.sent += count,
                Poll::Ready(Err(_)) => {
                    (self.bytes, self.sent) = (Vec::new(), 0);
                    self.state = State::Lost;
                }
                Poll::Pending => {
                    self.make_room();
                    return Poll::Pending;
                }
            }
        }
        self.bytes.clear();
        self.bytes.shrink_to(IDLE_BYTES);
        self.sent = 0;
        if self.state == State::Ending {
            self.state = if self.send.finish().is_ok() { State::Ended } else { State::Lost };
        }
        Poll::Ready(self.state != State::Lost)
    }

    /// Resolves when the client has everything, the end of the stream included, or is gone.
    pub(super) async fn delivered(self) {
        if self.state == State::Ended {
            let _ = self.send.stopped().await;
        }
    }

    /// Moves what waits to the front once most of the buffer was sent.
    fn make_room(&mut self) {
        if self.sent > self.bytes.len() / 2 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }
}
