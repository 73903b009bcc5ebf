//! Counting the rows that accept a call: by words and blocks where all of them end alike, one by one where they may not.
//!
//! Of a row that is free and has no rules of its own, on a call that asks for nothing but money, the verdict is one of a few
//! that depend on its tier and its amount alone, as long as its buyer has the money. Amounts rise from one verdict to the
//! next, so what the best and the worst row of a word both end as, all rows between them do. Buyers are asked whether they
//! have the money only while some account may have less than it bids.

use super::counts::RuleCounts;
use crate::accounts::PLATFORM;
use crate::exchange::Exchange;
use crate::limits::{ATTEMPTS_MAX, BLOCK_ROWS, RING_ALONG_MAX};
use crate::reason::Reason;
use crate::routing::Question;
use crate::targeting::{AcceptingBlock, Line, MetRow, Row, Spread, WORD_ROWS, accepts, places, will_read};
use crate::terms::Ruled;
use crate::units::Money;

/// How many rows are asked for before the first of them is looked at, so that the memory's answers overlap.
const ASKED_AT_ONCE: usize = 32;
/// Profiles that hold the call, or held it: [`Tally::apart`].
const APART_MAX: usize = ATTEMPTS_MAX + 1 + RING_ALONG_MAX;

/// What becomes of one that only money is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Eligible,
    Stopped(Reason),
}

/// What was counted so far.
pub(super) struct Tally<'a> {
    exchange: &'a Exchange,
    question: &'a Question<'a>,
    counts: RuleCounts,
    /// How many profiles accept the call, by whichever of their rows.
    matched: u32,
    /// Only money is asked of all but those apart.
    by_money: bool,
    /// Profiles that have, ring with or had the call, and their rows' numbers in the vertical: each is looked at.
    apart: [u32; APART_MAX],
    apart_rows: [u32; APART_MAX],
    apart_count: usize,
    /// Whether every buyer has to be asked what it has.
    asks_balances: bool,
    /// The highest amount yet seen at which the platform can pay the seller in advance.
    float_up_to: Money,
    /// All between these end so.
    alike: Spread,
    ending: Ending,
    /// Rows to be looked at.
    asked: [Option<MetRow<'a>>; ASKED_AT_ONCE],
    asked_count: usize,
}

impl<'a> Tally<'a> {
    pub(super) fn new(exchange: &'a Exchange, question: &'a Question<'a>) -> Self {
        let mut tally = Self {
            exchange,
            question,
            counts: RuleCounts::default(),
            matched: 0,
            by_money: question.is_settled_by_money_for_others(),
            apart: [u32::MAX; APART_MAX],
            apart_rows: [u32::MAX; APART_MAX],
            apart_count: 0,
            asks_balances: exchange.ledger.is_any_short(),
            float_up_to: Money::ZERO,
            alike: Spread::NONE,
            ending: Ending::Eligible,
            asked: [None; ASKED_AT_ONCE],
            asked_count: 0,
        };
        let holders = question.undone.into_iter().flat_map(|holds| holds.iter()).map(|(hold, _)| hold.profile);
        for profile in question.tried.iter().map(|tried| tried.profile).chain(holders) {
            if let Some(row) = exchange.targeting.row_in(question.vertical, profile) {
                (tally.apart[tally.apart_count], tally.apart_rows[tally.apart_count]) = (profile, row);
                tally.apart_count += 1;
            }
        }
        tally
    }

    /// The counts, and how many profiles accept the call.
    pub(super) fn finish(mut self) -> (RuleCounts, u32) {
        self.look_at_asked();
        (self.counts, self.matched)
    }

    /// Counts the rows of a block.
    pub(super) fn count(&mut self, block: &AcceptingBlock<'a>) {
        let mut rest = block.accepting;
        rest.drop(&self.count_alike(block));
        for (word, rows) in rest.0.into_iter().enumerate() {
            for place in places(rows) {
                if self.asked_count == ASKED_AT_ONCE {
                    self.look_at_asked();
                }
                let met = block.met(word * WORD_ROWS + place);
                will_read(met.row);
                self.asked[self.asked_count] = Some(met);
                self.asked_count += 1;
            }
        }
    }

    /// Counts those rows of a block that end as all such rows of their word would, and returns which these are.
    fn count_alike(&mut self, block: &AcceptingBlock<'a>) -> Line {
        if !self.by_money {
            return Line::EMPTY;
        }
        let mut alike = block.accepting;
        alike.keep(&block.free_and_plain);
        for row in &self.apart_rows[..self.apart_count] {
            let place = row.wrapping_sub(block.first) as usize;
            if place < BLOCK_ROWS {
                alike.flip(place, alike.bit(place));
            }
        }
        if self.asks_balances {
            self.drop_short(block, &mut alike);
        }
        if block.spreads.iter().all(|spread| self.alike.covers(spread)) {
            self.end_alike(block, &alike);
            return alike;
        }
        for (word, spread) in block.spreads.iter().enumerate() {
            if alike.0[word] == 0 {
                continue;
            }
            if self.alike.covers(spread) || self.widen(spread) {
                let mut of_word = Line::EMPTY;
                of_word.0[word] = alike.0[word];
                self.end_alike(block, &of_word);
            } else {
                alike.0[word] = 0;
            }
        }
        alike
    }

    fn end_alike(&mut self, block: &AcceptingBlock<'a>, rows: &Line) {
        debug_assert!(
            (0..BLOCK_ROWS).all(|place| !rows.has(place) || self.ends_as(&block.met(place), self.ending)),
            "what is said of a word is said of each of its rows"
        );
        let count = self.exchange.targeting.count(rows);
        self.matched += count;
        self.end(self.ending, count);
    }

    /// Finds out between which amounts all end as the rows of this spread do; false if they do not all end alike.
    fn widen(&mut self, spread: &Spread) -> bool {
        let Some((tier, least, most)) = spread.amounts() else { return false };
        let Some(ending) = self.ending(tier, most) else { return false };
        let question = self.question;
        let steps = [Some(question.reserve), question.margin_floor, question.undone.map(|holds| holds.hold.amount)];
        let step = steps.into_iter().flatten().filter(|step| *step <= most).max();
        let from = step.unwrap_or(Money::ZERO);
        // Words come best first, so what is known of lower amounts will be asked for.
        (self.alike, self.ending) = (Spread::between(tier, from, most), ending);
        from <= least
    }

    /// Drops the rows whose buyers have less than the highest bid of the row's word.
    fn drop_short(&self, block: &AcceptingBlock<'a>, rows: &mut Line) {
        for (word, bits) in rows.0.iter_mut().enumerate() {
            let Some((_, _, most)) = block.spreads[word].amounts() else { continue };
            for place in places(*bits) {
                let is_short = most > self.exchange.ledger.of(block.buyers[word * WORD_ROWS + place]).available();
                *bits &= !(u64::from(is_short) << place);
            }
        }
    }

    /// What becomes of a profile that only money is asked of and whose buyer has it; `None` where it depends on when the
    /// profile pays. From a lower amount to a higher, never back, it is below the reserve, too thin a margin, eligible or
    /// beaten, too late, and more than the platform can pay in advance.
    fn ending(&mut self, tier: u8, amount: Money) -> Option<Ending> {
        let question = self.question;
        if amount < question.reserve {
            return Some(Ending::Stopped(Reason::BelowReserve));
        }
        if question.margin_floor.is_none_or(|floor| amount < floor) {
            return Some(Ending::Stopped(Reason::MarginTooThin));
        }
        if amount > self.float_up_to {
            if question.payout.at(amount) > self.exchange.ledger.of(PLATFORM).available() {
                return None;
            }
            self.float_up_to = amount;
        }
        Some(match question.undone {
            None => Ending::Eligible,
            Some(holds) => Ending::Stopped(self.exchange.lost_to(holds.hold, tier, amount)),
        })
    }

    fn end(&mut self, ending: Ending, candidates: u32) {
        match ending {
            Ending::Eligible => self.counts.let_stand(candidates),
            Ending::Stopped(reason) => self.counts.stop(reason, candidates),
        }
    }

    /// Looks at the rows that were asked for, each by itself.
    fn look_at_asked(&mut self) {
        let exchange = self.exchange;
        for met in self.asked[..self.asked_count].iter().flatten() {
            if !met.is_free {
                let profile = exchange.profiles.get(met.row.brief.profile);
                will_read(&profile.caps);
                will_read(&profile.bid);
            }
        }
        for place in 0..core::mem::take(&mut self.asked_count) {
            let Some(met) = self.asked[place] else { continue };
            if !exchange.is_matched_by(self.question, &met) {
                continue;
            }
            self.matched += 1;
            if let Some(ending) = self.ending_by_money(&met) {
                self.end(ending, 1);
            } else if self.question.undone.is_some_and(|holds| holds.of(met.row.brief.profile).is_some()) {
                self.counts.win();
            } else {
                let ending = exchange.ending_of(self.question, met.row, met.is_free);
                self.end(ending, 1);
            }
        }
    }

    /// What becomes of a row that accepts the call, if only money is asked of it and its buyer has it.
    #[inline]
    fn ending_by_money(&mut self, met: &MetRow<'_>) -> Option<Ending> {
        let MetRow { row, is_free, .. } = *met;
        let is_asked_for_money = self.by_money
            && is_free
            && row.brief.has_no_rules()
            && !self.apart[..self.apart_count].contains(&row.brief.profile)
            && (!self.asks_balances || row.amount() <= self.exchange.ledger.of(row.brief.buyer).available());
        let ending = if is_asked_for_money { self.ending(row.tier(), row.amount()) } else { None };
        debug_assert!(ending.is_none_or(|ending| self.ends_as(met, ending)), "money says what all rules say");
        ending
    }

    /// Whether all rules say this of a row.
    fn ends_as(&self, met: &MetRow<'_>, ending: Ending) -> bool {
        self.exchange.is_matched_by(self.question, met)
            && self.exchange.ending_of(self.question, met.row, false) == ending
    }
}

impl Exchange {
    /// What all rules say of a row that accepts the call, and is not of a profile that holds it.
    fn ending_of(&self, question: &Question<'_>, row: &Row, is_free: bool) -> Ending {
        // A row is free for its standing bid; in an auction it may have another.
        let is_free = is_free && question.auction.is_none();
        match (self.standing_of_row(question, row, is_free), question.undone) {
            (Err(loss), _) => Ending::Stopped(loss.reason),
            (Ok(_), None) => Ending::Eligible,
            (Ok(standing), Some(holds)) => Ending::Stopped(self.lost_to(holds.hold, row.tier(), standing.amount)),
        }
    }

    /// Whether the row's profile accepts the call, and by this row before any other: so that a profile with several rows
    /// is counted once.
    #[inline]
    fn is_matched_by(&self, question: &Question<'_>, met: &MetRow<'_>) -> bool {
        if !met.row.brief.ruled.has(Ruled::CONJUNCTIONS) {
            return self.wants_indeed(question, met.row);
        }
        self.first_accepting_row(question, met.row.brief.profile) == Some(met.row.id())
    }

    /// The row of the profile's first conjunction that accepts, its own clauses being the first.
    fn first_accepting_row(&self, question: &Question<'_>, slot: u32) -> Option<u32> {
        let accepted = |row: u32| accepts(self.wants.clauses(row), question.facts, &self.schema).is_ok();
        if accepted(slot) {
            return Some(slot);
        }
        let mut further = self.conjunctions.of(slot).map(|(further, _)| self.targeting.further_row(further));
        further.find(|row| accepted(*row))
    }
}
