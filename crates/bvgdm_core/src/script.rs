//! Actions written down: `W*40 D*20 W+Space*10`.

use crate::action::{ActionKind, ActionSchema, ActionVector};
use crate::error::{CoreError, Result};

/// The most frames that a script may ask for.
const MAX_FRAMES: usize = 1_000_000;

/// Keys that stand for the usual names of actions; the first name that a schema has counts (the second
/// ones are those of VPT's recordings, whose camera looks down for a positive `cameraX`).
const KEYS: [(&str, &str, f32); 15] = [
    ("W", "forward", 1.0),
    ("S", "back", 1.0),
    ("A", "left", 1.0),
    ("D", "right", 1.0),
    ("Space", "jump", 1.0),
    ("E", "use", 1.0),
    ("Click", "attack", 1.0),
    ("Left", "yaw", -3.0),
    ("Right", "yaw", 3.0),
    ("Left", "cameraY", -3.0),
    ("Right", "cameraY", 3.0),
    ("Up", "pitch", 2.0),
    ("Down", "pitch", -2.0),
    ("Up", "cameraX", -2.0),
    ("Down", "cameraX", 2.0),
];

/// A list of actions, one for each frame.
///
/// The text is words separated by blanks; a word is actions joined by `+`, and `*N` for how many
/// frames they are held. An action is a key of the usual ones (`W A S D Space E Click Left Right
/// Up Down`, `None`), a name of the schema, or `name=value` for an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionScript {
    /// One vector a frame.
    pub frames: Vec<ActionVector>,
}

impl ActionScript {
    /// Reads a script for this schema.
    ///
    /// # Errors
    /// Names the word that is no action of the schema, has a value out of range or a bad count.
    pub fn parse(text: &str, schema: &ActionSchema) -> Result<Self> {
        let mut frames: Vec<ActionVector> = Vec::new();
        for word in text.split_whitespace() {
            let (held, count) = match word.rsplit_once('*') {
                Some((held, count)) => {
                    let count = count.parse::<usize>().map_err(|_| {
                        CoreError::invalid(format!("script.{word}"), "a number after *", count)
                    })?;
                    (held, count)
                }
                None => (word, 1),
            };
            if count > MAX_FRAMES || frames.len() + count > MAX_FRAMES {
                let expected = format!("at most {MAX_FRAMES} frames");
                return Err(CoreError::invalid(
                    format!("script.{word}"),
                    expected,
                    count,
                ));
            }
            let mut vector = schema.zeros();
            for part in held.split('+') {
                set(part, schema, &mut vector)?;
            }
            schema.check(&vector)?;
            frames.extend(std::iter::repeat_n(vector, count));
        }
        Ok(Self { frames })
    }

    /// Reads those of the words that this schema knows: what is held when nobody has said anything.
    pub fn parse_known(text: &str, schema: &ActionSchema) -> Self {
        let words = text.split_whitespace();
        let known = words.filter_map(|word| Self::parse(word, schema).ok());
        Self {
            frames: known.flat_map(|script| script.frames).collect(),
        }
    }

    /// The action of frame `t`; after the end, the script starts again (nothing held if it is
    /// empty).
    pub fn at(&self, t: usize, schema: &ActionSchema) -> ActionVector {
        match self.frames.len() {
            0 => schema.zeros(),
            len => self
                .frames
                .get(t % len)
                .cloned()
                .unwrap_or_else(|| schema.zeros()),
        }
    }
}

fn set(part: &str, schema: &ActionSchema, vector: &mut ActionVector) -> Result<()> {
    let (name, value) = match part.split_once('=') {
        Some((name, value)) => {
            let value = value.parse().map_err(|_| {
                CoreError::invalid(format!("script.{part}"), "a number after =", value)
            })?;
            (name, Some(value))
        }
        None => (part, None),
    };
    if matches!(name, "None" | ".") {
        return Ok(());
    }
    let mut keys = KEYS.iter().filter(|(key, ..)| *key == name);
    let key = keys.find(|(_, target, _)| schema.index_of(target).is_some());
    let (target, default) = key.map_or((name, 1.0), |&(_, target, default)| (target, default));
    let Some(index) = schema.index_of(target) else {
        let names: Vec<_> = schema.names().collect();
        return Err(CoreError::invalid(
            format!("script.{part}"),
            format!("a key or one of {}", names.join(", ")),
            name,
        ));
    };
    let value = match schema.actions[index].kind {
        ActionKind::Button => value.unwrap_or(1.0),
        ActionKind::Axis { min, max } => match value {
            Some(value) if !(min..=max).contains(&value) => {
                let expected = format!("{min} to {max}");
                return Err(CoreError::invalid(
                    format!("script.{part}"),
                    expected,
                    value,
                ));
            }
            Some(value) => value,
            None => default.clamp(min, max),
        },
    };
    vector.0[index] = value;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::ActionSpec;

    fn schema() -> ActionSchema {
        ActionSchema::new([
            ActionSpec::button("forward"),
            ActionSpec::button("jump"),
            ActionSpec::axis("yaw", -8.0, 8.0),
        ])
        .unwrap()
    }

    #[test]
    fn words_are_held_for_their_count() {
        let script = ActionScript::parse("W*2 W+Space Left None yaw=1.5", &schema()).unwrap();
        let frames: Vec<_> = script.frames.iter().map(|f| f.0.clone()).collect();
        assert_eq!(
            frames,
            [
                [1.0, 0.0, 0.0],
                [1.0, 0.0, 0.0],
                [1.0, 1.0, 0.0],
                [0.0, 0.0, -3.0],
                [0.0, 0.0, 0.0],
                [0.0, 0.0, 1.5]
            ]
        );
        assert_eq!(script.at(6, &schema()), script.frames[0]);
    }

    #[test]
    fn a_schema_may_call_its_camera_as_recordings_of_minecraft_do() {
        let schema = ActionSchema::oasis();
        let held = |text| ActionScript::parse(text, &schema).unwrap().frames[0].clone();
        let camera = |text| [15, 16].map(|index| held(text).0[index]);
        assert_eq!(camera("W+Right"), [0.0, 3.0]);
        assert_eq!(camera("Up"), [-2.0, 0.0]);
    }

    #[test]
    fn of_words_that_nobody_typed_those_count_that_the_schema_knows() {
        let script = ActionScript::parse_known("W*2 E*3 Right", &schema());
        assert_eq!(script, ActionScript::parse("W*2 Right", &schema()).unwrap());
        let none = ActionSchema { actions: vec![] };
        let script = ActionScript::parse_known("W*2", &none);
        assert_eq!(script.at(1, &none), none.zeros());
    }

    #[test]
    fn a_word_outside_the_schema_is_named() {
        for (text, named) in [
            ("E*3", "script.E"),
            ("W*x", "W*x"),
            ("W*9999999", "W*9999999"),
            ("yaw=9*2", "script.yaw=9"),
            ("yaw=NaN", "script.yaw=NaN"),
        ] {
            let error = ActionScript::parse(text, &schema())
                .unwrap_err()
                .to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
