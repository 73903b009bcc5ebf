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
                        let not_kept = [why::SHORT_CALL, why::AGENT_REJECTED];
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
                    let routed = matches!(view.state, CallState::Dialed | CallState::Ringing | CallState::Answered);
                    assert_eq!(winners, usize::from(routed && !view.fell_back));
                }
            }
        });
    }
}
