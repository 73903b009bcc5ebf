//! Records are made and read without asking for memory, once the buffer that takes them is as large as a record can be.

use dce_engine::limits::*;
use dce_engine::prelude::*;
use dce_persistence::record::{RECORD_BYTES_MAX, RecordCodec, decode_genesis, encode_genesis};
use dce_runtime::Codec;
use dce_tests::heap::{Counting, requests};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn neither_way_allocates_for_the_longest_commands_nor_for_refused_bytes() {
    let (buyer, seller) = (AccountId(1), AccountId(2));
    let near = Test::Near { centre: GeoPoint::new(1, 2), radius: Metres(3) };
    let clauses = [Clause { attribute: AttributeId(1), test: near }; CLAUSES_MAX];
    let destination = Destination::new(&[7; DESTINATION_BYTES_MAX]).expect("as long as it may be");
    let targets = [DialTarget { destination, ring: Millis(9) }; DESTINATIONS_MAX];
    let values = [ValueCode(8); VALUE_SET_CHUNK_MAX + 1];
    let facts = [Fact::number(AttributeId(1), -1); FACTS_MAX + 1];
    let changes = [Transition { at: Timestamp::from_seconds(1), offset_seconds: 1 }; TRANSITIONS_MAX + 1];
    let name = "é".repeat(NAME_BYTES_MAX);
    let profile = CreateProfile {
        clauses: List::borrowed(&clauses),
        values: List::borrowed(&values[..CLAUSE_VALUES_MAX]),
        destinations: List::borrowed(&targets),
        ..CreateProfile::of(buyer, ProfileId(1))
    };
    let offer = OfferCall { facts: List::borrowed(&facts), ..OfferCall::new(seller, CallId(1), ListingId(1)) };
    let bid = PlaceBid::new((buyer, ProfileId(1)), (seller, CallId(1)), usd("1"), Stamp::default());
    let commands: [Command<'_>; 6] = [
        profile.into(),
        LoadValueSet::chunk(ValueSetId(1), AttributeId(1), 9, 0, &values).into(),
        SetZone::new(ZoneId(1), &changes).into(),
        DeclareAttribute::boolean(AttributeId(1), &name).into(),
        offer.into(),
        bid.into(),
    ];
    let genesis = Genesis::new(Limits::large(), 7, USD);

    let mut codec = RecordCodec::default();
    let mut record = Vec::with_capacity(RECORD_BYTES_MAX);
    let mut longest = 0;
    let ((), counted) = requests(|| {
        for command in &commands {
            record.clear();
            codec.encode(command, &mut record);
            longest = longest.max(record.len());
            assert!(codec.decode(&record).is_ok());
            for byte in 0..record.len() {
                record[byte] ^= 0x41;
                let _ = codec.decode(&record);
                record[byte] ^= 0x41;
            }
        }
        record.clear();
        encode_genesis(&genesis, &mut record);
        assert_eq!(decode_genesis(&record), Ok(genesis));
    });
    assert_eq!(counted, 0);
    assert_eq!(longest, RECORD_BYTES_MAX, "the bound is the longest record there is");
}
