//! The names of a story and what they stand for; times, lengths and limits as text.

use std::collections::BTreeMap;

use dce_engine::ids::{
    AccountId, AttributeId, CalendarId, CallId, ChainNode, GroupId, ListingId, MovementId, ProfileId, ValueCode,
    ValueSetId, ZoneId,
};
use dce_engine::units::{Millis, Money, Seconds, Timestamp};

use crate::twin::action::QuotaScope;
use crate::twin::state::Capacities;

/// The day a story plays on unless it says another.
pub(super) const TODAY: &str = "2026-01-05";

const FIRST_ACCOUNT: u128 = 10;
const FIRST_NODE: u128 = 1_000;

/// The id of a story's log.
pub(super) const LOG: u128 = 7;

/// Who and what was named so far. Numbers are given in order of mention.
#[derive(Debug, Default)]
pub(super) struct Names {
    accounts: Vec<String>,
    calendars: Vec<String>,
    groups: Vec<String>,
    zones: Vec<String>,
    attributes: Vec<String>,
    sets: Vec<String>,
    nodes: Vec<String>,
    skills: Vec<String>,
    /// For each value of an attribute, its code.
    values: BTreeMap<(AttributeId, String), ValueCode>,
    calls: BTreeMap<String, (AccountId, CallId)>,
    movements: BTreeMap<String, MovementId>,
    made: u64,
}

fn place(list: &mut Vec<String>, name: &str) -> usize {
    list.iter().position(|known| known == name).unwrap_or_else(|| {
        list.push(name.to_owned());
        list.len() - 1
    })
}

impl Names {
    pub(super) fn account(&mut self, name: &str) -> AccountId {
        match name {
            "PLATFORM" => AccountId::PLATFORM,
            "WORLD" => AccountId::WORLD,
            _ => AccountId(FIRST_ACCOUNT + place(&mut self.accounts, name) as u128),
        }
    }

    pub(super) fn account_name(&self, account: AccountId) -> String {
        match account {
            AccountId::PLATFORM => "PLATFORM".to_owned(),
            AccountId::WORLD => "WORLD".to_owned(),
            AccountId(number) => self.accounts[(number - FIRST_ACCOUNT) as usize].clone(),
        }
    }

    /// `ACME/1`.
    pub(super) fn profile(&mut self, text: &str) -> Result<(AccountId, ProfileId), String> {
        let (account, number) = self.numbered(text)?;
        Ok((account, ProfileId(number)))
    }

    /// `WEB/1`.
    pub(super) fn listing(&mut self, text: &str) -> Result<(AccountId, ListingId), String> {
        let (account, number) = self.numbered(text)?;
        Ok((account, ListingId(number)))
    }

    fn numbered(&mut self, text: &str) -> Result<(AccountId, u128), String> {
        let (account, number) = text.split_once('/').ok_or_else(|| format!("`{text}` is not <account>/<number>"))?;
        let number = number.parse().map_err(|_| format!("`{number}` is no number"))?;
        Ok((self.account(account), number))
    }

    pub(super) fn profile_name(&self, buyer: AccountId, profile: ProfileId) -> String {
        format!("{}/{}", self.account_name(buyer), profile.0)
    }

    /// Zone 0 is `utc`; the others are numbered in order of mention.
    pub(super) fn zone(&mut self, name: &str) -> ZoneId {
        if name == "utc" { ZoneId(0) } else { ZoneId(place(&mut self.zones, name) as u16 + 1) }
    }

    pub(super) fn zone_name(&self, zone: ZoneId) -> String {
        if zone.0 == 0 { "utc".to_owned() } else { self.zones[usize::from(zone.0) - 1].clone() }
    }

    pub(super) fn calendar(&mut self, name: &str) -> CalendarId {
        CalendarId(place(&mut self.calendars, name) as u128)
    }

    pub(super) fn calendar_name(&self, calendar: CalendarId) -> &str {
        &self.calendars[calendar.0 as usize]
    }

    pub(super) fn group(&mut self, name: &str) -> GroupId {
        GroupId(place(&mut self.groups, name) as u128)
    }

    pub(super) fn group_name(&self, group: GroupId) -> &str {
        &self.groups[group.0 as usize]
    }

    /// `ACME`, `ACME/profile:1`, `WEB/listing:1`, `ACME/group:east`.
    pub(super) fn scope(&mut self, text: &str) -> Result<(AccountId, QuotaScope), String> {
        let Some((account, rest)) = text.split_once('/') else { return Ok((self.account(text), QuotaScope::Account)) };
        let (kind, name) = rest.split_once(':').ok_or_else(|| format!("`{rest}` is not <kind>:<name>"))?;
        let scope = match kind {
            "profile" => QuotaScope::Profile(ProfileId(number(name)?)),
            "listing" => QuotaScope::Listing(ListingId(number(name)?)),
            "group" => QuotaScope::Group(self.group(name)),
            _ => return Err(format!("there is no quota of a {kind}")),
        };
        Ok((self.account(account), scope))
    }

    pub(super) fn scope_name(&self, account: AccountId, scope: QuotaScope) -> String {
        let account = self.account_name(account);
        match scope {
            QuotaScope::Account => account,
            QuotaScope::Profile(profile) => format!("{account}/profile:{}", profile.0),
            QuotaScope::Listing(listing) => format!("{account}/listing:{}", listing.0),
            QuotaScope::Group(group) => format!("{account}/group:{}", self.group_name(group)),
        }
    }

    pub(super) fn attribute(&mut self, name: &str) -> AttributeId {
        AttributeId(place(&mut self.attributes, name) as u16)
    }

    pub(super) fn attribute_name(&self, attribute: AttributeId) -> &str {
        &self.attributes[usize::from(attribute.0)]
    }

    pub(super) fn set(&mut self, name: &str) -> ValueSetId {
        ValueSetId(place(&mut self.sets, name) as u16)
    }

    pub(super) fn set_name(&self, set: ValueSetId) -> &str {
        &self.sets[usize::from(set.0)]
    }

    /// A node of a chain: `exchange` is this one, a name in capitals an account, opened or not, any other name somebody outside.
    pub(super) fn node(&mut self, name: &str) -> ChainNode {
        match name {
            "exchange" => ChainNode(LOG),
            _ if name.starts_with(char::is_uppercase) => ChainNode(self.account(name).0),
            _ => ChainNode(FIRST_NODE + place(&mut self.nodes, name) as u128),
        }
    }

    /// Numbered in order of mention.
    pub(super) fn skill(&mut self, name: &str) -> u16 {
        place(&mut self.skills, name) as u16
    }

    pub(super) fn skill_name(&self, skill: u16) -> &str {
        &self.skills[usize::from(skill)]
    }

    pub(super) fn name_value(&mut self, attribute: AttributeId, name: &str, code: ValueCode) {
        self.values.insert((attribute, name.to_owned()), code);
    }

    /// A named value, or `#7` for a code without a name, or `?` for one the edge could not translate.
    pub(super) fn value(&self, attribute: AttributeId, name: &str) -> Result<ValueCode, String> {
        if name == "?" {
            return Ok(ValueCode::UNKNOWN);
        }
        if let Some(code) = name.strip_prefix('#') {
            return code.parse().map(ValueCode).map_err(|_| format!("`{name}` is no code"));
        }
        let known = self.values.get(&(attribute, name.to_owned()));
        known.copied().ok_or_else(|| format!("`{name}` is no value; write #<code> for one without a name"))
    }

    /// A call that was named before.
    pub(super) fn call(&self, name: &str) -> Result<(AccountId, CallId), String> {
        self.calls.get(name).copied().ok_or_else(|| format!("nobody has heard of the call `{name}`"))
    }

    /// A call of this seller, its id made at `time` when it is first named.
    pub(super) fn new_call(&mut self, name: &str, seller: AccountId, time: Timestamp) -> CallId {
        self.made += 1;
        let made = CallId::at(time, self.made);
        self.calls.entry(name.to_owned()).or_insert((seller, made)).1
    }

    /// A call whose id is given as a bare number, which is no UUIDv7.
    pub(super) fn bare_call(&mut self, name: &str, seller: AccountId, number: u128) -> CallId {
        self.calls.entry(name.to_owned()).or_insert((seller, CallId(number))).1
    }

    pub(super) fn call_name(&self, seller: AccountId, call: CallId) -> String {
        let found = self.calls.iter().find(|(_, key)| **key == (seller, call));
        found.map_or_else(|| format!("{call:?}"), |(name, _)| name.clone())
    }

    pub(super) fn movement(&mut self, name: Option<&str>, time: Timestamp) -> MovementId {
        self.made += 1;
        let made = MovementId::at(time, self.made);
        let name = name.map_or_else(|| format!("m{}", self.made), str::to_owned);
        *self.movements.entry(name).or_insert(made)
    }

    pub(super) fn movement_name(&self, account: AccountId, movement: MovementId) -> String {
        if movement.0 == account.0 {
            return "itself".to_owned();
        }
        let found = self.movements.iter().find(|(_, known)| **known == movement);
        found.map_or_else(|| format!("{movement:?}"), |(name, _)| name.clone())
    }
}

/// An amount with decimals.
pub(super) fn money(text: &str) -> Result<Money, String> {
    text.parse().map_err(|error| format!("`{text}`: {error}"))
}

/// A whole number.
pub(super) fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is no number that fits here"))
}

/// Seconds with up to three decimals, with or without an `s`.
pub(super) fn millis(text: &str) -> Result<u32, String> {
    let micros = money(text.strip_suffix('s').unwrap_or(text))?.micros();
    u32::try_from(micros / 1_000).map_err(|_| format!("`{text}` is too long"))
}

pub(super) fn length(text: &str) -> Result<Millis, String> {
    millis(text).map(Millis)
}

/// Whole seconds, minutes or hours: `90s`, `5m`, `1h`.
pub(super) fn seconds(text: &str) -> Result<Seconds, String> {
    let (digits, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(digits) => (digits, &text[digits.len()..]),
        None => (text, "s"),
    };
    let unit = match unit {
        "h" => 3_600,
        "m" => 60,
        _ => 1,
    };
    Ok(Seconds(number::<u32>(digits)? * unit))
}

/// Signed hours and minutes: `-8h`, `5.5h`.
pub(super) fn offset(text: &str) -> Result<i32, String> {
    let hours = money(text.strip_suffix('h').unwrap_or(text))?.micros();
    i32::try_from(hours * 3_600 / 1_000_000).map_err(|_| format!("`{text}` is no offset"))
}

/// `2026-03-08`, `10:00:00.250` in UTC.
pub(super) fn moment(date: &str, clock: &str) -> Result<Timestamp, String> {
    let wrong = || format!("`{date} {clock}` is no time");
    let parts: Vec<u64> = date.split('-').map(number).collect::<Result<_, _>>()?;
    let [year, month, day] = parts[..] else { return Err(wrong()) };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<u64> = clock.split(':').map(number).collect::<Result<_, _>>()?;
    let [hour, minute, second] = parts[..] else { return Err(wrong()) };
    let micros: u64 = number(&format!("{fraction:0<6}"))?;
    let seconds = (days(year, month, day) * 24 + hour) * 3_600 + minute * 60 + second;
    Ok(Timestamp::from_micros(seconds * 1_000_000 + micros))
}

/// Days since 1970-01-01, counted the slow way.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let leap = |year: u64| matches!(year % 400, 0) || (matches!(year % 4, 0) && !matches!(year % 100, 0));
    let years: u64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    years + months.iter().take(month as usize - 1).sum::<u64>() + day - 1
}

/// The time of day; with the days since the story's own when it is another.
pub(super) fn clock(at: Timestamp) -> String {
    let midnight = moment(TODAY, "00:00:00").expect("a good date");
    let micros = at.micros();
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let day = (seconds / 86_400) as i64 - (midnight.micros() / 86_400_000_000) as i64;
    let mut text = if day == 0 { String::new() } else { format!("day{day:+} ") };
    text += &format!("{:02}:{:02}:{:02}", seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    if fraction > 0 {
        text += format!(".{fraction:06}").trim_end_matches('0');
    }
    text
}

pub(super) fn set_limit(capacities: &mut Capacities, name: &str, value: u32) -> Result<(), String> {
    let short = || u16::try_from(value).map_err(|_| format!("{name} is at most 65535"));
    match name {
        "accounts_max" => capacities.accounts_max = value,
        "sessions_max" => capacities.sessions_max = value,
        "movements_max" => capacities.movements_max = value,
        "listings_max" => capacities.listings_max = value,
        "profiles_max" => capacities.profiles_max = value,
        "settings_max" => capacities.settings_max = value,
        "verticals_max" => capacities.verticals_max = short()?,
        "lines_max" => capacities.lines_max = value,
        "values_max" => capacities.values_max = value,
        "value_set_values_max" => capacities.value_set_values_max = value,
        "calendars_max" => capacities.calendars_max = value,
        "zones_max" => capacities.zones_max = short()?,
        "targeting_chunks_max" => capacities.targeting_chunks_max = value,
        "calls_max" => capacities.calls_max = value,
        "calls_live_max" => capacities.calls_live_max = value,
        "auction_bids_max" => capacities.auction_bids_max = value,
        "contacts_max" => capacities.contacts_max = value,
        "frequencies_max" => capacities.frequencies_max = value,
        "suppressions_max" => capacities.suppressions_max = value,
        "screens_max" => capacities.screens_max = value,
        "bids_max" => capacities.bids_max = value,
        "conjunctions_max" => capacities.conjunctions_max = value,
        "modified_max" => capacities.modified_max = value,
        "deals_max" => capacities.deals_max = value,
        "quotas_max" => capacities.quotas_max = value,
        "groups_max" => capacities.groups_max = value,
        "together_max" => capacities.together_max = value,
        "shares_max" => capacities.shares_max = value,
        "outcomes_max" => capacities.outcomes_max = value,
        "retention" => capacities.retention_seconds = value,
        _ => return Err(format!("no limit is called {name}")),
    }
    Ok(())
}
