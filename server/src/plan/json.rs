//! A part of a plan as JSON: the same tree as YAML makes, in which a node knows the path of its field.
//!
//! What YAML writes as `yes` is `true` here, and a fraction is a text, so that no reader of JSON rounds it.

use std::fmt;
use std::rc::Rc;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::text::{Key, Node, Place, What};

/// A value as it was sent.
#[derive(Debug)]
pub(crate) enum Json {
    /// Nothing.
    Null,
    /// One value, as the text it is in a plan.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A map, in the order in which it was sent, no key twice.
    Map(Vec<(String, Self)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a whole number, true or false, a list or an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Text(if value { "yes" } else { "no" }.to_owned()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Text(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Text(value.to_string()))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Err(E::custom("a fraction is written as a text, such as 32.50 in quotes"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut entries: Vec<(String, Json)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some(key) = access.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom("a field stands twice in one object"));
            }
            entries.push((key, access.next_value()?));
        }
        Ok(Json::Map(entries))
    }
}

/// The paths of fields, by the place that nodes have for them.
#[derive(Debug, Default)]
pub(super) struct Paths(Vec<String>);

impl Paths {
    /// The path at a place.
    pub(super) fn at(&self, place: Place) -> &str {
        usize::try_from(place.line).ok().and_then(|line| self.0.get(line)).map_or("", String::as_str)
    }

    /// A place for a path. Its column says that it is of no file.
    fn place(&mut self, path: String) -> Place {
        self.0.push(path);
        Place { line: u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX), column: 0 }
    }
}

impl Json {
    /// The text of a field of a map, which is not there afterwards.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let Self::Map(entries) = self else { return None };
        let place = entries.iter().position(|(key, value)| key == name && matches!(value, Self::Text(_)))?;
        match entries.remove(place) {
            (_, Self::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The tree; every node at a place of its own in `paths`, so that its field can be named.
    pub(super) fn tree(&self, path: &str, paths: &mut Paths) -> Node {
        let place = paths.place(path.to_owned());
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let what = match self {
            Self::Null => What::Empty,
            Self::Text(text) => What::Text(text.clone()),
            Self::List(items) => {
                let items = items.iter().enumerate();
                What::List(items.map(|(nth, item)| Rc::new(item.tree(&format!("{path}[{nth}]"), paths))).collect())
            }
            Self::Map(entries) => What::Map(
                entries
                    .iter()
                    .map(|(name, value)| {
                        let path = below(name);
                        let key = Key { text: name.clone(), place: paths.place(path.clone()) };
                        (key, Rc::new(value.tree(&path, paths)))
                    })
                    .collect(),
            ),
        };
        Node::new(place, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_knows_its_field_and_values_are_a_plans_texts() {
        let json: Json = serde_json::from_str(r#"{"rules":[{"live":3},{"money":"2.50","on":true}]}"#).unwrap();
        let mut paths = Paths::default();
        let tree = json.tree("", &mut paths);
        let What::Map(entries) = &tree.what else { panic!("a map") };
        let What::List(items) = &entries[0].1.what else { panic!("a list") };
        let What::Map(rule) = &items[1].what else { panic!("a map") };
        assert_eq!(paths.at(rule[0].0.place), "rules[1].money");
        assert!(matches!(&rule[1].1.what, What::Text(text) if text == "yes"));
    }

    #[test]
    fn fractions_and_fields_that_stand_twice_are_refused() {
        for wrong in ["1.5", "[1.0]", r#"{"a":1,"a":2}"#] {
            assert!(serde_json::from_str::<Json>(wrong).is_err(), "{wrong}");
        }
    }
}
