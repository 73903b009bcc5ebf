//! Quotas as a decision meets them: which a win falls under, what they have room for, and what it counts.

use core::cell::Cell;

use super::{OwnHolds, Question};
use crate::calls::{Hold, HoldState};
use crate::exchange::Exchange;
use crate::explain::Loss;
use crate::profiles::Profile;
use crate::quotas::{Counted, GivenBack, LEVELS, NONE, Now, Owner, Room, Taking, Undone, UndoneWins};
use crate::reason::Reason;
use crate::units::{Money, Timestamp};

/// Why a candidate is out whose quota has no room, by level: profile, group, buyer, listing, seller.
const REACHED: [Reason; LEVELS] = [
    Reason::ProfileQuotaReached,
    Reason::GroupQuotaReached,
    Reason::BuyerQuotaReached,
    Reason::ListingQuotaReached,
    Reason::SellerQuotaReached,
];
/// Where the seller's side begins.
const SELLING: usize = 3;

/// What a few quotas have room for, by slot: a decision that meets a thousand profiles of one buyer asks its quota once.
#[derive(Clone, Debug)]
pub(crate) struct Rooms([Cell<Option<(u32, Room)>>; Self::MAX]);

impl Rooms {
    const MAX: usize = 4;
}

impl Default for Rooms {
    fn default() -> Self {
        Self([const { Cell::new(None) }; Self::MAX])
    }
}

impl Exchange {
    /// Rules 8a to 8c.
    pub(super) fn quotas_allow(
        &self,
        question: &Question<'_>,
        slot: u32,
        profile: &Profile,
        amount: Money,
    ) -> Result<(), Loss> {
        let quotas = self.quotas_of(question, slot, profile);
        let (mut soon, mut paced_out) = (false, false);
        for (quota, reason) in quotas.into_iter().zip(REACHED).filter(|(quota, _)| *quota != NONE) {
            let room = self.room(question, quota);
            self.remember_dry(question, (slot, profile), quota, room, amount);
            if room.full {
                return Err(Loss::plain(reason));
            }
            if amount.micros() > room.left {
                return Err(Loss::short(reason, amount - Money::from_micros(room.left)));
            }
            soon |= room.soon;
            paced_out |= room.paced_out;
        }
        if soon {
            return Err(Loss::plain(Reason::TooSoon));
        }
        if paced_out { Err(Loss::plain(Reason::PacedOut)) } else { Ok(()) }
    }

    /// Remembers whose quota has nothing left, so that the next profile of the same buyer or group costs a comparison.
    fn remember_dry(
        &self,
        question: &Question<'_>,
        (slot, profile): (u32, &Profile),
        quota: u32,
        room: Room,
        amount: Money,
    ) {
        if !room.is_shut() && amount.micros() <= room.left {
            return;
        }
        let most = if room.is_shut() { 0 } else { room.left.max(0) };
        match self.quotas.get(quota).owner {
            Owner::Account(account) if account == profile.buyer => question.dry.set((account, most)),
            Owner::Group(group) if self.group_of(slot) == group => question.dry_group.set((group, most)),
            Owner::Account(_) | Owner::Profile { .. } | Owner::Listing(_) | Owner::Group(_) => {}
        }
    }

    /// Rules 8a and 8b, as far as they do not ask for an amount: whether the profile is invited.
    pub(crate) fn quotas_invite(&self, question: &Question<'_>, slot: u32, profile: &Profile) -> bool {
        if !profile.ruled.with(question.ruled).has(crate::profiles::Ruled::QUOTAS) {
            return true;
        }
        let quotas = self.quotas_of(question, slot, profile);
        quotas.into_iter().filter(|quota| *quota != NONE).all(|quota| {
            let room = self.room(question, quota);
            !room.full && !room.soon
        })
    }

    /// Why nobody could get this call, whatever the amount: its listing or its seller has no room for any.
    #[inline]
    pub(crate) fn sale_barred(&self, question: &Question<'_>) -> Option<Reason> {
        if question.selling == [NONE; 2] { None } else { self.barred_by_quotas(question) }
    }

    /// The same of a live call, before anything else is asked of it.
    #[inline]
    pub(crate) fn call_barred(&self, live: u32, at: Timestamp) -> Option<Reason> {
        let record = self.calls.record(self.calls.live(live).record);
        // Most listings and sellers have no quota, and a question takes its time.
        if self.selling(record.listing, record.seller) == [NONE; 2] {
            return None;
        }
        self.barred_by_quotas(&self.question(live, at))
    }

    /// The quotas of a listing and of its seller.
    #[inline]
    pub(super) fn selling(&self, listing: u32, seller: u32) -> [u32; 2] {
        [Owner::Listing(listing), Owner::Account(seller)].map(|owner| self.quotas.of(owner))
    }

    #[inline(never)]
    fn barred_by_quotas(&self, question: &Question<'_>) -> Option<Reason> {
        let quotas = || question.selling.into_iter().zip(&REACHED[SELLING..]).filter(|(quota, _)| *quota != NONE);
        let mut rooms = quotas().map(|(quota, reason)| (self.room(question, quota), *reason));
        if let Some((_, reason)) = rooms.find(|(room, _)| room.full || room.left <= 0) {
            return Some(reason);
        }
        let any = |is: fn(&Room) -> bool| quotas().any(|(quota, _)| is(&self.room(question, quota)));
        if any(|room| room.soon) {
            return Some(Reason::TooSoon);
        }
        any(|room| room.paced_out).then_some(Reason::PacedOut)
    }

    /// The moment at which the last of a candidate's quotas lets it pass again, where it lost for spacing or for pacing.
    pub(crate) fn quotas_open_at(&self, question: &Question<'_>, slot: u32, reason: Reason) -> Option<Timestamp> {
        let quotas = self.quotas_of(question, slot, self.profiles.get(slot));
        let mut latest = question.at;
        for quota in quotas.into_iter().filter(|quota| *quota != NONE) {
            let (now, undone) = (self.quota_now(question, quota), self.quota_undone(question, quota));
            let undone = undone.as_slice();
            let known = self.quotas.get(quota);
            let (line, last_at) = known.before(undone);
            let room = known.room(&now, undone);
            if reason == Reason::TooSoon && room.soon {
                latest = latest.max(last_at? + known.spacing);
            }
            if reason == Reason::PacedOut && room.paced_out {
                let periods = known.periods(&now.periods);
                let stands = known.paced().is_some_and(|rule| line.window == periods.of(rule.per));
                latest = latest.max(self.paced_until(quota, &now, if stands { line.left } else { u64::MAX })?);
            }
        }
        Some(latest)
    }

    /// The quotas a candidate's win would fall under, by level; [`NONE`] where there is none.
    fn quotas_of(&self, question: &Question<'_>, slot: u32, profile: &Profile) -> [u32; LEVELS] {
        let ([of_profile, of_group], _) = self.quotas.of_member(self.settings.of(slot));
        let [of_listing, of_seller] = question.selling;
        [of_profile, of_group, self.quotas.of(Owner::Account(profile.buyer)), of_listing, of_seller]
    }

    /// What a quota has room for, asked once or a few times in a decision.
    fn room(&self, question: &Question<'_>, quota: u32) -> Room {
        let known = &question.rooms.0[quota as usize % Rooms::MAX];
        if let Some((_, room)) = known.get().filter(|(slot, _)| *slot == quota) {
            return room;
        }
        let now = self.quota_now(question, quota);
        let room = match question.undone {
            None => self.quotas.get(quota).room(&now, &[]),
            Some(_) => self.quotas.get(quota).room(&now, self.quota_undone(question, quota).as_slice()),
        };
        known.set(Some((quota, room)));
        room
    }

    fn quota_now(&self, question: &Question<'_>, quota: u32) -> Now {
        let mut now = self.quota_now_at(quota, question.at);
        for (hold, taking) in question.undone.into_iter().flat_map(OwnHolds::iter) {
            let is_its_own = match self.quotas.get(quota).owner {
                Owner::Profile { profile, .. } => profile == hold.profile,
                Owner::Account(account) => account == hold.buyer || question.selling[1] == quota,
                Owner::Listing(_) => true,
                Owner::Group(group) => taking.is_some_and(|taking| taking.group == group),
            };
            now.live -= u32::from(is_its_own);
        }
        now
    }

    /// What a quota asks of a moment.
    pub(crate) fn quota_now_at(&self, quota: u32, at: Timestamp) -> Now {
        let known = self.quotas.get(quota);
        let live = match known.owner {
            Owner::Profile { profile, .. } => self.profiles.get(profile).caps.live(),
            owner => self.quotas.live(owner),
        };
        let periods = self.quota_periods(self.accounts.get(known.account).zone, at);
        Now { at, periods, live, open_left: self.open_left(quota, at, &periods) }
    }

    /// The group a profile is in, or [`NONE`].
    #[inline]
    pub(crate) fn group_of(&self, profile: u32) -> u32 {
        self.quotas.group_of(self.settings.of(profile)).0
    }

    /// What of the call's own holds is to be thought away, the last win first.
    fn quota_undone<'a>(&self, question: &Question<'a>, quota: u32) -> UndoneWins<'a> {
        let mut undone = UndoneWins::NONE;
        for (hold, taking) in question.undone.into_iter().flat_map(OwnHolds::iter) {
            let counted = taking.and_then(|taking| {
                let counted = taking.counted.iter().find(|counted| counted.quota == quota)?;
                Some((taking.number, counted))
            });
            let Some((number, counted)) = counted else { continue };
            let price = if hold.revenue_state == HoldState::Held { hold.price } else { Money::ZERO };
            undone.add(Undone { number, counted, price });
        }
        undone
    }

    /// Counts a win under all its quotas. Returns whether anything was counted that must be given back.
    pub(super) fn take_quotas(
        &mut self,
        live: u32,
        at: Timestamp,
        [profile, buyer, seller, listing]: [u32; 4],
        price: Money,
    ) -> bool {
        let ([of_profile, of_group], group) = self.quotas.of_member(self.settings.of(profile));
        self.quotas.begin([buyer, seller, listing, group]);
        let of = |owner| self.quotas.of(owner);
        let (of_buyer, of_listing) = (of(Owner::Account(buyer)), of(Owner::Listing(listing)));
        let quotas = [of_profile, of_group, of_buyer, of_listing, of(Owner::Account(seller))];
        if group == NONE && quotas == [NONE; LEVELS] {
            return false;
        }
        self.quotas.wins += 1;
        let number = self.quotas.wins;
        let mut taking = Taking { number, group, ..Taking::NOTHING };
        for (quota, counted) in quotas.into_iter().zip(&mut taking.counted) {
            if quota == NONE || self.quotas.get(quota).is_empty() {
                continue;
            }
            let mut now = self.quota_now_at(quota, at);
            // The call itself is live by now.
            now.live -= 1;
            *counted = Counted { quota, ..self.quotas.get_mut(quota).take(&now, price, number) };
        }
        self.quotas.set_taking(live, taking);
        true
    }

    /// Gives back what the present winner counted and did not keep.
    pub(crate) fn give_back_quotas(&mut self, live: u32, hold: &Hold, what: GivenBack) {
        if !hold.counted {
            return;
        }
        let taking = *self.quotas.taking(live);
        for counted in taking.counted.iter().filter(|counted| counted.quota != NONE) {
            self.quotas.get_mut(counted.quota).give_back(taking.number, counted, hold.price, what);
        }
    }

    /// The winner's call is over, or came back: everybody who counted it as live counts one less.
    pub(crate) fn free_line(&mut self, live: u32, hold: &Hold) {
        let record = self.calls.record(self.calls.live(live).record);
        let (seller, listing) = (record.seller, record.listing);
        let group = if hold.counted { self.quotas.taking(live).group } else { NONE };
        self.quotas.end([hold.buyer, seller, listing, group]);
    }
}
