//! Who wants calls: whose profile it is, its bid, its caps and its counts. What it wants is in its [list](crate::wants).
//!
//! Invariant: bid, pause and counts change, nothing else but for hours. The record here is the law: the index may say that a
//! profile could win, only the record says that it can.

use alloc::boxed::Box;

use crate::caps::Caps;
use crate::collections::{Key, Slab, TaggedIndex};
use crate::ids::{ProfileId, Sequence, VerticalId, ZoneId};
use crate::limits::Limits;
use crate::terms::PayTerm;
pub(crate) use crate::terms::Ruled;
use crate::units::Money;

/// Two cache lines, the first for what is counted: a decision reads no more of a profile.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Profile {
    pub(crate) caps: Caps,
    /// The standing bid; zero is none.
    pub(crate) bid: Money,
    /// The place in time of the standing bid.
    pub(crate) bid_sequence: Sequence,
    pub(crate) created: Sequence,
    pub(crate) id: ProfileId,
    pub(crate) buyer: u32,
    /// The attributes, a bit each, for which the index is only a superset, so that its clauses must be looked at.
    pub(crate) inexact: u32,
    /// The calendar's slot, or `calendars::NONE`: always open.
    pub(crate) hours: u32,
    /// Bids and passes on calls that are not closed.
    pub(crate) bids: u32,
    pub(crate) pay_term: PayTerm,
    pub(crate) vertical: VerticalId,
    pub(crate) zone: ZoneId,
    pub(crate) tier: u8,
    pub(crate) live_mode: bool,
    pub(crate) paused: bool,
    /// Which rules it has that most profiles do not: where there is none, a decision asks no further.
    pub(crate) ruled: Ruled,
}

const _: () = assert!(size_of::<Profile>() == 128);

impl Profile {
    const fn key(&self) -> Key {
        Key { owner: self.buyer, id: self.id.0 }
    }

    /// The least its standing bid can come to on any call: modified, it may come to as little as there is.
    #[inline]
    pub(crate) fn bid_least(&self) -> Money {
        if self.ruled.has(Ruled::MODIFIERS) { Money::from_micros(1) } else { self.bid }
    }
}

/// What no decision reads of a profile.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filed {
    pub(crate) fingerprint: u64,
    /// The last pause or resumption, or the creation.
    pub(crate) switched: Sequence,
    /// The profiles before and after this one in its calendar's list.
    pub(crate) by_calendar: [u32; 2],
}

#[derive(Clone, Debug)]
pub(crate) struct Profiles {
    profiles: Slab<Profile>,
    /// Of each slot.
    filed: Box<[Filed]>,
    index: TaggedIndex,
}

impl Profiles {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self {
            profiles: Slab::new(limits.profiles_max),
            filed: alloc::vec![Filed::default(); limits.profiles_max as usize].into_boxed_slice(),
            index: TaggedIndex::new(limits.profiles_max, seed),
        }
    }

    #[inline]
    pub(crate) fn find(&self, buyer: u32, id: ProfileId) -> Option<u32> {
        let has_it = |slot: u32| {
            let profile = &self.profiles[slot];
            profile.id == id && profile.buyer == buyer
        };
        self.index.get(Key { owner: buyer, id: id.0 }, has_it)
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> &Profile {
        &self.profiles[slot]
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, slot: u32) -> &mut Profile {
        &mut self.profiles[slot]
    }

    /// The profile in this slot, if it is still the one created then.
    pub(crate) fn get_created(&self, slot: u32, created: Sequence) -> Option<&Profile> {
        self.profiles.get(slot).filter(|profile| profile.created == created)
    }

    pub(crate) fn is_vacant(&self, slot: u32) -> bool {
        self.profiles.get(slot).is_none()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.profiles.is_full()
    }

    pub(crate) fn len(&self) -> u32 {
        self.profiles.len()
    }

    pub(crate) fn create(&mut self, profile: Profile, filed: Filed) -> u32 {
        let key = profile.key();
        let slot = self.profiles.insert(profile).expect("Invariant: judged not full");
        self.index.insert(key, slot);
        self.filed[slot as usize] = filed;
        slot
    }

    pub(crate) fn close(&mut self, slot: u32) {
        if let Some(profile) = self.profiles.remove(slot) {
            self.index.remove(profile.key(), slot);
        }
    }

    pub(crate) fn filed(&self, slot: u32) -> &Filed {
        &self.filed[slot as usize]
    }

    pub(crate) fn filed_mut(&mut self, slot: u32) -> &mut Filed {
        &mut self.filed[slot as usize]
    }

    /// Where in memory a profile's record is.
    #[inline]
    pub(crate) fn near(&self, slot: u32) -> &impl Sized {
        self.profiles.near(slot)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Profile)> {
        self.profiles.iter()
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.profiles.check()?;
        self.index.check(|slot| self.profiles.get(slot).map(Profile::key))?;
        for (slot, profile) in self.iter() {
            if self.find(profile.buyer, profile.id) != Some(slot) {
                return Err("profiles: every profile is found by its id");
            }
            profile.caps.check()?;
        }
        Ok(())
    }
}
