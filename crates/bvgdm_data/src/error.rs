//! The one error type of this crate.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bvgdm_core::CoreError;

/// What can be wrong with an episode, a data set or a video. Names the file, and the field where
/// there is one.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The text is no valid RON or JSON, or has a field of a wrong type.
    #[error("{file}: {message}")]
    Parse {
        /// The file.
        file: PathBuf,
        /// Where, and what was expected there.
        message: String,
    },
    /// A format version that this build does not read.
    #[error("{file}: format_version: expected {expected}, found {found}")]
    Version {
        /// The file.
        file: PathBuf,
        /// The version that this build reads.
        expected: u32,
        /// The version that the file states.
        found: u32,
    },
    /// A field has a value outside what it may have.
    #[error("{file}: {field}: expected {expected}, found {found}")]
    Invalid {
        /// The file.
        file: PathBuf,
        /// The field.
        field: String,
        /// What would have been right.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// The content of a file is not what was recorded.
    #[error("{file}: sha256: expected {expected}, found {found}")]
    Checksum {
        /// The file.
        file: PathBuf,
        /// The checksum in the metadata.
        expected: String,
        /// The checksum of the file.
        found: String,
    },
    /// A picture cannot be encoded or decoded.
    #[error("{file}: {field}: {message}")]
    Picture {
        /// The file.
        file: PathBuf,
        /// Which picture in it.
        field: String,
        /// What the codec said.
        message: String,
    },
    /// Two episodes of one data set do not belong together.
    #[error("{field} differs: {first} has {first_value}, {second} has {second_value}")]
    Mismatch {
        /// What differs.
        field: &'static str,
        /// One episode.
        first: PathBuf,
        /// Its value.
        first_value: String,
        /// The other episode.
        second: PathBuf,
        /// Its value.
        second_value: String,
    },
    /// No episode in a folder.
    #[error("{root}: no episode (a folder with a {file} and at least one frame) below it")]
    Empty {
        /// The folder.
        root: PathBuf,
        /// The file that makes a folder an episode.
        file: &'static str,
    },
    /// Frames that an episode does not have.
    #[error("{episode}: frames {}..{}: expected a range within 0..{frames}", range.start, range.end)]
    OutOfRange {
        /// The episode.
        episode: PathBuf,
        /// What was asked for.
        range: Range<usize>,
        /// How many frames there are.
        frames: usize,
    },
    /// A video or an animation could not be made or decoded.
    #[error("{file}: {message}")]
    Video {
        /// The file.
        file: PathBuf,
        /// What the codec said.
        message: String,
    },
    /// A sound video that the built-in decoder cannot give back frame by frame.
    #[error("{file}: the built-in decoder cannot read it exactly: {reason}")]
    NotNative {
        /// The file.
        file: PathBuf,
        /// What it has that the decoder does not cope with.
        reason: String,
    },
    /// A program that is needed is not installed.
    #[error(
        "{file}: `{program}` is needed {purpose}, and does not start: install ffmpeg \
         (https://ffmpeg.org), or let BVGDM_FFMPEG name the folder that holds it"
    )]
    MissingProgram {
        /// The file.
        file: PathBuf,
        /// The program.
        program: PathBuf,
        /// What for.
        purpose: String,
    },
}

/// A result of this crate.
pub type Result<T, E = DataError> = std::result::Result<T, E>;

impl DataError {
    pub(crate) fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io {
            path: path.into(),
            source,
        }
    }

    pub(crate) fn parse(file: &Path, message: impl std::fmt::Display) -> Self {
        Self::Parse {
            file: file.to_owned(),
            message: message.to_string(),
        }
    }

    pub(crate) fn invalid(
        file: &Path,
        field: impl Into<String>,
        expected: impl Into<String>,
        found: impl std::fmt::Display,
    ) -> Self {
        Self::Invalid {
            file: file.to_owned(),
            field: field.into(),
            expected: expected.into(),
            found: found.to_string(),
        }
    }

    pub(crate) fn video(file: &Path, message: impl std::fmt::Display) -> Self {
        Self::Video {
            file: file.to_owned(),
            message: message.to_string(),
        }
    }

    pub(crate) fn not_native(file: &Path, reason: impl std::fmt::Display) -> Self {
        Self::NotNative {
            file: file.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// The problem that `error` names, found in `file`; `at` says where in it ("" for nowhere).
    pub(crate) fn from_core(error: CoreError, file: &Path, at: &str) -> Self {
        match error {
            CoreError::Io { path, source } => Self::Io { path, source },
            CoreError::InFile { file, source } => Self::from_core(*source, &file, at),
            CoreError::Parse { message, .. } => Self::parse(file, message),
            CoreError::Invalid {
                field,
                expected,
                found,
            } => {
                let field = if at.is_empty() {
                    field
                } else {
                    format!("{at}: {field}")
                };
                Self::invalid(file, field, expected, found)
            }
        }
    }
}
