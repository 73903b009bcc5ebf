//! What buyers ask for.

use arbitrary::Arbitrary;
use dce_engine::prelude::*;

use crate::Pair;
use crate::market::{AGE, INSURED, PLACE, SELLER, STATE, TAGS};
use crate::pools::{
    account_of, attribute_of, calendar_of, call_of, code_of, millis, money, optional, place, profile_of, stamp_of, term,
};

/// Ids and amounts are places in small pools.
#[derive(Clone, Debug, Arbitrary)]
pub(crate) enum Buy {
    CreateProfile { account: u8, profile: u8, bid: u8, caps: [u8; 5], shape: u8, clauses: [(u8, u8); 2] },
    SetBid { profile: u8, amount: u8, stamp: u8 },
    AlsoWants { profile: u8, nth: u8, clauses: [(u8, u8); 2] },
    SetModifiers { profile: u8, max: u8, modifiers: [(u8, u8, u8); 3] },
    PauseProfile { profile: u8 },
    ResumeProfile { profile: u8 },
    CloseProfile { profile: u8 },
    SetAnswering { profile: u8, bid: u16, reject: u8, rules: [(u8, u8); 2] },
    PlaceBid { profile: u8, call: u8, amount: u8, valid: u8, stamp: u8 },
    WithdrawBid { profile: u8, call: u8, stamp: u8 },
    NoBid { profile: u8, call: u8, stamp: u8 },
}

impl Buy {
    /// The command, tried at `at`.
    pub(crate) fn command(&self, pair: &mut Pair, at: Timestamp) -> Command<'static> {
        match *self {
            Self::CreateProfile { account, profile, bid, caps, shape, clauses } => {
                profile_command(account, profile, bid, caps, shape, clauses).into()
            }
            Self::SetBid { profile, amount, stamp } => {
                let (buyer, profile) = profile_of(profile);
                SetBid::new(buyer, profile, optional(amount).map(money), stamp_of(stamp, pair)).into()
            }
            Self::AlsoWants { profile, nth, clauses } => {
                let (buyer, profile) = profile_of(profile);
                let wanted = clauses.into_iter().fold(CreateProfile::of(buyer, profile), add_clause);
                AlsoWants { buyer, profile, nth: nth % 10, clauses: wanted.clauses, values: wanted.values }.into()
            }
            Self::SetModifiers { profile, max, modifiers } => {
                let (buyer, profile) = profile_of(profile);
                let all = modifiers.map(modifier).into_iter().flatten();
                let command = all.fold(SetModifiers::of(buyer, profile), SetModifiers::modifier);
                SetModifiers { max: optional(max).map(money), ..command }.into()
            }
            Self::PauseProfile { profile } => {
                let (buyer, profile) = profile_of(profile);
                PauseProfile::new(buyer, profile).into()
            }
            Self::ResumeProfile { profile } => {
                let (buyer, profile) = profile_of(profile);
                ResumeProfile::new(buyer, profile).into()
            }
            Self::CloseProfile { profile } => {
                let (buyer, profile) = profile_of(profile);
                CloseProfile::new(buyer, profile).into()
            }
            Self::SetAnswering { profile, bid, reject, rules } => {
                let (buyer, profile) = profile_of(profile);
                let rule = |(calls, within): (u8, u8)| match calls % 10 {
                    0 => PauseRule::NONE,
                    calls => PauseRule::new(calls, Seconds(u32::from(within) * 30)),
                };
                let command = SetAnswering::new(buyer, profile).reject_within(Seconds(u32::from(reject % 92)));
                command.bid_within(Millis(u32::from(bid))).pause_after(rules.map(rule)).into()
            }
            Self::PlaceBid { profile, call, amount, valid, stamp } => {
                let call = (SELLER, call_of(call, pair, at));
                let command = PlaceBid::new(profile_of(profile), call, money(amount), stamp_of(stamp, pair));
                command.valid_for(millis(valid)).into()
            }
            Self::WithdrawBid { profile, call, stamp } => {
                WithdrawBid::new(profile_of(profile), (SELLER, call_of(call, pair, at)), stamp_of(stamp, pair)).into()
            }
            Self::NoBid { profile, call, stamp } => {
                NoBid::new(profile_of(profile), (SELLER, call_of(call, pair, at)), stamp_of(stamp, pair)).into()
            }
        }
    }
}

fn profile_command(
    account: u8,
    profile: u8,
    bid: u8,
    caps: [u8; 5],
    shape: u8,
    clauses: [(u8, u8); 2],
) -> CreateProfile<'static> {
    let mut command = CreateProfile::of(account_of(account), ProfileId(u128::from(profile % 4)))
        .tier(shape % 3)
        .pays(term(shape))
        .dial(b"+18005550100", millis(shape));
    command.bid = optional(bid).map(money);
    command.live_mode = shape & 1 != 0;
    command.hours = (shape & 24 == 24).then(|| calendar_of(shape));
    let [concurrency, hourly, daily, total, budget] = caps.map(optional);
    command.caps = CapLimits {
        concurrency: concurrency.map(|cap| u16::from(cap % 4)),
        hourly: hourly.map(|cap| u32::from(cap % 4)),
        daily: daily.map(|cap| u32::from(cap % 4)),
        total: total.map(|cap| u32::from(cap % 4)),
        daily_budget: budget.map(money),
    };
    clauses.into_iter().fold(command, add_clause)
}

fn add_clause(profile: CreateProfile<'static>, (which, value): (u8, u8)) -> CreateProfile<'static> {
    let codes = [code_of(value), code_of(value >> 4)];
    let set = ValueSetId(u16::from(value % 4));
    match which % 12 {
        0 => profile.wants(STATE, codes),
        1 => profile.excludes(STATE, codes),
        2 => profile.wants(TAGS, codes),
        3 => profile.excludes(TAGS, codes),
        4 => profile.wants_set(STATE, set),
        5 => profile.excludes_set(TAGS, set),
        6 => profile.range(AGE, i64::from(value % 64), i64::from(value)),
        7 => profile.is(INSURED, value & 1 == 1),
        8 => profile.near(PLACE, place(value), Metres(u32::from(value) * 2_000)),
        9 => profile.wants(attribute_of(value), codes),
        _ => profile,
    }
}

fn modifier((which, value, change): (u8, u8, u8)) -> Option<Modifier> {
    let (attribute, value) = match which % 6 {
        0 => (STATE, ModifierValue::Code(code_of(value))),
        1 => (TAGS, ModifierValue::Code(code_of(value))),
        2 => (AGE, ModifierValue::Range { low: i64::from(value % 64), high: i64::from(value) }),
        3 => (INSURED, ModifierValue::Flag(value & 1 == 1)),
        4 => (attribute_of(value), ModifierValue::Code(code_of(value))),
        _ => return None,
    };
    let change = match change {
        times @ 0..128 => Change::Multiply(u32::from(times) * 400),
        more @ 128..192 => Change::Add(money(more)),
        less => Change::Add(Money::ZERO - money(less)),
    };
    Some(Modifier { attribute, value, change })
}
