//! Bids a fixed amount on every call it is invited to, and prints what becomes of it.
//!
//! Run it against `dce demo --serve` or `dce serve`:
//! `cargo run --release -p dce-client --example bidder -- SERVER CERTIFICATE KEY-FILE [AMOUNT]`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example is a program")]

use std::process::ExitCode;

use dce_client::{Client, Error, Money, Trust};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ended = match words[..] {
        [server, certificate, key] => bid(server, certificate, key, "30").await,
        [server, certificate, key, amount] => bid(server, certificate, key, amount).await,
        _ => {
            Err("usage: bidder SERVER CERTIFICATE KEY-FILE [AMOUNT], such as 127.0.0.1:9443 certificate.pem key 32.50"
                .into())
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bidder: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn bid(server: &str, certificate: &str, key: &str, amount: &str) -> Result<(), Box<dyn std::error::Error>> {
    let amount: Money = amount.parse()?;
    let key = std::fs::read_to_string(key).map_err(|error| format!("{key}: {error}"))?;
    let client = Client::connect(server, Trust::pem_file(certificate)?, &key).await?;
    println!("bidding {amount} for account {}; stop with ctrl-c", client.account());
    let bidder = client.bidder();
    let (mut offers, mut results) = (bidder.offers(), bidder.results());
    loop {
        tokio::select! {
            Some(offer) = offers.next() => {
                // The answer is awaited elsewhere, so that the next offer is not kept waiting.
                let (call, answer) = (offer.call, bidder.bid(&offer, amount));
                tokio::spawn(async move { tell(call, answer.await.err()) });
            }
            Some(result) = results.next() => println!("{result}"),
            else => return Err(client.ended().await.into()),
        }
    }
}

fn tell(call: dce_client::CallId, error: Option<Error>) {
    if let Some(error) = error {
        eprintln!("call {call}: {error}");
    }
}
