//! How a server comes up: identity, address, log, runtime, fronts, in this order; each step says what failed.

use std::fmt;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dce_engine::Exchange;
use dce_engine::event::Event;
use dce_engine::ids::{LogId, Sequence};
use dce_engine::limits::Limits as EngineLimits;
use dce_persistence::{Agree, LogError, NewLog, OpenOptions, Opened, Recovery, Replayed, Step, open};
use dce_runtime::{Durability, Options, PortOptions, Runtime, SpawnError};
use parking_lot::Mutex;
use tokio::sync::watch;

#[cfg(feature = "rest")]
use super::rest::RestStart;
use super::{Notice, Running, Server};
use crate::config::{Environment, RateLimit, Settings, TracesSettings};
use crate::exit::Exit;
use crate::explain::Explainer;
use crate::fronts::quic::{QuicFront, Tls, TlsError};
#[cfg(feature = "rest")]
use crate::history::HistoryStart;
use crate::hub::{Hub, Phase};
#[cfg(feature = "rest")]
use crate::identity::authority::{Authority, AuthorityError, Opening, Prepared};
use crate::identity::{
    CertificateError, IdentityError, KeyStore, KeyWatch, Keys, ServerIdentity, client_roots, identity_dir, operator_key,
};
use crate::limits::Limits;
#[cfg(feature = "rest")]
use crate::metrics::{Meter, Metrics, Sources};
use crate::registry::Registry;
use crate::tail::{OfferTerms, Tail};
use crate::traces::Traces;
#[cfg(feature = "otel")]
use crate::traces::{CollectorError, Exporter};

/// Work that takes longer than this says how far it is, and again after as long.
const SAY_EVERY: Duration = Duration::from_secs(2);

/// A server before its start.
pub struct ServerBuilder {
    settings: Settings,
    accept_lost_anchor: bool,
    notices: Box<dyn FnMut(Notice)>,
}

/// Why a server did not start. Nothing was lost; what was made stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Keys cannot be read or made.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// There is no certificate, or none that can be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Tokens cannot be made or checked.
    #[cfg(feature = "rest")]
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// Certificate and key do not fit together.
    #[error("{0}")]
    Tls(String),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {cause}; choose another with --listen, or stop who has it")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Plain HTTP where it is not allowed.
    #[error(
        "server.tls is false and {address} is not on loopback: plaintext is for loopback only; leave server.tls out"
    )]
    Plaintext {
        /// The address of the REST front.
        address: SocketAddr,
    },
    /// Certificates where there is no TLS.
    #[error(
        "server.tls is false and server.client_ca is set: no client of REST can show a certificate without TLS; leave one of them out"
    )]
    ClientCa,
    /// The collector of traces cannot be reached as the settings say.
    #[cfg(feature = "otel")]
    #[error(transparent)]
    Collector(#[from] CollectorError),
    /// The log cannot be opened.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The history beside the log cannot be opened. It holds nothing that the log does not.
    #[cfg(feature = "rest")]
    #[error(transparent)]
    History(#[from] dce_history::HistoryError),
    /// The clock, or a processor.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// The system gives no thread.
    #[error("a thread could not be started: {0}; raise the limit of threads")]
    Thread(std::io::Error),
}

impl StartError {
    /// What the process ends with.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            #[cfg(feature = "rest")]
            Self::Authority(AuthorityError::Files(_) | AuthorityError::Store(_)) => Exit::Machine,
            #[cfg(feature = "rest")]
            Self::Authority(_) => Exit::Usage,
            #[cfg(feature = "rest")]
            Self::History(_) => Exit::Machine,
            #[cfg(feature = "otel")]
            Self::Collector(_) => Exit::Usage,
            Self::Certificate(_)
            | Self::Tls(_)
            | Self::Plaintext { .. }
            | Self::ClientCa
            | Self::Spawn(SpawnError::Pin { .. }) => Exit::Usage,
            Self::Listen { .. } => Exit::InUse,
            Self::Log(error) => Exit::of_log(error),
            Self::Spawn(SpawnError::Clock(_)) => Exit::Clock,
            Self::Identity(_) | Self::Spawn(_) | Self::Thread(_) => Exit::Machine,
        }
    }
}

impl ServerBuilder {
    pub(super) fn new() -> Self {
        let settings = Settings::new(Path::new("./dce-data"));
        Self { settings, accept_lost_anchor: false, notices: Box::new(|notice| tracing::info!("{notice}")) }
    }

    /// All settings at once, as a file has them.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Where the log and the identity files lie; `./dce-data` if nothing is said.
    #[must_use]
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.settings.dir = dir.into();
        self
    }

    /// The UDP address to listen on; port 0 for any free one. `127.0.0.1:9443` if nothing is said.
    #[must_use]
    pub const fn listen(mut self, address: SocketAddr) -> Self {
        self.settings.quic.listen = address;
        self
    }

    /// The TCP address of the REST front; port 0 for any free one. Without it there is none; nor where the feature `rest` is
    /// not built.
    #[must_use]
    pub const fn rest(mut self, address: SocketAddr) -> Self {
        self.settings.rest.listen = Some(address);
        self
    }

    /// Who signs clients' certificates (PEM): who shows one of theirs is who the store of identities says, where the feature
    /// `rest` is built.
    #[must_use]
    pub fn client_ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.rest.client_ca = Some(path.into());
        self
    }

    /// How often a principal or an address may ask the REST front; `security.rate_limit`'s defaults if nothing is said.
    #[must_use]
    pub const fn rate_limit(mut self, rate: RateLimit) -> Self {
        self.settings.security.rate_limit = rate;
        self
    }

    /// Where traces go; nowhere if nothing is said, nor where the feature `otel` is not built.
    #[must_use]
    pub fn traces(mut self, traces: TracesSettings) -> Self {
        self.settings.traces = Some(traces);
        self
    }

    /// What an answer promises; `Always` if nothing is said.
    #[must_use]
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.settings.durability = durability;
        self
    }

    /// The capacities of a new log, which an existing one must have; [`EngineLimits::large`] if nothing is said.
    #[must_use]
    pub fn limits(mut self, limits: EngineLimits) -> Self {
        self.settings.exchange.limits = limits;
        let names = dce_persistence::agree::FIELDS.iter().filter(|name| name.starts_with("limits."));
        self.settings.exchange.demanded.extend(names.map(|name| (*name).to_owned()));
        self
    }

    /// Threads of the QUIC front; one if nothing is said.
    #[must_use]
    pub const fn workers(mut self, workers: usize) -> Self {
        self.settings.quic.workers = workers;
        self
    }

    /// Other bounds of the fronts: for tests, and for those who have measured.
    #[must_use]
    pub fn front_limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// An operator's word that a log without its anchor is whole.
    #[must_use]
    pub const fn accept_lost_anchor(mut self, accept: bool) -> Self {
        self.accept_lost_anchor = accept;
        self
    }

    /// Who hears what is worth telling during the start; the process's log if nothing is said.
    #[must_use]
    pub fn notices(mut self, hear: impl FnMut(Notice) + 'static) -> Self {
        self.notices = Box::new(hear);
        self
    }

    /// Starts it: when this returns, clients are served.
    ///
    /// # Errors
    ///
    /// What failed, and what to do.
    pub fn start(mut self) -> Result<Server, StartError> {
        for missing in std::mem::take(&mut self.settings.not_built) {
            (self.notices)(Notice::NotBuilt(missing));
        }
        if let Some(source) = self.settings.security.symmetric_secret.take() {
            (self.notices)(Notice::SymmetricSecret { source });
        }
        let identity_dir = identity_dir(&self.settings.dir);
        let store = KeyStore::open(&identity_dir, self.settings.limits.keys_max)?;
        let (certificate, tls) = self.tls(&identity_dir)?;
        let (operator_key, is_new) = operator_key(&identity_dir, &store)?;
        if is_new {
            (self.notices)(Notice::OperatorKeyMade { path: operator_key.clone() });
        }
        let keys = Keys::load(store)?;
        #[cfg(feature = "rest")]
        let (security, address) = self.issuer();
        #[cfg(feature = "rest")]
        let opening = Opening {
            identity_dir: &identity_dir,
            security: &security,
            environment: self.settings.environment,
            address,
        };
        #[cfg(feature = "rest")]
        let prepared = self.prepare(&opening)?;
        #[cfg(feature = "otel")]
        let (exporter, traces) = self.exporter()?;
        #[cfg(not(feature = "otel"))]
        let traces = Traces::default();
        let sockets = self.bind()?;
        let (registry, mut tail) = (Registry::default(), Tail::new(self.settings.limits.tail_events_max, Sequence(0)));
        #[cfg(feature = "rest")]
        let (rest, mut catalog) = (RestStart::of(&self.settings)?, crate::catalog::Catalog::default());
        #[cfg(feature = "rest")]
        let mut past = rest.as_ref().map(|_| HistoryStart::open(&self.settings.dir)).transpose()?;
        let Opened { exchange, journal, recovery, .. } = self.open_log(&mut |replayed| {
            registry.follow(replayed.events);
            tail.push(replayed.sequence, replayed.at, replayed.events, || offer_terms(replayed));
            #[cfg(feature = "rest")]
            catalog.fold((replayed.sequence, replayed.at), replayed.command, replayed.events);
            #[cfg(feature = "rest")]
            if let Some(past) = &mut past {
                past.fold(replayed);
            }
        })?;
        #[cfg(feature = "rest")]
        if let Some(past) = &mut past {
            past.settle(&exchange, (&journal.reader(), recovery.log), &mut self.notices)?;
        }
        // The log's lock has made the directory ours.
        #[cfg(feature = "rest")]
        let authority = Arc::new(Authority::open(prepared, &opening, Arc::clone(&keys))?);
        let (explainer, explain) =
            Explainer::start(journal.reader(), self.settings.limits.explains_max).map_err(StartError::Thread)?;
        let at = exchange.last_time();
        #[cfg(feature = "rest")]
        let (genesis, reader) = (*exchange.genesis(), journal.reader());
        let runtime = Runtime::spawn(exchange, journal, self.runtime_options(sockets.len()))?;
        let ports = (0..sockets.len()).map(|_| runtime.port(PortOptions { subscribe: true })).collect();
        #[cfg(feature = "rest")]
        let shelf = Arc::new(crate::catalog::Shelf::new(catalog));
        #[cfg(feature = "rest")]
        let model_ports = rest.is_some().then(|| [(); 2].map(|()| runtime.port(PortOptions { subscribe: true })));
        #[cfg(feature = "rest")]
        let look = {
            let authority = Arc::clone(&authority);
            move || authority.refresh_files(crate::clock::seconds())
        };
        #[cfg(not(feature = "rest"))]
        let look = || {};
        let every = self.settings.limits.keys_look_every;
        let watch = KeyWatch::start(Arc::clone(&keys), look, every).map_err(StartError::Thread)?;
        let hub = Arc::new(Hub {
            stream: self.stream_of(&recovery),
            limits: self.settings.limits.clone(),
            handle: runtime.handle(),
            keys,
            #[cfg(feature = "rest")]
            holders: Arc::clone(&authority).into(),
            #[cfg(not(feature = "rest"))]
            holders: crate::identity::Holders::default(),
            registry: Arc::new(registry),
            tail: Mutex::new(tail),
            explainer,
            phase: watch::Sender::new(Phase::Serving),
            traces,
            #[cfg(feature = "rest")]
            shelf,
        });
        #[cfg(feature = "rest")]
        let kept = past.map(|past| past.keep(self.settings.history_retention));
        #[cfg(feature = "rest")]
        let metrics = Metrics::new(Sources {
            handle: runtime.handle(),
            archive: kept.as_ref().map(|(_, archive)| archive.clone()),
            registry: Arc::clone(&hub.registry),
            dir: self.settings.dir.clone(),
            disk_reserve_bytes: self.settings.disk_reserve_bytes,
            currency: String::from_utf8_lossy(&genesis.currency.0).into_owned(),
            started_at: crate::clock::seconds(),
            traces: hub.traces.clone(),
        });
        #[cfg(feature = "rest")]
        let meter = Meter::start(&metrics, runtime.handle(), runtime.port(PortOptions { subscribe: true }))
            .map_err(StartError::Thread)?;
        let quic = QuicFront::start(&hub, &tls, sockets, ports, at).map_err(StartError::Thread)?;
        let address = quic.address();
        (self.notices)(Notice::Listening { address, durability: self.settings.durability });
        #[cfg(feature = "rest")]
        let rest = match rest.zip(model_ports).zip(kept) {
            Some(((rest, ports), kept)) => {
                Some(rest.start(&hub, (&authority, &metrics), &genesis, (reader, ports, kept), &mut self.notices)?)
            }
            None => None,
        };
        let running = Some(Running {
            runtime,
            quic,
            explain,
            keys: watch,
            #[cfg(feature = "otel")]
            exporter,
            #[cfg(feature = "rest")]
            meter,
            #[cfg(feature = "rest")]
            rest,
        });
        Ok(Server {
            hub,
            certificate,
            operator_key,
            address,
            #[cfg(feature = "rest")]
            authority,
            #[cfg(feature = "rest")]
            metrics,
            running,
        })
    }

    fn tls(&mut self, identity_dir: &Path) -> Result<(PathBuf, Tls), StartError> {
        let identity = identity_of(&self.settings, identity_dir)?;
        let path = identity.chain_path.clone();
        if identity.is_new {
            (self.notices)(Notice::CertificateMade { path: path.clone() });
        }
        let clients = self.settings.rest.client_ca.as_deref();
        let clients = clients.filter(|_| cfg!(feature = "rest")).map(client_roots).transpose()?;
        let tls = Tls::new(identity, clients, identity_dir).map_err(|error| match error {
            TlsError::Files(error) => StartError::Identity(error),
            TlsError::Certificate(_) | TlsError::Cipher => StartError::Tls(error.to_string()),
        })?;
        Ok((path, tls))
    }

    /// How tokens are made and taken, and where the REST front is reached.
    #[cfg(feature = "rest")]
    fn issuer(&self) -> (crate::config::SecuritySettings, String) {
        let Settings { rest, security, .. } = &self.settings;
        let scheme = if rest.plaintext { "http" } else { "https" };
        let address = rest.listen.map_or_else(|| "localhost".to_owned(), |listen| listen.to_string());
        (security.clone(), format!("{scheme}://{address}"))
    }

    /// The keys for tokens: before the log is replayed, so that a missing one is said at once.
    #[cfg(feature = "rest")]
    fn prepare(&mut self, opening: &Opening<'_>) -> Result<Prepared, StartError> {
        let prepared = opening.prepare()?;
        if let Some(path) = prepared.made.clone() {
            (self.notices)(Notice::SigningKeyMade { path });
        }
        Ok(prepared)
    }

    /// The thread that sends traces away, if they go anywhere.
    #[cfg(feature = "otel")]
    fn exporter(&mut self) -> Result<(Option<Exporter>, Traces), StartError> {
        let Some(settings) = self.settings.traces.take() else { return Ok((None, Traces::default())) };
        let started = Exporter::start(&settings, self.settings.environment, &self.settings.limits)?;
        let (exporter, traces) = started.map_err(StartError::Thread)?;
        let is_plain = !settings.collector.is_tls && !settings.collector.is_loopback();
        let (collector, sampled_per_million) = (settings.collector.to_string(), settings.sampled_per_million);
        (self.notices)(Notice::Traces { collector, sampled_per_million, is_plain });
        Ok((Some(exporter), traces))
    }

    fn bind(&self) -> Result<Vec<UdpSocket>, StartError> {
        let address = self.settings.quic.listen;
        QuicFront::bind(address, self.settings.quic.workers).map_err(|cause| StartError::Listen { address, cause })
    }

    /// Opens and replays the log; `each` is told every command.
    fn open_log(&mut self, each: &mut dyn FnMut(&Replayed<'_>)) -> Result<Opened, StartError> {
        let Settings { dir, exchange, disk_reserve_bytes, .. } = &self.settings;
        let options = OpenOptions::new(NewLog::new(exchange.limits, exchange.currency))
            .agree(Agree::Named(exchange.demanded.clone()))
            .reserve_bytes(*disk_reserve_bytes)
            .accept_lost_anchor(self.accept_lost_anchor);
        let (started, mut said) = (Instant::now(), Instant::now());
        let notices = &mut self.notices;
        let opened = open(dir, &options, &mut |step| match step {
            Step::Replayed(replayed) => each(&replayed),
            Step::Progress(progress) => {
                if said.elapsed() >= SAY_EVERY {
                    said = Instant::now();
                    notices(Notice::Replaying { done: progress.done, of: progress.of });
                }
            }
        })?;
        let recovery = &opened.recovery;
        if recovery.created {
            notices(Notice::LogCreated { dir: dir.clone(), log: recovery.log });
        } else {
            let (last, commands) = (recovery.last, recovery.commands);
            notices(Notice::Replayed { last, commands, took: started.elapsed() });
        }
        if let Some(cut) = recovery.cut {
            notices(Notice::TornEndCut(cut));
        }
        if recovery.anchor_slot_lost {
            notices(Notice::AnchorSlotLost);
        }
        Ok(opened)
    }

    /// What a client's position belongs to. Where a crash may take back what was acknowledged, sequences may be used
    /// twice, and a position of an earlier run means nothing.
    fn stream_of(&self, recovery: &Recovery) -> LogId {
        match self.settings.durability {
            Durability::Always => recovery.log,
            Durability::Interval(_) | Durability::None => LogId(recovery.log.0 ^ u128::from(recovery.epoch)),
        }
    }

    fn runtime_options(&self, workers: usize) -> Options {
        // The meter follows events as a front does; so do catalog and history.
        let has_rest = cfg!(feature = "rest");
        let models = if has_rest && self.settings.rest.listen.is_some() { 2 } else { 0 };
        let subscribers = workers + usize::from(has_rest) + models;
        Options {
            durability: self.settings.durability,
            pin_writer: self.settings.runtime.pin_writer,
            huge_pages: self.settings.runtime.huge_pages,
            accept_clock: self.settings.runtime.accept_clock,
            ring_bytes: self.settings.limits.ring_bytes_max,
            in_flight_max: self.settings.limits.commands_in_flight_max,
            delivery_events: self.settings.limits.delivery_events_max,
            subscribers,
            ..Options::default()
        }
    }
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ServerBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The server's certificate: the one that was given, or in development one of its own.
pub(super) fn identity_of(settings: &Settings, identity_dir: &Path) -> Result<ServerIdentity, StartError> {
    match (&settings.quic.certificate, settings.environment) {
        (Some(files), _) => Ok(ServerIdentity::from_files(files)?),
        (None, Environment::Development) => Ok(ServerIdentity::development(identity_dir)?),
        (None, Environment::Production) => Err(CertificateError::Missing.into()),
    }
}

/// What the invited of a replayed command have to know of the call.
fn offer_terms(replayed: &Replayed<'_>) -> Option<OfferTerms> {
    let (seller, call) = replayed.events.iter().find_map(|event| match *event {
        Event::BidderInvited { seller, call, .. } => Some((seller, call)),
        _ => None,
    })?;
    let exchange: &Exchange = replayed.exchange;
    let listing = exchange.call(seller, call)?.listing;
    Some(OfferTerms { listing, facts: exchange.call_facts(seller, call)?.collect() })
}
