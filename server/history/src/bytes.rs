//! Rows as bytes: the format first, then fields in a fixed order, big endian.

use dce_engine::ids::{AccountId, ProfileId};
use dce_engine::reason::Reason;
use dce_engine::units::{Money, Timestamp};

/// The format of rows and keys. Another one is made again from the log.
pub(crate) const FORMAT: u8 = 3;

/// Writes a row.
pub(crate) struct Writer(Vec<u8>);

/// Reads a row; `None` where it is not one.
pub(crate) struct Reader<'a>(&'a [u8]);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(vec![FORMAT])
    }

    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn u128(&mut self, value: u128) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn i64(&mut self, value: i64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn at(&mut self, at: Timestamp) {
        self.u64(at.micros());
    }

    pub(crate) fn money(&mut self, amount: Money) {
        self.i64(amount.micros());
    }

    /// One byte for whether it is there, and then what it is.
    pub(crate) fn some<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.u8(value.is_some().into());
        if let Some(value) = value {
            write(self, value);
        }
    }

    pub(crate) fn winner(&mut self, (account, profile): (AccountId, ProfileId)) {
        self.u128(account.0);
        self.u128(profile.0);
    }

    /// 0 for none.
    pub(crate) fn reason(&mut self, reason: Option<Reason>) {
        self.u16(reason.map_or(0, Reason::code));
    }
}

impl<'a> Reader<'a> {
    /// Behind the format, if it is the known one.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let (format, rest) = bytes.split_first()?;
        (*format == FORMAT).then_some(Self(rest))
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.take().map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    pub(crate) fn u128(&mut self) -> Option<u128> {
        self.take().map(u128::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.take().map(i64::from_be_bytes)
    }

    pub(crate) fn at(&mut self) -> Option<Timestamp> {
        self.u64().map(Timestamp::from_micros)
    }

    pub(crate) fn money(&mut self) -> Option<Money> {
        self.i64().map(Money::from_micros)
    }

    pub(crate) fn some<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.u8()? {
            0 => Some(None),
            1 => read(self).map(Some),
            _ => None,
        }
    }

    pub(crate) fn winner(&mut self) -> Option<(AccountId, ProfileId)> {
        Some((AccountId(self.u128()?), ProfileId(self.u128()?)))
    }

    pub(crate) fn reason(&mut self) -> Option<Option<Reason>> {
        match self.u16()? {
            0 => Some(None),
            code => Reason::from_code(code).map(Some),
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}
