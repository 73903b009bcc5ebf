//! The surface: every command and query of the exchange, and by which front it can be asked.
//!
//! One source. `docs/surface.md` is generated from it (`server/tests/surface.rs`), a front's own table is held against it,
//! and a row that is missing, or a cell that gives neither a way in nor a reason, does not compile.

mod rows;

pub use rows::{WANTED, row};

use crate::identity::Action;

/// A way into the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// The binary protocol over QUIC.
    Quic,
    /// HTTP under `/api/v1`.
    Rest,
    /// gRPC.
    Grpc,
    /// The bidders' WebSocket.
    WebSocket,
    /// Pings and posts over HTTP.
    PingPost,
    /// Telephone calls.
    Sip,
}

/// How something can be asked through a front, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// By this frame of the protocol.
    Frame(&'static str),
    /// By these requests: method, a blank, and the path below `/api/v1`.
    Routes(&'static [&'static str]),
    /// Not yet, and why.
    Later(&'static str),
    /// Not at all, and why.
    Never(&'static str),
}

/// One row: a cell for each of [`Front::ALL`], in that order.
pub type Row = [Cell; Front::ALL.len()];

impl Front {
    /// Every front, in the order of the table's columns.
    pub const ALL: [Self; 6] = [Self::Quic, Self::Rest, Self::Grpc, Self::WebSocket, Self::PingPost, Self::Sip];

    /// As its column is headed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quic => "QUIC",
            Self::Rest => "REST",
            Self::Grpc => "gRPC",
            Self::WebSocket => "WebSocket",
            Self::PingPost => "ping-post",
            Self::Sip => "SIP",
        }
    }
}

impl Cell {
    /// Whether it says how, or why not.
    const fn is_filled(self) -> bool {
        match self {
            Self::Frame(text) | Self::Later(text) | Self::Never(text) => !text.is_empty(),
            Self::Routes(routes) => !routes.is_empty(),
        }
    }
}

/// Every route of REST in the table, each once for each row that names it.
pub fn routes() -> impl Iterator<Item = (Action, &'static str)> {
    Action::ALL.iter().flat_map(|action| {
        let routes = match row(*action)[Front::Rest as usize] {
            Cell::Routes(routes) => routes,
            Cell::Frame(_) | Cell::Later(_) | Cell::Never(_) => &[],
        };
        routes.iter().map(move |route| (*action, *route))
    })
}

// The build ends here where a cell is empty.
const _: () = {
    let mut place = 0;
    while place < Action::ALL.len() {
        let row = row(Action::ALL[place]);
        let mut column = 0;
        while column < row.len() {
            assert!(row[column].is_filled(), "an empty cell of the surface table: give a way in, or the reason");
            column += 1;
        }
        place += 1;
    }
    let mut place = 0;
    while place < WANTED.len() {
        assert!(!WANTED[place].1.is_empty(), "what is wanted and not there needs its reason");
        place += 1;
    }
};
