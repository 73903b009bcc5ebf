//! The same for a program without the feature `otel`: nothing is traced, and nothing of it is compiled.

use std::convert::Infallible;
#[cfg(feature = "rest")]
use std::time::Instant;

use dce_engine::Receipt;
use dce_engine::commands::Command;
use dce_runtime::{Mark, Passage, Refusal};

/// Nobody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces(());

/// There is none.
#[derive(Debug)]
pub(crate) struct FrontSpan(Infallible);

/// There is none.
#[derive(Debug)]
pub(crate) struct CommandSpan(Infallible);

impl Traces {
    #[cfg(feature = "rest")]
    pub(crate) const fn request(&self, _: crate::http::TraceContext, _: &'static str, _: &str) -> Option<FrontSpan> {
        None
    }

    pub(crate) const fn hello(&self) -> Option<FrontSpan> {
        None
    }

    pub(crate) const fn command(&self, _: &Command<'_>) -> Option<CommandSpan> {
        None
    }

    #[cfg(feature = "rest")]
    pub(crate) const fn command_of_request(&self, _: &Command<'_>) -> Option<CommandSpan> {
        None
    }

    #[cfg(feature = "rest")]
    pub(crate) const fn folded(&self, _: Mark, _: &'static str, _: Instant) {}

    /// Spans that went out, and spans that were dropped.
    #[cfg(feature = "rest")]
    pub(crate) const fn counts(&self) -> Option<(u64, u64)> {
        None
    }
}

impl FrontSpan {
    pub(crate) const fn command(&self, _: &Command<'_>) -> Option<CommandSpan> {
        match self.0 {}
    }

    #[cfg(feature = "rest")]
    pub(crate) async fn around<F: Future>(of: Option<&Self>, work: F) -> F::Output {
        match of {
            Some(of) => match of.0 {},
            None => work.await,
        }
    }

    #[cfg(feature = "rest")]
    pub(crate) const fn answered(self, _: u16) {
        match self.0 {}
    }

    pub(crate) const fn ended(self, _: Option<u16>) {
        match self.0 {}
    }
}

impl CommandSpan {
    pub(crate) const fn mark(&self) -> Mark {
        match self.0 {}
    }

    pub(crate) const fn answered(self, _: &Result<Receipt, Refusal>, _: Option<Passage>) {
        match self.0 {}
    }
}
