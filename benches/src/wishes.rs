//! What one profile wants and what one caller is, as plain structs: the rivals' view of the market, and the command each
//! is turned into for the engine.

use dce_engine::prelude::*;

use crate::vocabulary::{
    AGE, AREA, CARRIER, CREDIT, CREDIT_BANDS, DEBT, DEVICE, DEVICES, FLAGS, HOUR, INCOME, INCOME_BANDS, LANGUAGE,
    LANGUAGES, PLACE, SCORE, SOURCE, STATE, TAGS, WEEKDAY, WEEKDAYS, ZIP3, code,
};
use crate::world::Breadth;

/// A profile's targeting. A mask has a bit for each value; all ones, an empty list and a full range are wildcards.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Where it buys.
    pub vertical: u8,
    /// Wanted languages.
    pub languages: u8,
    /// Wanted credit bands.
    pub credit: u8,
    /// Wanted income bands.
    pub income: u8,
    /// Wanted devices.
    pub devices: u8,
    /// Wanted weekdays.
    pub weekdays: u8,
    /// Which of the four flags matter.
    pub flags_asked: u8,
    /// What they must be.
    pub flags_wanted: u8,
    /// Carriers not wanted.
    pub carriers_refused: u16,
    /// Wanted states.
    pub states: u64,
    /// Sources not wanted.
    pub sources_refused: u64,
    /// Wanted ages, the end excluded.
    pub age: Option<(u8, u8)>,
    /// Wanted hours, the end excluded.
    pub hours: Option<(u8, u8)>,
    /// The least debt.
    pub debt_min: Option<u32>,
    /// The least score.
    pub score_min: Option<u16>,
    /// Wanted area codes, rising.
    pub areas: Vec<u16>,
    /// Tags of which one is wanted, rising.
    pub tags: Vec<u16>,
    /// The metro area it is confined to.
    pub metro: Option<u16>,
    /// The circle it is confined to.
    pub circle: Option<(GeoPoint, Metres)>,
}

/// What is known of one call.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What it is about.
    pub vertical: u8,
    /// Each category's value.
    pub language: u8,
    /// See [`CREDIT`].
    pub credit: u8,
    /// See [`INCOME`].
    pub income: u8,
    /// See [`DEVICE`].
    pub device: u8,
    /// See [`WEEKDAY`].
    pub weekday: u8,
    /// The four flags, a bit each.
    pub flags: u8,
    /// See [`CARRIER`].
    pub carrier: u8,
    /// See [`STATE`].
    pub state: u8,
    /// See [`SOURCE`].
    pub source: u8,
    /// Years.
    pub age: u8,
    /// Local hour.
    pub hour: u8,
    /// See [`AREA`].
    pub area: u16,
    /// See [`ZIP3`].
    pub zip3: u16,
    /// See [`SCORE`].
    pub score: u16,
    /// Dollars.
    pub debt: u32,
    /// Rising.
    pub tags: Vec<u16>,
    /// Where.
    pub place: GeoPoint,
}

/// Which zip prefixes belong to a metro area.
pub type Metro = [u64; 15];

impl Wishes {
    /// What of it is about the attributes of a narrow market.
    #[must_use]
    pub fn narrowed(self) -> Self {
        let Self { vertical, languages, states, age, areas, tags, .. } = self;
        Self { vertical, languages, states, age, areas, tags, ..Self::ANY }
    }

    /// Wants every caller of the first vertical.
    const ANY: Self = Self {
        vertical: 0,
        languages: u8::MAX,
        credit: u8::MAX,
        income: u8::MAX,
        devices: u8::MAX,
        weekdays: u8::MAX,
        flags_asked: 0,
        flags_wanted: 0,
        carriers_refused: 0,
        states: u64::MAX,
        sources_refused: 0,
        age: None,
        hours: None,
        debt_min: None,
        score_min: None,
        areas: Vec::new(),
        tags: Vec::new(),
        metro: None,
        circle: None,
    };

    /// Whether the caller is wanted: a predicate as one would write it by hand, cheapest and most telling tests first.
    #[must_use]
    pub fn accept(&self, caller: &Caller, metros: &[Metro]) -> bool {
        self.vertical == caller.vertical
            && self.states >> caller.state & 1 == 1
            && self.languages >> caller.language & 1 == 1
            && self.age.is_none_or(|(low, high)| (low..high).contains(&caller.age))
            && (self.flags_wanted ^ caller.flags) & self.flags_asked == 0
            && self.credit >> caller.credit & 1 == 1
            && self.income >> caller.income & 1 == 1
            && self.devices >> caller.device & 1 == 1
            && self.weekdays >> caller.weekday & 1 == 1
            && self.sources_refused >> caller.source & 1 == 0
            && self.carriers_refused >> caller.carrier & 1 == 0
            && self.hours.is_none_or(|(low, high)| (low..high).contains(&caller.hour))
            && self.debt_min.is_none_or(|least| caller.debt >= least)
            && self.score_min.is_none_or(|least| caller.score >= least)
            && (self.areas.is_empty() || self.areas.binary_search(&caller.area).is_ok())
            && (self.tags.is_empty() || caller.tags.iter().any(|tag| self.tags.contains(tag)))
            && self.metro.is_none_or(|metro| {
                metros[usize::from(metro)][usize::from(caller.zip3) / 64] >> (caller.zip3 % 64) & 1 == 1
            })
            && self.circle.is_none_or(|(centre, radius)| centre.reaches(caller.place, radius))
    }

    /// The same as clauses of a profile.
    #[must_use]
    pub fn target<'a>(&self, profile: CreateProfile<'a>) -> CreateProfile<'a> {
        let mut profile = profile.vertical(VerticalId(u16::from(self.vertical))).wants(STATE, ones(self.states));
        for (attribute, values, mask) in [
            (LANGUAGE, LANGUAGES, self.languages),
            (CREDIT, CREDIT_BANDS, self.credit),
            (INCOME, INCOME_BANDS, self.income),
            (DEVICE, DEVICES, self.devices),
            (WEEKDAY, WEEKDAYS, self.weekdays),
        ] {
            if mask != u8::MAX {
                profile = profile.wants(attribute, ones(u64::from(mask) & ((1 << values) - 1)));
            }
        }
        for (attribute, mask) in [(SOURCE, self.sources_refused), (CARRIER, u64::from(self.carriers_refused))] {
            if mask != 0 {
                profile = profile.excludes(attribute, ones(mask));
            }
        }
        for (attribute, list) in [(AREA, &self.areas), (TAGS, &self.tags)] {
            if !list.is_empty() {
                profile = profile.wants(attribute, list.iter().map(|value| code(u32::from(*value))));
            }
        }
        for (place, attribute) in FLAGS.into_iter().enumerate() {
            if self.flags_asked >> place & 1 == 1 {
                profile = profile.is(attribute, self.flags_wanted >> place & 1 == 1);
            }
        }
        for (attribute, range) in [(AGE, self.age), (HOUR, self.hours)] {
            if let Some((low, high)) = range {
                profile = profile.range(attribute, i64::from(low), i64::from(high));
            }
        }
        if let Some(least) = self.debt_min {
            profile = profile.range(DEBT, i64::from(least), i64::MAX);
        }
        if let Some(least) = self.score_min {
            profile = profile.range(SCORE, i64::from(least), i64::MAX);
        }
        if let Some(metro) = self.metro {
            profile = profile.wants_set(ZIP3, ValueSetId(metro));
        }
        if let Some((centre, radius)) = self.circle {
            profile = profile.near(PLACE, centre, radius);
        }
        profile
    }
}

impl Caller {
    /// All attributes as facts.
    #[must_use]
    pub fn facts(&self, breadth: Breadth) -> Vec<Fact> {
        let mut facts = vec![
            Fact::value(STATE, code(u32::from(self.state))),
            Fact::value(AREA, code(u32::from(self.area))),
            Fact::value(LANGUAGE, code(u32::from(self.language))),
            Fact::number(AGE, i64::from(self.age)),
        ];
        if breadth == Breadth::Wide {
            self.add_others(&mut facts);
        }
        for tag in &self.tags {
            facts.push(Fact::value(TAGS, code(u32::from(*tag))));
        }
        facts
    }

    /// What a narrow market does not know.
    fn add_others(&self, facts: &mut Vec<Fact>) {
        facts.extend([
            Fact::value(CREDIT, code(u32::from(self.credit))),
            Fact::value(INCOME, code(u32::from(self.income))),
            Fact::value(DEVICE, code(u32::from(self.device))),
            Fact::value(SOURCE, code(u32::from(self.source))),
            Fact::value(WEEKDAY, code(u32::from(self.weekday))),
            Fact::value(ZIP3, code(u32::from(self.zip3))),
            Fact::value(CARRIER, code(u32::from(self.carrier))),
            Fact::number(HOUR, i64::from(self.hour)),
            Fact::number(DEBT, i64::from(self.debt)),
            Fact::number(SCORE, i64::from(self.score)),
            Fact::place(PLACE, self.place),
        ]);
        for (place, attribute) in FLAGS.into_iter().enumerate() {
            facts.push(Fact::flag(attribute, self.flags >> place & 1 == 1));
        }
    }
}

/// The codes of the values whose bits are set.
fn ones(mask: u64) -> impl Iterator<Item = ValueCode> {
    (0..64).filter(move |value| mask >> value & 1 == 1).map(code)
}
