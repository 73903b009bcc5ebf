//! Frames from a client to the server: the session's own, every command, every query.
//!
//! Commands have the names, fields and rules of the engine's. What a key may not say for itself (another's account, a
//! tier) is refused, see `docs/protocol.md`.

use crate::codes::{Leg, Pricing, Role};
use crate::element::{Bid, Clause, DialTarget, Fact, Holiday, OpenSpan, SkillLevel, Transition, ValueCode};
use crate::fault::Fault;
use crate::frames::frames;
use crate::list::{Key, List, Text};
use crate::sink::Sink;
use crate::values::{Candidate, Kind, LegReport, PayTerm, Payout, Policy, Prior, Resume};
use crate::{
    BIDS_MAX, CLAUSE_VALUES_MAX, CLAUSES_MAX, DESTINATIONS_MAX, FACTS_MAX, HOLIDAYS_MAX, NAME_BYTES_MAX,
    OPEN_SPANS_MAX, PROFILE_SKILLS_MAX, REQUIRED_SKILLS_MAX, TRANSITIONS_MAX, VALUE_SET_CHUNK_MAX,
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
        /// The secret the operator gave.
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
        /// What is known of it; none for a registered call.
        facts: List[Fact, FACTS_MAX],
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
    /// The call is over. Stamped.
    ReportEnded = 0x43 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Which leg, and what the switch's clocks say.
        report: LegReport,
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

    // 0x5_: free, for quotes.

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
