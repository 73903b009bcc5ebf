//! `dce config`: what a server would run with, and who said so.

use clap::{Args, Subcommand};

use super::settings::SettingsArgs;
use super::{Refusal, answer};
use crate::config::{KEYS, Settings};
use crate::exit::Exit;

#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print each setting, its value and where it came from; secrets are not printed
    Show(SettingsArgs),
}

pub(super) fn config(args: &ConfigArgs) -> Result<Exit, Refusal> {
    let ConfigCommand::Show(args) = &args.command;
    let values = args.values()?;
    let widest = KEYS.iter().map(|key| key.path.len()).max().unwrap_or_default();
    for key in KEYS {
        let (shown, source) = (values.shown(key), values.source(key.path));
        let shown = if shown.is_empty() { "-" } else { &shown };
        let missing = match key.feature {
            feature if feature.is_built() => String::new(),
            feature => format!("; not built: {}", feature.name()),
        };
        answer(&format!("{:widest$}  {shown:22}  {source}{missing}", key.path))?;
    }
    // What relates two settings is checked as a start would, once they are on the screen.
    Settings::from_values(&values)?;
    Ok(Exit::Done)
}
