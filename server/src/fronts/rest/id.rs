//! Names as people write them: a small one as a number, a large one as a UUID; and references that name an owner, too.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use dce_engine::ids::{AccountId, CallId, ProfileId};
use ring::rand::{SecureRandom, SystemRandom};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::tools::ids::parse as parse_id;

/// Ids up to here are written as numbers.
const DECIMAL_MAX: u128 = 1_000_000;

/// The name of something, scoped to the account that chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(pub(super) u128);

/// A call with its seller: `seller.call`. It names the call's auction as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CallRef {
    pub(super) seller: AccountId,
    pub(super) call: CallId,
}

/// A bid: `seller.call.buyer.profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BidRef {
    pub(super) on: CallRef,
    pub(super) buyer: AccountId,
    pub(super) profile: ProfileId,
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 <= DECIMAL_MAX {
            return fmt::Display::fmt(&self.0, formatter);
        }
        let hex = format!("{:032x}", self.0);
        let part = |from, to| hex.get(from..to).unwrap_or_default();
        write!(formatter, "{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
    }
}

impl FromStr for Id {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // What was sent is not repeated in the refusal: it may be a caller's number in the wrong place.
        let refused = "an id is a number, or a UUID such as 0198c0de-7a3b-7000-8000-000000000001";
        if text.len() > 40 {
            return Err(refused.to_owned());
        }
        parse_id(text).map(Self).map_err(|_| refused.to_owned())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Id;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an id as a string: a number, or a UUID")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Id, E> {
        text.parse().map_err(E::custom)
    }
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^([0-9]{1,31}|[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$"))
            .description(Some("A name, scoped to the account that chose it: a decimal number, or a UUID."))
            .examples([serde_json::json!("0198c0de-7a3b-7000-8000-000000000001")])
            .build()
            .into()
    }
}

impl ToSchema for Id {
    fn name() -> Cow<'static, str> {
        "Id".into()
    }
}

impl fmt::Display for CallRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", Id(self.seller.0), Id(self.call.0))
    }
}

impl fmt::Display for BidRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.on, Id(self.buyer.0), Id(self.profile.0))
    }
}

impl CallRef {
    /// Reads `seller.call`, or `call` alone where the asker is the seller.
    pub(super) fn parse(text: &str, own: Option<AccountId>) -> Option<Self> {
        match parts(text)?.as_slice() {
            [call] => Some(Self { seller: own?, call: CallId(*call) }),
            [seller, call] => Some(Self { seller: AccountId(*seller), call: CallId(*call) }),
            _ => None,
        }
    }
}

impl BidRef {
    /// Reads all four.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let [seller, call, buyer, profile] = *parts(text)?.as_slice() else { return None };
        let on = CallRef { seller: AccountId(seller), call: CallId(call) };
        Some(Self { on, buyer: AccountId(buyer), profile: ProfileId(profile) })
    }
}

fn parts(text: &str) -> Option<Vec<u128>> {
    if text.len() > 4 * 41 {
        return None;
    }
    text.split('.').map(|part| part.parse::<Id>().ok().map(|id| id.0)).collect()
}

/// The host's time, in microseconds.
pub(super) fn now_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// A UUIDv7 of this moment, for what its creator gave no name. The system's randomness tells processes apart, a counter
/// what one makes; without randomness the counter does, and the engine refuses a name that is taken.
pub(super) fn new_id() -> u128 {
    static MADE: AtomicU64 = AtomicU64::new(0);
    const VERSION: u128 = 7 << 76;
    const VARIANT: u128 = 0b10 << 62;
    let mut chance = [0; 8];
    let _ = SystemRandom::new().fill(&mut chance);
    let low = u64::from_be_bytes(chance).wrapping_add(MADE.fetch_add(1, Ordering::Relaxed)) & ((1 << 62) - 1);
    let millis = u128::from(now_micros() / 1_000) & ((1 << 48) - 1);
    millis << 80 | VERSION | VARIANT | u128::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: u128 = 0x0198_c0de_7a3b_7000_8000_0000_0000_0001;

    #[test]
    fn what_is_written_is_read_again() {
        for id in [0, 7, DECIMAL_MAX, DECIMAL_MAX + 1, UUID, u128::MAX] {
            assert_eq!(Id(id).to_string().parse(), Ok(Id(id)));
        }
        assert_eq!(Id(UUID).to_string(), "0198c0de-7a3b-7000-8000-000000000001");
        assert!("x".repeat(1_000).parse::<Id>().unwrap_err().len() < 100);
    }

    #[test]
    fn a_reference_names_its_owner_or_the_asker() {
        let on = CallRef { seller: AccountId(20), call: CallId(UUID) };
        assert_eq!(CallRef::parse(&on.to_string(), None), Some(on));
        assert_eq!(CallRef::parse("0198c0de-7a3b-7000-8000-000000000001", Some(AccountId(20))), Some(on));
        assert_eq!(CallRef::parse("0198c0de-7a3b-7000-8000-000000000001", None), None);
        let bid = BidRef { on, buyer: AccountId(10), profile: ProfileId(1) };
        assert_eq!(BidRef::parse(&bid.to_string()), Some(bid));
        for wrong in ["", ".", "20.", "20.x", "1.2.3", "1.2.3.4.5"] {
            assert_eq!((CallRef::parse(wrong, Some(AccountId(1))), BidRef::parse(wrong)), (None, None), "{wrong}");
        }
    }

    #[test]
    fn names_that_are_made_are_uuid7_and_differ() {
        let made: std::collections::BTreeSet<u128> = (0..1_000).map(|_| new_id()).collect();
        assert_eq!(made.len(), 1_000);
        assert!(made.iter().all(|id| CallId(*id).time().is_some()));
    }
}
