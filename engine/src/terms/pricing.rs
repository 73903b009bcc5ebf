//! What the winner pays and what the seller gets.

use crate::units::{BasisPoints, Money};

/// What the winner pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PricingRule {
    /// Its own bid.
    FirstPrice,
    /// The best other bid of its tier plus the increment, at least the floor, at most its own bid.
    SecondPrice,
}

/// What the seller gets for a call that meets the payout's term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payout {
    /// The same amount for each call.
    Fixed(Money),
    /// A share of the price of the first sale.
    Share(BasisPoints),
}

impl Payout {
    /// What the seller gets at this price.
    #[must_use]
    pub const fn at(self, price: Money) -> Money {
        match self {
            Self::Fixed(amount) => amount,
            Self::Share(share) => price.share(share),
        }
    }

    /// The least price that leaves `margin` after the payout, or `None` when no price does.
    ///
    /// For a share *s* of 10,000: p − ⌊p·s / 10,000⌋ = ⌈p·(10,000 − s) / 10,000⌉ ≥ m exactly when
    /// p·(10,000 − s) > (m − 1)·10,000.
    #[must_use]
    pub fn price_min(self, margin: Money) -> Option<Money> {
        match self {
            Self::Fixed(amount) => amount.checked_add(margin),
            Self::Share(_) if margin <= Money::ZERO => Some(Money::ZERO),
            Self::Share(share) => {
                let kept = i64::from(BasisPoints::WHOLE.0.checked_sub(share.0)?);
                let whole = i64::from(BasisPoints::WHOLE.0);
                let least = (margin.micros() - 1).checked_mul(whole)?.checked_div(kept)? + 1;
                Some(Money::from_micros(least))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_least_price_keeps_the_margin_and_one_micro_less_does_not(share in 0_u16..10_000, margin in 1_i64..1_000_000_000) {
            let payout = Payout::Share(BasisPoints(share));
            let least = payout.price_min(Money::from_micros(margin)).expect("a share below the whole leaves a way");
            let kept = |price: Money| (price - payout.at(price)).micros();
            prop_assert!(kept(least) >= margin);
            prop_assert!(kept(least - Money::from_micros(1)) < margin);
        }
    }

    #[test]
    fn the_whole_leaves_nothing() {
        assert_eq!(Payout::Share(BasisPoints::WHOLE).price_min(Money::from_micros(1)), None);
        assert_eq!(Payout::Share(BasisPoints::WHOLE).price_min(Money::ZERO), Some(Money::ZERO));
    }
}
