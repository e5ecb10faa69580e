//! `metadata.ron`: what an episode is and which files it consists of.

use std::path::Path;

use bvgdm_core::{ActionSchema, Frame};
use serde::{Deserialize, Serialize};

use crate::actions::ACTIONS_FILE;
use crate::chunk;
use crate::error::{DataError, Result};

/// The version of the episode format that this build writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// The file that makes a folder an episode.
pub const METADATA_FILE: &str = "metadata.ron";

/// Enough for the file list of a hundred hours at 20 Hz.
pub(crate) const MAX_METADATA_BYTES: u64 = 96 << 20;
const MAX_CHUNK_FRAMES: usize = 1024;
/// Frames times actions: what all values of an episode may be.
const MAX_VALUES: usize = 1 << 26;
/// One line of a schema of 256 actions with the longest names.
const MAX_LINE_BYTES: u64 = 64 << 10;

/// Everything about an episode but its frames and actions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpisodeMetadata {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The name of the recorded game.
    pub game: String,
    /// What wrote the episode.
    pub recorder: Recorder,
    /// Frames a second, 0.1 to 1000.
    pub fps: f64,
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The actions that were recorded, in the order of the vectors.
    pub schema: ActionSchema,
    /// The seed from which the game started.
    pub seed: u64,
    /// How many frames, and as many lines of actions.
    pub frame_count: usize,
    /// Frames a chunk file; the last of a complete episode may have fewer.
    pub chunk_frames: usize,
    /// False for a recording that is still running or was killed.
    pub complete: bool,
    /// The actions' file, then every chunk in order.
    pub files: Vec<FileEntry>,
}

/// The program that wrote an episode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorder {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One file of an episode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// The path within the episode's folder, with `/`.
    pub name: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256 of the content, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// Read first: a file of another version may have other fields.
#[derive(Deserialize)]
struct Versioned {
    format_version: u32,
}

impl EpisodeMetadata {
    /// Reads and checks the text of a `metadata.ron`; `file` is what errors name.
    ///
    /// # Errors
    /// When it is no RON, of another version, or a field has a value that it must not have.
    pub fn parse(bytes: &[u8], file: &Path) -> Result<Self> {
        let parse = |e| parse_error(bytes, &e, file);
        let versioned: Versioned = ron::de::from_bytes(bytes).map_err(parse)?;
        if versioned.format_version != FORMAT_VERSION {
            return Err(DataError::Version {
                file: file.to_owned(),
                expected: FORMAT_VERSION,
                found: versioned.format_version,
            });
        }
        let metadata: Self = ron::de::from_bytes(bytes).map_err(parse)?;
        metadata.check(file)?;
        Ok(metadata)
    }

    /// The text of a `metadata.ron`.
    pub(crate) fn to_text(&self, file: &Path) -> Result<String> {
        ron::ser::to_string_pretty(self, ron::ser::PrettyConfig::default())
            .map_err(|e| DataError::parse(file, e))
    }

    /// How many chunk files there are.
    pub fn chunk_count(&self) -> usize {
        self.frame_count.div_ceil(self.chunk_frames.max(1))
    }

    /// How many frames chunk number `index` holds.
    pub fn frames_in_chunk(&self, index: usize) -> usize {
        let before = index.saturating_mul(self.chunk_frames);
        self.frame_count
            .saturating_sub(before)
            .min(self.chunk_frames)
    }

    /// Checks every field against its bounds; nothing on the disk is looked at.
    ///
    /// # Errors
    /// Names the first field that is wrong, in `file`.
    pub fn check(&self, file: &Path) -> Result<()> {
        self.check_recording(file)?;
        self.check_counts(file)?;
        self.check_files(file)
    }

    /// What holds from the first frame on.
    fn check_recording(&self, file: &Path) -> Result<()> {
        let invalid = |field: &str, expected: &str, found: &dyn std::fmt::Display| {
            Err(DataError::invalid(file, field, expected, found))
        };
        if !(self.fps >= 0.1 && self.fps <= 1000.0) {
            return invalid("fps", "0.1 to 1000", &self.fps);
        }
        for (field, side) in [("width", self.width), ("height", self.height)] {
            if !(1..=Frame::MAX_SIDE).contains(&side) {
                return invalid(field, &format!("1 to {}", Frame::MAX_SIDE), &side);
            }
        }
        let texts = [
            ("game", &self.game),
            ("recorder.name", &self.recorder.name),
            ("recorder.version", &self.recorder.version),
        ];
        for (field, text) in texts {
            if text.len() > 256 {
                return invalid(field, "at most 256 bytes", &text.len());
            }
        }
        self.schema
            .validate()
            .map_err(|e| DataError::from_core(e, file, ""))
    }

    fn check_counts(&self, file: &Path) -> Result<()> {
        if !(1..=MAX_CHUNK_FRAMES).contains(&self.chunk_frames) {
            let expected = format!("1 to {MAX_CHUNK_FRAMES}");
            return Err(DataError::invalid(
                file,
                "chunk_frames",
                expected,
                self.chunk_frames,
            ));
        }
        let most = self.max_frames();
        if self.frame_count > most {
            let expected = format!("at most {most}");
            return Err(DataError::invalid(
                file,
                "frame_count",
                expected,
                self.frame_count,
            ));
        }
        if !self.complete && !self.frame_count.is_multiple_of(self.chunk_frames) {
            return Err(DataError::invalid(
                file,
                "frame_count",
                "whole chunks in an episode that is not complete",
                self.frame_count,
            ));
        }
        Ok(())
    }

    /// The file list is determined by the counts, so no other name, and none outside the folder,
    /// gets through.
    fn check_files(&self, file: &Path) -> Result<()> {
        let count = self.chunk_count() + 1;
        if self.files.len() != count {
            return Err(DataError::invalid(
                file,
                "files",
                format!("{count} files for {} frames", self.frame_count),
                self.files.len(),
            ));
        }
        for (i, entry) in self.files.iter().enumerate() {
            let (name, max_bytes) = match i.checked_sub(1) {
                None => (
                    ACTIONS_FILE.to_owned(),
                    (self.frame_count as u64).saturating_mul(MAX_LINE_BYTES),
                ),
                Some(chunk) => (
                    chunk::file_name(chunk),
                    chunk::max_bytes(self.width, self.height, self.frames_in_chunk(chunk)),
                ),
            };
            let field = |part: &str| format!("files[{i}].{part}");
            if entry.name != name {
                let found = format!("{:?}", entry.name);
                return Err(DataError::invalid(
                    file,
                    field("name"),
                    format!("{name:?}"),
                    found,
                ));
            }
            if entry.bytes > max_bytes {
                let expected = format!("at most {max_bytes}");
                return Err(DataError::invalid(
                    file,
                    field("bytes"),
                    expected,
                    entry.bytes,
                ));
            }
            let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            if entry.sha256.len() != 64 || !entry.sha256.bytes().all(digit) {
                return Err(DataError::invalid(
                    file,
                    field("sha256"),
                    "64 lower-case hexadecimal digits",
                    format!("{:?}", entry.sha256),
                ));
            }
        }
        Ok(())
    }

    /// How many frames an episode of this schema may have.
    pub(crate) fn max_frames(&self) -> usize {
        max_frames(&self.schema)
    }
}

/// How many frames an episode of `schema` may have.
pub(crate) fn max_frames(schema: &ActionSchema) -> usize {
    MAX_VALUES / schema.len().max(8)
}

/// RON's message, and the line that it is about: there stands the field.
fn parse_error(bytes: &[u8], error: &ron::error::SpannedError, file: &Path) -> DataError {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().nth(error.span.start.line.saturating_sub(1));
    let line: String = line.unwrap_or_default().trim().chars().take(80).collect();
    DataError::parse(file, format_args!("{error}, in `{line}`"))
}
