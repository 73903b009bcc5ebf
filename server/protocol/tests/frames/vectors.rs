//! `docs/protocol-vectors.json`: every frame as bytes and as meaning, both ways, and what is refused.

use dce_protocol::{Split, layout, split};
use serde_json::json;

use crate::{Direction, Sample, hex, kept, malformed, samples, tables};

/// The file, one vector a line.
fn file() -> String {
    let good = samples::all().into_iter().map(|Sample { name, direction, bytes }| {
        let (frame, meaning) = tables::meaning(direction, &bytes);
        json!({ "name": name, "direction": direction.name(), "frame": frame, "hex": hex(&bytes), "meaning": meaning })
    });
    let bad = malformed::all().into_iter().map(|(Sample { name, direction, bytes }, fault)| {
        let fault = json!({ "code": fault.code(), "name": fault.name() });
        json!({ "name": name, "direction": direction.name(), "hex": hex(&bytes), "fault": fault })
    });
    let lines: Vec<String> = good.chain(bad).map(|vector| vector.to_string()).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

#[test]
fn the_vectors_are_what_is_written_and_what_the_tables_read() {
    kept("docs/protocol-vectors.json", &file());
}

#[test]
fn each_sample_decodes_and_encodes_to_itself() {
    for Sample { name, direction, bytes } in samples::all() {
        assert_eq!(split(&bytes), Split::Frame { frame: &bytes, rest: &[] }, "{name}");
        assert_eq!(direction.again(&bytes).as_ref(), Ok(&bytes), "{name}");
    }
}

#[test]
fn each_frame_has_a_vector_and_each_vector_a_name_of_its_own() {
    let samples = samples::all();
    let shown = |direction: Direction, code: u8| {
        samples.iter().any(|sample| sample.direction == direction && sample.bytes[4] == code)
    };
    for layout in layout::up() {
        assert!(shown(Direction::Up, layout.code), "{} has no vector", layout.name);
    }
    for layout in layout::down().iter().chain(layout::events()) {
        assert!(shown(Direction::Down, layout.code), "{} has no vector", layout.name);
    }
    let mut names: Vec<_> = samples.iter().map(|sample| sample.name).collect();
    names.extend(malformed::all().iter().map(|(sample, _)| sample.name));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two vectors have one name");
}

/// Written down byte by byte from the document, not by the encoder.
#[test]
fn a_bid_and_an_event_by_hand() {
    let set_bid = concat!(
        "34000000",
        "25",
        "01",
        "0000",
        "1200000000000000",                 // length 52, SetBid, amount is there, reserved, number 18
        "0b000000000000000000000000000000", // buyer 11
        "010b0000000000000000000000000000", // profile 0x0b01
        "80ba8c0100000000",                 // 26,000,000 micro-units
    );
    let ended = concat!(
        "3c000000",
        "d0",
        "00",
        "0000",
        "8503000000000000", // length 60, CallEnded, no flag, reserved, sequence 901
        "4022644159440600",
        "0200",                              // 1,764,000,000,123,456 µs, index 2
        "5e000000000000000000000000000000",  // seller
        "05000000000000800070 7be897b69a01", // call
        "1702",
        "8f5f0100", // reason 535, 89,999 ms
    );
    let by_name = |name| samples::all().into_iter().find(|sample| sample.name == name).expect("a sample");
    assert_eq!(hex(&by_name("set a bid").bytes), set_bid);
    assert_eq!(hex(&by_name("call ended").bytes), ended.replace(' ', ""));
}
