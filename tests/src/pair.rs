//! Engine and twin side by side: one action at a time, and both must say the same.

use dce_engine::prelude::*;

use crate::bridge::{self, Frame};
use crate::twin::action::Action;
use crate::twin::codes::{Refusal, why};
use crate::twin::outcome::Outcome;
use crate::twin::state::{Capacities, State};
use crate::twin::{Answer, Twin, Verdict as TwinVerdict};
use crate::workload::Tally;

/// Both exchanges, of the same size and history.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The one under test.
    pub engine: Exchange,
    /// The slow, obvious one.
    pub twin: Twin,
    /// Whether the engine's own invariants are verified after each command.
    pub checks: bool,
    /// Whether a refusal or a repeat is verified to leave the engine's digest as it was.
    pub digests: bool,
    /// What was seen so far.
    pub tally: Tally,
    events: Events,
}

impl Pair {
    /// Two empty exchanges.
    #[must_use]
    pub fn new(capacities: Capacities, seed: u128) -> Self {
        let genesis = Genesis::new(bridge::limits(&capacities), seed, USD);
        let engine = Exchange::new(genesis).expect("the limits are possible");
        Self {
            engine,
            twin: Twin::new(capacities, seed, seed),
            checks: false,
            digests: false,
            tally: Tally::default(),
            events: Events::new(),
        }
    }

    /// Applies the action to both and asserts that they agree on everything they say.
    ///
    /// # Panics
    ///
    /// When they differ.
    pub fn apply(&mut self, at: Timestamp, action: &Action) -> Result<Answer, Refusal> {
        let digest = if self.digests { self.engine.digest() } else { 0 };
        let frame = Frame::of(action);
        let answered = self.engine.apply(at, &frame.command(), &mut self.events);
        let outcomes: Vec<Outcome> = self.events.iter().map(bridge::outcome).collect();
        let engine = match answered {
            Ok(Receipt { sequence, repeated }) => Ok(Answer { sequence: sequence.0, repeated, outcomes }),
            Err(reject) => {
                assert!(outcomes.is_empty(), "after a refusal the sink is empty, but holds {outcomes:?}");
                Err(reject.code())
            }
        };
        let twin = self.twin.apply(at, action);
        if engine != twin {
            panic!("{}", difference(at, action, &engine, &twin));
        }
        assert_eq!(self.engine.next_deadline(), self.twin.next_deadline(), "next deadline after {action:?}");
        assert_eq!(self.engine.last_time(), self.twin.last_time(), "last time after {action:?}");
        if self.digests && !matches!(&twin, Ok(Answer { repeated: false, .. })) {
            assert_eq!(self.engine.digest(), digest, "a refusal or a repeat changed the digest: {action:?}");
        }
        if self.checks {
            assert_eq!(self.engine.check(), Ok(()), "after {action:?}");
        }
        self.count(action, at, &twin);
        twin
    }

    /// The command with a sink that is too small: always the first refusal there is, and nothing changes.
    ///
    /// # Panics
    ///
    /// When the engine says anything else.
    pub fn apply_with_small_sink(&mut self, at: Timestamp, action: &Action) {
        let frame = Frame::of(action);
        let mut events = Events::with_capacity(dce_engine::limits::EVENTS_MAX - 1);
        let before = self.engine.digest();
        assert_eq!(self.engine.apply(at, &frame.command(), &mut events), Err(Reject::SinkTooSmall));
        assert_eq!(self.engine.digest(), before);
        self.tally.refused(Reject::SinkTooSmall.code());
    }

    /// Everything one may look at is the same in both; some live calls are explained, too.
    ///
    /// # Panics
    ///
    /// When something differs.
    pub fn assert_same_state(&mut self, explained_max: usize) {
        assert_eq!(self.engine.sequence().0, self.twin.sequence());
        assert_eq!(self.engine.last_time(), self.twin.last_time());
        assert_eq!(self.engine.next_deadline(), self.twin.next_deadline());
        for account in self.twin.account_keys() {
            let engine = self.engine.account(account).map(|view| bridge::account(&view));
            assert_eq!(engine, self.twin.see_account(account), "{account:?}");
            let quoting = self.engine.quoting(account).map(|view| (view.firm_max, view.firm as usize));
            assert_eq!(quoting, self.twin.see_quoting(account), "{account:?}");
        }
        assert_eq!(self.engine.targeting_chunks(), self.twin.see_targeting_chunks(), "chunks taken");
        assert_eq!(self.engine.profiles_with_settings() as usize, self.twin.see_settings(), "profiles with settings");
        let callers = self.engine.callers();
        let at = self.twin.last_time();
        let remembered = (self.twin.contacts_at(at), self.twin.frequencies_at(at), self.twin.suppressions_at(at));
        assert_eq!((callers.contacts, callers.frequencies, callers.suppressions), remembered, "callers remembered");
        for (account, calendar) in self.twin.calendar_keys() {
            let engine = self.engine.calendar(account, calendar).map(|(spans, days)| (spans.to_vec(), days.to_vec()));
            assert_eq!(
                engine,
                self.twin.see_calendar(account, calendar).map(bridge::hours),
                "{calendar:?} of {account:?}"
            );
        }
        for (account, scope) in self.twin.quota_keys() {
            let engine = self.engine.quota(account, bridge::to_quota_scope(scope)).map(|view| bridge::quota(&view));
            assert_eq!(engine, self.twin.see_quota((account, scope)), "quota {scope:?} of {account:?}");
        }
        for (buyer, group) in self.twin.groups.keys() {
            let engine = self.engine.together(*buyer, *group);
            assert_eq!(engine, self.twin.see_together((*buyer, *group)), "{group:?} of {buyer:?}");
        }
        for (buyer, profile) in self.twin.profile_keys() {
            let group = self.engine.profile_group(buyer, profile);
            let engine = self.engine.profile(buyer, profile).map(|view| bridge::profile(&view, group));
            assert_eq!(engine, self.twin.see_profile((buyer, profile)), "{profile:?} of {buyer:?}");
            let answering = self.engine.answering(buyer, profile).map(|view| bridge::answering(&view));
            assert_eq!(answering, self.twin.see_answering((buyer, profile)), "{profile:?} of {buyer:?}");
            let modified = self.engine.profile_modifiers(buyer, profile).map(|(max, list)| (max, list.to_vec()));
            let twin = self.twin.see_modifiers((buyer, profile)).map(|(max, list)| (max, bridge::modifiers(list)));
            assert_eq!(modified, twin, "modifiers of {profile:?} of {buyer:?}");
            for nth in 1..=8 {
                let wanted = self.engine.profile_conjunction(buyer, profile, nth).map(wished);
                let wishes = self.twin.see_wishes((buyer, profile), nth).map(bridge::wishes);
                assert_eq!(wanted, wishes, "conjunction {nth} of {profile:?} of {buyer:?}");
            }
        }
        for ((seller, listing, buyer), price) in self.twin.see_deals() {
            let engine = self.engine.deal(seller, listing, buyer);
            assert_eq!(engine, Some(bridge::deal_price(price)), "{buyer:?} on {listing:?} of {seller:?}");
        }
        for (seller, listing) in self.twin.listing_keys() {
            let engine = self.engine.delivery(seller, listing).map(|view| bridge::delivery(&view));
            assert_eq!(engine, self.twin.see_delivery((seller, listing)), "{listing:?} of {seller:?}");
        }
        self.assert_same_policies();
        for (seller, call) in self.twin.call_keys() {
            let engine = self.engine.call(seller, call).map(|view| bridge::call(&view));
            assert_eq!(engine, self.twin.see_call((seller, call)), "{call:?} of {seller:?}");
            let facts = self.engine.call_facts(seller, call).map(Iterator::collect);
            assert_eq!(facts, self.twin.see_facts((seller, call)).map(bridge::facts), "{call:?} of {seller:?}");
        }
        let mut calls: Vec<_> = self.engine.call_ids().collect();
        calls.sort_unstable();
        assert!(calls.into_iter().eq(self.twin.call_keys()), "the calls that are kept");
        assert_eq!(self.engine.check(), Ok(()));
        let live: Vec<_> = self.twin.calls.iter().filter(|(_, call)| call.state != State::Closed).collect();
        let step = live.len().div_ceil(explained_max.max(1)).max(1);
        let sample: Vec<_> = live.iter().step_by(step).map(|(key, _)| **key).collect();
        if explained_max > 0 {
            for key in sample {
                self.assert_same_explanations(key);
            }
        }
    }

    fn assert_same_policies(&self) {
        for (seller, listing) in self.twin.listing_keys() {
            let engine = self.engine.policy(seller, listing).map(|view| bridge::policy(&view));
            let twin = self.twin.see_policy((seller, listing));
            let twin = twin.map(|(policy, price, requires)| (policy, price, requires.to_vec()));
            assert_eq!(engine, twin, "{listing:?} of {seller:?}");
        }
        for (buyer, profile) in self.twin.profile_keys() {
            let engine = self.engine.grade(buyer, profile).map(|view| bridge::grade(&view));
            let twin = self.twin.see_grade((buyer, profile));
            let twin = twin.map(|(weight, quality, prior, skills)| (weight, quality, prior, skills.to_vec()));
            assert_eq!(engine, twin, "{profile:?} of {buyer:?}");
        }
        for ((buyer, profile), segment) in self.twin.counted_keys() {
            let known = segment.map(|(attribute, code)| (attribute, ValueCode(code)));
            let engine = self.engine.outcomes(buyer, profile, known);
            let engine = engine.map(|(won, met)| (u64::from(won), u64::from(met)));
            assert_eq!(engine, self.twin.see_outcomes((buyer, profile), segment), "{profile:?} of {buyer:?}");
        }
    }

    fn assert_same_explanations(&mut self, key: (AccountId, CallId)) {
        let (seller, call) = key;
        let mut engine = Vec::new();
        let mut folded = RuleCounts::default();
        let answered = self.engine.explain(seller, call, &mut |explanation| {
            folded.add(&explanation.verdict);
            let profile = (explanation.buyer, explanation.profile);
            assert_eq!(explanation.amount, self.twin.amount_on(key, profile), "{profile:?} on {key:?}");
            engine.push(((explanation.buyer, explanation.profile), bridge::verdict(explanation.verdict)));
        });
        assert_eq!(self.engine.explain_counts(seller, call), answered.map(|()| folded), "the counts of {key:?}");
        engine.sort_by_key(|(profile, _)| *profile);
        let engine = answered.map(|()| engine).map_err(bridge::explain_fault);
        let twin = self.twin.explain(key);
        if let (Ok(engine), Ok(twin)) = (&engine, &twin) {
            for (one, other) in engine.iter().zip(twin) {
                let call = self.twin.see_call(key);
                let winner = call.and_then(|call| call.winner).and_then(|winner| self.twin.see_profile(winner));
                let profile = self.twin.see_profile(one.0);
                assert_eq!(one, other, "explain {key:?}:\n{call:#?}\nwinner {winner:#?}\nprofile {profile:#?}");
            }
        }
        assert_eq!(engine, twin, "{call:?} of {seller:?}");
        for (index, (profile, verdict)) in twin.iter().flatten().enumerate() {
            if let TwinVerdict::Lost(loss) = verdict {
                self.tally.reason(loss.reason);
            }
            if index % 7 == 0 {
                let one = self.engine.explain_one(seller, call, profile.0, profile.1).map(bridge::verdict);
                assert_eq!(one, Ok(*verdict), "{profile:?} alone");
            }
        }
    }

    fn count(&mut self, action: &Action, at: Timestamp, twin: &Result<Answer, Refusal>) {
        match twin {
            Err(refusal) => self.tally.refused(*refusal),
            Ok(answer) => {
                if answer.repeated {
                    self.tally.repeated += 1;
                } else {
                    self.tally.accepted += 1;
                }
                let left = self.twin.next_deadline().is_some_and(|deadline| deadline <= at);
                if *action == Action::Tick && left {
                    self.tally.ticks_cut += 1;
                }
                for outcome in &answer.outcomes {
                    match outcome {
                        Outcome::QuoteLapsed { .. } => self.tally.reason(why::QUOTE_LAPSED),
                        Outcome::CallReserved { call, .. } | Outcome::CallQuoted { call, .. } => {
                            let is_alike = matches!(action, Action::QuoteCall { call: asked, .. } if asked != call);
                            self.tally.quoted_alike += u64::from(is_alike);
                        }
                        Outcome::BidLost { reason, .. }
                        | Outcome::QuoteDeclined { reason, .. }
                        | Outcome::CallUnsold { reason, .. }
                        | Outcome::CallFellBack { reason, .. }
                        | Outcome::AttemptFailed { reason, .. }
                        | Outcome::CallEnded { reason, .. } => self.tally.reason(*reason),
                        Outcome::ProfileAutoPaused { .. } => self.tally.auto_paused += 1,
                        Outcome::CallAnswered { destination_index: 255, .. } => self.tally.fallbacks_answered += 1,
                        Outcome::CallSold { seller, call, .. } => {
                            let known = &self.twin.calls[&(*seller, *call)];
                            self.tally.rang_along += u64::from(!known.others.is_empty());
                            let sale = known.present_sale();
                            self.tally.paid_before += u64::from(sale.is_some_and(|sale| sale.paid_before));
                            let is_kept = matches!(answer.outcomes[..], [_, _, Outcome::CallDialed { .. }]);
                            self.tally.quotes_kept += u64::from(is_kept && !answer.repeated);
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

/// Clauses, and the values each lists.
fn wished<'a, Listed: Iterator<Item = ValueCode>>(
    clauses: impl Iterator<Item = (Clause, Listed)> + 'a,
) -> (Vec<Clause>, Vec<Vec<ValueCode>>) {
    clauses.map(|(clause, listed)| (clause, listed.collect())).unzip()
}

/// Where the two answers part, readable.
fn difference(
    at: Timestamp,
    action: &Action,
    engine: &Result<Answer, Refusal>,
    twin: &Result<Answer, Refusal>,
) -> String {
    let mut text = format!("engine and twin differ\n  at {at}: {action:?}\n");
    if let (Ok(engine), Ok(twin)) = (engine, twin)
        && (engine.sequence, engine.repeated) == (twin.sequence, twin.repeated)
    {
        let same = engine.outcomes.iter().zip(&twin.outcomes).take_while(|(one, other)| one == other).count();
        text += &format!("  after {same} equal events\n");
        for outcome in &engine.outcomes[same..] {
            text += &format!("  engine: {outcome:?}\n");
        }
        for outcome in &twin.outcomes[same..] {
            text += &format!("  twin:   {outcome:?}\n");
        }
        return text;
    }
    let say = |answer: &Result<Answer, Refusal>| match answer {
        Err(code) => format!("{:?} ({code})", Reject::from_code(*code)),
        Ok(answer) => format!("{answer:?}"),
    };
    text + &format!("  engine: {}\n  twin:   {}\n", say(engine), say(twin))
}
