//! Who gets the call, for how much, and who is told what (section 6).

use std::collections::BTreeMap;

use dce_engine::ids::AccountId;
use dce_engine::units::{Money, Timestamp};

use super::Twin;
use super::action::{DealPrice, Policy, Scope, Term};
use super::codes::{Why, why};
use super::outcome::{MoneyKind, Outcome, Step};
use super::standing::{Candidate, Loss, payout_of};
use super::state::{CallKey, Due, Invitation, ProfileKey, Sale, State};

const LOSERS_TOLD_MAX: usize = 8;

/// What the rules say of every profile there is.
pub(super) type Verdicts = BTreeMap<ProfileKey, Result<Candidate, Loss>>;

/// The least amounts with which losers would have won.
type Prices = BTreeMap<ProfileKey, Money>;

/// The eligible ones, the best first.
pub(super) fn in_order(verdicts: &Verdicts) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = verdicts.values().filter_map(|verdict| verdict.ok()).collect();
    candidates.sort_by_key(Candidate::rank);
    candidates
}

/// What the winner had over an eligible candidate: what its policy says, or under highest score what they bid.
pub(super) fn lost_to(winner: &Candidate, over_others: Option<Why>, loser: &Candidate) -> Why {
    if loser.tier > winner.tier {
        why::LOST_TO_BETTER_TIER
    } else if let Some(reason) = over_others {
        reason
    } else if loser.amount < winner.amount {
        why::LOST_TO_HIGHER_BID
    } else {
        why::LOST_TO_EARLIER_BID
    }
}

impl Twin {
    pub(super) fn judge_all(&self, at: Timestamp, key: CallKey) -> Verdicts {
        self.profiles.keys().map(|profile| (*profile, self.judge(at, key, *profile))).collect()
    }

    /// Decides the call. `failure` is how the attempt before failed, if there was one.
    pub(super) fn decide(&mut self, at: Timestamp, key: CallKey, failure: Option<Why>) {
        let barred = self.sale_barred(at, key);
        let verdicts = self.judge_all(at, key);
        let candidates = in_order(&verdicts);
        let is_first = failure.is_none();
        let prices = if is_first { self.prices_to_win(at, key, &verdicts, candidates.first()) } else { Prices::new() };
        if let Some((winner, over_others)) = self.choose(key, &candidates, true) {
            let price = self.price(key, &winner, &candidates);
            let segment = self.segment(key);
            self.take_turn(key, &winner);
            self.profile_mut(winner.key).last_win = self.this();
            self.sell(at, key, &winner, price);
            let sale = self.call_mut(key).sale.as_mut().expect("just sold");
            (sale.over_others, sale.segment) = (over_others, segment);
            self.dial(at, key, 0);
            if is_first {
                let invited = self.invited_that_exist(key);
                self.tell_losers(key, (&verdicts, &candidates, &prices), &invited, Some((winner, over_others)));
            }
        } else {
            // Closing comes last of all, but tells nothing.
            let invited = self.invited_that_exist(key);
            self.unsold(at, key, barred.or(failure).unwrap_or(why::NO_CANDIDATE));
            if is_first {
                self.tell_losers(key, (&verdicts, &candidates, &prices), &invited, None);
            }
        }
    }

    fn price(&self, key: CallKey, winner: &Candidate, candidates: &[Candidate]) -> Money {
        let terms = &self.listing_of(key).terms;
        if let Some(DealPrice::Fixed(price)) = self.deal_on(key, winner.key) {
            return price;
        }
        if !terms.second_price {
            return self.pays(key, winner);
        }
        let floor = self.floor(key, winner.key);
        let wanted = match candidates.get(1) {
            Some(second) if second.tier == winner.tier => floor.max(second.amount + terms.increment),
            _ => floor,
        };
        winner.amount.min(wanted)
    }

    /// The promise and the hold, in one step.
    fn sell(&mut self, at: Timestamp, key: CallKey, winner: &Candidate, price: Money) {
        let (buyer, profile) = winner.key;
        let (seller, call) = key;
        let payout = payout_of(self.call(key), self.listing_of(key), price);
        let paid_before = self.call(key).payout_paid;
        let advanced = !paid_before && self.payout_may_come_first(key, winner.key);

        let had_room = self.has_room(at);
        self.meet(at, key, (buyer, Scope::Profile(profile)));
        self.meet(at, key, (buyer, Scope::Account));
        let (hour, day) = (self.hour_number(buyer, at), self.day_number(buyer, at));
        let bought = self.profile_mut(winner.key);
        bought.calls_live += 1;
        bought.calls_total += 1;
        let hour_number = bought.hour.count(hour, price);
        let day_number = bought.day.count(day, price);

        self.wins += 1;
        let (number, group) = (self.wins, self.profiles[&winner.key].group);
        self.count_win(at, key, winner.key, price, number);
        let sold = self.call_mut(key);
        sold.attempt += 1;
        sold.promise = Some(payout);
        sold.sale = Some(Sale {
            winner: winner.key,
            amount: winner.amount,
            had_room,
            price,
            payout,
            hour_number,
            day_number,
            stands: true,
            number,
            group,
            revenue: Due::Open,
            payout_due: if paid_before { Due::Posted } else { Due::Open },
            paid_before,
            over_others: None,
            segment: None,
        });
        let attempt = sold.attempt;
        self.tell(Outcome::CallSold { seller, call, buyer, profile, attempt, price, payout });
        self.hold(key, MoneyKind::Revenue);
        if advanced {
            self.hold(key, MoneyKind::Payout);
        }
    }

    /// Whether the payout may fall due before the revenue (rule 12).
    fn payout_may_come_first(&self, key: CallKey, winner: ProfileKey) -> bool {
        let payout_term: Term = self.listing_of(key).terms.payout_term;
        !super::standing::implies(payout_term, self.profiles[&winner].terms.pay_term)
    }

    /// Dials the winner's destination of this index.
    pub(super) fn dial(&mut self, at: Timestamp, key: CallKey, index: usize) {
        let (seller, call) = key;
        let sold = self.call(key);
        let attempt = sold.attempt;
        let winner = sold.sale.expect("a call is dialled for its winner").winner;
        let (destination, ring) = self.profiles[&winner].terms.destinations[index].clone();
        let ring_until = at + ring;
        let dialed = self.call_mut(key);
        dialed.state = State::Dialed;
        dialed.destination = index;
        dialed.clocks.dial = 0;
        dialed.clocks.connect = 0;
        self.set_deadline(key, ring_until);
        let destination_index = index as u8;
        self.tell(Outcome::CallDialed { seller, call, attempt, destination_index, ring_until, destination });
    }

    /// Tells the invited, and the best of the others, that they lost.
    fn tell_losers(
        &mut self,
        key: CallKey,
        (verdicts, candidates, prices): (&Verdicts, &[Candidate], &Prices),
        invited: &[ProfileKey],
        winner: Option<(Candidate, Option<Why>)>,
    ) {
        let is_winner = |profile: ProfileKey| winner.is_some_and(|(winner, _)| winner.key == profile);
        let others = candidates.iter().map(|candidate| candidate.key).filter(|other| !is_winner(*other));
        let others = others.take(LOSERS_TOLD_MAX);
        let mut told: Vec<ProfileKey> = invited.iter().copied().filter(|profile| !is_winner(*profile)).collect();
        told.extend(others.filter(|other| !invited.contains(other)));
        for loser in told {
            let reason = match (&verdicts[&loser], winner) {
                (Err(loss), _) => loss.reason,
                (Ok(candidate), Some((winner, over_others))) => lost_to(&winner, over_others, candidate),
                (Ok(_), None) => unreachable!("an eligible candidate would have won"),
            };
            self.tell_lost(key, loser, reason, prices.get(&loser).copied());
        }
    }

    pub(super) fn tell_lost(&mut self, key: CallKey, loser: ProfileKey, reason: Why, price_to_win: Option<Money>) {
        let (seller, call) = key;
        self.tell(Outcome::BidLost { seller, call, buyer: loser.0, profile: loser.1, reason, price_to_win });
    }

    /// With which amount each of the others would have won, where the listing tells it: one of five it must be, and the
    /// least that does is tried out.
    fn prices_to_win(&self, at: Timestamp, key: CallKey, verdicts: &Verdicts, winner: Option<&Candidate>) -> Prices {
        let mut prices = Prices::new();
        let listing = self.listing_of(key);
        if !listing.tells_price.0 || listing.policy != Policy::HighestScore {
            return prices;
        }
        let one = Money::from_micros(1);
        for (profile, verdict) in verdicts {
            let mut amounts = vec![one, self.reserve(key, *profile), self.floor(key, *profile)];
            amounts.extend(winner.iter().flat_map(|winner| [winner.amount, winner.amount + one]));
            amounts.sort();
            amounts.retain(|amount| (one..=Money::AMOUNT_MAX).contains(amount));
            let is_about_amount = match verdict {
                Ok(candidate) => winner.is_some_and(|winner| candidate.tier == winner.tier),
                Err(loss) => [why::BELOW_RESERVE, why::BELOW_DEAL_FLOOR, why::MARGIN_TOO_THIN].contains(&loss.reason),
            };
            let wins = |amount: &&Money| {
                let judged = self.judge_with(at, key, *profile, Some(**amount));
                judged.is_ok_and(|candidate| winner.is_none_or(|winner| candidate.rank() < winner.rank()))
            };
            if let Some(least) = amounts.iter().find(wins).filter(|_| is_about_amount) {
                prices.insert(*profile, *least);
            }
        }
        prices
    }

    /// The invited profiles, in order of invitation, without those that were closed since.
    pub(super) fn invited_that_exist(&self, key: CallKey) -> Vec<ProfileKey> {
        let still_there = |invitation: &&Invitation| {
            self.profiles.get(&invitation.profile).is_some_and(|known| known.birth.sequence == invitation.born)
        };
        self.call(key).invited.iter().filter(still_there).map(|invitation| invitation.profile).collect()
    }

    /// Sets money aside: the debit account cannot spend it, the credit account may expect it.
    pub(super) fn hold(&mut self, key: CallKey, kind: MoneyKind) {
        self.money(key, kind, Step::Held);
    }

    /// One step of a price or a payout, in the books and in the events.
    pub(super) fn money(&mut self, key: CallKey, kind: MoneyKind, step: Step) {
        let (seller, call) = key;
        let known = self.call(key);
        let attempt = known.attempt;
        let sale = known.sale.expect("money belongs to a sale");
        let (debit, credit, amount, was) = match kind {
            MoneyKind::Revenue => (sale.winner.0, AccountId::PLATFORM, sale.price, sale.revenue),
            MoneyKind::Payout => (AccountId::PLATFORM, seller, sale.payout, sale.payout_due),
        };
        let held = if step == Step::Held { amount } else { Money::ZERO };
        let released = if was == Due::Held { amount } else { Money::ZERO };
        let payer = self.account_mut(debit);
        payer.held = payer.held + held - released;
        let payee = self.account_mut(credit);
        payee.expected = payee.expected + held - released;
        if step == Step::Posted {
            self.transfer(debit, credit, amount);
        }
        let sale = self.call_mut(key).sale.as_mut().expect("just seen");
        let now = match step {
            Step::Held => Due::Held,
            Step::Posted => Due::Posted,
            Step::Voided => Due::Over,
        };
        match kind {
            MoneyKind::Revenue => sale.revenue = now,
            MoneyKind::Payout => sale.payout_due = now,
        }
        let paid = kind == MoneyKind::Payout && step == Step::Posted;
        self.call_mut(key).payout_paid |= paid;
        let posting = super::outcome::Posting { seller, call, attempt, kind, revision: 0 };
        self.tell(Outcome::Money { step, posting, debit, credit, amount });
    }
}
