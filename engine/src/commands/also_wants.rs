//! A buyer wants other calls too.

use super::body::Body;
use super::create_profile::{judge_lists, tests_can_be};
use crate::collections::List;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, AttributeId, ProfileId, ValueCode, ValueSetId};
use crate::limits::{CLAUSE_VALUES_MAX, CLAUSES_MAX, CONJUNCTIONS_MAX};
use crate::profiles::Ruled;
use crate::reject::Reject;
use crate::terms::{Clause, Test};
use crate::units::{GeoPoint, Metres};
use crate::wants::Wanted;

/// Adds a conjunction to what a profile wants: it takes a call when all clauses of any one of its conjunctions accept it.
/// The clauses it was created with are its first conjunction, those given here its second, third, and so on up to its
/// eighth. A conjunction stays until the profile is closed.
///
/// # Refused
///
/// `CommandTooLarge`, `ValueOutOfRange` (`nth` not from 2 to 8, or a test that cannot be), `AccountUnknown`, for each
/// clause in order what `CreateProfile` refuses; then `IdConflict` (this one exists with other clauses),
/// `ProfileUnknown`, `ConjunctionGap` (those before it do not exist yet), `RulesFull` (`conjunctions_max`),
/// `TargetingFull`.
///
/// # Events
///
/// `ConjunctionAdded`; a repeat when it exists and is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlsoWants<'a> {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// Which conjunction of the profile's it is, from 2.
    pub nth: u8,
    /// Its clauses: all must accept the call.
    pub clauses: List<'a, Clause, CLAUSES_MAX>,
    /// The values the any-of and none-of clauses list, one clause after the other.
    pub values: List<'a, ValueCode, CLAUSE_VALUES_MAX>,
}

impl<'a> AlsoWants<'a> {
    /// The conjunction `nth` of `profile`; without a clause it accepts every call of the profile's vertical.
    #[must_use]
    pub fn of(buyer: AccountId, profile: ProfileId, nth: u8) -> Self {
        Self { buyer, profile, nth, clauses: List::new(), values: List::new() }
    }

    /// One of these values: of a set attribute, at least one.
    #[must_use]
    pub fn wants(mut self, attribute: AttributeId, values: impl IntoIterator<Item = ValueCode>) -> Self {
        let before = self.values.len();
        self.values.extend(values);
        let count = u16::try_from(self.values.len() - before).unwrap_or(u16::MAX);
        self.clause(attribute, Test::AnyOf { count })
    }

    /// None of these values.
    #[must_use]
    pub fn excludes(mut self, attribute: AttributeId, values: impl IntoIterator<Item = ValueCode>) -> Self {
        let before = self.values.len();
        self.values.extend(values);
        let count = u16::try_from(self.values.len() - before).unwrap_or(u16::MAX);
        self.clause(attribute, Test::NoneOf { count })
    }

    /// A value of this set.
    #[must_use]
    pub fn wants_set(self, attribute: AttributeId, set: ValueSetId) -> Self {
        self.clause(attribute, Test::InSet { set })
    }

    /// A number in `low..high`.
    #[must_use]
    pub fn range(self, attribute: AttributeId, low: i64, high: i64) -> Self {
        self.clause(attribute, Test::Range { low, high })
    }

    /// This answer.
    #[must_use]
    pub fn is(self, attribute: AttributeId, value: bool) -> Self {
        self.clause(attribute, Test::Is { value })
    }

    /// Callers within `radius` of `centre`.
    #[must_use]
    pub fn near(self, attribute: AttributeId, centre: GeoPoint, radius: Metres) -> Self {
        self.clause(attribute, Test::Near { centre, radius })
    }

    /// These clauses and values, borrowed instead of copied, in place of those given so far: what a front end does.
    #[must_use]
    pub fn lists(mut self, clauses: &'a [Clause], values: &'a [ValueCode]) -> Self {
        self.clauses = List::borrowed(clauses);
        self.values = List::borrowed(values);
        self
    }

    /// How many of `targeting_chunks_max` chunks it takes: what its clauses and values have no room for in its own.
    #[must_use]
    pub fn targeting_chunks(&self) -> u32 {
        self.wanted().chunks()
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted { clauses: &self.clauses, values: &self.values, targets: &[] }
    }

    fn clause(mut self, attribute: AttributeId, test: Test) -> Self {
        self.clauses.push(Clause { attribute, test });
        self
    }
}

impl Exchange {
    pub(crate) fn also_wants(
        &mut self,
        step: Step,
        command: &AlsoWants<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &AlsoWants { buyer, profile, nth, ref clauses, ref values } = command;
        judge_lists(&self.genesis.limits, clauses, values)?;
        if !(2..=CONJUNCTIONS_MAX).contains(&usize::from(nth)) || !tests_can_be(clauses) {
            return Err(Reject::ValueOutOfRange);
        }
        self.accounts.find(buyer)?;
        self.judge_clauses(clauses, values)?;
        let slot = self.find_profile(buyer, profile)?;
        let body = Body::new(self.genesis.seed, 90).word(nth).clauses(clauses);
        let fingerprint = values.iter().fold(body, |body, code| body.word(code.0)).finish();
        let event = Event::ConjunctionAdded { buyer, profile, nth };
        let place = usize::from(nth) - 2;
        if let Some((_, known)) = self.conjunctions.of(slot).nth(place) {
            if known.fingerprint != fingerprint {
                return Err(Reject::IdConflict);
            }
            events.push(event);
            return Ok(Done::Repeated(known.sequence));
        }
        if self.conjunctions.of(slot).count() < place {
            return Err(Reject::ConjunctionGap);
        }
        self.schema.judge_excluding(clauses)?;
        if self.conjunctions.is_full() {
            return Err(Reject::RulesFull);
        }
        let wanted = command.wanted();
        if !self.wants.has_room(wanted) {
            return Err(Reject::TargetingFull);
        }
        self.add_conjunction(step, slot, fingerprint, wanted);
        events.push(event);
        Ok(Done::Accepted)
    }

    fn add_conjunction(&mut self, step: Step, slot: u32, fingerprint: u64, wanted: Wanted<'_>) {
        let profile = self.profiles.get(slot);
        let (vertical, live_mode) = (profile.vertical, profile.live_mode);
        let added = self.conjunctions.add(slot, fingerprint, step.sequence);
        let profile = self.profiles.get_mut(slot);
        profile.ruled.set(Ruled::CONJUNCTIONS, true);
        // Which of its rows was met does not say which of its conjunctions accepts, so all are looked at.
        profile.inexact = u32::MAX;
        let row = (vertical, self.row_key(slot));
        let id = self.targeting.further_row(added);
        self.wants.put(id, wanted);
        self.exclude(wanted.clauses);
        self.targeting.insert((id, slot), row, (wanted.clauses, wanted.values), live_mode, &self.schema);
        self.describe_rows(slot);
        self.refresh(slot, step.at);
    }
}
