//! Progress bars.

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::say;

/// A bar with the time that is left and a message.
pub fn bar(total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let template = "{prefix:>14} {wide_bar} {pos}/{len} [{elapsed}<{eta}] {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    bar
}

/// Bars of a job whose stages come one after the other.
#[derive(Default)]
pub struct Stages {
    current: Option<(String, ProgressBar)>,
}

impl Stages {
    /// Sets the bar of a stage; another stage than before gets a bar of its own.
    pub fn set(&mut self, stage: &str, done: u64, total: u64) -> &ProgressBar {
        if self.current.as_ref().is_some_and(|(name, _)| name != stage) {
            self.finish();
        }
        let (_, bar) = self
            .current
            .get_or_insert_with(|| (stage.to_owned(), bar(total, stage)));
        bar.set_length(total);
        bar.set_position(done);
        bar
    }

    /// A line above the bar.
    pub fn say(&self, line: &str) {
        match &self.current {
            // Without a terminal there is no bar, and lines above it would be lost.
            Some((_, bar)) if !bar.is_hidden() => bar.println(line),
            _ => say!("{line}"),
        }
    }

    /// Leaves the last bar as it is.
    pub fn finish(&mut self) {
        if let Some((_, bar)) = self.current.take() {
            bar.abandon();
        }
    }
}
