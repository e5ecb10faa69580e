//! The neural game: what F9 records, the keys of other games' worlds, its options without a window.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use arena::ArenaAction;
use bevy::asset::AssetPlugin;
use bevy::input::mouse::MouseMotion;
use bevy::input::{InputPlugin, InputSystems};
use bevy::prelude::*;
use bvgdm::engine::{Begin, CpuEngine, EngineReport, EngineRequest, Networks, Start};
use bvgdm::play::{EngineChoice, WorldInput};
use bvgdm::record::HeadlessPlugins;
use bvgdm::{BvgdmPlugin, FrameGenerated, NeuralSettings, WorldActionsPlugin, WorldReseeded};
use bvgdm_core::ActionVector;
use bvgdm_data::Episode;
use clap::Parser as _;
use leafwing_input_manager::plugin::InputManagerPlugin;

use super::game::{FRAME, Log, game, log, note, spawn, until};
use super::passes::{SEED, mean_difference};
use super::worlds::{write_changed, write_world};
use crate::neural_game::args::Args;
use crate::neural_game::controls::{Controls, ControlsPlugin};
use crate::neural_game::headless;
use crate::neural_game::loading::WorldFile;
use crate::neural_game::recording::{Recording, RecordingPlugin, Recordings};
use crate::support::gpu_or_skip;

/// Frames that are recorded.
const FRAMES: usize = 6;

/// Adds the recording, into `folder/played`, and a hand that turns by another angle for every frame.
fn add_recording(app: &mut App, folder: &Path, yaw: usize) {
    RecordingPlugin.build(app);
    app.init_resource::<ButtonInput<KeyCode>>()
        .init_resource::<Finger>()
        .insert_resource(Recordings(folder.join("played")))
        .add_systems(PreUpdate, move_finger.after(InputSystems))
        .add_systems(
            Update,
            move |mut generated: MessageReader<FrameGenerated>,
                  mut inputs: Query<&mut WorldInput>| {
                for frame in generated.read() {
                    for mut input in &mut inputs {
                        input.add(yaw, (frame.index % 5) as f32 - 2.0);
                    }
                }
            },
        );
}

/// The key that goes down with the next update, and up with the one after.
#[derive(Resource, Default)]
struct Finger(Option<KeyCode>);

fn move_finger(mut finger: ResMut<Finger>, mut keys: ResMut<ButtonInput<KeyCode>>) {
    keys.reset_all();
    if let Some(key) = finger.0.take() {
        keys.press(key);
    }
}

fn press(app: &mut App, key: KeyCode) {
    app.world_mut().resource_mut::<Finger>().0 = Some(key);
    app.update();
}

fn notice(app: &App) -> &str {
    app.world().resource::<Recording>().notice()
}

/// The folder of the one recording.
fn recorded(folder: &Path) -> PathBuf {
    let all = fs::read_dir(folder.join("played")).unwrap();
    let all: Vec<_> = all.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].clone()
}

/// Records [`FRAMES`] frames and checks their actions; the episode, and what the game was told of its frames.
fn record(app: &mut App, folder: &Path) -> (Episode, Vec<FrameGenerated>) {
    until(app, |app| log(app).frames.len() > 2);
    let first = log(app).frames.len();
    press(app, KeyCode::F9);
    assert_eq!(notice(app), "● recording");
    until(app, |app| log(app).frames.len() >= first + FRAMES);
    let told = log(app).frames[first..].to_vec();
    press(app, KeyCode::F9);
    until(app, |app| notice(app).contains("frames are in"));

    let episode = Episode::open(&recorded(folder)).unwrap();
    assert!(episode.metadata().complete);
    assert!(episode.dir().join("played.mp4").exists());
    assert_eq!(episode.len(), told.len());
    for (t, next) in told[1..].iter().enumerate() {
        assert_eq!(
            episode.actions()[t],
            next.action,
            "what leads out of frame {t}"
        );
    }
    assert_eq!(episode.actions()[told.len() - 1], episode.schema().zeros());
    (episode, told)
}

#[test]
fn f9_records_the_frames_that_were_shown_and_what_led_from_each_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = write_world(folder.path(), "world");
    let mut app = game(folder.path(), FRAME);
    add_recording(
        &mut app,
        folder.path(),
        manifest.schema.index_of("yaw").unwrap(),
    );
    spawn(&mut app, "world", default());
    let (episode, told) = record(&mut app, folder.path());
    let frames = episode.frames(0..episode.len()).unwrap();
    for (t, (frame, told)) in frames.iter().zip(&told).enumerate() {
        assert!(*frame == **told.frame.as_ref().unwrap(), "frame {t}");
    }
}

#[test]
fn f9_records_what_an_engine_draws_on_the_gpu() {
    if !gpu_or_skip("f9_records_what_an_engine_draws_on_the_gpu") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let manifest = write_world(folder.path(), "world");
    let mut app = App::new();
    app.add_plugins((
        HeadlessPlugins.set(AssetPlugin {
            file_path: folder.path().to_str().unwrap().to_owned(),
            ..default()
        }),
        BvgdmPlugin,
    ))
    .init_resource::<Log>()
    .insert_resource(Time::<Fixed>::from_duration(FRAME))
    .add_systems(Update, note);
    add_recording(
        &mut app,
        folder.path(),
        manifest.schema.index_of("yaw").unwrap(),
    );
    app.finish();
    app.cleanup();
    let settings = NeuralSettings {
        engine: EngineChoice::PassesCompute,
        seed: SEED,
        budget_ms: Some(200.0),
        ..default()
    };
    spawn(&mut app, "world", settings);
    let (episode, told) = record(&mut app, folder.path());
    assert!(told.iter().all(|told| told.frame.is_none()));

    let actions: Vec<_> = log(&app)
        .frames
        .iter()
        .map(|told| told.action.clone())
        .collect();
    let drawn = on_processor(folder.path(), &actions);
    let frames = episode.frames(0..episode.len()).unwrap();
    for (frame, told) in frames.iter().zip(&told) {
        let apart = |other: &Vec<u8>| mean_difference(&frame.rgb, other);
        let mean = apart(&drawn[told.index as usize]);
        assert!(
            mean <= 1.0,
            "frame {}: {mean} apart in the mean",
            told.index
        );
        let nearest = drawn.iter().map(apart).fold(f64::INFINITY, f64::min);
        // Two engines' own difference is less than this.
        assert!(mean <= nearest + 0.1, "another than frame {}", told.index);
    }
}

/// The frames of the roll-out with these actions, each on the way to its frame, as the processor draws them.
fn on_processor(folder: &Path, actions: &[ActionVector]) -> Vec<Vec<u8>> {
    let (manifest, networks, _) = Networks::read(&folder.join("world.world.ron")).unwrap();
    let begin = Begin {
        seed: SEED,
        start: Start::OfSeed,
    };
    let mut engine = CpuEngine::start(networks, manifest.schema.clone(), begin).unwrap();
    let mut drawn = Vec::new();
    for next in actions.iter().skip(1).map(Some).chain([None]) {
        let report = engine.receive();
        assert!(matches!(&report, EngineReport::Frame(_)), "{report:?}");
        if let EngineReport::Frame(generated) = report {
            drawn.push(generated.frame.rgb);
        }
        if let Some(action) = next {
            let step = EngineRequest::Step {
                action: action.clone(),
                sampler: manifest.config.sampler,
            };
            engine.send(step).unwrap();
        }
    }
    drawn
}

#[test]
fn a_game_that_is_left_while_it_records_leaves_a_whole_episode_and_video() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = write_world(folder.path(), "world");
    let mut app = game(folder.path(), FRAME);
    add_recording(
        &mut app,
        folder.path(),
        manifest.schema.index_of("yaw").unwrap(),
    );
    spawn(&mut app, "world", default());
    until(&mut app, |app| !log(app).ready.is_empty());
    press(&mut app, KeyCode::F9);
    let first = log(&app).frames.len();
    until(&mut app, |app| log(app).frames.len() >= first + FRAMES);
    drop(app);

    let episode = Episode::open(&recorded(folder.path())).unwrap();
    assert!(episode.metadata().complete);
    assert!(episode.len() >= FRAMES, "{}", episode.len());
    assert!(episode.dir().join("played.mp4").exists());
}

#[test]
fn a_recording_that_the_disk_is_too_slow_for_says_so_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = write_world(folder.path(), "world");
    let mut app = game(folder.path(), FRAME);
    add_recording(
        &mut app,
        folder.path(),
        manifest.schema.index_of("yaw").unwrap(),
    );
    spawn(&mut app, "world", default());
    until(&mut app, |app| log(app).frames.len() > 2);
    press(&mut app, KeyCode::F9);
    // Far more than may wait, in one frame of the scene.
    let frame = log(&app).frames.last().unwrap().clone();
    let frames = std::iter::repeat_n(frame, 5000);
    app.world_mut()
        .resource_mut::<Messages<FrameGenerated>>()
        .write_batch(frames);
    until(&mut app, |app| notice(app).contains("frames are in"));
    assert!(
        notice(&app).contains("the disk is too slow"),
        "{}",
        notice(&app)
    );
    let episode = Episode::open(&recorded(folder.path())).unwrap();
    assert!(episode.metadata().complete);
    assert!(
        notice(&app).contains(&episode.len().to_string()),
        "{}",
        notice(&app)
    );
}

#[test]
fn a_recording_ends_where_the_world_is_interrupted_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = write_world(folder.path(), "world");
    let mut app = game(folder.path(), FRAME);
    add_recording(
        &mut app,
        folder.path(),
        manifest.schema.index_of("yaw").unwrap(),
    );
    let world = spawn(&mut app, "world", default());
    until(&mut app, |app| log(app).frames.len() > 2);
    press(&mut app, KeyCode::F9);
    let first = log(&app).frames.len();
    until(&mut app, |app| log(app).frames.len() >= first + FRAMES);
    let reason = "its numbers were none any more".to_owned();
    app.world_mut()
        .write_message(WorldReseeded { world, reason });
    until(&mut app, |app| notice(app).contains("frames are in"));
    assert!(
        notice(&app).contains("the world was interrupted"),
        "{}",
        notice(&app)
    );
    let frames = log(&app).frames.len();
    until(&mut app, |app| log(app).frames.len() > frames + 2);
    let episode = Episode::open(&recorded(folder.path())).unwrap();
    assert!(episode.metadata().complete);
    // What came after the interruption is not in it.
    assert!(
        (FRAMES..=frames - first).contains(&episode.len()),
        "{}",
        episode.len()
    );
}

#[test]
fn a_recording_that_cannot_be_written_says_why_and_the_game_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = write_world(folder.path(), "world");
    let mut app = game(folder.path(), FRAME);
    add_recording(
        &mut app,
        folder.path(),
        manifest.schema.index_of("yaw").unwrap(),
    );
    fs::write(folder.path().join("played"), "not a folder").unwrap();
    spawn(&mut app, "world", default());
    until(&mut app, |app| log(app).frames.len() > 2);
    press(&mut app, KeyCode::F9);
    until(&mut app, |app| notice(app).contains("nothing was recorded"));
    assert!(notice(&app).contains("played"), "{}", notice(&app));
    let frames = log(&app).frames.len();
    until(&mut app, |app| log(app).frames.len() > frames);
}

#[test]
fn a_world_of_another_game_is_played_by_the_usual_keys_of_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let names = [("use", "sneak"), ("yaw", "cameraY"), ("jump", "fly")];
    let rename = |manifest: &mut bvgdm_core::WorldManifest| {
        for action in &mut manifest.schema.actions {
            let new = names.iter().find(|(old, _)| *old == action.name);
            action.name = new.map_or(action.name.clone(), |(_, new)| (*new).to_owned());
        }
    };
    let schema = write_changed(folder.path(), "other", rename, |_| {}).schema;
    let mut app = game(folder.path(), Duration::from_millis(10));
    app.insert_resource(WorldFile { mouse: 1.0 }).add_plugins((
        InputPlugin,
        InputManagerPlugin::<ArenaAction>::default(),
        WorldActionsPlugin::<ArenaAction>::default(),
        ControlsPlugin,
    ));
    let world = spawn(&mut app, "other", default());
    app.world_mut()
        .entity_mut(world)
        .insert(ArenaAction::default_bindings());
    until(&mut app, |app| log(app).frames.len() > 1);
    let help = app.world().get::<Controls>(world).unwrap().to_string();
    assert!(
        help.contains("sneak: Shift") && help.contains("fly: no key"),
        "{help}"
    );

    let before = log(&app).frames.len();
    let mut keys = app.world_mut().resource_mut::<ButtonInput<KeyCode>>();
    keys.press(KeyCode::ShiftLeft);
    for _ in 0..3 {
        app.world_mut().write_message(MouseMotion {
            delta: Vec2::new(5.0, 0.0),
        });
        app.update();
    }
    until(&mut app, |app| log(app).frames.len() > before + 2);
    let actions = log(&app).frames[before..]
        .iter()
        .map(|frame| &frame.action.0);
    let of = |name: &str| schema.index_of(name).unwrap();
    let turned: f32 = actions.clone().map(|action| action[of("cameraY")]).sum();
    // 0.12 degrees a pixel.
    assert!((turned - 1.8).abs() < 1e-4, "{turned}");
    assert!(actions.clone().any(|action| action[of("sneak")] == 1.0));
    assert!(actions.clone().all(|action| action[of("fly")] == 0.0));
}

#[test]
fn options_that_would_do_nothing_are_refused() {
    let parse = |options: &[&str]| Args::try_parse_from([&["neural_game"], options].concat());
    assert!(parse(&["--frames", "3"]).is_err(), "in a window");
    assert!(parse(&["--headless", "--recordings", "played"]).is_err());
    let args = parse(&["--headless", "--frames", "3", "--engine", "passes-compute"]).unwrap();
    let error = headless::run(&args).unwrap_err().to_string();
    assert!(error.contains("--engine passes"), "{error}");
}
