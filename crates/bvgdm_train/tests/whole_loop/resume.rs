//! Runs that stop and go on.

use std::fs;
use std::path::Path;

use burn_flex::Flex;
use bvgdm_model::World;
use bvgdm_train::{DitTrainConfig, train_dit};

use crate::{B, losses};

/// The DiT's run takes the steps that it would have taken: where it stops between batches whose own
/// contexts are drawn together, and where it stops in the middle of such that are used twice.
pub fn dit_goes_on(config: &DitTrainConfig, out: &Path) {
    for (name, depth, uses) in [("between", 2, 1), ("in the middle", 0, 2)] {
        let steps = |folder: &str, steps, resume| {
            let mut config = config.clone();
            config.own_context_depth = depth;
            (config.own_context_batches, config.own_context_uses) = (2, uses);
            config.run.out = out.join(format!("{folder} {name}"));
            config.run.resume = resume;
            config.optimiser.steps = Some(steps);
            let mut messages = Vec::new();
            train_dit::<B>(&config, &Default::default(), &mut |m| messages.push(m)).unwrap();
            losses(&messages)
        };
        let uninterrupted = steps("whole", 4, false);
        assert_eq!(steps("halves", 2, false), uninterrupted[..2], "{name}");
        assert_eq!(steps("halves", 4, true), uninterrupted[2..], "{name}");
    }
}

/// A run that is done writes its world once more, where it is asked to now.
pub fn done_run_writes_its_world(config: &DitTrainConfig, out: &Path) {
    let mut config = config.clone();
    config.run.resume = true;
    config.world = out.join("elsewhere/again.world.ron");
    let mut messages = Vec::new();
    train_dit::<B>(&config, &Default::default(), &mut |m| messages.push(m)).unwrap();
    assert!(losses(&messages).is_empty(), "no step is taken");
    let (_, manifest) = World::<Flex>::load(&config.world, &Default::default()).unwrap();
    assert_eq!(manifest.trained_on.dit_steps, 2);
}

/// The looks at held-out frames that the run's log has, by their steps.
pub fn looks(folder: &Path) -> Vec<u64> {
    let text = fs::read_to_string(folder.join("log.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .filter(|line: &serde_json::Value| line["message"] == "eval")
        .map(|line| line["step"].as_u64().unwrap())
        .collect()
}
