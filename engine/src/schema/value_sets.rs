//! Long lists of values, loaded in chunks into one pool and searched by halves.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::ids::{AttributeId, Sequence, ValueCode, ValueSetId};
use crate::limits::Limits;
use crate::reject::Reject;

#[derive(Clone, Copy, Debug)]
pub(crate) struct ValueSet {
    pub(crate) attribute: AttributeId,
    pub(crate) total: u32,
    pub(crate) loaded: u32,
    pub(crate) sequence: Sequence,
    start: u32,
}

/// Invariant: a set's values rise strictly; a complete set never changes.
#[derive(Clone, Debug)]
pub(crate) struct ValueSets {
    sets: Box<[Option<ValueSet>]>,
    /// As long as all sets' totals together; a set's places are filled as its chunks come.
    pool: Box<[ValueCode]>,
    reserved: u32,
}

impl ValueSets {
    pub(crate) fn new(limits: &Limits) -> Self {
        let pool: Vec<ValueCode> = alloc::vec![ValueCode::UNKNOWN; limits.value_set_values_max as usize];
        Self {
            sets: alloc::vec![None; usize::from(limits.value_sets_max)].into_boxed_slice(),
            pool: pool.into_boxed_slice(),
            reserved: 0,
        }
    }

    pub(crate) fn get(&self, set: ValueSetId) -> Option<&ValueSet> {
        self.sets.get(usize::from(set.0))?.as_ref()
    }

    pub(crate) fn is_complete(&self, set: ValueSetId, attribute: AttributeId) -> bool {
        self.get(set).is_some_and(|set| set.attribute == attribute && set.loaded == set.total)
    }

    pub(crate) fn values(&self, set: ValueSetId) -> &[ValueCode] {
        self.get(set).map_or(&[], |set| &self.pool[set.start as usize..(set.start + set.loaded) as usize])
    }

    pub(crate) fn contains(&self, set: ValueSetId, code: ValueCode) -> bool {
        self.values(set).binary_search(&code).is_ok()
    }

    /// Whether the chunk can be taken. `Ok(false)` when it is in already.
    pub(crate) fn judge(
        &self,
        id: ValueSetId,
        attribute: AttributeId,
        (total, offset): (u32, u32),
        values: &[ValueCode],
    ) -> Result<bool, Reject> {
        let known = self.get(id);
        let loaded = known.map_or(0, |set| set.loaded);
        let same_set = known.is_none_or(|set| set.attribute == attribute && set.total == total);
        let is_in = offset as usize + values.len() <= loaded as usize;
        if !is_in && offset != loaded {
            return Err(Reject::ValueSetGap);
        }
        let last = if offset == loaded { self.values(id).last() } else { None };
        let rising = values.windows(2).all(|pair| pair[0] < pair[1]);
        if !rising || last.is_some_and(|last| values.first().is_some_and(|first| first <= last)) {
            return Err(Reject::ValuesNotAscending);
        }
        if !same_set {
            return Err(Reject::IdConflict);
        }
        if is_in {
            let held = &self.values(id)[offset as usize..][..values.len()];
            return if held == values { Ok(false) } else { Err(Reject::IdConflict) };
        }
        let room = self.pool.len() - self.reserved as usize;
        if usize::from(id.0) >= self.sets.len() || (known.is_none() && total as usize > room) {
            return Err(Reject::SchemaFull);
        }
        Ok(true)
    }

    pub(crate) fn load(
        &mut self,
        id: ValueSetId,
        attribute: AttributeId,
        total: u32,
        values: &[ValueCode],
        sequence: Sequence,
    ) -> u32 {
        let place = &mut self.sets[usize::from(id.0)];
        let set = place.get_or_insert_with(|| {
            let start = self.reserved;
            self.reserved += total;
            ValueSet { attribute, total, loaded: 0, sequence, start }
        });
        let from = (set.start + set.loaded) as usize;
        self.pool[from..from + values.len()].copy_from_slice(values);
        set.loaded += values.len() as u32;
        set.sequence = sequence;
        set.loaded
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ValueSetId, &ValueSet)> {
        self.sets.iter().zip(0..).filter_map(|(set, id)| Some((ValueSetId(id), set.as_ref()?)))
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let mut reserved = 0;
        for (id, set) in self.iter() {
            reserved += set.total;
            if set.loaded > set.total || !self.values(id).windows(2).all(|pair| pair[0] < pair[1]) {
                return Err("schema: a set's values rise and are at most its total");
            }
        }
        if reserved != self.reserved { Err("schema: reserved is the sum of all totals") } else { Ok(()) }
    }
}
