//! The flags that are settings, shared by `dce serve` and `dce config show`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::config::{self, ConfigError, Values};

/// Each is a setting; `--set` reaches all the others.
#[derive(Debug, Args)]
pub(super) struct SettingsArgs {
    /// A file of settings [default: server/configs/config.yaml, where there is one]
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
    rest: Option<SocketAddr>,
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
}

impl SettingsArgs {
    /// Every setting, from all four layers.
    pub(super) fn values(&self) -> Result<Values, ConfigError> {
        let named = [
            ("data.dir", &self.dir),
            ("server.quic.listen", &self.listen),
            ("data.durability", &self.durability),
            ("server.quic.workers", &self.workers),
        ];
        let mut flags: Vec<(&str, String)> =
            self.set.iter().map(|(path, value)| (path.as_str(), value.clone())).collect();
        flags.extend(named.into_iter().filter_map(|(path, value)| Some((path, value.clone()?))));
        if let Some(address) = self.rest {
            flags.push(("server.host", address.ip().to_string()));
            flags.push(("server.port", address.port().to_string()));
        }
        if self.accept_clock {
            flags.push(("runtime.accept_clock", "true".to_owned()));
        }
        Values::load(config::file(self.config.as_deref()).as_deref(), config::environment()?, &flags)
    }
}

pub(super) fn read_setting(text: &str) -> Result<(String, String), String> {
    let (path, value) = text.split_once('=').ok_or("write KEY=VALUE, for instance log.level=debug")?;
    Ok((path.to_owned(), value.to_owned()))
}
