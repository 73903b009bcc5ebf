//! Who trades: accounts, their money and their sessions.

use dce_engine::ids::{AccountId, MovementId, SessionId, ZoneId};
use dce_engine::units::{Money, Timestamp};

use super::{Variant, Workload};
use crate::twin::Twin;
use crate::twin::action::{Action, Role};

impl Workload {
    pub(super) fn open_account(&mut self) -> Action {
        let number = self.random.one(&[1, 2, 4, 5, 6, 11, 13, 14, 15, 16]);
        let mut role = if number < 10 { Role::Buyer } else { Role::Seller };
        let mut account = AccountId(number);
        let zone = ZoneId(self.random.one(&[0, 0, 0, 1, 1, 2, 3, 7]));
        let mut deposit = if self.random.percent(50) { self.purse() } else { Money::ZERO };
        match self.random.below(20) {
            0 => role = Role::Platform,
            1 => account = self.random.one(&[AccountId::PLATFORM, AccountId::WORLD]),
            2 => deposit = self.bad_amount(),
            _ => {}
        }
        Action::OpenAccount { account, role, zone, deposit }
    }

    /// What an account brings with it: little, so that it runs dry.
    pub(super) fn purse(&mut self) -> Money {
        match self.variant {
            Variant::Rich => Money::AMOUNT_MAX,
            Variant::Failing | Variant::Crowd | Variant::Wide => Money::from_units(self.random.one(&[50, 500, 1_000])),
            Variant::Tiny | Variant::Market | Variant::Epoch => {
                Money::from_units(self.random.one(&[3, 5, 10, 25, 100]))
            }
        }
    }

    fn mover(&mut self) -> AccountId {
        match self.random.below(12) {
            0 => AccountId::PLATFORM,
            1 => self.seller(),
            2 if self.random.percent(20) => AccountId::WORLD,
            _ => self.buyer(),
        }
    }

    pub(super) fn movement(&mut self, at: Timestamp) -> MovementId {
        let retention = u64::from(self.variant.capacities().retention_seconds);
        match self.random.below(30) {
            0 => MovementId(u128::from(self.random.below(9))),
            1..4 => MovementId::at(at, self.random.below(20)),
            _ => MovementId::at(self.id_time(at, retention), self.fresh()),
        }
    }

    pub(super) fn deposit(&mut self, at: Timestamp) -> Action {
        let amount = if self.random.percent(2) { self.bad_amount() } else { self.purse() };
        Action::Deposit { account: self.mover(), movement: self.movement(at), amount }
    }

    pub(super) fn withdraw(&mut self, at: Timestamp, twin: &Twin) -> Action {
        let account = self.mover();
        let known = twin.accounts.get(&account);
        let all = known.map_or(Money::ZERO, |known| known.balance - known.held);
        let amount = match self.random.below(10) {
            0 => self.bad_amount(),
            1 => all,
            2 => all + Money::from_micros(1),
            3 => all - self.amount(),
            _ => self.amount(),
        };
        Action::Withdraw { account, movement: self.movement(at), amount }
    }

    fn party(&mut self) -> AccountId {
        if self.random.percent(3) {
            return self.random.one(&[AccountId::PLATFORM, AccountId::WORLD]);
        }
        if self.random.percent(50) { self.buyer() } else { self.seller() }
    }

    pub(super) fn open_session(&mut self, twin: &Twin) -> Action {
        let account = self.party();
        let highest = twin.accounts.get(&account).map_or(0, |known| known.session_highest);
        let session = match self.random.below(10) {
            0 => self.random.below(highest + 1),
            1 => highest,
            2 => highest + 3,
            _ => highest + 1,
        };
        Action::OpenSession { account, session: SessionId(session) }
    }

    /// Those that trade, into zones of which some are not set.
    pub(super) fn set_home(&mut self) -> Action {
        Action::SetHome { account: self.party(), zone: ZoneId(self.random.one(&[0, 1, 1, 2, 3, 7])) }
    }

    /// Seldom one that trades: a market of closed accounts has little to say.
    pub(super) fn close_account(&mut self) -> Action {
        let beside = AccountId(self.random.one(&[4, 5, 6, 13, 14, 15, 16]));
        let account = if self.random.percent(10) { self.party() } else { beside };
        Action::CloseAccount { account }
    }

    pub(super) fn close_session(&mut self, twin: &Twin) -> Action {
        let account = self.party();
        let highest = twin.accounts.get(&account).map_or(0, |known| known.session_highest);
        let session = self.random.below(highest + 2);
        Action::CloseSession { account, session: SessionId(session) }
    }
}
