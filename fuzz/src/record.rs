//! Any bytes, read as a record: told by name what they are not, or read as a command, and then written and read again as
//! the very same.

use dce_engine::prelude::*;
use dce_persistence::record::{RECORD_BYTES_MAX, RecordCodec, decode_genesis, encode_genesis};
use dce_runtime::{Codec, CodecError};

/// Reads the bytes as a record; then, because few bytes begin as one, as the body of a record whose kind the first byte
/// says.
///
/// # Panics
///
/// When the codec does, or when what it read does not come back: that is what a fuzzer looks for.
pub fn run(bytes: &[u8]) {
    read(bytes);
    if let Some((kind, body)) = bytes.split_first() {
        let length = u32::try_from(body.len()).expect("Invariant: a fuzzer's bytes are few");
        read(&[&[1, *kind], &length.to_le_bytes()[..], body].concat());
    }
}

fn read(bytes: &[u8]) {
    let mut codec = RecordCodec::default();
    match codec.decode(bytes) {
        Ok(command) => assert_comes_back(&command),
        Err(CodecError::Length { found }) => assert_eq!(found, bytes.len()),
        Err(CodecError::Version(version)) => assert!(version == bytes[0] && version != 1),
        Err(CodecError::Kind(kind) | CodecError::Body(kind)) => assert_eq!(kind, bytes[1]),
    }
    if let Ok(genesis) = decode_genesis(bytes) {
        let mut record = Vec::new();
        encode_genesis(&genesis, &mut record);
        assert_eq!(decode_genesis(&record), Ok(genesis));
    }
}

fn assert_comes_back(command: &Command<'_>) {
    let mut codec = RecordCodec::default();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    codec.encode(command, &mut first);
    assert!(first.len() <= RECORD_BYTES_MAX, "{} bytes: {command:?}", first.len());
    let mut reader = RecordCodec::default();
    let again = reader.decode(&first).expect("Invariant: what was encoded is a record");
    assert_eq!(format!("{again:?}"), format!("{command:?}"));
    codec.encode(&again, &mut second);
    assert_eq!(first, second, "{command:?}");
}
