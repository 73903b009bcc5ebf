//! A market's day out of the generator of random commands, told command by command; and whole histories, to be compared.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails in them fails the test")]

use std::collections::BTreeMap;
use std::path::Path;

use dce_engine::prelude::*;
use dce_history::{History, Recorder};
use dce_tests::bridge::{self, Frame};
use dce_tests::twin::Twin;
use dce_tests::workload::{Variant, Workload};

/// Commands of a story.
pub(crate) const COMMANDS: usize = 3_000;

/// Hears one command, when and where it was accepted, with its events and what the exchange is by then.
pub(crate) type Hear<'h> = dyn FnMut((Sequence, Timestamp), &Command<'_>, &[Event], &Exchange) -> bool + 'h;

/// Tells the accepted commands of a market with their events, in order, until `each` has heard enough.
pub(crate) fn tell(variant: Variant, seed: u64, each: &mut Hear<'_>) {
    let capacities = variant.capacities();
    let genesis = Genesis::new(bridge::limits(&capacities), seed.into(), USD);
    let (mut engine, mut events) = (Exchange::new(genesis).unwrap(), Events::new());
    let mut twin = Twin::new(capacities, seed.into(), seed.into());
    let mut workload = Workload::new(variant, seed);
    for _ in 0..COMMANDS {
        let (at, action) = workload.next(&twin);
        let frame = Frame::of(&action);
        let command = frame.command();
        let answered = engine.apply(at, &command, &mut events);
        let _ = twin.apply(at, &action);
        if let Ok(Receipt { sequence, repeated: false }) = answered
            && !each((sequence, at), &command, &events, &engine)
        {
            break;
        }
    }
}

/// A history of all that happened up to a command.
pub(crate) fn fresh(folder: &Path, variant: Variant, seed: u64, last: Sequence) -> (History, Recorder) {
    let (history, mut recorder) = dce_history::open(folder).unwrap();
    tell(variant, seed, &mut |place, command, events, _| {
        if place.0 <= last {
            recorder.fold(place, command, events).unwrap();
        }
        place.0 < last
    });
    recorder.commit().unwrap();
    (history, recorder)
}

/// Every row.
pub(crate) fn rows(history: &History) -> BTreeMap<(&'static str, Vec<u8>), Vec<u8>> {
    let mut all = BTreeMap::new();
    history.rows(|table, key, value| drop(all.insert((table, key.to_vec()), value.to_vec()))).unwrap();
    all
}
