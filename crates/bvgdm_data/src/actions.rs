//! `actions.jsonl`: one line a frame, `{"frame":0,"actions":{"forward":1,"yaw":-2.5}}`.
//! Actions that are zero are left out.

use std::collections::BTreeMap;
use std::path::Path;

use bvgdm_core::{ActionSchema, ActionVector};
use serde::Deserialize;

use crate::error::{DataError, Result};

/// The file's name in an episode.
pub(crate) const ACTIONS_FILE: &str = "actions.jsonl";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    frame: usize,
    #[serde(borrow)]
    actions: BTreeMap<std::borrow::Cow<'a, str>, f32>,
}

/// Appends the line of frame `frame`.
pub(crate) fn push_line(
    out: &mut String,
    frame: usize,
    schema: &ActionSchema,
    vector: &ActionVector,
) {
    use std::fmt::Write as _;
    // Writing to a String cannot fail.
    let _ = write!(out, "{{\"frame\":{frame},\"actions\":{{");
    let mut separator = "";
    for (name, &value) in schema.names().zip(&vector.0) {
        if value != 0.0 {
            // serde_json escapes the name; `{}` of an f32 is the shortest text that reads back.
            let name = serde_json::Value::from(name);
            let _ = write!(out, "{separator}{name}:{value}");
            separator = ",";
        }
    }
    out.push_str("}}\n");
}

/// Reads exactly `count` lines of this schema.
///
/// # Errors
/// Names the line and what is wrong with it.
pub(crate) fn parse(
    bytes: &[u8],
    count: usize,
    schema: &ActionSchema,
    file: &Path,
) -> Result<Vec<ActionVector>> {
    // Not reserved: `count` is a claim, the lines are there.
    let mut vectors = Vec::new();
    let lines = bytes
        .strip_suffix(b"\n")
        .unwrap_or(bytes)
        .split(|&b| b == b'\n')
        .filter(|_| !bytes.is_empty());
    for (index, line) in lines.enumerate() {
        if index >= count {
            return Err(DataError::invalid(
                file,
                "lines",
                format!("{count}, one a frame"),
                "more",
            ));
        }
        vectors.push(parse_line(line, index, schema, file)?);
    }
    if vectors.len() != count {
        return Err(DataError::invalid(
            file,
            "lines",
            format!("{count}, one a frame"),
            vectors.len(),
        ));
    }
    Ok(vectors)
}

fn parse_line(
    line: &[u8],
    index: usize,
    schema: &ActionSchema,
    file: &Path,
) -> Result<ActionVector> {
    let at = format!("line {}", index + 1);
    let line: Line = serde_json::from_slice(line).map_err(|e| explain(line, &e, &at, file))?;
    if line.frame != index {
        return Err(DataError::invalid(
            file,
            format!("{at}: frame"),
            index.to_string(),
            line.frame,
        ));
    }
    let mut vector = schema.zeros();
    for (name, value) in &line.actions {
        let slot = schema.index_of(name).and_then(|i| vector.0.get_mut(i));
        let Some(slot) = slot else {
            return Err(DataError::invalid(
                file,
                format!("{at}: actions"),
                format!("one of {:?}", schema.names().collect::<Vec<_>>()),
                format!("{name:?}"),
            ));
        };
        *slot = *value;
    }
    schema
        .check(&vector)
        .map_err(|e| DataError::from_core(e, file, &at))?;
    Ok(vector)
}

/// The error of a line that does not parse, with the action's name where one has no number.
fn explain(line: &[u8], error: &serde_json::Error, at: &str, file: &Path) -> DataError {
    let value: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
    let actions = value.get("actions").and_then(serde_json::Value::as_object);
    let wrong = actions.and_then(|actions| actions.iter().find(|(_, v)| !v.is_number()));
    if let Some((name, value)) = wrong {
        return DataError::invalid(file, format!("{at}: actions.{name}"), "a number", value);
    }
    let message = error.to_string();
    // It counts lines within the one that it was given.
    let message = message.split(" at line ").next().unwrap_or_default();
    let column = error.column();
    DataError::parse(file, format_args!("{at}, column {column}: {message}"))
}
