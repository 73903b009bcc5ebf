//! How many calls a profile takes, and how much money a day.

use crate::units::Money;

/// A profile's caps. `None` is no cap, and so is `u32::MAX`. Counted when the call is won and held; given back when nobody answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CapLimits {
    /// Calls at once, from 1.
    pub concurrency: Option<u16>,
    /// Calls an hour, from 1. Hours begin where the zone's do.
    pub hourly: Option<u32>,
    /// Calls a day in the owner's zone, from 1.
    pub daily: Option<u32>,
    /// Calls ever, from 1.
    pub total: Option<u32>,
    /// Money a day in the owner's zone.
    pub daily_budget: Option<Money>,
}

impl CapLimits {
    /// No caps at all.
    pub const NONE: Self = Self { concurrency: None, hourly: None, daily: None, total: None, daily_budget: None };
}
