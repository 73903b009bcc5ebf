//! Keeps a server busy: standing bids, so many under way at once, for so many seconds. How many were accepted so far is
//! printed ten times a second, a number a line; the last line sums up.
//!
//! A market of one buyer and one profile is set up with an operator's key, so the server may have been used before:
//! `cargo run --release -p dce-client --example load -- SERVER CERTIFICATE KEY-FILE SECONDS [IN-FLIGHT]`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example is a program")]

use std::collections::VecDeque;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use dce_client::{AccountId, Bidder, Client, Money, NewProfile, ProfileId, Trust};

/// Nobody else's, whatever the market.
const BUYER: AccountId = AccountId(u128::MAX - 0x10ad);
const PROFILE: ProfileId = ProfileId(u128::MAX - 0x10ad);
/// What one session may have under way.
const IN_FLIGHT: &str = "64";
/// How often it is told how many there are.
const TELL_EVERY: Duration = Duration::from_millis(100);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ended = match words[..] {
        [server, certificate, key, seconds] => run(server, certificate, key, seconds, IN_FLIGHT).await,
        [server, certificate, key, seconds, in_flight] => run(server, certificate, key, seconds, in_flight).await,
        _ => Err("usage: load SERVER CERTIFICATE KEY-FILE SECONDS [IN-FLIGHT], such as 127.0.0.1:9443 \
                  certificate.pem operator.key 10 64"
            .into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(
    server: &str,
    certificate: &str,
    key: &str,
    seconds: &str,
    in_flight: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let (length, in_flight) = (Duration::from_secs(seconds.parse()?), in_flight.parse::<usize>()?.max(1));
    let key = std::fs::read_to_string(key).map_err(|error| format!("{key}: {error}"))?;
    let client = Client::connect(server, Trust::pem_file(certificate)?, &key).await?;
    client.operator().open_buyer(BUYER, 0, Money::from_units(0)).await?;
    let bidder = client.bidder_for(BUYER).await?;
    bidder.create_profile(&NewProfile::new(PROFILE).dial(b"+18005550100", 20_000)).await?;

    let begin = Instant::now();
    let (accepted, refused) = bid(&bidder, length, in_flight).await?;
    let a_second = u128::from(accepted) * 1_000_000 / begin.elapsed().as_micros().max(1);
    println!("{accepted} accepted, {refused} refused, {a_second} a second");
    client.close().await?;
    Ok(())
}

/// Changes the bid again and again. Answers how often that was accepted, and how often refused.
async fn bid(bidder: &Bidder, length: Duration, in_flight: usize) -> Result<(u64, u64), dce_client::Error> {
    let (mut accepted, mut refused, mut cents) = (0, 0, 0);
    let mut under_way = VecDeque::with_capacity(in_flight);
    let begin = Instant::now();
    let mut told = begin;
    loop {
        let now = Instant::now();
        while now - begin < length && under_way.len() < in_flight {
            cents = cents % 1_000 + 1;
            under_way.push_back(bidder.set_bid(PROFILE, Some(Money::from_micros(cents * 10_000))));
        }
        let Some(answer) = under_way.pop_front() else { return Ok((accepted, refused)) };
        match answer.await {
            Ok(_) => accepted += 1,
            Err(error) if error.is_transient() => refused += 1,
            Err(error) => return Err(error),
        }
        if now - told >= TELL_EVERY {
            told = now;
            println!("{accepted}");
        }
    }
}
