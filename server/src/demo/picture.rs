//! The picture, redrawn while the day goes on.

use std::future::Future;
use std::pin::pin;

use tokio::time::{MissedTickBehavior, interval};

use super::board::{Board, Gauged, Rates};
use super::view::Snapshot;
use crate::server::Server;
use crate::terminal::Console;
use crate::terminal::screen::{FRAME_EVERY, Screen};

/// What is drawn, and where.
pub(super) struct Picture {
    board: Board,
    screen: Screen,
    rates: Rates,
    /// Stdout is for a program: nothing is drawn there.
    quiet: bool,
    /// As it was when three quarters of the calls were over.
    pub(super) afternoon: Option<Snapshot>,
}

impl Picture {
    /// Nothing is drawn yet.
    pub(super) fn new(board: Board, quiet: bool) -> Self {
        Self { board, screen: Screen::default(), rates: Rates::default(), quiet, afternoon: None }
    }

    /// Draws what is known now.
    pub(super) fn draw(&mut self, console: &mut Console, server: Option<&Server>) -> Snapshot {
        let gauged = server.map_or_else(Gauged::default, gauged);
        let snapshot = {
            let board = self.board.lock();
            self.rates.see(board.calls.offered, gauged.commits);
            board.snapshot(&gauged, &self.rates)
        };
        self.screen.draw(console, self.quiet, &snapshot.frame(), &snapshot.line());
        if self.afternoon.is_none() && snapshot.calls.over * 4 >= u64::from(snapshot.calls_planned) * 3 {
            self.afternoon = Some(snapshot.clone());
        }
        snapshot
    }

    /// Does `work`, and draws ten times a second what has become of it.
    pub(super) async fn watch<T>(
        &mut self,
        console: &mut Console,
        server: &Server,
        work: impl Future<Output = T>,
    ) -> T {
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
