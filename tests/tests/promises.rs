//! The promises, as properties of random histories: whatever a market goes through, these hold after every command.
//!
//! A case is a variant, a seed and a length; a failing one is shrunk to its shortest history.

use std::collections::{BTreeMap, BTreeSet};

use dce_engine::Kernel;
use dce_engine::prelude::*;
use dce_tests::bridge::{self, Frame};
use dce_tests::pair::Pair;
use dce_tests::twin::action::Action;
use dce_tests::twin::codes::{refusal, why};
use dce_tests::twin::outcome::Outcome;
use dce_tests::twin::{Answer, Verdict as TwinVerdict};
use dce_tests::workload::{Variant, Workload};
use proptest::prelude::*;

fn histories() -> impl Strategy<Value = (Variant, u64, usize)> {
    (prop::sample::select(Variant::ALL.to_vec()), any::<u32>(), 40..700_usize)
        .prop_map(|(variant, seed, length)| (variant, u64::from(seed), length))
}

/// Plays a history and looks at the market after every command.
fn watch(
    (variant, seed, length): (Variant, u64, usize),
    mut look: impl FnMut(&mut Pair, Timestamp, &Action, &Result<Answer, u16>),
) {
    let mut workload = Workload::new(variant, seed);
    let mut pair = Pair::new(variant.capacities(), u128::from(seed));
    for _ in 0..length {
        let (at, action) = workload.next(&pair.twin);
        let answer = pair.apply(at, &action);
        look(&mut pair, at, &action, &answer);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Promise 1: the same commands give the same events and the same digest, in a second run, in a clone, however
    /// the index is maintained, and whichever of the processor's instructions it is walked with.
    #[test]
    fn a_history_has_one_outcome(history in histories(), budget in 1..200_u32) {
        let mut accepted: Vec<(Timestamp, Action, Vec<Event>)> = Vec::new();
        let mut events = Events::new();
        let mut clone: Option<Exchange> = None;
        let mut first: Option<Exchange> = None;
        let half = history.2 / 2;
        let mut number = 0;
        let mut fresh = Exchange::new(*Pair::new(history.0.capacities(), u128::from(history.1)).engine.genesis()).unwrap();
        watch(history, |pair, at, action, answer| {
            if matches!(answer, Ok(Answer { repeated: false, .. })) {
                let frame = Frame::of(action);
                if let Some(clone) = &mut clone {
                    clone.apply(at, &frame.command(), &mut events).unwrap();
                }
                fresh.maintain(budget);
                fresh.apply(at, &frame.command(), &mut events).unwrap();
                accepted.push((at, action.clone(), events.to_vec()));
            }
            number += 1;
            if number == half {
                clone = Some(pair.engine.clone());
            }
            first = Some(pair.engine.clone());
        });
        let first = first.unwrap();
        prop_assert_eq!(first.digest(), clone.unwrap().digest());
        prop_assert_eq!(first.digest(), fresh.digest());

        for kernel in Kernel::ALL {
            let mut again = Exchange::new(*first.genesis()).unwrap();
            if !again.use_kernel(kernel) {
                continue;
            }
            for (at, action, told) in &accepted {
                again.apply(*at, &Frame::of(action).command(), &mut events).unwrap();
                prop_assert_eq!(events.as_slice(), told.as_slice());
            }
            prop_assert_eq!(first.digest(), again.digest());
            prop_assert_eq!(again.check(), Ok(()));
        }
    }

    /// No quota is ever passed: a count above its max was above it before, or the max was lowered, or the rule did not bind
    /// in that hour.
    #[test]
    fn nothing_is_won_that_a_quota_has_no_room_for(history in histories()) {
        let mut before: BTreeMap<_, Vec<QuotaUse>> = BTreeMap::new();
        watch(history, |pair, _, action, _| {
            let mut after = BTreeMap::new();
            for (account, scope) in pair.twin.quota_keys() {
                let view = pair.engine.quota(account, bridge::to_quota_scope(scope)).expect("the twin knows it");
                let is_set = matches!(action, Action::SetQuota { account: of, scope: which, .. }
                    if (*of, *which) == (account, scope));
                let known = before.get(&(account, scope));
                for (place, rule) in view.rules().iter().enumerate() {
                    let was = known.and_then(|rules| rules.get(place)).map_or(0, |rule| rule.used);
                    let passed = rule.used > rule.rule.max && rule.used > was;
                    assert!(!passed || is_set || rule.rule.during.is_some(), "{rule:?} of {scope:?}, {account:?}");
                    assert!(rule.used >= 0, "{rule:?}");
                }
                after.insert((account, scope), view.rules().to_vec());
            }
            before = after;
        });
    }

    /// What is counted is what the list says, of every live call and of every offer before it is made.
    #[test]
    fn the_counts_are_the_list_counted((variant, seed, length) in histories()) {
        let mut workload = Workload::new(variant, seed);
        let mut pair = Pair::new(variant.capacities(), u128::from(seed));
        for number in 0..length / 2 {
            let (at, action) = workload.next(&pair.twin);
            if let Command::OfferCall(offer) = Frame::of(&action).command() {
                let mut folded = RuleCounts::default();
                let listed = pair.engine.explain_offer(at, &offer, &mut |said| folded.add(&said.verdict));
                let counted = pair.engine.explain_offer_counts(at, &offer);
                prop_assert_eq!(counted, listed.map(|()| folded));
            }
            // The answer is compared elsewhere; half of the histories begin with a maintained index.
            let _ = pair.apply(at, &action);
            if seed % 2 == 0 && number % 16 == 0 {
                pair.engine.maintain(64);
            }
            let live: Vec<_> = pair.engine.call_ids().collect();
            for (seller, call) in live.into_iter().skip(number % 3).step_by(3) {
                let mut folded = RuleCounts::default();
                let listed = pair.engine.explain(seller, call, &mut |said| folded.add(&said.verdict));
                prop_assert_eq!(pair.engine.explain_counts(seller, call), listed.map(|()| folded));
            }
        }
    }

    /// A refusal and a repeat leave everything as it was.
    #[test]
    fn a_refusal_changes_nothing((variant, seed, length) in histories()) {
        let mut workload = Workload::new(variant, seed);
        let mut pair = Pair::new(variant.capacities(), u128::from(seed));
        pair.digests = true;
        pair.checks = true;
        for _ in 0..length / 2 {
            let (at, action) = workload.next(&pair.twin);
            let _ = pair.apply(at, &action);
        }
        pair.assert_same_state(5);
    }

    /// Promise 5: what was said before and is said again, word for word, is answered with the first one's place in the
    /// log and changes nothing.
    #[test]
    fn saying_it_twice_is_saying_it_once(history in histories()) {
        watch(history, |pair, at, action, answer| {
            let Ok(Answer { sequence, repeated: false, .. }) = answer else { return };
            let digest = pair.engine.digest();
            match (action, pair.apply(at, action)) {
                // A tick is not a thing with a name: what is still due fires, else nothing is due.
                (Action::Tick, Ok(_)) => return,
                (Action::Tick, Err(code)) => assert_eq!(code, refusal::NOTHING_DUE),
                (Action::CloseProfile { .. }, Err(code)) => assert_eq!(code, refusal::PROFILE_UNKNOWN),
                (_, Ok(again)) => assert!(again.repeated && again.sequence == *sequence, "{action:?}: {again:?}"),
                (_, Err(code)) => panic!("{action:?} was accepted, and then refused with {code}"),
            }
            assert_eq!(pair.engine.digest(), digest);
        });
    }

    /// Promise 5: every transfer has two sides. All balances sum to zero, all holds to what is expected, and nobody but
    /// the world owes anything.
    #[test]
    fn debits_equal_credits(history in histories()) {
        watch(history, |pair, _, action, _| {
            let accounts: Vec<(AccountId, AccountView)> =
                pair.twin.account_keys().map(|id| (id, pair.engine.account(id).expect("it exists"))).collect();
            let sum = |of: fn(&AccountView) -> Money| accounts.iter().map(|(_, view)| i128::from(of(view).micros())).sum::<i128>();
            assert_eq!(sum(|view| view.balance), 0, "after {action:?}");
            assert_eq!(sum(|view| view.held), sum(|view| view.expected), "after {action:?}");
            for (id, view) in &accounts {
                assert!(view.held >= Money::ZERO && view.expected >= Money::ZERO, "{id:?} after {action:?}");
                assert!(*id == AccountId::WORLD || view.balance >= view.held, "{id:?} after {action:?}: {view:?}");
            }
        });
    }

    /// Promise 3: nothing is oversold, not by one call and not by one millionth.
    #[test]
    fn nothing_is_oversold(history in histories()) {
        watch(history, |pair, _, action, _| {
            for (buyer, id) in pair.twin.profile_keys() {
                let profile = pair.engine.profile(buyer, id).expect("it exists");
                let caps = profile.caps;
                let within = |used: u64, cap: Option<u32>| cap.is_none_or(|cap| used <= u64::from(cap));
                assert!(within(profile.calls_live.into(), caps.concurrency.map(u32::from)), "{action:?}: {profile:?}");
                assert!(within(profile.calls_hour.into(), caps.hourly), "{action:?}: {profile:?}");
                assert!(within(profile.calls_day.into(), caps.daily), "{action:?}: {profile:?}");
                assert!(within(profile.calls_total, caps.total), "{action:?}: {profile:?}");
                assert!(caps.daily_budget.is_none_or(|budget| profile.spent_today <= budget), "{action:?}: {profile:?}");
                assert!(profile.spent_today >= Money::ZERO, "{action:?}: {profile:?}");
            }
        });
    }

    /// A firm quote is kept: while it lives its price is held and its place taken, and when its caller comes it is sold to whom it was
    /// promised, for what was promised. A seller has no more of them than it may, but for those from when it might have more.
    #[test]
    fn a_firm_quote_is_kept(history in histories()) {
        let mut promised: BTreeMap<(AccountId, CallId), (AccountId, ProfileId, Money, Money)> = BTreeMap::new();
        let mut firm_before: BTreeMap<AccountId, u32> = BTreeMap::new();
        watch(history, |pair, _, action, answer| {
            let Ok(answer) = answer else { return };
            for outcome in answer.outcomes.iter().filter(|_| !answer.repeated) {
                match *outcome {
                    Outcome::CallReserved { seller, call, buyer, profile, price, payout, .. } => {
                        assert_eq!(promised.insert((seller, call), (buyer, profile, price, payout)), None);
                    }
                    Outcome::QuoteLapsed { seller, call } | Outcome::CallCanceled { seller, call } => {
                        promised.remove(&(seller, call));
                    }
                    Outcome::CallSold { seller, call, buyer, profile, price, payout, .. } => {
                        if let Some(promise) = promised.remove(&(seller, call)) {
                            assert_eq!(promise, (buyer, profile, price, payout), "after {action:?}");
                        }
                    }
                    _ => {}
                }
            }
            let mut held: BTreeMap<AccountId, Money> = BTreeMap::new();
            let mut taken: BTreeMap<(AccountId, ProfileId), u32> = BTreeMap::new();
            for (buyer, profile, price, _) in promised.values() {
                let sum = held.entry(*buyer).or_default();
                *sum = *sum + *price;
                *taken.entry((*buyer, *profile)).or_default() += 1;
            }
            for (buyer, sum) in held {
                assert!(pair.engine.account(buyer).expect("it exists").held >= sum, "after {action:?}");
            }
            for ((buyer, profile), calls) in taken {
                assert!(pair.engine.profile(buyer, profile).expect("in use").calls_live >= calls, "after {action:?}");
            }
            for account in pair.twin.account_keys() {
                let Some(quoting) = pair.engine.quoting(account) else { continue };
                let own = promised.keys().filter(|(seller, _)| *seller == account).count();
                assert_eq!(quoting.firm as usize, own, "after {action:?}");
                let before = firm_before.insert(account, quoting.firm).unwrap_or_default();
                assert!(quoting.firm <= u32::from(quoting.firm_max).max(before), "after {action:?}");
            }
        });
    }

    /// Of the attempts of one call each has a number of its own and one end. Several may ring; the first that answers is the only one
    /// left, and what is open is what holds the call's money.
    #[test]
    fn the_first_answer_wins(history in histories()) {
        let mut open: BTreeMap<(AccountId, CallId), BTreeMap<u8, Money>> = BTreeMap::new();
        let mut sold: BTreeMap<(AccountId, CallId), u8> = BTreeMap::new();
        watch(history, |pair, _, _, answer| {
            let Ok(Answer { repeated: false, outcomes, .. }) = answer else { return };
            let mut answered = Vec::new();
            for outcome in outcomes {
                match *outcome {
                    Outcome::CallSold { seller, call, attempt, price, .. } => {
                        let last = sold.insert((seller, call), attempt).unwrap_or_default();
                        assert_eq!(attempt, last + 1, "{outcome:?}");
                        let rings = open.entry((seller, call)).or_default();
                        rings.insert(attempt, price);
                        assert!(rings.len() <= 5, "{outcome:?}: {rings:?}");
                    }
                    Outcome::AttemptFailed { seller, call, attempt, reason, .. } => {
                        let over = open.get_mut(&(seller, call)).and_then(|rings| rings.remove(&attempt));
                        assert!(over.is_some(), "{outcome:?} was over");
                        assert!(reason != why::ANSWERED_ELSEWHERE || answered.contains(&(seller, call)), "{outcome:?}");
                    }
                    Outcome::CallAnswered { seller, call, .. } => answered.push((seller, call)),
                    Outcome::CallEnded { seller, call, .. }
                    | Outcome::CallUnsold { seller, call, .. }
                    | Outcome::CallCanceled { seller, call } => {
                        open.remove(&(seller, call));
                    }
                    _ => {}
                }
            }
            for key in answered {
                let left = open.get(&key).map_or(0, BTreeMap::len);
                let fell_back = pair.engine.call(key.0, key.1).is_some_and(|view| view.fell_back);
                assert_eq!(left, usize::from(!fell_back), "{key:?}");
            }
            let ringing = open.iter().filter(|(key, _)| {
                let view = pair.engine.call(key.0, key.1).expect("it is open");
                matches!(view.state, CallState::Dialed | CallState::Ringing)
            });
            let held: i64 = ringing.flat_map(|(_, rings)| rings.values()).map(|price| price.micros()).sum();
            let buyers = pair.twin.account_keys().filter_map(|id| pair.engine.account(id));
            let of_buyers: i64 = buyers.filter(|view| view.role == Role::Buyer).map(|view| view.held.micros()).sum();
            assert!(held <= of_buyers, "open attempts hold {held}, the buyers {of_buyers}");
        });
    }

    /// Promise 6: every outcome has one reason from the closed list, and every candidate can be told what stopped it.
    #[test]
    fn every_outcome_has_a_reason(history in histories()) {
        watch(history, |pair, _, _, answer| {
            let Ok(answer) = answer else { return };
            let mut told = BTreeSet::new();
            for outcome in &answer.outcomes {
                match outcome {
                    Outcome::BidLost { seller, call, buyer, profile, reason, .. } => {
                        assert!(Reason::from_code(*reason).is_some());
                        assert!(told.insert((*seller, *call, *buyer, *profile)), "told twice: {outcome:?}");
                    }
                    Outcome::CallUnsold { seller, call, reason } | Outcome::CallEnded { seller, call, reason, .. }
                        if !answer.repeated =>
                    {
                        let view = pair.engine.call(*seller, *call).expect("it is kept");
                        assert_eq!((view.state, view.reason.map(Reason::code)), (CallState::Closed, Some(*reason)));
                    }
                    Outcome::AttemptFailed { reason, .. } => {
                        let unanswered = [why::NO_ANSWER, why::BUSY, why::DIAL_FAILED, why::BUYER_HUNG_UP];
                        let not_kept = [why::SHORT_CALL, why::AGENT_REJECTED, why::ANSWERED_ELSEWHERE];
                        assert!(unanswered.contains(reason) || not_kept.contains(reason));
                    }
                    _ => {}
                }
            }
            let keys: Vec<_> = pair.twin.call_keys().take(2).collect();
            for (seller, call) in keys {
                let view = pair.engine.call(seller, call).expect("it is known");
                assert_eq!(view.state == CallState::Closed, view.reason.is_some());
                if let Ok(verdicts) = pair.twin.explain((seller, call)) {
                    let winners = verdicts.iter().filter(|(_, verdict)| *verdict == TwinVerdict::Won).count();
                    // Of a group that dials together several ring; one answers.
                    match view.state {
                        _ if view.fell_back => assert_eq!(winners, 0),
                        CallState::Dialed | CallState::Ringing => assert!((1..=5).contains(&winners)),
                        CallState::Answered => assert_eq!(winners, 1),
                        CallState::Quoted => assert_eq!(winners, usize::from(view.buyer.is_some())),
                        _ => assert_eq!(winners, 0),
                    }
                }
            }
        });
    }
}
