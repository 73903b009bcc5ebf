//! What the protocol itself can object to: one closed list, with codes that never change meaning.
//!
//! Codes 30xx close the stream they are said on; codes 31xx refuse one request and the stream goes on. A closing or a
//! refusal may also carry a code of the engine (1xxx) or of the runtime (2xxx): [`name_of`](crate::name_of) knows them all.

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal => $text:literal,)+) => {
        /// Why a stream is closed (30xx), or one request refused by the protocol (31xx).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum Fault {
            $($(#[doc = $doc])* $name = $code,)+
        }

        impl Fault {
            /// Every fault, in order of code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What is wrong and what to do, in one sentence.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The name, as documentation spells it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }
        }
    };
}

faults! {
    // 300x: the frame is malformed.
    /// The header's length is below a header's own or above the largest frame's.
    LengthOutOfRange = 3001 => "the frame's length is below 12 or above 4,092 bytes",
    /// No frame of this type goes in this direction.
    TypeUnknown = 3002 => "no frame of this type goes in this direction",
    /// The body is shorter or longer than its type and its counts say.
    BodyLengthMismatch = 3003 => "the body is not as long as its type and counts say",
    /// A reserved byte, or a byte of an absent field, is not zero.
    ReservedNotZero = 3004 => "a reserved byte, or a byte of an absent field, is not zero",
    /// A flag this type does not have, or the flag of a value whose presence flag is off.
    FlagUnknown = 3005 => "a flag is set that this type of frame does not have",
    /// A code that is not in its list.
    CodeUnknown = 3006 => "a code is not in the list of its field",
    /// A count above the limit of its list.
    ListTooLong = 3007 => "a list is longer than its limit",
    /// A text that is not UTF-8.
    TextNotUtf8 = 3008 => "a text is not UTF-8",
    /// A number that is zero where one is needed, not zero where none is, not above the one before, or beyond 2⁶³ - 1.
    NumberOutOfOrder = 3009 => "request numbers rise from 1 to 2^63 - 1 on a stream; other frames carry 0",

    // 301x: the session cannot begin, or go on.
    /// Something else came before the hello.
    HelloExpected = 3010 => "the first frame of a stream must be Hello",
    /// The hello did not come in time.
    HelloTimeout = 3011 => "the hello did not come within five seconds",
    /// A second hello on one stream.
    HelloRepeated = 3012 => "a stream takes one hello",
    /// The server does not speak this version.
    VersionUnsupported = 3013 => "this protocol version is not spoken here; use the version of the server's documentation",
    /// No such key, or it was taken back.
    KeyUnknown = 3014 => "the key is not known here; ask the operator for one",
    /// The same session was opened on another stream, which has taken it over.
    SessionTaken = 3015 => "the session was taken over by another stream with the same key and session",
    /// More requests unanswered than the credit.
    CreditExceeded = 3016 => "more requests are unanswered than the credit allows",
    /// The position to resume from lies before what the server still has.
    ResumeTooOld = 3017 => "events since that position are no longer kept; begin from now and read the state by queries",
    /// The position to resume from is of another log, or ahead of this one.
    ResumeElsewhere = 3018 => "the position is of another log or ahead of this one; begin from now",
    /// No key was named, and nobody has said whose the certificate of the connection is, or it was taken back.
    CertificateUnknown = 3019 => "nobody has said whose the client's certificate is; ask an admin to set it by its fingerprint, or name a key",

    // 302x: the server ends it.
    /// The client does not read what it is sent.
    TooSlow = 3020 => "the client does not read fast enough; connect again and resume",
    /// Nothing came from the client for the idle time.
    Idle = 3021 => "nothing came for the idle time; send heartbeats",
    /// The server shuts down.
    ServerStopping = 3022 => "the server is stopping; connect again and resume",
    /// The server, the address or the key has as many connections or streams as it may.
    ConnectionsFull = 3023 => "the limit of connections or streams is reached; close one or try later",
    /// The server failed; what is not answered may or may not have been done.
    ServerFailed = 3024 => "the server failed; connect again, resume, and send what is unanswered again",

    // 31xx: one request is refused.
    /// The key may not do this, or not for this account.
    Forbidden = 3101 => "this key may not do this, or not for this account",
    /// The state did not reach the wanted sequence in time.
    SequenceNotReached = 3102 => "the state has not reached min_sequence in time; ask again",
    /// The call was never seen, or too long ago.
    ExplainUnknown = 3103 => "no decision about this call is kept; ask the operator, who can replay the log",
    /// Too many explanations are being worked out.
    ExplainBusy = 3104 => "too many explanations are being worked out; ask again",
    /// The log could not be replayed up to the decision.
    ExplainFailed = 3105 => "the explanation could not be worked out; the server's log says why",
    /// The exchange had no room for the request for a fraction of a second.
    ServerBusy = 3106 => "the exchange has no room for the request now; ask again a moment later",
}

impl Fault {
    /// The stable code, as it stands on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The fault with this code.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.code() == code)
    }

    /// Whether it closes the stream; otherwise it refuses one request.
    #[must_use]
    pub const fn closes(self) -> bool {
        self.code() < 3100
    }

    /// Whether the same may work later, without the client changing anything: the same request after a refusal, the
    /// same hello after a closing.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::HelloTimeout
                | Self::TooSlow
                | Self::Idle
                | Self::ServerStopping
                | Self::ConnectionsFull
                | Self::ServerFailed
                | Self::SequenceNotReached
                | Self::ExplainBusy
                | Self::ServerBusy
        )
    }
}

impl core::fmt::Display for Fault {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(self.text())
    }
}

impl core::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_rise_and_round_trip() {
        assert!(Fault::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
        for fault in Fault::ALL {
            assert_eq!(Fault::from_code(fault.code()), Some(*fault));
        }
        assert_eq!(Fault::from_code(0), None);
    }
}
