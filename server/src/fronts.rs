//! The ways in and out: one folder a protocol. A front turns its frames into commands and events into its frames, and
//! nothing else; gRPC, WebSocket, ping-post and SIP will lie beside QUIC and REST.

pub(crate) mod quic;
#[cfg(feature = "rest")]
pub(crate) mod rest;
