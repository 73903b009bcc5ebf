//! The log read up to a call's decisions, and what it says of every candidate at each of them.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::path::Path;

use dce_engine::Exchange;
use dce_engine::event::Event;
use dce_engine::explain::{Distance, Explanation, Loss, Verdict};
use dce_engine::ids::{AccountId, CallId, ProfileId, Sequence};
use dce_engine::reason::Reason;
use dce_engine::units::{Money, Timestamp};
use dce_persistence::{LogError, Step};

use super::ids;
use super::names::Names;
use super::sentence::Case;
use super::targeting::{facts_in_words, mismatch};
use crate::explain::{Decided, Outcome, decisions_of};

/// Everything found out about a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inquiry {
    pub(crate) decisions: Vec<Decision>,
}

/// One decision: a call has several when a buyer does not answer.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) seller: AccountId,
    pub(crate) sequence: Sequence,
    pub(crate) at: Timestamp,
    pub(crate) outcome: Outcome,
    /// What the winner pays.
    pub(crate) price: Option<Money>,
    /// `state FL, age 72`.
    pub(crate) facts: String,
    pub(crate) candidates: Vec<Candidate>,
}

/// One profile at a decision.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) buyer: AccountId,
    pub(crate) profile: ProfileId,
    pub(crate) verdict: Verdict,
    pub(crate) amount: Option<Money>,
    /// What it pays, if it won or rings along.
    pub(crate) price: Option<Money>,
    /// `Cedar Ridge Roofing (FL GA)`.
    pub(crate) who: String,
    /// What can be said of a loss.
    pub(crate) case: Option<Case>,
}

/// Reads the log in `directory` up to the last decision of `call`.
///
/// # Errors
///
/// When the log is in use, absent or damaged.
pub(crate) fn inquire(
    directory: &Path,
    names: &Names,
    seller: Option<AccountId>,
    call: CallId,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Inquiry, LogError> {
    // Who passed is told as it happens; afterwards a pass looks like any absent bid.
    let passed = RefCell::new(Vec::new());
    let mut inquiry = Inquiry::default();
    let replay = |each: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>| {
        dce_persistence::replay(directory, None, &mut |step| {
            match step {
                Step::Progress(at) => progress(at.done.0, at.of.0),
                Step::Replayed(replayed) => passed.borrow_mut().extend(passes(replayed.events, call)),
            }
            each(step)
        })
    };
    decisions_of(replay, seller, call, &mut |decided| {
        inquiry.decisions.push(Decision::new(decided, names, &passed.borrow()));
    })?;
    Ok(inquiry)
}

fn passes(events: &[Event], about: CallId) -> impl Iterator<Item = (AccountId, ProfileId)> + '_ {
    events.iter().filter_map(move |event| match *event {
        Event::BidDeclined { call, buyer, profile, .. } if call == about => Some((buyer, profile)),
        _ => None,
    })
}

impl Decision {
    fn new(decided: &Decided<'_>, names: &Names, passed: &[(AccountId, ProfileId)]) -> Self {
        let mut said = Vec::new();
        // An offer that was accepted can be asked about; if not, there is nothing to tell of its candidates.
        let _ = decided.verdicts(&mut |candidate| said.push(*candidate));
        let winner = match decided.outcome {
            Outcome::Sold { buyer, profile } => {
                let won = said.iter().find(|said| (said.buyer, said.profile) == (buyer, profile));
                Some((names.account(buyer.0), won.and_then(|said| said.amount)))
            }
            Outcome::Unsold(_) => None,
        };
        let candidate = |said: &Explanation| {
            let who = full_name(names, said);
            let case = match said.verdict {
                Verdict::Won | Verdict::Eligible => None,
                Verdict::Lost(loss) => Some(Case {
                    who: who.clone(),
                    call: ids::text(decided.offer.call.0),
                    reason: loss.reason,
                    distance: loss.distance,
                    amount: said.amount,
                    tier: decided.exchange.profile(said.buyer, said.profile).map_or(0, |profile| profile.tier),
                    winner: winner.clone(),
                    limit: limit(decided.exchange, said, &loss),
                    clause: loss
                        .attribute
                        .and_then(|attribute| mismatch(decided.exchange, said, attribute, &decided.offer.facts)),
                    passed: passed.contains(&(said.buyer, said.profile)),
                }),
            };
            let Explanation { buyer, profile, amount, verdict } = *said;
            let price = price(decided, (buyer, profile));
            Candidate { buyer, profile, verdict, amount, price, who, case }
        };
        Self {
            seller: decided.offer.seller,
            sequence: decided.sequence,
            at: decided.at,
            outcome: decided.outcome,
            price: winner_price(decided),
            facts: facts_in_words(decided.exchange, &decided.offer.facts),
            candidates: said.iter().map(candidate).collect(),
        }
    }
}

fn winner_price(decided: &Decided<'_>) -> Option<Money> {
    match decided.outcome {
        Outcome::Sold { buyer, profile } => price(decided, (buyer, profile)),
        Outcome::Unsold(_) => None,
    }
}

/// For how much the call was sold to this profile, if it was.
fn price(decided: &Decided<'_>, to: (AccountId, ProfileId)) -> Option<Money> {
    let offer = decided.offer;
    decided.events.iter().find_map(|event| match *event {
        Event::CallSold { seller, call, buyer, profile, price, .. }
        | Event::CallReserved { seller, call, buyer, profile, price, .. }
            if (seller, call) == (offer.seller, offer.call) && (buyer, profile) == to =>
        {
            Some(price)
        }
        _ => None,
    })
}

/// What the rule measures money against.
fn limit(exchange: &Exchange, said: &Explanation, loss: &Loss) -> Option<Money> {
    match (loss.reason, said.amount, loss.distance) {
        (Reason::DailyBudgetReached, ..) => exchange.profile(said.buyer, said.profile)?.caps.daily_budget,
        (Reason::BelowReserve, Some(amount), Some(Distance::Money(short))) => Some(amount + short),
        _ => None,
    }
}

fn full_name(names: &Names, said: &Explanation) -> String {
    let (buyer, profile) = (said.buyer.0, said.profile.0);
    format!("{} ({})", names.account(buyer), names.profile(buyer, profile))
}
