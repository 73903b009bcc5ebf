//! The thread that keeps the catalog: what was published, paired with its command from the log.
//!
//! Events come from the publisher, in order, each sequence once; commands come from the log, which has them by then or a
//! moment later. Should the thread ever miss events, the log is replayed from its beginning and told again.

use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use dce_engine::event::Event;
use dce_engine::ids::Sequence;
use dce_persistence::{LogFollower, LogReader, Step};
use dce_runtime::Port;

use super::{Catalog, Shelf};

/// How long the thread sleeps when nobody rings.
const SLEEP_MAX: Duration = Duration::from_millis(100);
/// How often a record is looked for that was told of and is not written yet.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Deliveries taken together.
const TURN: usize = 1_024;
/// How long what was missed may take to be durable, so that it can be read again.
const MISSED_WAIT_MAX: Duration = Duration::from_secs(5);

/// The running thread. It ends with the runtime.
#[derive(Debug)]
pub(crate) struct CatalogThread(JoinHandle<()>);

impl CatalogThread {
    /// Whether it has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.0.is_finished()
    }

    /// Waits for its end. The runtime must have ended, or be about to.
    pub(crate) fn join(self) {
        let _ = self.0.join();
    }
}

/// Starts the thread. `port` is subscribed and misses nothing after the catalog's sequence.
pub(crate) fn start(shelf: Arc<Shelf>, reader: LogReader, port: Port) -> io::Result<CatalogThread> {
    let follower = reader.follow(shelf.look().sequence);
    let mut keeper = Keeper { shelf, reader, follower, port, told: VecDeque::new() };
    let work = move || {
        if let Err(error) = keeper.keep() {
            tracing::error!(%error, "the catalog cannot be kept: lists of listings, profiles, auctions and bids stand still");
        }
    };
    Ok(CatalogThread(std::thread::Builder::new().name("dce-catalog".to_owned()).spawn(work)?))
}

struct Keeper {
    shelf: Arc<Shelf>,
    reader: LogReader,
    follower: LogFollower,
    port: Port,
    /// Deliveries whose commands were not read yet.
    told: VecDeque<(Sequence, Vec<Event>)>,
}

impl Keeper {
    fn keep(&mut self) -> Result<(), String> {
        loop {
            let is_awake = self.port.wait_any(if self.told.is_empty() { SLEEP_MAX } else { LOOK_EVERY });
            let (taken, missed) = self.take();
            if missed {
                self.tell_again()?;
            }
            let before = self.told.len();
            self.pair()?;
            // Ready with nothing: the runtime has said its last word.
            if is_awake && taken == 0 && (self.told.is_empty() || self.told.len() == before) {
                return Ok(());
            }
        }
    }

    /// Takes what was delivered. Answers how much, and whether something before it was missed.
    fn take(&mut self) -> (usize, bool) {
        let (mut taken, mut missed) = (0, false);
        while taken < TURN {
            let Some(delivery) = self.port.poll() else { break };
            taken += 1;
            missed |= delivery.missed > 0;
            if delivery.result.is_ok_and(|receipt| !receipt.repeated) {
                self.told.push_back((delivery.sequence, delivery.events.to_vec()));
            }
        }
        (taken, missed)
    }

    /// Reads the commands of what was told, and folds both.
    fn pair(&mut self) -> Result<(), String> {
        let Some(last) = self.told.back().map(|(last, _)| *last) else { return Ok(()) };
        let Self { shelf, follower, told, .. } = self;
        let mut catalog = None;
        let read = follower.read(last, &mut |logged| {
            let catalog = catalog.get_or_insert_with(|| shelf.catalog.write());
            while told.front().is_some_and(|(sequence, _)| *sequence < logged.sequence) {
                told.pop_front();
            }
            if let Some((_, events)) = told.pop_front_if(|(sequence, _)| *sequence == logged.sequence) {
                catalog.fold((logged.sequence, logged.at), logged.command, &events);
            }
        });
        read.map_err(|error| error.to_string())?;
        if catalog.take().is_some() {
            shelf.change(|_| ());
        }
        Ok(())
    }

    /// Makes the catalog anew from the log: this thread was not run for so long that it missed events.
    fn tell_again(&mut self) -> Result<(), String> {
        tracing::warn!("the catalog missed events and is made anew from the log");
        let Some((last, _)) = self.told.back() else { return Ok(()) };
        let (last, until) = (*last, Instant::now() + MISSED_WAIT_MAX);
        while self.reader.durable() < last && Instant::now() < until {
            std::thread::sleep(LOOK_EVERY);
        }
        let mut catalog = Catalog::default();
        let replayed = self.reader.replay(None, &mut |step| {
            if let Step::Replayed(replayed) = step {
                catalog.fold((replayed.sequence, replayed.at), replayed.command, replayed.events);
            }
            ControlFlow::Continue(())
        });
        replayed.map_err(|error| error.to_string())?;
        let reached = catalog.sequence;
        self.told.retain(|(sequence, _)| *sequence > reached);
        if self.told.front().is_some_and(|(sequence, _)| sequence.0 > reached.0 + 1) {
            // Under `interval` and `none` what was told may be on the disk late, or never.
            return Err(format!("it missed events after {}, and the log is durable up to there only", reached.0));
        }
        self.follower = self.reader.follow(reached);
        self.shelf.change(|kept| *kept = catalog);
        Ok(())
    }
}
