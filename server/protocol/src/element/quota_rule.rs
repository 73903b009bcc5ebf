//! Rules of quotas.

use zerocopy::little_endian::{I64, U16, U32};

use super::QuotaRule;
use crate::codes::{Counts, Pace, Per};
use crate::fault::Fault;
use crate::list::Element;
use crate::scalar::{all_zero, yes_or_no};

impl QuotaRule {
    /// At most `max` of this for a period: calls, or money in micro-units.
    #[must_use]
    pub const fn new(counts: Counts, per: Per, max: i64) -> Self {
        Self {
            counts: counts.code(),
            per: per.code(),
            pace: Pace::Free.code(),
            in_hours: 0,
            from_hour: 0,
            to_hour: 0,
            reserved: U16::ZERO,
            last_day: U32::ZERO,
            max: I64::new(max),
        }
    }

    /// But only from one hour of the local week until another, not included; Monday's first is 0.
    #[must_use]
    pub const fn during(mut self, from_hour: u8, to_hour: u8) -> Self {
        (self.in_hours, self.from_hour, self.to_hour) = (1, from_hour, to_hour);
        self
    }

    /// Spread evenly over the open hours of its day or month.
    #[must_use]
    pub const fn even(mut self) -> Self {
        self.pace = Pace::Even.code();
        self
    }

    /// Spread evenly over the open hours through this local day, counted from 1970-01-01.
    #[must_use]
    pub const fn through(mut self, last_day: u32) -> Self {
        self.pace = Pace::Through.code();
        self.last_day = U32::new(last_day);
        self
    }

    /// What is counted.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        match Counts::from_code(self.counts) {
            Some(counts) => counts,
            None => Counts::Live,
        }
    }

    /// For how long.
    #[must_use]
    pub const fn per(&self) -> Per {
        match Per::from_code(self.per) {
            Some(per) => per,
            None => Per::Ever,
        }
    }

    /// How many calls, or how much money.
    #[must_use]
    pub const fn max(&self) -> i64 {
        self.max.get()
    }

    /// The hours of the week in which alone it binds.
    #[must_use]
    pub const fn hours(&self) -> Option<(u8, u8)> {
        if self.in_hours == 1 { Some((self.from_hour, self.to_hour)) } else { None }
    }

    /// How its money is spread, and through which day.
    #[must_use]
    pub const fn pace(&self) -> (Pace, u32) {
        let pace = match Pace::from_code(self.pace) {
            Some(pace) => pace,
            None => Pace::Free,
        };
        (pace, self.last_day.get())
    }
}

impl Element for QuotaRule {
    const NAME: &'static str = "QuotaRule";

    fn check(&self) -> Result<(), Fault> {
        let pace = Pace::from_code(self.pace).ok_or(Fault::CodeUnknown)?;
        if Counts::from_code(self.counts).is_none() || Per::from_code(self.per).is_none() {
            return Err(Fault::CodeUnknown);
        }
        yes_or_no(self.in_hours)?;
        all_zero(&self.reserved.to_bytes())?;
        if self.in_hours == 0 {
            all_zero(&[self.from_hour, self.to_hour])?;
        }
        if pace == Pace::Through { Ok(()) } else { all_zero(&self.last_day.to_bytes()) }
    }
}
