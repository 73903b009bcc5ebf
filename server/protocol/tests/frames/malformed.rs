//! Frames with one thing wrong each, and the code that says which.

use dce_protocol::{Fault, HEADER_BYTES};

use crate::{Direction, Sample, samples};

/// Frames that are refused, each with its fault.
pub(crate) fn all() -> Vec<(Sample, Fault)> {
    let mut all = Vec::new();
    let mut of = |name, sample: &str, fault, harm: &dyn Fn(&mut Vec<u8>)| {
        let Sample { direction, mut bytes, .. } =
            samples::all().into_iter().find(|of| of.name == sample).expect("a sample of this name");
        harm(&mut bytes);
        all.push((Sample { name, direction, bytes }, fault));
    };
    // The header.
    of("a length below a header's", "client's heartbeat", Fault::LengthOutOfRange, &|bytes| bytes[0] = 11);
    of("a length above the largest frame's", "client's heartbeat", Fault::LengthOutOfRange, &|bytes| {
        bytes[..4].copy_from_slice(&4_093_u32.to_le_bytes());
    });
    of("a type nobody has", "client's heartbeat", Fault::TypeUnknown, &|bytes| bytes[4] = 0xff);
    of("a type kept free for quotes", "client's heartbeat", Fault::TypeUnknown, &|bytes| bytes[4] = 0x5f);
    of("an answer sent upwards", "set a bid", Fault::TypeUnknown, &|bytes| bytes[4] = 0x88);
    of("a request sent downwards", "accepted", Fault::TypeUnknown, &|bytes| bytes[4] = 0x25);
    of("a flag nobody has", "set a bid", Fault::FlagUnknown, &|bytes| bytes[5] |= 2);
    of("a reserved byte", "set a bid", Fault::ReservedNotZero, &|bytes| bytes[6] = 1);
    of("a request without a number", "set a bid", Fault::NumberOutOfOrder, &|bytes| bytes[8..16].fill(0));
    of("a number beyond the last", "set a bid", Fault::NumberOutOfOrder, &|bytes| bytes[15] = 0x80);
    of("a heartbeat with a number", "client's heartbeat", Fault::NumberOutOfOrder, &|bytes| bytes[8] = 1);
    // The body.
    of("a body one byte short", "set a bid", Fault::BodyLengthMismatch, &|bytes| resize(bytes, -1));
    of("a body one byte long", "set a bid", Fault::BodyLengthMismatch, &|bytes| resize(bytes, 1));
    of("an amount that is absent and not zero", "take a bid away", Fault::ReservedNotZero, &|bytes| {
        bytes[HEADER_BYTES + 32] = 1;
    });
    of("an answer that is absent and yes", "bid placed, sealed", Fault::FlagUnknown, &|bytes| bytes[5] = 4);
    of("a role nobody has", "open an account", Fault::CodeUnknown, &|bytes| bytes[HEADER_BYTES + 16] = 4);
    of("a term nobody has", "create a listing that pays a share", Fault::CodeUnknown, &|bytes| {
        bytes[HEADER_BYTES + 62] = 4;
    });
    of(
        "a term on connect with seconds",
        "create a listing that pays a fixed amount",
        Fault::ReservedNotZero,
        &|bytes| {
            bytes[HEADER_BYTES + 63] = 1;
        },
    );
    // The lists.
    of("a count above what there is", "set three bids: numbers 20, 21, 22", Fault::BodyLengthMismatch, &|bytes| {
        bytes[HEADER_BYTES + 16] = 4;
    });
    of("a count below what there is", "set three bids: numbers 20, 21, 22", Fault::BodyLengthMismatch, &|bytes| {
        bytes[HEADER_BYTES + 16] = 2;
    });
    of("a batch of 65 bids", "set three bids: numbers 20, 21, 22", Fault::ListTooLong, &|bytes| {
        bytes[HEADER_BYTES + 16] = 65;
        resize(bytes, 62 * 32);
    });
    of("a bid that is neither there nor not", "set three bids: numbers 20, 21, 22", Fault::CodeUnknown, &|bytes| {
        bytes[HEADER_BYTES + 18 + 24] = 2;
    });
    of("a fact of a kind nobody has", "register a call", Fault::CodeUnknown, &|bytes| {
        bytes[HEADER_BYTES + 69 + 2] = 4;
    });
    of("a code wider than 32 bits", "register a call", Fault::ReservedNotZero, &|bytes| {
        bytes[HEADER_BYTES + 69 + 8] = 1;
    });
    of("a flag that is neither yes nor no", "register a call", Fault::CodeUnknown, &|bytes| {
        bytes[HEADER_BYTES + 69 + 3 * 12 + 4] = 2;
    });
    of("a clause that is neither yes nor no", "create a profile with everything", Fault::CodeUnknown, &|bytes| {
        let is = bytes.len() - 2 * 72 - 3 * 4 - 2 * 20;
        bytes[is + 4] = 2;
    });
    of("a clause with a stray byte", "create a profile with everything", Fault::ReservedNotZero, &|bytes| {
        let first = bytes.len() - 2 * 72 - 3 * 4 - 7 * 20;
        bytes[first + 3] = 1;
    });
    of("a destination with a stray byte", "create a profile with everything", Fault::ReservedNotZero, &|bytes| {
        let last = bytes.len() - 1;
        bytes[last] = 1;
    });
    of("a destination longer than its room", "create a profile with everything", Fault::ListTooLong, &|bytes| {
        let second = bytes.len() - 72;
        bytes[second + 4] = 65;
    });
    of("a name that is not UTF-8", "define a value", Fault::TextNotUtf8, &|bytes| {
        let last = bytes.len() - 1;
        bytes[last] = 0xff;
    });
    of("a candidate that won for a reason", "explained to the end", Fault::ReservedNotZero, &|bytes| {
        let reason = bytes.len() - 48 + 34;
        bytes[reason] = 1;
    });
    all
}

/// Cuts or adds bytes at the end, with a header that knows.
fn resize(bytes: &mut Vec<u8>, by: isize) {
    let size = bytes.len().checked_add_signed(by).expect("a size");
    bytes.resize(size, 0);
    bytes[..4].copy_from_slice(&(size as u32 - 4).to_le_bytes());
}

#[test]
fn each_fault_of_a_frame_has_a_vector() {
    let shown: Vec<_> = all().into_iter().map(|(_, fault)| fault).collect();
    for fault in Fault::ALL.iter().filter(|fault| fault.code() < 3_010) {
        assert!(shown.contains(fault), "{fault:?} is shown by no malformed frame");
    }
}

#[test]
fn a_frame_with_one_fault_is_refused_for_it() {
    for (Sample { name, direction, bytes }, fault) in all() {
        assert_eq!(direction.again(&bytes), Err(fault), "{name}");
        if fault == Fault::LengthOutOfRange {
            assert_eq!(dce_protocol::split(&bytes), dce_protocol::Split::Malformed(fault), "{name}");
        }
        assert!(matches!(direction, Direction::Up | Direction::Down));
    }
}
