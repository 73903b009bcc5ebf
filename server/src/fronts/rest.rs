//! The front over HTTP: resources under `/api/v1`, JSON both ways, described by an OpenAPI document made from this code.
//!
//! ```text
//!  TLS ─► listener ─► router ─► asker: key → principal, role × route
//!                                 └─► resource: JSON → command ─► door ─► handle ─► writer, journal
//!                                        ▲                                             │ answer, events
//!                                        └── views, catalog, tail ◄── publisher ◄──────┘
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `listener`, `router`, `openapi` | connections and their bounds; routes; the document |
//! | `asker`, `body` | who asks and whether it may; what was sent. Refusals are `crate::http`'s |
//! | `door`, `sessions` | commands on their way; stamps, and what an `Idempotency-Key` is to them |
//! | `reads`, `past` | views and catalog at a sequence; the history; pages |
//! | `amount`, `id`, `moment`, `caller`, `facts` | money, names, times, callers and facts as people write them |
//! | `resources/` | one file a resource |

mod amount;
mod asker;
mod body;
mod caller;
mod door;
mod etag;
mod facts;
mod first_bytes;
mod id;
mod listener;
mod moment;
mod openapi;
mod past;
mod reads;
mod resources;
mod router;
mod sessions;
mod told;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use dce_engine::genesis::Genesis;
use ring::hmac;

pub(crate) use listener::{RestFront, RestTls};
pub(crate) use router::router;

use crate::history::Archive;
use crate::http::problem;
use crate::hub::Hub;
use crate::identity::authority::Authority;
use crate::identity::{IdentityError, caller_key};
use crate::metrics::Metrics;
use etag::CONDITION_LOCKS;
use resources::explain::Explains;
use sessions::Sessions;

/// What the front stands beside.
pub(crate) struct Beside<'a> {
    pub(crate) authority: &'a Arc<Authority>,
    pub(crate) metrics: &'a Arc<Metrics>,
    pub(crate) archive: Archive,
}

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

struct Inner {
    hub: Arc<Hub>,
    archive: Archive,
    authority: Arc<Authority>,
    metrics: Arc<Metrics>,
    currency: String,
    verticals_max: u16,
    caller_key: hmac::Key,
    sessions: Sessions,
    /// Held while a condition is compared and its command is on its way, by account: two cannot both win.
    conditions: [tokio::sync::Mutex<()>; CONDITION_LOCKS],
    explains: Explains,
    /// The last place of the log that was answered by this front.
    answered: AtomicU64,
}

impl App {
    /// The shared part, with the installation's key for callers under `identity_dir`.
    pub(crate) fn new(
        hub: &Arc<Hub>,
        Beside { authority, metrics, archive }: Beside<'_>,
        genesis: &Genesis,
        identity_dir: &Path,
    ) -> Result<Self, IdentityError> {
        Ok(Self(Arc::new(Inner {
            archive,
            authority: Arc::clone(authority),
            metrics: Arc::clone(metrics),
            sessions: Sessions::new(&hub.limits),
            explains: Explains::new(hub.limits.explains_max),
            hub: Arc::clone(hub),
            currency: String::from_utf8_lossy(&genesis.currency.0).into_owned(),
            verticals_max: genesis.limits.verticals_max,
            caller_key: hmac::Key::new(hmac::HMAC_SHA256, &caller_key(identity_dir)?),
            conditions: std::array::from_fn(|_| tokio::sync::Mutex::default()),
            answered: AtomicU64::new(0),
        })))
    }

    fn hub(&self) -> &Hub {
        &self.0.hub
    }

    fn authority(&self) -> &Arc<Authority> {
        &self.0.authority
    }

    fn currency(&self) -> String {
        self.0.currency.clone()
    }
}

/// Takes the address.
///
/// # Errors
///
/// When it is in use, or not of this host.
pub(crate) fn bind(listen: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(listen)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
