//! Where a run ends: after so many steps, or after so many minutes.

use std::time::{Duration, Instant};

use crate::config::OptimiserConfig;

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
        Self {
            limit: config.steps,
            minutes: config.minutes,
            steps: config.steps,
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
    use crate::config::OptimiserKind;

    fn horizon(steps: u64, minutes: Option<f64>, first: u64) -> Horizon {
        let config = OptimiserConfig {
            optimiser: OptimiserKind::AdamW,
            steps,
            minutes,
            learning_rate: 1.0,
            warmup: 0,
            decay: 0.5,
            weight_decay: 0.0,
            clip: 1.0,
            ema: 0.9,
        };
        Horizon::new(&config, first)
    }

    #[test]
    fn a_run_without_a_limit_in_minutes_has_the_steps_it_was_given() {
        let mut all = horizon(100, None, 0);
        all.fit(50, Duration::from_secs(1_000_000));
        assert_eq!(all.steps(), 100);
    }

    #[test]
    fn a_run_of_minutes_has_as_many_steps_as_the_pace_allows() {
        let mut one = horizon(1_000_000, Some(1.0), 500);
        // Two a second since it goes on.
        one.fit(520, Duration::from_secs(10));
        assert_eq!(one.steps(), 620);
        one.fit(600, Duration::from_secs(60));
        assert_eq!(one.steps(), 600);
    }

    #[test]
    fn minutes_do_not_lengthen_a_run() {
        let mut short = horizon(30, Some(1.0), 0);
        short.fit(20, Duration::from_secs(10));
        assert_eq!(short.steps(), 30);
    }
}
