//! One quota: its rules and what they have counted.

use core::cmp::Reverse;

use super::table::Owner;
use super::{Counted, Line, NONE};
use crate::ids::Sequence;
use crate::limits::{QUOTA_RULES_MAX, RING_ALONG_MAX};
use crate::terms::{Counts, Pace, Per, QuotaPeriods, QuotaRule};
use crate::units::{Millis, Money, Timestamp};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    /// The account that set it.
    pub(crate) account: u32,
    pub(crate) owner: Owner,
    /// The command that set it so.
    pub(crate) sequence: Sequence,
    /// At least so long between two wins; zero is no rule.
    pub(crate) spacing: Millis,
    /// The calendar over whose hours money is spread, or `calendars::NONE`.
    pub(crate) hours: u32,
    periods: QuotaPeriods,
    line: Line,
    /// The number of the last win, and when it was.
    last: u64,
    last_at: Option<Timestamp>,
    /// The number of the last win there was anywhere when the rules were set.
    edited: u64,
    rules_count: u8,
    rules: [Counter; QUOTA_RULES_MAX],
}

/// A rule and its count.
#[derive(Clone, Copy, Debug, Default)]
struct Counter {
    rule: QuotaRule,
    used: i64,
    /// Only wins with a number above this one were counted.
    since: u64,
}

/// The moment a quota is asked at: the local periods, the hour of the week, and of a paced quota how much open time is
/// left in its window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) at: Timestamp,
    pub(crate) periods: QuotaPeriods,
    /// Calls of its owner that are live.
    pub(crate) live: u32,
    /// `None` outside its hours.
    pub(crate) open_left: Option<u64>,
}

impl Now {
    pub(super) fn hour_of_week(&self) -> u8 {
        // 1970-01-01 was a Thursday.
        ((self.periods.hour / 24 + 3) % 7 * 24 + self.periods.hour % 24) as u8
    }
}

/// A win to be thought away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Undone<'a> {
    pub(crate) number: u64,
    pub(crate) counted: &'a Counted,
    /// Zero once it is earned: then it is not thought away.
    pub(crate) price: Money,
}

/// The wins to be thought away, the last one first: those of one call's attempts, which were won in one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UndoneWins<'a> {
    wins: [Undone<'a>; 1 + RING_ALONG_MAX],
    count: usize,
}

impl<'a> UndoneWins<'a> {
    pub(crate) const NONE: Self = {
        let nothing = Undone { number: 0, counted: &Counted::NOTHING, price: Money::ZERO };
        Self { wins: [nothing; 1 + RING_ALONG_MAX], count: 0 }
    };

    pub(crate) fn add(&mut self, win: Undone<'a>) {
        self.wins[self.count] = win;
        self.count += 1;
        self.wins[..self.count].sort_unstable_by_key(|win| Reverse(win.number));
    }

    pub(crate) fn as_slice(&self) -> &[Undone<'a>] {
        &self.wins[..self.count]
    }
}

/// What a quota has room for at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// A rule about calls allows no more.
    pub(crate) full: bool,
    /// What the rules about money leave; `i64::MAX` without one.
    pub(crate) left: i64,
    /// The last win was too short ago.
    pub(crate) soon: bool,
    /// The money is ahead of its line, or outside its hours.
    pub(crate) paced_out: bool,
}

impl Room {
    /// Whether nothing is let through, whatever the amount.
    pub(crate) const fn is_shut(&self) -> bool {
        self.full || self.soon || self.paced_out
    }
}

/// What came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GivenBack {
    /// Nobody answered.
    Unanswered,
    /// The price was not earned.
    Unearned,
}

impl Quota {
    /// A quota without rules: [`Quota::set`] says what they are.
    pub(crate) fn new(account: u32, owner: Owner) -> Self {
        Self {
            account,
            owner,
            sequence: Sequence(0),
            spacing: Millis(0),
            hours: NONE,
            periods: QuotaPeriods::default(),
            line: Line::NONE,
            last: 0,
            last_at: None,
            edited: 0,
            rules_count: 0,
            rules: [Counter::default(); QUOTA_RULES_MAX],
        }
    }

    /// The rules, in the order in which they were given, each with what it has counted as of these periods.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &QuotaRule> {
        self.counters().iter().map(|counter| &counter.rule)
    }

    fn counters(&self) -> &[Counter] {
        &self.rules[..usize::from(self.rules_count)]
    }

    /// Whether it binds nobody.
    pub(crate) const fn is_empty(&self) -> bool {
        self.rules_count == 0 && self.spacing.0 == 0
    }

    /// These rules from now on. A rule that counts like one of those before goes on from its count; one that counts
    /// something else begins at nothing, and knows of no win before `wins`.
    pub(crate) fn set(&mut self, rules: &[QuotaRule], spacing: Millis, hours: u32, sequence: Sequence, wins: u64) {
        let before = *self;
        for (place, rule) in self.rules.iter_mut().zip(rules) {
            let known = before.counters().iter().find(|counter| counter.rule.counts_like(rule));
            let fresh = Counter { rule: *rule, used: 0, since: wins };
            *place = known.map_or(fresh, |known| Counter { rule: *rule, ..*known });
        }
        self.rules_count = rules.len() as u8;
        (self.spacing, self.hours, self.sequence, self.edited) = (spacing, hours, sequence, wins);
        self.line = Line::NONE;
        if self.is_empty() {
            (self.last, self.last_at, self.periods) = (0, None, QuotaPeriods::default());
        }
    }

    /// The rule whose money is spread evenly, if there is one.
    pub(crate) fn paced(&self) -> Option<&QuotaRule> {
        self.rules().find(|rule| rule.pace != Pace::Free)
    }

    /// The periods it counts in when asked at these: a window never goes back.
    pub(crate) fn periods(&self, now: &QuotaPeriods) -> QuotaPeriods {
        self.periods.or_later(now)
    }

    /// What each rule has counted, as of these periods.
    pub(crate) fn used(&self, now: &Now) -> impl Iterator<Item = (QuotaRule, i64)> {
        self.counters().iter().map(|counter| (counter.rule, self.used_of(counter, now, &[])))
    }

    fn used_of(&self, counter: &Counter, now: &Now, undone: &[Undone<'_>]) -> i64 {
        let QuotaRule { counts, per, .. } = counter.rule;
        if counts == Counts::Live {
            return i64::from(now.live);
        }
        if now.periods.of(per) > self.periods.of(per) {
            return 0;
        }
        let still_counts = |undone: &&Undone<'_>| {
            undone.number > counter.since && undone.counted.periods.of(per) == self.periods.of(per)
        };
        let taken = |undone: &Undone<'_>| if counts == Counts::Money { undone.price.micros() } else { 1 };
        counter.used - undone.iter().filter(still_counts).map(taken).sum::<i64>()
    }

    /// What there is room for.
    pub(crate) fn room(&self, now: &Now, undone: &[Undone<'_>]) -> Room {
        let hour = now.hour_of_week();
        let mut room = Room { full: false, left: i64::MAX, soon: false, paced_out: false };
        for counter in self.counters() {
            let rule = &counter.rule;
            if !rule.binds_at(hour) {
                continue;
            }
            let left = rule.max - self.used_of(counter, now, undone);
            match rule.counts {
                Counts::Money => room.left = room.left.min(left),
                Counts::Live | Counts::Attempts | Counts::Connections | Counts::Conversions => room.full |= left <= 0,
            }
        }
        let (line, last_at) = self.before(undone);
        room.soon = self.spacing.0 > 0 && last_at.is_some_and(|last| now.at < last + self.spacing);
        room.paced_out = self.paced().is_some_and(|rule| match now.open_left {
            None => true,
            Some(open_left) => line.window == self.periods(&now.periods).of(rule.per) && open_left > line.left,
        });
        room
    }

    /// Until when spacing asks to wait, if it does.
    pub(super) fn soon_until(&self, now: &Now) -> Option<Timestamp> {
        let until = self.last_at? + self.spacing;
        (now.at < until).then_some(until)
    }

    /// The line and the last win, as they were before the wins that are thought away.
    pub(crate) fn before(&self, undone: &[Undone<'_>]) -> (Line, Option<Timestamp>) {
        let (mut line, mut last_at, mut last) = (self.line, self.last_at, self.last);
        for undone in undone {
            // Wins of one step follow one another; who won in between keeps what it did.
            if undone.number != last {
                break;
            }
            line = if undone.number > self.edited { undone.counted.line_before } else { line };
            (last_at, last) = (undone.counted.last_before, last - 1);
        }
        (line, last_at)
    }

    /// Counts a win, which there was room for.
    pub(crate) fn take(&mut self, now: &Now, price: Money, number: u64) -> Counted {
        let room = self.room(now, &[]);
        let fits = !room.full && price.micros() <= room.left && !room.soon && !room.paced_out;
        assert!(fits, "Invariant: nothing is won that a quota has no room for");
        let (line_before, last_before) = (self.line, self.last_at);
        let paced = self.paced().copied();
        let left = paced.map(|rule| self.left_of(&rule, now));
        let periods = self.periods(&now.periods);
        for counter in &mut self.rules[..usize::from(self.rules_count)] {
            let QuotaRule { counts, per, .. } = counter.rule;
            if periods.of(per) > self.periods.of(per) {
                counter.used = 0;
            }
            counter.used += match counts {
                Counts::Live => 0,
                Counts::Attempts | Counts::Connections | Counts::Conversions => 1,
                Counts::Money => price.micros(),
            };
        }
        self.periods = periods;
        (self.last, self.last_at) = (number, Some(now.at));
        if let (Some(rule), Some(left), Some(open_left)) = (paced, left, now.open_left) {
            let window = periods.of(rule.per);
            let from = self.line.goes_on(window, open_left);
            self.line = Line { window, left: from - share_of_time(price, from, left) };
        }
        Counted { quota: NONE, periods, line_before, last_before }
    }

    /// What the paced rule leaves.
    fn left_of(&self, rule: &QuotaRule, now: &Now) -> i64 {
        let used = self.used(now).find(|(known, _)| known == rule).map_or(0, |(_, used)| used);
        rule.max - used
    }

    /// Gives back what a win counted that came to nothing.
    pub(crate) fn give_back(&mut self, number: u64, counted: &Counted, price: Money, what: GivenBack) {
        let periods = self.periods;
        for counter in &mut self.rules[..usize::from(self.rules_count)] {
            let QuotaRule { counts, per, .. } = counter.rule;
            if number <= counter.since || counted.periods.of(per) != periods.of(per) {
                continue;
            }
            counter.used -= match counts {
                Counts::Live | Counts::Attempts => 0,
                Counts::Connections => i64::from(what == GivenBack::Unanswered),
                Counts::Conversions => 1,
                Counts::Money => price.micros(),
            };
        }
    }

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let QuotaPeriods { hour, day, month } = self.periods;
        let head = [
            u64::from(self.account),
            self.owner.word(),
            self.sequence.0,
            u64::from(self.spacing.0),
            u64::from(self.hours),
            u64::from(hour) << 32 | u64::from(day),
            u64::from(month) << 32 | u64::from(self.line.window),
            self.line.left,
            self.last,
            self.last_at.map_or(0, |at| at.micros() + 1),
            self.edited,
            u64::from(self.rules_count),
        ];
        let rules = self.counters().iter().flat_map(|counter| {
            let rule = counter.rule;
            let during = rule.during.map_or(0, |hours| 1 << 16 | u64::from(hours.from) << 8 | u64::from(hours.to));
            let pace = match rule.pace {
                Pace::Free => 0,
                Pace::Even => 1,
                Pace::Through(day) => 2 | u64::from(day) << 8,
            };
            let kind = (rule.counts as u64) << 8 | rule.per as u64;
            [kind, rule.max as u64, during, pace, counter.used as u64, counter.since]
        });
        head.into_iter().chain(rules)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.counters().iter().any(|counter| counter.used < 0) {
            return Err("quotas: no count falls below zero");
        }
        if self.counters().iter().any(|counter| !counter.rule.is_possible()) {
            return Err("quotas: every rule can be");
        }
        let window = self.paced().map_or(Per::Ever, |rule| rule.per);
        let kept = self.line == Line::NONE || self.line.window == self.periods.of(window);
        if kept { Ok(()) } else { Err("quotas: an even line stands in the window that is counted in") }
    }
}

impl Line {
    /// From where the line goes on with a win that comes when so much open time is left: from where it stood, so that a
    /// call that came a little late slows nothing down; but from a fiftieth of the time that is left before now at most,
    /// so that a morning without calls is not made up for at once.
    fn goes_on(&self, window: u32, open_left: u64) -> u64 {
        let caught_up = open_left + open_left / CATCH_UP;
        if self.window == window && self.left < u64::MAX { self.left.min(caught_up) } else { open_left }
    }
}

/// Which part of the time left a line may lie back.
const CATCH_UP: u64 = 50;

/// How much of the open time left goes with a price: all of it with all the money that is left. Rounded up, so that
/// spending is never ahead of its line by more than one price.
fn share_of_time(price: Money, open_left: u64, left: i64) -> u64 {
    let product = u128::from(open_left) * u128::from(price.micros().unsigned_abs());
    // A price is at most what is left, so this is at most the time that is left.
    product.div_ceil(u128::from(left.unsigned_abs()).max(1)).min(u128::from(open_left)) as u64
}
