//! The stamp of a high-rate command, and the one way in which stamped commands are carried out once.

use crate::exchange::{Done, Exchange, Step};
use crate::ids::SessionId;
use crate::reject::Reject;
use crate::sessions::Stamped;

/// What makes a high-rate command idempotent: the party's session, and a number within it that only rises.
///
/// The same stamp with the same body is known for a retry: the receipt of the first, and no events; with another body it
/// is refused. A session remembers its last [`SESSION_WINDOW`](crate::limits::SESSION_WINDOW) numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The session, opened by [`OpenSession`](super::OpenSession).
    pub session: SessionId,
    /// Above every number accepted before in this session; gaps are fine.
    pub number: u64,
}

impl Stamp {
    /// The `number`th command of `session`.
    #[must_use]
    pub const fn new(session: SessionId, number: u64) -> Self {
        Self { session, number }
    }
}

impl Exchange {
    /// Carries a stamped command of this account out, unless it was accepted before. `carry_out` refuses before it
    /// changes anything; only when it does not is the number used up.
    #[inline]
    pub(super) fn stamped(
        &mut self,
        step: Step,
        (account, stamp): (u32, Stamp),
        fingerprint: u64,
        carry_out: impl FnOnce(&mut Self) -> Result<(), Reject>,
    ) -> Result<Done, Reject> {
        let session = match self.sessions.judge(account, stamp.session, stamp.number, fingerprint)? {
            Stamped::New(session) => session,
            Stamped::Repeated(sequence) => return Ok(Done::Repeated(sequence)),
        };
        carry_out(self)?;
        self.sessions.record(session, stamp.number, fingerprint, step.sequence);
        Ok(Done::Accepted)
    }
}
