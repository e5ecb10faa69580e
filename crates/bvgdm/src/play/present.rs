//! From a frame's bytes to the image that the game shows.

use std::sync::Arc;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::render::render_resource::{TextureFormat, TextureUsages};
use bvgdm_core::{ActionVector, Frame};
use web_time::Instant;

use super::materials::TargetRenewed;
use crate::engine::{GeneratedFrame, Timings};

/// What frames are.
pub(super) const TARGET_FORMAT: TextureFormat = TextureFormat::Rgba8UnormSrgb;
/// What engines and scenes do with a picture; a game may want to read it back.
pub(super) const TARGET_USES: TextureUsages = TextureUsages::TEXTURE_BINDING
    .union(TextureUsages::COPY_DST)
    .union(TextureUsages::COPY_SRC)
    .union(TextureUsages::RENDER_ATTACHMENT);

/// The images of a scene, and what tells the materials that show them.
#[derive(SystemParam)]
pub(super) struct Screens<'w> {
    images: ResMut<'w, Assets<Image>>,
    renewed: MessageWriter<'w, TargetRenewed>,
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
    /// Puts a frame into `target`, which has been prepared for it.
    pub(super) fn show(&mut self, target: &Handle<Image>, generated: GeneratedFrame) -> Shown {
        let GeneratedFrame {
            index,
            action,
            frame,
            rgba,
            mut timings,
        } = generated;
        let begun = Instant::now();
        if let Some(mut image) = self.images.get_mut(target) {
            image.data = Some(rgba);
        }
        timings.upload_ms = begun.elapsed().as_secs_f64() * 1e3;
        Shown {
            index,
            action,
            frame: Some(Arc::new(frame)),
            timings,
        }
    }

    /// Pixels on the processor are older than what the GPU has drawn, and would replace it whenever the
    /// game changes the image.
    pub(super) fn forget_pixels(&mut self, target: &Handle<Image>) {
        let old = self.images.get(target).is_some_and(|i| i.data.is_some());
        if old && let Some(mut image) = self.images.get_mut(target) {
            image.data = None;
        }
    }

    /// Makes `target` an image of this size that every engine can paint on, whatever the game has put
    /// there. One that is so already keeps its texture, so that engines can take turns.
    pub(super) fn prepare(
        &mut self,
        target: &Handle<Image>,
        width: usize,
        height: usize,
    ) -> Result<(), String> {
        if *target == Handle::default() {
            // Bevy's white pixel, which every plain sprite and UI node shows.
            return Err(
                "target: expected an image of the game's own, found Handle::default()".to_owned(),
            );
        }
        let Some(image) = self.images.get(target) else {
            return Err("target: expected an image in Assets<Image>, found none".to_owned());
        };
        let found = &image.texture_descriptor;
        let (width, height) = (width as u32, height as u32);
        let same_size = (found.size.width, found.size.height) == (width, height)
            && found.size.depth_or_array_layers == 1;
        let is_plain = found.mip_level_count == 1
            && found.sample_count == 1
            && image.texture_view_descriptor.is_none();
        let is_ours = found.format == TARGET_FORMAT && found.usage.contains(TARGET_USES);
        if same_size && is_plain && is_ours {
            return Ok(());
        }
        let mut fresh = Image::new_target_texture(width, height, TARGET_FORMAT, None);
        fresh.texture_descriptor.usage |= TARGET_USES;
        fresh.sampler = image.sampler.clone();
        if let Some(mut image) = self.images.get_mut(target) {
            *image = fresh;
        }
        // Another texture: materials must be bound to it again.
        self.renewed.write(TargetRenewed);
        Ok(())
    }
}
