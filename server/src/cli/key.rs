//! `dce key`: API keys of an installation, made beside a running server.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dce_engine::ids::AccountId;

use super::{Refusal, answer, say};
use crate::config::{self, Values};
use crate::exit::Exit;
use crate::identity::{KeyStore, Role, Scopes, identity_dir, write_secret};
use crate::limits::Limits;

#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Make a key; its secret is shown once, on stdout
    Create {
        /// The account it speaks for; 0 is the exchange's own
        #[arg(long, value_name = "N")]
        account: u128,
        /// admin, operator, buyer, seller, auditor or service
        #[arg(long, value_parser = read_role)]
        role: Role,
        /// What it is good for, of what its role may, with commas: calls,read [default: all of it]
        #[arg(long, value_parser = read_scopes)]
        scope: Option<Scopes>,
        /// Write it into this file, for its owner only, instead of stdout; where the file is there already, no key is made
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// Show every key without its secret
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Take a key back; a running server drops its sessions within a second
    Revoke {
        /// The twelve letters after dce_
        prefix: String,
        #[command(flatten)]
        place: Place,
    },
}

/// Which installation.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The directory of the server [default: data.dir of the configuration, ./dce-data]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// The configuration of the server
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn key(args: &KeyArgs) -> Result<Exit, Refusal> {
    match &args.command {
        KeyCommand::Create { out: Some(file), .. } if file.exists() => {
            say(&format!("{} is there already; no key was made", file.display()));
        }
        KeyCommand::Create { account, role, scope, out, place } => {
            let store = open(place)?;
            let secret = store.create_scoped(AccountId(*account), *role, scope.unwrap_or(Scopes::ALL))?;
            if let Some(file) = out {
                // A key that nobody can read would stay valid for ever.
                let kept = write_secret(file, &secret);
                kept.inspect_err(|_| drop(store.revoke(secret.prefix())))?;
                say(&format!("{} key for account {account} in {}; keep it secret", role.name(), file.display()));
                return Ok(Exit::Done);
            }
            say(&format!("{} key for account {account}, shown this once; keep it secret:", role.name()));
            answer(secret.expose())?;
        }
        KeyCommand::List { place } => {
            for record in open(place)?.list()? {
                let state = if record.revoked { "revoked" } else { "valid" };
                let (prefix, role, account) = (&record.prefix, record.role.name(), record.account.0);
                let scopes = match record.scopes {
                    Scopes::ALL => String::new(),
                    some => format!("  for {some}"),
                };
                answer(&format!("{prefix}  {role:8}  {state:7}  account {account}{scopes}"))?;
            }
        }
        KeyCommand::Revoke { prefix, place } => open(place)?.revoke(prefix)?,
    }
    Ok(Exit::Done)
}

fn open(place: &Place) -> Result<KeyStore, Refusal> {
    Ok(KeyStore::open(&identity_dir(&place.dir()?), Limits::default().keys_max)?)
}

impl Place {
    /// The directory of the installation.
    pub(super) fn dir(&self) -> Result<PathBuf, Refusal> {
        if let Some(dir) = &self.dir {
            return Ok(dir.clone());
        }
        let file = config::file(self.config.as_deref());
        Ok(PathBuf::from(Values::load(file.as_deref(), config::environment()?, &[])?.text("data.dir")))
    }
}

fn read_role(name: &str) -> Result<Role, String> {
    let names = || Role::ALL.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
    Role::from_name(name).ok_or_else(|| format!("roles are: {}", names()))
}

fn read_scopes(names: &str) -> Result<Scopes, String> {
    let scopes = Scopes::parse(names).map_err(|error| error.to_string())?;
    if scopes.is_empty() { Err(format!("name at least one of: {}", Scopes::ALL)) } else { Ok(scopes) }
}
