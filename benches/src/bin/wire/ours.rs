//! A server with one buyer, who changes its standing bid as fast as it is answered.

use std::collections::VecDeque;
use std::error::Error;
use std::time::Instant;

use dce_client::{AccountId, Client, Money, NewProfile, ProfileId, Trust};
use dce_protocol::{Down, EventFrame, FrameBuffer, Up, down, event, up};
use dce_server::Server;
use dce_server::identity::Role;

use crate::contest::{Figures, Slice};

const BUYER: AccountId = AccountId(1);
const PROFILE: ProfileId = ProfileId(1);

pub(crate) struct Market {
    client: Client,
    /// A bid that changes each time, so that each is work.
    amount: i64,
    /// In this order: the server stops, then its folder goes.
    server: Server,
    _dir: tempfile::TempDir,
}

impl Market {
    pub(crate) async fn open() -> Result<Self, Box<dyn Error>> {
        let dir = tempfile::tempdir()?;
        let server = Server::builder()
            .dir(dir.path())
            .listen(([127, 0, 0, 1], 0).into())
            .limits(dce_engine::limits::Limits::small())
            .durability(dce_runtime::Durability::None)
            .notices(|_| {})
            .start()?;
        let address = server.address().to_string();
        let trust = Trust::pem_file(server.certificate())?;
        let key = std::fs::read_to_string(server.operator_key())?;
        let operator = Client::connect(&address, trust.clone(), &key).await?;
        operator.operator().open_buyer(BUYER, 0, Money::from_units(1_000)).await?;
        let profile = NewProfile::new(PROFILE).bid(Money::from_units(1)).dial(b"desk", 30_000);
        operator.operator().create_profile(BUYER, &profile).await?;
        operator.close().await?;
        let secret = server.create_key(dce_engine::ids::AccountId(BUYER.0), Role::Buyer)?;
        let client = Client::connect(&address, trust, secret.expose()).await?;
        Ok(Self { client, amount: 0, server, _dir: dir })
    }

    /// Bytes of one bid on the wire.
    pub(crate) fn request_bytes(&self) -> usize {
        let bid = up::SetBid { buyer: BUYER.0, profile: PROFILE.0, amount: Some(1) };
        Up::from(bid).encode(1, &mut FrameBuffer::new())
    }

    /// Bytes of its answer: the event, and that it was accepted.
    pub(crate) fn answer_bytes(&self) -> usize {
        let event = event::BidSet { buyer: BUYER.0, profile: PROFILE.0, amount: Some(1) };
        let event = EventFrame { sequence: 1, index: 0, at: 1, again: false, event: event.into() };
        let accepted = down::Accepted { sequence: 1, at: 1, events: 1, repeated: false };
        event.encode(&mut FrameBuffer::new()) + Down::from(accepted).encode(1, &mut FrameBuffer::new())
    }

    pub(crate) async fn slice(&mut self, in_flight: usize, mut slice: Slice) -> Result<Figures, Box<dyn Error>> {
        let bidder = self.client.bidder();
        let mut waiting = VecDeque::with_capacity(in_flight);
        let mut going = true;
        loop {
            while going && waiting.len() < in_flight {
                self.amount = self.amount % 1_000_000 + 1;
                waiting.push_back((Instant::now(), bidder.set_bid(PROFILE, Some(Money::from_micros(self.amount)))));
            }
            let Some((asked, answer)) = waiting.pop_front() else { break };
            let accepted = answer.await?;
            if accepted.repeated || accepted.events.len() != 1 {
                return Err("a bid was not accepted as a new one, with its event".into());
            }
            going = slice.answered(asked) && going;
        }
        Ok(slice.figures())
    }

    pub(crate) async fn close(self) -> Result<(), Box<dyn Error>> {
        self.client.close().await?;
        self.server.stop()?;
        Ok(())
    }
}
