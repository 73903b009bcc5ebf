//! YAML as a tree in which every node knows its place.
//!
//! Scalars stay the text they were written as: `NO` is a state and `0123` a code, whatever YAML makes of them. Bounded:
//! the file, the depth, and the nodes, those that an alias stands for counted each time, so that nine lines of aliases of
//! aliases are refused and not expanded.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use yaml_rust2::parser::{Event, Parser};
use yaml_rust2::scanner::{Marker, TScalarStyle};

use super::mistakes::{Mistake, Mistakes, shown};

/// Larger files are not plans.
pub const FILE_BYTES_MAX: u64 = 16 << 20;
/// Nodes of the tree, aliases counted as what they stand for.
const NODES_MAX: u32 = 1 << 20;
/// Maps and lists within one another; a plan needs ten.
const DEPTH_MAX: usize = 16;

/// A place in the file: line and column, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) what: What,
    /// How many nodes it is, itself and those below.
    weight: u32,
}

#[derive(Debug)]
pub(super) enum What {
    Empty,
    Text(String),
    List(Vec<Rc<Node>>),
    Map(Vec<(Key, Rc<Node>)>),
}

#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) text: String,
    pub(super) place: Place,
}

impl Node {
    /// A node that no YAML was read for.
    #[cfg(feature = "rest")]
    pub(super) const fn new(place: Place, what: What) -> Self {
        Self { place, what, weight: 1 }
    }
}

/// The tree, or nothing when the text is none; what is wrong goes to `mistakes`.
pub(super) fn read(bytes: &[u8], mistakes: &mut Mistakes) -> Option<Rc<Node>> {
    if bytes.len() as u64 > FILE_BYTES_MAX {
        mistakes.add(START, format!("the file is larger than {} MiB", FILE_BYTES_MAX >> 20));
        return None;
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            mistakes.add(after(&before), "this byte is no UTF-8: save the file as UTF-8");
            return None;
        }
    };
    let mut tree = Tree { mistakes, open: Vec::new(), root: None, anchors: HashMap::new(), weight: 0 };
    // The parser is not ours: should it ever fall over a file, that is a mistake of the file and not our end.
    let read = catch_unwind(AssertUnwindSafe(|| tree.build(text)));
    let fault = match read {
        Ok(Ok(())) if tree.root.is_some() => return tree.root,
        Ok(Ok(())) => Mistake { place: START, what: "there is nothing in this file".to_owned(), meant: None },
        Ok(Err(fault)) => fault,
        Err(_) => Mistake { place: START, what: "this file cannot be read as YAML".to_owned(), meant: None },
    };
    mistakes.add(fault.place, fault.what);
    None
}

const START: Place = Place { line: 1, column: 1 };

/// The place after a text.
fn after(text: &str) -> Place {
    let line = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = text.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    place(line, column)
}

fn place(line: usize, column: usize) -> Place {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place { line: number(line), column: number(column) }
}

impl From<Marker> for Place {
    fn from(marker: Marker) -> Self {
        place(marker.line().max(1), marker.col() + 1)
    }
}

struct Tree<'m> {
    mistakes: &'m mut Mistakes,
    open: Vec<Open>,
    root: Option<Rc<Node>>,
    anchors: HashMap<usize, Rc<Node>>,
    weight: u32,
}

/// A list or map whose end has not come.
struct Open {
    place: Place,
    anchor: usize,
    weight: u32,
    inside: Inside,
}

enum Inside {
    List(Vec<Rc<Node>>),
    Map { entries: Vec<(Key, Rc<Node>)>, key: Option<Key>, seen: HashMap<String, Place> },
}

fn fault(place: Place, what: impl Into<String>) -> Mistake {
    Mistake { place, what: what.into(), meant: None }
}

impl Tree<'_> {
    fn build(&mut self, text: &str) -> Result<(), Mistake> {
        let mut parser = Parser::new_from_str(text);
        let mut documents = 0;
        loop {
            let (event, marker) = parser.next_token().map_err(|error| {
                fault((*error.marker()).into(), format!("this is no YAML: {}", shown(error.info())))
            })?;
            let place = Place::from(marker);
            if let Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) = &event
            {
                return Err(fault(place, "tags (`!…`) mean nothing in a plan"));
            }
            match event {
                Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
                Event::StreamEnd => return Ok(()),
                Event::DocumentStart => {
                    documents += 1;
                    if documents > 1 {
                        return Err(fault(place, "a plan is one document: nothing may follow a second `---`"));
                    }
                }
                Event::Alias(anchor) => {
                    let known = self.anchors.get(&anchor).cloned();
                    let node = known.ok_or_else(|| fault(place, "this alias lies inside of what it stands for"))?;
                    self.grow(place, node.weight)?;
                    self.put(node, place)?;
                }
                Event::Scalar(text, style, anchor, _) => {
                    self.grow(place, 1)?;
                    let is_empty = style == TScalarStyle::Plain && matches!(text.as_str(), "" | "~" | "null");
                    let what = if is_empty { What::Empty } else { What::Text(text) };
                    self.done(Node { place, what, weight: 1 }, anchor)?;
                }
                Event::SequenceStart(anchor, _) => self.enter(place, anchor, Inside::List(Vec::new()))?,
                Event::MappingStart(anchor, _) => {
                    let inside = Inside::Map { entries: Vec::new(), key: None, seen: HashMap::new() };
                    self.enter(place, anchor, inside)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.leave(place)?,
            }
        }
    }

    fn grow(&mut self, place: Place, by: u32) -> Result<(), Mistake> {
        self.weight = self.weight.saturating_add(by);
        if self.weight > NODES_MAX {
            return Err(fault(place, format!("more than {NODES_MAX} values, aliases counted as what they stand for")));
        }
        Ok(())
    }

    fn enter(&mut self, place: Place, anchor: usize, inside: Inside) -> Result<(), Mistake> {
        self.grow(place, 1)?;
        if self.open.len() == DEPTH_MAX {
            return Err(fault(place, format!("more than {DEPTH_MAX} lists and maps within one another")));
        }
        self.open.push(Open { place, anchor, weight: 1, inside });
        Ok(())
    }

    fn leave(&mut self, place: Place) -> Result<(), Mistake> {
        let Some(Open { place: start, anchor, weight, inside }) = self.open.pop() else {
            return Err(fault(place, "this is no YAML: an end without a beginning"));
        };
        let what = match inside {
            Inside::List(items) => What::List(items),
            Inside::Map { entries, .. } => What::Map(entries),
        };
        self.done(Node { place: start, what, weight }, anchor)
    }

    fn done(&mut self, node: Node, anchor: usize) -> Result<(), Mistake> {
        let place = node.place;
        let node = Rc::new(node);
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.put(node, place)
    }

    fn put(&mut self, node: Rc<Node>, place: Place) -> Result<(), Mistake> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.weight = open.weight.saturating_add(node.weight);
        match &mut open.inside {
            Inside::List(items) => items.push(node),
            Inside::Map { entries, key, seen } => {
                let Some(key) = key.take() else {
                    let What::Text(text) = &node.what else {
                        return Err(fault(place, "a key must be a text"));
                    };
                    // The parser marks a map of lines at its first colon.
                    open.place = open.place.min(place);
                    *key = Some(Key { text: text.clone(), place });
                    return Ok(());
                };
                if let Some(first) = seen.insert(key.text.clone(), key.place) {
                    let what = format!("`{}` was given before, on line {}", shown(&key.text), first.line);
                    self.mistakes.add(key.place, what);
                    // The first one stays the one.
                    seen.insert(key.text, first);
                } else {
                    entries.push((key, node));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let mut mistakes = Mistakes::default();
        read(text.as_bytes(), &mut mistakes);
        mistakes.list().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_node_knows_its_line_and_column() {
        let mut mistakes = Mistakes::default();
        let tree = read("# é\na:\n  \"ü\": [x, 'NO']\nb: ~\n".as_bytes(), &mut mistakes).unwrap();
        let What::Map(entries) = &tree.what else { panic!("a map") };
        assert_eq!((entries[0].0.place.line, entries[0].0.place.column), (2, 1));
        let What::Map(inner) = &entries[0].1.what else { panic!("a map") };
        assert_eq!((inner[0].0.place.line, inner[0].0.place.column), (3, 3));
        let What::List(items) = &inner[0].1.what else { panic!("a list") };
        assert!(matches!(&items[1].what, What::Text(text) if text == "NO"));
        assert_eq!((items[1].place.line, items[1].place.column), (3, 12));
        assert!(matches!(entries[1].1.what, What::Empty));
    }

    #[test]
    fn what_is_no_plain_yaml_is_said_with_its_place() {
        assert_eq!(told("a: 1\nb: 2\na: 3\n"), ["3:1: `a` was given before, on line 1"]);
        assert_eq!(told("a: !!int 3"), ["1:10: tags (`!…`) mean nothing in a plan"]);
        assert_eq!(told("a: 1\n---\nb: 1\n"), ["2:1: a plan is one document: nothing may follow a second `---`"]);
        assert_eq!(told("? [a]\n: 1\n"), ["1:3: a key must be a text"]);
        assert_eq!(told("a: &x [*x]\n"), ["1:8: this alias lies inside of what it stands for"]);
        let mut mistakes = Mistakes::default();
        assert!(read(b"a: 1\nb: \xff\n", &mut mistakes).is_none());
        assert_eq!(mistakes.list()[0].to_string(), "2:4: this byte is no UTF-8: save the file as UTF-8");
    }

    #[test]
    fn aliases_of_aliases_are_counted_and_not_expanded() {
        let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let below = vec![format!("*a{}", level - 1); 10].join(", ");
            laughs.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        let told = told(&laughs);
        assert!(told[0].contains("more than 1048576 values"), "{told:?}");
    }

    #[test]
    fn depth_is_bounded() {
        for deep in ["[".repeat(100_000), "- ".repeat(100_000), "? ".repeat(100_000), "{a: ".repeat(100_000)] {
            let told = told(&deep);
            // The parser reads ahead of us in flow style, and has a limit of its own.
            let is_bounded = ["more than 16 lists and maps", "recursion limit"].map(|words| told[0].contains(words));
            assert!(is_bounded.contains(&true), "{told:?}");
        }
    }
}
