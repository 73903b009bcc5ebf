//! Accounts opened, moved and closed, money in and out.

use dce_engine::commands::{CloseAccount, Deposit, OpenAccount, SetHome, Withdraw};
use dce_engine::event::Role;
use dce_engine::ids::{AccountId, MovementId, ZoneId};
use dce_engine::units::Money;
use rkyv::{Archive, Serialize};

use super::{Body, Lists, Packed, put, whole};

#[derive(Archive, Serialize)]
struct OpenAccountV1 {
    account: u128,
    role: RoleV1,
    zone: u16,
    /// Micro-units.
    deposit: i64,
}

#[derive(Archive, Serialize)]
enum RoleV1 {
    Buyer,
    Seller,
    Platform,
    World,
}

impl Body<'_> for OpenAccount {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { account, role, zone, deposit } = self;
        let role = match role {
            Role::Buyer => RoleV1::Buyer,
            Role::Seller => RoleV1::Seller,
            Role::Platform => RoleV1::Platform,
            Role::World => RoleV1::World,
        };
        put(&OpenAccountV1 { account: account.0, role, zone: zone.0, deposit: deposit.micros() }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedOpenAccountV1>(body)?;
        let role = match v1.role {
            ArchivedRoleV1::Buyer => Role::Buyer,
            ArchivedRoleV1::Seller => Role::Seller,
            ArchivedRoleV1::Platform => Role::Platform,
            ArchivedRoleV1::World => Role::World,
        };
        Some(Self {
            account: AccountId(v1.account.to_native()),
            role,
            zone: ZoneId(v1.zone.to_native()),
            deposit: Money::from_micros(v1.deposit.to_native()),
        })
    }
}

#[derive(Archive, Serialize)]
struct SetHomeV1 {
    account: u128,
    zone: u16,
}

impl Body<'_> for SetHome {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        put(&SetHomeV1 { account: self.account.0, zone: self.zone.0 }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetHomeV1>(body)?;
        Some(Self { account: AccountId(v1.account.to_native()), zone: ZoneId(v1.zone.to_native()) })
    }
}

#[derive(Archive, Serialize)]
struct CloseAccountV1 {
    account: u128,
}

impl Body<'_> for CloseAccount {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        put(&CloseAccountV1 { account: self.account.0 }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedCloseAccountV1>(body)?;
        Some(Self { account: AccountId(v1.account.to_native()) })
    }
}

/// Of a deposit or a withdrawal.
#[derive(Archive, Serialize)]
struct MovementV1 {
    account: u128,
    movement: u128,
    /// Micro-units.
    amount: i64,
}

macro_rules! movement_only {
    ($($name:ident),+) => {
        $(impl Body<'_> for $name {
            fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
                let &Self { account, movement, amount } = self;
                put(&MovementV1 { account: account.0, movement: movement.0, amount: amount.micros() }, record);
            }

            fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
                let v1 = whole::<ArchivedMovementV1>(body)?;
                Some(Self {
                    account: AccountId(v1.account.to_native()),
                    movement: MovementId(v1.movement.to_native()),
                    amount: Money::from_micros(v1.amount.to_native()),
                })
            }
        })+
    };
}

movement_only!(Deposit, Withdraw);
