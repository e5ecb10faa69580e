//! The held-out clips that everything is measured on.

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use bvgdm_core::{Frame, VaeConfig};
use bvgdm_data::{Dataset, Episode};
use bvgdm_model::World;
use rand::seq::SliceRandom as _;

use super::{EvalConfig, EvalMessage};
use crate::data::{frames_at_once, step_rng};
use crate::error::{Result, TrainError};

/// Frames that go through the VAE at once, if they are not too large for that.
const PIECE: usize = 32;

/// So many.
pub(super) fn piece(vae: &VaeConfig) -> usize {
    PIECE.min(frames_at_once(vae))
}

/// Clips of equal length from held-out episodes: frames, the actions that led to them, latents.
pub(super) struct Clips<B: Backend> {
    /// Recorded frames before the first that is generated.
    pub context: usize,
    /// Frames of a clip.
    pub length: usize,
    /// Recorded frames, clip by clip.
    pub frames: Vec<Vec<Frame>>,
    /// Latents of the recorded frames, `[clips, length, C, H, W]`.
    pub latents: Tensor<B, 5>,
    /// Normalised action that led to each frame, `[clips, length, actions]`.
    pub actions: Tensor<B, 3>,
    /// The same as plain numbers: clip, frame, action.
    pub led_to: Vec<Vec<Vec<f32>>>,
    /// Normalised actions of all held-out episodes, for random ones like them.
    pub recorded: Vec<Vec<Vec<f32>>>,
}

impl<B: Backend> Clips<B> {
    /// Draws clips that do not overlap as long as there are such, and encodes them.
    pub fn draw(
        world: &World<B>,
        dataset: &Dataset,
        held_out: &[usize],
        config: &EvalConfig,
        context: usize,
        tell: &mut dyn FnMut(EvalMessage),
    ) -> Result<Self> {
        check(world, dataset)?;
        // One more: a teacher-forced frame needs one after its context.
        let length = context + config.rollout_frames().max(1);
        let episodes: Vec<&Episode> = held_out
            .iter()
            .filter_map(|&i| dataset.episodes().get(i))
            .collect();
        let lengths: Vec<usize> = episodes.iter().map(|episode| episode.len()).collect();
        let places = places(&lengths, length, config.clips.max(1), config.seed);
        if places.is_empty() {
            return Err(TrainError::unsuitable(
                "longest held-out episode",
                format!("at least {length} frames (context and longest horizon)"),
                lengths.iter().max().copied().unwrap_or(0),
            ));
        }
        let schema = dataset.schema();
        let recorded: Vec<Vec<Vec<f32>>> = episodes
            .iter()
            .map(|episode| {
                episode
                    .actions()
                    .iter()
                    .map(|a| schema.normalize(a))
                    .collect()
            })
            .collect();
        let (mut frames, mut led_to) = (Vec::new(), Vec::new());
        let mut latents = Vec::new();
        for (done, &(index, start)) in places.iter().enumerate() {
            let (Some(episode), Some(actions)) = (episodes.get(index), recorded.get(index)) else {
                continue;
            };
            let clip = episode.frames(start..start + length)?;
            for piece in clip.chunks(piece(&world.config.vae)) {
                latents.push(world.encode(piece));
            }
            frames.push(clip);
            // What was held between the frame before and this one; nothing before an episode.
            let before = |t: usize| t.checked_sub(1).and_then(|t| actions.get(t).cloned());
            let still = vec![0.0; schema.len()];
            let led = (start..start + length).map(|t| before(t).unwrap_or_else(|| still.clone()));
            led_to.push(led.collect::<Vec<_>>());
            tell(EvalMessage::new("clips", done + 1, places.len()));
        }
        let [c, h, w] = world.config.vae.latent_shape();
        let clips = frames.len();
        let flat: Vec<f32> = led_to.iter().flatten().flatten().copied().collect();
        let actions = TensorData::new(flat, [clips, length, schema.len()]);
        Ok(Self {
            context,
            length,
            frames,
            latents: Tensor::cat(latents, 0).reshape([clips, length, c, h, w]),
            actions: Tensor::from_data(actions, &world.device),
            led_to,
            recorded,
        })
    }

    /// How many clips.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Latents of the frames from `from` on of all clips, `[clips, count, C, H, W]`.
    pub fn latents_at(&self, from: usize, count: usize) -> Tensor<B, 5> {
        self.latents.clone().narrow(1, from, count)
    }

    /// Actions that led to the frames from `from` on, `[clips, count, actions]`.
    pub fn actions_at(&self, from: usize, count: usize) -> Tensor<B, 3> {
        self.actions.clone().narrow(1, from, count)
    }
}

fn check<B: Backend>(world: &World<B>, dataset: &Dataset) -> Result<()> {
    let vae = &world.config.vae;
    if dataset.size() != (vae.width, vae.height) {
        let (width, height) = dataset.size();
        let expected = format!("{} x {} pixels, as the world", vae.width, vae.height);
        let what = "frame size of the recording";
        return Err(TrainError::unsuitable(
            what,
            expected,
            format!("{width} x {height}"),
        ));
    }
    let actions = world.config.dit.actions;
    if dataset.schema().len() != actions {
        let (what, found) = ("actions of the recording", dataset.schema().len());
        return Err(TrainError::unsuitable(what, actions, found));
    }
    Ok(())
}

/// Episode and first frame of at most `count` clips of `length` frames: a random choice among
/// stretches that do not overlap, then, if those are too few, among ones that half overlap, and so
/// on.
fn places(lengths: &[usize], length: usize, count: usize, seed: u64) -> Vec<(usize, usize)> {
    let mut rng = step_rng(seed, 0);
    let mut stride = length.max(1);
    loop {
        let mut all: Vec<(usize, usize)> = lengths
            .iter()
            .enumerate()
            .filter(|(_, len)| **len >= length)
            .flat_map(|(i, len)| {
                (0..=len - length)
                    .step_by(stride)
                    .map(move |start| (i, start))
            })
            .collect();
        if all.len() >= count || stride == 1 {
            all.shuffle(&mut rng);
            all.truncate(count);
            return all;
        }
        stride = stride.div_ceil(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_are_the_same_for_a_seed_and_do_not_overlap() {
        let found = places(&[100, 5, 45], 10, 12, 3);
        assert_eq!(found, places(&[100, 5, 45], 10, 12, 3));
        assert_ne!(found, places(&[100, 5, 45], 10, 12, 4));
        assert_eq!(found.len(), 12);
        for (i, a) in found.iter().enumerate() {
            assert!(a.0 != 1 && a.1 + 10 <= [100, 5, 45][a.0]);
            assert!(
                found[..i]
                    .iter()
                    .all(|b| a.0 != b.0 || a.1.abs_diff(b.1) >= 10)
            );
        }
    }

    #[test]
    fn few_frames_give_clips_that_overlap_or_none() {
        assert_eq!(places(&[12], 10, 32, 3).len(), 3);
        assert!(places(&[9], 10, 32, 3).is_empty());
    }
}
