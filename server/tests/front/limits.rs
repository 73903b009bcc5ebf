//! Every bound has a test that exceeds it by one: this is the list, and it is complete.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::common::{ACME, Heard, Line, PROFILE, key_for, set_up, small, start};
use dce_protocol::{CREDIT, Fault, up};
use dce_server::identity::Role;
use dce_server::limits::Limits;

/// Each bound, and the test that exceeds it: file and name.
const EXCEEDED: &[(&str, &str, &str)] = &[
    ("connections_max", "tests/front/attack.rs", "one_connection_more_than_there_may_be_is_refused_in_its_handshake"),
    (
        "connections_per_address_max",
        "src/registry.rs",
        "one_connection_more_than_the_limit_is_refused_and_a_closed_one_gives_room",
    ),
    (
        "handshakes_max",
        "src/registry.rs",
        "above_a_few_handshakes_an_address_must_be_proven_and_above_many_nobody_comes_in",
    ),
    (
        "handshakes_unvalidated_max",
        "tests/front/attack.rs",
        "above_a_few_handshakes_newcomers_prove_their_address_and_come_in",
    ),
    ("handshake_time_max", "tests/front/attack.rs", "a_handshake_nobody_goes_on_with_is_given_up_and_is_not_amplified"),
    (
        "streams_per_connection_max",
        "tests/front/attack.rs",
        "one_stream_more_than_a_connection_may_have_waits_for_another_to_end",
    ),
    ("hello_time_max", "tests/front/attack.rs", "a_hello_that_never_ends_is_let_go_as_well"),
    ("hellos_failed_max", "tests/front/attack.rs", "whoever_guesses_keys_loses_the_connection"),
    ("heartbeat_every", "tests/front/limits.rs", "the_server_is_heard_as_often_as_it_says"),
    ("silence_max", "tests/front/attack.rs", "a_silent_client_is_let_go_and_one_that_sends_heartbeats_stays"),
    ("idle_time_max", "tests/front/limits.rs", "a_client_that_is_gone_is_forgotten"),
    ("stream_window_bytes_max", "tests/front/limits.rs", "a_client_cannot_send_further_ahead_than_the_window"),
    ("outbox_bytes_max", "tests/front/attack.rs", "a_client_that_does_not_read_is_dropped_and_delays_nobody"),
    ("commands_in_flight_max", "tests/front/limits.rs", "a_command_that_finds_no_room_in_time_is_refused_as_busy"),
    ("ring_bytes_max", "../engine/runtime/src/ring.rs", "a_full_ring_says_how_much_is_free_and_takes_nothing"),
    (
        "delivery_events_max",
        "src/fronts/quic/worker.rs",
        "a_thread_that_fell_behind_drops_its_sessions_and_says_where_it_goes_on",
    ),
    ("submit_wait_max", "tests/front/limits.rs", "a_command_that_finds_no_room_in_time_is_refused_as_busy"),
    ("query_wait_max", "tests/front/limits.rs", "a_query_for_a_place_that_does_not_come_is_refused"),
    (
        "sessions_per_account_max",
        "tests/front/sessions.rs",
        "the_seventeenth_session_of_an_account_closes_its_oldest_idle_one",
    ),
    ("tail_events_max", "src/tail.rs", "one_event_more_than_the_limit_lets_go_of_the_oldest_sequence"),
    ("explains_max", "tests/front/limits.rs", "one_explanation_more_than_may_wait_is_refused_as_busy"),
    ("keys_max", "src/identity/keys.rs", "one_key_more_than_the_limit_is_refused"),
    ("keys_look_every", "src/identity/watch.rs", "a_key_is_noticed_and_the_thread_ends_when_told"),
    ("farewell_time_max", "tests/front/limits.rs", "a_stop_does_not_wait_for_a_client_that_is_gone"),
    ("http_header_bytes_max", "tests/rest/bounds.rs", "a_head_one_byte_too_long_is_refused"),
    ("http_headers_max", "tests/rest/bounds.rs", "one_header_too_many_is_refused"),
    ("http_header_time_max", "tests/rest/bounds.rs", "a_head_that_does_not_end_in_time_ends_its_connection"),
    ("http_body_bytes_max", "tests/rest/bounds.rs", "a_body_one_byte_too_long_is_refused"),
    ("http_body_time_max", "tests/rest/bounds.rs", "a_body_that_does_not_come_in_time_is_refused"),
    ("http_streams_max", "tests/rest/bounds.rs", "a_connection_may_have_so_many_streams_and_no_more"),
    ("http_wait_max", "tests/rest/bounds.rs", "nobody_waits_for_longer_than_there_is_to_wait"),
    ("http_page_max", "tests/rest/bounds.rs", "a_page_has_so_many_items_and_no_more"),
    ("http_statement_lines_max", "tests/rest/past.rs", "a_long_statement_comes_in_parts_that_fit_together"),
    ("http_keys_max", "src/fronts/rest/sessions.rs", "one_key_more_than_are_remembered_forgets_the_oldest"),
    (
        "http_sessions_max",
        "src/fronts/rest/sessions.rs",
        "one_session_more_than_the_limit_takes_the_place_of_one_that_nobody_uses",
    ),
    ("trace_spans_max", "src/traces/queue.rs", "one_span_more_than_may_wait_is_dropped_and_counted"),
    (
        "trace_export_time_max",
        "tests/rest/traces.rs",
        "a_collector_that_never_answers_delays_nobody_and_what_it_does_not_take_is_counted",
    ),
    ("trace_farewell_time_max", "tests/rest/traces.rs", "a_stop_does_not_wait_for_a_collector_that_never_answers"),
    ("drain_max", "tests/front/limits.rs", "a_stop_does_not_wait_for_a_client_that_is_gone"),
];

#[test]
fn every_bound_has_a_test_that_exceeds_it() {
    let listed: Vec<_> = EXCEEDED.iter().map(|(name, ..)| *name).collect();
    let mut known = Limits::NAMES.to_vec();
    let place: BTreeMap<_, _> = listed.iter().enumerate().map(|(place, name)| (*name, place)).collect();
    known.sort_by_key(|name| place.get(name).copied().unwrap_or(usize::MAX));
    assert_eq!(listed, known);
    for (name, file, test) in EXCEEDED {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        assert!(text.contains(&format!("fn {test}(")), "{name}: {file} has no test {test}");
    }
}

#[tokio::test]
async fn the_server_is_heard_as_often_as_it_says() {
    let limits = Limits { heartbeat_every: Duration::from_millis(50), ..Limits::default() };
    let (_dir, server) = start(limits);
    let mut line = Line::operator(&server).await;
    for _ in 0..5 {
        assert!(matches!(line.next().await, Heard::Heartbeat { .. }));
    }
}

#[tokio::test]
async fn a_client_that_is_gone_is_forgotten() {
    let limits = Limits { idle_time_max: Duration::from_millis(500), ..Limits::default() };
    let (_dir, server) = start(limits);
    let line = Line::operator(&server).await;
    assert_eq!(server.connections(), 1);
    // Not closed, but silenced: its thread of execution is simply never polled again.
    std::mem::forget(line);
    let forgotten = std::thread::spawn(move || {
        for _ in 0..200 {
            std::thread::sleep(Duration::from_millis(25));
            if server.connections() == 0 {
                return true;
            }
        }
        false
    });
    assert!(forgotten.join().unwrap());
}

#[tokio::test]
async fn a_client_cannot_send_further_ahead_than_the_window() {
    // The first command waits for room that never comes, so nothing behind it is read.
    let limits = Limits {
        commands_in_flight_max: 0,
        submit_wait_max: Duration::from_secs(60),
        stream_window_bytes_max: 8 * 1_024,
        drain_max: Duration::from_millis(100),
        ..Limits::default()
    };
    let (_dir, server) = start(limits);
    let mut line = Line::operator(&server).await;
    line.ask(up::PauseProfile { buyer: ACME, profile: PROFILE }).await;
    let (mut taken, bytes) = (0, vec![0; 1_024]);
    while let Ok(written) = tokio::time::timeout(Duration::from_millis(500), line.send.write(&bytes)).await {
        taken += written.unwrap();
        assert!(taken <= 2 * 8 * 1_024, "{taken} bytes ahead");
    }
}

#[tokio::test]
async fn a_command_that_finds_no_room_in_time_is_refused_as_busy() {
    // Room for one command of the front at a time, and no patience at all.
    let limits = Limits { submit_wait_max: Duration::ZERO, commands_in_flight_max: 1, ..Limits::default() };
    let pause = up::PauseProfile { buyer: ACME, profile: PROFILE };
    assert!(busy_among(limits, pause.into()).await > 0);
}

/// Says as much at once as the credit allows; answers how many of it were refused as busy, which is not all.
async fn busy_among(limits: Limits, said: dce_protocol::Up<'_>) -> u16 {
    let dir = tempfile::tempdir().unwrap();
    let server = small(dir.path()).front_limits(limits).start().unwrap();
    let mut line = Line::operator(&server).await;
    let mut bytes = Vec::new();
    for number in 1..=u64::from(CREDIT) {
        said.encode(number, &mut bytes);
    }
    line.send.write_all(&bytes).await.unwrap();
    let (mut answered, mut busy) = (0, 0);
    while answered < CREDIT {
        match line.next_said().await {
            Heard::Refused { code, .. } => {
                answered += 1;
                busy += u16::from(code == Fault::ServerBusy.code());
            }
            heard => panic!("{heard:?}"),
        }
    }
    assert!(busy < CREDIT, "nothing came through");
    busy
}

#[tokio::test]
async fn a_query_for_a_place_that_does_not_come_is_refused() {
    let limits = Limits { query_wait_max: Duration::from_millis(50), ..Limits::default() };
    let (_dir, server) = start(limits);
    let mut line = Line::operator(&server).await;
    for frame in [
        dce_protocol::Up::from(up::QueryPosition { min_sequence: 500 }),
        up::QueryBalance { account: 0, min_sequence: 500 }.into(),
        // Of these nobody waits for.
        up::QueryPosition { min_sequence: u64::MAX }.into(),
        up::QueryBalance { account: 0, min_sequence: 1_000_000 }.into(),
    ] {
        let (_, answer) = line.call(frame).await;
        assert!(
            matches!(answer, Heard::Refused { code, .. } if code == Fault::SequenceNotReached.code()),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn one_explanation_more_than_may_wait_is_refused_as_busy() {
    let limits = Limits { explains_max: 1, ..Limits::default() };
    let (_dir, server) = start(limits);
    let mut line = Line::operator(&server).await;
    let mut bytes = Vec::new();
    for number in 1..=64 {
        dce_protocol::Up::from(up::QueryExplain { seller: 1, call: 1, candidate: None }).encode(number, &mut bytes);
    }
    line.send.write_all(&bytes).await.unwrap();
    let mut codes = Vec::new();
    while codes.len() < 64 {
        match line.next_said().await {
            Heard::Refused { code, .. } => codes.push(code),
            heard => panic!("{heard:?}"),
        }
    }
    assert!(codes.contains(&Fault::ExplainBusy.code()) && codes.contains(&Fault::ExplainUnknown.code()), "{codes:?}");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_client_that_is_gone() {
    let limits = Limits {
        query_wait_max: Duration::from_secs(60),
        drain_max: Duration::from_millis(300),
        farewell_time_max: Duration::from_millis(300),
        ..Limits::default()
    };
    let (_dir, server) = start(limits);
    let mut operator = Line::operator(&server).await;
    set_up(&mut operator, false).await;
    let mut line = Line::open(&server, &key_for(&server, ACME, Role::Buyer), 1).await;
    // Asks for something that is not answered for a while, and is never heard of again.
    line.ask(up::QueryPosition { min_sequence: 500 }).await;
    line.accepted(up::PauseProfile { buyer: ACME, profile: PROFILE }).await;
    std::mem::forget((operator, line));
    let started = std::time::Instant::now();
    let stopped = std::thread::spawn(move || server.stop().map(|stopped| stopped.sequence));
    assert!(stopped.join().unwrap().is_ok());
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}
