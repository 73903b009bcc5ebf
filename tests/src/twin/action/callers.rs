//! What rules about callers say.

use dce_engine::ids::{ListingId, ProfileId};

use super::{Clause, Leg};
use crate::twin::codes::Why;

/// Whose callers a duplicate rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "documented at the engine's `CallerScope`")]
pub enum Scope {
    Account,
    Profile(ProfileId),
    Listing(ListingId),
}

/// What makes a duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `DuplicateOn`")]
pub enum DuplicateOn {
    Incoming,
    Connect,
    Convert,
}

/// What a rule makes of callers without an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `AnonymousCallers`")]
pub enum Anonymous {
    OneCaller,
    Distinct,
    Refused,
}

/// One rule of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `ScreenRule`")]
pub struct ScreenRule {
    pub leg: Option<Leg>,
    pub clause: Clause,
    pub unless: bool,
    pub reason: Why,
}
