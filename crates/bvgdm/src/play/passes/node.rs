//! In the render graph, before the cameras: what worlds compute goes into Bevy's encoder, pictures into the scene's
//! textures.

use std::sync::Arc;

use bevy::core_pipeline::schedule::camera_driver;
use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::TextureUsages;
use bevy::render::renderer::{RenderAdapter, RenderContext, RenderGraph, RenderQueue};
use bevy::render::texture::GpuImage;
use bevy::render::{Extract, ExtractSchedule, RenderApp};

use super::choose::DeviceMark;
use super::run::Slice;
use crate::play::engine::{Engine, GpuEngine};
use crate::play::world::{NeuralWorld, Running};

/// Worlds on the GPU and the images that show them.
#[derive(Resource, Default)]
struct ExtractedWorlds(Vec<(Arc<dyn GpuEngine>, AssetId<Image>)>);

/// Adds the render world's part, if there is a render world.
pub(in crate::play) fn add_render_systems(app: &mut App) {
    let Some(render) = app.get_sub_app_mut(RenderApp) else {
        return;
    };
    render
        .init_resource::<ExtractedWorlds>()
        .add_systems(ExtractSchedule, extract_worlds)
        .add_systems(RenderGraph, run_worlds.before(camera_driver));
}

fn extract_worlds(
    mut extracted: ResMut<ExtractedWorlds>,
    worlds: Extract<Query<(&NeuralWorld, &Running)>>,
) {
    extracted.0.clear();
    for (world, running) in &worlds {
        if let Engine::Gpu(engine) = &running.engine {
            extracted.0.push((engine.clone(), world.target.id()));
        }
    }
}

fn run_worlds(
    mut context: RenderContext,
    adapter: Res<RenderAdapter>,
    queue: Res<RenderQueue>,
    images: Res<RenderAssets<GpuImage>>,
    worlds: Res<ExtractedWorlds>,
) {
    let recorder = context.diagnostic_recorder();
    let device = DeviceMark::of(&adapter);
    for (engine, target) in &worlds.0 {
        // A device that was lost takes its worlds with it; they are made anew on the next one.
        if *engine.device() != device {
            continue;
        }
        // The target is prepared when the engine starts; until that image is on the device, wait. A
        // game that puts another one in its place must not end by it.
        let Some(image) = images.get(*target) else {
            continue;
        };
        if !image
            .texture
            .usage()
            .contains(TextureUsages::RENDER_ATTACHMENT)
        {
            warn_once!("neural world: its target is no image that the GPU can draw into; it waits");
            continue;
        }
        let mut slice = Slice {
            queue: &queue,
            encoder: context.command_encoder(),
            recorder: recorder.as_deref(),
        };
        engine.work(&mut slice, &image.texture, &image.texture_view);
    }
}
