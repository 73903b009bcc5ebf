//! Reads a log while it is written: for `explain` of the past, back-tests and whoever follows it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dce_engine::Exchange;
use dce_engine::commands::Command;
use dce_engine::ids::Sequence;
use dce_engine::units::Timestamp;
use dce_runtime::Codec;
use dce_runtime::batch::entries;

use crate::error::{Damage, LogError, ReplayError};
use crate::faults::Planted;
use crate::folder::lock::Lock;
use crate::frame::{Frame, FrameKind};
use crate::record::RecordCodec;
use crate::replay::{Run, Step, check_entries};
use crate::store::Frames;
use crate::store::sled::SledFrames;

/// Reads a log up to what is durable. Cheap to clone, and as good from another thread.
///
/// The log stays open, and locked for others, as long as one of these lives.
#[derive(Clone, Debug)]
pub struct LogReader<F: Frames = SledFrames> {
    generations: Vec<(u32, F)>,
    durable: Arc<AtomicU64>,
    /// While somebody reads, nobody else opens the log.
    _lock: Option<Arc<Lock>>,
}

/// A command as it lies in the log, not applied.
#[derive(Clone, Copy, Debug)]
pub struct Logged<'a> {
    /// Its place.
    pub sequence: Sequence,
    /// When it was applied.
    pub at: Timestamp,
    /// The command.
    pub command: &'a Command<'a>,
}

/// Reads a log that grows, each command once, from some place on. It applies nothing, so it costs little.
#[derive(Debug)]
pub struct LogFollower<F: Frames = SledFrames> {
    generation: u32,
    frames: F,
    codec: RecordCodec,
    /// The last sequence that was handed out: always the last of a frame.
    last: Sequence,
    _lock: Option<Arc<Lock>>,
}

impl<F: Frames> LogReader<F> {
    /// Follows the log after `last`, which must be the last command of an opened log, or of a replay to its end: a place
    /// where a frame ends.
    ///
    /// # Panics
    ///
    /// Never: a log that is open has a generation.
    #[must_use]
    pub fn follow(&self, last: Sequence) -> LogFollower<F> {
        let (generation, frames) = self.generations.last().expect("Invariant: an open log has a generation");
        let (generation, frames) = (*generation, frames.clone());
        LogFollower { generation, frames, codec: RecordCodec::default(), last, _lock: self._lock.clone() }
    }

    pub(crate) const fn new(generations: Vec<(u32, F)>, durable: Arc<AtomicU64>, lock: Option<Arc<Lock>>) -> Self {
        Self { generations, durable, _lock: lock }
    }

    /// The last sequence that survives a power cut, and so the last that is read.
    #[must_use]
    pub fn durable(&self) -> Sequence {
        Sequence(self.durable.load(Ordering::Acquire))
    }

    /// The exchange as it was after `to`, or after the last durable command if nothing is asked for or that comes
    /// earlier. `each` is told every command, and may stop the replay: the exchange is then as it was after that one.
    ///
    /// # Errors
    ///
    /// When the log is damaged, or cannot be read.
    pub fn replay(
        &self,
        to: Option<Sequence>,
        each: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
    ) -> Result<Exchange, LogError> {
        let durable = self.durable();
        let to = to.map_or(durable, |to| to.min(durable));
        let run = Run { generations: &self.generations, anchor: None, planted: Planted::default(), to: Some(to) };
        run.until(to, each)
    }
}

impl<F: Frames> LogFollower<F> {
    /// The last command that was handed out.
    #[must_use]
    pub const fn last(&self) -> Sequence {
        self.last
    }

    /// Hands out the commands that were written since, in whole frames that end at `up_to` or before. Ask for what somebody
    /// was told of: what is written beyond that may not be durable. What is not there yet comes at a later call.
    ///
    /// # Errors
    ///
    /// When the log is damaged, or cannot be read. What was handed out before stays read.
    pub fn read(&mut self, up_to: Sequence, each: &mut dyn FnMut(Logged<'_>)) -> Result<(), LogError> {
        if self.last >= up_to {
            return Ok(());
        }
        let Self { generation, frames, codec, last, .. } = self;
        let mut failed = None;
        let scanned = frames.scan(Sequence(last.0 + 1), &mut |key, bytes| match hand_out(
            *generation,
            key,
            bytes,
            up_to,
            (codec, last),
            each,
        ) {
            Ok(flow) => flow,
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let last_good = Some(self.last);
        scanned.map_err(|fault| LogError::Store { generation: self.generation, last_good, fault })
    }
}

/// Hands out one frame, which must be the next, unless it ends beyond `up_to`.
fn hand_out(
    generation: u32,
    key: Sequence,
    bytes: &[u8],
    up_to: Sequence,
    (codec, last): (&mut RecordCodec, &mut Sequence),
    each: &mut dyn FnMut(Logged<'_>),
) -> Result<ControlFlow<()>, LogError> {
    let damaged = |damage| LogError::Damaged { generation, key, last_good: Some(Sequence(key.0 - 1)), damage };
    if key.0 != last.0 + 1 {
        return Err(damaged(Damage::Gap { next: key }));
    }
    let frame = Frame::read(bytes).map_err(|error| damaged(Damage::Unreadable(error)))?;
    if frame.header.first != key || frame.header.kind != FrameKind::Entries {
        return Err(damaged(Damage::Misplaced));
    }
    if frame.header.last() > up_to {
        return Ok(ControlFlow::Break(()));
    }
    check_entries(&frame)?;
    for entry in entries(frame.header.first, frame.payload) {
        let sequence = entry.sequence;
        let command = codec.decode(entry.record);
        let command =
            command.map_err(|error| LogError::Replay { generation, sequence, why: ReplayError::Record(error) })?;
        each(Logged { sequence, at: entry.at, command: &command });
    }
    *last = frame.header.last();
    Ok(if *last >= up_to { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
}
