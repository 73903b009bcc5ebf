//! What a profile's record says about its row: may it win, not before some moment, or not until something changes?

use crate::calendars::NONE as ALWAYS_OPEN;
use crate::exchange::Exchange;
use crate::profiles::Ruled;
use crate::quotas::{NONE, Shut};
use crate::targeting::{Aside, Brief, RowState, rank_key};
use crate::units::{Money, Timestamp};

impl Exchange {
    /// Writes the profile's row anew, after anything about its record changed.
    pub(crate) fn refresh(&mut self, slot: u32, at: Timestamp) {
        let (profile, is_free) = (self.profiles.get(slot), self.is_free(slot));
        // Most of those that win can win again, whatever the time.
        let always = is_free && profile.hours == ALWAYS_OPEN && profile.ruled == Ruled::NONE;
        let state = (if always { RowState::Awake } else { self.row_state(slot, at) }, is_free);
        debug_assert_eq!(state.0, self.row_state(slot, at), "a free row without rules is awake");
        self.targeting.set_state(slot, state, at);
        if self.profiles.get(slot).ruled.has(Ruled::CONJUNCTIONS) {
            for (further, _) in self.conjunctions.of(slot) {
                self.targeting.set_state(self.targeting.further_row(further), state, at);
            }
        }
    }

    /// Writes anew what the profile's rows say of its record, after anything changed there that is not a count.
    pub(crate) fn describe_rows(&mut self, slot: u32) {
        let said = (self.brief(slot), self.aside(slot));
        self.targeting.describe(slot, said);
        for (further, _) in self.conjunctions.of(slot) {
            self.targeting.describe(self.targeting.further_row(further), said);
        }
    }

    /// What a decision reads of the record, unless counts matter; but for the one clause that the index cannot decide.
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
        }
    }

    /// What few decisions read of it; the clause that the index cannot decide, if it is one and all that has to be looked at.
    pub(crate) fn aside(&self, slot: u32) -> Aside {
        let profile = self.profiles.get(slot);
        let mut check = None;
        if profile.inexact != 0 && !profile.ruled.has(Ruled::CONJUNCTIONS) {
            let mut checks = self.wants.clauses_on(slot, profile.inexact).map(|(clause, _)| clause);
            check = checks.next().filter(|check| check.test.listed() == 0 && checks.next().is_none());
        }
        Aside { check, profile_id: profile.id, buyer_id: self.accounts.get(profile.buyer).id }
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
        let ceiling =
            self.modifiers.of(self.settings.of(slot)).map_or(profile.bid, |modifiers| modifiers.ceiling(profile.bid));
        rank_key(profile.tier, if profile.bid == Money::ZERO { Money::ZERO } else { ceiling }, profile.bid_sequence)
    }

    /// For tests: whether the row must be looked at by now.
    pub(crate) fn is_awake(&self, slot: u32) -> bool {
        self.row_state(slot, self.last_at) == RowState::Awake
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
        let quota = self.quotas.of(self.quota_owner(slot));
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

/// That a row sleeps, and is free, changes no decision, so nobody outside can see it: only what it costs.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_764_072_000);
    const HOUR_ENDS: Timestamp = Timestamp::from_seconds(1_764_075_600);
    const DAY_ENDS: Timestamp = Timestamp::from_seconds(1_764_115_200);
    const BUYER: AccountId = AccountId(1);
    const SELLER: AccountId = AccountId(2);
    const PROFILE: ProfileId = ProfileId(1);
    const LISTING: ListingId = ListingId(1);

    /// A market at noon, with one profile that bids 10 and whatever else is said.
    struct Market(Exchange, Events);

    impl Market {
        fn with(profile: impl FnOnce(CreateProfile<'static>) -> CreateProfile<'static>) -> Self {
            Self::in_zone(&[], profile)
        }

        /// The buyer's clocks show what these transitions say, or UTC.
        fn in_zone(
            transitions: &[Transition],
            profile: impl FnOnce(CreateProfile<'static>) -> CreateProfile<'static>,
        ) -> Self {
            let exchange = Exchange::new(Genesis::new(Limits::small(), 7, USD)).expect("limits that can be");
            let mut market = Self(exchange, Events::new());
            let mut zone = ZoneId(0);
            if !transitions.is_empty() {
                zone = ZoneId(1);
                market.apply(&SetZone::new(zone, transitions).into());
            }
            market.apply(&OpenAccount::buyer(BUYER).zone(zone).deposit(usd("1000")).into());
            market.apply(&OpenAccount::seller(SELLER).into());
            market.apply(&CreateListing::of(SELLER, LISTING).into());
            let standing = CreateProfile::of(BUYER, PROFILE).bid(usd("10")).dial(b"sip:a@b", Millis(20_000));
            market.apply(&profile(standing).into());
            market
        }

        fn apply(&mut self, command: &Command<'_>) {
            self.0.apply(NOON, command, &mut self.1).expect("nothing is wrong with it");
        }

        /// One call is sold to the profile.
        fn sell(&mut self) {
            self.apply(&OfferCall::new(SELLER, CallId::at(NOON, 1), LISTING).into());
            assert!(self.1.iter().any(|event| matches!(event, Event::CallSold { .. })));
        }

        fn limit(&mut self, quota: impl FnOnce(SetQuota<'static>) -> SetQuota<'static>) {
            self.apply(&quota(SetQuota::new(BUYER, QuotaScope::Profile(PROFILE))).into());
        }

        fn state(&self) -> (RowState, bool) {
            let slot = self.0.profiles.find(self.0.accounts.find(BUYER).expect("open"), PROFILE).expect("created");
            (self.0.row_state(slot, NOON), self.0.is_free(slot))
        }
    }

    #[test]
    fn a_profile_with_room_everywhere_is_awake_and_free() {
        let caps = |profile: CreateProfile<'static>| profile.concurrency(2).hourly_cap(2).daily_cap(2).total_cap(2);
        let mut market = Market::with(|profile| caps(profile).daily_budget(usd("20")));
        assert_eq!(market.state(), (RowState::Awake, true));
        market.sell();
        assert_eq!(market.state(), (RowState::Awake, true), "one more fits");
        assert_eq!(Market::with(|profile| profile).state(), (RowState::Awake, true), "without caps");
    }

    #[test]
    fn a_profile_that_was_full_for_an_hour_sleeps_until_the_next() {
        let mut market = Market::with(|profile| profile.hourly_cap(1));
        market.sell();
        assert_eq!(market.state(), (RowState::Asleep(HOUR_ENDS), false));
    }

    #[test]
    fn one_whose_day_is_over_sleeps_until_midnight() {
        let mut market = Market::with(|profile| profile.daily_cap(1));
        market.sell();
        assert_eq!(market.state(), (RowState::Asleep(DAY_ENDS), false));
        let mut market = Market::with(|profile| profile.daily_budget(usd("19.99")));
        market.sell();
        assert_eq!(market.state(), (RowState::Asleep(DAY_ENDS), false), "what is left is less than the bid");
    }

    #[test]
    fn one_that_only_a_call_that_ends_or_a_command_can_free_is_off() {
        for mut market in [Market::with(|it| it.concurrency(1)), Market::with(|it| it.total_cap(1))] {
            market.sell();
            assert_eq!(market.state(), (RowState::Off, false));
        }
        let mut market = Market::with(|profile| profile);
        market.apply(&PauseProfile::new(BUYER, PROFILE).into());
        assert_eq!(market.state(), (RowState::Off, false));
    }

    #[test]
    fn a_quota_of_its_own_lets_it_sleep_from_the_bid_that_does_not_fit() {
        let mut market = Market::with(|profile| profile);
        market.limit(|quota| quota.rule(QuotaRule::money(Per::Day, usd("20"))));
        market.sell();
        assert_eq!(market.state().0, RowState::Awake, "just as much is left as it bids");
        let mut market = Market::with(|profile| profile);
        market.limit(|quota| quota.rule(QuotaRule::money(Per::Day, usd("19.99"))));
        market.sell();
        assert_eq!(market.state().0, RowState::Asleep(DAY_ENDS));
    }

    #[test]
    fn money_shuts_nobody_who_is_not_asked_for_any() {
        let mut market = Market::with(CreateProfile::live);
        market.limit(|quota| quota.rule(QuotaRule::money(Per::Day, usd("20"))));
        market.sell();
        market.limit(|quota| quota.rule(QuotaRule::money(Per::Day, usd("5"))));
        assert_eq!(market.state().0, RowState::Awake, "more is spent than may be, but an invitation costs nothing");
    }

    #[test]
    fn midnight_comes_by_the_clocks_that_will_be_set_by_then() {
        for (clocks_change, midnight) in [(DAY_ENDS, 4), (Timestamp::from_seconds(1_775_000_000), 5)] {
            let hours_west = |at, hours: i32| Transition { at, offset_seconds: -hours * 3_600 };
            let clocks = [hours_west(Timestamp::from_seconds(0), 5), hours_west(clocks_change, 4)];
            let mut market = Market::in_zone(&clocks, |profile| profile);
            market.limit(|quota| quota.rule(QuotaRule::calls(Counts::Attempts, Per::Day, 1)));
            market.sell();
            let midnight = Timestamp::from_micros(DAY_ENDS.micros() + midnight * 3_600_000_000);
            assert_eq!(market.state().0, RowState::Asleep(midnight));
        }
    }

    #[test]
    fn spacing_lets_it_sleep_until_it_may_win_again() {
        let mut market = Market::with(|profile| profile);
        market.limit(|quota| quota.spacing(Millis(90_000)));
        assert_eq!(market.state().0, RowState::Awake);
        market.sell();
        assert_eq!(market.state().0, RowState::Asleep(Timestamp::from_seconds(1_764_072_090)));
    }
}
