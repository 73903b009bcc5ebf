//! Small files that belong to the owner alone, written so that a crash leaves the old one or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ring::rand::{SecureRandom, SystemRandom};

/// Why identity files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The system refused.
    #[error("cannot {doing} {path}: {cause}; the user who runs dce must own the directory")]
    File {
        /// read, write, …
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file says something it cannot.
    #[error("{path}, line {line}: {what}; restore the file, or delete the line and make a new key")]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A secret file of another size than it is written with.
    #[error(
        "{path} holds {found} bytes instead of {wanted}: restore it from a backup (without it no API key is valid)"
    )]
    Size {
        /// Which.
        path: PathBuf,
        /// Bytes found.
        found: usize,
        /// Bytes wanted.
        wanted: usize,
    },
    /// As many keys as there may be.
    #[error("{0} keys exist, revoked ones included: more are not kept")]
    TooManyKeys(usize),
    /// No key has this prefix.
    #[error("no key begins with {0}; `dce key list` shows them")]
    UnknownKey(String),
    /// The system gave no random numbers.
    #[error("the system gives no random numbers: no key can be made")]
    Random,
}

impl IdentityError {
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::File { doing, path, cause }
    }
}

/// Makes the directory, for its owner only.
pub(super) fn create_private_dir(path: &Path) -> Result<(), IdentityError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(IdentityError::file("make the directory", path))
}

/// Writes a file that was not there, for its owner only, whole or not at all. Returns whether it was written: `false`
/// when another process was first.
pub(super) fn create_private(path: &Path, bytes: &[u8]) -> Result<bool, IdentityError> {
    create(path, bytes, 0o600)
}

fn create(path: &Path, bytes: &[u8], mode: u32) -> Result<bool, IdentityError> {
    let fault = |doing| IdentityError::file(doing, path);
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&draft).map_err(fault("write"))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fault("write"))?;
    // A link, unlike a rename, does not replace what is there.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft).map_err(fault("write"))?;
    match linked {
        Ok(()) => sync_parent(path).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(fault("write")(error)),
    }
}

/// The same for a file that everybody may read.
pub(super) fn create_public(path: &Path, bytes: &[u8]) -> Result<bool, IdentityError> {
    create(path, bytes, 0o644)
}

/// Writes a file for its owner only, in place of the one that may be there.
pub(super) fn replace_private(path: &Path, bytes: &[u8]) -> Result<(), IdentityError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(IdentityError::file("replace", path)(error)),
        _ => create_private(path, bytes).map(|_| ()),
    }
}

/// The bytes of a secret of `N` bytes; drawn and written if there is none.
pub(super) fn secret_bytes<const N: usize>(path: &Path) -> Result<[u8; N], IdentityError> {
    if !path.exists() {
        let mut fresh = [0; N];
        SystemRandom::new().fill(&mut fresh).map_err(|_| IdentityError::Random)?;
        create_private(path, &fresh)?;
    }
    let bytes = read_small(path)?;
    <[u8; N]>::try_from(bytes.as_slice()).map_err(|_| IdentityError::Size {
        path: path.to_owned(),
        found: bytes.len(),
        wanted: N,
    })
}

/// Reads a file of at most 16 MiB.
pub(super) fn read_small(path: &Path) -> Result<Vec<u8>, IdentityError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(IdentityError::file("read", path))?;
    file.take(16 << 20).read_to_end(&mut bytes).map_err(IdentityError::file("read", path))?;
    Ok(bytes)
}

/// Makes a new name in a directory survive a power cut.
pub(super) fn sync_parent(path: &Path) -> Result<(), IdentityError> {
    let parent = path.parent().unwrap_or_else(|| Path::new("."));
    File::open(parent).and_then(|dir| dir.sync_all()).map_err(IdentityError::file("sync the directory of", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_drawn_once_and_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pepper");
        let first: [u8; 32] = secret_bytes(&path).unwrap();
        assert_eq!(secret_bytes::<32>(&path).unwrap(), first);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(secret_bytes::<16>(&path), Err(IdentityError::Size { found: 32, wanted: 16, .. })));
    }

    #[test]
    fn a_file_that_is_there_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        assert!(create_private(&path, b"one").unwrap());
        assert!(!create_private(&path, b"two").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no draft is left behind");
    }
}
