//! The tables of `docs/protocol.md` are made from the code, so that neither can change without the other.
//!
//! A block between `<!-- made from the code: NAME -->` and `<!-- end -->` is written here; all else is written by people.

use std::fmt::Write;

use dce_protocol::layout::{self, CodeList, ElementLayout, FieldLayout, FlagUse, FrameLayout, ListLayout, Part};
use dce_protocol::{CodeName, Fault, code_names};

use crate::{hex, kept, samples};

const BEGIN: &str = "<!-- made from the code: ";
const END: &str = "<!-- end -->";

#[test]
fn the_tables_of_the_document_are_those_of_the_code() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol.md");
    let document = std::fs::read_to_string(path).expect("the document is part of the repository");
    let (mut made, mut rest, mut blocks) = (String::new(), document.as_str(), 0);
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->\n").expect("a block has a name");
        let (_, after) = after.split_once(END).expect("a block has an end");
        let _ = write!(made, "{before}{BEGIN}{name} -->\n{}\n{END}", block(name));
        (rest, blocks) = (after, blocks + 1);
    }
    made.push_str(rest);
    assert_eq!(blocks, 9, "every block is there");
    kept("docs/protocol.md", &made);
}

#[test]
fn the_conversation_of_the_document_is_made_of_samples() {
    let document = include_str!("../../../../docs/protocol.md");
    let (_, talk) = document.split_once("## 5. A conversation in bytes").expect("the section");
    let talk = talk.split("```").nth(1).expect("its block");
    let mut frames: Vec<String> = Vec::new();
    for line in talk.lines().skip(1) {
        let (direction, line) = line.split_at(line.len().min(6));
        if !direction.trim().is_empty() {
            frames.push(String::new());
        }
        // What follows four spaces is for people.
        let bytes = line.split("    ").next().unwrap_or("");
        frames.last_mut().expect("a direction comes first").push_str(&bytes.replace(' ', ""));
    }
    let names = ["hello for the first time", "set a bid", "bid set", "accepted"];
    let samples = names.map(|name| samples::all().into_iter().find(|sample| sample.name == name).expect("a sample"));
    assert_eq!(frames, samples.map(|sample| hex(&sample.bytes)));
}

fn block(name: &str) -> String {
    match name {
        "numbers" => numbers(),
        "types" => types(),
        "elements" => layout::elements().iter().map(element).collect(),
        "code lists" => layout::code_lists().iter().map(code_list).collect(),
        "frames up" => layout::up().iter().map(frame).collect(),
        "frames down" => layout::down().iter().map(frame).collect(),
        "events" => layout::events().iter().map(frame).collect(),
        "faults" => faults(),
        "codes" => codes(),
        other => panic!("docs/protocol.md: no block is called `{other}`"),
    }
}

/// The constants a client needs.
fn numbers() -> String {
    let rows = [
        ("protocol version", u64::from(dce_protocol::VERSION), ""),
        ("largest frame, header included", dce_protocol::FRAME_MAX as u64, "bytes"),
        ("credit: requests unanswered", u64::from(dce_protocol::CREDIT), ""),
        ("streams of one connection", u64::from(dce_protocol::STREAMS_MAX), ""),
        ("from opening a stream to the whole hello", u64::from(dce_protocol::HELLO_TIMEOUT_MS), "ms"),
        ("heartbeat: the longest silence", u64::from(dce_protocol::HEARTBEAT_MS), "ms"),
        ("idle: given up after", u64::from(dce_protocol::IDLE_MS), "ms"),
        ("highest request number", dce_protocol::NUMBER_END - 1, ""),
        ("index that means all of a sequence", u64::from(dce_protocol::INDEX_ALL), ""),
    ];
    let mut table = String::from("| what | number | |\n|---|---|---|\n");
    for (what, number, unit) in rows {
        let _ = writeln!(table, "| {what} | {number} | {unit} |");
    }
    table
}

/// All frames on one page.
fn types() -> String {
    let mut table = String::from("| type | up | type | down | type | event |\n|---|---|---|---|---|---|\n");
    let columns = [layout::up(), layout::down(), layout::events()];
    let longest = columns.iter().map(|column| column.len()).max().unwrap_or(0);
    for row in 0..longest {
        for column in columns {
            let _ = match column.get(row) {
                Some(frame) => write!(table, "| `{:#04x}` | {} ", frame.code, link(frame)),
                None => write!(table, "| | "),
            };
        }
        table.push_str("|\n");
    }
    table
}

fn link(frame: &FrameLayout) -> String {
    format!("[{}](#{:#04x}-{})", frame.name, frame.code, frame.name.to_lowercase())
}

fn frame(frame: &FrameLayout) -> String {
    let mut text = format!("### `{:#04x}` {}\n\n{}\n", frame.code, frame.name, prose(frame.docs));
    text.push_str("\n| offset | size | field | type | meaning |\n|---|---|---|---|---|\n");
    let mut bit = 0;
    for field in frame.fields {
        fields(&mut text, field, &mut bit);
    }
    for list in frame.lists {
        let ListLayout { name, count_offset, max, .. } = list;
        let _ = writeln!(text, "| {count_offset} | 2 | count of `{name}` | u16 | 0 to {max} |");
    }
    let mut start = frame.fixed_bytes.to_string();
    for list in frame.lists {
        let ListLayout { name, element, element_bytes, docs, .. } = list;
        let size = if *element_bytes == 1 { "count".to_owned() } else { format!("count × {element_bytes}") };
        let _ = writeln!(text, "| {start} | {size} | `{name}` | {element} | {} |", prose(docs));
        "then".clone_into(&mut start);
    }
    if frame.fields.iter().all(|field| field.name.is_empty()) && frame.lists.is_empty() {
        text.push_str("| | 0 | | | no body |\n");
    }
    text.push('\n');
    text
}

fn fields(text: &mut String, field: &FieldLayout, bit: &mut u8) {
    let flag = match field.flags {
        FlagUse::Nothing => String::new(),
        FlagUse::Value => format!("flag {bit}"),
        FlagUse::Present => format!(" There when flag {bit} is set; else 0."),
        FlagUse::PresentThenValue => format!("flag {bit}: whether it is known; flag {}", *bit + 1),
    };
    *bit += field.flags.count();
    if field.name.is_empty() {
        if field.flags == FlagUse::Value {
            let _ = writeln!(
                text,
                "| 5 | {flag} | `again` | yes or no | Said again in the answer to a repeated request: no new position. |"
            );
        }
        parts(text, field.offset, "", field.parts, "");
        return;
    }
    let unit = if field.unit.is_empty() { String::new() } else { format!(" In {}.", field.unit) };
    let meaning = format!("{}{unit}", prose(field.docs));
    match field.parts {
        [] => {
            let _ = writeln!(text, "| 5 | {flag} | `{}` | yes or no | {meaning} |", field.name);
        }
        [part] if part.name.is_empty() => {
            let Part { type_name, size, .. } = part;
            let _ = writeln!(
                text,
                "| {} | {size} | `{}` | {} | {meaning}{flag} |",
                field.offset,
                field.name,
                code(type_name)
            );
        }
        several => {
            let _ = writeln!(text, "| {} | | `{}` | | {meaning}{flag} |", field.offset, field.name);
            parts(text, field.offset, field.name, several, "");
        }
    }
}

fn parts(text: &mut String, mut offset: usize, of: &str, parts: &[Part], flag: &str) {
    for Part { name, type_name, size, doc } in parts {
        let dot = if of.is_empty() { "" } else { "." };
        let _ =
            writeln!(text, "| {offset} | {size} | `{of}{dot}{name}` | {} | {}{flag} |", code(type_name), doc.trim());
        offset += size;
    }
}

fn element(element: &ElementLayout) -> String {
    let size: usize = element.parts.iter().map(|part| part.size).sum();
    let mut text = format!("### {}, {size} bytes\n\n{}\n", element.name, prose(element.docs));
    text.push_str("\n| offset | size | piece | type | meaning |\n|---|---|---|---|---|\n");
    parts(&mut text, 0, "", element.parts, "");
    text.push('\n');
    text
}

fn code_list(list: &CodeList) -> String {
    let mut text = format!("### {}\n\n{}\n\n| code | name | meaning |\n|---|---|---|\n", list.name, prose(list.docs));
    for value in list.values {
        let _ = writeln!(text, "| {} | {} | {} |", value.code, value.name, prose(value.docs));
    }
    text.push('\n');
    text
}

/// The protocol's own codes, with what they mean for a client.
fn faults() -> String {
    let mut text =
        String::from("| code | name | what it says | ends the stream | may pass by itself |\n|---|---|---|---|---|\n");
    for fault in Fault::ALL {
        let yes = |is: bool| if is { "yes" } else { "no" };
        let (closes, passes) = (yes(fault.closes()), yes(fault.is_transient()));
        let _ = writeln!(text, "| {} | {} | {} | {closes} | {passes} |", fault.code(), fault.name(), fault.text());
    }
    text
}

/// Everybody else's codes.
fn codes() -> String {
    let mut text = String::from("| code | name | what it says |\n|---|---|---|\n");
    for CodeName { code, name, text: says } in code_names().filter(|name| Fault::from_code(name.code).is_none()) {
        let _ = writeln!(text, "| {code} | {name} | {says} |");
    }
    text
}

/// `u8 Role` names a list of codes: a link to it.
fn code(type_name: &str) -> String {
    match type_name.strip_prefix("u8 ") {
        Some(list) => format!("u8 [{list}](#{})", list.to_lowercase()),
        None => type_name.to_owned(),
    }
}

fn prose(docs: &[&str]) -> String {
    docs.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
