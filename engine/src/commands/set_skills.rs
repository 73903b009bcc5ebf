//! The operator says what a profile knows.

use crate::collections::List;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ProfileId, SkillId};
use crate::limits::PROFILE_SKILLS_MAX;
use crate::reject::Reject;
use crate::terms::{SkillLevel, levels_can_be, skills_rise};

/// Sets a profile's skills, all of them anew. It has none before.
///
/// They are the operator's to give: who graded itself would be the best at everything.
///
/// # Refused
///
/// `CommandTooLarge` (more than [`PROFILE_SKILLS_MAX`]), `ValueOutOfRange` (a level outside 1 to 100), `AccountUnknown`,
/// `SkillsNotAscending`, `ProfileUnknown`, `SettingsFull`.
///
/// # Events
///
/// `SkillsSet`; a repeat when they are just so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetSkills<'a> {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// What it knows, and how well, ascending.
    pub skills: List<'a, SkillLevel, PROFILE_SKILLS_MAX>,
}

impl<'a> SetSkills<'a> {
    /// `profile` of `buyer`, knowing nothing.
    #[must_use]
    pub fn new(buyer: AccountId, profile: ProfileId) -> Self {
        Self { buyer, profile, skills: List::new() }
    }

    /// It knows `skill`, which is above those given so far, at `level`.
    #[must_use]
    pub fn with(mut self, skill: SkillId, level: u8) -> Self {
        self.skills.push(SkillLevel { skill, level });
        self
    }

    /// These skills, borrowed instead of copied, in place of those given so far: what a front end does.
    #[must_use]
    pub fn skills(mut self, skills: &'a [SkillLevel]) -> Self {
        self.skills = List::borrowed(skills);
        self
    }
}

impl Exchange {
    pub(crate) fn set_skills(
        &mut self,
        step: Step,
        command: &SetSkills<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &SetSkills { buyer, profile, .. } = command;
        if command.skills.overflowed() {
            return Err(Reject::CommandTooLarge);
        }
        if !levels_can_be(&command.skills) {
            return Err(Reject::ValueOutOfRange);
        }
        let buyer_slot = self.accounts.find(buyer)?;
        if !skills_rise(&command.skills) {
            return Err(Reject::SkillsNotAscending);
        }
        let slot = self.profiles.find(buyer_slot, profile).ok_or(Reject::ProfileUnknown)?;
        let event = Event::SkillsSet { buyer, profile };
        let grade = self.grade_of(slot);
        if grade.skills() == command.skills.as_slice() {
            events.push(event);
            return Ok(Done::Repeated(self.profiles.get(slot).created.max(grade.skilled)));
        }
        self.judge_settings(slot)?;
        let settings = self.give_settings(slot);
        self.policies.grade_mut(settings).set_skills(&command.skills, step.sequence);
        events.push(event);
        Ok(Done::Accepted)
    }
}
