//! A tiny recording through both stages of training to a world that loads.
//!
//! One test, since the backend's random numbers are the process's.

#![expect(clippy::unwrap_used, reason = "a test may fail by them")]

use std::path::{Path, PathBuf};

use burn_autodiff::Autodiff;
use burn_flex::Flex;
use bvgdm_core::{ActionSchema, ActionSpec, ActionVector, Frame};
use bvgdm_data::{EpisodeSpec, EpisodeWriter};
use bvgdm_model::World;
use bvgdm_train::{
    DitTrainConfig, OptimiserConfig, OptimiserKind, Precision, RunConfig, TrainError, TrainMessage,
    VaeTrainConfig, train_dit, train_vae,
};

type B = Autodiff<Flex>;

/// Two episodes in which a bright bar moves.
fn record(root: &Path) -> PathBuf {
    let buttons = (0..9).map(|i| ActionSpec::button(format!("action {i}")));
    let schema = ActionSchema::new(buttons).unwrap();
    for episode in 0..2 {
        let spec = EpisodeSpec {
            game: "bar".into(),
            fps: 20.0,
            width: 112,
            height: 64,
            schema: schema.clone(),
            seed: episode,
        };
        let mut writer =
            EpisodeWriter::create(&root.join(format!("episode {episode}")), spec).unwrap();
        for t in 0..24 {
            let rgb = (0..112 * 64 * 3)
                .map(|i| if (i / 3 % 112) / 8 == t % 14 { 220 } else { 40 })
                .collect();
            let mut action = ActionVector(vec![0.0; 9]);
            action.0[t % 9] = 1.0;
            writer
                .push(&Frame::new(112, 64, rgb).unwrap(), &action)
                .unwrap();
        }
        writer.finish().unwrap();
    }
    root.to_owned()
}

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
        vae: Some(vae),
        batch: 1,
        frames: 3,
        pure_noise: 0.5,
        context_noise: 0.2,
        detail: 1.0,
        sampler_steps: Some(2),
        own_context_after: 0.0,
        own_context_depth: 2,
        own_context_batches: 1,
        own_context_uses: 1,
        precision: Precision::F32,
        world,
    }
}

/// A world trained further: its VAE as it was, its DiT not, and only on its own kind of recording.
fn train_from(world: &Path, first: &World<Flex>, config: &DitTrainConfig, out: &Path) {
    let mut config = config.clone();
    (config.vae, config.run.from) = (None, Some(world.to_owned()));
    config.run.mirror = vec!["action 2=action 3".into()];
    config.run.out = out.join("further");
    config.world = out.join("further.world.ron");
    train_dit::<B>(&config, &Default::default(), &mut |_| {}).unwrap();
    let (second, manifest) = World::<Flex>::load(&config.world, &Default::default()).unwrap();
    assert_eq!(manifest.trained_on.dit_steps, 4);
    assert_eq!(manifest.trained_on.vae_steps, 4);
    assert_eq!(manifest.config.sampler.steps, 2);
    let latent = first.starts.clone();
    let decoded = |world: &World<Flex>| world.vae.decode(latent.clone()).into_data();
    assert_eq!(decoded(&second), decoded(first), "the VAE is as it was");
    let weights = |world: &World<Flex>| world.dit.final_linear.weight.val().into_data();
    assert_ne!(weights(&second), weights(first), "the DiT is not");

    let mut other = bvgdm_core::WorldManifest::load(&config.world).unwrap();
    other.schema.actions[3].name = "somersault".into();
    other.save(&config.world).unwrap();
    config.run.from = Some(config.world.clone());
    let error = train_dit::<B>(&config, &Default::default(), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("somersault"), "{error}");
}

/// A world on top of somebody else's VAE, in diffusers' layout.
fn train_on_imported(name: &str, scale: f64, latent: [usize; 3], episodes: &Path, out: &Path) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let world = out.join(format!("{name}.world.ron"));
    let config = dit(episodes, out.join(name), fixtures.join(name), world.clone());
    train_dit::<B>(&config, &Default::default(), &mut |_| {}).unwrap();
    let (world, manifest) = World::<Flex>::load(&world, &Default::default()).unwrap();
    let vae = &manifest.config.vae;
    assert_eq!((vae.latent_scale, vae.latent_shape()), (scale, latent));
    assert_eq!(world.starts.dims()[1..], latent);
    assert_eq!(manifest.trained_on.vae_steps, 0);
}

#[test]
fn a_recording_becomes_a_world_and_a_stopped_run_goes_on_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().unwrap();
    let episodes = record(&folder.path().join("episodes"));
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

    // A rate that is far too high: the run stops, and what it went on from is still there.
    let (outcome, _) = vae(&episodes, halves.clone(), true, optimiser(9, 1e30));
    match outcome {
        Err(TrainError::Diverged { checkpoint, .. }) => {
            assert_eq!(checkpoint, halves.join("checkpoint-0000004"));
            assert!(checkpoint.is_dir());
        }
        other => unreachable!("no divergence: {other:?}"),
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
    assert!(first.starts.dims()[0] > 1);

    train_from(&world, &first, &config, folder.path());

    let out = folder.path();
    train_on_imported("taesd_tiny", 1.0, [4, 8, 14], &episodes, out);
    train_on_imported("sd_vae_tiny", 0.18215, [4, 32, 56], &episodes, out);
}
