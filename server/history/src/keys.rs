//! Where rows stand. Every table's name begins with the format, so that a key of another one is never taken for ours; parts
//! of keys are big endian, so that their order is the order of what they mean.

use dce_engine::ids::{AccountId, CallId, ProfileId, Sequence};
use dce_engine::units::Timestamp;

use crate::lots::BidKey;

/// When a call became known, by seller and id: where its row stands. Behind the same name, with a buyer and a profile, the
/// candidates without a live bid that were told why they lost: named as a bid would be.
pub(crate) const CALLS: &str = "3c";
/// Calls by the time they became known, without their rows: time, seller, call.
pub(crate) const CALLS_BY_TIME: &str = "3t";
/// The rows of calls, with whoever sold or bought them, so that a page of one's own is read in one go: account, time, seller,
/// call.
pub(crate) const CALLS_OF: &str = "3p";
/// When a bid was placed, by call: seller, call, buyer, profile. Where its row stands.
pub(crate) const BIDS: &str = "3b";
/// Bids by time, without their rows: time, then the name.
pub(crate) const BIDS_BY_TIME: &str = "3u";
/// The rows of bids, with their buyers: buyer, time, then the name.
pub(crate) const BIDS_OF: &str = "3q";
/// Lines of an account's money: account, time, sequence, place among the events.
pub(crate) const LINES: &str = "3l";
/// Accounts and their balances.
pub(crate) const ACCOUNTS: &str = "3a";
/// Calls of an account and a day, counted.
pub(crate) const CALL_DAYS: &str = "3d";
/// Bids of an account and a day, counted.
pub(crate) const BID_DAYS: &str = "3e";
/// What is known of the database itself; of every format.
pub(crate) const META: &str = "meta";
pub(crate) const FORMAT_KEY: &[u8] = b"format";
pub(crate) const POSITION_KEY: &[u8] = b"position";
/// What is older was let go of.
pub(crate) const KEPT_SINCE_KEY: &[u8] = b"kept-since";

/// Every table with rows.
pub(crate) const TABLES: [&str; 10] =
    [CALLS, CALLS_BY_TIME, CALLS_OF, BIDS, BIDS_BY_TIME, BIDS_OF, LINES, ACCOUNTS, CALL_DAYS, BID_DAYS];

/// Beyond every key that begins with this: where it ends with a one more.
pub(crate) fn after_all(prefix: &[u8]) -> Vec<u8> {
    [prefix, &[0xff; 96]].concat()
}

pub(crate) fn call((seller, call): (AccountId, CallId)) -> Vec<u8> {
    [seller.0.to_be_bytes(), call.0.to_be_bytes()].concat()
}

pub(crate) fn bid((buyer, call, seller, profile): BidKey) -> Vec<u8> {
    [seller.0, call.0, buyer.0, profile.0].map(u128::to_be_bytes).concat()
}

/// Beyond a name alone, and before all that is named behind it.
pub(crate) fn behind(name: &[u8]) -> Vec<u8> {
    [name, &[0]].concat()
}

/// What happened at a time, before what is named after it.
pub(crate) fn timed(at: Timestamp, name: &[u8]) -> Vec<u8> {
    [&at.micros().to_be_bytes(), name].concat()
}

/// What an account had to do with at a time.
pub(crate) fn of(account: AccountId, at: Timestamp, name: &[u8]) -> Vec<u8> {
    [&account.0.to_be_bytes()[..], &at.micros().to_be_bytes(), name].concat()
}

pub(crate) fn line_name(sequence: Sequence, index: u16) -> Vec<u8> {
    [&sequence.0.to_be_bytes()[..], &index.to_be_bytes()].concat()
}

pub(crate) fn day(account: AccountId, day: u32) -> Vec<u8> {
    [&account.0.to_be_bytes()[..], &day.to_be_bytes()].concat()
}

/// The last 32 bytes of a key, which name a call.
pub(crate) fn call_of(key: &[u8]) -> Option<(AccountId, CallId)> {
    let [seller, call] = parts(key)?;
    Some((AccountId(seller), CallId(call)))
}

/// The last 64 bytes of a key, which name a bid.
pub(crate) fn bid_of(key: &[u8]) -> Option<BidKey> {
    let [seller, call, buyer, profile] = parts(key)?;
    Some((AccountId(buyer), CallId(call), AccountId(seller), ProfileId(profile)))
}

/// The time at the start of a key, or behind the account.
pub(crate) fn time_of(key: &[u8], behind: usize) -> Option<Timestamp> {
    let bytes = key.get(behind..behind + 8)?.try_into().ok()?;
    Some(Timestamp::from_micros(u64::from_be_bytes(bytes)))
}

/// What a line's key says behind its account and time.
pub(crate) fn line_of(key: &[u8]) -> Option<(Sequence, u16)> {
    let (sequence, index) = key.get(24..34)?.split_at(8);
    let sequence = u64::from_be_bytes(sequence.try_into().ok()?);
    Some((Sequence(sequence), u16::from_be_bytes(index.try_into().ok()?)))
}

pub(crate) fn account_of(key: &[u8]) -> Option<AccountId> {
    Some(AccountId(u128::from_be_bytes(key.get(..16)?.try_into().ok()?)))
}

/// The day at the end of a key.
pub(crate) fn day_of(key: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(key.get(16..20)?.try_into().ok()?))
}

fn parts<const N: usize>(key: &[u8]) -> Option<[u128; N]> {
    let tail = key.get(key.len().checked_sub(N * 16)?..)?;
    let mut found = [0; N];
    for (part, bytes) in found.iter_mut().zip(tail.chunks_exact(16)) {
        *part = u128::from_be_bytes(bytes.try_into().ok()?);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_stand_in_the_order_of_time() {
        let (on, at) = ((AccountId(20), CallId(7)), Timestamp::from_micros(300));
        let name = (AccountId(10), CallId(7), AccountId(20), ProfileId(1));
        assert_eq!(call_of(&of(AccountId(10), at, &call(on))), Some(on));
        assert_eq!(bid_of(&timed(at, &bid(name))), Some(name));
        assert_eq!(time_of(&of(AccountId(10), at, &call(on)), 16), Some(at));
        assert_eq!(line_of(&of(AccountId(1), at, &line_name(Sequence(9), 3))), Some((Sequence(9), 3)));
        assert_eq!(day_of(&day(AccountId(1), 20_000)), Some(20_000));
        assert!(of(AccountId(1), at, &[9; 40]) < of(AccountId(1), Timestamp::from_micros(301), &[0; 40]));
        assert!(
            after_all(&AccountId(1).0.to_be_bytes()) > of(AccountId(1), Timestamp::from_micros(u64::MAX), &[9; 40])
        );
        assert!(after_all(&AccountId(1).0.to_be_bytes()) < of(AccountId(2), at, &[]));
        assert!(TABLES.iter().all(|table| table.as_bytes()[0] == b'0' + crate::bytes::FORMAT));
    }
}
