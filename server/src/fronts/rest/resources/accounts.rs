//! Accounts: who trades. What can be changed of one is its home; its role is for good, and so is closing it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use dce_engine::commands::{CloseAccount, CreateProfile, OpenAccount, SetHome};
use dce_engine::event::Role;
use dce_engine::ids::{AccountId, ProfileId, Sequence, VerticalId, ZoneId};
use dce_engine::units::Money;
use dce_runtime::views::AccountView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::terms::DestinationJson;
use crate::catalog::Catalog;
use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::Asker;
use crate::fronts::rest::body::{Body, Params, RepeatKey};
use crate::fronts::rest::etag::{IfMatch, etag};
use crate::fronts::rest::id::Id;
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::{ListParams, Page, ReadParams};
use crate::fronts::rest::router::created;
use crate::identity::Action;

/// What marks the id of a default profile; its vertical follows.
const DEFAULT_PROFILE: u128 = 0xdefa << 112;

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum RoleJson {
    /// Buys calls.
    Buyer,
    /// Sells calls.
    Seller,
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewAccount {
    /// Its id; the `Idempotency-Key` or a new one if nothing is said.
    id: Option<Id>,
    role: RoleJson,
    /// Its home, by the number of a zone the log knows; 0 is UTC.
    #[serde(default)]
    zone: u16,
    /// Money to begin with.
    deposit: Option<Amount>,
    /// Of a buyer: where its calls go. Then it has a default open profile, which bids where a bid names no profile.
    destination: Option<String>,
    /// The vertical of the default profile; 0 if nothing is said.
    vertical: Option<u16>,
}

/// A change of an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct AccountChange {
    /// Its home from now on, by the number of a zone the log knows; 0 is UTC.
    zone: u16,
}

/// An account and its money.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct AccountJson {
    id: Id,
    /// `buyer` or `seller`; `platform` and `world` are the exchange's own.
    #[schema(example = "buyer")]
    role: &'static str,
    /// `active`, or `closed`: nothing new begins in its name.
    #[schema(example = "active")]
    status: &'static str,
    zone: u16,
    #[serde(flatten)]
    money: BalanceJson,
}

/// What an account has.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct BalanceJson {
    /// What came in less what went out.
    balance: Amount,
    /// Set aside for postings that may come.
    held: Amount,
    /// Set aside by others in its favour.
    expected: Amount,
    currency: String,
    /// The place of the log this shows.
    sequence: u64,
}

/// The id of an account's default profile in a vertical.
pub(in super::super) const fn default_profile(vertical: VerticalId) -> ProfileId {
    ProfileId(DEFAULT_PROFILE | vertical.0 as u128)
}

/// Opens an account.
#[utoipa::path(
    post, path = "/accounts", tag = "accounts", request_body = NewAccount,
    params(("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it becomes the account's id")),
    responses((status = 201, body = AccountJson), Problems)
)]
pub(in super::super) async fn create(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Body(said): Body<NewAccount>,
) -> Result<impl IntoResponse, Problem> {
    let account = AccountId(repeat.name(said.id)?);
    asker.account(Action::OpenAccount, Some(Id(account.0)))?;
    let default = default_of(&app, account, &said)?;
    let role = match said.role {
        RoleJson::Buyer => Role::Buyer,
        RoleJson::Seller => Role::Seller,
    };
    let deposit = said.deposit.map_or(Money::ZERO, |amount| amount.0);
    let opened = app.submit(&OpenAccount { account, role, zone: ZoneId(said.zone), deposit }.into()).await?;
    let mut sequence = opened.sequence;
    if let Some(profile) = default {
        sequence = app.submit(&profile.into()).await?.sequence.max(sequence);
    }
    let shown = app.shown(Some(sequence.0)).await?;
    let view = shown.views.account(account).ok_or(Fault::NotFound)?;
    Ok(created(Json(account_json(&app, account, view, shown.views.sequence()))))
}

/// The default open profile that comes with a buyer's account: it wants every call of its vertical and bids live only.
fn default_of(app: &App, account: AccountId, said: &NewAccount) -> Result<Option<CreateProfile<'static>>, Problem> {
    let Some(destination) = &said.destination else {
        return match said.vertical {
            Some(_) => Err(Problem::missing("destination")),
            None => Ok(None),
        };
    };
    if said.role == RoleJson::Seller {
        return Err(Problem::malformed("destination", "a seller's account has no profile"));
    }
    let vertical = VerticalId(said.vertical.unwrap_or(0));
    // Judged here: what the profile is refused for would have the account opened, and its money in it, all the same.
    if vertical.0 >= app.0.verticals_max {
        let most = app.0.verticals_max - 1;
        return Err(Problem::malformed("vertical", &format!("verticals run from 0 to {most}")));
    }
    let target = DestinationJson::new(destination).target("destination")?;
    let mut profile = CreateProfile::of(account, default_profile(vertical)).vertical(vertical).live();
    profile.destinations = [target].into_iter().collect();
    Ok(Some(profile))
}

/// The accounts the asker may see: an operator all, anybody else its own.
#[utoipa::path(
    get, path = "/accounts", tag = "accounts", params(ListParams),
    responses((status = 200, body = Page<AccountJson>), Problems)
)]
pub(in super::super) async fn list(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<ListParams>,
) -> Result<Json<Page<AccountJson>>, Problem> {
    let scope = asker.scope(Action::QueryAccount, params.account_id)?;
    let (limit, after) = (params.limit(&app)?, params.cursor::<1>()?);
    let shown = app.shown(params.min_sequence).await?;
    let views = &shown.views;
    // In the order of opening, which a cursor names by the account it came to.
    let mut is_past = after.is_none();
    let found = views.accounts().filter(|(account, _)| {
        let was_past = is_past;
        is_past |= after == Some([account.0]);
        was_past && scope.is_none_or(|own| own == *account)
    });
    let sequence = views.sequence();
    let page = Page::of(
        found,
        limit,
        sequence.0,
        |(account, _)| [account.0],
        |(account, view)| account_json(&app, account, view, sequence),
    );
    Ok(Json(page))
}

/// One account.
#[utoipa::path(
    get, path = "/accounts/{account_id}", tag = "accounts",
    params(("account_id" = Id, Path), ReadParams),
    responses((status = 200, body = AccountJson), Problems)
)]
pub(in super::super) async fn get(
    State(app): State<App>,
    asker: Asker,
    Path(account): Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<impl IntoResponse, Problem> {
    let account = account.parse().map(|Id(account)| AccountId(account)).map_err(|_| Fault::NotFound)?;
    if !asker.sees(Action::QueryAccount, account) {
        return Err(Fault::NotFound.into());
    }
    show(&app, account, params.min_sequence).await
}

/// Moves an account's home to another zone: its calendars, the caps and budgets of its profiles and its quotas go by the
/// clocks there from now on. No count begins anew for it.
#[utoipa::path(
    patch, path = "/accounts/{account_id}", tag = "accounts", request_body = AccountChange,
    params(
        ("account_id" = Id, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag the change is based on"),
    ),
    responses((status = 200, body = AccountJson), Problems)
)]
pub(in super::super) async fn change(
    State(app): State<App>,
    asker: Asker,
    Path(account): Path<String>,
    condition: IfMatch,
    Body(said): Body<AccountChange>,
) -> Result<impl IntoResponse, Problem> {
    let account = account.parse::<Id>().map_err(|_| Fault::NotFound)?;
    let account = asker.account(Action::SetHome, Some(account))?;
    let one_at_a_time = app.one_at_a_time(account, condition).await;
    judge(&app, account, condition).await?;
    let moved = app.submit(&SetHome::new(account, ZoneId(said.zone)).into()).await?;
    drop(one_at_a_time);
    show(&app, account, Some(moved.sequence.0)).await
}

/// Closes an account for good: nothing new begins in its name, and what is under way goes on. A buyer closes its bid
/// profiles first. What the account has, or is still to get, can be withdrawn.
#[utoipa::path(
    delete, path = "/accounts/{account_id}", tag = "accounts",
    params(
        ("account_id" = Id, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag the decision is based on"),
    ),
    responses((status = 204, description = "It is closed"), Problems)
)]
pub(in super::super) async fn close(
    State(app): State<App>,
    asker: Asker,
    Path(account): Path<String>,
    condition: IfMatch,
) -> Result<StatusCode, Problem> {
    let account = account.parse::<Id>().map_err(|_| Fault::NotFound)?;
    let account = asker.account(Action::CloseAccount, Some(account))?;
    let _one_at_a_time = app.one_at_a_time(account, condition).await;
    judge(&app, account, condition).await?;
    app.submit(&CloseAccount::new(account).into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether there is the account and it meets the condition.
async fn judge(app: &App, account: AccountId, condition: IfMatch) -> Result<(), Problem> {
    let shown = app.shown(Some(app.newest().0)).await?;
    shown.views.account(account).ok_or(Fault::NotFound)?;
    condition.judge(version(&shown.catalog(), account))
}

async fn show(app: &App, account: AccountId, min_sequence: Option<u64>) -> Result<impl IntoResponse + use<>, Problem> {
    // What is shown is no older than its ETag: else a change could rest on what nobody saw.
    let version = version(&app.shown(min_sequence).await?.catalog(), account);
    let shown = app.shown(Some(version.0.max(min_sequence.unwrap_or(0)))).await?;
    let view = shown.views.account(account).ok_or(Fault::NotFound)?;
    Ok((etag(version), Json(account_json(app, account, view, shown.views.sequence()))))
}

/// Where what an account is last changed: its money is no part of that. The exchange's own never do.
fn version(catalog: &Catalog, account: AccountId) -> Sequence {
    catalog.accounts.get(&account).copied().unwrap_or_default()
}

fn account_json(app: &App, account: AccountId, view: AccountView, sequence: Sequence) -> AccountJson {
    let role = match view.role {
        Role::Buyer => "buyer",
        Role::Seller => "seller",
        Role::Platform => "platform",
        Role::World => "world",
    };
    let status = if view.closed { "closed" } else { "active" };
    let money = balance_json(app, view, sequence);
    AccountJson { id: Id(account.0), role, status, zone: view.zone.0, money }
}

/// An account's money.
pub(in super::super) fn balance_json(app: &App, view: AccountView, sequence: Sequence) -> BalanceJson {
    BalanceJson {
        balance: Amount(view.balance),
        held: Amount(view.held),
        expected: Amount(view.expected),
        currency: app.currency(),
        sequence: sequence.0,
    }
}
