//! Who is told unasked that it did not win, why, and, where the listing tells it, with which amount it would have won.

use super::Question;
use super::rank::Candidate;
use crate::auctions::Invited;
use crate::calls::Hold;
use crate::event::{Event, Events};
use crate::exchange::{Exchange, Step};
use crate::ids::{AccountId, CallId, ProfileId};
use crate::profiles::Profile;
use crate::reason::Reason;
use crate::targeting::Aside;
use crate::terms::Chosen;
use crate::units::{Money, Timestamp};

/// What all that are told about one call have in common.
pub(crate) struct Telling {
    live: u32,
    seller: AccountId,
    call: CallId,
    at: Timestamp,
    /// Losers hear with which amount they would have won.
    price_to_win: bool,
}

/// Who is told.
#[derive(Clone, Copy)]
struct Named {
    slot: u32,
    buyer: AccountId,
    profile: ProfileId,
}

impl Named {
    const fn of_aside(slot: u32, aside: &Aside) -> Self {
        Self { slot, buyer: aside.buyer_id, profile: aside.profile_id }
    }
}

impl Exchange {
    pub(super) fn telling(&self, live: u32, at: Timestamp) -> Telling {
        let (seller, call) = self.names(live);
        let listing = self.listings.get(self.calls.record(self.calls.live(live).record).listing);
        Telling { live, seller, call, at, price_to_win: listing.tells_price_to_win }
    }

    /// The invited hear, and those of the best losers that were not invited.
    pub(super) fn tell_losers(
        &self,
        live: u32,
        step: Step,
        auctioned: bool,
        losers: &[Candidate],
        events: &mut Events,
    ) {
        if losers.is_empty() && !auctioned {
            return;
        }
        let telling = self.telling(live, step.at);
        if auctioned {
            self.tell_invited_losers(&telling, events);
        }
        let hold = self.calls.live(live).hold.as_ref().expect("Invariant: who lost, lost to a winner");
        let winner = self.winner(hold);
        // Who rings along has not lost.
        let beside = self.calls.beside(live);
        for loser in losers {
            let rings = || beside.iter().flatten().any(|leg| leg.hold.profile == loser.profile);
            if !beside.is_empty() && rings() || auctioned && self.invited(live).any(|(slot, _)| slot == loser.profile) {
                continue;
            }
            let reason = winner.beat(loser.tier(), loser.amount());
            self.tell_lost(&telling, self.names_of(loser), reason, events);
        }
    }

    fn names_of(&self, candidate: &Candidate) -> Named {
        match candidate.row {
            Some(place) => Named::of_aside(candidate.profile, &self.targeting.row_at(place).aside),
            None => self.named(candidate.profile, self.profiles.get(candidate.profile)),
        }
    }

    fn named(&self, slot: u32, profile: &Profile) -> Named {
        Named { slot, buyer: self.accounts.get(profile.buyer).id, profile: profile.id }
    }

    /// Every invited profile that is still there hears why it did not win.
    pub(super) fn tell_invited_losers(&self, telling: &Telling, events: &mut Events) {
        let question = self.question_undone(telling.live, telling.at);
        for (slot, profile) in self.invited(telling.live) {
            let reason = match question.undone {
                Some(holds) if holds.of(slot).is_some() => continue,
                holds => match self.standing(&question, slot) {
                    Err(loss) => loss.reason,
                    Ok(standing) => holds
                        .map_or(Reason::NoCandidate, |holds| self.lost_to(holds.hold, profile.tier, standing.amount)),
                },
            };
            self.tell_lost(telling, self.named(slot, profile), reason, events);
        }
    }

    /// The call is taken back: every invited profile that is still there hears so.
    pub(crate) fn tell_canceled(&self, live: u32, step: Step, events: &mut Events) {
        let telling = self.telling(live, step.at);
        for (slot, profile) in self.invited(live) {
            self.tell_lost(&telling, self.named(slot, profile), Reason::SellerCanceled, events);
        }
    }

    #[inline]
    fn tell_lost(&self, telling: &Telling, named: Named, reason: Reason, events: &mut Events) {
        let Named { slot, buyer, profile } = named;
        let price_to_win = if telling.price_to_win { self.looked_back(telling, slot, reason) } else { None };
        let &Telling { seller, call, .. } = telling;
        events.push(Event::BidLost { seller, call, buyer, profile, reason, price_to_win });
    }

    fn looked_back(&self, telling: &Telling, slot: u32, reason: Reason) -> Option<Money> {
        let question: Question<'_> = self.question_undone(telling.live, telling.at);
        self.price_to_win(&question, slot, reason, question.undone.map(|holds| holds.hold))
    }

    /// The invited profiles that are still there, in order of invitation; of a call without an auction, none.
    fn invited(&self, live: u32) -> impl Iterator<Item = (u32, &Profile)> {
        let call = self.calls.live(live);
        let invited = if call.has_auction() { self.auctions.invited(call.auction) } else { &[] };
        let still_there = |invited: &Invited| {
            let profile = self.profiles.get_created(invited.profile, invited.created)?;
            Some((invited.profile, profile))
        };
        invited.iter().filter_map(still_there)
    }

    /// Why an eligible profile lost against the winner of this hold.
    pub(crate) fn lost_to(&self, hold: &Hold, tier: u8, amount: Money) -> Reason {
        self.winner(hold).beat(tier, amount)
    }

    fn winner(&self, hold: &Hold) -> Winner {
        Winner { tier: self.profiles.get(hold.profile).tier, amount: hold.amount, chosen: hold.chosen }
    }
}

/// Against whom the others lost.
#[derive(Clone, Copy)]
struct Winner {
    tier: u8,
    amount: Money,
    chosen: Chosen,
}

impl Winner {
    /// Why an eligible profile lost against it. Looking back later, a loser may by now be of a better tier or bid more: then
    /// it came too late.
    fn beat(self, tier: u8, amount: Money) -> Reason {
        if tier > self.tier {
            return Reason::LostToBetterTier;
        }
        match self.chosen {
            Chosen::Bid if amount < self.amount => Reason::LostToHigherBid,
            Chosen::Bid => Reason::LostToEarlierBid,
            Chosen::Share => Reason::LostToShare,
            Chosen::Skill => Reason::LostToSkill,
            Chosen::Score => Reason::LostToScore,
            Chosen::Exploration => Reason::LostToExploration,
        }
    }
}
