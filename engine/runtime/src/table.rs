//! A map whose pictures share what they have in common: a picture costs a few pointers, and a change copies one page.
//!
//! ```text
//!  key ──index──► slot ──► hall of 16 rows ──► row of 16 shelves ──► shelf of 16 pages ──► page of 4 entries
//!
//!  hall … page   copied when changed for the first time after a picture was taken
//!  index         one for all pictures: it only says where to look, the page says what is there
//! ```
//!
//! Slots are given out in the order of arrival, so what happens together lies together: a thousand new calls copy a few
//! shelves. Had the hash chosen the page, each would copy its own.
//!
//! Invariant: as long as a picture is held, the index leads to everything that is in it.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hashbrown::DefaultHashBuilder;

const PAGE: usize = 4;
/// Of pages, of shelves and of rows. Copying one counts a reference to each, which is what a change costs most.
const FAN: usize = 16;

/// Entries that may be gone and not forgotten, unless the table is much larger.
const GONE_MAX: usize = 16_384;

type Page<K, V> = [Option<(K, V)>; PAGE];
type Shelf<K, V> = [Arc<Page<K, V>>; FAN];
type Row<K, V> = [Arc<Shelf<K, V>>; FAN];
type Hall<K, V> = [Arc<Row<K, V>>; FAN];

/// A picture: what was in the table at some moment.
#[derive(Debug)]
pub(crate) struct Picture<K, V> {
    halls: Vec<Arc<Hall<K, V>>>,
    index: Arc<Index>,
    hasher: DefaultHashBuilder,
    len: usize,
}

/// The table itself, which one thread changes.
#[derive(Debug)]
pub(crate) struct Table<K, V> {
    now: Picture<K, V>,
    /// Slots nobody uses, the first to be used next; beyond `slots` all are unused.
    free: VecDeque<u32>,
    slots: u32,
    empty: Arc<Row<K, V>>,
    /// Where the last entry was: several facts in a row are about the same one.
    last: Option<(K, u32)>,
    /// Entries that are gone and still in the index: how many pictures had been taken by then, hash, slot.
    gone: VecDeque<(u64, u64, u32)>,
    pictures: u64,
}

impl<K: Copy + Eq + Hash, V: Copy> Picture<K, V> {
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let slot = self.find(key, self.hasher.hash_one(key))?;
        self.at(slot).map(|(_, value)| value)
    }

    /// All entries, in the order of their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        let shelves = self.halls.iter().flat_map(|hall| hall.iter()).flat_map(|row| row.iter());
        shelves.flat_map(|shelf| shelf.iter()).flat_map(|page| page.iter().flatten())
    }

    fn find(&self, key: &K, hash: u64) -> Option<u32> {
        self.index.slots(hash).find(|slot| self.at(*slot).is_some_and(|(known, _)| known == key))
    }

    fn at(&self, slot: u32) -> Option<&(K, V)> {
        let (hall, [row, shelf, page, place]) = path(slot);
        // A slot the index learned of after this picture was taken may lie beyond it.
        self.halls.get(hall)?[row][shelf][page][place].as_ref()
    }
}

impl<K: Copy + Eq + Hash, V: Copy> Table<K, V> {
    /// An empty table for so many entries; more are possible, at the price of a larger index now and then.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let page: Arc<Page<K, V>> = Arc::new([const { None }; PAGE]);
        let shelf: Arc<Shelf<K, V>> = Arc::new(std::array::from_fn(|_| Arc::clone(&page)));
        let empty = Arc::new(std::array::from_fn(|_| Arc::clone(&shelf)));
        let index = Arc::new(Index::with_capacity(capacity));
        let now = Picture { halls: Vec::new(), index, hasher: DefaultHashBuilder::default(), len: 0 };
        Self { now, free: VecDeque::new(), slots: 0, empty, last: None, gone: VecDeque::new(), pictures: 0 }
    }

    /// A picture of how it stands.
    pub(crate) fn picture(&mut self) -> Picture<K, V> {
        self.pictures += 1;
        let Picture { halls, index, hasher, len } = &self.now;
        Picture { halls: halls.clone(), index: Arc::clone(index), hasher: hasher.clone(), len: *len }
    }

    /// No picture taken before this many is held any more: what only they knew is forgotten.
    pub(crate) fn forget(&mut self, pictures: u64) {
        while let Some((_, hash, slot)) = self.gone.front().filter(|(taken, ..)| *taken <= pictures) {
            self.now.index.remove(*hash, *slot);
            self.gone.pop_front();
        }
    }

    /// How many pictures were taken.
    pub(crate) const fn pictures(&self) -> u64 {
        self.pictures
    }

    /// Entries that are gone and not forgotten.
    #[cfg(test)]
    pub(crate) fn gone_count(&self) -> usize {
        self.gone.len()
    }

    /// How large the index is.
    #[cfg(test)]
    pub(crate) fn index_cells(&self) -> usize {
        self.now.index.buckets.len() * BUCKET
    }

    pub(crate) fn contains(&mut self, key: &K) -> bool {
        self.slot_of(key).is_some()
    }

    /// The value, to be changed.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let slot = self.slot_of(key)?;
        self.at_mut(slot).as_mut().map(|(_, value)| value)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if let Some(known) = self.get_mut(&key) {
            *known = value;
            return;
        }
        let slot = self.free.pop_front().unwrap_or(self.slots);
        self.slots = self.slots.max(slot + 1);
        let (hall, ..) = path(slot);
        if hall == self.now.halls.len() {
            let empty = &self.empty;
            self.now.halls.push(Arc::new(std::array::from_fn(|_| Arc::clone(empty))));
        }
        *self.at_mut(slot) = Some((key, value));
        self.now.len += 1;
        self.last = Some((key, slot));
        let hash = self.now.hasher.hash_one(key);
        if !self.now.index.insert(hash, slot) {
            self.reindex();
        }
    }

    pub(crate) fn remove(&mut self, key: &K) {
        let Some(slot) = self.slot_of(key) else { return };
        *self.at_mut(slot) = None;
        self.now.len -= 1;
        self.last = None;
        self.free.push_back(slot);
        self.gone.push_back((self.pictures, self.now.hasher.hash_one(key), slot));
        // Somebody holds an old picture while ever more goes: let it keep an index of its own.
        if self.gone.len() > GONE_MAX.max(self.now.len / 4) {
            self.reindex();
        }
    }

    fn slot_of(&mut self, key: &K) -> Option<u32> {
        if let Some((known, slot)) = &self.last
            && known == key
        {
            return Some(*slot);
        }
        let slot = self.now.find(key, self.now.hasher.hash_one(key))?;
        self.last = Some((*key, slot));
        Some(slot)
    }

    fn at_mut(&mut self, slot: u32) -> &mut Option<(K, V)> {
        let (hall, [row, shelf, page, place]) = path(slot);
        let hall = Arc::make_mut(&mut self.now.halls[hall]);
        let row = Arc::make_mut(&mut hall[row]);
        let shelf = Arc::make_mut(&mut row[shelf]);
        &mut Arc::make_mut(&mut shelf[page])[place]
    }

    /// Another index for this picture and all later ones, with room for twice what there is. Pictures taken before keep
    /// theirs.
    fn reindex(&mut self) {
        let mut capacity = 2 * self.now.len.max(PAGE * FAN);
        loop {
            let index = Index::with_capacity(capacity);
            let all_fit = (0..self.slots).all(|slot| {
                let entry = self.now.at(slot);
                entry.is_none_or(|(key, _)| index.insert(self.now.hasher.hash_one(key), slot))
            });
            if all_fit {
                self.now.index = Arc::new(index);
                self.gone.clear();
                return;
            }
            capacity *= 2;
        }
    }
}

/// The hall, and in it: row, shelf, page, place.
const fn path(slot: u32) -> (usize, [usize; 4]) {
    let slot = slot as usize;
    let page = slot / PAGE;
    (page / (FAN * FAN * FAN), [page / (FAN * FAN) % FAN, page / FAN % FAN, page % FAN, slot % PAGE])
}

/// Where to look for a hash: cells of `tag u32 | slot + 1 u32`, in two buckets of a cache line each. Written by one thread
/// and read by any; what it says is a hint that the page confirms.
#[derive(Debug)]
struct Index {
    buckets: Box<[[AtomicU64; BUCKET]]>,
}

const BUCKET: usize = 8;

impl Index {
    /// With twice the cells there are entries, and two buckets to choose from, a full pair is a rare accident.
    fn with_capacity(capacity: usize) -> Self {
        let buckets = (2 * capacity / BUCKET).next_power_of_two().max(2);
        Self { buckets: (0..buckets).map(|_| [const { AtomicU64::new(0) }; BUCKET]).collect() }
    }

    /// Where it may be.
    fn slots(&self, hash: u64) -> impl Iterator<Item = u32> + '_ {
        let (first, second) = self.pair(hash);
        self.buckets[first].iter().chain(&self.buckets[second]).filter_map(move |cell| {
            let cell = cell.load(Ordering::Acquire);
            (cell >> 32 == tag(hash) && cell != 0).then(|| (cell as u32).wrapping_sub(1))
        })
    }

    /// Whether there was room.
    fn insert(&self, hash: u64, slot: u32) -> bool {
        let (first, second) = self.pair(hash);
        let room = |bucket: usize| self.buckets[bucket].iter().filter(|cell| cell.load(Ordering::Relaxed) == 0).count();
        let bucket = if room(first) >= room(second) { first } else { second };
        let free = self.buckets[bucket].iter().find(|cell| cell.load(Ordering::Relaxed) == 0);
        free.inspect(|cell| cell.store(cell_of(hash, slot), Ordering::Release)).is_some()
    }

    fn remove(&self, hash: u64, slot: u32) {
        let (first, second) = self.pair(hash);
        let mut cells = self.buckets[first].iter().chain(&self.buckets[second]);
        if let Some(cell) = cells.find(|cell| cell.load(Ordering::Relaxed) == cell_of(hash, slot)) {
            cell.store(0, Ordering::Release);
        }
    }

    const fn pair(&self, hash: u64) -> (usize, usize) {
        let mask = self.buckets.len() - 1;
        let first = hash as usize & mask;
        // Far enough in the hash to be independent of the first, and never the same.
        let step = ((hash >> 24) as usize & mask) | 1;
        (first, (first ^ step) & mask)
    }
}

const fn tag(hash: u64) -> u64 {
    hash >> 32
}

const fn cell_of(hash: u64, slot: u32) -> u64 {
    tag(hash) << 32 | (slot as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn an_old_picture_stays_as_it_was() {
        let mut table = Table::with_capacity(10);
        for key in 0..5_000_u64 {
            table.insert(key, key);
        }
        let old = table.picture();
        for key in 0..5_000 {
            *table.get_mut(&key).expect("it was put there") += 1;
        }
        table.remove(&7);
        table.insert(9_999, 0);
        assert!((0..5_000).all(|key| old.get(&key) == Some(&key)));
        let new = table.picture();
        assert_eq!((new.get(&7), new.get(&8), new.get(&9_999), new.len()), (None, Some(&9), Some(&0), 5_000));
        assert_eq!((old.get(&9_999), old.len()), (None, 5_000));
    }

    #[test]
    fn what_arrives_together_copies_few_pages() {
        let mut table = Table::with_capacity(100_000);
        for key in 0..50_000_u64 {
            table.insert(key, key);
        }
        let old = table.picture();
        for key in 50_000..50_100 {
            table.insert(key, key);
        }
        let pages = |picture: &Picture<u64, u64>| -> Vec<usize> {
            let shelves = picture.halls.iter().flat_map(|hall| hall.iter()).flat_map(|row| row.iter());
            shelves.flat_map(|shelf| shelf.iter()).map(|page| Arc::as_ptr(page) as usize).collect()
        };
        let (before, after) = (pages(&old), pages(&table.picture()));
        let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
        assert_eq!((before.len(), changed), (4 * FAN * FAN * FAN, 100 / PAGE));
    }

    proptest! {
        #[test]
        fn it_is_a_map_and_so_is_every_picture_that_is_held(
            changes in prop::collection::vec((0..60_u8, prop::option::of(0..9_u32), 0..30_u8), 0..600),
        ) {
            let (mut table, mut model) = (Table::with_capacity(1), BTreeMap::new());
            type Held = (u64, Picture<u8, u32>, BTreeMap<u8, u32>);
            let mut held: VecDeque<Held> = VecDeque::new();
            for (key, value, then) in changes {
                if let Some(value) = value {
                    table.insert(key, value);
                    model.insert(key, value);
                } else {
                    table.remove(&key);
                    model.remove(&key);
                }
                match then {
                    0..3 => {
                        let picture = table.picture();
                        held.push_back((table.pictures(), picture, model.clone()));
                    }
                    3..5 => {
                        held.pop_front();
                        let oldest = held.front().map_or_else(|| table.pictures(), |(number, ..)| number - 1);
                        table.forget(oldest);
                    }
                    _ => {}
                }
                prop_assert_eq!(table.contains(&key), model.contains_key(&key));
            }
            held.push_back((0, table.picture(), model));
            for (_, picture, model) in held {
                let all: BTreeMap<u8, u32> = picture.iter().copied().collect();
                prop_assert_eq!(&all, &model);
                prop_assert_eq!(picture.len(), model.len());
                prop_assert!((0..60).all(|key| picture.get(&key) == model.get(&key)));
            }
        }
    }
}
