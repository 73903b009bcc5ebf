//! A call that nobody buys is dialled at its listing's own address, if it has one: no buyer, no price, nothing held.

use crate::calls::CallState;
use crate::event::{Event, Events};
use crate::exchange::{Exchange, Step};
use crate::limits::FALLBACK_INDEX;
use crate::reason::Reason;
use crate::terms::Clocks;

impl Exchange {
    /// Dials the listing's fallback instead of closing the call unsold for this reason. Whether there is one.
    pub(super) fn fall_back(&mut self, live: u32, step: Step, reason: Reason, events: &mut Events) -> bool {
        let (seller, call) = self.names(live);
        let call_live = self.calls.live_mut(live);
        let record_slot = call_live.record;
        let record = self.calls.record_mut(record_slot);
        let Some(target) = self.delivery.of_listing(record.listing).fallback else { return false };
        record.become_state(CallState::Dialed);
        (record.destination_index, record.changed) = (FALLBACK_INDEX, step.sequence);
        let attempt = record.attempt;
        let call_live = self.calls.live_mut(live);
        call_live.fallback = Some(reason);
        call_live.clocks = Clocks { since_incoming: call_live.clocks.since_incoming, ..Clocks::default() };
        let ring_until = step.at + target.ring;
        self.calls.set_deadline(live, ring_until);
        events.push(Event::CallFellBack {
            seller,
            call,
            reason,
            attempt,
            destination_index: FALLBACK_INDEX,
            ring_until,
            destination: target.destination,
        });
        true
    }
}
