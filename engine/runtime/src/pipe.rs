//! Two batches between the writer and the journal: one fills while the other is flushed.
//!
//! ```text
//!  writer   fill A │ fill B ……………………… │ fill A ……………………… │ fill B …
//!  journal         │ append A, sync      │ append B, sync      │ append A …
//! ```
//!
//! The slower the device, the more commands share a sync. When both batches are full the writer waits, and the rings
//! behind it fill: that is where back-pressure begins.

use dce_engine::ids::Sequence;
use dce_engine::units::Timestamp;
use rtrb::{Consumer, Producer, RingBuffer};

use crate::batch::Batch;
use crate::ring::RING_RECORD_BYTES_MAX;

/// What the writer asks of the journal's thread.
#[derive(Debug)]
pub(crate) enum Work {
    /// Append it, make it durable, give it back.
    Commit(Batch),
    /// Note a record whose application panicked.
    Quarantine(Box<[u8]>),
}

/// The writer's end.
#[derive(Debug)]
pub(crate) struct Pipe {
    open: Batch,
    spare: Option<Batch>,
    out: Producer<Work>,
    back: Consumer<Batch>,
    bytes_max: usize,
}

/// A pipe whose batches hold so many bytes, and the ends for the journal's thread.
pub(crate) fn pipe(bytes_max: usize) -> (Pipe, Consumer<Work>, Producer<Batch>) {
    // Both batches and a note for the quarantine.
    let (out, work) = RingBuffer::new(3);
    let (give_back, back) = RingBuffer::new(2);
    let bytes_max = bytes_max.max(4 * RING_RECORD_BYTES_MAX);
    let batch = || Batch::with_capacity(bytes_max);
    (Pipe { open: batch(), spare: Some(batch()), out, back, bytes_max }, work, give_back)
}

impl Pipe {
    /// Hands over what is there if the journal is free. Returns whether it did.
    pub(crate) fn turn(&mut self) -> bool {
        if let Ok(flushed) = self.back.pop() {
            self.spare = Some(flushed);
        }
        if self.open.is_empty() {
            return false;
        }
        let Some(mut spare) = self.spare.take() else { return false };
        spare.clear();
        let full = std::mem::replace(&mut self.open, spare);
        let pushed = self.out.push(Work::Commit(full));
        debug_assert!(pushed.is_ok(), "Invariant: there is a place for each batch");
        true
    }

    /// Whether the next [`turn`](Self::turn) would hand something over.
    pub(crate) fn can_turn(&self) -> bool {
        !self.open.is_empty() && (self.spare.is_some() || !self.back.is_empty())
    }

    /// Whether any record still fits.
    pub(crate) fn has_room(&self) -> bool {
        self.open.as_bytes().len() + RING_RECORD_BYTES_MAX + 16 <= self.bytes_max
    }

    /// Whether everything was handed over.
    pub(crate) const fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(crate) fn push(&mut self, sequence: Sequence, at: Timestamp, record: &[u8]) {
        self.open.push(sequence, at, record);
    }

    /// The command pushed last is marked.
    pub(crate) const fn mark(&mut self) {
        self.open.mark();
    }

    /// After the last batch.
    pub(crate) fn quarantine(&mut self, record: Box<[u8]>) {
        let pushed = self.out.push(Work::Quarantine(record));
        debug_assert!(pushed.is_ok(), "Invariant: there is a place for the one note");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(pipe: &mut Pipe, sequence: u64) {
        pipe.push(Sequence(sequence), Timestamp::from_micros(sequence), b"record");
    }

    #[test]
    fn one_batch_fills_while_the_other_is_flushed() {
        let (mut pipe, mut work, mut back) = pipe(0);
        assert!(!pipe.turn(), "nothing to hand over");
        push(&mut pipe, 1);
        assert!(pipe.turn());
        push(&mut pipe, 2);
        push(&mut pipe, 3);
        assert!(!pipe.turn(), "the journal is busy");
        let Ok(Work::Commit(first)) = work.pop() else { panic!("a batch was handed over") };
        assert_eq!((first.first(), first.len()), (Sequence(1), 1));
        assert!(work.pop().is_err());
        back.push(first).expect("a place for each batch");
        assert!(pipe.turn() && pipe.is_empty());
        let Ok(Work::Commit(second)) = work.pop() else { panic!("a batch was handed over") };
        assert_eq!((second.first(), second.last()), (Sequence(2), Sequence(3)));
    }

    #[test]
    fn a_full_batch_says_so_before_a_record_would_not_fit() {
        let (mut pipe, _work, _back) = pipe(0);
        let capacity = pipe.open.as_bytes().len();
        let mut sequence = 0;
        while pipe.has_room() {
            sequence += 1;
            pipe.push(Sequence(sequence), Timestamp::default(), &[0; RING_RECORD_BYTES_MAX]);
        }
        assert!(sequence >= 2 && pipe.open.as_bytes().len() <= pipe.bytes_max + capacity);
    }
}
