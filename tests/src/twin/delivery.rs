//! Reports from the switch, failed legs, answers and ends (section 8).

use dce_engine::units::{Millis, Timestamp};

use super::Twin;
use super::action::{Action, Clocks, Counts, DuplicateOn, Report};
use super::codes::{Refusal, Why, refusal, why};
use super::outcome::Outcome;
use super::state::{CallKey, Due, State};

const ATTEMPTS_MAX: u8 = 8;
const CLOCK_SLACK_MICROS: u64 = 5_000_000;

impl Twin {
    pub(super) fn report(&mut self, at: Timestamp, action: &Action) -> Result<(), Refusal> {
        let Action::Report { seller, call, what, attempt, destination, clocks, .. } = action else { unreachable!() };
        let key = (*seller, *call);
        let Some(known) = self.calls.get(&key) else { return Err(refusal::CALL_UNKNOWN) };
        if !known.is_routed() {
            return Err(refusal::CALL_NOT_ROUTED);
        }
        let mut known = known.clone();
        if !known.show_leg(*attempt, *destination) {
            return Err(refusal::LEG_OVER);
        }
        let in_order = match what {
            Report::Ringing => known.state == State::Dialed,
            Report::Answered | Report::Failed(_) => matches!(known.state, State::Dialed | State::Ringing),
            Report::Ended | Report::Dropped => true,
            Report::Rejected => known.state == State::Answered,
        };
        if !in_order {
            return Err(refusal::REPORT_OUT_OF_ORDER);
        }
        let may_be_connected = *what == Report::Answered || known.state == State::Answered;
        if !are_consistent(*clocks, known.clocks, may_be_connected) {
            return Err(refusal::CLOCK_INCONSISTENT);
        }
        if *what == Report::Rejected && !self.may_be_given_back(key, *clocks) {
            return Err(refusal::REJECTION_TOO_LATE);
        }
        let elapsed = at.micros() - known.known_at.micros();
        let too_fast = u64::from(clocks.incoming) * 1_000 > elapsed + CLOCK_SLACK_MICROS;
        let was_answered = known.state == State::Answered;

        let this = self.this();
        let reported = self.call_mut(key);
        *reported = known;
        reported.changed = this;
        reported.clocks = *clocks;
        reported.flagged |= too_fast;
        let (seller, call, attempt, destination_index) = (*seller, *call, *attempt, *destination);
        match what {
            Report::Ringing => {
                reported.state = State::Ringing;
                self.tell(Outcome::CallRinging { seller, call, attempt, destination_index });
                self.show_lowest(key);
            }
            Report::Answered => {
                reported.state = State::Answered;
                self.tell(Outcome::CallAnswered { seller, call, attempt, destination_index });
                self.stop_others(key);
                let longest = self.listing_of(key).terms.duration_max;
                self.set_deadline(key, at + longest);
                if let Some(sale) = self.call(key).present_sale() {
                    self.profile_mut(sale.winner).unanswered.clear();
                    self.progress(at, key, DuplicateOn::Connect);
                    self.settle(at, key, false);
                }
            }
            Report::Failed(failure) => self.leg_failed(at, key, *failure),
            Report::Dropped if was_answered && self.is_recovered(key) => self.recover(at, key),
            Report::Dropped if !was_answered => self.leg_failed(at, key, why::BUYER_HUNG_UP),
            Report::Rejected => self.give_back(at, key),
            Report::Ended | Report::Dropped if was_answered => self.end_answered(at, key, why::COMPLETED),
            Report::Ended | Report::Dropped => {
                if self.call(key).fell_back.is_none() {
                    self.undo_all(key, true);
                }
                self.end_call(at, key, why::CALLER_HUNG_UP, Millis(0));
            }
        }
        Ok(())
    }

    /// The next destination, or the next attempt, or the end.
    pub(super) fn leg_failed(&mut self, at: Timestamp, key: CallKey, failure: Why) {
        let known = self.call(key);
        if let Some(reason) = known.fell_back {
            self.close_unsold(at, key, reason);
            return;
        }
        let (buyer, profile) = known.sale.expect("a leg belongs to a sale").winner;
        let next = known.destination + 1;
        let winner = &self.profiles[&(buyer, profile)];
        if next < winner.terms.destinations.len() {
            self.dial(at, key, next);
            self.show_lowest(key);
            return;
        }
        self.undo_hold(key);
        self.attempt_failed(key, failure);
        self.count_unanswered(at, (buyer, profile));
        if !self.rings_on(key) {
            self.decide_again(at, key, failure);
        }
    }

    /// The present attempt came to nothing.
    pub(super) fn attempt_failed(&mut self, key: CallKey, failure: Why) {
        self.count_outcome(key, false);
        self.tell_failed(key, failure);
    }

    pub(super) fn tell_failed(&mut self, key: CallKey, reason: Why) {
        let (seller, call) = key;
        let known = self.call(key);
        let attempt = known.attempt;
        let (buyer, profile) = known.sale.expect("an attempt belongs to a sale").winner;
        self.tell(Outcome::AttemptFailed { seller, call, buyer, profile, attempt, reason });
    }

    /// The next attempt, unless there were eight.
    pub(super) fn decide_again(&mut self, at: Timestamp, key: CallKey, failure: Why) {
        if self.call(key).attempts == ATTEMPTS_MAX {
            self.unsold(at, key, why::ATTEMPTS_EXHAUSTED);
        } else {
            self.decide(at, key, Some(failure));
        }
    }

    /// Everything the win took is given back, as far as its windows still count.
    pub(super) fn undo_hold(&mut self, key: CallKey) {
        self.give_back_counts(key);
        let sale = self.call(key).sale.expect("a hold belongs to a sale");
        self.uncount(sale.number, &[Counts::Connections, Counts::Conversions, Counts::Money]);
        self.void_holds(key);
    }

    /// Concurrency; hour, day and total; the day's money.
    pub(super) fn give_back_counts(&mut self, key: CallKey) {
        let sale = self.call(key).sale.expect("a hold belongs to a sale");
        let profile = self.profile_mut(sale.winner);
        profile.calls_live -= 1;
        profile.calls_total -= 1;
        if profile.hour.number == sale.hour_number {
            profile.hour.calls -= 1;
        }
        if profile.day.number == sale.day_number {
            profile.day.calls -= 1;
        }
        self.give_back_day_money(key);
    }

    pub(super) fn give_back_day_money(&mut self, key: CallKey) {
        let sale = self.call(key).sale.expect("money belongs to a sale");
        let profile = self.profile_mut(sale.winner);
        if profile.day.number == sale.day_number {
            profile.day.money = profile.day.money - sale.price;
        }
    }

    /// An answered call is over: it is settled for good, and the winner has a line free.
    fn end_answered(&mut self, at: Timestamp, key: CallKey, reason: Why) {
        if let Some(sale) = self.call(key).present_sale() {
            self.settle(at, key, true);
            let met = self.call(key).sale.is_some_and(|sale| sale.revenue == Due::Posted);
            self.count_outcome(key, met);
            self.profile_mut(sale.winner).calls_live -= 1;
        }
        let connected = Millis(self.call(key).clocks.connect);
        self.end_call(at, key, reason, connected);
    }

    pub(super) fn duration_reached(&mut self, at: Timestamp, key: CallKey) {
        self.end_answered(at, key, why::DURATION_MAX_REACHED);
    }

    fn end_call(&mut self, at: Timestamp, key: CallKey, reason: Why, connected: Millis) {
        let flagged = self.call(key).flagged;
        self.tell(Outcome::CallEnded { seller: key.0, call: key.1, reason, connected, flagged });
        self.close_call(at, key, reason);
    }
}

/// Each clock began no later than the next, none has fallen, and the last only runs once the call is answered.
fn are_consistent(now: Clocks, before: Clocks, may_be_connected: bool) -> bool {
    now.incoming >= now.dial
        && now.dial >= now.connect
        && (may_be_connected || now.connect == 0)
        && now.incoming >= before.incoming
        && now.dial >= before.dial
        && now.connect >= before.connect
}
