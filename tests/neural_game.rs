//! The neural game's own modules, as `examples/neural_game.rs` has them, for what needs no window.

#[path = "../examples/neural_game/desktop/args.rs"]
pub mod args;
#[path = "../examples/neural_game/controls.rs"]
pub mod controls;
#[path = "../examples/neural_game/desktop/headless.rs"]
pub mod headless;
#[path = "../examples/neural_game/desktop/recording/mod.rs"]
pub mod recording;
#[path = "../examples/neural_game/stage.rs"]
#[expect(dead_code, reason = "the stages are gone through in a window alone")]
pub mod stage;

/// What the modules above know of loading.
pub mod loading {
    use bevy::prelude::Resource;

    #[derive(Resource)]
    pub struct WorldFile {
        pub mouse: f32,
    }
}
