//! Attacks on the front, each bounded, and others served meanwhile as before.

use std::time::Duration;

use dce_server::limits::Limits;
use hyper::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use crate::common::{House, PATIENCE};

/// How HTTP/2 begins: the preface, and SETTINGS without any.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
/// HEADERS of a GET of `/` over https, from the static table.
const GET: &[u8] = &[0x82, 0x87, 0x84];

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// Reads until the server ends the connection, and answers what it heard.
async fn end_of(stream: &mut TlsStream<TcpStream>) -> Vec<u8> {
    let mut heard = Vec::new();
    let ended = timeout(PATIENCE, stream.read_to_end(&mut heard)).await;
    assert!(ended.is_ok(), "the connection was never ended");
    heard
}

/// Sends a flood over HTTP/2 and insists that the server ends the connection by itself.
pub(crate) async fn is_ended(house: &House, flood: Vec<u8>) {
    let mut stream = house.stranger().dial_h2().await;
    stream.write_all(PREFACE).await.unwrap();
    let (mut read, mut write) = tokio::io::split(stream);
    let flooding = tokio::spawn(async move {
        let _ = write.write_all(&flood).await;
        // Kept open: the server is to be the one who ends it.
        write
    });
    let mut heard = Vec::new();
    let ended = timeout(PATIENCE, read.read_to_end(&mut heard)).await;
    assert!(ended.is_ok(), "the connection was never ended");
    drop(flooding.await.unwrap());
    house.stranger().get("/health").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_more_from_an_address_is_not_served_and_other_addresses_are() {
    let house = House::with(Limits { connections_per_address_max: 3, ..Limits::default() });
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(house.stranger().dial().await);
    }
    assert!(house.stranger().dial_from([127, 0, 0, 1]).await.is_err(), "one more than it may have");
    let mut other = house.stranger().dial_from([127, 0, 0, 2]).await.unwrap();
    other.write_all(b"GET /api/v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(String::from_utf8_lossy(&end_of(&mut other).await).starts_with("HTTP/1.1 200"));
    held.truncate(1);
    // What was let go makes room again, as soon as the server has seen it go.
    let again = async {
        while house.stranger().dial_from([127, 0, 0, 1]).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, again).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_dials_and_says_nothing_is_let_go() {
    let house = House::with(Limits { handshake_time_max: Duration::from_millis(200), ..Limits::default() });
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(house.address).await.unwrap());
    }
    house.stranger().get("/health").await.ok();
    for mut stream in silent {
        let mut heard = Vec::new();
        let ended = timeout(PATIENCE, stream.read_to_end(&mut heard)).await;
        assert!(ended.is_ok(), "a handshake was waited for without end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_trickle_in_are_let_go_and_others_are_served_meanwhile() {
    let house = House::with(Limits { http_header_time_max: Duration::from_millis(500), ..Limits::default() });
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut stream = house.stranger().dial().await;
        stream.write_all(b"GET /api/v1/health HTTP/1.1\r\nhost: x\r\nx-a:").await.unwrap();
        slow.push(stream);
    }
    house.stranger().get("/health").await.ok();
    for mut stream in slow {
        // A byte more is no new beginning.
        let _ = stream.write_all(b"b").await;
        let heard = end_of(&mut stream).await;
        assert!(!String::from_utf8_lossy(&heard).contains("200 OK"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_trickle_in_are_refused_on_every_route_that_reads_one() {
    let house = House::with(Limits { http_body_time_max: Duration::from_millis(300), ..Limits::default() });
    let form = "application/x-www-form-urlencoded";
    for (path, media, status) in [
        ("/api/v1/auth/login", "application/json", 408),
        ("/api/v1/auth/register", "application/json", 408),
        ("/oauth/token", form, 400),
        ("/oauth/revoke", form, 400),
        ("/oauth/authorize", form, 400),
    ] {
        let mut stream = house.stranger().dial().await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: {media}\r\ncontent-length: 99\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let heard = String::from_utf8_lossy(&end_of(&mut stream).await).into_owned();
        assert!(heard.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {heard}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_and_never_reads_keeps_its_own_connection_busy_and_no_other() {
    let house = House::open();
    let mut deaf = Vec::new();
    let ask = "GET /api/v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(20);
    for _ in 0..20 {
        let mut stream = house.stranger().dial().await;
        // As much as it takes; the server takes no more than it can answer.
        let _ = timeout(Duration::from_millis(50), stream.write_all(ask.as_bytes())).await;
        deaf.push(stream);
    }
    let operator = house.operator();
    operator.post("/accounts", json!({ "id": "7", "role": "buyer" })).await.created();
    house.stranger().get("/health").await.ok();
    drop(deaf);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_make_the_server_reset_them_end_their_connection() {
    // MadeYouReset: a request, and a window update of nothing, which is the sender's fault and the server's reset.
    let house = House::open();
    let mut flood = Vec::new();
    for nth in 0..20_000_u32 {
        let id = nth * 2 + 1;
        flood.extend(frame(HEADERS, END_HEADERS | END_STREAM, id, GET));
        flood.extend(frame(WINDOW_UPDATE, 0, id, &[0; 4]));
    }
    is_ended(&house, flood).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_of_nothing_without_end_keeps_no_body_open() {
    let house = House::with(Limits { http_body_time_max: Duration::from_millis(300), ..Limits::default() });
    // POST, https, `:path` and `content-type` by the static table's names.
    let path = "/api/v1/auth/login";
    let mut block = vec![0x83, 0x87, 0x04, u8::try_from(path.len()).unwrap()];
    block.extend_from_slice(path.as_bytes());
    block.extend_from_slice(&[0x0f, 0x10, 16]);
    block.extend_from_slice(b"application/json");
    let mut flood = frame(HEADERS, END_HEADERS, 1, &block);
    for _ in 0..200_000 {
        flood.extend(frame(DATA, 0, 1, &[]));
    }
    let mut stream = house.stranger().dial_h2().await;
    stream.write_all(PREFACE).await.unwrap();
    let (mut read, mut write) = tokio::io::split(stream);
    let flooding = tokio::spawn(async move {
        let _ = write.write_all(&flood).await;
        write
    });
    // Either the stream is answered or reset, or the connection is ended: never is it read on and on.
    let judged = async {
        let (mut head, mut kinds) = ([0; 9], Vec::new());
        while read.read_exact(&mut head).await.is_ok() {
            kinds.push(head[3]);
            if [HEADERS, RST_STREAM, GOAWAY].contains(&head[3]) {
                break;
            }
            let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
            if read.read_exact(&mut vec![0; length]).await.is_err() {
                break;
            }
        }
        kinds
    };
    timeout(PATIENCE, judged).await.expect("it was read on and on");
    house.stranger().get("/health").await.ok();
    drop(flooding.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_headers_too_long_is_refused_over_http_2_as_well() {
    let house = House::open();
    let mut block = GET.to_vec();
    for _ in 0..400 {
        block.extend_from_slice(&[0x10, 4]);
        block.extend_from_slice(b"long");
        block.push(100);
        block.extend_from_slice(&[b'x'; 100]);
    }
    let mut parts = block.chunks(16_000);
    let mut flood = frame(HEADERS, END_STREAM, 1, parts.next().unwrap());
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let last = if parts.peek().is_none() { END_HEADERS } else { 0 };
        flood.extend(frame(CONTINUATION, last, 1, part));
    }
    let mut stream = house.stranger().dial_h2().await;
    stream.write_all(PREFACE).await.unwrap();
    let _ = stream.write_all(&flood).await;
    // Refused with 431, a reset, or the end of the connection; never served.
    let mut heard = vec![0; 64 * 1024];
    let length = timeout(PATIENCE, stream.read(&mut heard)).await.unwrap().unwrap_or(0);
    // `:status 200` is entry 8 of the static table.
    assert!(!heard[..length].windows(2).any(|window| window == [END_HEADERS, 0x88]), "it was served");
    house.stranger().get("/health").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_ends_its_connection_and_no_other() {
    let house = House::open();
    for garbage in [&b"\x00\x01\x02\x03 garbage\r\n\r\n"[..], b"GET / HTTP/9.9\r\n\r\n", &[0xff; 4096]] {
        let mut stream = house.stranger().dial().await;
        stream.write_all(garbage).await.unwrap();
        let heard = String::from_utf8_lossy(&end_of(&mut stream).await).into_owned();
        assert!(!heard.contains("200 OK"), "{heard}");
    }
    // A path that is no text once it is decoded is refused as a problem, like all others.
    let reply = house.stranger().ask_raw("GET", "/api/v1/calls/%FF", b"", &[]).await;
    reply.refused(StatusCode::NOT_FOUND, 4007);
}
