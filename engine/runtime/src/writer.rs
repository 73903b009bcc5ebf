//! The one thread that changes the exchange: it drains the ports' rings in batches, stamps the time, applies, and fills
//! the journal's batch. It takes no lock, makes no futex call, and after its first rounds asks for no memory.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use dce_engine::Exchange;
use rtrb::{Consumer, Producer};

use crate::bell::Idle;
use crate::codec::Codec;
use crate::gauges::count;
use crate::judge::{Culprit, Judge};
use crate::ring::FrameReader;
use crate::shared::{Failure, Phase, Shared};

/// Records taken from one port before the next has its turn.
const TURN: usize = 64;
/// Steps of the index's upkeep, a few microseconds each: when idle, and after each round so that it is never starved.
const UPKEEP_IDLE: u32 = 8;
const UPKEEP_BUSY: u32 = 1;

/// How long the writer sleeps at most. Nobody rings when a port is gone, or when a clock is moved by hand.
const SLEEP_MAX: Duration = Duration::from_millis(2);

/// A port's ring, as the writer sees it.
#[derive(Debug)]
pub(crate) struct Inlet {
    pub(crate) port: u32,
    pub(crate) frames: FrameReader,
}

/// The writer with everything it owns.
pub(crate) struct Writer<C: Codec> {
    pub(crate) judge: Judge<C>,
    pub(crate) inlets: Vec<Inlet>,
    /// New ports.
    pub(crate) arrivals: Consumer<Inlet>,
    /// Rings of ports that are gone: another thread gives their memory back.
    pub(crate) funerals: Producer<Inlet>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) idle: Idle,
    /// Who has the first turn in the next round.
    pub(crate) first: usize,
}

impl<C: Codec> Writer<C> {
    /// Runs until the runtime ends. The exchange comes back unless it is broken.
    pub(crate) fn run(mut self) -> Option<Exchange> {
        loop {
            // Asked before the rings are looked at: what was submitted before the stop is in them by then.
            let phase = self.shared.phase();
            if phase == Phase::Failed {
                return Some(self.judge.into_exchange());
            }
            self.greet();
            let worked = self.round() | self.judge.tick_when_due() | self.judge.turn();
            self.judge.publish_counts();
            if let Some(culprit) = self.judge.culprit.take() {
                self.fall(culprit);
                return None;
            }
            if worked {
                self.idle.reset();
                self.judge.maintain(UPKEEP_BUSY);
            } else if phase == Phase::Stopping && self.inlets.iter().all(|inlet| inlet.frames.is_empty()) {
                return self.judge.flush().then(|| self.judge.into_exchange());
            } else if !self.judge.maintain(UPKEEP_IDLE) {
                let Self { judge, inlets, arrivals, shared, idle, .. } = &mut self;
                let timeout = judge.until_due().unwrap_or(SLEEP_MAX).min(SLEEP_MAX);
                // What waits behind something full is no work: the journal and the publisher ring when there is room.
                let is_work = |inlet: &Inlet| !inlet.frames.is_empty();
                idle.wait(&shared.bells.writer, timeout, || {
                    let can_take = judge.could_take() && inlets.iter().any(is_work);
                    can_take || judge.can_turn() || !arrivals.is_empty() || shared.phase() != phase
                });
            }
        }
    }

    /// One turn for each port. Returns whether any had something.
    fn round(&mut self) -> bool {
        let (mut worked, mut gone) = (false, None);
        let count = self.inlets.len();
        self.first = if self.first + 1 < count { self.first + 1 } else { 0 };
        for turn in 0..count {
            let place = (self.first + turn) % count;
            let inlet = &mut self.inlets[place];
            // Asked before draining, so that nothing is left behind in a ring that is buried.
            let is_abandoned = inlet.frames.is_abandoned();
            let port = inlet.port;
            worked |= inlet.frames.drain(TURN, |mark, record| self.judge.take(port, mark, record)) > 0;
            if is_abandoned && inlet.frames.is_empty() {
                gone = Some(place);
            }
            if self.judge.culprit.is_some() {
                return true;
            }
        }
        if let Some(place) = gone {
            self.bury(place);
        }
        worked
    }

    fn greet(&mut self) {
        while let Ok(inlet) = self.arrivals.pop() {
            self.inlets.push(inlet);
            count(&self.shared.gauges.writer.ports, 1);
        }
    }

    fn bury(&mut self, place: usize) {
        if self.funerals.is_full() {
            return;
        }
        let inlet = self.inlets.swap_remove(place);
        let buried = self.funerals.push(inlet);
        debug_assert!(buried.is_ok(), "Invariant: judged to have room");
        let ports = &self.shared.gauges.writer.ports;
        ports.store(self.inlets.len() as u64, std::sync::atomic::Ordering::Relaxed);
    }

    /// The exchange panicked: what was accepted before is made durable, the culprit is noted, and that is all.
    fn fall(&mut self, culprit: Culprit) {
        let Culprit { command, after, message, record } = culprit;
        self.shared.note(Failure::Exchange { command, after, message, quarantined: false });
        self.shared.stop();
        if self.judge.flush()
            && let Some(record) = record
        {
            self.judge.quarantine(record);
        }
    }
}

/// What `drain` is told.
pub(crate) const NEXT: ControlFlow<()> = ControlFlow::Continue(());
/// The record stays where it is.
pub(crate) const STAY: ControlFlow<()> = ControlFlow::Break(());
