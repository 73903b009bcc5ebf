//! Attributes, values, value sets and zones; what facts and clauses may say; whether a profile wants a call
//! (sections 3 and 4).

use std::collections::BTreeMap;

use dce_engine::ids::{AttributeId, ValueCode};

use super::action::{Action, Clause, Fact, FactValue, Kind, Test};
use super::codes::{Refusal, refusal};
use super::fields::place_is_valid;
use super::outcome::Outcome;
use super::state::{Attribute, Birth, Call, Profile, ValueSet, Zone};
use super::{Done, Twin, Verb};

fn lines(kind: Kind) -> u32 {
    match kind {
        Kind::Category { values_max } | Kind::Set { values_max } => values_max.min(512) + 1,
        Kind::Boolean => 3,
        Kind::Integer { .. } | Kind::Point => 64,
    }
}

fn excludes(clause: &Clause) -> bool {
    matches!(clause.test, Test::NoneOf { .. } | Test::NotInSet { .. })
}

/// The lines that excluding values takes: none where values share lines.
fn excluding_lines(kind: Kind) -> u32 {
    match kind {
        Kind::Set { values_max } if values_max <= 512 => values_max,
        _ => 0,
    }
}

fn vocabulary(kind: Kind) -> Option<u32> {
    match kind {
        Kind::Category { values_max } | Kind::Set { values_max } => Some(values_max),
        Kind::Integer { .. } | Kind::Boolean | Kind::Point => None,
    }
}

impl Twin {
    pub(super) fn declare_attribute(&mut self, action: &Action) -> Verb {
        let Action::DeclareAttribute { attribute, kind, .. } = action else { unreachable!() };
        if attribute.0 >= self.capacities.attributes_max {
            return Err(refusal::ATTRIBUTE_OUT_OF_RANGE);
        }
        let sequence = match self.attributes.get(attribute) {
            Some(known) if known.birth.body != *action => return Err(refusal::ID_CONFLICT),
            Some(known) => Some(known.birth.sequence),
            None => None,
        };
        if sequence.is_none() {
            if self.lines_used() + lines(*kind) > self.capacities.lines_max {
                return Err(refusal::SCHEMA_FULL);
            }
            let birth = Birth { body: action.clone(), sequence: self.this() };
            self.attributes
                .insert(*attribute, Attribute { birth, kind: *kind, excludes: false, values: BTreeMap::new() });
        }
        self.tell(Outcome::AttributeDeclared { attribute: *attribute });
        Ok(sequence.map_or(Done::New, Done::Repeat))
    }

    fn lines_used(&self) -> u32 {
        let of = |known: &Attribute| lines(known.kind) + if known.excludes { excluding_lines(known.kind) } else { 0 };
        self.attributes.values().map(of).sum()
    }

    /// Whether there are the lines for what these clauses are the first to exclude.
    pub(super) fn must_have_lines(&self, clauses: &[Clause]) -> Result<(), Refusal> {
        let excluded =
            clauses.iter().filter(|clause| excludes(clause)).map(|clause| &self.attributes[&clause.attribute]);
        let more: u32 = excluded.filter(|known| !known.excludes).map(|known| excluding_lines(known.kind)).sum();
        if self.lines_used() + more <= self.capacities.lines_max { Ok(()) } else { Err(refusal::SCHEMA_FULL) }
    }

    pub(super) fn take_lines(&mut self, clauses: &[Clause]) {
        for clause in clauses.iter().filter(|clause| excludes(clause)) {
            self.attributes.get_mut(&clause.attribute).expect("clauses are on declared attributes").excludes = true;
        }
    }

    pub(super) fn define_value(&mut self, action: &Action) -> Verb {
        let Action::DefineValue { attribute, code, name } = action else { unreachable!() };
        let Some(known) = self.attributes.get(attribute) else { return Err(refusal::ATTRIBUTE_UNKNOWN) };
        let Some(values_max) = vocabulary(known.kind) else { return Err(refusal::ATTRIBUTE_KIND_MISMATCH) };
        if code.0 == 0 || code.0 > values_max {
            return Err(refusal::VALUE_CODE_OUT_OF_RANGE);
        }
        if known.values.iter().any(|(other, (text, _))| other != code && text == name) {
            return Err(refusal::VALUE_NAME_TAKEN);
        }
        let sequence = match known.values.get(code) {
            Some((text, _)) if text != name => return Err(refusal::ID_CONFLICT),
            Some((_, sequence)) => Some(*sequence),
            None => None,
        };
        if sequence.is_none() {
            let defined: usize = self.attributes.values().map(|known| known.values.len()).sum();
            if defined >= self.capacities.values_max as usize {
                return Err(refusal::SCHEMA_FULL);
            }
            let this = self.this();
            let known = self.attributes.get_mut(attribute).expect("just seen");
            known.values.insert(*code, (name.clone(), this));
        }
        self.tell(Outcome::ValueDefined { attribute: *attribute, code: *code });
        Ok(sequence.map_or(Done::New, Done::Repeat))
    }

    pub(super) fn load_value_set(&mut self, action: &Action) -> Verb {
        let Action::LoadValueSet { set, attribute, total, offset, values } = action else { unreachable!() };
        let Some(known) = self.attributes.get(attribute) else { return Err(refusal::ATTRIBUTE_UNKNOWN) };
        let Some(values_max) = vocabulary(known.kind) else { return Err(refusal::ATTRIBUTE_KIND_MISMATCH) };
        if values.iter().any(|code| code.0 == 0 || code.0 > values_max) {
            return Err(refusal::VALUE_CODE_OUT_OF_RANGE);
        }
        let loaded = self.value_sets.get(set).map_or(&[][..], |known| &known.values);
        let end = *offset as usize + values.len();
        let continues = *offset as usize == loaded.len();
        let inside = self.value_sets.contains_key(set) && end <= loaded.len();
        if !continues && !inside {
            return Err(refusal::VALUE_SET_GAP);
        }
        let against_last = continues && loaded.last().is_some_and(|last| *last >= values[0]);
        if against_last || values.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(refusal::VALUES_NOT_ASCENDING);
        }
        let mut sequence = None;
        if let Some(known) = self.value_sets.get(set) {
            if known.attribute != *attribute || known.total != *total {
                return Err(refusal::ID_CONFLICT);
            }
            if inside {
                if known.values[*offset as usize..end] != values[..] {
                    return Err(refusal::ID_CONFLICT);
                }
                sequence = Some(known.chunk_last);
            }
        } else {
            let reserved: u64 = self.value_sets.values().map(|known| u64::from(known.total)).sum();
            let full = set.0 >= self.capacities.value_sets_max
                || reserved + u64::from(*total) > u64::from(self.capacities.value_set_values_max);
            if full {
                return Err(refusal::SCHEMA_FULL);
            }
        }
        if sequence.is_none() {
            let this = self.this();
            let known = self.value_sets.entry(*set).or_insert_with(|| ValueSet {
                attribute: *attribute,
                total: *total,
                values: Vec::new(),
                chunk_last: this,
            });
            known.values.extend(values);
            known.chunk_last = this;
        }
        self.tell(Outcome::ValueSetLoaded { set: *set, loaded: end as u32, total: *total });
        Ok(sequence.map_or(Done::New, Done::Repeat))
    }

    pub(super) fn set_zone(&mut self, action: &Action) -> Verb {
        let Action::SetZone { zone, transitions } = action else { unreachable!() };
        if transitions.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Err(refusal::TRANSITIONS_NOT_ASCENDING);
        }
        let same = self.zones.get(zone).filter(|known| known.transitions == *transitions).map(|known| known.sequence);
        if same.is_none() {
            let sequence = self.this();
            self.zones.insert(*zone, Zone { transitions: transitions.clone(), sequence });
        }
        self.tell(Outcome::ZoneSet { zone: *zone });
        Ok(same.map_or(Done::New, Done::Repeat))
    }

    /// Judges each fact in order; the first that breaks a rule decides.
    pub(super) fn check_facts(&self, facts: &[Fact]) -> Result<(), Refusal> {
        let mut elements = 0;
        for (index, fact) in facts.iter().enumerate() {
            let Some(known) = self.attributes.get(&fact.attribute) else { return Err(refusal::ATTRIBUTE_UNKNOWN) };
            let is_set = matches!(known.kind, Kind::Set { .. });
            let fits = match (known.kind, fact.value) {
                (Kind::Category { .. }, FactValue::Code(_)) => true,
                (Kind::Set { .. }, FactValue::Code(_)) => {
                    elements += 1;
                    elements <= 32
                }
                (Kind::Integer { .. }, FactValue::Number(_)) => true,
                (Kind::Boolean, FactValue::Flag(_)) => true,
                (Kind::Point, FactValue::Place(place)) => place_is_valid(place),
                _ => false,
            };
            if !fits {
                return Err(refusal::ATTRIBUTE_KIND_MISMATCH);
            }
            if !is_set && facts[..index].iter().any(|earlier| earlier.attribute == fact.attribute) {
                return Err(refusal::FACT_REPEATED);
            }
        }
        Ok(())
    }

    /// The facts as they count from now on: a code that is not defined is left out.
    pub(super) fn known_facts(&self, facts: &[Fact]) -> BTreeMap<AttributeId, Vec<FactValue>> {
        let mut known: BTreeMap<AttributeId, Vec<FactValue>> = BTreeMap::new();
        for fact in facts {
            let defined = match fact.value {
                FactValue::Code(code) => self.attributes[&fact.attribute].values.contains_key(&code),
                FactValue::Number(_) | FactValue::Flag(_) | FactValue::Place(_) => true,
            };
            if defined {
                known.entry(fact.attribute).or_default().push(fact.value);
            }
        }
        known
    }

    /// Judges each clause of a new profile in order; the first that breaks a rule decides.
    pub(super) fn check_clauses(&self, clauses: &[Clause], values: &[ValueCode]) -> Result<(), Refusal> {
        for (index, (clause, listed)) in clauses_with_values(clauses, values).enumerate() {
            self.check_clause(clause, listed)?;
            let earlier = &clauses[..index];
            let same = |other: &Clause| {
                other.attribute == clause.attribute && is_excluding(other.test) == is_excluding(clause.test)
            };
            if earlier.iter().any(same) {
                return Err(refusal::CLAUSE_REPEATED);
            }
        }
        Ok(())
    }

    pub(super) fn check_clause(&self, clause: Clause, listed: &[ValueCode]) -> Result<(), Refusal> {
        let Some(known) = self.attributes.get(&clause.attribute) else { return Err(refusal::ATTRIBUTE_UNKNOWN) };
        let fits = match clause.test {
            Test::AnyOf { .. } | Test::NoneOf { .. } | Test::InSet { .. } | Test::NotInSet { .. } => {
                vocabulary(known.kind).is_some()
            }
            Test::Range { .. } => matches!(known.kind, Kind::Integer { .. }),
            Test::Is { .. } => known.kind == Kind::Boolean,
            Test::Near { .. } => known.kind == Kind::Point,
        };
        if !fits {
            return Err(refusal::ATTRIBUTE_KIND_MISMATCH);
        }
        if listed.iter().any(|code| !known.values.contains_key(code)) {
            return Err(refusal::VALUE_UNKNOWN);
        }
        match clause.test {
            Test::InSet { set } | Test::NotInSet { set } => {
                let usable = |known: &ValueSet| known.attribute == clause.attribute && known.is_complete();
                if !self.value_sets.get(&set).is_some_and(usable) {
                    return Err(refusal::VALUE_SET_UNKNOWN);
                }
            }
            Test::AnyOf { count: 0 } | Test::NoneOf { count: 0 } => return Err(refusal::CLAUSE_EMPTY),
            _ => {}
        }
        Ok(())
    }

    /// When none of the profile's conjunctions accepts the call: the attribute of the first clause of the first one that
    /// does not.
    pub(super) fn failing_clause(&self, profile: &Profile, call: &Call) -> Option<AttributeId> {
        let failing = self.failing_of(&profile.terms.clauses, &profile.terms.values, call)?;
        let also_fails = |birth: &Birth| {
            let Action::AlsoWants { clauses, values, .. } = &birth.body else { unreachable!() };
            self.failing_of(clauses, values, call).is_some()
        };
        profile.also.iter().all(also_fails).then_some(failing)
    }

    fn failing_of(&self, clauses: &[Clause], values: &[ValueCode], call: &Call) -> Option<AttributeId> {
        clauses_with_values(clauses, values)
            .find(|(clause, listed)| !self.accepts(*clause, listed, call.facts.get(&clause.attribute)))
            .map(|(clause, _)| clause.attribute)
    }

    pub(super) fn accepts(&self, clause: Clause, listed: &[ValueCode], facts: Option<&Vec<FactValue>>) -> bool {
        let Some(facts) = facts else { return is_excluding(clause.test) };
        // A set attribute has several values, every other just one.
        let some_in =
            |list: &[ValueCode]| facts.iter().any(|fact| matches!(fact, FactValue::Code(code) if list.contains(code)));
        match (clause.test, facts[0]) {
            (Test::AnyOf { .. }, _) => some_in(listed),
            (Test::NoneOf { .. }, _) => !some_in(listed),
            (Test::InSet { set }, _) => some_in(&self.value_sets[&set].values),
            (Test::NotInSet { set }, _) => !some_in(&self.value_sets[&set].values),
            (Test::Range { low, high }, FactValue::Number(number)) => low <= number && number < high,
            (Test::Is { value }, FactValue::Flag(flag)) => value == flag,
            (Test::Near { centre, radius }, FactValue::Place(place)) => centre.reaches(place, radius),
            _ => unreachable!("clauses and facts were checked against the kind"),
        }
    }
}

fn is_excluding(test: Test) -> bool {
    matches!(test, Test::NoneOf { .. } | Test::NotInSet { .. })
}

/// Each clause with the values it lists: they follow one another in the profile's one list.
fn clauses_with_values<'a>(
    clauses: &'a [Clause],
    values: &'a [ValueCode],
) -> impl Iterator<Item = (Clause, &'a [ValueCode])> {
    let mut rest = values;
    clauses.iter().map(move |clause| {
        let count = match clause.test {
            Test::AnyOf { count } | Test::NoneOf { count } => usize::from(count),
            _ => 0,
        };
        let (listed, others) = rest.split_at(count);
        rest = others;
        (*clause, listed)
    })
}
