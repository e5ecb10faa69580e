//! `bvgdm train`.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use burn::tensor::backend::AutodiffBackend;
use bvgdm_train::backend::Job;
use bvgdm_train::{
    DitTrainConfig, TrainMessage, VaeTrainConfig, resident_memory_bytes, train_dit, train_vae,
};

use crate::engine::Engine;
use crate::output::say;
use crate::progress::Stages;
use crate::table::megabytes;

/// How often a line says where a run stands when there is no terminal for a bar.
const LINE_EVERY: Duration = Duration::from_secs(30);

#[derive(Debug, clap::Subcommand)]
pub enum Stage {
    /// Train the VAE: pictures to latents and back
    Vae(Args<VaeTrainConfig>),
    /// Train the DiT on the latents of a trained VAE, and write the world
    Dit(Args<DitTrainConfig>),
}

#[derive(Debug, clap::Args)]
pub struct Args<C: clap::Args> {
    #[command(flatten)]
    config: C,
    #[command(flatten)]
    engine: Engine,
    /// Print one JSON object a line instead of progress bars
    #[arg(long)]
    json: bool,
}

pub fn run(stage: Stage) -> Result<()> {
    match stage {
        Stage::Vae(args) => args.engine.run(VaeJob(args)).context("train vae"),
        Stage::Dit(args) => args.engine.run(DitJob(args)).context("train dit"),
    }
}

struct VaeJob(Args<VaeTrainConfig>);

impl Job for VaeJob {
    type Output = Result<()>;

    fn run<B: AutodiffBackend>(self, device: B::Device) -> Result<()> {
        let mut listener = Listener::new(self.0.json);
        Ok(train_vae::<B>(&self.0.config, &device, &mut |message| {
            listener.hear(&message);
        })?)
    }
}

struct DitJob(Args<DitTrainConfig>);

impl Job for DitJob {
    type Output = Result<()>;

    fn run<B: AutodiffBackend>(self, device: B::Device) -> Result<()> {
        let mut listener = Listener::new(self.0.json);
        Ok(train_dit::<B>(&self.0.config, &device, &mut |message| {
            listener.hear(&message);
        })?)
    }
}

/// Shows the messages of a job.
struct Listener {
    json: bool,
    stages: Stages,
    last_line: Instant,
}

impl Listener {
    fn new(json: bool) -> Self {
        Self {
            json,
            stages: Stages::default(),
            last_line: Instant::now(),
        }
    }

    fn hear(&mut self, message: &TrainMessage) {
        if self.json {
            match serde_json::to_string(message) {
                Ok(line) => say!("{line}"),
                Err(error) => eprintln!("warning: {error}"),
            }
        } else {
            self.show(message);
        }
    }

    fn show(&mut self, message: &TrainMessage) {
        match message {
            TrainMessage::Begin { machine } => self.stages.say(machine),
            TrainMessage::Progress { stage, done, total } => {
                let name = format!("{stage:?}").to_lowercase();
                self.stages.set(&name, *done, *total);
            }
            TrainMessage::Found { episodes, frames } => {
                let line = format!("{episodes} new episodes, {frames} frames in all");
                self.stages.say(&line);
            }
            TrainMessage::Step {
                step,
                steps,
                loss,
                examples_per_s,
                left_s,
                memory_bytes,
                ..
            } => {
                let memory = memory_bytes.map(megabytes).unwrap_or_default();
                let text = format!(
                    "loss {loss:.4}  {} left  {examples_per_s:.1} examples/s  {memory}",
                    clock(*left_s)
                );
                let bar = self.stages.set("train", *step, *steps);
                bar.set_message(text.clone());
                if bar.is_hidden() && self.last_line.elapsed() > LINE_EVERY {
                    say!("step {step}/{steps}  {text}");
                    self.last_line = Instant::now();
                }
            }
            TrainMessage::Eval {
                step,
                psnr,
                baseline_psnr,
                rollout_psnr,
                strip,
            } => {
                let mut line = format!("step {step}: held out {psnr:.2} dB");
                if let Some(baseline) = baseline_psnr {
                    line += &format!(", repeating {baseline:.2} dB");
                }
                if let Some(rollout) = rollout_psnr {
                    line += &format!(", roll-out {rollout:.2} dB");
                }
                self.stages.say(&format!("{line}  {}", strip.display()));
            }
            TrainMessage::Checkpoint { step, path } => {
                self.stages
                    .say(&format!("step {step}: checkpoint {}", path.display()));
            }
            TrainMessage::Warning { text } => self.stages.say(&format!("warning: {text}")),
            TrainMessage::Done {
                steps,
                seconds,
                first_examples_per_s,
                last_examples_per_s,
                first_memory_bytes,
                last_memory_bytes,
            } => {
                self.stages.finish();
                let last_memory = last_memory_bytes.or_else(resident_memory_bytes);
                let memory = |bytes: Option<u64>| bytes.map_or("unknown".to_owned(), megabytes);
                say!(
                    "{steps} steps in {}; examples/s {first_examples_per_s:.1} at the start, \
                     {last_examples_per_s:.1} at the end; memory {} at the start, {} at the end",
                    clock(*seconds),
                    memory(*first_memory_bytes),
                    memory(last_memory),
                );
            }
        }
    }
}

/// Seconds as `h:mm:ss`.
fn clock(seconds: f64) -> String {
    let s = seconds.max(0.0).round() as u64;
    format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}
