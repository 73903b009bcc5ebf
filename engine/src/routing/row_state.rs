//! What a profile's record says about its row: may it win, not before some moment, or not until something changes?

use crate::exchange::Exchange;
use crate::profiles::Ruled;
use crate::quotas::{NONE, Owner, Shut};
use crate::targeting::{Brief, RowState, rank_key};
use crate::units::{Money, Timestamp};

impl Exchange {
    /// Writes the profile's row anew, after anything about its record changed.
    pub(crate) fn refresh(&mut self, slot: u32, at: Timestamp) {
        let state = (self.row_state(slot, at), self.is_free(slot));
        self.targeting.set_state(slot, state, at);
        if self.profiles.get(slot).ruled.has(Ruled::CONJUNCTIONS) {
            for (further, _) in self.conjunctions.of(slot) {
                self.targeting.set_state(self.targeting.further_row(further), state, at);
            }
        }
    }

    /// Writes anew what the profile's rows say of its record, after anything changed there that is not a count.
    pub(crate) fn describe_rows(&mut self, slot: u32) {
        let brief = self.brief(slot);
        self.targeting.describe(slot, brief);
        for (further, _) in self.conjunctions.of(slot) {
            self.targeting.describe(self.targeting.further_row(further), brief);
        }
    }

    /// What a decision reads of the record, unless counts matter.
    pub(crate) fn brief(&self, slot: u32) -> Brief {
        let profile = self.profiles.get(slot);
        Brief {
            profile: slot,
            buyer: profile.buyer,
            hours: profile.hours,
            inexact: profile.inexact,
            pay_term: profile.pay_term,
            zone: profile.zone,
            ruled: profile.ruled,
            check: profile.only_check(),
            profile_id: profile.id,
            buyer_id: profile.buyer_id,
        }
    }

    /// Whether nothing on the record keeps the profile's standing bid from winning, now or later, until the record
    /// changes: no window of time is full, so none that is gone back to can be either.
    pub(crate) fn is_free(&self, slot: u32) -> bool {
        let profile = self.profiles.get(slot);
        let bids = profile.bid > Money::ZERO && !profile.ruled.has(Ruled::MODIFIERS);
        bids && !profile.paused && profile.caps.has_room_at_any_time(profile.bid)
    }

    /// Gives all rows of a profile the rank that its record says.
    pub(crate) fn rank_rows(&mut self, slot: u32) {
        let key = self.row_key(slot);
        self.targeting.rank(slot, key);
        for (further, _) in self.conjunctions.of(slot) {
            self.targeting.rank(self.targeting.further_row(further), key);
        }
    }

    /// The best rank the profile's standing bid can have on any call.
    pub(crate) fn row_key(&self, slot: u32) -> u128 {
        let profile = self.profiles.get(slot);
        let ceiling = self.modifiers.of(slot).map_or(profile.bid, |modifiers| modifiers.ceiling(profile.bid));
        rank_key(profile.tier, if profile.bid == Money::ZERO { Money::ZERO } else { ceiling }, profile.bid_sequence)
    }

    /// Errs towards awake: an awake row is looked at, a sleeping one is not.
    fn row_state(&self, slot: u32, at: Timestamp) -> RowState {
        let profile = self.profiles.get(slot);
        let caps = &profile.caps;
        let silent = profile.bid == Money::ZERO && !profile.live_mode;
        if profile.paused || silent || caps.is_busy_or_used_up() {
            return RowState::Off;
        }
        if profile.ruled.has(Ruled::QUOTAS)
            && let Some(shut) = self.shut_by_own_quota(slot, at)
        {
            return shut;
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
        let spent = !profile.live_mode && caps.budget_left(now).is_some_and(|left| profile.bid_least() > left);
        let (day_full, hour_full) = caps.windows_full(now);
        if !(spent || day_full || hour_full) {
            return RowState::Awake;
        }
        let (next_hour, next_day) = self.zones.next_boundaries(profile.zone, at);
        RowState::Asleep(if spent || day_full { next_day } else { next_hour })
    }

    /// Until when the profile's own quota lets nothing through, if it does not. Whatever may open it before, a count given
    /// back, a call that ends, other rules, writes the row anew; spacing and the ends of periods only wait. Pace is not
    /// asked: a row that is ahead of it stays awake.
    fn shut_by_own_quota(&self, slot: u32, at: Timestamp) -> Option<RowState> {
        let quota = self.quotas.of(Owner::Profile(slot));
        if quota == NONE {
            return None;
        }
        let profile = self.profiles.get(slot);
        // Invitations do not ask for money.
        let least = if profile.live_mode { Money::ZERO } else { profile.bid_least() };
        let now = self.quota_now_at(quota, at);
        let ends = self.quotas.get(quota).shut_until(&now, least)?;
        let passes = |end| self.passes(profile.zone, at, end);
        Some(match ends {
            Shut::UntilSaid => RowState::Off,
            Shut::Until { wall, moment } => RowState::Asleep(moment.max(wall.map_or(at, passes))),
        })
    }
}
