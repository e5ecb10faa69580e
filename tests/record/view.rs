//! The recording shows what the named camera shows, whatever changes about it.

use bevy::camera::RenderTarget;
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::prelude::*;
use bevy::render::render_resource::TextureFormat;
use bvgdm::Frame;
use bvgdm::record::RecordedCamera;
use bvgdm_data::Episode;

use super::counter::{counting_game_with, events, finish, start, stop};
use crate::support::gpu_or_skip;

/// A white board before the camera, half a metre to each side, two metres away.
fn spawn_board(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    let white = StandardMaterial {
        base_color: Color::WHITE,
        unlit: true,
        ..default()
    };
    commands.spawn((
        Mesh3d(meshes.add(Rectangle::new(1.0, 1.0))),
        MeshMaterial3d(materials.add(white)),
        Transform::from_xyz(0.0, 0.0, -2.0),
    ));
}

/// Changes the named camera, then records what it sees.
fn look(app: &mut App, out: &std::path::Path, change: impl FnOnce(&mut EntityWorldMut)) -> Frame {
    let world = app.world_mut();
    let mut named = world.query_filtered::<Entity, With<RecordedCamera>>();
    let named = named.single(world).unwrap();
    change(&mut world.entity_mut(named));
    // Shaders that the change asks for are compiled meanwhile.
    (0..20).for_each(|_| app.update());
    let folder = out.join(format!("look_{:02}", events(app).len()));
    start(app, &folder);
    (0..4).for_each(|_| app.update());
    stop(app);
    finish(app);
    app.update();
    Episode::open(&folder)
        .unwrap()
        .frames(3..4)
        .unwrap()
        .remove(0)
}

/// How many pixels are about of this colour.
fn count(frame: &Frame, color: [u8; 3]) -> usize {
    let near = |pixel: &&[u8]| pixel.iter().zip(color).all(|(a, b)| a.abs_diff(b) < 30);
    frame.rgb.chunks_exact(3).filter(near).count()
}

fn with_angle(degrees: f32) -> Projection {
    Projection::Perspective(PerspectiveProjection {
        fov: degrees.to_radians(),
        ..default()
    })
}

#[test]
fn a_recording_sees_what_changes_about_the_camera() {
    if !gpu_or_skip("a_recording_sees_what_changes_about_the_camera") {
        return;
    }
    let (white, red, green) = ([255; 3], [255, 0, 0], [0, 255, 0]);
    let out = tempfile::tempdir().unwrap();
    let mut app = counting_game_with((18, 10), 2, |app| {
        app.add_systems(Startup, spawn_board);
    });
    let app = &mut app;
    let clear = Color::srgb_u8(0, 255, 0);

    let wide = look(app, out.path(), |camera| {
        camera.insert((with_angle(90.0), Tonemapping::None));
        camera.get_mut::<Camera>().unwrap().clear_color = ClearColorConfig::Custom(clear);
    });
    assert!((1..20).contains(&count(&wide, white)), "{:?}", wide.rgb);
    assert!(count(&wide, green) > 130, "{:?}", wide.rgb);

    let narrow = look(app, out.path(), |camera| {
        *camera.get_mut::<Projection>().unwrap() = with_angle(30.0);
    });
    assert!(count(&narrow, white) > 50, "{:?}", narrow.rgb);

    let fog = DistanceFog {
        color: Color::srgb_u8(255, 0, 0),
        falloff: FogFalloff::Linear {
            start: 0.1,
            end: 0.2,
        },
        ..default()
    };
    let foggy = look(app, out.path(), |camera| {
        camera.insert(fog);
    });
    assert!(count(&foggy, red) > 50, "{:?}", foggy.rgb);

    let cleared = look(app, out.path(), |camera| {
        camera.remove::<DistanceFog>();
    });
    assert!(count(&cleared, white) > 50, "{:?}", cleared.rgb);
}

#[test]
fn a_view_that_is_as_large_as_its_target_is_recorded_whole() {
    if !gpu_or_skip("a_view_that_is_as_large_as_its_target_is_recorded_whole") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut app = counting_game_with((18, 10), 2, |app| {
        app.add_systems(Startup, spawn_board);
    });
    // One unit a pixel: four units from bottom to top, the board is one of them.
    let target = Image::new_target_texture(9, 4, TextureFormat::Rgba8UnormSrgb, None);
    let target = app.world_mut().resource_mut::<Assets<Image>>().add(target);
    let frame = look(&mut app, out.path(), |camera| {
        let flat = Projection::Orthographic(OrthographicProjection::default_2d());
        let target = RenderTarget::Image(target.into());
        camera.insert((flat, target, Tonemapping::None));
    });
    let white = count(&frame, [255; 3]);
    assert!((1..20).contains(&white), "{white}: {:?}", frame.rgb);
}

/// A component of the game's own, as a camera has it.
#[derive(Component, Clone)]
#[require(Camera3d)]
struct Eyes;

#[test]
fn the_game_s_own_components_stay_on_its_own_camera() {
    if !gpu_or_skip("the_game_s_own_components_stay_on_its_own_camera") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut app = counting_game_with((16, 16), 1, |_| {});
    look(&mut app, out.path(), |camera| {
        camera.insert((Eyes, PointLight::default()));
    });
    let world = app.world_mut();
    let mut eyes = world.query::<&Eyes>();
    assert_eq!(eyes.iter(world).count(), 1);
    let mut lamps = world.query::<&PointLight>();
    assert_eq!(lamps.iter(world).count(), 1);
    let mut cameras = world.query::<&Camera3d>();
    assert_eq!(
        cameras.iter(world).count(),
        2,
        "the game's and the recorder's"
    );
}
