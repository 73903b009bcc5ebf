//! Luck from a seed: splitmix64 (Steele, Lea and Flood, 2014), one short stream for each purpose.
//!
//! A stream is named by what it is for, so that one more draw in one place changes nothing anywhere else: call 4,711
//! has the same caller whatever became of the calls before it.

/// A stream of numbers that depends on its seed and its name alone.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

/// What a stream is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// A buyer and its profiles.
    Buyer,
    /// A caller and what is known of the call.
    Caller,
    /// How a leg rings and how long it talks.
    Leg,
    /// What a live bidder makes of an invitation.
    Answer,
    /// How a buyer moves its standing bids.
    Change,
}

impl Random {
    /// The `index`th stream for this purpose.
    pub(crate) const fn of(seed: u64, purpose: Purpose, index: u64) -> Self {
        let mut stream = Self(seed);
        stream.0 = stream.bits() ^ (purpose as u64 + 1);
        stream.0 = stream.bits() ^ index;
        stream
    }

    /// The next 64 bits.
    pub(crate) const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        ((self.bits() as u128 * end as u128) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) const fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True this many times in a hundred.
    pub(crate) const fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// One of these.
    pub(crate) fn one<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// The place of one of these, drawn by weight.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut drawn = self.below(weights.clone().sum());
        let mut last = 0;
        for (place, weight) in weights.enumerate() {
            if drawn < weight {
                return place;
            }
            drawn -= weight;
            last = place;
        }
        last
    }

    /// From a distribution given by its quantiles at equal steps, straight lines between them.
    pub(crate) const fn quantile(&mut self, quantiles: &[u64]) -> u64 {
        let step = self.below(quantiles.len() as u64 - 1) as usize;
        let (low, high) = (quantiles[step], quantiles[step + 1]);
        self.between(low, if high > low { high } else { low })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_purpose_and_index() {
        let first = |seed, purpose, index| Random::of(seed, purpose, index).bits();
        assert_eq!(first(1, Purpose::Leg, 7), first(1, Purpose::Leg, 7));
        assert_ne!(first(1, Purpose::Leg, 7), first(2, Purpose::Leg, 7));
        assert_ne!(first(1, Purpose::Leg, 7), first(1, Purpose::Caller, 7));
        assert_ne!(first(1, Purpose::Leg, 7), first(1, Purpose::Leg, 8));
    }

    #[test]
    fn draws_stay_within_what_was_asked_for() {
        let mut random = Random::of(3, Purpose::Caller, 0);
        let mut hits = [0_u32; 3];
        for _ in 0..3_000 {
            assert!((5..=9).contains(&random.between(5, 9)));
            assert!((10..=400).contains(&random.quantile(&[10, 20, 400])));
            hits[random.weighted([1, 0, 3].into_iter())] += 1;
        }
        assert_eq!(hits[1], 0, "weight 0 is never drawn");
        assert!(hits[2] > 2 * hits[0], "three to one, not {hits:?}");
    }
}
