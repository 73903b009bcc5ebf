//! Where text goes: stdout for what was asked, stderr for everything said on the way, and what the terminal can do.

use std::io::{self, IsTerminal, Write};

use super::frame::Frame;

/// The two streams of a command, and whether a person looks at them.
pub struct Console {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    /// Stdout is a terminal that can move its cursor.
    pub(crate) live: bool,
    /// Stderr is a terminal.
    pub(crate) watched: bool,
    /// Paint is welcome.
    pub(crate) coloured: bool,
}

impl std::fmt::Debug for Console {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { out: _, err: _, live, watched, coloured } = self;
        formatter
            .debug_struct("Console")
            .field("live", live)
            .field("watched", watched)
            .field("coloured", coloured)
            .finish_non_exhaustive()
    }
}

impl Console {
    /// The process's own streams. `NO_COLOR` takes the paint away, `TERM=dumb` the redrawing too.
    #[must_use]
    pub fn standard() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let (out, err) = (io::stdout(), io::stderr());
        let live = out.is_terminal() && !dumb;
        Self { live, watched: err.is_terminal(), coloured: live && !plain, out: Box::new(out), err: Box::new(err) }
    }

    /// Streams of the caller's, without a terminal behind them.
    #[must_use]
    pub fn streams(out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        Self { out: Box::new(out), err: Box::new(err), live: false, watched: false, coloured: false }
    }

    /// Says a line of what was asked for.
    pub fn say(&mut self, line: &str) {
        // A closed pipe (`dce log verify … | head -1`) is the reader's wish, not our failure.
        let _ = writeln!(self.out, "{line}");
    }

    /// Says a line about the doing of it, on stderr.
    pub fn note(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
    }

    /// Says why it could not be done, on stderr.
    pub fn fail(&mut self, why: &str) {
        let _ = writeln!(self.err, "dce: {why}");
    }

    /// Writes text to stdout as it is, at once.
    pub(crate) fn put(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes());
        let _ = self.out.flush();
    }

    /// Writes text to stderr as it is, at once.
    pub(crate) fn put_note(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
        let _ = self.err.flush();
    }

    /// Says a frame of what was asked for: painted on a terminal, plain elsewhere.
    pub(crate) fn put_frame(&mut self, frame: &Frame) {
        let text = if self.live { frame.ansi(self.coloured) } else { frame.text() };
        self.put(&text);
    }

    /// Columns and rows of the terminal on stdout; 80 by 24 where nobody says.
    pub(crate) fn size(&self) -> (usize, usize) {
        match rustix::termios::tcgetwinsize(io::stdout()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
            Ok(_) | Err(_) => (80, 24),
        }
    }
}
