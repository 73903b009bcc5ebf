//! The repository as text: which files there are, and what stands in them.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// What is built, fetched or recorded, and so is nobody's prose. (In a linked worktree `.git` is a file.)
const SKIPPED: [&str; 6] = [".git", "target", "artifacts", "corpus", "coverage", "proptest-regressions"];

/// A file of the repository: its name from the root, with slashes, and its text.
pub(crate) struct SourceFile {
    pub(crate) name: String,
    pub(crate) text: String,
}

pub(crate) fn root() -> PathBuf {
    normal(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
}

pub(crate) fn rust_files(folders: &[&str]) -> Vec<SourceFile> {
    folders.iter().flat_map(|folder| files(&root().join(folder), |name| name.ends_with(".rs"))).collect()
}

/// Every text file below a folder that the filter wants, in order of name.
pub(crate) fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<SourceFile> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let own_name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if !SKIPPED.contains(&own_name.as_str()) {
                    folders.push(path);
                }
            } else if kind.is_file() && !SKIPPED.contains(&own_name.as_str()) && wanted(&own_name) {
                // What is not UTF-8 is not text.
                if let Ok(text) = fs::read_to_string(&path) {
                    found.push(SourceFile { name: name_from_root(&path), text });
                }
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

pub(crate) fn name_from_root(path: &Path) -> String {
    let inside = path.strip_prefix(root()).unwrap_or(path);
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// The path without `.` and `..`, without asking the file system.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}
