//! Whatever a field holds comes back.

use dce_protocol::{
    Bid, Clause, DialTarget, Distance, Fact, FactValue, List, Measure, Standing, Test, Transition, Up, ValueCode,
    Verdict, up,
};
use proptest::prelude::*;

use crate::{Direction, tables};

/// Draws from a seed, as `tables::draw` wants it.
fn chance(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(state) * u128::from(below)) >> 64) as u64
    }
}

#[test]
fn any_fields_within_the_tables_come_back_byte_for_byte() {
    for direction in [Direction::Up, Direction::Down] {
        for layout in tables::layouts(direction) {
            let mut decoded = 0;
            for seed in 0..2_000_u64 {
                let frame = tables::draw(layout, &mut chance(seed << 8 | u64::from(layout.code)));
                if let Ok(again) = direction.again(&frame) {
                    assert_eq!(again, frame, "{} of seed {seed}", layout.name);
                    decoded += 1;
                }
            }
            assert!(decoded > 50, "{} decodes {decoded} times of 2,000", layout.name);
        }
    }
}

fn fact_value() -> impl Strategy<Value = FactValue> {
    prop_oneof![
        any::<u32>().prop_map(FactValue::Code),
        any::<i64>().prop_map(FactValue::Number),
        any::<bool>().prop_map(FactValue::Flag),
        any::<(i32, i32)>()
            .prop_map(|(latitude_micro, longitude_micro)| FactValue::Place { latitude_micro, longitude_micro }),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    prop_oneof![
        any::<u16>().prop_map(|count| Test::AnyOf { count }),
        any::<u16>().prop_map(|count| Test::NoneOf { count }),
        any::<u16>().prop_map(|set| Test::InSet { set }),
        any::<u16>().prop_map(|set| Test::NotInSet { set }),
        any::<(i64, i64)>().prop_map(|(low, high)| Test::Range { low, high }),
        any::<bool>().prop_map(|value| Test::Is { value }),
        any::<(i32, i32, u32)>().prop_map(|(latitude_micro, longitude_micro, radius_metres)| Test::Near {
            latitude_micro,
            longitude_micro,
            radius_metres
        }),
    ]
}

proptest! {
    #[test]
    fn facts_come_back(facts in prop::collection::vec((any::<u16>(), fact_value()), 0..=64), id in any::<u128>()) {
        let sent: Vec<Fact> = facts.iter().map(|(attribute, value)| Fact::new(*attribute, *value)).collect();
        let call = up::RegisterCall {
            seller: id,
            call: !id,
            listing: id ^ 1,
            subject: id ^ 2,
            leg: dce_protocol::Leg::Callback,
            facts: List::new(&sent).expect("at most 64"),
            chain: List::EMPTY,
        };
        let mut bytes = Vec::new();
        Up::from(call).encode(3, &mut bytes);
        let Ok((3, Up::RegisterCall(read))) = Up::decode(&bytes) else { panic!("a call") };
        prop_assert_eq!(read, call);
        let read: Vec<_> = read.facts.iter().map(|fact| (fact.attribute(), fact.value())).collect();
        prop_assert_eq!(read, facts);
    }

    #[test]
    fn profiles_come_back(
        clauses in prop::collection::vec((any::<u16>(), test()), 0..=32),
        values in prop::collection::vec(any::<u32>(), 0..=256),
        destinations in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..=64), any::<u32>()), 0..=4),
        amounts in any::<(Option<i64>, Option<i64>)>(),
        caps in any::<(Option<u16>, Option<u32>, Option<u32>, Option<u32>)>(),
    ) {
        let sent_clauses: Vec<_> = clauses.iter().map(|(attribute, test)| Clause::new(*attribute, *test)).collect();
        let sent_values: Vec<_> = values.iter().copied().map(ValueCode::new).collect();
        let sent_targets: Vec<_> =
            destinations.iter().map(|(bytes, ring)| DialTarget::new(bytes, *ring).expect("at most 64")).collect();
        let profile = up::CreateProfile {
            buyer: 1,
            profile: 2,
            vertical: 3,
            tier: 4,
            bid: amounts.0,
            pay_term: dce_protocol::PayTerm::OnConnect,
            concurrency: caps.0,
            hourly: caps.1,
            daily: caps.2,
            total: caps.3,
            daily_budget: amounts.1,
            live_mode: caps.0.is_none(),
            hours: caps.1.map(u128::from),
            clauses: List::new(&sent_clauses).expect("at most 32"),
            values: List::new(&sent_values).expect("at most 256"),
            destinations: List::new(&sent_targets).expect("at most 4"),
        };
        let mut bytes = Vec::new();
        Up::from(profile).encode(9, &mut bytes);
        let Ok((9, Up::CreateProfile(read))) = Up::decode(&bytes) else { panic!("a profile") };
        prop_assert_eq!(read, profile);
        let read_clauses: Vec<_> = read.clauses.iter().map(|clause| (clause.attribute(), clause.test())).collect();
        prop_assert_eq!(read_clauses, clauses);
        let read_values: Vec<_> = read.values.iter().map(ValueCode::get).collect();
        prop_assert_eq!(read_values, values);
        let read_targets: Vec<_> =
            read.destinations.iter().map(|target| (target.destination().to_vec(), target.ring_ms())).collect();
        prop_assert_eq!(read_targets, destinations);
    }

    #[test]
    fn small_elements_come_back(
        id in any::<(u128, u128)>(),
        amount in any::<Option<i64>>(),
        why in any::<(u16, Option<u16>)>(),
        far in any::<(i64, u32, u32)>(),
        transition in any::<(u64, i32)>(),
    ) {
        let bid = Bid::new(id.0, amount);
        prop_assert_eq!((bid.profile(), bid.amount()), (id.0, amount));
        for distance in [Distance::NONE, Distance::of(Measure::Number, far.0), Distance::calls(far.1, far.2)] {
            let lost = Verdict::lost(id.0, id.1, why.0, why.1, distance);
            prop_assert_eq!((lost.buyer(), lost.profile(), lost.standing()), (id.0, id.1, Standing::Lost));
            prop_assert_eq!((lost.reason(), lost.attribute(), lost.distance()), (why.0, why.1, distance));
        }
        let change = Transition::new(transition.0, transition.1);
        prop_assert_eq!((change.at(), change.offset_seconds()), transition);
    }
}
