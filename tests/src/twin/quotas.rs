//! Quotas and groups (section 13), and what rules 8a to 8c ask of them.

use std::collections::BTreeSet;

use dce_engine::ids::{AccountId, CalendarId};
use dce_engine::units::{Money, Timestamp};

use super::action::{Action, Counts, Pace, Per, QuotaRule, QuotaScope, Role};
use super::codes::{Refusal, Why, refusal, why};
use super::hours::open_minutes;
use super::outcome::Outcome;
use super::standing::{Distance, Loss};
use super::state::{Calendar, CallKey, Counted, Due, Periods, ProfileKey, Quota, Sale, State, Win};
use super::{Done, Twin, Verb};

const DAY: i128 = 86_400_000_000;
const MINUTE: i128 = 60_000_000;

/// A quota's name: the account that set it, and what it binds.
type QuotaKey = (AccountId, QuotaScope);

impl Twin {
    pub(super) fn set_quota(&mut self, action: &Action) -> Verb {
        let Action::SetQuota { account, scope, rules, spacing, hours } = action else { unreachable!() };
        match scope {
            QuotaScope::Account => {
                self.must_have_account(*account)?;
            }
            QuotaScope::Profile(_) | QuotaScope::Group(_) => self.must_have_role(*account, Role::Buyer)?,
            QuotaScope::Listing(_) => self.must_have_role(*account, Role::Seller)?,
        }
        let mut kinds = BTreeSet::new();
        if !rules.iter().all(|rule| kinds.insert(kind(rule))) {
            return Err(refusal::QUOTA_RULE_REPEATED);
        }
        match scope {
            QuotaScope::Listing(listing) => {
                self.must_be_listed((*account, *listing))?;
            }
            QuotaScope::Profile(profile) if !self.profiles.contains_key(&(*account, *profile)) => {
                return Err(refusal::PROFILE_UNKNOWN);
            }
            _ => {}
        }
        self.check_hours(*account, *hours)?;
        let key = (*account, *scope);
        let this = self.this();
        let mut first = None;
        match self.quotas.get(&key) {
            Some(known) if known.rules == *rules && known.spacing == *spacing && known.hours == *hours => {
                first = Some(known.sequence);
            }
            Some(_) => {}
            None => {
                if self.quotas.len() >= self.capacities.quotas_max as usize {
                    return Err(refusal::QUOTAS_FULL);
                }
                match scope {
                    QuotaScope::Group(group) => {
                        self.must_have_group((*account, *group))?;
                        self.name_group((*account, *group));
                    }
                    QuotaScope::Profile(profile) => self.must_have_settings((*account, *profile))?,
                    QuotaScope::Account | QuotaScope::Listing(_) => {}
                }
            }
        }
        if first.is_none() {
            let before = self.quotas.remove(&key).unwrap_or_default();
            let goes_on = |rule: &QuotaRule| {
                let known = before.rules.iter().position(|other| kind(other) == kind(rule));
                known.map(|place| before.counted[place].clone()).unwrap_or_default()
            };
            let mut after = Quota {
                rules: rules.clone(),
                spacing: *spacing,
                hours: *hours,
                sequence: this,
                counted: rules.iter().map(goes_on).collect(),
                kept: before.kept,
                wins: before.wins.iter().map(|win| Win { line: None, ..*win }).collect(),
            };
            if is_empty(&after) {
                after.wins.clear();
                after.kept = Periods::default();
            }
            self.quotas.insert(key, after);
        }
        self.tell(Outcome::QuotaSet { account: *account, scope: *scope });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    pub(super) fn set_group(&mut self, action: &Action) -> Verb {
        let Action::SetGroup { buyer, profile, group } = action else { unreachable!() };
        self.must_have_account(*buyer)?;
        let this = self.this();
        let Some(known) = self.profiles.get(&(*buyer, *profile)) else { return Err(refusal::PROFILE_UNKNOWN) };
        let mut first = None;
        if known.group == *group {
            first = Some(known.grouped);
        } else {
            if let Some(group) = group {
                self.must_have_group((*buyer, *group))?;
            }
            self.must_have_settings((*buyer, *profile))?;
            if let Some(group) = group {
                self.name_group((*buyer, *group));
            }
            let changed = self.profile_mut((*buyer, *profile));
            changed.group = *group;
            changed.grouped = this;
        }
        self.tell(Outcome::GroupSet { buyer: *buyer, profile: *profile, group: *group });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    /// Whether there is such a group, or room for it.
    fn must_have_group(&self, group: (AccountId, dce_engine::ids::GroupId)) -> Result<(), Refusal> {
        let is_full = self.groups.len() >= self.capacities.groups_max as usize;
        if is_full && !self.groups.contains_key(&group) { Err(refusal::GROUPS_FULL) } else { Ok(()) }
    }

    /// A group is known from now on, if it was not.
    fn name_group(&mut self, group: (AccountId, dce_engine::ids::GroupId)) {
        let this = self.this();
        self.groups.entry(group).or_insert((false, this));
    }

    /// The quotas a profile's win of a call would fall under, in order of rule 8a, each with its reason.
    fn quotas_of(&self, call: CallKey, profile: ProfileKey) -> Vec<(QuotaKey, Why)> {
        let buyer = profile.0;
        let mut all = vec![((buyer, QuotaScope::Profile(profile.1)), why::PROFILE_QUOTA_REACHED)];
        if let Some(group) = self.profiles[&profile].group {
            all.push(((buyer, QuotaScope::Group(group)), why::GROUP_QUOTA_REACHED));
        }
        all.push(((buyer, QuotaScope::Account), why::BUYER_QUOTA_REACHED));
        all.extend(self.selling_quotas(call));
        all.retain(|(key, _)| self.quotas.contains_key(key));
        all
    }

    fn selling_quotas(&self, call: CallKey) -> Vec<(QuotaKey, Why)> {
        let listing = self.call(call).listing;
        let mut all = vec![
            ((call.0, QuotaScope::Listing(listing)), why::LISTING_QUOTA_REACHED),
            ((call.0, QuotaScope::Account), why::SELLER_QUOTA_REACHED),
        ];
        all.retain(|(key, _)| self.quotas.contains_key(key));
        all
    }

    /// Rules 8a to 8c.
    pub(super) fn quotas_forbid(
        &self,
        at: Timestamp,
        call: CallKey,
        profile: ProfileKey,
        amount: Money,
    ) -> Option<Loss> {
        let quotas = self.quotas_of(call, profile);
        for (key, reason) in &quotas {
            if self.is_full(at, *key) {
                return Some(Loss::of(*reason));
            }
            let left = self.money_left(at, *key);
            if left.is_some_and(|left| amount > left) {
                return Some(Loss { distance: left.map(|left| Distance::Money(amount - left)), ..Loss::of(*reason) });
            }
        }
        if quotas.iter().any(|(key, _)| self.soon_until(at, *key).is_some()) {
            return Some(Loss::of(why::TOO_SOON));
        }
        if quotas.iter().any(|(key, _)| self.is_ahead(at, *key)) {
            return Some(Loss::of(why::PACED_OUT));
        }
        None
    }

    /// Whether an auction may invite the profile, as far as its quotas go.
    pub(super) fn quotas_let_invite(&self, at: Timestamp, call: CallKey, profile: ProfileKey) -> bool {
        self.quotas_of(call, profile)
            .iter()
            .all(|(key, _)| !self.is_full(at, *key) && self.soon_until(at, *key).is_none())
    }

    /// Why the listing's or the seller's quota bars every candidate.
    pub(super) fn sale_barred(&self, at: Timestamp, call: CallKey) -> Option<Why> {
        let quotas = self.selling_quotas(call);
        let bars =
            |key: QuotaKey| self.is_full(at, key) || self.money_left(at, key).is_some_and(|left| left.micros() <= 0);
        if let Some((_, reason)) = quotas.iter().find(|(key, _)| bars(*key)) {
            return Some(*reason);
        }
        if quotas.iter().any(|(key, _)| self.soon_until(at, *key).is_some()) {
            return Some(why::TOO_SOON);
        }
        quotas.iter().any(|(key, _)| self.is_ahead(at, *key)).then_some(why::PACED_OUT)
    }

    /// The latest moment at which a quota that says `reason` would no longer.
    pub(super) fn quotas_open_at(
        &self,
        at: Timestamp,
        call: CallKey,
        profile: ProfileKey,
        reason: Why,
    ) -> Option<Timestamp> {
        let mut moments = Vec::new();
        for (key, _) in self.quotas_of(call, profile) {
            if reason == why::TOO_SOON {
                moments.extend(self.soon_until(at, key));
            } else if self.is_ahead(at, key) {
                moments.push(self.on_pace_again(at, key)?);
            }
        }
        moments.into_iter().max()
    }

    fn periods(&self, account: AccountId, at: Timestamp) -> Periods {
        let day = self.day_number(account, at);
        Periods { hour: self.hour_number(account, at), day, month: month_number(day) }
    }

    /// What a rule has counted.
    pub(super) fn used(&self, at: Timestamp, key: QuotaKey, place: usize) -> i64 {
        let quota = &self.quotas[&key];
        let rule = &quota.rules[place];
        if rule.counts == Counts::Live {
            return self.calls_live_of(key);
        }
        let kept = quota.kept.of(rule.per);
        if self.periods(key.0, at).of(rule.per) > kept {
            return 0;
        }
        let counted = quota.counted[place].iter().filter(|counted| counted.period == kept);
        counted.map(|counted| counted.amount).sum()
    }

    fn calls_live_of(&self, (account, scope): QuotaKey) -> i64 {
        let is_its = |(key, sale, listing): &(&CallKey, Sale, dce_engine::ids::ListingId)| match scope {
            QuotaScope::Account => sale.winner.0 == account || key.0 == account,
            QuotaScope::Profile(profile) => sale.winner == (account, profile),
            QuotaScope::Listing(known) => (key.0, *listing) == (account, known),
            QuotaScope::Group(group) => sale.winner.0 == account && sale.group == Some(group),
        };
        let taken = self.calls.iter().filter(|(_, call)| call.is_routed() || call.state == State::Quoted);
        let sold = taken.flat_map(|(key, call)| {
            let present = call.sale.filter(|sale| sale.stands);
            let sales = present.into_iter().chain(call.others.iter().map(|leg| leg.sale));
            sales.map(move |sale| (key, sale, call.listing))
        });
        sold.filter(is_its).count() as i64
    }

    /// Whether the hours of a rule are now.
    fn binds(&self, at: Timestamp, account: AccountId, rule: &QuotaRule) -> bool {
        let hour = self.hour_number(account, at);
        let hour_of_week = (hour / 24 + 3) % 7 * 24 + hour % 24;
        rule.during.is_none_or(|(from, to)| u64::from(from) <= hour_of_week && hour_of_week < u64::from(to))
    }

    fn is_full(&self, at: Timestamp, key: QuotaKey) -> bool {
        let mut rules = self.quotas[&key].rules.iter().enumerate();
        rules.any(|(place, rule)| {
            rule.counts != Counts::Money && self.binds(at, key.0, rule) && self.used(at, key, place) >= rule.max
        })
    }

    fn money_left(&self, at: Timestamp, key: QuotaKey) -> Option<Money> {
        let rules = self.quotas[&key].rules.iter().enumerate();
        let money = rules.filter(|(_, rule)| rule.counts == Counts::Money && self.binds(at, key.0, rule));
        money.map(|(place, rule)| Money::from_micros(rule.max - self.used(at, key, place))).min()
    }

    /// Until when it is too soon, if it is.
    fn soon_until(&self, at: Timestamp, key: QuotaKey) -> Option<Timestamp> {
        let quota = &self.quotas[&key];
        let until = quota.wins.last()?.at + quota.spacing?;
        (at < until).then_some(until)
    }

    /// The line that stands: so much open time may be left.
    fn line(&self, at: Timestamp, key: QuotaKey) -> Option<i128> {
        let quota = &self.quotas[&key];
        let (_, rule) = paced(quota)?;
        let (period, left) = quota.wins.last()?.line?;
        (period == self.period_kept(at, key).of(rule.per)).then_some(left)
    }

    /// The numbers a win at this moment would be counted in.
    fn period_kept(&self, at: Timestamp, key: QuotaKey) -> Periods {
        let (now, kept) = (self.periods(key.0, at), self.quotas[&key].kept);
        Periods { hour: now.hour.max(kept.hour), day: now.day.max(kept.day), month: now.month.max(kept.month) }
    }

    /// Whether a quota is ahead of its pace.
    fn is_ahead(&self, at: Timestamp, key: QuotaKey) -> bool {
        let quota = &self.quotas[&key];
        if paced(quota).is_none() {
            return false;
        }
        if !self.is_open(key.0, quota.hours, at) {
            return true;
        }
        self.line(at, key).is_some_and(|line| self.open_left(key, at, self.pace_end(at, key)) > line)
    }

    /// The end of the last day over which the money is spread, on the local clock.
    fn pace_end(&self, at: Timestamp, key: QuotaKey) -> i128 {
        let (_, rule) = paced(&self.quotas[&key]).expect("it is paced");
        let numbers = self.period_kept(at, key);
        let day = match (rule.pace, rule.per) {
            (Pace::Through(day), _) => u64::from(day),
            (_, Per::Month) => last_day_of(numbers.month),
            _ => numbers.day,
        };
        (i128::from(day) + 1) * DAY
    }

    /// *T*: the open time from now until the local clock first passes `end`.
    fn open_left(&self, key: QuotaKey, at: Timestamp, end: i128) -> i128 {
        let calendar = self.quotas[&key].hours.map(|hours: CalendarId| &self.calendars[&(key.0, hours)]);
        let mut open = 0;
        for (from, to, local) in self.straight_runs(key.0, at) {
            if local >= end {
                break;
            }
            let local_to = to.map_or(end, |to| local + i128::from(to.micros() - from.micros()));
            open += open_between(calendar, local.max(0), local_to.min(end).max(0));
            if local_to > end {
                break;
            }
        }
        open
    }

    /// The stretches of time in which the local clock runs straight on: from when, until when, and what it shows at first.
    fn straight_runs(&self, account: AccountId, at: Timestamp) -> Vec<(Timestamp, Option<Timestamp>, i128)> {
        let zone = self.zones.get(&self.account(account).zone);
        let changes = zone.map(|zone| &zone.transitions[..]).unwrap_or_default();
        let mut starts = vec![at];
        starts.extend(changes.iter().map(|(from, _)| *from).filter(|from| *from > at));
        let run = |(place, from): (usize, &Timestamp)| {
            let local = i128::from(from.micros()) + self.offset_micros(account, *from);
            (*from, starts.get(place + 1).copied(), local)
        };
        starts.iter().enumerate().map(run).collect()
    }

    /// The first moment with no more open time left than the line says; or, closed then, when it opens next.
    fn on_pace_again(&self, at: Timestamp, key: QuotaKey) -> Option<Timestamp> {
        let end = self.pace_end(at, key);
        let line = self.line(at, key).unwrap_or(i128::MAX);
        // The local clock first shows `end` in the first run that comes so far.
        let mut passed = at;
        for (from, to, local) in self.straight_runs(key.0, at) {
            passed = Timestamp::from_micros((i128::from(from.micros()) + (end - local).max(0)) as u64);
            if to.is_none_or(|to| passed < to) {
                break;
            }
        }
        let (mut low, mut high) = (at.micros(), passed.micros().max(at.micros()));
        while low < high {
            let middle = low.midpoint(high);
            if self.open_left(key, Timestamp::from_micros(middle), end) <= line {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let moment = Timestamp::from_micros(low);
        if moment > Timestamp::MAX {
            return None;
        }
        match self.quotas[&key].hours {
            Some(hours) if !self.is_open(key.0, Some(hours), moment) => self.opens_next(key.0, hours, moment),
            _ => Some(moment),
        }
    }

    /// A win is counted under all its quotas.
    pub(super) fn count_win(&mut self, at: Timestamp, call: CallKey, profile: ProfileKey, price: Money, number: u64) {
        for (key, _) in self.quotas_of(call, profile) {
            if is_empty(&self.quotas[&key]) {
                continue;
            }
            let line = paced(&self.quotas[&key]).map(|(place, rule)| {
                let time = self.open_left(key, at, self.pace_end(at, key));
                let left = i128::from(rule.max - self.used(at, key, place));
                let from = self.line(at, key).map_or(time, |line| line.min(time + time / 50));
                let share = (i128::from(price.micros()) * from + left - 1) / left;
                (self.period_kept(at, key).of(rule.per), from - share)
            });
            let periods = self.period_kept(at, key);
            let quota = self.quotas.get_mut(&key).expect("just seen");
            quota.kept = periods;
            quota.wins.push(Win { number, at, line });
            for (rule, counted) in quota.rules.iter().zip(&mut quota.counted) {
                let amount = match rule.counts {
                    Counts::Live => continue,
                    Counts::Attempts | Counts::Connections | Counts::Conversions => 1,
                    Counts::Money => price.micros(),
                };
                counted.push(Counted { win: number, period: periods.of(rule.per), amount });
            }
        }
    }

    /// What these rules counted for a win is given back.
    pub(super) fn uncount(&mut self, number: u64, kinds: &[Counts]) {
        for quota in self.quotas.values_mut() {
            for (rule, counted) in quota.rules.iter().zip(&mut quota.counted) {
                if kinds.contains(&rule.counts) {
                    counted.retain(|counted| counted.win != number);
                }
            }
        }
    }

    /// As if the win had never been: for explanations.
    pub(super) fn forget_win(&mut self, sale: &Sale) {
        self.uncount(sale.number, &[Counts::Attempts, Counts::Connections, Counts::Conversions]);
        if sale.revenue == Due::Held {
            self.uncount(sale.number, &[Counts::Money]);
        }
        for quota in self.quotas.values_mut() {
            quota.wins.retain(|win| win.number != sale.number);
        }
    }

    /// A quota as it stands: its rules with what they have counted, its spacing, its calendar.
    #[must_use]
    pub fn see_quota(&self, key: QuotaKey) -> Option<super::QuotaSight> {
        let known = self.quotas.get(&key)?;
        let rules = known.rules.iter().enumerate();
        let rules = rules.map(|(place, rule)| (*rule, self.used(self.last, key, place))).collect();
        Some((rules, known.spacing, known.hours))
    }

    /// The moments at which some quota ceases to ask for more time, or to be ahead of its pace.
    #[must_use]
    pub fn quota_turns(&self, at: Timestamp) -> Vec<Timestamp> {
        let keys = || self.quotas.keys().copied();
        let soon = keys().filter_map(|key| self.soon_until(at, key));
        let paced = keys().filter(|key| self.is_ahead(at, *key)).filter_map(|key| self.on_pace_again(at, key));
        soon.chain(paced).collect()
    }

    /// Every quota that was set.
    pub fn quota_keys(&self) -> impl Iterator<Item = QuotaKey> + '_ {
        self.quotas.keys().copied()
    }
}

/// What tells one rule of a quota from another.
fn kind(rule: &QuotaRule) -> (Counts, Per, Option<(u8, u8)>) {
    (rule.counts, rule.per, rule.during)
}

fn is_empty(quota: &Quota) -> bool {
    quota.rules.is_empty() && quota.spacing.is_none()
}

/// The rule with a pace, and its place.
fn paced(quota: &Quota) -> Option<(usize, &QuotaRule)> {
    quota.rules.iter().enumerate().find(|(_, rule)| rule.pace != Pace::Free)
}

/// How long a calendar is open between two times of the local clock.
fn open_between(calendar: Option<&Calendar>, from: i128, to: i128) -> i128 {
    let Some(calendar) = calendar else { return (to - from).max(0) };
    let mut open = 0;
    let mut day = from / DAY;
    while day * DAY < to {
        for (begins, ends) in open_minutes(calendar, day as u64) {
            let begins = (day * DAY + i128::from(begins) * MINUTE).max(from);
            let ends = (day * DAY + i128::from(ends) * MINUTE).min(to);
            open += (ends - begins).max(0);
        }
        day += 1;
    }
    open
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(400) || year.is_multiple_of(4) && !year.is_multiple_of(100)
}

fn days_in(month: u64) -> u64 {
    match month % 12 {
        3 | 5 | 8 | 10 => 30,
        1 if is_leap(1970 + month / 12) => 29,
        1 => 28,
        _ => 31,
    }
}

/// Months since January 1970, counted one after the other.
fn month_number(day: u64) -> u64 {
    let (mut month, mut left) = (0, day);
    // Four hundred years always have as many days.
    month += left / 146_097 * 4_800;
    left %= 146_097;
    while left >= days_in(month) {
        left -= days_in(month);
        month += 1;
    }
    month
}

/// The last day of a month.
fn last_day_of(month: u64) -> u64 {
    let before: u64 = (month / 4_800 * 4_800..=month).map(days_in).sum();
    month / 4_800 * 146_097 + before - 1
}
