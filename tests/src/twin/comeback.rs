//! Calls that come back: recovered, given back, fallen back; and profiles that do not answer (section 8).

use dce_engine::ids::{AccountId, ListingId};
use dce_engine::units::{Millis, Timestamp};

use super::action::{Answering, Clocks, Counts, Delivery, Scope};
use super::codes::{Why, refusal, why};
use super::outcome::{MoneyKind, Outcome, Step};
use super::settlement::is_met;
use super::state::{CallKey, Due, ProfileKey, State};
use super::{Done, Twin, Verb};

/// The number of the fallback's destination.
const FALLBACK: usize = 255;

impl Twin {
    pub(super) fn set_delivery(&mut self, key: (AccountId, ListingId), terms: &Delivery) -> Verb {
        self.must_have_account(key.0)?;
        let this = self.this();
        self.must_be_listed(key)?;
        let known = self.listings.get_mut(&key).expect("it is there");
        let done = if known.delivery == *terms {
            Done::Repeat(known.delivery_set)
        } else {
            (known.delivery, known.delivery_set) = (terms.clone(), this);
            Done::New
        };
        self.tell(Outcome::DeliverySet { seller: key.0, listing: key.1 });
        Ok(done)
    }

    pub(super) fn set_answering(&mut self, key: ProfileKey, terms: Answering) -> Verb {
        self.must_have_account(key.0)?;
        let this = self.this();
        if !self.profiles.contains_key(&key) {
            return Err(refusal::PROFILE_UNKNOWN);
        }
        let has_settings = self.must_have_settings(key);
        let known = self.profile_mut(key);
        let done = if known.answering == terms {
            Done::Repeat(known.answering_set)
        } else {
            has_settings?;
            (known.answering, known.answering_set) = (terms, this);
            known.unanswered.clear();
            Done::New
        };
        self.tell(Outcome::AnsweringSet { buyer: key.0, profile: key.1 });
        Ok(done)
    }

    /// Whether the price is held and clocks like these do not earn it.
    fn is_unearned(&self, key: CallKey, clocks: Clocks) -> bool {
        self.call(key).present_sale().is_some_and(|sale| {
            sale.revenue == Due::Held && !is_met(self.profiles[&sale.winner].terms.pay_term, clocks)
        })
    }

    pub(super) fn may_be_given_back(&self, key: CallKey, clocks: Clocks) -> bool {
        let Some(sale) = self.call(key).present_sale() else { return false };
        let window = self.profiles[&sale.winner].answering.reject_within;
        self.is_unearned(key, clocks) && u64::from(clocks.connect) < u64::from(window.0) * 1_000
    }

    /// The agent gave the call back: what is earned is paid, the rest is undone.
    pub(super) fn give_back(&mut self, at: Timestamp, key: CallKey) {
        self.settle(at, key, false);
        self.undo_hold(key);
        self.attempt_failed(key, why::AGENT_REJECTED);
        self.decide_again(at, key, why::AGENT_REJECTED);
    }

    pub(super) fn is_recovered(&self, key: CallKey) -> bool {
        let call = self.call(key);
        let terms = &self.listing_delivery(key);
        self.is_unearned(key, call.clocks)
            && u64::from(call.clocks.connect) < u64::from(terms.recover_below.0) * 1_000
            && call.recoveries < terms.recoveries_max
    }

    fn listing_delivery(&self, key: CallKey) -> Delivery {
        self.listings[&(key.0, self.call(key).listing)].delivery.clone()
    }

    /// The buyer's side left: the call counts, for it was answered; the money does not.
    pub(super) fn recover(&mut self, at: Timestamp, key: CallKey) {
        self.call_mut(key).recoveries += 1;
        self.settle(at, key, false);
        let sale = self.call(key).sale.expect("an unearned call was sold");
        self.profile_mut(sale.winner).calls_live -= 1;
        self.give_back_day_money(key);
        self.uncount(sale.number, &[Counts::Conversions, Counts::Money]);
        self.void_holds(key);
        self.attempt_failed(key, why::SHORT_CALL);
        self.decide_again(at, key, why::SHORT_CALL);
    }

    /// The price, and the payout if it is held.
    pub(super) fn void_holds(&mut self, key: CallKey) {
        self.money(key, MoneyKind::Revenue, Step::Voided);
        if self.call(key).sale.is_some_and(|sale| sale.payout_due == Due::Held) {
            self.money(key, MoneyKind::Payout, Step::Voided);
        }
        let over = self.call_mut(key);
        over.sale.as_mut().expect("it was sold").stands = false;
        over.awaits.retain(|wait| matches!(wait.owner.1, Scope::Listing(_)));
        (over.clocks.dial, over.clocks.connect) = (0, 0);
    }

    /// An attempt ended in a failed leg. By a rule that is met the profile is paused.
    pub(super) fn count_unanswered(&mut self, at: Timestamp, key: ProfileKey) {
        let this = self.this();
        let profile = self.profile_mut(key);
        let rules = profile.answering.pause_after;
        if profile.paused || rules.iter().all(|(calls, _)| *calls == 0) {
            return;
        }
        profile.unanswered.push(at);
        let met = rules.iter().find(|(calls, within)| {
            let calls = usize::from(*calls);
            calls > 0
                && profile.unanswered.len() >= calls
                && at < profile.unanswered[profile.unanswered.len() - calls] + *within
        });
        if let Some((unanswered, _)) = met {
            profile.paused = true;
            profile.pause_changed = this;
            let (buyer, profile) = key;
            self.tell(Outcome::ProfileAutoPaused { buyer, profile, unanswered: *unanswered });
        }
    }

    /// The listing's own destination is dialled: no winner, no money.
    pub(super) fn fall_back(&mut self, at: Timestamp, key: CallKey, reason: Why, fallback: (Vec<u8>, Millis)) {
        let (destination, ring) = fallback;
        let ring_until = at + ring;
        let this = self.this();
        let call = self.call_mut(key);
        call.fell_back = Some(reason);
        call.state = State::Dialed;
        call.destination = FALLBACK;
        call.clocks.dial = 0;
        call.clocks.connect = 0;
        call.changed = this;
        let attempt = call.attempt;
        self.set_deadline(key, ring_until);
        let (seller, call) = key;
        let destination_index = FALLBACK as u8;
        self.tell(Outcome::CallFellBack { seller, call, reason, attempt, destination_index, ring_until, destination });
    }
}
