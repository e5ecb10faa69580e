//! The recorder's own camera beside the one that the game named, and what it takes over from it.

use bevy::camera::visibility::RenderLayers;
use bevy::camera::{CompositingSpace, Exposure, Hdr, RenderTarget, ScalingMode};
use bevy::core_pipeline::prepass::{
    DeferredPrepass, DepthPrepass, MotionVectorPrepass, NormalPrepass,
};
use bevy::ecs::component::{ComponentId, ComponentInfo, Components};
use bevy::ecs::entity::EntityCloner;
use bevy::light::{EnvironmentMapLight, VolumetricFog};
use bevy::prelude::*;
use bevy::render::camera::{CameraRenderGraph, MipBias};
use bevy::render::extract_resource::ExtractResource;
use bevy::render::occlusion_culling::OcclusionCulling;
use bevy::render::render_resource::{TextureFormat, TextureUsages};
use bevy::render::sync_world::SyncToRenderWorld;
use bevy::render::view::{ColorGrading, NoIndirectDrawing};

use super::capture::CaptureLink;
use super::settings::{RecordedCamera, RecorderSettings};

/// The format of everything that the recorder renders.
pub(super) const FORMAT: TextureFormat = TextureFormat::Rgba8UnormSrgb;

/// The recorder's own camera: a child of the named one, so that it looks where that looks.
#[derive(Component)]
pub(super) struct Twin;

/// The pictures between the camera and the read-back.
#[derive(Resource, ExtractResource, Clone)]
pub(super) struct CaptureImages {
    /// What the twin renders into.
    pub(super) rendered: Handle<Image>,
    /// The same at the recorded size.
    pub(super) small: Handle<Image>,
    /// That size.
    pub(super) size: UVec2,
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
        size: UVec2::new(width, height),
    });
}

/// Every named camera has one twin, and no other camera has.
pub(super) fn keep_twins(
    mut commands: Commands,
    images: Res<CaptureImages>,
    link: Res<CaptureLink>,
    named: Query<Entity, (With<Camera>, With<RecordedCamera>)>,
    twins: Query<(Entity, &ChildOf), With<Twin>>,
) {
    for (twin, of) in &twins {
        if !named.contains(of.parent()) {
            commands.entity(twin).despawn();
        }
    }
    for camera in &named {
        if twins.iter().any(|(_, of)| of.parent() == camera) {
            continue;
        }
        // The twin becomes a camera when it takes over what kind of camera the other one is.
        commands.spawn((
            Twin,
            // A small picture of few things: lists of draws made on the GPU do not pay.
            NoIndirectDrawing,
            RenderTarget::Image(images.rendered.clone().into()),
            Transform::IDENTITY,
            ChildOf(camera),
        ));
        link.expect_new_pipelines();
    }
}

/// Which components of a camera say how its picture is drawn.
///
/// A list of all would be out of date with every effect that Bevy or the game adds, and a copy of
/// everything would double the game's own components. What the renderer fetches says it of itself:
/// its plugin made it require `SyncToRenderWorld`. What has a place in the scene as well (a lamp
/// on a helmet, the camera itself and whatever the game makes require one) is not a setting.
struct ViewSettings {
    listed: Vec<ComponentId>,
    fetched: Option<ComponentId>,
    placed: Option<ComponentId>,
    left_out: Option<ComponentId>,
}

impl ViewSettings {
    fn of(components: &Components) -> Self {
        // What Bevy's renderer fetches together with the camera, by systems of its own.
        let listed = [
            components.component_id::<Camera3d>(),
            components.component_id::<Camera2d>(),
            components.component_id::<CameraRenderGraph>(),
            components.component_id::<Hdr>(),
            components.component_id::<CompositingSpace>(),
            components.component_id::<ColorGrading>(),
            components.component_id::<Exposure>(),
            components.component_id::<RenderLayers>(),
            components.component_id::<MipBias>(),
            components.component_id::<DepthPrepass>(),
            components.component_id::<NormalPrepass>(),
            components.component_id::<MotionVectorPrepass>(),
            components.component_id::<DeferredPrepass>(),
            components.component_id::<EnvironmentMapLight>(),
            components.component_id::<VolumetricFog>(),
        ];
        Self {
            listed: listed.into_iter().flatten().collect(),
            fetched: components.component_id::<SyncToRenderWorld>(),
            placed: components.component_id::<Transform>(),
            // It needs the lists of draws that the twin does without, and changes no picture.
            left_out: components.component_id::<OcclusionCulling>(),
        }
    }

    fn has(&self, components: &Components, id: ComponentId) -> bool {
        let requires = |wanted: Option<ComponentId>| {
            let required = components
                .get_info(id)
                .map(ComponentInfo::required_components);
            required.is_some_and(|all| all.iter_ids().any(|one| Some(one) == wanted))
        };
        let fetched = requires(self.fetched) && !requires(self.placed);
        self.listed.contains(&id) || (fetched && Some(id) != self.left_out)
    }
}

/// What has changed on a named camera changes on its twin. Components that are neither `Clone` nor
/// reflected stay behind.
pub(super) fn copy_settings(
    world: &mut World,
    twins: &mut QueryState<(Entity, &ChildOf, Ref<Twin>)>,
) {
    let (since, now) = (world.last_change_tick(), world.change_tick());
    let twins: Vec<_> = twins
        .iter(world)
        .map(|(twin, of, mark)| (of.parent(), twin, mark.is_added()))
        .collect();
    for (camera, twin, is_new) in twins {
        let (Ok(seen), Ok(own)) = (world.get_entity(camera), world.get_entity(twin)) else {
            continue;
        };
        let settings = ViewSettings::of(world.components());
        let is_setting = |id: &ComponentId| settings.has(world.components(), *id);
        let has_changed = |id: &ComponentId| {
            let ticks = seen.get_change_ticks_by_id(*id);
            is_new || !own.contains_id(*id) || ticks.is_some_and(|t| t.is_changed(since, now))
        };
        let theirs = seen.archetype().iter_components().filter(is_setting);
        let changed: Vec<_> = theirs.filter(has_changed).collect();
        let ours = own.archetype().iter_components().filter(is_setting);
        let gone: Vec<_> = ours.filter(|id| !seen.contains_id(*id)).collect();
        if !changed.is_empty() {
            let mut cloner = EntityCloner::build_opt_in(world);
            cloner.without_required_components(|cloner| {
                cloner.allow_by_ids(changed);
            });
            cloner.clone_entity(camera, twin);
        }
        if !gone.is_empty() {
            world.entity_mut(twin).remove_by_ids(&gone);
        }
    }
}

/// The same part of the scene on the same ground, whatever the size and place of the picture.
pub(super) fn fit_twins(
    named: Query<(&Camera, &Projection), (With<RecordedCamera>, Without<Twin>)>,
    mut twins: Query<(&ChildOf, &mut Camera, &mut Projection), With<Twin>>,
) {
    for (of, mut camera, mut projection) in &mut twins {
        let Ok((seen, seen_projection)) = named.get(of.parent()) else {
            continue;
        };
        camera.order = seen.order.saturating_sub(1);
        camera.invert_culling = seen.invert_culling;
        camera.clear_color = match seen.clear_color {
            // In the recording nothing lies beneath it but the frame before.
            ClearColorConfig::None => ClearColorConfig::Default,
            color => color,
        };
        let before = std::mem::replace(&mut *projection, seen_projection.clone());
        // One unit a pixel of the window: the recording shows as much, in fewer pixels.
        if let Projection::Orthographic(flat) = &mut *projection
            && matches!(flat.scaling_mode, ScalingMode::WindowSize)
            && let Some(size) = seen.logical_viewport_size()
        {
            flat.scaling_mode = match (size.y > 0.0, before) {
                (true, _) => ScalingMode::FixedVertical {
                    viewport_height: size.y,
                },
                // The window is minimised.
                (false, Projection::Orthographic(before)) => before.scaling_mode,
                (false, _) => continue,
            };
        }
    }
}
