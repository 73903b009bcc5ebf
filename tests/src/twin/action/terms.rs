//! What listings and profiles are made with and told, as far as it is more than a number.

use dce_engine::ids::{AttributeId, CalendarId, ValueCode, ValueSetId, VerticalId};
use dce_engine::units::{BasisPoints, GeoPoint, Metres, Millis, Money, Seconds};

use super::{Payout, Term};

/// What a listing sells, and on which terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `CreateListing`")]
pub struct ListingTerms {
    pub vertical: VerticalId,
    pub second_price: bool,
    pub reserve: Money,
    pub increment: Money,
    pub payout: Payout,
    pub payout_term: Term,
    pub margin_min: Money,
    pub duration_max: Seconds,
    pub open: bool,
    pub withdrawable: bool,
    pub hours: Option<CalendarId>,
}

impl Default for ListingTerms {
    fn default() -> Self {
        Self {
            vertical: VerticalId(0),
            second_price: false,
            reserve: Money::ZERO,
            increment: Money::ZERO,
            payout: Payout::Share(BasisPoints::WHOLE),
            payout_term: Term::OnConnect,
            margin_min: Money::ZERO,
            duration_max: Seconds(3_600),
            open: false,
            withdrawable: false,
            hours: None,
        }
    }
}

/// A skill and a level of it.
pub type Skill = (u16, u8);

/// Who of the best tier gets the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Policy`")]
pub enum Policy {
    #[default]
    HighestScore,
    WeightedShare,
    RoundRobin,
    Skill,
    CostQuality,
    ExpectedValue {
        segment: Option<AttributeId>,
        explore: BasisPoints,
    },
}

/// What a profile buys, and on which terms.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `CreateProfile`")]
pub struct ProfileTerms {
    pub vertical: VerticalId,
    pub tier: u8,
    pub bid: Option<Money>,
    pub pay_term: Term,
    pub caps: Caps,
    pub live_mode: bool,
    pub hours: Option<CalendarId>,
    pub clauses: Vec<Clause>,
    pub values: Vec<ValueCode>,
    pub destinations: Vec<(Vec<u8>, Millis)>,
}

impl Default for ProfileTerms {
    fn default() -> Self {
        Self {
            vertical: VerticalId(0),
            tier: 1,
            bid: None,
            pay_term: Term::OnConnect,
            caps: Caps::default(),
            live_mode: false,
            hours: None,
            clauses: Vec::new(),
            values: Vec::new(),
            destinations: Vec::new(),
        }
    }
}

/// What a listing does with calls that come back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `SetDelivery`")]
pub struct Delivery {
    pub recover_below: Seconds,
    pub recoveries_max: u8,
    pub fallback: Option<(Vec<u8>, Millis)>,
}

/// How a profile answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `SetAnswering`")]
pub struct Answering {
    pub bid_within: Millis,
    pub reject_within: Seconds,
    /// So many calls unanswered, within so long; twice.
    pub pause_after: [(u8, Seconds); 2],
}

/// How much a profile takes. `None` is no cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `CapLimits`")]
pub struct Caps {
    pub concurrency: Option<u16>,
    pub hourly: Option<u32>,
    pub daily: Option<u32>,
    pub total: Option<u32>,
    pub daily_budget: Option<Money>,
}

/// A condition on one attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Clause`")]
pub struct Clause {
    pub attribute: AttributeId,
    pub test: Test,
}

/// What a clause asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Test`")]
pub enum Test {
    AnyOf { count: u16 },
    NoneOf { count: u16 },
    InSet { set: ValueSetId },
    NotInSet { set: ValueSetId },
    Range { low: i64, high: i64 },
    Is { value: bool },
    Near { centre: GeoPoint, radius: Metres },
}

impl Test {
    /// How many of the listed values are its own.
    #[must_use]
    pub fn listed(self) -> usize {
        match self {
            Self::AnyOf { count } | Self::NoneOf { count } => usize::from(count),
            Self::InSet { .. } | Self::NotInSet { .. } | Self::Range { .. } | Self::Is { .. } | Self::Near { .. } => 0,
        }
    }
}
