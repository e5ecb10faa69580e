//! What the page asks of the game.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use arena::ArenaAction;
use bevy::prelude::*;
use bvgdm::play::EngineChoice;
use bvgdm::{NeuralWorld, WorldCommand};
use leafwing_input_manager::prelude::InputMap;
use serde::{Deserialize, Deserializer};

use super::hands::Hands;
use super::picture::Wanted;
use super::script::Script;
use crate::neural_game::keys::{begin, elsewhere};
use crate::neural_game::loading::WorldFile;
use crate::neural_game::screen::Smoothness;
use crate::neural_game::stage::Played;

/// One command, as JSON.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Begin again.
    Reset {
        /// Where; in the same first frame without it.
        #[serde(default)]
        seed: Option<u64>,
    },
    /// Begin again in another first frame.
    Elsewhere,
    /// Generate no more frames.
    Pause,
    /// Go on.
    Resume,
    /// Change what is named.
    Settings(Settings),
    /// What the page's own controls hold, by the schema's names; what is not named is released.
    Hold(BTreeMap<String, f32>),
    /// Whether mouse motion is meant for the game.
    Pointer(bool),
    /// Play these actions, one a frame, as fast as it goes; without pictures nothing is drawn meanwhile.
    Script {
        /// Where.
        seed: u64,
        /// As [`bvgdm_core::ActionScript`] reads them.
        actions: String,
        /// How many frames.
        frames: usize,
        /// Whether each picture is reported.
        #[serde(default)]
        pictures: bool,
    },
    /// The newest picture.
    Picture,
}

/// What can be changed while it plays.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    engine: Option<EngineChoice>,
    #[serde(deserialize_with = "given")]
    steps: Option<Option<usize>>,
    sensitivity: Option<f32>,
    smooth: Option<bool>,
}

/// `null` is a value of its own: the world's own steps.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<usize>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

thread_local! {
    static WAITING: RefCell<VecDeque<Command>> = const { RefCell::new(VecDeque::new()) };
}

/// Notes a command down for the game's next frame.
pub fn push(command: Command) {
    WAITING.with_borrow_mut(|waiting| waiting.push_back(command));
}

/// Obeys what the page has asked for since the last frame.
pub fn obey_page(
    mut played: Played<(Entity, &mut NeuralWorld, &mut InputMap<ArenaAction>)>,
    mut orders: MessageWriter<WorldCommand>,
    mut hands: ResMut<Hands>,
    mut smoothness: ResMut<Smoothness>,
    mut wanted: ResMut<Wanted>,
    mut script: ResMut<Script>,
    mut file: ResMut<WorldFile>,
) {
    let Some(played) = &mut played else { return };
    let (entity, world, keys) = &mut **played;
    let entity = *entity;
    while let Some(command) = WAITING.with_borrow_mut(VecDeque::pop_front) {
        match command {
            Command::Reset { seed } => {
                let seed = seed.unwrap_or(world.settings.seed);
                begin(&mut orders, entity, seed);
            }
            Command::Elsewhere => {
                begin(&mut orders, entity, elsewhere(world.settings.seed));
            }
            Command::Pause => {
                orders.write(WorldCommand::Pause { world: entity });
            }
            Command::Resume => {
                orders.write(WorldCommand::Resume { world: entity });
            }
            Command::Settings(settings) => {
                if let Some(engine) = settings.engine {
                    world.settings.engine = engine;
                }
                if let Some(steps) = settings.steps {
                    world.settings.steps = steps;
                }
                if let Some(mouse) = settings.sensitivity.filter(|mouse| mouse.is_finite()) {
                    file.mouse = mouse;
                    **keys = ArenaAction::bindings(mouse);
                }
                if let Some(smooth) = settings.smooth {
                    smoothness.set_if_neq(Smoothness(smooth));
                }
            }
            Command::Hold(held) => hands.held = held,
            Command::Pointer(taken) => hands.pointer = taken,
            Command::Script {
                seed,
                actions,
                frames,
                pictures,
            } => {
                script.begin(actions, frames, pictures);
                begin(&mut orders, entity, seed);
            }
            Command::Picture => wanted.newest = true,
        }
    }
}
