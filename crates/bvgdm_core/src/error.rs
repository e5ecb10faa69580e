//! The one error type of this crate.

use std::path::PathBuf;

/// What can be wrong with an action, a configuration, a manifest or a file.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// The file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is no valid RON or has a field of a wrong type.
    #[error("{file}: {message}")]
    Parse {
        /// The file, or what stands for it.
        file: String,
        /// Line, column and what was expected there.
        message: String,
    },
    /// A field has a value outside what it may have.
    #[error("{field}: expected {expected}, found {found}")]
    Invalid {
        /// The field, as a path from the top of its file.
        field: String,
        /// What would have been right.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A problem inside a named file.
    #[error("{file}: {source}")]
    InFile {
        /// The file.
        file: PathBuf,
        /// The problem.
        source: Box<CoreError>,
    },
}

/// A result of this crate.
pub type Result<T, E = CoreError> = std::result::Result<T, E>;

impl CoreError {
    /// A field with a value that it must not have.
    pub fn invalid(
        field: impl Into<String>,
        expected: impl Into<String>,
        found: impl std::fmt::Display,
    ) -> Self {
        Self::Invalid {
            field: field.into(),
            expected: expected.into(),
            found: found.to_string(),
        }
    }

    /// The same problem, with the file that it stands in.
    pub fn in_file(self, file: impl Into<PathBuf>) -> Self {
        match self {
            Self::Io { .. } | Self::InFile { .. } => self,
            other => Self::InFile {
                file: file.into(),
                source: Box::new(other),
            },
        }
    }

    /// `path` could not be read or written.
    pub fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io {
            path: path.into(),
            source,
        }
    }
}

/// Fails with [`CoreError::Invalid`] unless `value` lies in `range`.
pub(crate) fn check_range<T: PartialOrd + std::fmt::Display>(
    field: &str,
    value: T,
    min: T,
    max: T,
) -> Result<()> {
    // Written so that NaN fails too.
    if value >= min && value <= max {
        Ok(())
    } else {
        Err(CoreError::invalid(field, format!("{min} to {max}"), value))
    }
}
