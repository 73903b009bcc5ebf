//! Whether a profile's clauses accept a call's facts, decided on the record: the law behind the index.

use crate::ids::{AttributeId, ValueCode};
use crate::terms::{Clause, FactSheet, Known, Test};

/// Every attribute's bit.
pub(crate) const ALL: u32 = u32::MAX;
const _: () = assert!(crate::limits::ATTRIBUTES_MAX <= u32::BITS as usize);

/// Whether a code belongs to a value set; the schema answers.
pub(crate) trait AcceptedBy {
    /// Whether the set has the code.
    fn set_contains(&self, set: crate::ids::ValueSetId, code: ValueCode) -> bool;
}

/// `Ok` when every clause accepts, else the attribute of the first that does not.
///
/// Only attributes whose bit is in `mask` are looked at: the index has decided the others. `values` holds the listed
/// values of all clauses, one clause after the other.
pub(crate) fn accepts(
    clauses: &[Clause],
    mut values: &[ValueCode],
    facts: &FactSheet,
    mask: u32,
    sets: &impl AcceptedBy,
) -> Result<(), AttributeId> {
    for clause in clauses {
        let listed = match clause.test {
            Test::AnyOf { count } | Test::NoneOf { count } => {
                let (own, rest) = values.split_at(usize::from(count));
                values = rest;
                own
            }
            _ => &[],
        };
        let is_asked = mask >> clause.attribute.0 & 1 == 1;
        if is_asked && !clause_accepts(&clause.test, listed, &facts.known(clause.attribute), sets) {
            return Err(clause.attribute);
        }
    }
    Ok(())
}

fn clause_accepts(test: &Test, listed: &[ValueCode], known: &Known<'_>, sets: &impl AcceptedBy) -> bool {
    if *known == Known::Absent {
        return test.is_excluding();
    }
    let any = |has: &dyn Fn(ValueCode) -> bool| match known {
        Known::Code(code) => has(*code),
        Known::Elements(codes) => codes.iter().any(|code| has(*code)),
        Known::Absent | Known::Number(_) | Known::Flag(_) | Known::Place(_) => false,
    };
    match *test {
        Test::AnyOf { .. } => any(&|code| listed.contains(&code)),
        Test::NoneOf { .. } => !any(&|code| listed.contains(&code)),
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
