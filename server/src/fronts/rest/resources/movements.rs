//! Money: the balance, deposits and withdrawals, and the movements that the tail still remembers.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use dce_engine::commands::{Deposit, Withdraw};
use dce_engine::event::{Event, Posting, PostingKind};
use dce_engine::ids::{AccountId, MovementId, Sequence};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::{BalanceJson, balance_json};
use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::Asker;
use crate::fronts::rest::body::{Body, Params, RepeatKey};
use crate::fronts::rest::door::Done;
use crate::fronts::rest::id::{CallRef, Id};
use crate::fronts::rest::moment;
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::{ListParams, Page, ReadParams, cursor};
use crate::fronts::rest::router::created;
use crate::identity::Action;
use crate::tail::{Kept, Position};

/// Pieces of the tail looked through for one page. A page that finds little in them ends early, with a cursor.
const PIECES_MAX: usize = 64;

/// A deposit or a withdrawal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewMovement {
    /// Its id, a UUIDv7; the `Idempotency-Key` or a new one if nothing is said.
    id: Option<Id>,
    /// Whose money; the asker's own if nothing is said.
    account_id: Option<Id>,
    amount: Amount,
}

/// Money that came in or went out.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct MovementJson {
    id: Id,
    account_id: Id,
    amount: Amount,
    currency: String,
    at: String,
    /// It was made before, by the same request.
    repeated: bool,
    /// The place of the log.
    sequence: u64,
}

/// One line of an account's money.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct TransactionJson {
    /// What happened.
    kind: TransactionKind,
    amount: Amount,
    currency: String,
    /// Of a deposit or a withdrawal.
    #[serde(skip_serializing_if = "Option::is_none")]
    movement_id: Option<Id>,
    /// Of what is about a call: `seller.call`.
    #[serde(skip_serializing_if = "Option::is_none")]
    call_id: Option<String>,
    /// Which delivery of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u8>,
    at: String,
    /// The place of the log; several lines may share one.
    sequence: u64,
}

/// What happened to an account's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum TransactionKind {
    /// Money came in from outside.
    Deposit,
    /// Money went out.
    Withdrawal,
    /// A price or a payout was set aside.
    Held,
    /// What was set aside is free again.
    Released,
    /// A price was paid.
    Charge,
    /// A payout was received.
    Payout,
}

/// What an account has.
#[utoipa::path(
    get, path = "/account/balance", tag = "money", params(ReadParams),
    responses((status = 200, body = BalanceJson), Problems)
)]
pub(in super::super) async fn balance(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<ReadParams>,
) -> Result<Json<BalanceJson>, Problem> {
    let account = asker.account(Action::QueryBalance, params.account_id)?;
    let shown = app.shown(params.min_sequence).await?;
    let view = shown.views.account(account).ok_or(Fault::NotFound)?;
    Ok(Json(balance_json(&app, view, shown.views.sequence())))
}

/// What happened to an account's money, oldest first, as far as recent events are kept.
#[utoipa::path(
    get, path = "/account/transactions", tag = "money", params(ListParams),
    responses((status = 200, body = Page<TransactionJson>), Problems)
)]
pub(in super::super) async fn transactions(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<ListParams>,
) -> Result<Json<Page<TransactionJson>>, Problem> {
    lines(&app, &asker, &params, &|_| true).await.map(Json)
}

/// Deposits, oldest first, as far as recent events are kept.
#[utoipa::path(
    get, path = "/account/deposits", tag = "money", params(ListParams),
    responses((status = 200, body = Page<TransactionJson>), Problems)
)]
pub(in super::super) async fn deposits(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<ListParams>,
) -> Result<Json<Page<TransactionJson>>, Problem> {
    lines(&app, &asker, &params, &|event| matches!(event, Event::MoneyDeposited { .. })).await.map(Json)
}

/// Withdrawals, oldest first, as far as recent events are kept.
#[utoipa::path(
    get, path = "/account/withdrawals", tag = "money", params(ListParams),
    responses((status = 200, body = Page<TransactionJson>), Problems)
)]
pub(in super::super) async fn withdrawals(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<ListParams>,
) -> Result<Json<Page<TransactionJson>>, Problem> {
    lines(&app, &asker, &params, &|event| matches!(event, Event::MoneyWithdrawn { .. })).await.map(Json)
}

/// Puts money into an account.
#[utoipa::path(
    post, path = "/account/deposits", tag = "money", request_body = NewMovement,
    params(("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it becomes the movement's id")),
    responses((status = 201, body = MovementJson), Problems)
)]
pub(in super::super) async fn deposit(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Body(said): Body<NewMovement>,
) -> Result<impl IntoResponse, Problem> {
    let account = asker.account(Action::Deposit, said.account_id)?;
    let movement = MovementId(repeat.name(said.id)?);
    let done = app.submit(&Deposit::new(account, movement, said.amount.0).into()).await?;
    Ok(created(Json(movement_json(&app, account, movement, said.amount, &done))))
}

/// Takes money out of an account.
#[utoipa::path(
    post, path = "/account/withdrawals", tag = "money", request_body = NewMovement,
    params(("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it becomes the movement's id")),
    responses((status = 201, body = MovementJson), Problems)
)]
pub(in super::super) async fn withdraw(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Body(said): Body<NewMovement>,
) -> Result<impl IntoResponse, Problem> {
    let account = asker.account(Action::Withdraw, said.account_id)?;
    let movement = MovementId(repeat.name(said.id)?);
    let done = app.submit(&Withdraw::new(account, movement, said.amount.0).into()).await?;
    Ok(created(Json(movement_json(&app, account, movement, said.amount, &done))))
}

fn movement_json(app: &App, account: AccountId, movement: MovementId, amount: Amount, done: &Done) -> MovementJson {
    MovementJson {
        id: Id(movement.0),
        account_id: Id(account.0),
        amount,
        currency: app.currency(),
        at: moment::text(done.at),
        repeated: done.repeated,
        sequence: done.sequence.0,
    }
}

/// A page of an account's lines from the tail.
async fn lines(
    app: &App,
    asker: &Asker,
    params: &ListParams,
    wanted: &(dyn Fn(&Event) -> bool + Sync),
) -> Result<Page<TransactionJson>, Problem> {
    let account = asker.account(Action::QueryMovements, params.account_id)?;
    let (limit, after) = (params.limit(app)?, params.cursor::<2>()?);
    let shown = app.shown(params.min_sequence).await?;
    shown.views.account(account).ok_or(Fault::NotFound)?;
    let tail = &app.hub().tail;
    let from = match after {
        Some([sequence, index]) => Position {
            sequence: Sequence(u64::try_from(sequence).unwrap_or(u64::MAX)),
            index: u16::try_from(index).unwrap_or(u16::MAX),
        },
        None => tail.lock().first(),
    };
    let up_to = shown.views.sequence().min(tail.lock().last());
    let concerns = |event: &Event| wanted(event) && transaction(account, event).is_some();
    let (mut copies, mut position, mut pieces) = (Vec::new(), from, 0);
    while copies.len() < limit && position < Position::end_of(up_to) && pieces < PIECES_MAX {
        // The tail is locked for one piece at a time: it is filled by others meanwhile.
        let copied = tail.lock().copy(position, up_to, limit - copies.len(), concerns, &mut copies);
        position = copied.map_err(|_| Fault::HistoryGone)?;
        pieces += 1;
    }
    let more = position < Position::end_of(up_to);
    let next_cursor = more.then(|| cursor(&[u128::from(position.sequence.0), u128::from(position.index)]));
    let items = copies.iter().filter_map(|kept| line(app, account, kept)).collect();
    Ok(Page { items, next_cursor, sequence: up_to.0 })
}

fn line(app: &App, account: AccountId, kept: &Kept) -> Option<TransactionJson> {
    let (kind, amount, of) = transaction(account, &kept.event)?;
    let (movement, posting) = match of {
        Of::Movement(movement) => (Some(Id(movement.0)), None),
        Of::Posting(posting) => (None, Some(posting)),
    };
    Some(TransactionJson {
        kind,
        amount,
        currency: app.currency(),
        movement_id: movement,
        call_id: posting.map(|of| CallRef { seller: of.seller, call: of.call }.to_string()),
        attempt: posting.map(|of| of.attempt),
        at: moment::text(kept.at),
        sequence: kept.sequence.0,
    })
}

/// What a line is about.
enum Of {
    Movement(MovementId),
    Posting(Posting),
}

/// What an event is to this account, from its own side; nothing where the money is not its own.
fn transaction(account: AccountId, event: &Event) -> Option<(TransactionKind, Amount, Of)> {
    use TransactionKind::{Charge, Deposit, Held, Payout, Released, Withdrawal};
    match *event {
        Event::MoneyDeposited { account: whose, movement, amount } if whose == account => {
            Some((Deposit, Amount(amount), Of::Movement(movement)))
        }
        Event::MoneyWithdrawn { account: whose, movement, amount } if whose == account => {
            Some((Withdrawal, Amount(amount), Of::Movement(movement)))
        }
        Event::MoneyHeld { posting, debit, amount, .. } if debit == account => {
            Some((Held, Amount(amount), Of::Posting(posting)))
        }
        Event::MoneyVoided { posting, debit, amount, .. } if debit == account => {
            Some((Released, Amount(amount), Of::Posting(posting)))
        }
        Event::MoneyPosted { posting, debit, credit, amount } if debit == account || credit == account => {
            let kind = if posting.kind == PostingKind::Payout { Payout } else { Charge };
            Some((kind, Amount(amount), Of::Posting(posting)))
        }
        _ => None,
    }
}
