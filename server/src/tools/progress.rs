//! How far a long reading has come, said from its third second on: nobody wonders, and short ones stay silent.

use std::time::{Duration, Instant};

use crate::terminal::Console;
use crate::terminal::figures::{count, percent};

/// Silence up to here.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says `reading the log: 1,204,000 of 4,711,000 commands, 25.6 %` on stderr.
#[derive(Debug)]
pub(crate) struct Progress {
    doing: &'static str,
    started: Instant,
    last_said: Option<Instant>,
}

impl Progress {
    /// Of `doing`, a phrase such as `reading the log`.
    pub(crate) fn of(doing: &'static str) -> Self {
        Self { doing, started: Instant::now(), last_said: None }
    }

    /// `done` of `whole` commands are done. Cheap enough to be called for each.
    pub(crate) fn at(&mut self, console: &mut Console, done: u64, whole: u64) {
        // A terminal's line is rewritten often; a log gets one line every other second.
        let every = if console.watched { PATIENCE / 20 } else { PATIENCE };
        let due = self.last_said.map_or_else(|| self.started + PATIENCE, |last| last + every);
        if Instant::now() < due {
            return;
        }
        self.last_said = Some(Instant::now());
        let text = format!("{}: {} of {} commands, {}", self.doing, count(done), count(whole), percent(done, whole));
        if console.watched { console.put_note(&format!("\r{text}\x1b[K")) } else { console.note(&text) }
    }

    /// It is done: clears the line, if there is one, and answers how long it took.
    pub(crate) fn end(self, console: &mut Console) -> Duration {
        if self.last_said.is_some() && console.watched {
            console.put_note("\r\x1b[K");
        }
        self.started.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_short_reading_is_silent_and_a_long_one_is_not() {
        let err = Kept::default();
        let mut console = Console::streams(io::sink(), err.clone());
        let mut progress = Progress::of("reading the log");
        progress.at(&mut console, 1, 2);
        assert!(err.0.lock().unwrap().is_empty());
        progress.started = Instant::now().checked_sub(PATIENCE).expect("the machine is up for two seconds");
        for _ in 0..3 {
            progress.at(&mut console, 1_000, 4_000);
        }
        progress.end(&mut console);
        assert_eq!(err.0.lock().unwrap().as_slice(), b"reading the log: 1,000 of 4,000 commands, 25.0 %\n");
    }
}
