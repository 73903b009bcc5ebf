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
    /// And the number of its settings.
    Profile {
        profile: u32,
        settings: u32,
    },
    Listing(u32),
    Group(u32),
}

impl Owner {
    pub(crate) fn word(self) -> u64 {
        let (kind, slot) = match self {
            Self::Account(slot) => (0, slot),
            Self::Profile { profile, .. } => (1, profile),
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

/// The place of a profile with settings.
#[derive(Clone, Copy, Debug)]
struct Member {
    /// Its slot.
    profile: u32,
    quota: u32,
    group: u32,
    /// The command that put it into its group or took it out; 0 before.
    grouped: Sequence,
    /// Who joined the group before it and after it, by the numbers of their settings.
    beside: [u32; 2],
}

impl Member {
    const NEW: Self = Self { profile: NONE, quota: NONE, group: NONE, grouped: Sequence(0), beside: [NONE; 2] };
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
    /// The members that joined it first and last, by the numbers of their settings.
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
    /// By the numbers of profiles' settings.
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
            members: alloc::vec![Member::NEW; 1 + limits.settings_needed() as usize].into_boxed_slice(),
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
            Owner::Profile { settings, .. } => self.members[settings as usize].quota,
            Owner::Listing(slot) => self.listings[slot as usize].quota,
            Owner::Group(slot) => self.groups[slot].quota,
        }
    }

    /// A new quota without rules.
    pub(crate) fn create(&mut self, account: u32, owner: Owner) -> u32 {
        let quota = self.quotas.insert(Quota::new(account, owner)).expect("Invariant: judged not full");
        match owner {
            Owner::Account(slot) => self.accounts[slot as usize].quota = quota,
            Owner::Profile { profile, settings } => {
                let member = &mut self.members[settings as usize];
                (member.profile, member.quota) = (profile, quota);
            }
            Owner::Listing(slot) => self.listings[slot as usize].quota = quota,
            Owner::Group(slot) => self.groups[slot].quota = quota,
        }
        quota
    }

    /// The quotas of a profile and of its group, and the group; [`NONE`] where there is none.
    #[inline]
    pub(crate) fn of_member(&self, settings: u32) -> ([u32; 2], u32) {
        let Member { quota, group, .. } = self.members[settings as usize];
        ([quota, if group == NONE { NONE } else { self.groups[group].quota }], group)
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
    pub(crate) fn group_of(&self, settings: u32) -> (u32, Sequence) {
        let Member { group, grouped, .. } = self.members[settings as usize];
        (group, grouped)
    }

    /// The members of a group are dialled together from now on, or no longer.
    pub(crate) fn set_together(&mut self, group: u32, together: bool, sequence: Sequence) {
        let group = self.groups.get_mut(group).expect("Invariant: a group stays");
        (group.together, group.sequence) = (together, sequence);
    }

    /// The profile is of this group from now on, or of none.
    pub(crate) fn join(&mut self, (profile, settings): (u32, u32), group: u32, sequence: Sequence) {
        self.leave(settings);
        let member = &mut self.members[settings as usize];
        (member.profile, member.group, member.grouped) = (profile, group, sequence);
        if group == NONE {
            return;
        }
        let last = core::mem::replace(&mut self.groups[group].ends[1], settings);
        member.beside = [last, NONE];
        match last {
            NONE => self.groups[group].ends[0] = settings,
            last => self.members[last as usize].beside[1] = settings,
        }
    }

    /// Takes the profile out of the list of its group's members.
    fn leave(&mut self, settings: u32) {
        let Member { group, beside: [before, after], .. } = self.members[settings as usize];
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
        self.all_members(group).take(MEMBERS_LOOKED_MAX).map(|member| member.profile)
    }

    fn all_members(&self, group: u32) -> impl Iterator<Item = &Member> + Clone {
        let listed = |settings: u32| (settings != NONE).then(|| &self.members[settings as usize]);
        core::iter::successors(listed(self.groups[group].ends[0]), move |member| listed(member.beside[1]))
    }

    /// Whether the profile has a quota of its own or a group, so that candidates must be asked for more.
    pub(crate) fn binds(&self, settings: u32) -> bool {
        let Member { quota, group, .. } = self.members[settings as usize];
        group != NONE || quota != NONE && !self.quotas[quota].is_empty()
    }

    /// The profile whose settings these were is gone, and its quota with it.
    pub(crate) fn forget(&mut self, settings: u32) {
        self.leave(settings);
        let member = core::mem::replace(&mut self.members[settings as usize], Member::NEW);
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
            Owner::Profile { .. } => unreachable!("Invariant: a profile's caps count its live calls"),
        }
    }

    /// Where in memory an account's live calls are counted.
    #[inline]
    pub(crate) fn near(&self, account: u32) -> &impl Sized {
        &self.accounts[account as usize]
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

    /// For the digest, with the slot and the settings of each profile that has any; what calls took is told with the calls.
    pub(crate) fn words(&self, profiles: impl Iterator<Item = (u32, u32)>) -> impl Iterator<Item = u64> {
        let quotas = self.quotas.iter().flat_map(|(slot, quota)| [u64::from(slot)].into_iter().chain(quota.words()));
        let groups = self.groups.iter().flat_map(|(slot, group)| {
            let id = group.id.0;
            let dials = u64::from(group.together) << 63 | group.sequence.0;
            [slot.into(), (id >> 64) as u64, id as u64, group.buyer.into(), group.live.into(), dials]
        });
        let grouped = profiles.map(|(slot, settings)| (slot, &self.members[settings as usize]));
        let grouped = grouped.filter(|(_, member)| member.grouped != Sequence(0));
        let members = grouped.flat_map(|(slot, member)| [slot.into(), u64::from(member.group), member.grouped.0]);
        [self.wins].into_iter().chain(quotas).chain(groups).chain(members)
    }

    pub(crate) fn is_unset(&self, settings: u32) -> bool {
        !self.binds(settings) && self.group_of(settings) == (NONE, Sequence(0))
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
            let joined = self.all_members(slot);
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
