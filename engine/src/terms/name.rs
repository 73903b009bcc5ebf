//! A short text kept by value.

use core::fmt;

use crate::limits::NAME_BYTES_MAX;

/// The name of an attribute or a value: 1 to [`NAME_BYTES_MAX`] bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    length: u8,
    bytes: [u8; NAME_BYTES_MAX],
}

impl Name {
    pub(crate) fn new(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > NAME_BYTES_MAX {
            return None;
        }
        let mut name = Self { length: u8::try_from(text.len()).ok()?, bytes: [0; NAME_BYTES_MAX] };
        name.bytes[..text.len()].copy_from_slice(text.as_bytes());
        Some(name)
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(formatter)
    }
}
