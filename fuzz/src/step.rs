//! What a few bytes mean: some time passes, then one command is tried. Ids come from small pools, so that steps meet.

use arbitrary::Arbitrary;
use dce_engine::prelude::*;

use crate::Pair;
use crate::buy::Buy;
use crate::callers::Callers;
use crate::deliver::Deliver;
use crate::operate::Operate;
use crate::sell::Sell;

/// One step.
#[derive(Clone, Debug, Arbitrary)]
pub struct Step {
    pub(crate) wait: Wait,
    pub(crate) action: Action,
}

/// How much time passes before the command.
#[derive(Clone, Copy, Debug, Arbitrary)]
pub(crate) enum Wait {
    None,
    Millis(u8),
    Seconds(u8),
    /// Mostly none, or nothing that was opened would ever be closed.
    Hours(u8),
    /// Mostly no time at all, for the same reason.
    UntilDue(u8),
    JustBeforeDue,
    /// Past what is due, without the ticks that should come first.
    PastDue,
    Back,
}

impl Wait {
    /// When the command is tried, and whether without the ticks due before.
    pub(crate) fn from(self, now: Timestamp, deadline: Option<Timestamp>) -> (Timestamp, bool) {
        let due = deadline.unwrap_or(now);
        match self {
            Self::None => (now, false),
            Self::Millis(millis) => (now + Millis(u32::from(millis)), false),
            Self::Seconds(seconds) => (now + Seconds(u32::from(seconds % 16)), false),
            Self::Hours(hours) => (now + Seconds(u32::from(hours.saturating_sub(224)) * 3_600), false),
            Self::UntilDue(192..) => (due.max(now), false),
            Self::UntilDue(_) => (now, false),
            Self::JustBeforeDue => (Timestamp::from_micros(due.micros() - 1).max(now), false),
            Self::PastDue => (due.max(now) + Seconds(1), true),
            Self::Back => (Timestamp::from_micros(now.micros() - 1), true),
        }
    }
}

/// One command, by whoever speaks: each of them is as likely as the others.
#[derive(Clone, Debug, Arbitrary)]
pub(crate) enum Action {
    Operate(Operate),
    Buy(Buy),
    Sell(Sell),
    Deliver(Deliver),
    Callers(Callers),
}

impl Action {
    /// The command, tried at `at`.
    pub(crate) fn command<'l>(&self, pair: &mut Pair, at: Timestamp, lists: &'l mut Lists) -> Command<'l> {
        match self {
            Self::Operate(action) => action.command(at, lists),
            Self::Buy(action) => action.command(pair, at),
            Self::Sell(action) => action.command(pair, at, lists),
            Self::Deliver(action) => action.command(pair, at),
            Self::Callers(action) => action.command(at),
        }
    }
}

/// What a command may borrow.
#[derive(Default)]
pub(crate) struct Lists {
    pub(crate) values: Vec<ValueCode>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) skills: Vec<SkillLevel>,
}
