//! What makes commands durable.
