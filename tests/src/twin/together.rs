//! Groups that dial together (section 8a): several attempts of one call ring, and the first answer wins.
//!
//! A call shows one attempt, the present one; the others that ring lie beside it. What is done to another is done after it
//! has become the present one.

use dce_engine::ids::{AccountId, GroupId};
use dce_engine::units::Timestamp;

use super::action::Scope;
use super::codes::{refusal, why};
use super::outcome::Outcome;
use super::standing::Candidate;
use super::state::{Attempt, Await, Call, CallKey, ProfileKey, Sale};
use super::{Done, Twin, Verb};

const ATTEMPTS_MAX: u8 = 8;
const RING_ALONG_MAX: usize = 4;
const MEMBERS_LOOKED_MAX: usize = 64;

impl Call {
    /// The present attempt, as one that could lie beside another.
    fn present(&self) -> Attempt {
        Attempt {
            attempt: self.attempt,
            sale: self.sale.expect("an attempt is a sale"),
            state: self.state,
            destination: self.destination,
            ring_until: self.ring_until,
            dial: self.clocks.dial,
            connect: self.clocks.connect,
            awaits: self.awaits.iter().filter(|wait| !is_listings(wait)).copied().collect(),
        }
    }

    /// This attempt is the present one.
    pub(super) fn present_is(&mut self, leg: Attempt) {
        self.attempt = leg.attempt;
        self.sale = Some(leg.sale);
        self.state = leg.state;
        self.destination = leg.destination;
        self.ring_until = leg.ring_until;
        (self.clocks.dial, self.clocks.connect) = (leg.dial, leg.connect);
        self.awaits.retain(is_listings);
        self.awaits.extend(leg.awaits);
    }

    /// The present attempt lies beside, until another is shown.
    fn put_aside(&mut self) {
        self.others.push(self.present());
        self.others.sort_by_key(|leg| leg.attempt);
        // What waits for it waits there.
        self.awaits.retain(is_listings);
    }

    /// Of the other attempts the one at this place is the present one, and the present one lies beside.
    fn show(&mut self, place: usize) {
        let shown = self.others.remove(place);
        self.put_aside();
        self.present_is(shown);
    }

    fn show_lowest(&mut self) {
        if self.others.first().is_some_and(|lowest| lowest.attempt < self.attempt) {
            self.show(0);
        }
    }

    /// The attempt and destination that a report names are the present ones; false if nothing rings there.
    pub(crate) fn show_leg(&mut self, attempt: u8, destination: u8) -> bool {
        let is_meant = |leg: &Attempt| (leg.attempt, leg.destination) == (attempt, usize::from(destination));
        if let Some(place) = self.others.iter().position(is_meant) {
            self.show(place);
        }
        (self.attempt, self.destination) == (attempt, usize::from(destination))
    }

    /// The sales of all attempts that ring or are answered, the present one first.
    pub(super) fn sales(&self) -> impl Iterator<Item = Sale> + '_ {
        self.present_sale().into_iter().chain(self.others.iter().map(|leg| leg.sale))
    }

    /// Every attempt that rings or is answered, the present one first.
    pub(super) fn legs(&self) -> Vec<Attempt> {
        let present = self.present_sale().map(|_| self.present());
        present.into_iter().chain(self.others.iter().cloned()).collect()
    }

    /// The sale to this profile, if one of its attempts is open.
    pub(super) fn sale_to(&self, profile: ProfileKey) -> Option<Sale> {
        self.sales().find(|sale| sale.winner == profile)
    }

    /// When the first of all attempts that ring is due.
    fn first_due(&self) -> Timestamp {
        self.others.iter().map(|leg| leg.ring_until).fold(self.ring_until, Timestamp::min)
    }
}

fn is_listings(wait: &Await) -> bool {
    matches!(wait.owner.1, Scope::Listing(_))
}

impl Twin {
    pub(super) fn set_together(&mut self, buyer: AccountId, group: GroupId, together: bool) -> Verb {
        self.must_have_role(buyer, super::Role::Buyer)?;
        let this = self.this();
        let done = match self.groups.get(&(buyer, group)) {
            Some((known, sequence)) if *known == together => Done::Repeat(*sequence),
            Some(_) => Done::New,
            None if self.groups.len() >= self.capacities.groups_max as usize => return Err(refusal::GROUPS_FULL),
            None => Done::New,
        };
        if matches!(done, Done::New) {
            self.groups.insert((buyer, group), (together, this));
        }
        self.tell(Outcome::TogetherSet { buyer, group, together });
        Ok(done)
    }

    /// Whether the profiles of a group are dialled together, if anybody ever named it.
    #[must_use]
    pub fn see_together(&self, group: (AccountId, GroupId)) -> Option<bool> {
        self.groups.get(&group).map(|(together, _)| *together)
    }

    /// Further members of the winner's group are dialled, if it dials together.
    pub(super) fn ring_along(&mut self, at: Timestamp, key: CallKey) {
        let won = self.call(key).sale.expect("somebody rings");
        let (buyer, over_others) = (won.winner.0, won.over_others);
        let Some(group) = won.group else { return };
        if !self.groups[&(buyer, group)].0 {
            return;
        }
        for member in self.members_in_order(at, key, (buyer, group)) {
            let call = self.call(key);
            let ring_elsewhere = self.calls.values().filter(|call| !call.others.is_empty()).count();
            let has_place = !call.others.is_empty() || ring_elsewhere < self.capacities.together_max as usize;
            if call.attempts == ATTEMPTS_MAX || call.others.len() == RING_ALONG_MAX || !has_place {
                break;
            }
            let Ok(candidate) = self.judge(at, key, member) else { continue };
            let price = self.price(key, &candidate, &[candidate]);
            self.call_mut(key).put_aside();
            self.sell(at, key, &candidate, price, over_others);
            self.dial(at, key, 0);
        }
        self.call_mut(key).show_lowest();
    }

    /// Of the members that joined the group first those that bid, in row order.
    fn members_in_order(&self, at: Timestamp, key: CallKey, (buyer, group): (AccountId, GroupId)) -> Vec<ProfileKey> {
        let is_member = |name: &ProfileKey| name.0 == buyer && self.profiles[name].group == Some(group);
        let mut members: Vec<ProfileKey> = self.profiles.keys().copied().filter(is_member).collect();
        members.sort_by_key(|name| self.profiles[name].grouped);
        members.truncate(MEMBERS_LOOKED_MAX);
        let bids = |name: &ProfileKey| {
            let (amount, place) = self.amount_of(at, self.call(key), *name).ok()?;
            Some(Candidate { key: *name, tier: self.profiles[name].terms.tier, amount, place })
        };
        let mut bidding: Vec<Candidate> = members.iter().filter_map(bids).collect();
        bidding.sort_by_key(Candidate::rank);
        bidding.into_iter().map(|candidate| candidate.key).collect()
    }

    /// The present attempt rings until then; something happens when the first of all attempts is due.
    pub(super) fn set_ringing(&mut self, key: CallKey, ring_until: Timestamp) {
        let call = self.call_mut(key);
        call.ring_until = ring_until;
        let first = call.first_due();
        self.set_deadline(key, first);
    }

    /// The attempt that is due, of equals the one with the lowest number, is the present one.
    pub(super) fn show_due(&mut self, key: CallKey) {
        let call = self.call_mut(key);
        let present = (call.ring_until, call.attempt);
        let due = call.others.iter().enumerate().map(|(place, leg)| ((leg.ring_until, leg.attempt), place)).min();
        if let Some((first, place)) = due
            && first < present
        {
            call.show(place);
        }
    }

    /// A leg failed and the next destination was dialled.
    pub(super) fn show_lowest(&mut self, key: CallKey) {
        self.call_mut(key).show_lowest();
    }

    /// The present attempt is over: whether the call goes on with another that rings.
    pub(super) fn rings_on(&mut self, key: CallKey) -> bool {
        let call = self.call_mut(key);
        if call.others.is_empty() {
            return false;
        }
        let next = call.others.remove(0);
        let ring_until = next.ring_until;
        call.present_is(next);
        self.set_ringing(key, ring_until);
        true
    }

    /// The present attempt is answered: the others come to nothing.
    pub(super) fn stop_others(&mut self, key: CallKey) {
        if self.call(key).others.is_empty() {
            return;
        }
        let answered = self.call(key).present();
        for other in std::mem::take(&mut self.call_mut(key).others) {
            self.call_mut(key).present_is(other);
            self.undo_hold(key);
            self.tell_failed(key, why::ANSWERED_ELSEWHERE);
        }
        self.call_mut(key).present_is(answered);
    }

    /// Every attempt is undone, the lowest first.
    pub(super) fn undo_all(&mut self, key: CallKey, is_outcome: bool) {
        self.call_mut(key).show_lowest();
        loop {
            self.undo_hold(key);
            if is_outcome {
                self.count_outcome(key, false);
            }
            let call = self.call_mut(key);
            if call.others.is_empty() {
                return;
            }
            let next = call.others.remove(0);
            call.present_is(next);
        }
    }
}
