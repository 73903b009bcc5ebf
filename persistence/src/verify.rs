//! Looks at a log that nobody has open: is it whole, and what did it say?

use std::ops::ControlFlow;
use std::path::Path;

use dce_engine::Exchange;
use dce_engine::ids::{LogId, Sequence};

use crate::disk::Disk;
use crate::error::LogError;
use crate::faults::Planted;
use crate::frame::{FrameHash, FrameKind};
use crate::recovery::{Cut, walk};
use crate::replay::{PROGRESS_FRAMES, Progress, Run, Step, check_entries};

/// A log that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Whose log.
    pub log: LogId,
    /// How many generations there are.
    pub generations: u32,
    /// The last command.
    pub last: Sequence,
    /// How many frames, the genesis included.
    pub frames: u64,
    /// How many bytes those have.
    pub bytes: u64,
    /// The hash of the last frame: two logs with the same are the same.
    pub head: FrameHash,
    /// The last run of a writer.
    pub epoch: u64,
    /// The anchor: the log had been durable up to here.
    pub anchored: Sequence,
    /// The anchor's other slot could not be read.
    pub anchor_slot_lost: bool,
    /// A torn end, which the next start will cut off.
    pub cut: Option<Cut>,
}

/// Checks every frame of the log in `dir`, its chain, and its anchor. Applies nothing and cuts nothing of what it
/// can read; but sled opens its file for it, and overwrites what it takes for the file's torn end. So give it a copy of a
/// log that may be damaged.
///
/// # Errors
///
/// When the log is in use, absent, or damaged.
pub fn verify(dir: impl AsRef<Path>, each: &mut dyn FnMut(Progress)) -> Result<Verified, LogError> {
    let (disk, _) = Disk::open(dir.as_ref(), None, false, Planted::default())?;
    let of = disk.last_key();
    let anchor = disk.anchor.as_ref();
    let mut frames = 0;
    let walked = walk(&disk.generations, anchor.map(|read| &read.anchor), Planted::default(), &mut |frame| {
        if frame.header.kind == FrameKind::Entries {
            check_entries(frame)?;
        }
        frames += 1;
        if frames % PROGRESS_FRAMES == 0 {
            each(Progress { done: frame.header.last(), of });
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Verified {
        log: walked.place.log,
        generations: walked.place.generation,
        last: walked.place.last,
        frames: walked.frames,
        bytes: walked.bytes,
        head: walked.place.hash,
        epoch: anchor.map_or(0, |read| read.anchor.epoch).max(walked.place.epoch),
        anchored: anchor.map_or(Sequence(0), |read| read.anchor.durable),
        anchor_slot_lost: anchor.is_some_and(|read| read.slot_lost),
        cut: walked.cut,
    })
}

/// The exchange of the log in `dir` as it was after `to`, or after its last command. `each` is told every command, and may
/// stop the replay: the exchange is then as it was after that one. A torn end is left out, and left where it is.
///
/// # Errors
///
/// When the log is in use, absent, or damaged, or needs another program.
pub fn replay(
    dir: impl AsRef<Path>,
    to: Option<Sequence>,
    each: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<Exchange, LogError> {
    let (disk, _) = Disk::open(dir.as_ref(), None, false, Planted::default())?;
    let anchor = disk.anchor.map(|read| read.anchor);
    let run = Run { generations: &disk.generations, anchor: anchor.as_ref(), planted: Planted::default(), to };
    run.until(disk.last_key(), each)
}
