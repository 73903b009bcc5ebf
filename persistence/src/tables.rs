//! Small tables that are not the log: values by key in a sled database of their own, written together or not at all, and
//! on the device when a write returns.
//!
//! What is kept here is looked at rarely and changed more rarely still: people, programs, sessions. Each write is synced,
//! as [`store::sled`](crate::store::sled) does it and for its reasons.

use std::ops::ControlFlow;
use std::path::Path;

use dce_runtime::JournalFault;

use crate::folder::make_folder;
use crate::store::sled::Database;

/// Bytes of a key or a value at most: more would be kept in files that sled never syncs.
pub const VALUE_BYTES_MAX: usize = 8 * 1024;
/// Bytes that one write may hold: below what sled writes before an older copy may be overwritten.
const WRITE_BYTES_MAX: usize = 128 * 1024;
/// What sled may keep in memory.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;

/// Is shown a key and its value, and may say that it has seen enough.
pub type Each<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// Tables in one folder.
#[derive(Debug)]
pub struct Tables {
    database: Database,
}

/// In which order keys are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The least first.
    Forwards,
    /// The greatest first.
    Backwards,
}

/// One change of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    key: Vec<u8>,
    value: Option<Vec<u8>>,
}

impl Change {
    /// Puts a value under a key of a table, in place of the one that may be there.
    #[must_use]
    pub fn put(table: &str, key: &[u8], value: Vec<u8>) -> Self {
        Self { key: place(table, key), value: Some(value) }
    }

    /// Takes a key out of a table, where it is in it.
    #[must_use]
    pub fn remove(table: &str, key: &[u8]) -> Self {
        Self { key: place(table, key), value: None }
    }

    /// How much it writes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.key.len() + self.value.as_ref().map_or(0, Vec::len)
    }
}

impl Tables {
    /// Opens the tables in a folder, or makes them.
    ///
    /// # Errors
    ///
    /// When the system refuses, or sled cannot read what is there.
    pub fn open(folder: &Path) -> Result<Self, JournalFault> {
        Self::open_with(folder, CACHE_BYTES)
    }

    /// The same, with so many bytes of memory for what is read often.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(folder: &Path, cache_bytes: u64) -> Result<Self, JournalFault> {
        make_folder(folder)?;
        Ok(Self { database: Database::open(folder, cache_bytes)? })
    }

    /// The value under a key.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn get(&self, table: &str, key: &[u8]) -> Result<Option<Vec<u8>>, JournalFault> {
        self.database.get(&place(table, key))
    }

    /// Shows each key and value of a table whose key begins with `prefix`, in order of keys, until `each` breaks.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn scan(&self, table: &str, prefix: &[u8], each: &mut Each<'_>) -> Result<(), JournalFault> {
        let skip = place(table, &[]).len();
        self.database.scan(&place(table, prefix), &mut |key, value| each(&key[skip..], value))
    }

    /// Shows each key and value of a table from the key `from` on, up to but without `to`, in the order that was asked for,
    /// until `each` breaks. What is written meanwhile may be shown or not.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn range(
        &self,
        table: &str,
        (from, to): (&[u8], &[u8]),
        order: Order,
        each: &mut Each<'_>,
    ) -> Result<(), JournalFault> {
        let skip = place(table, &[]).len();
        let (from, to) = (place(table, from), place(table, to));
        if from >= to {
            return Ok(());
        }
        self.database.range(&from, &to, order == Order::Backwards, &mut |key, value| each(&key[skip..], value))
    }

    /// Makes all changes, or none, of however many bytes: kill -9 does not take half of them back, and nobody who reads
    /// meanwhile sees half of them. A power cut may take back what was not [`sync`](Self::sync)ed since: this is for what can
    /// be made anew.
    ///
    /// Until all are made, every database of this process waits, the log's included: sled has one lock for all of them. So
    /// what is changed together is to be as few keys as may be.
    ///
    /// # Errors
    ///
    /// When a value is too large, or the system refuses.
    pub fn apply(&self, changes: Vec<Change>) -> Result<(), JournalFault> {
        let largest = changes.iter().map(Change::bytes).max().unwrap_or_default();
        if largest > VALUE_BYTES_MAX {
            return Err(JournalFault::new("writing a table", format!("{largest} bytes are too many")));
        }
        self.database.apply(changes.into_iter().map(|change| (change.key, change.value)).collect())
    }

    /// When this returns, a power cut does not take back what was applied.
    ///
    /// # Errors
    ///
    /// When the device refuses.
    pub fn sync(&self) -> Result<(), JournalFault> {
        self.database.sync()
    }

    /// Makes all changes, or none; when this returns, a power cut does not take them back.
    ///
    /// # Errors
    ///
    /// When a value is too large, or the device refuses. Whether the changes were made is then known to the next start.
    pub fn write(&self, changes: Vec<Change>) -> Result<(), JournalFault> {
        let largest = changes.iter().map(Change::bytes).max().unwrap_or_default();
        let total: usize = changes.iter().map(Change::bytes).sum();
        if largest > VALUE_BYTES_MAX || total > WRITE_BYTES_MAX {
            return Err(JournalFault::new("writing a table", format!("{largest} of {total} bytes are too many")));
        }
        self.database.write(changes.into_iter().map(|change| (change.key, change.value)).collect())
    }
}

/// Where a key of a table stands among those of all tables.
fn place(table: &str, key: &[u8]) -> Vec<u8> {
    [table.as_bytes(), &[0], key].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(tables: &Tables, table: &str, prefix: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        let mut each = |key: &[u8], value: &[u8]| {
            found.push((key.to_vec(), value.to_vec()));
            ControlFlow::Continue(())
        };
        tables.scan(table, prefix, &mut each).unwrap();
        found
    }

    #[test]
    fn what_was_written_is_there_after_a_restart_and_tables_do_not_mix() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("tables");
        {
            let tables = Tables::open(&folder).unwrap();
            let write = vec![
                Change::put("people", b"b", b"2".to_vec()),
                Change::put("people", b"a", b"1".to_vec()),
                Change::put("peopl", b"e\0a", b"3".to_vec()),
            ];
            tables.write(write).unwrap();
            tables.write(vec![Change::remove("people", b"b"), Change::remove("people", b"never")]).unwrap();
        }
        let tables = Tables::open(&folder).unwrap();
        assert_eq!(tables.get("people", b"a").unwrap().as_deref(), Some(&b"1"[..]));
        assert_eq!(tables.get("people", b"b").unwrap(), None);
        assert_eq!(all(&tables, "people", b""), [(b"a".to_vec(), b"1".to_vec())]);
        assert_eq!(all(&tables, "peopl", b"e").len(), 1);
    }

    #[test]
    fn a_range_is_shown_in_either_order_and_ends_where_it_was_asked_to() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path()).unwrap();
        let put = |table: &str, key: &str| Change::put(table, key.as_bytes(), vec![7; 900]);
        tables.apply(vec![put("t", "a"), put("t", "b"), put("t", "bb"), put("t", "c"), put("u", "b")]).unwrap();
        tables.sync().unwrap();
        let shown = |from: &str, to: &str, order| {
            let mut keys = String::new();
            let mut each = |key: &[u8], _: &[u8]| {
                keys.push_str(std::str::from_utf8(key).unwrap());
                keys.push(' ');
                ControlFlow::Continue(())
            };
            tables.range("t", (from.as_bytes(), to.as_bytes()), order, &mut each).unwrap();
            keys
        };
        assert_eq!(shown("b", "c", Order::Forwards), "b bb ");
        assert_eq!(shown("", "x", Order::Backwards), "c bb b a ");
        assert_eq!(shown("c", "a", Order::Forwards), "");
    }

    /// Each write puts the next number under every key. Whoever sees a number under one key sees none that is older under the
    /// keys that it looks at next, whichever of them were written first: half a write is seen by nobody.
    #[test]
    fn who_reads_meanwhile_sees_all_of_a_write_or_nothing() {
        const KEYS: u8 = 64;
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path()).unwrap();
        let write = |number: u32| {
            let put = |key| Change::put("t", &[key], number.to_be_bytes().to_vec());
            tables.apply((0..KEYS).map(put).collect()).unwrap();
        };
        let number = |value: &[u8]| u32::from_be_bytes(value.try_into().unwrap());
        write(0);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| (1..500).for_each(write));
            let mut order: Vec<u8> = (0..KEYS).collect();
            let mut looks = 0;
            while !writer.is_finished() || looks < 2 {
                let mut last = 0;
                for key in &order {
                    let seen = number(&tables.get("t", &[*key]).unwrap().unwrap());
                    assert!(seen >= last, "key {key} shows {seen} after another showed {last}");
                    last = seen;
                }
                let mut walked = 0;
                tables
                    .range("t", (&[], &[KEYS]), Order::Forwards, &mut |key, value| {
                        assert!(number(value) >= walked, "key {key:?} shows {} after {walked}", number(value));
                        walked = number(value);
                        ControlFlow::Continue(())
                    })
                    .unwrap();
                assert!(walked >= last);
                order.reverse();
                looks += 1;
            }
        });
    }

    #[test]
    fn a_value_that_is_too_large_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path()).unwrap();
        let write = vec![Change::put("t", b"small", vec![0]), Change::put("t", b"large", vec![0; VALUE_BYTES_MAX])];
        assert!(tables.write(write).is_err());
        assert!(all(&tables, "t", b"").is_empty());
        assert!(tables.write(vec![Change::put("t", b"large", vec![0; VALUE_BYTES_MAX - 16])]).is_ok());
    }
}
