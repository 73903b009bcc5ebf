//! Whether an auction has anything left to wait for.

use crate::auctions::{Answer, Invited};
use crate::event::Events;
use crate::exchange::{Exchange, Step};
use crate::profiles::Profile;

impl Exchange {
    /// Closes and decides an auction that closes early, once no invited profile that is still out can win. Asked at its
    /// opening and after every bid and pass in it.
    pub(crate) fn close_if_settled(&mut self, live: u32, step: Step, events: &mut Events) {
        if !self.auctions.ending(self.calls.live(live).auction).early_close || !self.is_settled(live, step) {
            return;
        }
        let record = self.calls.live(live).record;
        self.calls.record_mut(record).changed = step.sequence;
        self.close_window(live, step, events);
    }

    /// Whether nobody is awaited: `docs/rules.md`, section 7.
    fn is_settled(&self, live: u32, step: Step) -> bool {
        let call = self.calls.live(live);
        let withdrawable = self.listings.get(self.calls.record(call.record).listing).withdrawable;
        let has_spoken = |slot| match self.auctions.answer(call.auction, slot, step.at) {
            Answer::Passed => true,
            // A bid that may be taken back is not the last word.
            Answer::Live(_) => !withdrawable,
            Answer::None | Answer::Expired => false,
        };
        let question = self.question(live, step.at);
        let may_win = |profile: &Profile| !profile.paused && self.is_let_in(&question, profile.buyer);
        let still_out = |invited: &&Invited| {
            let profile = self.profiles.get_created(invited.profile, invited.created);
            profile.is_some_and(may_win) && !has_spoken(invited.profile)
        };
        let tier_of = |invited: &Invited| self.profiles.get(invited.profile).tier;
        let invited = self.auctions.invited(call.auction);
        let Some(best_out) = invited.iter().filter(still_out).map(tier_of).min() else { return true };
        let (best, ..) = self.choose(&question, 1, None);
        best.as_slice().first().is_some_and(|(_, leader)| leader.tier < best_out)
    }
}
