//! One connection: its handshake, its streams, its end.

use std::cell::Cell;
use std::rc::Rc;

use dce_protocol::Fault;
use quinn::{Connecting, Connection, VarInt};
use rustls::pki_types::CertificateDer;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

use super::stream::serve;
use super::worker::Worker;
use crate::hub::Phase;
use crate::identity::Fingerprint;
use crate::registry::{ConnectionPermit, HandshakePermit};

/// How a connection behaves: its streams now, and hellos of it that failed.
#[derive(Debug, Default)]
struct Manners {
    streams: Cell<u32>,
    hellos_failed: Cell<u32>,
    changed: Notify,
}

impl Manners {
    fn stream_began(&self) {
        self.streams.set(self.streams.get() + 1);
    }

    fn stream_ended(&self, hello_at_fault: bool) {
        self.streams.set(self.streams.get() - 1);
        self.hellos_failed.set(self.hellos_failed.get() + u32::from(hello_at_fault));
        self.changed.notify_waiters();
    }
}

/// Serves a connection from its handshake to its end. The permits count it for as long.
pub(super) async fn connect(
    worker: Rc<Worker>,
    connecting: Connecting,
    handshake: HandshakePermit,
    _connection: ConnectionPermit,
) {
    let limits = &worker.hub.limits;
    let connected = timeout(limits.handshake_time_max, connecting).await;
    drop(handshake);
    let Ok(Ok(connection)) = connected else {
        tracing::debug!("a handshake failed or took too long");
        return;
    };
    let fault = attend(&worker, &connection).await;
    if let Some(fault) = fault {
        connection.close(VarInt::from_u32(fault.code().into()), fault.text().as_bytes());
    }
}

/// Takes streams until the connection ends, or has to; then the fault says why.
async fn attend(worker: &Rc<Worker>, connection: &Connection) -> Option<Fault> {
    let limits = &worker.hub.limits;
    let manners = Rc::new(Manners::default());
    let shown = shown(connection);
    let mut phase = worker.hub.phase.subscribe();
    let mut idle_since = Instant::now();
    loop {
        if manners.hellos_failed.get() >= limits.hellos_failed_max {
            return Some(Fault::KeyUnknown);
        }
        let is_idle = manners.streams.get() == 0;
        let idle_until = idle_since + limits.hello_time_max;
        tokio::select! {
            stream = connection.accept_bi() => {
                let Ok((send, receive)) = stream else { return None };
                manners.stream_began();
                let (worker, manners) = (Rc::clone(worker), Rc::clone(&manners));
                tokio::task::spawn_local(async move {
                    let hello_at_fault = serve(worker, send, receive, shown).await;
                    manners.stream_ended(hello_at_fault);
                });
            }
            () = manners.changed.notified() => idle_since = Instant::now(),
            () = tokio::time::sleep_until(idle_until), if is_idle => return Some(Fault::HelloTimeout),
            _ = phase.wait_for(|phase| *phase == Phase::Draining) => break,
        }
    }
    let until_drained = async {
        while manners.streams.get() > 0 {
            manners.changed.notified().await;
        }
    };
    tokio::select! {
        () = until_drained => {}
        () = sleep(limits.drain_max) => {}
    }
    Some(Fault::ServerStopping)
}

/// The certificate that the client showed, if it did. TLS has judged it.
fn shown(connection: &Connection) -> Option<Fingerprint> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    chain.first().map(|certificate| Fingerprint::of(certificate))
}
