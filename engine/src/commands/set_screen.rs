//! A seller, or the platform, says which facts keep a call from being sold.

use crate::callers::Screen;
use crate::collections::List;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ListingId, Sequence, ValueCode};
use crate::limits::{SCREEN_RULES_MAX, SCREEN_VALUES_MAX};
use crate::reject::Reject;
use crate::terms::ScreenRule;

/// Sets the screen of a listing, of all of a seller's calls or, said by the platform, of all calls: the first rule that
/// refuses a call's facts names the reason, and the call is unsold before anybody is asked. Registries, signatures and
/// models speak at the edge and put what they say on the call as facts; the core judges it, the same on every replay.
///
/// Rules that were set before are replaced; no rules lift the screen.
///
/// # Refused
///
/// `CommandTooLarge` (more than [`SCREEN_RULES_MAX`] rules or [`SCREEN_VALUES_MAX`] values, or rules that count more or fewer
/// values than there are), `ValueOutOfRange` (a range, a place or a radius that cannot be; a reason that is neither about
/// compliance nor about fraud), `AccountReserved` (the world's), `AccountUnknown`, `AccountRoleMismatch` (a buyer), for each
/// rule in order `AttributeUnknown`, `AttributeKindMismatch`, `ValueUnknown`, `ValueSetUnknown`, `ClauseEmpty`; then
/// `ListingUnknown`, `ListingDelisted`, `ScreensFull`.
///
/// # Events
///
/// `ScreenSet`; a repeat when the screen is just so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetScreen<'a> {
    /// The seller, or the platform.
    pub account: AccountId,
    /// One listing of the account; `None` is all its calls, said by the platform all calls.
    pub listing: Option<ListingId>,
    /// What refuses, in order.
    pub rules: List<'a, ScreenRule, SCREEN_RULES_MAX>,
    /// The values the rules' clauses list, one rule after the other.
    pub values: List<'a, ValueCode, SCREEN_VALUES_MAX>,
}

impl<'a> SetScreen<'a> {
    /// Nothing refuses a call of `account`.
    #[must_use]
    pub fn new(account: AccountId) -> Self {
        Self { account, listing: None, rules: List::new(), values: List::new() }
    }

    /// Under this listing.
    #[must_use]
    pub fn listing(mut self, listing: ListingId) -> Self {
        self.listing = Some(listing);
        self
    }

    /// This refuses too, after the rules given so far. What its clause lists goes to [`SetScreen::values`].
    #[must_use]
    pub fn rule(mut self, rule: ScreenRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The values that the next rules list.
    #[must_use]
    pub fn values(mut self, values: impl IntoIterator<Item = ValueCode>) -> Self {
        self.values.extend(values);
        self
    }

    /// These rules and values, borrowed instead of copied, in place of those given so far: what a front end does.
    #[must_use]
    pub fn rules(mut self, rules: &'a [ScreenRule], values: &'a [ValueCode]) -> Self {
        self.rules = List::borrowed(rules);
        self.values = List::borrowed(values);
        self
    }
}

impl Exchange {
    pub(crate) fn set_screen(
        &mut self,
        step: Step,
        command: &SetScreen<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        judge_rules(command)?;
        let &SetScreen { account, listing, .. } = command;
        let (rules, values) = (command.rules.as_slice(), command.values.as_slice());
        let found = self.find_place(account, listing);
        // Whether the listing exists is asked after the clauses; the account comes first.
        if let Err(reject) = found
            && !matches!(reject, Reject::ListingUnknown | Reject::ListingDelisted)
        {
            return Err(reject);
        }
        let wanted = Screen::new(rules, values);
        for (rule, listed) in wanted.iter() {
            self.judge_clause(&rule.clause, listed)?;
        }
        let (place, created) = found?;
        let event = Event::ScreenSet { account, listing };
        let known = self.callers.screens.get(place);
        let set = known.map_or((&[][..], &[][..]), |known| (known.rules(), known.values()));
        if set == (rules, values) {
            let last = self.callers.screens.sequence(place);
            events.push(event);
            return Ok(Done::Repeated(if last == Sequence(0) { created } else { last }));
        }
        if known.is_none() && self.callers.screens.is_full() {
            return Err(Reject::ScreensFull);
        }
        self.callers.screens.set(place, (!rules.is_empty()).then_some(wanted), step.sequence);
        events.push(event);
        Ok(Done::Accepted)
    }
}

fn judge_rules(command: &SetScreen<'_>) -> Result<(), Reject> {
    let listed: usize = command.rules.iter().map(|rule| rule.clause.test.listed()).sum();
    if command.rules.overflowed() || command.values.overflowed() || listed != command.values.len() {
        return Err(Reject::CommandTooLarge);
    }
    let can_be = |rule: &ScreenRule| {
        let reason = rule.reason.is_compliance() || rule.reason.is_fraud();
        reason && rule.clause.test.is_possible()
    };
    if command.rules.iter().all(can_be) { Ok(()) } else { Err(Reject::ValueOutOfRange) }
}
