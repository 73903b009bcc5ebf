//! Whether the file system has room, so that whatever was applied can still be written.

use std::path::PathBuf;

use rustix::fs::statvfs;

/// What must stay free by default: far more than all rings, both batches and what sled adds to them can hold.
pub const RESERVE_BYTES: u64 = 64 * 1024 * 1024;

/// Watches the free space of a folder's file system.
#[derive(Clone, Debug)]
pub struct Space {
    folder: PathBuf,
    reserve_bytes: u64,
}

impl Space {
    /// Watches that so many bytes stay free.
    #[must_use]
    pub const fn new(folder: PathBuf, reserve_bytes: u64) -> Self {
        Self { folder, reserve_bytes }
    }

    /// Whether more than the reserve is free. A file system that cannot be asked has none: what cannot be known cannot
    /// be promised.
    #[must_use]
    pub fn has_room(&self) -> bool {
        statvfs(&self.folder).is_ok_and(|found| found.f_bavail.saturating_mul(found.f_frsize) > self.reserve_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_above_the_reserve_only() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Space::new(folder.path().to_path_buf(), 0).has_room());
        assert!(!Space::new(folder.path().to_path_buf(), u64::MAX).has_room());
        assert!(!Space::new(folder.path().join("absent"), 0).has_room());
    }
}
