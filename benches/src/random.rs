//! Luck from a seed: xoshiro256** (Blackman and Vigna, 2018), filled by splitmix64, and draws with given weights.
#![expect(
    clippy::float_arithmetic,
    reason = "the market's shape is drawn from real distributions; nothing here reaches the engine as a float"
)]

use std::f64::consts::TAU;

/// A stream of numbers that depends on its seed alone.
#[derive(Clone, Debug)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// The stream of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut filler = seed;
        let state = std::array::from_fn(|_| {
            filler = filler.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = filler;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        });
        Self { state }
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        let state = &mut self.state;
        let drawn = state[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = state[3].rotate_left(45);
        drawn
    }

    /// A number below `end`.
    pub const fn below(&mut self, end: u64) -> u64 {
        ((self.bits() as u128 * end as u128) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub const fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True this many times in a hundred.
    pub const fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// One of these.
    pub fn one<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// Lognormal around `median` with this `sigma`.
    pub fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        let (radius, angle) = (self.unit().max(1e-12), self.unit());
        let normal = (-2.0 * radius.ln()).sqrt() * (TAU * angle).cos();
        median * (sigma * normal).exp()
    }

    /// From 0 up to 1.
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Choices of unequal weight.
#[derive(Clone, Debug)]
pub struct Weights {
    /// The share of all choices up to and including each.
    up_to: Vec<f64>,
}

impl Weights {
    /// Choice `k` is drawn in proportion to its weight.
    #[must_use]
    pub fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut up_to: Vec<f64> = weights
            .into_iter()
            .scan(0.0, |sum, weight| {
                *sum += weight;
                Some(*sum)
            })
            .collect();
        let whole = up_to.last().copied().unwrap_or(1.0);
        for share in &mut up_to {
            *share /= whole;
        }
        Self { up_to }
    }

    /// Zipf's law: choice `k` weighs 1 / (k + 1)^exponent.
    #[must_use]
    pub fn zipf(choices: u32, exponent: f64) -> Self {
        Self::new((0..choices).map(|choice| 1.0 / f64::from(choice + 1).powf(exponent)))
    }

    /// One of them.
    pub fn draw(&self, random: &mut Random) -> usize {
        let drawn = random.unit();
        self.up_to.partition_point(|share| *share <= drawn).min(self.up_to.len() - 1)
    }
}
