//! Why does this profile not get this call? (section 12)

use super::Twin;
use super::codes::why;
use super::decision::lost_to;
use super::standing::{Candidate, Loss};
use super::state::{CallKey, Due, ProfileKey, Sale, State};
use dce_engine::ids::AccountId;
use dce_engine::units::Money;

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
        let best = call.sale.filter(|_| call.is_routed()).map(|sale| self.as_winner(&sale));
        let explained = verdicts.iter().map(|(profile, verdict)| {
            let verdict = match (verdict, &best) {
                (_, Some(best)) if best.key == *profile => Verdict::Won,
                (Err(loss), _) if loss.reason == why::OUTSIDE_HOURS => {
                    let calendar = self.profiles[profile].terms.hours.expect("it has hours");
                    let opens_at = self.opens_next(profile.0, calendar, self.last);
                    Verdict::Lost(Loss { opens_at, ..*loss })
                }
                (Err(loss), _) => Verdict::Lost(*loss),
                (Ok(candidate), Some(best)) => {
                    let over_others = call.sale.expect("it has a winner").over_others;
                    Verdict::Lost(Loss::of(lost_to(best, over_others, candidate)))
                }
                (Ok(_), None) => Verdict::Eligible,
            };
            (*profile, verdict)
        });
        Ok(explained.collect())
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
        match call.sale.filter(|sale| call.is_routed() && sale.winner == profile) {
            Some(sale) => Some(sale.amount),
            None => self.amount_of(self.last, call, profile).ok().map(|(amount, _)| amount),
        }
    }

    /// The same exchange, had the call's own win held nothing.
    fn without_own_hold(&self, key: CallKey) -> Self {
        let mut as_if = self.clone();
        let call = self.call(key);
        let Some(sale) = call.sale.filter(|_| call.is_routed()) else { return as_if };
        as_if.give_back_counts(key);
        // The promise was made by the first win; to explain that one it is not made yet.
        if call.attempt == 1 {
            as_if.call_mut(key).promise = None;
        }
        if sale.revenue == Due::Held {
            let buyer = as_if.account_mut(sale.winner.0);
            buyer.held = buyer.held - sale.price;
        }
        if sale.payout_due == Due::Held {
            let platform = as_if.account_mut(AccountId::PLATFORM);
            platform.held = platform.held - sale.payout;
        }
        as_if
    }

    /// The winner as it won.
    fn as_winner(&self, sale: &Sale) -> Candidate {
        let tier = self.profiles[&sale.winner].terms.tier;
        Candidate { key: sale.winner, tier, amount: sale.amount, place: 0 }
    }
}
