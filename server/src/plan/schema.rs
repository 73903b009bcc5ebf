//! The sections that say what callers can be told apart by, and what the time is: verticals, attributes, value sets, zones.

use std::collections::HashMap;

use dce_engine::terms::{Kind, Transition};

use super::fields::{Fields, list, map, text};
use super::keys;
use super::mistakes::{Mistakes, shown};
use super::model::{Attribute, Order, Step};
use super::scalars;
use super::text::{Key, Node, Place};

/// The names that the market's sections refer to.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) verticals: Vec<String>,
    pub(super) attributes: Vec<Known>,
    pub(super) sets: Vec<(String, u16)>,
    pub(super) zones: Vec<String>,
    pub(super) skills: Vec<String>,
}

/// A declared attribute.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) name: String,
    /// None when the plan does not say it rightly; nothing is said against uses of it then.
    pub(super) kind: Option<Kind>,
    pub(super) codes: HashMap<String, u32>,
}

/// Zone 0 is there without being set.
pub(super) const UTC: &str = "UTC";

impl Schema {
    pub(super) fn read(plan: &Fields<'_>, steps: &mut Vec<Step>, mistakes: &mut Mistakes) -> Self {
        let mut schema = Self::default();
        if let Some((_, node)) = plan.get("verticals") {
            schema.verticals = names(node, "vertical", mistakes);
        }
        if let Some((_, node)) = plan.get("skills") {
            schema.skills = names(node, "skill", mistakes);
        }
        if let Some((_, node)) = plan.get("attributes") {
            for ((key, node), attribute) in map(node, "`attributes`", mistakes).zip(0..) {
                schema.attribute(attribute, (key, node), steps, mistakes);
            }
        }
        if let Some((_, node)) = plan.get("value_sets") {
            for ((key, node), set) in map(node, "`value_sets`", mistakes).zip(0..) {
                schema.value_set(set, (key, node), steps, mistakes);
            }
        }
        if let Some((_, node)) = plan.get("zones") {
            for ((key, node), zone) in map(node, "`zones`", mistakes).zip(1..) {
                schema.zone(zone, (key, node), steps, mistakes);
            }
        }
        schema
    }

    /// The attribute of this name, and its number.
    pub(super) fn find(&self, key: &Key, mistakes: &mut Mistakes) -> Option<(u16, &Known)> {
        let found = (0..).zip(&self.attributes).find(|(_, known)| known.name == key.text);
        if found.is_none() {
            let what = format!("no attribute is called `{}`", shown(&key.text));
            mistakes.unknown(key.place, what, &key.text, self.attributes.iter().map(|known| known.name.as_str()));
        }
        found
    }

    pub(super) fn attribute(
        &mut self,
        attribute: u16,
        (key, node): (&Key, &Node),
        steps: &mut Vec<Step>,
        mistakes: &mut Mistakes,
    ) {
        let owner = format!("attribute `{}`", shown(&key.text));
        let fields = Fields::of((node, key.place), &keys::ATTRIBUTE, &owner, mistakes);
        let kinds = ["category", "set", "integer", "boolean", "point"];
        let kind = fields.choice("kind", &kinds, mistakes).map(|(_, kind)| kind);
        let suits: &[&str] = match kind {
            Some("category" | "set") => &["kind", "values", "values_max"],
            Some("integer") => &["kind", "decimals", "low", "high"],
            Some(_) => &["kind"],
            None => &["kind", "values", "values_max", "decimals", "low", "high"],
        };
        for name in keys::ATTRIBUTE.keys.iter().map(|key| key.name).filter(|name| !suits.contains(name)) {
            if let Some((stray, _)) = fields.get(name) {
                mistakes
                    .add(stray.place, format!("`{name}` means nothing for {owner}, of kind {}", kind.unwrap_or("")));
            }
        }
        let values = if suits.contains(&"values") { values(&fields, mistakes) } else { Vec::new() };
        let values_max = fields.number::<u32>("values_max", mistakes);
        let decimals = fields.number::<u8>("decimals", mistakes);
        let scale = decimals.map_or(0, |(_, decimals)| decimals);
        let [low, high] = ["low", "high"].map(|name| fields.read(name, mistakes, |text| scalars::decimal(text, scale)));
        let listed = u32::try_from(values.len()).unwrap_or(u32::MAX);
        let room = values_max.map_or(listed, |(_, room)| room);
        let kind = match kind {
            Some("category") => Some(Kind::Category { values_max: room }),
            Some("set") => Some(Kind::Set { values_max: room }),
            Some("boolean") => Some(Kind::Boolean),
            Some("point") => Some(Kind::Point),
            Some("integer") => {
                for name in ["low", "high"].into_iter().filter(|name| fields.get(name).is_none()) {
                    mistakes.add(key.place, format!("{owner} lacks `{name}`: {}", fields.takes(name)));
                }
                let ends = low.zip(high);
                ends.map(|((_, low), (_, high))| Kind::Integer { decimals: scale, low, high })
            }
            Some(_) | None => None,
        };
        let mut codes = HashMap::new();
        if let Some(kind) = kind {
            let [values_max, decimals] = [values_max.map(|(place, _)| place), decimals.map(|(place, _)| place)];
            let high = high.map(|(place, _)| place);
            let order = Order::Attribute(Attribute { attribute, kind, values_max, decimals, high });
            steps.push(Step { place: key.place, name: key.text.clone(), order });
        }
        for ((place, name), code) in values.into_iter().zip(1..) {
            codes.entry(name.to_owned()).or_insert(code);
            if kind.is_some() {
                steps.push(Step { place, name: name.to_owned(), order: Order::Value { attribute, code } });
            }
        }
        self.attributes.push(Known { name: key.text.clone(), kind, codes });
    }

    pub(super) fn value_set(
        &mut self,
        set: u16,
        (key, node): (&Key, &Node),
        steps: &mut Vec<Step>,
        mistakes: &mut Mistakes,
    ) {
        let owner = format!("value set `{}`", shown(&key.text));
        let fields = Fields::of((node, key.place), &keys::VALUE_SET, &owner, mistakes);
        let named = fields.get("attribute").and_then(|(_, node)| {
            let name = text(node, "attribute", fields.takes("attribute"), mistakes)?;
            self.find(&Key { text: name.to_owned(), place: node.place }, mistakes).map(|(attribute, _)| attribute)
        });
        // Of an attribute that is not known: so that uses of the set are not blamed as well.
        self.sets.push((key.text.clone(), named.unwrap_or(u16::MAX)));
        let Some(attribute) = named else { return };
        let known = &self.attributes[usize::from(attribute)];
        let mut codes = Vec::new();
        for (place, name) in values(&fields, mistakes) {
            codes.extend(known.code(name, place, mistakes));
        }
        codes.sort_unstable();
        codes.dedup();
        if known.kind.is_some() {
            let order = Order::ValueSet { set, attribute, codes };
            steps.push(Step { place: key.place, name: key.text.clone(), order });
        }
    }

    pub(super) fn zone(
        &mut self,
        zone: u16,
        (key, node): (&Key, &Node),
        steps: &mut Vec<Step>,
        mistakes: &mut Mistakes,
    ) {
        let owner = format!("zone `{}`", shown(&key.text));
        self.zones.push(key.text.clone());
        let mut transitions = Vec::new();
        let before = mistakes.count();
        for item in list(node, &owner, mistakes) {
            let fields =
                Fields::of((item, item.place), &keys::TRANSITION, &format!("a transition of {owner}"), mistakes);
            let from = fields.read("from", mistakes, scalars::moment);
            let offset = fields.read("offset", mistakes, scalars::offset);
            if let (Some((_, at)), Some((_, offset_seconds))) = (from, offset) {
                transitions.push((item.place, Transition { at, offset_seconds }));
            }
        }
        if mistakes.count() == before {
            let order = Order::Zone { zone, transitions };
            steps.push(Step { place: key.place, name: key.text.clone(), order });
        }
    }
}

impl Known {
    /// The code of a value.
    pub(super) fn code(&self, name: &str, place: Place, mistakes: &mut Mistakes) -> Option<u32> {
        let found = self.codes.get(name).copied();
        if found.is_none() && self.kind.is_some() {
            let what = format!("`{}` is no value of `{}`", shown(name), shown(&self.name));
            // In the order of codes, so that of two names as near the first is meant.
            let mut known: Vec<(&u32, &str)> = self.codes.iter().map(|(name, code)| (code, name.as_str())).collect();
            known.sort_unstable();
            mistakes.unknown(place, what, name, known.into_iter().map(|(_, name)| name));
        }
        found
    }
}

/// A list of names, each there once.
fn names(node: &Node, what: &str, mistakes: &mut Mistakes) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let owner = format!("{what}s");
    for item in list(node, &format!("`{owner}`"), mistakes) {
        let Some(name) = text(item, &owner, "names", mistakes) else { continue };
        if names.iter().any(|known| known == name) {
            mistakes.add(item.place, format!("the {what} `{}` was named before", shown(name)));
        }
        names.push(name.to_owned());
    }
    names
}

/// The names listed under `values`.
fn values<'n>(fields: &Fields<'n>, mistakes: &mut Mistakes) -> Vec<(Place, &'n str)> {
    let Some((_, node)) = fields.get("values") else { return Vec::new() };
    let items: Vec<&Node> = list(node, "`values`", mistakes).collect();
    items.into_iter().filter_map(|item| Some((item.place, text(item, "values", "names", mistakes)?))).collect()
}
