//! What is set with a word or two: names of values, callers nobody wants, groups, firm quotes.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::response::IntoResponse;
use dce_engine::commands::{DefineValue, SetGroup, SetQuoting, SetSuppression, SetTogether};
use dce_engine::ids::{AttributeId, GroupId, ProfileId, SubjectId, ValueCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::{OwnerParams, SetJson, ids, send};
use crate::fronts::rest::App;
use crate::fronts::rest::asker::Asker;
use crate::fronts::rest::body::{Body, Params};
use crate::fronts::rest::caller::Caller;
use crate::fronts::rest::id::Id;
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::router::created;
use crate::identity::Action;
use crate::plan::moment;

/// What a value is called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ValueName {
    /// As callers' facts and profiles name it.
    #[schema(example = "TX")]
    name: String,
}

/// Somebody from whom no calls are wanted: by `caller` or by `subject_id`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewSuppression {
    /// The caller's number in E.164. It becomes a subject id, and is kept nowhere.
    #[schema(example = "+12065550100")]
    caller: Option<String>,
    /// The caller as an opaque id.
    subject_id: Option<Id>,
    /// The moment in UTC from which on the caller is welcome again; without: never.
    #[schema(example = "2027-01-01T00:00:00Z")]
    until: Option<String>,
}

/// Somebody is suppressed.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct SuppressionJson {
    /// By which it is lifted.
    subject_id: Id,
    /// The place of the log at which it came to be so.
    sequence: u64,
    /// Whether it was so before, and nothing changed.
    repeated: bool,
}

/// Of which group a profile is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct MemberBody {
    /// A group of the buyer; it comes to be when it is first named.
    group: Id,
}

/// How a group is dialled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct GroupBody {
    /// Whether its profiles are dialled together, and the first answer wins.
    together: bool,
}

/// How many firm quotes a seller may have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct FirmQuotesBody {
    /// At a time.
    firm_quotes: u16,
}

/// Defines the name of one more value of an attribute. It is for good.
#[utoipa::path(
    put, path = "/attributes/{attribute_id}/values/{code}", tag = "market", request_body = ValueName,
    params(("attribute_id" = Id, Path), ("code" = u32, Path)),
    responses((status = 200, body = SetJson), Problems)
)]
pub(in super::super) async fn value_put(
    State(app): State<App>,
    asker: Asker,
    path: RawPathParams,
    Body(said): Body<ValueName>,
) -> Result<Json<SetJson>, Problem> {
    asker.account(Action::DefineValue, None)?;
    let ids = ids(&path)?;
    let [attribute, code] = ids[..] else { return Err(Fault::NotFound.into()) };
    let (attribute, code) = (u16::try_from(attribute), u32::try_from(code));
    let (Ok(attribute), Ok(code)) = (attribute, code) else { return Err(Fault::NotFound.into()) };
    send(&app, &DefineValue::new(AttributeId(attribute), ValueCode(code), &said.name).into()).await
}

/// Suppresses a caller: a buyer's profiles are no candidates for its calls; a seller's calls from it are unsold, and if an
/// operator says it of the platform, everybody's.
#[utoipa::path(
    post, path = "/account/suppressions", tag = "rules", request_body = NewSuppression, params(OwnerParams),
    responses((status = 201, body = SuppressionJson), Problems)
)]
pub(in super::super) async fn suppress(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<OwnerParams>,
    Body(said): Body<NewSuppression>,
) -> Result<impl IntoResponse, Problem> {
    let account = asker.account(Action::SetSuppression, params.account_id)?;
    let subject = match (&said.caller, said.subject_id) {
        (Some(number), None) => {
            let caller = Caller::parse(number).ok_or_else(|| Problem::from(Fault::CallerMalformed).field("caller"))?;
            caller.subject(&app.0.caller_key)
        }
        (None, Some(id)) => SubjectId(id.0),
        _ => return Err(Problem::malformed("caller", "expected exactly one of caller, subject_id")),
    };
    let until = said.until.as_deref().map(moment).transpose();
    let until = until.map_err(|words| Problem::malformed("until", &words))?;
    let done = app.submit(&SetSuppression { account, subject, until }.into()).await?;
    let (sequence, repeated) = (done.sequence.0, done.repeated);
    Ok(created(Json(SuppressionJson { subject_id: Id(subject.0), sequence, repeated })))
}

/// Lifts a suppression: the caller is welcome again.
#[utoipa::path(
    delete, path = "/account/suppressions/{subject_id}", tag = "rules",
    params(("subject_id" = Id, Path), OwnerParams),
    responses((status = 200, body = SetJson), Problems)
)]
pub(in super::super) async fn suppression_delete(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<OwnerParams>,
    path: RawPathParams,
) -> Result<Json<SetJson>, Problem> {
    let account = asker.account(Action::SetSuppression, params.account_id)?;
    let subject = *ids(&path)?.first().ok_or(Fault::NotFound)?;
    send(&app, &SetSuppression::lift(account, SubjectId(subject)).into()).await
}

/// Puts a profile into a group of its buyer.
#[utoipa::path(
    put, path = "/bid-profiles/{profile_id}/group", tag = "bid profiles", request_body = MemberBody,
    params(("profile_id" = Id, Path), OwnerParams),
    responses((status = 200, body = SetJson), Problems)
)]
pub(in super::super) async fn member_put(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<OwnerParams>,
    path: RawPathParams,
    Body(said): Body<MemberBody>,
) -> Result<Json<SetJson>, Problem> {
    let buyer = asker.account(Action::SetGroup, params.account_id)?;
    let profile = *ids(&path)?.first().ok_or(Fault::NotFound)?;
    send(&app, &SetGroup::new(buyer, ProfileId(profile), Some(GroupId(said.group.0))).into()).await
}

/// Takes a profile out of its group.
#[utoipa::path(
    delete, path = "/bid-profiles/{profile_id}/group", tag = "bid profiles",
    params(("profile_id" = Id, Path), OwnerParams),
    responses((status = 200, body = SetJson), Problems)
)]
pub(in super::super) async fn member_delete(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<OwnerParams>,
    path: RawPathParams,
) -> Result<Json<SetJson>, Problem> {
    let buyer = asker.account(Action::SetGroup, params.account_id)?;
    let profile = *ids(&path)?.first().ok_or(Fault::NotFound)?;
    send(&app, &SetGroup::new(buyer, ProfileId(profile), None).into()).await
}

/// Sets whether the profiles of a group are dialled together.
#[utoipa::path(
    put, path = "/groups/{group_id}", tag = "bid profiles", request_body = GroupBody,
    params(("group_id" = Id, Path), OwnerParams),
    responses((status = 200, body = SetJson), Problems)
)]
pub(in super::super) async fn group_put(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<OwnerParams>,
    path: RawPathParams,
    Body(said): Body<GroupBody>,
) -> Result<Json<SetJson>, Problem> {
    let buyer = asker.account(Action::SetTogether, params.account_id)?;
    let group = *ids(&path)?.first().ok_or(Fault::NotFound)?;
    send(&app, &SetTogether::new(buyer, GroupId(group), said.together).into()).await
}

/// Sets how many firm quotes a seller may have at a time.
#[utoipa::path(
    put, path = "/account/firm-quotes", tag = "rules", request_body = FirmQuotesBody, params(OwnerParams),
    responses((status = 200, body = SetJson), Problems)
)]
pub(in super::super) async fn firm_quotes_put(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<OwnerParams>,
    Body(said): Body<FirmQuotesBody>,
) -> Result<Json<SetJson>, Problem> {
    let seller = asker.account(Action::SetQuoting, params.account_id)?;
    send(&app, &SetQuoting::of(seller, said.firm_quotes).into()).await
}
