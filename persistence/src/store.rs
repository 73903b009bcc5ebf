//! Where frames are kept: a small trait, so that recovery is proven against a store that lies.

use std::ops::ControlFlow;

use dce_engine::ids::Sequence;
use dce_runtime::JournalFault;

#[cfg(feature = "faults")]
pub mod fake;
pub(crate) mod raw;
pub mod sled;

/// What a log asks of a store: an ordered map from sequence to frame that grows at its end.
///
/// A store is trusted with nothing but [`sync`](Self::sync). Whatever else it does to the frames (loses, doubles,
/// reorders, damages them), recovery notices.
pub trait Store: Send + 'static {
    /// Reads while the store is written, from any thread.
    type Frames: Frames;

    /// A handle to read with.
    fn frames(&self) -> Self::Frames;

    /// Puts a frame behind all others. It need not survive anything until [`sync`](Self::sync) returns.
    ///
    /// # Errors
    ///
    /// When it cannot be written. The store is not used again.
    fn append(&mut self, key: Sequence, frame: &[u8]) -> Result<(), JournalFault>;

    /// Makes everything done so far survive a power cut.
    ///
    /// # Errors
    ///
    /// When the device refuses. The store is not used again: after a failed sync nobody knows what is on the disk.
    fn sync(&mut self) -> Result<(), JournalFault>;

    /// Removes every frame from this key on.
    ///
    /// # Errors
    ///
    /// When it cannot be done. The store is not used again.
    fn cut(&mut self, from: Sequence) -> Result<(), JournalFault>;
}

/// The reading side of a [`Store`].
pub trait Frames: Clone + Send + Sync + 'static {
    /// Hands out the frames from a key on, in the order of their keys, until told to stop.
    ///
    /// # Errors
    ///
    /// When a frame cannot be read.
    fn scan(
        &self,
        from: Sequence,
        each: &mut dyn FnMut(Sequence, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), JournalFault>;

    /// The highest key, if there is any.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn last_key(&self) -> Result<Option<Sequence>, JournalFault>;
}
