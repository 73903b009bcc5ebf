//! How many calls, and how much money, somebody takes: at a time, an hour, a day, a month, ever.

use crate::ids::{GroupId, ListingId, ProfileId};
use crate::units::Money;

/// What a quota binds, of the account that sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuotaScope {
    /// All calls the buyer buys, or the seller sells.
    #[default]
    Account,
    /// The calls of one profile of a buyer.
    Profile(ProfileId),
    /// The calls under one listing of a seller.
    Listing(ListingId),
    /// The calls of all profiles in one group of a buyer.
    Group(GroupId),
}

/// What a rule counts. All of it is counted with the win, before anybody's telephone rings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Counts {
    /// Calls being delivered or talking now.
    #[default]
    Live,
    /// Calls won, answered or not.
    Attempts,
    /// Calls won, but for those that nobody answered.
    Connections,
    /// Calls won, but for those whose price was not earned.
    Conversions,
    /// The prices of calls won, but for those that were not earned.
    Money,
}

/// How long a count runs before it begins anew, by the local time of the account's zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Per {
    /// An hour of the clock.
    Hour,
    /// A day.
    Day,
    /// A month of the Gregorian calendar.
    Month,
    /// It never does.
    #[default]
    Ever,
}

/// Hours of the local week: Monday's first hour is 0, Sunday's last is 167.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeekHours {
    /// The first hour, below `to`.
    pub from: u8,
    /// The hour after the last, at most 168.
    pub to: u8,
}

/// Whether money is spent as calls come, or evenly over the hours that are left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// As calls come.
    #[default]
    Free,
    /// Evenly over the open hours of the day or the month.
    Even,
    /// Evenly over the open hours through this local day, counted from 1970-01-01: for a budget without a period.
    Through(u32),
}

/// At most so many calls, or so much money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotaRule {
    /// What is counted.
    pub counts: Counts,
    /// For how long; calls that are live have no period.
    pub per: Per,
    /// How many calls, or how much money in micros. Zero is none at all.
    pub max: i64,
    /// The hours of the week in which alone the rule binds; it counts in all of them.
    pub during: Option<WeekHours>,
    /// How money is spread.
    pub pace: Pace,
}

impl QuotaRule {
    /// At most `max` calls at a time.
    #[must_use]
    pub const fn live(max: u32) -> Self {
        Self::calls(Counts::Live, Per::Ever, max)
    }

    /// At most `max` calls of a kind for a period.
    #[must_use]
    pub const fn calls(counts: Counts, per: Per, max: u32) -> Self {
        Self { counts, per, max: max as i64, during: None, pace: Pace::Free }
    }

    /// At most this much money for a period.
    #[must_use]
    pub const fn money(per: Per, max: Money) -> Self {
        Self { counts: Counts::Money, per, max: max.micros(), during: None, pace: Pace::Free }
    }

    /// But only in these hours of the week.
    #[must_use]
    pub const fn during(mut self, from: u8, to: u8) -> Self {
        self.during = Some(WeekHours { from, to });
        self
    }

    /// Spent like this.
    #[must_use]
    pub const fn paced(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Whether the rule binds in this hour of the week.
    pub(crate) fn binds_at(&self, hour: u8) -> bool {
        self.during.is_none_or(|hours| (hours.from..hours.to).contains(&hour))
    }

    /// Whether both count the same, so that what one has counted the other goes on from.
    pub(crate) fn counts_like(&self, other: &Self) -> bool {
        (self.counts, self.per, self.during) == (other.counts, other.per, other.during)
    }

    /// Whether such a rule can be, apart from the amount of money.
    pub(crate) fn is_possible(&self) -> bool {
        let hours = match self.during {
            None => true,
            Some(WeekHours { from, to }) => {
                let suits = self.counts == Counts::Live || self.per == Per::Hour;
                from < to && u16::from(to) <= WEEK_HOURS && suits
            }
        };
        let pace = match self.pace {
            Pace::Free => true,
            Pace::Even => self.counts == Counts::Money && matches!(self.per, Per::Day | Per::Month),
            Pace::Through(day) => self.counts == Counts::Money && self.per == Per::Ever && day <= PACED_DAY_MAX,
        };
        let max = self.counts == Counts::Money || (0..=i64::from(u32::MAX)).contains(&self.max);
        hours && pace && max && (self.counts != Counts::Live || self.per == Per::Ever)
    }
}

/// Hours of a week.
const WEEK_HOURS: u16 = 168;
/// The last whole day before `Timestamp::MAX`.
const PACED_DAY_MAX: u32 = 13_343_997;

/// Which hour, day and month something was counted in, as numbers that count up from 1970 local time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct QuotaPeriods {
    pub(crate) hour: u32,
    pub(crate) day: u32,
    pub(crate) month: u32,
}

impl QuotaPeriods {
    /// The number for a period; what runs for ever is always in its only one.
    pub(crate) const fn of(&self, per: Per) -> u32 {
        match per {
            Per::Hour => self.hour,
            Per::Day => self.day,
            Per::Month => self.month,
            Per::Ever => 0,
        }
    }

    /// The later of each.
    pub(crate) fn or_later(&self, other: &Self) -> Self {
        Self { hour: self.hour.max(other.hour), day: self.day.max(other.day), month: self.month.max(other.month) }
    }
}
