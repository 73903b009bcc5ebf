//! What all threads of one runtime share: how far it has come, and why it ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use crossbeam_utils::CachePadded;
use dce_engine::ids::Sequence;
use parking_lot::{Condvar, Mutex};

use crate::bell::Bell;
use crate::gauges::Gauges;
use crate::journal::JournalFault;
use crate::refusal::Refusal;
use crate::views::Views;

/// Why a runtime ended by itself. Restart the process: what was acknowledged is in the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The journal could not write or sync. Nothing that was not durable has been acknowledged.
    #[error("the journal failed and nothing undurable was acknowledged; repair its device and restart: {0}")]
    Journal(JournalFault),
    /// A command made the exchange panic, a broken invariant. Everything before it is durable.
    #[error(
        "{command} after sequence {} made the exchange panic ({message}); please report it{}, and restart", .after.0,
        if *.quarantined { ", its record is in quarantine and will be refused" } else { "" }
    )]
    Exchange {
        /// Which command.
        command: &'static str,
        /// The last command before it.
        after: Sequence,
        /// What the panic said.
        message: String,
        /// Whether the journal has noted the record, so that the next start refuses it. A `Tick` is never noted.
        quarantined: bool,
    },
    /// A thread of the runtime, or the journal on it, panicked. What was acknowledged under
    /// [`Durability::Always`](crate::Durability::Always) is durable.
    #[error("the thread {thread} panicked ({message}); please report it, and restart")]
    Thread {
        /// Its name.
        thread: &'static str,
        /// What the panic said.
        message: String,
    },
}

/// How far a runtime is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Takes commands.
    Running,
    /// Takes no more, and finishes what it has taken.
    Stopping,
    /// Does nothing more: what is not durable is not released.
    Failed,
}

#[derive(Debug)]
pub(crate) struct Shared {
    /// The last durable place. The journal thread writes, the publisher reads.
    durable: CachePadded<AtomicU64>,
    phase: AtomicU8,
    /// The publisher has released all it ever will.
    released: AtomicBool,
    /// Whether the journal has room for new commands.
    pub(crate) has_room: AtomicBool,
    failure: Mutex<Option<Failure>>,
    threads: Mutex<usize>,
    all_ended: Condvar,
    pub(crate) views: ArcSwap<Views>,
    pub(crate) gauges: Gauges,
    pub(crate) bells: Bells,
}

/// One bell for each thread.
#[derive(Debug)]
pub(crate) struct Bells {
    pub(crate) writer: CachePadded<Bell>,
    pub(crate) journal: CachePadded<Bell>,
    pub(crate) publisher: CachePadded<Bell>,
}

impl Shared {
    /// # Errors
    ///
    /// When the system gives no descriptors for the bells.
    pub(crate) fn new(durable: Sequence, views: Arc<Views>, threads: usize) -> std::io::Result<Self> {
        let bell = || Bell::new().map(CachePadded::new);
        let bells = Bells { writer: bell()?, journal: bell()?, publisher: bell()? };
        Ok(Self {
            durable: CachePadded::new(AtomicU64::new(durable.0)),
            phase: AtomicU8::new(Phase::Running as u8),
            released: AtomicBool::new(false),
            has_room: AtomicBool::new(true),
            failure: Mutex::new(None),
            threads: Mutex::new(threads),
            all_ended: Condvar::new(),
            views: ArcSwap::new(views),
            gauges: Gauges::default(),
            bells,
        })
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Running,
            1 => Phase::Stopping,
            _ => Phase::Failed,
        }
    }

    /// No more commands are taken; what was taken is finished.
    pub(crate) fn stop(&self) {
        self.phase.fetch_max(Phase::Stopping as u8, Ordering::AcqRel);
        self.ring_all();
    }

    /// Ends at once. The first failure is the one that is told.
    pub(crate) fn fail(&self, failure: Failure) {
        self.note(failure);
        self.phase.fetch_max(Phase::Failed as u8, Ordering::AcqRel);
        self.ring_all();
    }

    /// Says why the runtime is going to end, while what was taken is still finished.
    pub(crate) fn note(&self, failure: Failure) {
        self.failure.lock().get_or_insert(failure);
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        self.failure.lock().clone()
    }

    /// The quarantine holds the record of a panic that was noted before.
    pub(crate) fn note_quarantined(&self) {
        if let Some(Failure::Exchange { quarantined, .. }) = &mut *self.failure.lock() {
            *quarantined = true;
        }
    }

    pub(crate) fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    pub(crate) fn set_durable(&self, sequence: Sequence) {
        self.durable.store(sequence.0, Ordering::Release);
        self.bells.publisher.ring();
    }

    fn ring_all(&self) {
        let Bells { writer, journal, publisher } = &self.bells;
        [writer, journal, publisher].into_iter().for_each(|bell| bell.ring());
    }

    pub(crate) fn is_released(&self) -> bool {
        self.released.load(Ordering::Acquire)
    }

    pub(crate) fn set_released(&self) {
        self.released.store(true, Ordering::Release);
    }

    /// What becomes of a command that was taken and will not be answered any more.
    pub(crate) fn last_word(&self) -> Refusal {
        if self.phase() == Phase::Failed { Refusal::JournalFailed } else { Refusal::Stopping }
    }

    /// One of the threads is done.
    pub(crate) fn thread_ended(&self) {
        // The others see by their rings that it is gone.
        self.ring_all();
        *self.threads.lock() -= 1;
        self.all_ended.notify_all();
    }

    pub(crate) fn has_ended(&self) -> bool {
        *self.threads.lock() == 0
    }

    /// Blocks until all threads are done, or until then. Returns whether they are.
    pub(crate) fn wait_ended(&self, until: Option<Instant>) -> bool {
        let mut threads = self.threads.lock();
        while *threads > 0 {
            match until {
                None => self.all_ended.wait(&mut threads),
                Some(until) => {
                    if self.all_ended.wait_until(&mut threads, until).timed_out() {
                        return *threads == 0;
                    }
                }
            }
        }
        true
    }

    /// The views once they show this place, or `None` when that takes longer, or the runtime ends before.
    pub(crate) fn views_at(&self, sequence: Sequence, timeout: Duration) -> Option<Arc<Views>> {
        // None: a time no clock will show.
        let until = Instant::now().checked_add(timeout);
        loop {
            // Asked before the views are: the last ones are published before the runtime is released.
            let is_released = self.is_released();
            let views = self.views.load_full();
            if views.sequence() >= sequence {
                return Some(views);
            }
            let left = until.map_or(Duration::MAX, |until| until.saturating_duration_since(Instant::now()));
            if is_released || left.is_zero() {
                return None;
            }
            // Views come every millisecond or so; a reader has time.
            std::thread::sleep(left.min(Duration::from_micros(250)));
        }
    }
}
