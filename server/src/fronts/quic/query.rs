//! Queries: answered from views, from the log's position, or by a replay in the background. They change nothing.

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use dce_engine::explain::{Explanation, Verdict};
use dce_engine::ids::{AccountId, CallId, ProfileId, Sequence};
use dce_engine::reject::Reject;
use dce_engine::views::{AccountView, CallState, CallView};
use dce_protocol::{Down, Fault, List, Standing, Up, VERDICTS_MAX, down, up};
use dce_runtime::views::Views;
use tokio::time::{Instant, sleep};

use super::events::wire_role;
use super::session::Session;
use super::worker::Worker;
use crate::explain::{Asked, Why, WhyNot};
use crate::identity::{Principal, Role};

/// How often the views are looked at while they do not show the wanted place.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Frames of an explanation are sent while at most so many bytes wait to be read.
const EXPLAINED_WAITS_BYTES: usize = 128 * 1_024;

/// Answers a query, now or later.
pub(super) fn query(worker: &Rc<Worker>, session: &Rc<Session>, number: u64, up: &Up<'_>) {
    let Some(principal) = session.who().map(|who| who.principal) else { return };
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
        None => later(worker, session, number, look),
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
        None => later(worker, session, number, look),
    }
}

/// Looks again and again until there is an answer, it has taken too long, or nobody is there to hear it.
fn later(
    worker: &Rc<Worker>,
    session: &Rc<Session>,
    number: u64,
    look: impl Fn() -> Option<Result<Down<'static>, Reject>> + 'static,
) {
    let until = Instant::now() + worker.hub.limits.query_wait_max;
    in_background(worker, session, move |worker, session| async move {
        loop {
            sleep(LOOK_EVERY).await;
            if let Some(answer) = look() {
                return say(&worker, &session, number, &answer);
            }
            if Instant::now() >= until {
                let fault = Fault::SequenceNotReached;
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
    let AccountView { role, zone, balance, held, expected } = views.account(account).ok_or(Reject::AccountUnknown)?;
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
    let is_operator = principal.role == Role::Operator;
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

fn explain(worker: &Rc<Worker>, session: &Rc<Session>, number: u64, said: &up::QueryExplain, principal: &Principal) {
    let own = (principal.role == Role::Buyer).then_some(principal.account);
    let asked = Asked {
        seller: AccountId(said.seller),
        call: CallId(said.call),
        buyer: said.candidate.map(|candidate| AccountId(candidate.buyer)).or(own),
        profile: said.candidate.map(|candidate| ProfileId(candidate.profile)),
    };
    let answer = match worker.hub.explainer.ask(asked) {
        Ok(answer) => answer,
        Err(why_not) => {
            refuse_to_explain(session, number, why_not);
            return worker.mark(session);
        }
    };
    in_background(worker, session, move |worker, session| async move {
        match answer.await.unwrap_or(Err(WhyNot::Failed)) {
            Ok(why) => explained(&worker, &session, number, &why).await,
            Err(why_not) => refuse_to_explain(&session, number, why_not),
        }
        worker.mark(&session);
    });
}

async fn explained(worker: &Worker, session: &Rc<Session>, number: u64, why: &Why) {
    let total = u32::try_from(why.verdicts.len()).unwrap_or(u32::MAX);
    let mut pieces = why.verdicts.chunks(VERDICTS_MAX).peekable();
    loop {
        let piece: Vec<_> = pieces.next().unwrap_or_default().iter().map(verdict).collect();
        let more = pieces.peek().is_some();
        let verdicts = List::new(&piece).unwrap_or_default();
        let frame = down::Explained { sequence: why.sequence.0, total, more, verdicts }.into();
        if !more {
            return session.answer(number, &frame);
        }
        session.part(number, &frame);
        worker.mark(session);
        worker.flush_dirty();
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

fn verdict(said: &Explanation) -> dce_protocol::Verdict {
    let (buyer, profile) = (said.buyer.0, said.profile.0);
    match said.verdict {
        Verdict::Won => dce_protocol::Verdict::of(buyer, profile, Standing::Won),
        Verdict::Eligible => dce_protocol::Verdict::of(buyer, profile, Standing::Eligible),
        Verdict::Lost(loss) => {
            let attribute = loss.attribute.map(|attribute| attribute.0);
            let short_by = loss.short_by.map(|money| money.micros());
            dce_protocol::Verdict::lost(buyer, profile, loss.reason.code(), attribute, short_by)
        }
    }
}

const fn wire_state(state: CallState) -> dce_protocol::CallState {
    match state {
        CallState::Registered => dce_protocol::CallState::Registered,
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
            () = work => worker.flush_dirty(),
            () = session.gone() => {}
        }
    });
}
