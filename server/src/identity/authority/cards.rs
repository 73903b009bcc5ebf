//! Card numbers have no place here: what looks like one is refused where text is kept.

/// Whether a text holds what looks like the number of a payment card: 13 to 19 digits, blanks and dashes between them
/// allowed, that begin as an issuer's do and whose check digit is right (ISO/IEC 7812).
pub(super) fn holds_card_number(text: &str) -> bool {
    let mut digits: Vec<u8> = Vec::new();
    for byte in text.bytes().chain([b'.']) {
        match byte {
            b'0'..=b'9' => digits.push(byte - b'0'),
            b' ' | b'-' if !digits.is_empty() => {}
            _ => {
                if is_card_number(&digits) {
                    return true;
                }
                digits.clear();
            }
        }
    }
    false
}

fn is_card_number(digits: &[u8]) -> bool {
    let known = match digits {
        // Visa; Mastercard; American Express; Discover, UnionPay and Maestro; JCB and Diners.
        [4, ..] | [5, 1..=5, ..] | [2, 2..=7, ..] | [3, 4 | 7, ..] | [6, ..] | [3, 0 | 5 | 6 | 8, ..] => true,
        _ => false,
    };
    let sum: u32 = digits.iter().rev().enumerate().map(|(place, digit)| weigh(place, u32::from(*digit))).sum();
    known && (13..=19).contains(&digits.len()) && sum.is_multiple_of(10)
}

/// Every second digit from the right counts twice, and of what has two digits the sum of both.
const fn weigh(place: usize, digit: u32) -> u32 {
    let twice = if place % 2 == 1 { digit * 2 } else { digit };
    if twice > 9 { twice - 9 } else { twice }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_issuers_publish_for_tests_are_found_however_they_are_written() {
        for number in
            ["4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "6011111111111117", "2223003122003222"]
        {
            assert!(holds_card_number(number), "{number}");
            assert!(holds_card_number(&format!("call {number}, thanks")), "{number}");
        }
        for text in
            ["", "4111111111111112", "411111111111", "1764000000000000", "+1 415 555 0100", "4111 1111 x 1111 1111"]
        {
            assert!(!holds_card_number(text), "{text}");
        }
    }
}
