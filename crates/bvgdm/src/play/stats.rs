//! How fast the worlds of a scene play.

use bevy::diagnostic::{DiagnosticPath, Diagnostics};
use bevy::prelude::*;

use crate::engine::Timings;

/// Milliseconds from the beginning of a generated frame until it is there: denoising, decoding and
/// the way to the scene's image, and the waits between its slices on the GPU.
pub const FRAME_MS: DiagnosticPath = DiagnosticPath::const_new("bvgdm/frame_ms");
/// Generated frames a second, of all worlds together.
pub const GENERATED_FPS: DiagnosticPath = DiagnosticPath::const_new("bvgdm/generated_fps");
/// Frames in the last second that were due and could not be generated in time.
pub const DROPPED: DiagnosticPath = DiagnosticPath::const_new("bvgdm/dropped");

/// What one world has done so far.
#[derive(Component, Debug, Clone, Copy, PartialEq, Default, Reflect)]
#[reflect(Component, Default)]
pub struct WorldStats {
    /// Frames generated.
    pub generated: u64,
    /// Frames that were due and could not be generated in time.
    pub dropped: u64,
    /// What the newest frame took that is there.
    #[reflect(ignore)]
    pub timings: Timings,
}

/// What all worlds have done since the last report.
#[derive(Resource, Debug, Default)]
pub(super) struct Tally {
    pub generated: u64,
    pub dropped: u64,
    seconds: f64,
}

/// Once a second, so that the figure is a count and no guess.
pub(super) fn report_statistics(
    time: Res<Time<Real>>,
    mut tally: ResMut<Tally>,
    mut diagnostics: Diagnostics,
) {
    tally.seconds += time.delta_secs_f64();
    if tally.seconds >= 1.0 {
        let Tally {
            generated,
            dropped,
            seconds,
        } = *tally;
        diagnostics.add_measurement(&GENERATED_FPS, || generated as f64 / seconds);
        diagnostics.add_measurement(&DROPPED, || dropped as f64);
        *tally = Tally::default();
    }
}
