//! Clients that mean no good, or are broken: each comes to a named end, the others do not notice, and nothing grows.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use crate::common::{
    ACME, Heard, Line, PATIENCE, PROFILE, UNIT, WEB, bid, dial, endpoint, endpoint_trusting, hello, key_for, offer,
    resident_bytes, set_up, start,
};
use dce_protocol::{CREDIT, FRAME_MAX, Fault, up};
use dce_server::Server;
use dce_server::identity::{Role, Secret};
use dce_server::limits::Limits;
use quinn::{ConnectionError, VarInt};
use tokio::time::timeout;

/// Limits that let a test see the end of a time-out.
fn impatient() -> Limits {
    Limits {
        hello_time_max: Duration::from_millis(300),
        handshake_time_max: Duration::from_millis(300),
        heartbeat_every: Duration::from_millis(100),
        silence_max: Duration::from_millis(600),
        farewell_time_max: Duration::from_millis(200),
        ..Limits::default()
    }
}

async fn market(limits: Limits) -> (tempfile::TempDir, Server, Secret, Secret) {
    let (dir, server) = start(limits);
    set_up(&mut Line::operator(&server).await, false).await;
    let keys = (key_for(&server, ACME, Role::Buyer), key_for(&server, WEB, Role::Seller));
    (dir, server, keys.0, keys.1)
}

/// Bytes that look random and are the same in every run.
fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    })
}

/// A frame with any type and body.
fn frame(length: u32, code: u8, flags: u8, reserved: u16, number: u64, body: &[u8]) -> Vec<u8> {
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend_from_slice(&[code, flags]);
    bytes.extend_from_slice(&reserved.to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

#[tokio::test]
async fn a_malformed_frame_ends_its_stream_with_its_code_and_nothing_else() {
    let (_dir, server, buyer, _) = market(Limits::default()).await;
    let connection = dial(&server).await;
    let mut good = Line::hello(connection.clone(), &buyer, 1, None).await;
    assert!(matches!(good.next().await, Heard::Welcome { .. }));
    let set_bid_body = [0; 40];
    let cases = [
        (frame(11, 0x02, 0, 0, 0, &[]), Fault::LengthOutOfRange),
        (frame(FRAME_MAX as u32 - 3, 0x02, 0, 0, 0, &[]), Fault::LengthOutOfRange),
        (frame(u32::MAX, 0xff, 0xff, 0xffff, u64::MAX, &[]), Fault::LengthOutOfRange),
        (frame(12, 0x7f, 0, 0, 1, &[]), Fault::TypeUnknown),
        (frame(12, 0x25, 0, 0, 1, &[]), Fault::BodyLengthMismatch),
        (frame(12, 0x02, 0, 1, 0, &[]), Fault::ReservedNotZero),
        (frame(12, 0x02, 1, 0, 0, &[]), Fault::FlagUnknown),
        (frame(52, 0x25, 0, 0, 0, &set_bid_body), Fault::NumberOutOfOrder),
        (frame(52, 0x25, 0, 0, 1 << 63, &set_bid_body), Fault::NumberOutOfOrder),
    ];
    for (session, (bytes, fault)) in (2..).zip(cases) {
        let mut bad = Line::hello(connection.clone(), &buyer, session, None).await;
        assert!(matches!(bad.next().await, Heard::Welcome { .. }));
        bad.send.write_all(&bytes).await.unwrap();
        bad.closed_with(fault).await;
        assert!(matches!(good.call(bid(UNIT)).await.1, Heard::Accepted { .. }), "{}", fault.name());
    }
}

#[tokio::test]
async fn noise_on_a_stream_is_refused_by_name_and_leaves_nothing_behind() {
    let (_dir, server, buyer, _) = market(Limits { hellos_failed_max: 1_000, ..Limits::default() }).await;
    let mut good = Line::open(&server, &buyer, 1).await;
    let connection = dial(&server).await;
    let before = resident_bytes();
    for seed in 1..=300_u64 {
        let mut line = Line::bare(connection.clone()).await;
        let mut bytes: Vec<u8> = noise(seed).take(512).collect();
        // Half of them have a length that is one, and so get further.
        if seed % 2 == 0 {
            bytes[..4].copy_from_slice(&100_u32.to_le_bytes());
        }
        let _ = line.send.write_all(&bytes).await;
        assert!(matches!(line.next().await, Heard::Closing { code: 3001..=3010 }), "seed {seed}");
    }
    good.accepted(bid(2 * UNIT)).await;
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes more after 300 streams of noise");
}

#[tokio::test]
async fn datagrams_that_are_no_quic_harm_nobody() {
    let (_dir, server, buyer, _) = market(Limits::default()).await;
    let mut good = Line::open(&server, &buyer, 1).await;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let before = resident_bytes();
    for seed in 1..=20_000_u64 {
        let size = 1 + (seed as usize * 37) % 1_400;
        let mut bytes: Vec<u8> = noise(seed).take(size).collect();
        // Some look like the first packet of version 1.
        if seed % 3 == 0 && size > 5 {
            bytes[..5].copy_from_slice(&[0xc3, 0, 0, 0, 1]);
        }
        let _ = socket.send_to(&bytes, server.address());
        if seed % 1_000 == 0 {
            good.accepted(bid(seed as i64)).await;
        }
    }
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes more after 20,000 datagrams");
}

#[tokio::test]
async fn half_open_clients_are_let_go() {
    let (_dir, server, _, _) = market(impatient()).await;
    let idle = dial(&server).await;
    let hello_timeout = VarInt::from_u32(Fault::HelloTimeout.code().into());
    let closed = timeout(PATIENCE, idle.closed()).await.unwrap();
    assert!(matches!(closed, ConnectionError::ApplicationClosed(close) if close.error_code == hello_timeout));

    let mut half = Line::bare(dial(&server).await).await;
    half.send.write_all(&[30, 0, 0]).await.unwrap();
    half.closed_with(Fault::HelloTimeout).await;
    for _ in 0..400 {
        if server.connections() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{} connections are still counted", server.connections());
}

/// A client whose first packet arrives, and none after it: whoever wrote a foreign address on it never answers.
#[tokio::test]
async fn a_handshake_nobody_goes_on_with_is_given_up_and_is_not_amplified() {
    let (_dir, server, _, _) = market(impatient()).await;
    while server.connections() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let between = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let client = endpoint(&server);
    let connecting = client.connect(between.local_addr().unwrap(), "localhost").unwrap();
    let mut datagram = [0; 2_048];
    let (first, _) = between.recv_from(&mut datagram).await.unwrap();
    between.send_to(&datagram[..first], server.address()).await.unwrap();
    let (mut answered, mut counted) = (0, 0);
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        counted = counted.max(server.connections());
        if let Ok(Ok((size, from))) = timeout(Duration::from_millis(20), between.recv_from(&mut datagram)).await {
            answered += if from == server.address() { size } else { 0 };
        }
    }
    assert_eq!((counted, server.connections()), (1, 0));
    assert!(answered <= 3 * first, "{answered} bytes for {first}");
    drop(connecting);
}

#[tokio::test]
async fn a_hello_that_never_ends_is_let_go_as_well() {
    let (_dir, server, buyer, _) = market(impatient()).await;
    let mut line = Line::bare(dial(&server).await).await;
    let mut bytes = Vec::new();
    hello(buyer.expose().as_bytes(), 1, None).encode(0, &mut bytes);
    let started = Instant::now();
    for byte in &bytes[..bytes.len() - 1] {
        if line.send.write_all(&[*byte]).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    line.closed_with(Fault::HelloTimeout).await;
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn whoever_guesses_keys_loses_the_connection() {
    let (_dir, server, _, _) = market(Limits { hellos_failed_max: 3, ..Limits::default() }).await;
    let connection = dial(&server).await;
    for _ in 0..3 {
        let mut line = Line::hello(connection.clone(), &Secret::generate().unwrap(), 1, None).await;
        assert_eq!(line.next().await, Heard::Closing { code: Fault::KeyUnknown.code() });
    }
    let closed = timeout(PATIENCE, connection.closed()).await.unwrap();
    let code = VarInt::from_u32(Fault::KeyUnknown.code().into());
    assert!(matches!(&closed, ConnectionError::ApplicationClosed(close) if close.error_code == code), "{closed:?}");
}

#[tokio::test]
async fn one_request_more_than_the_credit_ends_the_stream() {
    let (_dir, server, buyer, _) = market(Limits::default()).await;
    let mut good = Line::open(&server, &buyer, 1).await;
    let mut line = Line::open(&server, &buyer, 2).await;
    // Written at once, so that none is answered before the last one is read.
    let mut bytes = Vec::new();
    for number in 1..=u64::from(CREDIT) + 1 {
        dce_protocol::Up::from(up::QueryPosition { min_sequence: 500 }).encode(number, &mut bytes);
    }
    line.send.write_all(&bytes).await.unwrap();
    // Those within the credit are answered before the end is told; for these that takes until they are given up.
    let mut refused = 0;
    let code = loop {
        match line.next_said().await {
            Heard::Refused { .. } => refused += 1,
            Heard::Closing { code } => break code,
            heard => panic!("{heard:?}"),
        }
    };
    assert_eq!((code, refused), (Fault::CreditExceeded.code(), CREDIT));
    good.accepted(bid(2 * UNIT)).await;
}

#[tokio::test]
async fn a_batch_larger_than_what_is_left_of_the_credit_ends_the_stream() {
    let (_dir, server, buyer, _) = market(Limits::default()).await;
    let mut line = Line::open(&server, &buyer, 1).await;
    let bids = [dce_protocol::Bid::new(PROFILE, Some(UNIT)); CREDIT as usize];
    let bids = dce_protocol::List::new(&bids).unwrap();
    let mut bytes = Vec::new();
    dce_protocol::Up::from(up::QueryPosition { min_sequence: 500 }).encode(1, &mut bytes);
    dce_protocol::Up::from(up::SetBids { buyer: ACME, bids }).encode(2, &mut bytes);
    line.send.write_all(&bytes).await.unwrap();
    assert!(matches!(line.next_said().await, Heard::Refused { .. }));
    line.closed_with(Fault::CreditExceeded).await;
}

#[tokio::test]
async fn numbers_that_do_not_rise_end_the_stream() {
    let (_dir, server, buyer, _) = market(Limits::default()).await;
    let mut line = Line::open(&server, &buyer, 1).await;
    line.accepted(bid(UNIT)).await;
    line.say(1, bid(2 * UNIT)).await;
    line.closed_with(Fault::NumberOutOfOrder).await;
}

#[tokio::test]
async fn a_silent_client_is_let_go_and_one_that_sends_heartbeats_stays() {
    let (_dir, server, buyer, _) = market(impatient()).await;
    let mut alive = Line::open(&server, &buyer, 1).await;
    let mut silent = Line::open(&server, &buyer, 2).await;
    for _ in 0..20 {
        alive.say(0, up::Heartbeat {}).await;
        tokio::time::sleep(Duration::from_millis(75)).await;
    }
    silent.closed_with(Fault::Idle).await;
    let (before, _) = alive.call(bid(UNIT)).await;
    assert_eq!(before.iter().map(Heard::name).collect::<Vec<_>>(), ["SessionOpened", "BidSet"]);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped_and_delays_nobody() {
    let limits = Limits { outbox_bytes_max: 64 * 1_024, ..Limits::default() };
    let (_dir, server, buyer, seller) = market(limits).await;
    let narrow = |transport: &mut quinn::TransportConfig| {
        transport.stream_receive_window(VarInt::from_u32(4_096));
    };
    let slow_endpoint = endpoint_trusting(server.certificate(), narrow);
    let connection = slow_endpoint.connect(server.address(), "localhost").unwrap().await.unwrap();
    let mut slow = Line::hello(connection, &buyer, 1, None).await;
    assert!(matches!(slow.next().await, Heard::Welcome { .. }));
    let mut good = Line::open(&server, &buyer, 2).await;
    let mut web = Line::open(&server, &seller, 1).await;
    let before = resident_bytes();
    // Each sale tells the buyer two events of about 100 bytes; the slow one reads none of them.
    let mut offers = 0;
    let stopped = slow.send.stopped();
    tokio::pin!(stopped);
    let code = loop {
        offers += 1;
        let said = offer(offers, None);
        web.accepted(said).await;
        web.accepted(up::CancelCall { seller: WEB, call: said.call }).await;
        if let Ok(stopped) = timeout(Duration::ZERO, &mut stopped).await {
            break stopped.unwrap();
        }
        assert!(offers < 3_000, "never dropped");
    };
    assert_eq!(code, Some(VarInt::from_u32(Fault::TooSlow.code().into())));
    good.accepted(bid(9 * UNIT)).await;
    assert!(resident_bytes().saturating_sub(before) < 64 << 20);
}

#[tokio::test]
async fn one_connection_more_than_there_may_be_is_refused_in_its_handshake() {
    let (_dir, server, buyer, _) = market(Limits { connections_max: 2, ..Limits::default() }).await;
    while server.connections() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut first = Line::open(&server, &buyer, 1).await;
    let second = dial(&server).await;
    let third = endpoint(&server).connect(server.address(), "localhost").unwrap().await;
    assert!(matches!(third, Err(ConnectionError::ConnectionClosed(_))), "{third:?}");
    first.accepted(bid(UNIT)).await;
    second.close(VarInt::from_u32(0), b"");
    for _ in 0..400 {
        if endpoint(&server).connect(server.address(), "localhost").unwrap().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("a closed connection gave no room");
}

#[tokio::test]
async fn above_a_few_handshakes_newcomers_prove_their_address_and_come_in() {
    let (_dir, server, buyer, _) = market(Limits { handshakes_unvalidated_max: 0, ..Limits::default() }).await;
    let mut line = Line::open(&server, &buyer, 1).await;
    line.accepted(bid(UNIT)).await;
    assert!(line.connection.stats().udp_tx.datagrams > 2, "a Retry costs a round trip more");
}

#[tokio::test]
async fn one_stream_more_than_a_connection_may_have_waits_for_another_to_end() {
    let (_dir, server, buyer, _) = market(Limits { streams_per_connection_max: 2, ..Limits::default() }).await;
    let connection = dial(&server).await;
    let mut lines = Vec::new();
    for session in 1..=2 {
        let mut line = Line::hello(connection.clone(), &buyer, session, None).await;
        assert!(matches!(line.next().await, Heard::Welcome { .. }));
        lines.push(line);
    }
    assert!(timeout(Duration::from_millis(200), connection.open_bi()).await.is_err(), "a third stream is held back");
    lines[0].say(0, up::Goodbye {}).await;
    while lines[0].next().await != Heard::End {}
    drop(lines.remove(0));
    timeout(PATIENCE, connection.open_bi()).await.expect("there is room again").unwrap();
}
