//! A market in plain words, for those who are not the engine: what profiles want and what calls are, as heard from the
//! very commands that the engine was given.
//!
//! A generated world and a plan from a file both become a book, so every rival is built from the same thing.

use std::collections::HashMap;

use dce_engine::prelude::*;

/// The market: its vocabulary, its profiles in order of creation, its listings, and calls to ask about.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// In order of their ids.
    pub attributes: Vec<Attribute>,
    /// Those with a standing bid, in order of creation.
    pub entries: Vec<Entry>,
    /// In order of creation.
    pub listings: Vec<Listing>,
    /// What is asked of everybody.
    pub offers: Vec<Offer>,
    sets: HashMap<ValueSetId, Vec<ValueCode>>,
}

/// What callers are told apart by.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its id.
    pub id: AttributeId,
    /// What values it takes.
    pub kind: Kind,
    /// Those that were defined.
    pub values: Vec<ValueCode>,
}

/// One profile.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its names in the exchange.
    pub names: (AccountId, ProfileId),
    /// Where it buys.
    pub vertical: u16,
    /// 1 is served first.
    pub tier: u8,
    /// Its standing bid.
    pub bid: Money,
    /// It takes a call that fits any of these.
    pub conjunctions: Vec<Vec<Need>>,
}

/// One thing a profile asks of a call.
#[derive(Clone, Debug)]
pub struct Need {
    /// Of which attribute.
    pub attribute: AttributeId,
    /// What it must be.
    pub wish: Wish,
}

/// What an attribute must be. Lists rise; value sets are written out.
#[derive(Clone, Debug)]
pub enum Wish {
    /// One of these.
    AnyOf(Vec<ValueCode>),
    /// None of these.
    NoneOf(Vec<ValueCode>),
    /// From the first up to but without the second.
    Range(i64, i64),
    /// This answer.
    Is(bool),
    /// So near.
    Near(GeoPoint, Metres),
}

/// What calls are sold under.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// Whose.
    pub seller: AccountId,
    /// Its id.
    pub id: ListingId,
    /// Which profiles compete.
    pub vertical: u16,
    /// The least price.
    pub reserve: Money,
}

/// A call, as it would be offered.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Under which listing.
    pub listing: Listing,
    /// The least price.
    pub reserve: Money,
    /// For the engine.
    pub facts: Vec<Fact>,
    /// The same by attribute, for everybody else.
    pub known: Known,
}

/// What is known of a call, by attribute.
#[derive(Clone, Debug, Default)]
pub struct Known(Vec<Value>);

/// What is known of one attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    #[default]
    Absent,
    /// A category's value, or a set's elements, rising.
    Codes(Vec<ValueCode>),
    /// An integer.
    Number(i64),
    /// A boolean.
    Flag(bool),
    /// A point.
    Place(GeoPoint),
}

impl Book {
    /// Notes what a command tells of the market. Profiles without a standing bid are left out: no call is theirs unasked.
    pub fn hear(&mut self, command: &Command<'_>) {
        match command {
            Command::DeclareAttribute(command) => {
                self.attributes.push(Attribute { id: command.attribute, kind: command.kind, values: Vec::new() });
                self.attributes.sort_by_key(|attribute| attribute.id);
            }
            Command::DefineValue(command) => {
                let known = self.attributes.iter_mut().find(|attribute| attribute.id == command.attribute);
                known.expect("Invariant: declared before it has values").values.push(command.code);
            }
            Command::LoadValueSet(command) => self.sets.entry(command.set).or_default().extend(command.values),
            Command::CreateListing(command) => self.listings.push(Listing {
                seller: command.seller,
                id: command.listing,
                vertical: command.vertical.0,
                reserve: command.reserve,
            }),
            Command::CreateProfile(command) => {
                let Some(bid) = command.bid else { return };
                let needs = self.needs(&command.clauses, &command.values);
                self.entries.push(Entry {
                    names: (command.buyer, command.profile),
                    vertical: command.vertical.0,
                    tier: command.tier,
                    bid,
                    conjunctions: vec![needs],
                });
            }
            Command::AlsoWants(command) => {
                let needs = self.needs(&command.clauses, &command.values);
                let names = (command.buyer, command.profile);
                if let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry.names == names) {
                    entry.conjunctions.push(needs);
                }
            }
            _ => {}
        }
    }

    fn needs(&self, clauses: &[Clause], mut values: &[ValueCode]) -> Vec<Need> {
        let needs = clauses.iter().map(|clause| {
            let (listed, rest) = values.split_at(clause.test.listed());
            values = rest;
            let wish = match clause.test {
                Test::AnyOf { .. } => Wish::AnyOf(rising(listed)),
                Test::NoneOf { .. } => Wish::NoneOf(rising(listed)),
                Test::InSet { set } => Wish::AnyOf(rising(&self.sets[&set])),
                Test::NotInSet { set } => Wish::NoneOf(rising(&self.sets[&set])),
                Test::Range { low, high } => Wish::Range(low, high),
                Test::Is { value } => Wish::Is(value),
                Test::Near { centre, radius } => Wish::Near(centre, radius),
            };
            Need { attribute: clause.attribute, wish }
        });
        needs.collect()
    }

    /// Which entries, by their places, best first: by tier, then bid, then creation.
    #[must_use]
    pub fn ranked(&self, entries: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut places: Vec<u32> = entries.collect();
        places.sort_by_key(|place| self.rank(*place));
        places
    }

    /// The rank of the entry at this place: less is better.
    #[must_use]
    pub fn rank(&self, place: u32) -> (u8, std::cmp::Reverse<Money>, u32) {
        let entry = &self.entries[place as usize];
        (entry.tier, std::cmp::Reverse(entry.bid), place)
    }

    /// One past the highest vertical that an entry or a listing is in.
    #[must_use]
    pub fn verticals(&self) -> usize {
        let entries = self.entries.iter().map(|entry| entry.vertical);
        let listings = self.listings.iter().map(|listing| listing.vertical);
        entries.chain(listings).max().map_or(0, |vertical| usize::from(vertical) + 1)
    }
}

impl Entry {
    /// Whether the profile wants a call of which this is known, clause by clause as it was written.
    #[must_use]
    pub fn wants(&self, known: &Known) -> bool {
        self.conjunctions.iter().any(|needs| needs.iter().all(|need| need.accepts(known)))
    }
}

impl Need {
    /// Whether what is known fits.
    #[must_use]
    pub fn accepts(&self, known: &Known) -> bool {
        match (&self.wish, known.of(self.attribute)) {
            (Wish::AnyOf(listed), Value::Codes(codes)) => codes.iter().any(|code| listed.binary_search(code).is_ok()),
            (Wish::NoneOf(listed), Value::Codes(codes)) => codes.iter().all(|code| listed.binary_search(code).is_err()),
            (Wish::NoneOf(_), Value::Absent) => true,
            (Wish::Range(low, high), Value::Number(number)) => (low..high).contains(&number),
            (Wish::Is(wanted), Value::Flag(flag)) => wanted == flag,
            (Wish::Near(centre, radius), Value::Place(place)) => centre.reaches(*place, *radius),
            _ => false,
        }
    }
}

impl Offer {
    /// A call with these facts.
    #[must_use]
    pub fn new(listing: Listing, reserve: Money, facts: Vec<Fact>) -> Self {
        let known = Known::of_facts(&facts);
        Self { listing, reserve, facts, known }
    }
}

impl Known {
    fn of_facts(facts: &[Fact]) -> Self {
        let mut known = Self::default();
        for fact in facts {
            let place = usize::from(fact.attribute.0);
            if known.0.len() <= place {
                known.0.resize(place + 1, Value::Absent);
            }
            match (&mut known.0[place], fact.value) {
                (Value::Codes(codes), FactValue::Code(code)) => codes.push(code),
                (value, FactValue::Code(code)) => *value = Value::Codes(vec![code]),
                (value, FactValue::Number(number)) => *value = Value::Number(number),
                (value, FactValue::Flag(flag)) => *value = Value::Flag(flag),
                (value, FactValue::Place(place)) => *value = Value::Place(place),
            }
        }
        for value in &mut known.0 {
            if let Value::Codes(codes) = value {
                codes.sort_unstable();
                codes.dedup();
            }
        }
        known
    }

    /// What is known of an attribute.
    #[must_use]
    pub fn of(&self, attribute: AttributeId) -> &Value {
        self.0.get(usize::from(attribute.0)).unwrap_or(&Value::Absent)
    }
}

fn rising(values: &[ValueCode]) -> Vec<ValueCode> {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.dedup();
    values
}
