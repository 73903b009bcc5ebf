//! How rows are written: each field once here, in order, and once there.

use dce_engine::event::{Posting, PostingKind};
use dce_engine::ids::{AccountId, CallId, ListingId, MovementId, Sequence};
use dce_engine::units::{Millis, Money};
use dce_runtime::story::CallStory;
use dce_runtime::views::{CallState, CallView, RingView};

use crate::bytes::{Reader, Writer};
use crate::lots::{Bid, BidState, CallKey, Lot, LotState};
use crate::read::Told;
use crate::rows::{CallRow, Line, LineKind, LineOf};

const CALL_STATES: [CallState; 7] = [
    CallState::Registered,
    CallState::Quoted,
    CallState::Auction,
    CallState::Dialed,
    CallState::Ringing,
    CallState::Answered,
    CallState::Closed,
];
const LOT_STATES: [LotState; 4] = [LotState::Active, LotState::Completed, LotState::Canceled, LotState::Expired];
const LINE_KINDS: [LineKind; 6] =
    [LineKind::Deposit, LineKind::Withdrawal, LineKind::Held, LineKind::Released, LineKind::Charge, LineKind::Payout];

/// The place of a value in the list of all. Lists grow at their end only, or the format changes.
fn number<T: PartialEq>(all: &[T], value: &T) -> u8 {
    let place = all.iter().position(|known| known == value);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

fn named<T: Copy>(all: &[T], number: u8) -> Option<T> {
    all.get(usize::from(number)).copied()
}

pub(crate) fn write_call(row: &CallRow) -> Vec<u8> {
    let mut to = Writer::new();
    to.u128(row.listing.0);
    to.some(row.reserve, Writer::money);
    to.at(row.known_at);
    to.u64(row.changed.0);
    to.some(row.decided, |to, decided| to.u64(decided.0));
    to.some(row.lot.as_ref(), |to, lot| {
        to.u8(number(&LOT_STATES, &lot.state));
        to.at(lot.opened_at);
        to.at(lot.closes_at);
        to.u32(lot.bids);
        to.some(lot.winner, Writer::winner);
    });
    to.u8(u8::try_from(row.buyers.len()).unwrap_or(u8::MAX));
    for buyer in row.buyers.iter().take(usize::from(u8::MAX)) {
        to.u128(buyer.0);
    }
    write_view(&mut to, row.story.view());
    let beside = row.story.beside();
    to.u8(u8::try_from(beside.len()).unwrap_or(u8::MAX));
    for ring in beside.iter().take(usize::from(u8::MAX)) {
        to.u8(ring.attempt);
        to.u8(ring.destination_index);
        to.u8(number(&CALL_STATES, &ring.state));
        to.winner((ring.buyer, ring.profile));
        to.money(ring.price);
        to.u8(ring.payout_held.into());
    }
    to.done()
}

pub(crate) fn read_call((seller, call): CallKey, bytes: &[u8]) -> Option<CallRow> {
    let mut from = Reader::new(bytes)?;
    let listing = ListingId(from.u128()?);
    let reserve = from.some(Reader::money)?;
    let known_at = from.at()?;
    let changed = Sequence(from.u64()?);
    let decided = from.some(|from| from.u64().map(Sequence))?;
    let lot = from.some(|from| {
        Some(Lot {
            state: named(&LOT_STATES, from.u8()?)?,
            opened_at: from.at()?,
            closes_at: from.at()?,
            bids: from.u32()?,
            winner: from.some(Reader::winner)?,
        })
    })?;
    let buyers = (0..from.u8()?).map(|_| from.u128().map(AccountId)).collect::<Option<Vec<_>>>()?;
    let view = read_view(&mut from, listing)?;
    let beside = (0..from.u8()?).map(|_| read_ring(&mut from)).collect::<Option<Vec<_>>>()?;
    from.end()?;
    let story = CallStory::of((seller, call), view, &beside);
    Some(CallRow { seller, call, listing, reserve, known_at, changed, decided, lot, buyers, story })
}

fn write_view(to: &mut Writer, view: &CallView) {
    to.u8(number(&CALL_STATES, &view.state));
    to.u8(view.attempt);
    to.u8(view.destination_index);
    to.some(view.buyer.zip(view.profile), Writer::winner);
    to.money(view.price);
    to.money(view.payout);
    to.u32(view.bids);
    to.u32(view.connected.0);
    to.reason(view.reason);
    let marks = [view.flagged, view.fell_back, view.revenue_posted, view.payout_held, view.payout_posted];
    to.u8(marks.iter().enumerate().map(|(place, mark)| u8::from(*mark) << place).sum());
}

fn read_view(from: &mut Reader<'_>, listing: ListingId) -> Option<CallView> {
    let (state, attempt, destination_index) = (named(&CALL_STATES, from.u8()?)?, from.u8()?, from.u8()?);
    let (buyer, profile) = from.some(Reader::winner)?.unzip();
    let (price, payout, bids, connected) = (from.money()?, from.money()?, from.u32()?, Millis(from.u32()?));
    let (reason, marks) = (from.reason()?, from.u8()?);
    let mark = |place: u8| marks >> place & 1 == 1;
    Some(CallView {
        listing,
        state,
        attempt,
        destination_index,
        buyer,
        profile,
        price,
        payout,
        bids,
        connected,
        flagged: mark(0),
        fell_back: mark(1),
        reason,
        revenue_posted: mark(2),
        payout_held: mark(3),
        payout_posted: mark(4),
    })
}

fn read_ring(from: &mut Reader<'_>) -> Option<RingView> {
    let (attempt, destination_index, state) = (from.u8()?, from.u8()?, named(&CALL_STATES, from.u8()?)?);
    let (buyer, profile) = from.winner()?;
    let (price, payout_held) = (from.money()?, from.u8()? == 1);
    Some(RingView { attempt, destination_index, state, buyer, profile, price, payout_held })
}

pub(crate) fn write_bid(bid: &Bid) -> Vec<u8> {
    let mut to = Writer::new();
    to.money(bid.amount);
    to.u8(number(&BidState::ALL, &bid.state));
    to.reason(bid.reason);
    to.some(bid.price_to_win, Writer::money);
    to.at(bid.placed_at);
    to.at(bid.expires_at);
    to.done()
}

pub(crate) fn read_bid(bytes: &[u8]) -> Option<Bid> {
    let mut from = Reader::new(bytes)?;
    let bid = Bid {
        amount: from.money()?,
        state: named(&BidState::ALL, from.u8()?)?,
        reason: from.reason()?,
        price_to_win: from.some(Reader::money)?,
        placed_at: from.at()?,
        expires_at: from.at()?,
    };
    from.end().map(|()| bid)
}

pub(crate) fn write_told(told: &Told) -> Vec<u8> {
    let mut to = Writer::new();
    to.reason(Some(told.reason));
    to.some(told.price_to_win, Writer::money);
    to.done()
}

pub(crate) fn read_told(bytes: &[u8]) -> Option<Told> {
    let mut from = Reader::new(bytes)?;
    let told = Told { reason: from.reason()??, price_to_win: from.some(Reader::money)? };
    from.end().map(|()| told)
}

pub(crate) fn write_line(line: &Line) -> Vec<u8> {
    let mut to = Writer::new();
    to.u8(number(&LINE_KINDS, &line.kind));
    to.money(line.amount);
    to.money(line.change);
    to.money(line.balance);
    match line.of {
        LineOf::Movement(movement) => {
            to.u8(0);
            to.u128(movement.0);
        }
        LineOf::Posting(Posting { seller, call, attempt, kind, revision }) => {
            to.u8(if kind == PostingKind::Revenue { 1 } else { 2 });
            to.u128(seller.0);
            to.u128(call.0);
            to.u8(attempt);
            to.u8(revision);
        }
    }
    to.done()
}

/// A line, with what its key says.
pub(crate) fn read_line(key: &[u8], bytes: &[u8]) -> Option<Line> {
    let (at, (sequence, index)) = (crate::keys::time_of(key, 16)?, crate::keys::line_of(key)?);
    let mut from = Reader::new(bytes)?;
    let kind = named(&LINE_KINDS, from.u8()?)?;
    let (amount, change, balance) = (from.money()?, from.money()?, from.money()?);
    let of = match from.u8()? {
        0 => LineOf::Movement(MovementId(from.u128()?)),
        which @ 1..=2 => LineOf::Posting(Posting {
            kind: if which == 1 { PostingKind::Revenue } else { PostingKind::Payout },
            seller: AccountId(from.u128()?),
            call: CallId(from.u128()?),
            attempt: from.u8()?,
            revision: from.u8()?,
        }),
        _ => return None,
    };
    from.end().map(|()| Line { sequence, index, at, kind, amount, change, balance, of })
}

pub(crate) fn write_money(amount: Money) -> Vec<u8> {
    let mut to = Writer::new();
    to.money(amount);
    to.done()
}

pub(crate) fn read_money(bytes: &[u8]) -> Option<Money> {
    let mut from = Reader::new(bytes)?;
    let amount = from.money()?;
    from.end().map(|()| amount)
}

pub(crate) fn write_sums<const N: usize>(sums: &[i64; N]) -> Vec<u8> {
    let mut to = Writer::new();
    for sum in sums {
        to.i64(*sum);
    }
    to.done()
}

pub(crate) fn read_sums<const N: usize>(bytes: &[u8]) -> Option<[i64; N]> {
    let mut from = Reader::new(bytes)?;
    let mut sums = [0; N];
    for sum in &mut sums {
        *sum = from.i64()?;
    }
    from.end().map(|()| sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dce_engine::ids::ProfileId;
    use dce_engine::reason::Reason;
    use dce_engine::units::Timestamp;

    #[test]
    fn rows_read_back_and_what_is_not_one_is_refused() {
        let at = Timestamp::from_micros(9);
        let winner = (AccountId(10), ProfileId(1));
        let lot = Lot { state: LotState::Completed, opened_at: at, closes_at: at, bids: 3, winner: Some(winner) };
        let mut view = CallView::registered(ListingId(1));
        (view.state, view.buyer, view.profile) = (CallState::Ringing, Some(winner.0), Some(winner.1));
        (view.price, view.payout_held, view.reason) = (Money::from_units(6), true, Some(Reason::Completed));
        let ring = RingView {
            attempt: 2,
            destination_index: 1,
            state: CallState::Dialed,
            buyer: winner.0,
            profile: winner.1,
            price: Money::from_units(5),
            payout_held: true,
        };
        let key = (AccountId(20), CallId(7));
        let row = CallRow {
            seller: key.0,
            call: key.1,
            listing: ListingId(1),
            reserve: Some(Money::from_units(2)),
            known_at: at,
            changed: Sequence(4),
            decided: Some(Sequence(3)),
            lot: Some(lot),
            buyers: vec![winner.0],
            story: CallStory::of(key, view, &[ring]),
        };
        let bytes = write_call(&row);
        assert_eq!(format!("{:?}", read_call(key, &bytes).unwrap()), format!("{row:?}"));
        assert!(bytes.len() < 400);
        for wrong in [&bytes[1..], &bytes[..bytes.len() - 1], &[bytes.as_slice(), &[0]].concat(), &[]] {
            assert!(read_call(key, wrong).is_none());
        }
        let bid = Bid {
            amount: Money::from_units(6),
            state: BidState::Lost,
            reason: Some(Reason::LostToHigherBid),
            price_to_win: None,
            placed_at: at,
            expires_at: at,
        };
        assert_eq!(read_bid(&write_bid(&bid)), Some(bid));
        let posting = Posting { seller: key.0, call: key.1, attempt: 1, kind: PostingKind::Payout, revision: 0 };
        let line = Line {
            sequence: Sequence(4),
            index: 2,
            at,
            kind: LineKind::Payout,
            amount: Money::from_units(1),
            change: Money::from_units(-1),
            balance: Money::from_units(5),
            of: LineOf::Posting(posting),
        };
        let place = crate::keys::of(AccountId(0), at, &crate::keys::line_name(Sequence(4), 2));
        assert_eq!(read_line(&place, &write_line(&line)), Some(line));
        assert_eq!(read_sums(&write_sums(&[1, -2, i64::MAX])), Some([1, -2, i64::MAX]));
    }
}
