//! Reading: views and catalog once they show what was asked for, and lists in pages.

use std::sync::Arc;
use std::time::Duration;

use dce_engine::ids::Sequence;
use dce_history::Found;
use dce_runtime::views::Views;
use parking_lot::RwLockReadGuard;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::id::Id;
use super::problem::{Fault, Problem};
use crate::catalog::Catalog;

/// How far ahead of what is published a read may ask for. Beyond that it asks for the future, and is not waited for.
pub(super) const AHEAD_MAX: u64 = 1_024;
/// How often views are looked at while they do not show the wanted place.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Items of a page when nobody says.
const PAGE: usize = 50;
/// Digits of one part of a cursor.
const PART: usize = 32;

/// Parameters of a read.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReadParams {
    /// Whose, where the asker may see several: an operator names the account.
    pub(super) account_id: Option<Id>,
    /// Answer once this place of the log is shown: the `sequence` of an earlier answer.
    pub(super) min_sequence: Option<u64>,
}

/// Parameters of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// Whose, where the asker may see several: an operator names the account.
    pub(super) account_id: Option<Id>,
    /// Answer once this place of the log is shown: the `sequence` of an earlier answer.
    pub(super) min_sequence: Option<u64>,
    /// At most so many items; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<u16>,
    /// Where the last page ended: its `next_cursor`.
    pub(super) cursor: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// In order.
    pub(super) items: Vec<T>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
    /// The place of the log this shows.
    pub(super) sequence: u64,
}

impl App {
    /// The catalog and the views, once both show this place.
    ///
    /// # Errors
    ///
    /// `SequenceNotReached`.
    pub(super) async fn shown(&self, min_sequence: Option<u64>) -> Result<Shown<'_>, Problem> {
        let min_sequence = min_sequence.unwrap_or(0);
        let hub = self.hub();
        if min_sequence > hub.handle.gauges().published().0.saturating_add(AHEAD_MAX) {
            return Err(Fault::SequenceNotReached.into());
        }
        let until = Instant::now() + hub.limits.query_wait_max;
        if !hub.shelf.reach(Sequence(min_sequence), hub.limits.query_wait_max).await {
            return Err(Fault::SequenceNotReached.into());
        }
        loop {
            let views = hub.handle.views();
            if views.sequence().0 >= min_sequence {
                return Ok(Shown { app: self, views });
            }
            if Instant::now() >= until {
                return Err(Fault::SequenceNotReached.into());
            }
            sleep(LOOK_EVERY).await;
        }
    }
}

impl App {
    /// Waits until the catalog shows every name that was defined by now. That it is behind with anything else is no reason
    /// to wait.
    ///
    /// # Errors
    ///
    /// `ServerBusy`, where the catalog is too far behind.
    pub(super) async fn know_names(&self) -> Result<(), Problem> {
        let hub = self.hub();
        let is_shown = hub.shelf.reach(hub.handle.gauges().named(), hub.limits.query_wait_max).await;
        if is_shown { Ok(()) } else { Err(Fault::ServerBusy.into()) }
    }
}

/// What is shown at one moment.
pub(super) struct Shown<'a> {
    app: &'a App,
    pub(super) views: Arc<Views>,
}

impl Shown<'_> {
    /// The catalog. Not to be held over a wait.
    pub(super) fn catalog(&self) -> RwLockReadGuard<'_, Catalog> {
        self.app.hub().shelf.look()
    }

    /// The place of the log that both show.
    pub(super) fn sequence(&self, catalog: &Catalog) -> u64 {
        self.views.sequence().0.min(catalog.sequence.0)
    }
}

impl ListParams {
    /// How many items a page has.
    ///
    /// # Errors
    ///
    /// When that is none, or more than a page may have.
    pub(super) fn limit(&self, app: &App) -> Result<usize, Problem> {
        let most = app.hub().limits.http_page_max;
        let limit = self.limit.map_or_else(|| PAGE.min(most), usize::from);
        if (1..=most).contains(&limit) {
            Ok(limit)
        } else {
            Err(Problem::malformed("limit", &format!("a page has from 1 to {most} items")))
        }
    }

    /// What a cursor of `N` parts says, if there is one.
    ///
    /// # Errors
    ///
    /// `CursorMalformed`.
    pub(super) fn cursor<const N: usize>(&self) -> Result<Option<[u128; N]>, Problem> {
        parts_of(self.cursor.as_deref())
    }
}

/// What a cursor of `N` parts says, if there is one.
///
/// # Errors
///
/// `CursorMalformed`.
pub(super) fn parts_of<const N: usize>(text: Option<&str>) -> Result<Option<[u128; N]>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let malformed = || Problem::from(Fault::CursorMalformed).field("cursor");
    if text.len() != N * PART || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(malformed());
    }
    let mut parts = [0; N];
    for (place, part) in parts.iter_mut().enumerate() {
        let digits = text.get(place * PART..(place + 1) * PART).unwrap_or_default();
        *part = u128::from_str_radix(digits, 16).map_err(|_| malformed())?;
    }
    Ok(Some(parts))
}

impl<T> Page<T> {
    /// What was found in the history.
    pub(super) fn of_past<I, C, const N: usize>(
        found: Found<I, C>,
        sequence: u64,
        place: impl Fn(C) -> [u128; N],
        show: impl FnMut(I) -> T,
    ) -> Self {
        let next_cursor = found.next.map(|next| cursor(&place(next)));
        Self { items: found.items.into_iter().map(show).collect(), next_cursor, sequence }
    }

    /// The first `limit` of what follows; `place` says where an item stands, for the cursor.
    pub(super) fn of<I, const N: usize>(
        found: impl Iterator<Item = I>,
        limit: usize,
        sequence: u64,
        place: impl Fn(&I) -> [u128; N],
        show: impl Fn(I) -> T,
    ) -> Self {
        let (mut items, mut last, mut more) = (Vec::new(), None, false);
        for each in found {
            if items.len() == limit {
                more = true;
                break;
            }
            last = Some(place(&each));
            items.push(show(each));
        }
        let next_cursor = last.filter(|_| more).map(|parts| cursor(&parts));
        Self { items, next_cursor, sequence }
    }
}

/// A cursor's text.
pub(super) fn cursor(parts: &[u128]) -> String {
    parts.iter().map(|part| format!("{part:032x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(cursor: &str) -> ListParams {
        ListParams { cursor: Some(cursor.to_owned()), ..ListParams::default() }
    }

    #[test]
    fn a_list_is_walked_page_by_page_without_a_gap_or_a_repeat() {
        let all: Vec<u128> = (0..7).collect();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let rest = all.iter().copied().filter(|number| after.is_none_or(|after| *number > after));
            let page = Page::of(rest, 3, 1, |number| [*number], |number| number);
            assert!(page.items.len() <= 3);
            seen.extend(page.items);
            let Some(next) = page.next_cursor else { break };
            after = params(&next).cursor::<1>().unwrap().map(|[number]| number);
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_cursor_that_was_changed_is_refused() {
        let text = cursor(&[1, u128::MAX]);
        assert_eq!(params(&text).cursor::<2>().unwrap(), Some([1, u128::MAX]));
        for wrong in ["", "x", &text[1..], &text.replace('f', "+"), &format!("{text}0")] {
            assert!(params(wrong).cursor::<2>().is_err(), "{wrong}");
        }
        assert!(params(&text).cursor::<1>().is_err());
    }
}
