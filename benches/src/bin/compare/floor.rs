//! The byte floor: what any bitmap index in order of bids must read for a question, at the rate at which this machine's
//! second-level cache gives it.
//!
//! Counted are lines of 64 bytes: in each block of 512 profiles of the vertical one for who may win and one for each
//! attribute that anybody asks about (for each element of a set), up to the block of the second best; and one for each of
//! the best two. For all that match, every block, and four bytes for each number that is written. What an index leaves unread, because a
//! block is empty after a few lines, is not taken off: it can be nearer than one to this floor.

use std::hint::black_box;
use std::time::Instant;

use dce_benches::book::{Book, Value};

const LINE: u64 = 64;
const BLOCK: u64 = 512;

/// What is known of the market to count by.
pub(crate) struct Floor<'b> {
    book: &'b Book,
    /// Of each profile, by its place: how many of its vertical are better.
    better: Vec<u64>,
    /// Of each vertical: the bids of its profiles, best first, and the attributes they ask about.
    verticals: Vec<Vertical>,
}

#[derive(Clone, Default)]
struct Vertical {
    /// By rank.
    places: Vec<u32>,
    asked: Vec<dce_engine::ids::AttributeId>,
}

impl<'b> Floor<'b> {
    pub(crate) fn new(book: &'b Book) -> Self {
        let mut verticals = vec![Vertical::default(); book.verticals()];
        let mut better = vec![0; book.entries.len()];
        for (place, entry) in (0..).zip(&book.entries) {
            let vertical = &mut verticals[usize::from(entry.vertical)];
            vertical.places.push(place);
            vertical.asked.extend(entry.conjunctions.iter().flatten().map(|need| need.attribute));
        }
        for vertical in &mut verticals {
            vertical.asked.sort_unstable();
            vertical.asked.dedup();
            vertical.places = book.ranked(vertical.places.iter().copied());
            for (rank, place) in (0..).zip(&vertical.places) {
                better[*place as usize] = rank;
            }
        }
        Self { book, better, verticals }
    }

    /// For every profile that wants the call, of which there are `found`.
    pub(crate) fn of_all(&self, call: usize, found: usize) -> u64 {
        let rows = self.vertical(call).places.len() as u64;
        rows.div_ceil(BLOCK) * self.lines(call) * LINE + 4 * found as u64
    }

    /// For the best two, or as many as there are.
    pub(crate) fn of_best(&self, call: usize, best: impl Iterator<Item = u32>) -> u64 {
        let best: Vec<u64> = best.map(|place| self.better[place as usize]).collect();
        let last = match best.as_slice() {
            // Whoever bids enough has to be looked at before it is known that there is no second.
            [] | [_] => {
                let places = &self.vertical(call).places;
                let enough = |place: &&u32| self.book.entries[**place as usize].bid >= self.book.offers[call].reserve;
                places.iter().filter(enough).count() as u64
            }
            [_, second, ..] => second + 1,
        };
        (last.div_ceil(BLOCK) * self.lines(call) + best.len() as u64) * LINE
    }

    fn vertical(&self, call: usize) -> &Vertical {
        &self.verticals[usize::from(self.book.offers[call].listing.vertical)]
    }

    /// Lines of each block.
    fn lines(&self, call: usize) -> u64 {
        let known = &self.book.offers[call].known;
        let of = |attribute: &dce_engine::ids::AttributeId| match known.of(*attribute) {
            Value::Codes(codes) => codes.len() as u64,
            _ => 1,
        };
        1 + self.vertical(call).asked.iter().map(of).sum::<u64>()
    }
}

/// Bytes a second from the second-level cache into registers, the best of many passes.
pub(crate) fn bandwidth() -> u64 {
    // Four times the first level's usual 32 KiB, a quarter of the usual second level's 512 KiB and more.
    const BYTES: usize = 128 << 10;
    const PASSES: u32 = 64;
    let words = vec![1_u64; BYTES / 8];
    let best = (0..50).map(|_| {
        let start = Instant::now();
        for _ in 0..PASSES {
            black_box(read(black_box(&words)));
        }
        start.elapsed().as_nanos().max(1) as u64
    });
    let nanos = best.min().unwrap_or(1);
    BYTES as u64 * u64::from(PASSES) * 1_000_000_000 / nanos
}

fn read(words: &[u64]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "wide registers are only there on processors that have them")]
        // SAFETY: the processor has AVX2, as was just asked.
        return unsafe { read_wide(words) };
    }
    sum(words)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn read_wide(words: &[u64]) -> u64 {
    sum(words)
}

/// Eight sums of four words at a time, so that none waits for another.
#[inline(always)]
fn sum(words: &[u64]) -> u64 {
    let mut sums = [0_u64; 32];
    for chunk in words.chunks_exact(32) {
        for (sum, word) in sums.iter_mut().zip(chunk) {
            *sum ^= word;
        }
    }
    sums.iter().fold(0, |all, sum| all ^ sum)
}
