//! A waker is its caller's own code, run on the publisher's thread: one that panics costs its caller a wake-up, and
//! nobody else anything.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

use crate::judge::message_of;

/// Wakes, and keeps the waker for the next time unless it panics.
pub(crate) fn wake(kept: &mut Option<Waker>) {
    // By reference: what is woken by value may be dropped while it unwinds, and a second panic would end the process.
    if let Some(waker) = kept
        && !contain("a waker panicked and is not called again", || waker.wake_by_ref())
    {
        let_go(kept);
    }
}

/// Drops a waker.
pub(crate) fn let_go(kept: &mut Option<Waker>) {
    if let Some(waker) = kept.take() {
        contain("a waker panicked when it was dropped", || drop(waker));
    }
}

/// Runs a caller's code. Returns whether it came to its end.
fn contain(what: &'static str, run: impl FnOnce()) -> bool {
    let ended = catch_unwind(AssertUnwindSafe(run));
    ended.inspect_err(|panic| tracing::error!(message = message_of(panic.as_ref()), "{what}")).is_ok()
}
