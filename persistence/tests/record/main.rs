//! Records: every command comes back as it was, damaged bytes are told and never feared, and what version 1 wrote is
//! what version 1 reads for all time.

mod damage;
mod golden;
mod made;
mod page;
mod parts;
mod round_trip;
mod samples;

use dce_engine::commands::*;
use dce_persistence::record::RecordCodec;
use dce_runtime::Codec;

/// The record of a command, by itself.
fn record_of(command: &Command<'_>) -> Vec<u8> {
    let mut record = Vec::new();
    RecordCodec::default().encode(command, &mut record);
    record
}

macro_rules! same {
    ($($name:ident $(<$life:lifetime>)?),+) => {
        /// Whether two commands are one and the same, down to what was left out of their lists.
        fn same(left: &Command<'_>, right: &Command<'_>) -> bool {
            match (left, right) {
                $((Command::$name(left), Command::$name(right)) => left == right,)+
                _ => false,
            }
        }
    };
}

dce_engine::each_command!(same);
