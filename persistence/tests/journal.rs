//! The journal on a real disk: what was acknowledged is there again, and nothing else.

use std::ops::ControlFlow;
use std::path::Path;

use dce_engine::prelude::*;
use dce_persistence::anchor::{Anchor, AnchorFile};
use dce_persistence::faults::{Planted, drill};
use dce_persistence::frame::FrameHash;
use dce_persistence::{Agree, ErrorKind, LogError, NewLog, OpenOptions, Opened, Step, open, replay, verify};
use dce_runtime::{Batch, Journal, Options, PortOptions, Refusal, Runtime};

fn options() -> OpenOptions {
    OpenOptions::new(NewLog::of(&drill::genesis()))
}

fn opened(dir: &Path) -> Opened {
    open(dir, &options(), &mut |_| ()).expect("the log is sound")
}

/// Appends commands in group commits of the given sizes.
fn commit(opened: &mut Opened, sizes: impl IntoIterator<Item = u64>) {
    let (mut codec, mut events, mut batch) = (opened.journal.codec(), Events::new(), Batch::default());
    for size in sizes {
        batch.clear();
        drill::fill(&mut opened.exchange, &mut codec, &mut events, &mut batch, size);
        opened.journal.append(&batch).expect("the disk takes it");
        opened.journal.sync().expect("the disk keeps it");
        assert_eq!(opened.journal.durable(), opened.exchange.sequence());
    }
}

#[test]
fn a_log_is_made_written_and_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("deep/er");
    let mut first = opened(&dir);
    assert!(first.recovery.created && first.recovery.epoch == 1 && first.recovery.commands == 0);
    commit(&mut first, [1, 1, 1, 1, 64, 1_000, 7]);
    let digest = first.exchange.digest();
    drop(first);

    let mut told = 0;
    let mut second = open(&dir, &options(), &mut |step| {
        if let Step::Replayed(replayed) = step {
            told += 1;
            assert_eq!((replayed.sequence, replayed.at), (Sequence(told), drill::at(told)));
            assert_eq!(replayed.exchange.sequence(), replayed.sequence);
            assert!(!replayed.events.is_empty());
        }
    })
    .unwrap();
    let recovery = second.recovery;
    assert_eq!(
        (recovery.created, recovery.epoch, recovery.last, recovery.commands),
        (false, 2, Sequence(1_075), 1_075)
    );
    assert_eq!((recovery.cut, recovery.anchored, recovery.anchor_slot_lost), (None, Some(Sequence(1_075)), false));
    assert_eq!((told, second.exchange.digest()), (1_075, digest));
    assert_eq!(digest, drill::model(1_075).digest());
    commit(&mut second, [5]);
    drop(second);

    let verified = verify(&dir, &mut |_| ()).unwrap();
    assert_eq!((verified.last, verified.anchored, verified.epoch), (Sequence(1_080), Sequence(1_080), 2));
    assert_eq!(opened(&dir).exchange.digest(), drill::model(1_080).digest());
}

#[test]
fn no_frame_is_larger_than_sled_keeps_in_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = opened(dir.path());
    commit(&mut log, [3, 1_000, 10_000, 1, 1, 1, 30_000, 64, 64]);
    let blobs = || std::fs::read_dir(dir.path().join("log-000001/blobs")).unwrap().count();
    assert_eq!(blobs(), 0, "values in files that are never synced");
    drop(log);
    drop(opened(dir.path()));
    assert_eq!(blobs(), 0, "values in files that are never synced");
}

#[test]
fn every_acknowledgement_was_a_sync_of_the_device() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = opened(dir.path());
    for size in [1, 1, 300, 2, 1] {
        let before = log.journal.device_syncs();
        commit(&mut log, [size]);
        assert_eq!(log.journal.device_syncs(), before + 1);
    }
    // Nothing new needs no sync.
    let before = log.journal.device_syncs();
    log.journal.sync().unwrap();
    assert_eq!(log.journal.device_syncs(), before);
    drop(log);
    // And the count tells when the device is not told.
    let planted = Planted::named("no-fdatasync").unwrap();
    let mut log = open(dir.path(), &options().planted(planted), &mut |_| ()).unwrap();
    commit(&mut log, [1, 1]);
    assert_eq!(log.journal.device_syncs(), 0);
}

#[test]
fn a_file_the_system_refuses_to_read_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    drop(opened(dir.path()));
    let file = dir.path().join("log-000001/db");
    let whole = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let refused = open(dir.path(), &options(), &mut |_| ()).map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::System, "{refused}");
    // A file that is gone is, and sled is not asked to make another.
    std::fs::remove_dir(&file).unwrap();
    let refused = open(dir.path(), &options(), &mut |_| ()).map(drop).unwrap_err();
    assert!(matches!(refused, LogError::GenerationMissing { generation: 1, .. }), "{refused}");
    assert!(!file.exists());
    std::fs::write(&file, whole).unwrap();
    opened(dir.path());
}

#[test]
fn a_second_opener_is_refused_and_told_who_has_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = opened(dir.path());
    commit(&mut log, [4]);
    for refused in [
        open(dir.path(), &options(), &mut |_| ()).map(drop).unwrap_err(),
        verify(dir.path(), &mut |_| ()).map(drop).unwrap_err(),
        replay(dir.path(), None, &mut |_| ControlFlow::Continue(())).map(drop).unwrap_err(),
    ] {
        assert_eq!(refused.kind(), ErrorKind::InUse);
        assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
    }
    let reader = log.journal.reader();
    drop(log);
    // Who reads keeps the log.
    assert!(matches!(verify(dir.path(), &mut |_| ()), Err(LogError::InUse { .. })));
    drop(reader);
    verify(dir.path(), &mut |_| ()).unwrap();
}

#[test]
fn a_reader_sees_what_is_durable_while_the_log_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = opened(dir.path());
    commit(&mut log, [100]);
    let reader = log.journal.reader();
    let (mut codec, mut events, mut batch) = (log.journal.codec(), Events::new(), Batch::default());
    drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, 50);
    log.journal.append(&batch).unwrap();
    assert_eq!(reader.durable(), Sequence(100));
    let past = reader.replay(None, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(past.digest(), drill::model(100).digest());
    log.journal.sync().unwrap();
    let past = reader.replay(Some(Sequence(120)), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(past.digest(), drill::model(120).digest());
    let past = reader.replay(None, &mut |step| match step {
        Step::Replayed(replayed) if replayed.sequence == Sequence(33) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    assert_eq!(past.unwrap().digest(), drill::model(33).digest());
    let past = reader.replay(Some(Sequence(0)), &mut |_| panic!("nothing comes before the first command"));
    assert_eq!(past.unwrap().digest(), drill::model(0).digest());
}

#[test]
fn a_follower_is_handed_each_command_once_as_the_log_grows() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = opened(dir.path());
    commit(&mut log, [3, 64]);
    let mut follower = log.journal.reader().follow(log.exchange.sequence());
    let mut handed: Vec<(Sequence, Timestamp)> = Vec::new();
    for sizes in [vec![1], vec![], vec![1_000, 1], vec![5, 7]] {
        commit(&mut log, sizes);
        let up_to = log.exchange.sequence();
        follower.read(up_to, &mut |logged| handed.push((logged.sequence, logged.at))).unwrap();
        assert_eq!(follower.last(), up_to);
    }
    let expected: Vec<_> = (68..=1_081).map(|sequence| (Sequence(sequence), drill::at(sequence))).collect();
    assert_eq!(handed, expected);

    // A frame that ends beyond what was asked for waits for the next call.
    commit(&mut log, [2]);
    follower.read(Sequence(1_082), &mut |_| panic!("half a frame")).unwrap();
    let mut kept = 0;
    follower.read(Sequence(1_083), &mut |_| kept += 1).unwrap();
    assert_eq!((kept, follower.last()), (2, Sequence(1_083)));
}

#[test]
fn a_follower_that_begins_within_a_frame_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = opened(dir.path());
    commit(&mut log, [3, 4]);
    let mut follower = log.journal.reader().follow(Sequence(1));
    let refused = follower.read(Sequence(7), &mut |_| ()).unwrap_err();
    assert!(matches!(refused, LogError::Damaged { key: Sequence(4), .. }), "{refused}");
}

#[test]
fn a_closed_log_is_replayed_up_to_where_it_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = opened(dir.path());
    commit(&mut log, [200, 200]);
    drop(log);
    for to in [0, 1, 199, 200, 201, 400, 9_999] {
        let past = replay(dir.path(), Some(Sequence(to)), &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(past.digest(), drill::model(to.min(400)).digest(), "up to {to}");
    }
}

#[test]
fn a_log_that_is_not_there_is_said_so_and_nothing_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent");
    assert!(matches!(verify(&absent, &mut |_| ()), Err(LogError::NoLog { .. })));
    assert!(matches!(open(&absent, &OpenOptions::existing(), &mut |_| ()), Err(LogError::NoLog { .. })));
    assert!(!absent.exists());
    drop(opened(&absent));
    open(&absent, &OpenOptions::existing(), &mut |_| ()).unwrap();
}

#[test]
fn a_configuration_that_disagrees_is_refused_with_both_values() {
    let dir = tempfile::tempdir().unwrap();
    drop(opened(dir.path()));
    let mut asked = NewLog::of(&drill::genesis());
    asked.limits.bids_max = 5;
    let refused = open(dir.path(), &OpenOptions::new(asked), &mut |_| ()).map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Disagrees);
    assert!(refused.to_string().contains("limits.bids_max 4, and 5 is configured"), "{refused}");
    let lenient = OpenOptions::new(asked).agree(Agree::Named(vec![String::from("currency")]));
    assert_eq!(open(dir.path(), &lenient, &mut |_| ()).unwrap().exchange.genesis().limits.bids_max, 4);
}

#[test]
fn a_log_whose_making_was_cut_short_is_made_again() {
    for has_anchor in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let unfinished = dir.path().join("log-000001.new");
        std::fs::create_dir(&unfinished).unwrap();
        std::fs::write(unfinished.join("db"), "half").unwrap();
        if has_anchor {
            write_anchor(dir.path(), 0);
        }
        assert!(opened(dir.path()).recovery.created);
        assert!(!unfinished.exists());
        assert!(!opened(dir.path()).recovery.created);
    }
}

#[test]
fn a_log_that_vanished_after_a_writer_had_it_is_not_made_again() {
    let dir = tempfile::tempdir().unwrap();
    write_anchor(dir.path(), 1);
    let refused = open(dir.path(), &options(), &mut |_| ()).map(drop).unwrap_err();
    assert!(matches!(refused, LogError::GenerationMissing { generation: 1, .. }), "{refused}");
}

/// An anchor at the beginning of a log, as the run of this number leaves it.
fn write_anchor(dir: &Path, epoch: u64) {
    let anchor = Anchor { log: LogId(7), generation: 1, epoch, durable: Sequence(0), hash: FrameHash([1; 32]) };
    AnchorFile::create(dir, &anchor).expect("the disk takes it");
}

#[test]
fn what_is_quarantined_is_handed_out_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = opened(dir.path());
    assert!(log.journal.quarantined().is_empty());
    log.journal.quarantine(b"a record that made it panic").unwrap();
    log.journal.quarantine(b"another").unwrap();
    drop(log);
    assert_eq!(opened(dir.path()).journal.quarantined(), [&b"a record that made it panic"[..], b"another"]);
    std::fs::write(dir.path().join("quarantine"), "damaged").unwrap();
    let refused = open(dir.path(), &options(), &mut |_| ()).map(drop).unwrap_err();
    assert!(matches!(refused, LogError::Quarantine { .. }), "{refused}");
}

#[test]
fn a_quarantined_command_is_refused_by_the_runtime_that_starts_with_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = opened(dir.path());
    let poison = drill::record(&mut log.journal.codec(), 1);
    log.journal.quarantine(&poison).unwrap();
    drop(log);
    let Opened { exchange, journal, .. } = opened(dir.path());
    let runtime = Runtime::spawn(exchange, journal, Options::default()).unwrap();
    let mut port = runtime.port(PortOptions::default());
    let ticket = port.submit(&drill::command(1)).unwrap();
    assert_eq!(port.wait(ticket).unwrap().result, Err(Refusal::Quarantined));
    assert_eq!(Refusal::Quarantined.code(), 2002);
    let ticket = port.submit(&OpenAccount::buyer(AccountId(11)).into()).unwrap();
    assert!(port.wait(ticket).unwrap().result.is_ok(), "others go on");
}
