//! The two loops everybody writes first: over every profile, and over a vertical's profiles in order of bid with an early
//! stop. Plain structs, no caps, no money: they have it easier than the engine, and find the very same winner and price.

use dce_engine::prelude::*;

use crate::market::{self, Caps, INCREMENT, OPENING};
use crate::vocabulary::VERTICALS;
use crate::wishes::{Metro, Wishes};
use crate::world::{Call, World};

/// Who buys a call, by its place in the world, and at what price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The winner.
    pub profile: u32,
    /// The second price.
    pub price: Money,
}

/// A profile, as a rival keeps it.
#[derive(Clone, Debug)]
struct Row {
    wishes: Wishes,
    bid: Money,
    profile: u32,
}

impl Row {
    fn all(world: &World) -> impl Iterator<Item = Self> {
        world.profiles.iter().zip(0..).map(|(profile, place)| Self {
            wishes: profile.wishes.clone(),
            bid: profile.bid,
            profile: place,
        })
    }
}

/// Checks every profile of the market.
#[derive(Clone, Debug)]
pub struct NaiveScan<'w> {
    rows: Vec<Row>,
    metros: &'w [Metro],
}

impl<'w> NaiveScan<'w> {
    /// Over all of this world.
    #[must_use]
    pub fn new(world: &'w World) -> Self {
        Self { rows: Row::all(world).collect(), metros: &world.metros }
    }

    /// Who buys the call.
    #[must_use]
    pub fn decide(&self, call: &Call) -> Option<Sale> {
        let mut best: Option<&Row> = None;
        let mut next_bid = None;
        for row in &self.rows {
            if row.bid < call.reserve || !row.wishes.accept(&call.caller, self.metros) {
                continue;
            }
            match best {
                // Among equals the earlier one stays.
                Some(leader) if row.bid <= leader.bid => next_bid = next_bid.max(Some(row.bid)),
                _ => {
                    next_bid = best.map(|leader| leader.bid);
                    best = Some(row);
                }
            }
        }
        best.map(|row| sale(row, next_bid, call))
    }

    /// How many profiles could buy the call.
    #[must_use]
    pub fn matches(&self, call: &Call) -> usize {
        self.rows.iter().filter(|row| row.bid >= call.reserve && row.wishes.accept(&call.caller, self.metros)).count()
    }
}

/// Checks the profiles of the call's vertical from the highest bid down, and stops at the second that fits.
#[derive(Clone, Debug)]
pub struct SortedScan<'w> {
    verticals: Vec<Vec<Row>>,
    metros: &'w [Metro],
}

impl<'w> SortedScan<'w> {
    /// Over all of this world.
    #[must_use]
    pub fn new(world: &'w World) -> Self {
        let mut verticals = vec![Vec::new(); usize::from(VERTICALS)];
        for row in Row::all(world) {
            verticals[usize::from(row.wishes.vertical)].push(row);
        }
        for rows in &mut verticals {
            // Stable: among equals the earlier one stays first.
            rows.sort_by_key(|row| std::cmp::Reverse(row.bid));
        }
        Self { verticals, metros: &world.metros }
    }

    /// Who buys the call.
    #[must_use]
    pub fn decide(&self, call: &Call) -> Option<Sale> {
        let mut fitting = self.verticals[usize::from(call.caller.vertical)]
            .iter()
            .take_while(|row| row.bid >= call.reserve)
            .filter(|row| row.wishes.accept(&call.caller, self.metros));
        let winner = fitting.next()?;
        Some(sale(winner, fitting.next().map(|row| row.bid), call))
    }
}

fn sale(winner: &Row, next_bid: Option<Money>, call: &Call) -> Sale {
    let price = next_bid.map_or(call.reserve, |bid| (bid + INCREMENT).max(call.reserve));
    Sale { profile: winner.profile, price: price.min(winner.bid) }
}

/// Offers the world's first calls to a fresh exchange without caps, and asserts that all three find the same winner at
/// the same price, or all three nobody. Returns how many of the calls were sold.
///
/// # Panics
///
/// At the first difference.
pub fn assert_identical(world: &World, calls: usize) -> usize {
    let mut exchange = market::open(world, Caps::Lifted);
    let (naive, sorted) = (NaiveScan::new(world), SortedScan::new(world));
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
