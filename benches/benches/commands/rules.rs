//! The commands that set what is set besides: each sets it anew, to something else than before.

use dce_benches::market;
use dce_benches::vocabulary::{AGE, LANGUAGE, STATE, code};
use dce_engine::prelude::*;

use super::recipes::{FEW, MANY, Recipe, answer_some, recipe};
use super::stage::{Stage, Subject};

/// What the market's limits give room for, and some to spare.
const ROOM: u64 = 48;

/// The seller and the listing that are set.
fn listing() -> (AccountId, ListingId) {
    (market::seller_id(0), market::listing_id(0))
}

/// The first buyer and its profile.
fn first(stage: &Stage<'_>) -> (AccountId, ProfileId) {
    market::profile_id(stage.world, 0)
}

/// An amount that is another each time.
fn amount(number: u64) -> Money {
    Money::from_micros(1_000_000 + number as i64)
}

pub(crate) static RULES: [Recipe; 22] = [
    recipe(
        "set_calendar",
        MANY,
        |_| {},
        |_, number| {
            let day = |day: u16| OpenSpan::new(day * 1_440 + 540, day * 1_440 + 1_020 + number as u16 % 60);
            let calendar = SetCalendar::new(market::seller_id(0), CalendarId(1));
            (0..5).map(day).fold(calendar, SetCalendar::open).into()
        },
    ),
    recipe(
        "set_disclosure",
        MANY,
        |_| {},
        |_, number| {
            let (seller, listing) = listing();
            SetDisclosure { seller, listing, price_to_win: number % 2 == 0 }.into()
        },
    ),
    recipe(
        "set_window",
        MANY,
        |_| {},
        |_, number| {
            let (seller, listing) = listing();
            SetWindow::of(seller, listing).early_close().answer_within(Millis(1 + number as u32)).into()
        },
    ),
    recipe(
        "set_deal",
        MANY,
        |_| {},
        |stage, number| {
            let ((seller, listing), (buyer, _)) = (listing(), first(stage));
            SetDeal::of(seller, listing, buyer, DealPrice::Floor(amount(number))).into()
        },
    ),
    recipe(
        "set_private",
        MANY,
        |_| {},
        |_, number| {
            let (seller, listing) = listing();
            SetPrivate::of(seller, listing, number % 2 == 0).into()
        },
    ),
    recipe(
        "set_delivery",
        MANY,
        |_| {},
        |_, number| {
            let (seller, listing) = listing();
            SetDelivery::new(seller, listing).recover(Seconds(1 + number as u32), 2).into()
        },
    ),
    recipe(
        "set_policy",
        MANY,
        |stage| {
            // A fixed price needs a listing that is not sold at second price.
            stage.apply(&CreateListing::of(market::seller_id(0), ListingId(u128::MAX)).into());
        },
        |_, number| {
            let (seller, listing) = (market::seller_id(0), ListingId(u128::MAX));
            SetPolicy::new(seller, listing, Policy::WeightedShare).price(amount(number)).into()
        },
    ),
    recipe(
        "also_wants",
        ROOM,
        |_| {},
        |stage, number| {
            let (buyer, profile) = market::profile_id(stage.world, number as usize);
            AlsoWants::of(buyer, profile, 2).wants(STATE, [code(1), code(2)]).range(AGE, 30, 60).into()
        },
    ),
    recipe(
        "set_modifiers",
        MANY,
        |_| {},
        |stage, number| {
            let (buyer, profile) = first(stage);
            SetModifiers::of(buyer, profile).value(LANGUAGE, code(1), Change::Add(amount(number))).into()
        },
    ),
    recipe(
        "set_answering",
        MANY,
        |_| {},
        |stage, number| {
            let (buyer, profile) = first(stage);
            SetAnswering::new(buyer, profile).reject_within(Seconds(1 + number as u32 % 90)).into()
        },
    ),
    recipe(
        "rank_profile",
        MANY,
        |_| {},
        |stage, number| {
            let (buyer, profile) = first(stage);
            RankProfile::new(buyer, profile).weight(2 + number as u16).into()
        },
    ),
    recipe(
        "set_skills",
        MANY,
        |_| {},
        |stage, number| {
            let (buyer, profile) = first(stage);
            SetSkills::new(buyer, profile).with(SkillId(1), 1 + (number % 100) as u8).into()
        },
    ),
    recipe(
        "set_duplicates",
        MANY,
        |_| {},
        |stage, number| {
            let (buyer, profile) = first(stage);
            SetDuplicates::new(buyer, CallerScope::Profile(profile), Seconds(3_600 + number as u32)).into()
        },
    ),
    recipe(
        "set_frequency",
        MANY,
        |_| {},
        |_, number| {
            let (seller, listing) = listing();
            SetFrequency::new(seller, 3, Seconds(3_600 + number as u32)).listing(listing).into()
        },
    ),
    recipe(
        "set_suppression",
        MANY,
        |_| {},
        |stage, _| {
            let (buyer, _) = first(stage);
            SetSuppression::new(buyer, SubjectId(u128::from(stage.fresh()))).into()
        },
    ),
    recipe(
        "set_screen",
        MANY,
        |_| {},
        |_, number| {
            let (seller, listing) = listing();
            let young = Test::Range { low: 0, high: 18 + number as i64 };
            let rule = ScreenRule::refuse(Reason::FraudSuspected, Clause { attribute: AGE, test: young });
            SetScreen::new(seller).listing(listing).rule(rule).into()
        },
    ),
    recipe(
        "set_quota",
        MANY,
        |_| {},
        |stage, number| {
            let (buyer, _) = first(stage);
            let rule = QuotaRule::calls(Counts::Attempts, Per::Day, 100_000 + number as u32);
            SetQuota::new(buyer, QuotaScope::Account).rule(rule).into()
        },
    ),
    recipe(
        "set_group",
        MANY,
        |_| {},
        |stage, number| {
            let (buyer, profile) = first(stage);
            SetGroup::new(buyer, profile, Some(GroupId(1 + u128::from(number % 2)))).into()
        },
    ),
    recipe(
        "set_quoting",
        MANY,
        |_| {},
        |_, number| SetQuoting::of(market::seller_id(0), 1 + (number % 2) as u16).into(),
    ),
    recipe(
        "set_together",
        MANY,
        |_| {},
        |stage, number| {
            let (buyer, _) = first(stage);
            SetTogether::new(buyer, GroupId(1), number % 2 == 0).into()
        },
    ),
    recipe("report_dropped", FEW, answer_some, |stage, number| {
        let Subject { seller, call, .. } = stage.subjects[number as usize];
        let half_a_minute = Millis(30_000);
        let leg = LegReport::first(Clocks::new(half_a_minute, half_a_minute, half_a_minute));
        ReportDropped::new(seller, call, leg, stage.stamp()).into()
    }),
    recipe("report_rejected", FEW, let_some_reject, |stage, number| {
        let Subject { seller, call, .. } = stage.subjects[number as usize];
        let a_second = Millis(1_000);
        let leg = LegReport::first(Clocks::new(a_second, a_second, a_second));
        ReportRejected::new(seller, call, leg, stage.stamp()).into()
    }),
];

/// Calls that were answered by agents who may give them back.
fn let_some_reject(stage: &mut Stage<'_>) {
    answer_some(stage);
    let mut winners: Vec<_> = stage.subjects.iter().map(|subject| (subject.buyer, subject.profile)).collect();
    winners.sort_unstable();
    winners.dedup();
    for (buyer, profile) in winners {
        stage.apply(&SetAnswering::new(buyer, profile).reject_within(Seconds(90)).into());
    }
}
