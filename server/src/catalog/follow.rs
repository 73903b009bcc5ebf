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

#[cfg(test)]
mod tests {
    use super::*;
    use dce_engine::commands::{
        Command, CreateListing, CreateProfile, OpenAccount, OpenAuction, OpenSession, PauseProfile, PlaceBid,
        RegisterCall, SetBid, Stamp,
    };
    use dce_engine::genesis::USD;
    use dce_engine::ids::{AccountId, CallId, ListingId, ProfileId, SessionId};
    use dce_engine::limits::Limits;
    use dce_engine::units::{Millis, Money, Timestamp};
    use dce_persistence::{NewLog, OpenOptions, open};
    use dce_runtime::{Durability, Handle, Options, PortOptions, Runtime};
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
        let (shared, told) = (Arc::clone(&shelf), VecDeque::new());
        let mut keeper = Keeper { shelf: shared, reader: reader.clone(), follower, port, told };
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
