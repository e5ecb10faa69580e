//! What the page should know of the world that plays.

use bevy::diagnostic::{DiagnosticPath, DiagnosticsStore, FrameTimeDiagnosticsPlugin};
use bevy::prelude::*;
use bvgdm::play::{ActiveEngine, DROPPED, FRAME_MS, GENERATED_FPS};
use bvgdm::{FrameGenerated, WorldFailed, WorldReady, WorldReseeded, WorldStatus};

use super::report::{Report, Status};
use crate::neural_game::controls::Controls;
use crate::neural_game::stage::Played;

/// Reports what happens.
pub struct FiguresPlugin;

/// When the page called.
#[derive(Resource)]
struct Called(web_time::Instant);

impl Plugin for FiguresPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(Called(web_time::Instant::now()))
            .add_systems(
                Update,
                (
                    report_engine,
                    report_ready,
                    report_frames,
                    report_reseeds,
                    report_failures,
                )
                    .chain(),
            )
            .add_systems(Update, (report_status, report_figures));
    }
}

fn report_engine(played: Played<&ActiveEngine>, mut known: Local<ActiveEngine>) {
    if let Some(engine) = played
        && **engine != *known
    {
        known.clone_from(*engine);
        let ActiveEngine {
            name,
            reason,
            on_gpu,
        } = known.clone();
        Report::Engine {
            name,
            reason,
            on_gpu,
        }
        .send();
    }
}

fn report_ready(
    mut ready: MessageReader<WorldReady>,
    called: Res<Called>,
    played: Played<&Controls>,
) {
    for WorldReady { manifest, .. } in ready.read() {
        let load_ms = called.0.elapsed().as_secs_f64() * 1e3;
        // They were chosen when the manifest came.
        let keys = played.as_deref().map(|controls| controls.keys());
        Report::ready(manifest, load_ms, keys.unwrap_or_default()).send();
    }
}

fn report_frames(mut frames: MessageReader<FrameGenerated>) {
    for frame in frames.read() {
        let timings = &frame.timings;
        // A picture that stays on the GPU was drawn there, and its time is that of all stages.
        let stage = |ms: f64| frame.frame.is_some().then_some(ms);
        Report::Frame {
            index: frame.index,
            action: frame.action.0.clone(),
            denoise_ms: stage(timings.denoise_ms),
            decode_ms: stage(timings.decode_ms),
            upload_ms: stage(timings.upload_ms),
        }
        .send();
    }
}

fn report_reseeds(mut reseeds: MessageReader<WorldReseeded>) {
    for WorldReseeded { reason, .. } in reseeds.read() {
        let reason = reason.clone();
        Report::Reseeded { reason }.send();
    }
}

fn report_failures(mut failures: MessageReader<WorldFailed>) {
    for WorldFailed { reason, .. } in failures.read() {
        Report::failed(reason.clone()).send();
    }
}

fn report_status(played: Played<&WorldStatus>, mut known: Local<Option<Status>>) {
    let status = match played.as_deref() {
        Some(WorldStatus::Loading) => Status::Loading,
        Some(WorldStatus::Playing) => Status::Playing,
        Some(WorldStatus::Paused) => Status::Paused,
        // That it has failed is a report of its own.
        Some(WorldStatus::Failed(_)) | None => {
            *known = None;
            return;
        }
    };
    if *known != Some(status) {
        *known = Some(status);
        Report::Status(status).send();
    }
}

fn report_figures(time: Res<Time<Real>>, diagnostics: Res<DiagnosticsStore>, mut next: Local<f64>) {
    if time.elapsed_secs_f64() < *next {
        return;
    }
    *next = time.elapsed_secs_f64() + 1.0;
    let newest = |path| diagnostics.get_measurement(path).map_or(0.0, |m| m.value);
    let smooth = |path: &DiagnosticPath| {
        let found = diagnostics.get(path);
        found.and_then(|d| d.smoothed()).unwrap_or_default()
    };
    Report::Figures {
        generated_fps: newest(&GENERATED_FPS),
        display_fps: smooth(&FrameTimeDiagnosticsPlugin::FPS),
        dropped: newest(&DROPPED),
        frame_ms: smooth(&FRAME_MS),
    }
    .send();
}
