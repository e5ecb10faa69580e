//! The recorder's own camera beside the one that the game named.

use bevy::camera::{Exposure, RenderTarget, visibility::RenderLayers};
use bevy::core_pipeline::tonemapping::{DebandDither, Tonemapping};
use bevy::prelude::*;
use bevy::render::extract_resource::ExtractResource;
use bevy::render::render_resource::{TextureFormat, TextureUsages};
use bevy::render::view::{ColorGrading, Msaa, NoIndirectDrawing};

use super::settings::{RecordedCamera, RecorderSettings};

/// The format of everything that the recorder renders.
pub(super) const FORMAT: TextureFormat = TextureFormat::Rgba8UnormSrgb;

/// The recorder's own camera.
#[derive(Component)]
pub(super) struct Twin;

/// The pictures between the camera and the read-back.
#[derive(Resource, ExtractResource, Clone)]
pub(super) struct CaptureImages {
    /// What the twin renders into.
    pub(super) rendered: Handle<Image>,
    /// The same at the recorded size.
    pub(super) small: Handle<Image>,
}

/// Makes the two pictures.
pub(super) fn create_images(
    mut commands: Commands,
    mut images: ResMut<Assets<Image>>,
    settings: Res<RecorderSettings>,
) {
    let rendered = settings.rendered_size();
    let rendered = Image::new_target_texture(rendered.x, rendered.y, FORMAT, None);
    let (width, height) = (settings.width.max(1), settings.height.max(1));
    let mut small = Image::new_target_texture(width, height, FORMAT, None);
    small.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    commands.insert_resource(CaptureImages {
        rendered: images.add(rendered),
        small: images.add(small),
    });
}

/// Gives a newly named camera its twin: the same view and settings into another picture.
pub(super) fn spawn_twin(
    mut commands: Commands,
    images: Res<CaptureImages>,
    named: Query<(Entity, &Camera), Added<RecordedCamera>>,
) {
    for (entity, camera) in &named {
        let mut named = commands.entity(entity);
        let mut twin = named.clone_and_spawn_with_opt_in(|builder| {
            builder
                .allow::<(
                    Camera3d,
                    Camera2d,
                    Projection,
                    Msaa,
                    Tonemapping,
                    DebandDither,
                )>()
                .allow::<(
                    ColorGrading,
                    Exposure,
                    RenderLayers,
                    DistanceFog,
                    AmbientLight,
                )>();
        });
        twin.insert((
            Twin,
            // A small picture of few things: lists of draws made on the GPU do not pay.
            NoIndirectDrawing,
            Camera {
                is_active: true,
                order: camera.order - 1,
                clear_color: camera.clear_color,
                ..default()
            },
            RenderTarget::Image(images.rendered.clone().into()),
            Transform::IDENTITY,
            ChildOf(entity),
        ));
    }
}
