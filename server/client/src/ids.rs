//! Names of things. Every id is a newtype, so a call cannot be passed where a profile is meant.
//!
//! The 128-bit ids are chosen by whoever creates the thing and are scoped to the account that chose them: two sellers may
//! both have a listing 7. Ids of calls and of movements are UUIDv7; [`Client::new_call`](crate::Client::new_call) and
//! [`Client::new_movement`](crate::Client::new_movement) make them.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::units::Timestamp;

macro_rules! id128 {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(pub u128);

            /// Decimal up to a million, as people choose them; beyond that 32 hexadecimal digits.
            impl fmt::Display for $name {
                fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    if self.0 <= DECIMAL_MAX {
                        fmt::Display::fmt(&self.0, formatter)
                    } else {
                        write!(formatter, "{:032x}", self.0)
                    }
                }
            }

            /// As it is printed: 32 digits are hexadecimal, fewer are decimal.
            impl FromStr for $name {
                type Err = ParseIntError;

                fn from_str(text: &str) -> Result<Self, Self::Err> {
                    let radix = if text.len() == 32 { 16 } else { 10 };
                    u128::from_str_radix(text, radix).map(Self)
                }
            }
        )+
    };
}

/// Ids up to here are printed as people write them.
const DECIMAL_MAX: u128 = 1_000_000;

id128!(
    /// A buyer, a seller, or the platform itself.
    AccountId,
    /// A seller's listing: what kind of call is for sale, and on which terms. Scoped to the seller.
    ListingId,
    /// A buyer's bid profile: standing targeting, bid, caps and destinations. Scoped to the buyer.
    ProfileId,
    /// The opening hours of a buyer's profiles or a seller's listings. Scoped to the account.
    CalendarId,
    /// Profiles of one buyer that share a quota. Scoped to the buyer.
    GroupId,
    /// A caller as the seller knows them: a keyed hash, never a telephone number. 0 is anonymous.
    SubjectId,
    /// A call, and the one auction it may be sold in. Scoped to the seller. UUIDv7.
    CallId,
    /// A deposit or a withdrawal. Scoped to the account whose money moves. UUIDv7.
    MovementId,
);

/// The place of an accepted command in the server's log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u64);

impl fmt::Display for Sequence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// Makes UUIDv7: unique within the process by a counter, among processes by chance.
#[derive(Debug)]
pub(crate) struct Uuid7 {
    counter: AtomicU64,
}

impl Uuid7 {
    pub(crate) fn new() -> Self {
        // The standard library seeds its hash tables from the system's randomness.
        Self { counter: AtomicU64::new(RandomState::new().build_hasher().finish()) }
    }

    pub(crate) fn next(&self, at: Timestamp) -> u128 {
        const VERSION: u128 = 7 << 76;
        const VARIANT: u128 = 0b10 << 62;
        let millis = u128::from(at.micros() / 1_000) & ((1 << 48) - 1);
        let counter = u128::from(self.counter.fetch_add(1, Ordering::Relaxed));
        millis << 80 | VERSION | (counter >> 62) << 64 | VARIANT | counter & ((1 << 62) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_as_it_is_printed() {
        for id in [0, 7, DECIMAL_MAX, DECIMAL_MAX + 1, u128::MAX] {
            let id = CallId(id);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert!("x".parse::<CallId>().is_err());
    }

    #[test]
    fn ids_are_uuid7_and_differ() {
        let ids = Uuid7::new();
        let at = Timestamp::from_micros(1_764_000_000_123_456);
        let made: Vec<u128> = (0..1_000).map(|_| ids.next(at)).collect();
        for id in &made {
            assert_eq!((id >> 80, id >> 76 & 0xf, id >> 62 & 0b11), (1_764_000_000_123, 7, 0b10));
        }
        let mut sorted = made;
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 1_000);
        assert_ne!(Uuid7::new().next(at), Uuid7::new().next(at), "another process starts elsewhere");
    }
}
