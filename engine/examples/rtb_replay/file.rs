//! The file of auctions, line by line.

/// One line of the file.
pub(crate) struct Auction {
    pub(crate) clicked: bool,
    pub(crate) market_price: i64,
    pub(crate) rate_nanos: i64,
}

/// All lines, or what is wrong with the first bad one.
pub(crate) fn read(file: &str) -> Result<Vec<Auction>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    text.lines().zip(1..).map(|(line, number)| parse(line, number)).collect()
}

fn parse(line: &str, number: u32) -> Result<Auction, String> {
    let fault = |what: &str| format!("line {number}: {what}; a line is `clicked market_price predicted_click_rate`");
    let mut fields = line.split_whitespace();
    let mut field = || fields.next().ok_or_else(|| fault("too few fields"));
    let clicked = match field()? {
        "0" => false,
        "1" => true,
        _ => return Err(fault("clicked is 0 or 1")),
    };
    let market_price = field()?.parse().map_err(|_| fault("the market price is a whole number"))?;
    let rate_nanos = nanos(field()?).ok_or_else(|| fault("the rate is a number from 0 to 1"))?;
    Ok(Auction { clicked, market_price, rate_nanos })
}

/// A decimal, perhaps with an exponent, in thousand-millionths, rounded down.
fn nanos(text: &str) -> Option<i64> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let mut value: i128 = digits.get(..digits.len().min(30))?.parse().ok()?;
    let mut scale = 9 + exponent - i32::try_from(digits.len().min(30)).ok()? + i32::try_from(whole.len()).ok()?;
    while scale > 0 {
        value = value.checked_mul(10)?;
        scale -= 1;
    }
    while scale < 0 {
        value /= 10;
        scale += 1;
    }
    i64::try_from(value).ok().filter(|value| (0..=1_000_000_000).contains(value))
}
