//! What commands that set something of a profile share: the number by which the rooms keep it.

use crate::exchange::Exchange;
use crate::policies::Grade;
use crate::quotas::Owner;
use crate::reject::Reject;
use crate::settings::DEFAULT;

impl Exchange {
    /// Whether there is room for settings of this profile, once all else is judged.
    pub(crate) fn judge_settings(&self, slot: u32) -> Result<(), Reject> {
        let has_room = self.settings.of(slot) != DEFAULT || !self.settings.is_full();
        if has_room { Ok(()) } else { Err(Reject::SettingsFull) }
    }

    /// The number by which this profile's settings are changed; judged that there is one.
    pub(crate) fn give_settings(&mut self, slot: u32) -> u32 {
        self.settings.give(slot)
    }

    /// What is said of the profile to policies.
    #[inline]
    pub(crate) fn grade_of(&self, slot: u32) -> &Grade {
        self.policies.grade(self.settings.of(slot))
    }

    /// Whose quota the profile's own is.
    pub(crate) fn quota_owner(&self, profile: u32) -> Owner {
        Owner::Profile { profile, settings: self.settings.of(profile) }
    }

    /// The profile goes, and all that was set of it.
    pub(crate) fn forget_settings(&mut self, slot: u32) {
        let number = self.settings.of(slot);
        if number == DEFAULT {
            return;
        }
        self.modifiers.forget(number);
        self.callers.duplicates.forget_profile(number);
        self.quotas.forget(number);
        self.delivery.forget_profile(number);
        self.policies.forget(number);
        self.settings.take_back(slot);
    }
}
