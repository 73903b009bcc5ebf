//! Records whose application panicked, so that the next start refuses the same command instead of meeting the panic
//! again.
//!
//! ```text
//! length u32 | CRC-32 of the record u32 | record …   length | CRC-32 | record …
//! ```
//!
//! The file is replaced as a whole, so it is never half written: whatever is not as above is damage.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dce_runtime::JournalFault;

use super::sync_folder;

const HEADER: usize = 8;

/// Where the file is.
#[must_use]
pub fn path(dir: &Path) -> PathBuf {
    dir.join("quarantine")
}

/// Adds a record, durably.
///
/// # Errors
///
/// When it cannot be written and synced, or when what is in quarantine already cannot be read.
pub fn add(dir: &Path, record: &[u8]) -> Result<(), JournalFault> {
    let write = || -> io::Result<()> {
        let mut records = read(dir)?;
        records.push(record.to_vec());
        let fresh = dir.join("quarantine.new");
        let mut file = File::create(&fresh)?;
        for record in &records {
            file.write_all(&(record.len() as u32).to_le_bytes())?;
            file.write_all(&crc32fast::hash(record).to_le_bytes())?;
            file.write_all(record)?;
        }
        file.sync_all()?;
        fs::rename(fresh, path(dir))
    };
    write().map_err(|error| JournalFault::new("writing a record into quarantine", error))?;
    sync_folder(dir)
}

/// Every record in quarantine, in the order they came.
///
/// # Errors
///
/// When the file cannot be read; [`io::ErrorKind::InvalidData`] when it is damaged.
pub fn read(dir: &Path) -> io::Result<Vec<Vec<u8>>> {
    let bytes = match fs::read(path(dir)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read?,
    };
    let (mut rest, mut records) = (&bytes[..], Vec::new());
    while !rest.is_empty() {
        let Some((record, after)) = next(rest) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("record {} is damaged", records.len() + 1)));
        };
        records.push(record.to_vec());
        rest = after;
    }
    Ok(records)
}

fn next(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let ([a, b, c, d, checksum @ ..], body) = bytes.split_first_chunk::<HEADER>()?;
    let length = u32::from_le_bytes([*a, *b, *c, *d]);
    let (record, after) = body.split_at_checked(usize::try_from(length).ok()?)?;
    (crc32fast::hash(record) == u32::from_le_bytes(*checksum)).then_some((record, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_comes_out_in_order() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap(), Vec::<Vec<u8>>::new());
        add(dir.path(), b"first").unwrap();
        add(dir.path(), b"").unwrap();
        add(dir.path(), b"third").unwrap();
        assert_eq!(read(dir.path()).unwrap(), [&b"first"[..], b"", b"third"]);
    }

    #[test]
    fn damage_is_told() {
        let dir = tempfile::tempdir().unwrap();
        add(dir.path(), b"only one").unwrap();
        let whole = fs::read(path(dir.path())).unwrap();
        for length in 1..whole.len() {
            fs::write(path(dir.path()), &whole[..length]).unwrap();
            assert_eq!(read(dir.path()).unwrap_err().kind(), io::ErrorKind::InvalidData, "cut to {length}");
        }
        for byte in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[byte] ^= 1;
            fs::write(path(dir.path()), damaged).unwrap();
            assert_eq!(read(dir.path()).unwrap_err().kind(), io::ErrorKind::InvalidData, "byte {byte}");
        }
    }
}
