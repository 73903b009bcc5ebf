//! A buyer bids more for some calls and less for others.

use crate::collections::List;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, AttributeId, ProfileId, ValueCode};
use crate::limits::MODIFIERS_MAX;
use crate::profiles::Ruled;
use crate::reject::Reject;
use crate::terms::{Change, Kind, Modifier, ModifierValue};
use crate::units::Money;

/// Sets what becomes of a profile's standing bid on calls with certain values, all of it anew. Live bids are what they are.
///
/// The bid's place in time is that of this command, as if its amount had changed.
///
/// # Refused
///
/// `CommandTooLarge` (more than [`MODIFIERS_MAX`] modifiers), `AmountOutOfRange` (the maximum; an addition of zero or beyond
/// `Money::AMOUNT_MAX`), `ValueOutOfRange` (a multiplication above a hundredfold, an empty range), `AccountUnknown`, for
/// each modifier in order `AttributeUnknown`, `AttributeKindMismatch`, `ValueUnknown`; then `ProfileUnknown`, `RulesFull`
/// (`modified_max` other profiles have modifiers), `SettingsFull`.
///
/// # Events
///
/// `ModifiersSet`; a repeat when they are just so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetModifiers<'a> {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// The most the standing bid may come to.
    pub max: Option<Money>,
    /// What changes it. Multiplications come before additions, each in this order.
    pub modifiers: List<'a, Modifier, MODIFIERS_MAX>,
}

impl<'a> SetModifiers<'a> {
    /// `profile` bids the same for every call: what holds until it is set otherwise.
    #[must_use]
    pub fn of(buyer: AccountId, profile: ProfileId) -> Self {
        Self { buyer, profile, max: None, modifiers: List::new() }
    }

    /// Never more than this.
    #[must_use]
    pub fn max(mut self, max: Money) -> Self {
        self.max = Some(max);
        self
    }

    /// This change for calls with this value.
    #[must_use]
    pub fn value(self, attribute: AttributeId, code: ValueCode, change: Change) -> Self {
        self.modifier(Modifier { attribute, value: ModifierValue::Code(code), change })
    }

    /// This change for calls with this answer.
    #[must_use]
    pub fn flag(self, attribute: AttributeId, flag: bool, change: Change) -> Self {
        self.modifier(Modifier { attribute, value: ModifierValue::Flag(flag), change })
    }

    /// This change for calls with a number in `low..high`.
    #[must_use]
    pub fn range(self, attribute: AttributeId, (low, high): (i64, i64), change: Change) -> Self {
        self.modifier(Modifier { attribute, value: ModifierValue::Range { low, high }, change })
    }

    /// This one too.
    #[must_use]
    pub fn modifier(mut self, modifier: Modifier) -> Self {
        self.modifiers.push(modifier);
        self
    }

    /// These, borrowed instead of copied, in place of those given so far: what a front end does.
    #[must_use]
    pub fn modifiers(mut self, modifiers: &'a [Modifier]) -> Self {
        self.modifiers = List::borrowed(modifiers);
        self
    }
}

impl Exchange {
    pub(crate) fn set_modifiers(
        &mut self,
        step: Step,
        command: &SetModifiers<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        judge_modifier_fields(command)?;
        let &SetModifiers { buyer, profile, max, ref modifiers } = command;
        self.accounts.find(buyer)?;
        modifiers.iter().try_for_each(|modifier| self.judge_modifier(modifier))?;
        let slot = self.find_profile(buyer, profile)?;
        let event = Event::ModifiersSet { buyer, profile };
        let known = self.modifiers.of(self.settings.of(slot));
        let (known_max, known_list) = known.map_or((None, &[][..]), |known| (known.max, known.as_slice()));
        if (known_max, known_list) == (max, modifiers.as_slice()) {
            events.push(event);
            let changed = self.modifiers.changed(self.settings.of(slot));
            return Ok(Done::Repeated(changed.max(self.profiles.get(slot).created)));
        }
        let is_plain = max.is_none() && modifiers.is_empty();
        if known.is_none() && !is_plain && self.modifiers.is_full() {
            return Err(Reject::RulesFull);
        }
        self.judge_settings(slot)?;
        let settings = self.give_settings(slot);
        let record = self.profiles.get_mut(slot);
        record.bid_sequence = step.sequence;
        if is_plain {
            record.ruled.set(Ruled::MODIFIERS, false);
            self.modifiers.remove(settings, step.sequence);
        } else {
            record.ruled.set(Ruled::MODIFIERS, true);
            self.modifiers.set(settings, max, modifiers, step.sequence);
        }
        self.rank_rows(slot);
        self.describe_rows(slot);
        self.refresh(slot, step.at);
        events.push(event);
        Ok(Done::Accepted)
    }

    fn judge_modifier(&self, modifier: &Modifier) -> Result<(), Reject> {
        let kind = self.schema.attribute(modifier.attribute).ok_or(Reject::AttributeUnknown)?.kind;
        match (modifier.value, kind) {
            (ModifierValue::Code(code), Kind::Category { .. } | Kind::Set { .. }) => {
                let defined = self.schema.vocabulary.is_defined(modifier.attribute, code);
                if defined { Ok(()) } else { Err(Reject::ValueUnknown) }
            }
            (ModifierValue::Flag(_), Kind::Boolean) | (ModifierValue::Range { .. }, Kind::Integer { .. }) => Ok(()),
            _ => Err(Reject::AttributeKindMismatch),
        }
    }
}

fn judge_modifier_fields(command: &SetModifiers<'_>) -> Result<(), Reject> {
    if command.modifiers.overflowed() {
        return Err(Reject::CommandTooLarge);
    }
    let amount_can_be = |modifier: &Modifier| match modifier.change {
        Change::Multiply(_) => true,
        Change::Add(amount) => amount.is_amount() || (amount >= -Money::AMOUNT_MAX && amount < Money::ZERO),
    };
    if command.max.is_some_and(|max| !max.is_amount()) || !command.modifiers.iter().all(amount_can_be) {
        return Err(Reject::AmountOutOfRange);
    }
    let value_can_be = |modifier: &Modifier| match modifier.value {
        ModifierValue::Range { low, high } => low < high,
        ModifierValue::Code(_) | ModifierValue::Flag(_) => true,
    };
    let can_be = |modifier: &Modifier| value_can_be(modifier) && modifier.change.is_possible();
    if command.modifiers.iter().all(can_be) { Ok(()) } else { Err(Reject::ValueOutOfRange) }
}
