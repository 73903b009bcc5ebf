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

/// The three threads of a runtime, as far as they were started.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    writer: Option<JoinHandle<Option<Exchange>>>,
    journal: Option<JoinHandle<()>>,
    publisher: Option<JoinHandle<()>>,
}

impl Threads {
    /// Starts all of them, or leaves none running.
    pub(crate) fn start<C: Codec, J: Journal>(
        writer: Writer<C>,
        committer: Committer<J>,
        publisher: Publisher,
        pin_writer: Option<usize>,
        shared: &Arc<Shared>,
    ) -> Result<Self, SpawnError> {
        let mut threads = Self::default();
        match threads.start_all(writer, committer, publisher, pin_writer, shared) {
            Ok(()) => Ok(threads),
            Err(error) => {
                shared.fail(lost("dce", &error.to_string()));
                threads.join();
                Err(error)
            }
        }
    }

    fn start_all<C: Codec, J: Journal>(
        &mut self,
        writer: Writer<C>,
        committer: Committer<J>,
        publisher: Publisher,
        pin_writer: Option<usize>,
        shared: &Arc<Shared>,
    ) -> Result<(), SpawnError> {
        let (tell, pinned) = sync_channel(1);
        let run_writer = move || {
            let cause = pin_writer.and_then(|core| host::pin_to(core).err());
            let is_pinned = cause.is_none();
            // Nobody listens any more only when another thread could not be started.
            let _ = tell.send(cause);
            drop(tell);
            if is_pinned { writer.run() } else { None }
        };
        self.writer = Some(thread(WRITER, shared, run_writer).map_err(SpawnError::Thread)?);
        self.journal = Some(thread(JOURNAL, shared, move || committer.run()).map_err(SpawnError::Thread)?);
        self.publisher = Some(thread(PUBLISHER, shared, move || publisher.run()).map_err(SpawnError::Thread)?);
        match (pinned.recv(), pin_writer) {
            (Ok(Some(cause)), Some(core)) => Err(SpawnError::Pin { core, cause }),
            _ => Ok(()),
        }
    }

    /// Waits until all have ended. The exchange comes back unless it is broken.
    pub(crate) fn join(self) -> Option<Exchange> {
        // In the order in which they end. What a thread panicked with is in the failure.
        let exchange = self.writer.and_then(|writer| writer.join().ok().flatten());
        for thread in [self.journal, self.publisher].into_iter().flatten() {
            let _ = thread.join();
        }
        exchange
    }
}

/// Starts a thread whose panic is a failure of the runtime.
fn thread<T: Send + 'static + Default>(
    name: &'static str,
    shared: &Arc<Shared>,
    run: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<JoinHandle<T>> {
    let shared = Arc::clone(shared);
    #[cfg(test)]
    if tests::REFUSED.get() == Some(name) {
        return Err(std::io::ErrorKind::WouldBlock.into());
    }
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::batch::Batch;
    use crate::journal::JournalFault;
    use crate::options::Options;
    use crate::panics::{Plain, exchange};
    use crate::runtime::Runtime;

    thread_local! {
        /// The thread that the system gives to none of this thread's runtimes.
        pub(super) static REFUSED: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    /// A journal of which it is known whether it was closed.
    #[derive(Debug)]
    struct Open(#[expect(dead_code, reason = "counted, not read")] Arc<()>);

    impl Journal for Open {
        type Codec = Plain;
        fn codec(&self) -> Plain {
            Plain
        }
        fn append(&mut self, _: &Batch) -> Result<(), JournalFault> {
            Ok(())
        }
        fn sync(&mut self) -> Result<(), JournalFault> {
            Ok(())
        }
    }

    fn spawn(options: Options) -> (Arc<()>, Result<Runtime, SpawnError>) {
        let token = Arc::new(());
        (Arc::clone(&token), Runtime::spawn(exchange(), Open(token), options))
    }

    #[test]
    fn a_start_that_comes_to_nothing_leaves_no_thread_and_no_open_journal() {
        for name in [WRITER, JOURNAL, PUBLISHER] {
            REFUSED.set(Some(name));
            let (journal, spawned) = spawn(Options::default());
            REFUSED.set(None);
            assert!(matches!(spawned, Err(SpawnError::Thread(_))), "{name}");
            assert_eq!(Arc::strong_count(&journal), 1, "{name}");
        }
        let (journal, spawned) = spawn(Options { pin_writer: Some(1_000), ..Options::default() });
        assert!(matches!(spawned, Err(SpawnError::Pin { core: 1_000, .. })));
        assert_eq!(Arc::strong_count(&journal), 1);
        let (journal, spawned) = spawn(Options::default());
        assert_eq!((spawned.is_ok(), Arc::strong_count(&journal)), (true, 2));
    }
}
