//! `dce serve`: settings, start, wait for a signal, stop.

use std::path::PathBuf;

use clap::Args;

use super::{Refusal, say};
use crate::config::{ConfigError, Settings, Values};
use crate::exit::Exit;
use crate::server::{Notice, Server};
use crate::shutdown::{Ending, Signals};

/// Flags of `dce serve`. Each is a setting; `--set` reaches all the others.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// A file of settings; every one is in server/configs/config.yaml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the log and the identity files lie [default: ./dce-data]
    #[arg(long)]
    dir: Option<String>,
    /// The UDP address to listen on [default: 127.0.0.1:9443]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The TCP address of the REST front, if it was built in [default: none]
    #[arg(long, value_name = "ADDR")]
    rest: Option<String>,
    /// always, interval:MILLISECONDS or none [default: always]
    #[arg(long, value_name = "WHEN")]
    durability: Option<String>,
    /// Threads that serve connections [default: 1]
    #[arg(long, value_name = "N")]
    workers: Option<String>,
    /// Any setting, by its path in the file: --set log.level=debug
    #[arg(long, value_name = "KEY=VALUE", value_parser = read_setting)]
    set: Vec<(String, String)>,
    /// Start although the host's clock disagrees with the log, once you have looked at it
    #[arg(long)]
    accept_clock: bool,
    /// Start although the log's anchor is lost, so that nobody can tell whether the log is whole
    #[arg(long)]
    accept_lost_anchor: bool,
}

pub(super) fn serve(args: &ServeArgs) -> Result<Exit, Refusal> {
    let settings = args.settings()?;
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

impl ServeArgs {
    fn settings(&self) -> Result<Settings, ConfigError> {
        let named = [
            ("data.dir", &self.dir),
            ("server.quic.listen", &self.listen),
            ("server.rest.listen", &self.rest),
            ("data.durability", &self.durability),
            ("server.quic.workers", &self.workers),
        ];
        let mut flags: Vec<(&str, String)> =
            self.set.iter().map(|(path, value)| (path.as_str(), value.clone())).collect();
        flags.extend(named.into_iter().filter_map(|(path, value)| Some((path, value.clone()?))));
        if self.accept_clock {
            flags.push(("runtime.accept_clock", "true".to_owned()));
        }
        Settings::from_values(&Values::load(self.config.as_deref(), std::env::vars(), &flags)?)
    }
}

pub(super) fn read_setting(text: &str) -> Result<(String, String), String> {
    let (path, value) = text.split_once('=').ok_or("write KEY=VALUE, for instance log.level=debug")?;
    Ok((path.to_owned(), value.to_owned()))
}
