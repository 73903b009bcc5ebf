//! Every bound of the fronts, in one place: each queue, size, depth, rate and time-out has a number here.
//!
//! `server/tests/front/limits.rs` lists a test for each row that exceeds it by one and sees the named outcome. The bounds of a
//! frame and the credit are the protocol's; those of the exchange are `dce_engine::limits`.

use std::time::Duration;

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ty = $value:expr,)+) => {
        /// The bounds of the fronts. Four of them are settings; the others are tuned in tests only.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[doc = $doc])+ pub $name: $kind,)+
        }

        impl Limits {
            /// The names of all bounds, in order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)+];
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $value,)+ }
            }
        }
    };
}

limits! {
    /// Connections at a time, over all workers. One more is refused in its handshake.
    connections_max: usize = 4_096,
    /// Connections at a time from one address. One more is refused in its handshake.
    connections_per_address_max: usize = 1_024,
    /// Handshakes under way. One more is refused: each costs about a millisecond of one core.
    handshakes_max: usize = 1_024,
    /// Handshakes under way above which a newcomer must first prove its address (a QUIC Retry).
    handshakes_unvalidated_max: usize = 128,
    /// How long a handshake may take.
    handshake_time_max: Duration = Duration::from_secs(5),
    /// Streams, and with them sessions, of one connection. The peer's QUIC stack holds one more back.
    streams_per_connection_max: u32 = dce_protocol::STREAMS_MAX,
    /// How long a connection may be without a stream, and a stream without its hello.
    hello_time_max: Duration = Duration::from_millis(dce_protocol::HELLO_TIMEOUT_MS as u64),
    /// Hellos of one connection that may fail, for a wrong key for instance; then the connection is closed.
    hellos_failed_max: u32 = 8,
    /// How often either side says that it is there when it has nothing else to say.
    heartbeat_every: Duration = Duration::from_millis(dce_protocol::HEARTBEAT_MS as u64),
    /// How long a client may be silent, heartbeats included.
    silence_max: Duration = Duration::from_millis(dce_protocol::IDLE_MS as u64),
    /// How long QUIC waits for any packet of a peer.
    idle_time_max: Duration = Duration::from_secs(30),
    /// Bytes of one stream that the client may send ahead of the server's reading.
    stream_window_bytes_max: u32 = 128 * 1_024,
    /// Bytes waiting for one client to read them. A client that leaves more unread is dropped: it is too slow.
    outbox_bytes_max: usize = 1_024 * 1_024,
    /// Commands of one front thread that may be on their way to the exchange.
    commands_in_flight_max: u32 = 16_384,
    /// Bytes of them in the ring to the writer.
    ring_bytes_max: usize = 4 * 1_024 * 1_024,
    /// Events ready for one front thread, and twice as many again; a thread further behind drops its sessions.
    delivery_events_max: usize = 65_536,
    /// How long a command waits for room in the ring to the writer before it is refused as `Busy`.
    submit_wait_max: Duration = Duration::from_millis(200),
    /// How long a query waits for the sequence it asks for.
    query_wait_max: Duration = Duration::from_secs(2),
    /// Open sessions of one account. When it opens one more, its oldest one without a connection is closed.
    sessions_per_account_max: usize = 16,
    /// Recent events kept for clients that come back.
    tail_events_max: usize = 262_144,
    /// Explanations waiting for the one thread that replays the log. One more is refused.
    explains_max: usize = 16,
    /// API keys of an installation, revoked ones included.
    keys_max: usize = 65_536,
    /// How often the file of keys is looked at.
    keys_look_every: Duration = Duration::from_secs(1),
    /// How long the end of a stream, or the last packets of a stop, may take to reach a client.
    farewell_time_max: Duration = Duration::from_secs(1),
    /// Bytes of the head of an HTTP request, and of its list of headers. A longer one is refused, or ends its connection.
    http_header_bytes_max: usize = 16 * 1_024,
    /// Headers of an HTTP/1.1 request. One more is refused.
    http_headers_max: usize = 64,
    /// How long the head of an HTTP request may take to arrive, and an answer to a ping.
    http_header_time_max: Duration = Duration::from_secs(5),
    /// Bytes of an HTTP request's body. A longer one is refused.
    http_body_bytes_max: usize = 64 * 1_024,
    /// How long a body may take to arrive.
    http_body_time_max: Duration = Duration::from_secs(5),
    /// Streams of one HTTP/2 connection at a time.
    http_streams_max: u32 = 64,
    /// How long an answer may be held until there is something to say.
    http_wait_max: Duration = Duration::from_secs(30),
    /// Items of a page.
    http_page_max: usize = 200,
    /// Movements of one statement. A longer one comes in parts.
    http_statement_lines_max: usize = 10_000,
    /// `Idempotency-Key`s whose stamps are remembered. One more forgets the oldest.
    http_keys_max: usize = 65_536,
    /// Sessions that the REST front keeps open. One more takes the place of one that nobody uses.
    http_sessions_max: usize = 4_096,
    /// Spans of traces that wait to be sent. One more is dropped, and counted.
    trace_spans_max: usize = 16_384,
    /// How long a collector may take for a batch of them.
    trace_export_time_max: Duration = Duration::from_secs(5),
    /// How long a stop goes on sending what waits.
    trace_farewell_time_max: Duration = Duration::from_secs(2),
    /// How long a stop waits for the answers that are under way.
    drain_max: Duration = Duration::from_secs(10),
}

impl Limits {
    /// Bytes of one connection that the client may send ahead of the server's reading.
    #[must_use]
    pub const fn connection_window_bytes(&self) -> u32 {
        self.stream_window_bytes_max.saturating_mul(self.streams_per_connection_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_outs_leave_room_for_one_another() {
        let limits = Limits::default();
        // A heartbeat may be late twice before silence is judged, and silence is judged before QUIC gives up.
        assert!(limits.heartbeat_every * 3 <= limits.silence_max);
        assert!(limits.silence_max <= limits.idle_time_max);
        assert!(limits.hello_time_max < limits.silence_max);
        assert!(limits.handshakes_unvalidated_max < limits.handshakes_max);
        assert!(limits.connections_per_address_max <= limits.connections_max);
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Limits::NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Limits::NAMES.len());
    }
}
