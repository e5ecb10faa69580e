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
        .add_systems(Startup, (spawn_world, spawn_scene).chain())
        .add_systems(Update, turn_cube)
        .run();
}

#[derive(Resource)]
struct Screen(Handle<Image>);

fn spawn_world(
    mut commands: Commands,
    server: Res<AssetServer>,
    mut images: ResMut<Assets<Image>>,
) {
    let target = images.add(Image::default());
    let asset = server.load("worlds/arena.world.ron");
    commands.spawn((
        NeuralWorld {
            asset,
            target: target.clone(),
            ..default()
        },
        ArenaAction::default_bindings(),
    ));
    commands.insert_resource(Screen(target));
}

fn spawn_scene(
    mut commands: Commands,
    screen: Res<Screen>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    let texture = Some(screen.0.clone());
    let material = StandardMaterial {
        base_color_texture: texture,
        unlit: true,
        ..default()
    };
    commands.spawn((
        Mesh3d(meshes.add(Cuboid::default())),
        MeshMaterial3d(materials.add(material)),
        Transform::from_xyz(-0.8, 0.0, 0.0),
    ));
    commands.spawn((
        Camera3d::default(),
        Tonemapping::None,
        Transform::from_xyz(0.0, 0.7, 2.6).looking_at(Vec3::ZERO, Vec3::Y),
    ));
    let sprite = Sprite::from_image(screen.0.clone());
    commands.spawn((
        Sprite {
            custom_size: Some(Vec2::new(448.0, 256.0)),
            ..sprite
        },
        Transform::from_xyz(300.0, 0.0, 0.0),
    ));
    let above = Camera {
        order: 1,
        clear_color: ClearColorConfig::None,
        ..default()
    };
    commands.spawn((Camera2d, above));
}

fn turn_cube(time: Res<Time>, mut cube: Single<&mut Transform, With<Mesh3d>>) {
    cube.rotate_y(0.6 * time.delta_secs());
}
