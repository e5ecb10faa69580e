//! Pictures for the page: the engine's own, or read back from the GPU.

use std::sync::Arc;

use bevy::prelude::*;
use bevy::render::gpu_readback::{Readback, ReadbackComplete};
use bvgdm::FrameGenerated;
use bvgdm_core::Frame;

use super::report::Report;
use crate::neural_game::screen::Screen;

/// Which picture the page has asked for.
#[derive(Resource, Debug, Default)]
pub struct Wanted {
    /// The newest one.
    pub newest: bool,
    shown: u64,
    /// None if it is on the GPU alone.
    frame: Option<Arc<Frame>>,
    /// The newest frame when a reading was asked for.
    reading: Option<u64>,
}

/// Delivers [`Wanted`] pictures.
pub struct PicturePlugin;

impl Plugin for PicturePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Wanted>()
            .add_systems(Update, deliver_picture);
    }
}

impl Wanted {
    /// Whether the page still waits for one.
    pub fn waits(&self) -> bool {
        self.newest || self.reading.is_some()
    }
}

pub(super) fn deliver_picture(
    mut commands: Commands,
    mut frames: MessageReader<FrameGenerated>,
    mut wanted: ResMut<Wanted>,
    screen: Res<Screen>,
) {
    for FrameGenerated { index, frame, .. } in frames.read() {
        wanted.shown = *index;
        wanted.frame.clone_from(frame);
    }
    if !wanted.newest || wanted.reading.is_some() {
        return;
    }
    wanted.newest = false;
    if let Some(frame) = &wanted.frame {
        report(wanted.shown, frame.width, frame.height, &frame.to_rgba());
        return;
    }
    wanted.reading = Some(wanted.shown);
    let readback = Readback::texture(screen.0.clone());
    commands.spawn(readback).observe(take_reading);
}

fn take_reading(
    read: On<ReadbackComplete>,
    mut commands: Commands,
    mut wanted: ResMut<Wanted>,
    screen: Res<Screen>,
    images: Res<Assets<Image>>,
) {
    commands.entity(read.entity).despawn();
    // Bevy goes on reading until the entity is gone: only the first that comes was asked for.
    let Some(asked) = wanted.reading.take() else {
        return;
    };
    if asked != wanted.shown {
        // Another frame was drawn meanwhile: which of them was read is not known.
        wanted.newest = true;
        return;
    }
    let Some(image) = images.get(&screen.0) else {
        return;
    };
    let (width, height) = (image.width() as usize, image.height() as usize);
    // The GPU fills the end of each row.
    let row = read.data.len() / height.max(1);
    let rows = read.data.chunks_exact(row.max(1));
    let rgba: Vec<u8> = rows
        .flat_map(|row| row.iter().take(width * 4).copied())
        .collect();
    report(wanted.shown, width, height, &rgba);
}

fn report(index: u64, width: usize, height: usize, rgba: &[u8]) {
    let report = Report::Picture {
        index,
        width,
        height,
    };
    report.send_with(rgba);
}
