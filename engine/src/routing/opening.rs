//! Opening hours as a moment meets them: a calendar says which local minutes are open, a zone which minute it is.

use crate::calendars::NONE;
use crate::exchange::Exchange;
use crate::ids::ZoneId;
use crate::units::Timestamp;

const MINUTE_MICROS: u64 = 60 * 1_000_000;

impl Exchange {
    /// Whether a calendar is open at this moment; without one it always is.
    #[inline]
    pub(crate) fn is_open(&self, calendar: u32, zone: ZoneId, at: Timestamp) -> bool {
        calendar == NONE || self.calendars.get(calendar).is_open(self.zones.local_micros(zone, at) / MINUTE_MICROS)
    }

    /// The first moment from this one on at which the calendar is open, by the transitions known now. `None` when there
    /// is none up to the end of time.
    pub(crate) fn opens_at(&self, calendar: u32, zone: ZoneId, at: Timestamp) -> Option<Timestamp> {
        let hours = self.calendars.get(calendar);
        let mut from = at;
        loop {
            // What the wall clock shows runs straight on until the next transition, and jumps there.
            let local = self.zones.local_micros(zone, from);
            let until = self.zones.next_transition(zone, from);
            if let Some(minute) = hours.next_open(local / MINUTE_MICROS) {
                // Where the clock stands still before 1970, a minute that is open now is open at once.
                let is_now = minute * MINUTE_MICROS <= local;
                let opens = if is_now { from } else { self.zones.moment_of(zone, from, minute * MINUTE_MICROS) };
                if until.is_none_or(|until| opens < until) {
                    return (opens <= Timestamp::MAX).then_some(opens);
                }
            }
            from = until?;
        }
    }

    /// When a listing that is closed now opens next.
    pub(crate) fn listing_opens_at(&self, listing: u32, at: Timestamp) -> Option<Timestamp> {
        let listing = self.listings.get(listing);
        self.opens_at(listing.hours, self.accounts.get(listing.seller).zone, at)
    }
}
