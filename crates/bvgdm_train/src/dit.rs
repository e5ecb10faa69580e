//! Training of the DiT.

mod batches;
mod distil;
mod finish;
mod look;
mod loss;
mod origin;
mod starts;
mod world_file;

use burn::module::{AutodiffModule as _, Module as _};
use burn::tensor::backend::AutodiffBackend;
use bvgdm_core::Schedule;
use bvgdm_data::{Dataset, Episode};
use bvgdm_model::Dit;

use crate::alone::alone;
use crate::backend::machine;
use crate::config::DitTrainConfig;
use crate::data::{Followed, Follower, LatentStore, Mirror, step_rng};
use crate::error::{Result, TrainError};
use crate::message::TrainMessage;
use crate::run::{RunFolder, RunLog, Trainer};
use crate::vae::draw_strip;
use batches::{Batches, Teacher};
use distil::distil;
use loss::DitLoss;
use origin::Origin;
use rand::Rng as _;
use world_file::WorldFile;

/// Trains the DiT of a preset on the latents of a trained VAE, or that of a world further, and
/// writes the world.
///
/// # Errors
/// When a setting is out of its range, recording, VAE or folder cannot be used, or the loss is not finite
/// any more.
pub fn train_dit<B: AutodiffBackend>(
    config: &DitTrainConfig,
    device: &B::Device,
    tell: &mut dyn FnMut(TrainMessage),
) -> Result<()> {
    config.validate()?;
    let precision = config.precision.dtype();
    if !B::supports_dtype(device, precision.into()) {
        let (what, expected) = ("precision of the products", "one that the engine has");
        return Err(TrainError::unsuitable(
            what,
            expected,
            format!("{precision:?}"),
        ));
    }
    let world_file = WorldFile::prepare(&config.world)?;
    let folder = RunFolder::create(&config.run, config)?;
    let mut log = RunLog::open(&folder)?;
    let tell: &mut dyn FnMut(TrainMessage) = &mut |message| log.pass(message, tell);
    tell(TrainMessage::Begin {
        machine: machine::<B::InnerBackend>(device),
    });
    let mut dataset = Dataset::open(&config.run.episodes)?;
    if config.follow {
        let waiting = dataset.only_complete()?;
        if waiting > 0 {
            let text = format!("{waiting} episodes are not complete: they count when they are");
            tell(TrainMessage::Warning { text });
        }
    }
    let mut origin = Origin::<B>::load(config, &dataset, device)?;
    if let Some(fps) = origin.paced {
        let found = dataset.fps();
        let text = format!(
            "the recording has {found} frames a second, the world of --from {fps}: the new one has {found}"
        );
        tell(TrainMessage::Warning { text });
    }
    if let Some(window) = config.window {
        origin.sizes.dit.window = window;
        origin.sizes.validate()?;
        origin.dit = origin.dit.map(|dit| dit.with_window(window));
    }
    // Before it is told how many passes it is to be played with.
    let taught_by = origin.dit.clone().filter(|_| config.distil);
    let teacher = taught_by.map(|dit| Teacher {
        dit: dit.no_grad().with_precision(precision),
        sampler: origin.sizes.sampler,
    });
    if let Some(steps) = config.sampler_steps {
        origin.sizes.sampler.steps = steps;
        origin.sizes.validate()?;
    }
    let (sizes, vae) = (&origin.sizes, &origin.vae);
    folder.keep("sizes.ron", sizes)?;
    let split = dataset.split(config.run.held_out, config.run.seed);
    if split.held_out.is_empty() {
        tell(TrainMessage::nothing_is_held_out());
    }
    let mirror = match config.run.mirror.as_slice() {
        [] => None,
        rules => Some(Mirror::parse(rules, dataset.schema())?),
    };
    let mut store = |indices: &[usize], mirror: Option<&Mirror>| {
        LatentStore::read(vae, &dataset, indices, mirror, device, tell)
    };
    let mut latents = store(&split.train, mirror.as_ref())?.1;
    let held_out = match split.held_out.as_slice() {
        [] => store(&split.train, None)?,
        indices => store(indices, None)?,
    };

    let _alone = alone();
    B::seed(device, config.run.seed);
    let model = match &origin.dit {
        Some(dit) => dit.clone(),
        None => Dit::new(&sizes.dit, device),
    };
    let model = model.with_precision(precision);
    let mut trainer = Trainer::new(model, &config.optimiser, folder.clone(), device)?;
    let schedule = Schedule::new(&sizes.schedule);
    let train = split
        .train
        .iter()
        .filter_map(|&i| dataset.episodes().get(i));
    let mut frames = train.map(Episode::len).sum::<usize>() as u64;
    let write_world = |trainer: &Trainer<B, Dit<B>>, frames: u64| {
        let trained = finish::Trained {
            origin: &origin,
            dit: trainer.ema(),
            step: trainer.step(),
            frames,
        };
        let seed = config.run.seed;
        finish::write_world(&trained, &world_file, seed, &dataset, &held_out.1, device)
    };
    let mut batches = Batches::<B>::new(config, sizes, origin.dit_steps, teacher, device)?;
    let follower = config.follow.then(|| {
        Follower::begin(Followed {
            dataset: dataset.clone(),
            held_out: (config.run.held_out, config.run.seed),
            vae: vae.clone(),
            mirror,
            device: device.clone(),
        })
    });
    while !trainer.is_done() {
        let mut episodes = 0;
        for found in follower.iter().flat_map(Follower::found) {
            match found {
                Ok(found) => {
                    latents.append(found.latents);
                    frames += found.frames as u64;
                    episodes += 1;
                }
                Err(error) => tell(TrainMessage::Warning {
                    text: error.to_string(),
                }),
            }
        }
        if episodes > 0 {
            tell(TrainMessage::Found { episodes, frames });
        }
        let run = (trainer.step(), trainer.steps());
        let mut batch = batches.at(run, &latents, trainer.ema())?;
        let mut rng = step_rng(config.run.seed, origin.dit_steps + trainer.step());
        B::seed(device, rng.random());
        let settings = DitLoss {
            schedule: &schedule,
            config,
        };
        let model = trainer.model()?;
        let loss = match batch.lesson.take() {
            Some(lesson) => distil(model, batch, lesson, &schedule, &sizes.sampler),
            None => settings.loss(model, batch, &mut rng),
        };
        trainer.descend(loss, config.batch * config.frames * config.targets, tell)?;

        let (step, last) = (trainer.step(), trainer.is_done());
        if last || step.is_multiple_of(config.run.checkpoint_every) {
            trainer.checkpoint(tell)?;
            if !last {
                write_world(&trainer, frames)?;
            }
        }
        if last || step.is_multiple_of(config.run.eval_every) {
            trainer.wait(tell)?;
            let path = folder.file(&format!("strip-{step:07}.png"));
            let dit = Dit::from_inner(trainer.ema().clone()).no_grad();
            let look = look::look(dit, vae, sizes, &held_out, device);
            let drawn =
                look.and_then(|look| draw_strip(&path, &look.real, &look.made).map(|()| look));
            tell(match drawn {
                Ok(look) => TrainMessage::Eval {
                    step,
                    psnr: look.next_psnr,
                    baseline_psnr: Some(look.repeat_psnr),
                    rollout_psnr: Some(look.rollout_psnr),
                    strip: path,
                },
                // A look that cannot be had is no reason to lose the run.
                Err(error) => TrainMessage::Warning {
                    text: error.to_string(),
                },
            });
        }
    }
    // Here also for a run that was done before, whose world could not be written or should go elsewhere.
    write_world(&trainer, frames)?;
    trainer.finish(tell)
}
