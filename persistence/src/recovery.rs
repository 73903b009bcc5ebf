//! What is found in a log, and what is done about it.
//!
//! A frame is *proven* when it had been durable: the anchor says so, or a later frame does (each frame carries how far
//! the log was durable when it was written). Whatever was acknowledged under durability `always` is proven, but for what
//! was synced since the anchor was last written, which only a device that lies about a sync can take away.
//!
//! | found | in what is proven | after it |
//! |---|---|---|
//! | a frame in its place that follows the one before | taken | taken |
//! | bytes that are no frame (length, checksum), at the end | refused | the log is cut here: a write was cut short |
//! | bytes that are no frame, and a whole frame after them | refused | refused |
//! | missing frames before the next key | refused | the log is cut here: they never reached the disk |
//! | a frame after missing ones | refused, if it proves what is missing | cut |
//! | a frame of another log, or another generation | refused | refused |
//! | a frame under another key than its first sequence | refused | refused |
//! | a frame, or what is left of one, that repeats sequences of the one before | refused | refused |
//! | a frame that follows another frame (the chain) | refused | refused |
//! | a frame of an earlier run than the one before, or one that proves itself | refused | refused |
//! | no genesis at the beginning, or a second one | refused | refused |
//! | a whole frame of a newer version, encrypted, or of an unknown kind | refused | refused |
//! | the end | refused, if the anchor lies behind it | the log is whole |
//! | another frame than the anchor's where the anchor lies | refused | – |
//! | a break in a generation that is not the last | refused | refused |
//!
//! What tearing cannot make is refused wherever it lies: a whole frame in a wrong place means that store or device mixes
//! things up, and then nobody can say what else is wrong.

use std::ops::ControlFlow;

use dce_engine::ids::{LogId, Sequence};
use dce_runtime::JournalFault;

use crate::anchor::Anchor;
use crate::error::{Damage, LogError};
use crate::faults::Planted;
use crate::frame::{Frame, FrameError, FrameHash, FrameHeader, FrameKind};
use crate::store::Frames;

/// Where a walk stands: after the last frame that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose log.
    pub log: LogId,
    /// The generation of the last frame.
    pub generation: u32,
    /// Its run.
    pub epoch: u64,
    /// Its last sequence.
    pub last: Sequence,
    /// Its hash.
    pub hash: FrameHash,
}

/// The end of a log that was cut: it was written, never durable, and part of it is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The first sequence that is gone.
    pub first: Sequence,
    /// How many frames were there from it on.
    pub frames: u64,
    /// What was found at its beginning.
    pub damage: Damage,
}

/// What a walk found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked {
    /// Where it ended.
    pub place: Place,
    /// What must be cut off.
    pub cut: Option<Cut>,
    /// How many frames were taken.
    pub frames: u64,
    /// How many bytes they have.
    pub bytes: u64,
}

/// Takes each frame of a log in order, or tells why not.
///
/// `generations` are the log's, from the first on, and there is at least one. Without an anchor only what frames prove is
/// proven. `each` may stop the walk; what comes after is not looked at then.
///
/// # Errors
///
/// As in the table above, and whatever `each` returns.
pub fn walk<F: Frames>(
    generations: &[(u32, F)],
    anchor: Option<&Anchor>,
    planted: Planted,
    each: &mut dyn FnMut(&Frame<'_>) -> Result<ControlFlow<()>, LogError>,
) -> Result<Walked, LogError> {
    let anchor = anchor.filter(|_| !planted.no_anchor);
    let mut walker = Walker { anchor, planted, place: None, cut: None, frames: 0, bytes: 0, is_stopped: false, each };
    for (generation, frames) in generations {
        walker.enter(*generation)?;
        let mut failed = None;
        let scanned = frames.scan(Sequence(0), &mut |key, bytes| match walker.meet(*generation, key, bytes) {
            Ok(()) if walker.is_stopped => ControlFlow::Break(()),
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        scanned.map_err(|fault| walker.store_failed(*generation, fault))?;
        if walker.is_stopped {
            break;
        }
        walker.leave(*generation)?;
    }
    walker.end()
}

struct Walker<'a> {
    anchor: Option<&'a Anchor>,
    planted: Planted,
    place: Option<Place>,
    cut: Option<Cut>,
    frames: u64,
    bytes: u64,
    is_stopped: bool,
    each: &'a mut dyn FnMut(&Frame<'_>) -> Result<ControlFlow<()>, LogError>,
}

impl Walker<'_> {
    /// A break is the end of the last generation only: the next one was begun when this one was durable.
    fn enter(&self, generation: u32) -> Result<(), LogError> {
        self.cut.map_or(Ok(()), |cut| Err(self.damaged(generation.saturating_sub(1), cut.first, cut.damage)))
    }

    /// A generation without a head lost everything: it got its name when its head was durable.
    fn leave(&self, generation: u32) -> Result<(), LogError> {
        match self.place {
            Some(place) if place.generation == generation => Ok(()),
            _ => Err(self.damaged(generation, self.next(), Damage::Head)),
        }
    }

    fn meet(&mut self, generation: u32, key: Sequence, bytes: &[u8]) -> Result<(), LogError> {
        if let Some(cut) = &mut self.cut {
            cut.frames += 1;
            let cut = *cut;
            // Store and device may lose a frame and keep a later one. What is torn in the middle was torn afterwards: sled
            // ends its file at the first write that was cut short.
            let is_refuted = Frame::read(bytes)
                .is_ok_and(|frame| !matches!(cut.damage, Damage::Gap { .. }) || frame.header.durable >= cut.first);
            return if is_refuted { Err(self.damaged(generation, cut.first, cut.damage)) } else { Ok(()) };
        }
        match self.judge(generation, key, bytes) {
            Ok(frame) => self.take(&frame, bytes),
            Err(damage) => self.break_off(generation, key, bytes, damage),
        }
    }

    /// Whether a frame may follow what was taken.
    fn judge<'f>(&self, generation: u32, key: Sequence, bytes: &'f [u8]) -> Result<Frame<'f>, Damage> {
        let place = self.place;
        let begins = place.is_none_or(|place| place.generation != generation);
        // A head stands at the last sequence of the generation before.
        let expected = if begins { Sequence(self.next().0.saturating_sub(1)) } else { self.next() };
        let frame = Frame::read(bytes);
        if let Ok(Frame { header, .. }) = &frame {
            if place.is_some_and(|place| place.log != header.log) {
                return Err(Damage::Foreign);
            }
            if header.generation != generation || header.first != key {
                return Err(Damage::Misplaced);
            }
        }
        if key > expected {
            return Err(Damage::Gap { next: key });
        }
        if key < expected {
            return Err(Damage::Overlap);
        }
        let frame = frame.map_err(Damage::Unreadable)?;
        let header = &frame.header;
        if begins != (header.kind == FrameKind::Head) || (begins && header.count != 1) {
            return Err(Damage::Head);
        }
        let previous = place.map_or_else(FrameHash::default, |place| place.hash);
        if header.previous != previous && !self.planted.no_chain {
            return Err(Damage::Chain);
        }
        let proves_itself = header.durable >= header.first && !begins;
        if place.is_some_and(|place| header.epoch < place.epoch) || proves_itself {
            return Err(Damage::Order);
        }
        Ok(frame)
    }

    fn take(&mut self, frame: &Frame<'_>, bytes: &[u8]) -> Result<(), LogError> {
        let header = &frame.header;
        let hash = FrameHash::of(bytes);
        self.compare_with_anchor(frame, hash)?;
        self.is_stopped = (self.each)(frame)?.is_break();
        let FrameHeader { log, generation, epoch, .. } = *header;
        self.place = Some(Place { log, generation, epoch, last: header.last(), hash });
        self.frames += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn compare_with_anchor(&self, frame: &Frame<'_>, hash: FrameHash) -> Result<(), LogError> {
        let Some(anchor) = self.anchor else {
            return Ok(());
        };
        let header = &frame.header;
        if anchor.log != header.log {
            return Err(LogError::AnchorForeign { anchored: anchor.log, found: header.log });
        }
        let lies_here = (header.first..=header.last()).contains(&anchor.durable);
        if anchor.generation != header.generation || !lies_here {
            return Ok(());
        }
        let found = (anchor.durable == header.last()).then_some(hash);
        if found != Some(anchor.hash) {
            return Err(LogError::AnchorDisagrees { durable: anchor.durable, anchored: anchor.hash, found });
        }
        Ok(())
    }

    /// What cannot be taken ends the log, if it can be the trace of a write that was cut short and nothing proves it.
    fn break_off(&mut self, generation: u32, key: Sequence, bytes: &[u8], damage: Damage) -> Result<(), LogError> {
        if let Damage::Unreadable(FrameError::Version(version)) = damage {
            return Err(LogError::Newer { what: "the log", version });
        }
        if let Damage::Unreadable(FrameError::Unknown(version)) = damage {
            return Err(LogError::Newer { what: "a frame with a kind or cipher unknown to this program", version });
        }
        let first = if matches!(damage, Damage::Gap { .. }) { self.next() } else { key };
        let may_be_torn =
            matches!(damage, Damage::Gap { .. } | Damage::Unreadable(FrameError::Length(_) | FrameError::Checksum));
        // Without its head a generation is nothing that could be cut.
        let has_head = self.place.is_some_and(|place| place.generation == generation);
        let is_anchored = self.anchor.is_some_and(|anchor| anchor.durable >= first);
        if !may_be_torn || !has_head || is_anchored {
            return Err(self.damaged(generation, first, damage));
        }
        self.cut = Some(Cut { first, frames: 0, damage });
        // The frame behind a gap may be whole, and prove what is missing.
        self.meet(generation, key, bytes)
    }

    fn end(self) -> Result<Walked, LogError> {
        let Self { anchor, cut, frames, bytes, is_stopped, .. } = self;
        let Some(place) = self.place else {
            return Err(self.damaged(1, Sequence(0), Damage::Head));
        };
        let is_behind =
            anchor.is_some_and(|anchor| (place.generation, place.last) < (anchor.generation, anchor.durable));
        if is_behind && !is_stopped {
            let durable = anchor.map_or(place.last, |anchor| anchor.durable);
            return Err(LogError::TooShort { generation: place.generation, last_good: place.last, durable });
        }
        Ok(Walked { place, cut, frames, bytes })
    }

    fn next(&self) -> Sequence {
        self.place.map_or(Sequence(0), |place| Sequence(place.last.0 + 1))
    }

    fn damaged(&self, generation: u32, key: Sequence, damage: Damage) -> LogError {
        LogError::Damaged { generation, key, last_good: self.place.map(|place| place.last), damage }
    }

    fn store_failed(&self, generation: u32, fault: JournalFault) -> LogError {
        LogError::Store { generation, last_good: self.place.map(|place| place.last), fault }
    }
}
