//! Why a command was not carried out: the engine's refusals, and the runtime's own with codes from 2001.

use dce_engine::reject::Reject;

/// Why a command was answered with no.
///
/// Codes 1001 to 1999 are the engine's ([`Reject`]), 2001 to 2999 the runtime's. Codes never change meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The engine's rules say no. Nothing changed.
    Rejected(Reject),
    /// 2001: the journal's reserve is reached. Nothing changed; the same command may be sent again later. It was not looked
    /// at, so a repeat of an accepted command gets this too.
    JournalFull,
    /// 2002: these very bytes made the exchange panic, now or in an earlier life. Nothing changed.
    Quarantined,
    /// 2003: the record cannot be read back, so it could not be replayed either. Nothing changed.
    Unreadable,
    /// 2004: the runtime ended before the command was reached. Nothing changed.
    Stopping,
    /// 2005: the journal failed before the answer was durable. Whether the command survives is not known.
    JournalFailed,
}

/// The runtime's own refusals, in order of their codes: for tables of names.
const OWN: [Refusal; 5] =
    [Refusal::JournalFull, Refusal::Quarantined, Refusal::Unreadable, Refusal::Stopping, Refusal::JournalFailed];

impl Refusal {
    /// Every refusal of the runtime itself, in order of their codes. The engine's are in [`Reject::ALL`].
    pub const OWN: &'static [Self] = &OWN;

    /// The stable code, as it stands on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Rejected(reject) => reject.code(),
            Self::JournalFull => 2001,
            Self::Quarantined => 2002,
            Self::Unreadable => 2003,
            Self::Stopping => 2004,
            Self::JournalFailed => 2005,
        }
    }

    /// The variant's name, as it stands in tables beside the code.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rejected(_) => "Rejected",
            Self::JournalFull => "JournalFull",
            Self::Quarantined => "Quarantined",
            Self::Unreadable => "Unreadable",
            Self::Stopping => "Stopping",
            Self::JournalFailed => "JournalFailed",
        }
    }

    /// What is wrong and what to do, in one sentence.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Rejected(reject) => reject.text(),
            Self::JournalFull => {
                "the journal's reserve of space is reached; free space on its device, then send it again"
            }
            Self::Quarantined => "this command made the exchange panic; report it, and do not send it again",
            Self::Unreadable => "the command's record cannot be read back; client and server disagree on the codec",
            Self::Stopping => {
                "the exchange is stopping and did not look at the command; send it again after the restart"
            }
            Self::JournalFailed => {
                "the journal failed; send the same command again after the restart: if it survived, that is known"
            }
        }
    }

    /// Whether the same command may be accepted later without anybody changing it.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        match self {
            Self::Rejected(reject) => reject.is_transient(),
            Self::JournalFull | Self::Stopping | Self::JournalFailed => true,
            Self::Quarantined | Self::Unreadable => false,
        }
    }
}

impl From<Reject> for Refusal {
    fn from(reject: Reject) -> Self {
        Self::Rejected(reject)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.text())
    }
}

impl std::error::Error for Refusal {}

/// Why a command was not even taken: back-pressure that says which bound was hit. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    /// The port's ring has no room for the record: the writer is behind. Poll for answers, then try again.
    #[error("the ring is full: {free} bytes are free and the command needs {needed}; poll for answers, then try again")]
    RingFull {
        /// Bytes that are free.
        free: usize,
        /// Bytes the command needs.
        needed: usize,
    },
    /// So many commands wait for their answer, or their answer waits to be polled. Poll, then try again.
    #[error("{limit} commands are in flight; poll for their answers, then try again")]
    InFlightFull {
        /// [`Options::in_flight_max`](crate::Options::in_flight_max).
        limit: u32,
    },
    /// The record is longer than any command within the engine's limits. It will not fit later either.
    #[error("the command's record of {bytes} bytes is above the limit of {limit}; send its lists in smaller parts")]
    TooLarge {
        /// The record's length.
        bytes: usize,
        /// [`RING_RECORD_BYTES_MAX`](crate::RING_RECORD_BYTES_MAX).
        limit: usize,
    },
    /// The runtime is stopping, or has ended: see [`Runtime::failure`](crate::Runtime::failure).
    #[error("the exchange is stopping; send the command again after the restart")]
    Stopping,
}

impl Busy {
    /// Whether the same command may be taken by this runtime after some answers were polled.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::RingFull { .. } | Self::InFlightFull { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_codes_count_up_from_2001_and_every_one_says_what_to_do() {
        for (refusal, code) in Refusal::OWN.iter().zip(2001..) {
            assert_eq!(refusal.code(), code);
            assert!(refusal.text().len() > 20, "{} says too little", refusal.name());
        }
    }

    #[test]
    fn the_engine_speaks_through() {
        let refusal = Refusal::from(Reject::BalanceInsufficient);
        assert_eq!((refusal.code(), refusal.text()), (1514, Reject::BalanceInsufficient.text()));
        assert!(refusal.is_transient() && !Refusal::Quarantined.is_transient());
    }
}
