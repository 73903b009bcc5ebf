//! One file a resource: what it looks like in JSON, the commands its requests become, and how it is read.

pub(super) mod accounts;
pub(super) mod auctions;
pub(super) mod bids;
pub(super) mod calls;
pub(super) mod counts;
pub(super) mod explain;
pub(super) mod listings;
pub(super) mod movements;
pub(super) mod probes;
pub(super) mod profiles;
pub(super) mod quotes;
pub(super) mod rules;
pub(super) mod sets;
pub(super) mod statements;
pub(super) mod terms;
