//! Counter-Strike recordings in HDF5, as DIAMOND's training set has them (Pearce and Zhu 2021).
//!
//! A file holds the data sets `frame_I_x`, an 8-bit picture `[rows, pixels, 3]` in the order blue,
//! green, red, and `frame_I_y`, 51 values: 11 keys, the left and the right mouse button, and the mouse's
//! motion to the right (23) and downwards (15), one of which is 1.

use std::collections::HashSet;
use std::path::Path;

use bvgdm_core::{ActionSchema, ActionSpec, ActionVector, Frame};
use hdf5_pure::{Dataset, File};

use super::clip::Imported;
use super::name;
use super::pending::Pending;
use crate::error::{DataError, Result};
use crate::metadata::max_frames;
use crate::resize::Resizer;
use crate::writer::{EpisodeSpec, EpisodeWriter};

use super::pictures::PicturesOptions;

/// Frames a second of the recordings.
pub const CSGO_FPS: f64 = 16.0;

/// In the order of `frame_I_y`.
const BUTTONS: [&str; 13] = [
    "forward", "left", "back", "right", "jump", "crouch", "walk", "weapon.1", "weapon.2",
    "weapon.3", "reload", "attack", "zoom",
];
/// What the one that is set stands for, in mouse counts.
const MOUSE_X: [f32; 23] = [
    -1000.0, -500.0, -300.0, -200.0, -100.0, -60.0, -30.0, -20.0, -10.0, -4.0, -2.0, 0.0, 2.0, 4.0,
    10.0, 20.0, 30.0, 60.0, 100.0, 200.0, 300.0, 500.0, 1000.0,
];
const MOUSE_Y: [f32; 15] = [
    -200.0, -100.0, -50.0, -20.0, -10.0, -4.0, -2.0, 0.0, 2.0, 4.0, 10.0, 20.0, 50.0, 100.0, 200.0,
];
const VALUES: usize = BUTTONS.len() + MOUSE_X.len() + MOUSE_Y.len();

/// The 13 buttons, and `mouseX` (to the right) and `mouseY` (downwards) in counts a frame.
pub fn csgo_schema() -> ActionSchema {
    let buttons = BUTTONS.map(ActionSpec::button).into_iter();
    let axes = [("mouseX", 1000.0), ("mouseY", 200.0)];
    let axes = axes.map(|(name, most)| ActionSpec::axis(name, -most, most));
    ActionSchema {
        actions: buttons.chain(axes).collect(),
    }
}

/// Writes the episode `out/NAME` of a file called NAME. `frame_I_y` is what is held from picture I to
/// the next.
///
/// # Errors
/// When the file cannot be read, has no `frame_0_x`, a data set has another shape or type, or an
/// episode of the name is there already.
pub fn import_csgo(
    file: &Path,
    options: &PicturesOptions,
    out: &Path,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Imported> {
    let name = name::of_file(file)?;
    let recording = File::open_streaming(file).map_err(|e| DataError::parse(file, e))?;
    let schema = csgo_schema();
    let names = recording.root().datasets();
    let names: HashSet<String> = names
        .map_err(|e| DataError::parse(file, e))?
        .into_iter()
        .collect();
    let count = (0..)
        .take_while(|i| names.contains(&format!("frame_{i}_x")))
        .count();
    if !(1..=max_frames(&schema)).contains(&count) {
        let found = if count == 0 { "none" } else { "more" };
        let expected = format!("frame_0_x and at most {} more", max_frames(&schema));
        return Err(DataError::invalid(file, "data sets", expected, found));
    }
    let first = picture(&recording, 0, file)?;
    let from = (first.width, first.height);
    let (width, height) = options.size.unwrap_or(from);
    let spec = EpisodeSpec {
        game: options.game.clone(),
        fps: options.fps,
        width,
        height,
        schema,
        seed: 0,
    };
    let pending = Pending::create(out, &name)?;
    let mut episode = EpisodeWriter::create(pending.place(), spec)?;
    let resizer = Resizer::new(from, (width, height), options.fit);
    for i in 0..count {
        let frame = picture(&recording, i, file)?;
        if (frame.width, frame.height) != from {
            let expected = format!("{} x {}, as the first", from.0, from.1);
            let found = format!("{} x {}", frame.width, frame.height);
            return Err(DataError::invalid(
                file,
                format!("frame_{i}_x"),
                expected,
                found,
            ));
        }
        let action = action(&recording, i, file)?;
        episode.push(&resizer.resize(&frame), &action)?;
        progress(i + 1, count);
    }
    episode.finish()?;
    Ok(Imported {
        episodes: vec![(pending.publish()?, count)],
        frames: count,
        lines: count,
        ..Imported::default()
    })
}

fn open(recording: &File, field: &str, file: &Path) -> Result<(Dataset, Vec<u64>)> {
    let wrong = |e: hdf5_pure::Error| DataError::parse(file, format_args!("{field}: {e}"));
    let set = recording.dataset(field).map_err(wrong)?;
    let shape = set.shape().map_err(wrong)?;
    Ok((set, shape))
}

fn picture(recording: &File, index: usize, file: &Path) -> Result<Frame> {
    let field = format!("frame_{index}_x");
    let (set, shape) = open(recording, &field, file)?;
    let side = 1..=Frame::MAX_SIDE as u64;
    // Before anything of that size is allocated.
    let &[height, width, 3] = shape.as_slice() else {
        return Err(DataError::invalid(
            file,
            field,
            "[rows, pixels, 3]",
            format!("{shape:?}"),
        ));
    };
    if !side.contains(&height) || !side.contains(&width) {
        let expected = format!("1 to {} a side", side.end());
        return Err(DataError::invalid(
            file,
            field,
            expected,
            format!("{shape:?}"),
        ));
    }
    let mut rgb = set
        .read_u8()
        .map_err(|e| DataError::parse(file, format_args!("{field}: {e}")))?;
    rgb.as_chunks_mut::<3>()
        .0
        .iter_mut()
        .for_each(|pixel| pixel.reverse());
    Frame::new(width as usize, height as usize, rgb)
        .map_err(|e| DataError::from_core(e, file, &field))
}

fn action(recording: &File, index: usize, file: &Path) -> Result<ActionVector> {
    let field = format!("frame_{index}_y");
    let (set, shape) = open(recording, &field, file)?;
    if shape != [VALUES as u64] {
        let expected = format!("[{VALUES}]");
        return Err(DataError::invalid(
            file,
            field,
            expected,
            format!("{shape:?}"),
        ));
    }
    let values = set
        .read_f64()
        .map_err(|e| DataError::parse(file, format_args!("{field}: {e}")))?;
    let (buttons, motion) = values
        .split_at_checked(BUTTONS.len())
        .unwrap_or((&values, &[]));
    let (x, y) = motion
        .split_at_checked(MOUSE_X.len())
        .unwrap_or((motion, &[]));
    let counts = |bins: &[f64], meanings: &[f32]| {
        let set = bins.iter().position(|&bin| bin == 1.0);
        set.and_then(|bin| meanings.get(bin))
            .copied()
            .unwrap_or(0.0)
    };
    let buttons = buttons.iter().map(|&held| f32::from(u8::from(held == 1.0)));
    let axes = [counts(x, &MOUSE_X), counts(y, &MOUSE_Y)];
    Ok(ActionVector(buttons.chain(axes).collect()))
}
