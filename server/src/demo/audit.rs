//! The evening: the log is applied again, the books are added up, and one lost call is chosen to be told about.

use std::path::Path;

use dce_engine::event::{Event, PostingKind};
use dce_engine::explain::{Explanation, Verdict};
use dce_engine::ids::{AccountId, CallId, ProfileId};
use dce_engine::reason::Reason;
use dce_engine::units::Money;
use dce_persistence::{LogError, Replayed};

use crate::cli::Refusal;
use crate::terminal::Console;
use crate::tools::inquiry::inquire;
use crate::tools::log::{Replay, replay_with};
use crate::tools::names::Names;

/// What a replay of the day found.
#[derive(Debug)]
pub(super) struct Audit {
    pub(super) replay: Replay,
    pub(super) calls: u64,
    /// Calls that were sold at least once.
    pub(super) sold: u64,
    pub(super) revenue: Money,
    pub(super) payout: Money,
    pub(super) lost: Option<LostCall>,
}

/// A call somebody did not get, and why.
#[derive(Clone, Debug)]
pub(super) struct LostCall {
    pub(super) seller: AccountId,
    pub(super) call: CallId,
    pub(super) buyer: AccountId,
    pub(super) profile: ProfileId,
    pub(super) sentence: String,
}

/// Losses a trader would ask about, the most telling first: it bid more than the winner, and did not get the call.
const TELLING: [Reason; 5] = [
    Reason::DailyBudgetReached,
    Reason::BalanceTooLow,
    Reason::DailyCapReached,
    Reason::ConcurrencyReached,
    Reason::LostToHigherBid,
];
/// Losses kept to choose from, of each kind.
const KEPT: usize = 4;

/// Applies the log in `directory` again.
pub(super) fn audit(directory: &Path, names: &Names, console: &mut Console) -> Result<Audit, Refusal> {
    let mut books = Books::default();
    let replay = replay_with(directory, None, console, &mut |replayed| books.note(replayed))?;
    // Calls that were decided again later tell another story in the end; the next one is taken then.
    let telling = books.telling.iter().flatten().find_map(|known| known.told(directory, names).transpose());
    let lost = telling.transpose().map_err(|error| crate::tools::refused(&error))?;
    let Books { calls, sold, revenue, payout, .. } = books;
    Ok(Audit { replay, calls, sold, revenue, payout, lost })
}

/// What is added up while the log is applied.
#[derive(Debug, Default)]
struct Books {
    calls: u64,
    sold: u64,
    revenue: Money,
    payout: Money,
    /// For each of `TELLING`.
    telling: [Vec<Telling>; TELLING.len()],
}

/// A loss, before it is put into words.
#[derive(Clone, Copy, Debug)]
struct Telling {
    seller: AccountId,
    call: CallId,
    buyer: AccountId,
    profile: ProfileId,
    reason: Reason,
}

impl Books {
    fn note(&mut self, replayed: &Replayed<'_>) {
        for event in replayed.events {
            match *event {
                Event::CallOffered { .. } => self.calls += 1,
                Event::CallSold { seller, call, attempt: 1, .. } => {
                    self.sold += 1;
                    self.look_for_losers(replayed, seller, call);
                }
                Event::MoneyPosted { posting, amount, .. } => match posting.kind {
                    PostingKind::Revenue => self.revenue = self.revenue + amount,
                    PostingKind::Payout => self.payout = self.payout + amount,
                },
                _ => {}
            }
        }
    }

    fn look_for_losers(&mut self, replayed: &Replayed<'_>, seller: AccountId, call: CallId) {
        if self.telling.iter().all(|kept| kept.len() == KEPT) {
            return;
        }
        let mut said: Vec<Explanation> = Vec::new();
        if replayed.exchange.explain(seller, call, &mut |candidate| said.push(*candidate)).is_err() {
            return;
        }
        let winning = said.iter().find(|said| said.verdict == Verdict::Won).and_then(|won| won.amount);
        for candidate in &said {
            let Verdict::Lost(loss) = candidate.verdict else { continue };
            let Some(kind) = TELLING.iter().position(|reason| *reason == loss.reason) else { continue };
            let outbid = candidate.amount > winning || loss.reason == Reason::LostToHigherBid;
            if outbid && self.telling[kind].len() < KEPT {
                let Explanation { buyer, profile, .. } = *candidate;
                self.telling[kind].push(Telling { seller, call, buyer, profile, reason: loss.reason });
            }
        }
    }
}

impl Telling {
    /// In words, if the last decision about the call was as this one.
    fn told(&self, directory: &Path, names: &Names) -> Result<Option<LostCall>, LogError> {
        let Self { seller, call, buyer, profile, reason } = *self;
        let inquiry = inquire(directory, names, Some(seller), call, &mut |_, _| ())?;
        let last = inquiry.decisions.last();
        let candidate = last.and_then(|decision| {
            decision.candidates.iter().find(|candidate| (candidate.buyer, candidate.profile) == (buyer, profile))
        });
        let case = candidate.and_then(|candidate| candidate.case.as_ref()).filter(|case| case.reason == reason);
        Ok(case.map(|case| LostCall { seller, call, buyer, profile, sentence: case.sentence() }))
    }
}
