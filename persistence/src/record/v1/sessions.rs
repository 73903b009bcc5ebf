//! Sessions opened and closed.

use dce_engine::commands::{CloseSession, OpenSession};
use dce_engine::ids::{AccountId, SessionId};
use rkyv::{Archive, Serialize};

use super::{Body, Lists, Packed, put, whole};

#[derive(Archive, Serialize)]
struct SessionV1 {
    account: u128,
    session: u64,
}

macro_rules! session_only {
    ($($name:ident),+) => {
        $(impl Body<'_> for $name {
            fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
                let &Self { account, session } = self;
                put(&SessionV1 { account: account.0, session: session.0 }, record);
            }

            fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
                let v1 = whole::<ArchivedSessionV1>(body)?;
                Some(Self { account: AccountId(v1.account.to_native()), session: SessionId(v1.session.to_native()) })
            }
        })+
    };
}

session_only!(OpenSession, CloseSession);
