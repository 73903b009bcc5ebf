//! Why a call was decided as it was: the reasons recorded with the decision; else the log replayed up to it, in the background,
//! and asked again until that is done.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dce_engine::explain::{Distance, Explanation, Verdict};
use dce_engine::ids::{AccountId, CallId, ProfileId};
use dce_history::Candidate;
use hashbrown::HashMap;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

use super::terms::ReasonJson;
use crate::catalog::Vocabulary;
use crate::explain::{Asked, Why, WhyNot};
use crate::fronts::quic::is_own_affair;
use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::Asker;
use crate::fronts::rest::body::Params;
use crate::fronts::rest::facts::{decimals, scaled_text};
use crate::fronts::rest::id::{CallRef, Id};
use crate::fronts::rest::moment;
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::identity::Action;

/// How long a request waits for its explanation before it is told to ask again.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long an explanation that nobody asks for is kept.
const KEPT_MAX: Duration = Duration::from_secs(60);

/// Who is asked about.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct ExplainParams {
    /// The call's seller, where the path does not name it.
    account_id: Option<Id>,
    /// One buyer's profiles only; a buyer hears of its own.
    buyer_id: Option<Id>,
    /// One profile only.
    profile_id: Option<Id>,
    /// Reads the log even where reasons were recorded: every candidate of the decision, and how far each was from passing.
    replay: Option<bool>,
}

/// Why a call was decided as it was.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct WhyJson {
    /// `seller.call`.
    reference: String,
    /// The place of the log at which it was decided.
    decided_at: u64,
    /// Whether these are the reasons recorded with the decision, or the log was read up to it.
    source: SourceJson,
    /// What the rules said of each candidate.
    candidates: Vec<CandidateJson>,
    currency: String,
}

/// Where reasons come from.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum SourceJson {
    /// The decision's own events, from the history.
    Recorded,
    /// The exchange as it was, made again from the log.
    Replayed,
}

/// What the rules said of a candidate.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct CandidateJson {
    buyer_id: Id,
    profile_id: Id,
    /// What it bid on this call, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    verdict: VerdictJson,
    /// The rule that stopped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonJson>,
    /// The attribute it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute: Option<String>,
    /// How far it was from passing, where that is a number and its own affair.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<MissingJson>,
}

/// How a candidate stood.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum VerdictJson {
    /// The call is its.
    Won,
    /// It may have won.
    Eligible,
    /// A rule stopped it.
    Lost,
}

/// How far a candidate was from passing.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct MissingJson {
    /// Of what: `money`, `number`, `metres`, `calls`, `until`, `tiers` or `levels`.
    of: &'static str,
    /// How much; for `calls` those taken of those there may be, for `until` a time.
    value: String,
}

/// A question that is being answered.
#[derive(Debug)]
struct Waiting {
    answer: oneshot::Receiver<Result<Why, WhyNot>>,
    asked_at: Instant,
}

type Question = (AccountId, AccountId, CallId, Option<AccountId>, Option<ProfileId>);

/// The questions under way: bounded as the explainer's queue is.
#[derive(Debug)]
pub(in super::super) struct Explains {
    waiting: Mutex<HashMap<Question, Waiting>>,
    waiting_max: usize,
}

impl Explains {
    pub(in super::super) fn new(waiting_max: usize) -> Self {
        Self { waiting: Mutex::default(), waiting_max }
    }

    fn take(&self, question: &Question) -> Option<Waiting> {
        self.waiting.lock().remove(question)
    }

    /// Keeps an answer for the next request. Those that nobody came back for make room.
    fn keep(&self, question: Question, waiting: Waiting) {
        let mut all = self.waiting.lock();
        all.retain(|_, waiting| waiting.asked_at.elapsed() < KEPT_MAX);
        if all.len() < self.waiting_max {
            all.insert(question, waiting);
        }
    }
}

/// Says why a call was decided as it was: the reasons recorded with the decision, from the history; of a profile of which
/// none was recorded, the log read up to the decision. `202` while it is being read: ask again.
#[utoipa::path(
    get, path = "/calls/{call_id}/explain", tag = "calls",
    params(("call_id" = String, Path, description = "`seller.call`"), ExplainParams),
    responses(
        (status = 200, body = WhyJson),
        (status = 202, description = "The log is being read; ask again", body = WaitJson),
        Problems
    )
)]
pub(in super::super) async fn explain(
    State(app): State<App>,
    asker: Asker,
    Path(text): Path<String>,
    Params(params): Params<ExplainParams>,
) -> Result<Response, Problem> {
    let on = CallRef::parse(&text, params.account_id.map(|id| AccountId(id.0))).ok_or(Fault::NotFound)?;
    let buyer = asker.scope(Action::QueryExplain, params.buyer_id)?;
    let profile = params.profile_id.map(|id| ProfileId(id.0));
    // So that nobody has the log read for a name that was made up.
    // The log is there without the history.
    let past = app.past(None).await.ok();
    let row = past.as_ref().map(|past| past.history.call((on.seller, on.call))).transpose()?.flatten();
    let shown = app.shown(Some(app.newest().0)).await?;
    let is_shown = row.is_some() || shown.views.call(on.seller, on.call).is_some();
    if !is_shown && !asker.may_for_all(Action::QueryExplain) {
        return Err(Fault::ExplainUnknown.into());
    }
    let decided = row.as_ref().and_then(|row| row.decided);
    if let (Some(past), Some(row), Some(decided)) = (&past, &row, decided)
        && params.replay != Some(true)
    {
        let mut told = past.history.candidates(row)?;
        told.retain(|said| {
            buyer.is_none_or(|buyer| buyer == said.buyer) && profile.is_none_or(|profile| profile == said.profile)
        });
        if !told.is_empty() {
            let (reference, currency) = (on.to_string(), app.currency());
            let candidates = told.iter().map(told_json).collect();
            let (decided_at, source) = (decided.0, SourceJson::Recorded);
            return Ok(Json(WhyJson { reference, decided_at, source, candidates, currency }).into_response());
        }
    }
    let by = asker.own();
    let question = (by, on.seller, on.call, buyer, profile);
    let waiting = match app.0.explains.take(&question) {
        Some(waiting) => waiting,
        None => {
            let asked = Asked { by, seller: on.seller, call: on.call, buyer, profile, until: decided };
            let answer = app.hub().explainer.ask(asked).map_err(problem)?;
            Waiting { answer, asked_at: Instant::now() }
        }
    };
    let Waiting { mut answer, asked_at } = waiting;
    match timeout(PATIENCE, &mut answer).await {
        Ok(answer) => {
            let why = answer.unwrap_or(Err(WhyNot::Failed)).map_err(problem)?;
            let catalog = shown.catalog();
            Ok(Json(why_json(&app, &asker, on, &why, &catalog.vocabulary)).into_response())
        }
        Err(_) => {
            app.0.explains.keep(question, Waiting { answer, asked_at });
            let again = [(header::RETRY_AFTER, HeaderValue::from_static("1"))];
            let body = Json(WaitJson { status: "pending" });
            Ok((StatusCode::ACCEPTED, again, body).into_response())
        }
    }
}

/// It takes a while.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct WaitJson {
    /// `pending`.
    status: &'static str,
}

fn problem(why_not: WhyNot) -> Problem {
    match why_not {
        WhyNot::Busy => Fault::ExplainBusy.into(),
        WhyNot::Unknown => Fault::ExplainUnknown.into(),
        WhyNot::Failed => Fault::ExplainFailed.into(),
    }
}

fn why_json(app: &App, asker: &Asker, on: CallRef, why: &Why, vocabulary: &Vocabulary) -> WhyJson {
    let candidates = why.verdicts.iter().map(|said| candidate_json(asker, said, vocabulary)).collect();
    let (reference, decided_at, source) = (on.to_string(), why.sequence.0, SourceJson::Replayed);
    WhyJson { reference, decided_at, source, candidates, currency: app.currency() }
}

/// A candidate as the decision's events tell of it.
fn told_json(said: &Candidate) -> CandidateJson {
    CandidateJson {
        buyer_id: Id(said.buyer.0),
        profile_id: Id(said.profile.0),
        amount: said.amount.map(Amount),
        verdict: if said.lost.is_some() { VerdictJson::Lost } else { VerdictJson::Won },
        reason: said.lost.map(ReasonJson::from),
        attribute: None,
        missing: None,
    }
}

fn candidate_json(asker: &Asker, said: &Explanation, vocabulary: &Vocabulary) -> CandidateJson {
    let tells_all = asker.may_for_all(Action::QueryExplain);
    let mut json = CandidateJson {
        buyer_id: Id(said.buyer.0),
        profile_id: Id(said.profile.0),
        amount: said.amount.map(Amount),
        verdict: VerdictJson::Lost,
        reason: None,
        attribute: None,
        missing: None,
    };
    match said.verdict {
        Verdict::Won => json.verdict = VerdictJson::Won,
        Verdict::Eligible => json.verdict = VerdictJson::Eligible,
        Verdict::Lost(loss) => {
            json.reason = Some(loss.reason.into());
            let attribute = loss.attribute.and_then(|attribute| vocabulary.get(attribute));
            json.attribute = attribute.map(|attribute| attribute.name.clone());
            let told = loss.distance.filter(|_| tells_all || is_own_affair(loss.reason));
            let decimals = attribute.map_or(0, decimals);
            json.missing = told.map(|distance| missing_json(distance, decimals));
        }
    }
    json
}

/// A number has as many decimals as its attribute.
fn missing_json(distance: Distance, decimals: u8) -> MissingJson {
    let (of, value) = match distance {
        Distance::Money(money) => ("money", money.to_string()),
        Distance::Number(number) => ("number", scaled_text(number, decimals)),
        Distance::Metres(metres) => ("metres", metres.0.to_string()),
        Distance::Calls { taken, most } => ("calls", format!("{taken} of {most}")),
        Distance::Until(at) => ("until", moment::text(at)),
        Distance::Tiers(tiers) => ("tiers", tiers.to_string()),
        Distance::Levels(short) => ("levels", format!("skill {} by {}", short.skill.0, short.level)),
    };
    MissingJson { of, value }
}
