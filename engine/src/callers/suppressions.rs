//! Whom nobody, or no calls from whom, an account wants.

use alloc::boxed::Box;

use crate::accounts::PLATFORM;
use crate::collections::{ENDLESS, Expiring, Key};
use crate::ids::{Sequence, SubjectId};
use crate::limits::Limits;
use crate::units::Timestamp;

/// See the [module](self). Invariant: each account counts the suppressions that are its own, ended ones included until
/// they leave.
#[derive(Clone, Debug)]
pub(crate) struct Suppressions {
    /// The command that set each.
    callers: Expiring<Sequence>,
    /// For each account, how many it has, and the last command that set or lifted one.
    owners: Box<[(u32, Sequence)]>,
}

impl Suppressions {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self {
            callers: Expiring::new(limits.suppressions_max, seed),
            owners: alloc::vec![(0, Sequence(0)); limits.accounts_max as usize].into_boxed_slice(),
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.callers.is_empty()
    }

    /// Until when this account wants no calls from the caller, [`ENDLESS`] for good; `None` when it takes them.
    #[inline]
    pub(crate) fn find(&self, account: u32, subject: SubjectId, at: Timestamp) -> Option<u64> {
        if self.owners[account as usize].0 == 0 || subject == SubjectId(0) {
            return None;
        }
        let end = self.callers.end(self.callers.find(Key { owner: account, id: subject.0 })?);
        (end > at.micros()).then_some(end)
    }

    /// The same of a call's seller, or of the platform, whichever says so first.
    pub(crate) fn find_for_sale(&self, seller: u32, subject: SubjectId, at: Timestamp) -> Option<u64> {
        self.find(PLATFORM, subject, at).or_else(|| self.find(seller, subject, at))
    }

    pub(crate) fn has_room(&self, at: Timestamp) -> bool {
        self.callers.has_room(at.micros())
    }

    /// The command that set it so: of a caller that is suppressed, its own; of one that is not, the account's last.
    pub(crate) fn sequence(&self, account: u32, subject: SubjectId, at: Timestamp) -> Sequence {
        let known = self.find(account, subject, at).and_then(|_| self.callers.find(key(account, subject)));
        known.map_or(self.owners[account as usize].1, |slot| *self.callers.get(slot))
    }

    /// No calls from this caller until then; `None` lifts it.
    pub(crate) fn set(
        &mut self,
        (account, subject): (u32, SubjectId),
        end: Option<u64>,
        at: Timestamp,
        sequence: Sequence,
    ) {
        self.owners[account as usize].1 = sequence;
        let known = self.callers.find(key(account, subject));
        match (known, end) {
            (None, None) => {}
            (Some(slot), None) => {
                self.callers.remove(slot);
                self.owners[account as usize].0 -= 1;
            }
            (Some(slot), Some(end)) => {
                *self.callers.get_mut(slot) = sequence;
                self.callers.set_end(slot, end);
            }
            (None, Some(end)) => {
                let owners = &mut self.owners;
                let left = |left: Key| owners[left.owner as usize].0 -= 1;
                let slot = self.callers.insert(key(account, subject), sequence, at.micros(), left);
                self.callers.set_end(slot, end);
                self.owners[account as usize].0 += 1;
            }
        }
    }

    /// How many stand.
    pub(crate) fn len_at(&self, at: Timestamp) -> u32 {
        self.callers.len_at(at.micros())
    }

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let callers = self.callers.iter().flat_map(|(slot, key, sequence)| {
            let end = self.callers.end(slot);
            [u64::from(slot), u64::from(key.owner), (key.id >> 64) as u64, key.id as u64, end, sequence.0]
        });
        let owners = self.owners.iter().zip(0_u64..).filter(|((_, sequence), _)| sequence.0 != 0);
        callers.chain(owners.flat_map(|((_, sequence), place)| [place, sequence.0]))
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.callers.check()?;
        let counted: u64 = self.owners.iter().map(|(count, _)| u64::from(*count)).sum();
        if counted == self.callers.iter().count() as u64 {
            Ok(())
        } else {
            Err("suppressions: accounts count the ones that are theirs")
        }
    }
}

const fn key(account: u32, subject: SubjectId) -> Key {
    Key { owner: account, id: subject.0 }
}

const _: () = assert!(ENDLESS > Timestamp::MAX.micros());
