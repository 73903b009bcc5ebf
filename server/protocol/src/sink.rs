//! Where encoded frames go.

use crate::FRAME_MAX;

/// Takes the bytes of frames, in order. Each frame comes in a few pieces.
pub trait Sink {
    /// Puts `bytes` after what is there.
    fn put(&mut self, bytes: &[u8]);
}

#[cfg(feature = "alloc")]
impl Sink for alloc::vec::Vec<u8> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Room for one frame of any type, on the stack.
#[derive(Clone, Debug)]
pub struct FrameBuffer {
    bytes: [u8; FRAME_MAX],
    length: usize,
}

impl FrameBuffer {
    /// Empty.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; FRAME_MAX], length: 0 }
    }

    /// What was put.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Makes it empty.
    pub const fn clear(&mut self) {
        self.length = 0;
    }
}

impl Default for FrameBuffer {
    fn default() -> Self {
        Self::new()
    }
}

/// # Panics
///
/// When more is put than the largest frame has: clear it between frames.
impl Sink for FrameBuffer {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        assert!(end <= FRAME_MAX, "Invariant: a frame buffer takes one frame; clear it before the next");
        self.bytes[self.length..end].copy_from_slice(bytes);
        self.length = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_takes_the_largest_frame() {
        let mut buffer = FrameBuffer::default();
        buffer.put(&[1; FRAME_MAX - 1]);
        buffer.put(&[2]);
        assert_eq!(buffer.as_slice().len(), FRAME_MAX);
        buffer.clear();
        assert!(buffer.as_slice().is_empty());
    }
}
