//! Why something is not recorded.

use crate::actions::ActionMapError;

/// What ends a recording, or keeps it from beginning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecorderError {
    /// The game's actions are no schema.
    #[error(transparent)]
    Actions(#[from] ActionMapError),
    /// The app has no render world.
    #[error("there is no renderer: the recorder needs Bevy's RenderPlugin")]
    NoRenderer,
    /// One camera is recorded, no more and no fewer.
    #[error("cameras with RecordedCamera: expected 1, found {found}")]
    Camera {
        /// How many have the component.
        found: usize,
    },
    /// One player is recorded, no more and no fewer.
    #[error(
        "entities with ActionState<{actions}> that play: expected 1, found {found} (where there are several, one has RecordedPlayer)"
    )]
    Player {
        /// The game's action type.
        actions: &'static str,
        /// How many there are to choose from.
        found: usize,
    },
    /// The GPU gave no picture.
    #[error("the picture of tick {tick} was lost")]
    LostPicture {
        /// The tick, counted from the start of the app.
        tick: u64,
    },
    /// The game's time ran faster than the recorder could make it wait.
    #[error("{ticks} ticks of the fixed schedule in one update: a frame is missing")]
    SkippedTicks {
        /// How many there were.
        ticks: u32,
    },
    /// The episode could not be written.
    #[error("{0}")]
    Write(String),
}
