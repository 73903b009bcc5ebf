//! Accounts, movements of money, sessions and stamps (sections 2 and 10).

use std::collections::BTreeMap;

use dce_engine::ids::{AccountId, MovementId, SessionId, ZoneId};
use dce_engine::units::{Money, Seconds, Timestamp};

use super::action::{Action, Stamp};
use super::codes::{Refusal, refusal};
use super::outcome::Outcome;
use super::state::{Account, Birth, Movement, Session};
use super::{Done, Twin, Verb};

const SESSION_WINDOW: usize = 64;

impl Twin {
    pub(super) fn open_account(&mut self, action: &Action) -> Verb {
        let Action::OpenAccount { account, role, zone, deposit } = action else { unreachable!() };
        self.must_have_zone(*zone)?;
        let mut sequence = None;
        if let Some(known) = self.accounts.get(account) {
            let birth = known.birth.as_ref().expect("the reserved ids are refused before");
            if birth.body != *action {
                return Err(refusal::ID_CONFLICT);
            }
            sequence = Some(birth.sequence);
        } else {
            if self.accounts.len() >= self.capacities.accounts_max as usize {
                return Err(refusal::ACCOUNTS_FULL);
            }
            self.check_world_has_room(*deposit)?;
            let opened = Account {
                birth: Some(Birth { body: action.clone(), sequence: self.this() }),
                role: *role,
                zone: *zone,
                balance: Money::ZERO,
                held: Money::ZERO,
                expected: Money::ZERO,
                homed: self.this(),
                closed: None,
                sessions: BTreeMap::new(),
                session_highest: 0,
                session_changed: 0,
            };
            self.accounts.insert(*account, opened);
            self.transfer(AccountId::WORLD, *account, *deposit);
        }
        self.tell(Outcome::AccountOpened { account: *account, role: *role });
        if *deposit > Money::ZERO {
            let movement = MovementId(account.0);
            self.tell(Outcome::MoneyDeposited { account: *account, movement, amount: *deposit });
        }
        Ok(sequence.map_or(Done::New, Done::Repeat))
    }

    /// All that goes by local time goes by the clocks there from now on (section 2).
    pub(super) fn set_home(&mut self, account: AccountId, zone: ZoneId) -> Verb {
        let known = self.must_have_account(account)?;
        let (home, homed) = (known.zone, known.homed);
        self.must_have_zone(zone)?;
        if home != zone {
            let this = self.this();
            let known = self.account_mut(account);
            (known.zone, known.homed) = (zone, this);
        }
        self.tell(Outcome::HomeSet { account, zone });
        Ok(if home == zone { Done::Repeat(homed) } else { Done::New })
    }

    fn must_have_zone(&self, zone: ZoneId) -> Result<(), Refusal> {
        if zone == ZoneId(0) || self.zones.contains_key(&zone) { Ok(()) } else { Err(refusal::ZONE_UNKNOWN) }
    }

    /// Nothing begins in its name any more (section 2a).
    pub(super) fn close_account(&mut self, account: AccountId) -> Verb {
        let closed = self.must_have_account(account)?.closed;
        if closed.is_none() {
            if self.profiles.keys().any(|(buyer, _)| *buyer == account) {
                return Err(refusal::ACCOUNT_IN_USE);
            }
            self.account_mut(account).closed = Some(self.this());
        }
        self.tell(Outcome::AccountClosed { account });
        Ok(closed.map_or(Done::New, Done::Repeat))
    }

    /// Something may begin in its name.
    pub(super) fn must_be_open(&self, account: AccountId) -> Result<(), Refusal> {
        if self.account(account).closed.is_some() { Err(refusal::ACCOUNT_CLOSED) } else { Ok(()) }
    }

    pub(super) fn deposit(&mut self, at: Timestamp, action: &Action) -> Verb {
        let Action::Deposit { account, movement, amount } = action else { unreachable!() };
        self.must_have_account(*account)?;
        let first = self.earlier_movement(*account, *movement, action)?;
        if first.is_none() {
            self.must_be_open(*account)?;
            self.check_movement_place(at)?;
            self.check_world_has_room(*amount)?;
            self.remember_movement(at, *account, *movement, action);
            self.transfer(AccountId::WORLD, *account, *amount);
        }
        self.tell(Outcome::MoneyDeposited { account: *account, movement: *movement, amount: *amount });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    pub(super) fn withdraw(&mut self, at: Timestamp, action: &Action) -> Verb {
        let Action::Withdraw { account, movement, amount } = action else { unreachable!() };
        self.must_have_account(*account)?;
        let first = self.earlier_movement(*account, *movement, action)?;
        if first.is_none() {
            let known = self.account(*account);
            if *amount > known.balance - known.held {
                return Err(refusal::BALANCE_INSUFFICIENT);
            }
            self.check_movement_place(at)?;
            self.remember_movement(at, *account, *movement, action);
            self.transfer(*account, AccountId::WORLD, *amount);
        }
        self.tell(Outcome::MoneyWithdrawn { account: *account, movement: *movement, amount: *amount });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    /// Moves money from one balance to another: what one loses the other gets.
    pub(super) fn transfer(&mut self, from: AccountId, to: AccountId, amount: Money) {
        let payer = self.account_mut(from);
        payer.balance = payer.balance - amount;
        let payee = self.account_mut(to);
        payee.balance = payee.balance + amount;
    }

    /// The sequence of the same movement, if it is remembered; a refusal when the id is another one's.
    fn earlier_movement(
        &self,
        account: AccountId,
        movement: MovementId,
        action: &Action,
    ) -> Result<Option<u64>, Refusal> {
        let known = self.movements.iter().find(|known| known.account == account && known.movement == movement);
        match known {
            None => Ok(None),
            Some(known) if known.birth.body == *action => Ok(Some(known.birth.sequence)),
            Some(_) => Err(refusal::ID_CONFLICT),
        }
    }

    fn check_world_has_room(&self, amount: Money) -> Result<(), Refusal> {
        if self.account(AccountId::WORLD).balance - amount < -Money::TOTAL_MAX {
            return Err(refusal::MONEY_FULL);
        }
        Ok(())
    }

    /// There is a place, or the oldest movement is old enough to give its place up.
    fn check_movement_place(&self, at: Timestamp) -> Result<(), Refusal> {
        if self.movements.len() < self.capacities.movements_max as usize {
            return Ok(());
        }
        let kept_for = Seconds(self.capacities.retention_seconds + 60);
        match self.movements.first() {
            Some(oldest) if oldest.entered + kept_for <= at => Ok(()),
            _ => Err(refusal::MOVEMENTS_FULL),
        }
    }

    fn remember_movement(&mut self, at: Timestamp, account: AccountId, movement: MovementId, action: &Action) {
        if self.movements.len() == self.capacities.movements_max as usize {
            self.movements.remove(0);
        }
        let birth = Birth { body: action.clone(), sequence: self.this() };
        self.movements.push(Movement { account, movement, birth, entered: at });
    }

    pub(super) fn open_session(&mut self, account: AccountId, session: SessionId) -> Verb {
        let known = self.must_have_account(account)?;
        let open = known.sessions.get(&session).map(|open| open.opened);
        if open.is_none() {
            if session.0 <= known.session_highest {
                return Err(refusal::SESSION_TOO_OLD);
            }
            let open_everywhere: usize = self.accounts.values().map(|known| known.sessions.len()).sum();
            if open_everywhere >= self.capacities.sessions_max as usize {
                return Err(refusal::SESSIONS_FULL);
            }
            let this = self.this();
            let known = self.account_mut(account);
            known.session_highest = session.0;
            known.session_changed = this;
            known.sessions.insert(session, Session { opened: this, number_highest: 0, recent: Vec::new() });
        }
        self.tell(Outcome::SessionOpened { account, session });
        Ok(open.map_or(Done::New, Done::Repeat))
    }

    pub(super) fn close_session(&mut self, account: AccountId, session: SessionId) -> Verb {
        let known = self.must_have_account(account)?;
        if session.0 == 0 || session.0 > known.session_highest {
            return Err(refusal::SESSION_UNKNOWN);
        }
        let is_open = known.sessions.contains_key(&session);
        let changed = known.session_changed;
        if is_open {
            let this = self.this();
            let known = self.account_mut(account);
            known.sessions.remove(&session);
            known.session_changed = this;
        }
        self.tell(Outcome::SessionClosed { account, session });
        Ok(if is_open { Done::New } else { Done::Repeat(changed) })
    }

    /// A stamped command: found among the last sixty-four it is a repeat, above all of them it is performed.
    pub(super) fn stamped(&mut self, at: Timestamp, speaker: AccountId, stamp: Stamp, action: &Action) -> Verb {
        let known = self.must_have_account(speaker)?;
        let Some(session) = known.sessions.get(&stamp.session) else { return Err(refusal::SESSION_UNKNOWN) };
        if stamp.number <= session.number_highest {
            return match session.recent.iter().find(|(number, _, _)| *number == stamp.number) {
                Some((_, body, sequence)) if body == action => Ok(Done::Repeat(*sequence)),
                Some(_) => Err(refusal::STAMP_REUSED),
                None => Err(refusal::STAMP_TOO_OLD),
            };
        }
        self.perform_stamped(at, action)?;
        let this = self.this();
        let session = self.account_mut(speaker).sessions.get_mut(&stamp.session).expect("just seen");
        session.number_highest = stamp.number;
        session.recent.push((stamp.number, action.clone(), this));
        if session.recent.len() > SESSION_WINDOW {
            session.recent.remove(0);
        }
        Ok(Done::New)
    }
}
