//! Bytes that are no record, or not the one that was written: told by name or read as another command, never feared.

use dce_engine::prelude::*;
use dce_persistence::record::{RecordCodec, decode_genesis, encode_genesis};
use dce_runtime::{Codec, CodecError};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::samples::records;
use crate::{record_of, same};

const HEADER: usize = 6;
const GENESIS: u8 = 1;

/// Reads the bytes both ways. What is a command must also be one when written and read again.
fn read(codec: &mut RecordCodec, bytes: &[u8]) -> Result<(), CodecError> {
    if let Ok(genesis) = decode_genesis(bytes) {
        let mut again = Vec::new();
        encode_genesis(&genesis, &mut again);
        assert_eq!(decode_genesis(&again), Ok(genesis));
    }
    let command = codec.decode(bytes)?;
    let again = record_of(&command);
    let mut other = RecordCodec::default();
    let decoded = other.decode(&again).expect("what was encoded is a record");
    assert!(same(&command, &decoded), "{command:?}\ncame back as\n{decoded:?}");
    Ok(())
}

#[test]
fn every_flipped_bit_is_told_or_gives_another_command() {
    let mut codec = RecordCodec::default();
    let (mut told, mut flips) = (0, 0);
    for mut record in records() {
        for bit in 0..record.len() * 8 {
            record[bit / 8] ^= 1 << (bit % 8);
            flips += 1;
            told += u32::from(read(&mut codec, &record).is_err());
            record[bit / 8] ^= 1 << (bit % 8);
        }
    }
    assert!(told > 0 && told < flips, "{told} of {flips}: structure is checked, content is the frame's to prove");
}

#[test]
fn every_truncation_is_told() {
    let mut codec = RecordCodec::default();
    for record in records() {
        for length in 0..record.len() {
            let found = read(&mut codec, &record[..length]);
            assert_eq!(found, Err(CodecError::Length { found: length }));
        }
        let longer = [&record[..], &[0]].concat();
        assert_eq!(read(&mut codec, &longer), Err(CodecError::Length { found: longer.len() }));
    }
}

#[test]
fn a_body_that_is_longer_or_shorter_than_its_command_is_told() {
    let mut codec = RecordCodec::default();
    for record in records() {
        let (header, body) = record.split_at(HEADER);
        let missing =
            (0..body.len()).flat_map(|length| [body[..length].to_vec(), body[body.len() - length..].to_vec()]);
        let added = [[body, &[0]].concat(), [&[0], body].concat()];
        for body in missing.chain(added) {
            let bytes = [&header[..2], &(body.len() as u32).to_le_bytes(), &body].concat();
            let answer = match header[1] {
                GENESIS => decode_genesis(&bytes).map(|_| ()),
                _ => read(&mut codec, &bytes),
            };
            assert_eq!(answer, Err(CodecError::Body(header[1])), "{} bytes", body.len());
        }
    }
}

#[test]
fn unknown_versions_and_kinds_are_refused_by_name() {
    let mut codec = RecordCodec::default();
    let known: Vec<u8> = records().iter().map(|record| record[1]).collect();
    let mut record = record_of(&Tick.into());
    for version in (0..=u8::MAX).filter(|version| *version != 1) {
        record[0] = version;
        assert_eq!(codec.decode(&record).map(|_| ()), Err(CodecError::Version(version)));
        assert_eq!(decode_genesis(&record), Err(CodecError::Version(version)));
    }
    record[0] = 1;
    for kind in (0..=u8::MAX).filter(|kind| !known.contains(kind)) {
        record[1] = kind;
        assert_eq!(codec.decode(&record).map(|_| ()), Err(CodecError::Kind(kind)));
        assert_eq!(decode_genesis(&record), Err(CodecError::Kind(kind)));
    }
    assert_eq!(decode_genesis(&record_of(&Tick.into())), Err(CodecError::Kind(90)));
}

#[test]
fn a_list_longer_than_the_exchange_takes_is_refused() {
    let mut codec = RecordCodec::default();
    let facts: Vec<Fact> = (0..64).map(|number| Fact::number(AttributeId(number), i64::from(number))).collect();
    let offer = OfferCall { facts: List::borrowed(&facts), ..OfferCall::new(AccountId(1), CallId(2), ListingId(3)) };
    let record = record_of(&offer.into());
    assert!(read(&mut codec, &record).is_ok());
    // One fact more: its bytes before the others, the list's start moved by as many, its count raised.
    let mut longer = [&record[..HEADER], &[0; 11], &record[HEADER..]].concat();
    let end = longer.len();
    let offset = i32::from_le_bytes(longer[end - 8..end - 4].try_into().expect("four bytes")) - 11;
    longer[end - 8..end - 4].copy_from_slice(&offset.to_le_bytes());
    longer[end - 4..].copy_from_slice(&65_u32.to_le_bytes());
    let length = (longer.len() - HEADER) as u32;
    longer[2..HEADER].copy_from_slice(&length.to_le_bytes());
    assert_eq!(read(&mut codec, &longer), Err(CodecError::Body(record[1])));
}

proptest! {
    #[test]
    fn any_bytes_under_any_kind_are_told_or_read(kind in 0_u8..100, body in vec(any::<u8>(), 0..400)) {
        let mut bytes = vec![1, kind];
        bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&body);
        let mut codec = RecordCodec::default();
        let _ = read(&mut codec, &bytes);
        let _ = read(&mut codec, &body);
    }

    #[test]
    fn noise_over_a_record_is_told_or_read(
        which in any::<Index>(),
        noise in vec((any::<Index>(), any::<u8>()), 1..12),
    ) {
        let records = records();
        let mut record = which.get(&records).clone();
        for (place, byte) in noise {
            let place = HEADER + place.index(record.len() - HEADER + 1);
            if let Some(slot) = record.get_mut(place) {
                *slot = byte;
            }
        }
        let _ = read(&mut RecordCodec::default(), &record);
    }
}
