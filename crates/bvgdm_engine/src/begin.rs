//! Where a plan's roll-out begins, the same on the processor and on the GPU.

use bvgdm_plan::{Lowering, PlanError, Rollout};

use super::message::{Begin, Start};
use super::picture::fit;

/// Brings a roll-out and its lowering to where `begin` says. The newest latent is there then and
/// waits to be decoded.
///
/// # Errors
/// When a latent or a context is of a world of another shape; nothing has been written then.
pub fn begin_rollout(
    rollout: &mut Rollout,
    lowering: &mut impl Lowering,
    begin: &Begin,
) -> Result<(), PlanError> {
    let plan = rollout.plan().clone();
    let (seed, sampler) = (begin.seed, &plan.config.sampler);
    match &begin.start {
        Start::OfSeed => rollout.begin(lowering, seed, sampler),
        Start::Picture(picture) => {
            let fitted = fit(picture, plan.image.width, plan.image.height);
            let pixels: Vec<f32> = fitted.rgb.iter().map(|&b| f32::from(b) / 255.0).collect();
            rollout.begin_in_picture(lowering, seed, sampler, &pixels);
        }
        Start::Latent(latent) => {
            if latent.len() != plan.latent_len() {
                return Err(PlanError::Context {
                    expected: format!("a latent of {} numbers", plan.latent_len()),
                    found: latent.len().to_string(),
                });
            }
            rollout.begin_in(lowering, seed, sampler, &plan.to_tokens(latent));
        }
        Start::Context(context) => rollout.resume(lowering, context)?,
    }
    Ok(())
}
