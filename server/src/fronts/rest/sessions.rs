//! Stamps: commands that carry one go through one session an account, opened when it is first needed.
//!
//! Invariant: numbers of a session rise in the order in which its commands are sent, because both happen under its lock.

use std::collections::VecDeque;
use std::sync::Arc;

use dce_engine::commands::{CloseSession, Command, OpenSession, Stamp};
use dce_engine::ids::{AccountId, SessionId};
use dce_engine::reject::Reject;
use dce_engine::terms::LegReport;
use dce_protocol::Fault as WireFault;
use dce_runtime::Refusal;
use hashbrown::HashMap;
use parking_lot::Mutex;

use super::App;
use super::body::RepeatKey;
use super::door::Done;
use super::id::now_micros;
use super::problem::{Fault, Problem};
use crate::limits::Limits;
use crate::registry::{Kill, LiveSession, Room};

/// The sessions of this front, by account.
#[derive(Debug)]
pub(super) struct Sessions {
    slots: Mutex<HashMap<AccountId, Arc<Slot>>>,
    slots_max: usize,
    keys: Mutex<Keys>,
}

/// An account's session, open or not.
#[derive(Debug, Default)]
struct Slot {
    opened: tokio::sync::Mutex<Option<Opened>>,
}

#[derive(Debug)]
struct Opened {
    session: SessionId,
    /// The last number used.
    number: u64,
    kill: Arc<Kill>,
    /// Counts it among the live ones, so that nobody closes it for want of room.
    _live: LiveSession,
}

/// What was sent under an `Idempotency-Key`: bounded, the oldest forgotten. It may be lost: the engine refuses a bid that is
/// not raised and a report that does not fit, so a forgotten key repeats nothing.
#[derive(Debug)]
struct Keys {
    sent: HashMap<(AccountId, u128), Sent>,
    order: VecDeque<(AccountId, u128)>,
    keys_max: usize,
}

/// What a key chose, so that a repeat of the request is a repeat of the command.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sent {
    stamp: Stamp,
    leg: Option<Leg>,
}

/// The leg that a report was of: by the time of a repeat the call may be on another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leg {
    /// A hash of what was asked.
    pub(super) asked: u64,
    pub(super) report: LegReport,
}

impl Sessions {
    pub(super) fn new(limits: &Limits) -> Self {
        let keys = Keys { sent: HashMap::new(), order: VecDeque::new(), keys_max: limits.http_keys_max };
        Self { slots: Mutex::default(), slots_max: limits.http_sessions_max, keys: Mutex::new(keys) }
    }

    /// The account's slot. Above the bound another one that nobody uses makes room, and is handed back to be closed.
    fn slot(&self, account: AccountId) -> (Arc<Slot>, Option<(AccountId, Arc<Slot>)>) {
        let mut slots = self.slots.lock();
        if let Some(slot) = slots.get(&account) {
            return (Arc::clone(slot), None);
        }
        let mut evicted = None;
        if slots.len() >= self.slots_max {
            let idle = slots.iter().find(|(_, slot)| Arc::strong_count(slot) == 1).map(|(account, _)| *account);
            evicted = idle.and_then(|account| slots.remove_entry(&account));
        }
        let slot = Arc::<Slot>::default();
        slots.insert(account, Arc::clone(&slot));
        (slot, evicted)
    }
}

impl Keys {
    fn remember(&mut self, key: (AccountId, u128), sent: Sent) {
        if self.sent.insert(key, sent).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > self.keys_max {
            if let Some(oldest) = self.order.pop_front() {
                self.sent.remove(&oldest);
            }
        }
    }

    fn forget(&mut self, key: (AccountId, u128)) {
        self.sent.remove(&key);
        self.order.retain(|known| *known != key);
    }
}

impl App {
    /// Whether a command of `account` was sent under this key, and not refused.
    pub(super) fn has_sent(&self, account: AccountId, repeat: RepeatKey) -> bool {
        repeat.key().is_some_and(|key| self.0.sessions.keys.lock().sent.contains_key(&(account, key)))
    }

    /// The leg that a report was of that was sent under this key, when the same was asked.
    pub(super) fn leg_sent(&self, account: AccountId, repeat: RepeatKey, asked: u64) -> Option<LegReport> {
        let sent = self.0.sessions.keys.lock().sent.get(&(account, repeat.key()?)).copied()?;
        sent.leg.filter(|leg| leg.asked == asked).map(|leg| leg.report)
    }

    /// Sends a command of `account` that carries a stamp. The same key chooses the same stamp, so a repeat is known.
    ///
    /// # Errors
    ///
    /// The rule that refused it.
    pub(super) async fn stamped(
        &self,
        account: AccountId,
        repeat: RepeatKey,
        make: impl Fn(Stamp) -> Command<'static>,
    ) -> Result<Done, Problem> {
        self.send(account, repeat, None, make).await
    }

    /// The same, of a report: its leg is kept with the stamp.
    ///
    /// # Errors
    ///
    /// The rule that refused it.
    pub(super) async fn reported(
        &self,
        account: AccountId,
        repeat: RepeatKey,
        leg: Leg,
        make: impl Fn(Stamp) -> Command<'static>,
    ) -> Result<Done, Problem> {
        self.send(account, repeat, Some(leg), make).await
    }

    async fn send(
        &self,
        account: AccountId,
        repeat: RepeatKey,
        leg: Option<Leg>,
        make: impl Fn(Stamp) -> Command<'static>,
    ) -> Result<Done, Problem> {
        let (slot, evicted) = self.0.sessions.slot(account);
        if let Some((account, slot)) = evicted {
            self.close(account, &slot).await;
        }
        let key = repeat.key().map(|key| (account, key));
        let mut tries = 0;
        loop {
            tries += 1;
            let mut opened = slot.opened.lock().await;
            // Another stream took the session over, or an operator closed it.
            if opened.as_ref().is_some_and(|opened| opened.kill.code() != 0) {
                *opened = None;
            }
            if opened.is_none() {
                *opened = Some(self.open(account).await?);
            }
            let Some(session) = opened.as_mut() else { return Err(Fault::ServerStopping.into()) };
            let known = key.and_then(|key| self.0.sessions.keys.lock().sent.get(&key).copied());
            let known = known.map(|sent| sent.stamp).filter(|stamp| stamp.session == session.session);
            let stamp = known.unwrap_or_else(|| {
                session.number += 1;
                Stamp::new(session.session, session.number)
            });
            let entered = self.enter(&make(stamp)).await?;
            // Only now: what found no room, or was given up while it waited for some, is to have a number of its own.
            if let Some(key) = key.filter(|_| known.is_none()) {
                self.0.sessions.keys.lock().remember(key, Sent { stamp, leg });
            }
            drop(opened);
            let answer = entered.answer().await;
            let refused = answer.result.err();
            // What is refused did not use its number up, which is too low for a later try; a number that is refused itself
            // was, by what the key stands for.
            let is_spent = matches!(refused, Some(Refusal::Rejected(Reject::StampReused | Reject::StampTooOld)));
            if let (Some(key), Some(_), false) = (key, refused, is_spent) {
                self.0.sessions.keys.lock().forget(key);
            }
            if refused == Some(Refusal::Rejected(Reject::SessionUnknown)) && tries == 1 {
                *slot.opened.lock().await = None;
                continue;
            }
            return self.done(answer);
        }
    }

    /// Opens a session in the log, where the account has room for it.
    async fn open(&self, account: AccountId) -> Result<Opened, Problem> {
        let (hub, session) = (self.hub(), SessionId(now_micros()));
        let kill = Arc::<Kill>::default();
        let live = hub.registry.take((account, session), Arc::clone(&kill), WireFault::SessionTaken.code());
        match hub.registry.room_for(account, session, &hub.limits) {
            Room::Open | Room::Free => {}
            Room::Close(oldest) => {
                // Whether it is gone or was already is the same to us.
                let _ = self.submit(&CloseSession::new(account, oldest).into()).await;
            }
            Room::None => return Err(Fault::SessionsFull.into()),
        }
        let opened = self.submit(&OpenSession::new(account, session).into()).await;
        if let Err(problem) = opened {
            hub.registry.forget(account, session);
            return Err(problem);
        }
        Ok(Opened { session, number: 0, kill, _live: live })
    }

    /// Closes a session that made room for another.
    async fn close(&self, account: AccountId, slot: &Slot) {
        if let Some(opened) = slot.opened.lock().await.take() {
            let _ = self.submit(&CloseSession::new(account, opened.session).into()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: AccountId = AccountId(10);

    fn sessions() -> Sessions {
        Sessions::new(&Limits { http_keys_max: 2, http_sessions_max: 2, ..Limits::default() })
    }

    #[test]
    fn one_key_more_than_are_remembered_forgets_the_oldest() {
        let sessions = sessions();
        let mut keys = sessions.keys.lock();
        for key in 1..=3 {
            let stamp = Stamp::new(SessionId(1), u64::try_from(key).unwrap());
            keys.remember((ACME, key), Sent { stamp, leg: None });
        }
        assert_eq!(keys.sent.get(&(ACME, 1)), None);
        assert_eq!(keys.sent.get(&(ACME, 3)).map(|sent| sent.stamp), Some(Stamp::new(SessionId(1), 3)));
        keys.forget((ACME, 3));
        assert_eq!((keys.sent.len(), keys.order.len()), (1, 1));
    }

    #[test]
    fn one_session_more_than_the_limit_takes_the_place_of_one_that_nobody_uses() {
        let sessions = sessions();
        let (first, _) = sessions.slot(AccountId(1));
        drop(sessions.slot(AccountId(2)));
        let (_third, evicted) = sessions.slot(AccountId(3));
        assert_eq!(evicted.map(|(account, _)| account), Some(AccountId(2)), "the first is in use");
        assert!(Arc::ptr_eq(&first, &sessions.slot(AccountId(1)).0));
    }
}
