//! Profiles and calls of a pay-per-call market, drawn from a fixed seed.
//!
//! The seed is `0xCA11E8C4` plus the number of profiles; profiles come first in the stream, then calls.
//!
//! Profiles: 24 verticals by Zipf 0.8; 1 to 10 states weighted by census; 30 % list 1 to 20 area codes of those states;
//! 50 % an age band, 40 % a language, 25 % 1 to 5 tags (Zipf 1); each of fourteen more attributes is asked by 1 to 15 %,
//! so that a profile constrains four of the twenty on average. Bids are lognormal with a median of 30 dollars and a
//! sigma of 0.6. Caps come in three levels: shops, call centres, networks. Sparse worlds list area codes at 95 %, age
//! and language at 90 %, tags at 80 %, and the rest twice as often.
//!
//! A [narrow](Breadth) market has the first six attributes alone: state, area code, age, language, tags, and the vertical that
//! every market has.
//!
//! Calls: the same marginals, all attributes known, an area code of the state at 90 %, a reserve of 5 to 20
//! dollars.

use dce_engine::prelude::*;

use crate::random::{Random, Weights};
use crate::vocabulary::{
    AREAS, CARRIERS, CREDIT_BANDS, DEVICES, INCOME_BANDS, METROS, SOURCES, STATES, TAGS_KNOWN, VERTICALS, WEEKDAYS,
    ZIP3S,
};
use crate::wishes::{Caller, Metro, Wishes};

/// How many calls are drawn; traffic goes round them.
pub const CALLS: usize = 16_384;
const SEED: u64 = 0xCA11_E8C4;

/// How much profiles ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Density {
    /// Many profiles want a call: the winner is near the top.
    Dense,
    /// Few do: the winner has to be looked for.
    Sparse,
}

/// How many attributes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breadth {
    /// Twenty, all of which somebody asks about.
    Wide,
    /// Five, and the vertical: what published indexes for advertisements and calls are measured on.
    Narrow,
}

/// One profile.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its targeting.
    pub wishes: Wishes,
    /// Its standing bid.
    pub bid: Money,
    /// Its caps.
    pub caps: CapLimits,
    /// When it pays: after this many seconds of talk.
    pub pays_after: Seconds,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is known of the caller.
    pub caller: Caller,
    /// The same, as the engine takes it.
    pub facts: Vec<Fact>,
    /// The least price.
    pub reserve: Money,
    /// Which seller's it is.
    pub seller: u8,
}

/// The market.
#[derive(Clone, Debug)]
pub struct World {
    /// In order of creation.
    pub profiles: Vec<Profile>,
    /// In order of arrival.
    pub calls: Vec<Call>,
    /// Lists of zip prefixes.
    pub metros: Vec<Metro>,
    /// What there is to ask about.
    pub breadth: Breadth,
}

/// How many sellers there are.
pub const SELLERS: u8 = 8;

/// Residents of the fifty states in hundred thousands, largest first.
const RESIDENTS: [u16; STATES as usize] = [
    395, 291, 215, 202, 130, 128, 118, 107, 104, 101, 93, 86, 77, 72, 70, 69, 68, 62, 62, 59, 58, 57, 51, 50, 47, 45,
    42, 40, 36, 33, 32, 31, 30, 30, 29, 21, 20, 18, 18, 15, 14, 14, 11, 11, 10, 9, 8, 7, 6, 6,
];

/// How often, in a hundred, a profile asks for each attribute.
struct Asked {
    area: u64,
    age: u64,
    language: u64,
    tags: u64,
    /// The others are asked this many times as often as in a dense world.
    others: u64,
}

impl Density {
    const fn asked(self) -> Asked {
        match self {
            Self::Dense => Asked { area: 30, age: 50, language: 40, tags: 25, others: 1 },
            Self::Sparse => Asked { area: 95, age: 90, language: 90, tags: 80, others: 2 },
        }
    }
}

impl World {
    /// The world of this many profiles. The same arguments give the same world, anywhere.
    #[must_use]
    pub fn draw(profiles: usize, density: Density) -> Self {
        Self::of_breadth(Breadth::Wide, profiles, density)
    }

    /// The same, with so many attributes: what profiles ask of those that a narrow market has, and all else, is the same in both.
    #[must_use]
    pub fn of_breadth(breadth: Breadth, profiles: usize, density: Density) -> Self {
        let mut painter = Painter::new(SEED + profiles as u64);
        let metros = (0..METROS).map(|_| painter.metro()).collect();
        let asked = density.asked();
        let profiles = (0..profiles).map(|_| painter.profile(&asked, breadth)).collect();
        let calls = (0..CALLS).map(|_| painter.call(breadth)).collect();
        Self { profiles, calls, metros, breadth }
    }
}

/// The distributions, and the stream they draw from.
struct Painter {
    random: Random,
    verticals: Weights,
    states: Weights,
    tags: Weights,
    /// Each state's area codes: first and one past the last, in proportion to its residents.
    areas: Vec<(u16, u16)>,
}

impl Painter {
    fn new(seed: u64) -> Self {
        let all: u32 = RESIDENTS.iter().map(|residents| u32::from(*residents)).sum();
        let mut before = 0;
        let areas = RESIDENTS
            .iter()
            .map(|residents| {
                let first = before * (AREAS - STATES) / all;
                before += u32::from(*residents);
                (first, before * (AREAS - STATES) / all)
            })
            .zip(0..)
            // One code for each state, and the rest by residents.
            .map(|((first, end), state)| ((first + state) as u16, (end + state + 1) as u16))
            .collect();
        Self {
            random: Random::new(seed),
            verticals: Weights::zipf(u32::from(VERTICALS), 0.8),
            states: Weights::new(RESIDENTS.map(f64::from)),
            tags: Weights::zipf(TAGS_KNOWN, 1.0),
            areas,
        }
    }

    fn metro(&mut self) -> Metro {
        let mut metro = Metro::default();
        for _ in 0..self.random.between(20, 120) {
            let zip3 = self.random.below(u64::from(ZIP3S));
            metro[zip3 as usize / 64] |= 1 << (zip3 % 64);
        }
        metro
    }

    fn profile(&mut self, asked: &Asked, breadth: Breadth) -> Profile {
        let vertical = self.verticals.draw(&mut self.random) as u8;
        let wanted_states = self.random.between(1, 10) as u32;
        let mut states = 0_u64;
        while states.count_ones() < wanted_states {
            states |= 1 << self.states.draw(&mut self.random);
        }
        let areas = if self.random.percent(asked.area) { self.areas_of(states) } else { Vec::new() };
        let age = self.random.percent(asked.age).then(|| {
            let low = 18 + self.random.below(40) as u8;
            (low, low + 10 + self.random.below(35) as u8)
        });
        let languages = if self.random.percent(asked.language) {
            if self.random.percent(80) { 0b01 } else { 0b10 }
        } else {
            u8::MAX
        };
        let tags = if self.random.percent(asked.tags) { self.some_tags(5) } else { Vec::new() };
        let others = asked.others;
        let cents = self.random.lognormal(3_000.0, 0.6).clamp(100.0, 50_000.0) as i64;
        let bid = Money::from_micros(cents * 10_000);
        let wishes = Wishes {
            vertical,
            states,
            areas,
            age,
            languages,
            tags,
            // Bands from some band up.
            credit: self.mask(10 * others, |random| u8::MAX << random.between(1, u64::from(CREDIT_BANDS) - 2)),
            income: self.mask(5 * others, |random| u8::MAX << random.between(1, u64::from(INCOME_BANDS) - 3)),
            devices: self.mask(5 * others, |random| 1 << random.below(u64::from(DEVICES))),
            weekdays: self.mask(5 * others, |_| 0b001_1111),
            flags_asked: self.flags_asked(others),
            flags_wanted: self.random.below(16) as u8 | 0b0011,
            carriers_refused: u16::from(self.some(3 * others)) << self.random.below(u64::from(CARRIERS)),
            sources_refused: self.sources_refused(10 * others),
            hours: self.some(15 * others).then(|| (8, 16 + self.random.below(6) as u8)),
            debt_min: self.some(4 * others).then(|| self.random.between(1, 10) as u32 * 1_000),
            score_min: self.some(5 * others).then(|| self.random.between(100, 600) as u16),
            metro: self.some(3 * others).then(|| self.random.below(u64::from(METROS)) as u16),
            circle: self.some(2 * others).then(|| (self.place(), Metres(self.random.between(100, 500) as u32 * 1_000))),
        };
        let wishes = if breadth == Breadth::Narrow { wishes.narrowed() } else { wishes };
        Profile { wishes, bid, caps: self.caps(cents), pays_after: Seconds(self.random.one(&[60, 90, 120])) }
    }

    fn call(&mut self, breadth: Breadth) -> Call {
        let state = self.states.draw(&mut self.random);
        let area = if self.random.percent(90) {
            let (first, end) = self.areas[state];
            self.random.between(u64::from(first), u64::from(end) - 1)
        } else {
            self.random.below(u64::from(AREAS))
        };
        let hour = if self.random.percent(80) { self.random.between(8, 18) } else { self.random.below(24) };
        let caller = Caller {
            vertical: self.verticals.draw(&mut self.random) as u8,
            language: u8::from(self.random.percent(15)),
            credit: self.random.below(u64::from(CREDIT_BANDS)) as u8,
            income: self.random.below(u64::from(INCOME_BANDS)) as u8,
            device: self.random.below(u64::from(DEVICES)) as u8,
            weekday: self.random.below(u64::from(WEEKDAYS)) as u8,
            flags: self.random.below(16) as u8,
            carrier: self.random.below(u64::from(CARRIERS)) as u8,
            state: state as u8,
            source: self.random.below(u64::from(SOURCES)) as u8,
            age: self.random.between(18, 85) as u8,
            hour: hour as u8,
            area: area as u16,
            zip3: self.random.below(u64::from(ZIP3S)) as u16,
            score: self.random.below(1_000) as u16,
            debt: self.random.below(40_000) as u32,
            tags: self.some_tags(6),
            place: self.place(),
        };
        Call {
            facts: caller.facts(breadth),
            caller,
            reserve: Money::from_micros(self.random.between(500, 2_000) as i64 * 10_000),
            seller: self.random.below(u64::from(SELLERS)) as u8,
        }
    }

    /// A shop, a call centre, or a network.
    fn caps(&mut self, bid_cents: i64) -> CapLimits {
        let random = &mut self.random;
        let level = random.below(10);
        if level >= 9 {
            return CapLimits { concurrency: Some(random.between(50, 200) as u16), ..CapLimits::NONE };
        }
        let (concurrency, hourly, days) = if level < 6 {
            (random.between(2, 6), random.between(5, 20), random.between(3, 6))
        } else {
            (random.between(5, 20), random.between(20, 204), random.between(2, 9))
        };
        let daily = hourly * days;
        let budget_cents = bid_cents * daily as i64 * random.between(60, 120) as i64 / 100;
        CapLimits {
            concurrency: Some(concurrency as u16),
            hourly: Some(hourly as u32),
            daily: Some(daily as u32),
            total: (level < 3).then(|| (daily * random.between(20, 60)) as u32),
            daily_budget: Some(Money::from_micros(budget_cents * 10_000)),
        }
    }

    fn areas_of(&mut self, states: u64) -> Vec<u16> {
        let pool: Vec<u16> = (0..STATES as usize)
            .filter(|state| states >> state & 1 == 1)
            .flat_map(|state| self.areas[state].0..self.areas[state].1)
            .collect();
        let listed = self.random.between(1, 20);
        rising((0..listed).map(|_| self.random.one(&pool)).collect())
    }

    fn some_tags(&mut self, at_most: u64) -> Vec<u16> {
        let listed = self.random.between(1, at_most);
        rising((0..listed).map(|_| self.tags.draw(&mut self.random) as u16).collect())
    }

    fn flags_asked(&mut self, others: u64) -> u8 {
        [6, 6, 5, 1].into_iter().enumerate().map(|(place, chance)| u8::from(self.some(chance * others)) << place).sum()
    }

    fn sources_refused(&mut self, chance: u64) -> u64 {
        if !self.some(chance) {
            return 0;
        }
        let refused = self.random.between(1, 6);
        (0..refused).fold(0, |mask, _| mask | 1 << self.random.below(u64::from(SOURCES)))
    }

    fn some(&mut self, chance: u64) -> bool {
        self.random.percent(chance)
    }

    fn mask(&mut self, chance: u64, drawn: impl FnOnce(&mut Random) -> u8) -> u8 {
        if self.some(chance) { drawn(&mut self.random) } else { u8::MAX }
    }

    /// Somewhere in the contiguous states.
    fn place(&mut self) -> GeoPoint {
        let north = self.random.between(25_000_000, 49_000_000) as i32;
        let west = self.random.between(67_000_000, 124_000_000) as i32;
        GeoPoint::new(north, -west)
    }
}

fn rising(mut values: Vec<u16>) -> Vec<u16> {
    values.sort_unstable();
    values.dedup();
    values
}
