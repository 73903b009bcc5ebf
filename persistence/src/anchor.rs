//! How far the log was durable, written down outside the store, so that a store that lost its end is found out.
//!
//! The file has two slots, 4 KiB apart, and is written in turn, so that a write cut short spoils one slot and leaves the
//! one before it. The slot with the higher number counts.
//!
//! ```text
//! offset  bytes                                   offset  bytes
//!      0      4  magic "DCEA"                         40      8  number: counts writes; its parity is the slot
//!      4      1  version, 1                           48      8  durable sequence
//!      5      3  reserved, 0                          56     32  hash of the frame that ends there
//!      8     16  log id                               88      4  process that wrote it
//!     24      4  generation                           92      4  CRC-32 of everything before
//!     28      4  reserved, 0
//!     32      8  epoch: the writer's run; 0 before the first
//! ```
//!
//! It is written after the log's sync and beside the next commit: an acknowledgement waits for the log, never for the
//! anchor. So it may lag (see [`keeper`]); it never leads.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use dce_engine::ids::{LogId, Sequence};
use dce_runtime::JournalFault;

use crate::folder::{anchor_path, sync_folder};
use crate::frame::FrameHash;

pub mod keeper;

const SLOT_BYTES: usize = 96;
const SLOT_STRIDE: usize = 4_096;
const FILE_BYTES: usize = 2 * SLOT_STRIDE;
const MAGIC: [u8; 4] = *b"DCEA";
const VERSION: u8 = 1;

/// A place up to which a log is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Whose log.
    pub log: LogId,
    /// The generation the place lies in.
    pub generation: u32,
    /// The run of the writer that got there; 0 for a log no writer has opened yet.
    pub epoch: u64,
    /// The last durable sequence; always the last of a frame.
    pub durable: Sequence,
    /// That frame's hash.
    pub hash: FrameHash,
}

/// What an anchor file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnchorRead {
    /// The newest readable slot.
    pub anchor: Anchor,
    /// Its number.
    pub number: u64,
    /// The other slot was not readable: a write cut short, or damage. What it said may have been newer.
    pub slot_lost: bool,
}

/// Why there is no anchor.
#[derive(Debug)]
pub enum AnchorError {
    /// There is no file.
    Missing,
    /// Neither slot is readable.
    Unreadable,
    /// Written by a newer program.
    Version(u8),
    /// The file cannot be read.
    Io(io::Error),
}

impl AnchorRead {
    /// Reads a data directory's anchor.
    ///
    /// # Errors
    ///
    /// When there is none, or none that can be read.
    pub fn from_folder(dir: &Path) -> Result<Self, AnchorError> {
        match fs::read(anchor_path(dir)) {
            Ok(bytes) => Self::from_bytes(&bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(AnchorError::Missing),
            Err(error) => Err(AnchorError::Io(error)),
        }
    }

    /// Reads the bytes of an anchor file.
    ///
    /// # Errors
    ///
    /// When neither slot can be read.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AnchorError> {
        let slot = |place: usize| bytes.get(place..place + SLOT_BYTES).and_then(|slot| read_slot(slot).transpose());
        let first = slot(0).transpose().map_err(AnchorError::Version)?;
        let second = slot(SLOT_STRIDE).transpose().map_err(AnchorError::Version)?;
        let slot_lost = first.is_none() || second.is_none();
        let newest = first.into_iter().chain(second).max_by_key(|(number, _)| *number);
        let (number, anchor) = newest.ok_or(AnchorError::Unreadable)?;
        Ok(Self { anchor, number, slot_lost })
    }
}

/// The open anchor file of a log that is being written.
#[derive(Debug)]
pub struct AnchorFile {
    file: File,
    number: u64,
}

impl AnchorFile {
    /// Makes a data directory's anchor file, or replaces it, durably: both slots say the same.
    ///
    /// # Errors
    ///
    /// When it cannot be written and synced.
    pub fn create(dir: &Path, anchor: &Anchor) -> Result<Self, JournalFault> {
        let write = || -> io::Result<File> {
            let mut bytes = vec![0; FILE_BYTES];
            bytes[..SLOT_BYTES].copy_from_slice(&write_slot(0, anchor));
            bytes[SLOT_STRIDE..SLOT_STRIDE + SLOT_BYTES].copy_from_slice(&write_slot(1, anchor));
            let fresh = dir.join("anchor.new");
            let mut file = File::options().create(true).truncate(true).read(true).write(true).open(&fresh)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(fresh, anchor_path(dir))?;
            Ok(file)
        };
        let file = write().map_err(|error| JournalFault::new("making the anchor", error))?;
        sync_folder(dir)?;
        Ok(Self { file, number: 1 })
    }

    /// Opens a data directory's anchor file to write after the slot that was read from it.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub fn open(dir: &Path, read: &AnchorRead) -> Result<Self, JournalFault> {
        let file = File::options().read(true).write(true).open(anchor_path(dir));
        let file = file.map_err(|error| JournalFault::new("opening the anchor", error))?;
        Ok(Self { file, number: read.number })
    }

    /// Writes an anchor into the older slot, and waits until it survives a power cut.
    ///
    /// # Errors
    ///
    /// When it cannot be written and synced. The file is not used again.
    pub fn write(&mut self, anchor: &Anchor) -> Result<(), JournalFault> {
        self.number += 1;
        let place = SLOT_STRIDE as u64 * (self.number % 2);
        let written = self.file.write_all_at(&write_slot(self.number, anchor), place);
        let synced = written.and_then(|()| self.file.sync_data());
        synced.map_err(|error| JournalFault::new("writing the anchor", error))
    }
}

fn write_slot(number: u64, anchor: &Anchor) -> [u8; SLOT_BYTES] {
    let mut bytes = Vec::with_capacity(SLOT_BYTES);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&[VERSION, 0, 0, 0]);
    bytes.extend_from_slice(&anchor.log.0.to_le_bytes());
    bytes.extend_from_slice(&anchor.generation.to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&anchor.epoch.to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&anchor.durable.0.to_le_bytes());
    bytes.extend_from_slice(&anchor.hash.0);
    bytes.extend_from_slice(&std::process::id().to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes.try_into().expect("Invariant: the fields fill the slot")
}

/// The number and the anchor in a slot; nothing when it is damaged; the version when a newer program wrote it.
fn read_slot(slot: &[u8]) -> Result<Option<(u64, Anchor)>, u8> {
    let Some((covered, checksum)) = slot.split_last_chunk::<4>() else {
        return Ok(None);
    };
    if crc32fast::hash(covered) != u32::from_le_bytes(*checksum) || covered[..4] != MAGIC {
        return Ok(None);
    }
    if covered[4] != VERSION {
        return Err(covered[4]);
    }
    let anchor = Anchor {
        log: LogId(u128::from_le_bytes(part(covered, 8))),
        generation: u32::from_le_bytes(part(covered, 24)),
        epoch: u64::from_le_bytes(part(covered, 32)),
        durable: Sequence(u64::from_le_bytes(part(covered, 48))),
        hash: FrameHash(part(covered, 56)),
    };
    Ok(Some((u64::from_le_bytes(part(covered, 40)), anchor)))
}

fn part<const N: usize>(bytes: &[u8], place: usize) -> [u8; N] {
    bytes[place..place + N].try_into().expect("Invariant: a slot has the length of its fields")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchor(durable: u64) -> Anchor {
        Anchor { log: LogId(7), generation: 1, epoch: 3, durable: Sequence(durable), hash: FrameHash([9; 32]) }
    }

    #[test]
    fn the_newest_slot_counts_and_slots_are_written_in_turn() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(AnchorRead::from_folder(dir.path()), Err(AnchorError::Missing)));
        let mut file = AnchorFile::create(dir.path(), &anchor(0)).unwrap();
        for durable in 1..5 {
            file.write(&anchor(durable)).unwrap();
            let read = AnchorRead::from_folder(dir.path()).unwrap();
            assert_eq!(read, AnchorRead { anchor: anchor(durable), number: durable + 1, slot_lost: false });
        }
        let read = AnchorRead::from_folder(dir.path()).unwrap();
        AnchorFile::open(dir.path(), &read).unwrap().write(&anchor(5)).unwrap();
        assert_eq!(AnchorRead::from_folder(dir.path()).unwrap().anchor, anchor(5));
    }

    #[test]
    fn any_damage_to_one_slot_leaves_the_other() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = AnchorFile::create(dir.path(), &anchor(4)).unwrap();
        file.write(&anchor(5)).unwrap();
        let whole = fs::read(anchor_path(dir.path())).unwrap();
        for bit in 0..SLOT_BYTES * 8 {
            for (slot, left) in [(0, 4), (SLOT_STRIDE, 5)] {
                let mut bytes = whole.clone();
                bytes[slot + bit / 8] ^= 1 << (bit % 8);
                let read = AnchorRead::from_bytes(&bytes).unwrap();
                assert_eq!((read.anchor, read.slot_lost), (anchor(left), true), "slot at {slot}, bit {bit}");
            }
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes[SLOT_STRIDE + bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(AnchorRead::from_bytes(&bytes), Err(AnchorError::Unreadable)), "bit {bit} of both");
        }
    }

    #[test]
    fn a_file_of_any_length_is_read_without_a_panic() {
        let dir = tempfile::tempdir().unwrap();
        AnchorFile::create(dir.path(), &anchor(4)).unwrap();
        let whole = fs::read(anchor_path(dir.path())).unwrap();
        for length in 0..SLOT_BYTES {
            assert!(AnchorRead::from_bytes(&whole[..length]).is_err());
        }
        assert!(AnchorRead::from_bytes(&whole[..SLOT_BYTES]).unwrap().slot_lost);
    }
}
