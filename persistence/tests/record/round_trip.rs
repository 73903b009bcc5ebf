//! Whatever a command carries, its record carries.

use dce_engine::prelude::*;
use dce_persistence::record::{RECORD_BYTES_MAX, RecordCodec, decode_genesis, encode_genesis};
use dce_runtime::{Codec, CodecError};
use proptest::prelude::*;

use crate::made::{every_command, genesis};
use crate::parts::parts;
use crate::{record_of, same};

proptest! {
    #[test]
    fn every_command_comes_back_as_it_was(parts in parts()) {
        let mut codec = RecordCodec::default();
        for command in every_command(&parts) {
            let record = record_of(&command);
            prop_assert!(record.len() <= RECORD_BYTES_MAX, "{} bytes: {command:?}", record.len());
            let again = codec.decode(&record).map(|decoded| {
                prop_assert!(same(&decoded, &command), "{command:?}\ncame back as\n{decoded:?}");
                Ok(record_of(&decoded))
            });
            prop_assert_eq!(again.expect("what was encoded is a record")?, record);
        }
    }

    #[test]
    fn a_genesis_comes_back_as_it_was(parts in parts()) {
        let genesis = genesis(&parts);
        let mut record = Vec::new();
        encode_genesis(&genesis, &mut record);
        prop_assert_eq!(decode_genesis(&record), Ok(genesis));
        prop_assert_eq!(RecordCodec::default().decode(&record).map(|_| ()), Err(CodecError::Kind(record[1])));
    }

    #[test]
    fn a_record_is_read_wherever_it_lies(parts in parts(), before in 0_usize..16) {
        let mut codec = RecordCodec::default();
        for command in every_command(&parts) {
            let mut bytes = vec![0xee; before];
            codec.encode(&command, &mut bytes);
            let decoded = codec.decode(&bytes[before..]);
            prop_assert!(decoded.is_ok_and(|decoded| same(&decoded, &command)), "at {before}: {command:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_refused_as_it_would_have_been(
        name in "\\PC{20,90}",
        values in 510_u32..600,
        days in 15_u64..40,
    ) {
        let values: Vec<ValueCode> = (1..=values).map(ValueCode).collect();
        let day = |day| Transition { at: Timestamp::from_seconds(86_400 * day), offset_seconds: 0 };
        let changes: Vec<Transition> = (1..=days).map(day).collect();
        let attribute = AttributeId(0);
        let commands: [Command<'_>; 4] = [
            DeclareAttribute::category(AttributeId(1), &name, 8).into(),
            DefineValue::new(attribute, ValueCode(1), &name).into(),
            LoadValueSet::chunk(ValueSetId(0), attribute, 600, 0, &values).into(),
            SetZone::new(ZoneId(1), &changes).into(),
        ];
        let limits = Limits { lines_max: 1_024, ..Limits::small() };
        let mut market = Exchange::new(Genesis::new(limits, 7, USD)).expect("these limits can be");
        let (now, mut events) = (Timestamp::from_seconds(1_764_000_000), Events::new());
        let zip = DeclareAttribute::category(attribute, "zip", 65_535);
        market.apply(now, &zip.into(), &mut events).expect("a first attribute");
        let mut codec = RecordCodec::default();
        for command in commands {
            let record = record_of(&command);
            prop_assert!(record.len() <= RECORD_BYTES_MAX);
            let decoded = codec.decode(&record).expect("what was encoded is a record");
            let direct = market.clone().apply(now, &command, &mut events);
            let carried = market.clone().apply(now, &decoded, &mut events);
            prop_assert_eq!(direct, carried, "{:?}", command);
        }
    }
}

#[test]
fn a_list_that_was_pushed_onto_when_borrowed_stays_overflowed() {
    let fact = [Fact::flag(AttributeId(1), true)];
    let mut facts = List::borrowed(&fact);
    facts.push(Fact::default());
    let offer = OfferCall { facts, ..OfferCall::new(AccountId(1), CallId(2), ListingId(3)) };
    let record = record_of(&offer.into());
    let mut codec = RecordCodec::default();
    let Ok(Command::OfferCall(decoded)) = codec.decode(&record) else { panic!("an offer is an offer") };
    assert!(decoded.facts.overflowed());
    assert_eq!(decoded, offer);
}
