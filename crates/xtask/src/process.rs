//! Child processes: shown before they run, without stdin, their output passed through.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// A command line with the environment variables that it sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    program: String,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    removed: Vec<String>,
}

impl CommandLine {
    /// `program` with `arguments`.
    pub fn new(program: &str, arguments: &[&str]) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            environment: Vec::new(),
            removed: Vec::new(),
        }
    }

    /// Sets one environment variable of the child.
    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Keeps one environment variable of ours from the child.
    pub fn without_env(mut self, name: &str) -> Self {
        self.removed.push(name.to_owned());
        self
    }

    /// Shows it as one would type it, and runs it.
    pub fn show_and_run(&self) -> Result<()> {
        println!("$ {self}");
        self.run()
    }

    /// Runs it; stdout and stderr go where ours go.
    pub fn run(&self) -> Result<()> {
        let status = self.prepare().status();
        self.check(status.with_context(|| format!("cannot start `{self}`"))?)
    }

    /// Runs it and hands every line of its stdout to `observe` after passing it on.
    pub fn run_observed(&self, mut observe: impl FnMut(&str)) -> Result<()> {
        let mut child = self
            .prepare()
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{self}`"))?;
        if let Some(pipe) = child.stdout.take() {
            let mut pipe = BufReader::new(pipe);
            let mut stdout = std::io::stdout();
            // Bytes, not `lines()`: a test may print what is not UTF-8.
            let mut line = Vec::new();
            while pipe.read_until(b'\n', &mut line)? > 0 {
                stdout.write_all(&line)?;
                stdout.flush()?;
                observe(&String::from_utf8_lossy(&line));
                line.clear();
            }
        }
        self.check(child.wait()?)
    }

    /// Runs it and returns what it writes to stdout; stderr is dropped.
    pub fn output(&self) -> Result<String> {
        let output = self.prepare().stderr(Stdio::null()).output();
        let output = output.with_context(|| format!("cannot start `{self}`"))?;
        self.check(output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Whether it starts and ends well; its output is dropped.
    pub fn succeeds(&self) -> bool {
        self.prepare()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn prepare(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null());
        for name in &self.removed {
            command.env_remove(name);
        }
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command
    }

    fn check(&self, status: std::process::ExitStatus) -> Result<()> {
        if !status.success() {
            bail!("`{self}` ended with {status}");
        }
        Ok(())
    }
}

impl std::fmt::Display for CommandLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, value) in &self.environment {
            write!(f, "{name}={} ", quoted(value))?;
        }
        write!(f, "{}", self.program)?;
        for argument in &self.arguments {
            write!(f, " {}", quoted(argument))?;
        }
        Ok(())
    }
}

/// As a shell would take it back: a value with a space gets quotes.
fn quoted(value: &str) -> String {
    if value.contains(' ') {
        format!("\"{value}\"")
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::CommandLine;

    #[test]
    fn is_shown_as_one_would_type_it() {
        let command = CommandLine::new("cargo", &["doc", "--no-deps"])
            .with_env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            command.to_string(),
            "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps"
        );
    }
}
