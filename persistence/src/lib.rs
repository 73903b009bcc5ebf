//! What makes commands durable.

pub mod record;
