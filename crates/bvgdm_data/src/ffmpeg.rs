//! The programs `ffmpeg` and `ffprobe`, where they are installed.
//!
//! They run as processes of their own: frames come and go through pipes, nothing is linked.

use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use crate::error::{DataError, Result};

/// The folder in which the programs are looked for; without it, the system's search path.
const FOLDER_VARIABLE: &str = "BVGDM_FFMPEG";
/// The most of their complaints that is kept.
const MAX_COMPLAINT_BYTES: u64 = 4 << 10;

/// Where the two programs are and what this version of them understands.
#[derive(Debug, Clone)]
pub(crate) struct Ffmpeg {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
    /// The option that hands over every frame once, whatever its time.
    pub every_frame_once: [&'static str; 2],
}

impl Ffmpeg {
    /// Looks for the programs; `file` and `purpose` are for the error.
    ///
    /// # Errors
    /// [`DataError::MissingProgram`] when one of them does not start.
    pub(crate) fn find(file: &Path, purpose: &str) -> Result<Self> {
        let folder = std::env::var_os(FOLDER_VARIABLE).map(PathBuf::from);
        Self::find_in(folder.as_deref(), file, purpose)
    }

    pub(crate) fn find_in(folder: Option<&Path>, file: &Path, purpose: &str) -> Result<Self> {
        let path = |name: &str| folder.map_or_else(|| PathBuf::from(name), |dir| dir.join(name));
        let (ffmpeg, ffprobe) = (path("ffmpeg"), path("ffprobe"));
        let mut banner = String::new();
        for program in [&ffprobe, &ffmpeg] {
            let output = Command::new(program).arg("-version").output();
            let output = output
                .ok()
                .filter(|output| output.status.success())
                .ok_or_else(|| DataError::MissingProgram {
                    file: file.to_owned(),
                    program: program.clone(),
                    purpose: purpose.to_owned(),
                })?;
            banner = String::from_utf8_lossy(&output.stdout).into_owned();
        }
        Ok(Self {
            ffmpeg,
            ffprobe,
            every_frame_once: every_frame_once(&banner),
        })
    }

    /// A command that reads only local files and complains only of errors.
    pub(crate) fn ffmpeg(&self) -> Command {
        quiet(&self.ffmpeg, &["-nostdin", "-hide_banner"])
    }

    /// As [`ffmpeg`](Self::ffmpeg), for questions about a file.
    pub(crate) fn ffprobe(&self) -> Command {
        quiet(&self.ffprobe, &["-hide_banner"])
    }
}

fn quiet(program: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(["-v", "error"]).args(options);
    command
}

/// A name that cannot be taken for an option or for a protocol.
pub(crate) fn local(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(path);
    name
}

/// `-fps_mode` came with 5.1, `-vsync` goes with later versions.
fn every_frame_once(banner: &str) -> [&'static str; 2] {
    let version = banner.split_whitespace().nth(2).unwrap_or_default();
    let mut numbers = version.split(|c: char| !c.is_ascii_digit());
    let mut number = || numbers.next().and_then(|n| n.parse::<u32>().ok());
    match (number(), number()) {
        (Some(0..5), _) | (Some(5), None | Some(0)) => ["-vsync", "passthrough"],
        _ => ["-fps_mode", "passthrough"],
    }
}

/// A program at work. It ends with this value.
#[derive(Debug)]
pub(crate) struct Running {
    pub child: Child,
    complaints: Option<JoinHandle<String>>,
}

impl Running {
    /// Starts `command`; its error output is read aside, so that it never stands still.
    pub(crate) fn start(mut command: Command, file: &Path) -> Result<Self> {
        let program = command.get_program().to_owned();
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| DataError::video(file, format_args!("{}: {e}", program.display())))?;
        let complaints = child.stderr.take().map(|mut pipe| {
            std::thread::spawn(move || {
                let mut kept = Vec::new();
                // What cannot be read is not told.
                let _ = (&mut pipe).take(MAX_COMPLAINT_BYTES).read_to_end(&mut kept);
                let _ = std::io::copy(&mut pipe, &mut std::io::sink());
                String::from_utf8_lossy(&kept).into_owned()
            })
        });
        Ok(Self { child, complaints })
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// When the program failed, with what it said.
    pub(crate) fn finish(&mut self, file: &Path) -> Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait().map_err(|e| DataError::io(file, e))?;
        let said = self.complaints.take().and_then(|thread| thread.join().ok());
        if status.success() {
            return Ok(());
        }
        let said = said.unwrap_or_default();
        let said = said.lines().map(str::trim).collect::<Vec<_>>().join("; ");
        Err(DataError::video(
            file,
            format_args!("ffmpeg: {status}: {said}"),
        ))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The arguments of an input that must be of this container and come from this machine.
pub(crate) fn input(container: &str, path: &Path) -> [OsString; 6] {
    let text = |text: &str| OsStr::new(text).to_owned();
    [
        text("-protocol_whitelist"),
        text("file,pipe"),
        text("-f"),
        text(container),
        text("-i"),
        local(path),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_goes_by_the_version() {
        for (version, option) in [
            ("ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright", "-vsync"),
            ("ffmpeg version 5.0 Copyright", "-vsync"),
            ("ffmpeg version 5.1.9-0+deb12u1 Copyright", "-fps_mode"),
            ("ffmpeg version 8.0 Copyright", "-fps_mode"),
            ("ffmpeg version N-118193-g5f38c82536 Copyright", "-fps_mode"),
            ("", "-fps_mode"),
        ] {
            assert_eq!(every_frame_once(version)[0], option, "{version}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let nowhere = tempfile::tempdir().unwrap();
        let found = Ffmpeg::find_in(
            Some(nowhere.path()),
            Path::new("clip.webm"),
            "to decode VP9",
        );
        let error = found.unwrap_err();
        assert!(matches!(error, DataError::MissingProgram { .. }), "{error}");
        let text = error.to_string();
        for part in ["clip.webm", "ffprobe", "to decode VP9", "install"] {
            assert!(text.contains(part), "{part:?} is not in {text:?}");
        }
    }
}
