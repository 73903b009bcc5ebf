//! A buyer puts a profile into a group.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, GroupId, ProfileId};
use crate::quotas::NONE;
use crate::reject::Reject;

/// Puts a profile into a group of its buyer's, whose quota it shares from its next win on, or takes it out of the one it is
/// in. What it won before stays counted where it was. A group comes to be when it is first named.
///
/// # Refused
///
/// `AccountUnknown`, `ProfileUnknown`, `GroupsFull`, `SettingsFull`.
///
/// # Events
///
/// `GroupSet`; a repeat when the profile is of that group, or of none, already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetGroup {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// The group; `None` is none.
    pub group: Option<GroupId>,
}

impl SetGroup {
    /// `profile` of `buyer` is of `group`.
    #[must_use]
    pub const fn new(buyer: AccountId, profile: ProfileId, group: Option<GroupId>) -> Self {
        Self { buyer, profile, group }
    }
}

impl Exchange {
    pub(crate) fn set_group(&mut self, step: Step, command: &SetGroup, events: &mut Events) -> Result<Done, Reject> {
        let &SetGroup { buyer, profile, group } = command;
        let slot = self.find_profile(buyer, profile)?;
        let record = self.profiles.get(slot);
        let (buyer_slot, created) = (record.buyer, record.created);
        let known = group.map(|group| self.quotas.find_group(buyer_slot, group));
        let (present, grouped) = self.quotas.group_of(self.settings.of(slot));
        let event = Event::GroupSet { buyer, profile, group };
        let is_so = match known {
            None => present == NONE,
            Some(known) => known == Some(present),
        };
        if is_so {
            events.push(event);
            return Ok(Done::Repeated(grouped.max(created)));
        }
        if known == Some(None) && self.quotas.groups_are_full() {
            return Err(Reject::GroupsFull);
        }
        self.judge_settings(slot)?;
        let joined = match group {
            None => NONE,
            Some(group) => {
                known.flatten().unwrap_or_else(|| self.quotas.create_group(buyer_slot, group, step.sequence))
            }
        };
        let settings = self.give_settings(slot);
        self.quotas.join((slot, settings), joined, step.sequence);
        self.mark_quotas(slot);
        events.push(event);
        Ok(Done::Accepted)
    }
}
