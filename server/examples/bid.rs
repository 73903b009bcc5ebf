//! The fifteen lines of the README: a bidder against `dce demo --serve`, which prints what to set and how to run this.

use dce_client::{Client, Money, Trust};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [server, certificate, key] = ["BID_SERVER", "BID_CERTIFICATE", "BID_KEY"].map(std::env::var);
    let client = Client::connect(&server?, Trust::pem_file(certificate?)?, &key?).await?;
    let bidder = client.bidder();
    let (mut offers, mut results) = (bidder.offers(), bidder.results());
    loop {
        tokio::select! {
            Some(offer) = offers.next() => bidder.bid(&offer, Money::from_units(40)).forget(),
            Some(result) = results.next() => println!("{result}"),
            else => return Err(client.ended().await.into()),
        }
    }
}
