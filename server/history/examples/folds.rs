//! What yesterday costs today: `cargo run --release -p dce-history --example folds`.
//!
//! Calls are offered and sold at once to the best of 64 standing bids, ring, and are picked up by nobody: what the bench of
//! the REST front asks for. They are folded into a history on disk as a server does it, some tens of calls a batch, and what
//! that takes of a processor is printed for each sold call: of the thread that folds, and of the whole process, sled's own
//! threads included.
#![expect(clippy::print_stdout, reason = "a program for people")]

use std::path::PathBuf;
use std::time::Duration;

use dce_engine::prelude::*;

const WEB: AccountId = AccountId(1_000);
const BUYERS: u128 = 64;
const START: Timestamp = Timestamp::from_seconds(1_764_000_000);
const RING: Millis = Millis(400);

const USAGE: &str = "Usage: folds [--calls N] [--batch N] [--every MICROSECONDS] [--dir DIR]
(default: 50000 calls, one every 100 µs of the log's time, shown after every 32 commands, in the current folder)";

fn main() {
    let (mut calls, mut batch, mut every, mut dir) = (50_000_u64, 32_u64, 100_u64, PathBuf::from("."));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--calls", Some(number)) => calls = number.parse().unwrap_or(calls).max(1_000),
            ("--batch", Some(number)) => batch = number.parse().unwrap_or(batch).max(1),
            ("--every", Some(number)) => every = number.parse().unwrap_or(every).max(1),
            ("--dir", Some(folder)) => dir = PathBuf::from(folder),
            _ => return println!("{USAGE}"),
        }
    }
    let folder = tempfile::tempdir_in(&dir).expect("the folder can be written; choose another with `--dir`");
    let (_history, mut recorder) = dce_history::open(folder.path()).expect("an empty folder");
    let (calls_max, calls_live_max, retention) = (1 << 20, 1 << 17, Seconds(3_600));
    let limits = Limits { accounts_max: 128, calls_max, calls_live_max, retention, ..Limits::small() };
    let mut exchange = Exchange::new(Genesis::new(limits, 7, USD)).expect("possible limits");
    let (mut events, mut sold, mut commands, mut told) = (Events::new(), 0_u64, 0_u64, 0_u64);
    let (mut thread, mut all, mut waiting) = (Duration::ZERO, Duration::ZERO, Vec::new());
    let mut tell = |exchange: &mut Exchange, at: Timestamp, command: Command<'static>| {
        let receipt = exchange.apply(at, &command, &mut events);
        let receipt = receipt.unwrap_or_else(|reject| panic!("{command:?}: {reject:?}"));
        sold += events.iter().filter(|event| matches!(event, Event::CallSold { .. })).count() as u64;
        (told, commands) = (told + events.len() as u64, commands + 1);
        waiting.push(((receipt.sequence, at), command, events.to_vec()));
        if waiting.len() as u64 == batch {
            let began = (on_processors(), on_processor("thread-self"));
            for (place, command, events) in &waiting {
                recorder.fold(*place, command, events).expect("the disk takes it");
            }
            recorder.commit().and_then(|()| recorder.sync_if_due()).expect("the disk takes it");
            thread += on_processor("thread-self") - began.1;
            all += on_processors().saturating_sub(began.0);
            waiting.clear();
        }
    };
    for command in opening() {
        tell(&mut exchange, START, command);
    }
    for nth in 0..calls {
        let at = Timestamp::from_micros(START.micros() + (nth + 1) * every);
        while exchange.next_deadline().is_some_and(|due| due <= at) {
            tell(&mut exchange, at, Tick.into());
        }
        let offer = OfferCall::new(WEB, CallId::at(at, nth), ListingId(1));
        tell(&mut exchange, at, offer.into());
    }
    let each = |time: Duration| time.as_nanos() as u64 / sold.max(1);
    println!("{calls} calls offered, sold {sold} times: {commands} commands, {told} events");
    println!("processor time for each sale: {} ns of the thread that folds, {} ns of all", each(thread), each(all));
}

/// A seller with a listing, and buyers with money and a standing bid each.
fn opening() -> Vec<Command<'static>> {
    let mut commands: Vec<Command<'static>> =
        vec![OpenAccount::seller(WEB).into(), CreateListing::of(WEB, ListingId(1)).into()];
    for buyer in (1..=BUYERS).map(AccountId) {
        commands.push(OpenAccount::buyer(buyer).deposit(Money::from_units(1_000_000)).into());
        let bid = Money::from_micros(2_000_000 + i64::try_from(buyer.0).unwrap_or_default() * 10_000);
        commands.push(CreateProfile::of(buyer, ProfileId(1)).bid(bid).dial(b"+18005550100", RING).into());
    }
    commands
}

/// How long all threads of this process have run.
fn on_processors() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    threads.map(|thread| on_processor(&format!("self/task/{}", thread.file_name().to_string_lossy()))).sum()
}

/// How long a thread has run, as Linux counts it.
fn on_processor(thread: &str) -> Duration {
    let counted = std::fs::read_to_string(format!("/proc/{thread}/schedstat")).unwrap_or_default();
    let nanos = counted.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}
