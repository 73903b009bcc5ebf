//! Whether an auction has anything left to wait for.

use super::{Candidate, Choice};
use crate::auctions::{Answer, Invited};
use crate::event::Events;
use crate::exchange::{Exchange, Step};
use crate::profiles::Profile;
use crate::units::Timestamp;

impl Exchange {
    /// Closes and decides an auction that closes early, once no invited profile that is still out can win; until then it
    /// waits no longer than the last of them may take. Asked at its opening and after every bid and pass in it.
    pub(crate) fn close_if_settled(&mut self, live: u32, step: Step, events: &mut Events) {
        if !self.auctions.closes_early(self.calls.live(live).auction) {
            return;
        }
        match self.awaited_until(live, step) {
            Some(until) if until == self.calls.deadline(live) => {}
            Some(until) => self.calls.set_deadline(live, until),
            None => {
                let record = self.calls.live(live).record;
                self.calls.record_mut(record).changed = step.sequence;
                self.close_window(live, step, events);
            }
        }
    }

    /// Until when the last of those that are awaited may answer: `docs/rules.md`, section 7. `None` when nobody is awaited.
    fn awaited_until(&self, live: u32, step: Step) -> Option<Timestamp> {
        let call = self.calls.live(live);
        let withdrawable = self.listings.get(self.calls.record(call.record).listing).withdrawable;
        let question = self.question(live, step.at);
        let may_win = |profile: &Profile| !profile.paused && self.is_let_in(&question, profile.buyer);
        // A bid that may be taken back is not the last word; until when the auction runs then, its bidder may change it.
        let is_out = |invited: &Invited| match self.auctions.answer(call.auction, invited.profile, step.at) {
            Answer::Passed => false,
            Answer::Live(_) => withdrawable,
            Answer::None | Answer::Expired => true,
        };
        let is_awaited = |invited: &&Invited| {
            let profile = self.profiles.get_created(invited.profile, invited.created);
            invited.answers_until > step.at && profile.is_some_and(may_win) && is_out(invited)
        };
        let mut awaited = self.auctions.invited(call.auction).iter().filter(is_awaited).peekable();
        awaited.peek()?;
        let mut choice = Choice::<1>::new();
        self.choose(&question, None, &mut choice);
        let to_beat = choice.ranked.as_slice().first().map_or(u8::MAX, Candidate::tier);
        let can_win = |invited: &&Invited| self.profiles.get(invited.profile).tier <= to_beat;
        awaited.filter(can_win).map(|invited| invited.answers_until).max()
    }
}
