//! Facts and clauses by name: the market's vocabulary turns what people write into the engine's codes, and back.

use std::collections::BTreeMap;

use dce_engine::ids::{AttributeId, ValueCode, ValueSetId};
use dce_engine::terms::{Clause, Fact, FactValue, Kind, Test};
use dce_engine::units::{GeoPoint, Metres};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::problem::{Fault, Problem};
use crate::catalog::{Attribute, Vocabulary};

/// What is known of a call, by the attributes' names.
pub(super) type FactsJson = BTreeMap<String, Value>;

/// The attribute that a caller's area code fills, where the market has it.
const AREA_CODE: &str = "area_code";

/// One condition of a profile's targeting: an attribute and exactly one test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClauseJson {
    /// The attribute's name.
    attribute: String,
    /// One of these values.
    #[serde(skip_serializing_if = "Option::is_none")]
    any_of: Option<Vec<String>>,
    /// None of these values.
    #[serde(skip_serializing_if = "Option::is_none")]
    none_of: Option<Vec<String>>,
    /// A value of this value set.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_set: Option<u16>,
    /// No value of this value set.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_in_set: Option<u16>,
    /// A number from `from`, below `below`.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<RangeJson>,
    /// This answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    is: Option<bool>,
    /// A place within a radius.
    #[serde(skip_serializing_if = "Option::is_none")]
    near: Option<NearJson>,
}

/// A half-open range of numbers, as decimal strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RangeJson {
    /// The least number accepted.
    from: String,
    /// The least number no longer accepted.
    below: String,
}

/// A circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NearJson {
    /// Millionths of a degree north.
    latitude_micro: i32,
    /// Millionths of a degree east.
    longitude_micro: i32,
    /// How far around.
    radius_metres: u32,
}

/// Facts as the engine has them, with the caller's area code where the market knows such an attribute.
pub(super) fn facts(said: &FactsJson, area_code: Option<&str>, vocabulary: &Vocabulary) -> Result<Vec<Fact>, Problem> {
    let mut facts = Vec::new();
    for (name, value) in said {
        let attribute = attribute(vocabulary, name, &format!("facts.{name}"))?;
        read_fact(attribute, value, &mut facts).map_err(|words| Problem::malformed(&format!("facts.{name}"), words))?;
    }
    let derived = vocabulary.by_name(AREA_CODE).filter(|_| !said.contains_key(AREA_CODE)).zip(area_code);
    if let Some((attribute, code)) = derived
        && let Kind::Category { .. } = attribute.kind
    {
        facts.push(Fact::value(attribute.id, attribute.code(code)));
    }
    Ok(facts)
}

/// Facts by name. Values without a name are left out.
pub(super) fn facts_json(facts: &[Fact], vocabulary: &Vocabulary) -> FactsJson {
    let mut said = FactsJson::new();
    for fact in facts {
        let Some(attribute) = vocabulary.get(fact.attribute) else { continue };
        let value = match fact.value {
            FactValue::Code(code) => match attribute.name_of(code) {
                Some(name) => json!(name),
                None => continue,
            },
            FactValue::Number(number) => json!(scaled_text(number, decimals(attribute))),
            FactValue::Flag(flag) => json!(flag),
            FactValue::Place(place) => {
                json!({ "latitude_micro": place.latitude_micro, "longitude_micro": place.longitude_micro })
            }
        };
        if let Kind::Set { .. } = attribute.kind {
            let list = said.entry(attribute.name.clone()).or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                list.push(value);
            }
        } else {
            said.insert(attribute.name.clone(), value);
        }
    }
    said
}

/// Clauses as the engine has them, and the values they list.
pub(super) fn clauses(said: &[ClauseJson], vocabulary: &Vocabulary) -> Result<(Vec<Clause>, Vec<ValueCode>), Problem> {
    let (mut clauses, mut values) = (Vec::new(), Vec::new());
    for (place, clause) in said.iter().enumerate() {
        let field = format!("targeting[{place}]");
        let attribute = attribute(vocabulary, &clause.attribute, &format!("{field}.attribute"))?;
        let test = read_test(clause, attribute, &mut values).map_err(|words| Problem::malformed(&field, words))?;
        clauses.push(Clause { attribute: attribute.id, test });
    }
    Ok((clauses, values))
}

/// Clauses by name.
pub(super) fn clauses_json(clauses: &[Clause], values: &[ValueCode], vocabulary: &Vocabulary) -> Vec<ClauseJson> {
    let mut values = values;
    let mut said = Vec::new();
    for clause in clauses {
        let (listed, rest) = values.split_at(clause.test.listed().min(values.len()));
        values = rest;
        said.push(clause_json(clause, listed, vocabulary));
    }
    said
}

fn clause_json(clause: &Clause, listed: &[ValueCode], vocabulary: &Vocabulary) -> ClauseJson {
    let attribute = vocabulary.get(clause.attribute);
    let named = |code: &ValueCode| {
        let name = attribute.and_then(|attribute| attribute.name_of(*code));
        name.map_or_else(|| code.0.to_string(), ToOwned::to_owned)
    };
    let names = || Some(listed.iter().map(named).collect());
    let name = attribute.map_or_else(|| clause.attribute.0.to_string(), |attribute| attribute.name.clone());
    let mut said = ClauseJson { attribute: name, ..ClauseJson::default() };
    match clause.test {
        Test::AnyOf { .. } => said.any_of = names(),
        Test::NoneOf { .. } => said.none_of = names(),
        Test::InSet { set } => said.in_set = Some(set.0),
        Test::NotInSet { set } => said.not_in_set = Some(set.0),
        Test::Range { low, high } => {
            let text = |number| scaled_text(number, attribute.map_or(0, decimals));
            said.range = Some(RangeJson { from: text(low), below: text(high) });
        }
        Test::Is { value } => said.is = Some(value),
        Test::Near { centre, radius } => {
            let (latitude_micro, longitude_micro) = (centre.latitude_micro, centre.longitude_micro);
            said.near = Some(NearJson { latitude_micro, longitude_micro, radius_metres: radius.0 });
        }
    }
    said
}

fn attribute<'v>(vocabulary: &'v Vocabulary, name: &str, field: &str) -> Result<&'v Attribute, Problem> {
    vocabulary.by_name(name).ok_or_else(|| Problem::from(Fault::AttributeUnknown).field(field))
}

fn read_fact(attribute: &Attribute, value: &Value, facts: &mut Vec<Fact>) -> Result<(), &'static str> {
    let id = attribute.id;
    match (attribute.kind, value) {
        (Kind::Category { .. }, Value::String(name)) => facts.push(Fact::value(id, attribute.code(name))),
        (Kind::Category { .. }, _) => return Err("expected the name of a value"),
        (Kind::Set { .. }, Value::Array(names)) => {
            for name in names {
                let name = name.as_str().ok_or("expected a list of names of values")?;
                facts.push(Fact::value(id, attribute.code(name)));
            }
        }
        (Kind::Set { .. }, _) => return Err("expected a list of names of values"),
        (Kind::Integer { decimals, .. }, value) => {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) if number.is_i64() => number.to_string(),
                _ => return Err("expected a whole number, or a decimal string"),
            };
            let number =
                scaled(&text, decimals).ok_or("expected a decimal string with no more decimals than declared")?;
            facts.push(Fact::number(id, number));
        }
        (Kind::Boolean, Value::Bool(flag)) => facts.push(Fact::flag(id, *flag)),
        (Kind::Boolean, _) => return Err("expected true or false"),
        (Kind::Point, value) => facts.push(place(id, value).ok_or("expected latitude_micro and longitude_micro")?),
    }
    Ok(())
}

fn place(id: AttributeId, value: &Value) -> Option<Fact> {
    let part = |name| value.get(name).and_then(Value::as_i64).and_then(|part| i32::try_from(part).ok());
    let is_plain = value.as_object().is_some_and(|object| object.len() == 2);
    let point = GeoPoint::new(part("latitude_micro")?, part("longitude_micro")?);
    is_plain.then(|| Fact::place(id, point))
}

fn read_test(said: &ClauseJson, attribute: &Attribute, values: &mut Vec<ValueCode>) -> Result<Test, &'static str> {
    const ONE: &str = "expected exactly one of any_of, none_of, in_set, not_in_set, range, is, near";
    let given = [
        said.any_of.is_some(),
        said.none_of.is_some(),
        said.in_set.is_some(),
        said.not_in_set.is_some(),
        said.range.is_some(),
        said.is.is_some(),
        said.near.is_some(),
    ];
    if given.into_iter().filter(|given| *given).count() != 1 {
        return Err(ONE);
    }
    let mut list = |names: &[String]| {
        values.extend(names.iter().map(|name| attribute.code(name)));
        u16::try_from(names.len()).map_err(|_| "too many values; load a value set and name it with in_set")
    };
    if let Some(names) = &said.any_of {
        return Ok(Test::AnyOf { count: list(names)? });
    }
    if let Some(names) = &said.none_of {
        return Ok(Test::NoneOf { count: list(names)? });
    }
    let test = if let Some(set) = said.in_set {
        Test::InSet { set: ValueSetId(set) }
    } else if let Some(set) = said.not_in_set {
        Test::NotInSet { set: ValueSetId(set) }
    } else if let Some(range) = &said.range {
        let number = |text| scaled(text, decimals(attribute)).ok_or("expected decimal strings in range");
        Test::Range { low: number(&range.from)?, high: number(&range.below)? }
    } else if let Some(value) = said.is {
        Test::Is { value }
    } else if let Some(near) = &said.near {
        let centre = GeoPoint::new(near.latitude_micro, near.longitude_micro);
        Test::Near { centre, radius: Metres(near.radius_metres) }
    } else {
        return Err(ONE);
    };
    Ok(test)
}

pub(super) const fn decimals(attribute: &Attribute) -> u8 {
    match attribute.kind {
        Kind::Integer { decimals, .. } => decimals,
        Kind::Category { .. } | Kind::Set { .. } | Kind::Boolean | Kind::Point => 0,
    }
}

/// The whole number that a decimal string is with so many decimals implied.
fn scaled(text: &str, decimals: u8) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_point = digits.contains('.');
    if whole.is_empty() || !are_digits(whole) || !are_digits(part) || (has_point && part.is_empty()) {
        return None;
    }
    let decimals = usize::from(decimals);
    if part.len() > decimals {
        return None;
    }
    let number: i64 = format!("{whole}{part:0<decimals$}").parse().ok()?;
    Some(sign * number)
}

/// The decimal string of a whole number with so many decimals implied.
pub(super) fn scaled_text(number: i64, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{:0width$}", number.unsigned_abs(), width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let sign = if number < 0 { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_reads_as_it_is_written(number in -1_000_000_000_000_i64..1_000_000_000_000, decimals in 0_u8..=9) {
            prop_assert_eq!(scaled(&scaled_text(number, decimals), decimals), Some(number));
        }
    }

    #[test]
    fn what_is_no_number_of_so_many_decimals_is_none() {
        assert_eq!(scaled("12.5", 2), Some(1_250));
        for wrong in ["", "-", ".5", "5.", "1.234", "1e3", "+1", "1 ", "99999999999999999999"] {
            assert_eq!(scaled(wrong, 2), None, "{wrong}");
        }
    }
}
