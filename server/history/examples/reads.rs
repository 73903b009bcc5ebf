//! How fast yesterday is read, and how fast today is published: `cargo run --release -p dce-history --example reads`.
//!
//! A market's calls are folded into a history on disk: each is registered, auctioned to two live bids, answered and ended, so
//! that it has a row, an auction, bids, holds and postings. Then one thread asks for what fronts ask for, at random places,
//! in rounds of a tenth of a second, and the median round is printed. Besides: how many events a second one subscriber gets
//! from the runtime while auctions of 64 invited run, without a disk.
#![expect(clippy::print_stdout, reason = "a program for people")]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use dce_engine::prelude::*;
use dce_history::{History, Line, Period};
use dce_persistence::record::RecordCodec;
use dce_runtime::{Durability, MemoryJournal, Options, Port, PortOptions, Runtime};

const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(100);
const WEB: AccountId = AccountId(1_000);
const BUYERS: u128 = 64;
const SESSION: SessionId = SessionId(1);
const START_SECONDS: u64 = 1_764_000_000;

const USAGE: &str = "Usage: reads [--calls N] [--dir DIR]   (default: 50000 calls, in the current folder)";

fn main() {
    let (mut calls, mut dir) = (50_000_u64, PathBuf::from("."));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--calls", Some(number)) => calls = number.parse().unwrap_or(calls).max(1_000),
            ("--dir", Some(folder)) => dir = PathBuf::from(folder),
            _ => return println!("{USAGE}"),
        }
    }
    let folder = tempfile::tempdir_in(&dir).expect("the folder can be written; choose another with `--dir`");
    let (history, folded) = record(folder.path(), calls);
    println!("{calls} calls folded, {folded} commands/s");
    ask(&history, calls);
    publish();
}

/// The exchange's capacities for this.
fn limits() -> Limits {
    let (calls_max, calls_live_max, retention) = (1 << 18, 1 << 12, Seconds(3_600));
    Limits { accounts_max: 128, sessions_max: 256, calls_max, calls_live_max, retention, ..Limits::small() }
}

fn at(nth: u64) -> Timestamp {
    // A call every second.
    Timestamp::from_seconds(START_SECONDS + nth)
}

/// A seller with a listing, and buyers with money and a live profile each.
fn opening() -> Vec<Command<'static>> {
    let mut commands: Vec<Command<'static>> = vec![
        OpenAccount::seller(WEB).into(),
        OpenSession::new(WEB, SESSION).into(),
        CreateListing::of(WEB, ListingId(1)).into(),
    ];
    for buyer in (1..=BUYERS).map(AccountId) {
        commands.push(OpenAccount::buyer(buyer).deposit(Money::from_units(1_000_000)).into());
        commands.push(OpenSession::new(buyer, SESSION).into());
        commands.push(CreateProfile::of(buyer, ProfileId(1)).live().dial(b"+18005550100", Millis(20_000)).into());
    }
    commands
}

fn call(nth: u64) -> CallId {
    CallId::at(at(nth), nth)
}

fn stamp(number: u64) -> Stamp {
    Stamp::new(SESSION, number)
}

/// A call from its registration to its end.
fn life(nth: u64) -> [Command<'static>; 7] {
    let (call, place) = (call(nth), nth / (BUYERS as u64 / 2) + 1);
    let bid = |which: u64| {
        let buyer = AccountId(1 + u128::from((nth * 2 + which) % BUYERS as u64));
        // Each wins every other time.
        let turn = i64::from((which + place).is_multiple_of(2));
        let amount = Money::from_micros(2_000_000 + i64::from((nth % 97) as u32) * 10_000 + turn * 5_000);
        PlaceBid::new((buyer, ProfileId(1)), (WEB, call), amount, stamp(place)).into()
    };
    let clocks = |millis: u32| LegReport::first(Clocks::new(Millis(millis), Millis(millis), Millis(millis)));
    [
        RegisterCall::new(WEB, call, ListingId(1)).into(),
        OpenAuction::new(WEB, call, Millis(30_000)).into(),
        bid(0),
        bid(1),
        CloseAuction::new(WEB, call).into(),
        ReportAnswered::new(WEB, call, clocks(0), stamp(2 * nth + 1)).into(),
        ReportEnded::new(WEB, call, clocks(180), stamp(2 * nth + 2)).into(),
    ]
}

/// Folds so many calls. Answers the history, and how many commands a second it took in.
fn record(folder: &std::path::Path, calls: u64) -> (History, u64) {
    let (history, mut recorder) = dce_history::open(folder).expect("an empty folder");
    let mut exchange = Exchange::new(Genesis::new(limits(), 7, USD)).expect("possible limits");
    let mut events = Events::new();
    let (mut commands, mut took) = (0, Duration::ZERO);
    let mut tell = |at: Timestamp, command: &Command<'_>| {
        while exchange.next_deadline().is_some_and(|due| due <= at) {
            let tick = Tick.into();
            let receipt = exchange.apply(at, &tick, &mut events).expect("a tick that is due");
            recorder.fold((receipt.sequence, at), &tick, &events).expect("the disk takes it");
        }
        let receipt = exchange.apply(at, command, &mut events);
        let receipt = receipt.unwrap_or_else(|reject| panic!("{command:?}: {reject:?}"));
        let started = Instant::now();
        recorder.fold((receipt.sequence, at), command, &events).expect("the disk takes it");
        commands += 1;
        took += started.elapsed();
    };
    for command in opening() {
        tell(at(0), &command);
    }
    for nth in 0..calls {
        for command in life(nth) {
            tell(at(nth), &command);
        }
    }
    recorder.commit().and_then(|()| recorder.sync()).expect("the disk takes it");
    let paid = history.lines((AccountId(1), Period::ALL), None, 9, Line::is_transfer).expect("readable").items;
    assert_eq!(paid.len(), 9, "what was sold was paid");
    let rate = per_second(commands, took);
    (history, rate)
}

/// Asks what fronts ask, and prints the median rate of each.
fn ask(history: &History, calls: u64) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    // Places without an order (splitmix64).
    let mut pick = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb) % calls
    };
    let buyer = |nth: u64| AccountId(1 + u128::from(nth % BUYERS as u64));
    let hours = |nth: u64| Period { from: at(nth), to: at(nth + 24 * 3_600) };
    println!("{:<44} {:>12}", "asked, by one thread", "queries/s");
    row("a call by its name", || {
        black_box(history.call((WEB, call(pick()))).expect("readable"));
    });
    row("a buyer's counts of a day", || {
        let nth = pick();
        let day = u32::try_from(at(nth).micros() / 86_400_000_000).unwrap_or(0);
        black_box(history.call_days(Some(buyer(nth)), (day, day)).expect("readable"));
    });
    row("10 lines of a buyer's money from a moment on", || {
        let nth = pick();
        black_box(history.lines((buyer(nth), hours(nth)), None, 10, |_| true).expect("readable"));
    });
    row("a buyer's statement of 10 movements", || {
        let nth = pick();
        black_box(history.statement(buyer(nth), hours(nth), None, 10).expect("readable"));
    });
    row("10 calls of a buyer from a moment on", || {
        let nth = pick();
        black_box(history.calls((Some(buyer(nth)), hours(nth)), None, 10, |_| true).expect("readable"));
    });
    row("10 bids of a buyer from a moment on", || {
        let nth = pick();
        black_box(history.bids((Some(buyer(nth)), hours(nth)), None, 10, |_| true).expect("readable"));
    });
}

/// The median rate of so many rounds, by this thread's own time on a processor: that the machine has other work does not show.
fn row(name: &str, mut query: impl FnMut()) {
    let mut rates: Vec<u64> = (0..ROUNDS)
        .map(|_| {
            let (started, mut done) = (on_processor(), 0_u64);
            while on_processor() - started < ROUND {
                for _ in 0..256 {
                    query();
                }
                done += 256;
            }
            per_second(done, on_processor() - started)
        })
        .collect();
    rates.sort_unstable();
    println!("{name:<44} {:>12}", rates[ROUNDS / 2]);
}

fn per_second(count: u64, took: Duration) -> u64 {
    count * 1_000_000 / u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1)
}

/// How long this thread has run, as Linux counts it.
fn on_processor() -> Duration {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = counted.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.expect("Linux counts each thread's time in /proc/thread-self/schedstat"))
}

/// Events that one subscriber gets a second.
fn publish() {
    let exchange = Exchange::new(Genesis::new(limits(), 7, USD)).expect("possible limits");
    let options =
        Options { durability: Durability::None, subscribers: 1, delivery_events: 1 << 18, ..Options::default() };
    let runtime = Runtime::spawn(exchange, MemoryJournal::forgetful(RecordCodec::default()), options)
        .expect("threads are to be had");
    let (mut sends, mut hears) = (runtime.port(PortOptions::default()), runtime.port(PortOptions { subscribe: true }));
    for command in opening() {
        wait(&mut sends, &command);
    }
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp::from_seconds(since.as_secs());
    let (mut nth, mut rates) = (0_u64, Vec::new());
    while hears.poll().is_some() {}
    for _ in 0..ROUNDS {
        let (started, mut heard, mut missed) = (Instant::now(), 0_u64, 0_u64);
        while started.elapsed() < ROUND {
            for _ in 0..16 {
                nth += 1;
                let call = CallId::at(now, nth);
                // Sold to nobody: each of 64 is invited, and each is told. A call that is taken back leaves nothing live.
                let commands: [Command<'static>; 3] = [
                    RegisterCall::new(WEB, call, ListingId(1)).into(),
                    OpenAuction::new(WEB, call, Millis(30_000)).into(),
                    CloseAuction::new(WEB, call).into(),
                ];
                for command in &commands {
                    while sends.submit(command).is_err() {
                        hear(&mut hears, &mut heard, &mut missed);
                        while sends.poll().is_some() {}
                    }
                }
            }
            while sends.poll().is_some() {}
            hear(&mut hears, &mut heard, &mut missed);
        }
        assert_eq!(missed, 0, "the subscriber keeps up");
        rates.push(per_second(heard, started.elapsed()));
    }
    rates.sort_unstable();
    println!("{:<44} {:>12}", "events published to one subscriber", rates[ROUNDS / 2]);
    drop((sends, hears));
    let _ = runtime.shutdown();
}

fn hear(port: &mut Port, heard: &mut u64, missed: &mut u64) {
    while let Some(delivery) = port.poll() {
        *heard += black_box(delivery.events).len() as u64;
        *missed += u64::from(delivery.missed);
    }
}

fn wait(port: &mut Port, command: &Command<'_>) {
    let ticket = port.submit(command).expect("room for one");
    let answer = port.wait(ticket);
    assert!(answer.is_some_and(|answer| answer.result.is_ok()), "{command:?}");
}
