//! Two rings between the one who asks and the one who decides: what a decision costs when its call comes from another
//! processor and its answer goes back there.

use std::hint;
use std::sync::mpsc;
use std::thread;

use dce_engine::measure::Waiting;
use dce_engine::prelude::*;
use rtrb::{Consumer, Producer, RingBuffer};

/// Messages either ring holds: more than a batch, so that nobody waits for room.
const ROOM: usize = 4_096;

/// What goes to the engine: a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Asked(Waiting);

/// What comes back: a cache line that says what the call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct Answer {
    /// By whom it was bought, for how much; `None` when nobody did.
    sold: Option<(ProfileId, Money)>,
}

/// The engine's ends.
#[derive(Debug)]
pub(crate) struct Rings {
    asked: Consumer<Asked>,
    answers: Producer<Answer>,
    /// Calls that the other end is to ask for.
    batches: mpsc::Sender<Vec<Waiting>>,
}

/// Runs `work` while a thread of its own asks and reads the answers. Returns what `work` does, and how many answers say that
/// a call was sold.
pub(crate) fn between_two<T>(work: impl FnOnce(&mut Rings) -> T) -> (T, u64) {
    let (to_engine, asked) = RingBuffer::new(ROOM);
    let (answers, from_engine) = RingBuffer::new(ROOM);
    let (batches, coming) = mpsc::channel();
    thread::scope(|scope| {
        let asking = scope.spawn(move || ask(&coming, to_engine, from_engine));
        let mut rings = Rings { asked, answers, batches };
        let done = work(&mut rings);
        // Whoever waits for more batches hears that there are none.
        drop(rings);
        (done, asking.join().unwrap_or_default())
    })
}

/// Sends each batch as fast as there is room, and reads every answer before it takes the next.
fn ask(
    coming: &mpsc::Receiver<Vec<Waiting>>,
    mut to_engine: Producer<Asked>,
    mut from_engine: Consumer<Answer>,
) -> u64 {
    let mut sold = 0;
    while let Ok(batch) = coming.recv() {
        let mut left = batch.len();
        for call in batch {
            // There is room: the last batch was answered to the end.
            let _ = to_engine.push(Asked(call));
        }
        while left > 0 {
            match from_engine.pop() {
                Ok(answer) => {
                    sold += u64::from(answer.sold.is_some());
                    left -= 1;
                }
                Err(_) if from_engine.is_abandoned() => return sold,
                Err(_) => hint::spin_loop(),
            }
        }
    }
    sold
}

impl Rings {
    /// Has these calls asked for, and waits until all of them are in the ring.
    pub(crate) fn fill(&self, calls: &[Waiting]) {
        if self.batches.send(calls.to_vec()).is_ok() {
            while self.asked.slots() < calls.len() && !self.asked.is_abandoned() {
                hint::spin_loop();
            }
        }
    }

    /// Takes a call out of one ring, decides it, and puts what it came to into the other.
    #[inline]
    pub(crate) fn decide(&mut self, exchange: &mut Exchange, at: Timestamp, events: &mut Events) {
        let Ok(Asked(call)) = self.asked.pop() else { return };
        exchange.measure_decide(at, call, events);
        let sold = events.iter().find_map(|event| match event {
            Event::CallSold { profile, price, .. } => Some((*profile, *price)),
            _ => None,
        });
        // There is room: every batch is answered before the next comes.
        let _ = self.answers.push(Answer { sold });
    }
}
