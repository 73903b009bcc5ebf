//! How often a caller calls: exact counts over a window that slides, for listings, sellers and the platform.

use alloc::boxed::Box;

use super::{Caller, Place, Taking, take};
use crate::accounts::PLATFORM;
use crate::collections::{ENDLESS, Expiring, Key};
use crate::ids::{Sequence, SubjectId};
use crate::limits::{FREQUENCY_CALLS_MAX, Limits};
use crate::terms::AnonymousCallers;
use crate::units::{Seconds, Timestamp};

/// One more than a rule asks for: the call that is being looked back at does not count against itself.
const KEPT: usize = FREQUENCY_CALLS_MAX as usize + 1;

/// The rule of one listing or account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FrequencyRule {
    /// 0: none is set. Given when it is.
    pub(crate) number: u32,
    pub(crate) window: Seconds,
    pub(crate) calls_max: u8,
    pub(crate) anonymous: AnonymousCallers,
    /// The last command that set or lifted it; 0 for none.
    pub(crate) sequence: Sequence,
}

impl FrequencyRule {
    pub(crate) const fn is_set(&self) -> bool {
        self.number != 0
    }
}

/// When a caller called, the last time first.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    times: [Timestamp; KEPT],
    count: u8,
    /// The last call.
    call: Sequence,
}

impl Times {
    /// The moment from which on fewer than `calls` lie in the window.
    fn free_at(&self, rule: &FrequencyRule, call: Sequence) -> Option<Timestamp> {
        let own = usize::from(self.count > 0 && self.call == call);
        let nth = own + usize::from(rule.calls_max) - 1;
        (nth < usize::from(self.count)).then(|| self.times[nth] + rule.window)
    }
}

/// See the [module](self). Rules have numbers as duplicate rules have.
#[derive(Clone, Debug)]
pub(crate) struct Frequencies {
    accounts: Box<[FrequencyRule]>,
    listings: Box<[FrequencyRule]>,
    callers: Expiring<Times>,
    made: u32,
    set: u32,
}

impl Frequencies {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        let rules = |count: u32| alloc::vec![FrequencyRule::default(); count as usize].into_boxed_slice();
        Self {
            accounts: rules(limits.accounts_max),
            listings: rules(limits.listings_max),
            callers: Expiring::new(limits.frequencies_max, seed),
            made: 0,
            set: 0,
        }
    }

    #[inline]
    pub(crate) const fn are_set(&self) -> bool {
        self.set > 0
    }

    pub(crate) fn rule(&self, place: Place) -> &FrequencyRule {
        match place {
            Place::Account(slot) => &self.accounts[slot as usize],
            Place::Listing(slot) => &self.listings[slot as usize],
        }
    }

    /// Whether the numbers of rules are used up.
    pub(crate) const fn is_worn_out(&self) -> bool {
        self.made == u32::MAX
    }

    /// The rule there is this from now on; a window of 0 is none.
    pub(crate) fn set(&mut self, place: Place, rule: FrequencyRule) {
        let known = *self.rule(place);
        let mut rule = rule;
        rule.number = match (rule.window.0, known.number) {
            (0, _) => 0,
            (_, 0) => {
                self.made += 1;
                self.made
            }
            (_, number) => number,
        };
        self.set = self.set + u32::from(rule.is_set()) - u32::from(known.is_set());
        match place {
            Place::Account(slot) => self.accounts[slot as usize] = rule,
            Place::Listing(slot) => self.listings[slot as usize] = rule,
        }
    }

    /// Until when a rule that the call meets keeps the caller off, if one does: the platform's, the seller's, the listing's.
    pub(crate) fn reached(&self, (seller, listing): (u32, u32), caller: Caller, at: Timestamp) -> Option<u64> {
        self.met(seller, listing, caller.subject).find_map(|(rule, taking)| match taking {
            Taking::Passes => None,
            Taking::Refused => Some(ENDLESS),
            Taking::Known(key) => {
                let slot = self.callers.find(key).filter(|slot| self.callers.end(*slot) > at.micros())?;
                let times = self.callers.get(slot);
                times.free_at(rule, caller.call).filter(|free_at| at < *free_at).map(Timestamp::micros)
            }
        })
    }

    /// Whether one of the rules would need a place to remember the caller that there is not.
    pub(crate) fn lacks_room(&self, (seller, listing): (u32, u32), subject: SubjectId, at: Timestamp) -> bool {
        let at = at.micros();
        let is_new = |key: Key| self.callers.find(key).is_none_or(|slot| self.callers.end(slot) <= at);
        let mut met = self.met(seller, listing, subject);
        met.any(|(_, taking)| matches!(taking, Taking::Known(key) if is_new(key))) && !self.callers.has_room(at)
    }

    /// A call was put up for sale, and counts under every rule it meets.
    pub(crate) fn count(&mut self, (seller, listing): (u32, u32), caller: Caller, at: Timestamp) {
        for place in places(seller, listing) {
            let rule = *self.rule(place);
            let Taking::Known(key) = take(rule.number, rule.anonymous, caller.subject) else { continue };
            let known = self.callers.find(key);
            let slot = known.unwrap_or_else(|| self.callers.insert(key, Times::default(), at.micros(), |_| ()));
            if self.callers.end(slot) <= at.micros() {
                *self.callers.get_mut(slot) = Times::default();
            }
            let times = self.callers.get_mut(slot);
            times.times.rotate_right(1);
            (times.times[0], times.call) = (at, caller.call);
            times.count = (times.count + 1).min(KEPT as u8);
            self.callers.set_end(slot, (at + rule.window).micros());
        }
    }

    fn met(&self, seller: u32, listing: u32, subject: SubjectId) -> impl Iterator<Item = (&FrequencyRule, Taking)> {
        places(seller, listing).into_iter().map(move |place| {
            let rule = self.rule(place);
            (rule, take(rule.number, rule.anonymous, subject))
        })
    }

    /// How many callers are remembered.
    pub(crate) fn len_at(&self, at: Timestamp) -> u32 {
        self.callers.len_at(at.micros())
    }

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let all = self.accounts.iter().chain(&self.listings).zip(0_u64..);
        let rules = all.filter(|(rule, _)| rule.sequence.0 != 0).flat_map(|(rule, place)| {
            let head = u64::from(rule.number) << 32 | u64::from(rule.window.0);
            [place, head, u64::from(rule.calls_max) << 8 | rule.anonymous as u64, rule.sequence.0]
        });
        let callers = self.callers.iter().flat_map(|(slot, Key { owner, id }, times)| {
            let head = [u64::from(slot) << 32 | u64::from(owner), (id >> 64) as u64, id as u64, self.callers.end(slot)];
            let times_of = times.times.iter().map(|time| time.micros());
            head.into_iter().chain([u64::from(times.count), times.call.0]).chain(times_of)
        });
        [u64::from(self.made)].into_iter().chain(rules).chain(callers)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.callers.check()?;
        let set = self.accounts.iter().chain(&self.listings).filter(|rule| rule.is_set()).count();
        if set != self.set as usize {
            return Err("frequencies: rules are counted");
        }
        let rises = |times: &Times| times.times[..usize::from(times.count)].is_sorted_by(|later, time| later >= time);
        if self.callers.iter().all(|(_, _, times)| times.count > 0 && rises(times)) {
            Ok(())
        } else {
            Err("frequencies: a caller that is remembered called, and the last time comes first")
        }
    }
}

/// Where a call of this seller under this listing meets rules, in order.
const fn places(seller: u32, listing: u32) -> [Place; 3] {
    [Place::Account(PLATFORM), Place::Account(seller), Place::Listing(listing)]
}
