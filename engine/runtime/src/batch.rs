//! A group of accepted commands on their way to the journal.

use dce_engine::ids::Sequence;
use dce_engine::units::Timestamp;

/// Bytes before each record: the time of its application (u64) and the record's length (u32), little endian.
pub const ENTRY_HEADER_BYTES: usize = 12;

/// Accepted commands of consecutive sequences, in order: what one group commit writes.
///
/// ```text
/// first+0: at u64 | length u32 | record …   first+1: at u64 | length u32 | record …   …
/// ```
#[derive(Clone, Debug, Default)]
pub struct Batch {
    first: Sequence,
    count: u32,
    /// A marked command is in it.
    marked: bool,
    bytes: Vec<u8>,
}

/// One accepted command of a [`Batch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its place in the log.
    pub sequence: Sequence,
    /// When it was applied.
    pub at: Timestamp,
    /// The command, as the journal's codec wrote it.
    pub record: &'a [u8],
}

impl Batch {
    /// An empty batch with room for so many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { first: Sequence(0), count: 0, marked: false, bytes: Vec::with_capacity(bytes) }
    }

    /// Adds the next accepted command.
    ///
    /// # Panics
    ///
    /// When `sequence` does not follow the last one: the log is dense.
    pub fn push(&mut self, sequence: Sequence, at: Timestamp, record: &[u8]) {
        if self.count == 0 {
            self.first = sequence;
        }
        let expected = self.first.0 + u64::from(self.count);
        assert_eq!(sequence.0, expected, "Invariant: a batch holds consecutive sequences");
        let length = u32::try_from(record.len()).expect("Invariant: a record is a few kilobytes");
        self.bytes.extend_from_slice(&at.micros().to_le_bytes());
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(record);
        self.count += 1;
    }

    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.count = 0;
        self.marked = false;
        self.bytes.clear();
    }

    /// Says that a marked command is in it.
    pub(crate) const fn mark(&mut self) {
        self.marked = true;
    }

    pub(crate) const fn is_marked(&self) -> bool {
        self.marked
    }

    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many commands it holds.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.count
    }

    /// The place of its first command; meaningless when empty.
    #[must_use]
    pub const fn first(&self) -> Sequence {
        self.first
    }

    /// The place of its last command; meaningless when empty.
    #[must_use]
    pub const fn last(&self) -> Sequence {
        Sequence(self.first.0 + self.count as u64 - 1)
    }

    /// All entries as they lie in memory, in the layout above.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The commands, in order.
    pub fn iter(&self) -> impl Iterator<Item = Entry<'_>> {
        entries(self.first, &self.bytes)
    }
}

/// Reads entries back from the layout of [`Batch::as_bytes`]. It ends at the first that is cut short, so compare counts.
pub fn entries(first: Sequence, bytes: &[u8]) -> impl Iterator<Item = Entry<'_>> {
    let (mut rest, mut next) = (bytes, first.0);
    core::iter::from_fn(move || {
        let (header, body) = rest.split_at_checked(ENTRY_HEADER_BYTES)?;
        let at = u64::from_le_bytes(header[..8].try_into().ok()?);
        let length = u32::from_le_bytes(header[8..].try_into().ok()?);
        let (record, after) = body.split_at_checked(usize::try_from(length).ok()?)?;
        let entry = Entry { sequence: Sequence(next), at: Timestamp::from_micros(at), record };
        (rest, next) = (after, next + 1);
        Some(entry)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pushed_comes_back_in_order() {
        let mut batch = Batch::with_capacity(64);
        batch.push(Sequence(7), Timestamp::from_micros(1), b"one");
        batch.push(Sequence(8), Timestamp::from_micros(2), b"");
        let entries: Vec<_> = batch.iter().map(|entry| (entry.sequence.0, entry.at.micros(), entry.record)).collect();
        assert_eq!(entries, [(7, 1, &b"one"[..]), (8, 2, &b""[..])]);
        assert_eq!((batch.first(), batch.last(), batch.len()), (Sequence(7), Sequence(8), 2));
    }

    #[test]
    fn a_cut_entry_ends_the_reading() {
        let mut batch = Batch::default();
        batch.push(Sequence(1), Timestamp::from_micros(1), b"whole");
        batch.push(Sequence(2), Timestamp::from_micros(1), b"cut");
        let bytes = &batch.as_bytes()[..batch.as_bytes().len() - 1];
        assert_eq!(entries(Sequence(1), bytes).count(), 1);
    }
}
