//! How many of something, as an option.

/// What is more is a slip of the hand.
const MOST: usize = 1_000_000;

/// From 1 to a million.
///
/// # Errors
/// When it is none of these, in a line.
pub fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=MOST) => Ok(count),
        _ => Err(format!("expected 1 to {MOST}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_nothing_or_too_much_is_refused() {
        assert_eq!(parse_count("1"), Ok(1));
        assert_eq!(parse_count("1000000"), Ok(MOST));
        for refused in ["0", "1000001", "18446744073709551616", "-1", "many"] {
            assert!(parse_count(refused).is_err(), "{refused}");
        }
    }
}
