//! What a decision reads of a profile, kept beside its bits and in the order of ranks: whoever is near the top of its
//! partition is near the others that are, and in cache with them.

use core::num::NonZero;

use super::{amount_of_key, sequence_of_key, tier_of_key};
use crate::ids::{AccountId, ProfileId, Sequence, ZoneId};
use crate::terms::{Clause, PayTerm, Ruled};
use crate::units::Money;

/// A copy of what a profile's record says and no count of calls or of money changes. The record is the law: whoever
/// changes it there writes its rows anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Brief {
    /// The profile's slot, and its buyer's.
    pub(crate) profile: u32,
    pub(crate) buyer: u32,
    /// The calendar's slot, as in the record; `u32::MAX` for none.
    pub(crate) hours: u32,
    /// The attributes, a bit each, for which the index is only a superset.
    pub(crate) inexact: u32,
    pub(crate) pay_term: PayTerm,
    pub(crate) zone: ZoneId,
    pub(crate) ruled: Ruled,
}

impl Brief {
    /// No calendar, no quota, no modifiers: nothing that would have to be asked elsewhere.
    #[inline]
    pub(crate) fn has_no_rules(&self) -> bool {
        self.hours == u32::MAX && self.ruled == Ruled::NONE
    }

    /// Whether lines alone say of any number in the midst of its ranges that it accepts it, and of everything else, and it
    /// has no rules: what is asked of it then is its state and its money. `numbers` has a bit for each attribute of integers.
    #[inline]
    pub(super) fn is_plain(&self, numbers: u32) -> bool {
        self.inexact & !numbers == 0 && self.has_no_rules()
    }
}

/// A row of the index: a cache line that is looked at, and beside it one for what few are asked for, which processors fetch
/// as a pair.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(128))]
pub(crate) struct Row {
    /// The best rank it can have on any call.
    pub(crate) key: u128,
    pub(crate) brief: Brief,
    /// A profile's own row has the profile's slot, those of its further conjunctions follow after all slots.
    pub(super) id: u32,
    /// The attributes, a bit each, on which it has a wanting and an excluding clause: of the others its bits are known.
    pub(super) wanting: u32,
    pub(super) excluding: u32,
    pub(crate) aside: Aside,
}

const _: () = assert!(size_of::<Row>() == 128 && core::mem::offset_of!(Row, aside) == 64);

/// What few of the rows that are met are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub(crate) struct Aside {
    /// The one clause that the index cannot decide, if [`Brief::inexact`] is about one clause and it lists no values.
    pub(crate) check: Option<Clause>,
    /// Both names, so that telling a loser needs no look at its record.
    pub(crate) profile_id: ProfileId,
    pub(crate) buyer_id: AccountId,
}

const _: () = assert!(size_of::<Aside>() == 64);

impl Aside {
    const NONE: Self = Self { check: None, profile_id: ProfileId(0), buyer_id: AccountId(0) };
}

impl Row {
    pub(super) const NONE: Self = Self {
        key: super::partition::NO_KEY,
        brief: Brief {
            profile: u32::MAX,
            buyer: u32::MAX,
            hours: u32::MAX,
            inexact: 0,
            pay_term: PayTerm::OnConnect,
            zone: ZoneId(0),
            ruled: Ruled::NONE,
        },
        id: u32::MAX,
        wanting: 0,
        excluding: 0,
        aside: Aside::NONE,
    };

    /// The row's own id: a profile may have several.
    pub(crate) const fn id(&self) -> u32 {
        self.id
    }

    #[inline]
    pub(crate) const fn tier(&self) -> u8 {
        tier_of_key(self.key)
    }

    /// The standing bid of a profile without modifiers, zero for none; of one with, the most it comes to.
    #[inline]
    pub(crate) const fn amount(&self) -> Money {
        amount_of_key(self.key)
    }

    /// The amount's place in time.
    #[inline]
    pub(crate) const fn sequence(&self) -> Sequence {
        sequence_of_key(self.key)
    }
}

/// Where a row is, until rows are next moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowPlace(NonZero<u32>);

impl RowPlace {
    /// Counted from 1, so that `None` of it takes no room. There are at most 2^29 rows and some for each vertical.
    #[inline]
    pub(super) const fn new(place: usize) -> Self {
        Self(NonZero::new(place as u32 + 1).expect("Invariant: a row's place fits 32 bits"))
    }

    #[inline]
    pub(super) const fn get(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A row as a walk meets it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MetRow<'a> {
    pub(crate) row: &'a Row,
    /// Nothing on its profile's record keeps it from winning.
    pub(crate) is_free: bool,
    pub(crate) place: RowPlace,
}
