//! Every command, made of given parts.

use dce_engine::prelude::*;

use crate::parts::Parts;

trait Made<'a> {
    fn of(parts: &'a Parts) -> Self;
}

macro_rules! every_command {
    ($($name:ident $(<$life:lifetime>)?),+) => {
        /// One command of each kind.
        pub(crate) fn every_command<'a>(parts: &'a Parts) -> Vec<Command<'a>> {
            vec![$(<$name $(<$life>)? as Made<'a>>::of(parts).into()),+]
        }
    };
}

dce_engine::each_command!(every_command);

impl<'a> Made<'a> for DeclareAttribute<'a> {
    fn of(parts: &'a Parts) -> Self {
        Self { attribute: AttributeId(parts.short[0]), kind: parts.kind, name: &parts.name }
    }
}

impl<'a> Made<'a> for DefineValue<'a> {
    fn of(parts: &'a Parts) -> Self {
        Self { attribute: AttributeId(parts.short[0]), code: ValueCode(parts.word[0]), name: &parts.name }
    }
}

impl<'a> Made<'a> for LoadValueSet<'a> {
    fn of(parts: &'a Parts) -> Self {
        Self {
            set: ValueSetId(parts.short[0]),
            attribute: AttributeId(parts.short[1]),
            total: parts.word[0],
            offset: parts.word[1],
            values: &parts.chunk,
        }
    }
}

impl<'a> Made<'a> for SetZone<'a> {
    fn of(parts: &'a Parts) -> Self {
        Self { zone: ZoneId(parts.short[0]), transitions: &parts.transitions }
    }
}

impl<'a> Made<'a> for SetCalendar<'a> {
    fn of(parts: &'a Parts) -> Self {
        let (spans, holidays) = (List::borrowed(&parts.spans[..]), List::borrowed(&parts.holidays[..]));
        Self { account: account(parts), calendar: CalendarId(parts.wide[1]), spans, holidays }
    }
}

impl Made<'_> for SetDuplicates {
    fn of(parts: &Parts) -> Self {
        let scope = match parts.byte[0] % 3 {
            0 => CallerScope::Account,
            1 => CallerScope::Profile(ProfileId(parts.wide[1])),
            _ => CallerScope::Listing(ListingId(parts.wide[1])),
        };
        let on = [DuplicateOn::Incoming, DuplicateOn::Connect, DuplicateOn::Convert][usize::from(parts.byte[1] % 3)];
        let (account, window) = (account(parts), Seconds(parts.word[0]));
        Self { account, scope, on, window, anonymous: anonymous(parts) }
    }
}

impl Made<'_> for SetFrequency {
    fn of(parts: &Parts) -> Self {
        let (account, window) = (account(parts), Seconds(parts.word[0]));
        Self { account, listing: one_listing(parts), calls_max: parts.byte[0], window, anonymous: anonymous(parts) }
    }
}

impl Made<'_> for SetSuppression {
    fn of(parts: &Parts) -> Self {
        let until = parts.flag[0].then_some(Timestamp::from_micros(parts.long[0]));
        Self { account: account(parts), subject: SubjectId(parts.wide[1]), until }
    }
}

impl<'a> Made<'a> for SetScreen<'a> {
    fn of(parts: &'a Parts) -> Self {
        let (rules, values) = (List::borrowed(&parts.screen[..]), List::borrowed(&parts.values[..]));
        Self { account: account(parts), listing: one_listing(parts), rules, values }
    }
}

impl<'a> Made<'a> for SetQuota<'a> {
    fn of(parts: &'a Parts) -> Self {
        let rules = List::borrowed(&parts.rules[..]);
        Self { account: account(parts), scope: parts.scope, rules, spacing: parts.window, hours: hours(parts) }
    }
}

impl Made<'_> for SetGroup {
    fn of(parts: &Parts) -> Self {
        let group = parts.flag[0].then_some(GroupId(parts.wide[2]));
        Self { buyer: account(parts), profile: ProfileId(parts.wide[1]), group }
    }
}

impl Made<'_> for SetTogether {
    fn of(parts: &Parts) -> Self {
        Self { buyer: account(parts), group: GroupId(parts.wide[1]), together: parts.flag[0] }
    }
}

impl Made<'_> for OpenAccount {
    fn of(parts: &Parts) -> Self {
        Self { account: account(parts), role: parts.role, zone: ZoneId(parts.short[0]), deposit: parts.money[0] }
    }
}

impl Made<'_> for SetHome {
    fn of(parts: &Parts) -> Self {
        Self { account: account(parts), zone: ZoneId(parts.short[0]) }
    }
}

impl Made<'_> for CloseAccount {
    fn of(parts: &Parts) -> Self {
        Self { account: account(parts) }
    }
}

impl Made<'_> for Deposit {
    fn of(parts: &Parts) -> Self {
        Self { account: account(parts), movement: MovementId(parts.wide[1]), amount: parts.money[0] }
    }
}

impl Made<'_> for Withdraw {
    fn of(parts: &Parts) -> Self {
        Self { account: account(parts), movement: MovementId(parts.wide[1]), amount: parts.money[0] }
    }
}

impl Made<'_> for OpenSession {
    fn of(parts: &Parts) -> Self {
        Self { account: account(parts), session: SessionId(parts.long[0]) }
    }
}

impl Made<'_> for CloseSession {
    fn of(parts: &Parts) -> Self {
        Self { account: account(parts), session: SessionId(parts.long[0]) }
    }
}

impl Made<'_> for CreateListing {
    fn of(parts: &Parts) -> Self {
        Self {
            seller: account(parts),
            listing: ListingId(parts.wide[1]),
            vertical: VerticalId(parts.short[0]),
            pricing: parts.pricing,
            reserve: parts.money[0],
            increment: parts.money[1],
            payout: parts.payout,
            payout_term: parts.term,
            margin_min: parts.money[2],
            duration_max: Seconds(parts.word[0]),
            open: parts.flag[0],
            withdrawable: parts.flag[1],
            hours: hours(parts),
        }
    }
}

impl Made<'_> for SetDisclosure {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), listing: ListingId(parts.wide[1]), price_to_win: parts.flag[0] }
    }
}

impl Made<'_> for SetWindow {
    fn of(parts: &Parts) -> Self {
        let (seller, listing) = (account(parts), ListingId(parts.wide[1]));
        Self { seller, listing, early_close: parts.flag[0], answer_within: Millis(parts.word[0]) }
    }
}

impl Made<'_> for SetDeal {
    fn of(parts: &Parts) -> Self {
        let (seller, listing, buyer) = (account(parts), ListingId(parts.wide[1]), AccountId(parts.wide[2]));
        let price = match parts.optional {
            [None, None] => None,
            [None, Some(_)] => Some(DealPrice::Reserve),
            [Some(floor), None] => Some(DealPrice::Floor(floor)),
            [Some(_), Some(fixed)] => Some(DealPrice::Fixed(fixed)),
        };
        Self { seller, listing, buyer, price }
    }
}

impl Made<'_> for Delist {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), listing: ListingId(parts.wide[1]) }
    }
}

impl Made<'_> for SetPrivate {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), listing: ListingId(parts.wide[1]), private: parts.flag[1] }
    }
}

impl<'a> Made<'a> for AlsoWants<'a> {
    fn of(parts: &'a Parts) -> Self {
        Self {
            buyer: account(parts),
            profile: ProfileId(parts.wide[1]),
            nth: parts.byte[0],
            clauses: List::borrowed(&parts.clauses),
            values: List::borrowed(&parts.values),
        }
    }
}

impl<'a> Made<'a> for SetModifiers<'a> {
    fn of(parts: &'a Parts) -> Self {
        let (buyer, profile) = (account(parts), ProfileId(parts.wide[1]));
        Self { buyer, profile, max: parts.optional[0], modifiers: List::borrowed(&parts.modifiers) }
    }
}

impl<'a> Made<'a> for SetPolicy<'a> {
    fn of(parts: &'a Parts) -> Self {
        let (seller, listing) = (account(parts), ListingId(parts.wide[1]));
        let (price, requires) = (parts.optional[0], List::borrowed(&parts.required[..]));
        Self { seller, listing, policy: parts.policy, price, requires }
    }
}

impl Made<'_> for RankProfile {
    fn of(parts: &Parts) -> Self {
        let [weight, met, of] = parts.short;
        let (buyer, profile) = (account(parts), ProfileId(parts.wide[1]));
        Self { buyer, profile, weight, quality: BasisPoints(of), prior: Prior { met, of } }
    }
}

impl<'a> Made<'a> for SetSkills<'a> {
    fn of(parts: &'a Parts) -> Self {
        let skills = List::borrowed(&parts.skills[..]);
        Self { buyer: account(parts), profile: ProfileId(parts.wide[1]), skills }
    }
}

impl<'a> Made<'a> for CreateProfile<'a> {
    fn of(parts: &'a Parts) -> Self {
        Self {
            buyer: account(parts),
            profile: ProfileId(parts.wide[1]),
            vertical: VerticalId(parts.short[0]),
            tier: parts.byte[0],
            bid: parts.optional[0],
            pay_term: parts.term,
            caps: parts.caps,
            live_mode: parts.flag[0],
            hours: hours(parts),
            clauses: List::borrowed(&parts.clauses),
            values: List::borrowed(&parts.values),
            destinations: List::borrowed(&parts.destinations),
        }
    }
}

impl Made<'_> for SetBid {
    fn of(parts: &Parts) -> Self {
        let (buyer, profile) = (account(parts), ProfileId(parts.wide[1]));
        Self { buyer, profile, amount: parts.optional[0], stamp: stamp(parts) }
    }
}

impl Made<'_> for PauseProfile {
    fn of(parts: &Parts) -> Self {
        Self { buyer: account(parts), profile: ProfileId(parts.wide[1]) }
    }
}

impl Made<'_> for ResumeProfile {
    fn of(parts: &Parts) -> Self {
        Self { buyer: account(parts), profile: ProfileId(parts.wide[1]) }
    }
}

impl Made<'_> for CloseProfile {
    fn of(parts: &Parts) -> Self {
        Self { buyer: account(parts), profile: ProfileId(parts.wide[1]) }
    }
}

impl<'a> Made<'a> for RegisterCall<'a> {
    fn of(parts: &'a Parts) -> Self {
        Self {
            seller: account(parts),
            call: CallId(parts.wide[1]),
            listing: ListingId(parts.wide[2]),
            subject: SubjectId(parts.wide[3]),
            leg: parts.leg,
            facts: List::borrowed(&parts.facts),
            chain: List::borrowed(&parts.chain),
        }
    }
}

impl<'a> Made<'a> for OfferCall<'a> {
    fn of(parts: &'a Parts) -> Self {
        Self {
            seller: account(parts),
            call: CallId(parts.wide[1]),
            listing: ListingId(parts.wide[2]),
            subject: SubjectId(parts.wide[3]),
            leg: parts.leg,
            window: parts.window,
            reserve: parts.optional[0],
            // Built, not borrowed: the other kind of list.
            facts: parts.facts.iter().copied().collect(),
            chain: parts.chain.iter().copied().collect(),
        }
    }
}

impl Made<'_> for SetQuoting {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), firm_max: parts.wide[1] as u16 }
    }
}

impl<'a> Made<'a> for QuoteCall<'a> {
    fn of(parts: &'a Parts) -> Self {
        Self {
            seller: account(parts),
            call: CallId(parts.wide[1]),
            listing: ListingId(parts.wide[2]),
            subject: SubjectId(parts.wide[3]),
            leg: parts.leg,
            reserve: parts.optional[0],
            facts: parts.facts.iter().copied().collect(),
            chain: List::borrowed(&parts.chain),
            firm: parts.wide[0] & 1 == 1,
            life: parts.window.unwrap_or(Millis(u32::MAX)),
        }
    }
}

impl Made<'_> for ConfirmQuote {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), call: CallId(parts.wide[1]) }
    }
}

impl Made<'_> for CancelCall {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), call: CallId(parts.wide[1]) }
    }
}

impl Made<'_> for OpenAuction {
    fn of(parts: &Parts) -> Self {
        let (seller, call) = (account(parts), CallId(parts.wide[1]));
        Self { seller, call, window: Millis(parts.word[0]), reserve: parts.optional[0] }
    }
}

impl Made<'_> for PlaceBid {
    fn of(parts: &Parts) -> Self {
        Self {
            buyer: account(parts),
            profile: ProfileId(parts.wide[1]),
            seller: AccountId(parts.wide[2]),
            call: CallId(parts.wide[3]),
            amount: parts.money[0],
            valid_for: Millis(parts.word[0]),
            stamp: stamp(parts),
        }
    }
}

impl Made<'_> for WithdrawBid {
    fn of(parts: &Parts) -> Self {
        let (buyer, profile) = (account(parts), ProfileId(parts.wide[1]));
        let (seller, call) = (AccountId(parts.wide[2]), CallId(parts.wide[3]));
        Self { buyer, profile, seller, call, stamp: stamp(parts) }
    }
}

impl Made<'_> for NoBid {
    fn of(parts: &Parts) -> Self {
        let (buyer, profile) = (account(parts), ProfileId(parts.wide[1]));
        let (seller, call) = (AccountId(parts.wide[2]), CallId(parts.wide[3]));
        Self { buyer, profile, seller, call, stamp: stamp(parts) }
    }
}

impl Made<'_> for CloseAuction {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), call: CallId(parts.wide[1]) }
    }
}

impl Made<'_> for ReportRinging {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), call: CallId(parts.wide[1]), report: report(parts), stamp: stamp(parts) }
    }
}

impl Made<'_> for ReportAnswered {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), call: CallId(parts.wide[1]), report: report(parts), stamp: stamp(parts) }
    }
}

impl Made<'_> for ReportFailed {
    fn of(parts: &Parts) -> Self {
        let (seller, call) = (account(parts), CallId(parts.wide[1]));
        Self { seller, call, report: report(parts), failure: parts.failure, stamp: stamp(parts) }
    }
}

impl Made<'_> for ReportEnded {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), call: CallId(parts.wide[1]), report: report(parts), stamp: stamp(parts) }
    }
}

impl Made<'_> for ReportDropped {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), call: CallId(parts.wide[1]), report: report(parts), stamp: stamp(parts) }
    }
}

impl Made<'_> for ReportRejected {
    fn of(parts: &Parts) -> Self {
        Self { seller: account(parts), call: CallId(parts.wide[1]), report: report(parts), stamp: stamp(parts) }
    }
}

impl Made<'_> for SetDelivery {
    fn of(parts: &Parts) -> Self {
        Self {
            seller: account(parts),
            listing: ListingId(parts.wide[1]),
            recover_below: Seconds(parts.word[0]),
            recoveries_max: parts.byte[0],
            fallback: parts.destinations.first().copied(),
        }
    }
}

impl Made<'_> for SetAnswering {
    fn of(parts: &Parts) -> Self {
        let rule = |unanswered: u8, within: u32| PauseRule { unanswered, within: Seconds(within) };
        Self {
            buyer: account(parts),
            profile: ProfileId(parts.wide[1]),
            bid_within: Millis(parts.word[3]),
            reject_within: Seconds(parts.word[0]),
            pause_after: [rule(parts.byte[0], parts.word[1]), rule(parts.byte[0] ^ 0xff, parts.word[2])],
        }
    }
}

impl Made<'_> for Tick {
    fn of(_: &Parts) -> Self {
        Self
    }
}

/// Any genesis; whether an exchange can be made from it is another matter.
pub(crate) fn genesis(parts: &Parts) -> Genesis {
    let [a, b, c, d, e, f] = parts.word;
    let [x, y, z] = parts.short;
    let limits = Limits {
        accounts_max: a,
        sessions_max: b,
        movements_max: c,
        listings_max: d,
        profiles_max: e,
        settings_max: c,
        verticals_max: x,
        attributes_max: y,
        lines_max: f,
        values_max: a,
        value_sets_max: z,
        value_set_values_max: b,
        zones_max: x,
        calendars_max: f,
        clauses_max: y,
        clause_values_max: z,
        targeting_chunks_max: e,
        calls_max: c,
        calls_live_max: d,
        auction_bids_max: e,
        bids_max: f,
        conjunctions_max: b,
        modified_max: d,
        deals_max: c,
        contacts_max: a,
        frequencies_max: b,
        suppressions_max: c,
        screens_max: d,
        quotas_max: e,
        groups_max: d,
        together_max: f,
        shares_max: b,
        outcomes_max: c,
        retention: Seconds(a),
    };
    let mut genesis = Genesis::new(limits, parts.wide[0], Currency(parts.byte)).log(LogId(parts.wide[1])).shard(z);
    genesis.rules_version = f;
    genesis
}

fn one_listing(parts: &Parts) -> Option<ListingId> {
    parts.flag[1].then_some(ListingId(parts.wide[3]))
}

fn anonymous(parts: &Parts) -> AnonymousCallers {
    let all = [AnonymousCallers::OneCaller, AnonymousCallers::Distinct, AnonymousCallers::Refused];
    all[usize::from(parts.byte[2] % 3)]
}

fn hours(parts: &Parts) -> Option<CalendarId> {
    parts.flag[2].then_some(CalendarId(parts.wide[2]))
}

fn account(parts: &Parts) -> AccountId {
    AccountId(parts.wide[0])
}

const fn stamp(parts: &Parts) -> Stamp {
    Stamp { session: SessionId(parts.long[0]), number: parts.long[1] }
}

const fn report(parts: &Parts) -> LegReport {
    let clocks = Clocks::new(Millis(parts.word[1]), Millis(parts.word[2]), Millis(parts.word[3]));
    LegReport { attempt: parts.byte[1], destination_index: parts.byte[2], clocks }
}
