//! A run that trains on what is recorded meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use bvgdm_core::WorldManifest;
use bvgdm_data::Dataset;
use bvgdm_train::{DitTrainConfig, TrainMessage, train_dit};

use crate::B;
use crate::recording::{record, record_episode};

const SIZE: [usize; 2] = [112, 64];

/// Steps of the run, each a moment later than need be until the new episode is found.
const STEPS: u64 = 60;
const MOMENT: Duration = Duration::from_millis(200);

/// After the first step three episodes come, one for each side of the split and one with damaged pictures, and
/// something that is none. The run goes on with the one, says nothing of the held-out one, and why not of the rest.
pub fn train_on_what_comes(config: &DitTrainConfig, out: &Path) {
    let mut config = config.clone();
    config.run.episodes = record(&out.join("growing"), SIZE);
    config.run.out = out.join("following");
    config.run.checkpoint_every = STEPS;
    config.run.eval_every = STEPS;
    config.world = out.join("following.world.ron");
    config.optimiser.steps = Some(STEPS);
    config.follow = true;
    let [train, damaged, held_out] = sides(&config);
    let mut messages = Vec::new();
    train_dit::<B>(&config, &Default::default(), &mut |message| {
        let found = |m: &TrainMessage| matches!(m, TrainMessage::Found { .. });
        if matches!(message, TrainMessage::Step { step: 1, .. }) {
            record_episode(&train, SIZE);
            record_episode(&held_out, SIZE);
            record_episode(&damaged, SIZE);
            let chunk = fs::read_dir(damaged.join("frames")).unwrap().next();
            let chunk = chunk.unwrap().unwrap().path();
            let mut bytes = fs::read(&chunk).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(&chunk, bytes).unwrap();
            let none = config.run.episodes.join("none");
            fs::create_dir(&none).unwrap();
            fs::write(none.join("metadata.ron"), "()").unwrap();
        } else if !messages.iter().any(found) {
            sleep(MOMENT);
        }
        messages.push(message);
    })
    .unwrap();
    let found = messages.iter().filter_map(|message| match message {
        TrainMessage::Found { episodes, frames } => Some((*episodes, *frames)),
        _ => None,
    });
    assert_eq!(found.collect::<Vec<_>>(), [(1, 48)]);
    for file in [Path::new("none/metadata.ron"), &damaged.join("frames")] {
        let file = file.to_str().unwrap();
        let warned = messages
            .iter()
            .filter(|m| matches!(m, TrainMessage::Warning { text } if text.contains(file)));
        assert_eq!(warned.count(), 1, "{file}: {messages:?}");
    }
    let manifest = WorldManifest::load(&config.world).unwrap();
    assert_eq!(manifest.trained_on.frames, 48);
}

/// Names of two new episodes on the side that is trained on and of one that is held out.
fn sides(config: &DitTrainConfig) -> [PathBuf; 3] {
    let trial = tempfile::tempdir().unwrap();
    for i in 0..16 {
        record_episode(&trial.path().join(format!("new {i}")), [8, 8]);
    }
    let dataset = Dataset::open(trial.path()).unwrap();
    let split = dataset.split(config.run.held_out, config.run.seed);
    [split.train[0], split.train[1], split.held_out[0]].map(|i| {
        let name = dataset.episodes()[i].dir().file_name().unwrap();
        config.run.episodes.join(name)
    })
}
