//! The names a client prints are the engine's, the runtime's and the protocol's own, code for code.

use dce_engine::reason::Reason;
use dce_engine::reject::Reject;
use dce_protocol::{CodeName, Fault, code_names};
use dce_runtime::Refusal;

#[test]
fn the_table_of_names_is_every_code_of_engine_runtime_and_protocol() {
    let reasons = Reason::ALL.iter().map(|reason| (reason.code(), format!("{reason:?}"), reason.text()));
    let rejects = Reject::ALL.iter().map(|reject| (reject.code(), format!("{reject:?}"), reject.text()));
    let refusals = Refusal::OWN.iter().map(|refusal| (refusal.code(), refusal.name().to_owned(), refusal.text()));
    let faults = Fault::ALL.iter().map(|fault| (fault.code(), fault.name().to_owned(), fault.text()));
    let expected: Vec<_> = reasons.chain(rejects).chain(refusals).chain(faults).collect();
    let named: Vec<_> = code_names().map(|CodeName { code, name, text }| (code, name.to_owned(), text)).collect();
    for row in &expected {
        assert!(named.contains(row), "server/protocol/src/names.rs lacks {row:?}");
    }
    assert_eq!(named, expected, "the order, or a code that is no more");
}

#[test]
fn the_limits_of_frames_are_the_engines() {
    use dce_engine::limits;
    assert_eq!(dce_protocol::FACTS_MAX, limits::FACTS_MAX);
    assert_eq!(dce_protocol::CLAUSES_MAX, limits::CLAUSES_MAX);
    assert_eq!(dce_protocol::CLAUSE_VALUES_MAX, limits::CLAUSE_VALUES_MAX);
    assert_eq!(dce_protocol::DESTINATIONS_MAX, limits::DESTINATIONS_MAX);
    assert_eq!(dce_protocol::CHAIN_MAX, limits::CHAIN_MAX);
    assert_eq!(dce_protocol::FALLBACK_INDEX, limits::FALLBACK_INDEX);
    assert_eq!(dce_protocol::DESTINATION_BYTES_MAX, limits::DESTINATION_BYTES_MAX);
    assert_eq!(dce_protocol::NAME_BYTES_MAX, limits::NAME_BYTES_MAX);
    assert_eq!(dce_protocol::VALUE_SET_CHUNK_MAX, limits::VALUE_SET_CHUNK_MAX);
    assert_eq!(dce_protocol::TRANSITIONS_MAX, limits::TRANSITIONS_MAX);
    assert_eq!(dce_protocol::OPEN_SPANS_MAX, limits::OPEN_SPANS_MAX);
    assert_eq!(dce_protocol::PROFILE_SKILLS_MAX, limits::PROFILE_SKILLS_MAX);
    assert_eq!(dce_protocol::REQUIRED_SKILLS_MAX, limits::REQUIRED_SKILLS_MAX);
    assert_eq!(dce_protocol::HOLIDAYS_MAX, limits::HOLIDAYS_MAX);
    assert_eq!(dce_protocol::MODIFIERS_MAX, limits::MODIFIERS_MAX);
    assert_eq!(dce_protocol::QUOTA_RULES_MAX, limits::QUOTA_RULES_MAX);
    assert_eq!(usize::from(dce_protocol::CREDIT), limits::SESSION_WINDOW, "a resend is always recognised");
}

#[test]
fn every_command_of_the_engine_but_tick_has_a_frame_of_its_name() {
    let mut commands = Vec::new();
    macro_rules! names {
        ($($name:ident $(<$life:lifetime>)?),+ $(,)?) => { commands.extend([$(stringify!($name)),+]) };
    }
    dce_engine::each_command!(names);
    let frames: Vec<_> = dce_protocol::layout::up().iter().map(|layout| layout.name).collect();
    for command in commands.into_iter().filter(|command| *command != "Tick") {
        assert!(frames.contains(&command), "{command} has no frame");
    }
}

#[test]
fn every_event_of_the_engine_has_a_frame_of_its_name() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../engine/src/event.rs");
    let source = std::fs::read_to_string(source).expect("the engine lies beside");
    let (_, list) = source.split_once("pub enum Event {").expect("the list of events");
    let (list, _) = list.split_once("\n}").expect("its end");
    let events: Vec<_> = list
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.split_once(" {"))
        .map(|(name, _)| name)
        .filter(|name| name.starts_with(char::is_uppercase))
        .collect();
    assert!(events.len() > 30, "the list is read: {events:?}");
    let frames: Vec<_> = dce_protocol::layout::events().iter().map(|layout| layout.name).collect();
    for event in &events {
        assert!(frames.contains(event), "{event} has no frame");
    }
    assert_eq!(frames.len(), events.len());
}
