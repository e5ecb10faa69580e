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
    /// What the steps before `first` took.
    before: Duration,
    begun: Instant,
}

impl Horizon {
    /// Of a run that goes on now from step `first`, which it reached in the time `before`.
    pub fn new(config: &OptimiserConfig, first: u64, before: Duration) -> Self {
        let unasked = config.minutes.map_or(STEPS, |_| u64::MAX);
        let limit = config.steps.unwrap_or(unasked);
        let mut horizon = Self {
            limit,
            minutes: config.minutes,
            steps: limit,
            first,
            before,
            begun: Instant::now(),
        };
        if first > 0 {
            horizon.fit(first, Duration::ZERO);
        }
        horizon
    }

    /// What the whole run has taken until now.
    pub fn taken(&self) -> Duration {
        self.before + self.begun.elapsed()
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
        // By the steps since it goes on, once there are some: the machine may be another one.
        let pace = match step.saturating_sub(self.first) {
            0 => self.before.as_secs_f64() / step.max(1) as f64,
            taken => gone.as_secs_f64() / taken as f64,
        };
        let all = self.before + gone;
        let left = (minutes * 60.0 - all.as_secs_f64()).max(0.0);
        let fits = (left / pace.max(1e-9)) as u64;
        self.steps = self.limit.min(step.saturating_add(fits));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::of_flags;

    fn horizon(flags: &[&str], first: u64) -> Horizon {
        let before = Duration::from_secs(first);
        Horizon::new(&of_flags::<OptimiserConfig>(flags), first, before)
    }

    #[test]
    fn a_run_without_a_limit_in_minutes_has_the_steps_it_was_given() {
        let mut all = horizon(&["--steps", "100"], 0);
        all.fit(50, Duration::from_secs(1_000_000));
        assert_eq!(all.steps(), 100);
    }

    #[test]
    fn a_run_of_minutes_has_as_many_steps_as_the_pace_allows() {
        let mut one = horizon(&["--steps", "1000000", "--minutes", "1"], 0);
        // Two a second.
        one.fit(20, Duration::from_secs(10));
        assert_eq!(one.steps(), 120);
        one.fit(100, Duration::from_secs(60));
        assert_eq!(one.steps(), 100);
    }

    #[test]
    fn minutes_before_a_run_goes_on_count_too() {
        // 30 s for 30 steps until now.
        let mut one = horizon(&["--minutes", "1"], 30);
        assert_eq!(one.steps(), 60);
        // Two a second since then.
        one.fit(40, Duration::from_secs(5));
        assert_eq!(one.steps(), 90);
        assert_eq!(horizon(&["--minutes", "1"], 60).steps(), 60, "it is done");
        assert_eq!(horizon(&["--minutes", "2"], 60).steps(), 120);
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
