//! Quotas and groups, as one may look at them, and what ties them to live calls.

use crate::calendars;
use crate::event::Role;
use crate::exchange::Exchange;
use crate::ids::{AccountId, CalendarId, GroupId, ProfileId};
use crate::limits::QUOTA_RULES_MAX;
use crate::quotas::{NONE, Owner};
use crate::routing::OwnHolds;
use crate::terms::{QuotaRule, QuotaScope};
use crate::units::Millis;

/// A rule of a quota, and what it has counted as of the last command's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotaUse {
    /// The rule.
    pub rule: QuotaRule,
    /// Calls, or money in micros.
    pub used: i64,
}

/// A quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaView {
    /// At least so long between two wins.
    pub spacing: Option<Millis>,
    /// The calendar over whose hours its paced rule spreads money.
    pub hours: Option<CalendarId>,
    uses: [QuotaUse; QUOTA_RULES_MAX],
    count: usize,
}

impl QuotaView {
    /// Its rules, in the order in which they were set.
    #[must_use]
    pub fn rules(&self) -> &[QuotaUse] {
        &self.uses[..self.count]
    }
}

impl Exchange {
    /// A quota that was set, with what it has counted.
    #[must_use]
    pub fn quota(&self, account: AccountId, scope: QuotaScope) -> Option<QuotaView> {
        let account = self.find_quota_account(account, scope).ok()?;
        let owner = match scope {
            QuotaScope::Account => Owner::Account(account),
            QuotaScope::Profile(profile) => self.quota_owner(self.profiles.find(account, profile)?),
            QuotaScope::Listing(listing) => Owner::Listing(self.listings.find(account, listing)?),
            QuotaScope::Group(group) => Owner::Group(self.quotas.find_group(account, group)?),
        };
        let slot = self.quotas.of(owner);
        if slot == NONE {
            return None;
        }
        let quota = self.quotas.get(slot);
        let mut view = QuotaView {
            spacing: (quota.spacing > Millis(0)).then_some(quota.spacing),
            hours: (quota.hours != calendars::NONE).then(|| self.calendars.get(quota.hours).id),
            uses: [QuotaUse::default(); QUOTA_RULES_MAX],
            count: 0,
        };
        let now = self.quota_now_at(slot, self.last_at);
        for (place, (rule, used)) in view.uses.iter_mut().zip(quota.used(&now)) {
            *place = QuotaUse { rule, used };
            view.count += 1;
        }
        Some(view)
    }

    /// The group a profile is in, if any.
    #[must_use]
    pub fn profile_group(&self, buyer: AccountId, profile: ProfileId) -> Option<GroupId> {
        let buyer = self.accounts.find_as(buyer, Role::Buyer).ok()?;
        let group = self.group_of(self.profiles.find(buyer, profile)?);
        (group != NONE).then(|| self.quotas.group(group).id)
    }

    /// Whether a buyer's group is dialled together; `None` for one that was never named.
    #[must_use]
    pub fn together(&self, buyer: AccountId, group: GroupId) -> Option<bool> {
        let buyer = self.accounts.find_as(buyer, Role::Buyer).ok()?;
        Some(self.quotas.group(self.quotas.find_group(buyer, group)?).together)
    }

    /// The live calls of every account, listing and group are those that calls hold; the record of a profile says whether
    /// it has a quota or a group.
    pub(super) fn check_quotas(&self) -> Result<(), &'static str> {
        self.quotas.check()?;
        // Whose line is busy, as sums that tell owners apart.
        let weigh = |sums: [u64; 2], owner: Owner, live: u32| {
            let live = u64::from(live);
            [sums[0] + live, sums[1].wrapping_add(live.wrapping_mul(owner.word() + 1))]
        };
        let counted = self.quotas.live_counts().fold([0; 2], |sums, (owner, live)| weigh(sums, owner, live));
        let mut held = [0; 2];
        for (_, record) in self.calls.iter() {
            let Some(live) = record.live() else { continue };
            for (hold, taking) in self.own_holds(live).into_iter().flat_map(OwnHolds::iter) {
                let parties =
                    [Owner::Account(hold.buyer), Owner::Account(record.seller), Owner::Listing(record.listing)];
                held = parties.into_iter().fold(held, |held, owner| weigh(held, owner, 1));
                let group = taking.map_or(NONE, |taking| taking.group);
                if group != NONE {
                    held = weigh(held, Owner::Group(group), 1);
                }
            }
        }
        if counted != held {
            return Err("quotas: accounts, listings and groups count the live calls that are theirs");
        }
        let marked = |(slot, profile): (u32, &crate::profiles::Profile)| {
            profile.ruled.has(crate::profiles::Ruled::QUOTAS) == self.quotas.binds(self.settings.of(slot))
        };
        if self.profiles.iter().all(marked) { Ok(()) } else { Err("quotas: a profile's record says what binds it") }
    }
}
