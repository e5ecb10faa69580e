//! Classes of actions, and how often they are read right.

use bvgdm_core::{ActionKind, ActionSchema};

/// Below this share of its bound an axis counts as still.
const STILL: f32 = 0.05;
/// A class that was seen less often says nothing.
const MIN_SEEN: u64 = 10;

/// The classes that an action has, and where their logits are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// First logit.
    pub from: usize,
    /// 2 for a button (not held, held), 3 for an axis (negative, still, positive).
    pub classes: usize,
}

/// One target an action.
pub(super) fn targets(schema: &ActionSchema) -> Vec<Target> {
    let mut from = 0;
    let each = schema.actions.iter().map(|action| {
        let classes = if action.kind == ActionKind::Button {
            2
        } else {
            3
        };
        from += classes;
        Target {
            from: from - classes,
            classes,
        }
    });
    each.collect()
}

impl Target {
    /// The class of a normalised value.
    pub fn class(&self, value: f32) -> usize {
        match self.classes {
            2 => usize::from(value > 0.5),
            _ => 1 + usize::from(value > STILL) - usize::from(value < -STILL),
        }
    }

    /// The class of the largest logit.
    pub fn read(&self, logits: &[f32]) -> usize {
        let own = logits
            .get(self.from..self.from + self.classes)
            .unwrap_or_default();
        own.iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(b.1))
            .map_or(0, |(class, _)| class)
    }
}

/// Counts of what was given and what was read.
pub(super) struct Score {
    targets: Vec<Target>,
    /// For every action and class: how often it was given, and how often also read.
    counts: Vec<[(u64, u64); 3]>,
}

impl Score {
    pub fn new(targets: &[Target]) -> Self {
        Self {
            targets: targets.to_vec(),
            counts: vec![[(0, 0); 3]; targets.len()],
        }
    }

    /// Adds moments: the logits of each, and the normalised actions that were given.
    pub fn add(&mut self, logits: &[Vec<f32>], given: &[Vec<f32>]) {
        for (logits, given) in logits.iter().zip(given) {
            for ((target, counts), &value) in self.targets.iter().zip(&mut self.counts).zip(given) {
                let class = target.class(value);
                if let Some((seen, right)) = counts.get_mut(class) {
                    *seen += 1;
                    *right += u64::from(target.read(logits) == class);
                }
            }
        }
    }

    /// Balanced accuracy of every action, if each of its classes was seen often enough.
    pub fn balanced(&self) -> Vec<Option<f64>> {
        let each = self
            .targets
            .iter()
            .zip(&self.counts)
            .map(|(target, counts)| {
                let counts = counts.get(..target.classes)?;
                let enough = counts.iter().all(|(seen, _)| *seen >= MIN_SEEN);
                let rates = counts
                    .iter()
                    .map(|(seen, right)| *right as f64 / *seen as f64);
                enough.then(|| rates.sum::<f64>() / target.classes as f64)
            });
        each.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bvgdm_core::ActionSpec;

    fn schema() -> ActionSchema {
        ActionSchema::new([
            ActionSpec::button("jump"),
            ActionSpec::axis("yaw", -8.0, 8.0),
        ])
        .unwrap()
    }

    #[test]
    fn values_have_classes() {
        let targets = targets(&schema());
        assert_eq!(
            targets[1],
            Target {
                from: 2,
                classes: 3
            }
        );
        let classes = |target: &Target, values: [f32; 3]| values.map(|v| target.class(v));
        assert_eq!(classes(&targets[0], [0.0, 1.0, 1.0]), [0, 1, 1]);
        assert_eq!(classes(&targets[1], [-0.3, 0.04, 0.06]), [0, 1, 2]);
        assert_eq!(targets[1].read(&[9.0, 9.0, 0.0, 0.5, 0.1]), 1);
    }

    #[test]
    fn one_who_always_says_no_is_right_half_the_time() {
        let mut score = Score::new(&targets(&schema()));
        let given: Vec<Vec<f32>> = (0..200)
            .map(|i| vec![f32::from(u8::from(i % 20 == 0)), 0.5])
            .collect();
        let logits = vec![vec![1.0, 0.0, 0.0, 0.0, 1.0]; 200];
        score.add(&logits, &given);
        // The button was held 10 times; the axis was never still.
        assert_eq!(score.balanced(), [Some(0.5), None]);
    }
}
