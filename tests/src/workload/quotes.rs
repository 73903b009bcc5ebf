//! Quotes: asked for, asked for again by the same caller, confirmed, kept by an arrival, or not.

use dce_engine::ids::SubjectId;
use dce_engine::units::Millis;

use super::Workload;
use crate::twin::Twin;
use crate::twin::action::Action;
use crate::twin::state::{Call, State};
use dce_engine::units::Timestamp;

impl Workload {
    /// Anything about quotes.
    pub(super) fn about_quotes(&mut self, at: Timestamp, twin: &Twin) -> Action {
        match self.random.below(100) {
            0..12 => self.set_quoting(),
            12..55 => self.quote_call(at, twin),
            55..72 => self.confirm_quote(twin),
            72..74 => self.cancel_quoted(twin),
            74..76 => self.auction_quoted(twin),
            _ => self.arrive(twin),
        }
    }

    pub(super) fn set_quoting(&mut self) -> Action {
        let seller = if self.random.percent(3) { self.buyer() } else { self.seller() };
        Action::SetQuoting { seller, firm_max: self.random.one(&[0, 1, 2, 5, 5, 60, u16::MAX]) }
    }

    pub(super) fn quote_call(&mut self, at: Timestamp, twin: &Twin) -> Action {
        if self.random.percent(35)
            && let Some(alike) = self.alike(at, twin)
        {
            return alike;
        }
        let (seller, mut call, listing) = self.new_call(at, twin);
        if self.random.percent(4) {
            call = self.known_call(twin, |_| true).1;
        }
        let subject = SubjectId(u128::from(self.random.below(3)));
        let (leg, reserve, firm) = (self.leg(), self.reserve(), self.random.percent(55));
        let (facts, chain) = (self.facts(twin), self.chain(twin));
        let life = self.life();
        Action::QuoteCall { seller, call, listing, subject, leg, reserve, facts, chain, firm, life }
    }

    fn life(&mut self) -> Millis {
        match self.random.below(60) {
            0 => Millis(0),
            1 => Millis(600_001),
            2 => Millis(600_000),
            _ => Millis(self.random.one(&[1, 900, 20_000, 60_000, 60_000, 300_000])),
        }
    }

    /// What was asked before under another id: just the same, or nearly.
    fn alike(&mut self, at: Timestamp, twin: &Twin) -> Option<Action> {
        let often = self.random.percent(90);
        let is_fit = |call: &&Call| !often || call.state == State::Quoted && call.subject != SubjectId(0);
        let quoted = twin.calls.values().filter(|call| call.quote.is_some()).filter(is_fit);
        let asked = quoted.filter_map(|call| call.quote.as_ref().map(|quote| &quote.birth.body));
        let mut again = self.random.one_of(asked)?.clone();
        let fresh = self.new_call(at, twin).1;
        let (life, reserve, subject) = (self.life(), self.reserve(), SubjectId(u128::from(self.random.between(1, 2))));
        let Action::QuoteCall { call, life: old, facts, firm, reserve: least, subject: caller, leg, chain, .. } =
            &mut again
        else {
            unreachable!("quotes are made by their command")
        };
        (*call, *old) = (fresh, life);
        match self.random.below(14) {
            0 => *firm = !*firm,
            1 => *least = reserve,
            2 => *caller = subject,
            3 => *leg = self.leg(),
            4 => chain.reverse(),
            5 => {
                facts.pop();
            }
            6..9 => facts.reverse(),
            _ => {}
        }
        Some(again)
    }

    pub(super) fn confirm_quote(&mut self, twin: &Twin) -> Action {
        let any = self.random.percent(15);
        let is_fit = |call: &Call| call.quote.is_some() && (any || call.state == State::Quoted && call.sale.is_none());
        let (seller, call) = self.known_call(twin, is_fit);
        Action::ConfirmQuote { seller, call }
    }

    /// The caller of a quoted call comes, mostly as it should.
    fn arrive(&mut self, twin: &Twin) -> Action {
        let (late, firm) = (self.random.percent(12), self.random.percent(60));
        let is_fit = |call: &Call| {
            call.is_quote() && (call.state == State::Closed) == late && (late || !firm || call.sale.is_some())
        };
        let (seller, call) = self.known_call(twin, is_fit);
        let known = twin.calls.get(&(seller, call));
        let right = known.filter(|_| self.random.percent(95));
        let anybody = SubjectId(u128::from(self.random.below(3)));
        let subject = right.map_or(anybody, |known| known.subject);
        let (_, mut listing) = self.known_listing(twin);
        if let Some(known) = known.filter(|_| self.random.percent(97)) {
            listing = known.listing;
        }
        let is_firm = known.is_some_and(|known| known.sale.is_some());
        let says = if is_firm { 15 } else { 40 };
        let window = if self.random.percent(says) { Some(self.window()) } else { None };
        let reserve = if self.random.percent(says) { self.reserve() } else { None };
        let facts = if self.random.percent(3) { self.facts(twin) } else { Vec::new() };
        Action::OfferCall { seller, call, listing, subject, leg: self.leg(), window, reserve, facts, chain: Vec::new() }
    }

    fn cancel_quoted(&mut self, twin: &Twin) -> Action {
        let (seller, call) = self.known_call(twin, |call| call.state == State::Quoted);
        Action::CancelCall { seller, call }
    }

    fn auction_quoted(&mut self, twin: &Twin) -> Action {
        let (seller, call) = self.known_call(twin, Call::is_quote);
        Action::OpenAuction { seller, call, window: self.window(), reserve: None }
    }
}

/// Another body under the same id.
pub(super) fn change(action: &mut Action) {
    match action {
        Action::SetQuoting { firm_max, .. } => *firm_max ^= 1,
        Action::QuoteCall { life, .. } => life.0 += 1,
        Action::ConfirmQuote { call, .. } => call.0 ^= 1,
        _ => {}
    }
}
