//! What a player can do: the action schema and one moment's values.

mod oasis;

pub use oasis::OASIS_FPS;

use serde::{Deserialize, Serialize};

use crate::error::{CoreError, Result};

/// The most actions that a schema may list.
const MAX_ACTIONS: usize = 256;

/// One kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum ActionKind {
    /// Held (1) or not (0).
    Button,
    /// A value between two bounds, such as degrees of camera turn in one frame.
    Axis {
        /// The smallest value.
        min: f32,
        /// The largest value.
        max: f32,
    },
}

/// One action: its name and its kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionSpec {
    /// The name by which a game maps its own input to this action.
    pub name: String,
    /// Button or axis.
    pub kind: ActionKind,
}

/// The ordered list of the actions that a world understands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionSchema {
    /// The actions, in the order of an [`ActionVector`]'s values.
    pub actions: Vec<ActionSpec>,
}

/// The value of every action of a schema at one moment, in the schema's order and units.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionVector(pub Vec<f32>);

impl ActionSpec {
    /// A button.
    pub fn button(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: ActionKind::Button,
        }
    }

    /// An axis with values from `min` to `max`.
    pub fn axis(name: impl Into<String>, min: f32, max: f32) -> Self {
        Self {
            name: name.into(),
            kind: ActionKind::Axis { min, max },
        }
    }
}

impl ActionSchema {
    /// A schema of these actions.
    ///
    /// # Errors
    /// See [`ActionSchema::validate`].
    pub fn new(actions: impl IntoIterator<Item = ActionSpec>) -> Result<Self> {
        let schema = Self {
            actions: actions.into_iter().collect(),
        };
        schema.validate()?;
        Ok(schema)
    }

    /// How many actions there are.
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether there is no action at all (a video without a log of actions).
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// Where `name` stands in an [`ActionVector`].
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.actions.iter().position(|a| a.name == name)
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().map(|a| a.name.as_str())
    }

    /// Nothing pressed, nothing moved.
    pub fn zeros(&self) -> ActionVector {
        ActionVector(vec![0.0; self.len()])
    }

    /// Checks names (1 to 64 characters, each once), ranges (finite, containing 0) and count.
    ///
    /// # Errors
    /// Names the first action that is wrong.
    pub fn validate(&self) -> Result<()> {
        if self.len() > MAX_ACTIONS {
            return Err(CoreError::invalid(
                "schema",
                format!("at most {MAX_ACTIONS} actions"),
                self.len(),
            ));
        }
        for (i, action) in self.actions.iter().enumerate() {
            let field = format!("schema[{i}]");
            if action.name.is_empty() || action.name.chars().count() > 64 {
                return Err(CoreError::invalid(
                    format!("{field}.name"),
                    "1 to 64 characters",
                    format!("{:?}", action.name),
                ));
            }
            if self.actions[..i].iter().any(|a| a.name == action.name) {
                return Err(CoreError::invalid(
                    format!("{field}.name"),
                    "a name that no other action has",
                    &action.name,
                ));
            }
            if let ActionKind::Axis { min, max } = action.kind {
                let sound = min.is_finite() && max.is_finite() && min <= 0.0 && max >= 0.0;
                if !sound || min >= max {
                    return Err(CoreError::invalid(
                        format!("{field}.kind"),
                        "finite bounds with min <= 0 <= max and min < max",
                        format!("{min} to {max}"),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Checks that `vector` belongs to this schema: count, buttons 0 or 1, axes within bounds.
    ///
    /// # Errors
    /// Names the action whose value is outside.
    pub fn check(&self, vector: &ActionVector) -> Result<()> {
        if vector.0.len() != self.len() {
            return Err(CoreError::invalid(
                "action",
                format!("{} values", self.len()),
                vector.0.len(),
            ));
        }
        for (action, &value) in self.actions.iter().zip(&vector.0) {
            let (ok, expected) = match action.kind {
                ActionKind::Button => (value == 0.0 || value == 1.0, "0 or 1".to_owned()),
                ActionKind::Axis { min, max } => {
                    // A little slack: text loses the last bit of a float.
                    let slack = 1e-4 * (max - min);
                    let ok = value >= min - slack && value <= max + slack;
                    (ok, format!("{min} to {max}"))
                }
            };
            if !ok {
                return Err(CoreError::invalid(
                    format!("action.{}", action.name),
                    expected,
                    value,
                ));
            }
        }
        Ok(())
    }

    /// What the network sees: buttons as they are, axes divided by their larger bound, so that
    /// everything lies in [-1, 1].
    pub fn normalize(&self, vector: &ActionVector) -> Vec<f32> {
        self.actions
            .iter()
            .zip(&vector.0)
            .map(|(action, &value)| match action.kind {
                ActionKind::Button => value,
                ActionKind::Axis { min, max } => value / max.max(-min),
            })
            .collect()
    }

    /// The nearest vector that [`check`](Self::check) accepts: axes clamped, buttons rounded.
    pub fn clamp(&self, vector: &mut ActionVector) {
        vector.0.resize(self.len(), 0.0);
        for (action, value) in self.actions.iter().zip(&mut vector.0) {
            if !value.is_finite() {
                *value = 0.0;
            }
            match action.kind {
                ActionKind::Button => *value = f32::from(u8::from(*value >= 0.5)),
                ActionKind::Axis { min, max } => *value = value.clamp(min, max),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> ActionSchema {
        ActionSchema::new([
            ActionSpec::button("forward"),
            ActionSpec::axis("yaw", -8.0, 4.0),
        ])
        .unwrap()
    }

    #[test]
    fn a_name_may_stand_only_once() {
        let twice = [ActionSpec::button("jump"), ActionSpec::button("jump")];
        let error = ActionSchema::new(twice).unwrap_err().to_string();
        assert!(error.contains("schema[1].name"), "{error}");
    }

    #[test]
    fn values_outside_the_schema_are_named() {
        let error = schema().check(&ActionVector(vec![0.5, 0.0])).unwrap_err();
        assert!(error.to_string().contains("action.forward"), "{error}");
        let error = schema()
            .check(&ActionVector(vec![1.0, f32::NAN]))
            .unwrap_err();
        assert!(error.to_string().contains("action.yaw"), "{error}");
        assert!(schema().check(&ActionVector(vec![1.0])).is_err());
    }

    #[test]
    fn axes_are_normalized_by_their_larger_bound() {
        assert_eq!(
            schema().normalize(&ActionVector(vec![1.0, 4.0])),
            [1.0, 0.5]
        );
    }

    #[test]
    fn clamping_gives_what_check_accepts() {
        let mut wild = ActionVector(vec![0.7, f32::INFINITY]);
        schema().clamp(&mut wild);
        assert_eq!(wild.0, [1.0, 0.0]);
        assert!(schema().check(&wild).is_ok());
    }

    #[test]
    fn a_range_without_zero_is_refused() {
        assert!(ActionSchema::new([ActionSpec::axis("throttle", 1.0, 2.0)]).is_err());
        assert!(ActionSchema::new([ActionSpec::axis("throttle", f32::NAN, 2.0)]).is_err());
    }
}
