//! Fields of a JSON object, with errors that name them.

use std::path::Path;

use serde_json::Value;

use crate::error::{DataError, Result};

/// One line of a file, as an object.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub value: &'a Value,
    /// From 0.
    pub index: usize,
    pub file: &'a Path,
}

impl<'a> Line<'a> {
    fn get(&self, path: &str) -> Option<&'a Value> {
        path.split('.')
            .try_fold(self.value, |value, key| value.get(key))
    }

    fn wrong(&self, path: &str, expected: &str, found: Option<&Value>) -> DataError {
        let found: String = match found {
            Some(found) => found.to_string().chars().take(80).collect(),
            None => "nothing".to_owned(),
        };
        let field = format!("line {}: {path}", self.index + 1);
        DataError::invalid(self.file, field, expected, found)
    }

    /// A number of at most `most` in size.
    pub(super) fn number(&self, path: &str, most: f64) -> Result<f32> {
        let found = self.get(path);
        match found.and_then(Value::as_f64) {
            Some(number) if number.abs() <= most => Ok(number as f32),
            _ => Err(self.wrong(path, &format!("a number from -{most} to {most}"), found)),
        }
    }

    /// A whole number, 0 where there is none.
    pub(super) fn count(&self, path: &str) -> Result<u64> {
        match self.get(path) {
            None | Some(Value::Null) => Ok(0),
            found => found
                .and_then(Value::as_u64)
                .ok_or_else(|| self.wrong(path, "a whole number", found)),
        }
    }

    /// A flag, false where there is none.
    pub(super) fn flag(&self, path: &str) -> Result<bool> {
        match self.get(path) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            found => Err(self.wrong(path, "true or false", found)),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&self, path: &str) -> Result<Vec<&'a str>> {
        self.list(path, "a list of texts", Value::as_str)
    }

    /// A list of whole numbers.
    pub(super) fn numbers(&self, path: &str) -> Result<Vec<u64>> {
        self.list(path, "a list of whole numbers", Value::as_u64)
    }

    /// As [`numbers`](Self::numbers), empty where there is none.
    pub(super) fn optional_numbers(&self, path: &str) -> Result<Vec<u64>> {
        self.get(path)
            .map_or(Ok(Vec::new()), |_| self.numbers(path))
    }

    fn list<T>(
        &self,
        path: &str,
        expected: &str,
        item: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Vec<T>> {
        let found = self.get(path);
        let list = found.and_then(Value::as_array);
        list.and_then(|list| list.iter().map(item).collect())
            .ok_or_else(|| self.wrong(path, expected, found))
    }
}
