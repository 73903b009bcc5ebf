//! When a marked command passed each stage on its way, for whoever traces it.
//!
//! ```text
//!  submit ──► ring ──► taken ──► judged ──► commit begun ──► durable ──► released ──► port
//! ```
//!
//! Who submits a command may put a [`Mark`] on it. Only then are clocks read and times kept: a command without one costs a
//! look at a bit. The mark means nothing here, and decides nothing: it comes back with the answer and goes to every
//! subscriber with the command's events.

use std::time::Instant;

use dce_engine::ids::Sequence;
use rtrb::Consumer;

/// Bytes of a mark.
pub(crate) const MARK_BYTES: usize = 24;

/// What its submitter knows a command by, as far as it may be anybody's: the ids of a trace and of a span, for instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(pub [u8; MARK_BYTES]);

/// When a marked command passed each stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// As it was submitted.
    pub mark: Mark,
    /// It was its turn: the writer had taken it from its ring, and what fell due before it was done.
    pub taken: Instant,
    /// The exchange had judged it.
    pub judged: Instant,
    /// What made it durable; none where its answer does not wait for that, and where it changed nothing.
    pub commit: Option<Commit>,
    /// It was durable as far as was promised, and left for whoever asked and whoever subscribed.
    pub released: Instant,
}

/// The journal's work on the batch that a command was in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The journal began with it.
    pub begun: Instant,
    /// The device said that it has it.
    pub durable: Instant,
}

/// A marked command when it was taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) mark: Mark,
    pub(crate) at: Instant,
}

/// The same, judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    pub(crate) taken: Taken,
    pub(crate) at: Instant,
}

/// What the journal's thread tells of a batch that a marked command is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Committed {
    pub(crate) first: Sequence,
    pub(crate) last: Sequence,
    pub(crate) commit: Commit,
}

/// What the journal's thread told, as the publisher comes to it.
#[derive(Debug)]
pub(crate) struct Commits {
    told: Consumer<Committed>,
    current: Option<Committed>,
}

impl Judged {
    pub(crate) fn released(self, commit: Option<Commit>) -> Passage {
        let Self { taken, at } = self;
        Passage { mark: taken.mark, taken: taken.at, judged: at, commit, released: Instant::now() }
    }
}

impl Commits {
    pub(crate) const fn new(told: Consumer<Committed>) -> Self {
        Self { told, current: None }
    }

    /// The work on the batch that this place is in, if it was told. Places are asked for in their order.
    pub(crate) fn of(&mut self, sequence: Sequence) -> Option<Commit> {
        while self.current.is_none_or(|known| known.last < sequence) {
            self.current = Some(self.told.pop().ok()?);
        }
        self.current.filter(|known| known.first <= sequence).map(|known| known.commit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtrb::RingBuffer;

    #[test]
    fn a_place_finds_its_own_batch_and_no_other() {
        let (mut tell, told) = RingBuffer::new(4);
        let mut commits = Commits::new(told);
        let begun = Instant::now();
        let commit = Commit { begun, durable: begun };
        for (first, last) in [(3, 5), (9, 9)] {
            tell.push(Committed { first: Sequence(first), last: Sequence(last), commit }).expect("room");
        }
        for (sequence, is_known) in [(2, false), (3, true), (5, true), (6, false), (9, true), (10, false)] {
            assert_eq!(commits.of(Sequence(sequence)).is_some(), is_known, "{sequence}");
        }
    }
}
