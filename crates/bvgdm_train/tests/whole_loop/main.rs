//! A tiny recording through both stages of training to a world that loads.
//!
//! One test, since the backend's random numbers are the process's.

#![expect(clippy::unwrap_used, reason = "a test may fail by them")]

mod following;
mod origins;
mod recording;
mod resume;
mod saved;

use std::path::{Path, PathBuf};

use burn_autodiff::Autodiff;
use burn_flex::Flex;
use bvgdm_model::World;
use bvgdm_train::{
    DitTrainConfig, OptimiserConfig, OptimiserKind, Precision, RunConfig, TrainError, TrainMessage,
    VaeTrainConfig, train_dit, train_vae,
};

use following::train_on_what_comes;
use origins::{distil, train_from, train_on_imported, train_own_sizes};
use recording::record;
use resume::{dit_goes_on, done_run_writes_its_world, looks};
use saved::{latents_deviate_by_one, world_has_the_average};

type B = Autodiff<Flex>;

fn run(episodes: &Path, out: PathBuf, resume: bool) -> RunConfig {
    RunConfig {
        episodes: episodes.to_owned(),
        out,
        preset: "arena".into(),
        from: None,
        mirror: Vec::new(),
        resume,
        seed: 5,
        held_out: 0.5,
        checkpoint_every: 2,
        eval_every: 2,
    }
}

fn optimiser(steps: u64, learning_rate: f64) -> OptimiserConfig {
    OptimiserConfig {
        optimiser: OptimiserKind::Muon,
        steps: Some(steps),
        minutes: None,
        learning_rate,
        warmup: 1,
        decay: 0.0,
        weight_decay: 0.01,
        clip: 1.0,
        ema: 0.9,
    }
}

fn losses(messages: &[TrainMessage]) -> Vec<(u64, f64)> {
    let step = |message: &TrainMessage| match message {
        TrainMessage::Step { step, loss, .. } => Some((*step, *loss)),
        _ => None,
    };
    messages.iter().filter_map(step).collect()
}

fn vae(
    episodes: &Path,
    out: PathBuf,
    resume: bool,
    optimiser: OptimiserConfig,
) -> (Result<(), TrainError>, Vec<TrainMessage>) {
    let run = run(episodes, out, resume);
    let config = VaeTrainConfig {
        run,
        optimiser,
        batch: 2,
        kl: 1e-4,
    };
    let mut messages = Vec::new();
    let outcome = train_vae::<B>(&config, &Default::default(), &mut |m| messages.push(m));
    (outcome, messages)
}

fn dit(episodes: &Path, out: PathBuf, vae: PathBuf, world: PathBuf) -> DitTrainConfig {
    DitTrainConfig {
        run: run(episodes, out, false),
        optimiser: optimiser(2, 1e-3),
        follow: false,
        vae: Some(vae),
        batch: 1,
        frames: 3,
        targets: 2,
        window: None,
        pure_noise: 0.5,
        context_noise: 0.2,
        detail: 1.0,
        relative: false,
        distil: false,
        sampler_steps: Some(2),
        own_context_after: 0.0,
        own_context_depth: 2,
        own_context_last: false,
        own_context_batches: 1,
        own_context_uses: 1,
        precision: Precision::F32,
        world,
    }
}

#[test]
fn a_recording_becomes_a_world_and_a_stopped_run_goes_on_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().unwrap();
    let episodes = record(&folder.path().join("episodes"), [112, 64]);
    let whole = folder.path().join("whole");
    let (outcome, messages) = vae(&episodes, whole.clone(), false, optimiser(4, 1e-3));
    outcome.unwrap();
    let uninterrupted = losses(&messages);
    assert!(
        uninterrupted[3].1 < uninterrupted[0].1,
        "it learns: {uninterrupted:?}"
    );

    let halves = folder.path().join("halves");
    vae(&episodes, halves.clone(), false, optimiser(2, 1e-3))
        .0
        .unwrap();
    let (outcome, messages) = vae(&episodes, halves.clone(), true, optimiser(4, 1e-3));
    outcome.unwrap();
    assert_eq!(
        losses(&messages),
        uninterrupted[2..],
        "the same steps after a resume"
    );
    for file in [
        "config.ron",
        "loss.png",
        "strip-0000004.png",
        "vae.ron",
        "vae.safetensors",
    ] {
        assert!(halves.join(file).is_file(), "{file}");
    }
    assert_eq!(looks(&halves), [2, 4]);

    // What could not be written when the run was done is written by its resume.
    std::fs::remove_file(whole.join("vae.safetensors")).unwrap();
    let (outcome, messages) = vae(&episodes, whole.clone(), true, optimiser(4, 1e-3));
    outcome.unwrap();
    assert!(losses(&messages).is_empty(), "no step is taken");
    assert!(whole.join("vae.safetensors").is_file());

    // A rate that is far too high: the run stops, and what it went on from is still there, also where a
    // checkpoint is due before there is another loss.
    for steps in [9, 5] {
        let (outcome, _) = vae(&episodes, halves.clone(), true, optimiser(steps, 1e30));
        match outcome {
            Err(TrainError::Diverged { checkpoint, .. }) => {
                assert_eq!(checkpoint, halves.join("checkpoint-0000004"));
                assert!(checkpoint.is_dir());
                assert!(!halves.join("checkpoint-0000005").exists());
            }
            other => unreachable!("no divergence: {other:?}"),
        }
    }

    let world = folder.path().join("bar.world.ron");
    let config = dit(&episodes, folder.path().join("dit"), whole, world.clone());
    let mut messages = Vec::new();
    train_dit::<B>(&config, &Default::default(), &mut |m| messages.push(m)).unwrap();
    // Episodes of 24 frames are too short for a look at roll-outs: said, and gone on.
    let warned =
        |m: &TrainMessage| matches!(m, TrainMessage::Warning { text } if text.contains("24"));
    assert!(messages.iter().any(warned), "{messages:?}");
    let (first, manifest) = World::<Flex>::load(&world, &Default::default()).unwrap();
    assert_eq!(
        (manifest.name.as_str(), manifest.trained_on.dit_steps),
        ("bar", 2)
    );
    assert_eq!(manifest.trained_on.vae_steps, 4);
    // The other of the two episodes is held out.
    assert_eq!(manifest.trained_on.frames, 24);
    let machine = &manifest.trained_on.machine;
    assert!(machine.starts_with("flex (Cpu) on "), "{machine}");
    let begin = TrainMessage::Begin {
        machine: machine.clone(),
    };
    assert_eq!(messages[0], begin, "where it computes is told first");
    assert!(first.starts.dims()[0] > 1);

    world_has_the_average(&first, &config.run.out);
    latents_deviate_by_one(&first, &episodes);
    train_from(&world, &first, &config, folder.path());
    distil(&world, &config, folder.path());

    let out = folder.path();
    done_run_writes_its_world(&config, out);
    dit_goes_on(&config, out);
    train_on_what_comes(&config, out);
    train_own_sizes(out);
    train_on_imported("taesd_tiny", 1.0, [4, 8, 14], &episodes, out);
    train_on_imported("sd_vae_tiny", 0.18215, [4, 32, 56], &episodes, out);
}
