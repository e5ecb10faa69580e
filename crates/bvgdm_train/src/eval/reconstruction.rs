//! Frame to latent and back.

use burn::tensor::backend::Backend;
use bvgdm_core::Frame;
use bvgdm_model::World;

use super::clips::{Clips, piece};
use super::report::mean;
use super::{EvalMessage, EvalReport};
use crate::metrics::{gradient_energy, psnr, ssim};

/// Every so many frames of a clip are looked at.
const EVERY: usize = 4;

/// PSNR, SSIM and sharpness of the VAE alone.
pub(super) fn measure<B: Backend>(
    world: &World<B>,
    clips: &Clips<B>,
    report: &mut EvalReport,
    tell: &mut dyn FnMut(EvalMessage),
) {
    let real: Vec<&Frame> = clips
        .frames
        .iter()
        .flat_map(|c| c.iter().step_by(EVERY))
        .collect();
    let mut scores = Vec::with_capacity(real.len());
    for piece in real.chunks(piece(&world.config.vae)) {
        let piece: Vec<Frame> = piece.iter().map(|frame| (*frame).clone()).collect();
        let made = world.decode(world.encode(&piece));
        scores.extend(piece.iter().zip(&made).map(|(real, made)| {
            let energy = [gradient_energy(made), gradient_energy(real)];
            (psnr(real, made), ssim(real, made), energy)
        }));
        tell(EvalMessage::new("reconstruction", scores.len(), real.len()));
    }
    report.push("vae_psnr", mean(scores.iter().map(|s| s.0)));
    report.push("vae_ssim", mean(scores.iter().map(|s| s.1)));
    let energy = |i: usize| mean(scores.iter().filter_map(|s| s.2.get(i).copied()));
    report.push("vae_sharpness", energy(0) / energy(1));
}
