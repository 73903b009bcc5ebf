//! The threads of a runtime: how they are started, and what a panic on one of them means.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;

use dce_engine::Exchange;

use crate::bell::host;
use crate::codec::Codec;
use crate::committer::Committer;
use crate::journal::Journal;
use crate::judge::message_of;
use crate::publisher::Publisher;
use crate::runtime::SpawnError;
use crate::shared::{Failure, Shared};
use crate::writer::Writer;

pub(crate) const WRITER: &str = "dce-writer";
const JOURNAL: &str = "dce-journal";
pub(crate) const PUBLISHER: &str = "dce-publish";

/// The three threads of a runtime.
#[derive(Debug)]
pub(crate) struct Threads {
    pub(crate) writer: JoinHandle<Option<Exchange>>,
    pub(crate) journal: JoinHandle<()>,
    pub(crate) publisher: JoinHandle<()>,
}

impl Threads {
    pub(crate) fn start<C: Codec, J: Journal>(
        writer: Writer<C>,
        committer: Committer<J>,
        publisher: Publisher,
        pin_writer: Option<usize>,
        shared: &Arc<Shared>,
    ) -> Result<Self, SpawnError> {
        let (tell, pinned) = sync_channel(1);
        let run_writer = move || {
            let cause = pin_writer.and_then(|core| host::pin_to(core).err());
            let is_pinned = cause.is_none();
            // Nobody listens any more only when the spawn has failed.
            let _ = tell.send(cause);
            drop(tell);
            if is_pinned { writer.run() } else { None }
        };
        let writer = thread(WRITER, shared, run_writer).map_err(SpawnError::Thread)?;
        let journal = thread(JOURNAL, shared, move || committer.run()).map_err(SpawnError::Thread)?;
        let publisher = thread(PUBLISHER, shared, move || publisher.run()).map_err(SpawnError::Thread)?;
        if let (Ok(Some(cause)), Some(core)) = (pinned.recv(), pin_writer) {
            return Err(SpawnError::Pin { core, cause });
        }
        Ok(Self { writer, journal, publisher })
    }
}

/// Starts a thread whose panic is a failure of the runtime.
fn thread<T: Send + 'static + Default>(
    name: &'static str,
    shared: &Arc<Shared>,
    run: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<JoinHandle<T>> {
    let shared = Arc::clone(shared);
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        host::wake_on_time();
        let ended = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            fail(&shared, name, panic.as_ref());
            T::default()
        });
        shared.thread_ended();
        ended
    })
}

/// A thread panicked: the runtime ends.
pub(crate) fn fail(shared: &Shared, thread: &'static str, panic: &(dyn Any + Send)) {
    let message = message_of(panic);
    tracing::error!(thread, message, "a thread of the runtime panicked");
    shared.fail(Failure::Thread { thread, message });
}

/// A failure of a thread that did not panic.
pub(crate) fn lost(thread: &'static str, message: &str) -> Failure {
    Failure::Thread { thread, message: message.to_owned() }
}
