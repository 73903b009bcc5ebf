//! The words that cross between rooms: what commands carry in and rooms keep. Plain values with no tables behind them,
//! so that no room has to know another to speak of a pay term or a clause.

mod awaited;
mod caller;
mod cap_limits;
mod chain;
mod clause;
mod deal_price;
mod dial_target;
mod fact;
mod fact_sheet;
mod kind;
mod leg_report;
mod lines;
mod local_periods;
mod modifier;
mod name;
mod opening;
mod pause_rule;
mod pay_term;
mod pricing;
mod screen;
mod taken;
mod transition;

pub(crate) use awaited::Awaited;
pub use caller::{AnonymousCallers, CallerScope, DuplicateOn};
pub use cap_limits::CapLimits;
pub(crate) use chain::Chain;
pub use clause::{Clause, Test};
pub use deal_price::DealPrice;
pub use dial_target::DialTarget;
pub use fact::{Fact, FactValue, Leg};
pub(crate) use fact_sheet::{FactSheet, Known};
pub use kind::Kind;
pub use leg_report::LegReport;
pub(crate) use lines::Lines;
pub(crate) use local_periods::LocalPeriods;
pub use modifier::{Change, Modifier, ModifierValue};
pub(crate) use name::Name;
pub(crate) use opening::{DAY_MINUTES, WEEK_MINUTES};
pub use opening::{Holiday, OpenSpan, Weekday};
pub use pause_rule::PauseRule;
pub use pay_term::{ClockStart, Clocks, PayTerm};
pub use pricing::{Payout, PricingRule};
pub use screen::ScreenRule;
pub(crate) use taken::Taken;
pub use transition::Transition;
