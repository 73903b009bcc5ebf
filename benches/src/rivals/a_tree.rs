//! The crate `a-tree` as its documentation shows it: each profile an expression, each call an event made beforehand.
//!
//! One tree, or one for each vertical, which is what a careful user would do. A tree knows no order of bids, so its best
//! two are picked from all it finds; a circle is said as the square around it, and looked at again on a match.

use std::fmt::Write as _;

use a_tree::{ATree, AttributeDefinition, Event};
use dce_engine::prelude::*;

use super::{NOBODY, Rival, TopTwo};
use crate::book::{Book, Entry, Need, Offer, Value, Wish};

/// How many trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trees {
    /// One.
    Single,
    /// One for each vertical.
    PerVertical,
}

/// The trees, and the calls they are asked about.
#[derive(Debug)]
pub struct Forest<'b> {
    book: &'b Book,
    trees: Vec<ATree<u32>>,
    kind: Trees,
    events: Vec<Event>,
}

impl<'b> Forest<'b> {
    /// All profiles of this book; `progress` hears how many are in. Building takes the square of their number.
    ///
    /// # Panics
    ///
    /// When a tree refuses an expression or an event: they are made for it.
    #[must_use]
    pub fn plant(book: &'b Book, kind: Trees, mut progress: impl FnMut(usize)) -> Self {
        let names: Vec<String> = (0..=u8::MAX).map(|id| format!("a{id}")).collect();
        let mut definitions = vec![AttributeDefinition::integer("vertical")];
        for attribute in &book.attributes {
            let name = &names[usize::from(attribute.id.0)];
            match attribute.kind {
                Kind::Category { .. } | Kind::Integer { .. } => definitions.push(AttributeDefinition::integer(name)),
                Kind::Set { .. } => definitions.push(AttributeDefinition::integer_list(name)),
                Kind::Boolean => definitions.push(AttributeDefinition::boolean(name)),
                Kind::Point => {
                    definitions.push(AttributeDefinition::integer(&format!("{name}_north")));
                    definitions.push(AttributeDefinition::integer(&format!("{name}_east")));
                }
            }
        }
        let count = if kind == Trees::Single { 1 } else { book.verticals() };
        let plant = |_| ATree::new(&definitions).expect("Invariant: no name is given twice");
        let mut forest = Self { book, trees: (0..count).map(plant).collect(), kind, events: Vec::new() };
        for (entry, place) in book.entries.iter().zip(0_u32..) {
            let text = expression(book, entry, kind);
            let tree = forest.tree(entry.vertical);
            forest.trees[tree].insert(&place, &text).expect("Invariant: the expression is in the tree's language");
            progress(place as usize + 1);
        }
        forest.events = book.offers.iter().map(|offer| forest.event(offer)).collect();
        forest
    }

    fn tree(&self, vertical: u16) -> usize {
        if self.kind == Trees::Single { 0 } else { usize::from(vertical) }
    }

    fn event(&self, offer: &Offer) -> Event {
        let mut event = self.trees[self.tree(offer.listing.vertical)].make_event();
        let made = "Invariant: the attribute was declared so";
        event.with_integer("vertical", i64::from(offer.listing.vertical)).expect(made);
        for attribute in &self.book.attributes {
            let name = format!("a{}", attribute.id.0);
            match offer.known.of(attribute.id) {
                Value::Absent => {}
                Value::Codes(codes) if matches!(attribute.kind, Kind::Set { .. }) => {
                    let codes: Vec<i64> = codes.iter().map(|code| i64::from(code.0)).collect();
                    event.with_integer_list(&name, &codes).expect(made);
                }
                Value::Codes(codes) => event.with_integer(&name, i64::from(codes[0].0)).expect(made),
                Value::Number(number) => event.with_integer(&name, *number).expect(made),
                Value::Flag(flag) => event.with_boolean(&name, *flag).expect(made),
                Value::Place(place) => {
                    event.with_integer(&format!("{name}_north"), i64::from(place.latitude_micro)).expect(made);
                    event.with_integer(&format!("{name}_east"), i64::from(place.longitude_micro)).expect(made);
                }
            }
        }
        event.build().expect(made)
    }

    fn search(&self, call: usize, mut each: impl FnMut(u32)) {
        let offer = &self.book.offers[call];
        let tree = &self.trees[self.tree(offer.listing.vertical)];
        let report = tree.search(&self.events[call]).expect("Invariant: the event was made by this tree");
        for place in report.matches() {
            let entry = &self.book.entries[**place as usize];
            let circled = entry.conjunctions.iter().flatten().any(|need| matches!(need.wish, Wish::Near(..)));
            if !circled || entry.wants(&offer.known) {
                each(**place);
            }
        }
    }
}

impl Rival for Forest<'_> {
    fn match_all(&mut self, call: usize, found: &mut Vec<u32>) {
        self.search(call, |place| found.push(place));
    }

    fn top_two(&mut self, call: usize) -> TopTwo {
        let book = self.book;
        let reserve = book.offers[call].reserve;
        let mut best = [NOBODY; 2];
        let better = |place: u32, than: u32| than == NOBODY || book.rank(place) < book.rank(than);
        self.search(call, |place| {
            if book.entries[place as usize].bid < reserve || best.contains(&place) {
                return;
            }
            if better(place, best[0]) {
                best = [place, best[0]];
            } else if better(place, best[1]) {
                best[1] = place;
            }
        });
        best
    }
}

/// A profile in the tree's language.
fn expression(book: &Book, entry: &Entry, kind: Trees) -> String {
    let mut text = String::new();
    for (nth, needs) in entry.conjunctions.iter().enumerate() {
        text.push_str(if nth == 0 { "(" } else { " or (" });
        // Of a tree of its own the vertical need not be said, except by who wants every call of it.
        if kind == Trees::Single || needs.is_empty() {
            let _ = write!(text, "vertical = {}", entry.vertical);
        }
        for need in needs {
            if !text.ends_with('(') {
                text.push_str(" and ");
            }
            let attribute = book.attributes.iter().find(|attribute| attribute.id == need.attribute);
            let of_set = attribute.is_some_and(|attribute| matches!(attribute.kind, Kind::Set { .. }));
            text.push_str(&said(need, of_set));
        }
        text.push(')');
    }
    text
}

fn said(need: &Need, of_set: bool) -> String {
    let name = format!("a{}", need.attribute.0);
    let list = |codes: &[ValueCode]| codes.iter().map(|code| code.0.to_string()).collect::<Vec<_>>().join(", ");
    match &need.wish {
        Wish::AnyOf(codes) => format!("{name} {} [{}]", if of_set { "one of" } else { "in" }, list(codes)),
        Wish::NoneOf(codes) => format!("{name} {} [{}]", if of_set { "none of" } else { "not in" }, list(codes)),
        Wish::Range(low, i64::MAX) => format!("{name} >= {low}"),
        Wish::Range(low, high) => format!("{name} >= {low} and {name} < {high}"),
        Wish::Is(true) => name,
        Wish::Is(false) => format!("not {name}"),
        Wish::Near(centre, radius) => {
            let (north, east) = (i64::from(centre.latitude_micro), i64::from(centre.longitude_micro));
            let (up, aside) = (GeoPoint::reach_micro(*radius), aside(*centre, *radius));
            let (south, west) = (north - up, east - aside);
            let (north, east) = (north + up, east + aside);
            format!(
                "{name}_north >= {south} and {name}_north <= {north} and {name}_east >= {west} and {name}_east <= {east}"
            )
        }
    }
}

/// How far east and west of a place its circle reaches, in microdegrees; round the world where it meets the date line.
fn aside(centre: GeoPoint, radius: Metres) -> i64 {
    const ROUND: i32 = 360_000_000;
    let reaches = |aside: i32| {
        let east = centre.longitude_micro.checked_add(aside).filter(|east| *east <= ROUND / 2);
        east.is_some_and(|east| centre.reaches(GeoPoint::new(centre.latitude_micro, east), radius))
    };
    let (mut inside, mut outside) = (0, ROUND / 2 + 1);
    while outside - inside > 1 {
        let middle = inside + (outside - inside) / 2;
        if reaches(middle) { inside = middle } else { outside = middle }
    }
    let meets_the_line = centre.longitude_micro.abs() + inside >= ROUND / 2 - 1;
    i64::from(if meets_the_line { ROUND } else { inside })
}
