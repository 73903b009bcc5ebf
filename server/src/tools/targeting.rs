//! What a profile wanted and what the call was, in words: the clause that did not accept, and how far off it was.

use dce_engine::Exchange;
use dce_engine::explain::{Distance, Explanation, Loss, Verdict};
use dce_engine::ids::{AttributeId, ValueCode};
use dce_engine::terms::{Fact, FactValue, Kind, Test};
use dce_engine::units::GeoPoint;

use super::sentence;

/// How many values of a list are named.
const NAMED_MAX: usize = 6;

/// The clause of a profile on `attribute` that does not accept these facts, in words.
pub(super) fn mismatch(
    exchange: &Exchange,
    said: &Explanation,
    attribute: AttributeId,
    facts: &[Fact],
) -> Option<sentence::Clause> {
    let words = Words { exchange, attribute };
    let facts = values_of(attribute, facts);
    // An attribute has at most one accepting and one excluding clause. Where both are there and only the exchange could
    // tell which one it was (long lists), the first is named.
    let mut unclear = None;
    for (clause, values) in
        exchange.profile_clauses(said.buyer, said.profile)?.filter(|(clause, _)| clause.attribute == attribute)
    {
        let values: Vec<ValueCode> = values.collect();
        let said = || {
            let (wants, far) = (words.wanted(&clause.test, &values), words.far(said));
            sentence::Clause { wants, found: words.found(&facts), far }
        };
        match accepts(&clause.test, &values, &facts) {
            Some(true) => {}
            Some(false) => return Some(said()),
            None => unclear = unclear.or_else(|| Some(said())),
        }
    }
    unclear
}

fn values_of(attribute: AttributeId, facts: &[Fact]) -> Vec<FactValue> {
    facts.iter().filter(|fact| fact.attribute == attribute).map(|fact| fact.value).collect()
}

/// Whether a test accepts; `None` where that is not known here.
fn accepts(test: &Test, values: &[ValueCode], facts: &[FactValue]) -> Option<bool> {
    let listed = facts.iter().any(|fact| matches!(fact, FactValue::Code(code) if values.contains(code)));
    match *test {
        Test::AnyOf { .. } => Some(listed),
        Test::NoneOf { .. } => Some(!listed),
        Test::InSet { .. } | Test::NotInSet { .. } => None,
        Test::Range { low, high } => {
            Some(facts.iter().any(|fact| matches!(fact, FactValue::Number(number) if (low..high).contains(number))))
        }
        Test::Is { value } => Some(facts.contains(&FactValue::Flag(value))),
        Test::Near { centre, radius } => {
            Some(facts.iter().any(|fact| matches!(fact, FactValue::Place(place) if centre.reaches(*place, radius))))
        }
    }
}

/// One attribute, in words.
struct Words<'a> {
    exchange: &'a Exchange,
    attribute: AttributeId,
}

impl Words<'_> {
    fn attribute(&self) -> &str {
        self.exchange.attribute(self.attribute).map_or("attribute", |(_, name)| name)
    }

    fn value(&self, code: ValueCode) -> String {
        let name = self.exchange.value_name(self.attribute, code);
        name.map_or_else(|| format!("value {}", code.0), str::to_owned)
    }

    fn wanted(&self, test: &Test, values: &[ValueCode]) -> String {
        let name = self.attribute();
        match *test {
            Test::AnyOf { .. } => format!("{name} {}", self.list(values, "or")),
            Test::NoneOf { .. } => format!("any {name} but {}", self.list(values, "and")),
            Test::InSet { set } => format!("{name} of list {}", set.0),
            Test::NotInSet { set } => format!("{name} not of list {}", set.0),
            Test::Range { low, high } => format!("{name} {} to {}", self.number(low), self.number(high - 1)),
            Test::Is { value } => format!("{name} {}", yes_or_no(value)),
            Test::Near { centre, radius } => format!("{name} within {} km of {}", radius.0 / 1_000, place(centre)),
        }
    }

    /// What the call says of the attribute.
    fn found(&self, facts: &[FactValue]) -> String {
        let mut texts: Vec<String> = Vec::with_capacity(facts.len());
        for fact in facts {
            texts.push(match *fact {
                FactValue::Code(code) => self.value(code),
                FactValue::Number(number) => self.number(number),
                FactValue::Flag(flag) => yes_or_no(flag).to_owned(),
                FactValue::Place(at) => place(at),
            });
        }
        if texts.is_empty() { "not known".to_owned() } else { joined(&texts, "and") }
    }

    /// How far off a number or a place was.
    fn far(&self, said: &Explanation) -> Option<String> {
        let Verdict::Lost(Loss { distance, .. }) = said.verdict else { return None };
        match distance? {
            Distance::Number(below) if below < 0 => Some(format!("{} below", self.number(below.saturating_neg()))),
            Distance::Number(above) => Some(format!("{} above", self.number(above))),
            Distance::Metres(beyond) => Some(format!("{}.{} km beyond", beyond.0 / 1_000, beyond.0 % 1_000 / 100)),
            _ => None,
        }
    }

    fn list(&self, values: &[ValueCode], last: &str) -> String {
        let named: Vec<String> = values.iter().take(NAMED_MAX).map(|code| self.value(*code)).collect();
        match values.len() - named.len() {
            0 => joined(&named, last),
            more => format!("{} {last} {more} more", named.join(", ")),
        }
    }

    /// A number with its implied decimals.
    fn number(&self, number: i64) -> String {
        match self.exchange.attribute(self.attribute) {
            Some((Kind::Integer { decimals, .. }, _)) if decimals > 0 => {
                let (unit, width) = (10_u64.pow(decimals.into()), usize::from(decimals));
                let (size, sign) = (number.unsigned_abs(), if number < 0 { "-" } else { "" });
                format!("{sign}{}.{:0width$}", size / unit, size % unit)
            }
            _ => number.to_string(),
        }
    }
}

/// What a call is told apart by, in words: `state FL, age 72, tags radio and direct mail`.
pub(super) fn facts_in_words(exchange: &Exchange, facts: &[Fact]) -> String {
    let mut attributes: Vec<AttributeId> = facts.iter().map(|fact| fact.attribute).collect();
    attributes.dedup();
    let mut texts: Vec<String> = Vec::with_capacity(attributes.len());
    for attribute in attributes {
        let words = Words { exchange, attribute };
        let text = format!("{} {}", words.attribute(), words.found(&values_of(attribute, facts)));
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    if texts.is_empty() { "nothing is known of the caller".to_owned() } else { texts.join(", ") }
}

/// `FL, GA or TX`.
fn joined(texts: &[String], last: &str) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

const fn yes_or_no(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

/// Degrees to the third decimal: about a hundred metres.
fn place(point: GeoPoint) -> String {
    let degrees = |micro: i32| {
        let milli = micro / 1_000;
        let sign = if milli < 0 { "-" } else { "" };
        format!("{sign}{}.{:03}", milli.unsigned_abs() / 1_000, milli.unsigned_abs() % 1_000)
    };
    format!("{}, {}", degrees(point.latitude_micro), degrees(point.longitude_micro))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dce_engine::prelude::*;

    const STATE: AttributeId = AttributeId(0);
    const AGE: AttributeId = AttributeId(1);
    const SCORE: AttributeId = AttributeId(2);
    const OWNER: AttributeId = AttributeId(3);
    const HOME: AttributeId = AttributeId(4);
    const NOW: Timestamp = Timestamp::from_seconds(1_780_000_000);

    const BUYER: AccountId = AccountId(1);
    const PROFILE: ProfileId = ProfileId(1);

    fn exchange(wish: CreateProfile<'_>) -> Exchange {
        let mut exchange = Exchange::new(Genesis::new(Limits::small(), 7, USD)).unwrap();
        let mut events = Events::new();
        let mut apply = |command: Command<'_>| exchange.apply(NOW, &command, &mut events).map(drop).unwrap();
        apply(DeclareAttribute::category(STATE, "state", 50).into());
        for (code, name) in [(1, "FL"), (2, "GA"), (3, "TX")] {
            apply(DefineValue::new(STATE, STATE.value(code), name).into());
        }
        apply(DeclareAttribute::integer(AGE, "age", 0, 18, 90).into());
        apply(DeclareAttribute::integer(SCORE, "score", 3, 0, 1_000).into());
        apply(DeclareAttribute::boolean(OWNER, "homeowner").into());
        apply(DeclareAttribute::point(HOME, "home").into());
        apply(OpenAccount::buyer(BUYER).into());
        apply(wish.dial(b"+18005550100", Millis(20_000)).into());
        exchange
    }

    fn told(wish: CreateProfile<'_>, fact: Fact, distance: Option<Distance>) -> String {
        let loss = Loss { reason: Reason::TargetingMismatch, attribute: Some(fact.attribute), distance };
        let said = Explanation { buyer: BUYER, profile: PROFILE, amount: None, verdict: Verdict::Lost(loss) };
        let found = mismatch(&exchange(wish), &said, fact.attribute, &[fact]).unwrap();
        format!("{} / {} / {}", found.wants, found.found, found.far.unwrap_or_default())
    }

    #[test]
    fn a_range_says_how_far() {
        let wish = || CreateProfile::of(BUYER, PROFILE).range(AGE, 64, 85).range(SCORE, 250, 1_000);
        let number =
            |attribute, number, off| told(wish(), Fact::number(attribute, number), Some(Distance::Number(off)));
        assert_eq!(number(AGE, 61, -3), "age 64 to 84 / 61 / 3 below");
        assert_eq!(number(AGE, 85, 1), "age 64 to 84 / 85 / 1 above");
        assert_eq!(number(SCORE, 40, -210), "score 0.250 to 0.999 / 0.040 / 0.210 below");
    }

    #[test]
    fn a_radius_says_how_far() {
        let (home, away) = (GeoPoint::new(40_000_000, -75_000_000), GeoPoint::new(41_000_000, -75_000_000));
        let wish = CreateProfile::of(BUYER, PROFILE).near(HOME, home, Metres(50_000));
        let said = told(wish, Fact::place(HOME, away), Some(Distance::Metres(Metres(61_195))));
        assert!(said.ends_with(" / 61.1 km beyond"), "{said}");
    }

    #[test]
    fn the_clause_that_failed_is_named_and_not_its_neighbour() {
        let state = |code| STATE.value(code);
        let wish = || {
            let wish = CreateProfile::of(BUYER, PROFILE).wants(STATE, [state(1), state(2)]).is(OWNER, true);
            wish.excludes(STATE, [state(2)])
        };
        assert_eq!(told(wish(), Fact::value(STATE, state(3)), None), "state FL or GA / TX / ");
        assert_eq!(told(wish(), Fact::value(STATE, state(2)), None), "any state but GA / GA / ");
        assert_eq!(told(wish(), Fact::flag(OWNER, false), None), "homeowner yes / no / ");
    }

    #[test]
    fn facts_are_told_once_each() {
        let exchange = exchange(CreateProfile::of(BUYER, PROFILE));
        let facts = [Fact::value(STATE, ValueCode(3)), Fact::number(AGE, 61), Fact::flag(OWNER, true)];
        assert_eq!(facts_in_words(&exchange, &facts), "state TX, age 61, homeowner yes");
        assert_eq!(facts_in_words(&exchange, &[]), "nothing is known of the caller");
    }
}
