//! A server: the log opened, the exchange on its threads, the fronts before it. Embedding level four.

mod notice;
#[cfg(feature = "rest")]
mod rest;
mod start;

pub use notice::Notice;
pub use start::{ServerBuilder, StartError};

#[cfg(feature = "otel")]
pub use crate::traces::CollectorError;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dce_engine::ids::AccountId;
use dce_runtime::{Failure, Gauges, Handle, Runtime, Stopped};

use crate::explain::ExplainThread;
use crate::fronts::quic::QuicFront;
use crate::hub::{Hub, Phase};
use crate::identity::{IdentityError, KeyWatch, Role, Scopes, Secret};

/// A running server. Dropping it stops it in order.
#[derive(Debug)]
pub struct Server {
    hub: Arc<Hub>,
    certificate: PathBuf,
    operator_key: PathBuf,
    address: SocketAddr,
    #[cfg(feature = "rest")]
    authority: Arc<crate::identity::authority::Authority>,
    #[cfg(feature = "rest")]
    metrics: Arc<crate::metrics::Metrics>,
    running: Option<Running>,
}

/// What runs.
#[derive(Debug)]
struct Running {
    runtime: Runtime,
    quic: QuicFront,
    explain: ExplainThread,
    keys: KeyWatch,
    #[cfg(feature = "otel")]
    exporter: Option<crate::traces::Exporter>,
    #[cfg(feature = "rest")]
    meter: crate::metrics::Meter,
    #[cfg(feature = "rest")]
    rest: Option<rest::RestRunning>,
}

/// Why a server did not end in order. What was acknowledged is in the log all the same.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// The exchange had ended by itself.
    #[error("the exchange ended by itself: {0}")]
    Exchange(#[from] Failure),
    /// A thread of a front had ended by itself.
    #[error("a front's thread ended by itself; the log above says why, please report it, and start again")]
    Front,
}

impl Server {
    /// A server with the default settings, to be changed before its start.
    #[must_use]
    pub fn builder() -> ServerBuilder {
        ServerBuilder::new()
    }

    /// Where the QUIC front listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the REST front listens, if there is one.
    #[cfg(feature = "rest")]
    #[must_use]
    pub fn rest_address(&self) -> Option<SocketAddr> {
        self.running.as_ref()?.rest.as_ref().map(|rest| rest.front.address())
    }

    /// The certificate that clients are to trust, as a PEM file.
    #[must_use]
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// The file of the operator's first key, made on the first start. It holds a secret.
    #[must_use]
    pub fn operator_key(&self) -> &Path {
        &self.operator_key
    }

    /// Makes an API key, as `dce key create` does. It is valid at once.
    ///
    /// # Errors
    ///
    /// When the file of keys cannot be written, or is full.
    pub fn create_key(&self, account: AccountId, role: Role) -> Result<Secret, IdentityError> {
        self.create_scoped_key(account, role, Scopes::ALL)
    }

    /// Makes an API key that is good for some of what its role may, as `dce key create --scope` does.
    ///
    /// # Errors
    ///
    /// As [`create_key`](Self::create_key).
    pub fn create_scoped_key(&self, account: AccountId, role: Role, scopes: Scopes) -> Result<Secret, IdentityError> {
        let secret = self.hub.keys.store().create_scoped(account, role, scopes)?;
        self.hub.keys.refresh()?;
        Ok(secret)
    }

    /// Who is who: to register people and make clients from this program, and to mount its routes elsewhere.
    #[cfg(feature = "rest")]
    #[must_use]
    pub fn authority(&self) -> Arc<crate::identity::authority::Authority> {
        Arc::clone(&self.authority)
    }

    /// What it is doing, for Prometheus.
    #[cfg(feature = "rest")]
    #[must_use]
    pub fn metrics(&self) -> Arc<crate::metrics::Metrics> {
        Arc::clone(&self.metrics)
    }

    /// A way in from this process: commands and views, without a network.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.hub.handle.clone()
    }

    /// What the runtime is doing.
    #[must_use]
    pub fn gauges(&self) -> &Gauges {
        self.hub.handle.gauges()
    }

    /// Connections now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.hub.registry.connections()
    }

    /// Whether it has ended by itself: [`stop`](Self::stop) says why.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        let front_ended = self.running.as_ref().is_some_and(Running::front_ended);
        front_ended || self.hub.handle.failure().is_some() || self.hub.handle.has_ended()
    }

    /// Takes nothing more, answers what was taken, makes it durable, and ends.
    ///
    /// # Errors
    ///
    /// When it had ended by itself before.
    pub fn stop(mut self) -> Result<Stopped, StopError> {
        let running = self.running.take().expect("Invariant: it runs until it is stopped, and is stopped once");
        running.stop(&self.hub)
    }
}

impl Running {
    /// Whether a thread of a front has ended by itself.
    fn front_ended(&self) -> bool {
        #[cfg(feature = "rest")]
        if self.rest.as_ref().is_some_and(rest::RestRunning::has_ended) {
            return true;
        }
        self.quic.has_ended()
    }

    fn stop(self, hub: &Hub) -> Result<Stopped, StopError> {
        let front_ended = self.front_ended() && hub.handle.failure().is_none();
        hub.phase.send_replace(Phase::Draining);
        self.quic.join();
        #[cfg(feature = "rest")]
        let models = self.rest.map(|rest| {
            rest.front.join();
            [rest.catalog, rest.history]
        });
        // The readers of the log go before it is said to have ended, so that whoever opens it next finds it free.
        self.explain.stop();
        self.keys.stop();
        let stopped = self.runtime.shutdown();
        #[cfg(feature = "rest")]
        self.meter.join();
        #[cfg(feature = "rest")]
        for model in models.into_iter().flatten() {
            // They end with the runtime.
            model.join();
        }
        // Last, so that it has what the others said.
        #[cfg(feature = "otel")]
        if let Some(exporter) = self.exporter {
            exporter.stop();
        }
        let stopped = stopped?;
        if front_ended { Err(StopError::Front) } else { Ok(stopped) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = self.running.take()
            && let Err(error) = running.stop(&self.hub)
        {
            tracing::error!(%error, "the server had ended by itself");
        }
    }
}
