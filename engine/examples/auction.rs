//! A market, start to settlement: who wins, at what price, what is held, why everybody else lost, and who is paid.
//!
//! Run it with `cargo run --release -p dce-engine --example auction`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use dce_engine::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_764_000_000);
const STATE: AttributeId = AttributeId(0);
const CA: ValueCode = STATE.value(1);
const NV: ValueCode = STATE.value(2);
const TX: ValueCode = STATE.value(3);
const WEB: AccountId = AccountId(9);
const ACME: AccountId = AccountId(1);
const BOLT: AccountId = AccountId(2);
const CUBE: AccountId = AccountId(3);
const PROFILE: ProfileId = ProfileId(1);
const LISTING: ListingId = ListingId(1);
const CALL: CallId = CallId::at(NOW, 1);
const DESK: &[u8] = b"+18005550100";
const RING: Millis = Millis(20_000);

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let mut events = Events::new();
    // The five lines of the README, with the market around them.
    let mut market = Exchange::new(Genesis::new(Limits::small(), 7, USD))?;
    set_up(&mut market, &mut events)?;
    market.apply(NOW, &OpenAccount::buyer(ACME).deposit(usd("500.00")).into(), &mut events)?;
    let wish = CreateProfile::of(ACME, PROFILE).wants(STATE, [CA, NV]).bid(usd("32.50")).daily_cap(20);
    market.apply(NOW, &wish.dial(DESK, RING).into(), &mut events)?;
    market.apply(NOW, &OfferCall::new(WEB, CALL, LISTING).with(STATE, CA).into(), &mut events)?;

    println!("A caller from California is offered:");
    tell(&events);
    println!("\nWhy each buyer did or did not get the call:");
    market.explain(WEB, CALL, &mut |candidate| match candidate.verdict {
        Verdict::Won => println!("  {} won", name(candidate.buyer)),
        Verdict::Eligible => println!("  {} may win", name(candidate.buyer)),
        Verdict::Lost(loss) => println!("  {} lost: {}", name(candidate.buyer), loss.reason.text()),
    })?;

    println!("\nThe call is answered, and ends after 95 seconds:");
    let answered = LegReport::first(Clocks::new(Millis(4_000), Millis(3_500), Millis(0)));
    market.apply(NOW, &ReportAnswered::new(WEB, CALL, answered, Stamp::new(SessionId(1), 1)).into(), &mut events)?;
    tell(&events);
    let later = NOW + Seconds(99);
    let ended = LegReport::first(Clocks::new(Millis(99_000), Millis(98_500), Millis(95_000)));
    market.apply(later, &ReportEnded::new(WEB, CALL, ended, Stamp::new(SessionId(1), 2)).into(), &mut events)?;
    tell(&events);

    println!("\nBalances (they sum to zero):");
    for account in market.account_ids() {
        let balance = market.account(account).map_or(Money::ZERO, |account| account.balance);
        println!("  {:<10} {balance:>12}", name(account));
    }
    println!("\nState digest {:032x}", market.digest());
    Ok(())
}

/// A vocabulary, a seller with a listing, and two other buyers.
fn set_up(market: &mut Exchange, events: &mut Events) -> Result<(), Box<dyn core::error::Error>> {
    market.apply(NOW, &DeclareAttribute::category(STATE, "state", 50).into(), events)?;
    for (code, name) in [(CA, "CA"), (NV, "NV"), (TX, "TX")] {
        market.apply(NOW, &DefineValue::new(STATE, code, name).into(), events)?;
    }
    market.apply(NOW, &OpenAccount::seller(WEB).into(), events)?;
    market.apply(NOW, &OpenSession::new(WEB, SessionId(1)).into(), events)?;
    let ninety = PayTerm::After { seconds: Seconds(90), from: ClockStart::Connect };
    let listing =
        CreateListing::of(WEB, LISTING).reserve(usd("10")).pays_out(Payout::Share(BasisPoints(8_000)), ninety);
    market.apply(NOW, &listing.into(), events)?;
    for (buyer, state, bid, deposit) in [(BOLT, CA, "30.00", "500"), (CUBE, TX, "45.00", "500")] {
        market.apply(NOW, &OpenAccount::buyer(buyer).deposit(deposit.parse()?).into(), events)?;
        let wish = CreateProfile::of(buyer, PROFILE).wants(STATE, [state]).bid(bid.parse()?).dial(DESK, RING);
        market.apply(NOW, &wish.into(), events)?;
    }
    Ok(())
}

fn tell(events: &Events) {
    for event in events.iter() {
        match event {
            Event::CallSold { buyer, price, payout, .. } => {
                println!("  sold to {} for {price}; the seller is promised {payout}", name(*buyer));
            }
            Event::MoneyHeld { debit, credit, amount, .. } => {
                println!("  held {amount} of {} for {}", name(*debit), name(*credit));
            }
            Event::MoneyPosted { debit, credit, amount, .. } => {
                println!("  paid {amount} by {} to {}", name(*debit), name(*credit));
            }
            Event::CallDialed { destination, .. } => println!("  dialled {destination:?}"),
            Event::BidLost { buyer, reason, .. } => println!("  {} is told: {}", name(*buyer), reason.text()),
            Event::CallAnswered { .. } => println!("  answered"),
            Event::CallEnded { connected, reason, .. } => println!("  {} ({} ms)", reason.text(), connected.0),
            _ => {}
        }
    }
}

const fn name(account: AccountId) -> &'static str {
    match account {
        ACME => "Acme",
        BOLT => "Bolt",
        CUBE => "Cube",
        WEB => "Web",
        AccountId::PLATFORM => "platform",
        AccountId::WORLD => "world",
        _ => "somebody",
    }
}
