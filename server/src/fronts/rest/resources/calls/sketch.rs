//! A call as its own events tell it: what an offer is answered with, without waiting for views that show it.

use dce_engine::event::Event;
use dce_engine::ids::ListingId;
use dce_engine::units::Money;
use dce_runtime::story::CallStory;
use dce_runtime::views::CallView;

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
        quote: None,
        dialed: None,
        changed: done.sequence,
    };
    // The fold of the views.
    let mut story = CallStory::of((on.seller, on.call), CallView::registered(listing), &[]);
    for event in &done.events {
        story.tell(event);
        match *event {
            // Who rings along with the winner is told after it.
            Event::CallDialed { ring_until, destination, .. } if call.dialed.is_none() => {
                call.dialed = Some(Dialed { destination, ring_until });
            }
            Event::CallFellBack { ring_until, destination, .. } => {
                call.dialed = Some(Dialed { destination, ring_until });
            }
            _ => {}
        }
    }
    (call, *story.view())
}
