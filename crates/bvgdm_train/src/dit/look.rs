//! A look at held-out frames while the DiT is training.

use burn::tensor::backend::Backend;
use burn::tensor::{FloatDType, Tensor};
use bvgdm_core::{Frame, WorldConfig};
use bvgdm_model::{Dit, PlaySettings, Rollout, Vae, World};

use crate::data::{FrameStore, LatentStore, step_rng};
use crate::error::Result;
use crate::metrics::psnr;
use crate::vae::to_frames;

/// Held-out clips.
const CLIPS: usize = 16;
/// Real frames that each clip begins with.
const CONTEXT: usize = 8;
/// Frames that are rolled out.
const ROLLOUT: usize = 16;

/// What was seen.
pub struct Look {
    /// PSNR of the first generated frame.
    pub next_psnr: f64,
    /// PSNR of the last real frame in its place.
    pub repeat_psnr: f64,
    /// PSNR of the last frame of the roll-out.
    pub rollout_psnr: f64,
    /// Real frames of one clip.
    pub real: Vec<Frame>,
    /// What the model made of them.
    pub made: Vec<Frame>,
}

/// Rolls out some held-out clips side by side.
///
/// # Errors
/// When no held-out episode is long enough.
pub fn look<B: Backend>(
    dit: Dit<B>,
    vae: &Vae<B>,
    sizes: &WorldConfig,
    (frames, latents): &(FrameStore, LatentStore),
    device: &B::Device,
) -> Result<Look> {
    let mut world = World::new(sizes, device)?;
    world.dit = dit.with_precision(FloatDType::F32);
    world.vae = vae.clone();
    let length = CONTEXT + ROLLOUT;
    let starts = latents.draw(&mut step_rng(7, 0), CLIPS, length)?;
    let window = latents.windows::<B>(&starts, length, device);
    let settings = PlaySettings {
        sampler: sizes.sampler,
        seed: 7,
    };
    let actions = |from, count| window.actions.clone().narrow(1, from, count);
    let start = window.latents.clone().narrow(1, 0, CONTEXT);
    let mut rollout = Rollout::new(&world, settings, start, actions(0, CONTEXT));
    let mut made: Vec<Vec<Frame>> = Vec::with_capacity(ROLLOUT);
    for i in 0..ROLLOUT {
        let latent: Tensor<B, 5> = rollout.step(&world, actions(CONTEXT + i, 1));
        made.push(to_frames(world.vae.decode(latent.squeeze_dim(1))));
    }
    let real = |clip: usize, at: usize| {
        frames.frame(starts.get(clip).map_or(0, |start| start + CONTEXT + at))
    };
    let mean = |at: usize, shown: &dyn Fn(usize) -> Option<Frame>| {
        let each = (0..CLIPS).filter_map(|clip| Some(psnr(&real(clip, at), &shown(clip)?)));
        each.sum::<f64>() / CLIPS as f64
    };
    let made_at = |at: usize| {
        let made = &made;
        move |clip: usize| made_frame(made, at, clip)
    };
    let last = |clip: usize| {
        starts
            .get(clip)
            .map(|start| frames.frame(start + CONTEXT - 1))
    };
    let every = 2;
    Ok(Look {
        next_psnr: mean(0, &made_at(0)),
        repeat_psnr: mean(0, &last),
        rollout_psnr: mean(ROLLOUT - 1, &made_at(ROLLOUT - 1)),
        real: (0..ROLLOUT).step_by(every).map(|at| real(0, at)).collect(),
        made: (0..ROLLOUT)
            .step_by(every)
            .filter_map(|at| made_frame(&made, at, 0))
            .collect(),
    })
}

fn made_frame(made: &[Vec<Frame>], at: usize, clip: usize) -> Option<Frame> {
    made.get(at)?.get(clip).cloned()
}
