//! A store that lies, in every way one byte, one frame or one crash can: what comes back is what was acknowledged, or the
//! log is refused. And the promises broken on purpose, to see that these tests would notice.

mod simulation;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use dce_engine::prelude::*;
use dce_persistence::anchor::Anchor;
use dce_persistence::faults::{Planted, drill};
use dce_persistence::recovery::{Walked, walk};
use dce_persistence::store::fake::{FakeDisk, Script};
use dce_persistence::{Damage, LogError};
use dce_runtime::{Batch, Journal};

use simulation::{Lies, Tally, simulate};

/// How many random histories, unless `DCE_LIES` says otherwise.
const HISTORIES: u64 = 300;

/// A log of so many frames of a command each, every one synced; and its marks.
fn log(frames: u64) -> (FakeDisk, Vec<Anchor>) {
    let disk = FakeDisk::with_log(&drill::genesis());
    let mut log = disk.open(None, Planted::default(), &mut |_| ()).expect("the log is new");
    let (mut codec, mut events, mut batch) = (log.journal.codec(), Events::new(), Batch::default());
    for _ in 0..frames {
        batch.clear();
        drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, 1);
        log.journal.append(&batch).expect("the device takes it");
        log.journal.sync().expect("the device keeps it");
    }
    let marks = disk.marks();
    (disk, marks)
}

fn anchor_at(marks: &[Anchor], durable: u64) -> &Anchor {
    marks.iter().rev().find(|mark| mark.durable == Sequence(durable)).expect("every sequence was marked")
}

fn walked(disk: &FakeDisk, anchor: &Anchor) -> Result<Walked, LogError> {
    walk(&[(1, disk.clone())], Some(anchor), Planted::default(), &mut |_| Ok(ControlFlow::Continue(())))
}

#[test]
fn every_byte_of_a_log_that_flips_is_refused_by_place_or_was_never_durable() {
    const FRAMES: u64 = 200;
    let (disk, marks) = log(FRAMES);
    // The last frame alone is neither anchored nor proven by another.
    let anchor = anchor_at(&marks, FRAMES - 20);
    let image = disk.image();
    for (&key, frame) in &image {
        for byte in 0..frame.len() {
            let flip = |frames: &mut BTreeMap<u64, Vec<u8>>| {
                let byte_there = frames.get_mut(&key).and_then(|frame| frame.get_mut(byte));
                *byte_there.expect("it is there") ^= 1 << ((byte as u64 + key) % 8);
            };
            disk.change(flip);
            match walked(&disk, anchor) {
                Err(LogError::Damaged { generation: 1, key: at, last_good, damage: Damage::Unreadable(_) }) => {
                    assert!(key < FRAMES, "byte {byte} of the last frame");
                    assert_eq!((at.0, last_good), (key, key.checked_sub(1).map(Sequence)), "byte {byte}");
                }
                Ok(walked) => {
                    let cut = walked.cut.expect("the flip was noticed");
                    assert_eq!((key, cut.first, walked.place.last), (FRAMES, Sequence(FRAMES), Sequence(FRAMES - 1)));
                }
                other => panic!("byte {byte} of frame {key}: {other:?}"),
            }
            disk.change(flip);
        }
    }
    assert_eq!(disk.image(), image);
}

#[test]
fn a_lost_end_is_refused_below_the_anchor_and_taken_above_it() {
    const FRAMES: u64 = 60;
    let (disk, marks) = log(FRAMES);
    let image = disk.image();
    for anchored in 0..=FRAMES {
        let anchor = anchor_at(&marks, anchored);
        for last in 0..=FRAMES {
            disk.change(|frames| frames.retain(|key, _| *key <= last));
            match walked(&disk, anchor) {
                Ok(walked) => assert!(walked.place.last == Sequence(last) && walked.cut.is_none() && last >= anchored),
                Err(LogError::TooShort { last_good, durable, .. }) => {
                    assert_eq!((last_good.0, durable.0), (last, anchored));
                    assert!(last < anchored);
                }
                Err(other) => panic!("anchored at {anchored}, ending at {last}: {other}"),
            }
            disk.change(|frames| frames.clone_from(&image));
        }
    }
}

#[test]
fn a_missing_frame_or_run_of_frames_is_refused() {
    const FRAMES: u64 = 40;
    let (disk, marks) = log(FRAMES);
    let image = disk.image();
    for first in 1..FRAMES {
        for last in first..FRAMES {
            for anchored in [0, first, FRAMES] {
                disk.change(|frames| frames.retain(|key, _| !(first..=last).contains(key)));
                let result = walked(&disk, anchor_at(&marks, anchored));
                disk.change(|frames| frames.clone_from(&image));
                // Whatever comes behind the gap was written when the gap had been durable, but for the frame right
                // behind it, which says so of all before it.
                let Err(LogError::Damaged { key, last_good, damage: Damage::Gap { next }, .. }) = result else {
                    panic!("{first} to {last} are missing: {result:?}");
                };
                assert_eq!((key.0, last_good, next.0), (first, Some(Sequence(first - 1)), last + 1));
            }
        }
    }
}

#[test]
fn a_frame_in_the_place_of_another_is_refused() {
    const FRAMES: u64 = 40;
    let (disk, marks) = log(FRAMES);
    let image = disk.image();
    for from in 0..=FRAMES {
        for to in (0..=FRAMES).filter(|to| *to != from) {
            disk.change(|frames| drop(frames.insert(to, image[&from].clone())));
            let result = walked(&disk, anchor_at(&marks, 0));
            disk.change(|frames| frames.clone_from(&image));
            assert!(matches!(result, Err(LogError::Damaged { .. })), "frame {from} at {to}: {result:?}");
        }
    }
}

#[test]
fn histories_with_crashes_keep_what_was_acknowledged() {
    let tally = all_histories(Lies::None);
    assert!(tally.with_more > 0 && tally.with_cut > 0 && tally.refused == 0, "the histories are dull: {tally:?}");
}

#[test]
fn histories_with_lies_keep_what_was_acknowledged_or_are_refused() {
    let tally = all_histories(Lies::Any);
    assert!(tally.with_more > 0 && tally.with_cut > 0 && tally.refused > 0, "the histories are dull: {tally:?}");
}

fn all_histories(lies: Lies) -> Tally {
    let histories = std::env::var("DCE_LIES").ok().and_then(|count| count.parse().ok()).unwrap_or(HISTORIES);
    let told = (0..histories).map(|seed| match simulate(seed, lies, Planted::default()) {
        Ok(tally) => tally,
        Err(what) => panic!("history {seed} with {lies:?}: {what}"),
    });
    told.fold(Tally::default(), Tally::plus)
}

#[test]
fn a_device_that_forgets_what_it_synced_is_noticed_as_a_loss() {
    // As if our own `fdatasync` were off: what was acknowledged is gone. The history with crashes must complain.
    assert!(complains(Lies::SyncOff, Planted::default()), "acknowledged commands were lost, and no test noticed");
}

#[test]
fn a_chain_that_is_switched_off_is_noticed() {
    let planted = Planted::named("no-chain").unwrap();
    assert!(complains(Lies::Any, planted), "a frame followed another one than it says, and no test noticed");
}

#[test]
fn an_anchor_that_is_switched_off_is_noticed() {
    let planted = Planted::named("no-anchor").unwrap();
    assert!(complains(Lies::Any, planted), "the end of a log was lost, and no test noticed");
}

#[test]
fn a_failed_sync_is_final() {
    let (disk, _) = log(10);
    let mut log = disk.open(disk.marks().last(), Planted::default(), &mut |_| ()).unwrap();
    disk.script(Script { sync_fails_after: Some(1), ..Script::default() });
    let (mut codec, mut events, mut batch) = (log.journal.codec(), Events::new(), Batch::default());
    drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, 3);
    log.journal.append(&batch).unwrap();
    log.journal.sync().unwrap();
    batch.clear();
    drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, 3);
    log.journal.append(&batch).unwrap();
    let fault = log.journal.sync().unwrap_err();
    let marks = disk.marks().len();
    // The device would say yes now, of what it has forgotten.
    disk.script(Script::default());
    assert_eq!(log.journal.sync(), Err(fault.clone()));
    assert_eq!(log.journal.append(&batch), Err(fault));
    assert_eq!((log.journal.durable(), disk.marks().len()), (Sequence(13), marks));
    drop(log);
    disk.cut_power(&mut |_| simulation::Fate::Kept);
    let again = disk.open(disk.marks().last(), Planted::default(), &mut |_| ()).unwrap();
    assert_eq!(again.exchange.digest(), drill::model(13).digest());
}

#[test]
fn a_full_disk_past_the_reserve_is_final() {
    let (disk, _) = log(10);
    let mut log = disk.open(disk.marks().last(), Planted::default(), &mut |_| ()).unwrap();
    disk.script(Script { bytes_left: Some(300), ..Script::default() });
    let (mut codec, mut events, mut batch) = (log.journal.codec(), Events::new(), Batch::default());
    drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, 100);
    let fault = log.journal.append(&batch).unwrap_err();
    assert_eq!(fault.cause, "no space");
    disk.script(Script::default());
    assert_eq!(log.journal.sync(), Err(fault.clone()));
    assert_eq!(log.journal.append(&batch), Err(fault));
    drop(log);
    disk.cut_power(&mut |_| simulation::Fate::Kept);
    let again = disk.open(disk.marks().last(), Planted::default(), &mut |_| ()).unwrap();
    assert_eq!(again.exchange.digest(), drill::model(10).digest());
}

/// Whether some history comes to another end than was promised.
fn complains(lies: Lies, planted: Planted) -> bool {
    (0..HISTORIES).any(|seed| simulate(seed, lies, planted).is_err())
}
