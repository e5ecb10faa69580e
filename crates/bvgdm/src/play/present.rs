//! From a frame's bytes to the image that the game shows.

use std::sync::Arc;
use std::time::Instant;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat, TextureUsages};
use bvgdm_core::{ActionVector, Frame};

use crate::engine::{EngineReport, GeneratedFrame, Timings};

/// The images of a scene and the materials that may show them.
#[derive(SystemParam)]
pub(super) struct Screens<'w> {
    images: ResMut<'w, Assets<Image>>,
    materials: Option<ResMut<'w, Assets<StandardMaterial>>>,
}

/// A frame that has reached its image.
pub(super) struct Shown {
    pub index: u64,
    pub action: ActionVector,
    /// The picture, if it was on the processor.
    pub frame: Option<Arc<Frame>>,
    pub timings: Timings,
}

impl Screens<'_> {
    /// Puts a reported frame into `target`, unless the engine has done so by itself.
    pub(super) fn shown(
        &mut self,
        target: &Handle<Image>,
        report: EngineReport,
    ) -> Result<Shown, String> {
        let generated = match report {
            EngineReport::Frame(generated) => generated,
            EngineReport::Shown {
                index,
                action,
                timings,
            } => {
                return Ok(Shown {
                    index,
                    action,
                    frame: None,
                    timings,
                });
            }
            EngineReport::Failed { reason } => return Err(reason),
        };
        let GeneratedFrame {
            index,
            action,
            frame,
            rgba,
            mut timings,
        } = generated;
        timings.upload_ms = self.upload(target, &frame, rgba)?;
        Ok(Shown {
            index,
            action,
            frame: Some(Arc::new(frame)),
            timings,
        })
    }

    /// Puts a frame into `target`; milliseconds on the scene's thread.
    fn upload(
        &mut self,
        target: &Handle<Image>,
        frame: &Frame,
        rgba: Vec<u8>,
    ) -> Result<f64, String> {
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
        Ok(begun.elapsed().as_secs_f64() * 1e3)
    }

    /// Makes `target` an image of this size that the GPU can draw into.
    pub(super) fn prepare(
        &mut self,
        target: &Handle<Image>,
        width: usize,
        height: usize,
    ) -> Result<(), String> {
        let Some(mut image) = self.images.get_mut(target) else {
            return Err("target: expected an image in Assets<Image>, found none".to_owned());
        };
        let format = TextureFormat::Rgba8UnormSrgb;
        let mut fresh = Image::new_target_texture(width as u32, height as u32, format, None);
        // A game may want to read it back.
        fresh.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        let sampler = image.sampler.clone();
        *image = Image { sampler, ..fresh };
        drop(image);
        self.renew_materials(target);
        Ok(())
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
