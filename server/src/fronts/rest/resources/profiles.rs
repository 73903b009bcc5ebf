//! Bid profiles: which calls a buyer wants, for how much, how many, and where they go.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use dce_engine::commands::{
    CloseProfile, Command, CreateProfile, List, PauseProfile, ResumeProfile, SetAnswering, SetBid,
};
use dce_engine::ids::{AccountId, CalendarId, ProfileId, VerticalId};
use dce_engine::terms::{CapLimits, DialTarget, PauseRule};
use dce_engine::units::{Millis, Seconds};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::terms::{DestinationJson, PayTermJson};
use crate::catalog::{Profile, Vocabulary};
use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::Asker;
use crate::fronts::rest::body::{Body, Params, RepeatKey};
use crate::fronts::rest::etag::{IfMatch, etag};
use crate::fronts::rest::facts::{ClauseJson, clauses, clauses_json};
use crate::fronts::rest::id::Id;
use crate::fronts::rest::moment;
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::{ListParams, Page, ReadParams};
use crate::fronts::rest::router::created;
use crate::identity::Action;

/// How many calls, and how much money a day. What is left out has no cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct CapsJson {
    /// Calls at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<u16>,
    /// Calls an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    hourly: Option<u32>,
    /// Calls a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    daily: Option<u32>,
    /// Calls ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u32>,
    /// Money a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    daily_budget: Option<Amount>,
}

/// How a profile answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct AnsweringJson {
    /// How long its bidder has for its first answer to an invitation; 0 is as long as the listing leaves it.
    bid_within_ms: u32,
    /// An agent may give an answered call back before it has lasted so long; 0 is never.
    reject_within_seconds: u32,
    /// It is paused after so many unanswered calls in a row; 0 is never.
    pause_after_unanswered: u8,
    /// Within so many seconds.
    pause_within_seconds: u32,
}

/// A new profile. What is left out is as the engine has it: vertical 0, tier 1, no standing bid, no caps, pays on connect,
/// not invited to auctions, always open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewProfile {
    /// Its id; the `Idempotency-Key` or a new one if nothing is said.
    id: Option<Id>,
    /// The buyer; the asker's own account if nothing is said.
    buyer_id: Option<Id>,
    vertical: Option<u16>,
    /// Which tier it is served in: an operator's to give.
    tier: Option<u8>,
    /// The standing bid; without one the profile buys by live bids only.
    bid: Option<Amount>,
    pay_term: Option<PayTermJson>,
    caps: Option<CapsJson>,
    /// Whether auctions invite it.
    live: Option<bool>,
    /// The buyer's calendar it is open by.
    hours_id: Option<Id>,
    /// What it wants: every clause must accept the call.
    #[serde(default)]
    targeting: Vec<ClauseJson>,
    /// Where its calls go, in order.
    #[schema(min_items = 1, max_items = 4)]
    destinations: Vec<DestinationJson>,
}

/// A change of a profile: exactly one part.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ProfileChange {
    /// The standing bid; null takes it away.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Amount>)]
    bid: Option<Option<Amount>>,
    /// Whether it competes for nothing until resumed.
    paused: Option<bool>,
    /// How it answers.
    answering: Option<AnsweringJson>,
}

/// A profile.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct ProfileJson {
    id: Id,
    buyer_id: Id,
    vertical: u16,
    tier: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    bid: Option<Amount>,
    pay_term: PayTermJson,
    caps: CapsJson,
    live: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours_id: Option<Id>,
    targeting: Vec<ClauseJson>,
    destinations: Vec<DestinationJson>,
    paused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    answering: Option<AnsweringJson>,
    currency: String,
    created_at: String,
    /// The place of the log this shows.
    sequence: u64,
}

/// Tells null from nothing.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Amount>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Creates a profile.
#[utoipa::path(
    post, path = "/bid-profiles", tag = "bid profiles", request_body = NewProfile,
    params(("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it becomes the profile's id")),
    responses((status = 201, body = ProfileJson), Problems)
)]
pub(in super::super) async fn create(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Body(said): Body<NewProfile>,
) -> Result<impl IntoResponse, Problem> {
    let buyer = asker.account(Action::CreateProfile, said.buyer_id)?;
    let profile = ProfileId(repeat.name(said.id)?);
    let tier = said.tier.unwrap_or(1);
    if tier != 1 && !asker.may_for_all(Action::RankProfile) {
        return Err(Problem::from(Fault::Forbidden).field("tier"));
    }
    if !said.targeting.is_empty() {
        app.know_names().await?;
    }
    let (clauses, values) = clauses(&said.targeting, &app.hub().shelf.look().vocabulary)?;
    let destinations = destinations(&said.destinations)?;
    let usual = CreateProfile::of(buyer, profile);
    let command = CreateProfile {
        vertical: said.vertical.map_or(usual.vertical, VerticalId),
        tier,
        bid: said.bid.map(|bid| bid.0),
        pay_term: said.pay_term.map_or(usual.pay_term, Into::into),
        caps: said.caps.unwrap_or_default().into(),
        live_mode: said.live.unwrap_or(usual.live_mode),
        hours: said.hours_id.map(|id| CalendarId(id.0)),
        clauses: List::borrowed(&clauses),
        values: List::borrowed(&values),
        destinations: List::borrowed(&destinations),
        ..usual
    };
    let done = app.submit(&command.into()).await?;
    show(&app, (buyer, profile), Some(done.sequence.0)).await.map(created)
}

/// The profiles the asker may see.
#[utoipa::path(
    get, path = "/bid-profiles", tag = "bid profiles", params(ListParams),
    responses((status = 200, body = Page<ProfileJson>), Problems)
)]
pub(in super::super) async fn list(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<ListParams>,
) -> Result<Json<Page<ProfileJson>>, Problem> {
    let scope = asker.scope(Action::QueryProfile, params.account_id)?;
    let limit = params.limit(&app)?;
    let after = params.cursor::<2>()?.map(|[buyer, profile]| (AccountId(buyer), ProfileId(profile)));
    let shown = app.shown(params.min_sequence).await?;
    let catalog = shown.catalog();
    let sequence = shown.sequence(&catalog);
    let page = Page::of(
        catalog.profiles_of(scope, after),
        limit,
        sequence,
        |((buyer, profile), _)| [buyer.0, profile.0],
        |(key, profile)| profile_json(&app, *key, profile, &catalog.vocabulary, sequence),
    );
    Ok(Json(page))
}

/// One profile. Its ETag is what `If-Match` of a change is compared with.
#[utoipa::path(
    get, path = "/bid-profiles/{profile_id}", tag = "bid profiles",
    params(("profile_id" = Id, Path), ReadParams),
    responses((status = 200, body = ProfileJson), Problems)
)]
pub(in super::super) async fn get(
    State(app): State<App>,
    asker: Asker,
    Path(profile): Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<impl IntoResponse, Problem> {
    let key = key_of(&asker, Action::QueryProfile, &profile, params.account_id)?;
    show(&app, key, params.min_sequence).await
}

/// Changes one part of a profile.
#[utoipa::path(
    patch, path = "/bid-profiles/{profile_id}", tag = "bid profiles", request_body = ProfileChange,
    params(
        ("profile_id" = Id, Path), ReadParams,
        ("If-Match" = Option<String>, Header, description = "The ETag the change is based on"),
        ("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it chooses the stamp of a changed bid"),
    ),
    responses((status = 200, body = ProfileJson), Problems)
)]
pub(in super::super) async fn change(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Path(profile): Path<String>,
    Params(params): Params<ReadParams>,
    condition: IfMatch,
    Body(said): Body<ProfileChange>,
) -> Result<impl IntoResponse, Problem> {
    let key = key_of(&asker, Action::SetBid, &profile, params.account_id)?;
    let (buyer, profile) = key;
    let one_at_a_time = app.one_at_a_time(buyer, condition).await;
    // A bid that was changed under this condition and key, and is sent again, does not stand in its own way.
    if said.bid.is_none() || !app.has_sent(buyer, repeat) {
        judge(&app, key, condition).await?;
    }
    let done = match said {
        ProfileChange { bid: Some(bid), paused: None, answering: None } => {
            let amount = bid.map(|bid| bid.0);
            app.stamped(buyer, repeat, move |stamp| SetBid::new(buyer, profile, amount, stamp).into()).await?
        }
        ProfileChange { bid: None, paused: Some(paused), answering: None } => {
            let command: Command<'_> = match paused {
                true => PauseProfile { buyer, profile }.into(),
                false => ResumeProfile { buyer, profile }.into(),
            };
            app.submit(&command).await?
        }
        ProfileChange { bid: None, paused: None, answering: Some(answering) } => {
            let rule = PauseRule::new(answering.pause_after_unanswered, Seconds(answering.pause_within_seconds));
            // A second rule, which a plan may have set, is nothing this body speaks of.
            let shown = app.shown(Some(app.newest().0)).await?;
            let set = shown.catalog().profiles.get(&key).and_then(|profile| profile.answering);
            let second = set.map_or_else(PauseRule::default, |set| set.pause_after[1]);
            let command = SetAnswering::new(buyer, profile)
                .bid_within(Millis(answering.bid_within_ms))
                .reject_within(Seconds(answering.reject_within_seconds))
                .pause_after([rule, second]);
            app.submit(&command.into()).await?
        }
        _ => {
            return Err(
                Problem::from(Fault::FieldMalformed).because("a change is exactly one of bid, paused, answering")
            );
        }
    };
    drop(one_at_a_time);
    show(&app, key, Some(done.sequence.0)).await
}

/// Closes a profile: it is gone once it has no live calls and no open bids.
#[utoipa::path(
    delete, path = "/bid-profiles/{profile_id}", tag = "bid profiles",
    params(
        ("profile_id" = Id, Path), ReadParams,
        ("If-Match" = Option<String>, Header, description = "The ETag the decision is based on"),
    ),
    responses((status = 204, description = "It is gone"), Problems)
)]
pub(in super::super) async fn close(
    State(app): State<App>,
    asker: Asker,
    Path(profile): Path<String>,
    Params(params): Params<ReadParams>,
    condition: IfMatch,
) -> Result<StatusCode, Problem> {
    let key = key_of(&asker, Action::CloseProfile, &profile, params.account_id)?;
    let _one_at_a_time = app.one_at_a_time(key.0, condition).await;
    judge(&app, key, condition).await?;
    app.submit(&CloseProfile { buyer: key.0, profile: key.1 }.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the newest state that is shown meets the condition.
async fn judge(app: &App, key: (AccountId, ProfileId), condition: IfMatch) -> Result<(), Problem> {
    let shown = app.shown(Some(app.newest().0)).await?;
    let changed = shown.catalog().profiles.get(&key).map(|profile| profile.changed).ok_or(Fault::NotFound)?;
    condition.judge(changed)
}

fn key_of(asker: &Asker, action: Action, text: &str, named: Option<Id>) -> Result<(AccountId, ProfileId), Problem> {
    let buyer = asker.account(action, named)?;
    let profile = text.parse::<Id>().map_err(|_| Fault::NotFound)?;
    Ok((buyer, ProfileId(profile.0)))
}

async fn show(
    app: &App,
    key: (AccountId, ProfileId),
    min_sequence: Option<u64>,
) -> Result<impl IntoResponse + use<>, Problem> {
    let shown = app.shown(min_sequence).await?;
    let catalog = shown.catalog();
    let profile = catalog.profiles.get(&key).ok_or(Fault::NotFound)?;
    let sequence = shown.sequence(&catalog);
    Ok((etag(profile.changed), Json(profile_json(app, key, profile, &catalog.vocabulary, sequence))))
}

fn destinations(said: &[DestinationJson]) -> Result<Vec<DialTarget>, Problem> {
    let target = |(place, said): (usize, &DestinationJson)| said.target(&format!("destinations[{place}].address"));
    said.iter().enumerate().map(target).collect()
}

impl From<CapsJson> for CapLimits {
    fn from(said: CapsJson) -> Self {
        let CapsJson { concurrency, hourly, daily, total, daily_budget } = said;
        Self { concurrency, hourly, daily, total, daily_budget: daily_budget.map(|budget| budget.0) }
    }
}

impl From<CapLimits> for CapsJson {
    fn from(limits: CapLimits) -> Self {
        let CapLimits { concurrency, hourly, daily, total, daily_budget } = limits;
        Self { concurrency, hourly, daily, total, daily_budget: daily_budget.map(Amount) }
    }
}

fn profile_json(
    app: &App,
    (buyer, profile): (AccountId, ProfileId),
    row: &Profile,
    vocabulary: &Vocabulary,
    sequence: u64,
) -> ProfileJson {
    ProfileJson {
        id: Id(profile.0),
        buyer_id: Id(buyer.0),
        vertical: row.vertical.0,
        tier: row.tier,
        bid: row.bid.map(Amount),
        pay_term: row.pay_term.into(),
        caps: row.caps.into(),
        live: row.live_mode,
        hours_id: row.hours.map(|hours| Id(hours.0)),
        targeting: clauses_json(&row.clauses, &row.values, vocabulary),
        destinations: row.destinations.iter().map(DestinationJson::from).collect(),
        paused: row.is_paused,
        answering: row.answering.map(|answering| AnsweringJson {
            bid_within_ms: answering.bid_within.0,
            reject_within_seconds: answering.reject_within.0,
            pause_after_unanswered: answering.pause_after[0].unanswered,
            pause_within_seconds: answering.pause_after[0].within.0,
        }),
        currency: app.currency(),
        created_at: moment::text(row.created_at),
        sequence,
    }
}
