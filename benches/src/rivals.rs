//! What the decision is compared with: the two loops everybody writes first, roaring bitmaps, and `a-tree`.
//!
//! | module | what it is |
//! |---|---|
//! | [`scan`] | over every profile; over a vertical's profiles in order of bid, stopping at the second that fits |
//! | [`roaring`] | a bitmap for each value, a partition for each vertical, intersected or probed in order of bid |
//! | [`a_tree`] | the crate `a-tree`: one tree, or one for each vertical |
//!
//! They know targeting and bids and nothing else: no caps, no hours, no money, no rules about callers, no hold, no events.
//! So they have it easier than the engine, and still find the very same profiles.

pub mod a_tree;
pub mod roaring;
pub mod scan;

use dce_engine::prelude::*;

pub use scan::{NaiveScan, SortedScan};

use crate::market::{self, Caps, INCREMENT, OPENING};
use crate::world::{Call, World};

/// A contender: whoever answers the two questions that an index is there for, about calls it knows by number.
pub trait Rival {
    /// Puts every profile that wants the call into `found`, by its number.
    fn match_all(&mut self, call: usize, found: &mut Vec<u32>);

    /// The best two profiles that want the call and bid at least its reserve.
    fn top_two(&mut self, call: usize) -> TopTwo;
}

/// The best two by their numbers; [`NOBODY`] where there is none.
pub type TopTwo = [u32; 2];

/// No profile's number.
pub const NOBODY: u32 = u32::MAX;

/// Who buys a call, by its place in the world, and at what price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The winner.
    pub profile: u32,
    /// The second price.
    pub price: Money,
}

impl Sale {
    /// The sale to the better of two, by their places and bids, at the price of the other.
    #[must_use]
    pub fn of([best, next]: [Option<(u32, Money)>; 2], call: &Call) -> Option<Self> {
        let (profile, bid) = best?;
        let price = next.map_or(call.reserve, |(_, next)| (next + INCREMENT).max(call.reserve));
        Some(Self { profile, price: price.min(bid) })
    }
}

/// Offers the world's first calls to a fresh exchange without caps, and asserts that all three find the same winner at
/// the same price, or all three nobody. Returns how many of the calls were sold.
///
/// # Panics
///
/// At the first difference.
pub fn assert_identical(world: &World, calls: usize) -> usize {
    let mut exchange = market::open(world, Caps::Lifted);
    let (naive, sorted) = (NaiveScan::of_world(world), SortedScan::of_world(world));
    let mut events = Events::new();
    let mut sold = 0;
    for (call, counter) in world.calls.iter().take(calls).zip(0..) {
        // All at one moment: nothing falls due between them.
        let command = market::offer(call, OPENING, counter).into();
        market::accept(&mut exchange, OPENING, &command, &mut events);
        let ours = events.iter().find_map(|event| match *event {
            Event::CallSold { profile, price, .. } => Some(Sale { profile: (profile.0 - 1) as u32, price }),
            _ => None,
        });
        assert_eq!(ours, naive.decide(call), "call {counter}: engine and naive scan differ");
        assert_eq!(ours, sorted.decide(call), "call {counter}: engine and sorted scan differ");
        sold += usize::from(ours.is_some());
    }
    sold
}
