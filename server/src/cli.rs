//! The command line: what `dce` understands, and who does it.

mod config;
mod key;
mod plan;
mod serve;
mod settings;
#[cfg(feature = "rest")]
mod signing_key;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::ConfigError;
use crate::demo::{self, DemoArgs};
use crate::exit::Exit;
use crate::identity::IdentityError;
use crate::server::{StartError, StopError};
use crate::terminal::Console;
use crate::tools::explain::{self, ExplainArgs};
use crate::tools::log::{self, LogArgs};

/// A deterministic exchange for live phone calls.
#[derive(Debug, Parser)]
#[command(name = "dce", version, about, after_help = Exit::table(), disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run an exchange with a whole market on it, and watch
    Demo(DemoArgs),
    /// Run the exchange
    Serve(serve::ServeArgs),
    /// Show the settings a server would run with, and where each comes from
    Config(config::ConfigArgs),
    /// Make, list and revoke API keys; works beside a running server
    Key(key::KeyArgs),
    /// Make and rotate the keys that sign tokens; works beside a running server
    #[cfg(feature = "rest")]
    SigningKey(signing_key::SigningKeyArgs),
    /// Check a market in a file, or load it into a running exchange
    Plan(plan::PlanArgs),
    /// Say why a call went to whom it went, and what stopped every other candidate
    Explain(ExplainArgs),
    /// Verify a log, or apply it again
    Log(LogArgs),
}

/// Why a command of `dce` did not do what it was asked: the sentence for stderr, and the code.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) exit: Exit,
    pub(crate) text: String,
}

/// Reads the command line, does what it says, and answers the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Demo(args) => demo::run(args, &mut Console::standard()),
        Command::Serve(args) => serve::serve(args),
        Command::Config(args) => config::config(args),
        Command::Key(args) => key::key(args),
        #[cfg(feature = "rest")]
        Command::SigningKey(args) => signing_key::signing_key(args),
        Command::Plan(args) => plan::plan(args, &mut Console::standard()),
        Command::Explain(args) => explain::run(args, &mut Console::standard()),
        Command::Log(args) => log::run(args, &mut Console::standard()),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(refusal) => {
            say(&format!("dce: {}", refusal.text));
            refusal.exit.into()
        }
    }
}

/// One line to the operator. When nobody reads stderr there is nobody to tell.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// One line of result.
fn answer(line: &str) -> Result<(), Refusal> {
    let written = writeln!(std::io::stdout().lock(), "{line}");
    written.map_err(|error| Refusal { exit: Exit::Failed, text: format!("cannot write to stdout: {error}") })
}

impl From<ConfigError> for Refusal {
    fn from(error: ConfigError) -> Self {
        Self { exit: Exit::Usage, text: error.to_string() }
    }
}

impl From<IdentityError> for Refusal {
    fn from(error: IdentityError) -> Self {
        let exit = match error {
            IdentityError::UnknownKey(_) => Exit::NotFound,
            IdentityError::TooManyKeys(_) => Exit::Usage,
            IdentityError::File { .. }
            | IdentityError::Line { .. }
            | IdentityError::Size { .. }
            | IdentityError::Random => Exit::Machine,
        };
        Self { exit, text: error.to_string() }
    }
}

impl From<StartError> for Refusal {
    fn from(error: StartError) -> Self {
        Self { exit: error.exit(), text: error.to_string() }
    }
}

impl From<StopError> for Refusal {
    fn from(error: StopError) -> Self {
        Self { exit: Exit::Machine, text: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_fits_together_and_help_ends_with_the_exit_codes() {
        Cli::command().debug_assert();
        let help = Cli::command().render_help().to_string();
        assert!(help.contains(&Exit::table()), "{help}");
    }

    #[test]
    fn an_account_is_a_number_and_a_role_one_of_three() {
        let parse = |args: &[&str]| Cli::try_parse_from([&["dce"], args].concat());
        assert!(parse(&["key", "create", "--account", "10", "--role", "buyer"]).is_ok());
        assert!(parse(&["key", "create", "--account", "ten", "--role", "buyer"]).is_err());
        assert!(parse(&["key", "create", "--account", "10", "--role", "root"]).is_err());
    }
}
