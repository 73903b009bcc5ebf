//! Readers that do not go on: a process that is stopped, and a view that is held. Nobody waits for either.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::common::{ACME, Heard, Line, PATIENCE, WEB, bid_all, endpoint_trusting, key_for, offer, set_up, start};
use dce_engine::ids::{AccountId, Sequence};
use dce_protocol::{Fault, INDEX_ALL, Resume, up};
use dce_server::Server;
use dce_server::identity::{Role, Secret};
use dce_server::limits::Limits;
use quinn::VarInt;
use rustix::process::{Pid, Signal, kill_process};

/// What the child is told: address, certificate, key. Without them it does nothing.
const TOLD: [&str; 3] = ["DCE_READER_ADDRESS", "DCE_READER_CERTIFICATE", "DCE_READER_KEY"];
/// The child itself, a test of this binary.
const CHILD: &str = "readers::a_buyer_in_a_process_of_its_own_says_what_it_hears";

/// A buyer in a process of its own, subscribed to what concerns its account.
struct Reader {
    child: Child,
    said: Receiver<String>,
}

impl Reader {
    fn start(server: &Server, key: &Secret) -> Self {
        let told = [&server.address().to_string(), server.certificate().to_str().unwrap(), key.expose()];
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", CHILD, "--nocapture", "--test-threads=1"])
            .envs(TOLD.into_iter().zip(told))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, said) = channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { child, said }
    }

    fn next(&self) -> String {
        self.said.recv_timeout(PATIENCE).expect("the reader said nothing for too long")
    }

    /// The sequences it hears of up to this one, and what else it says meanwhile.
    fn heard_up_to(&self, last: u64) -> (Vec<u64>, Vec<String>) {
        let (mut heard, mut else_said) = (Vec::new(), Vec::new());
        while heard.last() != Some(&last) {
            let line = self.next();
            match line.strip_prefix("BidSet ") {
                Some(sequence) => heard.push(sequence.parse().unwrap()),
                None => else_said.push(line),
            }
        }
        (heard, else_said)
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // The state is the first word behind the name, which is in brackets.
        stat.rsplit(") ").next().unwrap().starts_with('T')
    }

    fn stop(&self) {
        self.signal(Signal::STOP);
        while !self.is_stopped() {
            std::thread::yield_now();
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A market with a buyer's and a seller's session, and the buyer a second time as a process that has heard of a bid.
struct Scene {
    _dir: tempfile::TempDir,
    _server: Server,
    buyer: Line,
    seller: Line,
    reader: Reader,
    sequences: Vec<u64>,
}

impl Scene {
    async fn open(limits: Limits) -> Self {
        let (dir, server) = start(limits);
        set_up(&mut Line::operator(&server).await, false).await;
        let (buyer_key, seller_key) = (key_for(&server, ACME, Role::Buyer), key_for(&server, WEB, Role::Seller));
        let reader = Reader::start(&server, &buyer_key);
        assert_eq!(reader.next(), "Welcome");
        let mut buyer = Line::open(&server, &buyer_key, 2).await;
        let seller = Line::open(&server, &seller_key, 1).await;
        let sequences = bid_all(&mut buyer, 1..2).await;
        assert_eq!(reader.heard_up_to(sequences[0]).0, sequences);
        Self { _dir: dir, _server: server, buyer, seller, reader, sequences }
    }

    /// Bids, each with an event for the reader, and calls of somebody else: all are answered while the reader stands still.
    async fn trade(&mut self, amounts: std::ops::Range<i64>) {
        let calls = u64::try_from(amounts.start).unwrap()..u64::try_from(amounts.start).unwrap() + 100;
        self.sequences.extend(bid_all(&mut self.buyer, amounts.clone()).await);
        for counter in calls {
            self.seller.accepted(register(counter)).await;
        }
        assert!(self.reader.is_stopped(), "{} commands were answered before", amounts.count());
    }

    /// Lets the reader go on. What it hears until it has heard a last bid.
    async fn go_on(&mut self, amount: i64) -> (Vec<u64>, Vec<String>) {
        self.reader.signal(Signal::CONT);
        self.sequences.extend(bid_all(&mut self.buyer, amount..amount + 1).await);
        self.reader.heard_up_to(*self.sequences.last().unwrap())
    }
}

/// A call that concerns nobody but its seller.
fn register(counter: u64) -> up::RegisterCall<'static> {
    let up::OfferCall { seller, call, listing, subject, leg, facts, chain, .. } = offer(counter, None);
    up::RegisterCall { seller, call, listing, subject, leg, facts, chain }
}

#[tokio::test]
async fn a_stopped_process_delays_nobody_and_is_served_on() {
    let mut scene = Scene::open(Limits::default()).await;
    scene.reader.stop();
    scene.trade(2..1_000).await;
    // Some seconds, in which the server's own clocks go on.
    tokio::time::sleep(Duration::from_secs(2)).await;
    scene.trade(1_000..2_000).await;
    let (heard, else_said) = scene.go_on(2_000).await;
    assert_eq!(heard, scene.sequences[1..], "each event once, in order");
    assert_eq!(else_said, Vec::<String>::new(), "on the same stream");
}

#[tokio::test]
async fn a_process_stopped_for_too_long_is_cut_off_by_name_and_resumes() {
    // More than the pieces in which it is sent what it has missed.
    let mut scene = Scene::open(Limits { outbox_bytes_max: 320 * 1_024, ..Limits::default() }).await;
    scene.reader.stop();
    // Nearly a megabyte of events.
    scene.trade(2..12_000).await;
    let (heard, else_said) = scene.go_on(12_000).await;
    assert_eq!(heard, scene.sequences[1..], "each event once, in order");
    let code = Fault::TooSlow.code();
    assert_eq!(else_said, [format!("Reset({code})"), "Welcome".to_owned()]);
}

/// The child's part: it does nothing when it is run as a test.
#[tokio::test]
async fn a_buyer_in_a_process_of_its_own_says_what_it_hears() {
    let [Ok(address), Ok(certificate), Ok(key)] = TOLD.map(std::env::var) else { return };
    // Little is sent ahead of its reading; the rest waits in the server.
    let narrow = |transport: &mut quinn::TransportConfig| {
        transport.stream_receive_window(VarInt::from_u32(16 * 1_024));
    };
    let (endpoint, key) = (endpoint_trusting(certificate.as_ref(), narrow), Secret::parse(&key).unwrap());
    let mut resume = None;
    loop {
        let connection = endpoint.connect(address.parse().unwrap(), "localhost").unwrap().await.unwrap();
        let mut line = Line::hello(connection, &key, 1, resume).await;
        loop {
            let (said, goes_on) = match line.next_said().await {
                Heard::Welcome { log, sequence, .. } => {
                    resume = resume.or(Some(Resume { log, sequence, index: INDEX_ALL }));
                    ("Welcome".to_owned(), true)
                }
                Heard::Event { sequence, index, name, .. } => {
                    resume = resume.map(|resume| Resume { sequence, index, ..resume });
                    (format!("{name} {sequence}"), true)
                }
                end => (format!("{end:?}"), false),
            };
            writeln!(std::io::stderr(), "{said}").unwrap();
            if !goes_on {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_view_that_is_held_delays_nobody_and_does_not_change() {
    let (_dir, server) = start(Limits::default());
    set_up(&mut Line::operator(&server).await, false).await;
    let mut acme = Line::open(&server, &key_for(&server, ACME, Role::Buyer), 1).await;
    let mut web = Line::open(&server, &key_for(&server, WEB, Role::Seller), 1).await;
    let handle = server.handle();
    let before = web.accepted(offer(0, None)).await;
    let held = handle.views_at(Sequence(before), PATIENCE).unwrap();
    let look = || (held.sequence(), held.at(), *held.counters(), held.accounts().collect::<Vec<_>>());
    let calls = || {
        let mut calls: Vec<_> = held.calls().map(|(seller, call, view)| (seller, call, format!("{view:?}"))).collect();
        calls.sort();
        calls
    };
    let (looked, calls_looked) = (look(), calls());
    assert_eq!(calls_looked.len(), 1);

    let (mut accepted, mut shown) = (0, held.sequence());
    for round in 1..=100 {
        accepted += bid_all(&mut acme, round * 300..(round + 1) * 300).await.len();
        let sequence = web.accepted(offer(round as u64, None)).await;
        let newer = handle.views_at(Sequence(sequence), PATIENCE).expect("newer views appear");
        assert!(newer.sequence() > shown);
        assert_eq!(newer.calls_count(), round as usize + 1);
        assert!(newer.account(AccountId(ACME)).unwrap().held > held.account(AccountId(ACME)).unwrap().held);
        shown = newer.sequence();
    }
    assert_eq!(accepted, 30_000);
    assert!((look(), calls()) == (looked, calls_looked), "what is held has changed");
}
