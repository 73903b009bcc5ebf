//! A call as its own events tell it: what an offer is answered with, without waiting for views that show it.

use dce_engine::event::Event;
use dce_engine::ids::ListingId;
use dce_engine::units::Money;
use dce_runtime::views::{CallState, CallView};

use crate::catalog::{Call, Dialed};
use crate::fronts::rest::door::Done;
use crate::fronts::rest::id::CallRef;

/// The call that these events made and decided, as views and catalog will show it.
pub(super) fn sketch(on: CallRef, listing: ListingId, reserve: Option<Money>, done: &Done) -> (Call, CallView) {
    let mut call = Call {
        seller: on.seller,
        call: on.call,
        listing,
        reserve,
        known_at: done.at,
        auction: None,
        buyers: Vec::new(),
        facts: Vec::new(),
        dialed: None,
        changed: done.sequence,
    };
    let mut view = CallView::registered(listing);
    for event in &done.events {
        tell(event, &mut call, &mut view);
    }
    (call, view)
}

fn tell(event: &Event, call: &mut Call, view: &mut CallView) {
    match *event {
        // Who rings along with the winner is told after it.
        Event::CallSold { buyer, profile, attempt, price, payout, .. } if view.buyer.is_none() => {
            view.state = CallState::Dialed;
            (view.buyer, view.profile, view.attempt) = (Some(buyer), Some(profile), attempt);
            (view.price, view.payout) = (price, payout);
        }
        Event::CallDialed { destination_index, ring_until, destination, .. } if call.dialed.is_none() => {
            view.destination_index = destination_index;
            call.dialed = Some(Dialed { destination, ring_until });
        }
        Event::CallFellBack { attempt, destination_index, ring_until, destination, .. } => {
            (view.state, view.fell_back) = (CallState::Dialed, true);
            (view.attempt, view.destination_index) = (attempt, destination_index);
            call.dialed = Some(Dialed { destination, ring_until });
        }
        Event::CallUnsold { reason, .. } => (view.state, view.reason) = (CallState::Closed, Some(reason)),
        _ => {}
    }
}
