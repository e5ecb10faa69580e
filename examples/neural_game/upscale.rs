//! How a small picture fills a large window.

use bevy::asset::uuid_handle;
use bevy::prelude::*;
use bevy::render::render_resource::AsBindGroup;
use bevy::shader::ShaderRef;
use bevy::sprite_render::{Material2d, Material2dPlugin};

const SHADER: Handle<Shader> = uuid_handle!("0b7e2f59-5a2c-4f0c-9d57-2f8a6f3f9b10");

/// A picture, enlarged.
#[derive(Asset, TypePath, AsBindGroup, Debug, Clone)]
pub struct Upscale {
    #[texture(0)]
    #[sampler(1)]
    picture: Handle<Image>,
    #[uniform(2)]
    mode: UVec4,
}

impl Upscale {
    /// Smooth, or every pixel a square.
    pub fn new(picture: Handle<Image>, smooth: bool) -> Self {
        let mut material = Self {
            picture,
            mode: UVec4::ZERO,
        };
        material.set_smooth(smooth);
        material
    }

    /// Chooses between the two.
    pub fn set_smooth(&mut self, smooth: bool) {
        self.mode.x = u32::from(!smooth);
    }
}

impl Material2d for Upscale {
    fn fragment_shader() -> ShaderRef {
        SHADER.into()
    }
}

/// Makes [`Upscale`] known to the renderer.
pub struct UpscalePlugin;

impl Plugin for UpscalePlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(Material2dPlugin::<Upscale>::default());
        if let Some(mut shaders) = app.world_mut().get_resource_mut::<Assets<Shader>>() {
            let text = include_str!("upscale.wgsl");
            let shader = Shader::from_wgsl(text, "neural_game/upscale.wgsl");
            // A fixed handle cannot be refused: it has no generation to be out of date.
            shaders.insert(SHADER.id(), shader).ok();
        }
    }
}
