//! In the render graph, before the cameras: what worlds compute goes into Bevy's encoder, pictures into the scene's
//! textures.

use std::sync::Arc;

use bevy::core_pipeline::schedule::camera_driver;
use bevy::prelude::*;
use bevy::render::camera::SortedCameras;
use bevy::render::diagnostic::RecordDiagnostics as _;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::PollType;
use bevy::render::renderer::{
    RenderAdapter, RenderContext, RenderGraph, RenderGraphSystems, RenderQueue,
};
use bevy::render::texture::GpuImage;
use bevy::render::{Extract, ExtractSchedule, RenderApp};
use web_time::Instant;

use super::choose::DeviceMark;
use super::pace::{Demand, Landing, Pace};
use super::run::Slice;
use crate::play::engine::{Engine, GpuEngine};
use crate::play::plugin::PlaySystems;
use crate::play::present::{TARGET_FORMAT, TARGET_USES};
use crate::play::world::{NeuralWorld, Running};

/// Worlds on the GPU and the images that show them.
#[derive(Resource, Default)]
struct ExtractedWorlds(Vec<ExtractedWorld>);

struct ExtractedWorld {
    world: Entity,
    engine: Arc<dyn GpuEngine>,
    target: AssetId<Image>,
    /// Pixels a row and rows of its pictures.
    size: [u32; 2],
}

/// Adds the render world's part, if there is a render world.
pub(in crate::play) fn add_render_systems(app: &mut App) {
    let Some(render) = app.get_sub_app_mut(RenderApp) else {
        return;
    };
    render
        .init_resource::<ExtractedWorlds>()
        .init_resource::<Pace>()
        .add_systems(ExtractSchedule, extract_worlds)
        .configure_sets(
            RenderGraph,
            PlaySystems::Draw
                .in_set(RenderGraphSystems::Render)
                .before(camera_driver),
        )
        .add_systems(
            RenderGraph,
            (
                run_worlds.in_set(PlaySystems::Draw),
                watch_frame.in_set(RenderGraphSystems::Finish),
            ),
        );
}

fn extract_worlds(
    mut extracted: ResMut<ExtractedWorlds>,
    worlds: Extract<Query<(Entity, &NeuralWorld, &Running)>>,
) {
    extracted.0.clear();
    for (entity, world, running) in &worlds {
        if let Engine::Gpu(engine) = &running.engine {
            let vae = &running.manifest.config.vae;
            extracted.0.push(ExtractedWorld {
                world: entity,
                engine: engine.clone(),
                target: world.target.id(),
                size: [vae.width as u32, vae.height as u32],
            });
        }
    }
}

fn run_worlds(
    mut context: RenderContext,
    adapter: Res<RenderAdapter>,
    queue: Res<RenderQueue>,
    images: Res<RenderAssets<GpuImage>>,
    worlds: Res<ExtractedWorlds>,
    cameras: Res<SortedCameras>,
    mut pace: ResMut<Pace>,
) {
    let recorder = context.diagnostic_recorder();
    let mark = DeviceMark::of(&adapter);
    // Otherwise wgpu tells what is done with the next submission, at the end of this frame.
    if let Err(error) = context.render_device().poll(PollType::Poll) {
        warn_once!("the GPU does not say what it has done: {error}");
    }
    let plays = |entity| worlds.0.iter().any(|known| known.world == entity);
    let device = context.render_device().wgpu_device();
    pace.begin(&mark, device, &queue, !cameras.0.is_empty(), plays);
    let (mut at_work, mut demands) = (Vec::new(), Vec::new());
    for ExtractedWorld {
        world,
        engine,
        target,
        size,
    } in &worlds.0
    {
        // A device that was lost takes its worlds with it; they are made anew on the next one.
        if *engine.device() != mark {
            continue;
        }
        let Some(image) = canvas(&images, *target, *size) else {
            continue;
        };
        if let Some(demand) = engine.demand(context.command_encoder()) {
            at_work.push((engine, image));
            demands.push((*world, demand));
        }
    }
    if demands.is_empty() {
        return pace.send(&[], &[], Landing::default(), Instant::now());
    }
    let shares = pace.share(&demands);
    let encoder = context.command_encoder();
    let landing = pace.open(encoder, &shares);
    // A frame of the scene alone says nothing of what worlds take.
    let works = |(share, demand): (&usize, &(Entity, Demand))| *share > 0 || demand.1.passes == 0;
    let all = recorder
        .as_deref()
        .filter(|_| shares.iter().zip(&demands).any(works))
        .map(|recorder| recorder.time_span(encoder, "bvgdm"));
    let mut encoded = Vec::new();
    for ((engine, image), passes) in at_work.into_iter().zip(shares) {
        let mut slice = Slice {
            encoder: &mut *encoder,
            landing: &landing,
            recorder: recorder.as_deref(),
        };
        encoded.push(engine.work(&mut slice, passes, &image.texture, &image.texture_view));
    }
    if let Some(all) = all {
        all.end(encoder);
    }
    pace.close(encoder, &landing);
    pace.send(&demands, &encoded, landing, Instant::now());
}

/// The image that shows a world. A target that the game has just put there is prepared before the next
/// frame of the scene; until that image is on the device, the world waits.
fn canvas(
    images: &RenderAssets<GpuImage>,
    target: AssetId<Image>,
    size: [u32; 2],
) -> Option<&GpuImage> {
    let image = images.get(target)?;
    let texture = &image.texture;
    let prepared = [texture.width(), texture.height()] == size
        && texture.format() == TARGET_FORMAT
        && texture.usage().contains(TARGET_USES)
        && texture.mip_level_count() == 1
        && texture.sample_count() == 1;
    prepared.then_some(image)
}

/// Once the frame is submitted.
fn watch_frame(queue: Res<RenderQueue>, mut pace: ResMut<Pace>) {
    pace.watch(&queue);
}
