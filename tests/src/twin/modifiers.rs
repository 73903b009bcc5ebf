//! What a standing bid comes to on a call (section 5, modifiers).

use dce_engine::units::Money;

use super::action::{Action, Change, FactValue, Kind, Modifier, ModifierValue};
use super::codes::{Refusal, refusal};
use super::outcome::Outcome;
use super::state::{Call, ProfileKey};
use super::{Done, Twin, Verb};

impl Twin {
    pub(super) fn set_modifiers(&mut self, action: &Action) -> Verb {
        let Action::SetModifiers { buyer, profile, max, modifiers } = action else { unreachable!() };
        self.must_have_account(*buyer)?;
        for modifier in modifiers {
            self.check_modifier(modifier)?;
        }
        let this = self.this();
        let modified = |max: Option<Money>, modifiers: &[Modifier]| max.is_some() || !modifiers.is_empty();
        let others = self
            .profiles
            .iter()
            .filter(|(key, known)| **key != (*buyer, *profile) && modified(known.max, &known.modifiers));
        let full = others.count() >= self.capacities.modified_max as usize;
        let key = (*buyer, *profile);
        if !self.profiles.contains_key(&key) {
            return Err(refusal::PROFILE_UNKNOWN);
        }
        let has_settings = self.must_have_settings(key);
        let known = self.profile_mut(key);
        let done = if (known.max, &known.modifiers) == (*max, modifiers) {
            Done::Repeat(known.modifiers_changed)
        } else {
            if full && modified(*max, modifiers) {
                return Err(refusal::RULES_FULL);
            }
            has_settings?;
            (known.max, known.modifiers) = (*max, modifiers.clone());
            (known.modifiers_changed, known.bid_place) = (this, this);
            Done::New
        };
        self.tell(Outcome::ModifiersSet { buyer: *buyer, profile: *profile });
        Ok(done)
    }

    fn check_modifier(&self, modifier: &Modifier) -> Result<(), Refusal> {
        let Some(known) = self.attributes.get(&modifier.attribute) else { return Err(refusal::ATTRIBUTE_UNKNOWN) };
        match (modifier.value, known.kind) {
            (ModifierValue::Code(code), Kind::Category { .. } | Kind::Set { .. }) => {
                if known.values.contains_key(&code) { Ok(()) } else { Err(refusal::VALUE_UNKNOWN) }
            }
            (ModifierValue::Flag(_), Kind::Boolean) | (ModifierValue::Range { .. }, Kind::Integer { .. }) => Ok(()),
            _ => Err(refusal::ATTRIBUTE_KIND_MISMATCH),
        }
    }

    /// The standing bid as it is on this call, if there is one then.
    pub(super) fn standing_on(&self, call: &Call, key: ProfileKey) -> Option<Money> {
        let profile = &self.profiles[&key];
        let meant: Vec<&Modifier> = profile.modifiers.iter().filter(|modifier| has(call, modifier)).collect();
        let highest = i128::from(Money::AMOUNT_MAX.micros());
        let mut amount = i128::from(profile.bid?.micros());
        for modifier in &meant {
            if let Change::Multiply(times) = modifier.change {
                amount = (amount * i128::from(times)).div_euclid(10_000).min(highest);
            }
        }
        for modifier in &meant {
            if let Change::Add(more) = modifier.change {
                amount += i128::from(more.micros());
            }
        }
        let most = profile.max.map_or(highest, |max| i128::from(max.micros()));
        (amount >= 1).then(|| Money::from_micros(amount.min(most) as i64))
    }
}

/// Whether the call has the value the modifier is for.
fn has(call: &Call, modifier: &Modifier) -> bool {
    let facts = call.facts.get(&modifier.attribute);
    facts.into_iter().flatten().any(|fact| match (modifier.value, *fact) {
        (ModifierValue::Code(wanted), FactValue::Code(code)) => code == wanted,
        (ModifierValue::Flag(wanted), FactValue::Flag(flag)) => flag == wanted,
        (ModifierValue::Range { low, high }, FactValue::Number(number)) => (low..high).contains(&number),
        _ => false,
    })
}
