//! After the day, under `--serve`: the exchange starts again from its log, calls come in slowly, and a bidder of the
//! reader's own may join.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::calls::Call;
use super::day::{Floor, Keys, Place};
use super::stage::{Stage, failed, machine};
use super::summary::Invitation;
use crate::cli::Refusal;
use crate::exit::Exit;
use crate::shutdown::Signals;
use crate::terminal::Console;

/// How often a call comes in: slowly enough to read.
const CALL_EVERY: Duration = Duration::from_millis(200);
/// How long live bids are taken for each: a bidder in a debugger of its own may be slow.
const WINDOW_MS: u32 = 250;
/// How often a signal is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What goes on.
pub(super) struct After<'a> {
    pub(super) stage: &'a Stage<'a>,
    /// Where it was, and will be again.
    pub(super) address: SocketAddr,
    pub(super) keys: &'a Keys,
    /// For after the stop.
    pub(super) commands: &'a [String],
}

impl After<'_> {
    /// Serves until somebody stops it.
    pub(super) async fn serve(&self, console: &mut Console) -> Result<Exit, Refusal> {
        let Stage { args, directory, market, board, .. } = self.stage;
        let signals = Signals::listen().map_err(machine)?;
        let server = self.stage.start(self.address)?;
        signals.patience().begin();
        let place = Place::new(server.address(), server.certificate()).map_err(failed)?;
        let floor = Floor::open(&place, market, board, self.keys, false).await.map_err(failed)?;

        let invitation =
            Invitation { address: server.address(), certificate: server.certificate(), key: &self.keys.guest };
        self.stage.say(console, "");
        self.stage
            .say(console, "the exchange goes on, from its log; a bidder of your own, invited to each call, needs");
        invitation.lines().iter().for_each(|line| self.stage.say(console, line));
        self.stage.say(console, "");
        let kept = format!("stop it with Ctrl-C; the folder is kept: {}; then", directory.display());
        self.stage.say(console, &kept);
        self.commands.iter().for_each(|command| self.stage.say(console, &format!("  {command}")));

        let (mut calls, mut looks) = (interval(CALL_EVERY), interval(LOOK_EVERY));
        calls.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut number = args.calls;
        while !signals.heard() && !server.has_failed() {
            tokio::select! {
                _ = looks.tick() => {}
                _ = calls.tick() => {
                    let mut call = Call::new(market.seed, number, number);
                    call.window_ms = Some(WINDOW_MS);
                    floor.offer(call);
                    number = number.wrapping_add(1);
                }
            }
        }
        if !server.has_failed() {
            floor.close().await.map_err(failed)?;
        }
        server.stop()?;
        Ok(Exit::Done)
    }
}
