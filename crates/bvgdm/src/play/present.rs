//! From a frame's bytes to the image that the game shows.

use std::time::Instant;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use bvgdm_core::Frame;

/// The images of a scene and the materials that may show them.
#[derive(SystemParam)]
pub(super) struct Screens<'w> {
    images: ResMut<'w, Assets<Image>>,
    materials: Option<ResMut<'w, Assets<StandardMaterial>>>,
}

/// A frame has reached its image.
pub(super) struct Presented {
    /// What it took on the scene's thread.
    pub upload_ms: f64,
}

impl Screens<'_> {
    /// Puts a frame into `target`.
    pub(super) fn present(
        &mut self,
        target: &Handle<Image>,
        frame: &Frame,
        rgba: Vec<u8>,
    ) -> Result<Presented, String> {
        let begun = Instant::now();
        let Some(mut image) = self.images.get_mut(target) else {
            return Err("target: expected an image in Assets<Image>, found none".to_owned());
        };
        let size = Extent3d {
            width: frame.width as u32,
            height: frame.height as u32,
            depth_or_array_layers: 1,
        };
        let texture = &image.texture_descriptor;
        let format = TextureFormat::Rgba8UnormSrgb;
        let other = texture.size != size || texture.format != format;
        if other {
            let fresh = Image::new(size, TextureDimension::D2, rgba, format, image.asset_usage);
            let sampler = image.sampler.clone();
            *image = Image { sampler, ..fresh };
        } else {
            image.data = Some(rgba);
        }
        drop(image);
        if other {
            self.renew_materials(target);
        }
        Ok(Presented {
            upload_ms: begun.elapsed().as_secs_f64() * 1e3,
        })
    }

    /// A texture of another size is another texture: materials must be bound to it again.
    fn renew_materials(&mut self, target: &Handle<Image>) {
        let Some(materials) = &mut self.materials else {
            return;
        };
        let shows = |material: &StandardMaterial| {
            [&material.base_color_texture, &material.emissive_texture]
                .into_iter()
                .flatten()
                .any(|texture| texture == target)
        };
        let ids: Vec<_> = materials
            .iter()
            .filter(|(_, material)| shows(material))
            .map(|(id, _)| id)
            .collect();
        for id in ids {
            if let Some(mut material) = materials.get_mut(id) {
                // Taking it mutably marks it as changed.
                let _changed: &mut StandardMaterial = &mut material;
            }
        }
    }
}
