//! A folder of pictures with `actions.jsonl`, as other data sets have them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use bvgdm_core::{ActionSchema, ActionVector, read_bounded};

use super::clip::Imported;
use super::name;
use super::pending::Pending;
use crate::actions::{self, ACTIONS_FILE};
use crate::error::{DataError, Result};
use crate::metadata::max_frames;
use crate::picture::read_png;
use crate::resize::{Fit, Resizer};
use crate::writer::{EpisodeSpec, EpisodeWriter};

/// A million frames of a schema of usual size.
const MAX_ACTIONS_BYTES: u64 = 1 << 30;

/// What the episode of a folder of pictures is like.
#[derive(Debug, Clone, PartialEq)]
pub struct PicturesOptions {
    /// The name of the game.
    pub game: String,
    /// Frames a second, 0.1 to 1000: what the pictures were taken at.
    pub fps: f64,
    /// Pixels a row and rows; nothing for the first picture's.
    pub size: Option<(usize, usize)>,
    /// How a picture of other proportions becomes one of `size`.
    pub fit: Fit,
}

/// Writes the episode `out/NAME` of the PNGs in the folder `dir` called NAME, sorted by name, with
/// the lines of its `actions.jsonl`: `{"frame":0,"actions":{"forward":1,"yaw":-2.5}}`, one a
/// picture. Without a schema, the lines are not read and the episode has no actions.
///
/// # Errors
/// When there is no picture, one cannot be read, a line does not fit the schema, or an episode of
/// the name is there already.
pub fn import_pictures(
    dir: &Path,
    schema: Option<&ActionSchema>,
    options: &PicturesOptions,
    out: &Path,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Imported> {
    let none = ActionSchema { actions: vec![] };
    let most = max_frames(schema.unwrap_or(&none));
    let pictures = pictures(dir, most)?;
    let Some(first) = pictures.first() else {
        return Err(DataError::invalid(
            dir,
            "pictures",
            "at least one .png",
            "none",
        ));
    };
    let actions = match schema {
        Some(schema) => {
            let file = dir.join(ACTIONS_FILE);
            let lines = read_bounded(&file, MAX_ACTIONS_BYTES);
            let lines = lines.map_err(|e| DataError::from_core(e, &file, ""))?;
            actions::parse(&lines, pictures.len(), schema, &file)?
        }
        None => Vec::new(),
    };
    let first = read_png(first)?;
    let (width, height) = options.size.unwrap_or((first.width, first.height));
    let spec = EpisodeSpec {
        game: options.game.clone(),
        fps: options.fps,
        width,
        height,
        schema: schema.unwrap_or(&none).clone(),
        seed: 0,
    };
    let whole = fs::canonicalize(dir).map_err(|e| DataError::io(dir, e))?;
    let pending = Pending::create(out, &name::of_folder(&whole)?)?;
    let mut episode = EpisodeWriter::create(pending.place(), spec)?;
    let mut resizer: Option<((usize, usize), Resizer)> = None;
    for (i, picture) in pictures.iter().enumerate() {
        let frame = read_png(picture)?;
        let size = (frame.width, frame.height);
        let resizer = match &mut resizer {
            Some(known) if known.0 == size => known,
            other => other.insert((size, Resizer::new(size, (width, height), options.fit))),
        };
        let action = actions
            .get(i)
            .cloned()
            .unwrap_or_else(ActionVector::default);
        episode.push(&resizer.1.resize(&frame), &action)?;
        progress(i + 1, pictures.len());
    }
    episode.finish()?;
    Ok(Imported {
        episodes: vec![(pending.publish()?, pictures.len())],
        frames: pictures.len(),
        lines: actions.len(),
        ..Imported::default()
    })
}

/// The PNGs of a folder, sorted by name: numbers in names need leading zeros.
fn pictures(dir: &Path, most: usize) -> Result<Vec<PathBuf>> {
    let io = |e| DataError::io(dir, e);
    let mut pictures = Vec::new();
    for entry in fs::read_dir(dir).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let extension = path.extension().map(OsStr::to_ascii_lowercase);
        if extension.is_some_and(|e| e == "png") {
            if pictures.len() >= most {
                let expected = format!("at most {most}");
                return Err(DataError::invalid(dir, "pictures", expected, "more"));
            }
            pictures.push(path);
        }
    }
    pictures.sort();
    Ok(pictures)
}
