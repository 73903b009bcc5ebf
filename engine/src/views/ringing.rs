//! The attempts of a call that ring besides the one its view shows: those of a group that dials together.

use crate::calls::{CallState, HoldState};
use crate::exchange::Exchange;
use crate::ids::{AccountId, CallId, ProfileId};
use crate::units::Money;

/// One attempt of several that ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingView {
    /// Its number.
    pub attempt: u8,
    /// Which of the buyer's destinations was dialled last, from 0.
    pub destination_index: u8,
    /// Dialled or ringing.
    pub state: CallState,
    /// Who has the call if it is answered there.
    pub buyer: AccountId,
    /// With which profile.
    pub profile: ProfileId,
    /// At what price.
    pub price: Money,
    /// Whether what the seller is promised is set aside for it, too.
    pub payout_held: bool,
}

impl Exchange {
    /// The attempts of a call that ring besides the one that [`Exchange::call`] shows, in no order that means anything.
    pub fn rings_beside(&self, seller: AccountId, call: CallId) -> impl Iterator<Item = RingView> + '_ {
        let record = self.accounts.find(seller).ok().and_then(|seller| self.calls.find(seller, call));
        let live = record.and_then(|record| self.calls.record(record).live());
        let attempts = live.map_or(&[][..], |live| self.calls.beside(live));
        attempts.iter().flatten().map(|attempt| RingView {
            attempt: attempt.attempt,
            destination_index: attempt.destination_index,
            state: attempt.state,
            buyer: self.accounts.get(attempt.hold.buyer).id,
            profile: attempt.profile,
            price: attempt.hold.price,
            payout_held: attempt.hold.payout_state == HoldState::Held,
        })
    }
}
