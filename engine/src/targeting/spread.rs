//! How far apart the ranks of a word's rows are: where nothing between the best and the worst makes a difference, nobody has
//! to look at any of the rows.

use super::{amount_of_key, rank_key, tier_of_key};
use crate::ids::Sequence;
use crate::units::Money;

/// Tier and amount of the best and of the worst of some rows, as the upper halves of their [keys](super::rank_key). It may
/// be wider than the rows are apart, never narrower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spread {
    best: u64,
    worst: u64,
}

impl Spread {
    /// Of no rows.
    pub(crate) const NONE: Self = Self { best: u64::MAX, worst: 0 };

    /// Of rows with these keys.
    pub(super) fn of(keys: impl Iterator<Item = u128>) -> Self {
        keys.fold(Self::NONE, |mut spread, key| {
            spread.include(key);
            spread
        })
    }

    /// One of the rows has this key.
    #[inline]
    pub(super) fn include(&mut self, key: u128) {
        self.best = self.best.min((key >> 64) as u64);
        self.worst = self.worst.max((key >> 64) as u64);
    }

    /// Whether a row with this key may be among them.
    pub(super) const fn has(&self, key: u128) -> bool {
        self.best <= (key >> 64) as u64 && (key >> 64) as u64 <= self.worst
    }

    /// From this amount to that, within a tier.
    pub(crate) const fn between(tier: u8, least: Money, most: Money) -> Self {
        let (best, worst) = (rank_key(tier, most, Sequence(0)), rank_key(tier, least, Sequence(0)));
        Self { best: (best >> 64) as u64, worst: (worst >> 64) as u64 }
    }

    /// Whether all of these are among them.
    #[inline]
    pub(crate) const fn covers(&self, other: &Self) -> bool {
        self.best <= other.best && other.worst <= self.worst
    }

    /// The tier of all of them and their least and highest amount; `None` where tiers differ.
    pub(crate) const fn amounts(&self) -> Option<(u8, Money, Money)> {
        let (best, worst) = ((self.best as u128) << 64, (self.worst as u128) << 64);
        if tier_of_key(best) != tier_of_key(worst) {
            return None;
        }
        Some((tier_of_key(best), amount_of_key(worst), amount_of_key(best)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_knows_its_ends_within_a_tier() {
        let key = |tier, units| rank_key(tier, Money::from_units(units), Sequence(9));
        let mut spread = Spread::of([key(3, 20), key(3, 5), key(3, 12)].into_iter());
        assert_eq!(spread.amounts(), Some((3, Money::from_units(5), Money::from_units(20))));
        assert!(spread.has(key(3, 6)) && !spread.has(key(3, 4)) && !spread.has(key(3, 21)) && !spread.has(key(4, 6)));
        let wider = Spread::between(3, Money::from_units(5), Money::from_units(21));
        assert!(wider.covers(&spread) && wider.covers(&wider) && !spread.covers(&wider));
        spread.include(key(4, 6));
        assert!(!wider.covers(&spread));
        assert_eq!(spread.amounts(), None);
        assert!(spread.has(key(4, 6)) && spread.has(key(3, 4)));
        assert_eq!(Spread::NONE.amounts(), None);
    }
}
