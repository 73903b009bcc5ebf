//! Lists of words of any length, one for each owner, out of chunks of a fixed size.
//!
//! Each owner has a chunk of its own, found by its number; what that one cannot hold goes on in chunks that all owners
//! share. So a short list is one look away, a long one costs only what it has, and as chunks are all of one size
//! nothing is ever too scattered to be used: whether a list fits depends on how many chunks are left and on nothing else.
//!
//! A list does not know its length: behind its last word come zeros to the end of the chunk, and whoever writes lists
//! says in the list where it ends.
//!
//! Invariant: every shared chunk taken so far is in exactly one list or on the free list once, and which chunk a list
//! gets is a pure function of the writes and removals before it.

use alloc::boxed::Box;

/// How many words a chunk holds. With the link they are half a cache line.
pub(crate) const CHUNK_WORDS: usize = 7;

/// Ends a list of chunks. No chunk has this number, because there are fewer.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
#[repr(C, align(32))]
struct Chunk {
    words: [u32; CHUNK_WORDS],
    /// The chunk that goes on with the list, or the next free one.
    next: u32,
}

const _: () = assert!(size_of::<Chunk>() == 32);

impl Chunk {
    const EMPTY: Self = Self { words: [0; CHUNK_WORDS], next: NONE };
}

/// The lists of a fixed number of owners.
#[derive(Clone, Debug)]
pub(crate) struct Chains {
    /// Those of the owners first, then those that are shared.
    chunks: Box<[Chunk]>,
    owners: u32,
    /// The shared chunk given back last, or `NONE`.
    free: u32,
    /// The first that was never taken: what lies behind it is free, too, and not on the free list.
    fresh: u32,
    /// How many shared chunks are free.
    left: u32,
}

impl Chains {
    /// Claims memory for the lists of `owners`, which share `shared` chunks.
    ///
    /// # Panics
    ///
    /// When there would be `u32::MAX` chunks or more.
    pub(crate) fn new(owners: u32, shared: u32) -> Self {
        let count = owners.checked_add(shared).filter(|count| *count < NONE).expect("Invariant: limits are below this");
        let chunks = alloc::vec![Chunk::EMPTY; count as usize].into_boxed_slice();
        Self { chunks, owners, free: NONE, fresh: owners, left: shared }
    }

    /// How many shared chunks a list of so many words takes.
    pub(crate) const fn shared_by(words: usize) -> usize {
        words.saturating_sub(1) / CHUNK_WORDS
    }

    /// Whether a further list that takes so many shared chunks fits.
    pub(crate) const fn has_room(&self, shared: u32) -> bool {
        shared <= self.left
    }

    /// How many shared chunks are in lists, and how many there are.
    pub(crate) const fn used(&self) -> (u32, u32) {
        let shared = self.chunks.len() as u32 - self.owners;
        (shared - self.left, shared)
    }

    /// Writes the list of an owner that has none.
    pub(crate) fn write(&mut self, owner: u32) -> Writer<'_> {
        debug_assert!(self.is_empty(owner), "Invariant: a list is removed before another takes its place");
        Writer { chains: self, chunk: owner, place: 0 }
    }

    /// Takes an owner's list away.
    pub(crate) fn remove(&mut self, owner: u32) {
        let own = &mut self.chunks[owner as usize];
        let mut next = own.next;
        *own = Chunk::EMPTY;
        while next != NONE {
            let chunk = next;
            let place = &mut self.chunks[chunk as usize];
            next = place.next;
            *place = Chunk { next: self.free, ..Chunk::EMPTY };
            self.free = chunk;
            self.left += 1;
        }
    }

    /// An owner's list, and zeros behind it to the end of its last chunk.
    #[inline]
    pub(crate) fn read(&self, owner: u32) -> Words<'_> {
        let Chunk { words, next } = &self.chunks[owner as usize];
        Words { chunks: &self.chunks, rest: words, next: *next }
    }

    /// Where in memory an owner's list begins, to be asked for before it is read.
    #[inline]
    pub(crate) fn near(&self, owner: u32) -> &impl Sized {
        &self.chunks[owner as usize]
    }

    fn is_empty(&self, owner: u32) -> bool {
        let own = &self.chunks[owner as usize];
        own.next == NONE && own.words == [0; CHUNK_WORDS]
    }

    /// A shared chunk, all zeros.
    fn take(&mut self) -> u32 {
        self.left = self.left.checked_sub(1).expect("Invariant: judged to have room");
        if self.free == NONE {
            self.fresh += 1;
            return self.fresh - 1;
        }
        let chunk = self.free;
        self.free = core::mem::replace(&mut self.chunks[chunk as usize], Chunk::EMPTY).next;
        chunk
    }

    /// Verifies the invariant of this table.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let shared = self.owners..self.fresh;
        let mut missing = shared.len();
        // Each chunk is reached from one place only, so reaching as many as there are means reaching each once.
        let mut heads_then_links = |mut chunk: u32| {
            while chunk != NONE {
                if !shared.contains(&chunk) || missing == 0 {
                    return Err("chains: a list leads out of the shared chunks, in a circle, or into another");
                }
                missing -= 1;
                chunk = self.chunks[chunk as usize].next;
            }
            Ok(())
        };
        heads_then_links(self.free)?;
        (0..self.owners).try_for_each(|owner| heads_then_links(self.chunks[owner as usize].next))?;
        if missing != 0 {
            return Err("chains: a chunk is in no list and not free");
        }
        let (mut free, mut chunk) = (self.chunks.len() - self.fresh as usize, self.free);
        while chunk != NONE {
            free += 1;
            chunk = self.chunks[chunk as usize].next;
        }
        if free == self.left as usize { Ok(()) } else { Err("chains: what is left is not what is free") }
    }
}

/// Writes one list, word by word.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    chains: &'a mut Chains,
    chunk: u32,
    place: usize,
}

impl Writer<'_> {
    /// Another word.
    ///
    /// # Panics
    ///
    /// When there is no chunk left: see [`Chains::has_room`].
    pub(crate) fn push(&mut self, word: u32) {
        if self.place == CHUNK_WORDS {
            let taken = self.chains.take();
            self.chains.chunks[self.chunk as usize].next = taken;
            (self.chunk, self.place) = (taken, 0);
        }
        self.chains.chunks[self.chunk as usize].words[self.place] = word;
        self.place += 1;
    }
}

/// The words of a list from some place on.
#[derive(Clone, Debug)]
pub(crate) struct Words<'a> {
    chunks: &'a [Chunk],
    rest: &'a [u32],
    next: u32,
}

impl Words<'_> {
    /// Goes past so many words.
    #[inline]
    pub(crate) fn skip_words(&mut self, mut count: usize) {
        while count > self.rest.len() {
            count -= self.rest.len();
            if !self.hop() {
                return;
            }
        }
        self.rest = &self.rest[count..];
    }

    /// Whether there is another chunk to go on in.
    #[inline]
    fn hop(&mut self) -> bool {
        let Some(Chunk { words, next }) = self.chunks.get(self.next as usize) else {
            self.rest = &[];
            return false;
        };
        (self.rest, self.next) = (words, *next);
        true
    }
}

impl Iterator for Words<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        if self.rest.is_empty() && !self.hop() {
            return None;
        }
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::vec::Vec;

    fn put(chains: &mut Chains, owner: u32, words: impl IntoIterator<Item = u32>) {
        let mut writer = chains.write(owner);
        words.into_iter().for_each(|word| writer.push(word));
    }

    #[test]
    fn a_list_takes_the_chunks_it_needs_and_no_more() {
        for (words, shared) in [(0, 0), (1, 0), (7, 0), (8, 1), (14, 1), (15, 2), (700, 99)] {
            assert_eq!(Chains::shared_by(words), shared, "{words} words");
        }
        let mut chains = Chains::new(2, 2);
        assert!(chains.has_room(2) && !chains.has_room(3));
        put(&mut chains, 1, 1..=15);
        assert_eq!(chains.used(), (2, 2));
        assert!(chains.has_room(0) && !chains.has_room(1), "the own chunk is always there");
        put(&mut chains, 0, 1..=7);
        assert_eq!(chains.read(1).filter(|word| *word != 0).collect::<Vec<_>>(), (1..=15).collect::<Vec<_>>());
        assert_eq!(chains.read(0).collect::<Vec<_>>(), (1..=7).collect::<Vec<_>>());
        chains.remove(1);
        assert_eq!((chains.used(), chains.check()), ((0, 2), Ok(())));
        assert!(chains.read(1).all(|word| word == 0));
    }

    #[test]
    fn a_chunk_given_back_last_is_taken_first_and_comes_back_blank() {
        let mut chains = Chains::new(3, 3);
        put(&mut chains, 0, [9; 8]);
        put(&mut chains, 1, [8; 8]);
        chains.remove(0);
        put(&mut chains, 2, [7; 8]);
        assert_eq!(chains.chunks[2].next, 3);
        assert_eq!(chains.read(2).skip(8).collect::<Vec<_>>(), [0; 6]);
        assert_eq!(chains.check(), Ok(()));
    }

    #[test]
    #[should_panic(expected = "Invariant: judged to have room")]
    fn writing_past_the_room_panics() {
        put(&mut Chains::new(1, 0), 0, [1; 8]);
    }

    #[test]
    fn a_broken_table_is_found() {
        let mut whole = Chains::new(2, 4);
        put(&mut whole, 0, [1; 15]);
        put(&mut whole, 1, [1; 8]);
        let broken = |change: fn(&mut Chains)| {
            let mut chains = whole.clone();
            change(&mut chains);
            chains.check().is_err()
        };
        assert!(broken(|chains| chains.chunks[1].next = chains.chunks[0].next), "one chunk in two lists");
        assert!(broken(|chains| chains.chunks[3].next = 2), "a circle");
        assert!(broken(|chains| chains.chunks[1].next = NONE), "a chunk that is lost");
        assert!(broken(|chains| chains.chunks[1].next = 0), "into an owner's");
        assert!(broken(|chains| chains.left += 1), "more left than there are");
    }

    proptest! {
        #[test]
        fn agrees_with_a_map_of_lists(
            steps in prop::collection::vec((0..6_u32, prop::collection::vec(1..u32::MAX, 0..40), 0..45_usize), 0..120),
        ) {
            let mut chains = Chains::new(6, 12);
            let mut model = BTreeMap::<u32, Vec<u32>>::new();
            for (owner, words, skipped) in steps {
                let taken: usize = model.values().map(|list| Chains::shared_by(list.len())).sum();
                prop_assert_eq!(chains.used(), (taken as u32, 12));
                if model.remove(&owner).is_some() {
                    chains.remove(owner);
                } else {
                    let shared = words.len().div_ceil(CHUNK_WORDS).saturating_sub(1);
                    prop_assert_eq!(Chains::shared_by(words.len()), shared);
                    let fits = taken + shared <= 12;
                    prop_assert_eq!(chains.has_room(shared as u32), fits);
                    if fits {
                        put(&mut chains, owner, words.iter().copied());
                        model.insert(owner, words);
                    }
                }
                prop_assert_eq!(chains.check(), Ok(()));
                for owner in 0..6 {
                    let list = model.get(&owner).map_or(&[][..], Vec::as_slice);
                    let padded = list.len().div_ceil(CHUNK_WORDS).max(1) * CHUNK_WORDS;
                    let expected: Vec<u32> =
                        list.iter().copied().chain(core::iter::repeat(0)).take(padded).collect();
                    prop_assert_eq!(chains.read(owner).collect::<Vec<_>>(), expected.as_slice());
                    let mut rest = chains.read(owner);
                    rest.skip_words(skipped);
                    let left = expected.get(skipped.min(padded)..).unwrap_or(&[]);
                    prop_assert_eq!(rest.collect::<Vec<_>>(), left);
                }
            }
        }
    }
}
