//! What version 1 wrote, for all time: `tests/golden/records-1.txt`, one record a line: its name, its bytes, and what
//! they say.
//!
//! When this fails, logs that people have are no longer read as they were written. A line is never changed: a record of
//! another shape belongs to a later version, with structs and a golden file of its own. New commands add lines.

use std::fmt::Write as _;

use dce_persistence::record::{RecordCodec, decode_genesis, encode_genesis};
use dce_runtime::Codec;

use crate::record_of;
use crate::samples::{each_sample, genesis};

pub(crate) const GOLDEN: &str = include_str!("../../../tests/golden/records-1.txt");

macro_rules! names {
    ($($name:ident $(<$life:lifetime>)?),+) => { [$(stringify!($name)),+] };
}

#[test]
fn what_is_written_today_is_what_was_always_written() {
    let mut lines = GOLDEN.lines();
    let mut compare = |today: String| {
        let kept = lines.next().unwrap_or("(no such line)");
        assert_eq!(today, kept, "left is today's, right is tests/golden/records-1.txt: read the top of this file");
    };
    let mut record = Vec::new();
    encode_genesis(&genesis(), &mut record);
    compare(line("Genesis", &record, &format!("{:?}", genesis())));
    each_sample(|command| compare(line(command.name(), &record_of(&command), &format!("{command:?}"))));
    assert_eq!(lines.next(), None, "tests/golden/records-1.txt has lines that no sample gives");
}

#[test]
fn what_was_written_is_read_as_it_was_meant() {
    let mut codec = RecordCodec::default();
    for kept in GOLDEN.lines() {
        let (name, rest) = kept.split_once(' ').expect("a name");
        let (hex, said) = rest.split_once(' ').expect("bytes and what they say");
        let record = bytes(hex);
        if name == "Genesis" {
            assert_eq!(decode_genesis(&record).map(|genesis| format!("{genesis:?}")).as_deref(), Ok(said));
        } else {
            let command = codec.decode(&record).expect("a record of version 1");
            assert_eq!((command.name(), format!("{command:?}").as_str()), (name, said));
        }
    }
}

#[test]
fn every_command_has_a_golden_record() {
    let missing: Vec<&str> = dce_engine::each_command!(names)
        .into_iter()
        .filter(|name| !GOLDEN.lines().any(|line| line.split(' ').next() == Some(name)))
        .collect();
    assert_eq!(missing, [""; 0], "add samples of them, and their lines to tests/golden/records-1.txt");
}

fn line(name: &str, record: &[u8], said: &str) -> String {
    let mut hex = String::new();
    for byte in record {
        write!(hex, "{byte:02x}").expect("text takes text");
    }
    format!("{name} {hex} {said}")
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let byte = |place| u8::from_str_radix(&hex[place..place + 2], 16).expect("two hexadecimal digits");
    (0..hex.len()).step_by(2).map(byte).collect()
}
