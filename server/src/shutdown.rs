//! Signals: the first one asks for an orderly stop, the second one ends the process at once.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use crate::exit::Exit;
use crate::server::Server;

/// How often the server itself is looked at while no signal comes.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// SIGTERM and SIGINT, as this process hears them.
#[derive(Debug)]
pub struct Signals {
    bell: UnixStream,
    heard: Arc<AtomicBool>,
    /// The next signal ends the process.
    impatient: Arc<AtomicBool>,
}

/// Ends the time in which a signal is not waited for: to be said before anybody hears that the server is there.
#[derive(Clone, Debug)]
pub struct Patience(Arc<AtomicBool>);

impl Patience {
    /// From now on the first signal asks for an orderly stop, and the second one ends the process.
    pub fn begin(&self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// Why the server is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Somebody asked.
    Signal,
    /// The runtime ended by itself.
    Failure,
}

impl Signals {
    /// Listens from now on. Until [`Patience::begin`] a signal ends the process at once with
    /// [`Exit::Forced`]: while a log is replayed there is nothing to bring to an end.
    ///
    /// # Errors
    ///
    /// When the system refuses a handler.
    pub fn listen() -> io::Result<Self> {
        let (heard, impatient) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(true)));
        let (bell, rope) = UnixStream::pair()?;
        bell.set_read_timeout(Some(LOOK_EVERY))?;
        for signal in [SIGTERM, SIGINT] {
            // In this order: the first signal finds patience and ends it.
            flag::register_conditional_shutdown(signal, i32::from(Exit::Forced.code()), Arc::clone(&impatient))?;
            flag::register(signal, Arc::clone(&impatient))?;
            flag::register(signal, Arc::clone(&heard))?;
            low_level::pipe::register(signal, rope.try_clone()?)?;
        }
        Ok(Self { bell, heard, impatient })
    }

    /// What ends the impatience of the beginning.
    #[must_use]
    pub fn patience(&self) -> Patience {
        Patience(Arc::clone(&self.impatient))
    }

    /// Whether a signal came.
    #[must_use]
    pub fn heard(&self) -> bool {
        self.heard.load(Ordering::SeqCst)
    }

    /// Waits until a signal comes or the server ends by itself.
    #[must_use]
    pub fn wait(&self, server: &Server) -> Ending {
        loop {
            if self.heard() {
                return Ending::Signal;
            }
            if server.has_failed() {
                return Ending::Failure;
            }
            // Wakes with a signal, or when it is time to look at the server.
            let _ = (&self.bell).read(&mut [0; 1]);
        }
    }
}
