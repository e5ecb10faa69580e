//! A `config.json`, field by field, so that what is wrong has a name.

use std::path::{Path, PathBuf};

use bvgdm_core::{CoreError, Result, read_bounded};
use serde_json::Value;

/// No configuration is larger; what is made of it in memory stays below 32 times this.
const MAX_BYTES: u64 = 1 << 16;
/// No list in one is longer.
const MAX_ITEMS: usize = 64;

/// A parsed file. A field is named by its path, `dit.depth`.
pub(super) struct Json {
    file: PathBuf,
    root: Value,
}

impl Json {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(path, &read_bounded(path, MAX_BYTES)?)
    }

    /// Parses a file's content; `file` stands in errors.
    pub fn parse(file: &Path, bytes: &[u8]) -> Result<Self> {
        let root = serde_json::from_slice(bytes).map_err(|e| CoreError::Parse {
            file: file.display().to_string(),
            message: e.to_string(),
        })?;
        Ok(Self {
            file: file.to_owned(),
            root,
        })
    }

    /// The same error, with the file.
    pub fn in_file(&self, error: CoreError) -> CoreError {
        error.in_file(&self.file)
    }

    /// A whole number that is not negative.
    pub fn count(&self, field: &str) -> Result<usize> {
        let what = "a whole number, not negative";
        let value = self.find(field);
        let count = value.and_then(Value::as_u64).map(usize::try_from);
        match count {
            Some(Ok(count)) => Ok(count),
            _ => Err(self.wrong(field, what, value)),
        }
    }

    /// As [`count`](Self::count), if the field is there.
    pub fn count_or(&self, field: &str, default: usize) -> Result<usize> {
        match self.find(field) {
            None => Ok(default),
            Some(_) => self.count(field),
        }
    }

    /// A list of such numbers.
    pub fn counts(&self, field: &str) -> Result<Vec<usize>> {
        let what = format!("a list of at most {MAX_ITEMS} whole numbers, not negative");
        let value = self.find(field);
        let items = value.and_then(Value::as_array);
        let items = items.filter(|items| items.len() <= MAX_ITEMS);
        let count = |item: &Value| item.as_u64().and_then(|n| usize::try_from(n).ok());
        items
            .and_then(|items| items.iter().map(count).collect())
            .ok_or_else(|| self.wrong(field, &what, value))
    }

    /// A number, if the field is there.
    pub fn number_or(&self, field: &str, default: f64) -> Result<f64> {
        match self.find(field) {
            None => Ok(default),
            value => value
                .and_then(Value::as_f64)
                .ok_or_else(|| self.wrong(field, "a number", value)),
        }
    }

    /// A truth value, if the field is there.
    pub fn flag_or(&self, field: &str, default: bool) -> Result<bool> {
        match self.find(field) {
            None => Ok(default),
            value => value
                .and_then(Value::as_bool)
                .ok_or_else(|| self.wrong(field, "true or false", value)),
        }
    }

    /// That the field, if it is there, is one of these words, or a list of only them.
    pub fn only(&self, field: &str, words: &[&str]) -> Result<()> {
        let value = self.find(field);
        let fits = |item: &Value| item.as_str().is_some_and(|word| words.contains(&word));
        let all = match value {
            None => true,
            Some(Value::Array(items)) => items.iter().all(fits),
            Some(item) => fits(item),
        };
        if all {
            return Ok(());
        }
        Err(self.wrong(field, &words.join(" or "), value))
    }

    /// That the field is absent or null.
    pub fn absent(&self, field: &str) -> Result<()> {
        match self.find(field) {
            None => Ok(()),
            value => Err(self.wrong(field, "null", value)),
        }
    }

    /// A word, if the field is there and is one.
    pub fn word(&self, field: &str) -> Option<&str> {
        self.find(field).and_then(Value::as_str)
    }

    /// An error about a field.
    pub fn wrong(&self, field: &str, expected: &str, found: Option<&Value>) -> CoreError {
        let found = match found {
            None => "nothing".to_owned(),
            // The beginning says enough.
            Some(value) => value.to_string().chars().take(80).collect(),
        };
        CoreError::invalid(field, expected, found).in_file(&self.file)
    }

    /// A field that is there and not null.
    pub fn find(&self, field: &str) -> Option<&Value> {
        let found = field
            .split('.')
            .try_fold(&self.root, |value, key| value.get(key));
        found.filter(|value| !value.is_null())
    }
}
