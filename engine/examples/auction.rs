//! A market in five commands: who wins, at what price, what is held, and why everybody else lost.
//!
//! Run it with `cargo run -p dce-engine --example auction`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use dce_engine::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_764_000_000);
const STATE: AttributeId = AttributeId(0);
const CA: ValueCode = STATE.value(1);
const NV: ValueCode = STATE.value(2);
const TX: ValueCode = STATE.value(3);
const ACME: AccountId = AccountId(1);
const BOLT: AccountId = AccountId(2);
const CUBE: AccountId = AccountId(3);
const WEB: AccountId = AccountId(9);
const LISTING: ListingId = ListingId(1);
const CALL: CallId = CallId::at(NOW, 1);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut market = Exchange::new(Genesis::new(Limits::small(), 7, USD))?;
    let mut events = Events::new();
    let mut apply = |command: Command<'_>| market.apply(NOW, &command, &mut events).map(|_| ());

    apply(DeclareAttribute::category(STATE, "state", 50).into())?;
    for (code, name) in [(CA, "CA"), (NV, "NV"), (TX, "TX")] {
        apply(DefineValue::new(STATE, code, name).into())?;
    }
    apply(OpenAccount::seller(WEB).into())?;
    apply(CreateListing::of(WEB, LISTING).reserve(usd("10")).into())?;
    for (buyer, states, bid, deposit) in [
        (ACME, &[CA, NV][..], "32.50", "500.00"),
        (BOLT, &[CA], "30.00", "500.00"),
        (CUBE, &[TX], "45.00", "20.00"),
    ] {
        apply(OpenAccount::buyer(buyer).deposit(deposit.parse()?).into())?;
        let profile = CreateProfile::of(buyer, ProfileId(1))
            .wants(STATE, states.iter().copied())
            .bid(bid.parse()?);
        apply(profile.daily_cap(20).dial(b"+18005550100", Millis(20_000)).into())?;
    }

    apply(OfferCall::new(WEB, CALL, LISTING).with(STATE, CA).into())?;
    for event in events.iter() {
        println!("{event:?}");
    }
    market.explain(WEB, CALL, &mut |candidate| match candidate.verdict {
        Verdict::Won => println!("buyer {} won", candidate.buyer.0),
        Verdict::Eligible => println!("buyer {} may win", candidate.buyer.0),
        Verdict::Lost(loss) => println!("buyer {} lost: {}", candidate.buyer.0, loss.reason.text()),
    })?;
    Ok(())
}
