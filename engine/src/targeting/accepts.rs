//! Whether a profile's clauses accept a call's facts, decided on the record: the law behind the index.

use crate::ids::{AttributeId, ValueCode};
use crate::terms::{Clause, FactSheet, Known, Test};

/// Whether a code belongs to a value set; the schema answers.
pub(crate) trait AcceptedBy {
    /// Whether the set has the code.
    fn set_contains(&self, set: crate::ids::ValueSetId, code: ValueCode) -> bool;
}

/// `Ok` when every clause accepts, else the attribute of the first that does not.
///
/// Each clause comes with the values it lists.
pub(crate) fn accepts<Listed: Iterator<Item = ValueCode> + Clone>(
    clauses: impl Iterator<Item = (Clause, Listed)>,
    facts: &FactSheet,
    sets: &impl AcceptedBy,
) -> Result<(), AttributeId> {
    for (clause, listed) in clauses {
        if !clause_accepts(&clause.test, &listed, &facts.known(clause.attribute), sets) {
            return Err(clause.attribute);
        }
    }
    Ok(())
}

/// Whether a clause accepts that lists no values. Not inlined: most rows that a decision meets have none to ask.
#[inline(never)]
pub(crate) fn check_accepts(check: &Clause, facts: &FactSheet, sets: &impl AcceptedBy) -> bool {
    clause_accepts(&check.test, &core::iter::empty(), &facts.known(check.attribute), sets)
}

fn clause_accepts(
    test: &Test,
    listed: &(impl Iterator<Item = ValueCode> + Clone),
    known: &Known<'_>,
    sets: &impl AcceptedBy,
) -> bool {
    if *known == Known::Absent {
        return test.is_excluding();
    }
    let any = |has: &dyn Fn(ValueCode) -> bool| match known {
        Known::Code(code) => has(*code),
        Known::Elements(codes) => codes.iter().any(|code| has(*code)),
        Known::Absent | Known::Number(_) | Known::Flag(_) | Known::Place(_) => false,
    };
    match *test {
        Test::AnyOf { .. } => any(&|code| listed.clone().any(|own| own == code)),
        Test::NoneOf { .. } => !any(&|code| listed.clone().any(|own| own == code)),
        Test::InSet { set } => any(&|code| sets.set_contains(set, code)),
        Test::NotInSet { set } => !any(&|code| sets.set_contains(set, code)),
        Test::Range { low, high } => {
            matches!(*known, Known::Number(number) if low <= number && number < high)
        }
        Test::Is { value } => *known == Known::Flag(value),
        Test::Near { centre, radius } => {
            matches!(*known, Known::Place(place) if centre.reaches(place, radius))
        }
    }
}
