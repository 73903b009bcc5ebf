//! What a runtime promises, with a journal that stalls, fails and forgets when told to.

mod answers;
mod faults;
mod passages;
mod replay;
mod support;
mod synchronous;
