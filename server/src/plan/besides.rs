//! What a plan says of a listing or a profile besides: windows, deals, further conjunctions, modifiers. Each becomes a
//! step of its own, behind what it is of.

use dce_engine::terms::{Change, DealPrice, Kind, Modifier, ModifierValue};

use super::fields::{Fields, list, map, text};
use super::keys;
use super::market::Reader;
use super::mistakes::{Mistakes, shown};
use super::model::{Conjunction, Deal, Modifiers, Order, Profile, Step, Window};
use super::scalars;
use super::text::{Key, Node, Place, What as Form};

/// A deal whose buyer stands further below.
#[derive(Debug)]
pub(super) struct Agreed<'n> {
    /// The listing's name, and the step that makes it.
    listing: (String, usize),
    buyer: &'n Key,
    node: &'n Node,
}

impl<'n> Reader<'n, '_> {
    /// What is set of the listing that a step made.
    pub(super) fn besides_listing(&mut self, (name, listing): (&str, usize), fields: &Fields<'n>) {
        if let Some((key, node)) = fields.get("window") {
            let window = Fields::of((node, key.place), &keys::WINDOW, &format!("`window` of {name}"), self.mistakes);
            let early_close = window.read("early_close", self.mistakes, scalars::switch).is_some_and(|(_, on)| on);
            let answer_within = window.read("answer_within", self.mistakes, scalars::millis);
            let order = Order::Window(Window { listing, early_close, answer_within });
            self.steps.push(Step { place: key.place, name: name.to_owned(), order });
        }
        if let Some((place, true)) = fields.read("private", self.mistakes, scalars::switch) {
            self.steps.push(Step { place, name: name.to_owned(), order: Order::Private { listing } });
        }
        if let Some((_, node)) = fields.get("deals") {
            for (buyer, node) in map(node, &format!("`deals` of {name}"), self.mistakes) {
                self.agreed.push(Agreed { listing: (name.to_owned(), listing), buyer, node });
            }
        }
    }

    /// The deals, once all buyers are known.
    pub(super) fn deals(&mut self) {
        for Agreed { listing: (name, listing), buyer: key, node } in std::mem::take(&mut self.agreed) {
            let owner = format!("the deal of `{}` on `{}`", shown(&key.text), shown(&name));
            let Some(buyer) = self.buyers.iter().find(|(known, _)| *known == key.text).map(|(_, step)| *step) else {
                let what = format!("no buyer is called `{}`", shown(&key.text));
                self.mistakes.unknown(key.place, what, &key.text, self.buyers.iter().map(|(known, _)| known.as_str()));
                continue;
            };
            let Some((place, price)) = deal_price((node, key.place), &owner, self.mistakes) else { continue };
            let name = format!("{name} with {}", key.text);
            self.steps.push(Step { place, name, order: Order::Deal(Deal { listing, buyer, price }) });
        }
    }

    /// What is set of the profile that a step made.
    pub(super) fn besides_profile(&mut self, (account, name, profile): (usize, &str, usize), fields: &Fields<'n>) {
        let owner = format!("profile `{}`", shown(name));
        if let Some((_, node)) = fields.get("also") {
            for (item, nth) in list(node, &format!("`also` of {owner}"), self.mistakes).zip(2..) {
                let step = self.conjunction((account, name, profile), item, nth);
                self.steps.push(step);
            }
        }
        self.modifiers((name, profile), fields);
    }

    /// The further conjunction `nth` of the profile that a step made.
    pub(super) fn conjunction(&mut self, (account, name, profile): (usize, &str, usize), item: &Node, nth: u8) -> Step {
        let of = format!("an item of `also` of profile `{}`", shown(name));
        let fields = Fields::of((item, item.place), &keys::ALSO, &of, self.mistakes);
        let terms = self.clauses(&fields, &of);
        let trial = Profile { account, id: (item.place, 0), terms };
        let order = Order::Conjunction(Conjunction { profile, nth, trial });
        Step { place: item.place, name: format!("{name} #{nth}"), order }
    }

    /// What becomes of the bid of the profile that a step made.
    pub(super) fn modifiers(&mut self, (name, profile): (&str, usize), fields: &Fields<'n>) {
        let owner = format!("profile `{}`", shown(name));
        let max = fields.read("max_bid", self.mistakes, scalars::amount);
        let mut modifiers = Vec::new();
        let mut place = max.map(|(place, _)| place);
        if let Some((key, node)) = fields.get("modifiers") {
            place = place.or(Some(key.place));
            for (attribute, node) in map(node, &format!("`modifiers` of {owner}"), self.mistakes) {
                let items: Vec<&Node> = match &node.what {
                    Form::List(_) => list(node, &attribute.text, self.mistakes).collect(),
                    _ => vec![node],
                };
                for item in items {
                    modifiers.extend(self.modifier(attribute, item).map(|modifier| (item.place, modifier)));
                }
            }
        }
        if let Some(place) = place {
            let order = Order::Modifiers(Modifiers { profile, max, modifiers });
            self.steps.push(Step { place, name: name.to_owned(), order });
        }
    }

    fn modifier(&mut self, key: &Key, node: &Node) -> Option<Modifier> {
        let (attribute, known) = self.schema.find(key, self.mistakes)?;
        let kind = known.kind?;
        let owner = format!("a modifier of `{}`", shown(&key.text));
        let fields = Fields::of((node, node.place), &keys::MODIFIER, &owner, self.mistakes);
        let times = fields.read("times", self.mistakes, |text| scalars::decimal(text, 4));
        let plus = fields.read("plus", self.mistakes, scalars::amount);
        let change = match (times, plus) {
            (Some((place, times)), None) => {
                let Ok(times) = u32::try_from(times) else {
                    self.mistakes.add(place, format!("`times` of {owner} is below 0, or far above 100"));
                    return None;
                };
                Change::Multiply(times)
            }
            (None, Some((_, amount))) => Change::Add(amount),
            _ => return self.wrong(node.place, &format!("{owner} takes `times` or `plus`")),
        };
        let has_range = fields.get("from").is_some() || fields.get("below").is_some();
        let value = match (kind, fields.get("is")) {
            (Kind::Category { .. } | Kind::Set { .. }, Some((_, node))) if !has_range => {
                let name = text(node, "is", "a value", self.mistakes)?;
                let (_, known) = self.schema.find(key, self.mistakes)?;
                ModifierValue::Code(dce_engine::ids::ValueCode(known.code(name, node.place, self.mistakes)?))
            }
            (Kind::Boolean, Some(_)) if !has_range => {
                ModifierValue::Flag(fields.read("is", self.mistakes, scalars::switch)?.1)
            }
            (Kind::Integer { decimals, .. }, None) if has_range => {
                let mut end = |name, without| match fields.get(name) {
                    Some(_) => fields.read(name, self.mistakes, |text| scalars::decimal(text, decimals)),
                    None => Some((node.place, without)),
                };
                let ((_, low), (_, high)) = (end("from", i64::MIN)?, end("below", i64::MAX)?);
                ModifierValue::Range { low, high }
            }
            (Kind::Point, _) => return self.wrong(node.place, &format!("{owner}: places have no modifiers")),
            (Kind::Integer { .. }, _) => return self.wrong(node.place, &format!("{owner} takes `from` and `below`")),
            _ => return self.wrong(node.place, &format!("{owner} takes `is`")),
        };
        Some(Modifier { attribute: dce_engine::ids::AttributeId(attribute), value, change })
    }

    fn wrong<T>(&mut self, place: Place, what: &str) -> Option<T> {
        self.mistakes.add(place, what.to_owned());
        None
    }
}

/// What a deal says of the price.
pub(super) fn deal_price(
    (node, place): (&Node, Place),
    owner: &str,
    mistakes: &mut Mistakes,
) -> Option<(Place, DealPrice)> {
    let fields = Fields::of((node, place), &keys::DEAL, owner, mistakes);
    let mut amount = |name| fields.read(name, mistakes, scalars::amount);
    match (amount("floor"), amount("fixed")) {
        (None, None) => Some((place, DealPrice::Reserve)),
        (Some((place, floor)), None) => Some((place, DealPrice::Floor(floor))),
        (None, Some((place, price))) => Some((place, DealPrice::Fixed(price))),
        (Some(_), Some((place, _))) => {
            mistakes.add(place, format!("{owner} takes `floor` or `fixed`, not both"));
            None
        }
    }
}
