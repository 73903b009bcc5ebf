//! The buyers of the demo's market: whom they want, what they bid, and what stops them.

use dce_engine::limits::CLAUSE_VALUES_MAX;
use dce_engine::units::Money;

use super::market::{Buyer, FIRST_BUYER, Manner, Profile, Wish, attribute};
use super::random::{Purpose, Random};
use super::words::{LANGUAGES, PLACES, STATES, TAGS, VERTICALS};

/// What the seed does not decide: these buyers are there in every market, because each shows another way to lose.
const MISER: u32 = 7;
const PICKY: u32 = 19;
const POOR: u32 = 31;
const RESTING: u32 = 43;

/// What caps and purses are drawn for; they grow and shrink with the day.
const CALLS_DRAWN_FOR: u64 = 5_000;

/// So many buyers, spread over the segments as the calls are.
pub(super) fn buyers(seed: u64, count: u32, calls: u32) -> Vec<Buyer> {
    (0..count).map(|number| buyer(seed, number, calls)).collect()
}

fn buyer(seed: u64, number: u32, calls: u32) -> Buyer {
    let mut random = Random::of(seed, Purpose::Buyer, number.into());
    let vertical = vertical_of(number);
    let day = Day(calls.into());
    let live = VERTICALS[vertical].window_ms.is_some();
    let profiles_count = if live { 1 } else { random.between(1, 4) };
    let mut buyer = Buyer {
        account: FIRST_BUYER + u128::from(number),
        name: name(number, vertical),
        zone: random.below(4) as usize,
        deposit: day.money(random.between(60, 260) * VERTICALS[vertical].bid_usd.1 / 2),
        manner: match () {
            () if live => Manner::Live,
            () if number.is_multiple_of(3) => Manner::Moving,
            () => Manner::Standing,
        },
        profiles: (0..profiles_count).map(|at| profile(&mut random, vertical, at, &day)).collect(),
    };
    match number {
        MISER => buyer.profiles.iter_mut().for_each(|profile| profile.bid = too_little(vertical)),
        PICKY => buyer.profiles.iter_mut().for_each(be_picky),
        POOR => buyer.deposit = Money::from_units(VERTICALS[vertical].bid_usd.0 as i32 / 2),
        RESTING => buyer.profiles.iter_mut().for_each(|profile| profile.paused = true),
        _ => {}
    }
    buyer
}

/// Of a hundred buyers, how many buy in each segment, in the order of `VERTICALS`.
const BUYERS_PER_HUNDRED: [u32; VERTICALS.len()] = [22, 20, 18, 14, 12, 14];

fn vertical_of(number: u32) -> usize {
    // A stride that shares no factor with 100 mixes the segments, so that any number of buyers is spread over them.
    let mut place = number * 37 % 100;
    for (vertical, share) in BUYERS_PER_HUNDRED.into_iter().enumerate() {
        if place < share {
            return vertical;
        }
        place -= share;
    }
    0
}

/// Twenty-four places and four kinds of company, then numbered.
fn name(number: u32, vertical: usize) -> String {
    let (place, round) = (number as usize % PLACES.len(), number as usize / PLACES.len());
    let company = VERTICALS[vertical].companies[(place / 5 + round) % 4];
    match round / 4 {
        0 => format!("{} {company}", PLACES[place]),
        more => format!("{} {company} {}", PLACES[place], more + 1),
    }
}

fn profile(random: &mut Random, vertical: usize, at: u64, day: &Day) -> Profile {
    let terms = &VERTICALS[vertical];
    let (low, high) = terms.bid_usd;
    let (states, label) = states(random);
    let mut wishes = states.into_iter().collect::<Vec<_>>();
    if random.percent(60) {
        wishes.push(ages(random, &terms.ages));
    }
    if random.percent(25) {
        let language = random.weighted(LANGUAGES.iter().map(|(_, weight)| *weight)) as u32 + 1;
        wishes.push(Wish::AnyOf(attribute::LANGUAGE, vec![language]));
    }
    if random.percent(20) {
        wishes.push(Wish::NoneOf(attribute::TAGS, vec![random.between(1, TAGS.len() as u64) as u32]));
    }
    if random.percent(45) {
        wishes.push(Wish::Range(attribute::HOUR, random.between(7, 10) as i64, random.between(16, 20) as i64));
    }
    if terms.name == "Home services" && random.percent(70) {
        wishes.push(Wish::Is(attribute::HOMEOWNER, true));
    }
    let bid = Money::from_micros((random.between(low * 20, high * 20) * 50_000) as i64);
    Profile {
        id: u128::from(at) + 1,
        name: label,
        vertical: vertical as u16,
        tier: if random.percent(15) { 1 } else { 2 },
        bid,
        wishes,
        concurrency: random.percent(70).then(|| random.between(1, 6) as u16),
        daily_cap: random.percent(50).then(|| day.count(random.between(15, 90))),
        daily_budget: random.percent(40).then(|| day.money(random.between(12, 60) * high)),
        paused: false,
        destinations: (0..random.between(1, 2)).map(|desk| address(random, desk)).collect(),
    }
}

/// Where a profile buys: everywhere, everywhere but some states, some states, or a state's own area codes.
fn states(random: &mut Random) -> (Option<Wish>, String) {
    let draw = |random: &mut Random, count: u64| {
        let mut drawn: Vec<u32> = Vec::new();
        while (drawn.len() as u64) < count {
            let state = random.weighted(STATES.iter().map(|state| state.weight)) as u32 + 1;
            if !drawn.contains(&state) {
                drawn.push(state);
            }
        }
        drawn.sort_unstable();
        drawn
    };
    let names = |states: &[u32]| -> Vec<&str> { states.iter().map(|state| STATES[*state as usize - 1].name).collect() };
    match random.below(20) {
        0..4 => (None, "nationwide".to_owned()),
        4..7 => {
            let count = random.between(2, 5);
            let states = draw(random, count);
            let label = format!("not {}", names(&states).join(" "));
            (Some(Wish::NoneOf(attribute::STATE, states)), label)
        }
        7..9 => {
            let state = &STATES[draw(random, 1)[0] as usize - 1];
            let codes = state.area_codes.iter().map(|code| area_value(*code)).collect();
            (Some(Wish::AnyOf(attribute::AREA_CODE, codes)), format!("{} metro", state.name))
        }
        _ => {
            let count = random.between(3, 14);
            let states = draw(random, count);
            let mut label = names(&states[..states.len().min(5)]).join(" ");
            if states.len() > 5 {
                label.push_str(" +");
                label.push_str(&(states.len() - 5).to_string());
            }
            (Some(Wish::AnyOf(attribute::STATE, states)), label)
        }
    }
}

/// The value of an area code: its place among all, in the order of the states, from 1.
pub(super) fn area_value(code: u16) -> u32 {
    let mut codes = STATES.iter().flat_map(|state| state.area_codes);
    codes.position(|known| *known == code).map_or(0, |place| place as u32 + 1)
}

/// A band of ages that takes in most of the segment's callers.
fn ages(random: &mut Random, quantiles: &[u64; 6]) -> Wish {
    let low = random.between(quantiles[0], quantiles[1]);
    let high = random.between(quantiles[4], quantiles[5]) + 1;
    Wish::Range(attribute::AGE, low as i64, high as i64)
}

/// One that wants Tagalog speakers from two small states, before nine in the morning: it will wait for long.
fn be_picky(profile: &mut Profile) {
    profile.name = "WY VT, early".to_owned();
    profile.wishes = vec![
        Wish::AnyOf(attribute::STATE, vec![47, 51]),
        Wish::AnyOf(attribute::LANGUAGE, vec![5]),
        Wish::Range(attribute::HOUR, 5, 9),
    ];
}

/// Below what any seller of the segment holds out for.
fn too_little(vertical: usize) -> Money {
    Money::from_units(VERTICALS[vertical].bid_usd.0 as i32 * 2 / 3)
}

/// A desk of a call centre. 555-01xx numbers are kept for fiction.
fn address(random: &mut Random, desk: u64) -> String {
    if desk == 0 {
        format!("sip:desk{}@calls.example", random.between(100, 999))
    } else {
        format!("+180055501{:02}", random.below(100))
    }
}

/// How much of a day there is, against the day that caps and purses were drawn for.
struct Day(u64);

impl Day {
    fn count(&self, calls: u64) -> u32 {
        (calls * self.0).div_ceil(CALLS_DRAWN_FOR).max(1) as u32
    }

    fn money(&self, dollars: u64) -> Money {
        // Never so little that not even one call could be paid.
        Money::from_units((dollars * self.0).div_ceil(CALLS_DRAWN_FOR).max(400) as i32)
    }
}

const _: () = assert!(STATES.len() <= CLAUSE_VALUES_MAX);

#[cfg(test)]
mod tests {
    use super::super::market::Market;
    use super::*;

    #[test]
    fn buyers_have_names_of_their_own_and_differ_in_what_they_want() {
        let market = Market::new(1, 200, 5_000);
        let mut names: Vec<&str> = market.buyers.iter().map(|buyer| buyer.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 200);
        let mut wishes: Vec<String> =
            market.buyers.iter().take(60).map(|buyer| format!("{:?}", buyer.profiles[0].wishes)).collect();
        wishes.sort_unstable();
        wishes.dedup();
        assert!(wishes.len() > 50, "{} of 60 buyers target in their own way", wishes.len());
    }

    #[test]
    fn every_segment_has_buyers_and_every_manner_is_there() {
        for seed in 0..20 {
            let market = Market::new(seed, 50, 300);
            for (vertical, terms) in VERTICALS.iter().enumerate() {
                let there = market.buyers.iter().filter(|buyer| usize::from(buyer.profiles[0].vertical) == vertical);
                assert!(there.count() >= 3, "{}", terms.name);
            }
            for manner in [Manner::Standing, Manner::Moving, Manner::Live] {
                assert!(market.buyers.iter().filter(|buyer| buyer.manner == manner).count() >= 3, "{manner:?}");
            }
            assert!((60..300).contains(&market.profiles()));
        }
    }

    #[test]
    fn the_miser_bids_below_every_reserve() {
        for (place, vertical) in VERTICALS.iter().enumerate() {
            assert!(too_little(place) < Money::from_units(vertical.reserve_usd.0 as i32), "{}", vertical.name);
        }
    }

    #[test]
    fn an_area_code_is_a_value_from_one() {
        assert_eq!(area_value(STATES[0].area_codes[0]), 1);
        let codes: usize = STATES.iter().map(|state| state.area_codes.len()).sum();
        assert_eq!(area_value(307), codes as u32);
    }
}
