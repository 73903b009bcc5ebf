//! The exchange as a server.
