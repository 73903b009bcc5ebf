//! Luck, where a rule needs it: a keyed function of the place in the log, so that a replay is as lucky as the first time.
//!
//! SipHash-2-4 (Aumasson and Bernstein, 2012) under the genesis seed: whoever sees what became of any number of draws
//! learns neither the seed nor the next draw.

use core::hash::Hasher;

use siphasher::sip::SipHasher24;

use crate::ids::Sequence;
use crate::units::BasisPoints;

/// What a draw is for: two that shared a purpose would be correlated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Purpose {
    /// Whether a decision tries a profile of which little is known.
    Exploration = 1,
}

/// The place of one draw: the command, and which of its draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lot {
    pub(crate) sequence: Sequence,
    pub(crate) index: u64,
}

/// Whether this draw is among so many of ten thousand.
pub(crate) fn hits(seed: u128, lot: Lot, purpose: Purpose, share: BasisPoints) -> bool {
    let drawn = (u128::from(draw(seed, lot, purpose)) * u128::from(BasisPoints::WHOLE.0)) >> 64;
    drawn < u128::from(share.0)
}

/// 64 bits that look like chance.
fn draw(seed: u128, lot: Lot, purpose: Purpose) -> u64 {
    let mut hasher = SipHasher24::new_with_keys(seed as u64, (seed >> 64) as u64);
    for word in [purpose as u64, lot.sequence.0, lot.index] {
        hasher.write(&word.to_le_bytes());
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: u128 = 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100;

    fn hit(sequence: u64, share: u16) -> bool {
        hits(SEED, Lot { sequence: Sequence(sequence), index: 3 }, Purpose::Exploration, BasisPoints(share))
    }

    #[test]
    fn never_and_always_are_exact_and_the_rest_is_near() {
        assert!((0..10_000).all(|sequence| !hit(sequence, 0) && hit(sequence, 10_000)));
        let hits = (0..100_000).filter(|sequence| hit(*sequence, 500)).count();
        assert!((4_700..5_300).contains(&hits), "{hits} of 5,000");
    }
}
