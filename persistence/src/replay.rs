//! Commands applied again, from frames.

use std::ops::ControlFlow;

use dce_engine::commands::Command;
use dce_engine::ids::Sequence;
use dce_engine::units::Timestamp;
use dce_engine::{Event, Events, Exchange, Genesis};
use dce_runtime::Codec;
use dce_runtime::batch::{ENTRY_HEADER_BYTES, entries};

use crate::anchor::Anchor;
use crate::error::{Damage, LogError, ReplayError};
use crate::faults::Planted;
use crate::frame::{Frame, FrameKind};
use crate::record::{RecordCodec, decode_genesis};
use crate::recovery::{Walked, walk};
use crate::store::Frames;

/// What a replay tells while it runs.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// How far it is.
    Progress(Progress),
    /// A command was applied.
    Replayed(Replayed<'a>),
}

/// How far a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Done up to here.
    pub done: Sequence,
    /// Of this many, within one frame.
    pub of: Sequence,
}

/// A command that was applied again.
#[derive(Clone, Copy, Debug)]
pub struct Replayed<'a> {
    /// Its place in the log.
    pub sequence: Sequence,
    /// When it was applied.
    pub at: Timestamp,
    /// The command.
    pub command: &'a Command<'a>,
    /// What it did.
    pub events: &'a [Event],
    /// The exchange after it.
    pub exchange: &'a Exchange,
}

/// How many frames are read between two tellings of progress.
pub(crate) const PROGRESS_FRAMES: u64 = 256;

/// Who judges a genesis before anything is made from it.
pub(crate) type JudgeGenesis<'a> = &'a dyn Fn(&Genesis) -> Result<(), LogError>;

/// One reading of a log.
#[derive(Debug)]
pub(crate) struct Run<'a, F: Frames> {
    pub(crate) generations: &'a [(u32, F)],
    pub(crate) anchor: Option<&'a Anchor>,
    pub(crate) planted: Planted,
    /// The last sequence that is wanted; nothing for all.
    pub(crate) to: Option<Sequence>,
}

impl<F: Frames> Run<'_, F> {
    /// Applies the whole log. Returns the exchange, how many commands it took, and what the walk found.
    pub(crate) fn whole(
        &self,
        of: Sequence,
        agree: JudgeGenesis<'_>,
        each: &mut dyn FnMut(Step<'_>),
    ) -> Result<(Exchange, u64, Walked), LogError> {
        self.run(of, agree, &mut |step| {
            each(step);
            ControlFlow::Continue(())
        })
    }

    /// Applies the log up to where it is wanted, or to where `each` stops.
    pub(crate) fn until(
        &self,
        of: Sequence,
        each: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
    ) -> Result<Exchange, LogError> {
        self.run(of, &|_| Ok(()), each).map(|(exchange, ..)| exchange)
    }

    fn run(
        &self,
        of: Sequence,
        agree: JudgeGenesis<'_>,
        each: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
    ) -> Result<(Exchange, u64, Walked), LogError> {
        let to = self.to.unwrap_or(Sequence(u64::MAX));
        let of = of.min(to);
        let mut replayer = Replayer::new();
        let mut frames = 0;
        let walked = walk(self.generations, self.anchor, self.planted, &mut |frame| {
            let mut flow = replayer.take(frame, agree, &mut |replayed| {
                let is_last = replayed.sequence >= to;
                let flow = each(Step::Replayed(replayed));
                if is_last { ControlFlow::Break(()) } else { flow }
            })?;
            frames += 1;
            if frames % PROGRESS_FRAMES == 0 && flow.is_continue() {
                flow = each(Step::Progress(Progress { done: frame.header.last(), of }));
            }
            // With nothing behind it that is wanted, the walk ends here.
            Ok(if frame.header.last() >= to { ControlFlow::Break(()) } else { flow })
        })?;
        let commands = replayer.commands;
        let exchange = replayer.exchange.expect("Invariant: a walk begins with the genesis, or fails");
        Ok((exchange, commands, walked))
    }
}

/// Builds an exchange from frames.
#[derive(Debug)]
struct Replayer {
    exchange: Option<Exchange>,
    codec: RecordCodec,
    events: Events,
    commands: u64,
}

impl Replayer {
    fn new() -> Self {
        Self { exchange: None, codec: RecordCodec::default(), events: Events::new(), commands: 0 }
    }

    /// Takes a frame that the walk found good.
    fn take(
        &mut self,
        frame: &Frame<'_>,
        agree: JudgeGenesis<'_>,
        each: &mut dyn FnMut(Replayed<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, LogError> {
        match frame.header.kind {
            FrameKind::Head => self.begin(frame, agree).map(ControlFlow::Continue),
            FrameKind::Entries => self.apply(frame, each),
        }
    }

    fn begin(&mut self, frame: &Frame<'_>, agree: JudgeGenesis<'_>) -> Result<(), LogError> {
        let genesis = decode_genesis(frame.payload).map_err(|error| damaged(frame, Damage::Genesis(error)))?;
        if genesis.log != frame.header.log {
            return Err(damaged(frame, Damage::Head));
        }
        match &self.exchange {
            // The genesis of a later generation repeats the first.
            Some(exchange) if *exchange.genesis() == genesis => Ok(()),
            Some(_) => Err(damaged(frame, Damage::Head)),
            None => {
                agree(&genesis)?;
                self.exchange = Some(Exchange::new(genesis).map_err(LogError::Genesis)?);
                Ok(())
            }
        }
    }

    fn apply(
        &mut self,
        frame: &Frame<'_>,
        each: &mut dyn FnMut(Replayed<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, LogError> {
        check_entries(frame)?;
        let exchange = self.exchange.as_mut().ok_or_else(|| damaged(frame, Damage::Head))?;
        for entry in entries(frame.header.first, frame.payload) {
            let stumbled =
                |why| LogError::Replay { generation: frame.header.generation, sequence: entry.sequence, why };
            let command = self.codec.decode(entry.record).map_err(|error| stumbled(ReplayError::Record(error)))?;
            let receipt = exchange.apply(entry.at, &command, &mut self.events);
            let receipt = receipt.map_err(|reject| stumbled(ReplayError::Refused(reject)))?;
            if receipt.repeated || receipt.sequence != entry.sequence {
                return Err(stumbled(ReplayError::Repeated(receipt.sequence)));
            }
            self.commands += 1;
            let events = self.events.as_slice();
            let replayed = Replayed { sequence: entry.sequence, at: entry.at, command: &command, events, exchange };
            if each(replayed).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Whether a frame holds as many commands as it says, and nothing else.
pub(crate) fn check_entries(frame: &Frame<'_>) -> Result<(), LogError> {
    let (mut count, mut bytes) = (0, 0);
    for entry in entries(frame.header.first, frame.payload) {
        count += 1;
        bytes += entry.record.len() + ENTRY_HEADER_BYTES;
    }
    if count != frame.header.count || bytes != frame.payload.len() {
        return Err(damaged(frame, Damage::Entries));
    }
    Ok(())
}

fn damaged(frame: &Frame<'_>, damage: Damage) -> LogError {
    let header = &frame.header;
    let last_good = (header.kind == FrameKind::Entries).then(|| Sequence(header.first.0 - 1));
    LogError::Damaged { generation: header.generation, key: header.first, last_good, damage }
}
