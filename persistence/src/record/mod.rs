//! How a command becomes the bytes that are kept for good, and comes back.
//!
//! ```text
//! version u8 | kind u8 | length of the body u32, little endian | body …
//! ```
//!
//! The body is an rkyv archive of a struct of our own (`v1/`, one file per area), unaligned and little endian: it is read
//! in place, wherever it lies. The engine's types know nothing of it. Every released version keeps its structs, its
//! decoder, and its golden file in `tests/golden/`: a log is read for as long as anyone has it.
//!
//! Reading proves the structure of any bytes and never panics or allocates; it does not prove that they are the bytes
//! that were written. The journal's frames do that.
//!
//! **Invariant:** what is decoded, encodes to a record that decodes to the same.

mod kind;
mod v1;

use dce_engine::Genesis;
use dce_engine::commands::Command;
use dce_runtime::{Codec, CodecError};

use kind::Kind;
use v1::{Lists, Packed};

/// The version that is written.
pub const VERSION: u8 = 1;

/// The longest record there is, in bytes: a chunk of a value set with one value more than the exchange takes.
pub const RECORD_BYTES_MAX: usize = HEADER_BYTES + v1::BODY_BYTES_MAX;

/// Every record fits the runtime's rings: no command is refused for its length before the engine has seen it.
const _: () = assert!(RECORD_BYTES_MAX <= dce_runtime::RING_RECORD_BYTES_MAX);

const HEADER_BYTES: usize = 6;

/// The codec of the journal, and so of everything that submits to it.
///
/// It owns room for one command's lists, claimed when it is made: neither direction allocates after that, but for the
/// growth of the caller's `record`. A list that has overflowed, or is longer than the engine takes, is written cut and
/// comes back as one that is refused with `CommandTooLarge`, as the original would have been.
#[derive(Clone, Debug, Default)]
pub struct RecordCodec {
    lists: Box<Lists>,
    packed: Box<Packed>,
}

impl Codec for RecordCodec {
    fn encode(&mut self, command: &Command<'_>, record: &mut Vec<u8>) {
        write(record, |record| v1::write(command, record, &mut self.packed));
    }

    #[inline]
    fn decode<'a>(&'a mut self, record: &'a [u8]) -> Result<Command<'a>, CodecError> {
        let (kind, body) = open(record)?;
        v1::read(kind, body, &mut self.lists)
    }
}

/// Puts the bytes of a genesis at the end of `record`: what a log says at sequence 0.
pub fn encode_genesis(genesis: &Genesis, record: &mut Vec<u8>) {
    write(record, |record| {
        v1::write_genesis(genesis, record);
        Kind::Genesis
    });
}

/// The genesis in `record`.
///
/// # Errors
///
/// When the bytes are no genesis record of a known version. Whether an exchange can be made from it is not asked here.
pub fn decode_genesis(record: &[u8]) -> Result<Genesis, CodecError> {
    match open(record)? {
        (Kind::Genesis, body) => v1::read_genesis(body).ok_or(CodecError::Body(Kind::Genesis.code())),
        (other, _) => Err(CodecError::Kind(other.code())),
    }
}

/// Puts a header before what `body` writes, and into it the kind that `body` says it wrote.
fn write(record: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>) -> Kind) {
    let start = record.len();
    record.extend_from_slice(&[VERSION, 0, 0, 0, 0, 0]);
    let kind = body(record);
    let length = u32::try_from(record.len() - start - HEADER_BYTES).expect("Invariant: a record is a few kilobytes");
    let header = &mut record[start..start + HEADER_BYTES];
    header[1] = kind.code();
    header[2..].copy_from_slice(&length.to_le_bytes());
}

/// Kind and body of a record that is as long as it says.
#[inline]
fn open(record: &[u8]) -> Result<(Kind, &[u8]), CodecError> {
    let wrong_length = CodecError::Length { found: record.len() };
    let (&[version, kind, l0, l1, l2, l3], body) = record.split_first_chunk::<HEADER_BYTES>().ok_or(wrong_length)?;
    if version != VERSION {
        return Err(CodecError::Version(version));
    }
    if usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])) != Ok(body.len()) {
        return Err(wrong_length);
    }
    let kind = Kind::of(kind).ok_or(CodecError::Kind(kind))?;
    Ok((kind, body))
}
