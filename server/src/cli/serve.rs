//! `dce serve`: settings, start, wait for a signal, stop.

use clap::Args;

use super::settings::SettingsArgs;
use super::{Refusal, say};
use crate::config::Settings;
use crate::exit::Exit;
use crate::server::{Notice, Server};
use crate::shutdown::{Ending, Signals};

/// Flags of `dce serve`. Each is a setting; `--set` reaches all the others.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Start although the log's anchor is lost, so that nobody can tell whether the log is whole
    #[arg(long)]
    accept_lost_anchor: bool,
}

pub(super) fn serve(args: &ServeArgs) -> Result<Exit, Refusal> {
    let settings = Settings::from_values(&args.settings.values()?)?;
    crate::logs::start(&settings.log).map_err(|error| Refusal { exit: Exit::Usage, text: error.to_string() })?;
    // Before anything that takes long, so that a signal during the replay is heard as well.
    let signals = Signals::listen().map_err(|error| Refusal { exit: Exit::Machine, text: error.to_string() })?;
    let patience = signals.patience();
    let server = Server::builder()
        .settings(settings)
        .accept_lost_anchor(args.accept_lost_anchor)
        .notices(move |notice| {
            if matches!(notice, Notice::Listening { .. }) {
                patience.begin();
            }
            say(&notice.to_string());
        })
        .start()?;
    if signals.wait(&server) == Ending::Signal {
        say(&Notice::Stopping.to_string());
    }
    let stopped = server.stop()?;
    say(&Notice::Stopped { sequence: stopped.sequence, digest: stopped.digest }.to_string());
    Ok(Exit::Done)
}
