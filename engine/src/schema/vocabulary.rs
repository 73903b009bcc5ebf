//! Which values of an attribute are defined, and what they are called.

use alloc::boxed::Box;

use crate::collections::{FixedIndex, Key, Mixer, Slab};
use crate::ids::{AttributeId, Sequence, ValueCode};
use crate::limits::Limits;
use crate::reject::Reject;
use crate::terms::Name;

/// Codes fit 16 bits: `values_max` of an attribute is at most this.
pub(crate) const CODE_MAX: u32 = 65_535;
const WORDS_PER_ATTRIBUTE: usize = (CODE_MAX as usize + 1) / 64;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub(crate) attribute: AttributeId,
    pub(crate) code: ValueCode,
    pub(crate) name: Name,
    pub(crate) sequence: Sequence,
}

/// Values by code and by name. A bit for each code answers the hot question, whether it is defined at all.
#[derive(Clone, Debug)]
pub(crate) struct Vocabulary {
    values: Slab<Value>,
    by_code: FixedIndex,
    by_name: FixedIndex,
    defined: Box<[u64]>,
    seed: u128,
}

impl Vocabulary {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        let words = WORDS_PER_ATTRIBUTE * usize::from(limits.attributes_max);
        Self {
            values: Slab::new(limits.values_max),
            by_code: FixedIndex::new(limits.values_max, seed),
            by_name: FixedIndex::new(limits.values_max, seed),
            defined: alloc::vec![0; words].into_boxed_slice(),
            seed,
        }
    }

    /// Whether the attribute, which is declared, has this value.
    #[inline]
    pub(crate) fn is_defined(&self, attribute: AttributeId, code: ValueCode) -> bool {
        code.0 <= CODE_MAX && self.defined[word(attribute, code)] >> (code.0 % 64) & 1 == 1
    }

    pub(crate) fn by_code(&self, attribute: AttributeId, code: ValueCode) -> Option<&Value> {
        self.values.get(self.by_code.get(code_key(attribute, code))?)
    }

    pub(crate) fn by_name(&self, attribute: AttributeId, name: &str) -> Option<&Value> {
        let slot = self.by_name.get(self.name_key(attribute, name))?;
        self.values.get(slot).filter(|value| value.name.as_str() == name)
    }

    /// Whether the value can be defined. `Ok(false)` when it is, just so.
    pub(crate) fn judge(&self, attribute: AttributeId, code: ValueCode, name: &Name) -> Result<bool, Reject> {
        if self.by_name(attribute, name.as_str()).is_some_and(|value| value.code != code) {
            return Err(Reject::ValueNameTaken);
        }
        match self.by_code(attribute, code) {
            Some(value) if value.name == *name => Ok(false),
            Some(_) => Err(Reject::IdConflict),
            None if self.values.is_full() => Err(Reject::SchemaFull),
            None => Ok(true),
        }
    }

    pub(crate) fn define(&mut self, value: Value) {
        let name_key = self.name_key(value.attribute, value.name.as_str());
        let slot = self.values.insert(value).expect("Invariant: judged not full");
        self.by_code.insert(code_key(value.attribute, value.code), slot).expect("Invariant: as many as values");
        self.by_name.insert(name_key, slot).expect("Invariant: as many as values");
        self.defined[word(value.attribute, value.code)] |= 1 << (value.code.0 % 64);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Value> {
        self.values.iter().map(|(_, value)| value)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let bits: u32 = self.defined.iter().map(|word| word.count_ones()).sum();
        if bits != self.values.len() || self.by_code.len() != bits || self.by_name.len() != bits {
            return Err("schema: every value has a bit, a code and a name");
        }
        Ok(())
    }

    /// Two keyed hashes make 128 bits; `by_name` compares the text all the same.
    fn name_key(&self, attribute: AttributeId, name: &str) -> Key {
        let mut low = Mixer::new(self.seed);
        let mut high = Mixer::new(!self.seed);
        for chunk in name.as_bytes().chunks(8) {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            let word = u64::from_le_bytes(bytes);
            low.word(word);
            high.word(word);
        }
        low.word(name.len() as u64);
        high.word(name.len() as u64);
        Key { owner: u32::from(attribute.0), id: u128::from(high.finish()) << 64 | u128::from(low.finish()) }
    }
}

const fn word(attribute: AttributeId, code: ValueCode) -> usize {
    attribute.0 as usize * WORDS_PER_ATTRIBUTE + code.0 as usize / 64
}

fn code_key(attribute: AttributeId, code: ValueCode) -> Key {
    Key { owner: u32::from(attribute.0), id: u128::from(code.0) }
}
