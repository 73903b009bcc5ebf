//! The front over QUIC: one long-lived stream a session, frames both ways, batched.
//!
//! ```text
//!  datagrams ─► endpoint ─► connection ─► stream: inbound ─► requests ─► commands ─► port ─► writer, journal
//!                                            │  hello           └──────► query: views, background replay
//!                                            ▼                                            │
//!  datagrams ◄─ QUIC ◄─── outbox ◄──────── session ◄── events, answers ◄── worker's round ◄┘ publisher
//! ```
//!
//! Each worker is one thread with a runtime of its own, its own socket and its own port to the exchange; what it knows of
//! its sessions is shared with nobody. Between workers only the [`Hub`] is shared. Nothing in here queues without a
//! bound: the numbers are in `limits.rs`.

mod commands;
mod connection;
mod endpoint;
mod events;
mod hello;
mod outbox;
mod permit;
mod proof;
mod query;
mod requests;
mod session;
mod stream;
mod sweep;
mod tls;
mod worker;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;

use dce_engine::units::Timestamp;
use dce_runtime::Port;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

#[cfg(feature = "rest")]
pub(crate) use query::is_own_affair;
pub(crate) use tls::{Tls, TlsError};

use crate::hub::Hub;
use worker::Worker;

/// The running front.
#[derive(Debug)]
pub(crate) struct QuicFront {
    workers: Vec<JoinHandle<()>>,
    address: SocketAddr,
}

impl QuicFront {
    /// Binds one socket for each of `ports`. They share the address where there are several.
    ///
    /// # Errors
    ///
    /// When the address is in use, or not of this host.
    pub(crate) fn bind(listen: SocketAddr, workers: usize) -> io::Result<Vec<UdpSocket>> {
        endpoint::bind(listen, workers)
    }

    /// Starts a thread for each port, with a socket each.
    ///
    /// # Errors
    ///
    /// When the system refuses threads.
    pub(crate) fn start(
        hub: &Arc<Hub>,
        tls: &Tls,
        sockets: Vec<UdpSocket>,
        ports: Vec<Port>,
        at: Timestamp,
    ) -> io::Result<Self> {
        let address = sockets.first().map_or_else(|| Err(io::ErrorKind::InvalidInput.into()), UdpSocket::local_addr)?;
        let mut workers = Vec::new();
        for (place, (socket, port)) in sockets.into_iter().zip(ports).enumerate() {
            let (hub, tls) = (Arc::clone(hub), tls.clone());
            let work = move || {
                if let Err(error) = run(hub, &tls, socket, port, at, place == 0) {
                    tracing::error!(%error, "a front thread ended");
                }
            };
            workers.push(std::thread::Builder::new().name(format!("dce-quic-{place}")).spawn(work)?);
        }
        Ok(Self { workers, address })
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether a worker has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.workers.iter().any(JoinHandle::is_finished)
    }

    /// Waits until every worker has drained. The hub must have been told.
    pub(crate) fn join(self) {
        for worker in self.workers {
            let _ = worker.join();
        }
    }
}

/// One worker, from its first datagram to its last.
fn run(hub: Arc<Hub>, tls: &Tls, socket: UdpSocket, port: Port, at: Timestamp, is_first: bool) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let tasks = LocalSet::new();
    tasks.block_on(&runtime, async {
        let endpoint = endpoint::open(tls, &hub.limits, socket)?;
        let worker = Worker::new(hub, port, at, is_first);
        tokio::task::spawn_local(sweep::sweep(Rc::clone(&worker)));
        let pump = tokio::task::spawn_local(Rc::clone(&worker).pump());
        endpoint::serve(&worker, endpoint, pump).await;
        Ok(())
    })
}
