//! Quotas: how many calls and how much money a buyer, a seller, a profile, a listing or a group of profiles takes.
//!
//! Invariant: nothing is won that a quota has no room for, whatever is retried, fails or crashes: all of it is counted
//! with the win. Whose calls are live is always counted, so that a rule set later knows of them. What a win counted is
//! kept with the call, and given back only where it was counted and only while that still counts.

mod quota;
mod shut;
mod table;

pub(crate) use quota::{GivenBack, Now, Quota, Room, Undone, UndoneWins};
pub(crate) use shut::Shut;
pub(crate) use table::{Owner, Quotas};

use crate::terms::QuotaPeriods;
use crate::units::Timestamp;

/// No quota, no group.
pub(crate) const NONE: u32 = u32::MAX;
/// A win counts under the quotas of its profile, its group, its buyer, its listing and its seller.
pub(crate) const LEVELS: usize = 5;

/// What a win did to one quota.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    /// The quota's slot, or [`NONE`].
    pub(crate) quota: u32,
    /// The periods it was counted in.
    pub(crate) periods: QuotaPeriods,
    /// The line that paced the quota before, and the win before, for looking back.
    pub(crate) line_before: Line,
    pub(crate) last_before: Option<Timestamp>,
}

impl Counted {
    pub(crate) const NOTHING: Self = Self {
        quota: NONE,
        periods: QuotaPeriods { hour: 0, day: 0, month: 0 },
        line_before: Line::NONE,
        last_before: None,
    };
}

/// What a win did to all its quotas.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taking {
    /// Wins are numbered over the whole exchange.
    pub(crate) number: u64,
    /// The winner's group then, or [`NONE`].
    pub(crate) group: u32,
    pub(crate) counted: [Counted; LEVELS],
}

impl Taking {
    pub(crate) const NOTHING: Self = Self { number: 0, group: NONE, counted: [Counted::NOTHING; LEVELS] };

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let counted = self.counted.iter().filter(|counted| counted.quota != NONE).flat_map(|counted| {
            let QuotaPeriods { hour, day, month } = counted.periods;
            let line = counted.line_before;
            [
                u64::from(counted.quota),
                u64::from(hour) << 32 | u64::from(day),
                u64::from(month) << 32 | u64::from(line.window),
                line.left,
                counted.last_before.map_or(0, |at| at.micros() + 1),
            ]
        });
        [self.number, u64::from(self.group)].into_iter().chain(counted)
    }
}

/// Where an even line stands: in this window nothing is won before so much open time, in microseconds, is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) window: u32,
    /// `u64::MAX` where nothing was won yet.
    pub(crate) left: u64,
}

impl Line {
    pub(crate) const NONE: Self = Self { window: 0, left: u64::MAX };
}
