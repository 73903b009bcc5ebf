//! How much somebody takes.

use dce_protocol::{Counts, List, Per, QuotaRule, QuotaScope, TooLong, up};

use crate::ids::{AccountId, CalendarId, GroupId, ListingId, ProfileId};
use crate::units::Money;

/// A quota: rules that all bind, at most twelve. Without rules and spacing it binds nobody.
///
/// Rules of the usual kinds have verbs here; for hours of the week and paced money make them with
/// [`QuotaRule::during`], [`QuotaRule::even`] and [`QuotaRule::through`] and add them by [`Quota::rule`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    scope: QuotaScope,
    spacing: Option<u32>,
    hours: Option<CalendarId>,
    rules: Vec<QuotaRule>,
}

impl Quota {
    /// Of all the account's calls.
    #[must_use]
    pub const fn of_account() -> Self {
        Self::of_scope(QuotaScope::Account)
    }

    /// Of one profile's calls.
    #[must_use]
    pub const fn of_profile(profile: ProfileId) -> Self {
        Self::of_scope(QuotaScope::Profile(profile.0))
    }

    /// Of the calls of all profiles in one group.
    #[must_use]
    pub const fn of_group(group: GroupId) -> Self {
        Self::of_scope(QuotaScope::Group(group.0))
    }

    /// Of the calls under one listing.
    #[must_use]
    pub const fn of_listing(listing: ListingId) -> Self {
        Self::of_scope(QuotaScope::Listing(listing.0))
    }

    const fn of_scope(scope: QuotaScope) -> Self {
        Self { scope, spacing: None, hours: None, rules: Vec::new() }
    }

    /// With this rule too.
    #[must_use]
    pub fn rule(mut self, rule: QuotaRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// At most so many calls at a time.
    #[must_use]
    pub fn live(self, max: u32) -> Self {
        self.rule(QuotaRule::new(Counts::Live, Per::Ever, max.into()))
    }

    /// At most so many calls of a kind for a period.
    #[must_use]
    pub fn calls(self, counts: Counts, per: Per, max: u32) -> Self {
        self.rule(QuotaRule::new(counts, per, max.into()))
    }

    /// At most so much money for a period.
    #[must_use]
    pub fn money(self, per: Per, max: Money) -> Self {
        self.rule(QuotaRule::new(Counts::Money, per, max.micros()))
    }

    /// At least so many milliseconds from one call to the next.
    #[must_use]
    pub const fn spacing(mut self, spacing_ms: u32) -> Self {
        self.spacing = Some(spacing_ms);
        self
    }

    /// The paced rule spreads its money over the hours of this calendar.
    #[must_use]
    pub const fn hours(mut self, calendar: CalendarId) -> Self {
        self.hours = Some(calendar);
        self
    }

    pub(crate) fn of(&self, account: AccountId) -> Result<up::SetQuota<'_>, TooLong> {
        let (spacing, hours) = (self.spacing, self.hours.map(|calendar| calendar.0));
        Ok(up::SetQuota { account: account.0, scope: self.scope, spacing, hours, rules: List::new(&self.rules)? })
    }
}
