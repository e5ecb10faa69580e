//! The picture: as large as the window allows, with the world's proportions.

use bevy::image::ImageSampler;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use super::stage::Stage;
use super::upscale::{Upscale, UpscalePlugin};

/// The image that the model paints on.
#[derive(Resource)]
pub struct Screen(pub Handle<Image>);

/// Whether the picture is enlarged smoothly; else every pixel is a square.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Smoothness(pub bool);

/// Shows the image over the whole window.
pub struct ScreenPlugin;

#[derive(Component)]
struct Shown;

impl Plugin for ScreenPlugin {
    fn build(&self, app: &mut App) {
        if !app.world().contains_resource::<Smoothness>() {
            app.insert_resource(Smoothness(true));
        }
        app.add_plugins(UpscalePlugin)
            .add_systems(PreStartup, make_screen)
            .add_systems(OnEnter(Stage::Playing), show_screen)
            .add_systems(
                Update,
                (fit_screen, show_smoothness)
                    .chain()
                    .run_if(in_state(Stage::Playing)),
            );
    }
}

fn make_screen(mut commands: Commands, mut images: ResMut<Assets<Image>>) {
    let image = Image {
        sampler: ImageSampler::linear(),
        ..default()
    };
    commands.insert_resource(Screen(images.add(image)));
    // Straight edges of one rectangle: nothing to smooth.
    commands.spawn((Camera2d, Msaa::Off));
}

fn show_screen(
    mut commands: Commands,
    screen: Res<Screen>,
    smooth: Res<Smoothness>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<Upscale>>,
) {
    commands.spawn((
        Shown,
        DespawnOnExit(Stage::Playing),
        Mesh2d(meshes.add(Rectangle::new(1.0, 1.0))),
        MeshMaterial2d(materials.add(Upscale::new(screen.0.clone(), smooth.0))),
    ));
}

fn fit_screen(
    images: Res<Assets<Image>>,
    screen: Res<Screen>,
    window: Single<&Window, With<PrimaryWindow>>,
    mut shown: Single<&mut Transform, With<Shown>>,
) {
    let Some(image) = images.get(&screen.0) else {
        return;
    };
    let picture = image.size_f32();
    let size = picture * (window.size() / picture).min_element();
    // Less than a pixel would be a dark line and not a border.
    let is_line = (window.size() - size).cmplt(Vec2::ONE);
    let size = Vec2::select(is_line, window.size(), size);
    shown.set_if_neq(Transform::from_scale(size.extend(1.0)));
}

fn show_smoothness(smooth: Res<Smoothness>, mut materials: ResMut<Assets<Upscale>>) {
    if smooth.is_changed() {
        for (_, material) in materials.iter_mut() {
            material.set_smooth(smooth.0);
        }
    }
}
