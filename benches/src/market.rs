//! An exchange with a world in it, ready for its first call.

use dce_engine::limits::VALUE_SET_CHUNK_MAX;
use dce_engine::prelude::*;

use crate::vocabulary::{METROS, VERTICALS, ZIP3, ZIP3S, code, declare, lines};
use crate::world::{Breadth, Call, SELLERS, World};

/// When the first call comes.
pub const OPENING: Timestamp = Timestamp::from_seconds(1_764_000_000);
/// Every seller's one session.
pub const SESSION: SessionId = SessionId(1);
/// What a second price adds.
pub const INCREMENT: Money = usd("0.01");
/// Room for what single benches create on top of the world.
const SPARE: u32 = 1_024;
const ZONES: [i32; 4] = [-5, -6, -7, -8];

/// Whether profiles have their caps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caps {
    /// As drawn.
    Kept,
    /// None, so that a decision depends on targeting and bids alone: what the rivals decide.
    Lifted,
}

/// An exchange in which the world's sellers, buyers and profiles are, its rows in order.
///
/// # Panics
///
/// When the exchange refuses any of it: the world and the limits here are made for each other.
#[must_use]
pub fn open(world: &World, caps: Caps) -> Exchange {
    open_by(world, caps, None)
}

/// The skill that a listing given out by skill requires.
const SKILL: SkillId = SkillId(1);

/// The same; with a policy, calls are given out by it and sold at first price, and profiles are graded.
///
/// # Panics
///
/// As for [`open`].
#[must_use]
pub fn open_by(world: &World, caps: Caps, policy: Option<Policy>) -> Exchange {
    let genesis = genesis(world);
    fill(if policy.is_some() { all_settings(genesis) } else { genesis }, world, caps, policy)
}

/// The same from this genesis.
///
/// # Panics
///
/// As for [`open`].
#[must_use]
pub fn fill(genesis: Genesis, world: &World, caps: Caps, policy: Option<Policy>) -> Exchange {
    let mut exchange = Exchange::new(genesis).expect("Invariant: the limits below can be");
    let mut events = Events::new();
    carry_out(world, caps, policy, |command| accept(&mut exchange, OPENING, command, &mut events));
    while exchange.maintain(u32::MAX) {}
    exchange
}

/// The genesis of an exchange for this world.
#[must_use]
pub fn genesis(world: &World) -> Genesis {
    Genesis::new(limits(world), 7, USD)
}

/// The same with room for settings of all profiles.
#[must_use]
pub const fn all_settings(mut genesis: Genesis) -> Genesis {
    genesis.limits.settings_max = genesis.limits.profiles_max;
    genesis
}

/// The same with room for as many lines of the index more, for what a bench declares.
#[must_use]
pub fn genesis_with_lines(world: &World, more: u32) -> Genesis {
    let limits = limits(world);
    Genesis::new(Limits { lines_max: limits.lines_max + more, ..limits }, 7, USD)
}

/// Every command that makes this world, in order.
pub fn carry_out(world: &World, caps: Caps, policy: Option<Policy>, mut apply: impl FnMut(&Command<'_>)) {
    furnish(world, policy, &mut apply);
    for place in 0..world.profiles.len() {
        apply(&profile_command(world, place, caps).into());
        if policy.is_some() {
            grade(world, place, &mut apply);
        }
    }
}

/// Every command up to the first profile.
fn furnish(world: &World, policy: Option<Policy>, mut apply: impl FnMut(&Command<'_>)) {
    declare(world.breadth, &mut apply);
    // A narrow market has no zip prefixes to list.
    let metros = if world.breadth == Breadth::Wide { &world.metros[..] } else { &[] };
    for (metro, zips) in (0..METROS).zip(metros) {
        let values: Vec<ValueCode> =
            (0..ZIP3S).filter(|zip| zips[*zip as usize / 64] >> (zip % 64) & 1 == 1).map(code).collect();
        assert!(values.len() <= VALUE_SET_CHUNK_MAX, "Invariant: a metro fits a chunk");
        let total = values.len() as u32;
        apply(&LoadValueSet::chunk(ValueSetId(metro), ZIP3, total, 0, &values).into());
    }
    for (zone, hours) in (1..).zip(ZONES) {
        let transitions = [Transition { at: Timestamp::default(), offset_seconds: hours * 3_600 }];
        apply(&SetZone::new(ZoneId(zone), &transitions).into());
    }
    let rich = Money::from_units(100_000_000);
    apply(&Deposit::new(AccountId::PLATFORM, MovementId::at(OPENING, 1), rich).into());
    for seller in 0..SELLERS {
        let seller = seller_id(seller);
        apply(&OpenAccount::seller(seller).into());
        apply(&OpenSession::new(seller, SESSION).into());
        for vertical in 0..VERTICALS {
            let term = PayTerm::After { seconds: Seconds(90), from: ClockStart::Connect };
            let listing = CreateListing::of(seller, listing_id(vertical));
            let listing = if policy.is_none() { listing.second_price(INCREMENT) } else { listing };
            let listing =
                listing.vertical(VerticalId(vertical)).pays_out(Payout::Share(BasisPoints(8_000)), term).withdrawable();
            apply(&listing.into());
            if let Some(policy) = policy {
                let choice = SetPolicy::new(seller, listing_id(vertical), policy);
                let skilled = policy == Policy::Skill;
                apply(&if skilled { choice.requires(SKILL, 1).into() } else { choice.into() });
            }
        }
    }
    for buyer in 0..buyers(world) {
        let zone = ZoneId(1 + (buyer % ZONES.len()) as u16);
        let buyer = AccountId(FIRST_BUYER + buyer as u128);
        // A million profiles' buyers together have less than an exchange can count.
        apply(&OpenAccount::buyer(buyer).zone(zone).deposit(Money::from_units(10_000_000)).into());
        apply(&OpenSession::new(buyer, SESSION).into());
    }
}

/// Weights, qualities, priors and levels that differ from profile to profile.
fn grade(world: &World, place: usize, apply: &mut impl FnMut(&Command<'_>)) {
    let (buyer, profile) = profile_id(world, place);
    let (some, more) = ((place % 7) as u16, (place % 11) as u16);
    let rank = RankProfile::new(buyer, profile).weight(1 + some).quality(BasisPoints(9_000 + 100 * more));
    apply(&rank.prior(Prior::new(7 + some, 20)).into());
    apply(&SetSkills::new(buyer, profile).with(SKILL, 1 + (place % 97) as u8).into());
}

/// Applies what cannot be refused here.
///
/// # Panics
///
/// When it is.
pub fn accept(exchange: &mut Exchange, at: Timestamp, command: &Command<'_>, events: &mut Events) {
    if let Err(reject) = exchange.apply(at, command, events) {
        panic!("{reject:?} ({}): {command:?}", reject.text());
    }
}

/// The command that creates the profile at this place of the world.
#[must_use]
pub fn profile_command(world: &World, place: usize, caps: Caps) -> CreateProfile<'static> {
    let profile = &world.profiles[place];
    let (buyer, id) = profile_id(world, place);
    let command = CreateProfile::of(buyer, id)
        .bid(profile.bid)
        .pays(PayTerm::After { seconds: profile.pays_after, from: ClockStart::Connect })
        .dial(b"+18005550100", Millis(20_000))
        .live();
    let mut command = profile.wishes.target(command);
    if caps == Caps::Kept {
        command.caps = profile.caps;
    }
    command
}

/// The call as it is offered at this moment, facts borrowed.
#[must_use]
pub fn offer(call: &Call, at: Timestamp, counter: u64) -> OfferCall<'_> {
    let seller = seller_id(call.seller);
    let listing = listing_id(u16::from(call.caller.vertical));
    OfferCall::new(seller, CallId::at(at, counter), listing).reserve(call.reserve).facts(&call.facts)
}

/// The account of a seller.
#[must_use]
pub const fn seller_id(seller: u8) -> AccountId {
    AccountId(1 + seller as u128)
}

/// Every seller's listing in a vertical.
#[must_use]
pub const fn listing_id(vertical: u16) -> ListingId {
    ListingId(1 + vertical as u128)
}

/// The names of the profile at this place of the world.
#[must_use]
pub fn profile_id(world: &World, place: usize) -> (AccountId, ProfileId) {
    let buyer = AccountId(FIRST_BUYER + (place % buyers(world)) as u128);
    (buyer, ProfileId(1 + place as u128))
}

const FIRST_BUYER: u128 = 1_000;

/// A buyer has twenty profiles.
fn buyers(world: &World) -> usize {
    world.profiles.len().div_ceil(20)
}

/// Capacities for this world and four calls an hour for each profile, kept for an hour.
fn limits(world: &World) -> Limits {
    let profiles = world.profiles.len() as u32;
    let chunks: u32 =
        (0..world.profiles.len()).map(|at| profile_command(world, at, Caps::Lifted).targeting_chunks()).sum();
    Limits {
        accounts_max: buyers(world) as u32 + SPARE,
        sessions_max: buyers(world) as u32 + SPARE,
        movements_max: 16_384,
        listings_max: u32::from(VERTICALS) * u32::from(SELLERS) + SPARE,
        profiles_max: profiles + SPARE,
        // A world sets nothing of its profiles: see `all_settings`.
        settings_max: SPARE,
        verticals_max: VERTICALS,
        attributes_max: 32,
        lines_max: lines(world.breadth),
        values_max: 8_192,
        value_sets_max: METROS + 64,
        value_set_values_max: 65_536,
        zones_max: 8,
        calendars_max: 16,
        shares_max: 65_536,
        outcomes_max: 65_536,
        clauses_max: 20,
        clause_values_max: 96,
        targeting_chunks_max: chunks + 8 * SPARE,
        calls_max: (profiles * 6).max(32_768),
        calls_live_max: (profiles / 2).max(16_384),
        auction_bids_max: 64,
        bids_max: 4_096,
        conjunctions_max: 64,
        modified_max: 64,
        deals_max: 64,
        contacts_max: 65_536,
        frequencies_max: 16_384,
        suppressions_max: 16_384,
        screens_max: 64,
        quotas_max: 64,
        groups_max: (profiles / 20).max(16),
        together_max: 2_048,
        retention: Seconds(3_600),
    }
}
