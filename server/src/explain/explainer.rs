//! The background of a running server in which logs are replayed to explain: one thread, low priority, bounded queue.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use dce_engine::explain::Explanation;
use dce_engine::ids::{AccountId, CallId, ProfileId, Sequence};
use dce_persistence::{LogReader, Step};
use hashbrown::HashSet;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::decisions_of;

/// How nice the thread is to all others, on the system's scale of -20 to 19.
const NICENESS: i32 = 10;

/// The way to the thread that explains.
#[derive(Debug)]
pub(crate) struct Explainer {
    queue: SyncSender<Option<Job>>,
    asking: Arc<Mutex<HashSet<AccountId>>>,
}

/// The thread that explains. It ends when it is told to.
#[derive(Debug)]
pub(crate) struct ExplainThread {
    queue: SyncSender<Option<Job>>,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// A question about one decided call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// Who asks: one question of an account at a time.
    pub(crate) by: AccountId,
    pub(crate) seller: AccountId,
    pub(crate) call: CallId,
    /// The one buyer whose profiles are to be told of.
    pub(crate) buyer: Option<AccountId>,
    /// The one profile.
    pub(crate) profile: Option<ProfileId>,
    /// The last command that decided the call, where that is known: nothing beyond it is read.
    pub(crate) until: Option<Sequence>,
}

/// The last decision of the call, and what the rules say of the candidates asked about.
#[derive(Debug)]
pub(crate) struct Why {
    pub(crate) sequence: Sequence,
    pub(crate) verdicts: Vec<Explanation>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhyNot {
    /// As many questions wait as may.
    Busy,
    /// No decision about this call is in the log.
    Unknown,
    /// The log could not be read. The server's log says why.
    Failed,
}

#[derive(Debug)]
struct Job {
    asked: Asked,
    /// Makes room for the account's next question.
    turn: Turn,
    answer: oneshot::Sender<Result<Why, WhyNot>>,
}

impl Explainer {
    /// Starts the thread, for at most `waiting_max` questions at a time besides the one it works on.
    pub(crate) fn start(reader: LogReader, waiting_max: usize) -> std::io::Result<(Self, ExplainThread)> {
        let (queue, jobs) = sync_channel(waiting_max);
        let stopping = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stopping);
        let thread =
            std::thread::Builder::new().name("dce-explain".to_owned()).spawn(move || work(&jobs, &reader, &told))?;
        Ok((Self { queue: queue.clone(), asking: Arc::default() }, ExplainThread { queue, stopping, thread }))
    }

    /// Puts a question. The answer takes as long as the log is long.
    pub(crate) fn ask(&self, asked: Asked) -> Result<oneshot::Receiver<Result<Why, WhyNot>>, WhyNot> {
        if !self.asking.lock().insert(asked.by) {
            return Err(WhyNot::Busy);
        }
        let turn = Turn { by: asked.by, asking: Arc::clone(&self.asking) };
        let (answer, receiver) = oneshot::channel();
        match self.queue.try_send(Some(Job { asked, answer, turn })) {
            Ok(()) => Ok(receiver),
            Err(TrySendError::Full(_)) => Err(WhyNot::Busy),
            Err(TrySendError::Disconnected(_)) => Err(WhyNot::Failed),
        }
    }
}

/// An account's question, from its asking to its answer.
#[derive(Debug)]
struct Turn {
    by: AccountId,
    asking: Arc<Mutex<HashSet<AccountId>>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.asking.lock().remove(&self.by);
    }
}

impl ExplainThread {
    /// Ends the thread, unanswered questions or not.
    pub(crate) fn stop(self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Those that wait are passed over now, so there is room at once.
        let _ = self.queue.send(None);
        let _ = self.thread.join();
    }
}

fn work(jobs: &Receiver<Option<Job>>, reader: &LogReader, stopping: &AtomicBool) {
    // On Linux the priority is the calling thread's own. Without it explanations are merely less polite.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    while let Ok(Some(Job { asked, answer, turn })) = jobs.recv() {
        let gave_up = || stopping.load(Ordering::Relaxed) || answer.is_closed();
        let found = if gave_up() { Err(WhyNot::Failed) } else { explain(reader, &asked, &gave_up) };
        // Whoever hears the answer may ask again.
        drop(turn);
        let _ = answer.send(found);
    }
}

fn explain(reader: &LogReader, asked: &Asked, gave_up: &dyn Fn() -> bool) -> Result<Why, WhyNot> {
    let mut why = None;
    let replay = |each: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>| {
        reader.replay(asked.until, &mut |step| if gave_up() { ControlFlow::Break(()) } else { each(step) })
    };
    let walked = decisions_of(replay, Some(asked.seller), asked.call, &mut |decided| {
        let mut verdicts = Vec::new();
        let told = decided.verdicts(&mut |said| {
            let buyer = asked.buyer.is_none_or(|buyer| buyer == said.buyer);
            if buyer && asked.profile.is_none_or(|profile| profile == said.profile) {
                verdicts.push(*said);
            }
        });
        if told.is_ok() {
            why = Some(Why { sequence: decided.sequence, verdicts });
        }
    });
    match walked {
        Ok(_) => why.ok_or(WhyNot::Unknown),
        Err(error) => {
            tracing::error!(%error, "a call could not be explained: the log could not be replayed");
            Err(WhyNot::Failed)
        }
    }
}
