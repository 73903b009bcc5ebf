//! The threads of one exchange, started, stopped and told apart.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use dce_engine::Exchange;
use dce_engine::commands::{Command, Tick};
use dce_engine::event::Events;
use dce_engine::ids::Sequence;
use dce_engine::limits::{EVENTS_MAX, FACTS_MAX};
use parking_lot::Mutex;
use rtrb::RingBuffer;

use crate::bell::Idle;
use crate::clock::ClockFault;
use crate::codec::Codec;
use crate::committer::Committer;
use crate::gates::{Gates, Maker};
use crate::gauges::Gauges;
use crate::handle::{Handle, Hub};
use crate::huge_pages;
use crate::journal::{Durability, Journal};
use crate::judge::{Counts, Exits, Judge};
use crate::options::Options;
use crate::passage::{Commits, Judged};
use crate::pipe::pipe;
use crate::port::{Port, PortOptions};
use crate::publisher::Publisher;
use crate::sequencer::Sequencer;
use crate::shared::{Failure, Shared};
use crate::sinks::Sinks;
use crate::threads::{Threads, WRITER, lost};
use crate::views::{Model, Views};
use crate::writer::Writer;

/// Outcomes between the writer and the publisher, and their events: what the writer may be ahead of the device.
const OUTCOMES: usize = 16_384;
const OUTCOME_EVENTS: usize = 65_536;
/// Batches with marked commands that the publisher has not come to.
const COMMITS: usize = 256;
/// Ports that may be on their way to the threads at one time.
const ARRIVALS: usize = 64;
/// Ports the writer has room for before it has to ask for memory.
const PORTS: usize = 1_024;

/// An exchange on threads: one that decides, one that makes durable, one that publishes.
///
/// Ports and handles are the ways in. Dropping the runtime stops it in order, as [`shutdown`](Self::shutdown) does.
#[derive(Debug)]
pub struct Runtime {
    shared: Arc<Shared>,
    gates: Mutex<Gates>,
    hub: Arc<Hub>,
    threads: Option<Threads>,
}

/// What an orderly end leaves.
#[derive(Debug)]
pub struct Stopped {
    /// The last command.
    pub sequence: Sequence,
    /// [`Exchange::digest`] after it.
    pub digest: u128,
    /// The exchange as the writer left it.
    pub exchange: Exchange,
}

/// Why no runtime was started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// An operator has to judge the host's clock, then set [`Options::accept_clock`].
    #[error(transparent)]
    Clock(#[from] ClockFault),
    /// The writer cannot run on this processor.
    #[error("the writer cannot be pinned to processor {core}: {cause}; choose one of those this process may use")]
    Pin {
        /// The processor asked for.
        core: usize,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The system gives no descriptor to wake a thread with.
    #[error("a thread's bell could not be made: {0}; raise the limit of open files")]
    Bell(std::io::Error),
    /// The system gives no thread.
    #[error("a thread could not be started: {0}; raise the limit of threads")]
    Thread(std::io::Error),
}

impl Runtime {
    /// Starts the threads of an exchange as the journal's log left it.
    ///
    /// # Errors
    ///
    /// When an operator has to judge the clock, or the system refuses threads or the processor. The journal is closed
    /// again then, and nothing has happened.
    pub fn spawn<J: Journal>(exchange: Exchange, mut journal: J, options: Options) -> Result<Self, SpawnError> {
        let sequencer = Sequencer::start(options.clock, exchange.last_time(), options.accept_clock)?;
        if options.huge_pages {
            huge_pages::advise();
        }
        let since = exchange.sequence();
        let mut model = Model::of(&exchange);
        let views = Arc::new(model.picture());
        let shared = Arc::new(Shared::new(since, views, 3).map_err(SpawnError::Bell)?);
        let (exits, outcomes, events, facts, judged) = exits();
        let (commits_in, commits) = RingBuffer::new(COMMITS);
        let (pipe, work, back) = pipe(options.batch_bytes);
        let (inlets_in, inlets) = RingBuffer::new(ARRIVALS);
        let (sinks_in, sinks) = RingBuffer::new(ARRIVALS);
        let (funerals_in, funerals) = RingBuffer::new(ARRIVALS);
        let mut codec = journal.codec();
        let mut tick_record = Vec::new();
        codec.encode(&Command::Tick(Tick), &mut tick_record);

        let mut gates = Gates {
            maker: Box::new(Maker(journal.codec())),
            inlets: inlets_in,
            sinks: sinks_in,
            next_port: 0,
            waiting: VecDeque::new(),
            ring_bytes: options.ring_bytes,
            in_flight_max: options.in_flight_max,
            delivery_events: options.delivery_events,
        };
        let (mut ways, mut rings) = (Sinks::default(), Vec::with_capacity(PORTS));
        for _ in 0..options.subscribers {
            let (port, inlet, sink) = gates.make(PortOptions { subscribe: true }, &shared);
            ways.add(sink, since);
            rings.push(inlet);
            gates.waiting.push_back(port);
        }
        let (hub, inlet, sink) = gates.make_hub(&shared);
        ways.add(sink, since);
        rings.push(inlet);
        shared.gauges.writer.ports.store(rings.len() as u64, std::sync::atomic::Ordering::Relaxed);

        let durability = options.durability;
        let writer = Writer {
            judge: Judge {
                exchange,
                codec,
                events: Events::new(),
                sequencer,
                pipe,
                exits,
                shared: Arc::clone(&shared),
                tick_record,
                facts: Vec::with_capacity(2 * FACTS_MAX),
                quarantined: journal.quarantined(),
                counts: Counts::default(),
                culprit: None,
                taken: None,
                waits: durability == Durability::Always,
                has_sent: false,
                #[cfg(test)]
                poison: options.poison,
            },
            inlets: rings,
            arrivals: inlets,
            funerals: funerals_in,
            shared: Arc::clone(&shared),
            idle: if options.pin_writer.is_some() { Idle::alone() } else { Idle::sharing() },
            first: 0,
        };
        let committer = Committer {
            journal,
            work,
            back,
            commits: commits_in,
            durability,
            clock_steps: 0,
            shared: Arc::clone(&shared),
        };
        let publisher = Publisher {
            outcomes,
            events,
            facts,
            judged,
            commits: Commits::new(commits),
            arrivals: sinks,
            funerals,
            sinks: ways,
            released: (since, model.at),
            model,
            waits: durability == Durability::Always,
            shared: Arc::clone(&shared),
        };
        let threads = Threads::start(writer, committer, publisher, options.pin_writer, &shared)?;
        Ok(Self { shared, gates: Mutex::new(gates), hub, threads: Some(threads) })
    }

    /// A way in and out for one thread.
    pub fn port(&self, options: PortOptions) -> Port {
        self.gates.lock().open(options, &self.shared)
    }

    /// A way in for many threads.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::new(Arc::clone(&self.hub))
    }

    /// The newest views.
    #[must_use]
    pub fn views(&self) -> Arc<Views> {
        self.shared.views.load_full()
    }

    /// What the runtime is doing.
    #[must_use]
    pub fn gauges(&self) -> &Gauges {
        &self.shared.gauges
    }

    /// Why it ended by itself, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        self.shared.failure()
    }

    /// Blocks until it has ended, by a failure or by [`stop`](Self::stop).
    ///
    /// # Errors
    ///
    /// Why it ended by itself.
    pub fn wait(&self) -> Result<(), Failure> {
        self.shared.wait_ended(None);
        self.failure().map_or(Ok(()), Err)
    }

    /// The same, for at most so long. Returns whether it has ended.
    ///
    /// # Errors
    ///
    /// Why it ended by itself.
    pub fn wait_for(&self, timeout: Duration) -> Result<bool, Failure> {
        let has_ended = self.shared.wait_ended(std::time::Instant::now().checked_add(timeout));
        self.failure().map_or(Ok(has_ended), Err)
    }

    /// Begins an orderly end and returns at once: nothing more is taken, what was taken is finished.
    pub fn stop(&self) {
        self.shared.stop();
    }

    /// Ends in order: takes no more, applies what was submitted, makes it durable, answers it, closes the journal.
    ///
    /// # Errors
    ///
    /// Why it ended by itself, if it did. Nothing undurable was acknowledged then.
    pub fn shutdown(mut self) -> Result<Stopped, Failure> {
        let exchange = self.end();
        match (self.failure(), exchange) {
            (None, Some(exchange)) => {
                Ok(Stopped { sequence: exchange.sequence(), digest: exchange.digest(), exchange })
            }
            (failure, _) => Err(failure.unwrap_or_else(|| lost(WRITER, "the exchange is lost"))),
        }
    }

    fn end(&mut self) -> Option<Exchange> {
        self.shared.stop();
        self.threads.take()?.join()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if self.threads.is_some() {
            self.end();
            if let Some(failure) = self.failure() {
                tracing::error!(%failure, "the runtime had ended by itself");
            }
        }
    }
}

type ExitsOut = (
    Exits,
    rtrb::Consumer<crate::judge::Outcome>,
    rtrb::Consumer<dce_engine::event::Event>,
    rtrb::Consumer<dce_engine::terms::Fact>,
    rtrb::Consumer<Judged>,
);

/// The rings from the writer to the publisher.
fn exits() -> ExitsOut {
    const { assert!(OUTCOME_EVENTS >= 4 * EVENTS_MAX, "one command's events are a small part of the ring") };
    let (outcomes, outcomes_out) = RingBuffer::new(OUTCOMES);
    let (events, events_out) = RingBuffer::new(OUTCOME_EVENTS);
    let (facts, facts_out) = RingBuffer::new(16 * FACTS_MAX);
    let (judged, judged_out) = RingBuffer::new(OUTCOMES);
    (Exits { outcomes, events, facts, judged }, outcomes_out, events_out, facts_out, judged_out)
}
