//! Counts of passed and failed tests, read from the lines that libtest and rustdoc print.

/// How many tests passed and failed, summed over all test binaries of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl Tally {
    /// Adds the counts of `line` when it is the `test result:` line that ends a test binary.
    pub fn observe(&mut self, line: &str) {
        if let Some(result) = parse_result(line) {
            self.passed += result.passed;
            self.failed += result.failed;
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`; the verdict may carry colour codes.
fn parse_result(line: &str) -> Option<Tally> {
    let counts = line.strip_prefix("test result: ")?;
    Some(Tally {
        passed: count_of(counts, "passed")?,
        failed: count_of(counts, "failed")?,
    })
}

/// The number in front of `word` in `… N word; …`.
fn count_of(counts: &str, word: &str) -> Option<u64> {
    counts.split(';').find_map(|part| {
        let mut words = part.split_whitespace().rev();
        (words.next()? == word).then(|| words.next()?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn tally_of(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.observe(line);
        }
        tally
    }

    #[test]
    fn sums_over_test_binaries_and_doc_tests() {
        let tally = tally_of(&[
            "running 3 tests\n",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n",
            "test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.20s\n",
            "   Doc-tests bvgdm_core\n",
            "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.30s\n",
        ]);
        assert_eq!(tally.to_string(), "9 passed, 2 failed");
    }

    #[test]
    fn reads_a_coloured_verdict() {
        let tally =
            tally_of(&["test result: \u{1b}[32mok\u{1b}[m. 12 passed; 0 failed; 0 ignored"]);
        assert_eq!(tally.passed, 12);
    }

    #[test]
    fn is_not_fooled_by_what_a_test_prints() {
        let tally = tally_of(&[
            "my test result: ok. 3 passed; 0 failed",
            "test result: unknown",
            "test result: ok. many passed; 0 failed",
            "test passed ... ok",
        ]);
        assert_eq!(tally, Tally::default());
    }
}
