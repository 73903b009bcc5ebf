//! Reads a log while it is written: for `explain` of the past, back-tests and whoever follows it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dce_engine::Exchange;
use dce_engine::ids::Sequence;

use crate::error::LogError;
use crate::faults::Planted;
use crate::folder::lock::Lock;
use crate::replay::{Run, Step};
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

impl<F: Frames> LogReader<F> {
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
