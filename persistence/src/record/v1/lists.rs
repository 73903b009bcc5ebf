//! Room for a command's lists: packed on the way out, in the engine's words on the way in.

use dce_engine::commands::List;
use dce_engine::ids::{ChainNode, ValueCode};
use dce_engine::limits::{
    CHAIN_MAX, CLAUSE_VALUES_MAX, CLAUSES_MAX, DESTINATIONS_MAX, FACTS_MAX, HOLIDAYS_MAX, MODIFIERS_MAX,
    NAME_BYTES_MAX, OPEN_SPANS_MAX, PROFILE_SKILLS_MAX, QUOTA_RULES_MAX, REQUIRED_SKILLS_MAX, SCREEN_RULES_MAX,
    TRANSITIONS_MAX, VALUE_SET_CHUNK_MAX,
};
use dce_engine::terms::{
    Clause, DialTarget, Fact, Holiday, Modifier, OpenSpan, QuotaRule, ScreenRule, SkillLevel, Transition,
};

use super::calendars::{HolidayV1, OpenSpanV1};
use super::callers::ScreenRuleV1;
use super::calls::FactV1;
use super::deals::ModifierV1;
use super::policies::SkillLevelV1;
use super::profiles::{ClauseV1, DialTargetV1};
use super::quotas::QuotaRuleV1;
use super::schema::TransitionV1;

/// Slices have no mark that they were cut, so one value more than the exchange takes says it.
pub(super) const VALUES_MAX: usize = VALUE_SET_CHUNK_MAX + 1;
pub(super) const ZONE_TRANSITIONS_MAX: usize = TRANSITIONS_MAX + 1;

const _: () = assert!(CLAUSE_VALUES_MAX <= VALUES_MAX);
const _: () = assert!(REQUIRED_SKILLS_MAX <= PROFILE_SKILLS_MAX);

/// Where a decoded command's lists lie.
#[derive(Clone, Debug)]
pub(in crate::record) struct Lists {
    pub(super) facts: [Fact; FACTS_MAX],
    pub(super) clauses: [Clause; CLAUSES_MAX],
    pub(super) values: [ValueCode; VALUES_MAX],
    pub(super) destinations: [DialTarget; DESTINATIONS_MAX],
    pub(super) transitions: [Transition; ZONE_TRANSITIONS_MAX],
    pub(super) spans: [OpenSpan; OPEN_SPANS_MAX],
    pub(super) holidays: [Holiday; HOLIDAYS_MAX],
    pub(super) modifiers: [Modifier; MODIFIERS_MAX],
    pub(super) screen: [ScreenRule; SCREEN_RULES_MAX],
    pub(super) chain: [ChainNode; CHAIN_MAX],
    pub(super) rules: [QuotaRule; QUOTA_RULES_MAX],
    pub(super) skills: [SkillLevel; PROFILE_SKILLS_MAX],
}

/// Where a command's lists lie in version 1's words while they are written.
#[derive(Clone, Debug)]
pub(in crate::record) struct Packed {
    pub(super) facts: [FactV1; FACTS_MAX],
    pub(super) clauses: [ClauseV1; CLAUSES_MAX],
    pub(super) values: [u32; VALUES_MAX],
    pub(super) destinations: [DialTargetV1; DESTINATIONS_MAX],
    pub(super) transitions: [TransitionV1; ZONE_TRANSITIONS_MAX],
    pub(super) spans: [OpenSpanV1; OPEN_SPANS_MAX],
    pub(super) holidays: [HolidayV1; HOLIDAYS_MAX],
    pub(super) modifiers: [ModifierV1; MODIFIERS_MAX],
    pub(super) screen: [ScreenRuleV1; SCREEN_RULES_MAX],
    pub(super) chain: [u128; CHAIN_MAX],
    pub(super) rules: [QuotaRuleV1; QUOTA_RULES_MAX],
    pub(super) skills: [SkillLevelV1; PROFILE_SKILLS_MAX],
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            facts: [Fact::default(); FACTS_MAX],
            clauses: [Clause::default(); CLAUSES_MAX],
            values: [ValueCode::default(); VALUES_MAX],
            destinations: [DialTarget::default(); DESTINATIONS_MAX],
            transitions: [Transition::default(); ZONE_TRANSITIONS_MAX],
            spans: [OpenSpan::default(); OPEN_SPANS_MAX],
            holidays: [Holiday::default(); HOLIDAYS_MAX],
            modifiers: [Modifier::default(); MODIFIERS_MAX],
            screen: [ScreenRule::default(); SCREEN_RULES_MAX],
            chain: [ChainNode::default(); CHAIN_MAX],
            rules: [QuotaRule::default(); QUOTA_RULES_MAX],
            skills: [SkillLevel::default(); PROFILE_SKILLS_MAX],
        }
    }
}

impl Default for Packed {
    fn default() -> Self {
        Self {
            facts: [FactV1::default(); FACTS_MAX],
            clauses: [ClauseV1::default(); CLAUSES_MAX],
            values: [0; VALUES_MAX],
            destinations: [DialTargetV1::default(); DESTINATIONS_MAX],
            transitions: [TransitionV1::default(); ZONE_TRANSITIONS_MAX],
            spans: [OpenSpanV1::default(); OPEN_SPANS_MAX],
            holidays: [HolidayV1::default(); HOLIDAYS_MAX],
            modifiers: [ModifierV1::default(); MODIFIERS_MAX],
            screen: [ScreenRuleV1::default(); SCREEN_RULES_MAX],
            chain: [0; CHAIN_MAX],
            rules: [QuotaRuleV1::default(); QUOTA_RULES_MAX],
            skills: [SkillLevelV1::default(); PROFILE_SKILLS_MAX],
        }
    }
}

/// The values, packed one by one; those that find no room are left out.
#[inline]
pub(super) fn pack<'p, T, P>(values: &[T], room: &'p mut [P], pack: impl Fn(&T) -> P) -> &'p [P] {
    let length = values.len().min(room.len());
    let room = &mut room[..length];
    for (slot, value) in room.iter_mut().zip(values) {
        *slot = pack(value);
    }
    room
}

/// The values, unpacked one by one; none when there are more than there is room for, or one of them is not one.
#[inline]
pub(super) fn unpack<'a, P, T>(packed: &[P], room: &'a mut [T], unpack: impl Fn(&P) -> Option<T>) -> Option<&'a [T]> {
    let room = room.get_mut(..packed.len())?;
    for (slot, packed) in room.iter_mut().zip(packed) {
        *slot = unpack(packed)?;
    }
    Some(room)
}

/// A list that says again whether something was left out of it.
#[inline]
pub(super) fn list<T: Copy + Default, const N: usize>(values: &[T], overflowed: bool) -> List<'_, T, N> {
    let mut list = List::borrowed(values);
    if overflowed {
        // A borrowed list takes nothing more, and remembers having been asked.
        list.push(T::default());
    }
    list
}

/// A name, cut behind the character that makes it too long.
pub(super) fn cut(name: &str) -> &str {
    let mut end = NAME_BYTES_MAX + 1;
    if name.len() < end {
        return name;
    }
    while !name.is_char_boundary(end) {
        end += 1;
    }
    &name[..end]
}
