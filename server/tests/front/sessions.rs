//! Sessions over real QUIC: who gets in, what is heard, and what a client finds when it comes back.

use crate::common::{
    ACME, Heard, Line, PATIENCE, PROFILE, UNIT, WEB, bid, dial, endpoint, endpoint_trusting, hello, key_for, offer,
    set_up, small, start,
};
use dce_engine::reject::Reject;
use dce_protocol::{Fault, INDEX_ALL, Resume, VERSION, up};
use dce_server::identity::{Role, Secret};
use dce_server::limits::Limits;

/// A running market with a buyer's and a seller's key.
async fn market(limits: Limits, live_mode: bool) -> (tempfile::TempDir, dce_server::Server, Secret, Secret) {
    let (dir, server) = start(limits);
    set_up(&mut Line::operator(&server).await, live_mode).await;
    let keys = (key_for(&server, ACME, Role::Buyer), key_for(&server, WEB, Role::Seller));
    (dir, server, keys.0, keys.1)
}

#[tokio::test]
async fn a_key_nobody_made_is_told_so() {
    let (_dir, server) = start(Limits::default());
    let stranger = Secret::generate().unwrap();
    Line::hello(dial(&server).await, &stranger, 1, None).await.closed_with(Fault::KeyUnknown).await;
    let mut line = Line::bare(dial(&server).await).await;
    line.say(0, hello(b"not even a key", 1, None)).await;
    line.closed_with(Fault::KeyUnknown).await;
}

#[tokio::test]
async fn the_first_frame_is_a_hello_of_a_known_version_and_there_is_only_one() {
    let (_dir, server, buyer, _) = market(Limits::default(), false).await;
    let mut line = Line::bare(dial(&server).await).await;
    line.say(0, up::Heartbeat {}).await;
    line.closed_with(Fault::HelloExpected).await;

    let mut line = Line::bare(dial(&server).await).await;
    let key = dce_protocol::Key::new(buyer.expose().as_bytes()).unwrap();
    line.say(0, up::Hello { version: VERSION + 1, session: 1, resume: None, key }).await;
    line.closed_with(Fault::VersionUnsupported).await;

    let mut line = Line::open(&server, &buyer, 1).await;
    line.say(0, hello(buyer.expose().as_bytes(), 2, None)).await;
    line.closed_with(Fault::HelloRepeated).await;
}

#[tokio::test]
async fn a_refused_permission_is_one_refused_request_and_the_stream_goes_on() {
    let (_dir, server, buyer, seller) = market(Limits::default(), false).await;
    let mut line = Line::open(&server, &seller, 1).await;
    let forbidden =
        |heard: Heard| assert!(matches!(heard, Heard::Refused { code, .. } if code == Fault::Forbidden.code()));
    forbidden(line.call(bid(UNIT)).await.1);
    forbidden(line.call(up::Deposit { account: WEB, movement: 1, amount: UNIT }).await.1);
    forbidden(line.call(up::QueryBalance { account: ACME, min_sequence: 0 }).await.1);
    assert!(matches!(line.call(offer(1, None)).await.1, Heard::Accepted { .. }));

    let mut line = Line::open(&server, &buyer, 1).await;
    forbidden(line.call(offer(2, None)).await.1);
    forbidden(line.call(up::PauseProfile { buyer: ACME + 1, profile: PROFILE }).await.1);
    forbidden(line.call(up::OpenSession { account: ACME, session: u64::MAX }).await.1);
    line.accepted(bid(6 * UNIT)).await;
}

#[tokio::test]
async fn events_come_before_the_answer_and_each_side_sees_its_own() {
    let (_dir, server, buyer, seller) = market(Limits::default(), false).await;
    let mut acme = Line::open(&server, &buyer, 1).await;
    let mut web = Line::open(&server, &seller, 1).await;
    let (before, answer) = web.call(offer(1, None)).await;
    let names: Vec<_> = before.iter().map(Heard::name).collect();
    assert_eq!(names, ["CallOffered", "CallSold", "CallDialed"]);
    let Heard::Accepted { sequence, events: 3, repeated: false, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(before[1], Heard::Sold { sequence, price: None, payout: Some(4 * UNIT) });
    assert_eq!(acme.next_said().await, Heard::Sold { sequence, price: Some(5 * UNIT), payout: None });
    assert_eq!(acme.next_said().await.name(), "MoneyHeld");

    let mut operator = Line::operator(&server).await;
    let (before, _) = operator.call(offer(2, None)).await;
    assert!(matches!(before[1], Heard::Sold { price: Some(_), payout: Some(_), .. }), "an operator sees both");
    assert_eq!(before.len(), 4, "and everything its own command did: {before:?}");
}

#[tokio::test]
async fn a_repeated_command_is_answered_again_with_its_events_marked() {
    let (_dir, server, _, seller) = market(Limits::default(), false).await;
    let mut web = Line::open(&server, &seller, 1).await;
    let said = offer(1, None);
    let (_, first) = web.call(said).await;
    let (before, second) = web.call(said).await;
    let Heard::Accepted { sequence, .. } = first else { panic!("{first:?}") };
    assert!(matches!(second, Heard::Accepted { sequence: again, repeated: true, events: 2, .. } if again == sequence));
    assert!(matches!(before[0], Heard::Event { again: true, name: "CallOffered", .. }));
}

#[tokio::test]
async fn a_batch_of_bids_is_answered_bid_by_bid() {
    let (_dir, server, buyer, _) = market(Limits::default(), false).await;
    let mut acme = Line::open(&server, &buyer, 1).await;
    let bids = [1, 2, 3].map(|place| dce_protocol::Bid::new(if place == 2 { 99 } else { PROFILE }, Some(place * UNIT)));
    let number = acme.ask(up::SetBids { buyer: ACME, bids: dce_protocol::List::new(&bids).unwrap() }).await;
    let mut answers = Vec::new();
    while answers.len() < 3 {
        match acme.next_said().await {
            Heard::Accepted { number, .. } => answers.push((number, 0)),
            Heard::Refused { number, code } => answers.push((number, code)),
            heard => assert_eq!(heard.name(), "BidSet"),
        }
    }
    assert_eq!(answers, [(number, 0), (number + 1, Reject::ProfileUnknown.code()), (number + 2, 0)]);
    acme.accepted(bid(9 * UNIT)).await;
}

#[tokio::test]
async fn an_invited_bidder_is_told_the_facts_and_may_bid_or_pass() {
    let (_dir, server, buyer, seller) = market(Limits::default(), true).await;
    let mut acme = Line::open(&server, &buyer, 1).await;
    let mut web = Line::open(&server, &seller, 1).await;
    let said = offer(1, Some(5_000));
    web.accepted(said).await;
    assert!(matches!(acme.next_said().await, Heard::Invited { facts_known: true, .. }));
    let call =
        up::PlaceBid { buyer: ACME, profile: PROFILE, seller: WEB, call: said.call, amount: UNIT, valid_for: 9_000 };
    assert_eq!(acme.call(call).await.0[0].name(), "BidPlaced");
    let (before, _) = web.call(up::CloseAuction { seller: WEB, call: said.call }).await;
    assert!(before.iter().any(|heard| heard.name() == "CallSold"), "{before:?}");
    let second = offer(2, Some(5_000));
    web.accepted(second).await;
    acme.accepted(up::NoBid { buyer: ACME, profile: PROFILE, seller: WEB, call: second.call }).await;
}

#[tokio::test]
async fn queries_show_what_was_answered_and_calls_are_shown_to_their_parties() {
    let (_dir, server, buyer, seller) = market(Limits::default(), false).await;
    let mut acme = Line::open(&server, &buyer, 1).await;
    let mut web = Line::open(&server, &seller, 1).await;
    let said = offer(1, None);
    let min_sequence = web.accepted(said).await;
    let (_, balance) = acme.call(up::QueryBalance { account: ACME, min_sequence }).await;
    assert!(matches!(balance, Heard::Balance { balance, held, .. } if (balance, held) == (1_000 * UNIT, 5 * UNIT)));
    let query = up::QueryCall { seller: WEB, call: said.call, min_sequence };
    assert!(matches!(web.call(query).await.1, Heard::Call { price: None, payout: Some(_), .. }));
    let heard = acme.call(query).await.1;
    assert!(matches!(heard, Heard::Call { price: Some(_), payout: None, .. }), "{heard:?}");
    let unknown = up::QueryCall { call: 7, ..query };
    let code = Reject::CallUnknown.code();
    assert!(matches!(acme.call(unknown).await.1, Heard::Refused { code: said, .. } if said == code));
    assert!(
        matches!(acme.call(up::QueryPosition { min_sequence }).await.1, Heard::Position { sequence, .. } if sequence >= min_sequence)
    );
}

#[tokio::test]
async fn a_lost_call_is_explained_from_the_log_to_the_buyer_it_concerns() {
    let dir = tempfile::tempdir().unwrap();
    let server = small(dir.path()).start().unwrap();
    let mut operator = Line::operator(&server).await;
    set_up(&mut operator, false).await;
    let (buyer, seller) = (key_for(&server, ACME, Role::Buyer), key_for(&server, WEB, Role::Seller));
    operator
        .accepted(up::OpenAccount { account: 11, role: dce_protocol::Role::Buyer, zone: 0, deposit: 100 * UNIT })
        .await;
    let (targets, mut rival) = (crate::common::dial_targets(), None);
    rival.replace(up::CreateProfile { buyer: 11, bid: Some(9 * UNIT), ..crate::common::profile(&targets, false) });
    operator.accepted(rival.unwrap()).await;
    let said = offer(1, None);
    Line::open(&server, &seller, 1).await.accepted(said).await;
    let mut acme = Line::open(&server, &buyer, 1).await;
    let query = up::QueryExplain { seller: WEB, call: said.call, candidate: None };
    let (_, Heard::Explained { more: false, verdicts, .. }) = acme.call(query).await else { panic!("no explanation") };
    let reason = dce_engine::reason::Reason::LostToHigherBid.code();
    assert_eq!(verdicts.iter().map(|said| (said.buyer(), said.reason())).collect::<Vec<_>>(), [(ACME, reason)]);
    let (_, Heard::Explained { verdicts, .. }) = operator.call(query).await else { panic!("no explanation") };
    assert_eq!(verdicts.len(), 2, "an operator hears of all");
    let unknown = up::QueryExplain { call: 7, ..query };
    let code = Fault::ExplainUnknown.code();
    assert!(matches!(acme.call(unknown).await.1, Heard::Refused { code: said, .. } if said == code));
}

#[tokio::test]
async fn the_same_session_on_another_connection_takes_it_over() {
    let (_dir, server, buyer, _) = market(Limits::default(), false).await;
    let mut first = Line::open(&server, &buyer, 7).await;
    let sequence = first.accepted(bid(6 * UNIT)).await;
    let mut second = Line::open(&server, &buyer, 7).await;
    first.closed_with(Fault::SessionTaken).await;
    let (_, answer) = second.call(bid(6 * UNIT)).await;
    assert!(
        matches!(answer, Heard::Accepted { repeated: true, sequence: again, .. } if again == sequence),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_client_that_was_away_hears_what_it_missed_and_nothing_twice() {
    let (_dir, server, buyer, seller) = market(Limits::default(), false).await;
    let mut acme = Line::hello(dial(&server).await, &buyer, 1, None).await;
    let Heard::Welcome { log, .. } = acme.next().await else { panic!("no welcome") };
    let mut web = Line::open(&server, &seller, 1).await;
    let sequence = web.accepted(offer(1, None)).await;
    assert_eq!(acme.next_said().await.name(), "CallSold");
    acme.connection.close(0_u32.into(), b"");
    let second = web.accepted(offer(2, None)).await;

    // Seen: the sale of the first call. Not seen: the money held for it, and the second call.
    let resume = Some(Resume { log, sequence, index: 1 });
    let mut acme = Line::hello(dial(&server).await, &buyer, 1, resume).await;
    assert!(matches!(acme.next().await, Heard::Welcome { .. }));
    assert!(matches!(acme.next_said().await, Heard::Event { name: "MoneyHeld", sequence: at, .. } if at == sequence));
    assert!(matches!(acme.next_said().await, Heard::Sold { sequence: at, .. } if at == second));
    assert!(matches!(acme.next_said().await, Heard::Event { name: "MoneyHeld", sequence: at, .. } if at == second));
    let third = web.accepted(offer(3, None)).await;
    assert!(matches!(acme.next_said().await, Heard::Sold { sequence: at, .. } if at == third));
}

#[tokio::test]
async fn a_restarted_server_resumes_from_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let server = small(dir.path()).start().unwrap();
    set_up(&mut Line::operator(&server).await, false).await;
    let (buyer, seller) = (key_for(&server, ACME, Role::Buyer), key_for(&server, WEB, Role::Seller));
    let mut acme = Line::hello(dial(&server).await, &buyer, 1, None).await;
    let Heard::Welcome { log, sequence, .. } = acme.next().await else { panic!("no welcome") };
    let said = offer(1, None);
    let sold = Line::open(&server, &seller, 1).await.accepted(said).await;
    acme.accepted(bid(6 * UNIT)).await;
    drop(acme);
    let stopped = server.stop().unwrap();

    let server = small(dir.path()).start().unwrap();
    let resume = Some(Resume { log, sequence, index: INDEX_ALL });
    let mut acme = Line::hello(dial(&server).await, &buyer, 1, resume).await;
    assert!(
        matches!(acme.next().await, Heard::Welcome { log: same, sequence, .. } if same == log && sequence == stopped.sequence.0)
    );
    assert!(matches!(acme.next_said().await, Heard::Sold { sequence: at, .. } if at == sold));
    assert_eq!(acme.next_said().await.name(), "MoneyHeld");
    assert_eq!(acme.next_said().await.name(), "BidSet");
    let (_, answer) = acme.call(bid(6 * UNIT)).await;
    assert!(matches!(answer, Heard::Accepted { repeated: true, .. }), "sent again after the restart: {answer:?}");
    let query = up::QueryExplain { seller: WEB, call: said.call, candidate: None };
    assert!(matches!(acme.call(query).await.1, Heard::Explained { .. }), "the past is in the log");
}

#[tokio::test]
async fn a_place_of_another_log_ahead_of_this_one_or_too_far_back_is_refused_by_name() {
    let limits = Limits { tail_events_max: 4, ..Limits::default() };
    let (_dir, server, buyer, _) = market(limits, false).await;
    let mut acme = Line::hello(dial(&server).await, &buyer, 1, None).await;
    let Heard::Welcome { log, sequence, .. } = acme.next().await else { panic!("no welcome") };
    for amount in 6..12 {
        acme.accepted(bid(amount * UNIT)).await;
    }
    for (log, sequence, fault) in [
        (log ^ 1, sequence, Fault::ResumeElsewhere),
        (log, sequence + 1_000, Fault::ResumeElsewhere),
        (log, sequence, Fault::ResumeTooOld),
    ] {
        let resume = Some(Resume { log, sequence, index: INDEX_ALL });
        let mut line = Line::hello(dial(&server).await, &buyer, 1, resume).await;
        if fault == Fault::ResumeTooOld {
            assert!(matches!(line.next().await, Heard::Welcome { .. }));
        }
        line.closed_with(fault).await;
    }
}

#[tokio::test]
async fn goodbye_closes_the_session_for_good() {
    let (_dir, server, buyer, _) = market(Limits::default(), false).await;
    let mut acme = Line::open(&server, &buyer, 5).await;
    acme.accepted(bid(6 * UNIT)).await;
    acme.ask(bid(7 * UNIT)).await;
    acme.say(0, up::Goodbye {}).await;
    let mut names = Vec::new();
    let closing = loop {
        match acme.next_said().await {
            Heard::Closing { code } => break code,
            Heard::Accepted { .. } => names.push("Accepted"),
            heard => names.push(heard.name()),
        }
    };
    assert_eq!((closing, names), (0, vec!["BidSet", "Accepted", "SessionClosed"]));
    let mut line = Line::hello(dial(&server).await, &buyer, 5, None).await;
    assert_eq!(line.next().await, Heard::Closing { code: Reject::SessionTooOld.code() });
    Line::open(&server, &buyer, 6).await;
}

#[tokio::test]
async fn the_seventeenth_session_of_an_account_closes_its_oldest_idle_one() {
    let (_dir, server, buyer, _) = market(Limits { sessions_per_account_max: 2, ..Limits::default() }, false).await;
    let connection = dial(&server).await;
    let mut first = Line::hello(connection.clone(), &buyer, 1, None).await;
    assert!(matches!(first.next().await, Heard::Welcome { .. }));
    Line::open(&server, &buyer, 2).await;
    let mut third = Line::open(&server, &buyer, 3).await;
    let mut fourth = Line::hello(connection, &buyer, 4, None).await;
    assert_eq!(fourth.next().await, Heard::Closing { code: Fault::ConnectionsFull.code() }, "both are connected");
    third.accepted(bid(6 * UNIT)).await;
    third.connection.close(0_u32.into(), b"");
    // Once the server has noticed: the second session was closed for the third one, and does not come back.
    loop {
        let mut gone = Line::hello(dial(&server).await, &buyer, 2, None).await;
        match gone.next().await {
            Heard::Closing { code } if code == Fault::ConnectionsFull.code() => {}
            heard => break assert_eq!(heard, Heard::Closing { code: Reject::SessionTooOld.code() }),
        }
    }
}

#[tokio::test]
async fn an_operator_bids_for_an_account_in_a_session_it_opened() {
    let (_dir, server, _, _) = market(Limits::default(), false).await;
    let mut operator = Line::operator(&server).await;
    let unknown = Reject::SessionUnknown.code();
    assert!(matches!(operator.call(bid(6 * UNIT)).await.1, Heard::Refused { code, .. } if code == unknown));
    operator.accepted(up::OpenSession { account: ACME, session: 1 }).await;
    let (before, _) = operator.call(bid(6 * UNIT)).await;
    assert_eq!(before[0].name(), "BidSet");
}

#[tokio::test]
async fn keys_made_and_taken_back_beside_the_server_are_noticed() {
    let (heartbeat_every, keys_look_every) =
        (std::time::Duration::from_millis(250), std::time::Duration::from_millis(50));
    let limits = Limits { heartbeat_every, keys_look_every, hellos_failed_max: 1_000, ..Limits::default() };
    let (dir, server, _, _) = market(limits, false).await;
    let identity = dce_server::identity::identity_dir(dir.path());
    let store = dce_server::identity::KeyStore::open(&identity, 100).unwrap();
    let secret = store.create(dce_engine::ids::AccountId(ACME), Role::Buyer).unwrap();
    let mut line = loop {
        let mut line = Line::hello(dial(&server).await, &secret, 1, None).await;
        match line.next().await {
            Heard::Welcome { .. } => break line,
            heard => assert_eq!(heard, Heard::Closing { code: Fault::KeyUnknown.code() }),
        }
    };
    store.revoke(secret.prefix()).unwrap();
    line.closed_with(Fault::KeyUnknown).await;
}

#[tokio::test]
async fn a_stop_answers_what_was_taken_and_tells_everybody() {
    let dir = tempfile::tempdir().unwrap();
    let server = small(dir.path()).start().unwrap();
    set_up(&mut Line::operator(&server).await, false).await;
    let buyer = key_for(&server, ACME, Role::Buyer);
    let mut acme = Line::open(&server, &buyer, 1).await;
    for amount in 1..=50 {
        acme.ask(bid(amount * UNIT)).await;
    }
    assert_eq!(acme.next_said().await.name(), "BidSet");
    let stopping = tokio::task::spawn_blocking(move || server.stop().unwrap());
    let mut answered = 0;
    let closing = loop {
        match acme.next_said().await {
            Heard::Accepted { .. } => answered += 1,
            Heard::Closing { code } => break code,
            heard => assert_eq!(heard.name(), "BidSet"),
        }
    };
    assert_eq!(closing, Fault::ServerStopping.code());
    let stopped = tokio::time::timeout(PATIENCE, stopping).await.unwrap().unwrap();
    let server = small(dir.path()).start().unwrap();
    assert_eq!(server.handle().views().sequence(), stopped.sequence);
    let mut acme = Line::open(&server, &buyer, 1).await;
    for amount in 1..=answered {
        assert!(matches!(acme.call(bid(amount * UNIT)).await.1, Heard::Accepted { repeated: true, .. }));
    }
}

#[tokio::test]
async fn two_workers_serve_one_exchange() {
    let dir = tempfile::tempdir().unwrap();
    let server = small(dir.path()).durability(dce_runtime::Durability::None).workers(2).start().unwrap();
    set_up(&mut Line::operator(&server).await, false).await;
    let (buyer, seller) = (key_for(&server, ACME, Role::Buyer), key_for(&server, WEB, Role::Seller));
    let mut acmes = Vec::new();
    for session in 1..=8 {
        acmes.push(Line::open(&server, &buyer, session).await);
    }
    let sequence = Line::open(&server, &seller, 1).await.accepted(offer(1, None)).await;
    for acme in &mut acmes {
        let mut heard = acme.next_said().await;
        while heard.name() == "SessionOpened" {
            heard = acme.next_said().await;
        }
        assert!(matches!(heard, Heard::Sold { sequence: at, .. } if at == sequence), "{heard:?}");
    }
    let endpoint = endpoint(&server);
    assert!(endpoint.connect(server.address(), "elsewhere").unwrap().await.is_err(), "another name is not certified");
    let other = tempfile::tempdir().unwrap();
    let stranger = small(other.path()).start().unwrap();
    let distrusting = endpoint_trusting(stranger.certificate(), |_| ());
    assert!(distrusting.connect(server.address(), "localhost").unwrap().await.is_err());
}

#[tokio::test]
async fn whatever_a_front_thread_misses_no_client_is_told_what_comes_after_it() {
    // Almost nothing may wait for the front thread, and somebody else floods the exchange.
    let (_dir, server, buyer, _) = market(Limits { delivery_events_max: 1, ..Limits::default() }, false).await;
    let mut acme = Line::hello(dial(&server).await, &buyer, 1, None).await;
    let Heard::Welcome { log, sequence, .. } = acme.next().await else { panic!("no welcome") };
    let handle = server.handle();
    let flood = std::thread::spawn(move || {
        use dce_engine::commands::{OpenSession, SetBid, Stamp};
        use dce_engine::ids::{AccountId, ProfileId, SessionId};
        let (account, profile, session) = (AccountId(ACME), ProfileId(PROFILE), SessionId(2));
        let mut last = handle.submit(&OpenSession::new(account, session).into()).unwrap().wait();
        for number in 1..=30_000_u64 {
            let amount = dce_engine::units::Money::from_micros(i64::try_from(number).unwrap());
            let bid = SetBid::new(account, profile, Some(amount), Stamp::new(session, number)).into();
            let ticket = loop {
                match handle.submit(&bid) {
                    Ok(ticket) => break ticket,
                    Err(_) => std::thread::yield_now(),
                }
            };
            if number == 30_000 {
                last = ticket.wait();
            }
        }
        last.sequence.0
    });
    let mut seen = sequence;
    loop {
        match acme.next().await {
            Heard::Event { sequence, .. } => {
                assert_eq!(sequence, seen + 1, "what was missed is passed over");
                seen = sequence;
            }
            Heard::Heartbeat { sequence } => assert_eq!(sequence, seen),
            Heard::Reset(code) => {
                assert_eq!(code, u64::from(Fault::TooSlow.code()));
                acme =
                    Line::hello(dial(&server).await, &buyer, 1, Some(Resume { log, sequence: seen, index: 0 })).await;
                assert!(matches!(acme.next().await, Heard::Welcome { .. }));
            }
            Heard::Closing { code } => {
                assert_eq!(code, Fault::ResumeTooOld.code());
                break;
            }
            heard => panic!("{heard:?}"),
        }
        if seen == sequence + 30_001 {
            break;
        }
    }
    let last = tokio::task::spawn_blocking(move || flood.join().unwrap()).await.unwrap();
    assert_eq!(last, sequence + 30_001);
}
