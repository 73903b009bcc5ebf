//! A frame that stays in its place on a terminal, and a line now and then where there is none.

use std::time::{Duration, Instant};

use super::console::Console;
use super::frame::Frame;

/// Ten frames a second: fast enough to look alive, slow enough to cost nothing.
pub(crate) const FRAME_EVERY: Duration = Duration::from_millis(100);

/// How often a line is said where nothing can be redrawn.
const LINE_EVERY: Duration = Duration::from_secs(1);

/// Draws frames over one another.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    /// Rows of the frame that stands on the terminal.
    rows: usize,
    last_line: Option<Instant>,
}

impl Screen {
    /// Draws `frame` in the place of the last one; on a stream that is no terminal, says `line` once a second instead.
    /// `quiet` keeps stdout empty: lines go to stderr.
    pub(crate) fn draw(&mut self, console: &mut Console, quiet: bool, frame: &Frame, line: &str) {
        if console.live && !quiet {
            self.redraw(console, frame);
            return;
        }
        if self.last_line.is_none_or(|last| last.elapsed() >= LINE_EVERY) {
            self.last_line = Some(Instant::now());
            if quiet { console.note(line) } else { console.say(line) }
        }
    }

    fn redraw(&mut self, console: &mut Console, frame: &Frame) {
        let (columns, rows) = console.size();
        // One row stays free for the cursor: a frame as tall as the terminal would scroll at each redraw.
        let frame = frame.cut(columns, rows.saturating_sub(1).max(1));
        let mut text = String::new();
        if self.rows > 0 {
            text.push_str(&format!("\x1b[{}A", self.rows.min(rows.saturating_sub(1)).max(1)));
        }
        text.push('\r');
        text.push_str(&frame.ansi(console.coloured));
        // What is left of a taller frame before.
        text.push_str("\x1b[J");
        self.rows = frame.lines.len();
        console.put(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::super::frame::Line;

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

    fn frame(rows: usize) -> Frame {
        Frame { lines: (0..rows).map(|row| Line::new().plain(row.to_string())).collect() }
    }

    #[test]
    fn a_second_frame_is_drawn_over_the_first() {
        let out = Kept::default();
        let mut console = Console::streams(out.clone(), io::sink());
        console.live = true;
        let mut screen = Screen::default();
        screen.draw(&mut console, false, &frame(2), "");
        screen.draw(&mut console, false, &frame(1), "");
        let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text, "\r0\x1b[K\n1\x1b[K\n\x1b[J\x1b[2A\r0\x1b[K\n\x1b[J");
    }

    #[test]
    fn without_a_terminal_there_is_a_line_a_second() {
        let (out, err) = (Kept::default(), Kept::default());
        let mut console = Console::streams(out.clone(), err.clone());
        let mut screen = Screen::default();
        for _ in 0..5 {
            screen.draw(&mut console, false, &frame(2), "12 calls");
        }
        assert_eq!(out.0.lock().unwrap().as_slice(), b"12 calls\n");
        Screen::default().draw(&mut console, true, &frame(2), "12 calls");
        assert_eq!(err.0.lock().unwrap().as_slice(), b"12 calls\n");
        assert_eq!(out.0.lock().unwrap().len(), 9, "a quiet stdout stays as it was");
    }
}
