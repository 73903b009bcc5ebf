//! Queries: answered from views, from the log's position, or by a replay in the background. They change nothing.

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use dce_engine::explain::{Distance, Explanation, Verdict};
use dce_engine::ids::{AccountId, CallId, ProfileId, Sequence};
use dce_engine::reason::Reason;
use dce_engine::reject::Reject;
use dce_engine::views::{AccountView, CallState, CallView};
use dce_protocol::{Down, Fault, List, Measure, Standing, Up, VERDICTS_MAX, down, up};
use dce_runtime::views::Views;
use tokio::time::{Instant, sleep};

use super::events::wire_role;
use super::session::Session;
use super::worker::Worker;
use crate::explain::{Asked, Why, WhyNot};
use crate::identity::{Principal, Role};

/// How far behind this thread the rest of the front may know the log to be. A query for a place further ahead than that
/// asks for the future, and is not waited for.
const AHEAD_MAX: u64 = 1_024;
/// How often the views are looked at while they do not show the wanted place.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Frames of an explanation are sent while at most so many bytes wait to be read.
const EXPLAINED_WAITS_BYTES: usize = 128 * 1_024;

/// Answers a query, now or later.
pub(super) fn query(worker: &Rc<Worker>, session: &Rc<Session>, number: u64, up: &Up<'_>) {
    let Some(principal) = session.who().map(|who| who.proof.principal) else { return };
    match *up {
        Up::QueryBalance(said) => {
            answer_at(worker, session, number, said.min_sequence, move |views| balance(views, AccountId(said.account)))
        }
        Up::QueryCall(said) => {
            answer_at(worker, session, number, said.min_sequence, move |views| call(views, &said, &principal));
        }
        Up::QueryPosition(said) => position(worker, session, number, Sequence(said.min_sequence)),
        Up::QueryExplain(said) => explain(worker, session, number, &said, &principal),
        _ => {
            session.refuse(number, Fault::Forbidden.code(), false);
            worker.mark(session);
        }
    }
}

/// Answers from views that show `min_sequence`, once they do.
fn answer_at(
    worker: &Rc<Worker>,
    session: &Rc<Session>,
    number: u64,
    min_sequence: u64,
    answer: impl Fn(&Views) -> Result<Down<'static>, Reject> + 'static,
) {
    let hub = std::sync::Arc::clone(&worker.hub);
    let look = move || {
        let views = hub.handle.views();
        (views.sequence().0 >= min_sequence).then(|| answer(&views))
    };
    match look() {
        Some(answer) => say(worker, session, number, &answer),
        None => later(worker, session, number, min_sequence, look),
    }
}

fn position(worker: &Rc<Worker>, session: &Rc<Session>, number: u64, min_sequence: Sequence) {
    let look = {
        let worker = Rc::clone(worker);
        move || {
            let (sequence, at) = worker.position();
            let position: Down<'static> = down::Position { sequence: sequence.0, at: at.micros() }.into();
            (sequence >= min_sequence).then_some(Ok(position))
        }
    };
    match look() {
        Some(answer) => say(worker, session, number, &answer),
        None => later(worker, session, number, min_sequence.0, look),
    }
}

/// Looks again and again until there is an answer, it has taken too long, or nobody is there to hear it.
fn later(
    worker: &Rc<Worker>,
    session: &Rc<Session>,
    number: u64,
    min_sequence: u64,
    look: impl Fn() -> Option<Result<Down<'static>, Reject>> + 'static,
) {
    let fault = Fault::SequenceNotReached;
    if min_sequence > worker.hub.handle.gauges().published().0.saturating_add(AHEAD_MAX) {
        session.refuse(number, fault.code(), fault.is_transient());
        return worker.mark(session);
    }
    let until = Instant::now() + worker.hub.limits.query_wait_max;
    in_background(worker, session, move |worker, session| async move {
        loop {
            sleep(LOOK_EVERY).await;
            if let Some(answer) = look() {
                return say(&worker, &session, number, &answer);
            }
            if Instant::now() >= until {
                session.refuse(number, fault.code(), fault.is_transient());
                return worker.mark(&session);
            }
        }
    });
}

fn say(worker: &Worker, session: &Rc<Session>, number: u64, answer: &Result<Down<'static>, Reject>) {
    match answer {
        Ok(frame) => session.answer(number, frame),
        Err(reject) => session.refuse(number, reject.code(), reject.is_transient()),
    }
    worker.mark(session);
}

fn balance(views: &Views, account: AccountId) -> Result<Down<'static>, Reject> {
    let AccountView { role, zone, balance, held, expected, .. } =
        views.account(account).ok_or(Reject::AccountUnknown)?;
    Ok(down::Balance {
        sequence: views.sequence().0,
        account: account.0,
        role: wire_role(role),
        zone: zone.0,
        balance: balance.micros(),
        held: held.micros(),
        expected: expected.micros(),
    }
    .into())
}

/// A call as its asker may see it: to anybody but its seller, its buyer and operators there is no such call.
fn call(views: &Views, said: &up::QueryCall, principal: &Principal) -> Result<Down<'static>, Reject> {
    let (seller, call) = (AccountId(said.seller), CallId(said.call));
    let view = views.call(seller, call).ok_or(Reject::CallUnknown)?;
    let is_operator = !principal.role.is_trader();
    let is_seller = principal.role == Role::Seller && principal.account == seller;
    let is_buyer = principal.role == Role::Buyer && view.buyer == Some(principal.account);
    if !is_operator && !is_seller && !is_buyer {
        return Err(Reject::CallUnknown);
    }
    let is_sold = view.buyer.is_some();
    let CallView { listing, state, attempt, buyer, profile, price, payout, bids, connected, .. } = view;
    Ok(down::Call {
        sequence: views.sequence().0,
        seller: seller.0,
        call: call.0,
        listing: listing.0,
        state: wire_state(state),
        attempt,
        destination_index: view.destination_index,
        buyer: buyer.map(|buyer| buyer.0),
        profile: profile.map(|profile| profile.0),
        price: (is_sold && !is_seller).then_some(price.micros()),
        payout: (is_sold && !is_buyer).then_some(payout.micros()),
        bids,
        connected: connected.0,
        reason: view.reason.map(|reason| reason.code()),
        flagged: view.flagged,
        revenue_posted: view.revenue_posted,
        payout_posted: view.payout_posted,
    }
    .into())
}

/// Explains in the background. An operator hears of every call in the log; anybody else of those the views still show,
/// so that nobody has the log read for a name that was made up.
fn explain(worker: &Rc<Worker>, session: &Rc<Session>, number: u64, said: &up::QueryExplain, principal: &Principal) {
    let is_operator = !principal.role.is_trader();
    let own = (!is_operator).then_some(principal.account);
    let asked = Asked {
        by: principal.account,
        seller: AccountId(said.seller),
        call: CallId(said.call),
        buyer: said.candidate.map(|candidate| AccountId(candidate.buyer)).or(own),
        profile: said.candidate.map(|candidate| ProfileId(candidate.profile)),
        until: None,
    };
    in_background(worker, session, move |worker, session| async move {
        let found = if is_operator || is_shown(&worker, &asked).await {
            ask(&worker, asked).await
        } else {
            Err(WhyNot::Unknown)
        };
        match found {
            Ok(why) => explained(&worker, &session, number, &why, is_operator).await,
            Err(why_not) => refuse_to_explain(&session, number, why_not),
        }
        worker.mark(&session);
    });
}

async fn ask(worker: &Worker, asked: Asked) -> Result<Why, WhyNot> {
    worker.hub.explainer.ask(asked)?.await.unwrap_or(Err(WhyNot::Failed))
}

/// Whether the views show the call, once they are as far as this thread is.
async fn is_shown(worker: &Worker, asked: &Asked) -> bool {
    let (position, _) = worker.position();
    let until = Instant::now() + worker.hub.limits.query_wait_max;
    loop {
        let views = worker.hub.handle.views();
        if views.sequence() >= position || Instant::now() >= until {
            return views.call(asked.seller, asked.call).is_some();
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn explained(worker: &Worker, session: &Rc<Session>, number: u64, why: &Why, tells_all: bool) {
    let verdict = |said: &Explanation| verdict(said, tells_all);
    let total = u32::try_from(why.verdicts.len()).unwrap_or(u32::MAX);
    let mut pieces = why.verdicts.chunks(VERDICTS_MAX).peekable();
    loop {
        let piece: Vec<_> = pieces.next().unwrap_or_default().iter().map(&verdict).collect();
        let more = pieces.peek().is_some();
        let verdicts = List::new(&piece).unwrap_or_default();
        let frame = down::Explained { sequence: why.sequence.0, total, more, verdicts }.into();
        if !more {
            return session.answer(number, &frame);
        }
        session.part(number, &frame);
        worker.mark(session);
        worker.end_round();
        session.drained_to(EXPLAINED_WAITS_BYTES).await;
    }
}

fn refuse_to_explain(session: &Session, number: u64, why_not: WhyNot) {
    let fault = match why_not {
        WhyNot::Busy => Fault::ExplainBusy,
        WhyNot::Unknown => Fault::ExplainUnknown,
        WhyNot::Failed => Fault::ExplainFailed,
    };
    session.refuse(number, fault.code(), fault.is_transient());
}

/// What is told of a candidate. How far it was from passing is told to its buyer where it is the buyer's own affair;
/// elsewhere it would tell the caller's facts, the seller's reserve and hours, a rival's bid, the platform's margin or its
/// balance.
fn verdict(said: &Explanation, tells_all: bool) -> dce_protocol::Verdict {
    let (buyer, profile) = (said.buyer.0, said.profile.0);
    match said.verdict {
        Verdict::Won => dce_protocol::Verdict::of(buyer, profile, Standing::Won),
        Verdict::Eligible => dce_protocol::Verdict::of(buyer, profile, Standing::Eligible),
        Verdict::Lost(loss) => {
            let attribute = loss.attribute.map(|attribute| attribute.0);
            let distance = match loss.distance.filter(|_| tells_all || is_own_affair(loss.reason)) {
                Some(distance) => wire_distance(distance),
                None => dce_protocol::Distance::NONE,
            };
            dce_protocol::Verdict::lost(buyer, profile, loss.reason.code(), attribute, distance)
        }
    }
}

/// Rules about what only the buyer says and does: its caps, its hours, its money.
pub(crate) const fn is_own_affair(reason: Reason) -> bool {
    let is_own_quota =
        matches!(reason, Reason::ProfileQuotaReached | Reason::GroupQuotaReached | Reason::BuyerQuotaReached);
    is_own_quota
        || reason.is_cap()
        || matches!(reason, Reason::OutsideHours | Reason::BalanceTooLow | Reason::SkillMissing)
}

fn wire_distance(distance: Distance) -> dce_protocol::Distance {
    use dce_protocol::Distance as Wire;
    match distance {
        Distance::Money(money) => Wire::of(Measure::Money, money.micros()),
        Distance::Number(number) => Wire::of(Measure::Number, number),
        Distance::Metres(metres) => Wire::of(Measure::Metres, metres.0.into()),
        Distance::Calls { taken, most } => Wire::calls(taken, most),
        // Times end at 2^60.
        Distance::Until(at) => Wire::of(Measure::Until, at.micros() as i64),
        Distance::Tiers(tiers) => Wire::of(Measure::Tiers, tiers.into()),
        Distance::Levels(short) => Wire::levels(short.skill.0, short.level),
    }
}

const fn wire_state(state: CallState) -> dce_protocol::CallState {
    match state {
        CallState::Registered => dce_protocol::CallState::Registered,
        CallState::Quoted => dce_protocol::CallState::Quoted,
        CallState::Auction => dce_protocol::CallState::Auction,
        CallState::Dialed => dce_protocol::CallState::Dialed,
        CallState::Ringing => dce_protocol::CallState::Ringing,
        CallState::Answered => dce_protocol::CallState::Answered,
        CallState::Closed => dce_protocol::CallState::Closed,
    }
}

/// Goes on beside the stream's own task, and ends with the stream.
fn in_background<F: Future<Output = ()> + 'static>(
    worker: &Rc<Worker>,
    session: &Rc<Session>,
    work: impl FnOnce(Rc<Worker>, Rc<Session>) -> F,
) {
    let (worker, session) = (Rc::clone(worker), Rc::clone(session));
    let work = work(Rc::clone(&worker), Rc::clone(&session));
    tokio::task::spawn_local(async move {
        tokio::select! {
            () = work => worker.end_round(),
            () = session.gone() => {}
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use dce_engine::explain::Loss;
    use dce_engine::units::Money;

    #[test]
    fn how_far_it_was_is_told_where_it_is_the_buyers_own_affair() {
        for reason in Reason::ALL {
            let distance = Some(Distance::Money(Money::from_micros(5)));
            let loss = Loss { reason: *reason, attribute: None, distance };
            let (buyer, profile) = (AccountId(1), ProfileId(1));
            let said = Explanation { buyer, profile, amount: None, verdict: Verdict::Lost(loss) };
            let all = dce_protocol::Distance::of(Measure::Money, 5);
            let own = is_own_affair(*reason);
            let told = if own { all } else { dce_protocol::Distance::NONE };
            assert_eq!(verdict(&said, false).distance(), told, "{reason:?}");
            assert_eq!(verdict(&said, true).distance(), all, "{reason:?}");
        }
    }
}
