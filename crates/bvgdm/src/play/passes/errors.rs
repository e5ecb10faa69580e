//! What the device refuses ends the worlds that play on it, and a device that is lost is replaced.
//! Bevy's own answer to either is to end the game.

use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::error_handler::{ErrorType, RenderError, RenderErrorHandler, RenderErrorPolicy};
use bevy::render::renderer::RenderAdapter;
use bevy::render::settings::{RenderCreation, WgpuSettings};
use web_time::{Duration, Instant};

use super::CompiledWorlds;
use super::choose::DeviceMark;
use super::probe;
use crate::play::engine::Engine;
use crate::play::world::{EngineChoice, NeuralWorld, Running, WorldFailed, WorldStatus};

/// Devices in a row that may be lost.
const MAX_LOST: usize = 3;
/// What counts as in a row.
const IN_A_ROW: Duration = Duration::from_secs(60);
/// From one look for a device to the next while there is none.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How the game asked for its device, and when devices were lost.
#[derive(Resource)]
struct Recovery {
    settings: WgpuSettings,
    lost: Vec<Instant>,
    /// The device that was lost last.
    dead: Option<DeviceMark>,
    /// Whether nothing is rendered any more.
    stopped: bool,
    next: Next,
    /// Whether a device can be had as these settings ask for it: Bevy ends the game if it then cannot.
    can_be_had: fn(&WgpuSettings) -> bool,
}

/// The device that takes the place of the one that was lost last.
enum Next {
    /// Nobody has looked for it.
    Unknown,
    /// Bevy has been told to ask for it.
    OnItsWay,
    /// There was none at this time.
    Missing(Instant),
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            settings: WgpuSettings::default(),
            lost: Vec::new(),
            dead: None,
            stopped: false,
            next: Next::Unknown,
            can_be_had: probe::can_be_had,
        }
    }
}

/// Takes the place of Bevy's error handler. A game with one of its own inserts that after the plugin.
pub(in crate::play) fn handle_render_errors(app: &mut App) {
    app.insert_resource(RenderErrorHandler(answer));
}

/// Notes down how the game asked for its device: one that takes its place is asked for in the same way.
pub(in crate::play) fn note_render_settings(app: &mut App) {
    let plugins = app.get_added_plugins::<RenderPlugin>();
    let settings = match plugins.first().map(|plugin| &plugin.render_creation) {
        Some(RenderCreation::Automatic(settings)) => (**settings).clone(),
        _ => WgpuSettings::default(),
    };
    app.insert_resource(Recovery {
        settings,
        ..default()
    });
}

fn answer(error: &RenderError, main: &mut World, render: &mut World) -> RenderErrorPolicy {
    if main
        .get_resource::<Recovery>()
        .is_some_and(|known| known.stopped)
    {
        // Bevy asks again in every frame, and worlds may have tried again.
        return stop_rendering(main);
    }
    let any_world = main.query::<&NeuralWorld>().iter(main).next().is_some();
    if is_dead(main) {
        // Bevy forgets that another device is on its way when the lost one says more, of the frame that
        // it was lost in.
        return replacement(main);
    }
    if error.ty == ErrorType::DeviceLost && any_world {
        return replace_device(main);
    }
    // Of what the worlds that play have encoded this was the last; those that are being made ready may
    // have caused it too, and it is theirs to fail if they do not work.
    let ours = fail_worlds(main, &format!("the GPU refused: {}", summary(error)));
    match ours || is_starting(main) {
        true => RenderErrorPolicy::Ignore,
        // As the game would have it without us.
        false => RenderErrorHandler::default().0(error, main, render),
    }
}

/// Worlds start again on the new device, by themselves.
fn replace_device(main: &mut World) -> RenderErrorPolicy {
    let now = Instant::now();
    let device = device(main);
    let replaceable = main
        .get_resource_mut::<Recovery>()
        .is_some_and(|mut known| {
            known
                .lost
                .retain(|lost| now.duration_since(*lost) < IN_A_ROW);
            known.lost.push(now);
            known.stopped = known.lost.len() > MAX_LOST;
            known.dead = device.filter(|_| !known.stopped);
            known.next = Next::Unknown;
            !known.stopped
        });
    match replaceable {
        true => replacement(main),
        false => stop_rendering(main),
    }
}

fn stop_rendering(main: &mut World) -> RenderErrorPolicy {
    fail_worlds(main, "the GPU was lost again and again");
    RenderErrorPolicy::StopRendering
}

/// Another device, asked for as the first one was. While there is none, as when a driver starts anew, what the
/// game shows stands still, and its worlds wait.
fn replacement(main: &mut World) -> RenderErrorPolicy {
    let mut known = main.get_resource_or_init::<Recovery>();
    let looked = match known.next {
        Next::OnItsWay => return RenderErrorPolicy::Recover(known.settings.clone().into()),
        Next::Missing(looked) if looked.elapsed() < LOOK_EVERY => {
            return RenderErrorPolicy::StopRendering;
        }
        Next::Missing(_) => true,
        Next::Unknown => false,
    };
    if (known.can_be_had)(&known.settings) {
        known.next = Next::OnItsWay;
        return RenderErrorPolicy::Recover(known.settings.clone().into());
    }
    known.next = Next::Missing(Instant::now());
    if !looked {
        error!("the GPU was lost, and there is none to take its place: waiting for one");
    }
    RenderErrorPolicy::StopRendering
}

fn device(main: &World) -> Option<DeviceMark> {
    main.get_resource::<RenderAdapter>().map(DeviceMark::of)
}

/// Whether the game's device is the one that was lost.
fn is_dead(main: &World) -> bool {
    let dead = main
        .get_resource::<Recovery>()
        .and_then(|known| known.dead.clone());
    dead.is_some() && dead == device(main)
}

/// Whether an engine that may be the device's is being made ready.
fn is_starting(main: &mut World) -> bool {
    type Parts<'a> = (&'a NeuralWorld, &'a WorldStatus, Option<&'a Running>);
    let mut worlds = main.query::<Parts>();
    let starts = |(world, status, running): Parts| match running {
        Some(running) => running.switch.is_some(),
        // One that was given nothing to load is not on its way.
        None => {
            *status == WorldStatus::Loading
                && world.asset != Handle::default()
                && world.settings.engine != EngineChoice::Cpu
        }
    };
    worlds.iter(main).any(starts)
}

/// Stops the worlds that play on the GPU; whether there were any.
fn fail_worlds(main: &mut World, reason: &str) -> bool {
    let mut worlds = main.query::<(Entity, &Running, &mut WorldStatus)>();
    let mut failed = Vec::new();
    for (world, running, mut status) in worlds.iter_mut(main) {
        if matches!(running.engine, Engine::Gpu(_)) {
            *status = WorldStatus::Failed(reason.to_owned());
            failed.push(world);
        }
    }
    for &world in &failed {
        error!("neural world {world}: {reason}");
        main.entity_mut(world).remove::<Running>();
        let reason = reason.to_owned();
        main.write_message(WorldFailed { world, reason });
    }
    if let Some(mut compiled) = main.get_resource_mut::<CompiledWorlds>() {
        // A reset tries with new ones.
        compiled.retain(|_| failed.is_empty());
    }
    !failed.is_empty()
}

/// The line that says what it is about.
fn summary(error: &RenderError) -> String {
    let mut lines = error.description.lines().map(str::trim);
    match lines.rfind(|line| !line.is_empty()) {
        Some(line) => line.to_owned(),
        None => format!("{:?}", error.ty),
    }
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use bevy::asset::uuid::Uuid;

    use super::*;

    fn game() -> World {
        let mut main = World::new();
        main.insert_resource(Recovery {
            can_be_had: |_| true,
            ..default()
        });
        main.init_resource::<Messages<AppExit>>();
        main
    }

    fn asked(main: &mut World, ty: ErrorType) -> RenderErrorPolicy {
        let error = RenderError {
            ty,
            description: String::new(),
            source: None,
        };
        answer(&error, main, &mut World::new())
    }

    fn ends(main: &World) -> bool {
        !main.resource::<Messages<AppExit>>().is_empty()
    }

    #[test]
    fn a_game_whose_devices_are_lost_again_and_again_goes_on_without_its_worlds() {
        let mut main = game();
        let world = main.spawn(NeuralWorld::default()).id();
        for _ in 0..MAX_LOST {
            let policy = asked(&mut main, ErrorType::DeviceLost);
            assert!(matches!(policy, RenderErrorPolicy::Recover(_)));
        }
        // Bevy asks in every frame from now on.
        for frame in 0..10 {
            let policy = asked(&mut main, ErrorType::DeviceLost);
            assert!(matches!(policy, RenderErrorPolicy::StopRendering));
            if frame == 5 {
                main.despawn(world);
            }
        }
        assert_eq!(main.resource::<Recovery>().lost.len(), MAX_LOST + 1);
        assert!(!ends(&main));
    }

    #[test]
    fn a_game_waits_for_a_device_where_there_is_none_to_take_the_place_of_the_lost_one() {
        let mut main = game();
        let answers = |main: &mut World, can_be_had: fn(&WgpuSettings) -> bool| {
            main.resource_mut::<Recovery>().can_be_had = can_be_had;
            matches!(replacement(main), RenderErrorPolicy::Recover(_))
        };
        assert!(!answers(&mut main, |_| false));
        assert!(!answers(&mut main, |_| true), "it looks once a second");
        let long_ago = Instant::now().checked_sub(LOOK_EVERY).unwrap();
        main.resource_mut::<Recovery>().next = Next::Missing(long_ago);
        assert!(answers(&mut main, |_| true));
        assert!(answers(&mut main, |_| false), "it is on its way already");
        assert!(!ends(&main));
    }

    #[test]
    fn a_machine_without_drivers_has_no_device() {
        let settings = WgpuSettings {
            backends: Some(wgpu::Backends::empty()),
            ..default()
        };
        assert!(!probe::can_be_had(&settings));
    }

    #[test]
    fn what_the_device_refuses_while_a_world_is_made_ready_does_not_end_the_game() {
        let mut main = game();
        let asset = Handle::Uuid(Uuid::from_u128(1), PhantomData);
        let loading = NeuralWorld { asset, ..default() };
        let world = main.spawn(loading.clone()).id();
        let policy = asked(&mut main, ErrorType::Internal);
        assert!(matches!(policy, RenderErrorPolicy::Ignore) && !ends(&main));
        // Without worlds on the GPU it is the game's own.
        let mut on_processor = loading;
        on_processor.settings.engine = EngineChoice::Cpu;
        main.entity_mut(world).insert(on_processor);
        main.spawn(NeuralWorld::default());
        let policy = asked(&mut main, ErrorType::Internal);
        assert!(matches!(policy, RenderErrorPolicy::StopRendering) && ends(&main));
    }
}
