//! Where the player is, and what is played.

use bevy::prelude::*;
use bvgdm::NeuralWorld;

/// Where the player is.
#[derive(States, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Stage {
    /// The weights are read and checked, the engine starts.
    #[default]
    Loading,
    /// The player walks.
    Playing,
    /// The world could not be loaded or has stopped.
    Failed,
}

/// The world that is played.
pub type Played<'w, 's, D> = Option<Single<'w, 's, D, With<NeuralWorld>>>;
