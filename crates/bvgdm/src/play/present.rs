//! From a frame's bytes to the image that the game shows.

use std::sync::Arc;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::render::render_resource::{TextureFormat, TextureUsages};
use bvgdm_core::{ActionVector, Frame};
use web_time::Instant;

use super::materials::Materials;
use crate::engine::{GeneratedFrame, Timings};

/// The images of a scene and the materials that may show them.
#[derive(SystemParam)]
pub(super) struct Screens<'w> {
    images: ResMut<'w, Assets<Image>>,
    materials: Materials<'w>,
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
    /// Puts a frame into `target`.
    pub(super) fn show(
        &mut self,
        target: &Handle<Image>,
        generated: GeneratedFrame,
    ) -> Result<Shown, String> {
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
        self.prepare(target, frame.width, frame.height)?;
        if let Some(mut image) = self.images.get_mut(target) {
            image.data = Some(rgba);
        }
        Ok(begun.elapsed().as_secs_f64() * 1e3)
    }

    /// Pixels on the processor are older than what the GPU has drawn, and would replace it whenever the
    /// game changes the image.
    pub(super) fn forget_pixels(&mut self, target: &Handle<Image>) {
        let old = self.images.get(target).is_some_and(|i| i.data.is_some());
        if old && let Some(mut image) = self.images.get_mut(target) {
            image.data = None;
        }
    }

    /// Makes `target` an image of this size that every engine can paint on. One that is so already
    /// keeps its texture, so that engines can take turns.
    pub(super) fn prepare(
        &mut self,
        target: &Handle<Image>,
        width: usize,
        height: usize,
    ) -> Result<(), String> {
        let Some(image) = self.images.get(target) else {
            return Err("target: expected an image in Assets<Image>, found none".to_owned());
        };
        let (width, height) = (width as u32, height as u32);
        let format = TextureFormat::Rgba8UnormSrgb;
        let mut fresh = Image::new_target_texture(width, height, format, None);
        // A game may want to read it back.
        fresh.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        let (found, wanted) = (&image.texture_descriptor, &fresh.texture_descriptor);
        if found.size == wanted.size
            && found.format == wanted.format
            && found.usage.contains(wanted.usage)
        {
            return Ok(());
        }
        fresh.sampler = image.sampler.clone();
        if let Some(mut image) = self.images.get_mut(target) {
            *image = fresh;
        }
        // Another texture: materials must be bound to it again.
        self.materials.renew(target);
        Ok(())
    }
}
