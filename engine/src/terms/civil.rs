//! Months of the Gregorian calendar, counted from January 1970, and the days they have.

use super::Holiday;

/// The month that a day lies in.
pub(crate) const fn month_of(day: u32) -> u32 {
    // Eras of 400 years that begin in March, so that a leap day is the last of its year.
    let day = day as u64 + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Months from March on: five of them have 153 days.
    let month = (5 * day + 2) / 153;
    // March is the third month of its year; January and February are the year's last two here.
    ((era * 400 + year) * 12 + month + 2 - 1970 * 12) as u32
}

/// The first day of a month.
pub(crate) const fn first_day_of(month: u32) -> u32 {
    Holiday::day((1970 + month / 12) as u16, (month % 12 + 1) as u16, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_lies_between_the_first_of_its_month_and_of_the_next() {
        // Through 2400, with its leap day, and past 2100, which has none.
        for day in 0..Holiday::day(2401, 1, 1) {
            let month = month_of(day);
            assert!(first_day_of(month) <= day && day < first_day_of(month + 1), "day {day}, month {month}");
        }
    }

    #[test]
    fn months_are_counted_from_1970() {
        assert_eq!(month_of(0), 0);
        assert_eq!(month_of(Holiday::day(2024, 2, 29)), 54 * 12 + 1);
        assert_eq!(month_of(Holiday::day(2024, 3, 1)), 54 * 12 + 2);
    }
}
