//! Training of the DiT.

mod batches;
mod finish;
mod look;
mod loss;
mod origin;

use burn::module::{AutodiffModule as _, Module as _};
use burn::tensor::backend::AutodiffBackend;
use bvgdm_core::Schedule;
use bvgdm_data::Dataset;
use bvgdm_model::Dit;

use crate::config::DitTrainConfig;
use crate::data::{FrameStore, LatentStore, Mirror, step_rng};
use crate::error::{Result, TrainError};
use crate::message::TrainMessage;
use crate::report::strip;
use crate::run::{RunFolder, Trainer};
use crate::vae::STRIP_SCALE;
use batches::Batches;
use loss::DitLoss;
use origin::Origin;
use rand::Rng as _;

/// Trains the DiT of a preset on the latents of a trained VAE, or that of a world further, and
/// writes the world.
///
/// # Errors
/// When recording, VAE or folder cannot be used, or the loss is not finite any more.
pub fn train_dit<B: AutodiffBackend>(
    config: &DitTrainConfig,
    device: &B::Device,
    tell: &mut dyn FnMut(TrainMessage),
) -> Result<()> {
    let precision = config.precision.dtype();
    if !B::supports_dtype(device, precision.into()) {
        let (what, expected) = ("precision of the products", "one that the engine has");
        return Err(TrainError::unsuitable(
            what,
            expected,
            format!("{precision:?}"),
        ));
    }
    let dataset = Dataset::open(&config.run.episodes)?;
    let mut origin = Origin::<B>::load(config, &dataset, device)?;
    if let Some(steps) = config.sampler_steps {
        origin.sizes.sampler.steps = steps;
        origin.sizes.validate()?;
    }
    let (sizes, vae) = (&origin.sizes, &origin.vae);
    let split = dataset.split(config.run.held_out, config.run.seed);
    let mirror = match config.run.mirror.as_slice() {
        [] => None,
        rules => Some(Mirror::parse(rules, dataset.schema())?),
    };
    let mut store = |indices: &[usize], mirror: Option<&Mirror>| -> Result<_> {
        let mut frames = FrameStore::read(&dataset, indices, &sizes.vae, tell)?;
        if mirror.is_some() {
            frames = frames.with_mirror_images();
        }
        let latents = LatentStore::encode(vae, &frames, &dataset, indices, mirror, device, tell)?;
        Ok((frames, latents))
    };
    let latents = store(&split.train, mirror.as_ref())?.1;
    let held_out = match split.held_out.as_slice() {
        [] => store(&split.train, None)?,
        indices => store(indices, None)?,
    };
    let folder = RunFolder::create(&config.run.out, config)?;

    B::seed(device, config.run.seed);
    let model = match &origin.dit {
        Some(dit) => dit.clone(),
        None => Dit::new(&sizes.dit, device),
    };
    let model = model.with_precision(precision);
    let mut trainer = Trainer::new(
        model,
        &config.optimiser,
        &config.run,
        folder.clone(),
        device,
    )?;
    let schedule = Schedule::new(&sizes.schedule);
    let mut batches = Batches::<B>::new(config, sizes, device)?;
    while !trainer.is_done() {
        // A run that goes on from a world sees other batches than those that made it.
        let mut rng = step_rng(config.run.seed, origin.dit_steps + trainer.step());
        B::seed(device, rng.random());
        let settings = DitLoss {
            schedule: &schedule,
            config,
        };
        let ready = trainer.step() as f64 >= config.own_context_after * trainer.steps() as f64;
        let own = (ready && config.own_context_depth > 0).then_some(trainer.ema());
        let batch = batches.next(&latents, own, &mut rng)?;
        let loss = settings.loss(trainer.model()?, batch, &mut rng);
        trainer.descend(loss, config.batch * config.frames, tell)?;

        let (step, last) = (trainer.step(), trainer.is_done());
        if last || step.is_multiple_of(config.run.eval_every) {
            trainer.wait(tell)?;
            let path = folder.file(&format!("strip-{step:07}.png"));
            let dit = Dit::from_inner(trainer.ema().clone()).no_grad();
            match look::look(dit, vae, sizes, &held_out, device) {
                Ok(look) => {
                    bvgdm_data::write_png(&path, &strip(&look.real, &look.made, STRIP_SCALE)?)?;
                    tell(TrainMessage::Eval {
                        step,
                        psnr: look.next_psnr,
                        baseline_psnr: Some(look.repeat_psnr),
                        rollout_psnr: Some(look.rollout_psnr),
                        strip: path,
                    });
                }
                // A look that cannot be had is no reason to lose the run.
                Err(error) => tell(TrainMessage::Warning {
                    text: error.to_string(),
                }),
            }
        }
        if last || step.is_multiple_of(config.run.checkpoint_every) {
            trainer.checkpoint(tell)?;
            let trained = finish::Trained {
                origin: &origin,
                dit: trainer.ema(),
                step,
            };
            finish::write_world(&trained, config, &dataset, &held_out.1, device)?;
        }
    }
    trainer.finish(tell)
}
