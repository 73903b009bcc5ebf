//! The two loops everybody writes first: over every profile, and over a vertical's profiles in order of bid with an early
//! stop.
//!
//! In a generated world a row is a plain struct with a predicate written by hand, the fastest form of these loops that we
//! know. Of a plan's market nothing is known beforehand, so there a row is a list of clauses.

use dce_engine::prelude::*;

use super::{NOBODY, Rival, Sale, TopTwo};
use crate::book::{Book, Entry, Offer};
use crate::wishes::{Metro, Wishes};
use crate::world::{Call, Profile, World};

/// What a loop asks of a profile.
pub trait Row {
    /// What it is asked about.
    type Call;

    /// Where it buys.
    fn vertical(&self) -> u16;

    /// Whether it wants the call, its vertical included.
    fn wants(&self, call: &Self::Call) -> bool;
}

/// What a loop must know of a call besides.
pub trait Asked {
    /// Its vertical.
    fn vertical(&self) -> u16;

    /// Its least price.
    fn reserve(&self) -> Money;
}

/// A profile of a generated world.
#[derive(Clone, Debug)]
pub struct ByHand<'w> {
    wishes: Wishes,
    metros: &'w [Metro],
}

/// A profile of a narrow one: no more is asked of it than it can say, and what is asked first lies together.
#[derive(Clone, Debug)]
pub struct Narrow {
    states: u64,
    vertical: u8,
    languages: u8,
    /// The end excluded.
    ages: (u8, u8),
    areas: Vec<u16>,
    tags: Vec<u16>,
}

/// A row with its rank.
#[derive(Clone, Debug)]
struct Ranked<R> {
    row: R,
    tier: u8,
    bid: Money,
    profile: u32,
}

impl<R> Ranked<R> {
    const fn key(&self) -> (u8, std::cmp::Reverse<Money>, u32) {
        (self.tier, std::cmp::Reverse(self.bid), self.profile)
    }
}

/// Checks every profile of the market.
#[derive(Clone, Debug)]
pub struct NaiveScan<R> {
    rows: Vec<Ranked<R>>,
}

/// Checks the profiles of the call's vertical from the highest bid down, and stops at the second that fits.
#[derive(Clone, Debug)]
pub struct SortedScan<R> {
    verticals: Vec<Vec<Ranked<R>>>,
    /// With one tier, no row after the first that bids too little bids enough.
    tiers: bool,
}

fn rows_of_world(world: &World) -> Vec<Ranked<ByHand<'_>>> {
    rows(world, |wishes| ByHand { wishes: wishes.clone(), metros: &world.metros })
}

fn narrow_rows(world: &World) -> Vec<Ranked<Narrow>> {
    rows(world, |wishes| {
        let Wishes { vertical, languages, states, age, ref areas, ref tags, .. } = *wishes;
        let (areas, tags) = (areas.clone(), tags.clone());
        Narrow { states, vertical, languages, ages: age.unwrap_or((0, u8::MAX)), areas, tags }
    })
}

fn rows<R>(world: &World, row: impl Fn(&Wishes) -> R) -> Vec<Ranked<R>> {
    let ranked = |(profile, place): (&Profile, u32)| Ranked {
        row: row(&profile.wishes),
        tier: 1,
        bid: profile.bid,
        profile: place,
    };
    world.profiles.iter().zip(0..).map(ranked).collect()
}

fn rows_of_book(book: &Book) -> Vec<Ranked<Entry>> {
    let rows = book.entries.iter().zip(0..).map(|(entry, place)| Ranked {
        row: entry.clone(),
        tier: entry.tier,
        bid: entry.bid,
        profile: place,
    });
    rows.collect()
}

impl<'w> NaiveScan<ByHand<'w>> {
    /// Over all of this world.
    #[must_use]
    pub fn of_world(world: &'w World) -> Self {
        Self { rows: rows_of_world(world) }
    }

    /// Who buys the call.
    #[must_use]
    pub fn decide(&self, call: &Call) -> Option<Sale> {
        Sale::of(self.best_two(call), call)
    }

    /// How many profiles could buy the call.
    #[must_use]
    pub fn matches(&self, call: &Call) -> usize {
        self.rows.iter().filter(|row| row.bid >= call.reserve && row.row.wants(call)).count()
    }
}

impl NaiveScan<Narrow> {
    /// Over all of this narrow world.
    #[must_use]
    pub fn of_narrow(world: &World) -> Self {
        Self { rows: narrow_rows(world) }
    }
}

impl NaiveScan<Entry> {
    /// Over all profiles of this book.
    #[must_use]
    pub fn of_book(book: &Book) -> Self {
        Self { rows: rows_of_book(book) }
    }
}

impl<R: Row> NaiveScan<R>
where
    R::Call: Asked,
{
    fn best_two(&self, call: &R::Call) -> [Option<(u32, Money)>; 2] {
        let (mut best, mut next): (Option<&Ranked<R>>, Option<&Ranked<R>>) = (None, None);
        for row in &self.rows {
            if row.bid < call.reserve() || !row.row.wants(call) {
                continue;
            }
            if best.is_none_or(|best| row.key() < best.key()) {
                next = best.replace(row);
            } else if next.is_none_or(|next| row.key() < next.key()) {
                next = Some(row);
            }
        }
        [best, next].map(|row| row.map(|row| (row.profile, row.bid)))
    }
}

impl<'w> SortedScan<ByHand<'w>> {
    /// Over all of this world.
    #[must_use]
    pub fn of_world(world: &'w World) -> Self {
        Self::sort(rows_of_world(world))
    }

    /// Who buys the call.
    #[must_use]
    pub fn decide(&self, call: &Call) -> Option<Sale> {
        Sale::of(self.best_two(call), call)
    }
}

impl SortedScan<Narrow> {
    /// Over all of this narrow world.
    #[must_use]
    pub fn of_narrow(world: &World) -> Self {
        Self::sort(narrow_rows(world))
    }
}

impl SortedScan<Entry> {
    /// Over all profiles of this book.
    #[must_use]
    pub fn of_book(book: &Book) -> Self {
        Self::sort(rows_of_book(book))
    }
}

impl<R: Row> SortedScan<R> {
    fn sort(rows: Vec<Ranked<R>>) -> Self {
        let tiers = rows.iter().any(|row| row.tier != rows[0].tier);
        let mut verticals = Vec::new();
        for row in rows {
            let vertical = usize::from(row.row.vertical());
            if verticals.len() <= vertical {
                verticals.resize_with(vertical + 1, Vec::new);
            }
            verticals[vertical].push(row);
        }
        for rows in &mut verticals {
            rows.sort_by_key(Ranked::key);
        }
        Self { verticals, tiers }
    }

    fn rows(&self, vertical: u16) -> &[Ranked<R>] {
        self.verticals.get(usize::from(vertical)).map_or(&[], Vec::as_slice)
    }
}

impl<R: Row> SortedScan<R>
where
    R::Call: Asked,
{
    fn best_two(&self, call: &R::Call) -> [Option<(u32, Money)>; 2] {
        let enough = |row: &Ranked<R>| row.bid >= call.reserve();
        let rows = self.rows(call.vertical()).iter().take_while(|row| self.tiers || enough(row));
        let mut fitting = rows.filter(|row| enough(row) && row.row.wants(call)).map(|row| (row.profile, row.bid));
        [fitting.next(), fitting.next()]
    }
}

impl Row for ByHand<'_> {
    type Call = Call;

    fn vertical(&self) -> u16 {
        u16::from(self.wishes.vertical)
    }

    #[inline]
    fn wants(&self, call: &Call) -> bool {
        self.wishes.accept(&call.caller, self.metros)
    }
}

impl Row for Narrow {
    type Call = Call;

    fn vertical(&self) -> u16 {
        u16::from(self.vertical)
    }

    #[inline]
    fn wants(&self, Call { caller, .. }: &Call) -> bool {
        self.vertical == caller.vertical
            && self.states >> caller.state & 1 == 1
            && self.languages >> caller.language & 1 == 1
            && (self.ages.0..self.ages.1).contains(&caller.age)
            && (self.areas.is_empty() || self.areas.binary_search(&caller.area).is_ok())
            && (self.tags.is_empty() || caller.tags.iter().any(|tag| self.tags.contains(tag)))
    }
}

impl Row for Entry {
    type Call = Offer;

    fn vertical(&self) -> u16 {
        self.vertical
    }

    #[inline]
    fn wants(&self, call: &Offer) -> bool {
        self.vertical == call.listing.vertical && Self::wants(self, &call.known)
    }
}

impl Asked for Call {
    fn vertical(&self) -> u16 {
        u16::from(self.caller.vertical)
    }

    fn reserve(&self) -> Money {
        self.reserve
    }
}

impl Asked for Offer {
    fn vertical(&self) -> u16 {
        self.listing.vertical
    }

    fn reserve(&self) -> Money {
        self.reserve
    }
}

/// A scan with the calls it is asked about.
#[derive(Debug)]
pub struct Scanning<'c, S, C> {
    /// The scan.
    pub scan: S,
    /// By their numbers.
    pub calls: &'c [C],
}

impl<R: Row> Rival for Scanning<'_, NaiveScan<R>, R::Call>
where
    R::Call: Asked,
{
    fn match_all(&mut self, call: usize, found: &mut Vec<u32>) {
        let call = &self.calls[call];
        found.extend(self.scan.rows.iter().filter(|row| row.row.wants(call)).map(|row| row.profile));
    }

    fn top_two(&mut self, call: usize) -> TopTwo {
        self.scan.best_two(&self.calls[call]).map(number)
    }
}

impl<R: Row> Rival for Scanning<'_, SortedScan<R>, R::Call>
where
    R::Call: Asked,
{
    fn match_all(&mut self, call: usize, found: &mut Vec<u32>) {
        let call = &self.calls[call];
        let rows = self.scan.rows(call.vertical()).iter();
        found.extend(rows.filter(|row| row.row.wants(call)).map(|row| row.profile));
    }

    fn top_two(&mut self, call: usize) -> TopTwo {
        self.scan.best_two(&self.calls[call]).map(number)
    }
}

fn number(best: Option<(u32, Money)>) -> u32 {
    best.map_or(NOBODY, |(profile, _)| profile)
}
