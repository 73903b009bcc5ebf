//! All quotas, whom each binds, and the groups of profiles.

use alloc::boxed::Box;

use super::{NONE, Quota, Taking};
use crate::collections::{FixedIndex, Key, Slab};
use crate::ids::{GroupId, Sequence};
use crate::limits::{Limits, MEMBERS_LOOKED_MAX, RING_ALONG_MAX};

/// Whom a quota binds, by slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Account(u32),
    Profile(u32),
    Listing(u32),
    Group(u32),
}

impl Owner {
    pub(crate) fn word(self) -> u64 {
        let (kind, slot) = match self {
            Self::Account(slot) => (0, slot),
            Self::Profile(slot) => (1, slot),
            Self::Listing(slot) => (2, slot),
            Self::Group(slot) => (3, slot),
        };
        kind << 32 | u64::from(slot)
    }
}

/// An account's or a listing's place: its quota, and how many of its calls are live, under a quota or not.
#[derive(Clone, Copy, Debug)]
struct Place {
    quota: u32,
    live: u32,
}

impl Place {
    const EMPTY: Self = Self { quota: NONE, live: 0 };
}

/// A profile's place.
#[derive(Clone, Copy, Debug)]
struct Member {
    quota: u32,
    group: u32,
    /// The command that put it into its group or took it out; 0 before.
    grouped: Sequence,
    /// Who joined the group before it and after it.
    beside: [u32; 2],
}

impl Member {
    const NEW: Self = Self { quota: NONE, group: NONE, grouped: Sequence(0), beside: [NONE; 2] };
}

/// Profiles of one buyer that share a quota, and may be dialled together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) buyer: u32,
    pub(crate) id: GroupId,
    /// Whether members ring along with one that won.
    pub(crate) together: bool,
    /// The command that set that, or that named the group first.
    pub(crate) sequence: Sequence,
    quota: u32,
    live: u32,
    /// The members that joined it first and last.
    ends: [u32; 2],
}

/// See the [room](super).
#[derive(Clone, Debug)]
pub(crate) struct Quotas {
    quotas: Slab<Quota>,
    groups: Slab<Group>,
    groups_index: FixedIndex,
    accounts: Box<[Place]>,
    listings: Box<[Place]>,
    members: Box<[Member]>,
    /// By the live part of the call.
    takings: Box<[Taking]>,
    /// Of attempts put aside, by where the call's are and the place there.
    takings_beside: Box<[[Taking; RING_ALONG_MAX]]>,
    /// How many wins were counted, under whatever quota.
    pub(crate) wins: u64,
    /// Accounts whose quota binds: without any, no candidate is asked for its buyer's.
    accounts_bound: u32,
}

impl Quotas {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self {
            quotas: Slab::new(limits.quotas_max),
            groups: Slab::new(limits.groups_max),
            groups_index: FixedIndex::new(limits.groups_max, seed),
            accounts: alloc::vec![Place::EMPTY; limits.accounts_max as usize].into_boxed_slice(),
            listings: alloc::vec![Place::EMPTY; limits.listings_max as usize].into_boxed_slice(),
            members: alloc::vec![Member::NEW; limits.profiles_max as usize].into_boxed_slice(),
            takings: alloc::vec![Taking::NOTHING; limits.calls_live_max as usize].into_boxed_slice(),
            takings_beside: alloc::vec![[Taking::NOTHING; RING_ALONG_MAX]; limits.together_max as usize]
                .into_boxed_slice(),
            wins: 0,
            accounts_bound: 0,
        }
    }

    #[inline]
    pub(crate) fn get(&self, quota: u32) -> &Quota {
        &self.quotas[quota]
    }

    pub(crate) fn get_mut(&mut self, quota: u32) -> &mut Quota {
        &mut self.quotas[quota]
    }

    pub(crate) fn is_full(&self) -> bool {
        self.quotas.is_full()
    }

    /// The quota of an owner, or [`NONE`].
    #[inline]
    pub(crate) fn of(&self, owner: Owner) -> u32 {
        match owner {
            Owner::Account(slot) => self.accounts[slot as usize].quota,
            Owner::Profile(slot) => self.members[slot as usize].quota,
            Owner::Listing(slot) => self.listings[slot as usize].quota,
            Owner::Group(slot) => self.groups[slot].quota,
        }
    }

    /// A new quota without rules.
    pub(crate) fn create(&mut self, account: u32, owner: Owner) -> u32 {
        let quota = self.quotas.insert(Quota::new(account, owner)).expect("Invariant: judged not full");
        match owner {
            Owner::Account(slot) => self.accounts[slot as usize].quota = quota,
            Owner::Profile(slot) => self.members[slot as usize].quota = quota,
            Owner::Listing(slot) => self.listings[slot as usize].quota = quota,
            Owner::Group(slot) => self.groups[slot].quota = quota,
        }
        quota
    }

    /// The quotas of a profile and of its group; [`NONE`] where there is none.
    #[inline]
    pub(crate) fn of_member(&self, profile: u32) -> [u32; 2] {
        let Member { quota, group, .. } = self.members[profile as usize];
        [quota, if group == NONE { NONE } else { self.groups[group].quota }]
    }

    /// Whether an account's quota binds anybody, or began or ceased to.
    pub(crate) fn count_bound(&mut self, was_empty: bool, is_empty: bool) {
        self.accounts_bound = self.accounts_bound + u32::from(was_empty) - u32::from(is_empty);
    }

    /// Whether any account has a quota that binds.
    #[inline]
    pub(crate) const fn any_account(&self) -> bool {
        self.accounts_bound > 0
    }

    pub(crate) fn find_group(&self, buyer: u32, id: GroupId) -> Option<u32> {
        self.groups_index.get(Key { owner: buyer, id: id.0 })
    }

    pub(crate) fn group(&self, group: u32) -> &Group {
        &self.groups[group]
    }

    pub(crate) fn groups_are_full(&self) -> bool {
        self.groups.is_full()
    }

    /// A group of nobody.
    pub(crate) fn create_group(&mut self, buyer: u32, id: GroupId, sequence: Sequence) -> u32 {
        let group = Group { buyer, id, together: false, sequence, quota: NONE, live: 0, ends: [NONE; 2] };
        let slot = self.groups.insert(group).expect("Invariant: judged not full");
        self.groups_index.insert(Key { owner: buyer, id: id.0 }, slot).expect("Invariant: as many as groups");
        slot
    }

    /// A profile's group, and the command that said so.
    pub(crate) fn group_of(&self, profile: u32) -> (u32, Sequence) {
        let Member { group, grouped, .. } = self.members[profile as usize];
        (group, grouped)
    }

    /// The members of a group are dialled together from now on, or no longer.
    pub(crate) fn set_together(&mut self, group: u32, together: bool, sequence: Sequence) {
        let group = self.groups.get_mut(group).expect("Invariant: a group stays");
        (group.together, group.sequence) = (together, sequence);
    }

    /// The profile is of this group from now on, or of none.
    pub(crate) fn join(&mut self, profile: u32, group: u32, sequence: Sequence) {
        self.leave(profile);
        let member = &mut self.members[profile as usize];
        (member.group, member.grouped) = (group, sequence);
        if group == NONE {
            return;
        }
        let last = core::mem::replace(&mut self.groups[group].ends[1], profile);
        member.beside = [last, NONE];
        match last {
            NONE => self.groups[group].ends[0] = profile,
            last => self.members[last as usize].beside[1] = profile,
        }
    }

    /// Takes the profile out of the list of its group's members.
    fn leave(&mut self, profile: u32) {
        let Member { group, beside: [before, after], .. } = self.members[profile as usize];
        if group == NONE {
            return;
        }
        match before {
            NONE => self.groups[group].ends[0] = after,
            before => self.members[before as usize].beside[1] = after,
        }
        match after {
            NONE => self.groups[group].ends[1] = before,
            after => self.members[after as usize].beside[0] = before,
        }
    }

    /// The members that joined the group first, at most as many as are looked at.
    pub(crate) fn members(&self, group: u32) -> impl Iterator<Item = u32> + '_ {
        self.all_members(group).take(MEMBERS_LOOKED_MAX)
    }

    fn all_members(&self, group: u32) -> impl Iterator<Item = u32> + Clone + '_ {
        let listed = |profile: u32| (profile != NONE).then_some(profile);
        let next = move |profile: &u32| listed(self.members[*profile as usize].beside[1]);
        core::iter::successors(listed(self.groups[group].ends[0]), next)
    }

    /// Whether the profile has a quota of its own or a group, so that candidates must be asked for more.
    pub(crate) fn binds(&self, profile: u32) -> bool {
        let Member { quota, group, .. } = self.members[profile as usize];
        group != NONE || quota != NONE && !self.quotas[quota].is_empty()
    }

    /// The profile is gone, and its quota with it.
    pub(crate) fn forget(&mut self, profile: u32) {
        self.leave(profile);
        let member = core::mem::replace(&mut self.members[profile as usize], Member::NEW);
        if member.quota != NONE {
            self.quotas.remove(member.quota);
        }
    }

    /// The listing is over, and its quota with it.
    pub(crate) fn forget_listing(&mut self, listing: u32) {
        let quota = core::mem::replace(&mut self.listings[listing as usize].quota, NONE);
        if quota != NONE {
            self.quotas.remove(quota);
        }
    }

    /// How many of an owner's calls are live; a profile counts its own.
    pub(crate) fn live(&self, owner: Owner) -> u32 {
        match owner {
            Owner::Account(slot) => self.accounts[slot as usize].live,
            Owner::Listing(slot) => self.listings[slot as usize].live,
            Owner::Group(slot) => self.groups[slot].live,
            Owner::Profile(_) => unreachable!("Invariant: a profile's caps count its live calls"),
        }
    }

    /// Where in memory an account's live calls are counted, and what a profile belongs to.
    #[inline]
    pub(crate) fn near(&self, account: u32, profile: u32) -> (&impl Sized, &impl Sized) {
        (&self.accounts[account as usize], &self.members[profile as usize])
    }

    /// A call of these parties is live.
    pub(crate) fn begin(&mut self, [buyer, seller, listing, group]: [u32; 4]) {
        self.accounts[buyer as usize].live += 1;
        self.accounts[seller as usize].live += 1;
        self.listings[listing as usize].live += 1;
        if group != NONE {
            self.groups.get_mut(group).expect("Invariant: a group stays").live += 1;
        }
    }

    /// A call of these parties is over, or came back.
    pub(crate) fn end(&mut self, [buyer, seller, listing, group]: [u32; 4]) {
        self.accounts[buyer as usize].live -= 1;
        self.accounts[seller as usize].live -= 1;
        self.listings[listing as usize].live -= 1;
        if group != NONE {
            self.groups.get_mut(group).expect("Invariant: a group stays").live -= 1;
        }
    }

    /// What the present winner of a call counted.
    pub(crate) fn taking(&self, live: u32) -> &Taking {
        &self.takings[live as usize]
    }

    pub(crate) fn set_taking(&mut self, live: u32, taking: Taking) {
        self.takings[live as usize] = taking;
    }

    /// What the attempts of a call counted that are put aside, each in its place.
    pub(crate) fn takings_beside(&self, together: u32) -> &[Taking] {
        self.takings_beside.get(together as usize).map_or(&[], |takings| takings.as_slice())
    }

    /// What the present attempt counted and what the one put aside there did change places, as the two do.
    pub(crate) fn change_places(&mut self, live: u32, together: u32, place: usize) {
        core::mem::swap(&mut self.takings[live as usize], &mut self.takings_beside[together as usize][place]);
    }

    /// The live calls that are counted: of accounts, of listings, of groups.
    pub(crate) fn live_counts(&self) -> impl Iterator<Item = (Owner, u32)> {
        let accounts = self.accounts.iter().zip(0..).map(|(place, slot)| (Owner::Account(slot), place.live));
        let listings = self.listings.iter().zip(0..).map(|(place, slot)| (Owner::Listing(slot), place.live));
        accounts.chain(listings).chain(self.groups.iter().map(|(slot, group)| (Owner::Group(slot), group.live)))
    }

    /// For the digest; what calls took is told with the calls.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let quotas = self.quotas.iter().flat_map(|(slot, quota)| [u64::from(slot)].into_iter().chain(quota.words()));
        let groups = self.groups.iter().flat_map(|(slot, group)| {
            let id = group.id.0;
            let dials = u64::from(group.together) << 63 | group.sequence.0;
            [slot.into(), (id >> 64) as u64, id as u64, group.buyer.into(), group.live.into(), dials]
        });
        let grouped = self.members.iter().zip(0_u64..).filter(|(member, _)| member.grouped != Sequence(0));
        let members = grouped.flat_map(|(member, slot)| [slot, u64::from(member.group), member.grouped.0]);
        [self.wins].into_iter().chain(quotas).chain(groups).chain(members)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.quotas.check()?;
        self.groups.check()?;
        self.groups_index.check()?;
        let mut bound = 0;
        for (slot, quota) in self.quotas.iter() {
            quota.check()?;
            if self.of(quota.owner) != slot {
                return Err("quotas: every quota is found from whom it binds");
            }
            bound += u32::from(matches!(quota.owner, Owner::Account(_)) && !quota.is_empty());
        }
        if bound != self.accounts_bound {
            return Err("quotas: the accounts with a quota that binds are counted");
        }
        let mut listed = 0;
        for (slot, group) in self.groups.iter() {
            if self.find_group(group.buyer, group.id) != Some(slot) {
                return Err("quotas: every group is found by its id");
            }
            let joined = self.all_members(slot).map(|member| self.members[member as usize]);
            if !joined.clone().is_sorted_by_key(|member| member.grouped)
                || joined.clone().any(|member| member.group != slot)
            {
                return Err("quotas: a group lists its members, those first that joined it first");
            }
            listed += joined.count();
        }
        if listed != self.members.iter().filter(|member| member.group != NONE).count() {
            return Err("quotas: every member of a group is listed by it");
        }
        let places = self.accounts.iter().chain(&self.listings).map(|place| place.quota);
        let of_groups = self.groups.iter().map(|(_, group)| group.quota);
        let owned = places.chain(of_groups).chain(self.members.iter().map(|member| member.quota));
        let owned = owned.filter(|quota| *quota != NONE).count();
        if owned == self.quotas.len() as usize { Ok(()) } else { Err("quotas: every quota binds somebody") }
    }
}
