//! What a world is worth, on held-out episodes.
//!
//! Every PSNR and SSIM is the mean over frames, against the recorded pixels (not against what the
//! VAE makes of them), from 8-bit frames:
//!
//! - reconstruction: frame to latent and back;
//! - next frame, teacher-forced (GameNGen, Valevski et al. 2024, §5.1): a context of recorded frames
//!   and the recorded action, one generated frame; beside it, the last context frame repeated;
//! - roll-out: a context of recorded frames, then only the model's own, under the recorded actions;
//!   the frame at each horizon, and the last context frame repeated;
//! - action fidelity: what an inverse-dynamics network, trained on recorded training episodes, reads
//!   back from generated frames and from real ones (see [`fidelity`]);
//! - sharpness: gradient energy along a long roll-out, divided by the real frames'.

mod clips;
mod config;
pub mod fidelity;
mod forced;
mod message;
mod reconstruction;
mod report;
mod rollout;
mod sharpness;
#[cfg(test)]
mod tests;

pub use config::EvalConfig;
pub use message::EvalMessage;
pub use report::{EvalReport, Evaluation};

use burn::tensor::backend::AutodiffBackend;
use bvgdm_data::{Dataset, Split};
use bvgdm_model::World;

use crate::error::Result;
use clips::Clips;

/// Measures `world` on the held-out episodes of `split`. Deterministic on one engine: clips, noise
/// and the inverse-dynamics network follow from the configuration's seed.
///
/// # Errors
/// When the recording does not suit the world (size, actions, episodes too short) or cannot be
/// read.
pub fn evaluate<B: AutodiffBackend>(
    world: &World<B::InnerBackend>,
    dataset: &Dataset,
    split: &Split,
    config: &EvalConfig,
    tell: &mut dyn FnMut(EvalMessage),
) -> Result<Evaluation> {
    let world = &World::<B>::from_inner(world);
    let context = config.context_frames(world.config.dit.window);
    let clips = Clips::draw(world, dataset, &split.held_out, config, context, tell)?;
    let mut report = EvalReport::default();
    report.push("clips", clips.len() as f64);
    report.push("context_frames", context as f64);
    reconstruction::measure(world, &clips, &mut report, tell);
    forced::measure(world, &clips, config, &mut report, tell);
    let rolled = rollout::roll(world, &clips, config, tell);
    rollout::measure(&clips, &rolled, config, &mut report);
    if config.idm_steps > 0 {
        let reader =
            fidelity::Reader::<B>::train(dataset, &split.train, config, &world.device, tell)?;
        fidelity::measure(&reader, &clips, &rolled, dataset.schema(), &mut report);
    }
    if config.sharpness_frames > 0 {
        sharpness::measure(world, &clips, config, &mut report, tell);
    }
    let strips = rollout::strips(&clips, &rolled, config);
    Ok(Evaluation { report, strips })
}
