//! A seller's switch: offers calls as they come in, dials where the exchange says, and reports what happens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use dce_client::{
    CallId, Client, Clocks, Error, Event, FactValue, Failure, LegOf, ListingId, NewCall, PostingKind, Reason, Sequence,
    SubjectId, What,
};
use tokio::sync::watch;
use tokio::time::sleep;

use super::board::{Board, Over};
use super::calls::{Call, Caller};
use super::life::{Leg, Outcome, Switch as Clock, on_the_wall};
use super::market::{Market, attribute};
use crate::terminal::figures::talk;
use crate::terminal::frame::Paint;

/// One seller's switch, with its own connection.
#[derive(Clone)]
pub(super) struct Switch {
    pub(super) client: Client,
    pub(super) market: Arc<Market>,
    pub(super) board: Board,
    lines: Lines,
}

/// The calls on the switch.
type Lines = Arc<Mutex<HashMap<CallId, OnLine>>>;

/// A call on the switch.
#[derive(Debug)]
struct OnLine {
    call: Call,
    clock: Clock,
    was_sold: bool,
    paid: bool,
}

impl Switch {
    /// A switch without calls.
    pub(super) fn new(client: Client, market: Arc<Market>, board: Board) -> Self {
        Self { client, market, board, lines: Lines::default() }
    }

    /// Offers a call that has just come in. What becomes of it is heard by [`listen`](Self::listen).
    pub(super) fn offer(&self, call: Call) {
        let id = self.client.new_call();
        let offer = offer(id, &call);
        self.board.lock().offered(call.vertical);
        let clock = Clock::after_menu(call.menu_ms);
        self.lock().insert(id, OnLine { call, clock, was_sold: false, paid: false });
        let (pending, board, sent) = (self.client.seller().offer(&offer), self.board.clone(), Instant::now());
        tokio::spawn(async move {
            let answer = pending.await;
            let mut board = board.lock();
            board.round_trip(sent.elapsed());
            if let Err(error) = answer {
                board.refuse("an offer", &error);
            }
        });
    }

    /// Hears what becomes of the calls, until the day is over.
    pub(super) async fn listen(self, mut closing: watch::Receiver<Option<Sequence>>) -> Result<(), Error> {
        let mut events = self.client.events();
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(event) => self.hear(&event),
                    None => return Err(self.client.ended().await),
                },
                _ = closing.changed() => break,
            }
        }
        self.client.close().await
    }

    fn hear(&self, event: &Event) {
        self.board.lock().saw(event.sequence);
        match event.what {
            What::CallSold { call, .. } => {
                if let Some(line) = self.lock().get_mut(&call) {
                    self.board.lock().sold(line.call.vertical, line.was_sold);
                    line.was_sold = true;
                }
            }
            What::CallDialed { call, attempt, destination_index, .. } => {
                self.dial(LegOf { call, attempt, destination_index });
            }
            What::CallAnswered { .. } => self.board.lock().calls.answered += 1,
            What::MoneyPosted { posting, amount, .. } if posting.kind == PostingKind::Payout => {
                let mut board = self.board.lock();
                board.money.payout = board.money.payout + dce_engine::units::Money::from_micros(amount.micros());
                drop(board);
                if let Some(line) = self.lock().get_mut(&posting.call) {
                    line.paid = true;
                }
            }
            What::CallUnsold { call, reason, .. } => self.over(call, |_| (words(reason), Paint::Bad, true)),
            What::CallEnded { call, connected: 0, reason, .. } => {
                self.over(call, |_| (words(reason), Paint::Bad, false))
            }
            What::CallEnded { call, connected, .. } => self.over(call, |line| {
                let (words, paint) = if line.paid { ("paid", Paint::Good) } else { ("too short to bill", Paint::Fair) };
                (format!("{}, {words}", talk(connected)), paint, false)
            }),
            _ => {}
        }
    }

    fn over(&self, call: CallId, end: impl FnOnce(&OnLine) -> (String, Paint, bool)) {
        let Some(line) = self.lock().remove(&call) else { return };
        let (end, paint, unsold) = end(&line);
        let (vertical, caller, was_sold) = (line.call.vertical, line.call.caller.label(), line.was_sold);
        self.board.lock().over(&self.market, call, Over { vertical, caller, was_sold, unsold, end, paint });
    }

    /// Dials a leg and lives its script, beside everything else.
    fn dial(&self, leg: LegOf) {
        let (switch, seed) = (self.clone(), self.market.seed);
        tokio::spawn(async move {
            let script = {
                let mut lines = switch.lock();
                let Some(line) = lines.get_mut(&leg.call) else { return };
                line.clock.dial();
                Leg::new(seed, line.call.number, leg.attempt, leg.destination_index, line.call.vertical)
            };
            if let Err(error) = switch.live(leg, script).await {
                switch.board.lock().refuse("a report", &error);
            }
        });
    }

    async fn live(&self, leg: LegOf, script: Leg) -> Result<(), Error> {
        let seller = self.client.seller();
        let clocks = self.pass(leg.call, script.setup_ms).await;
        if script.outcome == Outcome::DialFailed {
            return seller.failed(leg, Failure::DialFailed, clocks).await.map(drop);
        }
        seller.ringing(leg, clocks).await?;
        let clocks = self.pass(leg.call, script.ring_ms).await;
        match script.outcome {
            Outcome::Answered { talk_ms } => {
                self.connect(leg.call);
                seller.answered(leg, clocks).await?;
                let clocks = self.pass(leg.call, talk_ms).await;
                seller.ended(leg, clocks).await?;
            }
            Outcome::CallerHungUp => drop(seller.ended(leg, clocks).await?),
            Outcome::NoAnswer => drop(seller.failed(leg, Failure::NoAnswer, clocks).await?),
            Outcome::Busy => drop(seller.failed(leg, Failure::Busy, clocks).await?),
            Outcome::DialFailed => {}
        }
        Ok(())
    }

    /// Lets time pass, a thousand times faster on the wall than on the switch, and reads the switch's clocks.
    async fn pass(&self, call: CallId, switch_ms: u32) -> Clocks {
        sleep(on_the_wall(switch_ms)).await;
        let mut lines = self.lock();
        let Some(line) = lines.get_mut(&call) else { return Clocks::default() };
        line.clock.pass(switch_ms);
        let (since_incoming_ms, since_dial_ms, since_connect_ms) = line.clock.read();
        Clocks { since_incoming_ms, since_dial_ms, since_connect_ms }
    }

    fn connect(&self, call: CallId) {
        if let Some(line) = self.lock().get_mut(&call) {
            line.clock.connect();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<CallId, OnLine>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Few words for the last column.
fn words(reason: Reason) -> String {
    use dce_engine::reason::Reason as Code;
    match Code::from_code(reason.0) {
        Some(Code::NoCandidate) => "nobody wants it now".to_owned(),
        Some(Code::CallerHungUp) => "the caller hung up".to_owned(),
        Some(Code::AttemptsExhausted) => "tried eight times".to_owned(),
        _ => reason.to_string(),
    }
}

fn offer(id: CallId, call: &Call) -> NewCall {
    let Caller { state, area_code, language, ref tags, age, hour, homeowner, subject } = call.caller;
    let mut offer = NewCall::new(id, ListingId(call.vertical as u128 + 1))
        .subject(SubjectId(subject))
        .code(attribute::STATE, state)
        .code(attribute::AREA_CODE, area_code)
        .code(attribute::LANGUAGE, language)
        .number(attribute::AGE, age)
        .number(attribute::HOUR, hour)
        .fact(attribute::HOMEOWNER, FactValue::Flag(homeowner));
    for tag in tags {
        offer = offer.code(attribute::TAGS, *tag);
    }
    match call.window_ms {
        Some(window) => offer.window_ms(window),
        None => offer,
    }
}
