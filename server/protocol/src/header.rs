//! The sixteen bytes every frame begins with, and the cutting of frames from a stream.

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::fault::Fault;
use crate::{FRAME_MAX, NUMBER_END};

/// Bytes of a header.
pub const HEADER_BYTES: usize = size_of::<Header>();
/// Bytes the length field does not count: its own.
const LENGTH_BYTES: usize = 4;

/// What every frame begins with.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Header {
    /// Bytes that follow this field.
    length: U32,
    /// Which frame it is.
    pub(crate) code: u8,
    /// What its type says of each bit.
    pub(crate) flags: u8,
    reserved: U16,
    /// Of the request this frame is or answers; of an event, its sequence.
    number: U64,
}

const _: () = assert!(HEADER_BYTES == 16);

/// What the beginning of some bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split<'a> {
    /// A whole frame, header included, and what follows it.
    Frame {
        /// For [`Up::decode`](crate::Up::decode) or [`Down::decode`](crate::Down::decode).
        frame: &'a [u8],
        /// What follows it.
        rest: &'a [u8],
    },
    /// The beginning of a frame: so many bytes are needed in all, from the beginning of the frame, to know more.
    Need(usize),
    /// No frame begins like this; the stream cannot be read any further.
    Malformed(Fault),
}

/// Cuts the first frame from the bytes of a stream. It looks at the length alone.
#[must_use]
pub fn split(bytes: &[u8]) -> Split<'_> {
    let Some((length, _)) = bytes.split_first_chunk() else { return Split::Need(LENGTH_BYTES) };
    let Some(size) = size_of_frame(u32::from_le_bytes(*length)) else {
        return Split::Malformed(Fault::LengthOutOfRange);
    };
    match bytes.split_at_checked(size) {
        Some((frame, rest)) => Split::Frame { frame, rest },
        None => Split::Need(size),
    }
}

fn size_of_frame(length: u32) -> Option<usize> {
    let size = usize::try_from(length).ok()?.checked_add(LENGTH_BYTES)?;
    (HEADER_BYTES..=FRAME_MAX).contains(&size).then_some(size)
}

impl Header {
    /// The header of a frame of `size` bytes in all.
    #[inline]
    pub(crate) const fn new(size: usize, code: u8, flags: u8, number: u64) -> Self {
        let length = U32::new((size - LENGTH_BYTES) as u32);
        Self { length, code, flags, reserved: U16::ZERO, number: U64::new(number) }
    }

    /// The header of a whole frame.
    #[inline]
    pub(crate) fn of(frame: &[u8]) -> Result<&Self, Fault> {
        let (header, _) = Self::ref_from_prefix(frame).map_err(|_| Fault::LengthOutOfRange)?;
        if size_of_frame(header.length.get()) != Some(frame.len()) {
            return Err(Fault::LengthOutOfRange);
        }
        if header.reserved != U16::ZERO {
            return Err(Fault::ReservedNotZero);
        }
        Ok(header)
    }

    /// The number, if it is one where the type has one, and 0 where it has none.
    #[inline]
    pub(crate) fn number(&self, numbered: bool) -> Result<u64, Fault> {
        let number = self.number.get();
        let fits = if numbered { number > 0 && number < NUMBER_END } else { number == 0 };
        if fits { Ok(number) } else { Err(Fault::NumberOutOfOrder) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_cut_where_the_lengths_say() {
        let mut bytes = [0_u8; 40];
        bytes[0] = 12;
        bytes[16] = 20;
        let Split::Frame { frame, rest } = split(&bytes) else { panic!("a whole frame") };
        assert_eq!((frame.len(), rest.len()), (16, 24));
        let Split::Frame { frame, rest } = split(rest) else { panic!("a whole frame") };
        assert_eq!((frame.len(), rest.len()), (24, 0));
        assert_eq!(split(rest), Split::Need(4));
        assert_eq!(split(&bytes[..15]), Split::Need(16));
    }

    #[test]
    fn lengths_have_two_ends() {
        let of = |length: u32| split(&length.to_le_bytes()).to_owned_fault();
        assert_eq!([of(11), of(12), of(4_092), of(4_093), of(u32::MAX)], [true, false, false, true, true]);
    }

    impl Split<'_> {
        fn to_owned_fault(self) -> bool {
            self == Split::Malformed(Fault::LengthOutOfRange)
        }
    }
}
