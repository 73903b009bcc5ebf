//! Why does this profile not get this call? (section 12)

use super::Twin;
use super::action::{FactValue, Test};
use super::codes::{Why, why};
use super::decision::lost_to;
use super::standing::{Candidate, Distance, Loss};
use super::state::{CallKey, Due, Profile, ProfileKey, Sale, State};
use dce_engine::ids::AccountId;
use dce_engine::units::{Metres, Money};

/// What the rules say of one profile and one live call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has the call.
    Won,
    /// It would compete.
    Eligible,
    /// It does not get it.
    Lost(Loss),
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `ExplainError`")]
pub enum ExplainFault {
    CallUnknown,
    CallClosed,
    ProfileUnknown,
}

impl Twin {
    /// The verdict on every profile there is.
    pub fn explain(&self, key: CallKey) -> Result<Vec<(ProfileKey, Verdict)>, ExplainFault> {
        let call = self.calls.get(&key).ok_or(ExplainFault::CallUnknown)?;
        if call.state == State::Closed {
            return Err(ExplainFault::CallClosed);
        }
        let as_if = self.without_own_hold(key);
        let verdicts = as_if.judge_all(self.last, key);
        let best = call.present_sale().map(|sale| self.as_winner(&sale));
        let explained = verdicts.iter().map(|(profile, verdict)| {
            let verdict = match (verdict, &best) {
                _ if call.sale_to(*profile).is_some() => Verdict::Won,
                (Err(loss), _) => Verdict::Lost(as_if.measured(key, *profile, loss)),
                (Ok(candidate), Some(best)) => {
                    let over_others = call.sale.expect("it has a winner").over_others;
                    Verdict::Lost(beaten(best, over_others, candidate))
                }
                (Ok(_), None) => Verdict::Eligible,
            };
            (*profile, verdict)
        });
        Ok(explained.collect())
    }

    /// The loss and its distance, where it is a number (the table of section 12).
    fn measured(&self, call_key: CallKey, key: ProfileKey, loss: &Loss) -> Loss {
        let profile = &self.profiles[&key];
        let caps = profile.terms.caps;
        let this_hour = profile.hour.asked(self.hour_number(key.0, self.last)).calls;
        let this_day = profile.day.asked(self.day_number(key.0, self.last)).calls;
        let calls = |taken, most: Option<u32>| most.map(|most| Distance::Calls { taken, most });
        let distance = match loss.reason {
            why::TARGETING_MISMATCH => self.off_target(call_key, profile, loss),
            why::OUTSIDE_HOURS => {
                let calendar = profile.terms.hours.expect("it has hours");
                self.opens_next(key.0, calendar, self.last).map(Distance::Until)
            }
            why::TOO_SOON | why::PACED_OUT => {
                self.quotas_open_at(self.last, call_key, key, loss.reason).map(Distance::Until)
            }
            why::CONCURRENCY_REACHED => calls(profile.calls_live, caps.concurrency.map(u32::from)),
            why::HOURLY_CAP_REACHED => calls(this_hour, caps.hourly),
            why::DAILY_CAP_REACHED => calls(this_day, caps.daily),
            why::TOTAL_CAP_REACHED => calls(profile.calls_total, caps.total),
            _ => loss.distance,
        };
        Loss { distance, ..*loss }
    }

    /// How far the number is from the range, or how much longer the radius would have to be.
    fn off_target(&self, call_key: CallKey, profile: &Profile, loss: &Loss) -> Option<Distance> {
        let attribute = loss.attribute.expect("a clause did not accept");
        let clause = profile.terms.clauses.iter().find(|clause| clause.attribute == attribute)?;
        match (clause.test, self.call(call_key).facts.get(&attribute)?[0]) {
            (Test::Range { low, high }, FactValue::Number(number)) => {
                let nearest = i128::from(if number < low { low } else { high - 1 });
                let off = i128::from(number) - nearest;
                Some(Distance::Number(off.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64))
            }
            (Test::Near { centre, radius }, FactValue::Place(place)) => {
                // By steps that get smaller: ever longer radii reach ever further.
                let mut longer = 0;
                for step in (0..32).rev().map(|bit| 1_u64 << bit) {
                    let tried = u64::from(radius.0) + longer + step;
                    let falls_short = u32::try_from(tried).is_ok_and(|tried| !centre.reaches(place, Metres(tried)));
                    longer += if falls_short { step } else { 0 };
                }
                Some(Distance::Metres(longer as u32 + 1))
            }
            _ => None,
        }
    }

    /// The verdict on one profile.
    pub fn explain_one(&self, key: CallKey, profile: ProfileKey) -> Result<Verdict, ExplainFault> {
        let all = self.explain(key)?;
        let found = all.into_iter().find(|(name, _)| *name == profile);
        found.map(|(_, verdict)| verdict).ok_or(ExplainFault::ProfileUnknown)
    }

    /// What the profile bids on the call, or won it with.
    pub fn amount_on(&self, key: CallKey, profile: ProfileKey) -> Option<Money> {
        let call = self.call(key);
        match call.sale_to(profile) {
            Some(sale) => Some(sale.amount),
            None => self.amount_of(self.last, call, profile).ok().map(|(amount, _)| amount),
        }
    }

    /// The same exchange, had the call's own wins held nothing.
    fn without_own_hold(&self, key: CallKey) -> Self {
        let mut as_if = self.clone();
        let call = self.call(key);
        let Some(sale) = call.present_sale() else { return as_if };
        for leg in call.legs() {
            as_if.call_mut(key).present_is(leg);
            as_if.forget_hold(key);
        }
        as_if.call_mut(key).others.clear();
        as_if.call_mut(key).payout_paid = sale.paid_before;
        // The promise was made by the first win; to explain that one it is not made yet.
        if call.attempt == 1 {
            as_if.call_mut(key).promise = None;
        }
        as_if.call_mut(key).had_room = Some(sale.had_room);
        // The call is not live under any quota.
        as_if.call_mut(key).sale = None;
        as_if
    }

    /// What the present attempt counted and what it holds.
    fn forget_hold(&mut self, key: CallKey) {
        let sale = self.call(key).sale.expect("an attempt is a sale");
        self.give_back_counts(key);
        self.forget_win(&sale);
        if sale.revenue == Due::Held {
            let buyer = self.account_mut(sale.winner.0);
            buyer.held = buyer.held - sale.price;
        }
        if sale.payout_due == Due::Held {
            let platform = self.account_mut(AccountId::PLATFORM);
            platform.held = platform.held - sale.payout;
        }
    }

    /// The winner as it won.
    fn as_winner(&self, sale: &Sale) -> Candidate {
        let tier = self.profiles[&sale.winner].terms.tier;
        Candidate { key: sale.winner, tier, amount: sale.amount, place: 0 }
    }
}

/// What the winner had over an eligible candidate, and how much more of it.
fn beaten(winner: &Candidate, over_others: Option<Why>, loser: &Candidate) -> Loss {
    let reason = lost_to(winner, over_others, loser);
    let distance = match reason {
        why::LOST_TO_HIGHER_BID => Some(Distance::Money(winner.amount - loser.amount)),
        why::LOST_TO_BETTER_TIER => Some(Distance::Tiers(loser.tier - winner.tier)),
        _ => None,
    };
    Loss { distance, ..Loss::of(reason) }
}
