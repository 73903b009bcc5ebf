//! The data directory: what lies in it, and how a folder is made so that it is still there after a power cut.
//!
//! ```text
//! DIR/
//!   lock          held while a process has the log open; its number is inside
//!   anchor        two slots: how far the log was durable (see `anchor`)
//!   quarantine    records whose application panicked; not there until one did
//!   log-000001/   generation 1: one sled database
//!   log-000001.new/   a generation that was being made when the power went: removed
//! ```

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use dce_runtime::JournalFault;

pub mod lock;
pub mod quarantine;
pub mod space;

/// The file with the anchor.
#[must_use]
pub fn anchor_path(dir: &Path) -> PathBuf {
    dir.join("anchor")
}

/// The folder of a generation.
#[must_use]
pub fn generation_path(dir: &Path, generation: u32) -> PathBuf {
    dir.join(format!("log-{generation:06}"))
}

/// The folder of a generation that is being made. It gets its name once it is complete.
#[must_use]
pub fn unfinished_path(dir: &Path, generation: u32) -> PathBuf {
    dir.join(format!("log-{generation:06}.new"))
}

/// The generations there are, in order.
///
/// # Errors
///
/// When the directory cannot be read.
pub fn generations(dir: &Path) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    if dir.exists() {
        for entry in fs::read_dir(dir)? {
            let name = entry?.file_name();
            let digits = name.to_str().and_then(|name| name.strip_prefix("log-"));
            found.extend(digits.filter(|digits| digits.len() == 6).and_then(|digits| digits.parse::<u32>().ok()));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Makes a folder and all above it that are missing, and makes each durable where it is entered.
///
/// # Errors
///
/// When one cannot be made or synced.
pub fn make_folder(path: &Path) -> Result<(), JournalFault> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = parent_of(path);
    make_folder(&parent)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(JournalFault::new(format!("making the folder {}", path.display()), error))
        }
        _ => sync_folder(&parent),
    }
}

/// Makes the entries of a folder durable: which files are in it, under which names.
///
/// # Errors
///
/// When the device refuses.
pub fn sync_folder(path: &Path) -> Result<(), JournalFault> {
    let synced = File::open(path).and_then(|folder| folder.sync_all());
    synced.map_err(|error| JournalFault::new(format!("syncing the folder {}", path.display()), error))
}

/// The folder a path lies in; the working directory for a bare name.
#[must_use]
pub fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        Some(_) => PathBuf::from("."),
        None => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generations_are_found_in_order_and_unfinished_ones_are_none() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["log-000002", "log-000001", "log-000003.new", "log-4", "identity"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        assert_eq!(generations(dir.path()).unwrap(), [1, 2]);
        assert_eq!(generations(&dir.path().join("absent")).unwrap(), [0; 0]);
    }

    #[test]
    fn a_folder_is_made_with_all_above_it() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b/c");
        make_folder(&deep).unwrap();
        make_folder(&deep).unwrap();
        assert!(deep.is_dir());
        assert_eq!(parent_of(Path::new("bare")), PathBuf::from("."));
        assert_eq!(parent_of(Path::new("/")), PathBuf::from("/"));
    }
}
