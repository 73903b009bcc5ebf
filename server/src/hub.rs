//! What all fronts share: the runtime's handle, keys, who is connected, the recent events, and the word that it is time
//! to stop.

use std::sync::Arc;

use dce_engine::ids::LogId;
use dce_runtime::Handle;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::explain::Explainer;
use crate::identity::{Holders, Keys};
use crate::limits::Limits;
use crate::registry::Registry;
use crate::tail::Tail;
use crate::traces::Traces;

/// Shared by all fronts and all their workers.
#[derive(Debug)]
pub(crate) struct Hub {
    /// What positions belong to: the log where nothing acknowledged is ever lost, else this run of it.
    pub(crate) stream: LogId,
    pub(crate) limits: Limits,
    pub(crate) handle: Handle,
    pub(crate) keys: Arc<Keys>,
    pub(crate) holders: Holders,
    pub(crate) registry: Arc<Registry>,
    pub(crate) tail: Mutex<Tail>,
    pub(crate) explainer: Explainer,
    pub(crate) phase: watch::Sender<Phase>,
    /// Where spans go, if anywhere.
    pub(crate) traces: Traces,
    /// What is listed and not in the views.
    #[cfg(feature = "rest")]
    pub(crate) shelf: Arc<crate::catalog::Shelf>,
}

#[cfg(feature = "rest")]
impl Hub {
    /// Resolves when the server is about to stop.
    pub(crate) async fn draining(&self) {
        let mut phase = self.phase.subscribe();
        // Without anybody who could say it the server is gone already.
        let _ = phase.wait_for(|phase| *phase == Phase::Draining).await.is_ok();
    }
}

/// How far the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Connections and commands are taken.
    Serving,
    /// No more; what was taken is answered.
    Draining,
}
