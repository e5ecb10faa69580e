//! Roll-outs under the recorded actions.

use burn::tensor::backend::Backend;
use bvgdm_core::Frame;
use bvgdm_model::{PlaySettings, Rollout, World};

use super::clips::Clips;
use super::report::mean;
use super::{EvalConfig, EvalMessage, EvalReport};
use crate::metrics::psnr;

/// Clips that are shown.
const SHOWN: usize = 4;

/// Generated frames, clip by clip; the first stands for the frame right after the context.
pub(super) type Rolled = Vec<Vec<Frame>>;

/// Rolls all clips out side by side, as far as the longest horizon.
pub(super) fn roll<B: Backend>(
    world: &World<B>,
    clips: &Clips<B>,
    config: &EvalConfig,
    tell: &mut dyn FnMut(EvalMessage),
) -> Rolled {
    let settings = PlaySettings {
        sampler: world.config.sampler,
        seed: config.seed,
    };
    let start = clips.latents_at(0, clips.context);
    let mut rollout = Rollout::new(world, settings, start, clips.actions_at(0, clips.context));
    let mut rolled: Rolled = vec![Vec::new(); clips.len()];
    let frames = config.rollout_frames();
    for i in 0..frames {
        let latent = rollout.step(world, clips.actions_at(clips.context + i, 1));
        for (clip, frame) in rolled.iter_mut().zip(world.decode(latent.squeeze_dim(1))) {
            clip.push(frame);
        }
        tell(EvalMessage::new("roll-out", i + 1, frames));
    }
    rolled
}

/// PSNR of the frame at each horizon, and of the last context frame in its place.
pub(super) fn measure<B: Backend>(
    clips: &Clips<B>,
    rolled: &Rolled,
    config: &EvalConfig,
    report: &mut EvalReport,
) {
    let mut baseline = EvalReport::default();
    for &horizon in config.horizons.iter().filter(|&&horizon| horizon > 0) {
        let pairs = || clips.frames.iter().zip(rolled);
        let at = clips.context + horizon - 1;
        let made =
            pairs().filter_map(|(real, made)| Some(psnr(real.get(at)?, made.get(horizon - 1)?)));
        report.push(format!("rollout_psnr_{horizon}"), mean(made));
        let repeated =
            pairs().filter_map(|(real, _)| Some(psnr(real.get(at)?, real.get(clips.context - 1)?)));
        baseline.push(format!("repeat_psnr_{horizon}"), mean(repeated));
    }
    for (name, value) in baseline.iter() {
        report.push(name, value);
    }
}

/// Real and generated frames of some clips at the horizons.
pub(super) fn strips<B: Backend>(
    clips: &Clips<B>,
    rolled: &Rolled,
    config: &EvalConfig,
) -> Vec<[Vec<Frame>; 2]> {
    let at = |frames: &[Frame], offset: usize| -> Vec<Frame> {
        let moments = config.horizons.iter().filter(|&&horizon| horizon > 0);
        moments
            .filter_map(|horizon| frames.get(offset + horizon - 1).cloned())
            .collect()
    };
    let pairs = clips.frames.iter().zip(rolled).take(SHOWN);
    pairs
        .map(|(real, made)| [at(real, clips.context), at(made, 0)])
        .collect()
}
