//! Painted text: what a frame says, before it becomes ANSI, plain text or a picture.

use std::fmt::Write as _;

/// What a piece of text is, from which each output takes its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Paint {
    /// Read at leisure.
    #[default]
    Plain,
    /// Labels, and what is there only to line up.
    Dim,
    /// The figures one looks for.
    Strong,
    /// A heading.
    Title,
    /// Sold, answered, paid.
    Good,
    /// Waiting, or not billable.
    Fair,
    /// Lost, unsold, failed.
    Bad,
    /// The filled part of a bar.
    Bar,
    /// The rest of it.
    Rail,
}

impl Paint {
    /// The ANSI code, of the sixteen colours that every theme defines. Empty where the terminal's own is right.
    const fn ansi(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => "2",
            Self::Strong => "1",
            Self::Title => "1;36",
            Self::Good => "32",
            Self::Fair => "33",
            Self::Bad => "31",
            Self::Bar => "36",
            Self::Rail => "2;36",
        }
    }
}

/// A piece of text in one paint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) paint: Paint,
    pub(crate) text: String,
}

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) spans: Vec<Span>,
}

/// What is on the screen at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) lines: Vec<Line>,
}

impl Line {
    /// An empty row.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// With this text at its end.
    pub(crate) fn paint(mut self, paint: Paint, text: impl Into<String>) -> Self {
        self.spans.push(Span { paint, text: text.into() });
        self
    }

    /// With a label.
    pub(crate) fn dim(self, text: impl Into<String>) -> Self {
        self.paint(Paint::Dim, text)
    }

    /// With unpainted text.
    pub(crate) fn plain(self, text: impl Into<String>) -> Self {
        self.paint(Paint::Plain, text)
    }

    /// With a figure.
    pub(crate) fn strong(self, text: impl Into<String>) -> Self {
        self.paint(Paint::Strong, text)
    }

    /// Filled with blanks up to this column; at least one blank.
    pub(crate) fn to(self, column: usize) -> Self {
        let blanks = column.saturating_sub(self.width()).max(1);
        self.plain(" ".repeat(blanks))
    }

    /// With text that ends before this column.
    pub(crate) fn right(self, column: usize, paint: Paint, text: impl Into<String>) -> Self {
        let text = text.into();
        let blanks = column.saturating_sub(self.width() + text.chars().count()).max(1);
        self.plain(" ".repeat(blanks)).paint(paint, text)
    }

    /// With a bar of `width` cells, `part` of `whole` of it filled, to an eighth of a cell.
    pub(crate) fn bar(self, width: usize, part: u64, whole: u64) -> Self {
        const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
        let eighths = (part.min(whole) * width as u64 * 8).checked_div(whole).unwrap_or(0) as usize;
        let mut filled = "█".repeat(eighths / 8);
        filled.push_str(EIGHTHS[eighths % 8]);
        let rest = width - filled.chars().count();
        self.paint(Paint::Bar, filled).paint(Paint::Rail, "─".repeat(rest))
    }

    /// How many columns it takes. Every character used here takes one.
    pub(crate) fn width(&self) -> usize {
        self.spans.iter().map(|span| span.text.chars().count()).sum()
    }

    /// Cut to so many columns, so that no terminal wraps it.
    fn cut(&self, columns: usize) -> Self {
        let mut left = columns;
        let mut spans = Vec::with_capacity(self.spans.len());
        for span in &self.spans {
            let text: String = span.text.chars().take(left).collect();
            left -= text.chars().count();
            spans.push(Span { paint: span.paint, text });
        }
        Self { spans }
    }
}

impl Frame {
    /// Adds a row.
    pub(crate) fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// The part that fits so many columns and rows.
    pub(crate) fn cut(&self, columns: usize, rows: usize) -> Self {
        Self { lines: self.lines.iter().take(rows).map(|line| line.cut(columns)).collect() }
    }

    /// Text alone, without blanks at the ends of rows: for tests, and where nothing is painted.
    pub(crate) fn text(&self) -> String {
        let row = |line: &Line| line.spans.iter().map(|span| span.text.as_str()).collect::<String>();
        self.lines.iter().map(|line| format!("{}\n", row(line).trim_end())).collect()
    }

    /// With ANSI paint, each row ending by clearing the rest of the terminal's.
    pub(crate) fn ansi(&self, coloured: bool) -> String {
        let mut text = String::new();
        for line in &self.lines {
            for span in &line.spans {
                let code = if coloured { span.paint.ansi() } else { "" };
                if code.is_empty() {
                    text.push_str(&span.text);
                } else {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "\x1b[{code}m{}\x1b[0m", span.text);
                }
            }
            text.push_str("\x1b[K\n");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_stands_before() {
        let rows = ["a", "longer"].map(|label| Line::new().dim(label).to(10).strong("1").right(20, Paint::Plain, "22"));
        let frame = Frame { lines: rows.to_vec() };
        assert_eq!(frame.text(), "a         1       22\nlonger    1       22\n");
    }

    #[test]
    fn a_bar_is_as_wide_as_it_says_at_any_fill() {
        for part in 0..=80 {
            let line = Line::new().bar(10, part, 80);
            assert_eq!(line.width(), 10);
            assert_eq!(line.spans[0].text.matches('█').count() as u64, part / 8);
        }
        assert_eq!(Line::new().bar(10, 5, 0).spans[0].text, "", "a bar of nothing is empty");
        assert_eq!(Line::new().bar(10, 9, 3).width(), 10, "more than the whole is the whole");
    }

    #[test]
    fn a_row_is_cut_before_the_terminal_wraps_it() {
        let mut frame = Frame::default();
        frame.push(Line::new().strong("12345").plain("6789"));
        frame.push(Line::new());
        assert_eq!(frame.cut(7, 1).text(), "1234567\n");
    }

    #[test]
    fn without_colour_there_is_no_paint() {
        let frame = Frame { lines: vec![Line::new().paint(Paint::Good, "sold").plain(" x")] };
        assert_eq!(frame.ansi(true), "\x1b[32msold\x1b[0m x\x1b[K\n");
        assert_eq!(frame.ansi(false), "sold x\x1b[K\n");
    }
}
