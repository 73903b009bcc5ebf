//! Rows that stand together: what one account, or all, had to do with in one moment is one value of the database.
//!
//! A key costs sled about five microseconds however short its value is, and each sold call has about eighteen rows. Rows of
//! tables that are read by time are therefore kept in *bundles*: all rows of a table that begin with the same account and lie
//! in the same four milliseconds; and with the name of a call, all who were told why they lost. Calls that come seldom are
//! bundles of one.
//!
//! Nobody but this module knows: [`get`], [`range`] and [`Writes`] take the same keys and rows for every table. A bundle is
//! bounded in bytes; what does not fit goes on in the next of the same place. Rows only ever move to a later one, so that
//! whoever looks from the first on meets each.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use dce_persistence::tables::{Change, Each, Order, Tables};

use crate::HistoryError;
use crate::bytes::FORMAT;
use crate::keys;

/// Bytes of a bundle with more than one row, at most.
const BYTES_MAX: usize = 4_000;
/// Of the time in a key, these bits of the last byte but one tell bundles apart, and what is behind them does not: 4,096 µs.
const TIMED: u8 = 0xf0;
/// A bundle's number among those of its place is at the end of its key.
const NUMBER_BYTES: usize = 4;

/// How the rows of a table are put together.
#[derive(Clone, Copy)]
struct Bundled {
    /// So many bytes of a row's key are in the key of its bundle; the others stand beside the row.
    cut: usize,
    /// And these bits of the next byte.
    mask: u8,
}

impl Bundled {
    /// Of a table; nothing where each row stands alone.
    fn of(table: &str) -> Option<Self> {
        match table {
            keys::CALLS_BY_TIME => Some(Self { cut: 6, mask: TIMED }),
            keys::CALLS_OF | keys::LINES => Some(Self { cut: 22, mask: TIMED }),
            keys::CALLS => Some(Self { cut: 32, mask: 0 }),
            _ => None,
        }
    }

    /// Where the bundles of a row stand, without their number. Of the start of a key, its start.
    fn place(self, key: &[u8]) -> Vec<u8> {
        let mut place = Vec::with_capacity(self.cut + 1 + NUMBER_BYTES);
        place.extend_from_slice(&key[..key.len().min(self.cut)]);
        if self.mask != 0 {
            place.extend(key.get(self.cut).map(|byte| byte & self.mask));
        }
        place
    }

    /// What of a row's key stands beside it.
    fn rest(self, key: &[u8]) -> &[u8] {
        key.get(self.cut..).unwrap_or_default()
    }
}

/// The row under a key.
pub(crate) fn get(tables: &Tables, table: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>, HistoryError> {
    let Some(bundled) = Bundled::of(table) else { return Ok(tables.get(table, key)?) };
    let (place, rest) = (bundled.place(key), bundled.rest(key));
    for number in 0.. {
        let Some(bundle) = tables.get(table, &numbered(&place, number))? else { break };
        let found = rows_of(table, &bundle)?.find(|(known, _)| *known == rest);
        if let Some((_, row)) = found {
            return Ok(Some(row.to_vec()));
        }
    }
    Ok(None)
}

/// Shows each row of a table from the key `from` on, up to but without `to`, in the order that was asked for, until `each`
/// breaks. What is written meanwhile may be shown or not.
pub(crate) fn range(
    tables: &Tables,
    table: &'static str,
    (from, to): (&[u8], &[u8]),
    order: Order,
    each: &mut Each<'_>,
) -> Result<(), HistoryError> {
    let Some(bundled) = Bundled::of(table) else { return Ok(tables.range(table, (from, to), order, each)?) };
    let (first, end) = (bundled.place(from), keys::after_all(&bundled.place(to)));
    let (mut together, mut fault) = (Together::default(), None);
    tables.range(table, (&first, &end), order, &mut |key, bundle| {
        let place = &key[..key.len().saturating_sub(NUMBER_BYTES)];
        if place != together.place {
            if together.show((from, to), order, each).is_break() {
                return ControlFlow::Break(());
            }
            together.begin(place);
        }
        match rows_of(table, bundle) {
            Ok(rows) => rows.for_each(|(rest, row)| together.take(bundled, rest, row)),
            Err(error) => {
                fault = Some(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    match fault {
        Some(error) => Err(error),
        None => {
            let _ = together.show((from, to), order, each);
            Ok(())
        }
    }
}

/// The rows of one place while they are read.
#[derive(Default)]
struct Together {
    place: Vec<u8>,
    /// Keys and rows, one after the other.
    bytes: Vec<u8>,
    /// Where each key begins, where its row does, and where that ends.
    rows: Vec<[usize; 3]>,
}

impl Together {
    fn begin(&mut self, place: &[u8]) {
        self.place.clear();
        self.place.extend_from_slice(place);
        self.bytes.clear();
        self.rows.clear();
    }

    fn take(&mut self, bundled: Bundled, rest: &[u8], row: &[u8]) {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(&self.place[..bundled.cut.min(self.place.len())]);
        self.bytes.extend_from_slice(rest);
        let middle = self.bytes.len();
        self.bytes.extend_from_slice(row);
        self.rows.push([begin, middle, self.bytes.len()]);
    }

    /// Shows what was taken, and nothing twice; nothing is there any more then.
    fn show(&mut self, (from, to): (&[u8], &[u8]), order: Order, each: &mut Each<'_>) -> ControlFlow<()> {
        let Self { bytes, rows, .. } = self;
        let key = |row: &[usize; 3]| &bytes[row[0]..row[1]];
        rows.sort_by(|one, other| key(one).cmp(key(other)));
        // A row that moved to the next bundle between two looks.
        rows.dedup_by(|one, other| key(one) == key(other));
        if order == Order::Backwards {
            rows.reverse();
        }
        for row in rows.drain(..) {
            let key = key(&row);
            if key >= from && key < to {
                each(key, &bytes[row[1]..row[2]])?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// Changes of rows, to be made together.
#[derive(Default)]
pub(crate) struct Writes {
    alone: Vec<Change>,
    together: BTreeMap<(&'static str, Vec<u8>), Rows>,
}

/// Changed rows of one place.
#[derive(Default)]
struct Rows {
    /// By the rest of their keys; nothing where one is taken out.
    changed: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// Nothing stood there so far.
    is_new: bool,
}

impl Writes {
    /// Puts a row, in place of the one that may be there.
    pub(crate) fn put(&mut self, table: &'static str, key: &[u8], row: Vec<u8>) {
        self.change(table, key, Some(row));
    }

    /// Takes a row out, where it is there.
    pub(crate) fn remove(&mut self, table: &'static str, key: &[u8]) {
        self.change(table, key, None);
    }

    /// Says that there is nothing yet where this row's bundle stands, so that nobody looks.
    pub(crate) fn nothing_at(&mut self, table: &'static str, key: &[u8]) {
        if let Some(bundled) = Bundled::of(table) {
            self.together.entry((table, bundled.place(key))).or_default().is_new = true;
        }
    }

    /// How many rows were changed.
    pub(crate) fn rows(&self) -> usize {
        self.alone.len() + self.together.values().map(|rows| rows.changed.len()).sum::<usize>()
    }

    fn change(&mut self, table: &'static str, key: &[u8], row: Option<Vec<u8>>) {
        match Bundled::of(table) {
            Some(bundled) => {
                let rows = self.together.entry((table, bundled.place(key))).or_default();
                rows.changed.push((bundled.rest(key).to_vec(), row));
            }
            None => self.alone.push(match row {
                Some(row) => Change::put(table, key, row),
                None => Change::remove(table, key),
            }),
        }
    }

    /// Everything as changes of the database.
    pub(crate) fn done(self, tables: &Tables) -> Result<Vec<Change>, HistoryError> {
        let Self { alone: mut changes, together } = self;
        for ((table, place), rows) in &together {
            rewrite(tables, table, place, rows, &mut changes)?;
        }
        Ok(changes)
    }
}

/// Changes rows of one place.
fn rewrite(
    tables: &Tables,
    table: &'static str,
    place: &[u8],
    rows: &Rows,
    changes: &mut Vec<Change>,
) -> Result<(), HistoryError> {
    let mut before: Vec<Vec<u8>> = Vec::new();
    while !rows.is_new
        && let Some(bundle) = tables.get(table, &numbered(place, before.len()))?
    {
        before.push(bundle);
    }
    let mut bundles: Vec<Bundle<'_>> = Vec::new();
    for bundle in &before {
        bundles.push(Bundle { rows: rows_of(table, bundle)?.collect(), is_changed: false });
    }
    for (rest, row) in &rows.changed {
        let found = bundles.iter_mut().find_map(|bundle| {
            let nth = bundle.rows.iter().position(|(known, _)| *known == rest.as_slice())?;
            Some((bundle, nth))
        });
        match (found, row) {
            (Some((bundle, nth)), Some(row)) => {
                bundle.is_changed = true;
                bundle.rows[nth].1 = row;
            }
            (Some((bundle, nth)), None) => {
                bundle.is_changed = true;
                bundle.rows.remove(nth);
            }
            (None, Some(row)) => push(&mut bundles, (rest, row)),
            (None, None) => {}
        }
    }
    // What is too much for one goes on in the last.
    let mut number = 0;
    while number < bundles.len() {
        while bundles[number].bytes() > BYTES_MAX && bundles[number].rows.len() > 1 {
            let moved = bundles[number].rows.pop();
            bundles[number].is_changed = true;
            if number + 1 == bundles.len() {
                bundles.push(Bundle::default());
            }
            moved.into_iter().for_each(|row| push(&mut bundles, row));
        }
        number += 1;
    }
    // Whoever looks for a row ends where there is no bundle: only the last ones may go.
    let kept = bundles.iter().rposition(|bundle| !bundle.rows.is_empty()).map_or(0, |last| last + 1);
    for (number, bundle) in bundles.iter_mut().enumerate() {
        let key = numbered(place, number);
        if number >= kept {
            changes.push(Change::remove(table, &key));
        } else if bundle.is_changed {
            changes.push(Change::put(table, &key, bundle.written()));
        }
    }
    Ok(())
}

fn push<'a>(bundles: &mut Vec<Bundle<'a>>, row: (&'a [u8], &'a [u8])) {
    if bundles.is_empty() {
        bundles.push(Bundle::default());
    }
    if let Some(last) = bundles.last_mut() {
        last.rows.push(row);
        last.is_changed = true;
    }
}

/// One bundle while it is changed.
#[derive(Default)]
struct Bundle<'a> {
    rows: Vec<(&'a [u8], &'a [u8])>,
    is_changed: bool,
}

/// Bytes before a row: how long the rest of its key is, and how long the row.
const HEAD_BYTES: usize = 3;

impl Bundle<'_> {
    fn bytes(&self) -> usize {
        self.rows.iter().map(|(rest, row)| HEAD_BYTES + rest.len() + row.len()).sum()
    }

    fn written(&self) -> Vec<u8> {
        let mut to = Vec::with_capacity(1 + self.bytes());
        to.push(FORMAT);
        for (rest, row) in &self.rows {
            to.push(u8::try_from(rest.len()).unwrap_or(u8::MAX));
            to.extend_from_slice(&u16::try_from(row.len()).unwrap_or(u16::MAX).to_be_bytes());
            to.extend_from_slice(rest);
            to.extend_from_slice(row);
        }
        to
    }
}

/// The rows of a bundle, each with the rest of its key.
fn rows_of<'a>(
    table: &'static str,
    bundle: &'a [u8],
) -> Result<impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a>, HistoryError> {
    let damaged = HistoryError::Damaged { table };
    let (&FORMAT, mut left) = bundle.split_first().ok_or(HistoryError::Damaged { table })? else {
        return Err(damaged);
    };
    let whole = left;
    while !left.is_empty() {
        (_, left) = cut_off(left).ok_or(HistoryError::Damaged { table })?;
    }
    left = whole;
    Ok(std::iter::from_fn(move || {
        let (row, after) = cut_off(left)?;
        left = after;
        Some(row)
    }))
}

/// One row and the rest of its key.
type Row<'a> = (&'a [u8], &'a [u8]);

/// The first row, and what comes after it.
fn cut_off(bytes: &[u8]) -> Option<(Row<'_>, &[u8])> {
    let (head, left) = bytes.split_first_chunk::<HEAD_BYTES>()?;
    let (rest, left) = left.split_at_checked(usize::from(head[0]))?;
    let (row, left) = left.split_at_checked(usize::from(u16::from_be_bytes([head[1], head[2]])))?;
    Some(((rest, row), left))
}

fn numbered(place: &[u8], number: usize) -> Vec<u8> {
    // So many bundles of one place are more than a device holds.
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    [place, &number.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dce_engine::ids::{AccountId, CallId};
    use dce_engine::units::Timestamp;

    fn key(account: u128, at: u64, call: u128) -> Vec<u8> {
        keys::of(AccountId(account), Timestamp::from_micros(at), &keys::call((AccountId(9), CallId(call))))
    }

    fn write(tables: &Tables, rows: impl IntoIterator<Item = (Vec<u8>, Option<Vec<u8>>)>) {
        let mut writes = Writes::default();
        for (key, row) in rows {
            writes.change(keys::CALLS_OF, &key, row);
        }
        tables.apply(writes.done(tables).unwrap()).unwrap();
    }

    fn shown(tables: &Tables, (from, to): (&[u8], &[u8]), order: Order) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        range(tables, keys::CALLS_OF, (from, to), order, &mut |key, row| {
            found.push((key.to_vec(), row.to_vec()));
            ControlFlow::Continue(())
        })
        .unwrap();
        found
    }

    fn bundles(tables: &Tables) -> usize {
        let mut count = 0;
        let all = keys::after_all(&[]);
        tables
            .range(keys::CALLS_OF, (&[], &all), Order::Forwards, &mut |_, bundle| {
                count += 1;
                assert!(bundle.len() <= 1 + BYTES_MAX);
                ControlFlow::Continue(())
            })
            .unwrap();
        count
    }

    /// Rows put, changed, made longer and taken out at random, in batches of all sizes, are those of a map.
    #[test]
    fn rows_in_bundles_are_shown_as_if_each_stood_alone() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path()).unwrap();
        let mut state = 7_u64;
        let mut pick = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut map: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        let mut most = 0;
        for _ in 0..50 {
            let batch: BTreeMap<Vec<u8>, Option<Vec<u8>>> = (0..pick(40))
                .map(|_| {
                    let key = key(1 + u128::from(pick(2)), 4_096 * 50 + pick(9_000), u128::from(pick(4)));
                    let row = (pick(4) > 0).then(|| vec![pick(250) as u8; 20 + pick(400) as usize]);
                    (key, row)
                })
                .collect();
            for (key, row) in &batch {
                match row {
                    Some(row) => drop(map.insert(key.clone(), row.clone())),
                    None => drop(map.remove(key)),
                }
            }
            write(&tables, batch);
            most = most.max(bundles(&tables));
            let (one, other) = (key(1, 4_096 * 50 + pick(9_000), 0), key(1 + u128::from(pick(2)), 4_096 * 52, 2));
            for (from, to) in [(Vec::new(), keys::after_all(&[])), (one, other)] {
                let expected: Vec<_> = map
                    .iter()
                    .filter(|(key, _)| **key >= from && **key < to)
                    .map(|(key, row)| (key.clone(), row.clone()))
                    .collect();
                assert_eq!(shown(&tables, (&from, &to), Order::Forwards), expected);
                let backwards: Vec<_> = expected.into_iter().rev().collect();
                assert_eq!(shown(&tables, (&from, &to), Order::Backwards), backwards);
            }
        }
        assert!(map.len() > 100 && most > 12 && bundles(&tables) * 2 < map.len(), "{} rows, {most}", map.len());
        for (key, row) in &map {
            assert_eq!(get(&tables, keys::CALLS_OF, key).unwrap().as_ref(), Some(row));
        }
        assert_eq!(get(&tables, keys::CALLS_OF, &key(3, 4_096 * 50, 0)).unwrap(), None);
        write(&tables, map.keys().map(|key| (key.clone(), None)).collect::<Vec<_>>());
        assert_eq!(bundles(&tables), 0, "what is empty goes");
    }

    #[test]
    fn a_bundle_that_is_none_is_damage() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path()).unwrap();
        let key = key(1, 5_000, 1);
        write(&tables, [(key.clone(), Some(vec![1, 2, 3]))]);
        let place = numbered(&Bundled { cut: 22, mask: TIMED }.place(&key), 0);
        let whole = tables.get(keys::CALLS_OF, &place).unwrap().unwrap();
        for wrong in [&[][..], &whole[1..], &whole[..whole.len() - 1], &[FORMAT + 1]] {
            tables.apply(vec![Change::put(keys::CALLS_OF, &place, wrong.to_vec())]).unwrap();
            assert!(matches!(get(&tables, keys::CALLS_OF, &key), Err(HistoryError::Damaged { .. })));
        }
    }
}
