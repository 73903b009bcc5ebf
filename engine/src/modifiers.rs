//! What profiles make of their standing bids, call by call.
//!
//! Invariant: a profile has at most one list of modifiers, and a list belongs to one profile.

use alloc::boxed::Box;

use crate::collections::Slab;
use crate::ids::Sequence;
use crate::limits::{Limits, MODIFIERS_MAX};
use crate::terms::{Change, FactSheet, Known, Modifier, ModifierValue};
use crate::units::Money;

/// No list.
const NONE: u32 = u32::MAX;

/// A profile's modifiers, in the order they were given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModifierList {
    /// The most the bid may come to, if the profile says so.
    pub(crate) max: Option<Money>,
    modifiers: [Modifier; MODIFIERS_MAX],
    count: u8,
}

/// Where a profile's list is, and when it was last set or taken away; 0 is never.
#[derive(Clone, Copy, Debug)]
struct Place {
    list: u32,
    changed: Sequence,
}

impl Place {
    const NOWHERE: Self = Self { list: NONE, changed: Sequence(0) };
}

#[derive(Clone, Debug)]
pub(crate) struct Modifiers {
    lists: Slab<ModifierList>,
    /// By the numbers of profiles' settings.
    places: Box<[Place]>,
}

impl Modifiers {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            lists: Slab::new(limits.modified_max),
            places: alloc::vec![Place::NOWHERE; 1 + limits.settings_needed() as usize].into_boxed_slice(),
        }
    }

    /// The profile's list, if it has one.
    #[inline]
    pub(crate) fn of(&self, settings: u32) -> Option<&ModifierList> {
        self.lists.get(self.places[settings as usize].list)
    }

    /// When the profile's list was last set or taken away; 0 is never.
    pub(crate) fn changed(&self, settings: u32) -> Sequence {
        self.places[settings as usize].changed
    }

    pub(crate) fn is_full(&self) -> bool {
        self.lists.is_full()
    }

    /// Gives the profile this list in place of the one it has.
    pub(crate) fn set(&mut self, settings: u32, max: Option<Money>, modifiers: &[Modifier], sequence: Sequence) {
        let mut list =
            ModifierList { max, modifiers: [Modifier::default(); MODIFIERS_MAX], count: modifiers.len() as u8 };
        list.modifiers[..modifiers.len()].copy_from_slice(modifiers);
        let place = &mut self.places[settings as usize];
        place.changed = sequence;
        if place.list == NONE {
            place.list = self.lists.insert(list).expect("Invariant: judged not full");
        } else {
            self.lists[place.list] = list;
        }
    }

    /// Takes the profile's list away.
    pub(crate) fn remove(&mut self, settings: u32, sequence: Sequence) {
        let place = &mut self.places[settings as usize];
        self.lists.remove(place.list);
        *place = Place { list: NONE, changed: sequence };
    }

    /// The profile whose settings these were is gone.
    pub(crate) fn forget(&mut self, settings: u32) {
        self.remove(settings, Sequence(0));
    }

    pub(crate) fn len(&self) -> u32 {
        self.lists.len()
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.lists.check()
    }
}

impl ModifierList {
    pub(crate) fn as_slice(&self) -> &[Modifier] {
        &self.modifiers[..usize::from(self.count)]
    }

    /// What a bid comes to on a call with these facts; zero is no bid. All multiplications come first, in the order given.
    pub(crate) fn apply(&self, bid: Money, facts: &FactSheet) -> Money {
        self.changed(bid, |modifier| meets(modifier, facts))
    }

    /// No less than what a bid comes to on any call: only what raises it, as if all of that were met.
    pub(crate) fn ceiling(&self, bid: Money) -> Money {
        self.changed(bid, |modifier| match modifier.change {
            Change::Multiply(times) => times > Change::WHOLE,
            Change::Add(amount) => amount > Money::ZERO,
        })
    }

    fn changed(&self, bid: Money, counts: impl Fn(&Modifier) -> bool) -> Money {
        const MOST: i128 = Money::AMOUNT_MAX.micros() as i128;
        let mut micros = i128::from(bid.micros());
        let mut added = 0;
        for modifier in self.as_slice().iter().filter(|modifier| counts(modifier)) {
            match modifier.change {
                // Cut after each, so that sixteen of them stay within the integer.
                Change::Multiply(times) => {
                    micros = (micros * i128::from(times) / i128::from(Change::WHOLE)).min(MOST);
                }
                Change::Add(amount) => added += i128::from(amount.micros()),
            }
        }
        let most = self.max.map_or(MOST, |max| i128::from(max.micros()));
        Money::from_micros((micros + added).clamp(0, most) as i64)
    }

    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let head = [u64::from(self.max.is_some()), self.max.unwrap_or_default().micros() as u64, u64::from(self.count)];
        let of_one = |modifier: &Modifier| {
            let (kind, [low, high]) = match modifier.value {
                ModifierValue::Code(code) => (0, [u64::from(code.0), 0]),
                ModifierValue::Flag(flag) => (1, [u64::from(flag), 0]),
                ModifierValue::Range { low, high } => (2, [low as u64, high as u64]),
            };
            let (change, amount) = match modifier.change {
                Change::Multiply(times) => (0, u64::from(times)),
                Change::Add(amount) => (1, amount.micros() as u64),
            };
            [u64::from(modifier.attribute.0), kind, low, high, change, amount]
        };
        head.into_iter().chain(self.as_slice().iter().flat_map(of_one))
    }
}

/// Whether a call with these facts has the value.
fn meets(modifier: &Modifier, facts: &FactSheet) -> bool {
    match (modifier.value, facts.known(modifier.attribute)) {
        (ModifierValue::Code(wanted), Known::Code(code)) => wanted == code,
        (ModifierValue::Code(wanted), Known::Elements(codes)) => codes.contains(&wanted),
        (ModifierValue::Flag(wanted), Known::Flag(flag)) => wanted == flag,
        (ModifierValue::Range { low, high }, Known::Number(number)) => low <= number && number < high,
        _ => false,
    }
}
