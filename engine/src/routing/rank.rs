//! The best candidates for a call, best first.

use super::Question;
use super::standing::Standing;
use crate::auctions::Answer;
use crate::collections::{Keyed, Top};
use crate::exchange::Exchange;
use crate::ids::Sequence;
use crate::limits::LOSERS_TOLD_MAX;
use crate::profiles::Ruled;
use crate::quotas::NONE;
use crate::reason::Reason;
use crate::targeting::{
    MetRow, NO_KEY, Query, Row, RowPlace, Walked, amount_of_key, rank_key, sequence_of_key, tier_of_key, will_read,
};
use crate::units::Money;

/// An eligible profile and its amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Its rank, which says tier, amount and the amount's place in time.
    key: u128,
    pub(crate) profile: u32,
    /// Where its names are at hand: the place of its row, of whoever was not met in one `None`.
    pub(crate) row: Option<RowPlace>,
}

impl Candidate {
    pub(crate) fn new(slot: u32, tier: u8, standing: Standing) -> Self {
        Self { key: rank_key(tier, standing.amount, standing.sequence), profile: slot, row: None }
    }

    /// Of a row whose amount is its profile's standing bid.
    #[inline]
    fn of_row(met: &MetRow<'_>) -> Self {
        Self { key: met.row.key, profile: met.row.brief.profile, row: Some(met.place) }
    }

    #[inline]
    pub(crate) const fn tier(&self) -> u8 {
        tier_of_key(self.key)
    }

    #[inline]
    pub(crate) const fn amount(&self) -> Money {
        amount_of_key(self.key)
    }

    /// The amount's place in time.
    #[inline]
    pub(crate) const fn placed(&self) -> Sequence {
        sequence_of_key(self.key)
    }
}

impl Keyed for Candidate {
    #[inline]
    fn key(&self) -> u128 {
        self.key
    }
}

/// The winner and those told that they lost.
pub(crate) const RANKED_MAX: usize = 1 + LOSERS_TOLD_MAX;

/// Profiles a walk met that turned out not to be able to win: their rows can be put to sleep.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Met {
    profiles: [u32; Self::MAX],
    count: usize,
}

impl Met {
    /// A decision stays bounded: what it does not note, a later one will.
    const MAX: usize = 8;

    fn note(&mut self, profile: u32) {
        if let Some(place) = self.profiles.get_mut(self.count) {
            *place = profile;
            self.count += 1;
        }
    }

    pub(crate) fn as_slice(&self) -> &[u32] {
        &self.profiles[..self.count]
    }
}

/// Looks at every candidate that a walk meets, besides the ranking.
pub(crate) trait Beside {
    /// Another eligible candidate.
    fn meet(&mut self, candidate: &Candidate);

    /// The key that a row must beat to be of any use still, if that of the ranking is `worst`.
    fn to_beat(&self, worst: Option<u128>) -> Option<u128>;
}

/// Nobody looks.
impl Beside for () {
    #[inline]
    fn meet(&mut self, _: &Candidate) {}

    #[inline]
    fn to_beat(&self, worst: Option<u128>) -> Option<u128> {
        worst
    }
}

impl Exchange {
    /// The best candidates, as many as `best` keeps, exact over all profiles. Written where they are wanted: what is kept
    /// of nine candidates is more than is moved for nothing. If the call is for sale, the first has it more often than not.
    #[inline]
    pub(crate) fn rank<const N: usize>(
        &self,
        (question, for_sale): (&Question<'_>, bool),
        (best, met): (&mut Top<Candidate, N>, &mut Met),
        beside: &mut impl Beside,
    ) {
        if let Some(auction) = question.auction {
            self.rank_live_bids(question, auction, best, beside);
        }
        let mut query = Query::of(question.facts);
        self.targeting.ask(&mut query, &self.schema, question.vertical);
        // Of a listing without deals, who bids less than it asks for is no candidate, nor is anybody behind.
        let bar =
            if question.terms.deals == 0 { self.targeting.bar(question.vertical, question.least) } else { NO_KEY };
        let by_money_alone = question.is_settled_by_money();
        let mut is_first = for_sale;
        let walked = Walked::Best(best.most());
        self.targeting.walk(question.vertical, &query, (walked, bar), question.at, |met_row| {
            // Of a thousand that are all out, only the first is asked for.
            if core::mem::take(&mut is_first) {
                self.will_sell_to(met_row.row);
            }
            if by_money_alone && self.is_settled_by_money(question, &met_row) {
                let candidate = Candidate::of_row(&met_row);
                best.offer(candidate);
                beside.meet(&candidate);
            } else if !self.is_dry(question, met_row.row) {
                self.rank_row(question, &met_row, (best, beside), met);
            }
            beside.to_beat(best.worst()).map_or(bar, |worst| worst.min(bar))
        });
    }

    /// Whoever is met first wins more often than not: asks for all that a sale to it will read, while the others are met.
    #[inline]
    fn will_sell_to(&self, row: &Row) {
        let brief = &row.brief;
        will_read(&row.aside);
        will_read(self.profiles.near(brief.profile));
        will_read(self.wants.near(brief.profile));
        will_read(self.quotas.near(brief.buyer));
        will_read(self.ledger.of(brief.buyer));
        will_read(self.settings.near(brief.profile));
        will_read(self.policies.near_won(brief.profile));
        will_read(self.targeting.near_place(brief.profile));
    }

    /// A row that the index let pass: a candidate, unless its profile's record says no. Live bidders were ranked before.
    fn rank_row<const N: usize>(
        &self,
        question: &Question<'_>,
        &MetRow { row, is_free, place }: &MetRow<'_>,
        (best, beside): (&mut Top<Candidate, N>, &mut impl Beside),
        met: &mut Met,
    ) {
        let slot = row.brief.profile;
        let bids_live = question
            .auction
            .is_some_and(|auction| matches!(self.auctions.answer(auction, slot, question.at), Answer::Live(_)));
        if bids_live || !self.wants_indeed(question, row) {
            return;
        }
        match self.standing_of_row(question, row, is_free) {
            // A profile with several rows may be met in each; in the ranks it stands once.
            Ok(_) if row.brief.ruled.has(Ruled::CONJUNCTIONS) && is_ranked(best, slot) => {}
            Ok(standing) => {
                let candidate = Candidate { row: Some(place), ..Candidate::new(slot, row.tier(), standing) };
                best.offer(candidate);
                beside.meet(&candidate);
            }
            Err(loss) if sleeps_on(loss.reason) => met.note(slot),
            Err(_) => {}
        }
    }

    /// Whether the row's buyer, or its group, was found to have nothing left for its standing bid.
    #[inline]
    fn is_dry(&self, question: &Question<'_>, row: &Row) -> bool {
        let ((buyer, most), (group, most_of_group)) = (question.dry.get(), question.dry_group.get());
        if buyer == NONE && group == NONE {
            return false;
        }
        // Modified, a bid may come to as little as there is.
        let least = if row.brief.ruled.has(Ruled::MODIFIERS) { 1 } else { row.amount().micros() };
        if row.brief.buyer == buyer && least > most {
            return true;
        }
        group != NONE && least > most_of_group && self.group_of(row.brief.profile) == group
    }

    /// Live bidders were accepted by targeting when they bid; rows tell nothing of their amounts, so all are looked at.
    fn rank_live_bids<const N: usize>(
        &self,
        question: &Question<'_>,
        auction: u32,
        best: &mut Top<Candidate, N>,
        beside: &mut impl Beside,
    ) {
        for bid in self.auctions.live_bids(auction, question.at) {
            let profile = self.profiles.get(bid.profile);
            if let Ok(standing) = self.standing_of_matched(question, bid.profile, profile) {
                let candidate = Candidate::new(bid.profile, profile.tier, standing);
                best.offer(candidate);
                beside.meet(&candidate);
            }
        }
    }
}

/// Whether a row may sleep until that ends.
fn sleeps_on(reason: Reason) -> bool {
    reason.is_cap() || matches!(reason, Reason::OutsideHours | Reason::ProfileQuotaReached)
}

fn is_ranked<const N: usize>(best: &Top<Candidate, N>, slot: u32) -> bool {
    best.as_slice().iter().any(|candidate| candidate.profile == slot)
}
