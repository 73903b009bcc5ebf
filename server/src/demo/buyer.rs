//! A buyer at its terminal: sets its bids, moves them, answers invitations, hears what it won and lost.

use std::sync::Arc;
use std::time::Duration;

use dce_client::{Client, Error, Event, Lot, Pending, PostingKind, ProfileId, Sequence, What};
use dce_engine::units::Money;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::board::Board;
use super::market::{Buyer, Manner, Market};
use super::random::{Purpose, Random};
use super::setup::money;

/// How often a buyer with moving bids looks at its desk.
const MOVES_EVERY: Duration = Duration::from_millis(700);

/// One buyer, with its own connection.
pub(super) struct Desk {
    pub(super) client: Client,
    pub(super) market: Arc<Market>,
    /// Its place in the market.
    pub(super) place: usize,
    pub(super) board: Board,
}

impl Desk {
    /// Sets the first bids: once this is answered, the buyer competes.
    pub(super) async fn open(&self) -> Result<(), Error> {
        if self.buyer().manner == Manner::Live {
            return Ok(());
        }
        self.set_bids(0).await
    }

    /// Buys until the day is over.
    pub(super) async fn work(self, mut closing: watch::Receiver<Option<Sequence>>) -> Result<(), Error> {
        let mut events = self.client.events();
        let mut moves = interval(MOVES_EVERY);
        moves.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is at once, and the bids were just set.
        moves.tick().await;
        let mut round = 0;
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(event) => self.hear(&event),
                    None => return Err(self.client.ended().await),
                },
                _ = moves.tick(), if self.buyer().manner == Manner::Moving => {
                    round += 1;
                    self.set_bids(round).await?;
                }
                _ = closing.changed() => break,
            }
        }
        // Whoever asks how far the log is has heard everything before the answer.
        let last = (*closing.borrow()).unwrap_or_default();
        self.client.position(last).await?;
        while let Some(event) = events.try_next() {
            self.hear(&event);
        }
        self.client.close().await
    }

    fn buyer(&self) -> &Buyer {
        &self.market.buyers[self.place]
    }

    /// All its standing bids in one batch: as signed at first, then up and down by up to a tenth.
    async fn set_bids(&self, round: u64) -> Result<(), Error> {
        let buyer = self.buyer();
        let mut random = Random::of(self.market.seed, Purpose::Change, buyer.account as u64 * 100_000 + round);
        let bids: Vec<_> = buyer
            .profiles
            .iter()
            .map(|profile| {
                let percent = if round == 0 { 100 } else { random.between(92, 110) };
                (ProfileId(profile.id), Some(money(share(profile.bid, percent))))
            })
            .collect();
        let count = bids.len() as u64;
        for answer in self.client.bidder().set_bids(&bids) {
            answer.await?;
        }
        self.board.lock().bids.standing += count;
        Ok(())
    }

    fn hear(&self, event: &Event) {
        match &event.what {
            What::BidderInvited { .. } => {
                self.board.lock().bids.invited += 1;
                self.answer(&event.what);
            }
            What::CallSold { call, price: Some(price), .. } => {
                self.board.lock().won(*call, self.place, Money::from_micros(price.micros()));
            }
            What::MoneyPosted { posting, amount, .. } if posting.kind == PostingKind::Revenue => {
                let vertical = usize::from(self.buyer().profiles[0].vertical);
                self.board.lock().paid(vertical, Money::from_micros(amount.micros()));
            }
            _ => {}
        }
    }

    /// Bids what the caller is worth to this buyer, passes, or is too slow to say anything.
    fn answer(&self, invitation: &What) {
        let What::BidderInvited { seller, call, profile, .. } = invitation else { return };
        let Some(terms) = self.buyer().profiles.iter().find(|known| known.id == profile.0) else { return };
        let lot = Lot { profile: *profile, seller: *seller, call: *call };
        let mut random = Random::of(self.market.seed, Purpose::Answer, self.buyer().account as u64 ^ call.0 as u64);
        match random.below(100) {
            0..70 => {
                let amount = money(share(terms.bid, random.between(80, 120)));
                self.follow(self.client.bidder().bid(lot, amount), Answer::Bid);
            }
            70..94 => self.follow(self.client.bidder().no_bid(lot), Answer::Pass),
            _ => {}
        }
    }

    /// Waits for what becomes of an answer, beside everything else.
    fn follow(&self, pending: Pending, answer: Answer) {
        let (board, sent) = (self.board.clone(), Instant::now());
        tokio::spawn(async move {
            let answered = pending.await;
            let mut board = board.lock();
            match (answered, answer) {
                (Ok(_), Answer::Bid) => board.bids.live += 1,
                (Ok(_), Answer::Pass) => board.bids.passed += 1,
                // The window may have closed meanwhile: that is the risk of a live bidder, not a fault.
                (Err(Error::Refused { code: AUCTION_NOT_OPEN, .. }), _) => {}
                (Err(error), _) => board.refuse("a live bidder's answer", &error),
            }
            board.round_trip(sent.elapsed());
        });
    }
}

#[derive(Clone, Copy)]
enum Answer {
    Bid,
    Pass,
}

const AUCTION_NOT_OPEN: u16 = dce_engine::reject::Reject::AuctionNotOpen.code();

/// So many hundredths of an amount, to the nickel.
fn share(amount: Money, percent: u64) -> Money {
    const NICKEL: i64 = 50_000;
    Money::from_micros((amount.micros() / 100 * percent as i64 + NICKEL / 2) / NICKEL * NICKEL)
}
