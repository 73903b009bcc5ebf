//! Answers: what comes back for a request, and the future of it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::error::Error;
use crate::event::Event;
use crate::ids::Sequence;
use crate::query::{AccountView, CallView, Explanation, Position};
use crate::shared::Waiter;
use crate::units::Timestamp;

/// The exchange accepted a command, and (with the server's durability `always`) it is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its place in the log: of the first time, when it was accepted before.
    pub sequence: Sequence,
    /// When, by the log's clock.
    pub at: Timestamp,
    /// It had been accepted before: this time nothing changed. That is how a request that was sent again after a
    /// connection was lost is answered, too.
    pub repeated: bool,
    /// What it did, in order. For a repeated request what the exchange still says of it; that can be less than the first
    /// time, and nothing at all for bids and reports.
    pub events: Vec<Event>,
}

/// A request on its way: a future of its answer.
///
/// It is sent whether or not this is awaited, in the order of asking, and sent again by itself when the connection is
/// lost. Dropping this only says that nobody wants to know.
#[derive(Debug)]
#[must_use = "await it to learn the answer, or `.forget()` it"]
pub struct Pending<T = Accepted> {
    answer: Result<oneshot::Receiver<Result<Reply, Error>>, Error>,
    read: fn(Reply) -> Result<T, Error>,
}

impl<T> Pending<T> {
    pub(crate) fn new(read: fn(Reply) -> Result<T, Error>) -> (Waiter, Self) {
        let (waiter, answer) = oneshot::channel();
        (waiter, Self { answer: Ok(answer), read })
    }

    pub(crate) const fn failed(error: Error) -> Self {
        Self { answer: Err(error), read: |_| Err(Error::Ended) }
    }

    /// Does not want to know.
    pub fn forget(self) {}
}

impl<T> Future for Pending<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let read = self.read;
        match &mut self.answer {
            Ok(answer) => Pin::new(answer).poll(context).map(|answer| match answer {
                Ok(Ok(reply)) => read(reply),
                Ok(Err(error)) => Err(error),
                // The task is gone, with the runtime it ran on.
                Err(_) => Err(Error::Ended),
            }),
            Err(error) => Poll::Ready(Err(error.clone())),
        }
    }
}

/// An answer of any kind, on its way from the connection to the one who asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Accepted(Accepted),
    Account(AccountView),
    Call(CallView),
    Explained(Explanation),
    Position(Position),
}

macro_rules! read_as {
    ($($function:ident: $variant:ident => $type:ty,)+) => {
        impl Reply {
            $(pub(crate) fn $function(self) -> Result<$type, Error> {
                if let Self::$variant(answer) = self { Ok(answer) } else { Err(other_kind()) }
            })+
        }
    };
}

read_as! {
    accepted: Accepted => Accepted,
    account: Account => AccountView,
    call: Call => CallView,
    explained: Explained => Explanation,
    position: Position => Position,
}

fn other_kind() -> Error {
    Error::protocol("an answer of another kind than the request")
}
