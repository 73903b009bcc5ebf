//! Roaring bitmaps as somebody who knows them would use them: a partition for each vertical, rows in order of rank, a
//! bitmap for each value with the rows that *accept* it, wildcards included, so that a call is one intersection.
//!
//! Attributes that nobody in the vertical asks about are not read, the rarest bitmap comes first, and an empty result ends
//! it. The best two are found in two ways: from the whole intersection, and by going through the rarest bitmap in order of
//! rank and asking the others about each row, which stops at the second. Circles have no bitmap: rows with one are looked
//! at again.

use dce_engine::prelude::*;
use roaring::RoaringBitmap;

use super::{NOBODY, Rival, TopTwo};
use crate::book::{Book, Need, Offer, Value, Wish};

/// How the best two are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// From the whole intersection.
    Intersected,
    /// Row by row, in order of rank.
    Probed,
}

/// A partition for each vertical, and the calls it is asked about.
#[derive(Debug)]
pub struct Partitions<'b> {
    book: &'b Book,
    verticals: Vec<Partition>,
    search: Search,
    tiers: bool,
    /// Of a call with several elements of a set: kept for its room.
    unions: Vec<RoaringBitmap>,
}

#[derive(Debug)]
struct Partition {
    /// Best first: the profile, by its place in the book, and which of its conjunctions.
    rows: Vec<(u32, u8)>,
    /// Of each row, whether it has a circle.
    circled: RoaringBitmap,
    columns: Vec<Column>,
}

/// One attribute that some row asks about.
#[derive(Debug)]
struct Column {
    attribute: AttributeId,
    /// Rows that do not ask for a value: what is left when nothing is known.
    free: RoaringBitmap,
    lines: Lines,
}

#[derive(Debug)]
enum Lines {
    /// Of a category by code: who accepts it. `None` is everybody in `free`.
    Codes(Vec<Option<RoaringBitmap>>),
    /// Of a set by code: who accepts it, and who excludes it.
    Elements(Vec<Option<RoaringBitmap>>, Vec<Option<RoaringBitmap>>),
    /// From each bound to the next: who accepts the numbers between.
    Ranges(Vec<i64>, Vec<RoaringBitmap>),
    /// No, yes.
    Flags([RoaringBitmap; 2]),
}

impl<'b> Partitions<'b> {
    /// All profiles of this book.
    #[must_use]
    pub fn new(book: &'b Book, search: Search) -> Self {
        let mut places = vec![Vec::new(); book.verticals()];
        for (entry, place) in book.entries.iter().zip(0..) {
            places[usize::from(entry.vertical)].push(place);
        }
        let verticals = places.into_iter().map(|places| Partition::new(book, places)).collect();
        let tiers = book.entries.iter().any(|entry| entry.tier != book.entries[0].tier);
        Self { book, verticals, search, tiers, unions: Vec::new() }
    }
}

impl Partition {
    fn new(book: &Book, places: Vec<u32>) -> Self {
        let mut rows = Vec::new();
        for place in book.ranked(places.into_iter()) {
            let conjunctions = book.entries[place as usize].conjunctions.len();
            rows.extend((0..conjunctions).map(|nth| (place, nth as u8)));
        }
        let needs: Vec<&[Need]> = rows
            .iter()
            .map(|(place, nth)| book.entries[*place as usize].conjunctions[usize::from(*nth)].as_slice())
            .collect();
        let has_circle = |needs: &[Need]| needs.iter().any(|need| matches!(need.wish, Wish::Near(..)));
        let circled = (0..).zip(&needs).filter(|(_, needs)| has_circle(needs)).map(|(row, _)| row).collect();
        let columns =
            book.attributes.iter().filter_map(|attribute| Column::new(attribute.id, attribute.kind, &needs)).collect();
        Self { rows, circled, columns }
    }
}

impl Column {
    /// `None` when no row asks.
    fn new(attribute: AttributeId, kind: Kind, needs: &[&[Need]]) -> Option<Self> {
        let asked: Vec<(u32, &Wish)> = (0..)
            .zip(needs)
            .flat_map(|(row, needs)| needs.iter().map(move |need| (row, need)))
            .filter(|(_, need)| need.attribute == attribute)
            .map(|(row, need)| (row, &need.wish))
            .collect();
        if asked.is_empty() || kind == Kind::Point {
            return None;
        }
        let mut free: RoaringBitmap = (0..needs.len() as u32).collect();
        for (row, wish) in &asked {
            if !matches!(wish, Wish::NoneOf(_)) {
                free.remove(*row);
            }
        }
        let lines = match kind {
            Kind::Category { .. } => {
                let (listed, excluded) = by_code(&asked);
                Lines::Codes(
                    listed
                        .into_iter()
                        .zip(excluded)
                        .map(|(listed, excluded)| {
                            (listed.is_some() || excluded.is_some())
                                .then(|| (&free | &listed.unwrap_or_default()) - excluded.unwrap_or_default())
                        })
                        .collect(),
                )
            }
            Kind::Set { .. } => {
                let (listed, excluded) = by_code(&asked);
                let accepting = listed.into_iter().map(|listed| listed.map(|listed| &free | &listed)).collect();
                Lines::Elements(accepting, excluded)
            }
            Kind::Integer { .. } => ranges(&free, &asked),
            Kind::Boolean => Lines::Flags([false, true].map(|flag| {
                let wanting = asked.iter().filter(|(_, wish)| matches!(wish, Wish::Is(wanted) if *wanted == flag));
                &free | &wanting.map(|(row, _)| *row).collect::<RoaringBitmap>()
            })),
            Kind::Point => return None,
        };
        let mut column = Self { attribute, free, lines };
        column.compress();
        Some(column)
    }

    fn compress(&mut self) {
        self.free.optimize();
        let each = |lines: &mut Vec<Option<RoaringBitmap>>| {
            for line in lines.iter_mut().flatten() {
                line.optimize();
            }
        };
        match &mut self.lines {
            Lines::Codes(lines) => each(lines),
            Lines::Elements(accepting, excluding) => {
                each(accepting);
                each(excluding);
            }
            Lines::Ranges(_, lines) => lines.iter_mut().for_each(|line| _ = line.optimize()),
            Lines::Flags(lines) => lines.iter_mut().for_each(|line| _ = line.optimize()),
        }
    }

    /// Who accepts what is known; of a set with several elements not here, but in [`Self::elements`].
    fn accepting(&self, value: &Value) -> &RoaringBitmap {
        let of_code = |lines: &'_ [Option<RoaringBitmap>], code: &ValueCode| {
            lines.get(code.0 as usize).is_some_and(Option::is_some).then_some(code.0 as usize)
        };
        match (&self.lines, value) {
            (Lines::Codes(lines), Value::Codes(codes)) => {
                of_code(lines, &codes[0]).and_then(|place| lines[place].as_ref()).unwrap_or(&self.free)
            }
            (Lines::Ranges(bounds, lines), Value::Number(number)) => {
                &lines[bounds.partition_point(|bound| bound <= number)]
            }
            (Lines::Flags([no, yes]), Value::Flag(flag)) => {
                if *flag {
                    yes
                } else {
                    no
                }
            }
            _ => &self.free,
        }
    }

    /// Of a set: who accepts any of the elements and excludes none.
    fn elements(&self, codes: &[ValueCode]) -> RoaringBitmap {
        let Lines::Elements(accepting, excluding) = &self.lines else { return self.free.clone() };
        let mut union = self.free.clone();
        for code in codes {
            if let Some(Some(line)) = accepting.get(code.0 as usize) {
                union |= line;
            }
        }
        for code in codes {
            if let Some(Some(line)) = excluding.get(code.0 as usize) {
                union -= line;
            }
        }
        union
    }
}

/// Of each code: the rows that list it, and those that exclude it.
fn by_code(asked: &[(u32, &Wish)]) -> (Vec<Option<RoaringBitmap>>, Vec<Option<RoaringBitmap>>) {
    let (mut listed, mut excluded) = (Vec::new(), Vec::new());
    for (row, wish) in asked {
        let (lines, codes): (&mut Vec<Option<RoaringBitmap>>, _) = match wish {
            Wish::AnyOf(codes) => (&mut listed, codes),
            Wish::NoneOf(codes) => (&mut excluded, codes),
            Wish::Range(..) | Wish::Is(_) | Wish::Near(..) => continue,
        };
        for code in codes {
            let place = code.0 as usize;
            if lines.len() <= place {
                lines.resize(place + 1, None);
            }
            lines[place].get_or_insert_with(RoaringBitmap::new).insert(*row);
        }
    }
    let codes = listed.len().max(excluded.len());
    listed.resize(codes, None);
    excluded.resize(codes, None);
    (listed, excluded)
}

fn ranges(free: &RoaringBitmap, asked: &[(u32, &Wish)]) -> Lines {
    let mut bounds: Vec<i64> = asked
        .iter()
        .flat_map(|(_, wish)| match wish {
            Wish::Range(low, high) => [*low, *high],
            _ => [i64::MIN; 2],
        })
        .collect();
    bounds.sort_unstable();
    bounds.dedup();
    // Line 0 is below the first bound, line n from the nth on.
    let mut lines = vec![free.clone(); bounds.len() + 1];
    for (row, wish) in asked {
        if let Wish::Range(low, high) = wish {
            let first = bounds.partition_point(|bound| bound <= low);
            let end = bounds.partition_point(|bound| bound < high);
            for line in &mut lines[first..=end] {
                line.insert(*row);
            }
        }
    }
    Lines::Ranges(bounds, lines)
}

/// The bitmaps that a call's facts choose, rarest first.
fn chosen<'a>(partition: &'a Partition, offer: &Offer, unions: &'a mut Vec<RoaringBitmap>) -> Vec<&'a RoaringBitmap> {
    unions.clear();
    for column in &partition.columns {
        if let (Lines::Elements(..), Value::Codes(codes)) = (&column.lines, offer.known.of(column.attribute)) {
            unions.push(column.elements(codes));
        }
    }
    let of_sets = |column: &Column| {
        matches!((&column.lines, offer.known.of(column.attribute)), (Lines::Elements(..), Value::Codes(_)))
    };
    let others = partition.columns.iter().filter(|column| !of_sets(column));
    let others = others.map(|column| column.accepting(offer.known.of(column.attribute)));
    let mut chosen: Vec<(u64, &RoaringBitmap)> = others.chain(unions.iter()).map(|line| (line.len(), line)).collect();
    chosen.sort_unstable_by_key(|(rows, _)| *rows);
    chosen.into_iter().map(|(_, line)| line).collect()
}

fn intersection(chosen: &[&RoaringBitmap], rows: usize) -> RoaringBitmap {
    let mut accepted = match chosen {
        [] => return (0..rows as u32).collect(),
        [only] => return (*only).clone(),
        [first, second, ..] => *first & *second,
    };
    for line in &chosen[2..] {
        if accepted.is_empty() {
            break;
        }
        accepted &= *line;
    }
    accepted
}

impl Partition {
    /// What no bitmap says: whether the row's circle, if it has one, reaches the caller.
    fn reaches(&self, book: &Book, row: u32, offer: &Offer) -> bool {
        if !self.circled.contains(row) {
            return true;
        }
        let (place, nth) = self.rows[row as usize];
        let needs = &book.entries[place as usize].conjunctions[usize::from(nth)];
        needs.iter().all(|need| !matches!(need.wish, Wish::Near(..)) || need.accepts(&offer.known))
    }
}

impl Rival for Partitions<'_> {
    fn match_all(&mut self, call: usize, found: &mut Vec<u32>) {
        let offer = &self.book.offers[call];
        let partition = &self.verticals[usize::from(offer.listing.vertical)];
        let chosen = chosen(partition, offer, &mut self.unions);
        let rows = intersection(&chosen, partition.rows.len());
        let fitting = rows.iter().filter(|row| partition.reaches(self.book, *row, offer));
        found.extend(fitting.map(|row| partition.rows[row as usize].0));
    }

    fn top_two(&mut self, call: usize) -> TopTwo {
        let offer = &self.book.offers[call];
        let partition = &self.verticals[usize::from(offer.listing.vertical)];
        let chosen = chosen(partition, offer, &mut self.unions);
        let enough = |row: u32| self.book.entries[partition.rows[row as usize].0 as usize].bid >= offer.reserve;
        let first_two = |rows: &mut dyn Iterator<Item = u32>| {
            let mut best = [NOBODY; 2];
            for row in rows {
                if !enough(row) {
                    if self.tiers {
                        continue;
                    }
                    break;
                }
                let (place, _) = partition.rows[row as usize];
                // A profile with several conjunctions has several rows, one after the other.
                if best[0] == place || !partition.reaches(self.book, row, offer) {
                    continue;
                }
                if best[0] != NOBODY {
                    best[1] = place;
                    break;
                }
                best[0] = place;
            }
            best
        };
        match (self.search, chosen.split_first()) {
            (Search::Probed, Some((rarest, others))) => {
                first_two(&mut rarest.iter().filter(|row| others.iter().all(|line| line.contains(*row))))
            }
            _ => first_two(&mut intersection(&chosen, partition.rows.len()).iter()),
        }
    }
}
