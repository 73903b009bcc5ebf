//! Who has called before: the rules of listings, profiles and buyers, and the callers they remember.
//!
//! A rule has a number of its own from the moment it is set until it is lifted; what is remembered is remembered under
//! that number, so that a rule set again, or a profile in the place of a closed one, knows nobody. Invariant: a caller
//! that a live call may turn into a contact has its place from the moment the call was offered or sold, so that an
//! answer never finds the table full.

use alloc::boxed::Box;

use super::{Taking, take};
use crate::collections::{ENDLESS, Expiring, Key};
use crate::ids::{Sequence, SubjectId};
use crate::limits::Limits;
use crate::terms::{AnonymousCallers, Awaited, DuplicateOn};
use crate::units::{Seconds, Timestamp};

/// Whose rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Listing(u32),
    /// By the number of its settings.
    Profile(u32),
    Buyer(u32),
}

/// The rule of one owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DuplicateRule {
    /// 0: none is set. Given when it is.
    pub(crate) number: u32,
    pub(crate) window: Seconds,
    pub(crate) on: DuplicateOn,
    pub(crate) anonymous: AnonymousCallers,
    /// The last command that set or lifted it; 0 for none.
    pub(crate) sequence: Sequence,
}

impl DuplicateRule {
    pub(crate) const fn is_set(&self) -> bool {
        self.number != 0
    }

    pub(crate) fn takes(&self, subject: SubjectId) -> Taking {
        take(self.number, self.anonymous, subject)
    }
}

/// Who calls, and in which call, by the command that made it known: no call is its own duplicate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub(crate) subject: SubjectId,
    pub(crate) call: Sequence,
}

/// What is remembered of a caller under one rule.
#[derive(Clone, Copy, Debug, Default)]
struct Contact {
    /// The last call that counted, and when; 0 before there was one.
    last: Timestamp,
    call: Sequence,
    /// The end of the window as it was then.
    until: Timestamp,
    /// Live calls that may yet count.
    awaited: u32,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(crate) struct Duplicates {
    listings: Box<[DuplicateRule]>,
    /// By the numbers of profiles' settings.
    profiles: Box<[DuplicateRule]>,
    buyers: Box<[DuplicateRule]>,
    contacts: Expiring<Contact>,
    /// How many rules were ever set.
    made: u32,
    set_for_listings: u32,
    set_for_candidates: u32,
}

impl Duplicates {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        let rules = |count: u32| alloc::vec![DuplicateRule::default(); count as usize].into_boxed_slice();
        Self {
            listings: rules(limits.listings_max),
            profiles: rules(1 + limits.settings_needed()),
            buyers: rules(limits.accounts_max),
            contacts: Expiring::new(limits.contacts_max, seed),
            made: 0,
            set_for_listings: 0,
            set_for_candidates: 0,
        }
    }

    #[inline]
    pub(crate) fn are_set_for_listings(&self) -> bool {
        self.set_for_listings > 0
    }

    #[inline]
    pub(crate) fn are_set_for_candidates(&self) -> bool {
        self.set_for_candidates > 0
    }

    #[inline]
    pub(crate) fn rule(&self, owner: Owner) -> &DuplicateRule {
        match owner {
            Owner::Listing(slot) => &self.listings[slot as usize],
            Owner::Profile(slot) => &self.profiles[slot as usize],
            Owner::Buyer(slot) => &self.buyers[slot as usize],
        }
    }

    /// Whether the numbers of rules are used up.
    pub(crate) const fn is_worn_out(&self) -> bool {
        self.made == u32::MAX
    }

    /// The owner's rule is this from now on; a window of 0 is none.
    pub(crate) fn set(&mut self, owner: Owner, rule: DuplicateRule) {
        let known = *self.rule(owner);
        let mut rule = rule;
        rule.number = match (rule.window.0, known.number) {
            (0, _) => 0,
            (_, 0) => {
                self.made += 1;
                self.made
            }
            (_, number) => number,
        };
        let counted = match owner {
            Owner::Listing(_) => &mut self.set_for_listings,
            Owner::Profile(_) | Owner::Buyer(_) => &mut self.set_for_candidates,
        };
        *counted = *counted + u32::from(rule.is_set()) - u32::from(known.is_set());
        match owner {
            Owner::Listing(slot) => self.listings[slot as usize] = rule,
            Owner::Profile(slot) => self.profiles[slot as usize] = rule,
            Owner::Buyer(slot) => self.buyers[slot as usize] = rule,
        }
    }

    /// The profile whose settings these were is gone.
    pub(crate) fn forget_profile(&mut self, settings: u32) {
        self.set(Owner::Profile(settings), DuplicateRule::default());
    }

    /// Until when the rule keeps the caller off, if it does; an anonymous one that it never takes, for good.
    #[inline]
    pub(crate) fn blocks(&self, owner: Owner, caller: Caller, at: Timestamp) -> Option<u64> {
        let rule = self.rule(owner);
        let key = match rule.takes(caller.subject) {
            Taking::Passes => return None,
            Taking::Refused => return Some(ENDLESS),
            Taking::Known(key) => key,
        };
        let contact = self.contacts.get(self.contacts.find(key)?);
        let until = contact.until.min(contact.last + rule.window);
        (contact.call != caller.call && at < until).then_some(until.micros())
    }

    /// Whether the rule would need one more place to remember the caller.
    #[inline]
    pub(crate) fn needs_place(&self, owner: Owner, subject: SubjectId, at: Timestamp) -> bool {
        let Taking::Known(key) = self.rule(owner).takes(subject) else { return false };
        self.contacts.find(key).is_none_or(|slot| self.contacts.end(slot) <= at.micros())
    }

    #[inline]
    pub(crate) fn has_room(&self, at: Timestamp) -> bool {
        self.contacts.has_room(at.micros())
    }

    /// A call came in under the rule: it counts at once, or has its place until it does.
    pub(crate) fn come(&mut self, owner: Owner, caller: Caller, at: Timestamp) -> Awaited {
        let rule = *self.rule(owner);
        let Taking::Known(key) = rule.takes(caller.subject) else { return Awaited::NONE };
        let known = self.contacts.find(key);
        let contact = known.unwrap_or_else(|| self.contacts.insert(key, Contact::default(), at.micros(), |_| ()));
        if rule.on == DuplicateOn::Incoming {
            self.count(contact, &rule, caller.call, at);
            return Awaited::NONE;
        }
        self.contacts.get_mut(contact).awaited += 1;
        self.contacts.set_end(contact, ENDLESS);
        Awaited { contact, on: rule.on }
    }

    /// The call has come as far as its rule waits for: it counts, if the rule still stands, and is awaited no more.
    pub(crate) fn arrive(&mut self, owner: Owner, awaited: Awaited, call: Sequence, at: Timestamp) {
        let rule = *self.rule(owner);
        if self.contacts.key(awaited.contact).owner == rule.number {
            self.count(awaited.contact, &rule, call, at);
        }
        self.release(awaited);
    }

    /// Nothing more comes of the call under this rule.
    pub(crate) fn release(&mut self, awaited: Awaited) {
        if !awaited.is_claim() {
            return;
        }
        let contact = self.contacts.get_mut(awaited.contact);
        contact.awaited -= 1;
        if contact.awaited > 0 {
            return;
        }
        let until = contact.until.micros();
        if until == 0 {
            self.contacts.remove(awaited.contact);
        } else {
            self.contacts.set_end(awaited.contact, until);
        }
    }

    fn count(&mut self, slot: u32, rule: &DuplicateRule, call: Sequence, at: Timestamp) {
        let contact = self.contacts.get_mut(slot);
        (contact.last, contact.call, contact.until) = (at, call, at + rule.window);
        if contact.awaited == 0 {
            let until = contact.until.micros();
            self.contacts.set_end(slot, until);
        }
    }

    /// How many callers are remembered.
    pub(crate) fn len_at(&self, at: Timestamp) -> u32 {
        self.contacts.len_at(at.micros())
    }

    /// For the digest: `profiles` has the slot and the settings of each profile with any, `profiles_max` is how many slots
    /// there are.
    pub(crate) fn words(
        &self,
        profiles: impl Iterator<Item = (u32, u32)>,
        profiles_max: u32,
    ) -> impl Iterator<Item = u64> {
        let before = self.listings.len() as u64;
        let listings = self.listings.iter().zip(0_u64..);
        let of_profiles =
            profiles.map(move |(slot, settings)| (&self.profiles[settings as usize], before + u64::from(slot)));
        let buyers = self.buyers.iter().zip(before + u64::from(profiles_max)..);
        let rules = listings.chain(of_profiles).chain(buyers).filter(|(rule, _)| rule.sequence.0 != 0).flat_map(
            |(rule, place)| {
                let head = u64::from(rule.number) << 32 | u64::from(rule.window.0);
                [place, head, (rule.on as u64) << 8 | rule.anonymous as u64, rule.sequence.0]
            },
        );
        let contacts = self.contacts.iter().flat_map(|(slot, Key { owner, id }, contact)| {
            let Contact { last, call, until, awaited } = *contact;
            let head = [u64::from(slot) << 32 | u64::from(owner), (id >> 64) as u64, id as u64];
            head.into_iter().chain([last.micros(), call.0, until.micros(), u64::from(awaited)])
        });
        [u64::from(self.made)].into_iter().chain(rules).chain(contacts)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.contacts.check()?;
        let set = |rules: &[DuplicateRule]| rules.iter().filter(|rule| rule.is_set()).count() as u32;
        if set(&self.listings) != self.set_for_listings {
            return Err("duplicates: the rules of listings are counted");
        }
        if set(&self.profiles) + set(&self.buyers) != self.set_for_candidates {
            return Err("duplicates: the rules of profiles and buyers are counted");
        }
        for (slot, _, contact) in self.contacts.iter() {
            let end = if contact.awaited > 0 { ENDLESS } else { contact.until.micros() };
            if self.contacts.end(slot) != end || end == 0 {
                return Err("duplicates: a contact is kept until its window is over, or while a call may count");
            }
        }
        Ok(())
    }

    /// How often live calls are awaited, all contacts together.
    pub(crate) fn awaited(&self) -> u64 {
        self.contacts.iter().map(|(_, _, contact)| u64::from(contact.awaited)).sum()
    }
}
