//! Money: the balance, deposits and withdrawals, and the lines of the history.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use dce_engine::commands::{Deposit, Withdraw};
use dce_engine::ids::{AccountId, MovementId};
use dce_history::{Line, LineKind, LineOf};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::{BalanceJson, balance_json};
use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::Asker;
use crate::fronts::rest::body::{Body, Params, RepeatKey};
use crate::fronts::rest::door::Done;
use crate::fronts::rest::id::{CallRef, Id};
use crate::fronts::rest::moment::{self, Moment};
use crate::fronts::rest::past::{line_cursor, line_place, period};
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::{ListParams, Page, ReadParams};
use crate::fronts::rest::router::created;
use crate::identity::Action;

/// Which lines are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct LineParams {
    /// Whose, where the asker may see several: an operator names the account.
    account_id: Option<Id>,
    /// Answer once this place of the log is shown: the `sequence` of an earlier answer.
    min_sequence: Option<u64>,
    /// At most so many items; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// Where the last page ended: its `next_cursor`.
    cursor: Option<String>,
    /// What happened from this moment on: RFC 3339, or a day.
    from: Option<Moment>,
    /// What happened before this moment.
    to: Option<Moment>,
}

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

/// What happened to an account's money, oldest first, as far back as history is kept.
#[utoipa::path(
    get, path = "/account/transactions", tag = "money", params(LineParams),
    responses((status = 200, body = Page<TransactionJson>), Problems)
)]
pub(in super::super) async fn transactions(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<LineParams>,
) -> Result<Json<Page<TransactionJson>>, Problem> {
    lines(&app, &asker, params, |_| true).await.map(Json)
}

/// Deposits, oldest first, as far back as history is kept.
#[utoipa::path(
    get, path = "/account/deposits", tag = "money", params(LineParams),
    responses((status = 200, body = Page<TransactionJson>), Problems)
)]
pub(in super::super) async fn deposits(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<LineParams>,
) -> Result<Json<Page<TransactionJson>>, Problem> {
    lines(&app, &asker, params, |kind| kind == LineKind::Deposit).await.map(Json)
}

/// Withdrawals, oldest first, as far back as history is kept.
#[utoipa::path(
    get, path = "/account/withdrawals", tag = "money", params(LineParams),
    responses((status = 200, body = Page<TransactionJson>), Problems)
)]
pub(in super::super) async fn withdrawals(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<LineParams>,
) -> Result<Json<Page<TransactionJson>>, Problem> {
    lines(&app, &asker, params, |kind| kind == LineKind::Withdrawal).await.map(Json)
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

/// A page of an account's lines.
async fn lines(
    app: &App,
    asker: &Asker,
    params: LineParams,
    wanted: impl Fn(LineKind) -> bool,
) -> Result<Page<TransactionJson>, Problem> {
    let LineParams { account_id, min_sequence, limit, cursor, from, to } = params;
    let params = ListParams { account_id, min_sequence, limit, cursor };
    let account = asker.account(Action::QueryMovements, params.account_id)?;
    let (limit, after, period) = (params.limit(app)?, params.cursor::<3>()?.map(line_cursor), period(from, to)?);
    let past = app.past(params.min_sequence).await?;
    app.hub().handle.views().account(account).ok_or(Fault::NotFound)?;
    let found = past.history.lines((account, period), after, limit, |line| wanted(line.kind))?;
    Ok(Page::of_past(found, past.sequence, line_place, |line| transaction(app, &line)))
}

fn transaction(app: &App, line: &Line) -> TransactionJson {
    let (movement, posting) = match line.of {
        LineOf::Movement(movement) => (Some(Id(movement.0)), None),
        LineOf::Posting(posting) => (None, Some(posting)),
    };
    TransactionJson {
        kind: line.kind.into(),
        amount: Amount(line.amount),
        currency: app.currency(),
        movement_id: movement,
        call_id: posting.map(|of| CallRef { seller: of.seller, call: of.call }.to_string()),
        attempt: posting.map(|of| of.attempt),
        at: moment::text(line.at),
        sequence: line.sequence.0,
    }
}

impl From<LineKind> for TransactionKind {
    fn from(kind: LineKind) -> Self {
        match kind {
            LineKind::Deposit => Self::Deposit,
            LineKind::Withdrawal => Self::Withdrawal,
            LineKind::Held => Self::Held,
            LineKind::Released => Self::Released,
            LineKind::Charge => Self::Charge,
            LineKind::Payout => Self::Payout,
        }
    }
}

impl TransactionKind {
    /// As it is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Deposit => "deposit",
            Self::Withdrawal => "withdrawal",
            Self::Held => "held",
            Self::Released => "released",
            Self::Charge => "charge",
            Self::Payout => "payout",
        }
    }
}
