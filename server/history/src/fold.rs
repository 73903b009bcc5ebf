//! From one command of the log and its events to the rows they change.

use dce_engine::commands::Command;
use dce_engine::event::{Event, PostingKind};
use dce_engine::ids::{AccountId, Sequence};
use dce_engine::units::{Money, Timestamp};
use dce_runtime::story::{CallStory, Transfer, subject_of};

use crate::HistoryError;
use crate::lots::{self, Bid, BidKey, CallKey, Lot, LotRows};
use crate::pending::Pending;
use crate::read::Told;
use crate::rows::{CallRow, Line, LineKind, LineOf};

/// Folds one command of the log.
pub(crate) fn fold(
    pending: &mut Pending,
    (sequence, at): (Sequence, Timestamp),
    command: &Command<'_>,
    events: &[Event],
) -> Result<(), HistoryError> {
    for (index, event) in events.iter().enumerate() {
        let place = Place { sequence, at, index: u16::try_from(index).unwrap_or(u16::MAX) };
        place.fold(pending, event)?;
    }
    fold_reserve(pending, command)
}

/// The place of an event.
#[derive(Clone, Copy)]
struct Place {
    sequence: Sequence,
    at: Timestamp,
    index: u16,
}

impl Place {
    fn fold(self, pending: &mut Pending, event: &Event) -> Result<(), HistoryError> {
        self.fold_money(pending, event)?;
        self.fold_call(pending, event)?;
        let mut rows = Rows { pending, fault: None };
        lots::tell(&mut rows, self.at, event);
        rows.fault.map_or(Ok(()), Err)?;
        if let Event::BidLost { seller, call, buyer, profile, reason, price_to_win } = *event {
            let key = (buyer, call, seller, profile);
            if pending.known_bid(key)?.is_none() && pending.call((seller, call))?.is_some() {
                pending.tell(key, Told { reason, price_to_win });
            }
        }
        Ok(())
    }

    fn fold_call(self, pending: &mut Pending, event: &Event) -> Result<(), HistoryError> {
        let Some(key) = subject_of(event) else { return Ok(()) };
        let found = pending.call(key)?;
        match found {
            Some(row) => row.story.tell(event),
            None => *found = CallStory::begun_by(event).map(|story| self.new_call(key, story)),
        }
        let Some(row) = found else { return Ok(()) };
        row.changed = self.sequence;
        match *event {
            Event::CallSold { buyer, .. } | Event::CallReserved { buyer, .. } => {
                row.decided = Some(self.sequence);
                if !row.buyers.contains(&buyer) {
                    row.buyers.push(buyer);
                }
            }
            Event::CallUnsold { .. } | Event::CallFellBack { .. } | Event::QuoteDeclined { .. } => {
                row.decided = Some(self.sequence);
            }
            _ => {}
        }
        Ok(())
    }

    fn new_call(self, (seller, call): CallKey, story: CallStory) -> CallRow {
        let (listing, buyers) = (story.view().listing, Vec::new());
        let (known_at, changed) = (self.at, self.sequence);
        CallRow { seller, call, listing, reserve: None, known_at, changed, decided: None, lot: None, buyers, story }
    }

    fn fold_money(self, pending: &mut Pending, event: &Event) -> Result<(), HistoryError> {
        match *event {
            Event::AccountOpened { account, .. } => {
                let balance = pending.balance(account)?;
                pending.set_balance(account, balance);
            }
            Event::MoneyHeld { posting, debit, amount, .. } => {
                self.line(pending, debit, (LineKind::Held, amount, Money::ZERO), LineOf::Posting(posting))?;
            }
            Event::MoneyVoided { posting, debit, amount, .. } => {
                self.line(pending, debit, (LineKind::Released, amount, Money::ZERO), LineOf::Posting(posting))?;
            }
            Event::MoneyDeposited { movement, .. } => {
                self.transfer(pending, event, LineKind::Deposit, LineOf::Movement(movement))?;
            }
            Event::MoneyWithdrawn { movement, .. } => {
                self.transfer(pending, event, LineKind::Withdrawal, LineOf::Movement(movement))?;
            }
            Event::MoneyPosted { posting, .. } => {
                let kind = if posting.kind == PostingKind::Payout { LineKind::Payout } else { LineKind::Charge };
                self.transfer(pending, event, kind, LineOf::Posting(posting))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn transfer(self, pending: &mut Pending, event: &Event, kind: LineKind, of: LineOf) -> Result<(), HistoryError> {
        let Some(Transfer { debit, credit, amount }) = Transfer::of(event) else { return Ok(()) };
        self.line(pending, debit, (kind, amount, -amount), of)?;
        self.line(pending, credit, (kind, amount, amount), of)
    }

    fn line(
        self,
        pending: &mut Pending,
        account: AccountId,
        (kind, amount, change): (LineKind, Money, Money),
        of: LineOf,
    ) -> Result<(), HistoryError> {
        let Self { sequence, at, index } = self;
        let balance = pending.balance(account)? + change;
        pending.set_balance(account, balance);
        pending.line(account, Line { sequence, index, at, kind, amount, change, balance, of });
        Ok(())
    }
}

/// What only commands say: the least price.
fn fold_reserve(pending: &mut Pending, command: &Command<'_>) -> Result<(), HistoryError> {
    let (key, reserve) = match *command {
        Command::QuoteCall(ref said) => ((said.seller, said.call), said.reserve),
        Command::OfferCall(ref said) => ((said.seller, said.call), said.reserve),
        Command::OpenAuction(said) => ((said.seller, said.call), said.reserve),
        _ => return Ok(()),
    };
    if reserve.is_some()
        && let Some(row) = pending.call(key)?
    {
        row.reserve = reserve;
    }
    Ok(())
}

/// The rows of lots and bids, with what went wrong on the way to them.
struct Rows<'a> {
    pending: &'a mut Pending,
    fault: Option<HistoryError>,
}

impl Rows<'_> {
    fn try_to(&mut self, work: impl FnOnce(&mut Pending) -> Result<bool, HistoryError>) -> bool {
        if self.fault.is_some() {
            return false;
        }
        work(self.pending).unwrap_or_else(|error| {
            self.fault = Some(error);
            false
        })
    }
}

impl LotRows for Rows<'_> {
    fn open_lot(&mut self, on: CallKey, lot: Lot) {
        self.try_to(|pending| {
            let row = pending.call(on)?;
            row.iter_mut().for_each(|row| row.lot = Some(lot));
            Ok(true)
        });
    }

    fn change_lot(&mut self, on: CallKey, change: &mut dyn FnMut(&mut Lot)) {
        self.try_to(|pending| {
            let lot = pending.call(on)?.as_mut().and_then(|row| row.lot.as_mut());
            Ok(lot.map(change).is_some())
        });
    }

    fn put_bid(&mut self, key: BidKey, bid: Bid) {
        let (_, call, seller, _) = key;
        self.try_to(|pending| {
            // What was let go of does not come back.
            if pending.call((seller, call))?.is_none() {
                return Ok(false);
            }
            *pending.bid(key)? = Some(bid);
            Ok(true)
        });
    }

    fn change_bid(&mut self, key: BidKey, change: &mut dyn FnMut(&mut Bid)) -> bool {
        self.try_to(|pending| Ok(pending.known_bid(key)?.map(change).is_some()))
    }

    fn change_bids(&mut self, on: CallKey, change: &mut dyn FnMut(&mut Bid)) {
        self.try_to(|pending| {
            for key in pending.bids_on(on)? {
                if let Some(bid) = pending.bid(key)? {
                    change(bid);
                }
            }
            Ok(true)
        });
    }
}
