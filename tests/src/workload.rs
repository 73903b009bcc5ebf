//! Random command streams that aim: small pools of ids, so that things collide; stale stamps, retries with the same and
//! with other bodies, full tables, ties, drained balances, windows that roll, clocks that fall.
//!
//! The generator looks at the twin to know what would make sense, and then mostly does that, and sometimes the nearest
//! thing that does not. A stream is a pure function of its variant and its seed.

mod callers;
mod comeback;
mod deals;
mod market;
mod parties;
mod policies;
mod quotas;
mod quotes;
mod random;
mod tally;
mod traffic;
mod variants;

use std::collections::VecDeque;

use dce_engine::ids::{AccountId, ChainNode, ProfileId, SessionId};
use dce_engine::units::{Millis, Money, Seconds, Timestamp};

use crate::twin::Twin;
use crate::twin::action::{Action, ClockStart, DealPrice, Stamp, Term};
use crate::twin::state::{Call, State};

pub use self::random::Random;
pub use self::tally::Tally;
pub use self::variants::Variant;

/// How many sent commands are kept to be sent again.
const SENT_KEPT: usize = 48;

/// A stream of commands.
#[derive(Clone, Debug)]
pub struct Workload {
    variant: Variant,
    random: Random,
    /// Commands to send first, in order.
    opening: VecDeque<Action>,
    /// The last commands sent, so that some are sent again.
    sent: VecDeque<Action>,
    /// How many ids were made.
    made: u64,
}

impl Workload {
    /// The stream of this variant and seed.
    #[must_use]
    pub fn new(variant: Variant, seed: u64) -> Self {
        let random = Random::new(seed.wrapping_mul(8) + variant as u64);
        let mut workload = Self { variant, random, opening: VecDeque::new(), sent: VecDeque::new(), made: 0 };
        workload.opening = workload.opening_sequence().into();
        workload
    }

    /// What comes next, and when, given how things stand.
    pub fn next(&mut self, twin: &Twin) -> (Timestamp, Action) {
        let start = Timestamp::from_seconds(self.variant.start_seconds());
        if let Some(action) = self.opening.pop_front() {
            return (twin.last.max(start), action);
        }
        let at = self.when(twin);
        let due = twin.next_deadline().is_some_and(|deadline| deadline <= at);
        let tick = if due { self.random.percent(92) } else { self.random.below(300) == 0 };
        let action = if tick { Action::Tick } else { self.sensible(at, twin) };
        if self.sent.len() == SENT_KEPT {
            self.sent.pop_front();
        }
        self.sent.push_back(action.clone());
        (at, action)
    }

    /// A time: mostly a little later, often just when something is due, now and then days ahead or wrong.
    fn when(&mut self, twin: &Twin) -> Timestamp {
        let random = &mut self.random;
        let last = twin.last;
        let ahead = |micros: u64| Timestamp::from_micros(last.micros() + micros);
        if let Some(deadline) = twin.next_deadline() {
            if deadline <= last {
                return last;
            }
            match random.below(100) {
                0..8 => return deadline,
                8..11 => return Timestamp::from_micros(deadline.micros() - 1),
                _ => {}
            }
        }
        // Several auctions with everybody invited come to their end at once.
        if self.variant == Variant::Crowd {
            let ends = twin.calls.values().filter(|call| call.state == State::Auction).map(|call| call.deadline.0);
            let ends: Vec<Timestamp> = ends.collect();
            if ends.len() >= 4 && random.percent(20) {
                return ends.into_iter().max().expect("there are some");
            }
        }
        // The very moment in which a bid expires, a zone's clocks change, a calendar opens or closes or a caller is
        // forgotten, or the one before.
        if random.percent(4) {
            let bids = twin.calls.values().flat_map(|call| call.bids.iter().map(|bid| bid.expires_at));
            let changes = twin.zones.values().flat_map(|zone| zone.transitions.iter().map(|(from, _)| *from));
            let soon = last + Seconds(7_200);
            let turns = twin.turns(last, 120);
            let quotas = twin.quota_turns(last).into_iter();
            let answers = twin.calls.values().flat_map(|call| &call.invited).map(|invited| invited.answers_until);
            let ends = twin.contacts.iter().map(|known| known.until);
            let calmed = twin.frequencies.iter().map(|known| known.until);
            let lifted = twin.suppressions.values().filter_map(|known| known.until);
            let moments =
                bids.chain(changes).chain(turns).chain(answers).chain(ends).chain(calmed).chain(lifted).chain(quotas);
            let moments = moments.filter(|moment| *moment > last && *moment < soon);
            if let Some(moment) = random.one_of(moments) {
                return Timestamp::from_micros(moment.micros() - random.below(2));
            }
        }
        // Auctions are short: much must happen while one is open.
        if twin.calls.values().any(|call| call.state == State::Auction) && random.percent(60) {
            return ahead(random.below(20_000));
        }
        const SECOND: u64 = 1_000_000;
        match random.below(2_000) {
            0..6 => Timestamp::from_micros(last.micros().saturating_sub(random.between(1, SECOND))),
            6..8 => Timestamp::from_micros((1 << 60) + random.between(1, 1 << 40)),
            8..12 => ahead(random.below(3 * 24 * 3_600 * SECOND)),
            12..20 => ahead(random.below(3 * 3_600 * SECOND)),
            20..40 => ahead(random.below(600 * SECOND)),
            40..200 => ahead(random.below(15 * SECOND)),
            200..700 => ahead(random.below(2 * SECOND)),
            700..1_300 => ahead(random.below(50_000)),
            _ => last,
        }
    }

    /// A command that has something to act on and a session to speak in, mostly.
    fn sensible(&mut self, at: Timestamp, twin: &Twin) -> Action {
        let action = self.any(at, twin);
        if self.random.percent(12) {
            return action;
        }
        let there_is = |state: fn(&Call) -> bool| twin.calls.values().any(state);
        let (speaker, useful) = match &action {
            Action::PlaceBid { buyer, .. } => (*buyer, there_is(|call| call.state == State::Auction)),
            Action::WithdrawBid { buyer, .. } => (*buyer, there_is(|call| !call.bids.is_empty())),
            Action::NoBid { buyer, .. } => (*buyer, there_is(|call| call.state == State::Auction)),
            Action::Report { seller, .. } => (*seller, there_is(Call::is_routed)),
            Action::CloseAuction { .. } if !there_is(|call| call.state == State::Auction) => {
                return self.offer_call(at, twin);
            }
            Action::OpenAuction { .. } if !there_is(|call| call.state == State::Registered) => {
                return self.register_call(at, twin);
            }
            Action::SetBid { buyer, .. } => (*buyer, true),
            _ => return action,
        };
        if !useful {
            return self.offer_call(at, twin);
        }
        match twin.accounts.get(&speaker) {
            Some(known) if known.sessions.is_empty() => {
                Action::OpenSession { account: speaker, session: SessionId(known.session_highest + 1) }
            }
            _ => action,
        }
    }

    /// A command of any kind, sometimes one that was sent before, sometimes one that was changed a little.
    fn any(&mut self, at: Timestamp, twin: &Twin) -> Action {
        match self.random.below(100) {
            0..5 => {
                if let Some(again) = self.sent_before() {
                    return again;
                }
            }
            5..8 => {
                if let Some(mut changed) = self.sent_before() {
                    self.change(&mut changed);
                    return changed;
                }
            }
            _ => {}
        }
        let rich = self.variant == Variant::Rich;
        match self.random.below(1_000) {
            _ if rich && self.random.percent(85) => self.deposit(at),
            // Where the index has many rows, many of them should be out of place.
            _ if self.variant == Variant::Wide && self.random.percent(20) => self.set_bid(twin),
            _ if self.random.percent(1) => self.set_delivery(twin),
            _ if self.random.percent(2) => self.set_answering(twin),
            _ if self.random.percent(3) => self.quota_or_group(at, twin),
            _ if self.random.percent(9) => self.about_quotes(at, twin),
            0..6 => self.declare_attribute(),
            6..14 => self.define_value(),
            14..30 => self.load_value_set(twin),
            30..42 => self.set_zone(at),
            42..58 => self.open_account(),
            58..75 => self.set_calendar(at),
            75..110 => self.deposit(at),
            110..140 => self.withdraw(at, twin),
            140..165 => self.open_session(twin),
            165..171 => self.close_session(twin),
            171..173 => self.set_home(),
            173..175 => self.close_account(),
            175..178 => self.create_listing(),
            178..181 => self.set_disclosure(),
            181 => self.delist(twin),
            182..186 => self.create_listing(),
            186..188 => self.set_window(twin),
            188..191 => self.set_deal(twin),
            191 => self.set_private(twin),
            192..200 => self.set_policy(twin),
            200..204 => self.rank_profile(twin),
            204..208 => self.set_skills(twin),
            208..238 => self.create_profile(),
            238..242 => self.also_wants(twin),
            242..248 => self.set_modifiers(twin),
            248..275 => self.set_bid(twin),
            275..290 => self.pause_or_resume(twin),
            290..305 => self.close_profile(twin),
            305..360 => self.register_call(at, twin),
            360..500 => self.offer_call(at, twin),
            500..520 => self.cancel_call(twin),
            520..555 => self.open_auction(twin),
            555..700 => self.place_bid(twin),
            700..725 => self.no_bid(twin),
            725..745 => self.withdraw_bid(twin),
            745..765 => self.close_auction(twin),
            765..790 => self.rule_about_callers(at, twin),
            _ => self.report(at, twin),
        }
    }

    fn sent_before(&mut self) -> Option<Action> {
        let index = self.random.below(self.sent.len() as u64) as usize;
        self.sent.get(index).cloned()
    }

    /// Another body under the same id or stamp.
    fn change(&mut self, action: &mut Action) {
        let other = self.amount();
        match action {
            Action::DeclareAttribute { name, .. } | Action::DefineValue { name, .. } => name.push('x'),
            Action::LoadValueSet { total, .. } => *total = total.wrapping_add(1),
            Action::SetZone { transitions, .. } => transitions.truncate(1),
            Action::SetCalendar { spans, .. } => spans.truncate(1),
            Action::OpenAccount { deposit, .. } => *deposit = other,
            Action::Deposit { account, movement, amount } if self.random.percent(50) => {
                *action = Action::Withdraw { account: *account, movement: *movement, amount: *amount };
            }
            Action::Deposit { amount, .. } | Action::Withdraw { amount, .. } => *amount = other,
            Action::SetQuota { rules, .. } => rules.truncate(1),
            Action::SetGroup { group, .. } => *group = None,
            Action::SetTogether { together, .. } => *together = !*together,
            Action::CreateListing { terms, .. } => terms.reserve = other,
            Action::SetDisclosure { price_to_win, .. } => *price_to_win = !*price_to_win,
            Action::SetWindow { early_close, .. } => *early_close = !*early_close,
            Action::SetDelivery { terms, .. } => terms.fallback = None,
            Action::CreateProfile { terms, .. } => terms.bid = Some(other),
            Action::SetAnswering { terms, .. } => terms.bid_within = Millis(7),
            Action::SetPolicy { price, .. } => *price = Some(other),
            Action::RankProfile { weight, .. } => *weight += 1,
            Action::SetSkills { skills, .. } => skills.truncate(1),
            Action::SetBid { amount, .. } => *amount = Some(other),
            Action::SetDeal { price, .. } => *price = Some(DealPrice::Floor(other)),
            Action::SetPrivate { private, .. } => *private = !*private,
            Action::SetModifiers { max, .. } => *max = Some(other),
            Action::AlsoWants { clauses, .. } => {
                clauses.pop();
            }
            Action::RegisterCall { chain, .. } | Action::OfferCall { chain, .. } if self.random.percent(30) => {
                chain.push(ChainNode(70));
            }
            Action::RegisterCall { listing, facts, .. } => {
                if facts.pop().is_none() {
                    listing.0 += 1;
                }
            }
            Action::OfferCall { reserve, facts, .. } => {
                if facts.pop().is_none() {
                    *reserve = Some(other);
                }
            }
            Action::OpenAuction { window, .. } => window.0 += 1,
            Action::PlaceBid { amount, .. } => *amount = other,
            Action::WithdrawBid { call, .. } | Action::NoBid { call, .. } => call.0 ^= 1,
            Action::Report { clocks, destination, .. } => {
                clocks.incoming += 1;
                *destination ^= u8::from(self.random.percent(20));
            }
            Action::SetHome { zone, .. } => zone.0 += 1,
            Action::OpenSession { session, .. } | Action::CloseSession { session, .. } => session.0 += 1,
            Action::SetDuplicates { .. }
            | Action::SetFrequency { .. }
            | Action::SetSuppression { .. }
            | Action::SetScreen { .. } => callers::change(action),
            Action::SetQuoting { .. } | Action::QuoteCall { .. } | Action::ConfirmQuote { .. } => {
                quotes::change(action)
            }
            Action::PauseProfile { .. }
            | Action::ResumeProfile { .. }
            | Action::CloseProfile { .. }
            | Action::CancelCall { .. }
            | Action::CloseAccount { .. }
            | Action::Delist { .. }
            | Action::CloseAuction { .. }
            | Action::Tick => {}
        }
    }

    /// An amount of a bid or a reserve: few different ones, so that ties and near misses are common.
    fn amount(&mut self) -> Money {
        if self.variant == Variant::Wide {
            return Money::from_micros(1_000_000 + self.random.below(300) as i64 * 10_000);
        }
        let whole = self.random.one(&[1_000_000, 2_000_000, 2_500_000, 3_000_000, 5_000_000]);
        let micros = match self.random.below(20) {
            0 => whole + 1,
            1 => whole - 1,
            _ => whole,
        };
        Money::from_micros(micros)
    }

    /// An amount that nobody may bid.
    fn bad_amount(&mut self) -> Money {
        Money::from_micros(self.random.one(&[0, -1, Money::AMOUNT_MAX.micros() + 1, i64::MIN, i64::MAX]))
    }

    fn term(&mut self) -> Term {
        match self.random.below(100) {
            0..40 => Term::OnConnect,
            40..99 => Term::After {
                seconds: Seconds(self.random.one(&[0, 1, 5, 30, 30])),
                from: self.random.one(&[ClockStart::Incoming, ClockStart::Dial, ClockStart::Connect]),
            },
            _ => Term::After { seconds: Seconds(86_401), from: ClockStart::Dial },
        }
    }

    fn ring(&mut self) -> Millis {
        Millis(self.random.between(1, 12) as u32 * 2_500)
    }

    fn buyer(&mut self) -> AccountId {
        AccountId(u128::from(match self.random.below(40) {
            0 => 11,
            1 => 99,
            2..6 => self.random.between(1, 6),
            _ => self.random.between(1, 3),
        }))
    }

    fn seller(&mut self) -> AccountId {
        AccountId(u128::from(match self.random.below(40) {
            0 => 1,
            1 => 99,
            2..6 => self.random.between(11, 16),
            _ => self.random.between(11, 12),
        }))
    }

    /// Of a profile that exists, mostly.
    fn profile(&mut self, twin: &Twin) -> (AccountId, ProfileId) {
        if self.random.percent(95)
            && let Some(key) = self.random.one_of(twin.profile_keys())
        {
            return key;
        }
        (self.buyer(), ProfileId(u128::from(self.random.below(8))))
    }

    /// The next number of one of the party's sessions, mostly.
    fn stamp(&mut self, speaker: AccountId, twin: &Twin) -> Stamp {
        let open = twin.accounts.get(&speaker).map(|known| &known.sessions);
        let picked = self.random.one_of(open.into_iter().flatten());
        let (Some((session, known)), true) = (picked, self.random.percent(97)) else {
            let session = SessionId(self.random.below(4));
            return Stamp { session, number: self.random.below(40) };
        };
        let highest = known.number_highest;
        let number = match self.random.below(100) {
            0..3 => highest.saturating_sub(self.random.below(90)),
            3..8 => highest + self.random.between(2, 5),
            _ => highest + 1,
        };
        Stamp { session: *session, number }
    }

    /// A number no other call, no other movement has.
    fn fresh(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// The time inside a new id: now, mostly.
    fn id_time(&mut self, at: Timestamp, twin_retention: u64) -> Timestamp {
        let micros = at.micros();
        Timestamp::from_micros(match self.random.below(100) {
            0 => micros + 60_000_000 + self.random.below(3) * 1_000,
            1 => micros.saturating_sub(twin_retention * 1_000_000),
            2 => micros.saturating_sub(twin_retention * 1_000_000 - 2_000),
            3 => micros + self.random.below(60_000_000),
            4 => micros + 75_000_000,
            _ => micros.saturating_sub(self.random.below(3_000_000)),
        })
    }
}
