//! Notices what is changed beside a running server, keys first of all: a thread of its own, because it reads files.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::keys::Keys;

/// The thread that looks at the files of identity.
#[derive(Debug)]
pub(crate) struct KeyWatch {
    /// Closed to end the thread.
    running: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl KeyWatch {
    /// Looks at the keys every so often, and has whoever else has files look at them.
    pub(crate) fn start(keys: Arc<Keys>, others: impl Fn() + Send + 'static, every: Duration) -> std::io::Result<Self> {
        let (running, stopped) = sync_channel(0);
        let watch = move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                if let Err(error) = keys.refresh() {
                    tracing::error!(%error, "the keys could not be read again; those known stay valid");
                }
                others();
            }
        };
        let thread = std::thread::Builder::new().name("dce-keys".to_owned()).spawn(watch)?;
        Ok(Self { running, thread })
    }

    /// Ends the thread.
    pub(crate) fn stop(self) {
        drop(self.running);
        let _ = self.thread.join();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{KeyStore, Role};
    use dce_engine::ids::AccountId;

    #[test]
    fn a_key_is_noticed_and_the_thread_ends_when_told() {
        let dir = tempfile::tempdir().unwrap();
        let store = KeyStore::open(dir.path(), 9).unwrap();
        let keys = Keys::load(store.clone()).unwrap();
        let watch = KeyWatch::start(Arc::clone(&keys), || {}, Duration::from_millis(1)).unwrap();
        let secret = store.create(AccountId(10), Role::Buyer).unwrap();
        while keys.verify(secret.expose().as_bytes()).is_none() {
            std::thread::yield_now();
        }
        watch.stop();
    }
}
