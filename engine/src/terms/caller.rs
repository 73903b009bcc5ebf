//! Who counts as having called before, and for whom.

use crate::ids::{ListingId, ProfileId};

/// Whose callers a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallerScope {
    /// All profiles of the account together.
    Account,
    /// One profile of the account.
    Profile(ProfileId),
    /// One listing of the account.
    Listing(ListingId),
}

/// What makes a caller one who has called before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DuplicateOn {
    /// A call came in: put up for sale under the listing; sold to the profile or the buyer, answered or not.
    #[default]
    Incoming,
    /// A call was answered.
    Connect,
    /// A call earned its revenue.
    Convert,
}

/// What a rule makes of callers without an identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnonymousCallers {
    /// All of them are one caller: the field's default.
    #[default]
    OneCaller,
    /// Each is somebody new: the rule lets them pass and remembers nothing.
    Distinct,
    /// The rule lets none of them pass.
    Refused,
}
