//! What the recorder has to be told.

use std::path::PathBuf;

use bevy::prelude::*;

/// Names the camera whose view is recorded: one at a time.
#[derive(Component, Debug, Clone, Copy, Default, Reflect)]
#[reflect(Component, Default)]
pub struct RecordedCamera;

/// Names the player whose actions are recorded, where several entities have an `ActionState` of the
/// recorded type. Those of a [`NeuralWorld`](crate::NeuralWorld) never count.
#[derive(Component, Debug, Clone, Copy, Default, Reflect)]
#[reflect(Component, Default)]
pub struct RecordedPlayer;

/// How and where a game is recorded. Sizes hold from the app's start on.
#[derive(Resource, Debug, Clone)]
pub struct RecorderSettings {
    /// The name of the game, for the episodes' metadata.
    pub game: String,
    /// Pixels a row of a recorded frame. A world model cuts frames into patches: a multiple of 16 suits all
    /// that come with this project.
    pub width: u32,
    /// Rows of a recorded frame, likewise.
    pub height: u32,
    /// Every recorded pixel is the mean of this many times as many rendered ones, in each
    /// direction: 1 to 8. It smooths edges, besides what the camera's own `Msaa` does.
    pub supersample: u32,
    /// Where live recordings go: `FOLDER/live_00000` and so on.
    pub folder: PathBuf,
    /// The seed that live recordings name as the one that the game started from.
    pub seed: u64,
    /// The key that starts and stops a live recording.
    pub key: Option<KeyCode>,
}

impl Default for RecorderSettings {
    fn default() -> Self {
        Self {
            game: "game".to_owned(),
            width: 112,
            height: 64,
            supersample: 2,
            folder: PathBuf::from("recordings"),
            seed: 0,
            key: Some(KeyCode::F9),
        }
    }
}

impl RecorderSettings {
    /// The size at which the recorder's camera renders.
    pub(super) fn rendered_size(&self) -> UVec2 {
        UVec2::new(self.width.max(1), self.height.max(1)) * self.factor()
    }

    pub(super) fn factor(&self) -> u32 {
        self.supersample.clamp(1, 8)
    }
}
