//! A script of actions in the player's place: for figures, and to compare with other engines.

use bevy::prelude::*;
use bvgdm::play::{NeuralSettings, PlaySystems, WorldInput};
use bvgdm::{FrameGenerated, NeuralWorld, WorldAsset, WorldCommand, WorldFailed};
use bvgdm_core::{ActionSchema, ActionScript, CoreError};
use web_time::Instant;

use super::picture::Wanted;
use super::report::Report;
use crate::neural_game::stage::Played;

/// Frames a second that no engine makes.
const FPS: f64 = 1000.0;
/// Milliseconds a frame of the scene for passes: all of them at once.
const BUDGET_MS: f64 = 1e9;

/// The script that plays, if one does.
#[derive(Resource, Debug, Default)]
pub struct Script(Option<Run>);

#[derive(Debug)]
struct Run {
    text: String,
    frames: usize,
    pictures: bool,
    /// Read when the world's schema is there.
    actions: Option<ActionScript>,
    /// The newest frame since it began, and when it came.
    shown: Option<(usize, Instant)>,
    frame_ms: Vec<f64>,
    /// Whether the world is paused for a picture.
    holds: bool,
    /// What the player had chosen.
    before: Option<NeuralSettings>,
}

/// Plays [`Script`]s.
pub struct ScriptPlugin;

impl Plugin for ScriptPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Script>()
            .add_systems(
                PreUpdate,
                (note_frames, hold_actions)
                    .chain()
                    .after(PlaySystems::Collect)
                    .after(super::hands::hold_controls),
            )
            .add_systems(Update, go_on.after(super::picture::deliver_picture))
            .add_systems(PostUpdate, super::hurry::hurry_with_scripts);
    }
}

impl Script {
    /// Whether one plays whose pictures nobody looks at.
    pub fn hurries(&self) -> bool {
        self.0.as_ref().is_some_and(|run| !run.pictures)
    }

    /// Takes the player's place from the next roll-out on.
    pub fn begin(&mut self, text: String, frames: usize, pictures: bool) {
        let before = self.0.take().and_then(|run| run.before);
        self.0 = Some(Run {
            text,
            frames,
            pictures,
            actions: None,
            shown: None,
            frame_ms: Vec::new(),
            holds: false,
            before,
        });
    }
}

/// Counts the roll-out's frames.
fn note_frames(
    mut frames: MessageReader<FrameGenerated>,
    mut script: ResMut<Script>,
    mut wanted: ResMut<Wanted>,
    mut orders: MessageWriter<WorldCommand>,
) {
    for FrameGenerated { world, index, .. } in frames.read() {
        let Some(run) = &mut script.0 else { continue };
        let (index, now) = (*index as usize, Instant::now());
        match run.shown {
            Some((shown, at)) if index == shown + 1 => {
                let took = now.duration_since(at);
                run.frame_ms.push(took.as_secs_f64() * 1e3);
            }
            None if index == 0 => {}
            // Of the roll-out before.
            _ => continue,
        }
        run.shown = Some((index, now));
        if run.pictures {
            // The next frame might be drawn over it.
            orders.write(WorldCommand::Pause { world: *world });
            wanted.newest = true;
            run.holds = true;
        }
    }
}

/// Lets the world go on when the page has the picture, and ends the script after the last one.
fn go_on(
    mut script: ResMut<Script>,
    wanted: Res<Wanted>,
    played: Played<(Entity, &mut NeuralWorld)>,
    mut failures: MessageReader<WorldFailed>,
    mut orders: MessageWriter<WorldCommand>,
) {
    let failed = failures.read().last().is_some();
    let (Some(run), Some(played)) = (&mut script.0, played) else {
        return;
    };
    let (entity, mut world) = played.into_inner();
    if failed {
        // The page has been told why.
        give_back(run.before, &mut world);
        script.0 = None;
        return;
    }
    if wanted.waits() {
        return;
    }
    if std::mem::take(&mut run.holds) {
        orders.write(WorldCommand::Resume { world: entity });
    }
    if run.shown.is_some_and(|(shown, _)| shown >= run.frames) {
        let frame_ms = std::mem::take(&mut run.frame_ms);
        give_back(run.before, &mut world);
        script.0 = None;
        let report = Report::Script {
            frames: frame_ms.len(),
            seconds: frame_ms.iter().sum::<f64>() / 1e3,
            frame_ms,
        };
        report.send();
    }
}

fn give_back(before: Option<NeuralSettings>, world: &mut NeuralWorld) {
    if let Some(NeuralSettings { fps, budget_ms, .. }) = before {
        world.settings.fps = fps;
        world.settings.budget_ms = budget_ms;
    }
}

/// What the script holds is all that counts.
fn hold_actions(
    assets: Res<Assets<WorldAsset>>,
    mut script: ResMut<Script>,
    played: Played<(&mut NeuralWorld, &mut WorldInput)>,
) {
    let (Some(run), Some(played)) = (&mut script.0, played) else {
        return;
    };
    let (mut world, mut input) = played.into_inner();
    let Some(asset) = assets.get(&world.asset) else {
        return;
    };
    let schema = &asset.manifest().schema;
    if run.before.is_none() {
        run.before = Some(world.settings);
        world.settings.fps = Some(FPS);
        world.settings.budget_ms = Some(BUDGET_MS);
    }
    let held = run.held(schema);
    input.clear();
    match held {
        Ok(action) => {
            for (index, value) in action.0.iter().enumerate() {
                input.hold(schema, index, *value);
            }
        }
        Err(error) => {
            give_back(run.before, &mut world);
            script.0 = None;
            Report::failed(error.to_string()).send();
        }
    }
}

impl Run {
    fn held(&mut self, schema: &ActionSchema) -> Result<bvgdm_core::ActionVector, CoreError> {
        let actions = match self.actions.take() {
            Some(actions) => actions,
            None => ActionScript::parse(&self.text, schema)?,
        };
        let shown = self.shown.map_or(0, |(shown, _)| shown);
        let action = actions.at(shown, schema);
        self.actions = Some(actions);
        Ok(action)
    }
}
