//! A business day: everybody connects, the calls come in, and the day is over when the last of them is.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dce_client::{Client, Error, Sequence, Trust};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::board::Board;
use super::buyer::Desk;
use super::calls::Call;
use super::market::Market;
use super::seller::Switch;
use super::setup::set_up;

/// Calls that may be on the sellers' switches at once; the day slows down where the machine cannot follow.
const IN_HAND_MAX: u64 = 600;
/// Without anything happening for so long, the day is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often somebody looks whether the day is over.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The keys everybody comes with.
pub(super) struct Keys {
    pub(super) operator: String,
    /// In the order of the market's buyers.
    pub(super) buyers: Vec<String>,
    /// In the order of its sellers.
    pub(super) sellers: Vec<String>,
    pub(super) guest: String,
}

/// Where the exchange is, and whom to believe.
pub(super) struct Place {
    pub(super) address: SocketAddr,
    pub(super) trust: Trust,
}

/// Why a day did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum DayError {
    /// Somebody's connection, or the setting up of the market.
    #[error("{who}: {error}")]
    Party {
        /// Who.
        who: String,
        /// What came of it.
        error: Error,
    },
    /// Calls that neither were sold nor not.
    #[error("{left} calls did not come to an end within {} s of the last one that did", PATIENCE.as_secs())]
    Stuck {
        /// How many.
        left: u64,
    },
    /// A task panicked.
    #[error("a task of the demo ended by itself: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// Everybody at work.
pub(super) struct Floor {
    market: Arc<Market>,
    board: Board,
    switches: Vec<Switch>,
    closing: watch::Sender<Option<Sequence>>,
    parties: Vec<(String, JoinHandle<Result<(), Error>>)>,
}

impl Place {
    /// The exchange at `address` with this certificate.
    pub(super) fn new(address: SocketAddr, certificate: &Path) -> Result<Self, DayError> {
        let trust = Trust::pem_file(certificate).map_err(|error| party("the certificate", error))?;
        Ok(Self { address, trust })
    }

    async fn connect(&self, who: &str, key: &str) -> Result<Client, DayError> {
        let client = Client::connect(&self.address.to_string(), self.trust.clone(), key).await;
        client.map_err(|error| party(who, error))
    }
}

fn party(who: &str, error: Error) -> DayError {
    DayError::Party { who: who.to_owned(), error }
}

/// The operator makes the market.
pub(super) async fn open_market(place: &Place, market: &Market, keys: &Keys) -> Result<(), DayError> {
    let operator = place.connect("the operator", &keys.operator).await?;
    let failed = |error| party("setting up the market", error);
    set_up(&operator, market).await.map_err(failed)?;
    operator.close().await.map_err(failed)
}

impl Floor {
    /// Everybody connects and goes to work. With `set_bids` the buyers set their standing bids first.
    pub(super) async fn open(
        place: &Place,
        market: &Arc<Market>,
        board: &Board,
        keys: &Keys,
        set_bids: bool,
    ) -> Result<Self, DayError> {
        let (closing, _) = watch::channel(None);
        let mut parties = Vec::new();
        for (buyer, key) in market.buyers.iter().zip(&keys.buyers) {
            let client = place.connect(&buyer.name, key).await?;
            let (market, board) = (Arc::clone(market), board.clone());
            let desk = Desk { client, place: parties.len(), market, board };
            if set_bids {
                desk.open().await.map_err(|error| party(&buyer.name, error))?;
            }
            parties.push((buyer.name.clone(), tokio::spawn(desk.work(closing.subscribe()))));
        }
        let mut switches = Vec::new();
        for (seller, key) in market.sellers.iter().zip(&keys.sellers) {
            let client = place.connect(seller.name, key).await?;
            let switch = Switch::new(client, Arc::clone(market), board.clone());
            parties.push((seller.name.to_owned(), tokio::spawn(switch.clone().listen(closing.subscribe()))));
            switches.push(switch);
        }
        Ok(Self { market: Arc::clone(market), board: board.clone(), switches, closing, parties })
    }

    /// Offers so many calls, so many a second, and waits until the last is over.
    pub(super) async fn sell(&self, calls: u32, rate: u32) -> Result<(), DayError> {
        self.board.lock().stage = "a business day";
        let start = Instant::now();
        for number in 0..calls {
            let due = Duration::from_micros(u64::from(number) * 1_000_000 / u64::from(rate));
            while start.elapsed() < due || self.in_hand() > IN_HAND_MAX {
                self.look()?;
                sleep(LOOK_EVERY).await;
            }
            self.offer(Call::new(self.market.seed, number, calls));
        }
        self.board.lock().stage = "closing";
        while self.in_hand() > 0 {
            self.look()?;
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Offers one call.
    pub(super) fn offer(&self, call: Call) {
        self.switches[call.seller].offer(call);
    }

    /// Sends everybody home, once they have heard all there was to hear.
    pub(super) async fn close(self) -> Result<(), DayError> {
        let last = self.board.lock().last_sequence;
        self.closing.send_replace(Some(last));
        // The switches' own handles would keep their connections open.
        drop(self.switches);
        for (who, task) in self.parties {
            task.await?.map_err(|error| party(&who, error))?;
        }
        Ok(())
    }

    fn in_hand(&self) -> u64 {
        let board = self.board.lock();
        board.calls.offered - board.calls.over
    }

    fn look(&self) -> Result<(), DayError> {
        let idle = self.board.lock().idle();
        if idle > PATIENCE { Err(DayError::Stuck { left: self.in_hand() }) } else { Ok(()) }
    }
}
