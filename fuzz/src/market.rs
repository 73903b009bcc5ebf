//! The small market every run begins with: enough that a few bytes reach a sale.

use dce_engine::prelude::*;

/// When it opens.
pub(crate) const OPENING: Timestamp = Timestamp::from_seconds(1_764_000_000);

/// So small that every table can run full.
pub(crate) const LIMITS: Limits = Limits {
    accounts_max: 8,
    sessions_max: 6,
    movements_max: 4,
    listings_max: 5,
    profiles_max: 10,
    settings_max: 3,
    verticals_max: 2,
    attributes_max: 7,
    lines_max: 320,
    values_max: 24,
    value_sets_max: 3,
    value_set_values_max: 12,
    zones_max: 3,
    calendars_max: 3,
    shares_max: 4,
    outcomes_max: 3,
    clauses_max: 4,
    clause_values_max: 8,
    targeting_chunks_max: 5,
    calls_max: 10,
    calls_live_max: 6,
    auction_bids_max: 3,
    bids_max: 6,
    conjunctions_max: 4,
    modified_max: 3,
    deals_max: 3,
    contacts_max: 4,
    frequencies_max: 3,
    suppressions_max: 3,
    screens_max: 2,
    quotas_max: 4,
    groups_max: 2,
    together_max: 2,
    retention: Seconds(600),
};

pub(crate) const BUYERS: [AccountId; 2] = [AccountId(10), AccountId(11)];
pub(crate) const SELLER: AccountId = AccountId(20);

pub(crate) const STATE: AttributeId = AttributeId(0);
pub(crate) const TAGS: AttributeId = AttributeId(1);
pub(crate) const AGE: AttributeId = AttributeId(2);
pub(crate) const INSURED: AttributeId = AttributeId(3);
pub(crate) const PLACE: AttributeId = AttributeId(4);

/// Hands the commands that open the market to `apply`.
pub(crate) fn open(mut apply: impl FnMut(&Command<'_>)) {
    apply(&DeclareAttribute::category(STATE, "state", 6).into());
    apply(&DeclareAttribute::set(TAGS, "tags", 6).into());
    apply(&DeclareAttribute::integer(AGE, "age", 0, 18, 90).into());
    apply(&DeclareAttribute::boolean(INSURED, "insured").into());
    apply(&DeclareAttribute::point(PLACE, "place").into());
    for (code, name) in (1..).zip(["a", "b", "c", "d"]) {
        apply(&DefineValue::new(STATE, ValueCode(code), name).into());
        apply(&DefineValue::new(TAGS, ValueCode(code), name).into());
    }
    for buyer in BUYERS {
        apply(&OpenAccount::buyer(buyer).deposit(usd("300.00")).into());
        apply(&OpenSession::new(buyer, SessionId(1)).into());
    }
    apply(&OpenAccount::seller(SELLER).into());
    apply(&OpenSession::new(SELLER, SessionId(1)).into());
    apply(&CreateListing::of(SELLER, ListingId(1)).into());
    let earned = PayTerm::After { seconds: Seconds(30), from: ClockStart::Connect };
    let thin = CreateListing::of(SELLER, ListingId(2))
        .second_price(usd("0.01"))
        .reserve(usd("5.00"))
        .pays_out(Payout::Share(BasisPoints(8_000)), earned)
        .margin_min(usd("1.00"))
        .open()
        .withdrawable();
    apply(&thin.into());
    let profiles = [
        CreateProfile::of(BUYERS[0], ProfileId(1)).bid(usd("30.00")).concurrency(1).live(),
        CreateProfile::of(BUYERS[0], ProfileId(2)).bid(usd("20.00")).daily_cap(2).pays(earned).live(),
        CreateProfile::of(BUYERS[1], ProfileId(1)).bid(usd("30.00")).hourly_cap(1).wants(STATE, [ValueCode(1)]),
        CreateProfile::of(BUYERS[1], ProfileId(2)).live().excludes(TAGS, [ValueCode(2)]),
    ];
    for profile in profiles {
        apply(&profile.dial(b"+18005550100", Millis(20_000)).dial(b"+18005550101", Millis(5_000)).into());
    }
}
