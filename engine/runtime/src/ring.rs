//! A ring of records: one producer, one consumer, bounded, of bytes.
//!
//! ```text
//!  … | length u32 | record … | length u32 | mark | record … | …      published frame by frame, taken in batches
//! ```
//!
//! The length is that of all that follows; its highest bit says that a mark comes before the record.
//!
//! `rtrb` does the atomics. A frame becomes visible as a whole; the consumer gives room back once a batch, not once a
//! frame, so that the two cores exchange fewer cache lines.

use std::ops::ControlFlow;

use rtrb::{Consumer, Producer, RingBuffer};

use crate::passage::{MARK_BYTES, Mark};

/// The longest record a ring takes. A codec whose records are longer has them refused with
/// [`Busy::TooLarge`](crate::Busy::TooLarge); a journal may rely on it.
pub const RING_RECORD_BYTES_MAX: usize = 4_096;

/// Bytes before each record: its length.
pub(crate) const FRAME_HEADER: usize = 4;

/// In a frame's length: a mark comes before its record.
const MARKED: u32 = 1 << 31;

/// A ring of so many bytes, rounded up to hold the longest record twice.
pub(crate) fn byte_ring(bytes: usize) -> (FrameWriter, FrameReader) {
    let (producer, consumer) = RingBuffer::new(bytes.max(2 * (RING_RECORD_BYTES_MAX + FRAME_HEADER)));
    (
        FrameWriter(producer),
        FrameReader { bytes: consumer, torn: Vec::with_capacity(MARK_BYTES + RING_RECORD_BYTES_MAX) },
    )
}

/// The submitting end.
#[derive(Debug)]
pub(crate) struct FrameWriter(Producer<u8>);

impl FrameWriter {
    /// Publishes a frame: `frame` starts with [`FRAME_HEADER`] bytes of room for the length, and the mark if there is one.
    ///
    /// # Errors
    ///
    /// How many bytes are free, when that is too few.
    pub(crate) fn push(&mut self, frame: &mut [u8], is_marked: bool) -> Result<(), usize> {
        let length =
            u32::try_from(frame.len() - FRAME_HEADER).expect("Invariant: judged against RING_RECORD_BYTES_MAX");
        let header = if is_marked { length | MARKED } else { length };
        frame[..FRAME_HEADER].copy_from_slice(&header.to_le_bytes());
        self.0.push_entire_slice(frame).map_err(|rtrb::chunks::ChunkError::TooFewSlots(free)| free)
    }

    /// Whether the other end is gone.
    #[cfg(test)]
    fn is_abandoned(&self) -> bool {
        self.0.is_abandoned()
    }
}

/// The writer's end.
#[derive(Debug)]
pub(crate) struct FrameReader {
    bytes: Consumer<u8>,
    /// Where a record that lies around the ring's end is put together.
    torn: Vec<u8>,
}

impl FrameReader {
    /// Hands up to `limit` records to `each`, in order, until it breaks off: that record stays. Returns how many were
    /// taken.
    pub(crate) fn drain(
        &mut self,
        limit: usize,
        mut each: impl FnMut(Option<Mark>, &[u8]) -> ControlFlow<()>,
    ) -> usize {
        let Ok(chunk) = self.bytes.read_chunk(self.bytes.slots()) else { return 0 };
        let (first, second) = chunk.as_slices();
        let (mut taken, mut at) = (0, 0);
        while taken < limit && at < chunk.len() {
            let header = header_at(first, second, at);
            let (start, end) = (at + FRAME_HEADER, at + FRAME_HEADER + (header & !MARKED) as usize);
            let body = if end <= first.len() {
                &first[start..end]
            } else if start >= first.len() {
                &second[start - first.len()..end - first.len()]
            } else {
                self.torn.clear();
                self.torn.extend_from_slice(&first[start..]);
                self.torn.extend_from_slice(&second[..end - first.len()]);
                &self.torn
            };
            let (mark, record) = if header & MARKED == 0 { (None, body) } else { marked(body) };
            if each(mark, record).is_break() {
                break;
            }
            (taken, at) = (taken + 1, end);
        }
        chunk.commit(at);
        taken
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether the other end is gone, so that nothing more will come.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.bytes.is_abandoned()
    }
}

/// The header of the frame at this place, which may itself lie around the ring's end.
fn header_at(first: &[u8], second: &[u8], at: usize) -> u32 {
    let mut header = [0; FRAME_HEADER];
    for (place, byte) in (at..).zip(&mut header) {
        *byte = if place < first.len() { first[place] } else { second[place - first.len()] };
    }
    u32::from_le_bytes(header)
}

/// The mark before a record, and the record.
fn marked(body: &[u8]) -> (Option<Mark>, &[u8]) {
    let split = body.split_first_chunk();
    debug_assert!(split.is_some(), "Invariant: its sender put a mark there");
    split.map_or((None, body), |(mark, record)| (Some(Mark(*mark)), record))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(record: &[u8]) -> Vec<u8> {
        let mut frame = vec![0; FRAME_HEADER];
        frame.extend_from_slice(record);
        frame
    }

    fn take(reader: &mut FrameReader, limit: usize) -> Vec<Vec<u8>> {
        take_marked(reader, limit).into_iter().map(|(_, record)| record).collect()
    }

    fn take_marked(reader: &mut FrameReader, limit: usize) -> Vec<(Option<Mark>, Vec<u8>)> {
        let mut records = Vec::new();
        reader.drain(limit, |mark, record| {
            records.push((mark, record.to_vec()));
            ControlFlow::Continue(())
        });
        records
    }

    #[test]
    fn what_the_consumer_breaks_off_at_stays_and_comes_again() {
        let (mut writer, mut reader) = byte_ring(0);
        for record in [&b"one"[..], b"two", b"three"] {
            writer.push(&mut frame(record), false).expect("room");
        }
        let mut seen = 0;
        let taken = reader.drain(10, |_, _| {
            seen += 1;
            if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!((taken, seen), (1, 2));
        assert_eq!(take(&mut reader, 1), [b"two"]);
        assert_eq!(take(&mut reader, 9), [b"three"]);
        assert!(reader.is_empty());
    }

    #[test]
    fn a_full_ring_says_how_much_is_free_and_takes_nothing() {
        let (mut writer, mut reader) = byte_ring(0);
        let longest = vec![7; RING_RECORD_BYTES_MAX];
        writer.push(&mut frame(&longest), false).expect("room");
        writer.push(&mut frame(&longest), false).expect("room");
        assert_eq!(writer.push(&mut frame(b""), false), Err(0));
        assert_eq!(take(&mut reader, 1), [longest]);
        writer.push(&mut frame(b""), false).expect("room again");
    }

    #[test]
    fn an_end_that_is_gone_is_seen() {
        let (writer, reader) = byte_ring(0);
        drop(writer);
        assert!(reader.is_abandoned());
        let (writer, reader) = byte_ring(0);
        drop(reader);
        assert!(writer.is_abandoned());
    }

    proptest! {
        #[test]
        fn records_of_any_length_come_out_whole_and_in_order_however_often_the_ring_wraps(
            lengths in prop::collection::vec((0..=RING_RECORD_BYTES_MAX, 1..5_usize, any::<Option<u8>>()), 1..200),
        ) {
            let (mut writer, mut reader) = byte_ring(0);
            let (mut sent, mut received) = (Vec::new(), Vec::new());
            for (number, (length, limit, mark)) in lengths.iter().enumerate() {
                let record = vec![number as u8; *length];
                let mark = mark.map(|byte| Mark([byte; MARK_BYTES]));
                let mut framed = frame(&[mark.as_ref().map_or(&[][..], |mark| &mark.0), &record].concat());
                while writer.push(&mut framed, mark.is_some()).is_err() {
                    received.extend(take_marked(&mut reader, *limit));
                }
                sent.push((mark, record));
            }
            while !reader.is_empty() {
                received.extend(take_marked(&mut reader, 3));
            }
            prop_assert_eq!(sent, received);
        }
    }
}
