//! What is set of a market, an account, a listing, a profile or a group: vocabulary, hours, rules about callers, quotas,
//! deals, policies, ranks. A body is what stands beside the key in a plan (`docs/plan.md`), read by the plan's readers; it
//! replaces what was set before. What is set is answered in the same words.

#![expect(unused_qualifications, reason = "what utoipa makes of the names that a macro hands it")]

use std::borrow::Cow;

use axum::Json as Answer;
use axum::extract::{RawPathParams, State};
use axum::response::IntoResponse;
use dce_engine::commands::{Command, SetDeal, SetDuplicates, SetFrequency};
use dce_engine::ids::{AccountId, ListingId, ProfileId};
use dce_engine::terms::CallerScope;
use dce_engine::units::Seconds;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::catalog::Spot;
use crate::fronts::rest::App;
use crate::fronts::rest::asker::Asker;
use crate::fronts::rest::body::{Body, Params};
use crate::fronts::rest::etag::{IfMatch, etag};
use crate::fronts::rest::id::Id;
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::ReadParams;
use crate::fronts::rest::told::tell;
use crate::identity::Action;
use crate::plan::{Hold, Json, Of, Part, Section, Shape};

/// Whose, where the asker may act for several.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct OwnerParams {
    /// The account; the asker's own if nothing is said.
    pub(super) account_id: Option<Id>,
}

/// It is so now.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct SetJson {
    /// The place of the log at which it came to be so.
    pub(super) sequence: u64,
    /// Whether it was so before, and nothing changed.
    pub(super) repeated: bool,
}

macro_rules! bodies {
    ($($(#[doc = $doc:literal])+ $name:ident = $form:ident of $shape:ident, $example:literal;)+) => { $(
        $(#[doc = $doc])+
        #[derive(Debug, Deserialize)]
        #[serde(transparent)]
        pub(in super::super) struct $name(Json);

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $form(Shape::$shape.section(), concat!($($doc),+).trim(), $example)
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+ };
}

bodies! {
    /// An attribute by its `name`, and its values, with codes from 1 in their order.
    AttributeBody = attribute of Attribute, r#"{"name":"state","kind":"category","values_max":60,"values":["CA","TX"]}"#;
    /// A list of values of a category or set, by number. Never changed once it is loaded.
    ValueSetBody = object of ValueSet, r#"{"attribute":"state","values":["CA","TX"]}"#;
    /// The transitions of a time zone.
    ZoneBody = list of Zone, r#"[{"from":"2026-03-08T08:00:00Z","offset":"-05:00"},{"from":"2026-11-01T07:00:00Z","offset":"-06:00"}]"#;
    /// When somebody is open.
    CalendarBody = object of Calendar, r#"{"open":{"mon-fri":["09:00-12:00","13:00-17:30"],"sat":"10:00-14:00"},"holidays":[{"on":"2026-12-25"}]}"#;
    /// Which callers count as having called before.
    DuplicatesBody = object of Duplicates, r#"{"on":"connect","window":"720h","anonymous":"distinct"}"#;
    /// How often one caller may call.
    FrequencyBody = object of Frequency, r#"{"calls":3,"window":"24h"}"#;
    /// Which facts refuse a call, the first rule naming the reason; an empty list refuses none.
    ScreenBody = list of Screen, r#"[{"refuse":"LitigatorListed","leg":"transfer","when":{"litigator":true}}]"#;
    /// How many calls, and how much money; an empty object is any number.
    QuotaBody = object of Quota, r#"{"rules":[{"live":12},{"money":"40000.00","per":"month"}],"spacing":"500ms"}"#;
    /// What is agreed with a buyer: the reserve, a floor, or a fixed price.
    DealBody = object of Deal, r#"{"floor":"9.00"}"#;
    /// Who of the best tier gets a call.
    PolicyBody = object of Policy, r#"{"kind":"expected value","segment":"state","explore":"2 %"}"#;
    /// Other calls that a profile takes.
    AlsoBody = object of Also, r#"{"wants":{"state":["TX"],"litigator":false}}"#;
    /// What becomes of a bid; an empty object leaves it as it is.
    ModifiersBody = object of Modifiers, r#"{"max_bid":"25.00","modifiers":{"state":[{"is":"TX","times":"1.2"},{"is":"CA","times":0}],"litigator":{"is":true,"plus":"-1.50"}}}"#;
    /// What a profile is worth to policies.
    RankBody = object of Rank, r#"{"weight":3,"quality":"95 %","prior":[3,4]}"#;
    /// Skills by number, with levels from 1 to 100.
    SkillsBody = levels of Skills, r#"{"0":80,"4":100}"#;
}

macro_rules! puts {
    ($($(#[doc = $doc:literal])+ $name:ident: $path:literal, $tag:literal, [$($param:literal),*], $body:ident, $shape:ident by $action:ident, $of:expr;)+) => { $(
        $(#[doc = $doc])+
        #[utoipa::path(
            put, path = $path, tag = $tag, request_body = $body,
            params(
                $(($param = Id, Path),)* OwnerParams,
                ("If-Match" = Option<String>, Header, description = "The ETag the change is based on"),
            ),
            responses((status = 200, body = SetJson), Problems)
        )]
        pub(in super::super) async fn $name(
            State(app): State<App>,
            asker: Asker,
            Params(params): Params<OwnerParams>,
            path: RawPathParams,
            condition: IfMatch,
            Body($body(body)): Body<$body>,
        ) -> Result<Answer<SetJson>, Problem> {
            let ids = ids(&path)?;
            let of: fn(&[u128]) -> Option<Of> = $of;
            let of = of(&ids).ok_or(Fault::NotFound)?;
            let account = asker.account(Action::$action, params.account_id)?;
            set(&app, (account, Shape::$shape, of), condition, body).await
        }
    )+ };
}

puts! {
    /// Declares an attribute of the market, and its values. What was declared never changes; more values may follow.
    attribute_put: "/attributes/{attribute_id}", "market", ["attribute_id"], AttributeBody, Attribute by DeclareAttribute, number;
    /// Loads a value set.
    value_set_put: "/value-sets/{value_set_id}", "market", ["value_set_id"], ValueSetBody, ValueSet by LoadValueSet, number;
    /// Sets the transitions of a time zone.
    zone_put: "/zones/{zone_id}", "market", ["zone_id"], ZoneBody, Zone by SetZone, number;
    /// Sets a calendar of the account.
    calendar_put: "/calendars/{calendar_id}", "rules", ["calendar_id"], CalendarBody, Calendar by SetCalendar, |ids| Some(Of::Calendar(*ids.first()?));
    /// Sets which callers none of a buyer's profiles takes again.
    duplicates_put: "/account/duplicates", "rules", [], DuplicatesBody, Duplicates by SetDuplicates, account;
    /// Sets which callers are not for sale again.
    listing_duplicates_put: "/listings/{listing_id}/duplicates", "rules", ["listing_id"], DuplicatesBody, Duplicates by SetDuplicates, listing;
    /// Sets which callers a profile does not take again.
    profile_duplicates_put: "/bid-profiles/{profile_id}/duplicates", "rules", ["profile_id"], DuplicatesBody, Duplicates by SetDuplicates, profile;
    /// Sets how often one caller may call, under all of a seller's listings.
    frequency_put: "/account/frequency", "rules", [], FrequencyBody, Frequency by SetFrequency, account;
    /// Sets how often one caller may call under a listing.
    listing_frequency_put: "/listings/{listing_id}/frequency", "rules", ["listing_id"], FrequencyBody, Frequency by SetFrequency, listing;
    /// Sets which facts refuse a call, under all of a seller's listings.
    screen_put: "/account/screen", "rules", [], ScreenBody, Screen by SetScreen, account;
    /// Sets which facts refuse a call under a listing.
    listing_screen_put: "/listings/{listing_id}/screen", "rules", ["listing_id"], ScreenBody, Screen by SetScreen, listing;
    /// Sets how many calls, and how much money, an account takes in all.
    quota_put: "/account/quota", "rules", [], QuotaBody, Quota by SetQuota, account;
    /// Sets how many calls of a listing are sold, and for how much money.
    listing_quota_put: "/listings/{listing_id}/quota", "rules", ["listing_id"], QuotaBody, Quota by SetQuota, listing;
    /// Sets how many calls, and how much money, a profile takes.
    profile_quota_put: "/bid-profiles/{profile_id}/quota", "rules", ["profile_id"], QuotaBody, Quota by SetQuota, profile;
    /// Sets how many calls, and how much money, the profiles of a group take together.
    group_quota_put: "/groups/{group_id}/quota", "rules", ["group_id"], QuotaBody, Quota by SetQuota, |ids| Some(Of::Group(*ids.first()?));
    /// Sets what is agreed with a buyer.
    deal_put: "/listings/{listing_id}/deals/{buyer_id}", "listings", ["listing_id", "buyer_id"], DealBody, Deal by SetDeal, deal;
    /// Sets who of the best tier gets a listing's calls.
    policy_put: "/listings/{listing_id}/policy", "listings", ["listing_id"], PolicyBody, Policy by SetPolicy, listing;
    /// Adds other calls that a profile takes: the second kind, and so on to the eighth. They never change.
    also_put: "/bid-profiles/{profile_id}/also/{nth}", "bid profiles", ["profile_id", "nth"], AlsoBody, Also by AlsoWants, also;
    /// Sets what becomes of a profile's bid for some calls.
    modifiers_put: "/bid-profiles/{profile_id}/modifiers", "bid profiles", ["profile_id"], ModifiersBody, Modifiers by SetModifiers, profile;
    /// Sets what a profile is worth to policies.
    rank_put: "/bid-profiles/{profile_id}/rank", "bid profiles", ["profile_id"], RankBody, Rank by RankProfile, profile;
    /// Sets what a profile knows.
    skills_put: "/bid-profiles/{profile_id}/skills", "bid profiles", ["profile_id"], SkillsBody, Skills by SetSkills, profile;
}

macro_rules! lifts {
    ($($(#[doc = $doc:literal])+ $name:ident: $path:literal, $tag:literal, [$($param:literal),*] by $action:ident, $shape:ident of $of:expr, $command:expr;)+) => { $(
        $(#[doc = $doc])+
        #[utoipa::path(
            delete, path = $path, tag = $tag,
            params(
                $(($param = Id, Path),)* OwnerParams,
                ("If-Match" = Option<String>, Header, description = "The ETag the change is based on"),
            ),
            responses((status = 200, body = SetJson), Problems)
        )]
        pub(in super::super) async fn $name(
            State(app): State<App>,
            asker: Asker,
            Params(params): Params<OwnerParams>,
            path: RawPathParams,
            condition: IfMatch,
        ) -> Result<Answer<SetJson>, Problem> {
            let ids = ids(&path)?;
            let account = asker.account(Action::$action, params.account_id)?;
            let command: fn(AccountId, &[u128]) -> Option<Command<'static>> = $command;
            let command = command(account, &ids).ok_or(Fault::NotFound)?;
            let of: fn(&[u128]) -> Option<Of> = $of;
            let spot = (account, Shape::$shape, of(&ids).ok_or(Fault::NotFound)?);
            let _one_at_a_time = app.one_at_a_time(account, condition).await;
            judge(&app, &spot, condition).await?;
            send(&app, &command).await
        }
    )+ };
}

lifts! {
    /// Lifts a buyer's rule about callers.
    duplicates_delete: "/account/duplicates", "rules", [] by SetDuplicates, Duplicates of account, |account, _| Some(no_duplicates(account, CallerScope::Account));
    /// Lifts a listing's rule about callers.
    listing_duplicates_delete: "/listings/{listing_id}/duplicates", "rules", ["listing_id"] by SetDuplicates, Duplicates of listing, |account, ids| Some(no_duplicates(account, CallerScope::Listing(ListingId(*ids.first()?))));
    /// Lifts a profile's rule about callers.
    profile_duplicates_delete: "/bid-profiles/{profile_id}/duplicates", "rules", ["profile_id"] by SetDuplicates, Duplicates of profile, |account, ids| Some(no_duplicates(account, CallerScope::Profile(ProfileId(*ids.first()?))));
    /// Lets every caller call as often as it likes.
    frequency_delete: "/account/frequency", "rules", [] by SetFrequency, Frequency of account, |account, _| Some(SetFrequency::new(account, 0, Seconds(0)).into());
    /// Lets every caller call a listing as often as it likes.
    listing_frequency_delete: "/listings/{listing_id}/frequency", "rules", ["listing_id"] by SetFrequency, Frequency of listing, |account, ids| Some(SetFrequency::new(account, 0, Seconds(0)).listing(ListingId(*ids.first()?)).into());
    /// Ends the deal with a buyer.
    deal_delete: "/listings/{listing_id}/deals/{buyer_id}", "listings", ["listing_id", "buyer_id"] by SetDeal, Deal of deal, |account, ids| Some(SetDeal::none(account, ListingId(*ids.first()?), AccountId(*ids.get(1)?)).into());
}

macro_rules! gets {
    ($($(#[doc = $doc:literal])+ $name:ident: $path:literal, $tag:literal, [$($param:literal),*], $body:ident, $shape:ident by $action:ident, $of:expr;)+) => { $(
        $(#[doc = $doc])+
        #[utoipa::path(
            get, path = $path, tag = $tag,
            params($(($param = Id, Path),)* ReadParams),
            responses((status = 200, body = $body), Problems)
        )]
        pub(in super::super) async fn $name(
            State(app): State<App>,
            asker: Asker,
            Params(params): Params<ReadParams>,
            path: RawPathParams,
        ) -> Result<impl IntoResponse, Problem> {
            let ids = ids(&path)?;
            let of: fn(&[u128]) -> Option<Of> = $of;
            let of = of(&ids).ok_or(Fault::NotFound)?;
            let account = asker.account(Action::$action, params.account_id)?;
            told(&app, &(account, Shape::$shape, of), params.min_sequence).await
        }
    )+ };
}

gets! {
    /// The hours of a calendar.
    calendar_get: "/calendars/{calendar_id}", "rules", ["calendar_id"], CalendarBody, Calendar by QueryAccount, |ids| Some(Of::Calendar(*ids.first()?));
    /// Which callers none of a buyer's profiles takes again.
    duplicates_get: "/account/duplicates", "rules", [], DuplicatesBody, Duplicates by QueryAccount, account;
    /// Which callers are not for sale again.
    listing_duplicates_get: "/listings/{listing_id}/duplicates", "rules", ["listing_id"], DuplicatesBody, Duplicates by QueryListing, listing;
    /// Which callers a profile does not take again.
    profile_duplicates_get: "/bid-profiles/{profile_id}/duplicates", "rules", ["profile_id"], DuplicatesBody, Duplicates by QueryProfile, profile;
    /// How often one caller may call, under all of a seller's listings.
    frequency_get: "/account/frequency", "rules", [], FrequencyBody, Frequency by QueryAccount, account;
    /// How often one caller may call under a listing.
    listing_frequency_get: "/listings/{listing_id}/frequency", "rules", ["listing_id"], FrequencyBody, Frequency by QueryListing, listing;
    /// Which facts refuse a call, under all of a seller's listings.
    screen_get: "/account/screen", "rules", [], ScreenBody, Screen by QueryAccount, account;
    /// Which facts refuse a call under a listing.
    listing_screen_get: "/listings/{listing_id}/screen", "rules", ["listing_id"], ScreenBody, Screen by QueryListing, listing;
    /// How many calls, and how much money, an account takes in all.
    quota_get: "/account/quota", "rules", [], QuotaBody, Quota by QueryAccount, account;
    /// How many calls of a listing are sold, and for how much money.
    listing_quota_get: "/listings/{listing_id}/quota", "rules", ["listing_id"], QuotaBody, Quota by QueryListing, listing;
    /// How many calls, and how much money, a profile takes.
    profile_quota_get: "/bid-profiles/{profile_id}/quota", "rules", ["profile_id"], QuotaBody, Quota by QueryProfile, profile;
    /// How many calls, and how much money, the profiles of a group take together.
    group_quota_get: "/groups/{group_id}/quota", "rules", ["group_id"], QuotaBody, Quota by QueryProfile, |ids| Some(Of::Group(*ids.first()?));
    /// What is agreed with a buyer.
    deal_get: "/listings/{listing_id}/deals/{buyer_id}", "listings", ["listing_id", "buyer_id"], DealBody, Deal by QueryListing, deal;
    /// Who of the best tier gets a listing's calls.
    policy_get: "/listings/{listing_id}/policy", "listings", ["listing_id"], PolicyBody, Policy by QueryListing, listing;
    /// Other calls that a profile takes.
    also_get: "/bid-profiles/{profile_id}/also/{nth}", "bid profiles", ["profile_id", "nth"], AlsoBody, Also by QueryProfile, also;
    /// What becomes of a profile's bid for some calls.
    modifiers_get: "/bid-profiles/{profile_id}/modifiers", "bid profiles", ["profile_id"], ModifiersBody, Modifiers by QueryProfile, profile;
    /// What a profile is worth to policies.
    rank_get: "/bid-profiles/{profile_id}/rank", "bid profiles", ["profile_id"], RankBody, Rank by QueryProfile, profile;
    /// What a profile knows.
    skills_get: "/bid-profiles/{profile_id}/skills", "bid profiles", ["profile_id"], SkillsBody, Skills by QueryProfile, profile;
}

fn no_duplicates(account: AccountId, scope: CallerScope) -> Command<'static> {
    SetDuplicates::new(account, scope, Seconds(0)).into()
}

fn account(_: &[u128]) -> Option<Of> {
    Some(Of::Account)
}

fn deal(ids: &[u128]) -> Option<Of> {
    Some(Of::Deal(*ids.first()?, *ids.get(1)?))
}

fn also(ids: &[u128]) -> Option<Of> {
    Some(Of::Also(*ids.first()?, u8::try_from(*ids.get(1)?).ok()?))
}

fn number(ids: &[u128]) -> Option<Of> {
    u16::try_from(*ids.first()?).ok().map(Of::Number)
}

fn listing(ids: &[u128]) -> Option<Of> {
    Some(Of::Listing(*ids.first()?))
}

fn profile(ids: &[u128]) -> Option<Of> {
    Some(Of::Profile(*ids.first()?))
}

/// The ids that a path names, in order. What is no id names nothing.
pub(super) fn ids(path: &RawPathParams) -> Result<Vec<u128>, Problem> {
    let ids = path.iter().map(|(_, text)| text.parse::<Id>().map(|id| id.0));
    ids.collect::<Result<_, _>>().map_err(|_| Fault::NotFound.into())
}

/// What is set there. It holds its place of the log in its ETag, and nothing but what a body may say.
async fn told(app: &App, spot: &Spot, min_sequence: Option<u64>) -> Result<impl IntoResponse + use<>, Problem> {
    let shown = app.shown(min_sequence).await?;
    let catalog = shown.catalog();
    let rule = catalog.rules.get(spot).ok_or(Fault::NotFound)?;
    let told = rule.read(|command| tell(command, &catalog.vocabulary)).flatten().ok_or(Fault::NotFound)?;
    Ok((etag(rule.changed), Answer(told)))
}

/// Whether what is set there meets the condition; nothing does where nothing is set.
async fn judge(app: &App, spot: &Spot, condition: IfMatch) -> Result<(), Problem> {
    if matches!(condition, IfMatch::Nothing) {
        return Ok(());
    }
    let shown = app.shown(Some(app.newest().0)).await?;
    let changed = shown.catalog().rules.get(spot).map(|rule| rule.changed);
    condition.judge(changed.ok_or(Fault::PreconditionFailed)?)
}

/// Reads a body and carries it out.
async fn set(
    app: &App,
    (account, shape, of): Spot,
    condition: IfMatch,
    mut body: Json,
) -> Result<Answer<SetJson>, Problem> {
    let name = match shape {
        Shape::Attribute => body.take("name").ok_or_else(|| Problem::missing("name"))?,
        _ => String::new(),
    };
    if shape.has_names() {
        app.know_names().await?;
    }
    let read = {
        let catalog = app.hub().shelf.look();
        Part::read(&body, (shape, of), &name, &catalog.vocabulary)
    };
    let part = read.map_err(|wrong| {
        let problem = Problem::from(Fault::FieldMalformed).because(&wrong.what);
        if wrong.field.is_empty() { problem } else { problem.field(wrong.field) }
    })?;
    let _one_at_a_time = app.one_at_a_time(account, condition).await;
    judge(app, &(account, shape, of), condition).await?;
    let mut hold = Hold::default();
    let mut set = SetJson { sequence: 0, repeated: true };
    for command in part.commands(account, &mut hold) {
        let done = app.submit(&command).await?;
        set.sequence = set.sequence.max(done.sequence.0);
        set.repeated &= done.repeated;
    }
    Ok(Answer(set))
}

/// Carries one command out.
pub(super) async fn send(app: &App, command: &Command<'_>) -> Result<Answer<SetJson>, Problem> {
    let done = app.submit(command).await?;
    Ok(Answer(SetJson { sequence: done.sequence.0, repeated: done.repeated }))
}

/// The schema of a map of a plan.
fn described(section: &Section) -> ObjectBuilder {
    let object = ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)));
    section.keys.iter().filter(|key| key.name != "id").fold(object, |object, key| {
        let takes = format!("{}: {}", key.takes, key.about);
        let any = ObjectBuilder::new().schema_type(SchemaType::AnyValue).description(Some(takes));
        let object = object.property(key.name, any);
        if key.required { object.required(key.name) } else { object }
    })
}

fn example(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn object(section: &Section, about: &str, text: &str) -> RefOr<Schema> {
    described(section).description(Some(about)).examples([example(text)]).build().into()
}

fn attribute(section: &Section, about: &str, text: &str) -> RefOr<Schema> {
    let name = ObjectBuilder::new().schema_type(Type::String).description(Some("What it is called."));
    let described = described(section).property("name", name).required("name");
    described.description(Some(about)).examples([example(text)]).build().into()
}

fn list(section: &Section, about: &str, text: &str) -> RefOr<Schema> {
    let items = ArrayBuilder::new().items(described(section));
    items.description(Some(about)).examples([example(text)]).build().into()
}

fn levels(_: &Section, about: &str, text: &str) -> RefOr<Schema> {
    let level = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(100));
    let levels = ObjectBuilder::new().additional_properties(Some(level));
    levels.description(Some(about)).examples([example(text)]).build().into()
}
