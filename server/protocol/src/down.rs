//! Frames from the server to a client: the session's own, answers, and events.

use crate::codes::{CallState, KeyRole, Role};
use crate::element::Verdict;
use crate::event::EventFrame;
use crate::fault::Fault;
use crate::frames::frames;
use crate::list::{List, Text};
use crate::sink::Sink;
use crate::{REASON_BYTES_MAX, VERDICTS_MAX};

frames! {
    /// A frame from server to client.
    enum Down<'a>, prefix (), and
        /// Something happened that concerns the account, or came of a request of this stream.
        Event(EventFrame<'a>);

    // 0x8_: the session.

    /// The session is open: the first frame of a stream that is not refused.
    Welcome = 0x81 false {
        /// The version of the protocol spoken: that of the hello.
        version: u16,
        /// The account the key belongs to.
        account: u128,
        /// What the key may do.
        role: KeyRole,
        /// Requests that may be unanswered.
        credit: u16,
        /// The most bytes of a frame, header included.
        frame_max: u32,
        /// Send something at least this often.
        heartbeat: u32 ["milliseconds"],
        /// Give the server up after so long without a frame from it; it does the same.
        idle: u32 ["milliseconds"],
        /// The log: a position of another log means nothing here.
        log: u128,
        /// The log's durable sequence as the session was opened. Without a resume position, events after it follow.
        sequence: u64,
        /// The log's time of that sequence, in microseconds since 1970.
        at: u64,
    }
    /// Says that the server is there, and how far the events have come.
    Heartbeat = 0x82 false {
        /// All events for this stream up to and including this sequence have been sent.
        sequence: u64,
        /// The log's time of that sequence, in microseconds since 1970.
        at: u64,
    }
    /// The last frame of a stream: why it ends.
    Closing<'a> = 0x83 false {
        /// A code of the tables of codes.
        code: u16,
        ;
        /// One sentence for people; programs go by the code.
        reason: Text[REASON_BYTES_MAX],
    }

    // 0x88 to 0x9f: answers.

    /// The command was accepted, and is durable as the server's durability promises.
    Accepted = 0x88 true {
        /// Its place in the log; of a repeat, that of the first.
        sequence: u64,
        /// When it was applied, in microseconds since 1970; of a repeat, the log's time as it was judged.
        at: u64,
        /// How many event frames of this answer were sent on this stream before it.
        events: u16,
        /// The same command had been accepted before: nothing changed now.
        repeated: bool,
    }
    /// The request was refused: nothing changed.
    Refused = 0x89 true {
        /// A code of the tables of codes.
        code: u16,
        /// Whether the same may be accepted later without the client changing anything.
        transient: bool,
    }
    /// Answers `QueryBalance`.
    Balance = 0x90 true {
        /// The state's place in the log.
        sequence: u64,
        /// The account.
        account: u128,
        /// What it is for.
        role: Role,
        /// Its home.
        zone: u16,
        /// What came in less what went out.
        balance: i64 ["micro-units"],
        /// Set aside for postings that may come: balance less held can be spent.
        held: i64 ["micro-units"],
        /// Set aside by others in its favour.
        expected: i64 ["micro-units"],
    }
    /// Answers `QueryCall`.
    Call = 0x91 true {
        /// The state's place in the log.
        sequence: u64,
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// What it was sold under.
        listing: u128,
        /// How far it has come.
        state: CallState,
        /// The present attempt: of several that ring the lowest, else the one that failed last; 0 before a sale.
        attempt: u8,
        /// Which destination was dialled last, from 0; 255: nobody bought it, and its listing's fallback has or had it.
        destination_index: u8,
        /// Who bought it last; absent before a sale.
        buyer: Option<u128>,
        /// With which profile; absent before a sale.
        profile: Option<u128>,
        /// At what price; absent before a sale, and for whom it does not concern.
        price: Option<i64> ["micro-units"],
        /// What the seller is promised; absent before a sale, and for whom it does not concern.
        payout: Option<i64> ["micro-units"],
        /// Profiles that had bid live when its auction closed.
        bids: u32,
        /// How long caller and buyer talked.
        connected: u32 ["milliseconds"],
        /// The reason's code with which it closed; absent while it lives.
        reason: Option<u16>,
        /// A reporter's clock ran further than the log's.
        flagged: bool,
        /// The buyer paid.
        revenue_posted: bool,
        /// The seller was paid.
        payout_posted: bool,
    }
    /// Answers `QueryExplain`: one frame or several, the last without `more`.
    Explained<'a> = 0x92 true {
        /// The place in the log of the decision explained.
        sequence: u64,
        /// Candidates in all frames of this answer together.
        total: u32,
        /// Another frame of this answer follows.
        more: bool,
        ;
        /// What the rules say of each.
        verdicts: List[Verdict, VERDICTS_MAX],
    }
    /// Answers `QueryPosition`.
    Position = 0x93 true {
        /// The log's durable sequence.
        sequence: u64,
        /// Its time, in microseconds since 1970.
        at: u64,
    }
}

impl<'a> Down<'a> {
    /// Reads a whole frame, as [`split`](crate::split) cuts it: its number and what it says. The number is that of the
    /// request answered; of an event its sequence; of the session's own frames 0. Lists borrow from `frame`.
    ///
    /// # Errors
    ///
    /// A fault with a code 3001 to 3009: the stream cannot be understood and is to be given up.
    #[inline]
    pub fn decode(frame: &'a [u8]) -> Result<(u64, Self), Fault> {
        Self::read(frame, &mut ())
    }

    /// Writes it into `sink`, and says how many bytes it took. `number` is the answered request's; 0 for welcome,
    /// heartbeat and closing; of an event it is not looked at, for that is its sequence.
    #[inline]
    pub fn encode(&self, number: u64, sink: &mut impl Sink) -> usize {
        self.write(number, (), sink)
    }

    /// Whether it is the last frame of the answer to its number.
    #[must_use]
    pub const fn ends_answer(&self) -> bool {
        match self {
            Self::Welcome(_) | Self::Heartbeat(_) | Self::Closing(_) | Self::Event(_) => false,
            Self::Explained(explained) => !explained.more,
            Self::Accepted(_) | Self::Refused(_) | Self::Balance(_) | Self::Call(_) | Self::Position(_) => true,
        }
    }
}
