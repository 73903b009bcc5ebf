//! Which profiles accept a call, best first.
//!
//! Profiles are partitioned by vertical. Within a partition each is a row; rows stand roughly in order of rank (tier,
//! then bid, then place in time), and for every value the schema tells apart there is a line of bits, one for each row,
//! that says "this row accepts the value". A call's facts choose one line for each attribute; their intersection is the
//! rows that accept it. Words of 64 rows are visited best first, and the walk stops when nothing that follows can still
//! win.
//!
//! Beside its bits a row has a copy of what a decision reads of its profile, in one cache line, and of what few are asked for in another, in the same order: the
//! rows that win lie together.
//!
//! Invariants: a row whose bit is missing certainly does not accept, or cannot win now; a row whose bit is set is looked
//! at again on its record, unless it is *free*: then nothing on its record keeps it from winning, at any time. A word's
//! bound is never worse than its best row. So neither the order of rows nor which bits are stale ever changes who wins,
//! only how long it takes to find out: `maintain` may move rows at any time.

mod accepting;
mod accepts;
mod bits;
mod check;
mod index;
mod kernels;
mod maintain;
#[cfg(feature = "measure")]
mod matching;
mod partition;
mod query;
mod row;
mod spread;
mod walk;

pub(crate) use accepting::{AcceptingBlock, places};
pub(crate) use accepts::{AcceptedBy, accepts, check_accepts};
pub(crate) use bits::{Line, WORD_ROWS};
pub(crate) use check::Given;
pub(crate) use index::{RowState, TargetingIndex};
pub use kernels::Kernel;
pub(crate) use kernels::will_read;
pub(crate) use partition::NO_KEY;
pub(crate) use query::Query;
pub(crate) use row::{Aside, Brief, MetRow, Row, RowPlace};
pub(crate) use spread::Spread;
pub(crate) use walk::Walked;

use crate::ids::Sequence;
use crate::units::Money;

const AMOUNT_BITS: u32 = 56;
const AMOUNT_MASK: u64 = (1 << AMOUNT_BITS) - 1;
const _: () = assert!(Money::AMOUNT_MAX.micros() < 1 << AMOUNT_BITS);

/// A candidate's rank as one number: smaller is better. Tier first, then amount (more is better), then place in time.
#[inline]
pub(crate) const fn rank_key(tier: u8, amount: Money, sequence: Sequence) -> u128 {
    let short = AMOUNT_MASK - amount.micros() as u64;
    (((tier as u64) << AMOUNT_BITS | short) as u128) << 64 | sequence.0 as u128
}

#[inline]
pub(crate) const fn tier_of_key(key: u128) -> u8 {
    (key >> (64 + AMOUNT_BITS)) as u8
}

#[inline]
pub(crate) const fn amount_of_key(key: u128) -> Money {
    Money::from_micros((AMOUNT_MASK - ((key >> 64) as u64 & AMOUNT_MASK)) as i64)
}

#[inline]
pub(crate) const fn sequence_of_key(key: u128) -> Sequence {
    Sequence(key as u64)
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

    #[test]
    fn a_key_says_what_it_was_made_of() {
        for (tier, amount, sequence) in
            [(1, Money::ZERO, 0), (255, Money::AMOUNT_MAX, u64::MAX), (7, Money::from_micros(1), 9)]
        {
            let key = rank_key(tier, amount, Sequence(sequence));
            assert_eq!(
                (tier_of_key(key), amount_of_key(key), sequence_of_key(key)),
                (tier, amount, Sequence(sequence))
            );
        }
    }
}
