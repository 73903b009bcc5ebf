//! `dce plan`: a market in a file, checked and carried out.

use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use dce_client::{Client, Error, Trust};

use super::Refusal;
use crate::config::{self, Settings, Values};
use crate::exit::Exit;
use crate::identity::identity_dir;
use crate::plan::{self, FILE_BYTES_MAX, LoadError, Loaded, Mistakes, Plan};
use crate::terminal::Console;
use crate::terminal::figures::count;
use crate::tools::names::Names;
use crate::tools::progress::Progress;

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(subcommand)]
    command: PlanCommand,
}

#[derive(Debug, Subcommand)]
enum PlanCommand {
    /// Name every mistake of a plan, with its place; nothing is sent anywhere
    Check {
        /// The plan: docs/plan.md says what it may hold
        file: PathBuf,
        #[command(flatten)]
        capacities: Capacities,
    },
    /// Check a plan and carry it out on a running server; what is there already stays
    Load {
        /// The plan: docs/plan.md says what it may hold
        file: PathBuf,
        /// Only check it
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        capacities: Capacities,
    },
}

/// What a plan is checked for.
#[derive(Debug, Args)]
struct Capacities {
    /// The configuration of the server: a plan must fit its exchange.*
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Any setting, as for `dce serve`: --set exchange.size=small
    #[arg(long, value_name = "KEY=VALUE", value_parser = super::settings::read_setting)]
    set: Vec<(String, String)>,
}

/// Which server, and who asks.
#[derive(Debug, Args)]
struct ServerArgs {
    /// The directory of a server on this machine [default: data.dir of the configuration, ./dce-data]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// The server's address [default: server.quic.listen of the configuration, 127.0.0.1:9443]
    #[arg(long, value_name = "HOST:PORT")]
    server: Option<String>,
    /// The certificate to trust [default: the one in the directory]
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// A file with an operator's key [default: identity/operator.key in the directory]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

pub(super) fn plan(args: &PlanArgs, console: &mut Console) -> Result<Exit, Refusal> {
    match &args.command {
        PlanCommand::Check { file, capacities } | PlanCommand::Load { file, dry_run: true, capacities, .. } => {
            let plan = checked(file, &capacities.settings()?, console)?;
            let steps = count(plan.steps() as u64);
            console.say(&format!("{}: no mistakes; {steps} steps, nothing sent", file.display()));
            Ok(Exit::Done)
        }
        PlanCommand::Load { file, server, capacities, .. } => {
            let settings = capacities.settings()?;
            let plan = checked(file, &settings, console)?;
            server.load(file, &plan, &settings, console)
        }
    }
}

impl Capacities {
    fn settings(&self) -> Result<Settings, Refusal> {
        let flags: Vec<(&str, String)> = self.set.iter().map(|(path, value)| (path.as_str(), value.clone())).collect();
        let file = config::file(self.config.as_deref());
        Ok(Settings::from_values(&Values::load(file.as_deref(), config::environment()?, &flags)?)?)
    }
}

/// The plan in a file; its mistakes go to stderr, a line each.
fn checked(file: &Path, settings: &Settings, console: &mut Console) -> Result<Plan, Refusal> {
    let bytes = bytes(file)?;
    plan::check(&bytes, settings.exchange.limits).map_err(|mistakes| refused(file, &mistakes, console))
}

fn refused(file: &Path, mistakes: &Mistakes, console: &mut Console) -> Refusal {
    for mistake in mistakes.list() {
        console.note(&format!("{}:{mistake}", file.display()));
    }
    let more = match mistakes.more() {
        0 => String::new(),
        more => format!(", of which the last {} are not shown", count(more as u64)),
    };
    let many = mistakes.count();
    let word = if many == 1 { "mistake" } else { "mistakes" };
    Refusal { exit: Exit::Usage, text: format!("{}: {many} {word}{more}; nothing was sent", file.display()) }
}

fn bytes(file: &Path) -> Result<Vec<u8>, Refusal> {
    let unreadable = |error: std::io::Error| {
        let exit = if error.kind() == std::io::ErrorKind::NotFound { Exit::NotFound } else { Exit::Usage };
        Refusal { exit, text: format!("cannot read the plan {}: {error}", file.display()) }
    };
    let mut bytes = Vec::new();
    // One byte more than may be shows that there are too many.
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    opened.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

impl ServerArgs {
    fn load(&self, file: &Path, plan: &Plan, settings: &Settings, console: &mut Console) -> Result<Exit, Refusal> {
        let dir = self.dir.as_ref().unwrap_or(&settings.dir);
        let identity = identity_dir(dir);
        let address = self.server.clone().unwrap_or_else(|| reachable(settings.quic.listen).to_string());
        let certificate = self.certificate.clone().unwrap_or_else(|| match &settings.quic.certificate {
            Some(files) => files.chain.clone(),
            None => identity.join("certificate.pem"),
        });
        let key_file = self.key_file.clone().unwrap_or_else(|| identity.join("operator.key"));
        let key = std::fs::read_to_string(&key_file).map_err(|error| Refusal {
            exit: Exit::NotFound,
            text: format!(
                "cannot read an operator's key from {}: {error}; give --dir of the server, or --key-file",
                key_file.display()
            ),
        })?;
        let trust = Trust::pem_file(&certificate).map_err(|error| Refusal {
            exit: Exit::NotFound,
            text: format!("{error}: --certificate, or --dir of the server"),
        })?;

        let machine = |error: std::io::Error| Refusal { exit: Exit::Machine, text: error.to_string() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(machine)?;
        let mut progress = Progress::of("loading the plan");
        let loaded = runtime.block_on(async {
            let client = Client::connect(&address, trust, &key).await.map_err(Failed::Connect)?;
            let loaded = plan::load(&client, plan, |done, whole| progress.at(console, done, whole)).await?;
            // Everything is answered; how the session ends changes nothing any more.
            let _ = client.close().await;
            Ok(loaded)
        });
        progress.end(console);
        let loaded = loaded.map_err(|failed: Failed| failed.refusal(file, &address))?;
        say(file, &loaded, console);
        if self.is_local() {
            keep_names(dir, plan, console);
        }
        Ok(Exit::Done)
    }

    /// Whether the server's own directory was used.
    const fn is_local(&self) -> bool {
        self.server.is_none() && self.certificate.is_none() && self.key_file.is_none()
    }
}

/// Why nothing, or not everything, was loaded.
enum Failed {
    Connect(Error),
    /// In a box: it counts every kind of thing.
    Load(Box<LoadError>),
}

impl From<LoadError> for Failed {
    fn from(error: LoadError) -> Self {
        Self::Load(Box::new(error))
    }
}

impl Failed {
    fn refusal(self, file: &Path, address: &str) -> Refusal {
        let ended = |error: &Error| match error {
            Error::Closed { .. } | Error::Refused { .. } | Error::Trust { .. } => Exit::Refused,
            Error::Address { .. } => Exit::Usage,
            _ => Exit::Unreachable,
        };
        match self {
            Self::Connect(error) => {
                Refusal { exit: ended(&error), text: format!("{error} (server {address}); nothing was sent") }
            }
            Self::Load(failed) => match &*failed {
                LoadError::Ended { error, .. } => {
                    let text = format!("{}: {failed}; load it again to go on", file.display());
                    Refusal { exit: ended(error), text }
                }
                LoadError::Refused { .. } => {
                    Refusal { exit: Exit::Refused, text: format!("{}:{failed}", file.display()) }
                }
            },
        }
    }
}

/// What was done, a line for each kind of thing and one for all.
fn say(file: &Path, loaded: &Loaded, console: &mut Console) {
    for (thing, created, repeated) in loaded.each() {
        console.say(&format!("{thing:<10} {:>8} created {:>8} there already", count(created), count(repeated)));
    }
    let (created, repeated) = (count(loaded.created()), count(loaded.repeated()));
    console.say(&format!("{}: loaded; {created} created, {repeated} there already", file.display()));
}

/// The names, for `dce explain`.
fn keep_names(dir: &Path, plan: &Plan, console: &mut Console) {
    let mut names = Names::read(dir);
    plan.accounts().for_each(|(account, name)| names.name_account(account, name));
    plan.profiles().for_each(|(buyer, profile, name)| names.name_profile(buyer, profile, name));
    if let Err(error) = names.write(dir) {
        console.note(&format!("names for `dce explain` cannot be kept in {}: {error}", dir.display()));
    }
}

/// Where to dial a server that listens everywhere.
const fn reachable(listen: SocketAddr) -> SocketAddr {
    let address = match listen.ip() {
        IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        address => address,
    };
    SocketAddr::new(address, listen.port())
}
