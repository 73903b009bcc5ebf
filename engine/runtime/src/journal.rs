//! What makes accepted commands durable, seen from the runtime.

use std::fmt;

use crate::batch::Batch;
use crate::codec::Codec;

/// A log of accepted commands. `Durable` and `Runtime` drive it: append, sync, and only
/// then do the answers leave.
///
/// A fault is final: after one, neither is called again, and nothing that was not yet durable is acknowledged.
pub trait Journal: Send + 'static {
    /// How commands become records in this journal.
    type Codec: Codec;

    /// A codec for a thread that submits or applies commands.
    fn codec(&self) -> Self::Codec;

    /// Takes a batch that follows the last one. It need not survive anything until [`sync`](Self::sync) returns.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    fn append(&mut self, batch: &Batch) -> Result<(), JournalFault>;

    /// Makes everything appended survive a power cut.
    ///
    /// # Errors
    ///
    /// When the device refuses. What was appended since the last sync may be gone: never try again.
    fn sync(&mut self) -> Result<(), JournalFault>;

    /// Whether there is room for new commands. When not, they are refused, and what was applied already can still be
    /// written. Asked after each batch and about ten times a second when idle.
    fn has_room(&mut self) -> bool {
        true
    }

    /// The records that [`quarantine`](Self::quarantine) has noted in this log, in this life or an earlier one: a command
    /// with these very bytes is refused unseen. Asked once, at the start.
    fn quarantined(&mut self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// Notes a record whose application panicked, so that the next start refuses the same command instead of meeting
    /// the panic again. Called at most once, before the runtime ends.
    ///
    /// # Errors
    ///
    /// When the note cannot be written.
    fn quarantine(&mut self, record: &[u8]) -> Result<(), JournalFault> {
        let _ = record;
        Ok(())
    }
}

/// The machine failed, not the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalFault {
    /// What was being done, and to what.
    pub doing: String,
    /// What the system said.
    pub cause: String,
}

impl JournalFault {
    /// `doing` failed because of `cause`.
    pub fn new(doing: impl Into<String>, cause: impl fmt::Display) -> Self {
        Self { doing: doing.into(), cause: cause.to_string() }
    }
}

impl fmt::Display for JournalFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.doing, self.cause)
    }
}

impl std::error::Error for JournalFault {}

/// What an acknowledgement promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Acknowledged commands survive kill -9 and a power cut: an answer leaves after the device said so.
    #[default]
    Always,
    /// Answers leave at once; the device is told every so often. A crash of the process or the machine may take back
    /// what was acknowledged since.
    Interval(std::time::Duration),
    /// Answers leave at once, and the device is told at an orderly end only.
    None,
}
