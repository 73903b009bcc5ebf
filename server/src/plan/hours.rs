//! The section that says when somebody is open: calendars of an account, and the keys that name one.
//!
//! A day stands in one key of a week, so that its hours are read in one place. Spans and holidays may come in any order:
//! they are sorted here, for the engine, which says whether they overlap.

use dce_engine::terms::{Holiday, OpenSpan, Weekday};

use super::fields::{Fields, list, map, text};
use super::keys;
use super::mistakes::{Mistakes, shown};
use super::model::{Calendar, Order, Step, What, id_of};
use super::scalars::{self, Fault};
use super::text::{Key, Node, Place, What as Form};

/// The calendars of one account, by name.
#[derive(Debug)]
pub(super) struct Calendars<'n> {
    owner: &'n str,
    known: Vec<(&'n str, u128)>,
    /// Whether a calendar is named by its id, and may be any.
    by_id: bool,
}

impl<'n> Calendars<'n> {
    /// Calendars of somebody whose plan is not there.
    #[cfg(feature = "rest")]
    pub(super) const fn by_id() -> Self {
        Self { owner: "", known: Vec::new(), by_id: true }
    }

    /// Those of the account called `owner`, which the step `account` opens; each becomes a step.
    pub(super) fn read(
        fields: &Fields<'n>,
        (owner, account): (&'n str, usize),
        steps: &mut Vec<Step>,
        mistakes: &mut Mistakes,
    ) -> Self {
        let mut known: Vec<(&str, u128)> = Vec::new();
        let Some((_, node)) = fields.get("calendars") else { return Self { owner, known, by_id: false } };
        for (key, node) in map(node, "`calendars`", mistakes) {
            let name = format!("{owner}/{}", key.text);
            let calendar = calendar(account, (key, node), &name, mistakes);
            // The engine would take the second for new hours of the first.
            if known.iter().any(|(_, id)| *id == calendar.id.1) {
                let what = format!("calendar `{}` has an id that another one before it has", shown(&name));
                mistakes.add(calendar.id.0, what);
            }
            known.push((&key.text, calendar.id.1));
            steps.push(Step { place: key.place, name, order: Order::Calendar(calendar) });
        }
        Self { owner, known, by_id: false }
    }

    /// The calendar that a listing or profile names under `hours`.
    pub(super) fn named(&self, fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<(Place, u128)> {
        let (_, node) = fields.get("hours")?;
        if self.by_id {
            return fields.read("hours", mistakes, scalars::id);
        }
        let name = text(node, "hours", fields.takes("hours"), mistakes)?;
        let found = self.known.iter().find(|(known, _)| *known == name);
        if found.is_none() {
            let what = format!("no calendar of `{}` is called `{}`", shown(self.owner), shown(name));
            mistakes.unknown(node.place, what, name, self.known.iter().map(|(known, _)| *known));
        }
        found.map(|(_, id)| (node.place, *id))
    }
}

/// One calendar, as far as it can be made out: what is wrong with a span is not blamed on those who go by it.
pub(super) fn calendar(account: usize, (key, node): (&Key, &Node), name: &str, mistakes: &mut Mistakes) -> Calendar {
    let owner = format!("calendar `{}`", shown(name));
    let fields = Fields::of((node, key.place), &keys::CALENDAR, &owner, mistakes);
    let id = fields.read("id", mistakes, scalars::id).unwrap_or_else(|| (key.place, id_of(What::Calendar, name)));
    let mut spans = fields.get("open").map_or_else(Vec::new, |(_, node)| week(node, ("open", &owner), mistakes));
    spans.sort_by_key(|(place, span)| (span.from_minute, *place));
    let mut holidays = Vec::new();
    if let Some((_, node)) = fields.get("holidays") {
        for item in list(node, &format!("`holidays` of {owner}"), mistakes) {
            holidays.extend(holiday(item, &owner, mistakes).map(|holiday| (item.place, holiday)));
        }
    }
    holidays.sort_by_key(|(place, holiday)| (holiday.first_day, *place));
    Calendar { account, id, spans, holidays }
}

/// The spans of a week, which stand under `key` of `owner`: by day or days, one or a list of them.
pub(super) fn week(node: &Node, (key, owner): (&str, &str), mistakes: &mut Mistakes) -> Vec<(Place, OpenSpan)> {
    let mut spans = Vec::new();
    let mut given: [Option<Place>; DAYS.len()] = [None; DAYS.len()];
    for (key, node) in map(node, &format!("`{key}` of {owner}"), mistakes) {
        let Some(mut days) = days(key, mistakes) else { continue };
        let twice = days.iter().find_map(|day| Some((DAYS[*day as usize].1, given[*day as usize]?)));
        if let Some((day, before)) = twice {
            // Of what is no file there are no lines.
            let line = if before.column == 0 { String::new() } else { format!(", on line {}", before.line) };
            let what = format!("`{day}` of {owner} was given its hours before{line}");
            mistakes.add(key.place, what);
        }
        days.retain(|day| given[*day as usize].replace(key.place).is_none());
        let items: Vec<&Node> = match &node.what {
            Form::Text(_) => vec![node],
            _ => list(node, &format!("`{}` of {owner}", shown(&key.text)), mistakes).collect(),
        };
        for item in items {
            let Some((from, to)) = span(item, &key.text, mistakes) else { continue };
            spans.extend(days.iter().map(|day| (item.place, OpenSpan::on(*day, (0, from), (0, to)))));
        }
    }
    spans
}

fn span(node: &Node, key: &str, mistakes: &mut Mistakes) -> Option<(u16, u16)> {
    let takes = "spans such as 09:00-17:30";
    let said = text(node, key, takes, mistakes)?;
    let read: Result<_, Fault> = scalars::span(said);
    if let Err(fault) = &read {
        mistakes.add(node.place, format!("`{}` is `{}`: {fault}", shown(key), shown(said)));
    }
    read.ok()
}

/// `fri`, or `mon-fri`; past Sunday it goes on with Monday.
fn days(key: &Key, mistakes: &mut Mistakes) -> Option<Vec<Weekday>> {
    let (first, last) = match key.text.split_once('-') {
        Some((first, last)) => (day(first, key.place, mistakes), day(last, key.place, mistakes)),
        None => {
            let only = day(&key.text, key.place, mistakes);
            (only, only)
        }
    };
    let (first, last) = (first?, last?);
    let count = (last + DAYS.len() - first) % DAYS.len() + 1;
    Some(DAYS.iter().cycle().skip(first).take(count).map(|(day, ..)| *day).collect())
}

/// The number of a day, from Monday's 0.
fn day(name: &str, place: Place, mistakes: &mut Mistakes) -> Option<usize> {
    let found = DAYS.iter().position(|(_, short, _)| *short == name);
    if found.is_none() {
        let what = format!("no day is called `{}`: they are mon, tue, wed, thu, fri, sat and sun", shown(name));
        // Who writes the whole name means the short one.
        let whole = DAYS.iter().find(|(.., whole)| name.eq_ignore_ascii_case(whole));
        let name = whole.map_or(name, |(_, short, _)| short);
        mistakes.unknown(place, what, name, DAYS.iter().map(|(_, short, _)| *short));
    }
    found
}

/// A day, or days, on which the week does not hold.
fn holiday(item: &Node, owner: &str, mistakes: &mut Mistakes) -> Option<Holiday> {
    let of = format!("a holiday of {owner}");
    let before = mistakes.count();
    let fields = Fields::of((item, item.place), &keys::HOLIDAY, &of, mistakes);
    let mut day = |name| fields.read(name, mistakes, scalars::day).map(|(_, day)| day);
    let (on, from, through) = (day("on"), day("from"), day("through"));
    let given = ["on", "from", "through"].map(|name| fields.get(name).is_some());
    let hours = fields.read("open", mistakes, scalars::span);
    if mistakes.count() > before {
        return None;
    }
    if given != [true, false, false] && given != [false, true, true] {
        mistakes.add(item.place, format!("{of} takes `on`, or `from` and `through`"));
        return None;
    }
    let holiday = Holiday::through(on.or(from)?, on.or(through)?);
    Some(hours.map_or(holiday, |(_, (from, to))| holiday.open((0, from), (0, to))))
}

/// The days, as they are written, and by their whole names.
const DAYS: [(Weekday, &str, &str); 7] = [
    (Weekday::Monday, "mon", "monday"),
    (Weekday::Tuesday, "tue", "tuesday"),
    (Weekday::Wednesday, "wed", "wednesday"),
    (Weekday::Thursday, "thu", "thursday"),
    (Weekday::Friday, "fri", "friday"),
    (Weekday::Saturday, "sat", "saturday"),
    (Weekday::Sunday, "sun", "sunday"),
];
