//! A buyer or a seller says how many calls and how much money it takes.

use crate::collections::List;
use crate::event::{Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CalendarId, GroupId};
use crate::limits::QUOTA_RULES_MAX;
use crate::profiles::Ruled;
use crate::quotas::{NONE, Owner};
use crate::reject::Reject;
use crate::terms::{Counts, Pace, QuotaRule, QuotaScope};
use crate::units::{Millis, Money};

/// Sets the quota of an account, of one of its profiles or listings, or of a group of its profiles. Rules that were set
/// before are replaced; one that counts the same for the same period and hours goes on from its count, another begins at
/// nothing. No rules and no spacing is a quota that binds nobody.
///
/// A call takes its place under every quota it falls under in the step in which it is won; what each rule counts, and
/// what is given back, [`Counts`] says. A group comes to be when it is first named.
///
/// # Refused
///
/// `CommandTooLarge` (more than [`QUOTA_RULES_MAX`] rules), `AmountOutOfRange` (a rule about money with a `max` below zero or
/// above `Money::AMOUNT_MAX`), `ValueOutOfRange` (a rule about calls with a `max` below zero or above `u32::MAX`; live calls
/// with a period; hours of the week that are empty or end past it, or with a rule that counts neither live calls nor for
/// an hour; a pace that does not suit the rule; two paced rules; hours without a paced rule; a spacing of nothing),
/// `AccountReserved`, `AccountUnknown`, `AccountRoleMismatch` (profiles and groups are a buyer's, listings a seller's),
/// `QuotaRuleRepeated`, `ListingUnknown`, `ListingDelisted`, `ProfileUnknown`, `CalendarUnknown`, `QuotasFull`, `GroupsFull`,
/// `SettingsFull`.
///
/// # Events
///
/// `QuotaSet`; a repeat when the quota was set before and is just so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetQuota<'a> {
    /// The buyer or seller.
    pub account: AccountId,
    /// What it binds.
    pub scope: QuotaScope,
    /// All of them bind.
    pub rules: List<'a, QuotaRule, QUOTA_RULES_MAX>,
    /// At least so long from one win to the next.
    pub spacing: Option<Millis>,
    /// The account's calendar over whose hours the paced rule spreads its money; without one, over all hours.
    pub hours: Option<CalendarId>,
}

impl<'a> SetQuota<'a> {
    /// The quota of `scope`, without rules.
    #[must_use]
    pub fn new(account: AccountId, scope: QuotaScope) -> Self {
        Self { account, scope, rules: List::new(), spacing: None, hours: None }
    }

    /// With this rule too.
    #[must_use]
    pub fn rule(mut self, rule: QuotaRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// With these rules, borrowed instead of copied, in place of those given so far: what a front end does.
    #[must_use]
    pub fn rules(mut self, rules: &'a [QuotaRule]) -> Self {
        self.rules = List::borrowed(rules);
        self
    }

    /// With at least so long between two wins.
    #[must_use]
    pub const fn spacing(mut self, spacing: Millis) -> Self {
        self.spacing = Some(spacing);
        self
    }

    /// Its paced money is spread over the hours of this calendar.
    #[must_use]
    pub const fn hours(mut self, calendar: CalendarId) -> Self {
        self.hours = Some(calendar);
        self
    }
}

/// Whom a quota is to bind.
enum Bound {
    Known(Owner),
    /// A group nobody has named yet.
    NewGroup(GroupId),
}

impl Exchange {
    pub(crate) fn set_quota(
        &mut self,
        step: Step,
        command: &SetQuota<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        judge_rules(command)?;
        let &SetQuota { account, scope, .. } = command;
        let slot = self.find_quota_account(account, scope)?;
        let rules = command.rules.as_slice();
        let repeated = |(place, rule): (usize, &QuotaRule)| rules[..place].iter().any(|other| other.counts_like(rule));
        if rules.iter().enumerate().any(repeated) {
            return Err(Reject::QuotaRuleRepeated);
        }
        let bound = self.find_bound(slot, scope)?;
        let hours = self.find_hours(slot, command.hours)?;
        let known = match bound {
            Bound::Known(owner) => self.quotas.of(owner),
            Bound::NewGroup(_) => NONE,
        };
        let spacing = command.spacing.unwrap_or_default();
        let event = Event::QuotaSet { account, scope };
        if known == NONE {
            if self.quotas.is_full() {
                return Err(Reject::QuotasFull);
            }
            if matches!(bound, Bound::NewGroup(_)) && self.quotas.groups_are_full() {
                return Err(Reject::GroupsFull);
            }
            if let Bound::Known(Owner::Profile { profile, .. }) = bound {
                self.judge_settings(profile)?;
            }
        } else {
            let quota = self.quotas.get(known);
            if quota.rules().eq(rules) && (quota.spacing, quota.hours) == (spacing, hours) {
                events.push(event);
                return Ok(Done::Repeated(quota.sequence));
            }
        }
        let owner = match bound {
            Bound::Known(Owner::Profile { profile, .. }) => {
                Owner::Profile { profile, settings: self.give_settings(profile) }
            }
            Bound::Known(owner) => owner,
            Bound::NewGroup(group) => Owner::Group(self.quotas.create_group(slot, group, step.sequence)),
        };
        let quota = if known == NONE { self.quotas.create(slot, owner) } else { known };
        let wins = self.quotas.wins;
        let was_empty = self.quotas.get(quota).is_empty();
        self.quotas.get_mut(quota).set(rules, spacing, hours, step.sequence, wins);
        match owner {
            Owner::Account(_) => self.quotas.count_bound(was_empty, self.quotas.get(quota).is_empty()),
            Owner::Profile { profile, .. } => {
                self.mark_quotas(profile);
                self.refresh(profile, step.at);
            }
            Owner::Listing(_) | Owner::Group(_) => {}
        }
        events.push(event);
        Ok(Done::Accepted)
    }

    /// The account whose quota it is, of the role that has such things.
    pub(crate) fn find_quota_account(&self, account: AccountId, scope: QuotaScope) -> Result<u32, Reject> {
        match scope {
            QuotaScope::Account => self.accounts.find(account),
            QuotaScope::Profile(_) | QuotaScope::Group(_) => self.accounts.find_as(account, Role::Buyer),
            QuotaScope::Listing(_) => self.accounts.find_as(account, Role::Seller),
        }
    }

    fn find_bound(&self, account: u32, scope: QuotaScope) -> Result<Bound, Reject> {
        Ok(Bound::Known(match scope {
            QuotaScope::Account => Owner::Account(account),
            QuotaScope::Profile(profile) => {
                self.quota_owner(self.profiles.find(account, profile).ok_or(Reject::ProfileUnknown)?)
            }
            QuotaScope::Listing(listing) => Owner::Listing(self.listings.find_listed(account, listing)?),
            QuotaScope::Group(group) => match self.quotas.find_group(account, group) {
                Some(slot) => Owner::Group(slot),
                None => return Ok(Bound::NewGroup(group)),
            },
        }))
    }

    /// Says on the profile's record whether candidates must be asked for its quotas.
    pub(super) fn mark_quotas(&mut self, profile: u32) {
        let binds = self.quotas.binds(self.settings.of(profile));
        self.profiles.get_mut(profile).ruled.set(Ruled::QUOTAS, binds);
        self.describe_rows(profile);
    }
}

fn judge_rules(command: &SetQuota<'_>) -> Result<(), Reject> {
    if command.rules.overflowed() {
        return Err(Reject::CommandTooLarge);
    }
    let rules = command.rules.as_slice();
    let money = rules.iter().filter(|rule| rule.counts == Counts::Money);
    if !money.map(|rule| Money::from_micros(rule.max)).all(Money::is_amount_or_zero) {
        return Err(Reject::AmountOutOfRange);
    }
    let paced = rules.iter().filter(|rule| rule.pace != Pace::Free).count();
    let hours_suit = command.hours.is_none() || paced > 0;
    if !rules.iter().all(QuotaRule::is_possible) || paced > 1 || !hours_suit || command.spacing == Some(Millis(0)) {
        return Err(Reject::ValueOutOfRange);
    }
    if command.account == AccountId::PLATFORM || command.account == AccountId::WORLD {
        return Err(Reject::AccountReserved);
    }
    Ok(())
}
