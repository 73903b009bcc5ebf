//! Bid, sell and operate over QUIC.
