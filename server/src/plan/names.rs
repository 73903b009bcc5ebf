//! The nearest name that would have been right: a suggestion when it is near, nothing when it would be a guess.

use crate::config::distance;

/// Longer names are not compared: nobody mistypes them, they were meant for something else.
const BYTES_MAX: usize = 64;

/// The known name most like `name`; none when fewer than two thirds of its letters stand.
pub(super) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if name.len() > BYTES_MAX {
        return None;
    }
    let wanted = name.to_lowercase();
    let near = |known: &'k str| {
        // A difference in length alone is at least as great a distance.
        let may = known.len().max(wanted.len()).div_ceil(3);
        if known.len().abs_diff(wanted.len()) > may {
            return None;
        }
        let distance = distance(&known.to_lowercase(), &wanted);
        (distance <= may).then_some((distance, known))
    };
    known.filter_map(near).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_meant_and_what_is_far_is_not() {
        let keys = ["bid", "tier", "daily_budget", "wants"];
        let of = |name| nearest(name, keys.into_iter());
        assert_eq!(of("dayly_budget"), Some("daily_budget"));
        assert_eq!(of("Tier"), Some("tier"));
        assert_eq!(of("bidd"), Some("bid"));
        assert_eq!(of("colour"), None);
        assert_eq!(nearest(&"x".repeat(1_000), keys.into_iter()), None);
        assert_eq!(of(""), None);
    }
}
