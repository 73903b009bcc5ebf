//! Calls that ring at several profiles at once: what the picture of such a call does not show, and what it shows next.
//!
//! A call's view is that of one attempt, of several that ring the one with the lowest number, as the exchange shows it. The
//! others are kept here until they are over or it is their turn to be shown.

use std::collections::BTreeMap;

use dce_engine::Exchange;
use dce_engine::event::PostingKind;
use dce_engine::ids::{AccountId, CallId};

use crate::views::{CallState, CallView, RingView};

type Key = (AccountId, CallId);

/// The attempts that ring and are not shown, by call, each call's by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ringing {
    beside: BTreeMap<Key, Vec<RingView>>,
    /// The call whose shown attempt has just failed with no other ringing: what is sold next is shown.
    failed: Option<Key>,
}

impl Ringing {
    pub(crate) fn of(exchange: &Exchange) -> Self {
        let mut beside = BTreeMap::new();
        for (seller, call) in exchange.call_ids() {
            let mut attempts: Vec<RingView> = exchange.rings_beside(seller, call).collect();
            if !attempts.is_empty() {
                attempts.sort_unstable_by_key(|attempt| attempt.attempt);
                beside.insert((seller, call), attempts);
            }
        }
        Self { beside, failed: None }
    }

    /// Of one call: those that ring besides the one shown.
    pub(crate) fn beside_one(key: Key, attempts: &[RingView]) -> Self {
        let mut beside = BTreeMap::new();
        if !attempts.is_empty() {
            beside.insert(key, attempts.to_vec());
        }
        Self { beside, failed: None }
    }

    /// The attempts of a call that ring and are not shown.
    pub(crate) fn of_call(&self, key: Key) -> &[RingView] {
        self.beside.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The call was sold in an attempt. Whether that rings besides the one shown.
    pub(crate) fn sold(&mut self, key: Key, shown: &CallView, sold: RingView) -> bool {
        let is_next = self.failed.take() == Some(key);
        let beside = !is_next && matches!(shown.state, CallState::Dialed | CallState::Ringing);
        if beside {
            self.beside.entry(key).or_default().push(sold);
        }
        beside
    }

    /// An attempt of the call that rings and is not shown.
    pub(crate) fn find(&mut self, key: Key, attempt: u8) -> Option<&mut RingView> {
        self.beside.get_mut(&key)?.iter_mut().find(|ring| ring.attempt == attempt)
    }

    /// What an attempt holds is free again: it rings no more. If it is the one shown, the lowest of the others is shown.
    pub(crate) fn voided(&mut self, key: Key, (kind, attempt): (PostingKind, u8), shown: &mut CallView) {
        if kind == PostingKind::Payout {
            return;
        }
        let Some(attempts) = self.beside.get_mut(&key) else { return };
        if attempt == shown.attempt {
            show(attempts.remove(0), shown);
        } else {
            attempts.retain(|ring| ring.attempt != attempt);
        }
        if attempts.is_empty() {
            self.beside.remove(&key);
        }
    }

    /// An attempt failed; what it held was free before.
    pub(crate) fn failed(&mut self, key: Key, attempt: u8, shown: &CallView) {
        if attempt == shown.attempt {
            self.failed = Some(key);
        }
    }

    /// An attempt is answered: it is shown from now on, and the one shown before is about to end.
    pub(crate) fn answered(&mut self, key: Key, attempt: u8, shown: &mut CallView) {
        let Some(ring) = self.find(key, attempt) else { return };
        let answered = std::mem::replace(ring, hidden(shown));
        show(answered, shown);
    }
}

fn show(ring: RingView, shown: &mut CallView) {
    let RingView { attempt, destination_index, state, buyer, profile, price, payout_held } = ring;
    (shown.attempt, shown.destination_index, shown.state) = (attempt, destination_index, state);
    (shown.buyer, shown.profile, shown.price, shown.payout_held) = (Some(buyer), Some(profile), price, payout_held);
}

/// The shown attempt of a call that rings, as it is kept when another is shown.
fn hidden(shown: &CallView) -> RingView {
    RingView {
        attempt: shown.attempt,
        destination_index: shown.destination_index,
        state: shown.state,
        buyer: shown.buyer.expect("Invariant: a call that rings was sold"),
        profile: shown.profile.expect("Invariant: a call that rings was sold"),
        price: shown.price,
        payout_held: shown.payout_held,
    }
}
