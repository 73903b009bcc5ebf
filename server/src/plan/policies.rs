//! The keys that say who of the best tier gets a call: a listing's `policy`, a profile's `rank` and `skills`.

use dce_engine::ids::{AttributeId, SkillId};
use dce_engine::terms::{Policy, Prior, SkillLevel};
use dce_engine::units::BasisPoints;

use super::fields::{Fields, list, map, text};
use super::keys;
use super::mistakes::{Mistakes, shown};
use super::model::{Choice, Order, Rank, Skills, Step};
use super::scalars;
use super::schema::Schema;
use super::text::{Key, Node, Place};

/// What policies are called.
const KINDS: [&str; 6] =
    ["highest score", "weighted share", "round robin", "skill", "cost and quality", "expected value"];

/// The step that gives out the calls of the listing called `name`, made by the step `listing`.
pub(super) fn policy(
    fields: &Fields<'_>,
    (name, listing): (&str, usize),
    schema: &Schema,
    mistakes: &mut Mistakes,
) -> Option<Step> {
    let (key, node) = fields.get("policy")?;
    let owner = format!("`policy` of listing `{}`", shown(name));
    let fields = Fields::of((node, key.place), &keys::POLICY, &owner, mistakes);
    let kind = fields.choice("kind", &KINDS, mistakes);
    let segment = fields.get("segment").and_then(|(_, node)| {
        let name = text(node, "segment", fields.takes("segment"), mistakes)?;
        let key = Key { text: name.to_owned(), place: node.place };
        schema.find(&key, mistakes).map(|(attribute, _)| (node.place, AttributeId(attribute)))
    });
    let explore = fields.read("explore", mistakes, scalars::share);
    let policy = match kind.map_or("highest score", |(_, kind)| kind) {
        "weighted share" => Policy::WeightedShare,
        "round robin" => Policy::RoundRobin,
        "skill" => Policy::Skill,
        "cost and quality" => Policy::CostQuality,
        "expected value" => Policy::ExpectedValue {
            segment: segment.map(|(_, attribute)| attribute),
            explore: explore.map_or(BasisPoints(0), |(_, share)| share),
        },
        _ => Policy::HighestScore,
    };
    if !matches!(policy, Policy::ExpectedValue { .. }) {
        for (stray, _) in ["segment", "explore"].into_iter().filter_map(|name| fields.get(name)) {
            let what = format!("`{}` means nothing for {owner}: it is for expected value", stray.text);
            mistakes.add(stray.place, what);
        }
    }
    let price = fields.read("price", mistakes, scalars::amount);
    let requires = fields
        .get("requires")
        .map_or_else(Vec::new, |(_, node)| levels(node, &format!("`requires` of {owner}"), schema, mistakes));
    let places = [kind.map(|(place, _)| place), segment.map(|(place, _)| place), explore.map(|(place, _)| place)];
    let choice = Choice { listing, policy, places, price, requires };
    Some(Step { place: key.place, name: name.to_owned(), order: Order::Policy(choice) })
}

/// The step that ranks the profile called `name`, made by the step `profile`.
pub(super) fn rank(fields: &Fields<'_>, (name, profile): (&str, usize), mistakes: &mut Mistakes) -> Option<Step> {
    let (key, node) = fields.get("rank")?;
    let owner = format!("`rank` of profile `{}`", shown(name));
    let fields = Fields::of((node, key.place), &keys::RANK, &owner, mistakes);
    let weight = fields.number("weight", mistakes);
    let quality = fields.read("quality", mistakes, scalars::share);
    let prior = fields.get("prior").and_then(|(key, node)| {
        let mut numbers = Vec::new();
        let items: Vec<&Node> = list(node, "`prior`", mistakes).collect();
        for item in &items {
            let said = text(item, "prior", "numbers", mistakes)?;
            match scalars::number::<u16>(said) {
                Ok(number) => numbers.push(number),
                Err(fault) => mistakes.add(item.place, format!("`prior` is `{}`: {fault}", shown(said))),
            }
        }
        let ([met, of], 2) = (numbers.as_slice(), items.len()) else {
            if numbers.len() == items.len() {
                mistakes.add(node.place, format!("`prior` takes {}", fields.takes("prior")));
            }
            return None;
        };
        Some((key.place, Prior::new(*met, *of)))
    });
    let rank = Rank { profile, weight, quality, prior };
    Some(Step { place: key.place, name: name.to_owned(), order: Order::Rank(rank) })
}

/// The step that says what the profile called `name` knows, made by the step `profile`.
pub(super) fn skills(
    fields: &Fields<'_>,
    (name, profile): (&str, usize),
    schema: &Schema,
    mistakes: &mut Mistakes,
) -> Option<Step> {
    let (key, node) = fields.get("skills")?;
    let skills = levels(node, &format!("`skills` of profile `{}`", shown(name)), schema, mistakes);
    Some(Step { place: key.place, name: name.to_owned(), order: Order::Skills(Skills { profile, skills }) })
}

/// Skills of the plan with levels, rising as the engine wants them.
fn levels(node: &Node, owner: &str, schema: &Schema, mistakes: &mut Mistakes) -> Vec<(Place, SkillLevel)> {
    let mut levels = Vec::new();
    for (key, node) in map(node, owner, mistakes) {
        let Some((skill, _)) = (0..).zip(&schema.skills).find(|(_, known)| **known == key.text) else {
            let what = format!("no skill is called `{}`", shown(&key.text));
            mistakes.unknown(key.place, what, &key.text, schema.skills.iter().map(String::as_str));
            continue;
        };
        let Some(said) = text(node, &key.text, "a level from 1 to 100", mistakes) else { continue };
        match scalars::number(said) {
            Ok(level) => levels.push((node.place, SkillLevel::new(SkillId(skill), level))),
            Err(fault) => {
                let name = shown(&key.text);
                let what = format!("`{name}` is `{}`: {fault}; it takes a level from 1 to 100", shown(said));
                mistakes.add(node.place, what);
            }
        }
    }
    levels.sort_by_key(|(_, level)| level.skill);
    levels
}
