//! Each limit holds, and one more is too many.

use dce_protocol::{
    BIDS_MAX, Bid, Bytes, CLAUSE_VALUES_MAX, DESTINATION_BYTES_MAX, DialTarget, FRAME_MAX, Fault, KEY_BYTES_MAX, Key,
    List, NAME_BYTES_MAX, Split, Text, TooLong, ValueCode, split,
};

use crate::tables;

#[test]
fn a_list_one_too_long_is_refused_and_a_full_one_is_not() {
    for direction in [crate::Direction::Up, crate::Direction::Down] {
        for layout in tables::layouts(direction) {
            for (place, list) in layout.lists.iter().enumerate() {
                let of = |count: usize| {
                    let mut frame = tables::draw(layout, &mut |_| 0);
                    assert_eq!(direction.again(&frame).as_ref(), Ok(&frame), "{} with nothing in it", layout.name);
                    let at = layout.fixed_bytes;
                    frame.splice(at..at, std::iter::repeat_n(0, count * list.element_bytes));
                    frame[list.count_offset..list.count_offset + 2].copy_from_slice(&(count as u16).to_le_bytes());
                    let length = frame.len() as u32 - 4;
                    frame[..4].copy_from_slice(&length.to_le_bytes());
                    direction.again(&frame).map(|again| assert_eq!(again, frame))
                };
                assert_eq!(of(list.max), Ok(()), "{}, list {place}", layout.name);
                assert_eq!(of(list.max + 1), Err(Fault::ListTooLong), "{}, list {place}", layout.name);
            }
        }
    }
}

#[test]
fn a_frame_of_the_largest_size_is_cut_and_one_byte_more_is_not() {
    let mut bytes = vec![0; FRAME_MAX + 1];
    bytes[..4].copy_from_slice(&(FRAME_MAX as u32 - 4).to_le_bytes());
    assert_eq!(split(&bytes), Split::Frame { frame: &bytes[..FRAME_MAX], rest: &[0] });
    bytes[..4].copy_from_slice(&(FRAME_MAX as u32 - 3).to_le_bytes());
    assert_eq!(split(&bytes), Split::Malformed(Fault::LengthOutOfRange));
}

#[test]
fn the_fullest_frame_of_every_type_fits() {
    for direction in [crate::Direction::Up, crate::Direction::Down] {
        for layout in tables::layouts(direction) {
            let lists: usize = layout.lists.iter().map(|list| list.max * list.element_bytes).sum();
            assert!(layout.fixed_bytes + lists <= FRAME_MAX, "{}", layout.name);
        }
    }
}

#[test]
fn what_is_too_long_cannot_be_made() {
    let bids = [Bid::new(1, None); BIDS_MAX + 1];
    assert!(List::<_, BIDS_MAX>::new(&bids[1..]).is_ok());
    assert_eq!(List::<_, BIDS_MAX>::new(&bids), Err(TooLong { length: BIDS_MAX + 1, max: BIDS_MAX }));
    let values = [ValueCode::new(1); CLAUSE_VALUES_MAX + 1];
    assert!(List::<_, CLAUSE_VALUES_MAX>::new(&values).is_err());
    let text = "n".repeat(NAME_BYTES_MAX + 1);
    assert!(Text::<NAME_BYTES_MAX>::new(&text[1..]).is_ok());
    assert!(Text::<NAME_BYTES_MAX>::new(&text).is_err());
    assert_eq!(Text::<4>::cut_to_fit("abcé").as_str(), "abc");
    let bytes = [0; KEY_BYTES_MAX + 1];
    assert!(Key::new(&bytes[1..]).is_ok());
    assert!(Key::new(&bytes).is_err());
    assert!(Bytes::<DESTINATION_BYTES_MAX>::new(&bytes[..=DESTINATION_BYTES_MAX]).is_err());
    assert!(DialTarget::new(&bytes[..DESTINATION_BYTES_MAX], 1).is_ok());
    assert!(DialTarget::new(&bytes[..=DESTINATION_BYTES_MAX], 1).is_err());
}

#[test]
fn a_key_does_not_show_itself() {
    let key = Key::new(b"dce_secret").expect("short");
    let hello = dce_protocol::up::Hello { version: 1, session: 1, resume: None, key };
    assert!(!format!("{hello:?}").contains("secret\"") && format!("{hello:?}").contains("Key("));
    assert!(!format!("{hello:?}").contains("dce_"));
}
