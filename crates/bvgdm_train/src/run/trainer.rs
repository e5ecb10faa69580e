//! A model in training: weights, their average, optimiser and step.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use burn::module::{AutodiffModule, Module};
use burn::optim::GradientsParams;
use burn::tensor::backend::AutodiffBackend;
use burn::tensor::{ElementConversion as _, Tensor};

use super::checkpoint::{checkpoint_error, load_record, save_record, write_checkpoint};
use super::clip::clip_by_norm;
use super::ema::blend;
use super::folder::RunFolder;
use super::horizon::Horizon;
use super::norm::norm;
use super::optimiser::Optimiser;
use crate::config::OptimiserConfig;
use crate::error::{Result, TrainError};
use crate::memory::resident_memory_bytes;
use crate::message::TrainMessage;
use crate::report::{Plot, Series};

/// Of a checkpoint: every step's loss, and the seconds that the run has taken.
const LOSSES: &str = "losses.json";
const SECONDS: &str = "seconds.json";
/// Checkpoints that are kept.
const KEEP: usize = 2;
/// Steps over which the speed is averaged.
const SPEED_STEPS: usize = 20;

/// Weights `M`, their moving average, the optimiser's state and where the run stands.
pub struct Trainer<B: AutodiffBackend, M: AutodiffModule<B>> {
    model: Option<M>,
    ema: M::InnerModule,
    optimiser: Optimiser<B, M>,
    config: OptimiserConfig,
    folder: RunFolder,
    step: u64,
    horizon: Horizon,
    issued: Option<Issued<B>>,
    losses: Vec<(u64, f64)>,
    times: VecDeque<Instant>,
    started: Instant,
    first: Option<(f64, Option<u64>)>,
    speed: f64,
}

/// A step that the device may still be at.
struct Issued<B: AutodiffBackend> {
    /// Counted from one.
    step: u64,
    /// `[1]` both.
    loss: Tensor<B::InnerBackend, 1>,
    norm: Option<Tensor<B::InnerBackend, 1>>,
    learning_rate: f64,
    examples: usize,
}

impl<B: AutodiffBackend, M: AutodiffModule<B>> Trainer<B, M> {
    /// A fresh run, or the one in the folder from its newest checkpoint.
    ///
    /// # Errors
    /// When what there is to go on from cannot be read.
    pub fn new(
        model: M,
        config: &OptimiserConfig,
        folder: RunFolder,
        device: &B::Device,
    ) -> Result<Self> {
        let mut trainer = Self {
            ema: model.valid(),
            model: Some(model),
            optimiser: Optimiser::new(config),
            config: config.clone(),
            folder,
            step: 0,
            horizon: Horizon::new(config, 0, Duration::ZERO),
            issued: None,
            losses: Vec::new(),
            times: VecDeque::new(),
            started: Instant::now(),
            first: None,
            speed: 0.0,
        };
        if let Some((step, path)) = trainer.folder.newest().cloned() {
            trainer.resume(step, &path, device)?;
        }
        Ok(trainer)
    }

    /// Steps so far.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Steps of the whole run; with a limit in minutes, as many as the pace so far allows.
    pub fn steps(&self) -> u64 {
        self.horizon.steps()
    }

    /// Whether the last step was taken.
    pub fn is_done(&self) -> bool {
        self.step >= self.horizon.steps()
    }

    /// The weights.
    ///
    /// # Errors
    /// When an earlier step failed half-way.
    pub fn model(&self) -> Result<&M> {
        self.model
            .as_ref()
            .ok_or_else(|| checkpoint_error(&self.folder.file(""), "no weights"))
    }

    /// Their moving average.
    pub fn ema(&self) -> &M::InnerModule {
        &self.ema
    }

    /// One optimiser step on this loss of `examples` examples. Nothing waits for it: a graphics card has the
    /// next step's work before it is done with this one, and what came of this one is told then.
    ///
    /// # Errors
    /// When the loss of the step before was not finite: the run is over, its checkpoints are sound.
    pub fn descend(
        &mut self,
        loss: Tensor<B, 1>,
        examples: usize,
        tell: &mut dyn FnMut(TrainMessage),
    ) -> Result<()> {
        let Some(model) = self.model.take() else {
            return Ok(());
        };
        let mut grads = GradientsParams::from_grads(loss.backward(), &model);
        let norm = clip_by_norm(&model, &mut grads, self.config.clip);
        let rate = learning_rate(&self.config, self.horizon.steps(), self.step);
        let model = self.optimiser.step(rate, model, grads);
        self.step += 1;
        self.horizon.look(self.step);
        // The average forgets its random start quickly at first.
        let share = self
            .config
            .ema
            .min(self.step as f64 / (self.step as f64 + 10.0));
        self.ema = blend(self.ema.clone(), &model.valid(), share);
        self.model = Some(model);
        let issued = Issued {
            step: self.step,
            loss: loss.inner(),
            norm,
            learning_rate: rate,
            examples,
        };
        let before = self.issued.replace(issued);
        self.settle(before, tell)
    }

    /// Waits for the last step, and tells what came of it.
    ///
    /// # Errors
    /// When its loss was not finite.
    pub fn wait(&mut self, tell: &mut dyn FnMut(TrainMessage)) -> Result<()> {
        let last = self.issued.take();
        self.settle(last, tell)
    }

    /// Waits for a step, and tells what came of it.
    fn settle(
        &mut self,
        step: Option<Issued<B>>,
        tell: &mut dyn FnMut(TrainMessage),
    ) -> Result<()> {
        let Some(issued) = step else { return Ok(()) };
        let loss = issued.loss.into_scalar().elem::<f64>();
        let norm = issued
            .norm
            .map_or(0.0, |norm| norm.into_scalar().elem::<f64>());
        self.check(issued.step - 1, "loss", loss)?;
        self.check(issued.step - 1, "gradient's norm", norm)?;
        self.losses.push((issued.step, loss));
        self.times.push_back(Instant::now());
        if self.times.len() > SPEED_STEPS {
            self.times.pop_front();
        }
        let span = match (self.times.front(), self.times.back()) {
            (Some(first), Some(last)) => last.duration_since(*first).as_secs_f64(),
            _ => 0.0,
        };
        let steps_per_s = (self.times.len() - 1) as f64 / span.max(1e-9);
        self.speed = if self.times.len() > 1 {
            steps_per_s * issued.examples as f64
        } else {
            0.0
        };
        let memory_bytes = resident_memory_bytes();
        if self.times.len() == SPEED_STEPS && self.first.is_none() {
            self.first = Some((self.speed, memory_bytes));
        }
        tell(TrainMessage::Step {
            step: issued.step,
            steps: self.steps(),
            loss,
            learning_rate: issued.learning_rate,
            gradient_norm: norm,
            examples_per_s: self.speed,
            left_s: self.steps().saturating_sub(issued.step) as f64 / steps_per_s.max(1e-9),
            memory_bytes,
        });
        Ok(())
    }

    /// Whether the run can go on with such a value.
    fn check(&self, step: u64, what: &'static str, value: f64) -> Result<()> {
        if value.is_finite() {
            return Ok(());
        }
        let checkpoint = self.folder.checkpoints().pop().map(|(_, path)| path);
        Err(TrainError::Diverged {
            step,
            what,
            value,
            checkpoint: checkpoint.unwrap_or_else(|| "(none yet)".into()),
        })
    }

    /// Writes a checkpoint and the plot of the loss, and removes all but the newest checkpoints.
    ///
    /// # Errors
    /// When the last step's loss was not finite or its weights are not, or the folder cannot be written to.
    pub fn checkpoint(&mut self, tell: &mut dyn FnMut(TrainMessage)) -> Result<()> {
        self.wait(tell)?;
        let path = self.folder.checkpoint(self.step);
        let model = self.model()?.clone();
        // The loss was that of the weights before the last step.
        self.check(
            self.step.saturating_sub(1),
            "norm of the weights",
            norm(&model.valid()),
        )?;
        write_checkpoint(&path, |dir| {
            save_record(model.into_record(), &dir.join("model"))?;
            save_record(self.ema.clone().into_record(), &dir.join("ema"))?;
            self.optimiser.save(dir)?;
            let losses = serde_json::to_vec(&self.losses).map_err(|e| checkpoint_error(dir, e))?;
            let seconds = format!("{:.1}", self.horizon.taken().as_secs_f64());
            fs::write(dir.join(LOSSES), losses)
                .and_then(|()| fs::write(dir.join(SECONDS), seconds))
                .map_err(|e| checkpoint_error(dir, e))
        })?;
        self.plot()?;
        let all = self.folder.checkpoints();
        for (_, old) in all.iter().take(all.len().saturating_sub(KEEP)) {
            fs::remove_dir_all(old).map_err(|e| checkpoint_error(old, e))?;
        }
        tell(TrainMessage::Checkpoint {
            step: self.step,
            path,
        });
        Ok(())
    }

    fn plot(&self) -> Result<()> {
        let points = |points: Vec<(u64, f64)>| {
            points
                .into_iter()
                .map(|(step, loss)| (step as f64, loss))
                .collect()
        };
        let window = (self.losses.len() / 50).max(1);
        let means = self.losses.chunks(window).filter_map(|chunk| {
            let sum: f64 = chunk.iter().map(|(_, loss)| loss).sum();
            chunk
                .get(chunk.len() / 2)
                .map(|(step, _)| (*step, sum / chunk.len() as f64))
        });
        let plot = Plot {
            title: "loss".into(),
            series: vec![
                Series {
                    name: "each step".into(),
                    points: points(self.losses.clone()),
                },
                Series {
                    name: "mean".into(),
                    points: points(means.collect()),
                },
            ],
            // The logarithm of errors has a sign.
            log: self.losses.iter().all(|(_, loss)| *loss > 0.0),
        };
        Ok(bvgdm_data::write_png(
            &self.folder.file("loss.png"),
            &plot.draw(),
        )?)
    }

    /// The last messages.
    ///
    /// # Errors
    /// When the last step's loss was not finite.
    pub fn finish(&mut self, tell: &mut dyn FnMut(TrainMessage)) -> Result<()> {
        self.wait(tell)?;
        let (first_speed, first_memory) = self.first.unwrap_or((self.speed, None));
        tell(TrainMessage::Done {
            steps: self.step,
            seconds: self.started.elapsed().as_secs_f64(),
            first_examples_per_s: first_speed,
            last_examples_per_s: self.speed,
            first_memory_bytes: first_memory,
            last_memory_bytes: resident_memory_bytes(),
        });
        Ok(())
    }

    fn resume(&mut self, step: u64, path: &Path, device: &B::Device) -> Result<()> {
        let model = self.model()?.clone();
        self.model = Some(model.load_record(load_record(&path.join("model"), device)?));
        self.ema = self
            .ema
            .clone()
            .load_record(load_record(&path.join("ema"), device)?);
        self.optimiser.load(path, device)?;
        let losses = fs::read(path.join(LOSSES)).map_err(|e| checkpoint_error(path, e))?;
        self.losses = serde_json::from_slice(&losses).map_err(|e| checkpoint_error(path, e))?;
        self.step = step;
        // Of a checkpoint that does not say, nothing is known.
        let seconds = fs::read(path.join(SECONDS)).ok();
        let seconds = seconds.and_then(|text| serde_json::from_slice::<f64>(&text).ok());
        let before = Duration::try_from_secs_f64(seconds.unwrap_or(0.0)).unwrap_or_default();
        self.horizon = Horizon::new(&self.config, step, before);
        Ok(())
    }
}

/// Warm-up, constant, then a line down to a hundredth.
fn learning_rate(config: &OptimiserConfig, steps: u64, step: u64) -> f64 {
    let warm = ((step + 1) as f64 / config.warmup.max(1) as f64).min(1.0);
    let from = steps as f64 * (1.0 - config.decay);
    let fall = (step as f64 - from) / (steps as f64 - from).max(1.0);
    config.learning_rate * warm * (1.0 - 0.99 * fall.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::OptimiserKind;

    #[test]
    fn the_rate_rises_stays_and_falls() {
        let config = OptimiserConfig {
            optimiser: OptimiserKind::AdamW,
            steps: Some(1000),
            minutes: None,
            learning_rate: 1.0,
            warmup: 100,
            decay: 0.5,
            weight_decay: 0.0,
            clip: 1.0,
            ema: 0.9,
        };
        let rates = [0, 49, 99, 500, 750, 1000].map(|step| learning_rate(&config, 1000, step));
        let expected = [0.01, 0.5, 1.0, 1.0, 0.505, 0.01];
        for (rate, expected) in rates.iter().zip(expected) {
            assert!((rate - expected).abs() < 1e-9, "{rates:?}");
        }
    }
}
