//! The journal's thread: takes a batch, appends it, makes it durable, says so, gives it back.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use dce_engine::ids::Sequence;
use rtrb::{Consumer, Producer};

use crate::batch::Batch;
use crate::bell::Idle;
use crate::gauges::count;
use crate::journal::{Durability, Journal, JournalFault};
use crate::passage::{Commit, Committed};
use crate::pipe::Work;
use crate::shared::{Failure, Phase, Shared};

/// How often the journal is asked for room when nothing else is. The host's clock is looked at as often.
const ROOM_EVERY: Duration = Duration::from_millis(100);

/// How long a batch is kept after it was appended when nobody waits for the device, so that more comes together in the
/// next and fewer appends wake fewer threads. Only a writer whose other batch is full notices.
const LINGER: Duration = Duration::from_millis(1);

/// The journal with the ends of the pipe.
pub(crate) struct Committer<J> {
    pub(crate) journal: J,
    pub(crate) work: Consumer<Work>,
    pub(crate) back: Producer<Batch>,
    /// To the publisher, of batches with marked commands.
    pub(crate) commits: Producer<Committed>,
    pub(crate) durability: Durability,
    /// Steps of the host's clock that were warned of.
    pub(crate) clock_steps: u64,
    pub(crate) shared: Arc<Shared>,
}

/// What was appended and not yet synced.
#[derive(Clone, Copy, Debug)]
struct Unsynced {
    last: Sequence,
    since: Instant,
}

impl<J: Journal> Committer<J> {
    /// Runs until the writer is gone and all is durable, or until something fails. Closes the journal.
    pub(crate) fn run(mut self) {
        if let Err(fault) = self.commit_all() {
            tracing::error!(%fault, "the journal failed; nothing undurable was acknowledged");
            self.shared.fail(Failure::Journal(fault));
        }
    }

    fn commit_all(&mut self) -> Result<(), JournalFault> {
        let mut idle = Idle::sharing();
        let (mut unsynced, mut room_asked) = (None::<Unsynced>, Instant::now());
        loop {
            if self.shared.phase() == Phase::Failed {
                return Ok(());
            }
            // Asked before the ring is looked at: what was sent before the end is in it by then.
            let is_abandoned = self.work.is_abandoned();
            match self.work.pop() {
                Ok(Work::Commit(batch)) => {
                    self.commit(batch, &mut unsynced)?;
                    idle.reset();
                }
                Ok(Work::Quarantine(record)) => self.quarantine(&record)?,
                Err(_) if is_abandoned => break,
                Err(_) => self.wait(&mut idle, unsynced),
            }
            if let (Some(waiting), Durability::Interval(interval)) = (unsynced, self.durability)
                && waiting.since.elapsed() >= interval
            {
                self.sync(waiting.last)?;
                unsynced = None;
            }
            if room_asked.elapsed() >= ROOM_EVERY {
                self.ask_room();
                self.warn_of_steps();
                room_asked = Instant::now();
            }
        }
        // An orderly end is durable, whatever was promised.
        unsynced.map_or(Ok(()), |waiting| self.sync(waiting.last))
    }

    /// Until there is something to commit, or time to sync or to ask for room.
    fn wait(&self, idle: &mut Idle, unsynced: Option<Unsynced>) {
        let timeout = match (unsynced, self.durability) {
            (Some(waiting), Durability::Interval(interval)) => interval.saturating_sub(waiting.since.elapsed()),
            _ => ROOM_EVERY,
        };
        idle.wait(&self.shared.bells.journal, timeout.min(ROOM_EVERY), || {
            !self.work.is_empty() || self.work.is_abandoned() || self.shared.phase() == Phase::Failed
        });
    }

    fn commit(&mut self, batch: Batch, unsynced: &mut Option<Unsynced>) -> Result<(), JournalFault> {
        let start = Instant::now();
        let last = batch.last();
        self.journal.append(&batch)?;
        if self.durability == Durability::Always {
            self.journal.sync()?;
            if batch.is_marked() {
                let commit = Commit { begun: start, durable: Instant::now() };
                // What finds no room is not told; the publisher is far behind then.
                let _ = self.commits.push(Committed { first: batch.first(), last, commit });
            }
            // Last: the publisher looks for the above once it sees this.
            self.shared.set_durable(last);
        } else {
            let since = unsynced.map_or(start, |waiting| waiting.since);
            *unsynced = Some(Unsynced { last, since });
        }
        let gauges = &self.shared.gauges.journal;
        count(&gauges.commits, 1);
        count(&gauges.bytes, batch.as_bytes().len() as u64);
        gauges.latency.record(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
        if self.durability != Durability::Always {
            std::thread::sleep(LINGER);
        }
        let given = self.back.push(batch);
        debug_assert!(given.is_ok(), "Invariant: there is a place for each batch");
        self.shared.bells.writer.ring();
        self.ask_room();
        Ok(())
    }

    fn sync(&mut self, last: Sequence) -> Result<(), JournalFault> {
        self.journal.sync()?;
        self.shared.set_durable(last);
        Ok(())
    }

    fn quarantine(&mut self, record: &[u8]) -> Result<(), JournalFault> {
        self.journal.quarantine(record)?;
        self.shared.note_quarantined();
        Ok(())
    }

    /// Warns of steps of the host's clock: here, because the writer has better to do than to write logs.
    fn warn_of_steps(&mut self) {
        let gauges = &self.shared.gauges.writer;
        let steps = gauges.clock_steps.load(Ordering::Acquire);
        if steps > self.clock_steps {
            let micros = gauges.clock_step_micros.load(Ordering::Relaxed);
            tracing::warn!(steps, micros, "the host's clock stepped by {micros} µs; log time goes on as it was");
            self.clock_steps = steps;
        }
    }

    fn ask_room(&mut self) {
        let has_room = self.journal.has_room();
        if self.shared.has_room.swap(has_room, Ordering::Relaxed) != has_room {
            if has_room {
                tracing::info!("the journal has room again; new commands are taken");
            } else {
                tracing::warn!("the journal's reserve is reached; new commands are refused until there is room");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryJournal;
    use crate::panics::{Plain, exchange};
    use crate::views::Views;
    use parking_lot::Mutex;
    use rtrb::RingBuffer;
    use tracing::field::{Field, Visit};
    use tracing::{Event, Level, Metadata, Subscriber, span};

    /// Keeps the messages of warnings.
    #[derive(Clone, Debug, Default)]
    struct Warnings(Arc<Mutex<Vec<String>>>);

    impl Subscriber for Warnings {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() == Level::WARN
        }
        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, event: &Event<'_>) {
            event.record(&mut self.clone());
        }
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    impl Visit for Warnings {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            if field.name() == "message" {
                self.0.lock().push(format!("{value:?}"));
            }
        }
    }

    #[test]
    fn each_step_of_the_hosts_clock_is_warned_of_once() {
        let views = Arc::new(Views::of(&exchange()));
        let shared = Arc::new(Shared::new(Sequence(0), views, 1).expect("descriptors"));
        let (work, back) = (RingBuffer::new(1).1, RingBuffer::new(1).0);
        let mut committer = Committer {
            journal: MemoryJournal::new(Plain),
            work,
            back,
            commits: RingBuffer::new(1).0,
            durability: Durability::Always,
            clock_steps: 0,
            shared: Arc::clone(&shared),
        };
        let warnings = Warnings::default();
        tracing::subscriber::with_default(warnings.clone(), || {
            committer.warn_of_steps();
            for (steps, micros) in [(1, 3_600_000_000), (2, -5_000_000)] {
                shared.gauges.writer.clock_step_micros.store(micros, Ordering::Relaxed);
                shared.gauges.writer.clock_steps.store(steps, Ordering::Relaxed);
                committer.warn_of_steps();
                committer.warn_of_steps();
            }
        });
        let stepped = |micros: i64| format!("the host's clock stepped by {micros} µs; log time goes on as it was");
        assert_eq!(*warnings.0.lock(), [stepped(3_600_000_000), stepped(-5_000_000)]);
    }
}
