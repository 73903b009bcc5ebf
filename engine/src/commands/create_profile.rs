//! A buyer says which calls it wants, for how much, how many, and where to send them.

use crate::calendars::NONE;
use crate::caps::Caps;
use crate::profiles::{Filed, Profile, Ruled};
use crate::targeting::rank_key;

use super::body::Body;
use super::create_listing::term_is_possible;
use crate::collections::List;
use crate::event::{Destination, Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, AttributeId, CalendarId, ProfileId, ValueCode, ValueSetId, VerticalId};
use crate::limits::{CLAUSE_VALUES_MAX, CLAUSES_MAX, DESTINATIONS_MAX, Limits};
use crate::reject::Reject;
use crate::schema::CODE_MAX;
use crate::terms::{CapLimits, Clause, DialTarget, Kind, PayTerm, Test};
use crate::units::{GeoPoint, Metres, Millis, Money};
use crate::wants::{LISTED_CODE_MAX, RING_MS_MAX, Wanted};

/// Creates a profile. Defaults: vertical 0, tier 1, no standing bid, no caps, pays on connect, no live mode,
/// always open.
///
/// Tier is the operator's to give: a front end refuses it from a buyer's own key.
///
/// # Refused
///
/// `CommandTooLarge` (a list past its limit or past what the genesis gives room for), `AmountOutOfRange` (bid or budget
/// out of range), `ValueOutOfRange` (tier 0, a zero cap, a term beyond a day, a ring time-out, a radius or range, the
/// vertical), `TextOutOfRange` (no destination, or an empty one), `AccountUnknown`, `AccountRoleMismatch`, then for each
/// clause in order `AttributeUnknown`, `AttributeKindMismatch`, `ValueUnknown`, `ValueSetUnknown`, `ClauseEmpty`,
/// `ClauseRepeated` in order of code, `IdConflict`, `AccountClosed`, `CalendarUnknown`, `ProfilesFull`,
/// `TargetingFull`.
///
/// # Events
///
/// `ProfileCreated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreateProfile<'a> {
    /// The buyer.
    pub buyer: AccountId,
    /// Its id.
    pub profile: ProfileId,
    /// Which listings' calls it competes for.
    pub vertical: VerticalId,
    /// 1 is served first.
    pub tier: u8,
    /// The standing bid, if any; without one the profile buys by live bids only.
    pub bid: Option<Money>,
    /// When the buyer owes the price.
    pub pay_term: PayTerm,
    /// How many calls, and how much money a day.
    pub caps: CapLimits,
    /// Whether auctions invite it.
    pub live_mode: bool,
    /// The buyer's calendar it is open by; without one it always is.
    pub hours: Option<CalendarId>,
    /// What it wants: all clauses must accept the call.
    pub clauses: List<'a, Clause, CLAUSES_MAX>,
    /// The values the any-of and none-of clauses list, one clause after the other.
    pub values: List<'a, ValueCode, CLAUSE_VALUES_MAX>,
    /// Where its calls go, in order.
    pub destinations: List<'a, DialTarget, DESTINATIONS_MAX>,
}

impl<'a> CreateProfile<'a> {
    /// A profile of `buyer` that wants every call of vertical 0.
    #[must_use]
    pub fn of(buyer: AccountId, profile: ProfileId) -> Self {
        Self {
            buyer,
            profile,
            vertical: VerticalId(0),
            tier: 1,
            bid: None,
            pay_term: PayTerm::OnConnect,
            caps: CapLimits::NONE,
            live_mode: false,
            hours: None,
            clauses: List::new(),
            values: List::new(),
            destinations: List::new(),
        }
    }

    /// In `vertical`.
    #[must_use]
    pub fn vertical(mut self, vertical: VerticalId) -> Self {
        self.vertical = vertical;
        self
    }

    /// In `tier`.
    #[must_use]
    pub fn tier(mut self, tier: u8) -> Self {
        self.tier = tier;
        self
    }

    /// With a standing bid.
    #[must_use]
    pub fn bid(mut self, amount: Money) -> Self {
        self.bid = Some(amount);
        self
    }

    /// The price is owed once `term` is met.
    #[must_use]
    pub fn pays(mut self, term: PayTerm) -> Self {
        self.pay_term = term;
        self
    }

    /// Invited to auctions.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.live_mode = true;
        self
    }

    /// Open by this calendar of the buyer's.
    #[must_use]
    pub fn hours(mut self, calendar: CalendarId) -> Self {
        self.hours = Some(calendar);
        self
    }

    /// With these caps, in place of those given so far.
    #[must_use]
    pub fn caps(mut self, caps: CapLimits) -> Self {
        self.caps = caps;
        self
    }

    /// At most this many calls at once.
    #[must_use]
    pub fn concurrency(mut self, calls: u16) -> Self {
        self.caps.concurrency = Some(calls);
        self
    }

    /// At most this many calls an hour.
    #[must_use]
    pub fn hourly_cap(mut self, calls: u32) -> Self {
        self.caps.hourly = Some(calls);
        self
    }

    /// At most this many calls a day, in the buyer's zone.
    #[must_use]
    pub fn daily_cap(mut self, calls: u32) -> Self {
        self.caps.daily = Some(calls);
        self
    }

    /// At most this many calls ever.
    #[must_use]
    pub fn total_cap(mut self, calls: u32) -> Self {
        self.caps.total = Some(calls);
        self
    }

    /// At most this much money a day, in the buyer's zone.
    #[must_use]
    pub fn daily_budget(mut self, amount: Money) -> Self {
        self.caps.daily_budget = Some(amount);
        self
    }

    /// Wants one of these values: of a set attribute, at least one.
    #[must_use]
    pub fn wants(self, attribute: AttributeId, values: impl IntoIterator<Item = ValueCode>) -> Self {
        self.listed(attribute, values, |count| Test::AnyOf { count })
    }

    /// Wants none of these values.
    #[must_use]
    pub fn excludes(self, attribute: AttributeId, values: impl IntoIterator<Item = ValueCode>) -> Self {
        self.listed(attribute, values, |count| Test::NoneOf { count })
    }

    /// Wants a value of this set.
    #[must_use]
    pub fn wants_set(self, attribute: AttributeId, set: ValueSetId) -> Self {
        self.clause(attribute, Test::InSet { set })
    }

    /// Wants no value of this set.
    #[must_use]
    pub fn excludes_set(self, attribute: AttributeId, set: ValueSetId) -> Self {
        self.clause(attribute, Test::NotInSet { set })
    }

    /// Wants a number in `low..high`.
    #[must_use]
    pub fn range(self, attribute: AttributeId, low: i64, high: i64) -> Self {
        self.clause(attribute, Test::Range { low, high })
    }

    /// Wants this answer.
    #[must_use]
    pub fn is(self, attribute: AttributeId, value: bool) -> Self {
        self.clause(attribute, Test::Is { value })
    }

    /// Wants callers within `radius` of `centre`.
    #[must_use]
    pub fn near(self, attribute: AttributeId, centre: GeoPoint, radius: Metres) -> Self {
        self.clause(attribute, Test::Near { centre, radius })
    }

    /// Another destination, tried after those before it. Anything but 1 to 64 bytes is refused when applied.
    #[must_use]
    pub fn dial(mut self, destination: &[u8], ring: Millis) -> Self {
        self.destinations.push(DialTarget { destination: Destination::new(destination).unwrap_or_default(), ring });
        self
    }

    /// How many of `targeting_chunks_max` chunks it takes: what its clauses, values and destinations have no room for in
    /// its own.
    #[must_use]
    pub fn targeting_chunks(&self) -> u32 {
        self.wanted().chunks()
    }

    pub(crate) fn wanted(&self) -> Wanted<'_> {
        Wanted { clauses: &self.clauses, values: &self.values, targets: &self.destinations }
    }

    fn clause(mut self, attribute: AttributeId, test: Test) -> Self {
        self.clauses.push(Clause { attribute, test });
        self
    }

    fn listed(
        mut self,
        attribute: AttributeId,
        values: impl IntoIterator<Item = ValueCode>,
        test: impl FnOnce(u16) -> Test,
    ) -> Self {
        let before = self.values.len();
        self.values.extend(values);
        let count = u16::try_from(self.values.len() - before).unwrap_or(u16::MAX);
        self.clause(attribute, test(count))
    }
}

/// The longest a destination may ring.
pub(super) const RING_MAX: Millis = Millis(300_000);
// There is room for both where lists are kept.
const _: () = assert!(RING_MAX.0 <= RING_MS_MAX && CODE_MAX <= LISTED_CODE_MAX);

impl Exchange {
    pub(crate) fn create_profile(
        &mut self,
        step: Step,
        command: &CreateProfile<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        self.judge_profile_fields(command)?;
        let buyer = self.accounts.find_as(command.buyer, Role::Buyer)?;
        self.judge_clauses(&command.clauses, &command.values)?;
        let fingerprint = self.profile_body(command);
        let event = Event::ProfileCreated { buyer: command.buyer, profile: command.profile };
        if let Some(slot) = self.profiles.find(buyer, command.profile) {
            let known = self.profiles.get(slot);
            if self.profiles.filed(slot).fingerprint != fingerprint {
                return Err(Reject::IdConflict);
            }
            events.push(event);
            return Ok(Done::Repeated(known.created));
        }
        self.accounts.judge_open(buyer)?;
        let hours = self.find_hours(buyer, command.hours)?;
        if self.profiles.is_full() {
            return Err(Reject::ProfilesFull);
        }
        self.schema.judge_excluding(&command.clauses)?;
        let wanted = command.wanted();
        if !self.wants.has_room(wanted) {
            return Err(Reject::TargetingFull);
        }
        let bid = command.bid.unwrap_or(Money::ZERO);
        let profile = Profile {
            caps: Caps::new(&command.caps),
            bid,
            bid_sequence: step.sequence,
            pay_term: command.pay_term,
            buyer,
            vertical: command.vertical,
            zone: self.accounts.get(buyer).zone,
            tier: command.tier,
            live_mode: command.live_mode,
            hours,
            ruled: Ruled::default(),
            paused: false,
            inexact: 0,
            bids: 0,
            id: command.profile,
            created: step.sequence,
        };
        let filed = Filed { fingerprint, switched: step.sequence, by_calendar: [NONE; 2] };
        let slot = self.profiles.create(profile, filed);
        self.wants.put(slot, wanted);
        self.ledger.add_profile(buyer);
        self.ledger.bid(buyer, bid);
        self.join_calendar(slot);
        self.policies.welcome(slot);
        let row = (command.vertical, rank_key(command.tier, bid, step.sequence));
        let lists = (wanted.clauses, wanted.values);
        self.exclude(wanted.clauses);
        let inexact = self.targeting.insert((slot, slot), row, lists, command.live_mode, &self.schema);
        self.profiles.get_mut(slot).inexact = inexact;
        self.describe_rows(slot);
        self.refresh(slot, step.at);
        events.push(event);
        Ok(Done::Accepted)
    }

    /// The lines for what these clauses exclude are there from now on.
    pub(super) fn exclude(&mut self, clauses: &[Clause]) {
        for clause in clauses.iter().filter(|clause| clause.test.is_excluding()) {
            if let Some(lines) = self.schema.exclude(clause.attribute) {
                self.targeting.exclude(clause.attribute, &lines);
            }
        }
    }

    fn judge_profile_fields(&self, command: &CreateProfile<'_>) -> Result<(), Reject> {
        judge_lists(&self.genesis.limits, &command.clauses, &command.values)?;
        if command.destinations.overflowed() {
            return Err(Reject::CommandTooLarge);
        }
        let amounts = [command.bid, command.caps.daily_budget];
        if !amounts.iter().flatten().all(|amount| amount.is_amount()) {
            return Err(Reject::AmountOutOfRange);
        }
        let caps = &command.caps;
        let zero_cap = caps.concurrency == Some(0) || [caps.hourly, caps.daily, caps.total].contains(&Some(0));
        let rings = command.destinations.iter().all(|target| (Millis(1)..=RING_MAX).contains(&target.ring));
        let tests = tests_can_be(&command.clauses);
        let vertical = command.vertical.0 < self.genesis.limits.verticals_max;
        if command.tier == 0 || zero_cap || !rings || !tests || !vertical || !term_is_possible(command.pay_term) {
            return Err(Reject::ValueOutOfRange);
        }
        let reachable = command.destinations.iter().all(|target| !target.destination.as_bytes().is_empty());
        if command.destinations.is_empty() || !reachable {
            return Err(Reject::TextOutOfRange);
        }
        Ok(())
    }

    pub(super) fn judge_clauses(&self, clauses: &[Clause], mut values: &[ValueCode]) -> Result<(), Reject> {
        for (place, clause) in clauses.iter().enumerate() {
            let (listed, rest) = values.split_at(clause.test.listed());
            values = rest;
            self.judge_clause(clause, listed)?;
            let same_sense = |earlier: &Clause| {
                earlier.attribute == clause.attribute && earlier.test.is_excluding() == clause.test.is_excluding()
            };
            if clauses[..place].iter().any(same_sense) {
                return Err(Reject::ClauseRepeated);
            }
        }
        Ok(())
    }

    pub(super) fn judge_clause(&self, clause: &Clause, listed: &[ValueCode]) -> Result<(), Reject> {
        let kind = self.schema.attribute(clause.attribute).ok_or(Reject::AttributeUnknown)?.kind;
        let suits = match clause.test {
            Test::AnyOf { .. } | Test::NoneOf { .. } | Test::InSet { .. } | Test::NotInSet { .. } => {
                matches!(kind, Kind::Category { .. } | Kind::Set { .. })
            }
            Test::Range { .. } => matches!(kind, Kind::Integer { .. }),
            Test::Is { .. } => kind == Kind::Boolean,
            Test::Near { .. } => kind == Kind::Point,
        };
        if !suits {
            return Err(Reject::AttributeKindMismatch);
        }
        match clause.test {
            Test::AnyOf { .. } | Test::NoneOf { .. } => {
                let known = |code: &ValueCode| self.schema.vocabulary.is_defined(clause.attribute, *code);
                if !listed.iter().all(known) {
                    return Err(Reject::ValueUnknown);
                }
                if listed.is_empty() { Err(Reject::ClauseEmpty) } else { Ok(()) }
            }
            Test::InSet { set } | Test::NotInSet { set } => {
                let complete = self.schema.value_sets.is_complete(set, clause.attribute);
                if complete { Ok(()) } else { Err(Reject::ValueSetUnknown) }
            }
            Test::Range { .. } | Test::Is { .. } | Test::Near { .. } => Ok(()),
        }
    }

    fn profile_body(&self, command: &CreateProfile<'_>) -> u64 {
        let caps = &command.caps;
        let body = Body::new(self.genesis.seed, 5)
            .word(command.vertical.0)
            .word(command.tier)
            .optional_money(command.bid)
            .term(command.pay_term)
            .optional(caps.concurrency.map(u64::from))
            .optional(caps.hourly.map(u64::from))
            .optional(caps.daily.map(u64::from))
            .optional(caps.total.map(u64::from))
            .optional_money(caps.daily_budget)
            .word(u64::from(command.live_mode))
            .optional_wide(command.hours.map(|calendar| calendar.0))
            .clauses(&command.clauses);
        let body = command.values.iter().fold(body, |body, code| body.word(code.0));
        let dialled = |body: Body, target: &DialTarget| body.bytes(target.destination.as_bytes()).word(target.ring.0);
        command.destinations.iter().fold(body, dialled).finish()
    }
}

/// Whether a conjunction's lists fit their room and belong together.
pub(super) fn judge_lists(
    limits: &Limits,
    clauses: &List<'_, Clause, CLAUSES_MAX>,
    values: &List<'_, ValueCode, CLAUSE_VALUES_MAX>,
) -> Result<(), Reject> {
    let listed: usize = clauses.iter().map(|clause| clause.test.listed()).sum();
    let overflowed = clauses.overflowed() || values.overflowed();
    let too_many =
        clauses.len() > usize::from(limits.clauses_max) || values.len() > usize::from(limits.clause_values_max);
    if overflowed || too_many || listed != values.len() { Err(Reject::CommandTooLarge) } else { Ok(()) }
}

/// Whether each clause asks something that can be.
pub(super) fn tests_can_be(clauses: &[Clause]) -> bool {
    clauses.iter().all(|clause| match clause.test {
        Test::Range { low, high } => low < high,
        Test::Near { centre, radius } => centre.is_valid() && (Metres(1)..=Metres::RADIUS_MAX).contains(&radius),
        Test::AnyOf { .. } | Test::NoneOf { .. } | Test::InSet { .. } | Test::NotInSet { .. } | Test::Is { .. } => true,
    })
}
