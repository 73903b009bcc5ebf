//! Which profiles have settings of their own: how they answer, what they are worth to policies and know, their quota and
//! their group, their duplicate rule, the modifiers of their bid.
//!
//! A profile has a number here from the first command that sets any of these until it is closed; the rooms that keep them
//! keep them by that number. Invariant: two profiles never have one number. Number 0 is everybody's without any: what is
//! kept by it is what holds where nothing is set, and is never changed.

use alloc::boxed::Box;

use crate::collections::Slab;
use crate::limits::Limits;

/// Of a profile without settings.
pub(crate) const DEFAULT: u32 = 0;

/// See the [room](self).
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Of each profile's slot.
    numbers: Box<[u32]>,
    /// Whose the numbers are, from 1.
    profiles: Slab<u32>,
}

impl Settings {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            numbers: alloc::vec![DEFAULT; limits.profiles_max as usize].into_boxed_slice(),
            profiles: Slab::new(limits.settings_needed()),
        }
    }

    /// The profile's number.
    #[inline]
    pub(crate) fn of(&self, profile: u32) -> u32 {
        self.numbers[profile as usize]
    }

    /// Where in memory that is.
    #[inline]
    pub(crate) fn near(&self, profile: u32) -> &impl Sized {
        &self.numbers[profile as usize]
    }

    /// How many profiles have one.
    pub(crate) fn len(&self) -> u32 {
        self.profiles.len()
    }

    /// Every profile with a number, by its slot, and the number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        (0..).zip(self.numbers.iter().copied()).filter(|(_, number)| *number != DEFAULT)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.profiles.is_full()
    }

    /// The profile's number, which it has from now on.
    pub(crate) fn give(&mut self, profile: u32) -> u32 {
        let number = &mut self.numbers[profile as usize];
        if *number == DEFAULT {
            *number = 1 + self.profiles.insert(profile).expect("Invariant: judged not full");
        }
        *number
    }

    /// The profile goes.
    pub(crate) fn take_back(&mut self, profile: u32) {
        let number = core::mem::replace(&mut self.numbers[profile as usize], DEFAULT);
        if number != DEFAULT {
            self.profiles.remove(number - 1);
        }
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.profiles.check()?;
        let is_its = |(profile, number): (u32, u32)| self.profiles.get(number - 1) == Some(&profile);
        if self.iter().all(is_its) && self.iter().count() == self.profiles.len() as usize {
            Ok(())
        } else {
            Err("settings: every number is one profile's")
        }
    }
}
