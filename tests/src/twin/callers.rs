//! Who is not wanted, who has called before, who calls too often, and which facts refuse ("For sale" and "Callers" in
//! section 8, rules 4a and 4b in section 5).

use std::collections::BTreeSet;

use dce_engine::ids::{AccountId, ListingId, SubjectId};
use dce_engine::units::{Seconds, Timestamp};

use super::action::{Action, Anonymous, DuplicateOn, Role, Scope, ScreenRule};
use super::codes::{Refusal, Why, refusal, why};
use super::outcome::Outcome;
use super::standing::{Distance, Loss};
use super::state::{Await, CallKey, Contact, DuplicateRule, FrequencyRule, Memory, ProfileKey, Set, Suppression};
use super::{Done, Twin, Verb};

const NOBODY: SubjectId = SubjectId(0);
const MOMENTS_KEPT: usize = 16;

/// How a rule takes a caller.
enum Taking {
    Passes,
    Remembers,
    Never,
}

fn takes(anonymous: Anonymous, subject: SubjectId) -> Taking {
    match anonymous {
        Anonymous::Distinct if subject == NOBODY => Taking::Passes,
        Anonymous::Refused if subject == NOBODY => Taking::Never,
        _ => Taking::Remembers,
    }
}

fn lost_until(reason: Why, until: Option<Timestamp>) -> Loss {
    Loss { distance: until.map(Distance::Until), ..Loss::of(reason) }
}

/// The rule as it is to be; the old number if there is one, else a new one.
fn replace<R: Copy>(known: Option<(R, u64)>, made: &mut u64, wanted: Option<R>) -> Option<(R, u64)> {
    let wanted = wanted?;
    let number = known.map_or_else(
        || {
            *made += 1;
            *made
        },
        |(_, number)| number,
    );
    Some((wanted, number))
}

impl Twin {
    pub(super) fn set_duplicates(&mut self, action: &Action) -> Verb {
        let Action::SetDuplicates { account, scope, on, window, anonymous } = action else { unreachable!() };
        let (account, scope) = (*account, *scope);
        let created = match scope {
            Scope::Account => {
                self.must_have_role(account, Role::Buyer)?;
                self.created(account)
            }
            Scope::Profile(profile) => {
                self.must_have_role(account, Role::Buyer)?;
                let known = self.profiles.get(&(account, profile)).ok_or(refusal::PROFILE_UNKNOWN)?;
                known.birth.sequence
            }
            Scope::Listing(listing) => {
                self.must_have_role(account, Role::Seller)?;
                let known = self.must_be_listed((account, listing))?;
                known.birth.sequence
            }
        };
        let wanted = (window.0 > 0).then_some(DuplicateRule { on: *on, window: *window, anonymous: *anonymous });
        let known =
            self.duplicate_rules.get(&(account, scope)).copied().unwrap_or(Set { rule: None, sequence: created });
        if known.rule.map(|(rule, _)| rule) == wanted {
            self.tell(Outcome::DuplicatesSet { account, scope });
            return Ok(Done::Repeat(known.sequence));
        }
        if let Scope::Profile(profile) = scope {
            self.must_have_settings((account, profile))?;
        }
        self.tell(Outcome::DuplicatesSet { account, scope });
        let rule = replace(known.rule, &mut self.rules_made, wanted);
        let set = Set { rule, sequence: self.this() };
        self.duplicate_rules.insert((account, scope), set);
        Ok(Done::New)
    }

    pub(super) fn set_frequency(&mut self, action: &Action) -> Verb {
        let Action::SetFrequency { account, listing, calls_max, window, anonymous } = action else { unreachable!() };
        let key = (*account, *listing);
        let created = self.check_place(key)?;
        let rule = FrequencyRule { calls_max: *calls_max, window: *window, anonymous: *anonymous };
        let wanted = (window.0 > 0).then_some(rule);
        let known = self.frequency_rules.get(&key).copied().unwrap_or(Set { rule: None, sequence: created });
        self.tell(Outcome::FrequencySet { account: key.0, listing: key.1 });
        if known.rule.map(|(rule, _)| rule) == wanted {
            return Ok(Done::Repeat(known.sequence));
        }
        let rule = replace(known.rule, &mut self.rules_made, wanted);
        let set = Set { rule, sequence: self.this() };
        self.frequency_rules.insert(key, set);
        Ok(Done::New)
    }

    pub(super) fn set_suppression(&mut self, at: Timestamp, action: &Action) -> Verb {
        let Action::SetSuppression { account, subject, until } = action else { unreachable!() };
        let (account, subject, until) = (*account, *subject, *until);
        self.must_have_account(account)?;
        let stands = |known: &Suppression| known.until.is_none_or(|until| until > at);
        let known = self.suppressions.get(&(account, subject)).copied().filter(stands);
        let lifts = until.is_some_and(|until| until <= at);
        let last = self.suppressed_last.get(&account).copied().unwrap_or_else(|| self.created(account));
        let first = match known {
            None if lifts => Some(last),
            Some(known) if !lifts && known.until == until => Some(known.sequence),
            _ => None,
        };
        if first.is_none() {
            let standing = self.suppressions.values().filter(|known| stands(known)).count();
            if known.is_none() && standing >= self.capacities.suppressions_max as usize {
                return Err(refusal::SUPPRESSIONS_FULL);
            }
            let sequence = self.this();
            self.suppressed_last.insert(account, sequence);
            if lifts {
                self.suppressions.remove(&(account, subject));
            } else {
                self.suppressions.insert((account, subject), Suppression { until, sequence });
            }
        }
        self.tell(Outcome::SuppressionSet { account, subject, until });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    pub(super) fn set_screen(&mut self, action: &Action) -> Verb {
        let Action::SetScreen { account, listing, rules, values } = action else { unreachable!() };
        let key = (*account, *listing);
        let place = self.check_place(key);
        if place.is_err_and(|refused| ![refusal::LISTING_UNKNOWN, refusal::LISTING_DELISTED].contains(&refused)) {
            place?;
        }
        for (rule, listed) in with_values(rules, values) {
            self.check_clause(rule.clause, listed)?;
        }
        let created = place?;
        let empty = (Vec::new(), Vec::new(), created);
        let (known_rules, known_values, sequence) = self.screens.get(&key).unwrap_or(&empty);
        let first = (known_rules == rules && known_values == values).then_some(*sequence);
        if first.is_none() {
            let set = self.screens.values().filter(|(rules, _, _)| !rules.is_empty()).count();
            if known_rules.is_empty() && set >= self.capacities.screens_max as usize {
                return Err(refusal::SCREENS_FULL);
            }
            let this = self.this();
            self.screens.insert(key, (rules.clone(), values.clone(), this));
        }
        self.tell(Outcome::ScreenSet { account: key.0, listing: key.1 });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    /// A seller's listing, all of a seller's, or the platform's. Answers the sequence that created it.
    fn check_place(&self, (account, listing): (AccountId, Option<ListingId>)) -> Result<u64, Refusal> {
        if self.must_have_account(account)?.role == Role::Buyer {
            return Err(refusal::ACCOUNT_ROLE_MISMATCH);
        }
        match listing {
            None => Ok(self.created(account)),
            Some(listing) => {
                let known = self.must_be_listed((account, listing))?;
                Ok(known.birth.sequence)
            }
        }
    }

    /// The sequence that opened the account; 0 for those of genesis.
    fn created(&self, account: AccountId) -> u64 {
        self.account(account).birth.as_ref().map_or(0, |birth| birth.sequence)
    }

    /// "For sale": the first step that fails, if one does.
    pub(super) fn declined(&self, at: Timestamp, key: CallKey) -> Option<Why> {
        let call = self.call(key);
        let (seller, subject) = (key.0, call.subject);
        if call.loops {
            return Some(why::CHAIN_LOOP);
        }
        if !self.is_open(seller, self.listing_of(key).terms.hours, at) {
            return Some(why::LISTING_CLOSED);
        }
        if [AccountId::PLATFORM, seller].iter().any(|account| self.suppressed(at, *account, subject).is_some()) {
            return Some(why::CALLER_SUPPRESSED);
        }
        if self.frequency_rules_of(key).iter().any(|(rule, number)| self.too_often(at, *rule, *number, subject)) {
            return Some(why::FREQUENCY_REACHED);
        }
        if self.blocked(at, key, (seller, Scope::Listing(call.listing))).is_some() {
            return Some(why::DUPLICATE_CALLER);
        }
        for place in [(AccountId::PLATFORM, None), (seller, None), (seller, Some(call.listing))] {
            let Some((rules, values, _)) = self.screens.get(&place) else { continue };
            for (rule, listed) in with_values(rules, values) {
                let asked = rule.leg.is_none_or(|leg| leg == call.leg);
                let accepts = self.accepts(rule.clause, listed, call.facts.get(&rule.clause.attribute));
                if asked && accepts != rule.unless {
                    return Some(rule.reason);
                }
            }
        }
        None
    }

    /// The call is put up for sale: `ContactsFull`, before anything is changed.
    pub(super) fn check_memory(&self, at: Timestamp, key: CallKey, declined: Option<Why>) -> Result<(), Refusal> {
        let subject = self.call(key).subject;
        if counts_for_frequency(declined) {
            let met = self.frequency_rules_of(key);
            let mut kept = met.iter().filter(|(rule, _)| matches!(takes(rule.anonymous, subject), Taking::Remembers));
            let is_new = |number: u64| self.memory(at, number, subject).is_none();
            if kept.any(|(_, number)| is_new(*number)) && self.frequencies_at(at) >= self.capacities.frequencies_max {
                return Err(refusal::CONTACTS_FULL);
            }
        }
        let owner = (key.0, Scope::Listing(self.call(key).listing));
        if declined.is_none() && self.lacks_room(at, key, owner, None) {
            return Err(refusal::CONTACTS_FULL);
        }
        Ok(())
    }

    /// It is put up for sale: frequency rules count it, the listing's duplicate rule meets it.
    pub(super) fn remember_sale(&mut self, at: Timestamp, key: CallKey, declined: Option<Why>) {
        let (subject, listing) = (self.call(key).subject, self.call(key).listing);
        if counts_for_frequency(declined) {
            for (rule, number) in self.frequency_rules_of(key) {
                if !matches!(takes(rule.anonymous, subject), Taking::Remembers) {
                    continue;
                }
                let mut moments = self.memory(at, number, subject).map_or_else(Vec::new, |known| known.moments.clone());
                self.frequencies.retain(|known| (known.rule, known.subject) != (number, subject));
                moments.insert(0, at);
                moments.truncate(MOMENTS_KEPT);
                self.frequencies.push(Memory { rule: number, subject, moments, until: at + rule.window });
            }
        }
        if declined.is_none() {
            self.meet(at, key, (key.0, Scope::Listing(listing)));
        }
    }

    /// A duplicate rule, if there is one and it remembers this caller, meets the call.
    pub(super) fn meet(&mut self, at: Timestamp, key: CallKey, owner: (AccountId, Scope)) {
        let Some((rule, number)) = self.duplicate_rule(owner) else { return };
        if !matches!(takes(rule.anonymous, self.call(key).subject), Taking::Remembers) {
            return;
        }
        if rule.on == DuplicateOn::Incoming {
            self.write_contact(at, key, number, rule.window);
        } else {
            self.call_mut(key).awaits.push(Await { owner, rule: number, on: rule.on });
        }
    }

    /// The call came so far: what waited for it counts.
    pub(super) fn progress(&mut self, at: Timestamp, key: CallKey, on: DuplicateOn) {
        let awaits = self.call(key).awaits.clone();
        let (arrived, others): (Vec<Await>, Vec<Await>) = awaits.into_iter().partition(|waiting| waiting.on == on);
        self.call_mut(key).awaits = others;
        for waiting in arrived {
            if let Some((rule, number)) = self.duplicate_rule(waiting.owner)
                && waiting.rule == number
            {
                self.write_contact(at, key, number, rule.window);
            }
        }
    }

    fn write_contact(&mut self, at: Timestamp, key: CallKey, rule: u64, window: Seconds) {
        let subject = self.call(key).subject;
        self.contacts.retain(|known| (known.rule, known.subject) != (rule, subject));
        self.contacts.push(Contact { rule, subject, call: key, at, until: at + window });
    }

    /// Rules 4a and 4b.
    pub(super) fn refuses_caller(&self, at: Timestamp, key: CallKey, profile: ProfileKey) -> Option<Loss> {
        let call = self.call(key);
        if let Some(until) = self.suppressed(at, profile.0, call.subject) {
            return Some(lost_until(why::CALLER_SUPPRESSED, until));
        }
        for owner in [(profile.0, Scope::Profile(profile.1)), (profile.0, Scope::Account)] {
            if let Some(until) = self.blocked(at, key, owner) {
                return Some(lost_until(why::DUPLICATE_CALLER, until));
            }
            if self.lacks_room(at, key, owner, call.had_room) {
                return Some(Loss::of(why::CALLERS_FULL));
            }
        }
        None
    }

    fn duplicate_rule(&self, owner: (AccountId, Scope)) -> Option<(DuplicateRule, u64)> {
        self.duplicate_rules.get(&owner)?.rule
    }

    /// The rules of the platform, the seller and the listing that are set, with their numbers.
    fn frequency_rules_of(&self, key: CallKey) -> Vec<(FrequencyRule, u64)> {
        let places = [(AccountId::PLATFORM, None), (key.0, None), (key.0, Some(self.call(key).listing))];
        places.iter().filter_map(|place| self.frequency_rules.get(place)?.rule).collect()
    }

    /// Inside, until when; without, for good.
    fn suppressed(&self, at: Timestamp, account: AccountId, subject: SubjectId) -> Option<Option<Timestamp>> {
        let known = self.suppressions.get(&(account, subject))?;
        known.until.is_none_or(|until| at < until).then_some(known.until)
    }

    /// Whether a duplicate rule refuses the call's caller; inside, until when.
    fn blocked(&self, at: Timestamp, key: CallKey, owner: (AccountId, Scope)) -> Option<Option<Timestamp>> {
        let (rule, number) = self.duplicate_rule(owner)?;
        let subject = self.call(key).subject;
        match takes(rule.anonymous, subject) {
            Taking::Passes => None,
            Taking::Never => Some(None),
            Taking::Remembers => {
                let known = self.contacts.iter().find(|known| (known.rule, known.subject) == (number, subject))?;
                let until = known.until.min(known.at + rule.window);
                (known.call != key && at < until).then_some(Some(until))
            }
        }
    }

    /// Whether a duplicate rule would have to remember a caller that it does not, and there is no room; `had_room` when
    /// the moment that counts is over.
    fn lacks_room(&self, at: Timestamp, key: CallKey, owner: (AccountId, Scope), had_room: Option<bool>) -> bool {
        let Some((rule, number)) = self.duplicate_rule(owner) else { return false };
        let subject = self.call(key).subject;
        let remembers = matches!(takes(rule.anonymous, subject), Taking::Remembers);
        let has_room = had_room.unwrap_or_else(|| self.has_room(at));
        remembers && !has_room && !self.places(at).contains(&(number, subject))
    }

    /// Whether one more caller can be remembered by duplicate rules.
    pub(super) fn has_room(&self, at: Timestamp) -> bool {
        self.contacts_at(at) < self.capacities.contacts_max
    }

    /// The callers that take a place: under which rule, and who.
    fn places(&self, at: Timestamp) -> BTreeSet<(u64, SubjectId)> {
        let kept = self.contacts.iter().filter(|known| at < known.until).map(|known| (known.rule, known.subject));
        let awaited = self.calls.values().flat_map(|call| {
            let beside = call.others.iter().flat_map(|leg| &leg.awaits);
            call.awaits.iter().chain(beside).map(|wait| (wait.rule, call.subject))
        });
        kept.chain(awaited).collect()
    }

    /// How many callers are remembered by duplicate rules.
    #[must_use]
    pub fn contacts_at(&self, at: Timestamp) -> u32 {
        self.places(at).len() as u32
    }

    /// How many by frequency rules.
    #[must_use]
    pub fn frequencies_at(&self, at: Timestamp) -> u32 {
        self.frequencies.iter().filter(|known| at < known.until).count() as u32
    }

    /// How many suppressions stand.
    #[must_use]
    pub fn suppressions_at(&self, at: Timestamp) -> u32 {
        self.suppressions.values().filter(|known| known.until.is_none_or(|until| at < until)).count() as u32
    }

    fn memory(&self, at: Timestamp, rule: u64, subject: SubjectId) -> Option<&Memory> {
        self.frequencies.iter().find(|known| (known.rule, known.subject) == (rule, subject) && at < known.until)
    }

    fn too_often(&self, at: Timestamp, rule: FrequencyRule, number: u64, subject: SubjectId) -> bool {
        match takes(rule.anonymous, subject) {
            Taking::Passes => false,
            Taking::Never => true,
            Taking::Remembers => {
                let known = self.memory(at, number, subject);
                let nth = known.and_then(|known| known.moments.get(usize::from(rule.calls_max) - 1));
                nth.is_some_and(|nth| at < *nth + rule.window)
            }
        }
    }
}

/// Whether step 3 was asked.
fn counts_for_frequency(declined: Option<Why>) -> bool {
    ![Some(why::CHAIN_LOOP), Some(why::LISTING_CLOSED), Some(why::CALLER_SUPPRESSED)].contains(&declined)
}

/// Each rule with the values its clause lists.
fn with_values<'a>(
    rules: &'a [ScreenRule],
    values: &'a [dce_engine::ids::ValueCode],
) -> impl Iterator<Item = (&'a ScreenRule, &'a [dce_engine::ids::ValueCode])> {
    let mut rest = values;
    rules.iter().map(move |rule| {
        let (listed, after) = rest.split_at(rule.clause.test.listed());
        rest = after;
        (rule, listed)
    })
}
