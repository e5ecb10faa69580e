//! Something to train on.

use std::path::{Path, PathBuf};

use bvgdm_core::{ActionSchema, ActionSpec, ActionVector, Frame};
use bvgdm_data::{EpisodeSpec, EpisodeWriter};

/// Two episodes of frames of this size, in which a bright bar moves.
pub fn record(root: &Path, [width, height]: [usize; 2]) -> PathBuf {
    for episode in 0..2 {
        record_episode(&root.join(format!("episode {episode}")), [width, height]);
    }
    root.to_owned()
}

/// One of these episodes, 24 frames long.
pub fn record_episode(dir: &Path, [width, height]: [usize; 2]) {
    let buttons = (0..9).map(|i| ActionSpec::button(format!("action {i}")));
    let spec = EpisodeSpec {
        game: "bar".into(),
        fps: 20.0,
        width,
        height,
        schema: ActionSchema::new(buttons).unwrap(),
        seed: 0,
    };
    let mut writer = EpisodeWriter::create(dir, spec).unwrap();
    for t in 0..24 {
        let rgb = (0..width * height * 3)
            .map(|i| {
                if (i / 3 % width) / 8 == t % (width / 8) {
                    220
                } else {
                    40
                }
            })
            .collect();
        let mut action = ActionVector(vec![0.0; 9]);
        action.0[t % 9] = 1.0;
        writer
            .push(&Frame::new(width, height, rgb).unwrap(), &action)
            .unwrap();
    }
    writer.finish().unwrap();
}
