//! Rules about callers: who has called before, how often one may call, and which facts refuse a call.

use dce_protocol::{AnonymousCallers, Clause, DuplicateOn, Leg, List, ScreenRule, Test, TooLong, ValueCode, up};

use crate::event::Reason;
use crate::ids::{AccountId, ListingId, ProfileId};

/// Whose callers a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerScope {
    /// All profiles of the account together.
    Account,
    /// One profile of the account.
    Profile(ProfileId),
    /// One listing of the account.
    Listing(ListingId),
}

/// Who counts as having called before. A call that came in counts, and all anonymous callers are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicates {
    frame: up::SetDuplicates,
}

/// How often one caller may be put up for sale. All anonymous callers are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frequency {
    frame: up::SetFrequency,
}

/// Which facts keep a call from being sold. Nothing does, until rules say what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    listing: Option<ListingId>,
    rules: Vec<ScreenRule>,
    values: Vec<ValueCode>,
}

impl CallerScope {
    const fn frame(self) -> dce_protocol::CallerScope {
        match self {
            Self::Account => dce_protocol::CallerScope::Account,
            Self::Profile(profile) => dce_protocol::CallerScope::Profile(profile.0),
            Self::Listing(listing) => dce_protocol::CallerScope::Listing(listing.0),
        }
    }
}

impl From<dce_protocol::CallerScope> for CallerScope {
    fn from(scope: dce_protocol::CallerScope) -> Self {
        match scope {
            dce_protocol::CallerScope::Account => Self::Account,
            dce_protocol::CallerScope::Profile(profile) => Self::Profile(ProfileId(profile)),
            dce_protocol::CallerScope::Listing(listing) => Self::Listing(ListingId(listing)),
        }
    }
}

impl Duplicates {
    /// Nobody who came in within so many seconds; 0 lifts the rule.
    #[must_use]
    pub const fn new(scope: CallerScope, window_seconds: u32) -> Self {
        let (on, anonymous) = (DuplicateOn::Incoming, AnonymousCallers::OneCaller);
        Self { frame: up::SetDuplicates { account: 0, scope: scope.frame(), on, window: window_seconds, anonymous } }
    }

    /// What counts instead.
    #[must_use]
    pub const fn on(mut self, on: DuplicateOn) -> Self {
        self.frame.on = on;
        self
    }

    /// What becomes of callers without an identity instead.
    #[must_use]
    pub const fn anonymous(mut self, anonymous: AnonymousCallers) -> Self {
        self.frame.anonymous = anonymous;
        self
    }

    pub(crate) const fn of(&self, account: AccountId) -> up::SetDuplicates {
        up::SetDuplicates { account: account.0, ..self.frame }
    }
}

impl Frequency {
    /// No more than `calls_max` calls, 1 to 15, in any time of so many seconds; 0 seconds lifts the rule.
    #[must_use]
    pub const fn new(calls_max: u8, window_seconds: u32) -> Self {
        let anonymous = AnonymousCallers::OneCaller;
        Self { frame: up::SetFrequency { account: 0, listing: None, calls_max, window: window_seconds, anonymous } }
    }

    /// Under this listing only.
    #[must_use]
    pub const fn listing(mut self, listing: ListingId) -> Self {
        self.frame.listing = Some(listing.0);
        self
    }

    /// What becomes of callers without an identity instead.
    #[must_use]
    pub const fn anonymous(mut self, anonymous: AnonymousCallers) -> Self {
        self.frame.anonymous = anonymous;
        self
    }

    pub(crate) const fn of(&self, account: AccountId) -> up::SetFrequency {
        up::SetFrequency { account: account.0, ..self.frame }
    }
}

impl Screen {
    /// Nothing refuses.
    #[must_use]
    pub const fn new() -> Self {
        Self { listing: None, rules: Vec::new(), values: Vec::new() }
    }

    /// Under this listing only.
    #[must_use]
    pub const fn listing(mut self, listing: ListingId) -> Self {
        self.listing = Some(listing);
        self
    }

    /// Refuses, on this leg or on any, calls whose fact is so. Up to 8 rules, the first that refuses names the reason.
    #[must_use]
    pub fn refuse(self, reason: Reason, leg: Option<Leg>, attribute: u16, test: Test) -> Self {
        self.rule(reason, leg, (attribute, test), false)
    }

    /// Refuses, on this leg or on any, calls whose fact is not so, or missing.
    #[must_use]
    pub fn require(self, reason: Reason, leg: Option<Leg>, attribute: u16, test: Test) -> Self {
        self.rule(reason, leg, (attribute, test), true)
    }

    /// The values that the tests list, one rule after the other.
    #[must_use]
    pub fn values(mut self, codes: impl IntoIterator<Item = u32>) -> Self {
        self.values.extend(codes.into_iter().map(ValueCode::new));
        self
    }

    fn rule(mut self, reason: Reason, leg: Option<Leg>, (attribute, test): (u16, Test), unless: bool) -> Self {
        self.rules.push(ScreenRule::new(leg, Clause::new(attribute, test), unless, reason.0));
        self
    }

    pub(crate) fn of(&self, account: AccountId) -> Result<up::SetScreen<'_>, TooLong> {
        let (rules, values) = (List::new(&self.rules)?, List::new(&self.values)?);
        Ok(up::SetScreen { account: account.0, listing: self.listing.map(|listing| listing.0), rules, values })
    }
}
