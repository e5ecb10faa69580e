//! The next frame after a recorded context.

use burn::tensor::backend::Backend;
use bvgdm_model::{PlaySettings, Rollout, World};

use super::clips::Clips;
use super::report::mean;
use super::{EvalConfig, EvalMessage, EvalReport};
use crate::metrics::{psnr, ssim};

/// PSNR and SSIM of one generated frame after a context of recorded ones, at several places of
/// every clip, and of the last context frame in its place.
pub(super) fn measure<B: Backend>(
    world: &World<B>,
    clips: &Clips<B>,
    config: &EvalConfig,
    report: &mut EvalReport,
    tell: &mut dyn FnMut(EvalMessage),
) {
    let context = clips.context;
    let last = clips.length - context - 1;
    let count = config.next_frames.clamp(1, last + 1);
    let (mut next, mut repeat) = (Vec::new(), Vec::new());
    for i in 0..count {
        let from = i * last / (count - 1).max(1);
        let settings = PlaySettings {
            sampler: world.config.sampler,
            seed: config.seed + i as u64,
        };
        let (start, actions) = (
            clips.latents_at(from, context),
            clips.actions_at(from, context),
        );
        let mut rollout = Rollout::new(world, settings, start, actions);
        let at = from + context;
        let latent = rollout.step(world, clips.actions_at(at, 1));
        let made = world.decode(latent.squeeze_dim(1));
        for (clip, made) in clips.frames.iter().zip(&made) {
            if let (Some(before), Some(real)) = (clip.get(at - 1), clip.get(at)) {
                next.push((psnr(real, made), ssim(real, made)));
                repeat.push((psnr(real, before), ssim(real, before)));
            }
        }
        tell(EvalMessage::new("next frame", i + 1, count));
    }
    report.push("next_frame_psnr", mean(next.iter().map(|s| s.0)));
    report.push("next_frame_ssim", mean(next.iter().map(|s| s.1)));
    report.push("repeat_psnr", mean(repeat.iter().map(|s| s.0)));
    report.push("repeat_ssim", mean(repeat.iter().map(|s| s.1)));
}
