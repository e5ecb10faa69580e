//! Training of the VAE.

mod files;
mod loss;

pub use files::{load_vae, save_vae};

use std::path::Path;

use burn::module::{AutodiffModule as _, Module as _};
use burn::tensor::Tensor;
use burn::tensor::backend::{AutodiffBackend, Backend};
use bvgdm_core::{Frame, preset};
use bvgdm_data::Dataset;
use bvgdm_model::{Vae, World};
use rand::Rng as _;

use crate::alone::alone;
use crate::backend::machine;
use crate::config::VaeTrainConfig;
use crate::data::{FrameStore, Mirror, frames_at_once, step_rng};
use crate::error::Result;
use crate::message::TrainMessage;
use crate::metrics::psnr;
use crate::report::strip;
use crate::run::{RunFolder, RunLog, Trainer};

/// Held-out frames that a look is taken at.
const EVAL_FRAMES: usize = 64;
/// Frames of the strip.
const STRIP_FRAMES: usize = 8;
/// How much larger they are drawn, if there is room.
const STRIP_SCALE: usize = 2;

/// Trains the VAE of a preset, or that of a world further; afterwards the run's folder holds `vae.ron` and `vae.safetensors`.
///
/// # Errors
/// When a setting is out of its range, the recording or the folder cannot be used, or the loss is not
/// finite any more.
pub fn train_vae<B: AutodiffBackend>(
    config: &VaeTrainConfig,
    device: &B::Device,
    tell: &mut dyn FnMut(TrainMessage),
) -> Result<()> {
    config.validate()?;
    let folder = RunFolder::create(&config.run, config)?;
    let mut log = RunLog::open(&folder)?;
    let tell: &mut dyn FnMut(TrainMessage) = &mut |message| log.pass(message, tell);
    tell(TrainMessage::Begin {
        machine: machine::<B::InnerBackend>(device),
    });
    let from = match &config.run.from {
        Some(world) => Some(World::<B>::load(world, device)?.0),
        None => None,
    };
    let sizes = match &from {
        Some(world) => world.config.vae.clone(),
        None => preset(&config.run.preset)?.vae,
    };
    folder.keep("sizes.ron", &sizes)?;
    let dataset = Dataset::open(&config.run.episodes)?;
    let split = dataset.split(config.run.held_out, config.run.seed);
    if split.held_out.is_empty() {
        tell(TrainMessage::nothing_is_held_out());
    }
    let mut train = FrameStore::read(&dataset, &split.train, &sizes, tell)?;
    if !config.run.mirror.is_empty() {
        Mirror::parse(&config.run.mirror, dataset.schema())?;
        train = train.with_mirror_images();
    }
    let held_out = match split.held_out.as_slice() {
        [] => FrameStore::read(&dataset, &split.train, &sizes, tell)?,
        indices => FrameStore::read(&dataset, indices, &sizes, tell)?,
    };

    let _alone = alone();
    B::seed(device, config.run.seed);
    let model = from.map_or_else(|| Vae::new(&sizes, device), |world| world.vae);
    let mut trainer = Trainer::new(model, &config.optimiser, folder.clone(), device)?;
    let save = |ema: &Vae<B::InnerBackend>| {
        let mut vae = ema.clone();
        vae.set_latent_scale(latent_scale(ema, &train, config.run.seed, device));
        save_vae(&vae, &config.run.out)
    };
    while !trainer.is_done() {
        let mut rng = step_rng(config.run.seed, trainer.step());
        B::seed(device, rng.random());
        let frames: Vec<usize> = (0..config.batch)
            .map(|_| rng.random_range(0..train.len()))
            .collect();
        let loss = loss::vae_loss(trainer.model()?, train.batch(&frames, device), config.kl);
        trainer.descend(loss, config.batch, tell)?;

        let (step, last) = (trainer.step(), trainer.is_done());
        if last || step.is_multiple_of(config.run.checkpoint_every) {
            trainer.checkpoint(tell)?;
            if !last {
                save(trainer.ema())?;
            }
        }
        if last || step.is_multiple_of(config.run.eval_every) {
            trainer.wait(tell)?;
            let path = folder.file(&format!("strip-{step:07}.png"));
            let vae = Vae::<B>::from_inner(trainer.ema().clone()).no_grad();
            let (psnr, real, made) = look(&vae, &held_out, device);
            tell(match draw_strip(&path, &real, &made) {
                Ok(()) => TrainMessage::Eval {
                    step,
                    psnr,
                    baseline_psnr: None,
                    rollout_psnr: None,
                    strip: path,
                },
                // A strip that cannot be drawn is no reason to lose the run.
                Err(error) => TrainMessage::Warning {
                    text: error.to_string(),
                },
            });
        }
    }
    // Here also for a run that was done before, whose VAE could not be written.
    save(trainer.ema())?;
    trainer.finish(tell)
}

/// Writes real frames above those that were made.
pub(crate) fn draw_strip(path: &Path, real: &[Frame], made: &[Frame]) -> Result<()> {
    Ok(bvgdm_data::write_png(
        path,
        &strip(real, made, STRIP_SCALE)?,
    )?)
}

/// Mean PSNR of reconstructed held-out frames, and some of them with their originals.
fn look<B: Backend>(
    vae: &Vae<B>,
    frames: &FrameStore,
    device: &B::Device,
) -> (f64, Vec<Frame>, Vec<Frame>) {
    let count = EVAL_FRAMES.min(frames.len());
    let indices: Vec<usize> = (0..count).map(|i| i * frames.len() / count).collect();
    let pieces = indices.chunks(frames_at_once(vae.config()));
    let made = pieces.map(|piece| to_frames(vae.decode(vae.encode(frames.batch(piece, device)))));
    let made: Vec<Frame> = made.flatten().collect();
    let real: Vec<Frame> = indices.iter().map(|&i| frames.frame(i)).collect();
    let sum = real.iter().zip(&made).map(|(a, b)| psnr(a, b)).sum::<f64>();
    let every = (count / STRIP_FRAMES).max(1);
    let some = |frames: Vec<Frame>| {
        frames
            .into_iter()
            .step_by(every)
            .take(STRIP_FRAMES)
            .collect()
    };
    (sum / count as f64, some(real), some(made))
}

/// One over the standard deviation of the latents' mean over some training frames.
fn latent_scale<B: Backend>(
    vae: &Vae<B>,
    frames: &FrameStore,
    seed: u64,
    device: &B::Device,
) -> f64 {
    let mut rng = step_rng(seed, u64::MAX);
    let indices: Vec<usize> = (0..256)
        .map(|_| rng.random_range(0..frames.len()))
        .collect();
    let (mut sum, mut square, mut count) = (0.0f64, 0.0f64, 0.0f64);
    for piece in indices.chunks(frames_at_once(vae.config()).min(32)) {
        let mean = vae.posterior(frames.batch(piece, device)).mean.into_data();
        for x in mean.iter::<f64>() {
            sum += x;
            square += x * x;
            count += 1.0;
        }
    }
    let mean = sum / count;
    1.0 / (square / count - mean * mean).sqrt().max(1e-3)
}

/// `[F, 3, H, W]` in [0, 1] to frames.
pub(crate) fn to_frames<B: Backend>(pixels: Tensor<B, 4>) -> Vec<Frame> {
    let [_, _, height, width] = pixels.dims();
    let values: Vec<f32> = pixels.into_data().iter::<f32>().collect();
    values
        .chunks_exact(3 * width * height)
        .map(|chw| Frame::from_chw(width, height, chw))
        .collect()
}
