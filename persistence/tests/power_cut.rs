//! Small histories, exhaustively: whatever was acknowledged is there after a power cut at any moment, whatever became of
//! what the device had not yet been told to keep, and nothing is there that was not sent.
//!
//! A device that lies about a sync, or mixes up what it holds, is found out or does no harm. Each test is itself tested
//! with the promise broken that it watches.

use std::collections::BTreeMap;

use dce_engine::prelude::*;
use dce_persistence::LogError;
use dce_persistence::anchor::Anchor;
use dce_persistence::faults::{Planted, drill};
use dce_persistence::frame::Frame;
use dce_persistence::store::fake::{FakeDisk, FakeLog, Fate, Pending, Script};
use dce_runtime::{Batch, Journal, JournalFault};

type Image = BTreeMap<u64, Vec<u8>>;

/// What a process does with its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    /// So many commands, in as many frames as it takes: more than 92 take two.
    Append(u64),
    Sync,
}

const DEEDS: [Deed; 3] = [Deed::Append(1), Deed::Append(100), Deed::Sync];
const DEEDS_MAX: usize = 5;
/// Appends without a sync between them: the fates of what is pending multiply.
const UNSYNCED_MAX: usize = 2;

#[test]
fn nothing_acknowledged_is_lost_by_a_power_cut_at_any_moment() {
    let model = Model::up_to(DEEDS_MAX as u64 * 100 + 2);
    let mut cuts = 0;
    each_history(&mut vec![], &mut |deeds| {
        let run = Run::of(&new_log(), None, deeds).expect("an honest device");
        each_crash(&run, &mut |image| {
            cuts += 1;
            let mut found = None;
            for anchor in run.anchors() {
                let log = open(&disk(image), anchor.as_ref(), Planted::default()).expect("torn tails are cut");
                model.judge(&log, run.acknowledged, run.sent, anchor.as_ref()).expect("nothing is lost");
                // However far the anchor lags, the same log is found.
                let commands = *found.get_or_insert_with(|| log.exchange.sequence());
                assert_eq!(log.exchange.sequence(), commands);
            }
        });
    });
    assert!(cuts > 5_000, "only {cuts} cuts");
}

#[test]
fn a_crash_in_the_recovery_or_after_it_changes_nothing_that_was_recovered() {
    let model = Model::up_to(400);
    let deeds = [Deed::Append(100), Deed::Sync, Deed::Append(1), Deed::Append(100)];
    let first = Run::of(&new_log(), None, &deeds).expect("an honest device");
    let anchor = first.anchors().pop().flatten();
    each_crash(&first, &mut |image| {
        let recovered = open(&disk(image), anchor.as_ref(), Planted::default()).expect("torn tails are cut");
        let commands = recovered.exchange.sequence().0;

        // The power goes while the torn end is being cut off.
        let failing = disk(image);
        failing.script(Script { sync_fails_after: Some(0), ..Script::default() });
        assert!(matches!(open(&failing, anchor.as_ref(), Planted::default()), Err(LogError::System(_))));
        failing.cut_power(&mut |_| Fate::Lost);
        let again = open(&failing, anchor.as_ref(), Planted::default()).expect("as before");
        assert_eq!(again.exchange.sequence().0, commands);

        // The next run writes where the cut was, and is cut off itself.
        for deeds in [&[Deed::Append(1)][..], &[Deed::Append(100), Deed::Sync, Deed::Append(1)]] {
            let second = Run::of(&disk(image), anchor.as_ref(), deeds).expect("an honest device");
            assert!(second.acknowledged >= commands);
            each_crash(&second, &mut |image| {
                for anchor in second.anchors() {
                    let log = open(&disk(image), anchor.as_ref(), Planted::default()).expect("torn tails are cut");
                    model.judge(&log, second.acknowledged, second.sent, anchor.as_ref()).expect("nothing is lost");
                }
            });
        }
    });
}

#[test]
fn a_log_that_lost_what_the_anchor_marked_is_refused_and_without_the_anchor_it_would_not_be() {
    let model = Model::up_to(310);
    let (mut refused, mut taken_for_whole) = (0, 0);
    let deeds = [Deed::Append(3), Deed::Sync, Deed::Append(100), Deed::Sync, Deed::Append(2), Deed::Sync];
    let run = Run::of(&new_log(), None, &deeds).expect("an honest device");
    let whole = run.disk.image();
    // The device forgets any of what it had promised to keep.
    for forgotten in 1..1_u32 << (whole.len() - 1) {
        let keys = whole.keys().skip(1).enumerate();
        let lost: Vec<u64> = keys.filter(|(bit, _)| forgotten & (1 << bit) != 0).map(|(_, key)| *key).collect();
        let mut image = whole.clone();
        image.retain(|key, _| !lost.contains(key));
        for anchor in run.anchors() {
            match open(&disk(&image), anchor.as_ref(), Planted::default()) {
                Ok(log) => {
                    // What remains may itself say how far the log had been durable.
                    model.judge(&log, proven(&image), run.sent, anchor.as_ref()).expect("no less than was marked");
                }
                Err(error) => {
                    refused += 1;
                    assert!(matches!(error, LogError::TooShort { .. } | LogError::Damaged { .. }), "{error}");
                }
            }
        }
        let newest = run.marks().pop().expect("it was synced");
        assert!(open(&disk(&image), Some(&newest), Planted::default()).is_err(), "{lost:?} were marked as durable");
        let careless = open(&disk(&image), Some(&newest), planted("no-anchor"));
        taken_for_whole += u32::from(careless.is_ok_and(|log| log.exchange.sequence().0 < run.acknowledged));
    }
    assert!(refused > 0 && taken_for_whole > 0, "{refused} refused, {taken_for_whole} taken without the anchor");
}

#[test]
fn a_device_that_lies_about_syncs_is_found_out_or_loses_only_what_no_mark_covers() {
    let model = Model::up_to(110);
    let mut found_out = 0;
    for honest in 0..4_u64 {
        let disk = new_log();
        let mut log = open(&disk, None, Planted::default()).expect("a new log");
        for deed in 0..4 {
            disk.script(Script { sync_lies: deed >= honest, ..Script::default() });
            append(&mut log, 5 + deed).expect("the device takes it");
            log.journal.sync().expect("the device says so");
        }
        drop(log);
        let marks = disk.marks();
        disk.cut_power(&mut |_| Fate::Lost);
        for anchor in &marks {
            match open(&self::disk(&disk.image()), Some(anchor), Planted::default()) {
                Ok(log) => model.judge(&log, 0, 110, Some(anchor)).expect("no less than was marked"),
                Err(LogError::TooShort { durable, .. }) => {
                    assert_eq!(durable, anchor.durable);
                    found_out += 1;
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert_eq!(found_out, 4 + 3 + 2 + 1, "every mark of a sync that was a lie");
}

#[test]
fn frames_of_two_runs_never_mix_and_without_the_chain_they_would() {
    // Two runs go on from the same place, and the device, restored from a copy, holds frames of either.
    let base = Run::of(&new_log(), None, &[Deed::Append(5), Deed::Sync]).expect("an honest device");
    let deeds = [Deed::Append(1), Deed::Append(2), Deed::Append(1), Deed::Sync, Deed::Append(1), Deed::Sync];
    let anchors = base.anchors();
    let images: Vec<Image> = [anchors.first(), anchors.last()]
        .into_iter()
        .flatten()
        .map(|anchor| {
            Run::of(&disk(&base.disk.image()), anchor.as_ref(), &deeds).expect("an honest device").disk.image()
        })
        .collect();
    let (one, other) = (&images[0], &images[1]);
    let own: Vec<u64> = one.keys().copied().filter(|key| one[key] != other[key]).collect();

    let (mut mixed, mut taken) = (0, 0);
    for picks in 0..1_u32 << own.len() {
        let mut image = one.clone();
        for (_, key) in own.iter().enumerate().filter(|(bit, _)| picks & (1 << bit) != 0) {
            image.insert(*key, other[key].clone());
        }
        let is_mixed = image != *one && image != *other;
        mixed += u32::from(is_mixed);
        assert_eq!(open(&disk(&image), None, Planted::default()).is_err(), is_mixed, "picks {picks:b}");
        taken += u32::from(is_mixed && open(&disk(&image), None, planted("no-chain")).is_ok());
    }
    assert!(mixed > 10 && taken > 0, "{mixed} mixed, {taken} taken without the chain");
}

#[test]
fn every_damaged_bit_is_refused_where_it_was_durable_and_ends_the_log_where_it_was_not() {
    let model = Model::up_to(12);
    let deeds = [Deed::Append(4), Deed::Sync, Deed::Append(3), Deed::Sync, Deed::Append(2)];
    let run = Run::of(&new_log(), None, &deeds).expect("an honest device");
    let image = each_fate(&run, &[Fate::Kept]);
    let anchor = run.marks().pop();
    for (key, frame) in &image {
        for bit in 0..frame.len() * 8 {
            let mut damaged = image.clone();
            damaged.get_mut(key).expect("it is there")[bit / 8] ^= 1 << (bit % 8);
            match open(&disk(&damaged), anchor.as_ref(), Planted::default()) {
                Err(LogError::Damaged { key: named, .. }) if *key <= 7 => assert_eq!(named.0, *key),
                Ok(log) if *key > 7 => {
                    assert_eq!(log.exchange.sequence(), Sequence(7));
                    model.judge(&log, run.acknowledged, run.sent, anchor.as_ref()).expect("nothing is lost");
                }
                other => panic!("bit {bit} of frame {key}: {other:?}"),
            }
        }
    }
}

#[test]
fn after_a_failed_sync_or_on_a_full_device_nothing_more_is_acknowledged_and_nothing_is_lost() {
    let model = Model::up_to(300);
    let deeds = [Deed::Append(1), Deed::Sync, Deed::Append(100), Deed::Sync, Deed::Append(1), Deed::Sync];
    let scripts = (0..3).map(|syncs| Script { sync_fails_after: Some(syncs), ..Script::default() });
    let scripts = scripts.chain((0..40).map(|step| Script { bytes_left: Some(step * 250), ..Script::default() }));
    for script in scripts {
        let disk = new_log();
        let mut log = open(&disk, None, Planted::default()).expect("a new log");
        disk.script(script);
        let (mut acknowledged, mut failed) = (0, None);
        for deed in deeds {
            let done = perform(&mut log, deed);
            match (&failed, done) {
                (None, Ok(())) if deed == Deed::Sync => acknowledged = log.exchange.sequence().0,
                (None, Ok(())) => {}
                (None, Err(fault)) => failed = Some(fault),
                (Some(first), again) => assert_eq!(again.as_ref(), Err(first), "a fault is final"),
            }
        }
        assert_eq!(log.journal.durable().0, acknowledged);
        let (anchor, sent) = (disk.marks().pop(), log.exchange.sequence().0);
        drop(log);
        disk.cut_power(&mut |_| Fate::Lost);
        let log = open(&disk, anchor.as_ref(), Planted::default()).expect("what was durable is whole");
        model.judge(&log, acknowledged, sent, anchor.as_ref()).expect("nothing is lost");
    }
}

/// The digest of the exchange after each number of commands.
struct Model(Vec<u128>);

impl Model {
    fn up_to(commands: u64) -> Self {
        let (mut exchange, mut events) = (drill::model(0), Events::new());
        let mut digests = vec![exchange.digest()];
        for sequence in 1..=commands {
            exchange.apply(drill::at(sequence), &drill::command(sequence), &mut events).expect("a drill's command");
            digests.push(exchange.digest());
        }
        Self(digests)
    }

    /// Whether a log that was opened holds all that was acknowledged and marked, and nothing that was not sent.
    fn judge(&self, log: &FakeLog, acknowledged: u64, sent: u64, anchor: Option<&Anchor>) -> Result<(), String> {
        let found = log.exchange.sequence().0;
        let marked = anchor.map_or(0, |anchor| anchor.durable.0);
        if found < acknowledged.max(marked) || found > sent {
            return Err(format!("{found} commands; {acknowledged} were acknowledged, {marked} marked, {sent} sent"));
        }
        if log.exchange.digest() != self.0[found as usize] {
            return Err(format!("not the state that {found} commands lead to"));
        }
        Ok(())
    }
}

/// One process and what it did, up to the moment its power goes.
struct Run {
    disk: FakeDisk,
    acknowledged: u64,
    sent: u64,
    /// The mark it began with, and those it made.
    marks: Vec<Anchor>,
}

impl Run {
    fn of(disk: &FakeDisk, anchor: Option<&Anchor>, deeds: &[Deed]) -> Result<Self, JournalFault> {
        let mut log = open(disk, anchor, Planted::default()).expect("what is there is whole, or torn at its end");
        let mut acknowledged = log.exchange.sequence().0;
        for deed in deeds {
            perform(&mut log, *deed)?;
            if *deed == Deed::Sync {
                acknowledged = log.exchange.sequence().0;
            }
        }
        let sent = log.exchange.sequence().0;
        Ok(Self { disk: disk.clone(), acknowledged, sent, marks: disk.marks() })
    }

    /// What the anchor file may say: any mark there was, because it lags.
    fn marks(&self) -> Vec<Anchor> {
        self.marks.clone()
    }

    /// The same, or that it was lost and an operator gave his word.
    fn anchors(&self) -> Vec<Option<Anchor>> {
        [None].into_iter().chain(self.marks.iter().copied().map(Some)).collect()
    }
}

fn perform(log: &mut FakeLog, deed: Deed) -> Result<(), JournalFault> {
    match deed {
        Deed::Append(commands) => append(log, commands),
        Deed::Sync => log.journal.sync(),
    }
}

fn append(log: &mut FakeLog, commands: u64) -> Result<(), JournalFault> {
    let (mut codec, mut events, mut batch) = (log.journal.codec(), Events::new(), Batch::default());
    drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, commands);
    log.journal.append(&batch)
}

/// Every sequence of deeds up to the bounds. Each is also a moment for the power to go.
fn each_history(deeds: &mut Vec<Deed>, take: &mut dyn FnMut(&[Deed])) {
    take(deeds);
    if deeds.len() == DEEDS_MAX {
        return;
    }
    let unsynced = deeds.iter().rev().take_while(|deed| **deed != Deed::Sync).count();
    for deed in DEEDS {
        let is_idle = deed == Deed::Sync && unsynced == 0;
        if is_idle || (deed != Deed::Sync && unsynced == UNSYNCED_MAX) {
            continue;
        }
        deeds.push(deed);
        each_history(deeds, take);
        deeds.pop();
    }
}

/// The power goes: each thing that was pending reached the device, or did not, or in part.
fn each_crash(run: &Run, take: &mut dyn FnMut(&Image)) {
    let pending = run.disk.pending().len() as u32;
    const FATES: usize = 5;
    for choice in 0..FATES.pow(pending) {
        let fates: Vec<Fate> = (0..pending)
            .map(|place| match choice / FATES.pow(place) % FATES {
                0 => Fate::Kept,
                1 => Fate::Lost,
                2 => Fate::Torn(0),
                3 => Fate::Torn(100),
                _ => Fate::Torn(usize::MAX),
            })
            .collect();
        take(&each_fate(run, &fates));
    }
}

/// The device when what was pending had these fates, over and over.
fn each_fate(run: &Run, fates: &[Fate]) -> Image {
    let mut image = run.disk.image();
    let mut is_torn = false;
    for (pending, fate) in run.disk.pending().into_iter().zip(fates.iter().cycle()) {
        match (pending, *fate) {
            (_, Fate::Lost) => {}
            // A store ends its file at the first write that was cut short: nothing whole comes back from behind it.
            (Pending::Put(..), Fate::Kept) if is_torn => {}
            (Pending::Put(key, frame), Fate::Kept) => drop(image.insert(key, frame)),
            (Pending::Put(key, mut frame), Fate::Torn(length)) => {
                is_torn = true;
                frame.truncate(length.min(frame.len() - 1));
                image.insert(key, frame);
            }
            (Pending::Cut(from), Fate::Kept | Fate::Torn(_)) => image.retain(|key, _| *key < from),
        }
    }
    image
}

/// How far the log had been durable, as its frames say it of one another.
fn proven(image: &Image) -> u64 {
    image.values().filter_map(|frame| Frame::read(frame).ok()).map(|frame| frame.header.durable.0).max().unwrap_or(0)
}

fn new_log() -> FakeDisk {
    FakeDisk::with_log(&drill::genesis())
}

fn disk(image: &Image) -> FakeDisk {
    let disk = FakeDisk::default();
    disk.change(|frames| frames.clone_from(image));
    disk
}

fn open(disk: &FakeDisk, anchor: Option<&Anchor>, planted: Planted) -> Result<FakeLog, LogError> {
    disk.open(anchor, planted, &mut |_| ())
}

fn planted(name: &str) -> Planted {
    Planted::named(name).expect("a planted fault of this name")
}
