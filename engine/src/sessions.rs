//! Streams of stamped commands, and the window in which a retry is recognised.
//!
//! Invariant: numbers accepted in a session only rise; the last [`SESSION_WINDOW`] are remembered with what they were
//! used for.

use crate::collections::{FixedIndex, Key, Slab};
use crate::ids::{Sequence, SessionId};
use crate::limits::{Limits, SESSION_WINDOW};
use crate::reject::Reject;

/// One remembered number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Entry {
    number: u64,
    fingerprint: u64,
    sequence: Sequence,
}

#[derive(Clone, Copy, Debug)]
struct Session {
    account: u32,
    id: SessionId,
    opened: Sequence,
    /// The last entries, going round; `accepted` counts all of them.
    entries: [Entry; SESSION_WINDOW],
    accepted: u64,
}

/// What a stamp turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamped {
    /// New: once the command is accepted, record it under this session slot.
    New(u32),
    /// The same command as the one accepted at this sequence.
    Repeated(Sequence),
}

#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    sessions: Slab<Session>,
    index: FixedIndex,
}

impl Sessions {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self { sessions: Slab::new(limits.sessions_max), index: FixedIndex::new(limits.sessions_max, seed) }
    }

    /// When the session was opened, if it is open.
    pub(crate) fn opened(&self, account: u32, id: SessionId) -> Option<Sequence> {
        Some(self.sessions[self.index.get(key(account, id))?].opened)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.sessions.is_full()
    }

    pub(crate) fn open(&mut self, account: u32, id: SessionId, opened: Sequence) {
        let session = Session { account, id, opened, entries: [Entry::default(); SESSION_WINDOW], accepted: 0 };
        let slot = self.sessions.insert(session).expect("Invariant: judged not full");
        self.index.insert(key(account, id), slot).expect("Invariant: as many as sessions");
    }

    pub(crate) fn close(&mut self, account: u32, id: SessionId) {
        if let Some(slot) = self.index.remove(key(account, id)) {
            self.sessions.remove(slot);
        }
    }

    /// Judges a stamped command by its number and its fingerprint.
    pub(crate) fn judge(&self, account: u32, id: SessionId, number: u64, fingerprint: u64) -> Result<Stamped, Reject> {
        let slot = self.index.get(key(account, id)).ok_or(Reject::SessionUnknown)?;
        let session = &self.sessions[slot];
        if number > session.last().number {
            return Ok(Stamped::New(slot));
        }
        match session.remembered().iter().find(|entry| entry.number == number) {
            Some(entry) if entry.fingerprint == fingerprint => Ok(Stamped::Repeated(entry.sequence)),
            Some(_) => Err(Reject::StampReused),
            None => Err(Reject::StampTooOld),
        }
    }

    pub(crate) fn record(&mut self, slot: u32, number: u64, fingerprint: u64, sequence: Sequence) {
        let session = &mut self.sessions[slot];
        session.entries[(session.accepted % SESSION_WINDOW as u64) as usize] = Entry { number, fingerprint, sequence };
        session.accepted += 1;
    }

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        self.sessions.iter().flat_map(|(slot, session)| {
            let head = [u64::from(slot), u64::from(session.account), session.id.0, session.opened.0, session.accepted];
            let entries =
                session.remembered().iter().flat_map(|entry| [entry.number, entry.fingerprint, entry.sequence.0]);
            head.into_iter().chain(entries)
        })
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.sessions.check()?;
        self.index.check()?;
        let found = |(slot, session): (u32, &Session)| self.index.get(key(session.account, session.id)) == Some(slot);
        if self.index.len() == self.sessions.len() && self.sessions.iter().all(found) {
            Ok(())
        } else {
            Err("sessions: every session is found by its id")
        }
    }
}

impl Session {
    fn remembered(&self) -> &[Entry] {
        &self.entries[..self.accepted.min(SESSION_WINDOW as u64) as usize]
    }

    fn last(&self) -> Entry {
        let place = self.accepted.saturating_sub(1) % SESSION_WINDOW as u64;
        self.entries[place as usize]
    }
}

fn key(account: u32, id: SessionId) -> Key {
    Key { owner: account, id: u128::from(id.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_new_then_a_repeat_then_forgotten() {
        let mut sessions = Sessions::new(&Limits::small(), 7);
        sessions.open(4, SessionId(1), Sequence(1));
        assert_eq!(sessions.judge(4, SessionId(1), 10, 0xa), Ok(Stamped::New(0)));
        sessions.record(0, 10, 0xa, Sequence(2));
        assert_eq!(sessions.judge(4, SessionId(1), 10, 0xa), Ok(Stamped::Repeated(Sequence(2))));
        assert_eq!(sessions.judge(4, SessionId(1), 10, 0xb), Err(Reject::StampReused));
        assert_eq!(sessions.judge(4, SessionId(1), 9, 0xa), Err(Reject::StampTooOld));
        for number in 11..11 + SESSION_WINDOW as u64 {
            sessions.record(0, number, 0xc, Sequence(number));
        }
        assert_eq!(sessions.judge(4, SessionId(1), 10, 0xa), Err(Reject::StampTooOld));
        assert_eq!(sessions.judge(5, SessionId(1), 10, 0xa), Err(Reject::SessionUnknown));
    }
}
