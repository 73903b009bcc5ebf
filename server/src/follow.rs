//! The threads that keep read models: what was published, paired with its command from the log.
//!
//! Events come from the publisher, in order, each sequence once; commands come from the log, which has them by then or a
//! moment later. Should a thread ever miss events, the log is replayed from its beginning and told again. Nobody waits for
//! these threads but those who read what they keep.

use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use dce_engine::commands::Command;
use dce_engine::event::Event;
use dce_engine::ids::Sequence;
use dce_engine::units::Timestamp;
use dce_persistence::{LogFollower, LogReader, Step};
use dce_runtime::{Mark, Port};

use crate::traces::Traces;

/// How long a thread sleeps when nobody rings.
const SLEEP_MAX: Duration = Duration::from_millis(100);
/// How often a record is looked for that was told of and is not written yet.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Deliveries taken together.
const TURN: usize = 1_024;
/// How long what was missed may take to be durable, so that it can be read again.
const MISSED_WAIT_MAX: Duration = Duration::from_secs(5);

/// A read model that is kept by a thread of its own.
pub(crate) trait Projection: Send + 'static {
    /// The thread's name.
    const THREAD: &'static str;
    /// What a fold is called in traces.
    const SPAN: &'static str;
    /// What stands still when it cannot be kept.
    const STILL: &'static str;
    /// How long what is published gathers between two turns: a turn costs something of its own, however little it folds.
    /// Far less than a port keeps.
    const GATHERS: Duration = Duration::ZERO;

    /// The last command it was told.
    fn reached(&self) -> Sequence;

    /// The log is about to be told from its beginning.
    fn begin_anew(&mut self) {}

    /// Takes in the next command of the log with what it did.
    fn fold(&mut self, place: (Sequence, Timestamp), command: &Command<'_>, events: &[Event]) -> Result<(), String>;

    /// Shows what was folded.
    fn show(&mut self) -> Result<(), String>;

    /// Looks after itself, several times a second.
    fn look_after(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// The runtime has said its last word.
    fn end(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// A running thread. It ends with the runtime.
#[derive(Debug)]
pub(crate) struct FollowThread(JoinHandle<()>);

impl FollowThread {
    /// Starts it. `port` is subscribed and misses nothing after what the projection was told.
    pub(crate) fn start<P: Projection>(
        projection: P,
        reader: LogReader,
        port: Port,
        traces: Traces,
    ) -> io::Result<Self> {
        let follower = reader.follow(projection.reached());
        let mut keeper = Keeper { projection, reader, follower, port, traces, told: VecDeque::new() };
        let work = move || {
            if let Err(error) = keeper.keep() {
                tracing::error!(%error, "a read model cannot be kept: {}", P::STILL);
            }
        };
        Ok(Self(std::thread::Builder::new().name(P::THREAD.to_owned()).spawn(work)?))
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.0.is_finished()
    }

    /// Waits for its end. The runtime must have ended, or be about to.
    pub(crate) fn join(self) {
        let _ = self.0.join();
    }
}

struct Keeper<P> {
    projection: P,
    reader: LogReader,
    follower: LogFollower,
    port: Port,
    traces: Traces,
    /// Deliveries whose commands were not read yet.
    told: VecDeque<Told>,
}

/// A delivery.
struct Told {
    sequence: Sequence,
    events: Vec<Event>,
    /// Of a command that is traced.
    mark: Option<Mark>,
}

impl<P: Projection> Keeper<P> {
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
                return self.projection.end();
            }
            self.projection.look_after()?;
            // Who is behind does not wait.
            if taken > 0 && taken < TURN {
                std::thread::sleep(P::GATHERS);
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
                let mark = delivery.passage.map(|passage| passage.mark);
                self.told.push_back(Told { sequence: delivery.sequence, events: delivery.events.to_vec(), mark });
            }
        }
        (taken, missed)
    }

    /// Reads the commands of what was told, and folds both.
    fn pair(&mut self) -> Result<(), String> {
        let Some(last) = self.told.back().map(|told| told.sequence) else { return Ok(()) };
        let Self { projection, follower, told, traces, .. } = self;
        let (mut folded, mut traced) = (Ok(()), Vec::new());
        let read = follower.read(last, &mut |logged| {
            while told.front().is_some_and(|told| told.sequence < logged.sequence) {
                told.pop_front();
            }
            if folded.is_ok()
                && let Some(Told { events, mark, .. }) = told.pop_front_if(|told| told.sequence == logged.sequence)
            {
                traced.extend(mark.map(|mark| (mark, Instant::now())));
                folded = projection.fold((logged.sequence, logged.at), logged.command, &events);
            }
        });
        read.map_err(|error| error.to_string())?;
        folded?;
        projection.show()?;
        for (mark, begun) in traced {
            traces.folded(mark, P::SPAN, begun);
        }
        Ok(())
    }

    /// Tells everything again, from the log: this thread was not run for so long that it missed events.
    fn tell_again(&mut self) -> Result<(), String> {
        tracing::warn!("{} missed events and is told them again from the log", P::THREAD);
        let Some(last) = self.told.back().map(|told| told.sequence) else { return Ok(()) };
        let until = Instant::now() + MISSED_WAIT_MAX;
        while self.reader.durable() < last && Instant::now() < until {
            std::thread::sleep(LOOK_EVERY);
        }
        self.projection.begin_anew();
        let (mut reached, mut folded) = (Sequence(0), Ok(()));
        let projection = &mut self.projection;
        let replayed = self.reader.replay(None, &mut |step| {
            if let Step::Replayed(replayed) = step {
                reached = replayed.sequence;
                folded = projection.fold((replayed.sequence, replayed.at), replayed.command, replayed.events);
            }
            if folded.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        folded?;
        replayed.map_err(|error| error.to_string())?;
        self.told.retain(|told| told.sequence > reached);
        if self.told.front().is_some_and(|told| told.sequence.0 > reached.0 + 1) {
            // Under `interval` and `none` what was told may be on the disk late, or never.
            return Err(format!("it missed events after {}, and the log is durable up to there only", reached.0));
        }
        self.follower = self.reader.follow(reached);
        self.projection.show()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, CatalogKeeper, Shelf};
    use dce_engine::commands::{
        Command, CreateListing, CreateProfile, OpenAccount, OpenAuction, OpenSession, PauseProfile, PlaceBid,
        RegisterCall, SetBid, Stamp,
    };
    use dce_engine::genesis::USD;
    use dce_engine::ids::{AccountId, CallId, ListingId, ProfileId, SessionId};
    use dce_engine::limits::Limits;
    use dce_engine::units::{Millis, Money};
    use dce_persistence::{NewLog, OpenOptions, open};
    use dce_runtime::{Durability, Handle, Options, PortOptions, Runtime};
    use std::sync::Arc;
    use std::time::{SystemTime, UNIX_EPOCH};

    const WEB: AccountId = AccountId(20);
    const ACME: AccountId = AccountId(10);

    fn done(handle: &Handle, command: impl Into<Command<'static>>) -> Sequence {
        let answer = handle.submit(&command.into()).unwrap().wait();
        assert!(answer.result.is_ok(), "{:?}", answer.result);
        answer.sequence
    }

    fn now() -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp::from_micros(since.as_micros().try_into().unwrap())
    }

    /// A seller, a buyer, and a call whose auction has a bid.
    fn set_up(handle: &Handle) {
        done(handle, OpenAccount::seller(WEB));
        done(handle, OpenAccount::buyer(ACME));
        done(handle, OpenSession::new(ACME, SessionId(1)));
        done(handle, CreateListing::of(WEB, ListingId(1)));
        for profile in 1..=20 {
            done(handle, CreateProfile::of(ACME, ProfileId(profile)).live().dial(b"desk", Millis(1_000)));
        }
        let call = CallId::at(now(), 1);
        done(handle, RegisterCall::new(WEB, call, ListingId(1)));
        done(handle, OpenAuction::new(WEB, call, Millis(60_000)));
        let (bidder, lot) = ((ACME, ProfileId(1)), (WEB, call));
        done(handle, PlaceBid::new(bidder, lot, Money::from_units(3), Stamp::new(SessionId(1), 1)));
    }

    fn rows(catalog: &Catalog) -> String {
        let Catalog { sequence, listings, profiles, calls, bought, bids, open, .. } = catalog;
        format!("{sequence:?} {listings:?} {profiles:?} {calls:?} {bought:?} {bids:?} {open:?}")
    }

    fn replayed(reader: &LogReader) -> Catalog {
        let mut catalog = Catalog::default();
        let each = &mut |step: Step<'_>| {
            if let Step::Replayed(replayed) = step {
                catalog.fold((replayed.sequence, replayed.at), replayed.command, replayed.events);
            }
            ControlFlow::Continue(())
        };
        reader.replay(None, each).unwrap();
        catalog
    }

    #[test]
    fn what_is_followed_is_what_a_replay_shows_and_a_thread_that_missed_events_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let limits = Limits { accounts_max: 50_000, ..Limits::small() };
        let opened = open(dir.path(), &OpenOptions::new(NewLog::new(limits, USD)), &mut |_| ()).unwrap();
        let reader = opened.journal.reader();
        let options =
            Options { durability: Durability::Always, delivery_events: 1, subscribers: 1, ..Options::default() };
        let runtime = Runtime::spawn(opened.exchange, opened.journal, options).unwrap();
        let (handle, port) = (runtime.handle(), runtime.port(PortOptions { subscribe: true }));
        let shelf = Arc::new(Shelf::new(Catalog::default()));
        let follower = reader.follow(Sequence(0));
        let (shared, told, traces) = (Arc::clone(&shelf), VecDeque::new(), Traces::default());
        let projection = CatalogKeeper::new(shared);
        let mut keeper = Keeper { projection, reader: reader.clone(), follower, port, traces, told };
        set_up(&handle);
        let published = handle.views_at(Sequence(27), Duration::from_secs(20)).unwrap().sequence();
        assert!(!keeper.take().1, "nothing was missed");
        keeper.pair().unwrap();
        assert_eq!((shelf.look().sequence, published), (Sequence(27), Sequence(27)));
        assert_eq!(rows(&shelf.look()), rows(&replayed(&reader)));
        assert_eq!((shelf.look().profiles.len(), shelf.look().bids.len()), (20, 1));

        // Far more than is kept for the thread while it does not look.
        let pending: Vec<_> = (2..4_000_u64)
            .map(|number| {
                let (profile, amount) =
                    (ProfileId(1 + u128::from(number % 20)), Money::from_units(1 + (number % 7) as i32));
                let bid = SetBid::new(ACME, profile, Some(amount), Stamp::new(SessionId(1), number));
                handle.submit(&bid.into()).unwrap()
            })
            .collect();
        for ticket in pending {
            assert!(ticket.wait().result.is_ok());
        }
        done(&handle, PauseProfile { buyer: ACME, profile: ProfileId(3) });
        let (mut missed, mut opened, mut last) = (false, 1_000, Sequence(u64::MAX));
        loop {
            let (_, some) = keeper.take();
            if some {
                missed = true;
                keeper.tell_again().unwrap();
            }
            keeper.pair().unwrap();
            if missed && shelf.look().sequence >= last {
                break;
            }
            // Whoever missed events is told with the next that comes.
            opened += 1;
            last = done(&handle, OpenAccount::buyer(AccountId(opened)));
        }
        assert!(missed, "the thread was not run for long enough");
        assert!(shelf.look().profiles[&(ACME, ProfileId(3))].is_paused);
        assert_eq!(rows(&shelf.look()), rows(&replayed(&reader)));
        drop((keeper, handle, shelf, reader));
        runtime.shutdown().unwrap();
    }
}
