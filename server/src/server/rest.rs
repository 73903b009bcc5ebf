//! How the REST front comes up: its address and TLS before the log is opened, its threads after.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use dce_engine::genesis::Genesis;
use dce_persistence::LogReader;
use dce_runtime::Port;

use super::Notice;
use super::start::{StartError, identity_of};
use crate::catalog::CatalogKeeper;
use crate::config::Settings;
use crate::follow::FollowThread;
use crate::fronts::rest::{App, Beside, RestFront, RestTls, bind, router};
use crate::history::{Archive, HistoryKeeper};
use crate::hub::Hub;
use crate::identity::authority::Authority;
use crate::identity::{client_roots, identity_dir};
use crate::metrics::Metrics;

/// The front before its start: the address is taken.
pub(super) struct RestStart {
    listener: TcpListener,
    tls: Option<RestTls>,
    identity_dir: PathBuf,
    workers: usize,
}

/// The front and what it reads from.
#[derive(Debug)]
pub(super) struct RestRunning {
    pub(super) front: RestFront,
    pub(super) catalog: FollowThread,
    pub(super) history: FollowThread,
}

impl RestStart {
    /// Takes the address, if there is to be a front.
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>, StartError> {
        let Some(address) = settings.rest.listen else { return Ok(None) };
        let identity_dir = identity_dir(&settings.dir);
        let tls = if settings.rest.plaintext {
            if !address.ip().to_canonical().is_loopback() {
                return Err(StartError::Plaintext { address });
            }
            if settings.rest.client_ca.is_some() {
                return Err(StartError::ClientCa);
            }
            None
        } else {
            let clients = settings.rest.client_ca.as_deref().map(client_roots).transpose()?;
            let tls = RestTls::new(identity_of(settings, &identity_dir)?, clients);
            Some(tls.map_err(|error| StartError::Tls(error.to_string()))?)
        };
        let listener = bind(address).map_err(|cause| StartError::Listen { address, cause })?;
        Ok(Some(Self { listener, tls, identity_dir, workers: settings.rest.workers }))
    }

    /// Starts the threads of catalog and history, and the front's.
    pub(super) fn start(
        self,
        hub: &Arc<Hub>,
        looked_after: (&Arc<Authority>, &Arc<Metrics>),
        genesis: &Genesis,
        (reader, ports, (keeper, archive)): (LogReader, [Port; 2], (HistoryKeeper, Archive)),
        notices: &mut dyn FnMut(Notice),
    ) -> Result<RestRunning, StartError> {
        let [catalog_port, history_port] = ports;
        let catalog = FollowThread::start(
            CatalogKeeper::new(Arc::clone(&hub.shelf)),
            reader.clone(),
            catalog_port,
            hub.traces.clone(),
        );
        let history = FollowThread::start(keeper, reader, history_port, hub.traces.clone());
        let (catalog, history) = (catalog.map_err(StartError::Thread)?, history.map_err(StartError::Thread)?);
        let (authority, metrics) = looked_after;
        let beside = Beside { authority, metrics, archive };
        let (router, _) = router(App::new(hub, beside, genesis, &self.identity_dir)?);
        let has_tls = self.tls.is_some();
        let front = RestFront::start(Arc::clone(hub), router, self.tls, self.listener, self.workers);
        let front = front.map_err(StartError::Thread)?;
        notices(Notice::ListeningRest { address: front.address(), has_tls });
        Ok(RestRunning { front, catalog, history })
    }
}

impl RestRunning {
    /// Whether a thread has ended that it cannot do without. Without the history there is less to read, and that is all.
    pub(super) fn has_ended(&self) -> bool {
        self.front.has_ended() || self.catalog.has_ended()
    }
}
