//! The few best of a stream of any length.
//!
//! Sorted by insertion into an array: most of a stream is worse than the worst one kept and costs one
//! comparison, and what gets in moves a few neighbours that lie in cache.
//!
//! Invariant: the entries are in order, the smallest key first, but for one that was made to lead; of equal keys the one
//! offered earlier is first; there are never more than the limit.

use core::fmt;

/// What can be among the best: smaller keys are better.
pub(crate) trait Keyed: Copy + Default {
    /// Its key.
    fn key(&self) -> u128;
}

/// The at most `N` entries with the smallest keys.
#[derive(Clone)]
pub(crate) struct Top<T: Keyed, const N: usize> {
    entries: [T; N],
    len: usize,
    limit: usize,
    /// 1 once somebody leads.
    led: usize,
}

impl<T: Keyed, const N: usize> Top<T, N> {
    /// Empty, and to keep the best `N`.
    pub(crate) fn new() -> Self {
        Self::of(N)
    }

    /// Empty, and to keep the best `n`, or `N` if that is less.
    #[inline(always)]
    pub(crate) fn of(n: usize) -> Self {
        Self { entries: [T::default(); N], len: 0, limit: n.min(N), led: 0 }
    }

    /// Drops all entries. The limit stays.
    #[cfg(test)]
    pub(crate) fn clear(&mut self) {
        (self.len, self.led) = (0, 0);
    }

    /// Keeps only the best `n` from now on, or `N` if that is less. Entries past that are dropped at once.
    #[inline]
    pub(crate) fn limit(&mut self, n: usize) {
        self.limit = n.min(N);
        self.len = self.len.min(self.limit);
    }

    /// How many entries are kept.
    #[inline]
    pub(crate) const fn most(&self) -> usize {
        self.limit
    }

    /// Whether an entry can get in only by pushing another one out.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.len == self.limit
    }

    /// The key an offer must be below to get in. `None` while there is room, and under a limit of zero.
    #[inline]
    pub(crate) fn worst(&self) -> Option<u128> {
        if self.is_full() { self.as_slice().last().map(Keyed::key) } else { None }
    }

    /// The first entry, whatever its key is and whatever is offered from now on. To be said of an empty one.
    pub(crate) fn lead(&mut self, entry: T) {
        debug_assert!(self.len == 0, "who leads comes first");
        if self.limit > 0 {
            self.entries[0] = entry;
            (self.len, self.led) = (1, 1);
        }
    }

    /// Takes an entry in if it is among the best; false if it is not. One equal to the worst is not.
    #[inline(always)]
    pub(crate) fn offer(&mut self, entry: T) -> bool {
        if self.is_full() {
            // The last one makes room, if there is one and it is worse.
            if self.len <= self.led || self.entries[self.len - 1].key() <= entry.key() {
                return false;
            }
            self.len -= 1;
        }
        let mut place = self.len;
        while place > self.led && self.entries[place - 1].key() > entry.key() {
            self.entries[place] = self.entries[place - 1];
            place -= 1;
        }
        self.entries[place] = entry;
        self.len += 1;
        true
    }

    /// The entries, best first.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[T] {
        &self.entries[..self.len]
    }

    /// Verifies the invariant of these entries.
    #[cfg(test)]
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.len > self.limit || self.limit > N {
            return Err("top: more entries than the limit");
        }
        let followers = self.as_slice().get(self.led..).unwrap_or_default();
        if followers.is_sorted_by_key(Keyed::key) { Ok(()) } else { Err("top: entries are out of order") }
    }
}

impl<T: Keyed + fmt::Debug, const N: usize> fmt::Debug for Top<T, N> {
    /// Leaves out what lies past the end: dropped entries that are still in the array.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Top").field("entries", &self.as_slice()).field("limit", &self.limit).finish()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::collections::BinaryHeap;
    use std::vec::Vec;

    impl<T: Copy + Default> Keyed for (u128, T) {
        fn key(&self) -> u128 {
            self.0
        }
    }

    #[test]
    fn earlier_of_equal_keys_is_first_and_stays() {
        let mut top = Top::<(u128, char), 2>::new();
        assert_eq!(top.worst(), None);
        assert!(top.offer((5, 'a')) && top.offer((5, 'b')) && !top.offer((5, 'c')));
        assert_eq!((top.as_slice(), top.worst()), (&[(5, 'a'), (5, 'b')][..], Some(5)));
        assert!(top.offer((4, 'd')));
        assert_eq!(top.as_slice(), [(4, 'd'), (5, 'a')]);
        top.clear();
        assert_eq!((top.as_slice(), top.is_full()), (&[][..], false));
        assert_eq!(std::format!("{top:?}"), "Top { entries: [], limit: 2 }");
    }

    #[test]
    fn limit_drops_the_rest() {
        let mut top = Top::<(u128, u8), 4>::new();
        for key in [3, 1, 4, 2] {
            top.offer((key, 0));
        }
        top.limit(2);
        assert_eq!((top.as_slice(), top.is_full()), (&[(1, 0), (2, 0)][..], true));
        top.clear();
        assert!(top.offer((1, 0)) && top.offer((2, 0)) && !top.offer((3, 0)), "the limit stays");
        top.limit(0);
        assert_eq!((top.offer((0, 0)), top.worst(), top.check()), (false, None, Ok(())));
        top.limit(99);
        assert!((0..4).all(|key| top.offer((key, 0))) && top.is_full());
    }

    #[test]
    fn churn_when_full_keeps_the_smallest() {
        let mut top = Top::<(u128, u32), 64>::new();
        let mut model = BinaryHeap::new();
        // Falling on the whole, so that nearly every offer pushes one out.
        for step in 0..20 * 64u32 {
            let key = u128::from(4_000 - step * 2 + step * 617 % 101);
            top.offer((key, step));
            model.push((key, step));
            if model.len() > 64 {
                model.pop();
            }
        }
        assert_eq!(top.as_slice(), model.into_sorted_vec());
        assert_eq!(top.check(), Ok(()));
    }

    #[test]
    fn who_leads_stays_in_front() {
        let mut top = Top::<(u128, char), 3>::new();
        top.lead((7, 'l'));
        assert!(top.offer((3, 'a')) && top.offer((9, 'b')) && top.offer((5, 'c')) && !top.offer((8, 'd')));
        assert_eq!(top.as_slice(), [(7, 'l'), (3, 'a'), (5, 'c')]);
        assert_eq!((top.worst(), top.check()), (Some(5), Ok(())));
        top.clear();
        top.limit(1);
        top.lead((7, 'l'));
        assert!(!top.offer((1, 'a')), "nobody pushes out who leads");
        top.clear();
        top.limit(0);
        top.lead((7, 'l'));
        assert!(top.as_slice().is_empty());
    }

    proptest! {
        #[test]
        fn agrees_with_a_stable_sort(limit in 0..10usize, keys in prop::collection::vec(0..30u128, 0..60)) {
            let mut top = Top::<(u128, usize), 8>::new();
            top.limit(limit);
            let mut model: Vec<(u128, usize)> = Vec::new();
            for (number, key) in keys.into_iter().enumerate() {
                model.push((key, number));
                model.sort_by_key(|entry| entry.0);
                model.truncate(limit.min(8));
                prop_assert_eq!(top.offer((key, number)), model.contains(&(key, number)));
                prop_assert_eq!(top.as_slice(), &model[..]);
                prop_assert_eq!(top.is_full(), model.len() == limit.min(8));
                prop_assert_eq!(top.check(), Ok(()));
                let copy = top.clone();
                prop_assert_eq!(copy.as_slice(), &model[..]);
            }
        }
    }
}
