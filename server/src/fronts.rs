//! The ways in and out: one folder a protocol. A front turns its frames into commands and events into its frames, and
//! nothing else; REST, gRPC, WebSocket, ping-post and SIP will lie beside QUIC.

pub(crate) mod quic;
