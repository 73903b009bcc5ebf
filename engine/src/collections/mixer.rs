//! Keyed mixing of words into 64 bits, for the places of a table and the fingerprints of bodies.
//!
//! Both multiply a word, hidden by a secret, to 128 bits and fold the halves together, as wyhash does.
//! Whoever does not know the seed can aim at neither a place nor a fingerprint; whoever sees the results may
//! learn the seed, so they stay inside.
//!
//! Invariant: a result is a pure function of the seed and the words, the same on every machine and in every
//! version. Fingerprints are part of the state, so changing a constant here changes what a replay computes.

use core::fmt;

/// The first digits of pi after the point: numbers nobody chose, so that a seed of zero is a key like any
/// other.
const PI: [u64; 4] = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d0, 0x082e_fa98_ec4e_6c89];

/// Multiplies to 128 bits and folds the halves together: each bit of the result hangs on all bits of both
/// factors.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

/// A keyed hash of three words, for tables. Not a signature: whoever sees its results may learn the seed.
pub(crate) fn hash(seed: u128, words: [u64; 3]) -> u64 {
    let (high, low) = ((seed >> 64) as u64, seed as u64);
    let id = fold(words[0] ^ high ^ PI[0], words[1] ^ low ^ PI[1]);
    fold(id ^ high ^ PI[2], words[2] ^ low ^ PI[3])
}

/// A keyed 64-bit fingerprint of a sequence of words, at one multiplication each.
///
/// Two bodies that differ, also in length alone, have the same fingerprint about once in 2^64.
#[derive(Clone)]
pub(crate) struct Mixer {
    state: u64,
    factor: u64,
    count: u64,
}

impl Mixer {
    /// Begins a fingerprint under a secret seed.
    pub(crate) fn new(seed: u128) -> Self {
        let (high, low) = ((seed >> 64) as u64, seed as u64);
        // Mixed first, or a bit flipped in the seed could be undone by the same bit in the first word.
        let state = fold(high ^ PI[0], low ^ PI[1]);
        // Odd, because a factor of zero would forget every word.
        let factor = fold(high ^ PI[2], low ^ PI[3]) | 1;
        Self { state, factor, count: 0 }
    }

    /// Adds one word.
    pub(crate) fn word(&mut self, word: u64) {
        self.state = fold(self.state ^ word, self.factor);
        self.count += 1;
    }

    /// The fingerprint of the words added.
    pub(crate) fn finish(self) -> u64 {
        // The last word has been multiplied once only, which leaves its lowest bits thinly spread.
        fold(self.state ^ PI[2], self.factor ^ self.count ^ PI[3])
    }
}

impl fmt::Debug for Mixer {
    /// Leaves out state and factor: they give the secret seed away.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mixer").field("count", &self.count).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    const SEED: u128 = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210;

    fn fingerprint(seed: u128, words: &[u64]) -> u64 {
        let mut mixer = Mixer::new(seed);
        words.iter().for_each(|word| mixer.word(*word));
        mixer.finish()
    }

    // Computed apart from this code, with Python's integers, from the two formulas.
    #[test]
    fn hashes_are_the_same_everywhere_and_for_ever() {
        assert_eq!(hash(0, [0, 0, 0]), 0x4540_359c_0d1a_dc75);
        assert_eq!(hash(SEED, [1, 2, 3]), 0xe9a1_a6e3_64b6_13fa);
        assert_eq!(fingerprint(0, &[]), 0x99db_db0f_0c88_4b11);
        assert_eq!(fingerprint(SEED, &[1, 2, 3]), 0xd124_989b_b14a_20e4);
    }

    #[test]
    fn flipping_any_bit_flips_half_the_hash() {
        for words in [[0, 0, 0], [1, 2, 3], [0x0192_0000_0000_7000, 0x8000_0000_0000_0001, 5]] {
            let (hashed, mixed) = (hash(SEED, words), fingerprint(SEED, &words));
            for bit in 0..192 {
                let mut flipped = words;
                flipped[bit / 64] ^= 1 << (bit % 64);
                let bits = (hash(SEED, flipped) ^ hashed).count_ones();
                assert!((12..=52).contains(&bits), "hash: bit {bit} flips {bits}");
                let bits = (fingerprint(SEED, &flipped) ^ mixed).count_ones();
                assert!((12..=52).contains(&bits), "fingerprint: bit {bit} flips {bits}");
            }
        }
    }

    #[test]
    fn fingerprint_tells_length_order_and_seed() {
        let bodies: [&[u64]; 8] = [&[], &[0], &[0, 0], &[1], &[0, 1], &[1, 0], &[1, 2], &[2, 1]];
        let seeds = [0, 1, 1 << 64, SEED];
        let all: BTreeSet<u64> = seeds.iter().flat_map(|s| bodies.map(|body| fingerprint(*s, body))).collect();
        assert_eq!(all.len(), 32);
    }

    #[test]
    fn debug_output_keeps_the_seed() {
        assert_eq!(std::format!("{:?}", Mixer::new(SEED)), "Mixer { count: 0, .. }");
    }

    #[test]
    fn ids_as_they_come_in_practice_do_not_collide() {
        let count = if cfg!(miri) { 300 } else { 60_000 };
        // A time in the high half, a counter in the low one, three owners; then a body that counts upwards.
        let hashes: BTreeSet<u64> =
            (0..count).map(|n| hash(SEED, [0x0192_0000_0000_7000 + (n >> 4), n / 3, n % 3])).collect();
        assert_eq!(hashes.len(), count as usize);
        let bodies: BTreeSet<u64> = (0..count).map(|n| fingerprint(SEED, &[1, n % 7, n / 7, 0])).collect();
        assert_eq!(bodies.len(), count as usize);
    }

    proptest! {
        #[test]
        fn equal_fingerprints_mean_equal_bodies(
            seed in any::<u128>(),
            bodies in prop::collection::vec(prop::collection::vec(0..3u64, 0..5), 0..50),
        ) {
            let mut model = BTreeMap::new();
            for body in &bodies {
                let first = *model.entry(fingerprint(seed, body)).or_insert(body);
                prop_assert_eq!(first, body);
                prop_assert_eq!(Mixer::new(seed).clone().finish(), fingerprint(seed, &[]));
            }
        }
    }
}
