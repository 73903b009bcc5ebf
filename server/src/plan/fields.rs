//! The keys of one map: which are there, which are not known, which are missing, and what stands beside each.

use super::keys::Section;
use super::mistakes::{Mistakes, shown};
use super::scalars::{self, Fault};
use super::text::{Key, Node, Place, What};

/// A map of a section, its unknown and missing keys said.
#[derive(Debug)]
pub(super) struct Fields<'n> {
    section: &'static Section,
    entries: Vec<(&'n Key, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// The map at `node`, which is called `owner` in what is said; `place` is where that stands.
    pub(super) fn of(
        (node, place): (&'n Node, Place),
        section: &'static Section,
        owner: &str,
        mistakes: &mut Mistakes,
    ) -> Self {
        let mut entries = Vec::new();
        for (key, value) in map(node, owner, mistakes) {
            if section.key(&key.text).is_some() {
                entries.push((key, value));
            } else {
                let what = format!("{owner} has no key `{}`", shown(&key.text));
                mistakes.unknown(key.place, what, &key.text, section.keys.iter().map(|key| key.name));
            }
        }
        let fields = Self { section, entries };
        if matches!(node.what, What::Map(_) | What::Empty) {
            for key in section.keys.iter().filter(|key| key.required && fields.get(key.name).is_none()) {
                mistakes.add(place, format!("{owner} lacks `{}`: {}", key.name, key.takes));
            }
        }
        fields
    }

    /// One key of a section, that stands by itself.
    #[cfg(feature = "rest")]
    pub(super) fn part(section: &'static Section, entry: (&'n Key, &'n Node)) -> Self {
        Self::parts(section, vec![entry])
    }

    /// Some keys of a section, that stand by themselves.
    #[cfg(feature = "rest")]
    pub(super) const fn parts(section: &'static Section, entries: Vec<(&'n Key, &'n Node)>) -> Self {
        Self { section, entries }
    }

    /// The key and its value.
    pub(super) fn get(&self, name: &str) -> Option<(&'n Key, &'n Node)> {
        debug_assert!(self.section.key(name).is_some(), "`{name}` is no key of {}", self.section.name);
        self.entries.iter().find(|(key, _)| key.text == name).copied()
    }

    /// The text beside a key, read.
    pub(super) fn read<T>(
        &self,
        name: &str,
        mistakes: &mut Mistakes,
        read: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<(Place, T)> {
        let (key, node) = self.get(name)?;
        let text = text(node, &key.text, self.takes(name), mistakes)?;
        match read(text) {
            Ok(value) => Some((node.place, value)),
            Err(fault) => {
                let what = format!("`{name}` is `{}`: {fault}; it takes {}", shown(text), self.takes(name));
                mistakes.add(node.place, what);
                None
            }
        }
    }

    /// A number of one of Rust's widths.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str, mistakes: &mut Mistakes) -> Option<(Place, T)> {
        self.read(name, mistakes, scalars::number)
    }

    /// One of a few words.
    pub(super) fn choice<'w>(
        &self,
        name: &str,
        words: &[&'w str],
        mistakes: &mut Mistakes,
    ) -> Option<(Place, &'w str)> {
        let (key, node) = self.get(name)?;
        let text = text(node, &key.text, self.takes(name), mistakes)?;
        let found = words.iter().find(|word| **word == text);
        if found.is_none() {
            let what = format!("`{name}` is `{}`: it takes {}", shown(text), self.takes(name));
            mistakes.unknown(node.place, what, text, words.iter().copied());
        }
        Some((node.place, *found?))
    }

    /// What a key takes, as the page says.
    pub(super) fn takes(&self, name: &str) -> &'static str {
        self.section.key(name).map_or("", |key| key.takes)
    }
}

/// The entries of a map; nothing stands for an empty one.
pub(super) fn map<'n>(
    node: &'n Node,
    owner: &str,
    mistakes: &mut Mistakes,
) -> impl Iterator<Item = (&'n Key, &'n Node)> + use<'n> {
    let entries: &[_] = match &node.what {
        What::Map(entries) => entries,
        What::Empty => &[],
        What::Text(_) | What::List(_) => {
            mistakes.add(node.place, format!("{owner} must be a map: `key: value` lines"));
            &[]
        }
    };
    entries.iter().map(|(key, value)| (key, &**value))
}

/// The items of a list.
pub(super) fn list<'n>(
    node: &'n Node,
    owner: &str,
    mistakes: &mut Mistakes,
) -> impl Iterator<Item = &'n Node> + use<'n> {
    let items: &[_] = match &node.what {
        What::List(items) => items,
        What::Text(_) | What::Map(_) | What::Empty => {
            mistakes.add(node.place, format!("{owner} must be a list: `[a, b]`, or lines that begin with `- `"));
            &[]
        }
    };
    items.iter().map(|item| &**item)
}

/// The text of a node.
pub(super) fn text<'n>(node: &'n Node, owner: &str, takes: &str, mistakes: &mut Mistakes) -> Option<&'n str> {
    match &node.what {
        What::Text(text) => Some(text),
        What::Empty => {
            mistakes.add(node.place, format!("`{}` says nothing: it takes {takes}", shown(owner)));
            None
        }
        What::List(_) | What::Map(_) => {
            mistakes.add(node.place, format!("`{}` must be one value: it takes {takes}", shown(owner)));
            None
        }
    }
}
