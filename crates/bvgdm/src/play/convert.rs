//! A picture that Bevy loaded, as a frame to begin in.

use bevy::prelude::*;
use bevy::render::render_resource::TextureFormat;
use bvgdm_core::{CoreError, Frame};

/// Why an image is no frame.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// Bevy cannot convert its format, or its data is on the GPU alone.
    #[error("the image cannot be read as 8 bits a channel: format {0:?}")]
    Format(TextureFormat),
    /// It is too large or has no pixels.
    #[error(transparent)]
    Size(#[from] CoreError),
}

/// The pixels of `image`, for [`WorldCommand::Reseed`](super::WorldCommand::Reseed).
///
/// # Errors
/// When the image has no data on the CPU, a format that Bevy cannot convert, or an absurd size.
pub fn frame_from_image(image: &Image) -> Result<Frame, ImageError> {
    let wrong = || ImageError::Format(image.texture_descriptor.format);
    let converted;
    let rgba = if image.texture_descriptor.format == TextureFormat::Rgba8UnormSrgb {
        image
    } else {
        converted = image
            .convert(TextureFormat::Rgba8UnormSrgb)
            .ok_or_else(wrong)?;
        &converted
    };
    let data = rgba.data.as_ref().ok_or_else(wrong)?;
    let rgb = data
        .chunks_exact(4)
        .flat_map(|pixel| pixel.iter().take(3).copied())
        .collect();
    Ok(Frame::new(
        rgba.width() as usize,
        rgba.height() as usize,
        rgb,
    )?)
}
