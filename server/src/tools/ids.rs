//! Ids as people type and read them: a small one as a number, a large one as 32 hexadecimal digits.

use dce_client::CallId;

/// The text of an id, as the client library prints it.
pub(crate) fn text(id: u128) -> String {
    CallId(id).to_string()
}

/// The id in a text: a decimal number, or 32 hexadecimal digits, with or without a UUID's hyphens.
///
/// # Errors
///
/// What an id looks like, in one sentence.
pub(crate) fn parse(text: &str) -> Result<u128, String> {
    let fault = || format!("`{text}` is no id: give a number, or a UUID such as 0198c0de-7a3b-7000-8000-000000000001");
    let hex: String = text.chars().filter(|c| *c != '-').collect();
    // Thirty-two digits are a UUID, whatever they are made of: a number that long is written with fewer zeros.
    if hex.len() == 32 && hex.is_ascii() {
        return u128::from_str_radix(&hex, 16).map_err(|_| fault());
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) { text.parse().map_err(|_| fault()) } else { Err(fault()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: u128 = 0x0198_c0de_7a3b_7000_8000_0000_0000_0001;

    #[test]
    fn what_is_shown_can_be_typed() {
        for id in [0, 7, 1_001, 1_000_000, 1_000_001, UUID, u128::MAX] {
            assert_eq!(parse(&text(id)), Ok(id));
        }
        assert_eq!(text(1_001), "1001");
        assert_eq!(text(UUID), "0198c0de7a3b70008000000000000001");
        assert_eq!(parse("0198c0de-7a3b-7000-8000-000000000001"), Ok(UUID));
    }

    #[test]
    fn what_is_no_id_is_told_what_one_looks_like() {
        for wrong in
            ["", "seven", "-1", "+1", "12 ", "0198c0de-7a3b-7000-8000-00000000000g", "é198c0de7a3b7000800000000000001"]
        {
            let told = parse(wrong).unwrap_err();
            assert!(told.contains("is no id"), "{told}");
        }
    }
}
