//! The history as a server keeps it: opened before the log is told, written by a thread that follows the log, read by the
//! REST front.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dce_engine::Exchange;
use dce_engine::commands::Command;
use dce_engine::event::Event;
use dce_engine::ids::{LogId, Sequence};
use dce_engine::units::Timestamp;
use dce_history::{History, HistoryError, Recorder};
use dce_persistence::{LogReader, Replayed, Step};
use tokio::sync::watch;

use crate::follow::Projection;
use crate::server::{Notice, StartError};

/// The folder beside the log.
const FOLDER: &str = "history";
/// How late the history may be while nothing is in its way: what happens meanwhile is written in one batch, in which each
/// bundle and each account is written once. See `docs/decisions/0037-history.md`.
const GATHERS: Duration = Duration::from_millis(10);
/// How often old rows are looked for, and how many are let go of at a time.
const LET_GO_EVERY: Duration = Duration::from_secs(60);
const LET_GO_MOST: usize = 256;

/// The history as fronts share it.
#[derive(Clone, Debug)]
pub(crate) struct Archive {
    pub(crate) history: History,
    shown: Arc<watch::Sender<Sequence>>,
    /// Nobody writes it any more.
    still: Arc<AtomicBool>,
}

/// Writes the history, and says how far it is.
pub(crate) struct HistoryKeeper {
    recorder: Recorder,
    archive: Archive,
    retention: Duration,
    let_go_at: Instant,
}

/// The history while a server starts: told the log as that is replayed.
pub(crate) struct HistoryStart {
    history: History,
    recorder: Recorder,
    told: Result<(), HistoryError>,
}

impl HistoryStart {
    /// Opens the history beside a log, or makes an empty one.
    pub(crate) fn open(dir: &Path) -> Result<Self, HistoryError> {
        let (history, recorder) = dce_history::open(&dir.join(FOLDER))?;
        Ok(Self { history, recorder, told: Ok(()) })
    }

    /// Takes in a replayed command.
    pub(crate) fn fold(&mut self, replayed: &Replayed<'_>) {
        if self.told.is_ok() {
            self.told = self.recorder.fold((replayed.sequence, replayed.at), replayed.command, replayed.events);
        }
    }

    /// The log was told to its end: what is not this log's history, or has another balance than the exchange, is made anew.
    pub(crate) fn settle(
        &mut self,
        exchange: &Exchange,
        log: (&LogReader, LogId),
        notices: &mut dyn FnMut(Notice),
    ) -> Result<(), StartError> {
        std::mem::replace(&mut self.told, Ok(()))?;
        let (reader, id) = log;
        if self.recorder.settle(id, exchange.sequence())? && self.recorder.agrees_with(exchange)? {
            return Ok(());
        }
        notices(Notice::HistoryMadeAnew);
        self.recorder.clear()?;
        reader.replay(None, &mut |step| {
            if let Step::Replayed(replayed) = step {
                self.fold(&replayed);
            }
            if self.told.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        std::mem::replace(&mut self.told, Ok(()))?;
        self.recorder.settle(id, exchange.sequence())?;
        Ok(())
    }

    /// Who writes it from now on, and who reads it.
    pub(crate) fn keep(self, retention: Duration) -> (HistoryKeeper, Archive) {
        HistoryKeeper::new(self.history, self.recorder, retention)
    }
}

impl Archive {
    /// Whether it shows nothing new any more: the log of the process says why.
    pub(crate) fn stands_still(&self) -> bool {
        self.still.load(Ordering::Acquire)
    }

    /// Waits until this place is shown, at most so long. Returns whether it is.
    pub(crate) async fn reach(&self, sequence: Sequence, wait_max: Duration) -> bool {
        let mut shown = self.shown.subscribe();
        let reached = shown.wait_for(|shown| *shown >= sequence);
        tokio::time::timeout(wait_max, reached).await.is_ok_and(|reached| reached.is_ok())
    }
}

impl HistoryKeeper {
    /// Keeps what was opened, and was told the log up to its end.
    fn new(history: History, recorder: Recorder, retention: Duration) -> (Self, Archive) {
        let shown = Arc::new(watch::Sender::new(history.shown()));
        let archive = Archive { history, shown, still: Arc::default() };
        // Old rows are looked for at once.
        let keeper = Self { recorder, archive: archive.clone(), retention, let_go_at: Instant::now() };
        (keeper, archive)
    }
}

impl Drop for HistoryKeeper {
    fn drop(&mut self) {
        self.archive.still.store(true, Ordering::Release);
    }
}

impl Projection for HistoryKeeper {
    const THREAD: &'static str = "dce-history";
    const SPAN: &'static str = "history fold";
    const STILL: &'static str = "history, statements and counts stand still";
    const GATHERS: Duration = GATHERS;

    fn reached(&self) -> Sequence {
        self.recorder.position()
    }

    fn fold(&mut self, place: (Sequence, Timestamp), command: &Command<'_>, events: &[Event]) -> Result<(), String> {
        self.recorder.fold(place, command, events).map_err(|error| error.to_string())
    }

    fn show(&mut self) -> Result<(), String> {
        self.recorder.commit().map_err(|error| error.to_string())?;
        self.archive.shown.send_replace(self.archive.history.shown());
        Ok(())
    }

    fn look_after(&mut self) -> Result<(), String> {
        self.recorder.sync_if_due().map_err(|error| error.to_string())?;
        if Instant::now() < self.let_go_at {
            return Ok(());
        }
        let now = Duration::from_secs(crate::clock::seconds());
        let before = now.saturating_sub(self.retention).as_secs();
        let is_more = self.recorder.let_go(Timestamp::from_seconds(before), LET_GO_MOST);
        // What is left comes at the next turn, so that what happens meanwhile is folded.
        if !is_more.map_err(|error| error.to_string())? {
            self.let_go_at = Instant::now() + LET_GO_EVERY;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        self.recorder.commit().and_then(|()| self.recorder.sync()).map_err(|error| error.to_string())
    }
}
