//! Mirror images, as twice the recording where left and right are alike.

use bvgdm_core::{ActionKind, ActionSchema};

use crate::error::{Result, TrainError};

/// What becomes of an action in the mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    /// For every action, the one whose value it gets, and whether with the other sign.
    from: Vec<(usize, bool)>,
}

impl Mirror {
    /// Reads `left=right` (these two change places) and `yaw` (this axis changes its sign).
    ///
    /// # Errors
    /// When a name is not in the schema, a pair's kinds differ, or a single name is no axis.
    pub fn parse(rules: &[String], schema: &ActionSchema) -> Result<Self> {
        let wrong = |rule: &str, expected: &str| {
            let names: Vec<_> = schema.names().collect();
            let found = format!("{rule:?} for the actions {}", names.join(", "));
            TrainError::unsuitable("mirror", expected, found)
        };
        let mut from: Vec<_> = (0..schema.len()).map(|i| (i, false)).collect();
        let index = |name: &str, rule| {
            let expected = "names of actions";
            schema.index_of(name).ok_or_else(|| wrong(rule, expected))
        };
        for rule in rules {
            match rule.split_once('=') {
                Some((a, b)) => {
                    let (a, b) = (index(a, rule)?, index(b, rule)?);
                    if schema.actions[a].kind != schema.actions[b].kind {
                        return Err(wrong(rule, "two actions of one kind"));
                    }
                    (from[a].0, from[b].0) = (b, a);
                }
                None => {
                    let i = index(rule, rule)?;
                    if !matches!(schema.actions[i].kind, ActionKind::Axis { .. }) {
                        return Err(wrong(rule, "an axis, or a pair of actions a=b"));
                    }
                    from[i].1 = true;
                }
            }
        }
        Ok(Self { from })
    }

    /// The normalised action in the mirror.
    pub fn action(&self, normalised: &[f32]) -> Vec<f32> {
        let value = |&(i, negative): &(usize, bool)| match (normalised.get(i), negative) {
            (Some(value), true) => -value,
            (value, _) => value.copied().unwrap_or_default(),
        };
        self.from.iter().map(value).collect()
    }
}

/// Rows of `R G B` pixels, right to left.
pub fn flip(rgb: &[u8], width: usize) -> impl Iterator<Item = u8> {
    rgb.chunks_exact(3 * width)
        .flat_map(|row| row.chunks_exact(3).rev().flatten().copied())
}

#[cfg(test)]
mod tests {
    use bvgdm_core::ActionSpec;

    use super::*;

    fn schema() -> ActionSchema {
        let buttons = ["left", "right", "jump"].map(ActionSpec::button);
        let axis = ActionSpec::axis("yaw", -8.0, 8.0);
        ActionSchema::new(buttons.into_iter().chain([axis])).unwrap()
    }

    fn rules(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn sides_change_places_and_turns_their_sign() {
        let mirror = Mirror::parse(&rules("left=right,yaw"), &schema()).unwrap();
        assert_eq!(mirror.action(&[1.0, 0.0, 1.0, 0.5]), [0.0, 1.0, 1.0, -0.5]);
    }

    #[test]
    fn what_is_not_in_the_schema_or_cannot_be_mirrored_is_an_error() {
        for wrong in ["up=down", "left=yaw", "jump", "roll"] {
            let error = Mirror::parse(&rules(wrong), &schema()).unwrap_err();
            assert!(error.to_string().contains(wrong), "{error}");
        }
    }

    #[test]
    fn a_row_is_read_from_the_right() {
        let rgb = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        let flipped: Vec<u8> = flip(&rgb, 2).collect();
        assert_eq!(flipped, [4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9]);
    }
}
