//! What a person at a terminal sees: figures as people write them, frames of painted text, and where they go.
//!
//! A frame is text with paint, not escape codes, so the same frame becomes ANSI on a terminal, plain text in a test,
//! and a picture in the README.

pub(crate) mod figures;
pub(crate) mod frame;
pub(crate) mod screen;
pub(crate) mod svg;

mod console;

pub use console::Console;
