//! Who takes part, built from one market, each with its time and its memory.

use std::time::{Duration, Instant};

use dce_benches::book::{Book, Listing, Offer};
use dce_benches::heap;
use dce_benches::market::{self, Caps, OPENING};
use dce_benches::plan::PlanMarket;
use dce_benches::rivals::a_tree::{Forest, Trees};
use dce_benches::rivals::roaring::{Partitions, Search};
use dce_benches::rivals::scan::Scanning;
use dce_benches::rivals::{NOBODY, NaiveScan, Rival, SortedScan, TopTwo};
use dce_benches::world::{Breadth, World};
use dce_engine::measure::Asked;
use dce_engine::prelude::*;

use crate::Progress;

/// Above this the single `a-tree` is left out.
const SINGLE_TREE_MAX: usize = 10_000;
/// Above this those by vertical are, too.
const TREES_MAX: usize = 100_000;
/// Calls that everybody is asked about, in turn.
const CALLS: usize = 4_096;

/// Everybody, and the market they were made from.
pub(crate) struct Field<'m> {
    pub(crate) contenders: Vec<Contender<'m>>,
    pub(crate) book: &'m Book,
    /// Of the engine: what one more in `profiles_max` costs, index and records included.
    pub(crate) bytes_per_profile: u64,
    /// What each of the engine's profiles is called in the book.
    places: Vec<u32>,
}

/// One of them; the engine is the first.
pub(crate) struct Contender<'m> {
    pub(crate) about: About,
    pub(crate) rival: Box<dyn Rival + 'm>,
}

/// What is said of one beside its times.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) name: &'static str,
    pub(crate) build: Duration,
    /// What its structure holds.
    pub(crate) bytes: u64,
}

/// A generated market in plain words, its first calls included.
pub(crate) fn book_of(world: &World) -> Book {
    let mut book = Book::default();
    market::carry_out(world, Caps::Lifted, None, |command| book.hear(command));
    let offers = world.calls.iter().take(CALLS).map(|call| {
        let offer = market::offer(call, OPENING, 0);
        let is_its = |listing: &&Listing| (listing.seller, listing.id) == (offer.seller, offer.listing);
        let listing = book.listings.iter().find(is_its).expect("Invariant: every seller lists in every vertical");
        Offer::new(*listing, call.reserve, call.facts.clone())
    });
    book.offers = offers.collect();
    book
}

impl<'m> Field<'m> {
    pub(crate) fn of_world(world: &'m World, book: &'m Book, progress: &Progress) -> Self {
        progress.say("building: ours");
        let mut exchange = Exchange::new(market::genesis(world)).expect("Invariant: the market's limits can be");
        let (mut events, mut build) = (Events::new(), Duration::ZERO);
        market::carry_out(world, Caps::Lifted, None, |command| {
            let start = Instant::now();
            market::accept(&mut exchange, OPENING, command, &mut events);
            if matches!(command, Command::CreateProfile(_)) {
                build += start.elapsed();
            }
        });
        let start = Instant::now();
        while exchange.maintain(u32::MAX) {}
        build += start.elapsed();

        let mut field = Self::of_ours(exchange, book, build, bytes_per_profile(&market::genesis(world)));
        let calls = &world.calls[..book.offers.len()];
        if world.breadth == Breadth::Narrow {
            field.take_in("naive scan", || Box::new(Scanning { scan: NaiveScan::of_narrow(world), calls }));
            field.take_in("sorted scan", || Box::new(Scanning { scan: SortedScan::of_narrow(world), calls }));
        } else {
            field.take_in("naive scan", || Box::new(Scanning { scan: NaiveScan::of_world(world), calls }));
            field.take_in("sorted scan", || Box::new(Scanning { scan: SortedScan::of_world(world), calls }));
        }
        field.take_in_indexes(progress);
        field
    }

    pub(crate) fn of_plan(market: &'m PlanMarket, progress: &Progress) -> Self {
        let (book, bytes) = (&market.book, bytes_per_profile(&Genesis::new(market.limits, 7, USD)));
        let mut field = Self::of_ours(market.bare.clone(), book, market.build, bytes);
        let calls = &book.offers[..];
        field.take_in("naive scan", || Box::new(Scanning { scan: NaiveScan::of_book(book), calls }));
        field.take_in("sorted scan", || Box::new(Scanning { scan: SortedScan::of_book(book), calls }));
        field.take_in_indexes(progress);
        field
    }

    fn of_ours(exchange: Exchange, book: &'m Book, build: Duration, bytes_per_profile: u64) -> Self {
        let places = places(&exchange, book);
        let about = About { name: "ours", build, bytes: bytes_per_profile * book.entries.len() as u64 };
        let ours = Contender { about, rival: Box::new(Ours::new(exchange, book)) };
        Self { contenders: vec![ours], book, bytes_per_profile, places }
    }

    pub(crate) fn profiles(&self) -> usize {
        self.book.entries.len()
    }

    pub(crate) fn described(&self) -> Vec<About> {
        self.contenders.iter().map(|contender| contender.about.clone()).collect()
    }

    /// A profile's place in the book, by the number that the contender at `contender` gives it.
    pub(crate) fn place(&self, contender: usize, number: u32) -> u32 {
        if contender == 0 && number != NOBODY { self.places[number as usize] } else { number }
    }

    fn take_in_indexes(&mut self, progress: &Progress) {
        let (profiles, book) = (self.profiles(), self.book);
        for (name, search) in [("roaring, intersected", Search::Intersected), ("roaring, probed", Search::Probed)] {
            progress.say(&format!("building: {name}"));
            self.take_in(name, || Box::new(Partitions::new(book, search)));
        }
        for (name, trees, most) in
            [("a-tree, single", Trees::Single, SINGLE_TREE_MAX), ("a-tree, by vertical", Trees::PerVertical, TREES_MAX)]
        {
            if profiles > most {
                continue;
            }
            progress.say(&format!("building: {name}"));
            let mut last = Instant::now();
            let tell = |done: usize| {
                if last.elapsed() >= Duration::from_secs(2) {
                    last = Instant::now();
                    progress.say(&format!("building: {name}: {done} of {profiles}"));
                }
            };
            self.take_in(name, || Box::new(Forest::plant(book, trees, tell)));
        }
    }

    fn take_in(&mut self, name: &'static str, make: impl FnOnce() -> Box<dyn Rival + 'm>) {
        let (start, before) = (Instant::now(), heap::bytes());
        let rival = make();
        let about = About { name, build: start.elapsed(), bytes: heap::bytes() - before };
        self.contenders.push(Contender { about, rival });
    }
}

/// The engine, asked through the very functions that its decision calls.
#[derive(Debug)]
struct Ours {
    exchange: Exchange,
    at: Timestamp,
    asked: Vec<Asked>,
    /// Some profile has several conjunctions, and so may be met more than once.
    repeats: bool,
}

impl Ours {
    fn new(exchange: Exchange, book: &Book) -> Self {
        let asked = book.offers.iter().map(|offer| {
            let listing = &offer.listing;
            let command = OfferCall::new(listing.seller, CallId::at(OPENING, 1), listing.id).reserve(offer.reserve);
            exchange.measure_asked(&command.facts(&offer.facts)).expect("Invariant: the market has what its calls name")
        });
        let asked = asked.collect();
        let repeats = book.entries.iter().any(|entry| entry.conjunctions.len() > 1);
        Self { at: exchange.last_time(), exchange, asked, repeats }
    }
}

impl Rival for Ours {
    fn match_all(&mut self, call: usize, found: &mut Vec<u32>) {
        self.exchange.measure_match_all(&self.asked[call], self.at, |profile| found.push(profile));
        if self.repeats {
            found.sort_unstable();
            found.dedup();
        }
    }

    fn top_two(&mut self, call: usize) -> TopTwo {
        let best = self.exchange.measure_top_two(&self.asked[call], self.at);
        best.map(|best| best.map_or(NOBODY, |best| best.profile))
    }
}

/// The place in the book of each of the exchange's profiles, by its number. Profiles without a standing bid have none.
fn places(exchange: &Exchange, book: &Book) -> Vec<u32> {
    let by_names: std::collections::HashMap<_, u32> = book.entries.iter().map(|entry| entry.names).zip(0..).collect();
    let names = (0..exchange.measure_profiles()).map(|profile| exchange.measure_names(profile));
    names.map(|names| by_names.get(&names).copied().unwrap_or(NOBODY)).collect()
}

/// What the memory of an exchange grows by with each profile it has room for: its records and its lines of the index. All
/// of it is claimed at the start, so it is the difference of two that are empty.
fn bytes_per_profile(genesis: &Genesis) -> u64 {
    let claimed = |profiles_max: u32| {
        // A profile's share of what all of them list.
        let chunks = u64::from(genesis.limits.targeting_chunks_max) * u64::from(profiles_max);
        let targeting_chunks_max = (chunks / u64::from(genesis.limits.profiles_max)) as u32;
        let few_calls = Limits { calls_max: 1_024, calls_live_max: 1_024, ..genesis.limits };
        let limits = Limits { profiles_max, targeting_chunks_max, ..few_calls };
        let before = heap::bytes();
        let exchange = Exchange::new(Genesis { limits, ..*genesis }).expect("Invariant: fewer profiles can be, too");
        let claimed = heap::bytes() - before;
        drop(exchange);
        claimed
    };
    // Tables are sized in powers of two: halves of the same power compare like with like.
    let most = genesis.limits.profiles_max.next_power_of_two();
    (claimed(most) - claimed(most / 2)) / u64::from(most / 2)
}
