//! Any bytes, read as commands, leave the exchange whole; read as a record, they are told or come back ([`record`]); so
//! are frames of the wire ([`wire`]).
//!
//! Two exchanges are given the same commands; in one the targeting index is maintained in between, in the other never.
//! After each step:
//!
//! * neither panics, and `check` finds every invariant in place;
//! * a refused command has left the digest as it was, and given no events;
//! * a repeated one too, but for its events;
//! * both answer alike, event for event.

mod buy;
mod callers;
mod deliver;
mod market;
mod operate;
mod pools;
pub mod record;
mod sell;
mod step;
pub mod wire;

use arbitrary::{Arbitrary as _, Unstructured};
use dce_engine::prelude::*;

pub use step::Step;

/// Longer streams find nothing that shorter ones do not, and take their time.
const STEPS_MAX: usize = 200;

/// Reads the bytes as steps and takes them.
///
/// # Panics
///
/// When the exchange breaks one of the promises above: that is what a fuzzer looks for.
pub fn run(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let mut pair = Pair::new();
    for _ in 0..STEPS_MAX {
        if bytes.is_empty() {
            return;
        }
        let Ok(step) = Step::arbitrary(&mut bytes) else { return };
        pair.take(&step);
    }
}

/// The exchange twice, and what is known of it outside.
pub(crate) struct Pair {
    tended: Exchange,
    untended: Exchange,
    events: Events,
    events_untended: Events,
    /// Of both, after the last step.
    digest: u128,
    pub(crate) now: Timestamp,
    /// Calls named so far: a step picks one of the last few, or names another.
    pub(crate) calls: Vec<CallId>,
    /// The highest number a stamp has had.
    pub(crate) stamp: u64,
}

impl Pair {
    fn new() -> Self {
        let exchange = Exchange::new(Genesis::new(market::LIMITS, 7, USD)).expect("Invariant: these limits can be");
        let mut pair = Self {
            digest: exchange.digest(),
            untended: exchange.clone(),
            tended: exchange,
            events: Events::new(),
            events_untended: Events::new(),
            now: market::OPENING,
            calls: Vec::new(),
            stamp: 0,
        };
        market::open(|command| {
            let answer = pair.apply(pair.now, command);
            assert!(answer.is_ok(), "{answer:?}: {command:?}");
        });
        pair
    }

    pub(crate) fn call(&self, call: CallId) -> Option<CallView> {
        self.tended.call(market::SELLER, call)
    }

    fn take(&mut self, step: &Step) {
        let deadline = self.tended.next_deadline();
        let (at, early) = step.wait.from(self.now, deadline);
        // Most steps keep to the rule that ticks come first; those that do not must be refused.
        while !early && self.tended.next_deadline().is_some_and(|deadline| deadline <= at) {
            let due = self.tended.next_deadline().map_or(at, |deadline| deadline.max(self.now));
            let ticked = self.apply(due, &Tick.into());
            assert!(ticked.is_ok(), "a tick that is due: {ticked:?}");
        }
        let mut lists = step::Lists::default();
        let command = step.action.command(self, at, &mut lists);
        let _ = self.apply(at, &command);
    }

    fn apply(&mut self, at: Timestamp, command: &Command<'_>) -> Result<Receipt, Reject> {
        let answer = self.tended.apply(at, command, &mut self.events);
        let untended = self.untended.apply(at, command, &mut self.events_untended);
        assert_eq!(answer, untended, "maintenance changed an answer: {command:?}");
        assert_eq!(*self.events, *self.events_untended, "maintenance changed events: {command:?}");
        if let Err(broken) = self.tended.check().and(self.untended.check()) {
            panic!("{broken}: after {command:?} at {at}");
        }
        self.tended.maintain(5);
        let digest = self.tended.digest();
        match &answer {
            Ok(receipt) if !receipt.repeated => {
                assert_eq!(digest, self.untended.digest(), "maintenance changed the digest");
                self.digest = digest;
                self.now = at;
            }
            Ok(_) => assert_eq!(digest, self.digest, "repeated, yet something changed: {command:?}"),
            Err(_) => {
                assert_eq!(digest, self.digest, "refused, yet something changed: {command:?}");
                assert!(self.events.is_empty(), "refused, yet there are events: {command:?}");
            }
        }
        answer
    }
}
