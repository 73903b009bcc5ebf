//! What is wrong with a plan: every mistake with its place.

use std::fmt;

use super::names;
use super::text::Place;

/// So many mistakes are shown; the others are counted.
pub const MISTAKES_MAX: usize = 100;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Where.
    pub place: Place,
    /// What, in one sentence.
    pub what: String,
    /// The name that was probably meant.
    pub meant: Option<String>,
}

/// `7:12: what is wrong; did you mean `x`?`
impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.place.line, self.place.column, self.what)?;
        match &self.meant {
            Some(meant) => write!(formatter, "; did you mean `{}`?", shown(meant)),
            None => Ok(()),
        }
    }
}

/// All that is wrong with a plan, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes {
    list: Vec<Mistake>,
    more: usize,
}

impl Mistakes {
    /// The first of them, at most [`MISTAKES_MAX`].
    #[must_use]
    pub fn list(&self) -> &[Mistake] {
        &self.list
    }

    /// How many more there are.
    #[must_use]
    pub const fn more(&self) -> usize {
        self.more
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.list.len() + self.more
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) const fn is_full(&self) -> bool {
        self.list.len() >= MISTAKES_MAX
    }

    pub(super) fn add(&mut self, place: Place, what: impl Into<String>) {
        self.put(Mistake { place, what: what.into(), meant: None });
    }

    /// `name` is none of `known`.
    pub(super) fn unknown<'k>(
        &mut self,
        place: Place,
        what: impl Into<String>,
        name: &str,
        known: impl Iterator<Item = &'k str>,
    ) {
        if self.is_full() {
            self.more += 1;
            return;
        }
        let meant = names::nearest(name, known).map(str::to_owned);
        self.put(Mistake { place, what: what.into(), meant });
    }

    /// In the order of the file; the same mistake by way of two aliases is one.
    pub(super) fn sorted(mut self) -> Self {
        self.list.sort();
        self.list.dedup();
        self
    }

    fn put(&mut self, mistake: Mistake) {
        if self.is_full() { self.more += 1 } else { self.list.push(mistake) }
    }
}

/// A text of the file as it may stand on a terminal: one line, not too long.
pub(super) fn shown(text: &str) -> String {
    const LENGTH_MAX: usize = 48;
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut shown: String = text.chars().take(LENGTH_MAX).map(plain).collect();
    if text.chars().nth(LENGTH_MAX).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut mistakes = Mistakes::default();
        for line in (1..=120).rev() {
            mistakes.add(Place { line, column: 1 }, "wrong");
        }
        let mistakes = mistakes.sorted();
        assert_eq!((mistakes.list().len(), mistakes.more(), mistakes.count()), (100, 20, 120));
        assert_eq!(mistakes.list()[0].to_string(), "21:1: wrong");
    }

    #[test]
    fn no_escape_of_a_file_reaches_the_terminal() {
        assert_eq!(shown("a\x1b[31mb\n"), "a\u{fffd}[31mb\u{fffd}");
        assert_eq!(shown(&"x".repeat(60)), format!("{}…", "x".repeat(48)));
    }
}
