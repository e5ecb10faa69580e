//! What a game needs to show a world model: the same neural frames on a rotating cube and on a
//! sprite. WASD, mouse and arrow keys play.

use arena::ArenaAction;
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::prelude::*;
use bvgdm::{BvgdmPlugin, NeuralWorld, WorldActionsPlugin};
use leafwing_input_manager::plugin::InputManagerPlugin;

fn main() {
    App::new()
        .add_plugins((DefaultPlugins, InputManagerPlugin::<ArenaAction>::default()))
        .add_plugins((BvgdmPlugin, WorldActionsPlugin::<ArenaAction>::default()))
        .add_systems(Startup, spawn)
        .add_systems(
            Update,
            |time: Res<Time>, mut cube: Single<&mut Transform, With<Mesh3d>>| {
                cube.rotate_y(0.6 * time.delta_secs());
            },
        )
        .run();
}

fn spawn(
    mut commands: Commands,
    server: Res<AssetServer>,
    mut images: ResMut<Assets<Image>>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    // The neural world: weights in, pictures out, played by the keys beside it.
    let target = images.add(Image::default());
    let asset = server.load("worlds/arena.world.ron");
    let world = NeuralWorld {
        asset,
        target: target.clone(),
        ..default()
    };
    commands.spawn((world, ArenaAction::default_bindings()));

    // Its pictures are an image like any other.
    let cube = meshes.add(Cuboid::default());
    let paint = materials.add(StandardMaterial {
        unlit: true,
        ..target.clone().into()
    });
    commands.spawn((
        Mesh3d(cube),
        MeshMaterial3d(paint),
        Transform::from_xyz(-0.8, 0.0, 0.0),
    ));
    let sprite = Sprite {
        custom_size: Some(Vec2::new(448.0, 256.0)),
        ..Sprite::from_image(target)
    };
    commands.spawn((sprite, Transform::from_xyz(300.0, 0.0, 0.0)));

    let eye = Transform::from_xyz(0.0, 0.7, 2.6).looking_at(Vec3::ZERO, Vec3::Y);
    commands.spawn((Camera3d::default(), Tonemapping::None, eye));
    let above = Camera {
        order: 1,
        clear_color: ClearColorConfig::None,
        ..default()
    };
    commands.spawn((Camera2d, above));
}
