//! A server with two buyers, who change their standing bids as fast as they are answered: one over a bare line, one with
//! the client library.

use std::collections::VecDeque;
use std::error::Error;
use std::time::Instant;

use dce_benches::samples::{Figures, Slice};
use dce_client::{AccountId, Client, Money, NewProfile, ProfileId, Trust};
use dce_protocol::{ALPN, Down, EventFrame, Key, Split, Up, VERSION, down, event, split, up};
use dce_server::Server;
use dce_server::identity::Role;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::line::{Line, Talk};

const BARE: AccountId = AccountId(1);
const LIBRARY: AccountId = AccountId(2);
const PROFILE: ProfileId = ProfileId(1);

/// The exchange, and the buyer who uses the client library.
pub(crate) struct Market {
    client: Client,
    /// A bid that changes each time, so that each is work.
    amount: i64,
    /// In this order: the server stops, then its folder goes.
    server: Server,
    _dir: tempfile::TempDir,
}

/// What the buyer on the bare line says and hears.
pub(crate) struct Bids {
    number: u64,
}

impl Market {
    pub(crate) async fn open() -> Result<(Self, Line, Bids), Box<dyn Error>> {
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
        for buyer in [BARE, LIBRARY] {
            operator.operator().open_buyer(buyer, 0, Money::from_units(1_000)).await?;
            let profile = NewProfile::new(PROFILE).bid(Money::from_units(1)).dial(b"desk", 30_000);
            operator.operator().create_profile(buyer, &profile).await?;
        }
        operator.close().await?;
        let key_of = |buyer: AccountId| server.create_key(dce_engine::ids::AccountId(buyer.0), Role::Buyer);
        let client = Client::connect(&address, trust, key_of(LIBRARY)?.expose()).await?;

        let certificate = CertificateDer::from_pem_file(server.certificate())?;
        let mut line = Line::dial(server.address(), "localhost", certificate, &[ALPN]).await?;
        let key = key_of(BARE)?;
        let hello = up::Hello { version: VERSION, session: 1, resume: None, key: Key::new(key.expose().as_bytes())? };
        let mut said = Vec::new();
        Up::from(hello).encode(0, &mut said);
        let heard = line.greet(said).await?;
        let Split::Frame { frame, .. } = split(&heard) else { return Err("half a welcome".into()) };
        if !matches!(Down::decode(frame), Ok((0, Down::Welcome(_)))) {
            return Err("the first frame is no welcome".into());
        }
        Ok((Self { client, amount: 0, server, _dir: dir }, line, Bids { number: 0 }))
    }

    /// The same with the client library: whole answers, each with its event.
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

impl Bids {
    /// Bytes of one bid on the wire.
    pub(crate) fn request_bytes() -> usize {
        bid(1, &mut Vec::new())
    }

    /// Bytes of its answer: the event, and that it was accepted.
    pub(crate) fn answer_bytes() -> usize {
        let event = event::BidSet { buyer: BARE.0, profile: PROFILE.0, amount: Some(1) };
        let event = EventFrame { sequence: 1, index: 0, at: 1, again: false, event: event.into() };
        let accepted = down::Accepted { sequence: 1, at: 1, events: 1, repeated: false };
        event.encode(&mut Vec::new()) + Down::from(accepted).encode(1, &mut Vec::new())
    }
}

impl Talk for Bids {
    fn ask(&mut self, bytes: &mut Vec<u8>) {
        self.number += 1;
        bid(self.number, bytes);
    }

    fn hear(&mut self, bytes: &[u8]) -> Result<(usize, usize), Box<dyn Error>> {
        let (mut answers, mut left) = (0, bytes);
        loop {
            match split(left) {
                Split::Need(_) => return Ok((answers, bytes.len() - left.len())),
                Split::Malformed(fault) => return Err(fault.text().into()),
                Split::Frame { frame, rest } => {
                    left = rest;
                    match Down::decode(frame) {
                        Ok((_, Down::Accepted(said))) if !said.repeated && said.events == 1 => answers += 1,
                        Ok((_, Down::Event(_) | Down::Heartbeat(_))) => {}
                        _ => return Err("a bid was not accepted as a new one, with its event".into()),
                    }
                }
            }
        }
    }
}

/// Another amount each time, so that each is work.
fn bid(number: u64, bytes: &mut Vec<u8>) -> usize {
    let amount = i64::try_from(number % 1_000_000).unwrap_or_default() + 1;
    Up::from(up::SetBid { buyer: BARE.0, profile: PROFILE.0, amount: Some(amount) }).encode(number, bytes)
}
