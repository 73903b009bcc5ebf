//! Which worlds are measured: those of `make bench`, and all of them for `make bench-full`.

use crate::world::Density;

/// A world's name, how many profiles it has, and how much they ask.
pub type Named = (&'static str, usize, Density);

/// From a thousand profiles to a million.
pub const ALL: [Named; 8] = [
    ("1k", 1_000, Density::Dense),
    ("1k-sparse", 1_000, Density::Sparse),
    ("10k", 10_000, Density::Dense),
    ("10k-sparse", 10_000, Density::Sparse),
    ("100k", 100_000, Density::Dense),
    ("100k-sparse", 100_000, Density::Sparse),
    ("1M", 1_000_000, Density::Dense),
    ("1M-sparse", 1_000_000, Density::Sparse),
];

/// What a first look needs.
const USUAL: [&str; 4] = ["1k", "10k", "100k", "100k-sparse"];

/// The environment variable that asks for all of them.
pub const FULL: &str = "DCE_BENCH_FULL";

/// The usual worlds; all of them when [`FULL`] is set. A filter that names another one gets it, too: `decide/1M`.
#[must_use]
pub fn worlds() -> Vec<Named> {
    chosen(std::env::var_os(FULL).is_some(), std::env::args().skip(1))
}

fn chosen(full: bool, arguments: impl Iterator<Item = String>) -> Vec<Named> {
    let arguments: Vec<String> = arguments.collect();
    let is_named = |name: &str| {
        let parts = arguments.iter().flat_map(|argument| argument.split(|c: char| !c.is_alphanumeric() && c != '-'));
        parts.into_iter().any(|part| part == name)
    };
    ALL.into_iter().filter(|(name, ..)| full || USUAL.contains(name) || is_named(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(full: bool, arguments: &[&str]) -> Vec<&'static str> {
        chosen(full, arguments.iter().map(ToString::to_string)).into_iter().map(|(name, ..)| name).collect()
    }

    #[test]
    fn the_usual_worlds_and_those_that_are_named() {
        assert_eq!(names(false, &["--bench"]), USUAL);
        assert_eq!(names(false, &["--bench", "decide/1M$"]), ["1k", "10k", "100k", "100k-sparse", "1M"]);
        assert_eq!(names(false, &["decide/10k-sparse"]), ["1k", "10k", "10k-sparse", "100k", "100k-sparse"]);
        assert_eq!(names(true, &[]).len(), ALL.len());
    }
}
