//! The operator's morning: schema, zones, accounts, listings and profiles, over the wire like everything else.

use std::time::{SystemTime, UNIX_EPOCH};

use dce_client::{
    AccountId, Client, ClockStart, Error, Kind, ListingId, Money, NewListing, NewProfile, PayTerm, Payout, Pending,
    ProfileId, Test,
};

use super::market::{Buyer, Listing, Manner, Market, PLATFORM_FLOAT, Profile, Wish, attribute};
use super::words::{LANGUAGES, STATES, TAGS, VERTICALS};
use super::zones::ZONES;
use crate::tools::names::Names;

/// How long a destination may ring, in milliseconds on the wall. The script gives up long before.
const RING_MS: u32 = 30_000;

/// Makes the whole market. Requests are sent without waiting for one another; the first refusal is the answer.
pub(super) async fn set_up(client: &Client, market: &Market) -> Result<(), Error> {
    let mut pending = schema(client);
    pending.extend(zones(client));
    let operator = client.operator();
    pending.push(operator.deposit(AccountId(0), client.new_movement(), money(PLATFORM_FLOAT)));
    for seller in &market.sellers {
        let account = AccountId(seller.account);
        pending.push(operator.open_seller(account, 0));
        pending.extend(seller.listings.iter().map(|terms| operator.create_listing(account, &listing(terms))));
    }
    for buyer in market.all_buyers() {
        let account = AccountId(buyer.account);
        // Zones are numbered from 1: zone 0 is UTC.
        pending.push(operator.open_buyer(account, buyer.zone as u16 + 1, money(buyer.deposit)));
        pending.extend(buyer.profiles.iter().map(|terms| operator.create_profile(account, &profile(buyer, terms))));
    }
    for answer in pending {
        answer.await?;
    }
    for buyer in market.all_buyers() {
        for paused in buyer.profiles.iter().filter(|profile| profile.paused) {
            let bidder = client.bidder_for(AccountId(buyer.account)).await?;
            bidder.pause_profile(ProfileId(paused.id)).await?;
        }
    }
    Ok(())
}

/// What accounts and profiles are called, for `dce explain`.
pub(super) fn names(market: &Market) -> Names {
    let mut names = Names::default();
    for seller in &market.sellers {
        names.name_account(seller.account, seller.name);
    }
    for buyer in market.all_buyers() {
        names.name_account(buyer.account, &buyer.name);
        for profile in &buyer.profiles {
            names.name_profile(buyer.account, profile.id, &profile.name);
        }
    }
    names
}

/// The engine's money as the client's.
pub(super) fn money(amount: dce_engine::units::Money) -> Money {
    Money::from_micros(amount.micros())
}

fn schema(client: &Client) -> Vec<Pending> {
    let operator = client.operator();
    let codes: Vec<String> = STATES.iter().flat_map(|state| state.area_codes).map(u16::to_string).collect();
    let (codes_max, few) = (codes.len() as u32, |words: usize| words as u32);
    let vocabularies: [(u16, &str, Kind, Vec<&str>); 4] = [
        (
            attribute::STATE,
            "state",
            Kind::Category { values_max: few(STATES.len()) },
            STATES.iter().map(|state| state.name).collect(),
        ),
        (
            attribute::AREA_CODE,
            "area code",
            Kind::Category { values_max: codes_max },
            codes.iter().map(String::as_str).collect(),
        ),
        (
            attribute::LANGUAGE,
            "language",
            Kind::Category { values_max: few(LANGUAGES.len()) },
            LANGUAGES.iter().map(|(name, _)| *name).collect(),
        ),
        (attribute::TAGS, "tags", Kind::Set { values_max: few(TAGS.len()) }, TAGS.to_vec()),
    ];
    let mut pending = Vec::new();
    for (attribute, name, kind, values) in vocabularies {
        pending.push(operator.declare_attribute(attribute, name, kind));
        let define = |(place, value): (usize, &&str)| operator.define_value(attribute, place as u32 + 1, value);
        pending.extend(values.iter().enumerate().map(define));
    }
    let whole = |low, high| Kind::Integer { decimals: 0, low, high };
    pending.push(operator.declare_attribute(attribute::AGE, "age", whole(18, 90)));
    pending.push(operator.declare_attribute(attribute::HOUR, "hour", whole(0, 24)));
    pending.push(operator.declare_attribute(attribute::HOMEOWNER, "homeowner", Kind::Boolean));
    pending
}

fn zones(client: &Client) -> Vec<Pending> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let transitions = |zone: &super::zones::Zone| -> Vec<(u64, i32)> {
        zone.changes(now).iter().map(|change| (change.at_seconds * 1_000_000, change.offset_seconds)).collect()
    };
    (1..).zip(&ZONES).map(|(number, zone)| client.operator().set_zone(number, &transitions(zone))).collect()
}

fn listing(terms: &Listing) -> NewListing {
    let term = PayTerm::After { seconds: terms.payout_seconds, from: ClockStart::Connect };
    let listing = NewListing::new(ListingId(terms.id))
        .vertical(terms.vertical)
        .reserve(money(terms.reserve))
        .margin_min(money(terms.margin_min))
        .pays_out(Payout::Share(terms.payout_share_bp), term);
    if terms.second_price { listing.second_price(Money::from_micros(10_000)) } else { listing }
}

/// A profile as its buyer signed it, without a standing bid: buyers set their bids themselves.
pub(super) fn profile(buyer: &Buyer, terms: &Profile) -> NewProfile {
    let seconds = VERTICALS[usize::from(terms.vertical)].buffer_seconds;
    let mut profile = NewProfile::new(ProfileId(terms.id))
        .vertical(terms.vertical)
        .tier(terms.tier)
        .pays(PayTerm::After { seconds, from: ClockStart::Connect });
    if buyer.manner == Manner::Live {
        profile = profile.live();
    }
    if let Some(calls) = terms.concurrency {
        profile = profile.concurrency(calls);
    }
    if let Some(calls) = terms.daily_cap {
        profile = profile.daily_cap(calls);
    }
    if let Some(budget) = terms.daily_budget {
        profile = profile.daily_budget(money(budget));
    }
    for wish in &terms.wishes {
        profile = match wish {
            Wish::AnyOf(attribute, values) => profile.wants(*attribute, values.iter().copied()),
            Wish::NoneOf(attribute, values) => profile.excludes(*attribute, values.iter().copied()),
            Wish::Range(attribute, low, high) => profile.test(*attribute, Test::Range { low: *low, high: *high }),
            Wish::Is(attribute, value) => profile.test(*attribute, Test::Is { value: *value }),
        };
    }
    for destination in &terms.destinations {
        profile = profile.dial(destination.as_bytes(), RING_MS);
    }
    profile
}
