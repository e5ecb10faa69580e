//! The log of keys and mouse beside a video: one JSON object a frame.
//!
//! Line i is what was held while going from frame i to frame i + 1.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use bvgdm_core::{ActionKind, ActionVector};
use serde_json::Value;

use super::bindings::{Bindings, Source};
use super::field::Line;
use crate::error::{DataError, Result};

/// The longest line that is read; the contractors' have some hundred bytes.
const MAX_LINE_BYTES: u64 = 64 << 10;
/// Mouse counts in one frame.
const MAX_COUNTS: f64 = 1e6;
const KEY_PREFIX: &str = "key.keyboard.";
/// The left mouse button.
const ATTACK: u64 = 0;

/// What one line says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moment {
    /// In the schema's order; axes as they are, possibly beyond their bounds.
    pub action: ActionVector,
    pub kind: Kind,
}

/// What is special about a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something is held or moved.
    Active,
    /// Nothing at all is held or moved.
    Idle,
    /// A menu is open.
    Gui,
    /// The line is `null`: it is not known what was held.
    Missing,
}

/// Reads at most `most` lines.
///
/// # Errors
/// Names the line and the field that is wrong.
pub(super) fn read(file: &Path, bindings: &Bindings, most: usize) -> Result<Vec<Moment>> {
    let io = |e| DataError::io(file, e);
    let mut input = BufReader::new(File::open(file).map_err(io)?);
    let mut reader = Reader {
        bindings,
        hotbar: 0,
        attack_is_stuck: false,
    };
    let mut moments = Vec::new();
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let mut part = (&mut input).take(MAX_LINE_BYTES + 1);
        if part.read_until(b'\n', &mut bytes).map_err(io)? == 0 {
            return Ok(moments);
        }
        let index = moments.len();
        if bytes.len() as u64 > MAX_LINE_BYTES {
            let expected = format!("at most {MAX_LINE_BYTES} bytes");
            return Err(DataError::invalid(
                file,
                format!("line {}", index + 1),
                expected,
                "more",
            ));
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        if index >= most {
            let expected = format!("at most {most}");
            return Err(DataError::invalid(file, "lines", expected, "more"));
        }
        let value: Value = serde_json::from_slice(&bytes).map_err(|e| {
            let message = e.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            let (line, column) = (index + 1, e.column());
            DataError::parse(
                file,
                format_args!("line {line}, column {column}: {message}"),
            )
        })?;
        let line = Line {
            value: &value,
            index,
            file,
        };
        moments.push(reader.moment(line)?);
    }
}

struct Reader<'a> {
    bindings: &'a Bindings,
    /// The slot that was selected last, from 0.
    hotbar: u64,
    /// Recordings may begin with a press that is never seen to end.
    attack_is_stuck: bool,
}

/// The fields of a line that matter.
struct Held<'a> {
    keys: Vec<&'a str>,
    buttons: Vec<u64>,
    dx: f32,
    dy: f32,
    /// The slot that was selected in this moment, from 1.
    slot: Option<u64>,
    gui: bool,
}

impl Reader<'_> {
    fn moment(&mut self, line: Line<'_>) -> Result<Moment> {
        if line.value.is_null() {
            return Ok(Moment {
                action: self.bindings.schema().zeros(),
                kind: Kind::Missing,
            });
        }
        let held = self.held(line)?;
        let idle = held.keys.is_empty() && held.buttons.is_empty();
        let idle = idle && held.dx == 0.0 && held.dy == 0.0 && held.slot.is_none();
        let values = self.bindings.sources().map(|(kind, sources)| {
            let sum: f32 = sources.iter().map(|source| held.value(source)).sum();
            match kind {
                ActionKind::Button => f32::from(u8::from(sum != 0.0)),
                ActionKind::Axis { .. } => sum,
            }
        });
        Ok(Moment {
            action: ActionVector(values.collect()),
            kind: match (held.gui, idle) {
                (true, _) => Kind::Gui,
                (false, true) => Kind::Idle,
                (false, false) => Kind::Active,
            },
        })
    }

    fn held<'a>(&mut self, line: Line<'a>) -> Result<Held<'a>> {
        let keys = line.texts("keyboard.keys")?;
        let mut buttons = line.numbers("mouse.buttons")?;
        let pressed = line.optional_numbers("mouse.newButtons")?;
        if line.index == 0 {
            self.attack_is_stuck = pressed == [ATTACK];
        } else if pressed.contains(&ATTACK) {
            self.attack_is_stuck = false;
        }
        if self.attack_is_stuck {
            buttons.retain(|&button| button != ATTACK);
        }
        let hotbar = line.count("hotbar")?;
        let slot = (hotbar != self.hotbar).then(|| hotbar.saturating_add(1));
        self.hotbar = hotbar;
        Ok(Held {
            keys,
            buttons,
            dx: line.number("mouse.dx", MAX_COUNTS)?,
            dy: line.number("mouse.dy", MAX_COUNTS)?,
            slot,
            gui: line.flag("isGuiOpen")?,
        })
    }
}

impl Held<'_> {
    fn value(&self, source: &Source) -> f32 {
        let short = |key: &'_ str| key.strip_prefix(KEY_PREFIX).unwrap_or(key).to_owned();
        let held = match source {
            Source::Key(name) => self.keys.iter().any(|key| short(key) == short(name)),
            Source::MouseButton(button) => self.buttons.contains(button),
            Source::Hotbar(slot) => self.slot == Some(*slot),
            Source::Gui => self.gui,
            Source::MouseX(factor) => return self.dx * factor,
            Source::MouseY(factor) => return self.dy * factor,
        };
        f32::from(u8::from(held))
    }
}
