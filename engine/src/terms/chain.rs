//! Whose hands a call has been through.

use crate::limits::CHAIN_MAX;

/// A call's chain as its candidates are judged by it: which of its nodes are accounts here, and whether it is a loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chain {
    accounts: [u32; CHAIN_MAX],
    count: u8,
    pub(crate) is_loop: bool,
}

impl Chain {
    /// One more of the nodes is an account here.
    pub(crate) fn add(&mut self, account: u32) {
        self.accounts[usize::from(self.count)] = account;
        self.count += 1;
    }

    /// The accounts that had the call, by their slots.
    #[inline]
    pub(crate) fn accounts(&self) -> &[u32] {
        &self.accounts[..usize::from(self.count)]
    }

    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let head = u64::from(self.count) << 1 | u64::from(self.is_loop);
        [head].into_iter().chain(self.accounts().iter().map(|account| u64::from(*account)))
    }
}
