//! Why a log cannot be opened, verified or replayed: where, and what to do.

use std::path::PathBuf;

use dce_engine::genesis::GenesisError;
use dce_engine::ids::{LogId, Sequence};
use dce_engine::reject::Reject;
use dce_runtime::{CodecError, JournalFault};

use crate::frame::{FrameError, FrameHash};

const RESTORE: &str = "restore the directory from a copy, and keep this one for whoever looks into it";

/// Why a log cannot be opened, verified or replayed. A log is refused as a whole; it is never silently shortened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// Another process, or another part of this one, has the log open.
    #[error("{} is in use{}: stop that process, or choose another directory", .dir.display(), by_process(*.holder))]
    InUse {
        /// The data directory.
        dir: PathBuf,
        /// The number of the process, if it could be read.
        holder: Option<u32>,
    },
    /// There is no log, and none was asked to be made.
    #[error("there is no log in {}: check the path", .dir.display())]
    NoLog {
        /// The data directory.
        dir: PathBuf,
    },
    /// A frame is not what was written.
    #[error("the log is damaged in generation {generation} at key {}: {damage}; {}; {RESTORE}", .key.0, good(*.last_good))]
    Damaged {
        /// Which generation.
        generation: u32,
        /// The key of the frame, or of the first that is missing.
        key: Sequence,
        /// The last sequence before it that is whole and in its place, if there is one.
        last_good: Option<Sequence>,
        /// What is wrong with it.
        damage: Damage,
    },
    /// Frames at the end are missing that had been durable.
    #[error(
        "the log ends too early: the last good sequence is {} in generation {generation}, and it had been durable up to \
         {}; {RESTORE}", .last_good.0, .durable.0
    )]
    TooShort {
        /// The generation that ends too early.
        generation: u32,
        /// Its last sequence.
        last_good: Sequence,
        /// What the anchor says.
        durable: Sequence,
    },
    /// A whole generation is missing.
    #[error("generation {generation} of the log is missing from {}: {RESTORE}", .dir.display())]
    GenerationMissing {
        /// The data directory.
        dir: PathBuf,
        /// Which one.
        generation: u32,
    },
    /// The anchor names another frame than the log holds at that place.
    #[error(
        "the anchor names frame {anchored} as the one that ends at sequence {}, and the log has {} there: one of the two \
         was restored without the other; {RESTORE}", .durable.0, found_hash(*.found)
    )]
    AnchorDisagrees {
        /// Where the anchor lies.
        durable: Sequence,
        /// The hash in the anchor.
        anchored: FrameHash,
        /// The hash of the log's frame there; nothing when no frame ends there.
        found: Option<FrameHash>,
    },
    /// The anchor is another log's.
    #[error(
        "the anchor is that of log {:032x}, and the log is {:032x}: one of the two was restored without the other; \
         {RESTORE}", .anchored.0, .found.0
    )]
    AnchorForeign {
        /// Whose anchor it is.
        anchored: LogId,
        /// Whose log it is.
        found: LogId,
    },
    /// There is no anchor, or none that can be read, so nobody can tell whether the log is whole.
    #[error(
        "{why}: whether the log in {} is whole cannot be told; restore the directory from a copy, or accept the log as it \
         stands by saying so (`accept_lost_anchor`)", .dir.display()
    )]
    AnchorLost {
        /// The data directory.
        dir: PathBuf,
        /// What became of it.
        why: &'static str,
    },
    /// The log was written by a newer program.
    #[error("{what} was written by a newer program (version {version}): use that program")]
    Newer {
        /// What was.
        what: &'static str,
        /// Its version.
        version: u8,
    },
    /// What is configured is not what the log was made with.
    #[error(
        "the log in {} was made with {field} {log}, and {asked} is configured: configure {log}, or start another log in \
         another directory", .dir.display()
    )]
    Disagrees {
        /// The data directory.
        dir: PathBuf,
        /// Which part of the genesis.
        field: &'static str,
        /// The log's value.
        log: String,
        /// The configured one.
        asked: String,
    },
    /// No exchange can be made from this genesis.
    #[error("no exchange can be made of this genesis: {0}")]
    Genesis(GenesisError),
    /// The record is whole and this program makes something else of it than the one that wrote it.
    #[error(
        "sequence {} in generation {generation} cannot be replayed: {why}; its bytes are whole, so this program is not the \
         one that wrote them: use that one, and report this", .sequence.0
    )]
    Replay {
        /// Which generation.
        generation: u32,
        /// Which command.
        sequence: Sequence,
        /// What happened.
        why: ReplayError,
    },
    /// The quarantine cannot be read.
    #[error(
        "the quarantine in {} cannot be read ({cause}): restore it from a copy, or move it away to accept its commands \
         again", .dir.display()
    )]
    Quarantine {
        /// The data directory.
        dir: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The store could not read what it holds.
    #[error("generation {generation} of the log cannot be read: {fault}; {}; {RESTORE}", good(*.last_good))]
    Store {
        /// Which generation.
        generation: u32,
        /// The last sequence that was read, or that can still be followed to in its file.
        last_good: Option<Sequence>,
        /// What the store said.
        fault: JournalFault,
    },
    /// The system refused something that is no fault of the log.
    #[error("{0}: check the path, its rights and the free space")]
    System(JournalFault),
}

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// Its bytes are no frame.
    #[error("{0}")]
    Unreadable(FrameError),
    /// It belongs to another log.
    #[error("it is a frame of another log")]
    Foreign,
    /// It lies under another key than its first sequence, or in another generation than it says.
    #[error("it lies where another frame belongs")]
    Misplaced,
    /// Frames before it are missing.
    #[error("the frames from here to the next key {} are missing", .next.0)]
    Gap {
        /// The next key there is.
        next: Sequence,
    },
    /// It repeats sequences of the frame before it.
    #[error("it repeats what the frame before it holds")]
    Overlap,
    /// It follows another frame than the one before it.
    #[error("it does not follow the frame before it")]
    Chain,
    /// It was written by an earlier run than the frame before it, or claims that it was durable before it was written.
    #[error("it was not written after the frame before it")]
    Order,
    /// The generation does not begin with its genesis, or has another one further on.
    #[error("the genesis is missing, or in the wrong place")]
    Head,
    /// Its commands are not as many, or not as long, as its header says.
    #[error("its commands are not those its header counts")]
    Entries,
    /// The genesis in it cannot be read.
    #[error("its genesis cannot be read: {0}")]
    Genesis(CodecError),
}

/// What a replay stumbled over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The record is unknown to this program.
    #[error("{0}")]
    Record(CodecError),
    /// The exchange refused what it had accepted.
    #[error("the command was accepted then and is refused now ({0})")]
    Refused(Reject),
    /// The exchange took it for a repeat, or gave it another place.
    #[error("the command was new then and is taken for the one at sequence {} now", .0.0)]
    Repeated(Sequence),
}

/// What kind of trouble an error is: one exit code each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Somebody else has the log open: [`LogError::InUse`].
    InUse,
    /// There is no such log: [`LogError::NoLog`].
    Missing,
    /// The log is not whole, or cannot be known to be.
    Damaged,
    /// The configuration disagrees with the log, or no exchange can be made from it.
    Disagrees,
    /// The log needs another program.
    Newer,
    /// The system refused: path, rights, space, device.
    System,
}

impl LogError {
    /// What kind of trouble it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::InUse { .. } => ErrorKind::InUse,
            Self::NoLog { .. } => ErrorKind::Missing,
            Self::Damaged { .. }
            | Self::TooShort { .. }
            | Self::GenerationMissing { .. }
            | Self::AnchorDisagrees { .. }
            | Self::AnchorForeign { .. }
            | Self::AnchorLost { .. }
            | Self::Quarantine { .. }
            | Self::Store { .. } => ErrorKind::Damaged,
            Self::Disagrees { .. } | Self::Genesis(_) => ErrorKind::Disagrees,
            Self::Newer { .. } | Self::Replay { .. } => ErrorKind::Newer,
            Self::System(_) => ErrorKind::System,
        }
    }
}

fn by_process(process: Option<u32>) -> String {
    process.map_or_else(String::new, |process| format!(" by process {process}"))
}

fn good(last: Option<Sequence>) -> String {
    last.map_or_else(|| String::from("no sequence is good"), |last| format!("the last good sequence is {}", last.0))
}

fn found_hash(hash: Option<FrameHash>) -> String {
    hash.map_or_else(|| String::from("none that ends"), |hash| hash.to_string())
}
