//! The demo from its first frame to its last word.

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dce_engine::ids::AccountId;
use dce_engine::limits::Limits;
use dce_engine::units::Seconds;
use dce_runtime::Durability;
use tokio::time::{MissedTickBehavior, interval};

use super::DemoArgs;
use super::audit::audit;
use super::board::{Board, Gauged, Rates};
use super::calls::Call;
use super::day::{DayError, Floor, Keys, Place, open_market};
use super::market::{GUEST, Market};
use super::setup::names;
use super::summary::{Invitation, Summary};
use super::view::Snapshot;
use crate::cli::Refusal;
use crate::exit::Exit;
use crate::identity::Role;
use crate::server::Server;
use crate::shutdown::Signals;
use crate::terminal::Console;
use crate::terminal::screen::{FRAME_EVERY, Screen};
use crate::terminal::svg;

/// Beside the calls of the day: those of the hours after it, under `--serve`.
const CALLS_AFTER: u32 = 65_536;
/// How often a call comes in after the day, under `--serve`.
const CALL_AFTER_EVERY: Duration = Duration::from_millis(200);
/// How long live bids are taken for those.
const WINDOW_AFTER_MS: u32 = 250;

/// Runs the demo.
pub(crate) fn run(args: &DemoArgs, console: &mut Console) -> Result<Exit, Refusal> {
    let directory = directory(args)?;
    let market = Arc::new(Market::new(args.seed, args.buyers, args.calls));
    let board = Board::new(&market, args.calls);
    let mut picture =
        Picture { board: board.clone(), screen: Screen::default(), rates: Rates::default(), quiet: args.json };
    // Before anything that takes time: whoever waits sees what for.
    picture.draw(console, None);
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("dce"));
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(machine)?;

    let server = start(&directory, SocketAddr::from(([127, 0, 0, 1], 0)), args.calls)?;
    let keys = keys(&server, &market)?;
    names(&market).write(&directory).map_err(machine)?;
    let place = Place::new(server.address(), server.certificate()).map_err(failed)?;
    let day = async {
        open_market(&place, &market, &keys).await?;
        let floor = Floor::open(&place, &market, &board, &keys, true).await?;
        floor.sell(args.calls, args.rate).await?;
        floor.close().await
    };
    tokio.block_on(picture.watch(console, &server, day)).map_err(failed)?;
    let snapshot = picture.draw(console, Some(&server));
    if let Some(file) = &args.svg {
        std::fs::write(file, svg::render(&snapshot.frame(), &snapshot.line())).map_err(machine)?;
    }
    let (commits, address) = (server.gauges().commits(), server.address());
    let stopped = server.stop()?;

    let audit = audit(&directory, &names(&market), console)?;
    let first_refusal = board.lock().first_refusal.clone();
    let refused = (board.lock().refused, first_refusal.as_deref());
    let (live_digest, directory) = (stopped.digest, directory.as_path());
    let summary = Summary { directory, snapshot: &snapshot, commits, live_digest, audit: &audit, refused };
    let commands = summary.commands(&program);
    if args.json {
        console.say(&summary.json(&commands).to_string());
    } else {
        console.put_frame(&summary.frame());
    }
    if let Some(text) = summary.fault() {
        return Err(Refusal { exit: Exit::CheckFailed, text });
    }
    let mut say = |line: &str| if args.json { console.note(line) } else { console.say(line) };
    if args.serve {
        say("");
        say("the exchange goes on; a bidder of your own is invited to each call:");
        return tokio.block_on(serve(
            &After { args, directory, address, market: &market, board: &board, keys: &keys },
            &commands,
            &mut say,
        ));
    }
    say("");
    say(&format!("the folder is kept: {}", directory.display()));
    commands.iter().for_each(|command| say(&format!("  {command}")));
    Ok(Exit::Done)
}

/// The picture, redrawn while the day goes on.
struct Picture {
    board: Board,
    screen: Screen,
    rates: Rates,
    quiet: bool,
}

impl Picture {
    /// Draws what is known now.
    fn draw(&mut self, console: &mut Console, server: Option<&Server>) -> Snapshot {
        let gauged = server.map_or_else(Gauged::default, gauged);
        let board = self.board.lock();
        self.rates.see(board.calls.offered, gauged.commits);
        let snapshot = board.snapshot(&gauged, &self.rates);
        drop(board);
        self.screen.draw(console, self.quiet, &snapshot.frame(), &snapshot.line());
        snapshot
    }

    /// Does `work` and draws ten times a second what has become of it.
    async fn watch<T>(&mut self, console: &mut Console, server: &Server, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut frames = interval(FRAME_EVERY);
        frames.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                done = &mut work => return done,
                _ = frames.tick() => drop(self.draw(console, Some(server))),
            }
        }
    }
}

fn gauged(server: &Server) -> Gauged {
    let gauges = server.gauges();
    Gauged {
        decision_p50: gauges.decision_latency().percentile(500),
        decision_p99: gauges.decision_latency().percentile(990),
        durable: gauges.published().0,
        commits: gauges.commits(),
        commit_p50: gauges.commit_latency().percentile(500),
        bytes: gauges.journal_bytes(),
    }
}

/// The folder of this demo, made if it is not there.
fn directory(args: &DemoArgs) -> Result<PathBuf, Refusal> {
    let directory = args.dir.clone().unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        std::env::temp_dir().join(format!("dce-demo-{now}-{}", std::process::id()))
    });
    std::fs::create_dir_all(&directory).map_err(|error| Refusal {
        exit: Exit::Usage,
        text: format!("{} cannot be made: {error}; choose another folder with --dir", directory.display()),
    })?;
    let is_empty = std::fs::read_dir(&directory).map_err(machine)?.next().is_none();
    if !is_empty {
        let text = format!(
            "{} is not empty: the demo starts from nothing; choose another folder with --dir",
            directory.display()
        );
        return Err(Refusal { exit: Exit::Usage, text });
    }
    directory.canonicalize().map_err(machine)
}

fn start(directory: &Path, listen: SocketAddr, calls: u32) -> Result<Server, Refusal> {
    let limits = Limits {
        calls_max: calls + CALLS_AFTER,
        accounts_max: 512,
        sessions_max: 1_024,
        retention: Seconds(3_600),
        ..Limits::small()
    };
    let server = Server::builder().dir(directory).listen(listen).limits(limits).durability(Durability::Always);
    Ok(server.start()?)
}

/// A key for everybody.
fn keys(server: &Server, market: &Market) -> Result<Keys, Refusal> {
    let key = |account: u128, role| Ok(server.create_key(AccountId(account), role)?.expose().to_owned());
    let operator = std::fs::read_to_string(server.operator_key()).map_err(machine)?;
    let buyers: Result<_, Refusal> = market.buyers.iter().map(|buyer| key(buyer.account, Role::Buyer)).collect();
    let sellers: Result<_, Refusal> = market.sellers.iter().map(|seller| key(seller.account, Role::Seller)).collect();
    Ok(Keys {
        operator: operator.trim().to_owned(),
        buyers: buyers?,
        sellers: sellers?,
        guest: key(GUEST, Role::Buyer)?,
    })
}

/// The hours after the day, under `--serve`.
struct After<'a> {
    args: &'a DemoArgs,
    directory: &'a Path,
    address: SocketAddr,
    market: &'a Arc<Market>,
    board: &'a Board,
    keys: &'a Keys,
}

/// Starts the exchange again from its log, lets calls come in slowly, and waits to be stopped.
async fn serve(after: &After<'_>, commands: &[String], say: &mut impl FnMut(&str)) -> Result<Exit, Refusal> {
    let After { args, directory, address, market, board, keys } = *after;
    let signals = Signals::listen().map_err(machine)?;
    let server = start(directory, address, args.calls)?;
    let place = Place::new(server.address(), server.certificate()).map_err(failed)?;
    let floor = Floor::open(&place, market, board, keys, false).await.map_err(failed)?;
    let invitation = Invitation { address: server.address(), certificate: server.certificate(), key: &keys.guest };
    invitation.lines().iter().for_each(|line| say(line));
    say("");
    say(&format!("stop it with Ctrl-C; the folder is kept: {}; then", directory.display()));
    commands.iter().for_each(|command| say(&format!("  {command}")));
    let mut calls = interval(CALL_AFTER_EVERY);
    calls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut number = args.calls;
    while !signals.heard() && !server.has_failed() {
        calls.tick().await;
        let mut call = Call::new(market.seed, number, number);
        call.window_ms = Some(WINDOW_AFTER_MS);
        floor.offer(call);
        number = number.wrapping_add(1);
    }
    floor.close().await.map_err(failed)?;
    server.stop()?;
    Ok(Exit::Done)
}

fn failed(error: DayError) -> Refusal {
    Refusal { exit: Exit::Failed, text: error.to_string() }
}

fn machine(error: std::io::Error) -> Refusal {
    Refusal { exit: Exit::Machine, text: error.to_string() }
}
