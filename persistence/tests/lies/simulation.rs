//! Random histories of a log: commits, crashes and lies, and at each start the question whether what came back may come
//! back.

use dce_engine::prelude::*;
use dce_persistence::anchor::Anchor;
use dce_persistence::faults::{Planted, drill};
pub(crate) use dce_persistence::store::fake::Fate;
use dce_persistence::store::fake::{FakeDisk, FakeLog, Script};
use dce_runtime::{Batch, Journal};

/// How the device behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lies {
    /// It keeps what it synced; crashes and failures only. No start may be refused.
    None,
    /// Between two starts it may also lose, damage, double or mix up what it had kept, and forget what it synced.
    Any,
    /// It never keeps anything it says it synced, once the log is open.
    SyncOff,
}

/// What histories came to: that they come to everything is part of the test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) starts: u64,
    /// Starts that found commands nobody had been told of.
    pub(crate) with_more: u64,
    /// Starts that cut a torn end off.
    pub(crate) with_cut: u64,
    /// Histories that ended because the log was refused.
    pub(crate) refused: u64,
}

impl Tally {
    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            starts: self.starts + other.starts,
            with_more: self.with_more + other.with_more,
            with_cut: self.with_cut + other.with_cut,
            refused: self.refused + other.refused,
        }
    }
}

/// Starts of the log in one history.
const STARTS: u64 = 8;

/// Runs one history.
///
/// # Errors
///
/// What happened that must not.
pub(crate) fn simulate(seed: u64, lies: Lies, planted: Planted) -> Result<Tally, String> {
    let disk = FakeDisk::with_log(&drill::genesis());
    let mut history = History {
        random: Random(seed),
        disk,
        anchor: None,
        anchors_written: 0,
        acknowledged: 0,
        issued: 0,
        lied: false,
        tally: Tally::default(),
    };
    history.anchor = history.disk.marks().last().copied();
    for _ in 0..STARTS {
        let opened = history.disk.open(history.anchor.as_ref(), planted, &mut |_| ());
        let log = match opened {
            Ok(log) => log,
            // Refusing is right when the device lied, and the end of the history.
            Err(_) if history.lied => {
                history.tally.refused += 1;
                return Ok(history.tally);
            }
            Err(error) => return Err(format!("refused without cause: {error}")),
        };
        history.judge_start(&log)?;
        history.run(log, lies);
        history.crash(lies);
        if lies == Lies::Any && history.random.below(3) == 0 {
            history.lie();
        }
    }
    Ok(history.tally)
}

struct History {
    random: Random,
    disk: FakeDisk,
    /// What the anchor on the device says.
    anchor: Option<Anchor>,
    /// How many marks had reached the device for certain.
    anchors_written: usize,
    /// The last sequence somebody was told is durable.
    acknowledged: u64,
    /// The last sequence that was ever handed to the journal in the history as it stands.
    issued: u64,
    /// The device did what no honest one does since the last start.
    lied: bool,
    tally: Tally,
}

impl History {
    fn judge_start(&mut self, log: &FakeLog) -> Result<(), String> {
        let found = log.exchange.sequence().0;
        if found < self.acknowledged || found > self.issued {
            let (acknowledged, issued) = (self.acknowledged, self.issued);
            return Err(format!("{found} commands came back, {acknowledged} acknowledged, {issued} issued"));
        }
        if log.exchange.digest() != drill::model(found).digest() {
            return Err(format!("{found} commands came back, and are not those that were sent"));
        }
        self.tally.starts += 1;
        self.tally.with_more += u64::from(found > self.acknowledged);
        self.tally.with_cut += u64::from(log.walked.cut.is_some());
        // What is there once is there from now on: answers rest on it.
        (self.acknowledged, self.issued) = (found, found);
        self.lied = false;
        // The start itself writes its anchor and waits for it.
        let marks = self.disk.marks();
        self.anchors_written = marks.len() - 1;
        self.anchor = marks.last().copied();
        let again = self.disk.open(self.anchor.as_ref(), Planted::default(), &mut |_| ());
        let again = again.map_err(|error| format!("a second start of what the first left: {error}"))?;
        if again.walked.cut.is_some() || again.exchange.digest() != log.exchange.digest() {
            return Err(String::from("a second start found something else"));
        }
        // That look wrote an anchor of its own, with a later run than the log's: forget it as the log does.
        self.anchor = marks.last().copied();
        Ok(())
    }

    /// Commits until something fails, or for a while.
    fn run(&mut self, mut log: FakeLog, lies: Lies) {
        let sync_fails_after = self.sometimes(6, 12);
        let bytes_left = self.sometimes(6, 20_000).map(|bytes| bytes as usize);
        let sync_lies = lies == Lies::SyncOff;
        self.disk.script(Script { sync_fails_after, bytes_left, sync_lies, unreadable: None });
        let (mut codec, mut events, mut batch) = (log.journal.codec(), Events::new(), Batch::default());
        for _ in 0..self.random.below(15) {
            batch.clear();
            let size = 1 + if self.random.below(4) == 0 { self.random.below(400) } else { self.random.below(5) };
            drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, size);
            self.issued += size;
            if log.journal.append(&batch).is_err() {
                return;
            }
            // Under `interval` and `none` not every batch is synced.
            if self.random.below(3) != 0 {
                if log.journal.sync().is_err() {
                    return;
                }
                self.acknowledged = self.issued;
            }
        }
    }

    /// The process or the power ends. The anchor's file holds any of the marks made since one was waited for.
    fn crash(&mut self, lies: Lies) {
        let marks = self.disk.marks();
        let lag = if lies == Lies::None { marks.len() - self.anchors_written } else { 1 };
        let kept = marks.len() - 1 - self.random.below(lag as u64) as usize;
        // Never older than the one the start waited for.
        let kept = &marks[kept];
        if self.anchor.is_none_or(|anchor| kept.durable >= anchor.durable) {
            self.anchor = Some(*kept);
        }
        let style = self.random.below(4);
        let (random, mut is_over) = (&mut self.random, false);
        self.disk.cut_power(&mut |_| match style {
            0 => Fate::Kept,
            1 => Fate::Lost,
            // A suffix, the first of it perhaps torn.
            2 if is_over => Fate::Lost,
            2 if random.below(3) == 0 => {
                is_over = true;
                if random.below(2) == 0 { Fate::Lost } else { Fate::Torn(random.below(200) as usize) }
            }
            2 => Fate::Kept,
            _ => [Fate::Kept, Fate::Kept, Fate::Lost][random.below(3) as usize],
        });
    }

    /// Changes what was kept, as no honest device does.
    fn lie(&mut self) {
        let image = self.disk.image();
        let keys: Vec<u64> = image.keys().copied().collect();
        let random = &mut self.random;
        let mut pick = || keys[random.below(keys.len() as u64) as usize];
        let (one, other) = (pick(), pick());
        let (kind, byte, old) = (self.random.below(6), self.random.below(7_168) as usize, self.random.below(4));
        self.lied = true;
        let acknowledged = self.acknowledged;
        self.disk.change(|frames| match kind {
            0 => frames.retain(|key, _| *key < one),
            1 => drop(frames.remove(&one)),
            2 => {
                let frame = frames.get_mut(&one).expect("it was picked from these");
                let byte = byte % frame.len();
                frame[byte] ^= 1 << (byte % 8);
            }
            3 => drop(frames.insert(one, image[&other].clone())),
            4 => drop(frames.insert(one + 1, image[&other].clone())),
            // What was never acknowledged may be anything.
            _ if one <= acknowledged => drop(frames.insert(one, stale(one, &image[&one], old))),
            _ => {}
        });
    }

    fn sometimes(&mut self, one_in: u64, below: u64) -> Option<u64> {
        (self.random.below(one_in) == 0).then(|| self.random.below(below))
    }
}

/// A whole frame of the same log, place and run, with other bids in it: what lay there in another life of the log.
fn stale(key: u64, frame: &[u8], old: u64) -> Vec<u8> {
    use dce_persistence::frame::{Frame, FrameHash, FrameKind};
    let frame = Frame::read(frame).expect("the image is sound");
    let mut header = frame.header;
    if header.kind == FrameKind::Head {
        return Vec::new();
    }
    let mut batch = Batch::default();
    let mut codec = dce_persistence::record::RecordCodec::default();
    for sequence in header.first.0..=header.last().0 {
        // Another amount for each: the command of a place further on, under this one's stamp.
        let mut command = drill::command(sequence);
        if let Command::SetBid(bid) = &mut command {
            bid.amount = Some(Money::from_micros(1 + (key + old) as i64));
        }
        let mut record = Vec::new();
        dce_runtime::Codec::encode(&mut codec, &command, &mut record);
        batch.push(Sequence(sequence), drill::at(sequence), &record);
    }
    if old == 0 {
        header.previous = FrameHash([9; 32]);
    }
    let mut bytes = Vec::new();
    header.write(batch.as_bytes(), &mut bytes);
    bytes
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % end.max(1)
    }
}
