//! Which keys and which mouse motion of a recording become which action of a schema.

use std::path::Path;

use bvgdm_core::{ActionKind, ActionSchema, ActionSpec, read_bounded};
use serde::{Deserialize, Serialize};

use super::usual::usual;
use crate::error::{DataError, Result};

const MAX_SCHEMA_BYTES: u64 = 1 << 20;
/// What of a line of the log an action is made from. Several sources of one action add up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Source {
    /// A key, with or without `key.keyboard.` in front: `w`, `left.shift`, `key.keyboard.space`.
    Key(String),
    /// A mouse button: 0 is the left, 1 the right, 2 the middle one.
    MouseButton(u64),
    /// The motion to the right, in counts, times this.
    MouseX(f32),
    /// The motion downwards, in counts, times this.
    MouseY(f32),
    /// The moment in which slot 1 to 9 of the hotbar is selected, by key or by wheel.
    Hotbar(u64),
    /// Whether a menu is open.
    Gui,
}

/// A schema and the sources of each of its actions.
#[derive(Debug, Clone, PartialEq)]
pub struct Bindings {
    schema: ActionSchema,
    sources: Vec<Vec<Source>>,
}

/// One action in a RON file; a plain schema is a list of those without `from`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    kind: ActionKind,
    #[serde(default, deserialize_with = "listed")]
    from: Option<Vec<Source>>,
}

/// A list without RON's `Some` around it.
fn listed<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<Vec<Source>>, D::Error> {
    Vec::deserialize(input).map(Some)
}

impl Bindings {
    /// Oasis' 25 actions, see [`ActionSchema::oasis`].
    pub fn oasis() -> Self {
        let schema = ActionSchema::oasis();
        let sources = schema.actions.iter();
        let sources = sources.map(|action| usual(action).unwrap_or_default());
        Self {
            sources: sources.collect(),
            schema,
        }
    }

    /// Binds the actions of a schema by their names: Oasis' ones, and `yaw` and `pitch` in degrees to
    /// the right and upwards.
    ///
    /// # Errors
    /// When the schema is unsound or has another name; `file` is what the error names.
    pub fn by_name(schema: ActionSchema, file: &Path) -> Result<Self> {
        schema
            .validate()
            .map_err(|e| DataError::from_core(e, file, ""))?;
        let sources = schema.actions.iter().enumerate().map(|(i, action)| {
            usual(action).ok_or_else(|| {
                let expected = "a list of sources for a name that is not a usual one";
                let found = format!("none for {:?}", action.name);
                DataError::invalid(file, format!("schema[{i}].from"), expected, found)
            })
        });
        let sources = sources.collect::<Result<_>>()?;
        Ok(Self { schema, sources })
    }

    /// Reads a RON file: a list of `(name: "jump", kind: Button, from: [Key("space")])`. Without
    /// `from`, the usual sources of the name.
    ///
    /// # Errors
    /// When it cannot be read, or names the entry that is wrong.
    pub fn load(file: &Path) -> Result<Self> {
        let bytes =
            read_bounded(file, MAX_SCHEMA_BYTES).map_err(|e| DataError::from_core(e, file, ""))?;
        Self::parse(&bytes, file)
    }

    /// As [`load`](Self::load), from text; `file` is what errors name.
    ///
    /// # Errors
    /// Names the entry that is wrong.
    pub fn parse(bytes: &[u8], file: &Path) -> Result<Self> {
        let (schema, given) = read(bytes, file)?;
        let usual_only = given.iter().all(Option::is_none);
        if usual_only {
            return Self::by_name(schema, file);
        }
        let mut sources = Vec::new();
        for (i, (given, action)) in given.into_iter().zip(&schema.actions).enumerate() {
            let field = || format!("schema[{i}].from");
            let Some(list) = given.or_else(|| usual(action)) else {
                let found = format!("none for {:?}", action.name);
                return Err(DataError::invalid(
                    file,
                    field(),
                    "a list of sources",
                    found,
                ));
            };
            if let Some(wrong) = list.iter().find(|source| !source.is_sound()) {
                let expected = "a factor from -1e6 to 1e6, a slot from 1 to 9, a key's name";
                return Err(DataError::invalid(
                    file,
                    field(),
                    expected,
                    format!("{wrong:?}"),
                ));
            }
            sources.push(list);
        }
        Ok(Self { schema, sources })
    }

    /// The actions.
    pub fn schema(&self) -> &ActionSchema {
        &self.schema
    }

    /// The sources of every action, in the schema's order.
    pub(super) fn sources(&self) -> impl Iterator<Item = (ActionKind, &[Source])> {
        let kinds = self.schema.actions.iter().map(|action| action.kind);
        kinds.zip(self.sources.iter().map(Vec::as_slice))
    }
}

/// Reads the actions of a RON file as [`Bindings::load`] takes it, whatever they are made from.
///
/// # Errors
/// When it cannot be read, or names the entry that is wrong.
pub fn load_schema(file: &Path) -> Result<ActionSchema> {
    let bytes =
        read_bounded(file, MAX_SCHEMA_BYTES).map_err(|e| DataError::from_core(e, file, ""))?;
    read(&bytes, file).map(|(schema, _)| schema)
}

/// The schema, and the sources that the file gives.
fn read(bytes: &[u8], file: &Path) -> Result<(ActionSchema, Vec<Option<Vec<Source>>>)> {
    let entries: Vec<Entry> = ron::de::from_bytes(bytes).map_err(|e| DataError::parse(file, e))?;
    let (actions, given): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .map(|entry| {
            let Entry { name, kind, from } = entry;
            (ActionSpec { name, kind }, from)
        })
        .unzip();
    let schema = ActionSchema::new(actions).map_err(|e| DataError::from_core(e, file, ""))?;
    Ok((schema, given))
}

impl Source {
    fn is_sound(&self) -> bool {
        match self {
            Self::MouseX(factor) | Self::MouseY(factor) => factor.abs() <= 1e6,
            Self::Hotbar(slot) => (1..=9).contains(slot),
            Self::Key(name) => (1..=64).contains(&name.len()),
            Self::MouseButton(_) | Self::Gui => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_oasis_has_a_source() {
        let oasis = Bindings::oasis();
        assert_eq!(oasis.sources.len(), 25);
        assert!(oasis.sources.iter().all(|list| !list.is_empty()));
        assert_eq!(oasis.sources[15], [Source::MouseY(0.15)]);
        assert_eq!(oasis.sources[16], [Source::MouseX(0.15)]);
    }

    #[test]
    fn a_file_gives_sources_or_leaves_them_to_the_names() {
        let parse = |text: &str| Bindings::parse(text.as_bytes(), Path::new("my.ron"));
        let text = r#"[
            (name: "forward", kind: Button),
            (name: "turn", kind: Axis(min: -9, max: 9), from: [MouseX(0.15)]),
            (name: "fire", kind: Button, from: [MouseButton(0), Key("left.control")]),
        ]"#;
        let bindings = parse(text).unwrap();
        assert_eq!(bindings.schema().len(), 3);
        assert_eq!(bindings.sources[0], [Source::Key("w".into())]);
        assert_eq!(bindings.sources[2].len(), 2);
        for (text, part) in [
            (r#"[(name: "fly", kind: Button)]"#, "schema[0].from"),
            (
                r#"[(name: "a", kind: Button, from: [MouseX(NaN)])]"#,
                "schema[0].from",
            ),
            (
                r#"[(name: "a", kind: Button, from: [Hotbar(10)])]"#,
                "schema[0].from",
            ),
            (
                r#"[(name: "a", kind: Axis(min: 1, max: 0), from: [])]"#,
                "schema[0].kind",
            ),
            (r#"[(name: "a", kind: Button, form: [])]"#, "form"),
            ("(", "my.ron"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("my.ron"), "{error}");
        }
    }
}
