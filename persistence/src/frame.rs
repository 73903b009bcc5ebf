//! One value of the store: a few accepted commands, and everything needed to know that they are the right ones.
//!
//! ```text
//! offset  bytes
//!      0      4  magic "DCEF"
//!      4      1  version, 1
//!      5      1  kind: 0 head (the genesis), 1 entries
//!      6      1  cipher: 0 none
//!      7      1  reserved, 0
//!      8     16  log id
//!     24      4  generation
//!     28      4  count: how many sequences it covers; 1 for a head
//!     32      8  epoch: which run of a writer, rising
//!     40      8  first sequence, also the store's key (there big endian, so that keys sort)
//!     48      8  durable: every sequence up to this one had been synced when this frame was written
//!     56     32  previous: BLAKE3 of the whole frame before this one; zeros before the first of all
//!     88      4  key id     ┐
//!     92     12  nonce      │ zeros while the cipher is 0: room for authenticated encryption of the payload
//!    104     16  tag        ┘
//!    120      4  payload length
//!    124      …  payload
//!      …      4  CRC-32 of everything before
//! ```
//!
//! Numbers are little endian. A frame's own hash is not stored: it is BLAKE3 of its bytes, found in the next frame and in
//! the anchor.

use dce_engine::ids::{LogId, Sequence};

/// The longest frame.
///
/// sled moves a leaf whose serialised form exceeds a quarter of its 512 KiB segment into a file of its own under
/// `blobs/`, which it never syncs. A leaf holds at most 17 items (it is split above 16), so frames of this length keep
/// every leaf below that, whatever sled rewrites.
pub const FRAME_BYTES_MAX: usize = 7_168;

/// Bytes around a payload.
pub const FRAME_OVERHEAD: usize = HEADER + CHECKSUM;

/// The longest payload of one frame.
pub const PAYLOAD_BYTES_MAX: usize = FRAME_BYTES_MAX - FRAME_OVERHEAD;

const HEADER: usize = 124;
/// Where a header says how long the payload is: its last field.
const LENGTH_AT: usize = HEADER - 4;
const CHECKSUM: usize = 4;
/// How a frame begins.
pub(crate) const MAGIC: [u8; 4] = *b"DCEF";
const VERSION: u8 = 1;

/// Items of a leaf at its fullest, and what sled may add to each for its key and lengths.
const LEAF_ITEMS: usize = 17;
const ITEM_EXTRA: usize = 64;
const _: () = assert!(LEAF_ITEMS * (FRAME_BYTES_MAX + ITEM_EXTRA) < 512 * 1024 / 4 - 52 - 1_024);

/// BLAKE3 of a frame's bytes: what the next frame names as its previous one.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FrameHash(pub [u8; 32]);

impl FrameHash {
    /// The hash of a frame's bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl std::fmt::Display for FrameHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl std::fmt::Debug for FrameHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{self}")
    }
}

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// The genesis: the first frame of every generation. In the first generation it is sequence 0; in a later one it
    /// stands at the last sequence of the generation before.
    Head,
    /// Accepted commands.
    Entries,
}

/// Everything a frame says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// What it carries.
    pub kind: FrameKind,
    /// Whose log.
    pub log: LogId,
    /// Which generation of the log.
    pub generation: u32,
    /// How many sequences it covers.
    pub count: u32,
    /// Which run of a writer.
    pub epoch: u64,
    /// The first sequence it covers.
    pub first: Sequence,
    /// Every sequence up to this one had been synced when the frame was written.
    pub durable: Sequence,
    /// The frame before.
    pub previous: FrameHash,
}

impl FrameHeader {
    /// The last sequence it covers.
    #[must_use]
    pub const fn last(&self) -> Sequence {
        Sequence(self.first.0 + self.count as u64 - 1)
    }

    /// Writes the frame over `frame`.
    ///
    /// # Panics
    ///
    /// When the payload is longer than [`PAYLOAD_BYTES_MAX`].
    pub fn write(&self, payload: &[u8], frame: &mut Vec<u8>) {
        assert!(payload.len() <= PAYLOAD_BYTES_MAX, "Invariant: payloads are split before they are framed");
        frame.clear();
        frame.extend_from_slice(&MAGIC);
        frame.extend_from_slice(&[VERSION, self.kind as u8, 0, 0]);
        frame.extend_from_slice(&self.log.0.to_le_bytes());
        frame.extend_from_slice(&self.generation.to_le_bytes());
        frame.extend_from_slice(&self.count.to_le_bytes());
        frame.extend_from_slice(&self.epoch.to_le_bytes());
        frame.extend_from_slice(&self.first.0.to_le_bytes());
        frame.extend_from_slice(&self.durable.0.to_le_bytes());
        frame.extend_from_slice(&self.previous.0);
        frame.extend_from_slice(&[0; SEAL]);
        frame.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        frame.extend_from_slice(payload);
        frame.extend_from_slice(&crc32fast::hash(frame).to_le_bytes());
    }
}

/// Key id, nonce and tag.
const SEAL: usize = 4 + 12 + 16;
const _: () = assert!(8 + 16 + 4 + 4 + 8 + 8 + 8 + 32 + SEAL + 4 == HEADER);

/// A frame whose checksum and shape are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it says about itself.
    pub header: FrameHeader,
    /// What it carries.
    pub payload: &'a [u8],
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Too short, too long, or not as long as it says.
    #[error("{0} bytes long, which is not what its header says")]
    Length(usize),
    /// The checksum is another one.
    #[error("its checksum is wrong")]
    Checksum,
    /// The checksum is right and the bytes are something else.
    #[error("it is no frame of a log")]
    Magic,
    /// Written by a newer program.
    #[error("frame version {0} is unknown: it was written by a newer program")]
    Version(u8),
    /// Of a version this program knows, and encrypted, of another kind, or with something where zeros belong.
    #[error("its header (version {0}) holds what this program does not know")]
    Unknown(u8),
    /// It covers no sequence, or more than there are.
    #[error("the count in its header cannot be")]
    Count,
}

impl<'a> Frame<'a> {
    /// Reads a frame. Never panics, whatever the bytes.
    ///
    /// # Errors
    ///
    /// When the bytes are not exactly one frame this program understands.
    pub fn read(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let wrong_length = FrameError::Length(bytes.len());
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(wrong_length);
        }
        let (covered, checksum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(wrong_length)?;
        if crc32fast::hash(covered) != u32::from_le_bytes(*checksum) {
            return Err(FrameError::Checksum);
        }
        let mut fields = Fields(covered);
        let [magic @ .., version, kind, cipher, reserved] = fields.take::<8>().ok_or(wrong_length)?;
        if magic != MAGIC {
            return Err(FrameError::Magic);
        }
        if version != VERSION {
            return Err(FrameError::Version(version));
        }
        let kind = match kind {
            0 => FrameKind::Head,
            1 => FrameKind::Entries,
            _ => return Err(FrameError::Unknown(version)),
        };
        let header = fields.header(kind).ok_or(wrong_length)?;
        let seal: [u8; SEAL] = fields.take().ok_or(wrong_length)?;
        let length = u32::from_le_bytes(fields.take().ok_or(wrong_length)?);
        if usize::try_from(length) != Ok(fields.0.len()) {
            return Err(wrong_length);
        }
        if cipher != 0 || reserved != 0 || seal != [0; SEAL] {
            return Err(FrameError::Unknown(version));
        }
        if header.count == 0 || header.first.0.checked_add(u64::from(header.count)).is_none() {
            return Err(FrameError::Count);
        }
        Ok(Self { header, payload: fields.0 })
    }
}

/// How long the frame that begins here says it is, if there is a header's worth of bytes.
pub(crate) fn length_said(bytes: &[u8]) -> Option<usize> {
    let length = bytes.get(LENGTH_AT..HEADER)?.try_into().ok()?;
    FRAME_OVERHEAD.checked_add(usize::try_from(u32::from_le_bytes(length)).ok()?)
}

/// What of a header is still to be read.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn header(&mut self, kind: FrameKind) -> Option<FrameHeader> {
        Some(FrameHeader {
            kind,
            log: LogId(u128::from_le_bytes(self.take()?)),
            generation: u32::from_le_bytes(self.take()?),
            count: u32::from_le_bytes(self.take()?),
            epoch: u64::from_le_bytes(self.take()?),
            first: Sequence(u64::from_le_bytes(self.take()?)),
            durable: Sequence(u64::from_le_bytes(self.take()?)),
            previous: FrameHash(self.take()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> FrameHeader {
        FrameHeader {
            kind: FrameKind::Entries,
            log: LogId(7),
            generation: 1,
            count: 3,
            epoch: 2,
            first: Sequence(10),
            durable: Sequence(9),
            previous: FrameHash([5; 32]),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let mut bytes = vec![1, 2, 3];
        for payload in [&b""[..], b"three commands", &[9; PAYLOAD_BYTES_MAX]] {
            header().write(payload, &mut bytes);
            assert_eq!(bytes.len(), payload.len() + FRAME_OVERHEAD);
            assert_eq!(length_said(&bytes), Some(bytes.len()));
            assert_eq!(Frame::read(&bytes), Ok(Frame { header: header(), payload }));
        }
        assert_eq!(header().last(), Sequence(12));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let mut bytes = Vec::new();
        header().write(b"payload", &mut bytes);
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Frame::read(&bytes), Err(FrameError::Checksum), "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        for length in 0..bytes.len() {
            assert!(Frame::read(&bytes[..length]).is_err(), "cut to {length}");
        }
    }

    #[test]
    fn what_this_program_does_not_know_is_refused_though_its_checksum_is_right() {
        let resealed = |place: usize, value: u8| {
            let mut bytes = Vec::new();
            header().write(b"payload", &mut bytes);
            bytes[place] = value;
            let covered = bytes.len() - CHECKSUM;
            let checksum = crc32fast::hash(&bytes[..covered]).to_le_bytes();
            bytes[covered..].copy_from_slice(&checksum);
            Frame::read(&bytes).map(|_| ())
        };
        assert_eq!(resealed(0, b'X'), Err(FrameError::Magic));
        assert_eq!(resealed(4, 2), Err(FrameError::Version(2)));
        for (place, value) in [(5, 9), (6, 1), (7, 1), (88, 1), (119, 1)] {
            assert_eq!(resealed(place, value), Err(FrameError::Unknown(1)), "byte {place}");
        }
        assert_eq!(resealed(28, 0), Err(FrameError::Count));
        assert!(matches!(resealed(120, 8), Err(FrameError::Length(_))));
    }
}
