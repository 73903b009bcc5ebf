//! Reads and makes frames by the layout tables alone, as a client in another language would from the document.

use dce_protocol::layout::{self, ElementLayout, FieldLayout, FlagUse, FrameLayout, Part};
use serde_json::{Map, Value, json};

use crate::{Direction, hex};

/// The layouts of a direction.
pub(crate) fn layouts(direction: Direction) -> Vec<&'static FrameLayout> {
    match direction {
        Direction::Up => layout::up().iter().collect(),
        Direction::Down => layout::down().iter().chain(layout::events()).collect(),
    }
}

/// What a frame means, by the tables. 64 and 128-bit integers are decimal texts; bytes are hex; what is absent is null.
pub(crate) fn meaning(direction: Direction, frame: &[u8]) -> (&'static str, Value) {
    let layout = layouts(direction).into_iter().find(|layout| layout.code == frame[4]).expect("a type in the tables");
    let mut meaning = Map::new();
    meaning.insert("number".into(), number("u64", &frame[8..16]));
    let mut flags = frame[5];
    let mut flag = || {
        let set = flags & 1 != 0;
        flags >>= 1;
        set
    };
    for field in layout.fields {
        let value = match field.flags {
            FlagUse::Nothing => whole(field, frame),
            FlagUse::Value if field.name.is_empty() => {
                meaning.insert("again".into(), json!(flag()));
                whole(field, frame)
            }
            FlagUse::Value => json!(flag()),
            FlagUse::Present => {
                if flag() {
                    whole(field, frame)
                } else {
                    Value::Null
                }
            }
            FlagUse::PresentThenValue => {
                let (present, set) = (flag(), flag());
                if present { json!(set) } else { Value::Null }
            }
        };
        match (field.name, value) {
            ("", Value::Object(parts)) => meaning.extend(parts),
            ("", _) => {}
            (name, value) => {
                meaning.insert(name.into(), value);
            }
        }
    }
    let mut at = layout.fixed_bytes;
    for list in layout.lists {
        let count = usize::from(u16::from_le_bytes([frame[list.count_offset], frame[list.count_offset + 1]]));
        let bytes = &frame[at..at + count * list.element_bytes];
        at += bytes.len();
        let value = match list.element {
            "byte" => json!(hex(bytes)),
            "byte of UTF-8" => json!(std::str::from_utf8(bytes).expect("UTF-8")),
            name => bytes.chunks(list.element_bytes).map(|bytes| parts(element(name).parts, bytes)).collect(),
        };
        meaning.insert(list.name.into(), value);
    }
    assert_eq!(at, frame.len());
    (layout.name, Value::Object(meaning))
}

pub(crate) fn element(name: &str) -> &'static ElementLayout {
    layout::elements().iter().find(|element| element.name == name).expect("an element in the tables")
}

fn whole(field: &FieldLayout, frame: &[u8]) -> Value {
    match field.parts {
        [] => Value::Null,
        [part] if part.name.is_empty() => number(part.type_name, &frame[field.offset..field.offset + part.size]),
        several => parts(several, &frame[field.offset..]),
    }
}

fn parts(parts: &[Part], mut bytes: &[u8]) -> Value {
    let mut object = Map::new();
    for part in parts {
        let (own, rest) = bytes.split_at(part.size);
        if part.name != "reserved" {
            object.insert(part.name.into(), number(part.type_name, own));
        }
        bytes = rest;
    }
    Value::Object(object)
}

fn number(type_name: &str, bytes: &[u8]) -> Value {
    let wide = bytes.iter().rev().fold(0_u128, |wide, byte| wide << 8 | u128::from(*byte));
    match type_name.split(' ').next() {
        Some("u8" | "u16" | "u32") => json!(wide as u64),
        Some("u64" | "u128") => json!(wide.to_string()),
        Some("i32") => json!(wide as u32 as i32),
        Some("i64") => json!((wide as u64 as i64).to_string()),
        _ => json!(hex(bytes)),
    }
}

/// A frame of this type made from chance: `chance(below)` draws a number. Most decode.
pub(crate) fn draw(layout: &FrameLayout, chance: &mut dyn FnMut(u64) -> u64) -> Vec<u8> {
    let mut frame = vec![0; layout.fixed_bytes];
    let (mut flags, mut next) = (0, 1_u8);
    let mut flag = |chance: &mut dyn FnMut(u64) -> u64| {
        let set = chance(2) == 1;
        flags |= if set { next } else { 0 };
        next = next.wrapping_shl(1);
        set
    };
    for field in layout.fields {
        let present = match field.flags {
            FlagUse::Nothing => true,
            FlagUse::Value => {
                flag(chance);
                true
            }
            FlagUse::Present => flag(chance),
            FlagUse::PresentThenValue => {
                // An absent yes or no is not yes; half of them are wrong, and found to be.
                flag(chance) | flag(chance)
            }
        };
        if present {
            let size = field.parts.iter().map(|part| part.size).sum::<usize>();
            draw_parts(field.parts, &mut frame[field.offset..field.offset + size], chance);
        }
    }
    frame[5] = flags;
    for list in layout.lists {
        let count =
            chance(list.max as u64 + 1).min(chance(list.max as u64 + 1)).min(chance(list.max as u64 + 1)) as u16;
        frame[list.count_offset..list.count_offset + 2].copy_from_slice(&count.to_le_bytes());
        for _ in 0..count {
            let at = frame.len();
            frame.resize(at + list.element_bytes, 0);
            match list.element {
                "byte" | "byte of UTF-8" => frame[at] = chance(128) as u8,
                name => draw_parts(element(name).parts, &mut frame[at..], chance),
            }
        }
    }
    let length = frame.len() as u32 - 4;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    frame[4] = layout.code;
    if layout.numbered {
        frame[8..16].copy_from_slice(&(1 + chance(dce_protocol::NUMBER_END - 1)).to_le_bytes());
    }
    frame
}

/// Fills the pieces of a field or an element. Where there are kinds, what the kind does not use stays zero, mostly.
fn draw_parts(parts: &[Part], bytes: &mut [u8], chance: &mut dyn FnMut(u64) -> u64) {
    let (mut at, mut kind) = (0, None);
    for part in parts {
        let own = &mut bytes[at..at + part.size];
        at += part.size;
        if let Some(list) = part.type_name.strip_prefix("u8 ") {
            let list = layout::code_lists().iter().find(|codes| codes.name == list).expect("a list of codes");
            own[0] = chance(list.values.len() as u64) as u8;
            continue;
        }
        match part.name {
            "reserved" => {}
            "kind" | "present" => {
                own[0] = chance(7) as u8;
                kind = Some(own[0]);
            }
            // Which pieces a kind leaves empty is what the codec knows; often enough this hits it.
            _ if kind.is_some() && part.name != "value" && chance(2) == 0 => {}
            "value" => {
                let used = match (part.size, kind) {
                    (8, Some(2)) | (16, Some(5)) => 1,
                    (8, Some(0)) => 4,
                    (16, Some(0..=3)) => 2,
                    (16, Some(6)) => 12,
                    _ => part.size,
                };
                own[..used].fill_with(|| extreme(chance));
                if used == 1 {
                    own[0] &= 1;
                }
            }
            "length" => own[0] = chance(65) as u8,
            "bytes" => {}
            _ => own.fill_with(|| extreme(chance)),
        }
    }
}

/// Bytes at their ends more often than chance would have it.
fn extreme(chance: &mut dyn FnMut(u64) -> u64) -> u8 {
    match chance(4) {
        0 => 0,
        1 => 0xff,
        _ => chance(256) as u8,
    }
}
