//! Money as people write it: a decimal string, never a number, so that no reader rounds it.

use std::borrow::Cow;
use std::fmt;

use dce_engine::units::Money;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An amount in the exchange's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount(pub(super) Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Amount;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an amount as a string of digits with up to six decimals, such as \"6.25\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Amount, E> {
        text.parse().map(Amount).map_err(E::custom)
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"))
            .description(Some("An amount in the exchange's currency, as a decimal string."))
            .examples([serde_json::json!("6.25")])
            .build()
            .into()
    }
}

impl ToSchema for Amount {
    fn name() -> Cow<'static, str> {
        "Amount".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_string_both_ways_and_a_number_is_refused() {
        let read = serde_json::from_str::<Amount>("\"6.25\"").unwrap();
        assert_eq!(read, Amount(Money::from_micros(6_250_000)));
        assert_eq!(serde_json::to_string(&read).unwrap(), "\"6.25\"");
        for wrong in ["6.25", "6", "\"6,25\"", "\"1e3\"", "\"\"", "\"0.0000001\""] {
            assert!(serde_json::from_str::<Amount>(wrong).is_err(), "{wrong}");
        }
    }
}
