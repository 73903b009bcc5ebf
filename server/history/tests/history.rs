//! What the history shows of random markets is what their exchanges say.

mod common;

use std::collections::BTreeSet;

use common::{fresh, rows, tell};
use dce_engine::prelude::*;
use dce_history::lots::BidState;
use dce_history::{CallRow, CallStatus, HistoryError, Line, Period};
use dce_tests::workload::Variant;

const LAST: Sequence = Sequence(u64::MAX);

#[test]
fn calls_balances_and_statements_are_what_the_exchange_says_at_that_place() {
    for (variant, seed) in [(Variant::Market, 1), (Variant::Failing, 2), (Variant::Crowd, 3), (Variant::Rich, 4)] {
        let dir = tempfile::tempdir().unwrap();
        let (history, mut recorder) = dce_history::open(dir.path()).unwrap();
        let (mut told, mut sold) = (0_u64, 0);
        tell(variant, seed, &mut |place, command, events, exchange| {
            recorder.fold(place, command, events).unwrap();
            sold += events.iter().filter(|event| matches!(event, Event::CallSold { .. })).count();
            told += 1;
            if told % 400 != 0 {
                return true;
            }
            recorder.commit().unwrap();
            assert_eq!(history.shown(), exchange.sequence());
            assert!(recorder.agrees_with(exchange).unwrap());
            for account in exchange.account_ids() {
                let statement = history.statement(account, Period::ALL, None, usize::MAX).unwrap();
                assert_eq!(statement.opening, Money::ZERO);
                assert_eq!(statement.closing, exchange.account(account).unwrap().balance, "{account:?}");
            }
            for (seller, call) in exchange.call_ids() {
                let row = history.call((seller, call)).unwrap().unwrap();
                let view = exchange.call(seller, call).unwrap();
                // A mark that a report has set is in no event before the call's end.
                let shown = CallView { flagged: view.flagged, ..*row.story.view() };
                assert_eq!(shown, view, "{variant:?} {:?}", place.0);
            }
            true
        });
        assert!(told > 400 && sold > 0, "{variant:?}: {told} commands, {sold} sales");
    }
}

#[test]
fn pages_show_every_row_once_by_time_and_to_its_parties_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (history, _recorder) = fresh(dir.path(), Variant::Market, 5, LAST);
    let every = history.calls((None, Period::ALL), None, usize::MAX, |_| true).unwrap().items;
    assert!(every.len() > 20, "{} calls", every.len());
    let parties: BTreeSet<AccountId> =
        every.iter().flat_map(|row| row.buyers.iter().copied().chain([row.seller])).collect();
    let is_of = |row: &CallRow, party| row.seller == party || row.buyers.contains(&party);
    for party in parties.iter().copied().map(Some).chain([None]) {
        let (mut walked, mut after) = (Vec::new(), None);
        loop {
            let page = history.calls((party, Period::ALL), after, 7, |_| true).unwrap();
            assert!(page.items.len() <= 7);
            walked.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let expected: Vec<_> = every.iter().filter(|row| party.is_none_or(|party| is_of(row, party))).collect();
        assert_eq!(format!("{walked:?}"), format!("{expected:?}"), "{party:?}");
        assert!(walked.is_sorted_by_key(|row| row.known_at));
    }
    let middle = every[every.len() / 2].known_at;
    let first = Period { from: Period::ALL.from, to: middle };
    let second = Period { from: middle, to: Period::ALL.to };
    let count = |period| history.calls((None, period), None, usize::MAX, |_| true).unwrap().items.len();
    assert_eq!(count(first) + count(second), every.len());
    let stranger = AccountId(0x5712_a1f3);
    assert!(history.calls((Some(stranger), Period::ALL), None, 9, |_| true).unwrap().items.is_empty());
    assert!(history.bids((Some(stranger), Period::ALL), None, 9, |_| true).unwrap().items.is_empty());
    assert!(history.lines((stranger, Period::ALL), None, 9, |_| true).unwrap().items.is_empty());
}

#[test]
fn days_count_what_pages_show() {
    let dir = tempfile::tempdir().unwrap();
    let (history, _recorder) = fresh(dir.path(), Variant::Market, 6, LAST);
    let calls = history.calls((None, Period::ALL), None, usize::MAX, |_| true).unwrap().items;
    let days = history.call_days(None, (0, u32::MAX)).unwrap();
    for status in CallStatus::ALL {
        let counted: i64 = days.iter().map(|day| day.counts.of(status)).sum();
        assert_eq!(counted, calls.iter().filter(|row| row.status() == status).count() as i64, "{status:?}");
    }
    let charged = calls.iter().map(|row| row.story.view()).filter(|view| view.revenue_posted);
    let charged = charged.fold(Money::ZERO, |sum, view| sum + view.price);
    assert_eq!(days.iter().fold(Money::ZERO, |sum, day| sum + day.counts.charged()), charged);
    assert!(charged > Money::ZERO);
    let seller = calls[0].seller;
    let of_seller: i64 =
        history.call_days(Some(seller), (0, u32::MAX)).unwrap().iter().map(|day| day.counts.all()).sum();
    assert_eq!(of_seller, calls.iter().filter(|row| row.seller == seller).count() as i64);
    let bids = history.bids((None, Period::ALL), None, usize::MAX, |_| true).unwrap().items;
    let days = history.bid_days(None, (0, u32::MAX)).unwrap();
    assert!(!bids.is_empty());
    for state in BidState::ALL {
        let counted: i64 = days.iter().map(|day| day.counts.of(state)).sum();
        assert_eq!(counted, bids.iter().filter(|(_, bid)| bid.state == state).count() as i64, "{state:?}");
    }
}

#[test]
fn what_is_let_go_of_is_gone_and_the_rest_still_adds_up() {
    let dir = tempfile::tempdir().unwrap();
    let (history, mut recorder) = fresh(dir.path(), Variant::Market, 7, LAST);
    let calls = history.calls((None, Period::ALL), None, usize::MAX, |_| true).unwrap().items;
    let before = calls[calls.len() / 2].known_at;
    let all = rows(&history).len();
    let balances: Vec<_> =
        calls.iter().map(|row| (row.seller, history.balance(row.seller).unwrap().unwrap())).collect();
    let kept = Period { from: before, to: Period::ALL.to };
    let statement = history.statement(AccountId::PLATFORM, kept, None, usize::MAX).unwrap();
    while recorder.let_go(before, 5).unwrap() {}
    assert!(rows(&history).len() < all);
    assert_eq!(history.kept_since(), before);
    let left = history.calls((None, Period::ALL), None, usize::MAX, |_| true).unwrap().items;
    assert_eq!(left.len(), calls.iter().filter(|row| row.known_at >= before).count());
    let lines = history.lines((AccountId::PLATFORM, Period::ALL), None, usize::MAX, Line::is_transfer).unwrap().items;
    assert!(lines.iter().all(|line| line.at >= before));
    assert_eq!(history.statement(AccountId::PLATFORM, kept, None, usize::MAX).unwrap(), statement);
    let gone = history.statement(AccountId::PLATFORM, Period::ALL, None, 9).unwrap_err();
    assert!(matches!(gone, HistoryError::Gone));
    for (account, balance) in balances {
        assert_eq!(history.statement(account, kept, None, usize::MAX).unwrap().closing, balance);
    }
}

#[test]
fn another_logs_history_is_made_anew_and_another_formats_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (history, mut recorder) = fresh(dir.path(), Variant::Market, 8, Sequence(500));
    assert!(recorder.settle(LogId(1), Sequence(500)).unwrap());
    assert!(!rows(&history).is_empty());
    // The log ends before what the history shows: it lost its end, or is another one.
    assert!(!recorder.settle(LogId(1), Sequence(499)).unwrap());
    assert!(rows(&history).is_empty() && history.shown() == Sequence(0));
    drop((history, recorder));

    let (history, mut recorder) = fresh(dir.path(), Variant::Market, 8, Sequence(500));
    recorder.settle(LogId(1), Sequence(500)).unwrap();
    drop((history, recorder));
    // The same length, another story.
    let (history, mut recorder) = fresh(dir.path(), Variant::Market, 9, Sequence(500));
    assert!(!recorder.settle(LogId(1), Sequence(500)).unwrap() && rows(&history).is_empty());
    drop((history, recorder));

    let tables = dce_persistence::tables::Tables::open(dir.path()).unwrap();
    tables.write(vec![dce_persistence::tables::Change::put("meta", b"format", vec![9])]).unwrap();
    drop(tables);
    let refused = dce_history::open(dir.path()).unwrap_err().to_string();
    assert!(refused.contains("format 9") && refused.contains("remove the folder"), "{refused}");
}
