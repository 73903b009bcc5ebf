//! A market from a plan's file (`docs/plan.md`), and calls drawn for it: so that a reader measures their own.
//!
//! The file is read and checked by the server's own reader. Two exchanges come of it: one with everything the plan says,
//! and a *bare* one with nothing but its targeting, tiers and standing bids, which is what the rivals know too.
//!
//! Calls are drawn from a fixed seed: any listing, any value of each category, one to three of each set, any number of an
//! integer's usual range, yes or no, and a place within five degrees of one that some profile is near to. Everything is
//! known of each.

use std::fmt::Display;
use std::path::Path;
use std::time::{Duration, Instant};

use dce_engine::prelude::*;
use dce_server::plan::check_and_tell;

use crate::book::{Book, Listing, Need, Offer, Wish};
use crate::market::{INCREMENT, OPENING, accept};
use crate::random::Random;

/// Calls drawn.
const CALLS: usize = 4_096;
const SEED: u64 = 0xCA11_E8C4;
/// What a buyer of the bare exchange has.
const RICH: Money = Money::from_units(100_000_000);

/// What a plan came to.
#[derive(Debug)]
pub struct PlanMarket {
    /// For the rivals, with calls.
    pub book: Book,
    /// Targeting, tiers and standing bids.
    pub bare: Exchange,
    /// Everything.
    pub full: Exchange,
    /// How long the bare one's profiles took, and its index.
    pub build: Duration,
    /// Capacities of both.
    pub limits: Limits,
}

/// Reads a plan.
///
/// # Errors
///
/// What is wrong with the file, a line for each mistake.
///
/// # Panics
///
/// When an exchange refuses what the plan's own accepted.
pub fn read(file: &Path) -> Result<PlanMarket, String> {
    let shown = |error: &dyn Display| format!("{}: {error}", file.display());
    let bytes = std::fs::read(file).map_err(|error| shown(&error))?;
    let mut book = Book::default();
    let refused = |mistakes: dce_server::plan::Mistakes| {
        mistakes.list().iter().map(|mistake| format!("{}:{mistake}\n", file.display())).collect::<String>()
    };
    check_and_tell(&bytes, Limits::large(), &mut |command| book.hear(command)).map_err(refused)?;
    if book.entries.is_empty() || book.listings.is_empty() {
        return Err(shown(&"nothing to measure: it takes a listing, and a profile with a standing bid"));
    }
    let limits = limits(&book);
    let new = || Exchange::new(Genesis::new(limits, 7, USD)).map_err(|error| shown(&error));
    let (mut bare, mut full) = (new()?, new()?);
    let (mut events, mut build) = (Events::new(), Duration::ZERO);
    deposit(&mut bare, AccountId::PLATFORM, &mut events);
    deposit(&mut full, AccountId::PLATFORM, &mut events);
    check_and_tell(&bytes, limits, &mut |command| {
        accept(&mut full, OPENING, command, &mut events);
        if let Some(command) = stripped(command) {
            let start = Instant::now();
            accept(&mut bare, OPENING, &command, &mut events);
            if matches!(command, Command::CreateProfile(_) | Command::AlsoWants(_)) {
                build += start.elapsed();
            }
        }
    })
    .map_err(refused)?;
    let start = Instant::now();
    while bare.maintain(u32::MAX) {}
    build += start.elapsed();
    while full.maintain(u32::MAX) {}
    draw_calls(&mut book);
    Ok(PlanMarket { book, bare, full, build, limits })
}

fn deposit(exchange: &mut Exchange, account: AccountId, events: &mut Events) {
    accept(exchange, OPENING, &Deposit::new(account, MovementId::at(OPENING, 1), RICH).into(), events);
}

/// The command with nothing in it that the rivals do not know; `None` for one that says nothing else.
fn stripped<'c>(command: &Command<'c>) -> Option<Command<'c>> {
    match command {
        Command::DeclareAttribute(_)
        | Command::DefineValue(_)
        | Command::LoadValueSet(_)
        | Command::SetZone(_)
        | Command::AlsoWants(_) => Some(*command),
        Command::OpenAccount(command) => {
            let is_buyer = command.role == Role::Buyer;
            Some(if is_buyer { command.deposit(RICH).into() } else { (*command).into() })
        }
        Command::CreateListing(listing) => {
            let plain = CreateListing::of(listing.seller, listing.listing).vertical(listing.vertical);
            Some(plain.reserve(listing.reserve).second_price(INCREMENT).into())
        }
        Command::CreateProfile(profile) => {
            let bare = CreateProfile { caps: CapLimits::NONE, hours: None, live_mode: false, ..*profile };
            Some(bare.into())
        }
        _ => None,
    }
}

/// Room for the plan, and for an hour of the calls that are going to be offered.
fn limits(book: &Book) -> Limits {
    let large = Limits::large();
    let profiles_max = (book.entries.len() as u32 * 2).clamp(1_024, large.profiles_max);
    Limits { profiles_max, calls_max: 65_536, calls_live_max: 32_768, retention: Seconds(3_600), ..large }
}

fn draw_calls(book: &mut Book) {
    let mut random = Random::new(SEED);
    let circles: Vec<GeoPoint> = book
        .entries
        .iter()
        .flat_map(|entry| entry.conjunctions.iter().flatten())
        .filter_map(|need: &Need| match need.wish {
            Wish::Near(centre, _) => Some(centre),
            _ => None,
        })
        .collect();
    book.offers = (0..CALLS)
        .map(|_| {
            let listing: Listing = random.one(&book.listings);
            let mut facts = Vec::new();
            for attribute in &book.attributes {
                let id = attribute.id;
                match attribute.kind {
                    Kind::Category { .. } if !attribute.values.is_empty() => {
                        facts.push(Fact::value(id, random.one(&attribute.values)));
                    }
                    Kind::Set { .. } if !attribute.values.is_empty() => {
                        for _ in 0..random.between(1, 3) {
                            facts.push(Fact::value(id, random.one(&attribute.values)));
                        }
                    }
                    Kind::Category { .. } | Kind::Set { .. } => {}
                    Kind::Integer { low, high, .. } => {
                        facts.push(Fact::number(id, low + random.below(high.abs_diff(low)) as i64));
                    }
                    Kind::Boolean => facts.push(Fact::flag(id, random.percent(50))),
                    Kind::Point => facts.push(Fact::place(id, somewhere(&mut random, &circles))),
                }
            }
            Offer::new(listing, listing.reserve, facts)
        })
        .collect();
}

fn somewhere(random: &mut Random, circles: &[GeoPoint]) -> GeoPoint {
    const NEAR: u64 = 5_000_000;
    let centre = if circles.is_empty() { GeoPoint::new(39_800_000, -98_600_000) } else { random.one(circles) };
    let mut aside = |middle: i32, most: i32| {
        let moved = i64::from(middle) + random.below(2 * NEAR) as i64 - NEAR as i64;
        moved.clamp(i64::from(-most), i64::from(most)) as i32
    };
    GeoPoint::new(aside(centre.latitude_micro, 90_000_000), aside(centre.longitude_micro, 180_000_000))
}
