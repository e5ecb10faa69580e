//! The one material of the arena: vertex colours, a tint and haze, no lights.

use bevy::asset::uuid_handle;
use bevy::pbr::{Material, MaterialPlugin};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, ShaderType};
use bevy::shader::ShaderRef;

const SHADER: Handle<Shader> = uuid_handle!("6f0d6f3c-54f2-4c8e-9d4c-8a1f3f1d7f21");

/// Vertex colours times a tint, fading into haze.
#[derive(Asset, TypePath, AsBindGroup, Debug, Clone)]
pub struct Paint {
    #[uniform(0)]
    uniform: PaintUniform,
}

#[derive(ShaderType, Debug, Clone, Copy)]
struct PaintUniform {
    tint: Vec4,
    haze: Vec4,
}

impl Paint {
    /// Paint of this tint; white leaves the vertex colours as they are.
    pub fn new(tint: LinearRgba) -> Self {
        let haze = Srgba::hex("e9dfe8").unwrap_or(Srgba::WHITE);
        let haze = LinearRgba::from(haze);
        Self {
            uniform: PaintUniform {
                tint: tint.to_vec4(),
                haze: Vec4::new(haze.red, haze.green, haze.blue, 0.018),
            },
        }
    }
}

impl Material for Paint {
    fn fragment_shader() -> ShaderRef {
        SHADER.into()
    }

    fn enable_prepass() -> bool {
        false
    }

    fn enable_shadows() -> bool {
        false
    }
}

/// Makes [`Paint`] known to the renderer.
pub struct PaintPlugin;

impl Plugin for PaintPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(MaterialPlugin::<Paint>::default());
        if let Some(mut shaders) = app.world_mut().get_resource_mut::<Assets<Shader>>() {
            let shader = Shader::from_wgsl(include_str!("paint.wgsl"), "arena/paint.wgsl");
            // A fixed handle cannot be refused: it has no generation to be out of date.
            let _ = shaders.insert(SHADER.id(), shader);
        }
    }
}
