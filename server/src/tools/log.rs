//! `dce log`: whether a log is whole, and what comes of applying it again.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use dce_engine::Exchange;
use dce_engine::ids::Sequence;
use dce_engine::units::Money;
use dce_persistence::{Replayed, Step, Verified};

use super::progress::Progress;
use super::refused;
use crate::cli::Refusal;
use crate::exit::Exit;
use crate::terminal::Console;
use crate::terminal::figures::{bytes, count, millis, moment, money};
use crate::terminal::frame::{Frame, Line, Paint};

/// Verify a log, or apply it again
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    #[command(subcommand)]
    command: LogCommand,
}

#[derive(Debug, Subcommand)]
enum LogCommand {
    /// Check every frame, the chain and the anchor; changes nothing
    Verify {
        /// Where the log lies
        #[arg(value_name = "DIR", default_value = "./dce-data")]
        dir: PathBuf,
    },
    /// Apply every command again and say what comes of it
    Replay {
        /// Where the log lies
        #[arg(value_name = "DIR", default_value = "./dce-data")]
        dir: PathBuf,
        /// Stop after this sequence
        #[arg(long, value_name = "SEQUENCE")]
        to: Option<u64>,
    },
}

/// What a replay found.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) exchange: Exchange,
    /// Accepted commands by name.
    pub(crate) commands: BTreeMap<&'static str, u64>,
    pub(crate) took: Duration,
}

/// Does what was asked.
pub(crate) fn run(args: &LogArgs, console: &mut Console) -> Result<Exit, Refusal> {
    match &args.command {
        LogCommand::Verify { dir } => verify(dir, console),
        LogCommand::Replay { dir, to } => {
            let replay = replay(dir, to.map(Sequence), console)?;
            console.put_frame(&replay.frame());
            if replay.ledger_sum() == 0 {
                return Ok(Exit::Done);
            }
            let text = "the ledger does not sum to zero: keep the directory as it is and report this".to_owned();
            Err(Refusal { exit: Exit::CheckFailed, text })
        }
    }
}

/// Checks the log in `dir` without applying anything.
fn verify(dir: &Path, console: &mut Console) -> Result<Exit, Refusal> {
    let mut progress = Progress::of("checking the log");
    let verified = dce_persistence::verify(dir, &mut |at| progress.at(console, at.done.0, at.of.0));
    let took = progress.end(console);
    let verified = verified.map_err(|error| refused(&error))?;
    console.put_frame(&verdict(&verified, took));
    Ok(Exit::Done)
}

/// Applies the log in `dir` again, up to `to` if that is given.
fn replay(dir: &Path, to: Option<Sequence>, console: &mut Console) -> Result<Replay, Refusal> {
    replay_with(dir, to, console, &mut |_| ())
}

/// The same, and `each` sees every command.
pub(crate) fn replay_with(
    dir: &Path,
    to: Option<Sequence>,
    console: &mut Console,
    each: &mut dyn FnMut(&Replayed<'_>),
) -> Result<Replay, Refusal> {
    let mut commands: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut progress = Progress::of("applying the log");
    let replayed = dce_persistence::replay(dir, to, &mut |step| {
        match step {
            Step::Progress(at) => progress.at(console, at.done.0, at.of.0),
            Step::Replayed(replayed) => {
                *commands.entry(replayed.command.name()).or_default() += 1;
                each(&replayed);
            }
        }
        ControlFlow::Continue(())
    });
    let took = progress.end(console);
    let exchange = replayed.map_err(|error| refused(&error))?;
    Ok(Replay { exchange, commands, took })
}

impl Replay {
    /// All balances together, in micro-units, the outside world's included: zero, or something is wrong.
    pub(crate) fn ledger_sum(&self) -> i128 {
        let balance = |account| self.exchange.account(account).map_or(Money::ZERO, |account| account.balance);
        self.exchange.account_ids().map(|account| i128::from(balance(account).micros())).sum()
    }

    /// The digest as it is printed.
    pub(crate) fn digest(&self) -> String {
        digest_text(self.exchange.digest())
    }

    fn frame(&self) -> Frame {
        let exchange = &self.exchange;
        let mut frame = Frame::default();
        let total: u64 = self.commands.values().sum();
        let row = |label: &str, value: String| Line::new().dim(label).to(12).strong(value);
        frame.push(row("sequence", count(exchange.sequence().0)).dim(format!("  at {}", moment(exchange.last_time()))));
        frame.push(row("digest", self.digest()));
        let sum = self.ledger_sum();
        let paint = if sum == 0 { Paint::Good } else { Paint::Bad };
        let text =
            i64::try_from(sum).map_or_else(|_| format!("{sum} micro-units"), |sum| money(Money::from_micros(sum)));
        frame.push(Line::new().dim("ledger sum").to(12).paint(paint, text));
        frame.push(row("commands", count(total)).dim(format!("  in {}", millis(self.took))));
        for (name, times) in &self.commands {
            frame.push(Line::new().to(12).plain(*name).right(40, Paint::Plain, count(*times)));
        }
        frame
    }
}

/// A digest as it is printed: 32 hexadecimal digits.
pub(crate) fn digest_text(digest: u128) -> String {
    format!("{digest:032x}")
}

fn verdict(verified: &Verified, took: Duration) -> Frame {
    let mut frame = Frame::default();
    let row = |label: &str, value: String| Line::new().dim(label).to(12).strong(value);
    let checked =
        format!("  {} frames, {}, checked in {}", count(verified.frames), bytes(verified.bytes), millis(took));
    let whole = format!("whole, sequences 1 to {}", count(verified.last.0));
    frame.push(Line::new().dim("log").to(12).paint(Paint::Good, whole).dim(checked));
    let generations = match verified.generations {
        1 => "1 generation".to_owned(),
        more => format!("{} generations", count(more.into())),
    };
    let runs = format!("  {generations}, written by run {}", verified.epoch);
    frame.push(row("id", format!("{:032x}", verified.log.0)).dim(runs));
    frame.push(row("head", verified.head.to_string()));
    let lost = if verified.anchor_slot_lost { "  one of its two slots is lost, the other one stands" } else { "" };
    frame.push(row("anchor", count(verified.anchored.0)).dim(lost));
    if let Some(cut) = &verified.cut {
        let torn = format!(
            "{} frames from sequence {} on ({}); no answer had left for them, and the next start cuts them off",
            count(cut.frames),
            count(cut.first.0),
            cut.damage
        );
        frame.push(Line::new().dim("torn end").to(12).paint(Paint::Fair, torn));
    }
    frame
}
