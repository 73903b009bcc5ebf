//! A connection says which HTTP it speaks within a time: whoever says nothing does not stay.
//!
//! Hyper has bounds on a request's head and on an idle connection, but waits for the first bytes, by which it tells HTTP/2
//! from HTTP/1.1, as long as it takes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// What a client that speaks HTTP/2 begins with (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream whose reading fails when the first bytes take too long.
#[derive(Debug)]
pub(super) struct FirstBytes<S> {
    stream: S,
    /// How much of the preface has come, and the time for the rest; none once it is known what is spoken.
    awaited: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<S> FirstBytes<S> {
    /// `stream`, with so much time to begin.
    pub(super) fn within(time: Duration, stream: S) -> Self {
        Self { stream, awaited: Some((0, Box::pin(sleep(time)))) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FirstBytes<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, awaited } = &mut *self;
        let before = buffer.filled().len();
        let Some((known, time)) = awaited else { return Pin::new(stream).poll_read(context, buffer) };
        if Pin::new(stream).poll_read(context, buffer)?.is_pending() {
            ready!(time.as_mut().poll(context));
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "nothing was said")));
        }
        let came = &buffer.filled()[before..];
        let rest = &PREFACE[*known..];
        *known += came.len().min(rest.len());
        // Anything else is HTTP/1.1, or nonsense; both are hyper's to judge.
        if *known == PREFACE.len() || !rest.starts_with(&came[..came.len().min(rest.len())]) || came.is_empty() {
            *awaited = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FirstBytes<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    const TIME: Duration = Duration::from_millis(50);

    /// What is read of a client that says this, and then nothing for ever.
    async fn read(said: &[u8]) -> io::Result<usize> {
        let (mut client, server) = duplex(64);
        client.write_all(said).await.unwrap();
        let mut stream = FirstBytes::within(TIME, server);
        let mut bytes = [0; 64];
        let mut known = 0;
        let all = async {
            loop {
                known += stream.read(&mut bytes).await?;
            }
        };
        match tokio::time::timeout(TIME * 5, all).await {
            Ok(ended) => ended,
            Err(_) => Ok(known),
        }
    }

    #[tokio::test]
    async fn whoever_says_nothing_or_half_a_preface_is_let_go_and_nobody_else() {
        for slow in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n"] {
            assert_eq!(read(slow).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        }
        for begun in [&b"G"[..], b"POST", PREFACE, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nmore"] {
            assert_eq!(read(begun).await.unwrap(), begun.len());
        }
    }
}
