//! The demo from its first frame to its last word.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use dce_engine::ids::AccountId;
use dce_engine::limits::Limits;
use dce_engine::units::Seconds;
use dce_runtime::Durability;
use tokio::runtime::{Builder, Runtime};

use super::DemoArgs;
use super::after::After;
use super::audit::audit;
use super::board::Board;
use super::day::{DayError, Floor, Keys, Place, open_market};
use super::market::{GUEST, Market};
use super::picture::Picture;
use super::setup::names;
use super::summary::Summary;
use super::view::Snapshot;
use crate::cli::Refusal;
use crate::exit::Exit;
use crate::identity::Role;
use crate::server::Server;
use crate::terminal::Console;
use crate::terminal::svg;

/// Room for calls beside those of the day: they are forgotten after an hour.
const CALLS_MORE: u32 = 65_536;

/// What every part of the demo needs to know.
pub(super) struct Stage<'a> {
    pub(super) args: &'a DemoArgs,
    pub(super) directory: PathBuf,
    pub(super) market: Arc<Market>,
    pub(super) board: Board,
}

/// What is left when the day is over and the server has stopped.
struct Evening {
    snapshot: Snapshot,
    commits: u64,
    live_digest: u128,
    address: SocketAddr,
    keys: Keys,
}

/// Runs the demo.
pub(crate) fn run(args: &DemoArgs, console: &mut Console) -> Result<Exit, Refusal> {
    let directory = directory(args.dir.as_deref())?;
    let market = Arc::new(Market::new(args.seed, args.buyers, args.calls));
    let board = Board::new(&market, args.calls);
    let stage = Stage { args, directory, market, board };
    stage.say(console, &format!("an exchange in {}", stage.directory.display()));
    let tokio = Builder::new_current_thread().enable_all().build().map_err(machine)?;
    let (evening, tokio) = stage.day(tokio, console)?;
    let commands = stage.tell(&evening, console)?;
    if args.serve {
        let after = After { stage: &stage, address: evening.address, keys: &evening.keys, commands: &commands };
        return tokio.block_on(after.serve(console));
    }
    stage.say(console, "");
    stage.say(console, &format!("the folder is kept: {}", stage.directory.display()));
    commands.iter().for_each(|command| stage.say(console, &format!("  {command}")));
    Ok(Exit::Done)
}

impl Stage<'_> {
    /// From an empty folder to the last call's end.
    fn day(&self, tokio: Runtime, console: &mut Console) -> Result<(Evening, Runtime), Refusal> {
        let mut picture = Picture::new(self.board.clone(), self.args.json);
        // Before anything that takes time: whoever waits sees what for.
        picture.draw(console, None);
        let server = self.start(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let keys = self.keys(&server)?;
        names(&self.market).write(&self.directory).map_err(machine)?;
        let place = Place::new(server.address(), server.certificate()).map_err(failed)?;
        let day = async {
            open_market(&place, &self.market, &keys).await?;
            let floor = Floor::open(&place, &self.market, &self.board, &keys, true).await?;
            floor.sell(self.args.calls, self.args.rate).await?;
            floor.close().await
        };
        if let Err(error) = tokio.block_on(picture.watch(console, &server, day)) {
            // The clients go before the server, which would wait for them.
            drop(tokio);
            return Err(failed(error));
        }
        let snapshot = picture.draw(console, Some(&server));
        if let (Some(file), Some(afternoon)) = (&self.args.svg, &picture.afternoon) {
            std::fs::write(file, svg::render(&afternoon.frame(), &afternoon.line())).map_err(machine)?;
        }
        let (commits, address) = (server.gauges().commits(), server.address());
        let live_digest = server.stop()?.digest;
        Ok((Evening { snapshot, commits, live_digest, address, keys }, tokio))
    }

    /// Applies the log again, says what came of the day, and answers the commands to go on with.
    fn tell(&self, evening: &Evening, console: &mut Console) -> Result<Vec<String>, Refusal> {
        let audit = audit(&self.directory, &names(&self.market), console)?;
        let refused = self.board.lock().refused.clone();
        let summary = Summary {
            directory: &self.directory,
            snapshot: &evening.snapshot,
            commits: evening.commits,
            live_digest: evening.live_digest,
            audit: &audit,
            refused: refused.as_ref().map(|(count, first)| (*count, first.as_str())),
        };
        let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("dce"));
        let commands = summary.commands(&program);
        if self.args.json {
            console.say(&summary.json(&commands).to_string());
        } else {
            console.put_frame(&summary.frame());
        }
        match summary.fault() {
            Some(text) => Err(Refusal { exit: Exit::CheckFailed, text }),
            None => Ok(commands),
        }
    }

    /// A server on the demo's folder: new, or where it was.
    pub(super) fn start(&self, listen: SocketAddr) -> Result<Server, Refusal> {
        let limits = Limits {
            calls_max: self.args.calls + CALLS_MORE,
            accounts_max: 512,
            sessions_max: 1_024,
            retention: Seconds(3_600),
            ..Limits::small()
        };
        let server = Server::builder().dir(&self.directory).listen(listen).limits(limits);
        Ok(server.durability(Durability::Always).start()?)
    }

    /// A line for people: on stdout, or beside it where that is for a program.
    pub(super) fn say(&self, console: &mut Console, line: &str) {
        if self.args.json { console.note(line) } else { console.say(line) }
    }

    /// A key for everybody.
    fn keys(&self, server: &Server) -> Result<Keys, Refusal> {
        let key = |account, role| Ok(server.create_key(AccountId(account), role)?.expose().to_owned());
        let keys = |accounts: &mut dyn Iterator<Item = u128>, role| -> Result<Vec<String>, Refusal> {
            accounts.map(|account| key(account, role)).collect()
        };
        let operator = std::fs::read_to_string(server.operator_key()).map_err(machine)?;
        Ok(Keys {
            operator: operator.trim().to_owned(),
            buyers: keys(&mut self.market.buyers.iter().map(|buyer| buyer.account), Role::Buyer)?,
            sellers: keys(&mut self.market.sellers.iter().map(|seller| seller.account), Role::Seller)?,
            guest: key(GUEST, Role::Buyer)?,
        })
    }
}

/// The folder of this demo, made if it is not there.
fn directory(asked: Option<&Path>) -> Result<PathBuf, Refusal> {
    let directory = asked.map_or_else(
        || {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
            std::env::temp_dir().join(format!("dce-demo-{now}-{}", std::process::id()))
        },
        Path::to_path_buf,
    );
    let refused = |why: &str| Refusal {
        exit: Exit::Usage,
        text: format!("{} {why}; choose another folder with --dir", directory.display()),
    };
    std::fs::create_dir_all(&directory).map_err(|error| refused(&format!("cannot be made ({error})")))?;
    let mut entries = std::fs::read_dir(&directory).map_err(|error| refused(&format!("cannot be read ({error})")))?;
    if entries.next().is_some() {
        return Err(refused("is not empty, and the demo starts from nothing"));
    }
    directory.canonicalize().map_err(machine)
}

pub(super) fn failed(error: DayError) -> Refusal {
    Refusal { exit: Exit::Failed, text: error.to_string() }
}

pub(super) fn machine(error: std::io::Error) -> Refusal {
    Refusal { exit: Exit::Machine, text: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("new/and/deep");
        assert_eq!(directory(Some(&inside)).unwrap(), inside.canonicalize().unwrap());
        let refusal = directory(Some(folder.path())).unwrap_err();
        assert_eq!(refusal.exit, Exit::Usage);
        assert!(refusal.text.contains("is not empty"), "{}", refusal.text);
    }
}
