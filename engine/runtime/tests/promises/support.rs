//! A small market on a runtime, a clock moved by hand, and a journal in memory.

use std::time::{Duration, Instant};

use dce_engine::prelude::*;
use dce_persistence::record::RecordCodec;
use dce_runtime::{ManualClock, MemoryJournal, Options, Port, PortOptions, Runtime};

/// When the markets of the tests open.
pub(crate) const NOON: Timestamp = Timestamp::from_seconds(1_764_000_000);
pub(crate) const SELLER: AccountId = AccountId(1);
pub(crate) const BUYER: AccountId = AccountId(2);
pub(crate) const LISTING: ListingId = ListingId(1);
pub(crate) const PROFILE: ProfileId = ProfileId(1);
pub(crate) const SESSION: SessionId = SessionId(1);

/// A runtime with what a test wants to look at.
pub(crate) struct Stage {
    pub(crate) runtime: Runtime,
    pub(crate) journal: MemoryJournal<RecordCodec>,
    pub(crate) clock: ManualClock,
}

impl Stage {
    /// An empty exchange, as the options say.
    pub(crate) fn open(options: Options) -> Self {
        Self::go_on(options, exchange(), MemoryJournal::new(RecordCodec::default()), NOON)
    }

    /// An exchange that has been, at a date.
    pub(crate) fn go_on(
        options: Options,
        exchange: Exchange,
        journal: MemoryJournal<RecordCodec>,
        date: Timestamp,
    ) -> Self {
        let clock = ManualClock::at(date);
        let options = Options { clock: Box::new(clock.clone()), ..options };
        let runtime = Runtime::spawn(exchange, journal.clone(), options).expect("it starts");
        Self { runtime, journal, clock }
    }

    pub(crate) fn port(&self) -> Port {
        self.runtime.port(PortOptions::default())
    }

    pub(crate) fn subscriber(&self) -> Port {
        self.runtime.port(PortOptions { subscribe: true })
    }

    /// Waits until the writer has judged so many commands.
    pub(crate) fn wait_judged(&self, commands: u64) {
        let gauges = self.runtime.gauges();
        wait_until(|| gauges.accepted() + gauges.repeated() + gauges.refused() >= commands);
    }
}

pub(crate) fn genesis() -> Genesis {
    Genesis::new(Limits::small(), 7, USD)
}

pub(crate) fn exchange() -> Exchange {
    Exchange::new(genesis()).expect("the limits are possible")
}

/// The `n`th of many commands that are all accepted.
pub(crate) fn open(n: u128) -> Command<'static> {
    OpenAccount::buyer(AccountId(100 + n)).deposit(usd("1")).into()
}

/// The commands after which a call can be sold.
pub(crate) fn opening() -> Vec<Command<'static>> {
    vec![
        OpenAccount::seller(SELLER).into(),
        OpenAccount::buyer(BUYER).deposit(usd("100000")).into(),
        OpenSession::new(SELLER, SESSION).into(),
        OpenSession::new(BUYER, SESSION).into(),
        CreateListing::of(SELLER, LISTING).into(),
        CreateProfile::of(BUYER, PROFILE).bid(usd("10")).live().dial(b"+18005550100", Millis(20_000)).into(),
    ]
}

/// Submits and waits.
pub(crate) fn accept(port: &mut Port, command: &Command<'_>) -> Receipt {
    let ticket = port.submit(command).expect("there is room");
    let delivery = port.wait(ticket).expect("it was not polled");
    delivery.result.unwrap_or_else(|refusal| panic!("{refusal:?}: {command:?}"))
}

/// Waits for something another thread does. It fails after a minute, so that a test that waits in vain says where.
pub(crate) fn wait_until(mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited in vain");
        std::thread::sleep(Duration::from_micros(200));
    }
}
