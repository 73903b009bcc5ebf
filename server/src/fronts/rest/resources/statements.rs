//! Statements: what an account had, what moved, what it has; as JSON, or as lines between commas.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use dce_engine::event::Posting;
use dce_engine::units::Money;
use dce_history::{Line, LineOf, Statement};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::movements::TransactionKind;
use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::Asker;
use crate::fronts::rest::body::Params;
use crate::fronts::rest::id::{CallRef, Id};
use crate::fronts::rest::moment::{self, Moment};
use crate::fronts::rest::past::{line_cursor, line_place, period};
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::{cursor, parts_of};
use crate::identity::Action;

/// The columns.
const HEAD: &str = "at,sequence,kind,amount,balance,currency,call_id,attempt,movement_id\n";

/// Which statement.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct StatementParams {
    /// Whose; the asker's own if nothing is said.
    account_id: Option<Id>,
    /// The first moment: RFC 3339, or a day. As far back as history is kept if nothing is said.
    from: Option<Moment>,
    /// The first moment after it. Now if nothing is said.
    to: Option<Moment>,
    /// Answer once this place of the log is shown: the `sequence` of an earlier answer.
    min_sequence: Option<u64>,
    /// At most so many movements; 10,000 if nothing is said.
    #[param(minimum = 1, maximum = 10000)]
    limit: Option<u32>,
    /// Where the last part ended: its `next_cursor`.
    cursor: Option<String>,
    /// `csv` for lines between commas, as `Accept: text/csv` asks for; else JSON.
    format: Option<StatementFormat>,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum StatementFormat {
    /// An object.
    Json,
    /// Lines between commas, a head first (RFC 4180).
    Csv,
}

/// A statement, or a part of a long one: opening and movements make the closing.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct StatementJson {
    account_id: Id,
    /// What the account had before the first movement.
    opening: Amount,
    /// What changed the balance, in the order of the log.
    movements: Vec<StatementLine>,
    /// What it had after the last one.
    closing: Amount,
    currency: String,
    /// Where the next part begins, with this closing as its opening; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// The place of the log this shows.
    sequence: u64,
}

/// One movement.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct StatementLine {
    at: String,
    kind: TransactionKind,
    /// Below nothing where money went.
    amount: Amount,
    /// What the account had after it.
    balance: Amount,
    /// Of a deposit or a withdrawal.
    #[serde(skip_serializing_if = "Option::is_none")]
    movement_id: Option<Id>,
    /// Of what is about a call: `seller.call`.
    #[serde(skip_serializing_if = "Option::is_none")]
    call_id: Option<String>,
    /// Which delivery of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u8>,
    /// The place of the log.
    sequence: u64,
}

/// An account's statement: opening, movements, closing, whose sum was checked.
#[utoipa::path(
    get, path = "/account/statements", tag = "money", params(StatementParams),
    responses(
        (status = 200, content((StatementJson = "application/json"), (String = "text/csv"))),
        Problems
    )
)]
pub(in super::super) async fn statement(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Params(params): Params<StatementParams>,
) -> Result<Response, Problem> {
    let account = asker.account(Action::QueryMovements, params.account_id)?;
    let most = app.hub().limits.http_statement_lines_max;
    let limit = params.limit.map_or(most, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    if !(1..=most).contains(&limit) {
        return Err(Problem::malformed("limit", &format!("a statement has from 1 to {most} movements")));
    }
    let after = parts_of(params.cursor.as_deref())?.map(line_cursor);
    let mut period = period(params.from, params.to)?;
    let past = app.past(params.min_sequence).await?;
    app.hub().handle.views().account(account).ok_or(Fault::NotFound)?;
    if params.from.is_none() {
        period.from = past.history.kept_since();
    }
    let statement = past.history.statement(account, period, after, limit)?;
    if wants_csv(params.format, &headers) {
        return Ok(csv(&statement, &app.currency()));
    }
    let json = StatementJson {
        account_id: Id(account.0),
        opening: Amount(statement.opening),
        movements: statement.lines.iter().map(line_json).collect(),
        closing: Amount(statement.closing),
        currency: app.currency(),
        next_cursor: statement.next.map(|next| cursor(&line_place(next))),
        sequence: past.sequence,
    };
    Ok(Json(json).into_response())
}

/// What the parameter says, else the first that is acceptable of what is offered.
fn wants_csv(format: Option<StatementFormat>, headers: &HeaderMap) -> bool {
    if let Some(format) = format {
        return format == StatementFormat::Csv;
    }
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let mut media = accept.split(',').filter_map(|part| part.split(';').next()).map(str::trim);
    let found = media.find(|media| matches!(*media, "text/csv" | "application/json" | "application/*" | "*/*"));
    found == Some("text/csv")
}

fn line_json(line: &Line) -> StatementLine {
    let (movement, posting) = parts(line);
    StatementLine {
        at: moment::text(line.at),
        kind: line.kind.into(),
        amount: Amount(line.change),
        balance: Amount(line.balance),
        movement_id: movement,
        call_id: posting.map(|of| CallRef { seller: of.seller, call: of.call }.to_string()),
        attempt: posting.map(|of| of.attempt),
        sequence: line.sequence.0,
    }
}

fn parts(line: &Line) -> (Option<Id>, Option<Posting>) {
    match line.of {
        LineOf::Movement(movement) => (Some(Id(movement.0)), None),
        LineOf::Posting(posting) => (None, Some(posting)),
    }
}

fn csv(statement: &Statement, currency: &str) -> Response {
    let mut text = String::from(HEAD);
    text.push_str(&end_line("opening", statement.opening, currency));
    for line in statement.lines.iter().map(line_json) {
        let (call, attempt) = (line.call_id.unwrap_or_default(), line.attempt.map(|attempt| attempt.to_string()));
        let movement = line.movement_id.map(|id| id.to_string());
        let (attempt, movement) = (attempt.unwrap_or_default(), movement.unwrap_or_default());
        let StatementLine { at, kind, amount: Amount(amount), balance: Amount(balance), sequence, .. } = line;
        let kind = kind.name();
        // No field has a comma, a quote or a line's end in it, nor begins a formula but with a minus before digits.
        text.push_str(&format!("{at},{sequence},{kind},{amount},{balance},{currency},{call},{attempt},{movement}\n"));
    }
    text.push_str(&end_line("closing", statement.closing, currency));
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"statement.csv\""));
    if let Some(next) = statement.next
        && let Ok(next) = HeaderValue::from_str(&cursor(&line_place(next)))
    {
        headers.insert("next-cursor", next);
    }
    response
}

fn end_line(kind: &str, balance: Money, currency: &str) -> String {
    format!(",,{kind},,{balance},{currency},,,\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameter_goes_before_the_header_and_json_before_nothing() {
        let accepts = |text: &'static str| HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(text))]);
        assert!(wants_csv(None, &accepts("text/csv")));
        assert!(wants_csv(None, &accepts("text/html, text/csv;q=0.9, */*;q=0.1")));
        assert!(!wants_csv(None, &accepts("application/json, text/csv")) && !wants_csv(None, &accepts("*/*")));
        assert!(!wants_csv(None, &HeaderMap::new()) && !wants_csv(Some(StatementFormat::Json), &accepts("text/csv")));
        assert!(wants_csv(Some(StatementFormat::Csv), &accepts("application/json")));
    }
}
