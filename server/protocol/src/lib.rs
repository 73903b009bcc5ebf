//! The wire frames of the exchange.
#![no_std]
