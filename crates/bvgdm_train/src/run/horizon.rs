//! Where a run ends: after so many steps, or after so many minutes.

use std::time::{Duration, Instant};

use crate::config::OptimiserConfig;

/// Steps of a run that nobody gave a length.
const STEPS: u64 = 3000;

/// How many steps a run has in all.
#[derive(Debug, Clone)]
pub struct Horizon {
    limit: u64,
    minutes: Option<f64>,
    steps: u64,
    first: u64,
    begun: Instant,
}

impl Horizon {
    /// Of a run that goes on from step `first` now.
    pub fn new(config: &OptimiserConfig, first: u64) -> Self {
        let unasked = config.minutes.map_or(STEPS, |_| u64::MAX);
        let limit = config.steps.unwrap_or(unasked);
        Self {
            limit,
            minutes: config.minutes,
            steps: limit,
            first,
            begun: Instant::now(),
        }
    }

    /// Steps of the whole run, as far as is known.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Looks at the clock after step `step`.
    pub fn look(&mut self, step: u64) {
        self.fit(step, self.begun.elapsed());
    }

    fn fit(&mut self, step: u64, gone: Duration) {
        let Some(minutes) = self.minutes else { return };
        let taken = step.saturating_sub(self.first).max(1);
        let pace = gone.as_secs_f64() / taken as f64;
        let left = (minutes * 60.0 - gone.as_secs_f64()).max(0.0);
        let fits = (left / pace.max(1e-9)) as u64;
        self.steps = self.limit.min(step.saturating_add(fits));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::of_flags;

    fn horizon(flags: &[&str], first: u64) -> Horizon {
        Horizon::new(&of_flags::<OptimiserConfig>(flags), first)
    }

    #[test]
    fn a_run_without_a_limit_in_minutes_has_the_steps_it_was_given() {
        let mut all = horizon(&["--steps", "100"], 0);
        all.fit(50, Duration::from_secs(1_000_000));
        assert_eq!(all.steps(), 100);
    }

    #[test]
    fn a_run_of_minutes_has_as_many_steps_as_the_pace_allows() {
        let mut one = horizon(&["--steps", "1000000", "--minutes", "1"], 500);
        // Two a second since it goes on.
        one.fit(520, Duration::from_secs(10));
        assert_eq!(one.steps(), 620);
        one.fit(600, Duration::from_secs(60));
        assert_eq!(one.steps(), 600);
    }

    #[test]
    fn minutes_alone_are_the_only_end() {
        assert_eq!(horizon(&[], 0).steps(), STEPS);
        let mut long = horizon(&["--minutes", "60"], 0);
        // Two a second.
        long.fit(20, Duration::from_secs(10));
        assert_eq!(long.steps(), 7200);
    }

    #[test]
    fn minutes_do_not_lengthen_a_run() {
        let mut short = horizon(&["--steps", "30", "--minutes", "1"], 0);
        short.fit(20, Duration::from_secs(10));
        assert_eq!(short.steps(), 30);
    }
}
