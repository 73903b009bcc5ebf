//! Stories: tables of commands and what must come of them, for people to read and to write by hand.
//!
//! ```text
//! == An exact tie is won by the earlier bid
//! at 10:00:00  account ACME buyer deposit=500.00
//!              account WEB seller
//!              listing WEB/1
//!              profile ACME/1 bid=32.50 dial=acme:20s
//!              offer call1 WEB/1
//!   -> offered call1
//!   -> sold call1 to ACME/1 price 32.50 payout 32.50
//!   -> ...
//! ```
//!
//! * `== title` begins a story: two empty exchanges. `limits calls_max=1 …` may follow before the first command.
//! * A command stands after `at <time>`, or alone at the time of the command before it. The verbs are in `parse.rs`.
//! * `-> ` lines beneath a command are all of its events, in order; `-> ...` last means that more may follow;
//!   `-> nothing` that there is none; `-> repeated` first that it is a repeat; `-> refused <Reject>` that it is refused.
//!   A command without such lines must be accepted, whatever it gives.
//! * `again` applies the command before it once more; `<n> times <command>` gives it n times, as if written n times,
//!   and tells of the last. `look` and `explain` compare what one may look at.
//!
//! Each story is played on engine and twin side by side, so both are held to it.

mod callers;
mod look;
mod names;
mod parse;
mod policies;
mod quotas;
mod quotes;
mod tell;

use dce_engine::prelude::Reject;
use dce_engine::units::Timestamp;

use self::names::Names;
use crate::pair::Pair;
use crate::twin::action::Action;
use crate::twin::state::Capacities;
use crate::workload::Variant;

/// One line with its number in the file.
type Line<'a> = (usize, &'a str);

/// Plays every story of a file and returns what went wrong, readable; empty when all is well.
#[must_use]
pub fn play_file(text: &str) -> Vec<String> {
    let mut stories: Vec<Vec<Line<'_>>> = Vec::new();
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        if line.starts_with("== ") {
            stories.push(vec![(number, line)]);
        } else if let Some(story) = stories.last_mut() {
            story.push((number, line));
        }
    }
    let mut faults = Vec::new();
    if stories.is_empty() {
        faults.push("no story: begin one with `== title`".to_owned());
    }
    for story in stories {
        if let Err(fault) = Story::default().play(&story) {
            faults.push(format!("{} (line {}): {fault}", story[0].1, story[0].0));
        }
    }
    faults
}

/// A step: the line that says it, and the lines that say what must come of it.
struct Step<'a> {
    line: Line<'a>,
    expected: Vec<&'a str>,
}

#[derive(Debug, Default)]
struct Story {
    pair: Option<Pair>,
    capacities: Option<Capacities>,
    names: Names,
    at: Timestamp,
    last: Option<Action>,
}

impl Story {
    fn play(mut self, lines: &[Line<'_>]) -> Result<(), String> {
        for step in steps(lines)? {
            let (number, text) = step.line;
            let said = self.step(text).map_err(|fault| format!("line {number}: `{}`: {fault}", text.trim()))?;
            if let Some(actual) = said
                && !fits(&step.expected, &actual)
            {
                let mut fault = format!("line {number}: `{}`\n  expected:\n", text.trim());
                step.expected.iter().for_each(|line| fault += &format!("  -> {line}\n"));
                fault += "  but engine and twin say:\n";
                actual.iter().for_each(|line| fault += &format!("  -> {line}\n"));
                return Err(fault);
            }
        }
        if let Some(pair) = &mut self.pair {
            pair.assert_same_state(100);
        }
        Ok(())
    }

    /// Takes one step and tells what came of it; nothing for the steps that are no commands.
    fn step(&mut self, text: &str) -> Result<Option<Vec<String>>, String> {
        let mut words = text.split_whitespace().peekable();
        if words.next_if_eq(&"at").is_some() {
            let time = words.next().ok_or("at what time?")?;
            self.at = match words.peek().filter(|_| time.contains('-')) {
                Some(clock) => {
                    let at = names::moment(time, clock)?;
                    words.next();
                    at
                }
                None => names::moment(names::TODAY, time)?,
            };
        }
        let words: Vec<&str> = words.collect();
        let Some((verb, rest)) = words.split_first() else { return Ok(None) };
        match *verb {
            "limits" => self.limit(rest).map(|()| None),
            "look" => {
                let (names, pair) = self.both();
                look::look(names, pair, rest).map(|()| None)
            }
            "explain" => {
                let (names, pair) = self.both();
                look::explain(names, pair, rest).map(Some)
            }
            "again" => {
                let action = self.last.clone().ok_or("nothing came before")?;
                Ok(Some(self.apply(&action)))
            }
            _ if rest.first() == Some(&"times") => {
                let times: u32 = names::number(verb)?;
                let command = rest[1..].join(" ");
                (1..times).try_for_each(|_| self.step(&command).map(|_| ()))?;
                self.step(&command)
            }
            _ => {
                let at = self.at;
                let (names, pair) = self.both();
                let action = parse::action(names, &pair.twin, at, verb, rest)?;
                self.open_session_for(&action);
                let said = self.apply(&action);
                self.last = Some(action);
                Ok(Some(said))
            }
        }
    }

    fn both(&mut self) -> (&mut Names, &mut Pair) {
        let capacities = self.capacities.unwrap_or(Variant::Market.capacities());
        let pair = self.pair.get_or_insert_with(|| {
            let mut pair = Pair::new(capacities, names::LOG);
            pair.checks = true;
            pair.digests = true;
            pair
        });
        (&mut self.names, pair)
    }

    fn limit(&mut self, words: &[&str]) -> Result<(), String> {
        let capacities = self.capacities.get_or_insert(Variant::Market.capacities());
        for word in words {
            let (name, value) = word.split_once('=').ok_or("limits are <name>=<number>")?;
            let value: u32 = value.parse().map_err(|_| "limits are numbers")?;
            names::set_limit(capacities, name, value)?;
        }
        Ok(())
    }

    /// Who speaks in session 1 for the first time, opens it: stories need not say so.
    fn open_session_for(&mut self, action: &Action) {
        let (speaker, stamp) = match action {
            Action::SetBid { buyer: speaker, stamp, .. }
            | Action::PlaceBid { buyer: speaker, stamp, .. }
            | Action::WithdrawBid { buyer: speaker, stamp, .. }
            | Action::NoBid { buyer: speaker, stamp, .. }
            | Action::Report { seller: speaker, stamp, .. } => (*speaker, *stamp),
            _ => return,
        };
        let at = self.at;
        let (_, pair) = self.both();
        let unheard = pair.twin.accounts.get(&speaker).is_some_and(|known| known.session_highest == 0);
        if stamp.session.0 == 1 && unheard {
            // Refused when a tick is due; then the command itself is, too.
            let _ = pair.apply(at, &Action::OpenSession { account: speaker, session: stamp.session });
        }
    }

    fn apply(&mut self, action: &Action) -> Vec<String> {
        let at = self.at;
        let (names, pair) = self.both();
        match pair.apply(at, action) {
            Err(code) => {
                let reject = Reject::from_code(code).expect("the engine said the same");
                vec![format!("refused {reject:?}")]
            }
            Ok(answer) => {
                let mut said: Vec<String> = answer.outcomes.iter().map(|outcome| tell::line(names, outcome)).collect();
                if answer.repeated {
                    said.insert(0, "repeated".to_owned());
                } else if said.is_empty() {
                    said.push("nothing".to_owned());
                }
                said
            }
        }
    }
}

/// Groups the lines of a story; comments and empty lines are left out.
fn steps<'a>(lines: &[Line<'a>]) -> Result<Vec<Step<'a>>, String> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for (number, line) in &lines[1..] {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if let Some(expected) = text.strip_prefix("->") {
            let step = steps.last_mut().ok_or_else(|| format!("line {number}: events of what?"))?;
            step.expected.push(expected.trim());
        } else {
            steps.push(Step { line: (*number, line), expected: Vec::new() });
        }
    }
    Ok(steps)
}

/// Whether what was said is what was expected, spaces apart.
fn fits(expected: &[&str], actual: &[String]) -> bool {
    if expected.is_empty() {
        return !actual.first().is_some_and(|line| line.starts_with("refused"));
    }
    let squeeze = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let (expected, open) = match expected.split_last() {
        Some((&"...", before)) => (before, true),
        _ => (expected, false),
    };
    let enough = if open { actual.len() >= expected.len() } else { actual.len() == expected.len() };
    enough && expected.iter().zip(actual).all(|(one, other)| squeeze(one) == squeeze(other))
}
