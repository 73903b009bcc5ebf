//! `dce explain`: why a call went to whom it went, and what stopped every other candidate.

use std::path::PathBuf;

use clap::Args;
use dce_engine::explain::{RuleCounts, Verdict};
use dce_engine::ids::{AccountId, CallId, ProfileId};
use dce_engine::reason::Reason;

use super::ids;
use super::inquiry::{Candidate, Decision, inquire};
use super::names::Names;
use super::progress::Progress;
use super::refused;
use crate::cli::Refusal;
use crate::exit::Exit;
use crate::explain::Outcome;
use crate::terminal::Console;
use crate::terminal::figures::{count, moment, money};
use crate::terminal::frame::{Frame, Line, Paint};

/// Rows of the table before it says how many more there are.
const ROWS: usize = 40;

/// Explain why a call went to whom it went, and what stopped every other candidate
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The call's id
    #[arg(value_name = "CALL", value_parser = ids::parse)]
    call: u128,
    /// Where the log lies
    #[arg(long, value_name = "DIR", default_value = "./dce-data")]
    dir: PathBuf,
    /// The call's seller, where two sellers chose the same id
    #[arg(long, value_name = "ACCOUNT", value_parser = ids::parse)]
    seller: Option<u128>,
    /// Only this buyer, in a sentence
    #[arg(long, value_name = "ACCOUNT", value_parser = ids::parse)]
    buyer: Option<u128>,
    /// Only this profile of the buyer's
    #[arg(long, value_name = "PROFILE", value_parser = ids::parse, requires = "buyer")]
    profile: Option<u128>,
    /// List every profile, those of other verticals too
    #[arg(long)]
    all: bool,
    /// Only count how many profiles each rule stopped
    #[arg(long, conflicts_with_all = ["buyer", "all"])]
    counts: bool,
}

/// Reads the log and says it.
pub(crate) fn run(args: &ExplainArgs, console: &mut Console) -> Result<Exit, Refusal> {
    let names = Names::read(&args.dir);
    let (seller, call) = (args.seller.map(AccountId), CallId(args.call));
    let mut progress = Progress::of("reading the log");
    let found = inquire(&args.dir, &names, seller, call, &mut |done, of| progress.at(console, done, of));
    progress.end(console);
    let inquiry = found.map_err(|error| refused(&error))?;
    let Some(last) = inquiry.decisions.last() else {
        let text = format!(
            "the log in {} decides nothing about call {}: check the id{}",
            args.dir.display(),
            ids::text(args.call),
            if seller.is_some() { " and the seller" } else { "" }
        );
        return Err(Refusal { exit: Exit::NotFound, text });
    };
    let mut frame = head(&inquiry.decisions, last, call, &names);
    match args.buyer {
        None if args.counts => {
            count_rules(&mut frame, last);
            console.put_frame(&frame);
        }
        None => {
            list_candidates(&mut frame, last, args.all);
            console.put_frame(&frame);
        }
        Some(buyer) => {
            let sentences = sentences(last, call, AccountId(buyer), args.profile.map(ProfileId));
            if sentences.is_empty() {
                let text = format!("{} had no such profile when the call was decided", names.account(buyer));
                return Err(Refusal { exit: Exit::NotFound, text });
            }
            for sentence in sentences {
                console.say(&sentence);
            }
        }
    }
    Ok(Exit::Done)
}

/// A sentence for each of the buyer's profiles, or for the one asked about.
fn sentences(decision: &Decision, call: CallId, buyer: AccountId, profile: Option<ProfileId>) -> Vec<String> {
    let asked =
        |candidate: &&Candidate| candidate.buyer == buyer && profile.is_none_or(|profile| candidate.profile == profile);
    decision.candidates.iter().filter(asked).map(|candidate| candidate.sentence(decision, call)).collect()
}

impl Candidate {
    /// What became of it, in one sentence.
    pub(crate) fn sentence(&self, decision: &Decision, call: CallId) -> String {
        match &self.case {
            Some(case) => case.sentence(),
            None => format!("{} {} call {}.", self.who, self.good_news(decision), ids::text(call.0)),
        }
    }

    fn good_news(&self, decision: &Decision) -> String {
        let is_sold = decision.outcome == Outcome::Sold { buyer: self.buyer, profile: self.profile };
        match (self.verdict, self.price) {
            (Verdict::Won, Some(price)) if is_sold => format!("won, at {},", money(price)),
            (Verdict::Won, Some(price)) => format!("rings along, at {},", money(price)),
            _ => "was eligible for".to_owned(),
        }
    }

    /// Its place in the table: the winner, those who could have won, and then those a rule stopped, the last rule first.
    fn place(&self) -> (u8, usize, std::cmp::Reverse<i64>) {
        let amount = std::cmp::Reverse(self.amount.map_or(0, dce_engine::units::Money::micros));
        match self.verdict {
            Verdict::Won => (0, 0, amount),
            Verdict::Eligible => (1, 0, amount),
            Verdict::Lost(loss) => (2, rule(loss.reason), amount),
        }
    }

    fn is_of_another_vertical(&self) -> bool {
        matches!(self.verdict, Verdict::Lost(loss) if loss.reason == Reason::VerticalMismatch)
    }

    fn line(&self, decision: &Decision) -> Line {
        let line = Line::new().plain(&self.who).to(44);
        let line = match self.amount {
            Some(amount) => line.right(54, Paint::Plain, money(amount)),
            None => line.right(54, Paint::Dim, "–"),
        };
        match &self.case {
            Some(case) => line
                .to(56)
                .paint(if case.reason == Reason::LostToHigherBid { Paint::Fair } else { Paint::Dim }, case.because()),
            None => line.to(56).paint(Paint::Good, self.good_news(decision).replace(',', "")),
        }
    }
}

/// How near a rule is to winning: the rules in the order in which they are asked, from the last.
fn rule(reason: Reason) -> usize {
    Reason::IN_ORDER.iter().rev().position(|rule| rule.reason == reason).unwrap_or(usize::MAX)
}

/// The call and its decisions.
fn head(decisions: &[Decision], last: &Decision, call: CallId, names: &Names) -> Frame {
    let mut frame = Frame::default();
    let head = format!("call {} of {}", ids::text(call.0), names.account(last.seller.0));
    frame.push(Line::new().paint(Paint::Title, head));
    frame.push(Line::new().dim("  ").plain(&last.facts));
    for (place, decision) in decisions.iter().enumerate() {
        frame.push(decision.line(place + 1, decisions.len(), names));
    }
    frame.push(Line::new());
    frame
}

/// The candidates, the winner first.
fn list_candidates(frame: &mut Frame, last: &Decision, all: bool) {
    let mut shown: Vec<&Candidate> =
        last.candidates.iter().filter(|candidate| all || !candidate.is_of_another_vertical()).collect();
    shown.sort_by_key(|candidate| candidate.place());
    let rows = if all { usize::MAX } else { ROWS };
    for candidate in shown.iter().take(rows) {
        frame.push(candidate.line(last));
    }
    let (more, elsewhere) = (shown.len().saturating_sub(rows), last.candidates.len() - shown.len());
    for (hidden, which) in [(more, "more"), (elsewhere, "in other verticals")] {
        if hidden > 0 {
            frame.push(Line::new().dim(format!("{} {which}; --all lists them", count(hidden as u64))));
        }
    }
}

/// How many candidates each rule stopped, in the order in which the rules are asked, and how many none did.
fn count_rules(frame: &mut Frame, last: &Decision) {
    let mut counts = RuleCounts::default();
    for candidate in &last.candidates {
        counts.add(&candidate.verdict);
    }
    let mut row = |candidates: u32, paint, what: &str| {
        frame.push(Line::new().right(10, Paint::Plain, count(u64::from(candidates))).to(12).paint(paint, what));
    };
    for (reason, candidates) in counts.each_stopped() {
        row(candidates, Paint::Dim, &format!("{reason:?}: {}", reason.text()));
    }
    for (candidates, what) in [(counts.eligible(), "eligible"), (counts.won(), "won")] {
        if candidates > 0 {
            row(candidates, Paint::Good, what);
        }
    }
    row(counts.candidates(), Paint::Strong, "profiles");
}

impl Decision {
    fn line(&self, number: usize, of: usize, names: &Names) -> Line {
        let which = if of > 1 { format!("decision {number}: ") } else { String::new() };
        let when = format!("  {which}{}, sequence {}: ", moment(self.at), count(self.sequence.0));
        match (self.outcome, self.price) {
            (Outcome::Sold { buyer, profile }, price) => {
                let to = format!("sold to {} ({})", names.account(buyer.0), names.profile(buyer.0, profile.0));
                let at = price.map_or_else(String::new, |price| format!(" at {}", money(price)));
                Line::new().dim(when).paint(Paint::Good, to + &at)
            }
            (Outcome::Unsold(reason), _) => {
                Line::new().dim(when).paint(Paint::Bad, format!("unsold, {}", reason.text()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_to_winning_the_further_up() {
        let place = |verdict| {
            let who = String::new();
            Candidate {
                buyer: AccountId(1),
                profile: ProfileId(1),
                verdict,
                amount: None,
                price: None,
                who,
                case: None,
            }
            .place()
        };
        let lost = |reason| place(Verdict::Lost(dce_engine::explain::Loss { reason, attribute: None, distance: None }));
        let order = [
            place(Verdict::Won),
            place(Verdict::Eligible),
            lost(Reason::LostToHigherBid),
            lost(Reason::BelowReserve),
            lost(Reason::DailyCapReached),
            lost(Reason::OutsideHours),
            lost(Reason::TargetingMismatch),
            lost(Reason::VerticalMismatch),
        ];
        assert!(order.is_sorted(), "{order:?}");
    }
}
