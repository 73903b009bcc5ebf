//! What a profile's record says about its row: may it win, not before some moment, or not until something changes?

use crate::exchange::Exchange;
use crate::targeting::RowState;
use crate::units::{Money, Timestamp};

impl Exchange {
    /// Writes the profile's row anew, after anything about its record changed.
    pub(crate) fn refresh(&mut self, slot: u32, at: Timestamp) {
        let state = self.row_state(slot, at);
        self.targeting.set_state(slot, state, at);
    }

    /// Errs towards awake: an awake row is looked at, a sleeping one is not.
    fn row_state(&self, slot: u32, at: Timestamp) -> RowState {
        let profile = self.profiles.get(slot);
        let caps = &profile.caps;
        let silent = profile.bid == Money::ZERO && !profile.live_mode;
        if profile.paused || silent || caps.is_busy_or_used_up() {
            return RowState::Off;
        }
        if !self.is_open(profile.hours, profile.zone, at) {
            // Without an opening in sight a change of the zone's clocks may still bring one: `Off` would sleep through it.
            return RowState::Asleep(self.opens_at(profile.hours, profile.zone, at).unwrap_or(Timestamp::MAX));
        }
        if caps.has_no_windows() {
            return RowState::Awake;
        }
        let now = self.zones.periods(profile.zone, at);
        // An invitation asks for no money, so a spent budget does not silence a profile in live mode.
        let spent = !profile.live_mode && caps.budget_left(now).is_some_and(|left| profile.bid > left);
        let (day_full, hour_full) = caps.windows_full(now);
        if !(spent || day_full || hour_full) {
            return RowState::Awake;
        }
        let (next_hour, next_day) = self.zones.next_boundaries(profile.zone, at);
        RowState::Asleep(if spent || day_full { next_day } else { next_hour })
    }
}
