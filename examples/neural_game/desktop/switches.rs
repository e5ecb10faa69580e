//! Keys for how it is played. In a browser they are the page's, which remembers what was chosen.

use bevy::prelude::*;
use bvgdm::NeuralWorld;
use bvgdm::play::EngineChoice;

use crate::neural_game::screen::Smoothness;
use crate::neural_game::stage::{Played, Stage};

/// F switches between smooth and crisp, G takes the next engine.
pub struct SwitchesPlugin;

impl Plugin for SwitchesPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(
            Update,
            (switch_smoothness, switch_engine).run_if(in_state(Stage::Playing)),
        );
    }
}

fn switch_smoothness(keys: Res<ButtonInput<KeyCode>>, mut smooth: ResMut<Smoothness>) {
    if keys.just_pressed(KeyCode::KeyF) {
        smooth.0 = !smooth.0;
    }
}

fn switch_engine(keys: Res<ButtonInput<KeyCode>>, played: Played<&mut NeuralWorld>) {
    if let Some(mut world) = played
        && keys.just_pressed(KeyCode::KeyG)
    {
        let engine = &mut world.settings.engine;
        *engine = match *engine {
            EngineChoice::Auto => EngineChoice::Cpu,
            EngineChoice::Cpu => EngineChoice::PassesCompute,
            EngineChoice::PassesCompute => EngineChoice::PassesFragment,
            EngineChoice::PassesFragment => EngineChoice::BurnWgpu,
            EngineChoice::BurnWgpu => EngineChoice::Auto,
        };
    }
}
