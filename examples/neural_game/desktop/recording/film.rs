//! From frames to files.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use bvgdm_core::{ActionVector, Frame, WorldManifest};
use bvgdm_data::{DataError, EpisodeSpec, EpisodeWriter, VideoWriter};

/// A video of a small world is enlarged by a whole factor, to at most this many pixels a side.
const VIDEO_SIDE: usize = 672;

/// What was written.
pub struct Film {
    /// Of the episode.
    pub frames: usize,
    /// Why not more.
    pub outcome: Result<(), DataError>,
}

/// Writes an episode and a video of it until no more frames are sent. The folder is made with the first.
pub fn write(
    folder: &Path,
    manifest: &WorldManifest,
    seed: u64,
    sent: Receiver<(Arc<Frame>, ActionVector)>,
) -> Film {
    let mut sent = sent.into_iter().peekable();
    let opened = match sent.peek() {
        Some(_) => open(folder, manifest, seed).map(Some),
        None => Ok(None),
    };
    let (mut episode, mut video) = match opened {
        Ok(Some(opened)) => opened,
        Ok(None) => return Film::empty(Ok(())),
        Err(error) => return Film::empty(Err(error)),
    };
    let nothing = manifest.schema.zeros();
    let mut pushed = Ok(());
    while let Some((frame, action)) = sent.next() {
        // Nothing leads out of the last frame, whatever ended the recording.
        let action = sent.peek().map_or(&nothing, |_| &action);
        pushed = episode
            .push(&frame, action)
            .and_then(|()| video.push(&frame));
        if pushed.is_err() {
            break;
        }
    }
    let frames = episode.len();
    // Whatever went wrong, what there is becomes whole.
    let finished = (episode.finish(), video.finish());
    Film {
        frames,
        outcome: pushed.and(finished.0.map(drop)).and(finished.1),
    }
}

impl Film {
    fn empty(outcome: Result<(), DataError>) -> Self {
        Self { frames: 0, outcome }
    }
}

fn open(
    folder: &Path,
    manifest: &WorldManifest,
    seed: u64,
) -> Result<(EpisodeWriter, VideoWriter), DataError> {
    let vae = &manifest.config.vae;
    let spec = EpisodeSpec {
        game: format!("{} (generated)", manifest.name),
        fps: manifest.fps,
        width: vae.width,
        height: vae.height,
        schema: manifest.schema.clone(),
        seed,
    };
    let episode = EpisodeWriter::create(folder, spec)?;
    let side = vae.width.max(vae.height).max(1);
    let scale = (VIDEO_SIDE / side).max(1) as u32;
    let out = folder.join("played.mp4");
    let video = VideoWriter::create(&out, vae.width, vae.height, manifest.fps, scale)?;
    Ok((episode, video))
}
