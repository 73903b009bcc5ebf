//! How far a candidate was from passing: asked only when somebody wants an explanation, so that a decision need not know.

use super::Question;
use crate::calls::Hold;
use crate::exchange::Exchange;
use crate::explain::{Distance, Loss};
use crate::profiles::Profile;
use crate::reason::Reason;
use crate::terms::{Known, Test};
use crate::units::{GeoPoint, Metres, Money};

impl Exchange {
    /// The loss, with its distance where the rule has one and did not say it itself.
    pub(crate) fn measured(&self, question: &Question<'_>, slot: u32, loss: Loss) -> Loss {
        let profile = self.profiles.get(slot);
        let distance = match loss.reason {
            Reason::TargetingMismatch => self.off_target(question, slot, &loss),
            Reason::OutsideHours => self.opens_at(profile.hours, profile.zone, question.at).map(Distance::Until),
            Reason::TooSoon | Reason::PacedOut => self.quotas_open_at(question, slot, loss.reason).map(Distance::Until),
            Reason::ConcurrencyReached
            | Reason::HourlyCapReached
            | Reason::DailyCapReached
            | Reason::TotalCapReached => self.calls_taken(question, profile, loss.reason),
            _ => loss.distance,
        };
        Loss { distance, ..loss }
    }

    /// Why an eligible profile lost against the winner of this hold, and by how much.
    pub(crate) fn beaten(&self, hold: &Hold, slot: u32, amount: Money) -> Loss {
        let tier = self.profiles.get(slot).tier;
        let reason = self.lost_to(hold, tier, amount);
        match reason {
            Reason::LostToHigherBid => Loss::short(reason, hold.amount - amount),
            Reason::LostToBetterTier => {
                let tiers = tier - self.profiles.get(hold.profile).tier;
                Loss { distance: Some(Distance::Tiers(tiers)), ..Loss::plain(reason) }
            }
            _ => Loss::plain(reason),
        }
    }

    /// How far the call's number or place lies from what the clause accepts; other clauses know only yes and no, and so
    /// does one that misses the fact. An integer and a point have one clause at most.
    fn off_target(&self, question: &Question<'_>, slot: u32, loss: &Loss) -> Option<Distance> {
        let attribute = loss.attribute?;
        let clause = self.wants.clauses(slot).map(|(clause, _)| clause).find(|clause| clause.attribute == attribute)?;
        match (clause.test, question.facts.known(attribute)) {
            (Test::Range { low, .. }, Known::Number(number)) if number < low => {
                Some(Distance::Number(number.saturating_sub(low)))
            }
            (Test::Range { high, .. }, Known::Number(number)) => {
                Some(Distance::Number(number.saturating_sub(high - 1)))
            }
            (Test::Near { centre, radius }, Known::Place(place)) => {
                Some(Distance::Metres(Metres(radius_reaching(centre, place).0 - radius.0)))
            }
            _ => None,
        }
    }

    /// Of a profile that has not won this call, so nothing counted there is the call's own.
    fn calls_taken(&self, question: &Question<'_>, profile: &Profile, cap: Reason) -> Option<Distance> {
        let (caps, limits) = (&profile.caps, profile.caps.limits());
        let now = question.periods(&self.zones, profile.zone);
        let (taken, most) = match cap {
            Reason::ConcurrencyReached => (caps.live(), limits.concurrency.map(u32::from)),
            Reason::HourlyCapReached => (caps.in_hour(now), limits.hourly),
            Reason::DailyCapReached => (caps.in_day(now), limits.daily),
            _ => (caps.ever(), limits.total),
        };
        Some(Distance::Calls { taken, most: most? })
    }
}

/// The shortest radius around `centre` that reaches `place`, by halving: a longer one never reaches less.
fn radius_reaching(centre: GeoPoint, place: GeoPoint) -> Metres {
    let (mut short, mut long) = (0, u32::MAX);
    while short < long {
        let middle = short + (long - short) / 2;
        if centre.reaches(place, Metres(middle)) {
            long = middle;
        } else {
            short = middle + 1;
        }
    }
    Metres(long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metre_less_would_not_reach() {
        let (boston, providence) = (GeoPoint::new(42_360_100, -71_058_900), GeoPoint::new(41_824_000, -71_412_800));
        let radius = radius_reaching(boston, providence);
        assert!(boston.reaches(providence, radius));
        assert!(!boston.reaches(providence, Metres(radius.0 - 1)));
        assert_eq!(radius_reaching(boston, boston), Metres(0));
    }
}
