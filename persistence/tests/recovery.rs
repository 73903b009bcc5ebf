//! The recovery table, a test for each row: what is found in a log, and what is done about it.

use std::collections::BTreeMap;

use dce_engine::prelude::*;
use dce_persistence::anchor::Anchor;
use dce_persistence::faults::{Planted, drill};
use dce_persistence::frame::{Frame, FrameHash, FrameHeader, FrameKind};
use dce_persistence::recovery::{Walked, walk};
use dce_persistence::store::fake::{FakeDisk, FakeLog, Fate, Script};
use dce_persistence::{Cut, Damage, ErrorKind, LogError};
use dce_runtime::{Batch, Journal};
use std::ops::ControlFlow;

/// Commands 1–10 and 11–20 in a frame each, then 21, 22, 23, 24 in frames of their own, synced one by one.
fn log() -> FakeDisk {
    let disk = FakeDisk::with_log(&drill::genesis());
    let mut log = open(&disk, None).expect("the log is sound");
    commit(&mut log, &[10, 10, 1, 1, 1, 1]);
    disk
}

fn open(disk: &FakeDisk, anchor: Option<&Anchor>) -> Result<FakeLog, LogError> {
    disk.open(anchor, Planted::default(), &mut |_| ())
}

fn commit(log: &mut FakeLog, sizes: &[u64]) {
    let (mut codec, mut events, mut batch) = (log.journal.codec(), Events::new(), Batch::default());
    for size in sizes {
        batch.clear();
        drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, *size);
        log.journal.append(&batch).expect("the device takes it");
        log.journal.sync().expect("the device keeps it");
    }
}

/// The mark at this sequence.
fn mark(disk: &FakeDisk, durable: u64) -> Anchor {
    let marks = disk.marks();
    *marks.iter().rev().find(|mark| mark.durable == Sequence(durable)).expect("there was a commit that ended here")
}

fn walked(disk: &FakeDisk, anchored: u64) -> Result<Walked, LogError> {
    let anchor = mark(disk, anchored);
    walk(&[(1, disk.clone())], Some(&anchor), Planted::default(), &mut |_| Ok(ControlFlow::Continue(())))
}

/// What a damaged log is refused with: its key, the last good sequence, and the damage.
fn refused(disk: &FakeDisk, anchored: u64) -> (u64, Option<u64>, Damage) {
    match walked(disk, anchored) {
        Err(LogError::Damaged { generation: 1, key, last_good, damage }) => {
            (key.0, last_good.map(|last| last.0), damage)
        }
        other => panic!("not refused as damaged: {other:?}"),
    }
}

/// Changes a frame's header and seals it again.
fn rewrite(frames: &mut BTreeMap<u64, Vec<u8>>, key: u64, change: impl FnOnce(&mut FrameHeader)) {
    let old = frames[&key].clone();
    let Frame { mut header, payload } = Frame::read(&old).expect("the frame is whole");
    change(&mut header);
    header.write(payload, frames.get_mut(&key).expect("it was just read"));
}

#[test]
fn a_whole_log_is_taken() {
    let disk = log();
    let walked = walked(&disk, 24).unwrap();
    assert_eq!((walked.place.last, walked.cut, walked.frames), (Sequence(24), None, 7));
    assert_eq!(open(&disk, Some(&mark(&disk, 24))).unwrap().exchange.digest(), drill::model(24).digest());
}

#[test]
fn a_torn_tail_above_the_anchor_is_cut_and_said() {
    for length in [0, 1, 60, 150] {
        let disk = log();
        disk.change(|frames| frames.get_mut(&24).unwrap().truncate(length));
        let mut log = open(&disk, Some(&mark(&disk, 23))).unwrap();
        let Some(Cut { first, frames, damage: Damage::Unreadable(_) }) = log.walked.cut else {
            panic!("not cut: {:?}", log.walked);
        };
        assert_eq!((first, frames), (Sequence(24), 1));
        assert_eq!(log.exchange.digest(), drill::model(23).digest());
        // And goes on from there.
        commit(&mut log, &[2, 1]);
        let again = open(&disk, Some(&mark(&disk, 26))).unwrap();
        assert_eq!((again.walked.cut, again.exchange.digest()), (None, drill::model(26).digest()));
    }
}

#[test]
fn bytes_that_are_no_frame_are_refused_where_the_anchor_proves_them() {
    let disk = log();
    disk.change(|frames| frames.get_mut(&24).unwrap()[140] ^= 1);
    let (key, last_good, damage) = refused(&disk, 24);
    assert_eq!((key, last_good), (24, Some(23)));
    assert!(matches!(damage, Damage::Unreadable(_)));
}

#[test]
fn bytes_that_are_no_frame_are_refused_where_a_later_frame_proves_them() {
    let disk = log();
    disk.change(|frames| frames.get_mut(&22).unwrap()[140] ^= 1);
    // The anchor lags at 20; the frame of 23 was written when 22 was durable.
    let (key, last_good, _) = refused(&disk, 20);
    assert_eq!((key, last_good), (22, Some(21)));
}

#[test]
fn bytes_that_are_no_frame_are_refused_where_a_whole_frame_follows() {
    let disk = log();
    let mut log = open(&disk, Some(&mark(&disk, 24))).unwrap();
    let (mut codec, mut events, mut batch) = (log.journal.codec(), Events::new(), Batch::default());
    // Three frames to one sync: none of them proves another.
    drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, 250);
    log.journal.append(&batch).unwrap();
    assert!(disk.pending().len() >= 3);
    disk.cut_power(&mut |_| Fate::Kept);
    disk.change(|frames| frames.get_mut(&25).unwrap()[140] ^= 1);
    let (key, last_good, damage) = refused(&disk, 24);
    assert_eq!((key, last_good), (25, Some(24)));
    assert!(matches!(damage, Damage::Unreadable(_)));
    // With nothing whole behind them they are a write cut short.
    disk.change(|frames| frames.range_mut(26..).for_each(|(_, frame)| frame.truncate(100)));
    let cut = walked(&disk, 24).unwrap().cut.unwrap();
    assert_eq!(cut.first, Sequence(25));
}

#[test]
fn missing_frames_are_refused_where_they_are_proven() {
    let disk = log();
    disk.change(|frames| drop(frames.remove(&11)));
    assert_eq!(refused(&disk, 24), (11, Some(10), Damage::Gap { next: Sequence(21) }));
    assert_eq!(refused(&disk, 10), (11, Some(10), Damage::Gap { next: Sequence(21) }));
}

#[test]
fn missing_frames_that_never_were_durable_end_the_log() {
    let disk = log();
    let mut log = open(&disk, Some(&mark(&disk, 24))).unwrap();
    let (mut codec, mut events, mut batch) = (log.journal.codec(), Events::new(), Batch::default());
    // Three frames to one sync, of which the power lets only the third through.
    drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, 250);
    log.journal.append(&batch).unwrap();
    let pending = disk.pending().len();
    assert!(pending >= 3, "{pending} frames");
    disk.cut_power(&mut |index| if index == 2 { Fate::Kept } else { Fate::Lost });
    let log = open(&disk, Some(&mark(&disk, 24))).unwrap();
    let cut = log.walked.cut.unwrap();
    assert_eq!((cut.first, cut.frames), (Sequence(25), 1));
    assert!(matches!(cut.damage, Damage::Gap { .. }));
    assert_eq!(log.exchange.digest(), drill::model(24).digest());
    assert!(disk.image().keys().all(|key| *key <= 24), "what was cut is gone from the device");
}

#[test]
fn a_log_shorter_than_its_anchor_is_refused_with_both_ends() {
    let disk = log();
    disk.change(|frames| frames.retain(|key, _| *key < 23));
    let error = walked(&disk, 24).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    let LogError::TooShort { generation: 1, last_good: Sequence(22), durable: Sequence(24) } = error else {
        panic!("{error}");
    };
    let text = error.to_string();
    assert!(text.contains("sequence is 22") && text.contains("up to 24"), "{text}");
    // Above its anchor it may end anywhere: nobody was promised more.
    assert_eq!(walked(&disk, 22).unwrap().place.last, Sequence(22));
}

#[test]
fn a_log_with_nothing_in_it_is_refused() {
    let disk = log();
    disk.change(BTreeMap::clear);
    assert_eq!(refused(&disk, 24), (0, None, Damage::Head));
    assert_eq!(refused(&disk, 0), (0, None, Damage::Head));
}

#[test]
fn a_log_without_its_genesis_is_refused() {
    let disk = log();
    disk.change(|frames| drop(frames.remove(&0)));
    assert_eq!(refused(&disk, 0), (0, None, Damage::Gap { next: Sequence(1) }));
    let disk = log();
    disk.change(|frames| frames.get_mut(&0).unwrap()[130] ^= 1);
    let (key, last_good, damage) = refused(&disk, 0);
    assert_eq!((key, last_good), (0, None));
    assert!(matches!(damage, Damage::Unreadable(_)));
}

#[test]
fn a_second_genesis_is_refused() {
    let disk = log();
    disk.change(|frames| rewrite(frames, 24, |header| header.kind = FrameKind::Head));
    assert_eq!(refused(&disk, 0), (24, Some(23), Damage::Head));
}

#[test]
fn a_frame_of_another_log_is_refused_wherever_it_lies() {
    let disk = log();
    disk.change(|frames| rewrite(frames, 24, |header| header.log = LogId(99)));
    assert_eq!(refused(&disk, 0), (24, Some(23), Damage::Foreign));
}

#[test]
fn a_frame_of_another_generation_is_refused_wherever_it_lies() {
    let disk = log();
    disk.change(|frames| rewrite(frames, 24, |header| header.generation = 2));
    assert_eq!(refused(&disk, 0), (24, Some(23), Damage::Misplaced));
}

#[test]
fn a_frame_under_another_key_is_refused_wherever_it_lies() {
    // A misdirected write: the bytes of one frame where another belongs, or behind the end.
    for target in [23, 24, 25, 99] {
        let disk = log();
        disk.change(|frames| drop(frames.insert(target, frames[&22].clone())));
        let (_, last_good, damage) = refused(&disk, 0);
        assert_eq!((last_good, damage), (Some(target.min(25) - 1), Damage::Misplaced), "at {target}");
    }
}

#[test]
fn a_frame_that_repeats_sequences_is_refused_wherever_it_lies() {
    let disk = log();
    disk.change(|frames| {
        rewrite(frames, 23, |header| header.count = 2);
    });
    // 23 now says that it covers 24 too, which has a frame of its own.
    assert_eq!(refused(&disk, 0), (24, Some(24), Damage::Overlap));
    // What is left of a frame is no torn end where another already covers its sequences.
    disk.change(|frames| frames.get_mut(&24).unwrap()[140] ^= 1);
    assert_eq!(refused(&disk, 0), (24, Some(24), Damage::Overlap));
}

#[test]
fn a_frame_that_follows_another_is_refused_wherever_it_lies() {
    let disk = log();
    disk.change(|frames| rewrite(frames, 24, |header| header.previous = FrameHash([7; 32])));
    assert_eq!(refused(&disk, 0), (24, Some(23), Damage::Chain));
}

#[test]
fn a_stale_frame_breaks_the_chain_behind_it() {
    // The device gives back what lay under a key before: whole, of this log, in its place.
    let disk = log();
    let stale = disk.image()[&24].clone();
    let before = mark(&disk, 23);
    disk.change(|frames| drop(frames.remove(&24)));
    let mut again = open(&disk, Some(&before)).unwrap();
    commit(&mut again, &[1, 1]);
    let fresh = disk.image()[&24].clone();
    assert_ne!(stale, fresh);
    disk.change(|frames| drop(frames.insert(24, stale)));
    assert_eq!(refused(&disk, 23), (25, Some(24), Damage::Chain));
    // At the very end, only the anchor can know.
    disk.change(|frames| drop(frames.remove(&25)));
    let error = walked(&disk, 24).unwrap_err();
    assert!(matches!(error, LogError::AnchorDisagrees { durable: Sequence(24), found: Some(_), .. }), "{error}");
}

#[test]
fn a_frame_of_an_earlier_run_is_refused_wherever_it_lies() {
    let disk = log();
    disk.change(|frames| rewrite(frames, 24, |header| header.epoch = 0));
    assert_eq!(refused(&disk, 0), (24, Some(23), Damage::Order));
}

#[test]
fn a_frame_that_proves_itself_is_refused() {
    let disk = log();
    disk.change(|frames| rewrite(frames, 24, |header| header.durable = Sequence(24)));
    assert_eq!(refused(&disk, 0), (24, Some(23), Damage::Order));
}

#[test]
fn a_log_of_a_newer_program_is_refused_and_never_cut() {
    // A later version, another kind, encryption.
    for (place, value, said) in [(4, 2, 2), (5, 9, 1), (6, 1, 1)] {
        let disk = log();
        disk.change(|frames| {
            let frame = frames.get_mut(&24).unwrap();
            frame[place] = value;
            let covered = frame.len() - 4;
            let checksum = crc32fast::hash(&frame[..covered]).to_le_bytes();
            frame[covered..].copy_from_slice(&checksum);
        });
        let error = walked(&disk, 0).unwrap_err();
        assert!(matches!(error, LogError::Newer { version, .. } if version == said), "byte {place}: {error}");
        assert_eq!(error.kind(), ErrorKind::Newer);
    }
}

#[test]
fn an_anchor_inside_a_frame_or_of_another_log_is_refused() {
    let disk = log();
    let anchor = Anchor { durable: Sequence(15), ..mark(&disk, 20) };
    let error = open(&disk, Some(&anchor)).map(drop).unwrap_err();
    assert!(matches!(error, LogError::AnchorDisagrees { durable: Sequence(15), found: None, .. }), "{error}");
    let anchor = Anchor { log: LogId(99), ..mark(&disk, 20) };
    let error = open(&disk, Some(&anchor)).map(drop).unwrap_err();
    assert!(matches!(error, LogError::AnchorForeign { .. }), "{error}");
}

#[test]
fn commands_that_are_not_those_the_header_counts_are_refused() {
    let disk = log();
    disk.change(|frames| rewrite(frames, 11, |header| header.count = 9));
    let error = open(&disk, None).map(drop).unwrap_err();
    assert!(matches!(error, LogError::Damaged { key: Sequence(11), damage: Damage::Entries, .. }), "{error}");
}

#[test]
fn a_store_that_cannot_read_is_refused_with_the_last_good_sequence() {
    let disk = log();
    disk.script(Script { unreadable: Some(22), ..Script::default() });
    let error = walked(&disk, 0).unwrap_err();
    assert!(matches!(error, LogError::Store { generation: 1, last_good: Some(Sequence(21)), .. }), "{error}");
}

#[test]
fn generations_follow_one_another() {
    let (first, second) = generations();
    let both = [(1, first.clone()), (2, second)];
    let walked = walk(&both, None, Planted::default(), &mut |_| Ok(ControlFlow::Continue(()))).unwrap();
    assert_eq!((walked.place.generation, walked.place.last, walked.frames), (2, Sequence(25), 9));
    // A break in the first is no torn tail: the second was begun when the first was durable.
    first.change(|frames| drop(frames.remove(&24)));
    let error = walk(&both, None, Planted::default(), &mut |_| Ok(ControlFlow::Continue(()))).unwrap_err();
    assert!(matches!(error, LogError::Damaged { generation: 2, last_good: Some(Sequence(23)), .. }), "{error}");
    let (first, second) = generations();
    first.change(|frames| frames.get_mut(&24).unwrap()[140] ^= 1);
    let error = walk(&[(1, first), (2, second)], None, Planted::default(), &mut |_| Ok(ControlFlow::Continue(())));
    let error = error.unwrap_err();
    assert!(matches!(error, LogError::Damaged { generation: 1, key: Sequence(24), .. }), "{error}");
    // Nor is a generation without a head.
    let (first, second) = generations();
    second.change(BTreeMap::clear);
    let both = [(1, first), (2, second)];
    let error = walk(&both, None, Planted::default(), &mut |_| Ok(ControlFlow::Continue(()))).unwrap_err();
    assert!(matches!(error, LogError::Damaged { generation: 2, damage: Damage::Head, .. }), "{error}");
}

/// The log of above, and one frame in a second generation.
fn generations() -> (FakeDisk, FakeDisk) {
    let (first, second) = (log(), FakeDisk::default());
    let image = first.image();
    let head = Frame::read(&image[&0]).expect("the frame is whole");
    let mut frames = [Vec::new(), Vec::new()];
    let header = FrameHeader {
        generation: 2,
        epoch: 2_000,
        first: Sequence(24),
        durable: Sequence(24),
        previous: FrameHash::of(&image[&24]),
        ..head.header
    };
    header.write(head.payload, &mut frames[0]);
    let previous = FrameHash::of(&frames[0]);
    let last = Frame::read(&image[&24]).expect("the frame is whole");
    FrameHeader { first: Sequence(25), kind: FrameKind::Entries, previous, ..header }
        .write(last.payload, &mut frames[1]);
    second.change(|found| {
        for (key, frame) in [24, 25].into_iter().zip(frames) {
            found.insert(key, frame);
        }
    });
    (first, second)
}
