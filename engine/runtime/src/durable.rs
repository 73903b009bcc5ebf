//! Engine and journal on one thread: each call returns when its commands are durable. No threads, no rings.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use dce_engine::commands::{Command, Tick};
use dce_engine::event::{Event, Events};
use dce_engine::ids::Sequence;
use dce_engine::limits::EVENTS_MAX;
use dce_engine::reject::Reject;
use dce_engine::units::Timestamp;
use dce_engine::{Exchange, Receipt};

use crate::batch::Batch;
use crate::clock::{ClockFault, SystemClock};
use crate::codec::Codec;
use crate::journal::{Durability, Journal, JournalFault};
use crate::refusal::Refusal;
use crate::sequencer::Sequencer;

/// An exchange whose accepted commands are in a journal before anybody hears of them.
///
/// What is applied is the command as its record says it, so a replay sees exactly what was seen now.
pub struct Durable<J: Journal> {
    exchange: Exchange,
    journal: J,
    codec: J::Codec,
    durability: Durability,
    sequencer: Option<Sequencer>,
    on_tick: Box<HearTick>,
    quarantined: Vec<Vec<u8>>,
    batch: Batch,
    record: Vec<u8>,
    events: Events,
    staged: Staged,
    unsynced: Option<Instant>,
    /// A call began and did not come to its commit: what it applied may not be in the journal.
    has_failed: bool,
}

/// Why a command was not applied, or not made durable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurableError {
    /// The command was refused. Nothing changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The journal failed. Whether the command survives is not known: drop this value, and recover from the journal.
    #[error("the journal failed; drop the exchange and recover it from the journal: {0}")]
    Journal(#[from] JournalFault),
    /// An earlier call failed, or panicked before its commit: nothing is applied any more.
    #[error("an earlier call failed or panicked; drop the exchange and recover it from the journal")]
    Failed,
}

/// Who hears what a tick did: its place, its time, its events.
type HearTick = dyn FnMut(Sequence, Timestamp, &[Event]) + Send;

/// Who hears an answer and its events.
pub type HearAnswer<'a> = dyn FnMut(Result<Receipt, Refusal>, &[Event]) + 'a;

/// What was applied and may not be told yet.
#[derive(Debug, Default)]
struct Staged {
    told: Vec<Told>,
    events: Vec<Event>,
}

#[derive(Debug)]
struct Told {
    what: What,
    events: Range<usize>,
}

#[derive(Debug)]
enum What {
    Tick(Sequence, Timestamp),
    Answer(Result<Receipt, Refusal>),
}

impl<J: Journal> Durable<J> {
    /// The exchange as the journal's log left it, and the journal.
    pub fn new(exchange: Exchange, mut journal: J) -> Self {
        Self {
            exchange,
            codec: journal.codec(),
            quarantined: journal.quarantined(),
            journal,
            durability: Durability::Always,
            sequencer: None,
            on_tick: Box::new(|_, _, _| {}),
            batch: Batch::default(),
            record: Vec::new(),
            events: Events::new(),
            staged: Staged::default(),
            unsynced: None,
            has_failed: false,
        }
    }

    /// With another promise. [`Durability::Interval`] is kept by the calls that come: without one nothing is synced.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// With somebody who hears what ticks did: auctions closed, ringing timed out, calls sealed.
    #[must_use]
    pub fn on_tick(mut self, hear: impl FnMut(Sequence, Timestamp, &[Event]) + Send + 'static) -> Self {
        self.on_tick = Box::new(hear);
        self
    }

    /// Log time by the host's clock: for those who have no time of their own to say.
    ///
    /// # Errors
    ///
    /// At the first call, when an operator has to judge the clock. Say the time yourself to go on in spite of it.
    pub fn now(&mut self) -> Result<Timestamp, ClockFault> {
        if let Some(sequencer) = &mut self.sequencer {
            return Ok(sequencer.now());
        }
        let mut sequencer = Sequencer::start(Box::new(SystemClock::new()), self.exchange.last_time(), false)?;
        let now = sequencer.now();
        self.sequencer = Some(sequencer);
        Ok(now)
    }

    /// Applies a command, and what is due before it, and makes both durable. `events` then holds what the command did:
    /// nothing after a refusal. What was due is told to [`on_tick`](Self::on_tick) only.
    ///
    /// # Errors
    ///
    /// The refusal; or the journal's fault, after which `events` is untouched and nothing is applied any more.
    pub fn apply(
        &mut self,
        at: Timestamp,
        command: &Command<'_>,
        events: &mut Events,
    ) -> Result<Receipt, DurableError> {
        if events.capacity() < EVENTS_MAX {
            return Err(Refusal::Rejected(Reject::SinkTooSmall).into());
        }
        self.begin()?;
        let result = self.stage(at, command);
        if result.is_err() && !self.events.is_empty() {
            // The engine was not asked, and a tick was the last to fill the sink, which only the engine empties.
            self.events = Events::new();
        }
        let staged = self.commit()?;
        self.tell(&staged, &mut |_, _| {});
        self.staged = staged;
        // The sink of the last apply is the command's.
        std::mem::swap(events, &mut self.events);
        Ok(result?)
    }

    /// Applies many commands at one time and makes them durable together. `each` hears every answer, in order, once all
    /// of them are durable.
    ///
    /// # Errors
    ///
    /// The journal's fault, after which nobody has heard anything and nothing is applied any more.
    pub fn apply_all<'c>(
        &mut self,
        at: Timestamp,
        commands: impl IntoIterator<Item = Command<'c>>,
        each: &mut HearAnswer<'_>,
    ) -> Result<(), DurableError> {
        self.begin()?;
        for command in commands {
            let result = self.stage(at, &command);
            let events = if result.is_ok() { self.events.as_slice() } else { &[] };
            self.staged.push(What::Answer(result), events);
        }
        let staged = self.commit()?;
        self.tell(&staged, each);
        self.staged = staged;
        Ok(())
    }

    /// Applies what is due at a time, and makes it durable.
    ///
    /// # Errors
    ///
    /// The journal's fault.
    pub fn tick(&mut self, at: Timestamp) -> Result<(), DurableError> {
        self.begin()?;
        self.tick_until(at);
        let staged = self.commit()?;
        self.tell(&staged, &mut |_, _| {});
        self.staged = staged;
        Ok(())
    }

    /// The exchange, to be looked at: [`Exchange::account`], [`Exchange::explain`], a clone for a what-if.
    pub const fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// Makes everything durable and gives back what it was made of.
    ///
    /// # Errors
    ///
    /// The journal's fault.
    pub fn close(mut self) -> Result<(Exchange, J), DurableError> {
        self.begin()?;
        if self.unsynced.is_some() {
            self.journal.sync()?;
        }
        Ok((self.exchange, self.journal))
    }

    fn begin(&mut self) -> Result<(), DurableError> {
        self.batch.clear();
        self.staged.told.clear();
        self.staged.events.clear();
        // Until the commit: should a caller's iterator panic, what was applied is not in the journal.
        if std::mem::replace(&mut self.has_failed, true) { Err(DurableError::Failed) } else { Ok(()) }
    }

    /// Applies what is due and then the command, into the batch.
    fn stage(&mut self, at: Timestamp, command: &Command<'_>) -> Result<Receipt, Refusal> {
        self.tick_until(at);
        self.record.clear();
        self.codec.encode(command, &mut self.record);
        if self.quarantined.contains(&self.record) {
            return Err(Refusal::Quarantined);
        }
        if !self.journal.has_room() {
            return Err(Refusal::JournalFull);
        }
        let command = self.codec.decode(&self.record).map_err(|_| Refusal::Unreadable)?;
        let applied = catch_unwind(AssertUnwindSafe(|| self.exchange.apply(at, &command, &mut self.events)));
        let receipt = match applied {
            Ok(applied) => applied?,
            Err(panic) => {
                // A second fault changes nothing: the panic is what is told.
                let _ = self.journal.quarantine(&self.record);
                resume_unwind(panic)
            }
        };
        if !receipt.repeated {
            self.batch.push(receipt.sequence, at, &self.record);
        }
        Ok(receipt)
    }

    fn tick_until(&mut self, at: Timestamp) {
        while self.exchange.next_deadline().is_some_and(|deadline| deadline <= at) {
            let tick = Command::Tick(Tick);
            // A time before the last one fires nothing: the command that comes with it is refused for it.
            let Ok(receipt) = self.exchange.apply(at, &tick, &mut self.events) else { return };
            self.record.clear();
            self.codec.encode(&tick, &mut self.record);
            self.batch.push(receipt.sequence, at, &self.record);
            self.staged.push(What::Tick(receipt.sequence, at), &self.events);
        }
    }

    /// Makes the batch durable; what was staged may then be told.
    fn commit(&mut self) -> Result<Staged, DurableError> {
        let written = self.write();
        self.has_failed = written.is_err();
        written?;
        Ok(std::mem::take(&mut self.staged))
    }

    fn write(&mut self) -> Result<(), JournalFault> {
        if !self.batch.is_empty() {
            self.journal.append(&self.batch)?;
            self.unsynced.get_or_insert_with(Instant::now);
        }
        let is_time = match self.durability {
            Durability::Always => true,
            Durability::Interval(interval) => self.unsynced.is_some_and(|since| since.elapsed() >= interval),
            Durability::None => false,
        };
        if is_time && self.unsynced.is_some() {
            self.journal.sync()?;
            self.unsynced = None;
        }
        Ok(())
    }

    fn tell(&mut self, staged: &Staged, each: &mut HearAnswer<'_>) {
        for Told { what, events } in &staged.told {
            let events = &staged.events[events.clone()];
            match *what {
                What::Tick(sequence, at) => (self.on_tick)(sequence, at, events),
                What::Answer(result) => each(result, events),
            }
        }
    }
}

impl Staged {
    fn push(&mut self, what: What, events: &[Event]) {
        let start = self.events.len();
        self.events.extend_from_slice(events);
        self.told.push(Told { what, events: start..self.events.len() });
    }
}

impl<J: Journal> std::fmt::Debug for Durable<J> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Durable")
            .field("sequence", &self.exchange.sequence())
            .field("durability", &self.durability)
            .finish_non_exhaustive()
    }
}
