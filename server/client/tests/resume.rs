//! Wherever a connection breaks: every request is carried out once and answered, every event is heard once, in order.

mod mock;

use std::time::{Duration, Instant};

use dce_client::{
    BidResult, Client, Error, Event, ListingId, Money, NewCall, Offer, Options, Pending, ProfileId, Sequence, Stream,
    Trust,
};
use mock::{KEY, Manners, Mock, Stage};

/// Longer than any test may hang.
const LIMIT: Duration = Duration::from_secs(60);

async fn connect(mock: &Mock) -> Client {
    connect_with(mock, Options::default()).await
}

async fn connect_with(mock: &Mock, options: Options) -> Client {
    let trust = Trust::pem(mock.certificate_pem.as_bytes()).expect("a certificate");
    Client::connect_with(&mock.address.to_string(), trust, KEY, options).await.expect("a welcome")
}

/// A mixture of all kinds of requests, each as often as they come in one after the other.
fn ask_all(client: &Client, rounds: usize) -> Vec<Pending> {
    let (bidder, seller) = (client.bidder(), client.seller());
    let mut pending = Vec::new();
    for round in 0..rounds {
        let amount = |place: i64| Some(Money::from_micros(round as i64 * 10 + place + 1));
        pending.push(bidder.set_bid(ProfileId(1), amount(0)));
        pending.push(seller.offer(&NewCall::new(client.new_call(), ListingId(1)).number(3, 9)));
        pending.extend(bidder.set_bids(&[(ProfileId(2), amount(1)), (ProfileId(3), None), (ProfileId(4), amount(2))]));
    }
    pending
}

/// Checks what the client was told against what happened in the mock's world.
async fn settle(mock: &Mock, pending: Vec<Pending>, events: &mut Stream<Event>) {
    let asked = pending.len();
    let mut sequences = Vec::new();
    for answer in pending {
        let accepted = tokio::time::timeout(LIMIT, answer).await.expect("an answer in time").expect("accepted");
        sequences.push(accepted.sequence.0);
    }
    let happened = {
        let world = mock.world();
        assert_eq!(world.offences, Vec::<String>::new());
        let accepted: Vec<u64> = world.accepted.iter().map(|accepted| accepted.2).collect();
        assert_eq!(accepted.len(), asked, "each is carried out once");
        assert_eq!(accepted, sequences, "in the order they were asked, and answered so");
        world.positions()
    };
    let mut heard = Vec::new();
    while heard.len() < happened.len() {
        let event = tokio::time::timeout(LIMIT, events.next()).await.expect("in time").expect("an event");
        heard.push((event.sequence.0, event.index));
    }
    assert_eq!(heard, happened, "each once, in order");
    assert_eq!(events.gaps(), 0);
}

#[tokio::test]
async fn each_request_counts_once_wherever_the_connection_breaks() {
    const ROUNDS: usize = 3;
    // Every request as the one that breaks the connection, at every stage, each on a connection of its own: the number a
    // connection breaks at is counted from its beginning, so each begins with what the last one left.
    for stage in Stage::ALL {
        for at in 1..=ROUNDS * 5 {
            let mock = Mock::start(Manners { breaks: vec![(at, stage)], ..Manners::default() });
            let client = connect(&mock).await;
            let mut events = client.events();
            let pending = ask_all(&client, ROUNDS);
            settle(&mock, pending, &mut events).await;
            let connections = mock.world().connections;
            assert_eq!(connections, 2, "{stage:?} of request {at}");
        }
    }
}

#[tokio::test]
async fn each_request_counts_once_however_often_the_connection_breaks() {
    let seed = std::env::var("DCE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x5eed_u64);
    let mut random = Random(seed);
    for _ in 0..8 {
        let breaks = (0..12).map(|_| (random.below(20) + 1, Stage::ALL[random.below(6)])).collect();
        let delay = Duration::from_millis(random.below(3) as u64);
        let manners = Manners { breaks, delay, twice: random.below(2) == 0, ..Manners::default() };
        let mock = Mock::start(manners.clone());
        let client = connect(&mock).await;
        let mut events = client.events();
        let pending = ask_all(&client, 60);
        println!("DCE_SEED={seed}: {manners:?}");
        settle(&mock, pending, &mut events).await;
    }
}

#[tokio::test]
async fn what_is_answered_is_never_sent_again() {
    // At this stage the answer to the fourth had time to arrive.
    let mock = Mock::start(Manners { breaks: vec![(4, Stage::Answer)], ..Manners::default() });
    let client = connect(&mock).await;
    let mut events = client.events();
    let pending = ask_all(&client, 2);
    settle(&mock, pending, &mut events).await;
    let numbers = mock.world().numbers.clone();
    assert!(numbers[0].starts_with(&[1, 2, 3, 4]), "{numbers:?}");
    // The fourth answer was within the batch 3, 4, 5: its last element alone comes again, under its own number.
    assert_eq!(numbers[1], [5, 6, 7, 8, 9, 10]);
}

#[tokio::test]
async fn the_answer_to_an_offer_has_its_route_even_if_it_was_sent_again() {
    for stage in Stage::ALL {
        let mock = Mock::start(Manners { breaks: vec![(1, stage)], ..Manners::default() });
        let client = connect(&mock).await;
        let call = client.new_call();
        let accepted = client.seller().offer(&NewCall::new(call, ListingId(1))).await.expect("accepted");
        assert_eq!(accepted.repeated, !matches!(stage, Stage::Read | Stage::Answer), "{stage:?}");
        let route = accepted.route().expect("a route");
        assert_eq!((route.call, route.to_string().as_str()), (call, "desk"), "{stage:?}");
        assert_eq!(accepted.sale().and_then(|sale| sale.price), Some(Money::from_micros(5)), "{stage:?}");
    }
}

#[tokio::test]
async fn what_is_said_twice_is_heard_once() {
    let mock = Mock::start(Manners { twice: true, ..Manners::default() });
    let client = connect(&mock).await;
    let (mut events, mut offers) = (client.events(), client.bidder().offers());
    let pending = ask_all(&client, 10);
    settle(&mock, pending, &mut events).await;
    let mut calls = Vec::new();
    while let Some(Offer { call, .. }) = offers.try_next() {
        calls.push(call);
    }
    assert!(calls.len() >= 10 && calls.windows(2).all(|pair| pair[0] < pair[1]), "{calls:?}");
}

#[tokio::test]
async fn a_killed_server_is_found_again_as_soon_as_it_is_back() {
    let mut mock = Mock::start(Manners { mute_after: Some(7), ..Manners::default() });
    let client = connect(&mock).await;
    let mut events = client.events();
    let pending = ask_all(&client, 4);
    while mock.world().accepted.len() < 7 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    mock.die();
    mock.live(Manners::default());
    let back = Instant::now();
    settle(&mock, pending, &mut events).await;
    // The reset of the old connection tells at once; without it the client would have to wait out the silence.
    assert!(back.elapsed() < Duration::from_secs(3), "after {:?}", back.elapsed());
}

#[tokio::test]
async fn credit_bounds_what_is_unanswered() {
    let manners = Manners { mute_after: Some(0), credit: 8, ..Manners::default() };
    let mock = Mock::start(manners);
    let client = connect(&mock).await;
    let pending: Vec<Pending> =
        (0..20).map(|amount| client.bidder().set_bid(ProfileId(1), Some(Money::from_micros(amount)))).collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(mock.world().numbers[0], (1..=8).collect::<Vec<u64>>());
    drop(pending);
}

#[tokio::test]
async fn more_requests_than_there_is_room_for_are_busy() {
    let mock = Mock::start(Manners { mute_after: Some(0), ..Manners::default() });
    let client = connect_with(&mock, Options { requests_max: 4, ..Options::default() }).await;
    let pending = ask_all(&client, 1);
    let mut answers = pending.into_iter().rev();
    // One, an offer, and a batch of three that does not fit as a whole.
    for _ in 0..3 {
        assert_eq!(answers.next().expect("an answer").await, Err(Error::Busy));
    }
}

#[tokio::test]
async fn a_position_too_old_is_a_gap_and_said() {
    let manners = Manners { breaks: vec![(3, Stage::Events)], forgetful: true, ..Manners::default() };
    let mock = Mock::start(manners);
    let client = connect(&mock).await;
    let (mut events, mut results) = (client.events(), client.bidder().results());
    for answer in ask_all(&client, 2) {
        answer.await.expect("accepted all the same");
    }
    assert_eq!((events.gaps(), results.gaps()), (1, 1));
    let mut last = Sequence(0);
    while let Some(event) = events.try_next() {
        assert!(event.sequence >= last);
        last = event.sequence;
    }
    assert!(matches!(results.try_next(), Some(BidResult::Won { .. })));
    assert_eq!(mock.world().accepted.len(), 10);
}

#[tokio::test]
async fn a_slow_reader_loses_the_oldest_and_is_told() {
    let mock = Mock::start(Manners::default());
    let client = connect_with(&mock, Options { events_max: 5, ..Options::default() }).await;
    let mut events = client.events();
    let pending = ask_all(&client, 4);
    for answer in pending {
        answer.await.expect("nobody else is held up");
    }
    let happened = mock.world().positions();
    let mut heard = Vec::new();
    while let Some(event) = events.try_next() {
        heard.push((event.sequence.0, event.index));
    }
    assert_eq!(events.gaps(), happened.len() as u64 - 5);
    assert_eq!(heard, happened[happened.len() - 5..]);
}

#[tokio::test]
async fn a_closed_client_says_goodbye_after_its_last_answer() {
    let mock = Mock::start(Manners { delay: Duration::from_millis(20), ..Manners::default() });
    let client = connect(&mock).await;
    let pending = ask_all(&client, 3);
    let another = client.clone();
    assert_eq!(client.close().await, Ok(()));
    let done = |world: std::sync::MutexGuard<'_, mock::World>| (world.accepted.len(), world.goodbyes);
    assert_eq!(done(mock.world()), (15, 1));
    for answer in pending {
        assert!(answer.await.is_ok());
    }
    assert_eq!(another.bidder().set_bid(ProfileId(1), None).await, Err(Error::Ended));
    assert_eq!(another.events().next().await, None);
}

#[tokio::test]
async fn a_dropped_client_says_goodbye_too() {
    let mock = Mock::start(Manners::default());
    let client = connect(&mock).await;
    ask_all(&client, 1).into_iter().for_each(Pending::forget);
    drop(client);
    while mock.world().goodbyes == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(mock.world().accepted.len(), 5);
}

#[tokio::test]
async fn without_a_server_everybody_is_told_in_time() {
    let mut mock = Mock::start(Manners { mute_after: Some(0), heartbeat_ms: 200, ..Manners::default() });
    let patience = Duration::from_secs(1);
    let client = connect_with(&mock, Options { reconnect_within: patience, ..Options::default() }).await;
    let mut offers = client.bidder().offers();
    let pending = client.bidder().set_bid(ProfileId(1), None);
    mock.die();
    let answer = tokio::time::timeout(LIMIT, pending).await.expect("in time");
    assert!(matches!(answer, Err(Error::Unreachable { .. })), "{answer:?}");
    assert_eq!(offers.next().await, None);
    assert!(matches!(client.ended().await, Error::Unreachable { .. }));
}

#[tokio::test]
async fn a_session_that_came_too_late_takes_a_new_number() {
    let mock = Mock::start(Manners { too_old: 2, ..Manners::default() });
    let client = connect(&mock).await;
    let refused = mock.world().refused.clone();
    assert!(refused[0] < refused[1] && refused[1] < client.session(), "{refused:?} then {}", client.session());
    client.bidder().set_bid(ProfileId(1), None).await.expect("accepted");
    let session = mock.world().accepted[0].0;
    assert_eq!(session, client.session());
}

#[tokio::test]
async fn a_wrong_key_or_certificate_is_said_at_once() {
    let mock = Mock::start(Manners::default());
    let address = mock.address.to_string();
    let right = Trust::pem(mock.certificate_pem.as_bytes()).expect("a certificate");
    let error = Client::connect(&address, right, "dce_wrong").await.expect_err("unknown key");
    assert!(matches!(error, Error::Closed { code: 3014, .. }), "{error}");
    let wrong = Trust::fingerprint(&"ab".repeat(32)).expect("a fingerprint");
    let error = Client::connect(&address, wrong, KEY).await.expect_err("another certificate");
    assert!(matches!(error, Error::Trust { .. }), "{error}");
    let other = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    let wrong = Trust::pem(other.cert.pem().as_bytes()).expect("a certificate");
    let error = Client::connect(&address, wrong, KEY).await.expect_err("another certificate");
    assert!(matches!(error, Error::Trust { .. }), "{error}");
}

/// Xorshift: enough to choose where to break.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}
