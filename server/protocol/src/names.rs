//! Every code a frame may carry, with its name and what to do about it, for people: `1201 AccountUnknown`.

use crate::fault::Fault;

/// A code and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeName {
    /// The code.
    pub code: u16,
    /// Its name, as documentation spells it.
    pub name: &'static str,
    /// What is wrong and what to do, in one sentence.
    pub text: &'static str,
}

/// The name of a code of a refusal, a closing, or a reason.
#[must_use]
pub fn name_of(code: u16) -> Option<CodeName> {
    if let Some(fault) = Fault::from_code(code) {
        return Some(CodeName { code, name: fault.name(), text: fault.text() });
    }
    None
}

/// Every code there is, in order.
pub fn code_names() -> impl Iterator<Item = CodeName> {
    Fault::ALL.iter().map(|fault| CodeName { code: fault.code(), name: fault.name(), text: fault.text() })
}
