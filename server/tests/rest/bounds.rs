//! Bounds of the front, each exceeded by one; and attacks, after which others are served as before.

use std::time::Duration;

use bytes::Bytes;
use dce_server::limits::Limits;
use http_body_util::Empty;
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::attacks::{PREFACE, is_ended};
use crate::common::{House, PATIENCE};

/// Sends bytes, and hears everything until the server ends the connection.
async fn converse(house: &House, bytes: &[u8]) -> String {
    let mut stream = house.stranger().dial().await;
    stream.write_all(bytes).await.unwrap();
    let mut heard = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut heard)).await.expect("the connection was never ended").ok();
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_one_byte_too_long_is_refused() {
    let house = House::open();
    let long = "x".repeat(Limits::default().http_header_bytes_max);
    let head = format!("GET /api/v1/health HTTP/1.1\r\nhost: x\r\nlong: {long}\r\n\r\n");
    let heard = converse(&house, head.as_bytes()).await;
    assert!(heard.starts_with("HTTP/1.1 431"), "{heard}");
    house.stranger().get("/health").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_header_too_many_is_refused() {
    let house = House::open();
    let headers: String = (0..=Limits::default().http_headers_max).map(|nth| format!("h{nth}: x\r\n")).collect();
    let heard = converse(&house, format!("GET /api/v1/health HTTP/1.1\r\n{headers}\r\n").as_bytes()).await;
    assert!(heard.starts_with("HTTP/1.1 431"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_end_in_time_ends_its_connection() {
    let house = House::with(Limits { http_header_time_max: Duration::from_millis(200), ..Limits::default() });
    // Not begun, hardly begun, and a preface of HTTP/2 that goes no further are heads that do not end, too.
    for begun in [&b"GET /api/v1/health HTTP/1.1\r\nhost: x\r\n"[..], b"", b"P", b"PRI * HTTP/2.0\r\n\r\n"] {
        let heard = converse(&house, begun).await;
        assert!(!heard.contains("200 OK"), "{heard}");
    }
    house.stranger().get("/health").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_one_byte_too_long_is_refused() {
    let house = House::open();
    let most = Limits::default().http_body_bytes_max;
    let body = |length: usize| {
        let start = "{\"id\":\"7\",\"role\":\"buyer\",\"destination\":\"";
        format!("{start}{}\"}}", "x".repeat(length - start.len() - 2))
    };
    let operator = house.operator();
    let fits = operator.ask_raw("POST", "/api/v1/accounts", body(most).as_bytes(), &[]).await;
    fits.refused(StatusCode::UNPROCESSABLE_ENTITY, 4004);
    let too_long = operator.ask_raw("POST", "/api/v1/accounts", body(most + 1).as_bytes(), &[]).await;
    too_long.refused(StatusCode::PAYLOAD_TOO_LARGE, 4005);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_in_time_is_refused() {
    let house = House::with(Limits { http_body_time_max: Duration::from_millis(200), ..Limits::default() });
    let key = std::fs::read_to_string(house.server.operator_key()).unwrap();
    let head = format!(
        "POST /api/v1/accounts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: 99\r\n\r\n{{",
        key.trim()
    );
    let heard = converse(&house, head.as_bytes()).await;
    assert!(heard.starts_with("HTTP/1.1 408") && heard.contains("4024"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_may_have_so_many_streams_and_no_more() {
    let house = House::with(Limits { http_streams_max: 3, ..Limits::default() });
    let stream = house.stranger().dial_h2().await;
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut send, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    // Once it has heard how many it may, the client's stack keeps to it: thirty requests go three at a time.
    let request = || Request::get("https://localhost/api/v1/health").body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(send.send_request(request()).await.unwrap().status(), StatusCode::OK);
    let mut answers = Vec::new();
    for _ in 0..30 {
        answers.push(send.send_request(request()));
    }
    for answer in answers {
        assert_eq!(timeout(PATIENCE, answer).await.unwrap().unwrap().status(), StatusCode::OK);
    }
    assert_eq!(settings_of(&house).await.get(&3), Some(&3), "SETTINGS_MAX_CONCURRENT_STREAMS");
}

/// What the server's first frame of HTTP/2 says.
async fn settings_of(house: &House) -> std::collections::BTreeMap<u16, u32> {
    let mut stream = house.stranger().dial_h2().await;
    stream.write_all(PREFACE).await.unwrap();
    let mut head = [0; 9];
    timeout(PATIENCE, stream.read_exact(&mut head)).await.unwrap().unwrap();
    assert_eq!(head[3], 4, "a SETTINGS frame");
    let mut body = vec![0; usize::from(head[2])];
    stream.read_exact(&mut body).await.unwrap();
    let number = |part: &[u8]| part.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    body.chunks(6).map(|part| (u16::try_from(number(&part[..2])).unwrap(), number(&part[2..]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_longer_than_there_is_to_wait() {
    let house = House::with(Limits { http_wait_max: Duration::from_secs(1), ..Limits::default() });
    let operator = house.operator();
    operator.get("/auctions?wait=2").await.refused(StatusCode::UNPROCESSABLE_ENTITY, 4004);
    assert_eq!(operator.get("/auctions?wait=1").await.ok()["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_so_many_items_and_no_more() {
    let house = House::with(Limits { http_page_max: 2, ..Limits::default() });
    let operator = house.operator();
    operator.get("/accounts?limit=3").await.refused(StatusCode::UNPROCESSABLE_ENTITY, 4004);
    operator.post("/accounts", json!({ "id": "7", "role": "buyer" })).await.created();
    let page = operator.get("/accounts").await.ok();
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert!(page["next_cursor"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_are_opened_and_reset_end_their_connection_and_nobody_elses() {
    let house = House::open();
    // HEADERS (:method GET, :scheme https, :path /) and RST_STREAM, as fast as they go.
    let mut flood = Vec::new();
    for nth in 0..20_000_u32 {
        let id = (nth * 2 + 1).to_be_bytes();
        flood.extend_from_slice(&[0, 0, 3, 1, 5]);
        flood.extend_from_slice(&id);
        flood.extend_from_slice(&[0x82, 0x87, 0x84]);
        flood.extend_from_slice(&[0, 0, 4, 3, 0]);
        flood.extend_from_slice(&id);
        flood.extend_from_slice(&8_u32.to_be_bytes());
    }
    is_ended(&house, flood).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_go_on_and_on_end_their_connection() {
    let house = House::open();
    // HEADERS without END_HEADERS, then CONTINUATION after CONTINUATION of literal headers that are never indexed.
    let mut flood = vec![0, 0, 3, 1, 1, 0, 0, 0, 1, 0x82, 0x87, 0x84];
    let mut literal = vec![0x10, 4];
    literal.extend_from_slice(b"long");
    literal.push(100);
    literal.extend_from_slice(&[b'x'; 100]);
    for _ in 0..10_000 {
        flood.extend_from_slice(&[0, 0, u8::try_from(literal.len()).unwrap(), 9, 0, 0, 0, 0, 1]);
        flood.extend_from_slice(&literal);
    }
    is_ended(&house, flood).await;
}
