//! Bytes that are nearly a frame: nothing panics, and what still decodes is a frame that is written just so.

use crate::{Sample, samples};

#[test]
fn a_frame_cut_anywhere_is_no_frame() {
    for Sample { name, direction, bytes } in samples::all() {
        for end in 0..bytes.len() {
            assert!(direction.again(&bytes[..end]).is_err(), "{name} cut at {end}");
            let mut relabelled = bytes[..end].to_vec();
            if end >= 16 {
                relabelled[..4].copy_from_slice(&(end as u32 - 4).to_le_bytes());
                assert!(direction.again(&relabelled).is_err(), "{name} cut at {end}, with a length to match");
            }
        }
    }
}

#[test]
fn whatever_one_byte_is_changed_to_there_is_one_way_to_write_a_frame() {
    let mut decoded = 0_u64;
    for Sample { name, direction, bytes } in samples::all() {
        let mut changed = bytes.clone();
        for at in 0..bytes.len() {
            for byte in 0..=u8::MAX {
                changed[at] = byte;
                if let Ok(again) = direction.again(&changed) {
                    assert_eq!(again, changed, "{name}, byte {at} is {byte}");
                    decoded += 1;
                }
            }
            changed[at] = bytes[at];
        }
    }
    assert!(decoded > 100_000, "most bytes are part of an id or an amount");
}

#[test]
fn bytes_of_chance_are_no_frames_and_do_no_harm() {
    let mut state = 7_u64;
    let mut bytes = vec![0; 600];
    for round in 0..200_000_u64 {
        bytes.fill_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        });
        let size = 16 + (round % 500) as usize;
        bytes[..4].copy_from_slice(&(size as u32 - 4).to_le_bytes());
        bytes[6..8].fill(0);
        for direction in [crate::Direction::Up, crate::Direction::Down] {
            if let Ok(again) = direction.again(&bytes[..size]) {
                assert_eq!(again, bytes[..size]);
            }
        }
        let _ = dce_protocol::split(&bytes[(round % 16) as usize..]);
    }
}
