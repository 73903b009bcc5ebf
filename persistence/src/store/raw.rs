//! Frames found in a file without asking the store that wrote it: when sled cannot open its file, this still tells how far
//! the log in it can be followed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use dce_engine::ids::Sequence;

use crate::frame::{FRAME_BYTES_MAX, Frame, FrameHash, FrameKind, MAGIC, length_said};

/// How much of the file is looked at together.
const WINDOW_BYTES: usize = 1 << 20;

/// The last sequence up to which the file holds an unbroken chain of whole frames, from a genesis on. Nothing when there
/// is none, or the file cannot be read.
pub(crate) fn last_whole(path: &Path) -> Option<Sequence> {
    let frames = whole_frames(path).ok()?;
    let (_, heads) = frames.first_key_value()?;
    let mut at = *heads.iter().find(|found| found.is_head)?;
    // A place may hold frames of several lives of the log; the chain tells which one follows.
    while let Some(next) =
        frames.get(&(at.last + 1)).and_then(|there| there.iter().find(|next| next.previous == at.hash))
    {
        at = *next;
    }
    Some(Sequence(at.last))
}

/// Reads the whole file and keeps nothing of it: what the device cannot give shows here, before sled opens the file.
pub(crate) fn read_through(path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut window = vec![0; WINDOW_BYTES];
    loop {
        match file.read(&mut window) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Found {
    is_head: bool,
    last: u64,
    previous: FrameHash,
    hash: FrameHash,
}

/// Every whole frame in the file, by its first sequence.
fn whole_frames(path: &Path) -> io::Result<BTreeMap<u64, Vec<Found>>> {
    let mut file = File::open(path)?;
    let mut frames: BTreeMap<u64, Vec<Found>> = BTreeMap::new();
    let mut window = Vec::with_capacity(WINDOW_BYTES + FRAME_BYTES_MAX);
    loop {
        let read = file.by_ref().take(WINDOW_BYTES as u64).read_to_end(&mut window)?;
        // What begins in the last stretch is looked at with the next window, unless there is none.
        let end = if read == 0 { window.len() } else { window.len().saturating_sub(FRAME_BYTES_MAX) };
        for start in (0..end).filter(|start| window[*start..].starts_with(&MAGIC)) {
            if let Some((frame, bytes)) = frame_at(&window[start..]) {
                let header = frame.header;
                let (is_head, hash) = (header.kind == FrameKind::Head, FrameHash::of(bytes));
                let found = Found { is_head, last: header.last().0, previous: header.previous, hash };
                let there = frames.entry(header.first.0).or_default();
                if !there.contains(&found) {
                    there.push(found);
                }
            }
        }
        if read == 0 {
            return Ok(frames);
        }
        window.drain(..end);
    }
}

fn frame_at(bytes: &[u8]) -> Option<(Frame<'_>, &[u8])> {
    let bytes = bytes.get(..length_said(bytes)?)?;
    Some((Frame::read(bytes).ok()?, bytes))
}

#[cfg(test)]
mod tests {
    use dce_engine::ids::LogId;

    use super::*;
    use crate::frame::FrameHeader;

    /// A file with noise between the frames of a log, one of them twice.
    fn file(frames: u64) -> Vec<u8> {
        let (mut bytes, mut frame, mut previous) = (vec![0xab; 300], Vec::new(), FrameHash::default());
        for place in 0..frames {
            let kind = if place == 0 { FrameKind::Head } else { FrameKind::Entries };
            let (log, first) = (LogId(7), Sequence(place));
            FrameHeader { kind, log, generation: 1, count: 1, epoch: 1, first, durable: Sequence(0), previous }
                .write(&vec![place as u8; 5_000], &mut frame);
            previous = FrameHash::of(&frame);
            bytes.extend_from_slice(&frame);
            bytes.extend_from_slice(b"DCEF, but no frame");
        }
        bytes.extend_from_slice(&frame);
        bytes
    }

    fn last_of(bytes: &[u8]) -> Option<u64> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        std::fs::write(&path, bytes).unwrap();
        last_whole(&path).map(|last| last.0)
    }

    #[test]
    fn a_chain_is_followed_through_whatever_lies_between() {
        // More than one window.
        assert_eq!(last_of(&file(500)), Some(499));
        assert_eq!(last_of(&file(1)), Some(0));
    }

    #[test]
    fn a_chain_ends_where_a_frame_is_damaged() {
        let mut bytes = file(10);
        let middle = bytes.windows(100).position(|window| window == [6; 100]).unwrap();
        bytes[middle] ^= 1;
        assert_eq!(last_of(&bytes), Some(5));
        assert_eq!(last_of(&[]), None);
        assert_eq!(last_of(&[7; 10_000]), None);
    }
}
