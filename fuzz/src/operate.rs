//! What operators and accountants ask for.

use arbitrary::Arbitrary;
use dce_engine::prelude::*;

use crate::pools::{
    account_of, attribute_of, calendar_of, code_of, group_of, kind_of, listing_of, millis, money, movement_of, name, optional, profile_of, session_of, term,
};
use crate::step::Lists;

/// Ids and amounts are places in small pools.
#[derive(Clone, Debug, Arbitrary)]
pub(crate) enum Operate {
    DeclareAttribute { attribute: u8, kind: u8, size: u8 },
    DefineValue { attribute: u8, code: u8, name: u8 },
    LoadValueSet { set: u8, attribute: u8, total: u8, offset: u8, first: u8, count: u8 },
    SetZone { zone: u8, offsets: [i8; 2] },
    OpenAccount { account: u8, seller: bool, zone: u8, deposit: u8 },
    SetHome { account: u8, zone: u8 },
    CloseAccount { account: u8 },
    Deposit { account: u8, movement: u8, amount: u8 },
    Withdraw { account: u8, movement: u8, amount: u8 },
    OpenSession { account: u8, session: u8 },
    CloseSession { account: u8, session: u8 },
    SetCalendar { account: u8, calendar: u8, spans: [u8; 4], holiday: [u8; 3] },
    SetPolicy { account: u8, listing: u8, policy: u8, price: u8, skills: [u8; 2] },
    RankProfile { profile: u8, weight: u8, quality: u8, prior: u8 },
    SetSkills { profile: u8, skills: [u8; 2] },
    CreateListing { account: u8, listing: u8, vertical: u8, amounts: [u8; 3], shape: u8 },
    SetDisclosure { account: u8, listing: u8, price_to_win: bool },
    SetQuota { account: u8, scope: (u8, u8), rules: [[u8; 4]; 2], spacing: u8 },
    SetGroup { account: u8, profile: u8, group: Option<u8> },
    SetTogether { account: u8, group: u8, together: bool },
}

impl Operate {
    /// The command, tried at `at`.
    pub(crate) fn command<'l>(&self, at: Timestamp, lists: &'l mut Lists) -> Command<'l> {
        match *self {
            Self::DeclareAttribute { attribute, kind, size } => {
                DeclareAttribute { attribute: attribute_of(attribute), kind: kind_of(kind, size), name: name(kind) }
                    .into()
            }
            Self::DefineValue { attribute, code, name: text } => {
                DefineValue::new(attribute_of(attribute), code_of(code), name(text)).into()
            }
            Self::LoadValueSet { set, attribute, total, offset, first, count } => {
                let codes = (0..count % 5).map(|place| code_of(first.wrapping_add(place)));
                lists.values = codes.collect();
                let (total, offset) = (u32::from(total % 8), u32::from(offset % 8));
                let set = ValueSetId(u16::from(set % 4));
                LoadValueSet::chunk(set, attribute_of(attribute), total, offset, &lists.values).into()
            }
            Self::SetZone { zone, offsets } => {
                lists.transitions = offsets
                    .into_iter()
                    .zip(0..)
                    .map(|(hours, place)| Transition {
                        at: Timestamp::from_micros(at.micros() / 7_200_000_000 * 7_200_000_000)
                            + Seconds(place * 7_200),
                        offset_seconds: i32::from(hours % 20) * 3_600,
                    })
                    .collect();
                SetZone::new(ZoneId(u16::from(zone % 4)), &lists.transitions).into()
            }
            Self::OpenAccount { account, seller, zone, deposit } => {
                let account = account_of(account);
                let command = if seller { OpenAccount::seller(account) } else { OpenAccount::buyer(account) };
                command.zone(ZoneId(u16::from(zone % 4))).deposit(money(deposit)).into()
            }
            Self::SetHome { account, zone } => {
                SetHome::new(account_of(account), ZoneId(u16::from(zone % 4))).into()
            }
            Self::CloseAccount { account } => CloseAccount::new(account_of(account)).into(),
            Self::Deposit { account, movement, amount } => {
                Deposit::new(account_of(account), movement_of(movement, at), money(amount)).into()
            }
            Self::Withdraw { account, movement, amount } => {
                Withdraw::new(account_of(account), movement_of(movement, at), money(amount)).into()
            }
            Self::OpenSession { account, session } => OpenSession::new(account_of(account), session_of(session)).into(),
            Self::CloseSession { account, session } => {
                CloseSession::new(account_of(account), session_of(session)).into()
            }
            Self::SetCalendar { account, calendar, spans, holiday: [first, length, hours] } => {
                let command = SetCalendar::new(account_of(account), calendar_of(calendar));
                let week = spans.map(|place| u16::from(place) * 40);
                let command = command.open(OpenSpan::new(week[0], week[1])).open(OpenSpan::new(week[2], week[3]));
                // Some of these days are near the fuzzer's own.
                let first_day = (at.micros() / 86_400_000_000) as u32 + u32::from(first % 4);
                let (from_minute, to_minute) = (u16::from(hours & 0xf) * 60, u16::from(hours >> 4) * 100);
                let last_day = first_day + u32::from(length % 3);
                command.holiday(Holiday { first_day, last_day, from_minute, to_minute }).into()
            }
            Self::SetQuota { account, scope: (kind, which), rules, spacing } => {
                let scope = match kind % 4 {
                    0 => QuotaScope::Account,
                    1 => QuotaScope::Profile(profile_of(which).1),
                    2 => QuotaScope::Listing(listing_of(which)),
                    _ => QuotaScope::Group(group_of(which)),
                };
                let mut command = SetQuota::new(account_of(account), scope);
                for rule in rules.iter().filter(|rule| rule[3] % 5 > 0) {
                    command = command.rule(quota_rule(*rule, at));
                }
                command.spacing = optional(spacing).map(millis);
                command.hours = (spacing & 12 == 12).then(|| calendar_of(which));
                command.into()
            }
            Self::SetGroup { account, profile, group } => {
                SetGroup::new(account_of(account), profile_of(profile).1, group.map(group_of)).into()
            }
            Self::SetTogether { account, group, together } => {
                SetTogether::new(account_of(account), group_of(group), together).into()
            }
            Self::SetPolicy { account, listing, policy, price, skills } => {
                lists.skills = levels(skills);
                let command = SetPolicy::new(account_of(account), listing_of(listing), policy_of(policy));
                let price = optional(price).map(money);
                SetPolicy { price, ..command.skills(&lists.skills) }.into()
            }
            Self::RankProfile { profile, weight, quality, prior } => {
                let (buyer, profile) = profile_of(profile);
                let command = RankProfile::new(buyer, profile).weight(u16::from(weight) * 40);
                let prior = Prior::new(u16::from(prior & 15), u16::from(prior >> 4));
                command.quality(BasisPoints(u16::from(quality) * 40)).prior(prior).into()
            }
            Self::SetSkills { profile, skills } => {
                lists.skills = levels(skills);
                let (buyer, profile) = profile_of(profile);
                SetSkills::new(buyer, profile).skills(&lists.skills).into()
            }
            Self::CreateListing { account, listing, vertical, amounts, shape } => {
                listing_command(account, listing, vertical, amounts, shape).into()
            }
            Self::SetDisclosure { account, listing, price_to_win } => {
                SetDisclosure { seller: account_of(account), listing: listing_of(listing), price_to_win }.into()
            }
        }
    }
}

fn quota_rule([kind, max, hours, pace]: [u8; 4], at: Timestamp) -> QuotaRule {
    let counts = [Counts::Live, Counts::Attempts, Counts::Connections, Counts::Conversions, Counts::Money];
    let counts = counts[usize::from(kind % 5)];
    let per = [Per::Ever, Per::Hour, Per::Day, Per::Month][usize::from(kind / 5 % 4)];
    let today = (at.micros() / 86_400_000_000) as u32;
    let during = (hours & 3 == 3).then(|| WeekHours { from: hours / 4, to: hours });
    let pace = match pace % 3 {
        0 => Pace::Free,
        1 => Pace::Even,
        _ => Pace::Through(today + u32::from(pace >> 6)),
    };
    let max = if counts == Counts::Money { money(max).micros() } else { i64::from(max % 8) };
    QuotaRule { counts, per, max, during, pace }
}

/// Any policy; half of them expected value, exploring or not.
fn policy_of(policy: u8) -> Policy {
    match policy % 10 {
        0 => Policy::HighestScore,
        1 => Policy::WeightedShare,
        2 => Policy::RoundRobin,
        3 => Policy::Skill,
        4 => Policy::CostQuality,
        kind => Policy::ExpectedValue {
            segment: (kind > 6).then(|| attribute_of(policy >> 6)),
            explore: BasisPoints(u16::from(policy) % 8 * 1_500),
        },
    }
}

/// A level of each of two skills; without where it would be 0.
fn levels(skills: [u8; 2]) -> Vec<SkillLevel> {
    let levels = skills.into_iter().zip(0..).map(|(level, skill)| SkillLevel::new(SkillId(skill), level % 128));
    levels.filter(|known| known.level > 0).collect()
}

fn listing_command(account: u8, listing: u8, vertical: u8, amounts: [u8; 3], shape: u8) -> CreateListing {
    let [reserve, margin, payout] = amounts;
    let payout = match payout {
        share @ 0..128 => Payout::Share(BasisPoints(u16::from(share) * 80)),
        fixed => Payout::Fixed(money(fixed - 128)),
    };
    let mut command = CreateListing::of(account_of(account), listing_of(listing))
        .vertical(VerticalId(u16::from(vertical % 3)))
        .reserve(money(reserve))
        .margin_min(money(margin))
        .pays_out(payout, term(shape))
        .duration_max(Seconds(u32::from(shape) * 8));
    command.open = shape & 1 != 0;
    command.withdrawable = shape & 2 != 0;
    command.hours = (shape & 24 == 24).then(|| calendar_of(shape));
    if shape & 4 != 0 {
        command = command.second_price(money(shape & 3));
    }
    command
}
