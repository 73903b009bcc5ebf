//! The engine beside everything one would use in its place: one process, one table.
//!
//! First every contender must find the very same profiles: all that want a call, and the best two. Then slices of work go
//! round between them, so that a noisy machine disturbs all alike; batches in which another process had the processor are
//! left out. Ratios are taken slice by slice, and their medians are printed; p50 and p99 come from calls timed one by one, the timer's own cost taken off.
//!
//! The rivals know targeting and bids alone. The engine's match-all leaves out who cannot win at present; its best two have
//! passed every rule (caps, hours, callers, quotas, money). Its decisions, with caps as they are drawn and calls that
//! come, are answered and end, have no rival here: what they hold and record nobody else does.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: the table to stdout, progress and mistakes to stderr"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use dce_benches::plan;
use dce_benches::samples;
use dce_benches::world::{Breadth, Density, World};

#[path = "compare/contenders.rs"]
mod contenders;
#[path = "compare/contest.rs"]
mod contest;
#[path = "compare/decisions.rs"]
mod decisions;
#[path = "compare/floor.rs"]
mod floor;
#[path = "compare/machine.rs"]
mod machine;
#[path = "compare/rings.rs"]
mod rings;
#[path = "compare/table.rs"]
mod table;

use contenders::Field;
use table::{Measured, Report};

const USAGE: &str = "\
Usage: compare [--profiles N] [--sparse] [--narrow] [--world FILE.yaml] [--seconds S] [--json]

  --profiles N   measure a generated market of so many profiles (default: 100000)
  --sparse       one in which few profiles want a call
  --narrow       one with six attributes, the vertical among them, in place of twenty
  --world FILE   measure the market of a plan instead: docs/plan.md says what it may hold
  --seconds S    measure each question for so long, and each decision (default: 6)
  --json         print one JSON object instead of the table
  --help         print this

Building takes its own time: the single a-tree is left out above 10000 profiles, those by vertical above 100000, since
the crate compares each new expression with all before it.";

#[derive(Debug)]
struct Options {
    profiles: usize,
    density: Density,
    breadth: Breadth,
    world: Option<PathBuf>,
    seconds: u64,
    json: bool,
}

fn main() -> ExitCode {
    let options = match read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("compare: {why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(report) => {
            print!("{}", if options.json { report.json() } else { report.text() });
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("compare: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<Report, String> {
    let progress = Progress::new();
    let bandwidth = floor::bandwidth();
    let mut measured = match &options.world {
        None => {
            progress.say("drawing the market");
            let world = World::of_breadth(options.breadth, options.profiles, options.density);
            let book = contenders::book_of(&world);
            let mut field = Field::of_world(&world, &book, &progress);
            let mut measured = contended(&mut field, bandwidth, options, &progress);
            drop(field);
            measured.decisions = decisions::of_world(&world, options.slice(), &progress);
            measured
        }
        Some(file) => {
            let mut market = plan::read(file)?;
            let mut measured = contended(&mut Field::of_plan(&market, &progress), bandwidth, options, &progress);
            measured.decisions = decisions::of_plan(&mut market, options.slice(), &progress);
            measured
        }
    };
    measured.world = match &options.world {
        None => {
            let density = if options.density == Density::Dense { "dense" } else { "sparse" };
            let breadth = if options.breadth == Breadth::Wide { "" } else { ", narrow" };
            format!("{} profiles, {density}{breadth}", options.profiles)
        }
        Some(file) => format!("{}: {} profiles", file.display(), measured.profiles),
    };
    Ok(Report { measured, machine: machine::describe(), bandwidth, jitter: samples::jitter() })
}

fn contended(field: &mut Field<'_>, bandwidth: u64, options: &Options, progress: &Progress) -> Measured {
    progress.say("the same profiles from everybody");
    let identical = contest::assert_identical(field);
    let questions = contest::Question::ALL.map(|question| {
        progress.say(question.name());
        contest::measure(field, question, options.slice(), bandwidth)
    });
    Measured {
        profiles: field.profiles(),
        identical,
        found_per_100_calls: contest::found_per_100_calls(field),
        bytes_per_profile: field.bytes_per_profile,
        contenders: field.described(),
        questions: questions.into(),
        ..Measured::default()
    }
}

impl Options {
    /// How long one slice of all contenders together takes.
    fn slice(&self) -> Duration {
        Duration::from_secs(self.seconds) / contest::SLICES as u32
    }
}

fn read(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let (profiles, density, breadth, world) = (None, Density::Dense, Breadth::Wide, None);
    let mut options = Options { profiles: 100_000, density, breadth, world, seconds: 6, json: false };
    let mut chosen: Option<usize> = profiles;
    while let Some(argument) = arguments.next() {
        let mut value = |what: &str| arguments.next().ok_or_else(|| format!("`{argument}` needs {what} after it"));
        match argument.as_str() {
            "--help" => return Ok(None),
            "--json" => options.json = true,
            "--sparse" => options.density = Density::Sparse,
            "--narrow" => options.breadth = Breadth::Narrow,
            "--profiles" => chosen = Some(whole(&value("a number")?, 100..=4_000_000)? as usize),
            "--seconds" => options.seconds = whole(&value("a number")?, 1..=600)?,
            "--world" => options.world = Some(PathBuf::from(value("a file")?)),
            other => return Err(format!("`{other}` is not understood; leave it out or use what is below")),
        }
    }
    let is_said = chosen.is_some() || options.density == Density::Sparse || options.breadth == Breadth::Narrow;
    if options.world.is_some() && is_said {
        return Err("`--world` brings its own profiles: leave `--profiles`, `--sparse` and `--narrow` out".to_owned());
    }
    options.profiles = chosen.unwrap_or(options.profiles);
    Ok(Some(options))
}

fn whole(text: &str, range: std::ops::RangeInclusive<u64>) -> Result<u64, String> {
    let number = text.parse::<u64>().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("`{text}` is no whole number from {} to {}", range.start(), range.end()))
}

/// What is under way, told to people who have waited for two seconds.
#[derive(Debug)]
struct Progress {
    started: Instant,
}

impl Progress {
    fn new() -> Self {
        Self { started: Instant::now() }
    }

    fn say(&self, what: &str) {
        let seconds = self.started.elapsed().as_secs();
        if seconds >= 2 {
            eprintln!("{seconds:>4} s  {what}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(arguments: &[&str]) -> Result<Option<Options>, String> {
        read(arguments.iter().map(ToString::to_string))
    }

    #[test]
    fn arguments_are_understood_or_refused_by_name() {
        let options = given(&["--profiles", "1000", "--sparse", "--narrow", "--json"]).unwrap().unwrap();
        assert_eq!((options.profiles, options.density, options.json), (1_000, Density::Sparse, true));
        assert_eq!(options.breadth, Breadth::Narrow);
        assert!(given(&["--help"]).unwrap().is_none());
        for (wrong, named) in [
            (&["--profile", "1000"] as &[&str], "`--profile`"),
            (&["--profiles"], "needs a number"),
            (&["--profiles", "many"], "`many`"),
            (&["--seconds", "0"], "`0`"),
            (&["--world", "plan.yaml", "--sparse"], "leave"),
            (&["--world", "plan.yaml", "--narrow"], "leave"),
        ] {
            let why = given(wrong).unwrap_err();
            assert!(why.contains(named), "{why}");
        }
    }
}
