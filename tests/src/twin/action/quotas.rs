//! What quotas say.

use dce_engine::ids::{GroupId, ListingId, ProfileId};

/// What a quota binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "documented at the engine's `QuotaScope`")]
pub enum QuotaScope {
    Account,
    Profile(ProfileId),
    Listing(ListingId),
    Group(GroupId),
}

/// What a rule of a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "documented at the engine's `Counts`")]
pub enum Counts {
    Live,
    Attempts,
    Connections,
    Conversions,
    Money,
}

/// When a count begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they say it themselves")]
pub enum Per {
    Hour,
    Day,
    Month,
    Ever,
}

/// How money is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Pace`")]
pub enum Pace {
    Free,
    Even,
    Through(u32),
}

/// A rule of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `QuotaRule`")]
pub struct QuotaRule {
    pub counts: Counts,
    pub per: Per,
    pub max: i64,
    pub during: Option<(u8, u8)>,
    pub pace: Pace,
}
