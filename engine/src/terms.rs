//! The words that cross between rooms: what commands carry in and rooms keep. Plain values with no tables behind them,
//! so that no room has to know another to speak of a pay term or a clause.

mod cap_limits;
mod clause;
mod dial_target;
mod fact;
mod fact_sheet;
mod kind;
mod leg_report;
mod lines;
mod local_periods;
mod name;
mod opening;
mod pay_term;
mod policy;
mod pricing;
mod taken;
mod transition;

pub use cap_limits::CapLimits;
pub use clause::{Clause, Test};
pub use dial_target::DialTarget;
pub use fact::{Fact, FactValue, Leg};
pub(crate) use fact_sheet::{FactSheet, Known};
pub use kind::Kind;
pub use leg_report::LegReport;
pub(crate) use lines::Lines;
pub(crate) use local_periods::LocalPeriods;
pub(crate) use name::Name;
pub(crate) use opening::{DAY_MINUTES, WEEK_MINUTES};
pub use opening::{Holiday, OpenSpan, Weekday};
pub use pay_term::{ClockStart, Clocks, PayTerm};
pub(crate) use policy::{Chosen, Segment, levels_can_be, skills_rise};
pub use policy::{Policy, Prior, SkillLevel};
pub use pricing::{Payout, PricingRule};
pub(crate) use taken::Taken;
pub use transition::Transition;
