//! How a call goes: its status as the seller's switch reports it, and its end.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::Json;
use axum::extract::{Path, State};
use dce_engine::commands::{
    CancelCall, Command, ReportAnswered, ReportDropped, ReportEnded, ReportFailed, ReportRejected, ReportRinging, Stamp,
};
use dce_engine::reason::Reason;
use dce_engine::terms::{Clocks, LegReport};
use dce_engine::units::Millis;
use dce_runtime::views::{CallState, CallView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CallJson, CallStatus, look, look_back, own_call, show};
use crate::fronts::rest::App;
use crate::fronts::rest::asker::Asker;
use crate::fronts::rest::body::{Body, Params, RepeatKey};
use crate::fronts::rest::id::{CallRef, Id};
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::ReadParams;
use crate::fronts::rest::sessions::Leg;
use crate::identity::Action;

/// A call's status.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super::super) struct StatusJson {
    status: CallStatus,
    /// Which delivery of the call, from 1; 0 before a sale.
    attempt: u8,
    /// Which destination was dialled last, from 0.
    destination_index: u8,
    /// The place of the log this shows.
    sequence: u64,
}

/// A report. A clock that is left out shows the least it can.
#[derive(Clone, Copy, Debug, Hash, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super::super) struct NewStatus {
    /// `ringing`, `in_progress`, `completed`, `canceled`, `no_answer`, `busy` or `failed`.
    status: CallStatus,
    /// How long caller and buyer talked, with `completed`.
    duration_seconds: Option<u32>,
    /// Which leg is meant; the present one if nothing is said.
    attempt: Option<u8>,
    /// Which destination of it.
    destination_index: Option<u8>,
    /// Since the caller reached the seller's switch, by the switch's clock.
    since_incoming_ms: Option<u32>,
    /// Since the leg was dialled.
    since_dial_ms: Option<u32>,
    /// Since the answer, in place of `duration_seconds`.
    since_connect_ms: Option<u32>,
}

/// The end of an answered call.
#[derive(Clone, Copy, Debug, Hash, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super::super) struct Completion {
    /// How long caller and buyer talked.
    duration_seconds: u32,
    /// Who ended it; the caller if nothing is said.
    #[serde(default)]
    ended_by: EndedBy,
    /// Since the caller reached the seller's switch, by the switch's clock.
    since_incoming_ms: Option<u32>,
    /// Since the leg was dialled.
    since_dial_ms: Option<u32>,
}

/// Who ended an answered call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super::super) enum EndedBy {
    /// The caller.
    #[default]
    Caller,
    /// The buyer's side, and the caller is still there: where the listing recovers calls, it is sold again.
    Buyer,
    /// The buyer's agent gave it back, within the profile's time.
    Agent,
}

/// Milliseconds by the switch's clocks.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    since_incoming: Option<u32>,
    since_dial: Option<u32>,
    since_connect: u32,
}

/// How far a call has come.
#[utoipa::path(
    get, path = "/calls/{call_id}/status", tag = "calls",
    params(("call_id" = String, Path, description = "`seller.call`, or the call's id alone for its seller"), ReadParams),
    responses((status = 200, body = StatusJson), Problems)
)]
pub(in super::super::super) async fn status(
    State(app): State<App>,
    asker: Asker,
    Path(text): Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<Json<StatusJson>, Problem> {
    let on = CallRef::parse(&text, asker.own_as_seller(params.account_id)).ok_or(Fault::NotFound)?;
    let shown = app.shown(params.min_sequence).await?;
    let (view, sequence) = if shown.views.call(on.seller, on.call).is_some() {
        (look(&shown, &asker, on)?, shown.views.sequence().0)
    } else {
        let (row, sequence) = look_back(&app, &asker, on).await?;
        (*row.story.view(), sequence)
    };
    let (attempt, destination_index) = (view.attempt, view.destination_index);
    Ok(Json(StatusJson { status: CallStatus::of(&view), attempt, destination_index, sequence }))
}

/// Reports how a call goes. Reporting the status it has already changes nothing.
#[utoipa::path(
    patch, path = "/calls/{call_id}/status", tag = "calls", request_body = NewStatus,
    params(
        ("call_id" = String, Path, description = "`seller.call`, or the call's id alone for its seller"), ReadParams,
        ("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it chooses the report's stamp"),
    ),
    responses((status = 200, body = CallJson), Problems)
)]
pub(in super::super::super) async fn set_status(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Path(text): Path<String>,
    Params(params): Params<ReadParams>,
    Body(said): Body<NewStatus>,
) -> Result<Json<CallJson>, Problem> {
    let on = own_call(&asker, action_of(said.status)?, &text, &params)?;
    let CallRef { seller, call } = on;
    let asked = hash_of(on, &said);
    let leg = match app.leg_sent(seller, repeat, asked) {
        Some(leg) => leg,
        None => {
            let (view, sequence) = present(&app, &asker, on).await?;
            if said.attempt.is_none() && CallStatus::of(&view) == said.status {
                return show(&app, &asker, on, Some(sequence)).await;
            }
            if said.status == CallStatus::Canceled {
                let done = app.submit(&CancelCall::new(on.seller, on.call).into()).await?;
                return show(&app, &asker, on, Some(done.sequence.0)).await;
            }
            if said.status == CallStatus::Completed && view.state != CallState::Answered {
                return Err(Problem::from(Fault::StatusUnreachable).because("only an answered call is completed"));
            }
            leg_of(&view, &said)?
        }
    };
    let make = move |stamp: Stamp| -> Command<'static> {
        match said.status {
            CallStatus::Ringing => ReportRinging::new(seller, call, leg, stamp).into(),
            CallStatus::InProgress => ReportAnswered::new(seller, call, leg, stamp).into(),
            CallStatus::NoAnswer => ReportFailed::new(seller, call, leg, Reason::NoAnswer, stamp).into(),
            CallStatus::Busy => ReportFailed::new(seller, call, leg, Reason::Busy, stamp).into(),
            CallStatus::Failed => ReportFailed::new(seller, call, leg, Reason::DialFailed, stamp).into(),
            CallStatus::Completed | CallStatus::Canceled | CallStatus::Pending | CallStatus::Queued => {
                ReportEnded::new(seller, call, leg, stamp).into()
            }
        }
    };
    let done = app.reported(seller, repeat, Leg { asked, report: leg }, make).await?;
    show(&app, &asker, on, Some(done.sequence.0)).await
}

/// Ends an answered call.
#[utoipa::path(
    post, path = "/calls/{call_id}/complete", tag = "calls", request_body = Completion,
    params(
        ("call_id" = String, Path, description = "`seller.call`, or the call's id alone for its seller"), ReadParams,
        ("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it chooses the report's stamp"),
    ),
    responses((status = 200, body = CallJson), Problems)
)]
pub(in super::super::super) async fn complete(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Path(text): Path<String>,
    Params(params): Params<ReadParams>,
    Body(said): Body<Completion>,
) -> Result<Json<CallJson>, Problem> {
    let action = match said.ended_by {
        EndedBy::Caller => Action::ReportEnded,
        EndedBy::Buyer => Action::ReportDropped,
        EndedBy::Agent => Action::ReportRejected,
    };
    let on = own_call(&asker, action, &text, &params)?;
    let CallRef { seller, call } = on;
    let asked = hash_of(on, &said);
    let leg = match app.leg_sent(seller, repeat, asked) {
        Some(leg) => leg,
        None => {
            let (view, sequence) = present(&app, &asker, on).await?;
            if CallStatus::of(&view) == CallStatus::Completed {
                return show(&app, &asker, on, Some(sequence)).await;
            }
            if view.state != CallState::Answered {
                return Err(Problem::from(Fault::StatusUnreachable).because("only an answered call is completed"));
            }
            let Completion { since_incoming_ms: since_incoming, since_dial_ms: since_dial, .. } = said;
            let clocks = Said { since_incoming, since_dial, since_connect: millis(said.duration_seconds)? }.clocks();
            LegReport::leg(view.attempt, view.destination_index, clocks)
        }
    };
    let make = move |stamp: Stamp| -> Command<'static> {
        match said.ended_by {
            EndedBy::Caller => ReportEnded::new(seller, call, leg, stamp).into(),
            EndedBy::Buyer => ReportDropped::new(seller, call, leg, stamp).into(),
            EndedBy::Agent => ReportRejected::new(seller, call, leg, stamp).into(),
        }
    };
    let done = app.reported(seller, repeat, Leg { asked, report: leg }, make).await?;
    show(&app, &asker, on, Some(done.sequence.0)).await
}

/// The call as it stands now, and the place of the log that says so.
async fn present(app: &App, asker: &Asker, on: CallRef) -> Result<(CallView, u64), Problem> {
    let shown = app.shown(Some(app.newest().0)).await?;
    let view = look(&shown, asker, on)?;
    Ok((view, shown.views.sequence().0))
}

/// What was asked about a call, to tell a repeat from another request under the same key while the server runs.
fn hash_of(on: CallRef, said: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (on.seller.0, on.call.0).hash(&mut hasher);
    said.hash(&mut hasher);
    hasher.finish()
}

/// What a status asks for; some cannot be reported.
fn action_of(status: CallStatus) -> Result<Action, Problem> {
    match status {
        CallStatus::Ringing => Ok(Action::ReportRinging),
        CallStatus::InProgress => Ok(Action::ReportAnswered),
        CallStatus::Completed => Ok(Action::ReportEnded),
        CallStatus::Canceled => Ok(Action::CancelCall),
        CallStatus::NoAnswer | CallStatus::Busy | CallStatus::Failed => Ok(Action::ReportFailed),
        CallStatus::Pending | CallStatus::Queued => {
            Err(Problem::from(Fault::StatusUnreachable).because("pending and queued are not reported"))
        }
    }
}

fn leg_of(view: &CallView, said: &NewStatus) -> Result<LegReport, Problem> {
    let since_connect = match (said.duration_seconds, said.since_connect_ms) {
        (Some(_), Some(_)) => {
            return Err(Problem::malformed("duration_seconds", "expected it or since_connect_ms, not both"));
        }
        (Some(seconds), None) => millis(seconds)?,
        (None, Some(millis)) => millis,
        (None, None) if said.status == CallStatus::Completed => return Err(Problem::missing("duration_seconds")),
        (None, None) => 0,
    };
    let clocks =
        Said { since_incoming: said.since_incoming_ms, since_dial: said.since_dial_ms, since_connect }.clocks();
    let attempt = said.attempt.unwrap_or(view.attempt);
    Ok(LegReport::leg(attempt, said.destination_index.unwrap_or(view.destination_index), clocks))
}

fn millis(seconds: u32) -> Result<u32, Problem> {
    let most = u32::MAX / 1_000;
    seconds
        .checked_mul(1_000)
        .ok_or_else(|| Problem::malformed("duration_seconds", &format!("expected at most {most}")))
}

impl Said {
    /// Each clock started no later than the next: what is not said shows what the next one does.
    const fn clocks(self) -> Clocks {
        let since_dial = match self.since_dial {
            Some(millis) => millis,
            None => self.since_connect,
        };
        let since_incoming = match self.since_incoming {
            Some(millis) => millis,
            None => since_dial,
        };
        Clocks::new(Millis(since_incoming), Millis(since_dial), Millis(self.since_connect))
    }
}
