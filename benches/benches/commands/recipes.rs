//! For each command: what must be there before, and the next command of its kind.

use std::sync::LazyLock;

use dce_benches::market::{self, Caps};
use dce_benches::vocabulary::{METROS, VERTICALS, ZIP3};
use dce_benches::world::SELLERS;
use dce_engine::prelude::*;

use super::stage::{Stage, Subject};

/// How one command is measured.
pub(crate) struct Recipe {
    pub(crate) name: &'static str,
    /// How many of it there is room for after `ready`.
    pub(crate) at_most: u64,
    /// Whether each must be timed by itself, since it moves the time on.
    pub(crate) one_by_one: bool,
    /// Prepares a fresh clone of the market.
    pub(crate) ready: fn(&mut Stage<'_>),
    /// The next command, counted from 0.
    pub(crate) next: for<'w> fn(&mut Stage<'w>, u64) -> Command<'w>,
}

pub(crate) const fn recipe(
    name: &'static str,
    at_most: u64,
    ready: fn(&mut Stage<'_>),
    next: for<'w> fn(&mut Stage<'w>, u64) -> Command<'w>,
) -> Recipe {
    Recipe { name, at_most, one_by_one: false, ready, next }
}

/// An attribute beyond the world's own.
const SPARE: AttributeId = AttributeId(20);
pub(crate) const FEW: u64 = 256;
pub(crate) const MANY: u64 = 1_024;
const AUCTIONS: u64 = MANY / 64;
static ZIPS: LazyLock<Vec<ValueCode>> = LazyLock::new(|| (1..=512).map(ValueCode).collect());
/// Zones whose clocks never change; the next differs from the one before.
static OFFSETS: LazyLock<Vec<[Transition; 1]>> = LazyLock::new(|| {
    let at = Timestamp::default();
    (0..2).map(|offset_seconds| [Transition { at, offset_seconds }]).collect()
});

pub(crate) static RECIPES: [Recipe; 37] = [
    recipe(
        "declare_attribute",
        12,
        |_| {},
        |_, number| DeclareAttribute::boolean(AttributeId(SPARE.0 + number as u16), "spare").into(),
    ),
    recipe(
        "define_value",
        MANY,
        |stage| stage.apply(&DeclareAttribute::category(SPARE, "spare", 4_096).into()),
        |stage, number| DefineValue::new(SPARE, ValueCode(number as u32 + 1), &stage.names[number as usize]).into(),
    ),
    recipe(
        "load_value_set",
        64,
        |_| {},
        |_, number| LoadValueSet::chunk(ValueSetId(METROS + number as u16), ZIP3, ZIPS.len() as u32, 0, &ZIPS).into(),
    ),
    recipe("set_zone", FEW, |_| {}, |_, number| SetZone::new(ZoneId(5), &OFFSETS[number as usize % 2]).into()),
    recipe(
        "open_account",
        FEW,
        |_| {},
        |stage, _| OpenAccount::buyer(AccountId(u128::from(stage.fresh()))).deposit(usd("500.00")).into(),
    ),
    recipe(
        "deposit",
        MANY,
        |_| {},
        |stage, _| {
            let (_, buyer, _) = stage.some_profile();
            Deposit::new(buyer, MovementId::at(stage.at, stage.fresh()), usd("500.00")).into()
        },
    ),
    recipe(
        "withdraw",
        MANY,
        |_| {},
        |stage, _| {
            let (_, buyer, _) = stage.some_profile();
            Withdraw::new(buyer, MovementId::at(stage.at, stage.fresh()), usd("5.00")).into()
        },
    ),
    recipe(
        "set_home",
        FEW,
        |stage| {
            stage.apply(&SetZone::new(ZoneId(5), &OFFSETS[1]).into());
        },
        |stage, number| {
            let (buyer, _) = market::profile_id(stage.world, 0);
            SetHome::new(buyer, ZoneId(5 * ((number + 1) % 2) as u16)).into()
        },
    ),
    recipe(
        "close_account",
        FEW,
        |stage| {
            for number in 0..FEW {
                stage.apply(&OpenAccount::seller(AccountId(u128::from(9_000_000 + number))).into());
            }
        },
        |_, number| CloseAccount::new(AccountId(u128::from(9_000_000 + number))).into(),
    ),
    recipe(
        "open_session",
        FEW,
        |_| {},
        |_, number| OpenSession::new(market::seller_id(0), SessionId(2 + number)).into(),
    ),
    recipe(
        "close_session",
        FEW,
        |stage| {
            for number in 0..FEW {
                stage.apply(&OpenSession::new(market::seller_id(0), SessionId(2 + number)).into());
            }
        },
        |_, number| CloseSession::new(market::seller_id(0), SessionId(2 + number)).into(),
    ),
    recipe(
        "create_listing",
        FEW,
        |_| {},
        |stage, _| {
            CreateListing::of(market::seller_id(0), ListingId(u128::from(stage.fresh())))
                .vertical(VerticalId(VERTICALS - 1))
                .second_price(usd("0.01"))
                .into()
        },
    ),
    recipe(
        "delist",
        FEW,
        |stage| {
            for number in 0..FEW {
                let listing = ListingId(u128::from(9_000_000 + number));
                stage.apply(&CreateListing::of(market::seller_id(0), listing).into());
            }
        },
        |_, number| Delist::new(market::seller_id(0), ListingId(u128::from(9_000_000 + number))).into(),
    ),
    recipe("create_profile", FEW, |_| {}, |stage, _| another_profile(stage).into()),
    recipe("set_bid", MANY, |_| {}, |stage, _| changed_bid(stage).into()),
    recipe(
        "pause_profile",
        MANY,
        |_| {},
        |stage, number| {
            let (buyer, profile) = market::profile_id(stage.world, number as usize);
            PauseProfile::new(buyer, profile).into()
        },
    ),
    recipe(
        "resume_profile",
        MANY,
        |stage| {
            for place in 0..MANY as usize {
                let (buyer, profile) = market::profile_id(stage.world, place);
                stage.apply(&PauseProfile::new(buyer, profile).into());
            }
        },
        |stage, number| {
            let (buyer, profile) = market::profile_id(stage.world, number as usize);
            ResumeProfile::new(buyer, profile).into()
        },
    ),
    recipe("close_profile", FEW, create_some, |stage, number| {
        let Subject { buyer, profile, .. } = stage.subjects[number as usize];
        CloseProfile::new(buyer, profile).into()
    }),
    recipe("register_call", MANY, |_| {}, |stage, _| stage.some_registration().into()),
    recipe("offer_call", MANY, |_| {}, |stage, _| stage.some_offer().into()),
    recipe("offer_call_with_window", FEW, |_| {}, |stage, _| stage.some_offer().window(Millis(60_000)).into()),
    recipe("quote_call", MANY, |_| {}, |stage, _| stage.some_quote().into()),
    recipe("quote_call_firm", FEW, allow_firm_quotes, |stage, _| stage.some_quote().firm().into()),
    recipe("confirm_quote", FEW, quote_some, |stage, number| {
        let Subject { seller, call, .. } = stage.subjects[number as usize];
        ConfirmQuote::new(seller, call).into()
    }),
    recipe("offer_call_quoted_firm", FEW, reserve_some, |stage, number| {
        let Subject { seller, call, .. } = stage.subjects[number as usize];
        let listing = stage.exchange.call(seller, call).expect("Invariant: it is quoted").listing;
        let caller = SubjectId(call.0);
        OfferCall::new(seller, call, listing).subject(caller).into()
    }),
    // Five of the winner's group are dialled, each with a hold of its own.
    recipe("offer_call_together", FEW, together_all, |stage, _| stage.some_offer().into()),
    recipe("cancel_call", FEW, sell_some, |stage, number| {
        let Subject { seller, call, .. } = stage.subjects[number as usize];
        CancelCall::new(seller, call).into()
    }),
    recipe("open_auction", FEW, register_some, |stage, number| {
        let Subject { seller, call, .. } = stage.subjects[number as usize];
        OpenAuction::new(seller, call, Millis(60_000)).into()
    }),
    recipe("place_bid", MANY, invite_some, |stage, number| bid(stage, number).into()),
    recipe("withdraw_bid", MANY, bid_some, |stage, number| {
        let Subject { seller, call, buyer, profile } = stage.subjects[number as usize];
        WithdrawBid::new((buyer, profile), (seller, call), stage.stamp()).into()
    }),
    recipe("no_bid", MANY, invite_some, |stage, number| {
        let Subject { seller, call, buyer, profile } = stage.subjects[number as usize];
        NoBid::new((buyer, profile), (seller, call), stage.stamp()).into()
    }),
    recipe("close_auction", AUCTIONS, auction_some, |stage, number| {
        let Subject { seller, call, .. } = stage.subjects[number as usize];
        CloseAuction::new(seller, call).into()
    }),
    recipe("report_ringing", FEW, sell_some, |stage, number| {
        let Subject { seller, call, .. } = stage.subjects[number as usize];
        ReportRinging::new(seller, call, LegReport::first(Clocks::default()), stage.stamp()).into()
    }),
    recipe("report_answered", FEW, sell_some, answered),
    recipe("report_failed", FEW, sell_some, |stage, number| {
        let Subject { seller, call, .. } = stage.subjects[number as usize];
        let leg = LegReport::first(Clocks::default());
        ReportFailed::new(seller, call, leg, Reason::Busy, stage.stamp()).into()
    }),
    recipe("report_ended", FEW, answer_some, |stage, number| {
        let Subject { seller, call, .. } = stage.subjects[number as usize];
        let two_minutes = Millis(120_000);
        let leg = LegReport::first(Clocks::new(two_minutes, two_minutes, two_minutes));
        ReportEnded::new(seller, call, leg, stage.stamp()).into()
    }),
    Recipe {
        name: "tick",
        at_most: MANY,
        one_by_one: true,
        ready: |_| {},
        next: |stage, _| {
            stage.at = stage.exchange.next_deadline().expect("Invariant: an hour's calls are not sealed yet");
            Tick.into()
        },
    },
];

/// All profiles of each buyer are of one group, which dials together.
fn together_all(stage: &mut Stage<'_>) {
    let all = GroupId(1);
    for place in 0..stage.world.profiles.len() {
        let (buyer, profile) = market::profile_id(stage.world, place);
        if stage.exchange.together(buyer, all) != Some(true) {
            stage.apply(&SetTogether::new(buyer, all, true).into());
        }
        stage.apply(&SetGroup::new(buyer, profile, Some(all)).into());
    }
}

/// Changes this many standing bids.
pub(crate) fn change_bids(stage: &mut Stage<'_>, count: u64) {
    for _ in 0..count {
        let command = changed_bid(stage).into();
        stage.apply(&command);
    }
}

/// Sells one call, which is the only subject then.
pub(crate) fn sell_one(stage: &mut Stage<'_>) {
    sell(stage, 1);
}

pub(crate) fn sell_some(stage: &mut Stage<'_>) {
    sell(stage, FEW);
}

fn sell(stage: &mut Stage<'_>, count: u64) {
    while (stage.subjects.len() as u64) < count {
        let offer = stage.some_offer().into();
        stage.apply(&offer);
        let sold = stage.events.iter().find_map(|event| match *event {
            Event::CallSold { seller, call, buyer, profile, .. } => Some(Subject { seller, call, buyer, profile }),
            _ => None,
        });
        stage.subjects.extend(sold);
    }
}

fn allow_firm_quotes(stage: &mut Stage<'_>) {
    for seller in 0..SELLERS {
        stage.apply(&SetQuoting::of(market::seller_id(seller), u16::MAX).into());
    }
}

fn quote_some(stage: &mut Stage<'_>) {
    allow_firm_quotes(stage);
    quote(stage, false);
}

fn reserve_some(stage: &mut Stage<'_>) {
    allow_firm_quotes(stage);
    quote(stage, true);
}

/// Asks for quotes until enough were given, each a subject.
fn quote(stage: &mut Stage<'_>, firm: bool) {
    while (stage.subjects.len() as u64) < FEW {
        let quote = QuoteCall { firm, ..stage.some_quote() }.into();
        stage.apply(&quote);
        let quoted = stage.events.iter().find_map(|event| match *event {
            Event::CallQuoted { seller, call, .. } | Event::CallReserved { seller, call, .. } => {
                Some(Subject { seller, call, buyer: AccountId(0), profile: ProfileId(0) })
            }
            _ => None,
        });
        stage.subjects.extend(quoted);
    }
}

fn register_some(stage: &mut Stage<'_>) {
    for _ in 0..FEW {
        let registration = stage.some_registration();
        stage.apply(&registration.into());
        stage.subjects.push(Subject {
            seller: registration.seller,
            call: registration.call,
            buyer: AccountId(0),
            profile: ProfileId(0),
        });
    }
}

/// Opens auctions until enough profiles are invited, each a subject.
fn invite_some(stage: &mut Stage<'_>) {
    while (stage.subjects.len() as u64) < MANY {
        let offer = stage.some_offer().window(Millis(60_000)).into();
        stage.apply(&offer);
        let invited = stage.events.iter().filter_map(|event| match *event {
            Event::BidderInvited { seller, call, buyer, profile, .. } => Some(Subject { seller, call, buyer, profile }),
            _ => None,
        });
        stage.subjects.extend(invited);
    }
}

/// The same, and all of them bid.
fn bid_some(stage: &mut Stage<'_>) {
    invite_some(stage);
    for number in 0..stage.subjects.len() as u64 {
        let command = bid(stage, number).into();
        stage.apply(&command);
    }
}

/// Open auctions with bids in them, each a subject.
fn auction_some(stage: &mut Stage<'_>) {
    bid_some(stage);
    // Those invited to one auction follow one another.
    stage.subjects.dedup_by_key(|subject| subject.call);
    let auctions = stage.subjects.len();
    assert!(auctions as u64 >= AUCTIONS, "Invariant: an auction invites at most 64, and {auctions} were opened");
}

fn bid(stage: &mut Stage<'_>, number: u64) -> PlaceBid {
    let Subject { seller, call, buyer, profile } = stage.subjects[number as usize];
    let amount = Money::from_micros(stage.random.between(20_000_000, 90_000_000) as i64);
    PlaceBid::new((buyer, profile), (seller, call), amount, stage.stamp())
}

/// Sells some calls, and their buyers answer.
pub(crate) fn answer_some(stage: &mut Stage<'_>) {
    sell_some(stage);
    for number in 0..FEW {
        let command = answered(stage, number);
        stage.apply(&command);
    }
}

pub(crate) fn answered<'w>(stage: &mut Stage<'w>, number: u64) -> Command<'w> {
    let Subject { seller, call, .. } = stage.subjects[number as usize];
    ReportAnswered::new(seller, call, LegReport::first(Clocks::default()), stage.stamp()).into()
}

fn changed_bid(stage: &mut Stage<'_>) -> SetBid {
    let (_, buyer, profile) = stage.some_profile();
    let amount = Money::from_micros(stage.random.between(10_000_000, 90_000_000) as i64);
    SetBid::new(buyer, profile, Some(amount), stage.stamp())
}

fn another_profile(stage: &mut Stage<'_>) -> CreateProfile<'static> {
    let (place, ..) = stage.some_profile();
    let mut command = market::profile_command(stage.world, place, Caps::Kept);
    command.profile = ProfileId(u128::from(stage.fresh()));
    command
}

fn create_some(stage: &mut Stage<'_>) {
    for _ in 0..FEW {
        let command = another_profile(stage);
        stage.apply(&command.into());
        stage.subjects.push(Subject {
            seller: AccountId(0),
            call: CallId(0),
            buyer: command.buyer,
            profile: command.profile,
        });
    }
}
