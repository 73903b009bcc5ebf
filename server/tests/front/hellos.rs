//! What may happen while a hello is under way: its key is taken back, or somebody else says the same.

use std::time::Duration;

use crate::common::{
    ACME, Heard, Line, PATIENCE, bid, bid_all, dial, endpoint_trusting, hello, key_for, set_up, small,
};
use dce_engine::ids::AccountId;
use dce_protocol::{Fault, INDEX_ALL, Resume};
use dce_runtime::Durability;
use dce_server::Server;
use dce_server::identity::{KeyStore, Role, Secret, identity_dir};
use dce_server::limits::Limits;
use quinn::VarInt;

/// A market with a key of its buyer, served by so many threads.
async fn market(limits: Limits, workers: usize) -> (tempfile::TempDir, Server, Secret) {
    let dir = tempfile::tempdir().unwrap();
    let builder = small(dir.path()).durability(Durability::None).front_limits(limits).workers(workers);
    let server = builder.start().unwrap();
    set_up(&mut Line::operator(&server).await, false).await;
    let buyer = key_for(&server, ACME, Role::Buyer);
    (dir, server, buyer)
}

/// Takes keys back beside the server, and has it notice.
fn revoke(dir: &tempfile::TempDir, server: &Server, keys: &[&Secret]) {
    let store = KeyStore::open(&identity_dir(dir.path()), 100).unwrap();
    for key in keys {
        store.revoke(key.prefix()).unwrap();
    }
    // Making a key reads the file again.
    server.create_key(AccountId(ACME), Role::Buyer).unwrap();
}

#[tokio::test]
async fn a_key_taken_back_before_its_hello_is_whole_is_unknown() {
    let (dir, server, buyer) = market(Limits::default(), 1).await;
    let mut bytes = Vec::new();
    hello(buyer.expose().as_bytes(), 1, None).encode(0, &mut bytes);
    let (first, rest) = bytes.split_at(bytes.len() - 1);
    let mut line = Line::bare(dial(&server).await).await;
    line.send.write_all(first).await.unwrap();
    revoke(&dir, &server, &[&buyer]);
    line.send.write_all(rest).await.unwrap();
    line.closed_with(Fault::KeyUnknown).await;
}

/// Between the look at the key and the moment from which sessions are looked at every so often lies the time in which
/// the client hears what it has missed: as long as it likes.
#[tokio::test]
async fn a_key_taken_back_while_its_client_catches_up_ends_the_session() {
    let heartbeat_every = Duration::from_millis(250);
    let limits = Limits { hello_time_max: 3 * PATIENCE, heartbeat_every, ..Limits::default() };
    let (dir, server, buyer) = market(limits, 1).await;
    let other = key_for(&server, ACME, Role::Buyer);
    let mut acme = Line::hello(dial(&server).await, &other, 1, None).await;
    let Heard::Welcome { log, sequence, .. } = acme.next().await else { panic!("no welcome") };
    // Far more than a client is sent ahead of its reading.
    let missed = bid_all(&mut acme, 1..10_001).await;

    let narrow = endpoint_trusting(server.certificate(), |transport| {
        transport.stream_receive_window(VarInt::from_u32(4_096));
    });
    let connection = narrow.connect(server.address(), "localhost").unwrap().await.unwrap();
    let resume = Some(Resume { log, sequence, index: INDEX_ALL });
    let mut line = Line::hello(connection, &buyer, 2, resume).await;
    assert!(matches!(line.next().await, Heard::Welcome { .. }), "the key was good");
    let looked_at = key_for(&server, ACME, Role::Buyer);
    let mut beside = Line::open(&server, &looked_at, 3).await;
    revoke(&dir, &server, &[&buyer, &looked_at]);
    // The sessions have been looked at now, all but the one that is still being opened.
    beside.closed_with(Fault::KeyUnknown).await;
    let mut heard = Vec::new();
    let code = loop {
        match line.next_said().await {
            Heard::Event { sequence, name: "BidSet", .. } => heard.push(sequence),
            Heard::Event { .. } => {}
            Heard::Closing { code } => break code,
            heard => panic!("{heard:?}"),
        }
    };
    assert_eq!((code, heard.len()), (Fault::KeyUnknown.code(), missed.len()));
    acme.accepted(bid(1)).await;
}

#[tokio::test]
async fn of_two_hellos_for_one_session_at_once_one_has_it_and_the_other_is_told() {
    const ROUNDS: u64 = 40;
    let (_dir, server, buyer) = market(Limits::default(), 2).await;
    let mut witness = Line::open(&server, &buyer, 1).await;
    for session in 2..2 + ROUNDS {
        let (one, other) = (dial(&server).await, dial(&server).await);
        let (mut one, mut other) =
            tokio::join!(Line::hello(one, &buyer, session, None), Line::hello(other, &buyer, session, None));
        let has_it = tokio::select! {
            () = ends_with_taken(&mut one) => &mut other,
            () = ends_with_taken(&mut other) => &mut one,
        };
        let (_, answer) = has_it.call(bid(i64::try_from(session).unwrap())).await;
        assert!(matches!(answer, Heard::Accepted { repeated: false, .. }), "session {session}: {answer:?}");
        has_it.say(0, dce_protocol::up::Goodbye {}).await;
        while !matches!(has_it.next().await, Heard::End) {}
    }
    let (before, _) = witness.call(bid(1)).await;
    for (name, count) in [("SessionOpened", ROUNDS), ("BidSet", ROUNDS + 1), ("SessionClosed", ROUNDS)] {
        assert_eq!(before.iter().filter(|heard| heard.name() == name).count() as u64, count, "{name}");
    }
}

/// Resolves when the line is told that its session was taken over: before its welcome or after it.
async fn ends_with_taken(line: &mut Line) {
    loop {
        match line.next_said().await {
            Heard::Welcome { .. } | Heard::Event { .. } => {}
            Heard::Closing { code } => return assert_eq!(code, Fault::SessionTaken.code()),
            heard => panic!("{heard:?}"),
        }
    }
}
