//! Frames from a client to the server: the session's own, every command, every query.
//!
//! Commands have the names, fields and rules of the engine's. What a key may not say for itself (another's account, a
//! tier) is refused, see `docs/protocol.md`.

use crate::codes::{AnonymousCallers, Deal, DuplicateOn, Leg, Pricing, Role};
use crate::element::{
    Bid, ChainNode, Clause, DialTarget, Fact, Holiday, Modifier, OpenSpan, QuotaRule, ScreenRule, SkillLevel,
    Transition, ValueCode,
};
use crate::fault::Fault;
use crate::frames::frames;
use crate::list::{Key, List, Text};
use crate::sink::Sink;
use crate::values::{CallerScope, Candidate, Kind, LegReport, PayTerm, Payout, Policy, Prior, QuotaScope, Resume};
use crate::{
    BIDS_MAX, CHAIN_MAX, CLAUSE_VALUES_MAX, CLAUSES_MAX, DESTINATIONS_MAX, FACTS_MAX, FALLBACKS_MAX, HOLIDAYS_MAX,
    MODIFIERS_MAX, NAME_BYTES_MAX, OPEN_SPANS_MAX, PROFILE_SKILLS_MAX, QUOTA_RULES_MAX, REQUIRED_SKILLS_MAX,
    SCREEN_RULES_MAX, SCREEN_VALUES_MAX, TRANSITIONS_MAX, VALUE_SET_CHUNK_MAX,
};

frames! {
    /// A frame from client to server.
    enum Up<'a>, prefix ();

    // 0x0_: the session.

    /// Opens the session: the first frame of a stream, and only that.
    Hello<'a> = 0x01 false {
        /// The version of the protocol the client speaks: 1.
        version: u16,
        /// The session, chosen by the client, above every one its account has opened before: the microseconds since 1970
        /// of its first hello. The same again when it connects again.
        session: u64,
        /// The last position of the event stream it has seen: events strictly after it follow. Absent: events from now on.
        resume: Option<Resume>,
        ;
        /// The secret the operator gave. Empty: the certificate that the client showed says who it is.
        key: Key[],
    }
    /// Says that the client is there.
    Heartbeat = 0x02 false {}
    /// Ends the session for good: the server closes it in the log, as by `CloseSession`, answers with `Closing` and ends
    /// the stream. A client that means to come back just closes the stream.
    Goodbye = 0x03 false {}

    // 0x1_: schema and accounts.

    /// An operator declares what callers can be told apart by.
    DeclareAttribute<'a> = 0x10 true {
        /// Its place in the schema.
        attribute: u16,
        /// What values it takes.
        kind: Kind,
        ;
        /// Its name.
        name: Text[NAME_BYTES_MAX],
    }
    /// An operator gives a value of a vocabulary its code.
    DefineValue<'a> = 0x11 true {
        /// The attribute.
        attribute: u16,
        /// The code, from 1.
        code: u32,
        ;
        /// The text it stands for.
        name: Text[NAME_BYTES_MAX],
    }
    /// An operator loads a long list of values, chunk by chunk.
    LoadValueSet<'a> = 0x12 true {
        /// The set.
        set: u16,
        /// The category or set attribute its values belong to.
        attribute: u16,
        /// How many values the complete set has.
        total: u32,
        /// How many came before this chunk.
        offset: u32,
        ;
        /// Values, rising strictly over the whole set.
        values: List[ValueCode, VALUE_SET_CHUNK_MAX],
    }
    /// What a time zone's clocks will do.
    SetZone<'a> = 0x13 true {
        /// The zone.
        zone: u16,
        ;
        /// Each says from when on which offset holds.
        transitions: List[Transition, TRANSITIONS_MAX],
    }
    /// Somebody joins the market.
    OpenAccount = 0x18 true {
        /// The account.
        account: u128,
        /// Buyer or seller.
        role: Role,
        /// Its home: where its days begin.
        zone: u16,
        /// Money it brings, or zero.
        deposit: i64 ["micro-units"],
    }
    /// Money comes in.
    Deposit = 0x19 true {
        /// The account.
        account: u128,
        /// The movement, a UUIDv7.
        movement: u128,
        /// How much.
        amount: i64 ["micro-units"],
    }
    /// Money goes out.
    Withdraw = 0x1a true {
        /// The account.
        account: u128,
        /// The movement, a UUIDv7.
        movement: u128,
        /// How much.
        amount: i64 ["micro-units"],
    }
    /// Opens a session of an account: what an operator sends before stamped commands for an account not its own. The
    /// hello does it for the key's own account.
    OpenSession = 0x1b true {
        /// Whose session.
        account: u128,
        /// Its id.
        session: u64,
    }
    /// Closes a session for good.
    CloseSession = 0x1c true {
        /// Whose session.
        account: u128,
        /// Its id.
        session: u64,
    }

    /// A buyer or a seller says when it is open, by the clocks of its zone. What was said before of this calendar is
    /// replaced.
    SetCalendar<'a> = 0x1d true {
        /// The account.
        account: u128,
        /// The calendar, as its profiles or listings name it.
        calendar: u128,
        ;
        /// When it is open in a usual week, ascending; gaps are breaks.
        spans: List[OpenSpan, OPEN_SPANS_MAX],
        /// The days on which the spans do not hold, ascending.
        holidays: List[Holiday, HOLIDAYS_MAX],
    }

    // 0x2_: listings and profiles.

    /// Closes an account for good: nothing new begins in its name.
    CloseAccount = 0x1e true {
        /// The account.
        account: u128,
    }

    /// Moves an account to another zone: its calendars, its profiles' caps and its quotas go by the clocks there from now on.
    SetHome = 0x1f true {
        /// The account.
        account: u128,
        /// Its home.
        zone: u16,
    }

    /// A seller lists what it sells.
    CreateListing = 0x20 true {
        /// The seller.
        seller: u128,
        /// Its id.
        listing: u128,
        /// Which profiles may compete.
        vertical: u16,
        /// What the winner pays.
        pricing: Pricing,
        /// The least price.
        reserve: i64 ["micro-units"],
        /// What a second price adds to the runner-up's amount.
        increment: i64 ["micro-units"],
        /// What the seller gets.
        payout: Payout,
        /// When the seller has earned it.
        payout_term: PayTerm,
        /// The least that must remain of the price after the payout.
        margin_min: i64 ["micro-units"],
        /// The longest a call may last from its answer, and the longest a registered one waits to be offered.
        duration_max: u32 ["seconds"],
        /// Whether a bidder is told if its bid leads.
        open: bool,
        /// Whether bids may be lowered and withdrawn while the window is open.
        withdrawable: bool,
        /// The seller's calendar by which calls are for sale; absent: always.
        hours: Option<u128>,
    }
    /// Takes a listing off the market for good: its calls go on, nothing else begins under it.
    Delist = 0x21 true {
        /// The seller.
        seller: u128,
        /// Its listing.
        listing: u128,
    }
    /// A buyer says which calls it wants, for how much, how many, and where to send them.
    CreateProfile<'a> = 0x24 true {
        /// The buyer.
        buyer: u128,
        /// Its id.
        profile: u128,
        /// Which listings' calls it competes for.
        vertical: u16,
        /// 1 is served first. The operator's to give: a buyer's own key says 1.
        tier: u8,
        /// The standing bid, if any; without one the profile buys by live bids only.
        bid: Option<i64> ["micro-units"],
        /// When the buyer owes the price.
        pay_term: PayTerm,
        /// Calls at once.
        concurrency: Option<u16>,
        /// Calls an hour.
        hourly: Option<u32>,
        /// Calls a day.
        daily: Option<u32>,
        /// Calls ever.
        total: Option<u32>,
        /// Money a day.
        daily_budget: Option<i64> ["micro-units"],
        /// Whether auctions invite it.
        live_mode: bool,
        /// The buyer's calendar it is open by; absent: always.
        hours: Option<u128>,
        ;
        /// What it wants: all clauses must accept the call.
        clauses: List[Clause, CLAUSES_MAX],
        /// The values the any-of and none-of clauses list, one clause after the other.
        values: List[ValueCode, CLAUSE_VALUES_MAX],
        /// Where its calls go, in order.
        destinations: List[DialTarget, DESTINATIONS_MAX],
    }
    /// A buyer changes its standing bid. Stamped.
    SetBid = 0x25 true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
        /// The new amount; absent: none any more.
        amount: Option<i64> ["micro-units"],
    }
    /// A buyer changes standing bids of several profiles. Each is a stamped `SetBid` of its own: the one at place i (from
    /// 0) has the number of this frame plus i, is answered under that number, and counts against the credit.
    SetBids<'a> = 0x26 true {
        /// The buyer.
        buyer: u128,
        ;
        /// The bids, at least one.
        bids: List[Bid, BIDS_MAX],
    }
    /// A buyer stops a profile.
    PauseProfile = 0x27 true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
    }
    /// A buyer lets a profile go on.
    ResumeProfile = 0x28 true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
    }
    /// A buyer takes a profile away.
    CloseProfile = 0x29 true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
    }

    // 0x3_: calls and auctions.

    /// A call is known, but not yet for sale.
    RegisterCall<'a> = 0x30 true {
        /// The seller.
        seller: u128,
        /// The call, a UUIDv7.
        call: u128,
        /// The listing it is sold under.
        listing: u128,
        /// The caller, as an opaque id, never a telephone number; 0 is anonymous.
        subject: u128,
        /// How the caller came to be on the line.
        leg: Leg,
        ;
        /// What is known of it.
        facts: List[Fact, FACTS_MAX],
        /// Whose hands it has been through, the first of them first.
        chain: List[ChainNode, CHAIN_MAX],
    }
    /// A call is for sale, now.
    OfferCall<'a> = 0x31 true {
        /// The seller.
        seller: u128,
        /// The call, a UUIDv7.
        call: u128,
        /// The listing it is sold under.
        listing: u128,
        /// The caller, as an opaque id, never a telephone number; 0 is anonymous.
        subject: u128,
        /// How the caller came to be on the line.
        leg: Leg,
        /// Takes live bids for this long; absent: standing bids decide at once.
        window: Option<u32> ["milliseconds"],
        /// The least price of this call, in place of the listing's.
        reserve: Option<i64> ["micro-units"],
        ;
        /// What is known of it; none for a registered or quoted call.
        facts: List[Fact, FACTS_MAX],
        /// Whose hands it has been through, the first of them first; none for a registered or quoted call.
        chain: List[ChainNode, CHAIN_MAX],
    }
    /// A seller takes a call back before it is answered.
    CancelCall = 0x32 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
    }
    /// A registered call takes live bids.
    OpenAuction = 0x38 true {
        /// The seller.
        seller: u128,
        /// The registered call.
        call: u128,
        /// How long bids are taken.
        window: u32 ["milliseconds"],
        /// The least price of this call, in place of the listing's.
        reserve: Option<i64> ["micro-units"],
    }
    /// A seller closes an auction before its time.
    CloseAuction = 0x39 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
    }
    /// A buyer bids on a call, live. Stamped.
    PlaceBid = 0x3a true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
        /// The seller of the call.
        seller: u128,
        /// The call whose auction is open.
        call: u128,
        /// How much.
        amount: i64 ["micro-units"],
        /// For how long the bid stands.
        valid_for: u32 ["milliseconds"],
    }
    /// A buyer takes a live bid back. Stamped.
    WithdrawBid = 0x3b true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
        /// The seller of the call.
        seller: u128,
        /// The call.
        call: u128,
    }
    /// A buyer does not want this call: the profile is out of its auction. Stamped.
    NoBid = 0x3c true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
        /// The seller of the call.
        seller: u128,
        /// The call.
        call: u128,
    }

    // 0x4_: call progress, from the seller's switch.

    /// The destination rings. Stamped.
    ReportRinging = 0x40 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Which leg, and what the switch's clocks say.
        report: LegReport,
    }
    /// The buyer's side picked up. Stamped.
    ReportAnswered = 0x41 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Which leg, and what the switch's clocks say.
        report: LegReport,
    }
    /// A leg came to nothing. Stamped.
    ReportFailed = 0x42 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Which leg, and what the switch's clocks say.
        report: LegReport,
        /// The reason's code: 513 no answer, 514 busy, 515 dial failed.
        failure: u16,
    }
    /// The call is over: the caller hung up, or both did. Stamped.
    ReportEnded = 0x43 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Which leg, and what the switch's clocks say.
        report: LegReport,
    }

    // From 0x44: quotas.

    /// A buyer or a seller says how many calls and how much money it takes: for itself, for a profile, a group of profiles
    /// or a listing. What was said before of the same scope is replaced; without rules and spacing nothing is bound.
    SetQuota<'a> = 0x44 true {
        /// The account.
        account: u128,
        /// What of it is bound.
        scope: QuotaScope,
        /// At least so many milliseconds between two calls; absent: no matter.
        spacing: Option<u32>,
        /// The account's calendar over whose hours the paced rule spreads its money; absent: over all hours.
        hours: Option<u128>,
        ;
        /// The rules; all of them bind.
        rules: List[QuotaRule, QUOTA_RULES_MAX],
    }
    /// A buyer puts a profile into a group, or takes it out of the one it is in.
    SetGroup = 0x45 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
        /// The group, which comes to be when it is first named; absent: none.
        group: Option<u128>,
    }

    // From 0x48 on: how calls are given out.

    /// A seller says how the calls of a listing are given out, all of it anew: to whom of the best tier, at which price, and
    /// what a profile must know. It holds from the next decision on.
    SetPolicy<'a> = 0x48 true {
        /// The seller.
        seller: u128,
        /// Its listing.
        listing: u128,
        /// Who of the best tier gets a call.
        policy: Policy,
        /// What every winner pays, whatever it bid; absent: by the listing's pricing.
        price: Option<i64> ["micro-units"],
        ;
        /// The skills a profile must have, ascending.
        requires: List[SkillLevel, REQUIRED_SKILLS_MAX],
    }
    /// An operator says what a profile is worth to policies, all of it anew.
    RankProfile = 0x49 true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
        /// Its share of calls, in proportion to the others' weights: 1 to 10,000; 1 before it is set.
        weight: u16,
        /// What its margin counts for under cost and quality; 10,000 before it is set.
        quality: u16 ["basis points"],
        /// How likely its calls earn their price, before they have told; 1 of 1 before it is set.
        prior: Prior,
    }
    /// An operator says what a profile knows, all of it anew.
    SetSkills<'a> = 0x4a true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
        ;
        /// Its skills, ascending.
        skills: List[SkillLevel, PROFILE_SKILLS_MAX],
    }

    // 0x4e to 0x51: calls that come back.

    /// A seller says what its listing does with calls that come back, all of it anew.
    SetDelivery<'a> = 0x4e true {
        /// The seller.
        seller: u128,
        /// Its listing.
        listing: u128,
        /// An answered call that the buyer's side ends before it has lasted so long is sold again; 0: never.
        recover_below: u32 ["seconds"],
        /// How often, for one call, at most 5; 0 just when `recover_below` is.
        recoveries_max: u8,
        ;
        /// Where a call is dialled that nobody buys, if anywhere.
        fallback: List[DialTarget, FALLBACKS_MAX],
    }
    /// A buyer says how its profile answers, all of it anew.
    SetAnswering = 0x4f true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
        /// Its bidder has so long for a first bid or a pass when it is invited, at most 60,000; 0: as long as the listing leaves it.
        bid_within: u32 ["ms"],
        /// An agent may give an answered call back before it has lasted so long, at most 90; 0: never.
        reject_within: u32 ["seconds"],
        /// The profile is paused after so many unanswered calls in a row, at most 8; 0: never.
        unanswered: u8,
        /// Within less than this, at most a day; 0 without the rule.
        within: u32 ["seconds"],
        /// A second rule, as the first: more calls in a longer time.
        unanswered_long: u8,
        /// Within less than this; 0 without the rule.
        within_long: u32 ["seconds"],
    }
    /// The buyer's side hung up, and the caller is still on the line. Stamped.
    ReportDropped = 0x50 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Which leg, and what the switch's clocks say.
        report: LegReport,
    }
    /// The buyer's agent gave the answered call back. Stamped.
    ReportRejected = 0x51 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Which leg, and what the switch's clocks say.
        report: LegReport,
    }

    // 0x5_: callers.

    /// A buyer or a seller says who counts as having called before. Of a profile or all of a buyer's, or of a listing.
    SetDuplicates = 0x54 true {
        /// The account.
        account: u128,
        /// Whose callers.
        scope: CallerScope,
        /// What counts.
        on: DuplicateOn,
        /// For how long it counts; 0 lifts the rule.
        window: u32 ["seconds"],
        /// What becomes of callers without an identity.
        anonymous: AnonymousCallers,
    }
    /// A seller, or an operator for the platform, says how often one caller may call.
    SetFrequency = 0x55 true {
        /// The account; 0 is the platform, and the rule is about all calls.
        account: u128,
        /// One of its listings; absent: all its calls.
        listing: Option<u128>,
        /// The most calls of one caller, 1 to 15.
        calls_max: u8,
        /// In any time of this length; 0 lifts the rule.
        window: u32 ["seconds"],
        /// What becomes of callers without an identity.
        anonymous: AnonymousCallers,
    }
    /// An account wants no calls from a caller.
    SetSuppression = 0x56 true {
        /// The account; 0 is the platform, for everybody.
        account: u128,
        /// The caller, as an opaque id, never a telephone number.
        subject: u128,
        /// From when on the caller is welcome again, in microseconds since 1970, a moment not ahead lifting it; absent:
        /// never.
        until: Option<u64> ["microseconds since 1970"],
    }
    /// A seller, or an operator for the platform, says which facts keep a call from being sold. What was said before is
    /// replaced; no rules lift the screen.
    SetScreen<'a> = 0x57 true {
        /// The account; 0 is the platform, for all calls.
        account: u128,
        /// One of its listings; absent: all its calls.
        listing: Option<u128>,
        ;
        /// The rules, in order: the first that refuses names the reason.
        rules: List[ScreenRule, SCREEN_RULES_MAX],
        /// The values the any-of and none-of clauses list, one rule after the other.
        values: List[ValueCode, SCREEN_VALUES_MAX],
    }

    // 0x5a: what losers are told.

    /// A seller says whether losers of a listing's calls hear with which amount they would have won.
    SetDisclosure = 0x5a true {
        /// The seller.
        seller: u128,
        /// The listing.
        listing: u128,
        /// Whether they do.
        price_to_win: bool,
    }

    // 0x5b to 0x5d: quotes.

    /// An operator says how many firm quotes a seller may have at a time.
    SetQuoting = 0x5b true {
        /// The seller.
        seller: u128,
        /// So many; 0 is none.
        firm_max: u16,
    }
    /// What would this call bring?
    QuoteCall<'a> = 0x5c true {
        /// The seller.
        seller: u128,
        /// The call, a UUIDv7, and so the quote: offered under the same id when its caller arrives.
        call: u128,
        /// The listing it is sold under.
        listing: u128,
        /// The caller, as an opaque id, never a telephone number; 0 is anonymous.
        subject: u128,
        /// How the caller comes to be on the line.
        leg: Leg,
        /// The least price of this call, in place of the listing's.
        reserve: Option<i64> ["micro-units"],
        /// Whether the answer binds.
        firm: bool,
        /// How long the quote lives, up to ten minutes.
        life: u32 ["milliseconds"],
        ;
        /// What is known of it.
        facts: List[Fact, FACTS_MAX],
        /// Whose hands it has been through, the first of them first.
        chain: List[ChainNode, CHAIN_MAX],
    }
    /// An indicative quote is to bind.
    ConfirmQuote = 0x5d true {
        /// The seller.
        seller: u128,
        /// The quoted call.
        call: u128,
    }

    // 0x6_: queries.

    /// What an account has.
    QueryBalance = 0x60 true {
        /// The account.
        account: u128,
        /// Answer from a state that contains this sequence; 0 for any.
        min_sequence: u64,
    }
    /// How far a call has come.
    QueryCall = 0x61 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Answer from a state that contains this sequence; 0 for any.
        min_sequence: u64,
    }
    /// Why a call went to whom it went, or to nobody.
    QueryExplain = 0x62 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The one candidate asked about; absent: all the key may see.
        candidate: Option<Candidate>,
    }
    /// How far the log has come.
    QueryPosition = 0x63 true {
        /// Answer once the log contains this sequence; 0 for at once.
        min_sequence: u64,
    }

    /// A buyer says whether the profiles of a group are dialled together: when one of them wins a call others ring along,
    /// each with a hold of its own, and the first that answers has the call.
    SetTogether = 0x64 true {
        /// The buyer.
        buyer: u128,
        /// Its group, which comes to be when it is first named.
        group: u128,
        /// Whether they are dialled together.
        together: bool,
    }

    // 0x68 to 0x6c: what is agreed and set besides.

    /// A seller says how its auctions end, of those that open from now on.
    SetWindow = 0x68 true {
        /// The seller.
        seller: u128,
        /// Its listing.
        listing: u128,
        /// Whether an auction closes at once when no invited profile that has not answered could still win.
        early_close: bool,
        /// How long an invited profile has for its first answer; 0 is as long as the window.
        answer_within: u32 ["milliseconds"],
    }
    /// The deal between a listing and a buyer, or none any more.
    SetDeal = 0x69 true {
        /// The seller.
        seller: u128,
        /// Its listing.
        listing: u128,
        /// The buyer.
        buyer: u128,
        /// What the deal says of the price.
        deal: Deal,
        /// The floor or the fixed price; 0 where there is neither.
        amount: i64 ["micro-units"],
    }
    /// Only buyers with a deal compete for a listing's calls, or everybody.
    SetPrivate = 0x6a true {
        /// The seller.
        seller: u128,
        /// Its listing.
        listing: u128,
        /// Whether a deal is needed.
        private: bool,
    }
    /// A buyer wants other calls too: its profile takes a call when all clauses of any of its conjunctions accept it.
    AlsoWants<'a> = 0x6b true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
        /// Which conjunction of the profile's this is, from 2: its own clauses are the first.
        nth: u8,
        ;
        /// All must accept the call.
        clauses: List[Clause, CLAUSES_MAX],
        /// The values the any-of and none-of clauses list, one clause after the other.
        values: List[ValueCode, CLAUSE_VALUES_MAX],
    }
    /// A buyer bids more for some calls and less for others: what becomes of a profile's standing bid, all of it anew.
    SetModifiers<'a> = 0x6c true {
        /// The buyer.
        buyer: u128,
        /// Its profile.
        profile: u128,
        /// The most the standing bid may come to.
        max: Option<i64> ["micro-units"],
        ;
        /// What changes it: first all multiplications, then all additions, each in this order.
        modifiers: List[Modifier, MODIFIERS_MAX],
    }
}

impl<'a> Up<'a> {
    /// Reads a whole frame, as [`split`](crate::split) cuts it: its number (0 for the session's own frames) and what it
    /// says. Lists borrow from `frame`.
    ///
    /// # Errors
    ///
    /// A fault with a code 3001 to 3009: the stream is to be closed with it.
    #[inline]
    pub fn decode(frame: &'a [u8]) -> Result<(u64, Self), Fault> {
        Self::read(frame, &mut ())
    }

    /// Writes it into `sink`, and says how many bytes it took. `number` is the request's, from 1; 0 for hello, heartbeat
    /// and goodbye.
    #[inline]
    pub fn encode(&self, number: u64, sink: &mut impl Sink) -> usize {
        self.write(number, (), sink)
    }

    /// Whether it is a request, which has a number and gets an answer.
    #[must_use]
    pub const fn is_request(&self) -> bool {
        !matches!(self, Self::Hello(_) | Self::Heartbeat(_) | Self::Goodbye(_))
    }

    /// How many answers it gets, and so how much credit it takes: each bid of a batch is answered.
    #[must_use]
    pub const fn answers(&self) -> u16 {
        match self {
            Self::Hello(_) | Self::Heartbeat(_) | Self::Goodbye(_) => 0,
            Self::SetBids(batch) => batch.bids.as_slice().len() as u16,
            _ => 1,
        }
    }
}
