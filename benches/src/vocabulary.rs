//! The attributes of the market, twenty in a wide one: what callers are told apart by, and the words for it.

use dce_engine::prelude::*;

use crate::world::Breadth;

/// One of 50 states.
pub const STATE: AttributeId = AttributeId(0);
/// One of 350 area codes.
pub const AREA: AttributeId = AttributeId(1);
/// One of 8 languages.
pub const LANGUAGE: AttributeId = AttributeId(2);
/// One of 6 bands, 0 is the worst.
pub const CREDIT: AttributeId = AttributeId(3);
/// One of 8 bands.
pub const INCOME: AttributeId = AttributeId(4);
/// One of 4 kinds of telephone.
pub const DEVICE: AttributeId = AttributeId(5);
/// One of 40 places where the caller saw the number.
pub const SOURCE: AttributeId = AttributeId(6);
/// One of 7 days.
pub const WEEKDAY: AttributeId = AttributeId(7);
/// One of 900 three-digit zip prefixes: more values than the index has lines for, so matches are looked at again.
pub const ZIP3: AttributeId = AttributeId(8);
/// One of 12 carriers.
pub const CARRIER: AttributeId = AttributeId(9);
/// Any of 500 tags.
pub const TAGS: AttributeId = AttributeId(10);
/// The first of four yes-or-no questions: owns a home, is insured, on a mobile telephone, a veteran.
pub const FLAGS: [AttributeId; 4] = [AttributeId(11), AttributeId(12), AttributeId(13), AttributeId(14)];
/// Years.
pub const AGE: AttributeId = AttributeId(15);
/// The caller's local hour.
pub const HOUR: AttributeId = AttributeId(16);
/// Dollars.
pub const DEBT: AttributeId = AttributeId(17);
/// A predicted rate, three decimals.
pub const SCORE: AttributeId = AttributeId(18);
/// Where the caller is.
pub const PLACE: AttributeId = AttributeId(19);

/// How many values each category and the set have.
pub const STATES: u32 = 50;
/// See [`AREA`].
pub const AREAS: u32 = 350;
/// See [`LANGUAGE`].
pub const LANGUAGES: u32 = 8;
/// See [`CREDIT`].
pub const CREDIT_BANDS: u32 = 6;
/// See [`INCOME`].
pub const INCOME_BANDS: u32 = 8;
/// See [`DEVICE`].
pub const DEVICES: u32 = 4;
/// See [`SOURCE`].
pub const SOURCES: u32 = 40;
/// See [`WEEKDAY`].
pub const WEEKDAYS: u32 = 7;
/// See [`ZIP3`].
pub const ZIP3S: u32 = 900;
/// See [`CARRIER`].
pub const CARRIERS: u32 = 12;
/// See [`TAGS`].
pub const TAGS_KNOWN: u32 = 500;
/// Market segments.
pub const VERTICALS: u16 = 24;
/// Lists of zip prefixes that profiles refer to.
pub const METROS: u16 = 40;

const CATEGORIES: [(AttributeId, &str, u32); 10] = [
    (STATE, "state", STATES),
    (AREA, "area code", AREAS),
    (LANGUAGE, "language", LANGUAGES),
    (CREDIT, "credit band", CREDIT_BANDS),
    (INCOME, "income band", INCOME_BANDS),
    (DEVICE, "device", DEVICES),
    (SOURCE, "source", SOURCES),
    (WEEKDAY, "weekday", WEEKDAYS),
    (ZIP3, "zip prefix", ZIP3S),
    (CARRIER, "carrier", CARRIERS),
];

/// Those of the categories that a narrow market has.
const NARROW: [AttributeId; 3] = [STATE, AREA, LANGUAGE];

fn categories(breadth: Breadth) -> impl Iterator<Item = (AttributeId, &'static str, u32)> + Clone {
    CATEGORIES.into_iter().filter(move |(attribute, ..)| breadth == Breadth::Wide || NARROW.contains(attribute))
}

/// How many lines of the index the vocabulary takes: see `Limits::lines_max`.
#[must_use]
pub fn lines(breadth: Breadth) -> u32 {
    let of_values = |values: u32| values.min(512);
    let categories: u32 = categories(breadth).map(|(_, _, values)| 1 + of_values(values)).sum();
    // Four questions, three numbers and a place; age is everywhere.
    let others = if breadth == Breadth::Wide { 4 * 3 + 4 * 64 } else { 0 };
    categories + 1 + of_values(TAGS_KNOWN) + 64 + others
}

/// Hands each command that declares the vocabulary to `apply`.
pub fn declare(breadth: Breadth, mut apply: impl FnMut(&Command<'_>)) {
    for (attribute, name, values) in categories(breadth) {
        apply(&DeclareAttribute::category(attribute, name, values).into());
    }
    apply(&DeclareAttribute::set(TAGS, "tags", TAGS_KNOWN).into());
    if breadth == Breadth::Wide {
        for (attribute, name) in FLAGS.into_iter().zip(["homeowner", "insured", "mobile", "veteran"]) {
            apply(&DeclareAttribute::boolean(attribute, name).into());
        }
    }
    apply(&DeclareAttribute::integer(AGE, "age", 0, 18, 86).into());
    if breadth == Breadth::Wide {
        apply(&DeclareAttribute::integer(HOUR, "hour", 0, 0, 24).into());
        apply(&DeclareAttribute::integer(DEBT, "debt", 0, 0, 100_000).into());
        apply(&DeclareAttribute::integer(SCORE, "score", 3, 0, 1_000).into());
        apply(&DeclareAttribute::point(PLACE, "location").into());
    }
    for (attribute, name, values) in categories(breadth).chain([(TAGS, "tag", TAGS_KNOWN)]) {
        for value in 0..values {
            let name = format!("{name} {value}");
            apply(&DefineValue::new(attribute, code(value), &name).into());
        }
    }
}

/// The code of the `value`th value: 0 is never defined.
#[must_use]
pub const fn code(value: u32) -> ValueCode {
    ValueCode(value + 1)
}
