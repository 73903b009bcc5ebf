//! How a command becomes bytes, and comes back.

use dce_engine::commands::Command;

/// Turns commands into records and back. One record travels the ring, is applied, and is written to the journal: what
/// the exchange sees live is what a replay will see, so a fault in a codec cannot make the two differ.
///
/// `dce_persistence::record::RecordCodec` is the one to use; a journal of your own names it as its codec.
pub trait Codec: Clone + Send + 'static {
    /// Puts the bytes of `command` at the end of `record`.
    fn encode(&mut self, command: &Command<'_>, record: &mut Vec<u8>);

    /// The command in `record`. Its lists borrow from the record and from this codec.
    ///
    /// # Errors
    ///
    /// When the bytes are no record of a known version and kind. Never a panic, whatever the bytes.
    fn decode<'a>(&'a mut self, record: &'a [u8]) -> Result<Command<'a>, CodecError>;
}

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Fewer bytes than a record has, or more.
    #[error("a record of {found} bytes where its header promises another length")]
    Length {
        /// How many bytes there were.
        found: usize,
    },
    /// Written by a newer program.
    #[error("record version {0} is unknown: it was written by a newer program")]
    Version(u8),
    /// A kind this version does not have.
    #[error("record kind {0} is unknown")]
    Kind(u8),
    /// The header is right and the body is not.
    #[error("the body of a record of kind {0} is malformed")]
    Body(u8),
}
