//! Names of things. Every id is a newtype, so a call cannot be passed where a profile is meant.
//!
//! The 128-bit ids are chosen by whoever creates the thing and are *scoped to the account that chose them*: two
//! sellers may both have a call 7. Ids of calls and of money movements are UUIDv7 (RFC 9562, section 5.7), because the
//! time inside lets the exchange forget them after the retention window without ever taking a stale one for new.

use crate::units::Timestamp;

macro_rules! id128 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);
    };
}

macro_rules! uuid7 {
    ($(#[$doc:meta])* $name:ident) => {
        id128!($(#[$doc])* $name);

        impl $name {
            /// A UUIDv7 made from a time and a counter: what a back-tester or an example wants.
            ///
            /// Different counters give different ids.
            #[must_use]
            pub const fn at(at: Timestamp, counter: u64) -> Self {
                Self(uuid7(at, counter))
            }

            /// The time inside the id, in whole milliseconds, or `None` when the id is not a UUIDv7.
            #[must_use]
            pub const fn time(self) -> Option<Timestamp> {
                uuid7_time(self.0)
            }
        }
    };
}

macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);
    };
}

id128!(
    /// The log an exchange writes: the first thing its genesis says.
    LogId
);
id128!(
    /// A buyer, a seller, or the platform itself.
    AccountId
);
id128!(
    /// Who had a call before: an account of this exchange by its id, another exchange by its log's id, a network by whatever
    /// id its neighbours know it by.
    ChainNode
);
id128!(
    /// A seller's listing: what kind of call is for sale, and on which terms. Scoped to the seller.
    ListingId
);
id128!(
    /// A buyer's bid profile: standing targeting, bid, caps and destinations. Scoped to the buyer.
    ProfileId
);
id128!(
    /// The opening hours of a buyer's profiles or a seller's listings. Scoped to the account.
    CalendarId
);
id128!(
    /// Profiles of one buyer that share a quota. Scoped to the buyer.
    GroupId
);
id128!(
    /// A caller as the edge knows them: a keyed hash, never a telephone number.
    SubjectId
);
uuid7!(
    /// A call, and the one auction it may be sold in. Scoped to the seller. UUIDv7.
    CallId
);
uuid7!(
    /// A deposit or a withdrawal. Scoped to the account whose money moves. UUIDv7.
    MovementId
);
code!(
    /// A declared attribute: its place in the schema, `0..ATTRIBUTES_MAX`.
    AttributeId,
    u16
);
code!(
    /// A value of a category or set attribute, as its vocabulary numbers it. 0 is never defined: it means "unknown".
    ValueCode,
    u32
);
code!(
    /// A long list of values (41,000 zips), loaded in chunks and referenced by profiles.
    ValueSetId,
    u16
);
code!(
    /// A time zone whose transitions the log knows.
    ZoneId,
    u16
);
code!(
    /// The market segment a listing sells in and a profile buys in; the index is partitioned by it.
    VerticalId,
    u16
);
code!(
    /// Something a profile's people may know, and a listing may ask for: a language, a licence. Numbered by the operator.
    SkillId,
    u16
);
code!(
    /// One party's stream of high-rate commands. Scoped to the account, and only ever rising.
    SessionId,
    u64
);
code!(
    /// The place of an accepted command in the log. The first is 1; genesis is 0.
    Sequence,
    u64
);

impl AccountId {
    /// The exchange's own account: it takes the margin and advances what is owed before it is earned. Opened at genesis.
    pub const PLATFORM: Self = Self(0);
    /// The outside world: the other side of every deposit and withdrawal. Opened at genesis; its balance is never positive.
    pub const WORLD: Self = Self(u128::MAX);
}

impl ValueCode {
    /// A value the edge could not translate. It satisfies wildcards and none-of, nothing else.
    pub const UNKNOWN: Self = Self(0);
}

impl AttributeId {
    /// A value of this attribute, by its code.
    #[must_use]
    pub const fn value(self, code: u32) -> ValueCode {
        ValueCode(code)
    }
}

const VERSION_SHIFT: u32 = 76;
const VARIANT_SHIFT: u32 = 62;
const MILLIS_SHIFT: u32 = 80;

const fn uuid7(at: Timestamp, counter: u64) -> u128 {
    let millis = (at.micros() / 1_000) as u128 & ((1 << 48) - 1);
    let high = (counter >> VARIANT_SHIFT) as u128;
    let low = counter as u128 & ((1 << VARIANT_SHIFT) - 1);
    (millis << MILLIS_SHIFT) | (7 << VERSION_SHIFT) | (high << 64) | (0b10 << VARIANT_SHIFT) | low
}

const fn uuid7_time(id: u128) -> Option<Timestamp> {
    let version = (id >> VERSION_SHIFT) & 0xf;
    let variant = (id >> VARIANT_SHIFT) & 0b11;
    if version == 7 && variant == 0b10 {
        Some(Timestamp::from_micros((id >> MILLIS_SHIFT) as u64 * 1_000))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid7_carries_its_time_and_counters_differ() {
        let at = Timestamp::from_micros(1_764_000_000_123_456);
        let id = CallId::at(at, 5);
        assert_eq!(id.time(), Some(Timestamp::from_micros(1_764_000_000_123_000)));
        assert_ne!(id, CallId::at(at, 6));
        assert_ne!(CallId::at(at, 1 << 62), CallId::at(at, 0));
        assert_eq!(CallId(7).time(), None);
    }
}
