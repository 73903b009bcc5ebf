//! Which profiles accept a call, best first.
//!
//! Profiles are partitioned by vertical. Within a partition each is a row; rows stand roughly in order of rank (tier,
//! then bid, then place in time), and for every value the schema tells apart there is a line of bits, one for each row,
//! that says "this row accepts the value". A call's facts choose one line for each attribute; their intersection is the
//! rows that accept it. Words of 64 rows are visited best first, and the walk stops when nothing that follows can still
//! win.
//!
//! Invariants: a row whose bit is missing certainly does not accept, or cannot win now; a row whose bit is set is looked
//! at again on its record. A word's bound is never worse than its best row. So neither the order of rows nor which bits
//! are stale ever changes who wins, only how long it takes to find out: `maintain` may move rows at any time.

mod accepting;
mod accepts;
mod bits;
mod index;
mod maintain;
mod partition;
mod query;

pub(crate) use accepting::Accepting;
pub(crate) use accepts::{ALL, AcceptedBy, accepts};
pub(crate) use index::{RowState, TargetingIndex, Walked};

use crate::ids::Sequence;
use crate::units::Money;

/// A candidate's rank as one number: smaller is better. Tier first, then amount (more is better), then place in time.
#[inline]
pub(crate) fn rank_key(tier: u8, amount: Money, sequence: Sequence) -> u128 {
    const AMOUNT_BITS: u32 = 56;
    const _: () = assert!(Money::AMOUNT_MAX.micros() < 1 << AMOUNT_BITS);
    let short = (1_u64 << AMOUNT_BITS) - 1 - amount.micros() as u64;
    u128::from(u64::from(tier) << AMOUNT_BITS | short) << 64 | u128::from(sequence.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tier_beats_amount_beats_time() {
        let key = |tier, units, sequence| rank_key(tier, Money::from_units(units), Sequence(sequence));
        assert!(key(1, 5, 9) < key(2, 50, 1));
        assert!(key(1, 6, 9) < key(1, 5, 1));
        assert!(key(1, 5, 1) < key(1, 5, 2));
        assert!(rank_key(255, Money::ZERO, Sequence(u64::MAX - 1)) < u128::MAX);
    }
}
